//! From units with fields to matrices of finite numbers. Everything is fitted on the training part only.
//!
//! For each field, in this order: fill what is missing, bound what is too large to calculate with, take the signed logarithm where the
//! field asks for it, then centre and scale. Whatever happens to a field is said in its summary.

use std::sync::Arc;

use ndarray::Array2;
use rayon::prelude::*;

use super::{
    order::{median, quantile},
    table::{FieldColumn, UnitTable},
};
use crate::{
    error::{Error, Result},
    said,
    spec::Scale,
    text::Said,
    units::{Dropped, FeatureMatrix, FieldSummary, MatrixError, RowKey},
};

mod drift;

/// Values beyond this are taken as this before anything is computed, so that squares and sums of squares stay finite.
const LARGEST: f64 = 1e100;
/// Scaled values beyond this are taken as this: methods square them, sum them, and invert their matrices.
const LARGEST_SCALED: f64 = 1e9;
/// A spread smaller than this share of the values' size is rounding, not spread.
const ROUNDING: f64 = 1e-12;

/// The fields of both parts, ready for detectors, with what was learned on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrices {
    /// The training part, scaled.
    pub training: FeatureMatrix,
    /// The judged part, scaled as the training part is.
    pub judged: FeatureMatrix,
    /// The same columns of the training part as the fields are: filled and bounded, neither logarithm nor scale.
    pub raw_training: FeatureMatrix,
    /// The same columns of the judged part as the fields are.
    pub raw_judged: FeatureMatrix,
    /// Every field of the experiment, the dropped ones too.
    pub summaries: Vec<FieldSummary>,
    /// The fields that are not in the matrices.
    pub dropped: Vec<Dropped>,
}

/// The signed logarithm sign(x) ln(1 + |x|).
pub(crate) fn signed_log(value: f64) -> f64 {
    value.abs().ln_1p().copysign(value)
}

/// Scales the fields of two parts of the units, given by their rows in the table.
///
/// # Errors
/// When a part is empty, or no field is left.
pub fn scale(table: &UnitTable, training: &[usize], judged: &[usize], scale: Scale) -> Result<Matrices> {
    if training.is_empty() {
        let hint =
            "move `window.train_end`, shorten `window.warm_up`, or look at `window.start` and the times that the sources really cover";
        return Err(Error::data_hint("the training part has no units: there is nothing to learn from", hint));
    }
    if judged.is_empty() {
        let hint = "move `window.train_end` or `window.end`, or look at the times that the sources really cover";
        return Err(Error::data_hint("the judged part has no units: there is nothing to judge", hint));
    }
    let mut kept: Vec<Ready> = Vec::new();
    let mut summaries = Vec::with_capacity(table.fields.len());
    let mut dropped = Vec::new();
    let prepared: Vec<(Option<Ready>, FieldSummary)> =
        table.fields.par_iter().map(|field| prepare(field, training, judged, scale)).collect();
    for (field, (ready, summary)) in table.fields.iter().zip(prepared) {
        match ready {
            Some(ready) => kept.push(ready),
            None => dropped.push(Dropped { feature: field.name.clone(), reason: summary.dropped.clone().unwrap_or_default().en }),
        }
        summaries.push(summary);
    }
    if kept.is_empty() {
        let reasons: Vec<String> = dropped.iter().take(5).map(|field| format!("`{}` is {}", field.feature, field.reason)).collect();
        let message =
            if reasons.is_empty() { "there are no fields".to_owned() } else { format!("no field is left: {}", reasons.join(", ")) };
        return Err(Error::data_hint(message, "add fields that differ between units, or check `where` conditions that never hold"));
    }
    let names: Arc<[String]> = kept.iter().map(|ready| ready.name.clone()).collect();
    let keys = |part: &[usize]| -> Arc<[RowKey]> { part.iter().map(|&row| table.rows[row].clone()).collect() };
    let (training_keys, judged_keys) = (keys(training), keys(judged));
    let matrix = |rows: &Arc<[RowKey]>, column: fn(&Ready) -> &[f64]| {
        let mut values = Array2::zeros((rows.len(), kept.len()));
        for (mut target, ready) in values.columns_mut().into_iter().zip(&kept) {
            target.iter_mut().zip(column(ready)).for_each(|(target, &value)| *target = value);
        }
        FeatureMatrix::new(values, Arc::clone(&names), Arc::clone(rows))
    };
    let wrong = |error: MatrixError| Error::Internal(format!("scaled fields are no matrix: {error}"));
    Ok(Matrices {
        training: matrix(&training_keys, |ready| &ready.training).map_err(wrong)?,
        judged: matrix(&judged_keys, |ready| &ready.judged).map_err(wrong)?,
        raw_training: matrix(&training_keys, |ready| &ready.raw_training).map_err(wrong)?,
        raw_judged: matrix(&judged_keys, |ready| &ready.raw_judged).map_err(wrong)?,
        summaries,
        dropped,
    })
}

/// One field of both parts.
struct Ready {
    name: String,
    raw_training: Vec<f64>,
    raw_judged: Vec<f64>,
    training: Vec<f64>,
    judged: Vec<f64>,
}

fn prepare(field: &FieldColumn, training: &[usize], judged: &[usize], scale: Scale) -> (Option<Ready>, FieldSummary) {
    let known = sorted(training.iter().filter_map(|&row| field.values[row]).collect());
    let fill = field.fill.or_else(|| median(&known)).unwrap_or(0.0).clamp(-LARGEST, LARGEST);
    let mut bounded = 0u64;
    let mut taken = |rows: &[usize]| -> Vec<f64> {
        let mut bound = |value: f64| {
            bounded += u64::from(value.abs() > LARGEST);
            value.clamp(-LARGEST, LARGEST)
        };
        rows.iter().map(|&row| field.values[row].map_or(fill, &mut bound)).collect()
    };
    let (raw_training, raw_judged) = (taken(training), taken(judged));
    let logged = |raw: &[f64]| -> Vec<f64> { if field.log { raw.iter().map(|&value| signed_log(value)).collect() } else { raw.to_vec() } };
    let (mut own, mut other) = (logged(&raw_training), logged(&raw_judged));

    // Where nothing was filled or bounded, what is known is all there is.
    let whole = known.len() == raw_training.len() && bounded == 0;
    let sorted_raw = if whole { known.clone() } else { sorted(raw_training.clone()) };
    let sorted_judged = sorted(raw_judged.clone());
    // The logarithm keeps the order, but for what its last digits are rounded to.
    let sorted_own = logged(&sorted_raw);
    let sorted_own = if sorted_own.is_sorted_by(|a, b| a.total_cmp(b).is_le()) { sorted_own } else { sorted(sorted_own) };
    let fitted = Fitted::of(&sorted_own, scale);
    let mut words: Vec<Said> = Vec::new();
    if field.log {
        words.push(Said::same("log1p"));
    }
    if bounded > 0 {
        words.push(said!(en: "{n} values bounded at 1e100", fr: "{n} valeurs bornées à 1e100", n = bounded));
    }
    let mut dropped = None;
    match &fitted {
        Some(fitted) => {
            let clipped: u64 = own.iter_mut().chain(&mut other).map(|value| u64::from(fitted.apply(value))).sum();
            words.push(fitted.words());
            if clipped > 0 {
                words.push(said!(en: "{n} scaled values bounded at 1e9", fr: "{n} valeurs mises à l’échelle bornées à 1e9", n = clipped));
            }
        }
        None => {
            let reason = if known.is_empty() {
                said!(en: "without any value in the training part", fr: "sans aucune valeur dans la partie d’apprentissage")
            } else {
                said!(en: "constant in the training part", fr: "constant dans la partie d’apprentissage")
            };
            words.push(said!(en: "not scaled", fr: "pas mis à l’échelle"));
            dropped = Some(reason);
        }
    }
    let summary = FieldSummary {
        name: field.name.clone(),
        definition: field.definition.clone(),
        missing: 1.0 - known.len() as f64 / training.len() as f64,
        fill,
        quantiles: five(&sorted_raw),
        judged_quantiles: five(&sorted_judged),
        drift: drift::stability_index(&sorted_raw, &sorted_judged),
        scaling: Said::join(&words, ", "),
        dropped,
    };
    let ready = fitted.map(|_| Ready { name: field.name.clone(), raw_training, raw_judged, training: own, judged: other });
    (ready, summary)
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn five(sorted: &[f64]) -> [f64; 5] {
    [0.0, 0.25, 0.5, 0.75, 1.0].map(|q| quantile(sorted, q).unwrap_or(0.0))
}

/// A scale fitted on the training part.
enum Fitted {
    Linear { words: Said, centre: f64, spread: f64 },
    Rank { sorted: Vec<f64> },
    AsItIs,
}

impl Fitted {
    /// Fits on sorted values; `None` where they are all the same.
    fn of(sorted: &[f64], scale: Scale) -> Option<Self> {
        let (low, high) = (*sorted.first()?, *sorted.last()?);
        let rounding = ROUNDING * low.abs().max(high.abs());
        if high - low <= rounding {
            return None;
        }
        Some(match scale {
            Scale::Robust => {
                let (first, middle, third) = (quantile(sorted, 0.25)?, median(sorted)?, quantile(sorted, 0.75)?);
                let spread = third - first;
                if spread > ROUNDING * first.abs().max(third.abs()) {
                    Self::Linear { words: said!(en: "robust", fr: "robuste"), centre: middle, spread }
                } else {
                    Self::standard(sorted, said!(en: "standard (IQR is zero)", fr: "standard (écart interquartile nul)"))
                }
            }
            Scale::Standard => Self::standard(sorted, Said::same("standard")),
            Scale::Rank => Self::Rank { sorted: sorted.to_vec() },
            Scale::None => Self::AsItIs,
        })
    }

    fn standard(sorted: &[f64], words: Said) -> Self {
        let n = sorted.len() as f64;
        // Dividing first keeps the sum of huge values finite.
        let mean = sorted.iter().map(|value| value / n).sum::<f64>();
        let variance = sorted.iter().map(|value| (value - mean) * (value - mean) / n).sum::<f64>();
        Self::Linear { words, centre: mean, spread: variance.sqrt() }
    }

    fn words(&self) -> Said {
        match self {
            Self::Linear { words, .. } => words.clone(),
            Self::Rank { .. } => said!(en: "rank", fr: "rang"),
            Self::AsItIs => said!(en: "as it is", fr: "tel quel"),
        }
    }

    /// Scales a value, and says whether it had to be bounded.
    fn apply(&self, value: &mut f64) -> bool {
        match self {
            Self::AsItIs => false,
            Self::Linear { centre, spread, .. } => {
                let scaled = (*value - centre) / spread;
                *value = scaled.clamp(-LARGEST_SCALED, LARGEST_SCALED);
                scaled.abs() > LARGEST_SCALED
            }
            Self::Rank { sorted } => {
                let below = sorted.partition_point(|other| other < value);
                let not_above = sorted.partition_point(|other| other <= value);
                *value = (below + not_above) as f64 / 2.0 / sorted.len() as f64;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests;
