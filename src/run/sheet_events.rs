//! The events behind the cases that a review may offer: kept when a run has the logs at hand, since sheets are drawn without them.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    evaluate::{Input, design::ReviewFrame},
    fields::Matrices,
    record::{
        evidence::{Events, is_none},
        folder::read_json_if_there,
    },
};

/// Where they lie in the run folder.
pub const FILE: &str = "state/sheet_events.json";
/// Of how many units events are kept.
const UNITS: usize = 1_000;
/// Of how many units of one case, where cases are few.
const PER_CASE: usize = 4;
/// How many events are kept of a unit.
const KEPT: usize = 8;

/// Some events of units of the judged part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SheetEvents {
    /// The columns that are kept, the time apart.
    pub columns: Vec<String>,
    /// How many are left out because they are named like the answer.
    #[serde(default, skip_serializing_if = "is_none")]
    pub answers_left_out: u64,
    /// Unit and events.
    pub units: Vec<(usize, Events)>,
}

impl SheetEvents {
    /// What is kept for units, in their order.
    pub(super) fn new(columns: Vec<String>, answers_left_out: u64, units: &[usize], events: Vec<Events>) -> Self {
        let mut units: Vec<(usize, Events)> = units.iter().copied().zip(events).collect();
        units.iter_mut().for_each(|(_, events)| events.rows.truncate(KEPT));
        Self { columns, answers_left_out, units }
    }

    /// What a run kept; `None` where it kept nothing.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load(run: &Path) -> Result<Option<Self>> {
        read_json_if_there(run, FILE)
    }
}

/// The units whose events a review may want: of each case of its frame those in which some field is the most unusual. None where labels are
/// complete; of a frame that is too large, those of the first cases that sheets offer.
pub(super) fn wanted(input: &Input<'_>, matrices: &Matrices) -> Vec<usize> {
    if input.judged.labels.as_ref().is_some_and(|labels| labels.complete) {
        return Vec::new();
    }
    let frame = ReviewFrame::new(input, false, input.seed);
    let cases = match frame.shuffled.len() {
        0 => return Vec::new(),
        n if n <= UNITS => frame.shuffled.clone(),
        _ => frame.next(&vec![false; frame.stratum.len()], UNITS as u64),
    };
    let each = (UNITS / cases.len()).clamp(1, PER_CASE);
    let mut of_case: Vec<Option<Vec<usize>>> = vec![None; frame.stratum.len()];
    cases.iter().for_each(|&case| of_case[case as usize] = Some(Vec::new()));
    for (unit, &case) in input.judged.case_of.iter().enumerate() {
        if let Some(units) = &mut of_case[case as usize] {
            units.push(unit);
        }
    }
    let strange = |unit: usize| matrices.judged.row(unit).iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let mut chosen = Vec::new();
    for mut units in of_case.into_iter().flatten() {
        units.sort_by(|&a, &b| strange(b).total_cmp(&strange(a)).then(a.cmp(&b)));
        units.truncate(each);
        chosen.extend(units);
    }
    chosen.sort_unstable();
    chosen
}
