//! From a file to an experiment: read, with the place of everything in it; checked, by what each part's own module says of it; described, as a JSON Schema.

pub mod check;
pub mod load;
pub mod schema;
pub mod spans;
