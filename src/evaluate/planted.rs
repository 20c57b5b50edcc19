//! Planted behaviour against the cuts of the real ranking: which plants would be raised, and how many alerts a benign change would cause.
//!
//! Each copy is judged as if it alone had been added to the real events: with `policy: top` it is caught where fewer than the budget's number of
//! other real cases of its period reach its score, with `policy: threshold` where it reaches the cut. Nothing here enters the figures of real
//! incidents, and the two are never added together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Input, frame::Frame, intervals::clopper_pearson};
use crate::{
    detect::{Kind, Outcome, ScoreTable},
    spec::Policy,
};

/// One unit of a planted behaviour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlantedUnit {
    /// The copy that it belongs to; of a benign change, its case.
    pub copy: u32,
    /// Its row among those that were scored.
    pub row: usize,
    /// Its budget period.
    pub period: u32,
    /// The real case that it would be part of, where there is one.
    pub own: Option<u32>,
    /// Whether the rule flags it.
    pub flagged: bool,
    /// The first rule of `suppress` that matches it: then nobody opens it.
    pub suppressed: Option<u16>,
}

/// One behaviour at one strength, as it was planted.
#[derive(Debug, Clone, PartialEq)]
pub struct PlantedWorld {
    /// Which entry of `inject`.
    pub entry: usize,
    /// Which of its strengths.
    pub order: usize,
    /// The behaviour's name.
    pub behaviour: String,
    /// What is said beside it: `new destination`.
    pub note: Option<String>,
    /// The parameter that is its strength.
    pub parameter: String,
    /// Its strength; higher is stronger.
    pub strength: f64,
    /// The same as the experiment says it.
    pub text: String,
    /// Whether it is a benign change.
    pub benign: bool,
    /// For each copy, the real case at its place.
    pub sites: Vec<Option<u32>>,
    /// The units that it touches.
    pub units: Vec<PlantedUnit>,
}

/// How one contender fares with the copies of one strength.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Detection {
    /// Its id; the rule's is `baseline`.
    pub contender: String,
    /// Copies of which some unit would be raised.
    pub caught: u64,
    /// Copies at whose place the real case is raised anyway, without the plant.
    pub already: u64,
    /// The share caught is at least this (Clopper-Pearson).
    pub low: f64,
    /// The share caught is at most this.
    pub high: f64,
    /// Copies that only rules of `suppress` keep from being raised; they are not among those caught.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hidden: u64,
}

/// How many more alerts one contender raises because of a benign change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Storm {
    /// Its id; the rule's is `baseline`.
    pub contender: String,
    /// Cases that reach the cut and were not raised before.
    pub alerts: u64,
    /// The same in the worst budget period.
    pub worst: u64,
}

/// One behaviour at one strength.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AtStrength {
    /// The strength; higher is stronger.
    pub value: f64,
    /// The same as the experiment says it.
    pub text: String,
    /// How many copies (of a benign change: entities) were planted.
    pub copies: u64,
    /// How many units differ from the real ones.
    pub units: u64,
    /// Who catches them; empty for a benign change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub detections: Vec<Detection>,
    /// The same with the plants in the training part too, where the experiment asks for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub poisoned: Vec<Detection>,
    /// The alert storm of a benign change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storms: Vec<Storm>,
    /// Of its units, those that each rule of `suppress` hides, in the order of the rules; empty where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressed: Vec<u64>,
}

/// The weakest strength that a contender detects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Detectable {
    /// Its id.
    pub contender: String,
    /// The weakest strength from which on at least half of the copies are caught, beyond noise; `None`: none that was tried.
    pub strength: Option<String>,
}

/// One entry of `inject`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BehaviourOutcome {
    /// Its behaviour's name.
    pub behaviour: String,
    /// What is said beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The parameter that is its strength.
    pub parameter: String,
    /// Whether it is a benign change.
    pub benign: bool,
    /// Each strength, the weakest first.
    pub strengths: Vec<AtStrength>,
    /// For each contender, the weakest strength that it detects; empty for a benign change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub detectable: Vec<Detectable>,
}

/// What became of all planted behaviour. `injection.json` in the run folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Injection {
    /// Raised when a field that matters changes.
    pub schema_version: u32,
    /// Cases per budget period at which all of this holds.
    pub budget: u64,
    /// The confidence of every interval.
    pub confidence: f64,
    /// Whether planting into the judged part left every field of the training part as it was.
    pub fields_look_back: bool,
    /// Each entry of `inject`, in its order.
    pub behaviours: Vec<BehaviourOutcome>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The cut of one contender, by the scores of the real cases.
struct Cut {
    policy: Policy,
    threshold: f64,
    budget: usize,
    /// The scores of the real cases of each period, ascending.
    periods: Vec<Vec<f64>>,
    scores: Vec<f64>,
    raised: Vec<bool>,
}

impl Cut {
    fn new(frame: &Frame<'_>, scored: &crate::detect::Scored, id: &str) -> Self {
        let ranked = frame.rank(&scored.judged, id);
        let training = frame.rank_training(scored, id);
        let (raised, cut) = frame.at_budget(&ranked, training.as_ref(), frame.budget);
        let policy = if training.is_some() { frame.input.settings.alerts.policy } else { Policy::Top };
        let mut periods = vec![Vec::new(); frame.input.judged.budget_periods.len().max(1)];
        for (score, &period) in ranked.score.iter().zip(&frame.judged.period) {
            if let Some(scores) = periods.get_mut(period as usize) {
                scores.push(*score);
            }
        }
        periods.iter_mut().for_each(|scores: &mut Vec<f64>| scores.sort_unstable_by(f64::total_cmp));
        let budget = usize::try_from(frame.budget).unwrap_or(usize::MAX);
        Self { policy, threshold: cut.unwrap_or(f64::INFINITY), budget, periods, scores: ranked.score, raised }
    }

    /// Whether a unit with this score would be raised, if it alone had been added.
    fn reached(&self, score: f64, unit: &PlantedUnit) -> bool {
        match self.policy {
            Policy::Threshold => score >= self.threshold,
            Policy::Top => {
                let Some(scores) = self.periods.get(unit.period as usize) else { return false };
                let others = scores.len() - scores.partition_point(|other| *other < score);
                let own = unit.own.is_some_and(|case| self.scores[case as usize] >= score);
                others - usize::from(own) < self.budget
            }
        }
    }
}

/// Who raises what, rules of `suppress` apart: for each unit of a world, and for each real case.
type Raises<'a> = (&'a dyn Fn(&PlantedUnit) -> bool, &'a [bool]);

fn detection(contender: &str, world: &PlantedWorld, units: &[PlantedUnit], (raises, real): Raises<'_>, confidence: f64) -> Detection {
    let (mut caught, mut reached) = (vec![false; world.sites.len()], vec![false; world.sites.len()]);
    for unit in units.iter().filter(|unit| raises(unit)) {
        reached[unit.copy as usize] = true;
        caught[unit.copy as usize] |= unit.suppressed.is_none();
    }
    let hidden = reached.iter().zip(&caught).filter(|(reached, caught)| **reached && !**caught).count();
    let caught = caught.iter().filter(|c| **c).count();
    let already = world.sites.iter().flatten().filter(|case| real[**case as usize]).count();
    let (low, high) = clopper_pearson(caught as f64, world.sites.len() as f64, confidence);
    Detection { contender: contender.to_owned(), caught: caught as u64, already: already as u64, low, high, hidden: hidden as u64 }
}

fn storm(contender: &str, world: &PlantedWorld, (raises, real): Raises<'_>) -> Storm {
    let before = |unit: &PlantedUnit| unit.own.is_some_and(|case| real[case as usize]);
    let mut cases: Vec<(u32, u32)> = world
        .units
        .iter()
        .filter(|unit| unit.suppressed.is_none() && !before(unit) && raises(unit))
        .map(|unit| (unit.period, unit.copy))
        .collect();
    cases.sort_unstable();
    cases.dedup();
    let worst = cases.chunk_by(|a, b| a.0 == b.0).map(<[_]>::len).max().unwrap_or(0);
    Storm { contender: contender.to_owned(), alerts: cases.len() as u64, worst: worst as u64 }
}

/// How many of these units each rule of `suppress` hides; empty where there are no rules.
pub fn suppressed(input: &Input<'_>, units: &[PlantedUnit]) -> Vec<u64> {
    let rules = input.suppressed.map_or(0, |suppressed| suppressed.rules.len());
    (0..rules).map(|rule| units.iter().filter(|unit| unit.suppressed.map(usize::from) == Some(rule)).count() as u64).collect()
}

/// The scores of planted rows: a column for each contender, by its id.
pub type PlantedScores<'a> = &'a dyn Fn(&str) -> Option<&'a [f64]>;

/// Judges one world. `input` holds the scores of the real cases, `scores` those of the world's rows; `units` are those of the world, or of the
/// same world with the training part poisoned.
pub fn detections(
    input: &Input<'_>,
    shown: &[String],
    world: &PlantedWorld,
    units: &[PlantedUnit],
    scores: PlantedScores<'_>,
) -> Vec<Detection> {
    let frame = Frame::new(input);
    each(&frame, shown, scores, |id, raises| detection(id, world, units, raises, frame.confidence))
}

/// The alert storm of a benign change.
pub fn storms(input: &Input<'_>, shown: &[String], world: &PlantedWorld, scores: PlantedScores<'_>) -> Vec<Storm> {
    let frame = Frame::new(input);
    each(&frame, shown, scores, |id, raises| storm(id, world, raises))
}

fn each<T>(frame: &Frame<'_>, shown: &[String], scores: PlantedScores<'_>, make: impl Fn(&str, Raises<'_>) -> T) -> Vec<T> {
    let mut made = Vec::new();
    if let Some(base) = &frame.baseline {
        made.push(make("baseline", (&|unit: &PlantedUnit| unit.flagged, &base.raised)));
    }
    for column in frame.input.scores.columns.iter().filter(|column| shown.contains(&column.id)) {
        let (Outcome::Scored(scored), Some(planted)) = (&column.outcome, scores(&column.id)) else { continue };
        let cut = Cut::new(frame, scored, &column.id);
        made.push(make(&column.id, (&|unit: &PlantedUnit| cut.reached(planted[unit.row], unit), &cut.raised)));
    }
    made
}

/// The contenders of which planted behaviour is told: detectors, ensembles, chance, and the best field.
pub fn shown(scores: &ScoreTable, best_field: Option<&str>) -> Vec<String> {
    let is = |column: &&crate::detect::ScoreColumn| {
        column.kind != Kind::Control || column.id == "random" || Some(column.id.as_str()) == best_field
    };
    scores.columns.iter().filter(is).map(|column| column.id.clone()).collect()
}

/// The weakest strength of each contender from which on at least half of the copies are caught, beyond noise, and more than by chance: a
/// behaviour of many units is raised by any ranking on a day with fewer cases than the budget. Strengths are ascending.
pub fn detectable(strengths: &[AtStrength]) -> Vec<Detectable> {
    let Some(first) = strengths.first() else { return Vec::new() };
    let of = |at: &AtStrength, id: &str| at.detections.iter().find(|d| d.contender == id).cloned();
    let by_chance = |at: &AtStrength| of(at, "random").map_or(0.0, |d| d.caught as f64 / at.copies.max(1) as f64);
    let found = |id: &str, at: &AtStrength| of(at, id).is_some_and(|d| d.low >= 0.5 && d.low > by_chance(at));
    let weakest = |id: &str| strengths.iter().rev().take_while(|at| found(id, at)).last().map(|at| at.text.clone());
    first.detections.iter().map(|d| Detectable { contender: d.contender.clone(), strength: weakest(&d.contender) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detections(caught: [u64; 3]) -> Vec<AtStrength> {
        let at = |(value, caught): (usize, u64)| {
            let (low, high) = clopper_pearson(caught as f64, 20.0, 0.90);
            let detections = vec![Detection { contender: "a".into(), caught, already: 0, low, high, hidden: 0 }];
            AtStrength {
                value: value as f64,
                text: format!("{value}"),
                copies: 20,
                units: 20,
                detections,
                poisoned: Vec::new(),
                storms: Vec::new(),
                suppressed: Vec::new(),
            }
        };
        caught.into_iter().enumerate().map(at).collect()
    }

    #[test]
    fn what_is_detectable_is_caught_by_half_beyond_noise_from_there_on() {
        // 14 of 20 has the lower limit 0.492, 15 of 20 has 0.544 (scipy.stats.beta.ppf(0.05, 15, 6)).
        let weakest = |caught| detectable(&detections(caught))[0].strength.clone();
        assert_eq!(weakest([3, 15, 20]).as_deref(), Some("1"));
        assert_eq!(weakest([3, 14, 20]).as_deref(), Some("2"));
        assert_eq!(weakest([20, 14, 20]).as_deref(), Some("2"), "a stronger one that escapes ends it");
        assert_eq!(weakest([0, 14, 14]), None);
        let mut strengths = detections([20, 20, 20]);
        let chance = Detection { contender: "random".into(), caught: 18, already: 0, low: 0.7, high: 1.0, hidden: 0 };
        strengths[0].detections.push(chance);
        assert_eq!(detectable(&strengths)[0].strength.as_deref(), Some("1"), "what chance catches too is no detection");
    }

    #[test]
    fn a_plant_is_judged_as_if_it_alone_had_been_added() {
        let cut = Cut {
            policy: Policy::Top,
            threshold: 0.0,
            budget: 2,
            periods: vec![vec![1.0, 2.0, 3.0], vec![]],
            scores: vec![3.0, 2.0, 1.0],
            raised: vec![true, true, false],
        };
        let unit = |period, own| PlantedUnit { copy: 0, row: 0, period, own, flagged: false, suppressed: None };
        assert!(cut.reached(2.5, &unit(0, None)));
        assert!(!cut.reached(2.0, &unit(0, None)), "a tie is not caught");
        assert!(cut.reached(2.0, &unit(0, Some(1))), "its own case is not against it");
        assert!(cut.reached(-1.0, &unit(1, None)), "an empty day has places");
        let threshold = Cut { policy: Policy::Threshold, threshold: 2.0, ..cut };
        assert!(threshold.reached(2.0, &unit(0, None)) && !threshold.reached(1.9, &unit(0, None)));
    }

    #[test]
    fn a_copy_that_a_rule_hides_is_not_caught_and_is_told() {
        let unit = |copy, suppressed| PlantedUnit { copy, row: 0, period: 0, own: None, flagged: true, suppressed };
        let world = PlantedWorld {
            entry: 0,
            order: 0,
            behaviour: "exfiltration".into(),
            note: None,
            parameter: "bytes_per_day".into(),
            strength: 1.0,
            text: "1".into(),
            benign: false,
            sites: vec![None; 4],
            // The first copy is hidden whole, the second in one of its two units, the third not; the fourth is raised by nobody.
            units: vec![unit(0, Some(1)), unit(1, Some(0)), unit(1, None), unit(2, None)],
        };
        let found = detection("baseline", &world, &world.units, (&|unit: &PlantedUnit| unit.flagged, &[]), 0.90);
        assert_eq!((found.caught, found.hidden), (2, 1));
        assert_eq!(storm("baseline", &world, (&|unit: &PlantedUnit| unit.flagged, &[])).alerts, 2);
    }
}
