//! Integration tests: the program as its users meet it.

mod arrows;
mod docs;
