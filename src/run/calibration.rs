//! The study `calibration`: detectors fitted on the older two thirds of the training days, thresholds bounded by the rest.

use super::study::{Bench, DAY, Row, cases};
use crate::{
    detect::{self, Outcome},
    error::Result,
    evaluate::conformal::{Calibration, calibrate, margin},
    fields::scale,
    units::Disposition,
};

/// Fewer cases than this do not calibrate: the margin alone would be 15 points.
const LEAST_CASES: usize = 50;

/// Calibrates every contender.
///
/// # Errors
/// Nothing is wrong, but there is too little to calibrate on: the reason. Or the user stops it.
pub fn calibration(bench: &Bench<'_>) -> Result<std::result::Result<Calibration, String>> {
    let (begin, days) = bench.learned();
    let fitted = (days * 2 / 3).max(1);
    let split = begin + fitted * DAY;
    let parts = &bench.gathered.parts;
    let training = Row::of(&parts.training_units, &parts.training, 0);
    let (old, mut rest): (Vec<Row>, Vec<Row>) = training.into_iter().partition(|row| row.start < split);
    let calibrating = rest.len();
    let offset = parts.training.cases.len() as u32;
    rest.extend(Row::of(&parts.judged_units, &parts.judged, offset));
    if old.is_empty() || calibrating < LEAST_CASES {
        return Ok(Err(format!("a third of the training days has {calibrating} units: too few to calibrate on")));
    }
    let rows = |units: &[Row]| units.iter().map(|row| row.row).collect::<Vec<_>>();
    let matrices = scale(&bench.gathered.table, &rows(&old), &rows(&rest), bench.experiment.scale)?;
    let scores = bench.score(bench.contenders, &matrices.training, &matrices.judged, bench.options.seed)?;
    let confidence = bench.experiment.evaluate.confidence.get();
    let attack = parts.judged.labels.as_ref().filter(|labels| labels.complete).map(|labels| {
        let mut attack = vec![false; parts.judged.cases.len()];
        for (case, disposition) in parts.judged.case_of.iter().zip(&labels.dispositions) {
            attack[*case as usize] |= *disposition == Some(Disposition::TruePositive);
        }
        attack
    });
    let places = (bench.budget_a_day() * (days - fitted) as f64).round() as usize;
    let mut contenders = Vec::new();
    let mut n = 0;
    for column in scores.columns.iter().filter(|column| column.kind != detect::Kind::Control) {
        let Outcome::Scored(scored) = &column.outcome else { continue };
        let all = cases(&rest, &scored.judged);
        let calibration: Vec<f64> = all.range(..offset).map(|(_, (score, _))| *score).collect();
        let judged: Vec<f64> = all.range(offset..).map(|(_, (score, _))| *score).collect();
        n = calibration.len();
        contenders.extend(calibrate(&column.id, &calibration, &judged, attack.as_deref(), places, confidence));
    }
    if n < LEAST_CASES {
        return Ok(Err(format!("a third of the training days has {n} cases: too few to calibrate on")));
    }
    Ok(Ok(Calibration {
        fitted_days: fitted as u64,
        calibration_days: (days - fitted) as u64,
        cases: n as u64,
        decisions_per_day: parts.judged.cases.len() as f64 / parts.judged.days().max(f64::MIN_POSITIVE),
        margin: margin(n, confidence),
        contenders,
    }))
}
