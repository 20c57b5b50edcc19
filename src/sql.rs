//! SQL expressions over one row: parsed, checked against the columns that exist, and lowered to the engine; never pasted.
