//! What could make the result wrong, each with the number behind it.

use super::{Caveat, cases::Truth, frame::Frame, intervals::clopper_pearson, two_way::MIN_DAYS};

/// Fewer incidents than this cannot show a share of 0.8 even with none missed (at a confidence of 0.90).
const FEW_INCIDENTS: usize = 14;
/// Where entities are this unequal the intervals cover 77 to 90 % instead of 88 to 98 % (lognormal sizes with a spread of 1.5).
const UNEQUAL: f64 = 4.0;

/// Everything that a reader should bear in mind.
pub(super) fn caveats(frame: &Frame<'_>) -> Vec<Caveat> {
    let mut found = Vec::new();
    let mut add = |code: &str, message: String| found.push(Caveat { code: code.into(), message });
    if frame.input.in_sample {
        add("in-sample", "Every unit was scored by detectors that had learned from it: results on new data may be worse.".into());
    }
    if let Some(labels) = &frame.input.judged.labels {
        incidents(frame, &mut add);
        let unknown = frame.judged.truth.iter().filter(|t| **t == Truth::Unknown).count();
        if !labels.complete && unknown > 0 {
            let share = 100.0 * unknown as f64 / frame.judged.n.max(1) as f64;
            add("unlabelled", format!("{unknown} of {} judged cases ({share:.0} %) have no label.", frame.judged.n));
        }
    }
    if frame.has_time {
        days(frame, &mut add);
        entities(frame, &mut add);
    }
    if !frame.input.in_sample {
        contamination(frame, &mut add);
    }
    found
}

fn incidents(frame: &Frame<'_>, add: &mut impl FnMut(&str, String)) {
    let n = frame.counted.iter().filter(|c| **c).count();
    let of = if frame.has_kept() { "incidents that the current rule catches" } else { "incidents" };
    match n {
        0 => add("no-incidents", "There is no labelled incident in the judged part: nothing can be said about what is caught.".into()),
        1 => add(
            "single-campaign",
            format!("There is 1 of the {of}: what is caught is a reading of one campaign, not evidence about others."),
        ),
        2..FEW_INCIDENTS => {
            let low = 100.0 * clopper_pearson(n as f64, n as f64, frame.confidence).0;
            add("few-incidents", format!("There are {n} {of}: even with none missed, no more than {low:.0} % caught could be shown."));
        }
        _ => {}
    }
    let mut holding: Vec<u32> =
        (0..frame.judged.incidents()).filter(|&i| frame.counted[i]).map(|i| frame.judged.cluster_of_incident(i)).collect();
    holding.sort_unstable();
    holding.dedup();
    if n >= 4 && holding.len() * 2 <= n {
        let holding = holding.len();
        let on = if holding == 1 { "1 entity".to_owned() } else { format!("{holding} entities") };
        add("clustered-incidents", format!("The {n} {of} lie on {on}: they are not independent, and the intervals may be too narrow."));
    }
}

fn days(frame: &Frame<'_>, add: &mut impl FnMut(&str, String)) {
    let days = frame.judged.days;
    if days < MIN_DAYS {
        let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
        add("no-interval", format!("The judged part has {days}: for the weeks to come an interval takes at least {MIN_DAYS}."));
    }
    let length = frame.input.judged.days();
    if length < 7.0 - 1e-6 {
        let names = weekdays(frame);
        add("few-days", format!("The judged part has {length:.1} days and speaks only for {}.", names.join(", ")));
    }
}

/// The weekdays of the judged part, Monday first. Half a day after a local midnight the UTC date is the local one, from UTC-11 to UTC+12.
fn weekdays(frame: &Frame<'_>) -> Vec<&'static str> {
    const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let mut seen = [false; 7];
    for period in &frame.input.judged.budget_periods {
        let mut hours = 12.0_f64.min(period.days * 12.0);
        while hours < period.days * 24.0 {
            let day = (period.start + (hours * 3.6e9) as i64).div_euclid(86_400_000_000);
            // 1970-01-01 was a Thursday.
            seen[(day + 3).rem_euclid(7) as usize] = true;
            hours += 24.0;
        }
    }
    NAMES.into_iter().zip(seen).filter(|(_, seen)| *seen).map(|(name, _)| name).collect()
}

fn entities(frame: &Frame<'_>, add: &mut impl FnMut(&str, String)) {
    let entities = frame.judged.clusters;
    if entities < super::two_way::MIN_CLUSTERS {
        let least = super::two_way::MIN_CLUSTERS;
        add("few-entities", format!("The judged part has {entities} entities: an interval for the weeks to come takes at least {least}."));
    }
    let cells = match &frame.baseline {
        Some(base) if base.false_cells.total > 0.0 => base.false_cells.clone(),
        _ => frame.all_cells(&vec![true; frame.judged.n]),
    };
    let inequality = cells.inequality();
    if inequality > UNEQUAL && entities > 1 {
        let largest = cells.by_cluster.iter().copied().fold(0.0, f64::max) / cells.total * 100.0;
        add(
            "unequal-entities",
            format!(
                "Entities are very unequal (the largest of {entities} holds {largest:.0} % of the alerts): intervals cover less than stated, 77 to 90 of 100 where 90 are asked."
            ),
        );
    }
}

fn contamination(frame: &Frame<'_>, add: &mut impl FnMut(&str, String)) {
    let training = &frame.input.training;
    let attacks = (0..training.case_of.len()).filter(|&unit| super::cases::unit_truth(training, unit) == Truth::True).count();
    if attacks > 0 {
        let (incidents, units) = (frame.training.incidents(), training.case_of.len());
        let share = 100.0 * attacks as f64 / units as f64;
        add(
            "contaminated-training",
            format!(
                "The training part holds attacks ({attacks} of {units} units, {share:.2} %, of {incidents} incidents): detectors learned them as usual."
            ),
        );
    }
}
