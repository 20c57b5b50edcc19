//! Small checks of parameters, said in one line each.

use super::ParamError;

/// Says that `parameter` is wrong, and how, unless `holds`.
///
/// # Errors
/// When it does not hold.
pub(crate) fn require(parameter: &'static str, holds: bool, message: &str) -> Result<(), ParamError> {
    if holds { Ok(()) } else { Err(ParamError { parameter, message: message.into() }) }
}
