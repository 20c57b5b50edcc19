//! Small checks of parameters, said in one line each.

use super::ParamError;

/// Says that `parameter` is wrong, and how, unless `holds`.
///
/// # Errors
/// When it does not hold.
pub(crate) fn require(parameter: &'static str, holds: bool, message: &str) -> Result<(), ParamError> {
    if holds { Ok(()) } else { Err(ParamError { parameter, message: message.into() }) }
}

/// Says what is wrong with the parameters of a method that looks for dense places.
///
/// # Errors
/// When one cannot be used.
pub(crate) fn density(tolerance: Option<f64>, min_points: usize, fit_rows: usize) -> Result<(), ParamError> {
    require("tolerance", tolerance.is_none_or(|t| t > 0.0 && t.is_finite()), "must be above 0")?;
    require("min_points", min_points >= 2, "must be at least 2")?;
    require("fit_rows", (1..=20_000).contains(&fit_rows), "must be from 1 to 20000: fitting costs its square")
}
