//! One criterion against one measure: met, not met, or open, and what would settle it.

use super::{
    Direction, Judged, Standing,
    metrics::{Context, Metric, Value, metric},
};
use crate::{
    error::Problem,
    evaluate::{Point, intervals::incidents_needed},
    said,
    spec::Criterion,
    text::{Numbers, Said, Shown},
};

/// A criterion's direction and limit; `None` where it names none (which `check` refuses).
pub(super) fn asked(criterion: &Criterion) -> Option<(Direction, f64)> {
    match (criterion.at_least, criterion.at_most) {
        (Some(limit), None) => Some((Direction::AtLeast, limit)),
        (None, Some(limit)) => Some((Direction::AtMost, limit)),
        _ => None,
    }
}

/// What the window offers to settle a criterion with.
pub(super) struct Settling {
    pub confidence: f64,
    pub days: f64,
    /// Whether labels are known of a sample only.
    pub review: bool,
}

/// Judges a criterion: met if the whole interval satisfies the limit, not met if the whole interval violates it, open otherwise.
pub(super) fn judge(criterion: &Criterion, contender: &str, point: &Point, context: &Context<'_>, settling: &Settling) -> Judged {
    let (direction, limit) = asked(criterion).unwrap_or((Direction::AtLeast, f64::INFINITY));
    let found = metric(&criterion.metric);
    let value = found.and_then(|metric| metric.read(point, context));
    let standing = value.as_ref().map_or(Standing::Open, |value| standing(direction, limit, value));
    let needs = (standing == Standing::Open).then(|| match (&value, found) {
        (Some(value), Some(metric)) => needs(metric, direction, limit, value, settling),
        (None, Some(metric)) => not_measured(metric, settling),
        (_, None) => said!(en: "`{name}` is not a measure", fr: "`{name}` n’est pas une mesure", name = criterion.metric),
    });
    let finite = |number: f64| Some(number).filter(|n| n.is_finite());
    Judged {
        metric: criterion.metric.clone(),
        contender: contender.to_owned(),
        direction,
        limit: if limit.is_finite() { limit } else { 0.0 },
        value: value.as_ref().and_then(|v| finite(v.value)),
        low: value.as_ref().and_then(|v| finite(v.low)),
        high: value.as_ref().and_then(|v| finite(v.high)),
        standing,
        needs,
    }
}

pub(super) fn standing(direction: Direction, limit: f64, value: &Value) -> Standing {
    let (all, none) = match direction {
        Direction::AtLeast => (value.low >= limit, value.high < limit),
        Direction::AtMost => (value.high <= limit, value.low > limit),
    };
    match (all, none) {
        (true, _) => Standing::Met,
        (_, true) => Standing::NotMet,
        _ => Standing::Open,
    }
}

fn not_measured(metric: &Metric, settling: &Settling) -> Said {
    match metric {
        Metric { needs_cost: false, .. } if settling.review => said!(
            en: "cannot be estimated from this review: `gonogo review` draws the next sheet",
            fr: "ne peut être estimé d’après cette relecture : `gonogo review` tire la feuille suivante",
        ),
        Metric { needs_cost: true, .. } if settling.days <= 0.0 => said!(
            en: "takes a `window`: money is counted by the week",
            fr: "demande une `window` : l’argent se compte par semaine",
        ),
        Metric { needs_cost: true, .. } => {
            said!(en: "takes `cost` with at least one option", fr: "demande `cost` avec au moins une option")
        }
        Metric { needs_baseline: true, .. } => said!(
            en: "takes a `baseline` that raises false alerts and catches incidents, and complete labels",
            fr: "demande une `baseline` qui lève de fausses alertes et détecte des incidents, et des étiquettes complètes",
        ),
        _ => said!(
            en: "could not be measured: it takes complete labels",
            fr: "n’a pas pu être mesuré : il faut des étiquettes complètes",
        ),
    }
}

/// What would settle an open criterion, in one fragment.
fn needs(metric: &Metric, direction: Direction, limit: f64, value: &Value, settling: &Settling) -> Said {
    let satisfied = match direction {
        Direction::AtLeast => value.value >= limit,
        Direction::AtMost => value.value <= limit,
    };
    if metric.is_share_of_incidents() && direction == Direction::AtLeast {
        return incidents_text(limit, value, satisfied, settling.confidence);
    }
    if metric.needs_cost {
        return if satisfied {
            value.note.clone().unwrap_or_else(|| {
                said!(
                    en: "met at the base values, not at the unfavourable ones: narrow the amounts with the widest range",
                    fr: "atteint aux valeurs de base, pas aux défavorables : resserrez les montants les plus incertains",
                )
            })
        } else {
            said!(en: "met at the favourable values only", fr: "atteint aux seules valeurs favorables")
        };
    }
    if value.low.is_infinite() && value.high.is_infinite() {
        return value.note.clone().unwrap_or_else(|| said!(en: "there is no interval", fr: "il n’y a pas d’intervalle"));
    }
    if !satisfied {
        return said!(
            en: "the value itself is on the wrong side: more days will rather show that it is not met",
            fr: "la valeur elle-même est du mauvais côté : plus de jours montreraient plutôt que ce n’est pas atteint",
        );
    }
    match days_needed(metric, limit, value, settling.days) {
        Some(days) if days < 366.0 => said!(
            en: "takes about {days} judged days like these (there are {there})",
            fr: "demande environ {days} jours jugés comme ceux-ci (il y en a {there})",
            days = Shown(|numbers: Numbers| numbers.decimal(days, 0)),
            there = Shown(|numbers: Numbers| numbers.decimal(settling.days, 0)),
        ),
        Some(_) => said!(
            en: "the value is too close to the limit: more than a year of days like these would be needed",
            fr: "la valeur est trop proche de la limite : il faudrait plus d’un an de jours comme ceux-ci",
        ),
        None => value.note.clone().unwrap_or_else(|| said!(en: "takes more days", fr: "demande plus de jours")),
    }
}

fn incidents_text(limit: f64, value: &Value, satisfied: bool, confidence: f64) -> Said {
    let list: Vec<u64> = (0..=3).filter_map(|missed| incidents_needed(limit, missed, confidence)).collect();
    let Some(none_missed) = list.first() else {
        return said!(
            en: "no number of incidents can show a share of 1",
            fr: "aucun nombre d’incidents ne peut établir une part de 1",
        );
    };
    let there =
        value.note.as_ref().map_or_else(Said::default, |note| said!(en: " (it caught {note})", fr: " (détectés : {note})", note = note));
    let or = match list[..] {
        [_, one, two, _] => said!(en: ", {one} with one, {two} with two", fr: ", {one} avec un, {two} avec deux", one = one, two = two),
        _ => Said::default(),
    };
    let turn = if satisfied {
        Said::default()
    } else {
        said!(
            en: "; the share itself is below the limit, so more incidents will rather show that it is not met",
            fr: " ; la part elle-même est sous la limite, plus d’incidents montreraient donc plutôt que ce n’est pas atteint",
        )
    };
    said!(
        en: "takes at least {none_missed} incidents with none missed{or}{there}{turn}",
        fr: "demande au moins {none_missed} incidents sans en manquer aucun{or}{there}{turn}",
        none_missed = none_missed,
        or = or,
        there = there,
        turn = turn,
    )
}

/// The days after which the interval would clear the limit if its variance fell as one over the days, the value staying as it is.
fn days_needed(metric: &Metric, limit: f64, value: &Value, days: f64) -> Option<f64> {
    // Half widths on the log scale: the one there is, and the one that just clears the limit.
    let (half, allowed) = match metric.id {
        "fp_reduction" | "precision" if value.value < 1.0 && limit < 1.0 => {
            (((1.0 - value.low) / (1.0 - value.value)).ln(), ((1.0 - limit) / (1.0 - value.value)).ln())
        }
        "false_alerts_per_week" if value.value > 0.0 && limit > 0.0 => ((value.high / value.value).ln(), (limit / value.value).ln()),
        _ => return None,
    };
    (half.is_finite() && allowed > 1e-6 && days > 0.0).then(|| (days * (half / allowed).powi(2)).ceil())
}

/// Warnings about criteria that the data cannot settle, before anything runs: `W031`.
///
/// `incidents` are those of the judged part that the criterion counts (for `recall_kept`: that the baseline catches, where that is known);
/// `days` is the length of the judged part. Either may be unknown.
pub fn settle_warnings(criteria: &[Criterion], incidents: Option<u64>, days: Option<f64>, confidence: f64) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, criterion) in criteria.iter().enumerate() {
        let (Some(metric), Some((direction, limit))) = (metric(&criterion.metric), asked(criterion)) else { continue };
        let path = format!("decision.require[{at}]");
        if metric.is_share_of_incidents() && direction == Direction::AtLeast {
            if let Some(problem) = incidents.and_then(|n| too_few(&path, metric, limit, n, confidence)) {
                problems.push(problem);
            }
        } else if metric.needs_interval && !metric.needs_cost && days.is_some_and(|days| days < 4.0) {
            let days = days.unwrap_or(0.0);
            problems.push(
                Problem::warning(
                    "W031",
                    path,
                    said!(
                        en: "{days} judged days cannot settle `{measure}`: an interval takes at least 4",
                        fr: "{days} jours jugés ne peuvent trancher `{measure}` : un intervalle en demande au moins 4",
                        days = Shown(|numbers: Numbers| numbers.decimal(days, 0)),
                        measure = metric.id,
                    ),
                )
                .help("lengthen the judged part of `window`"),
            );
        }
    }
    problems
}

fn too_few(path: &str, metric: &Metric, limit: f64, incidents: u64, confidence: f64) -> Option<Problem> {
    let needed = incidents_needed(limit, 0, confidence);
    if needed.is_some_and(|needed| incidents >= needed) || limit <= 0.0 {
        return None;
    }
    let takes = needed.map_or_else(
        || said!(en: "no number can", fr: "aucun nombre ne le peut"),
        |needed| said!(en: "it takes at least {n} with none missed", fr: "il en faut au moins {n} sans en manquer aucun", n = needed),
    );
    let counted = match incidents {
        1 => said!(en: "1 incident cannot", fr: "1 incident ne peut"),
        n => said!(en: "{n} incidents cannot", fr: "{n} incidents ne peuvent", n = n),
    };
    let help = "lower the limit, ask for a count (`incidents_missed: at_most`), or add replayed and red-team incidents";
    let said = said!(
        en: "{counted} settle `{measure} >= {limit}`: {takes}",
        fr: "{counted} trancher `{measure} >= {limit}` : {takes}",
        counted = counted,
        measure = metric.id,
        limit = limit.to_string(),
        takes = takes,
    );
    Some(Problem::warning("W031", path, said).help(help))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn criterion(metric: &str, at_least: Option<f64>, at_most: Option<f64>) -> Criterion {
        Criterion { metric: metric.into(), at_least, at_most }
    }

    #[test]
    fn the_limit_itself_satisfies() {
        let at = |low, high| Value { value: (low + high) / 2.0, low, high, note: None };
        assert_eq!(standing(Direction::AtLeast, 0.8, &at(0.8, 0.9)), Standing::Met);
        assert_eq!(standing(Direction::AtLeast, 0.8, &at(0.7, 0.8)), Standing::Open);
        assert_eq!(standing(Direction::AtLeast, 0.8, &at(0.6, 0.79)), Standing::NotMet);
        assert_eq!(standing(Direction::AtMost, 30.0, &at(20.0, 30.0)), Standing::Met);
        assert_eq!(standing(Direction::AtMost, 30.0, &at(30.0, 31.0)), Standing::Open);
        assert_eq!(standing(Direction::AtMost, 30.0, &at(30.5, 31.0)), Standing::NotMet);
        let unlimited = Value { value: 0.9, low: f64::NEG_INFINITY, high: f64::INFINITY, note: None };
        assert_eq!(standing(Direction::AtLeast, 0.8, &unlimited), Standing::Open);
    }

    #[test]
    fn warns_of_what_cannot_be_settled() {
        let criteria = [
            criterion("recall_kept", Some(0.9), None),
            criterion("fp_reduction", Some(0.4), None),
            criterion("incidents_missed", None, Some(1.0)),
        ];
        let found = settle_warnings(&criteria, Some(19), Some(3.0), 0.90);
        assert_eq!(
            found.iter().map(|p| (p.code, p.path.as_str())).collect::<Vec<_>>(),
            [("W031", "decision.require[0]"), ("W031", "decision.require[1]")]
        );
        assert_eq!(found[0].message, "19 incidents cannot settle `recall_kept >= 0.9`: it takes at least 29 with none missed");
        assert!(settle_warnings(&criteria, Some(29), Some(4.0), 0.90).is_empty());
        assert!(settle_warnings(&criteria, None, None, 0.90).is_empty());
    }

    #[test]
    fn says_how_many_days_it_takes() {
        let metric = metric("fp_reduction").unwrap();
        // 1 - value 0.4, limit 0.5: allowed ln 1.25; half ln 1.5: (0.405 / 0.223)^2 x 7 = 23.1.
        let value = Value { value: 0.6, low: 0.4, high: 0.73, note: None };
        assert_eq!(days_needed(metric, 0.5, &value, 7.0), Some(24.0));
    }

    proptest! {
        #[test]
        fn loosening_never_takes_met_away(low in -1.0..2.0_f64, width in 0.0..1.0_f64, limit in -1.0..2.0_f64, looser in 0.0..1.0_f64) {
            let value = Value { value: low + width / 2.0, low, high: low + width, note: None };
            for (direction, loosened) in [(Direction::AtLeast, limit - looser), (Direction::AtMost, limit + looser)] {
                if standing(direction, limit, &value) == Standing::Met {
                    prop_assert_eq!(standing(direction, loosened, &value), Standing::Met);
                }
                if standing(direction, loosened, &value) == Standing::NotMet {
                    prop_assert_eq!(standing(direction, limit, &value), Standing::NotMet);
                }
            }
        }
    }
}
