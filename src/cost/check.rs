//! What is wrong with an experiment's `cost`, as far as that needs no run.

use super::read::{COMPUTING, DAY, DAYS, INGEST, PER_GB};
use crate::{
    error::Problem,
    said,
    spec::{self, AmountOrAuto, CostOption},
    text::Said,
};

/// What can be wrong with `cost`, by code, for `explain`.
pub const CODES: &[(&str, &str)] = &[
    ("E601", "only `computing` and `ingest_gb_day` can be projected from a run; every other line of `cost.options` needs an amount"),
    ("W602", "`day` and `per_gb` are prices: without days or an ingested volume beside them they pay for nothing"),
    ("W603", "without `production.events_per_day`, computing and ingested volume are projected to as many events a day as the run read"),
    ("E604", "the currency of `cost` is no code of three letters, or its horizon or a size of `production` is out of its range"),
    ("W605", "money is counted by the week: without `window` and `entity` there is no time, and `cost` comes to nothing"),
];

/// The longest time over which money is counted: in years.
const LONGEST: f64 = 30.0;
/// More events a day, or more entities, than this are a slip of the keyboard.
const MOST: f64 = 1e15;

/// Says what is wrong with the costs, without a run. `has_time` says whether the experiment has a window.
pub fn check(cost: &spec::Cost, has_time: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !has_time {
        let message = said!(
            en: "money is counted by the week, and rows without `window` have no time: nothing will be counted",
            fr: "l’argent se compte par semaine, et sans `window` les lignes n’ont pas de date : rien ne sera compté",
        );
        problems.push(
            Problem::warning("W605", "cost", message).help("add `entity: { key: [user], every: 1h }` and a `window`, or take `cost` out"),
        );
    }
    if cost.currency.len() != 3 || !cost.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        let problem = Problem::error("E604", "cost.currency", format!("`{}` is no code of a currency", cost.currency));
        problems.push(problem.help("three capital letters (ISO 4217), such as `EUR`, `USD`, `CHF`"));
    }
    if cost.horizon.count == 0 || cost.horizon.as_days() > LONGEST * 365.0 {
        let problem =
            Problem::error("E604", "cost.horizon", format!("the money is counted over more than no time and at most {LONGEST} years"));
        problems.push(problem.help("for example `horizon: 3y`"));
    }
    let sizes = cost.production.iter().flat_map(|size| [("events_per_day", size.events_per_day), ("entities", size.entities)]);
    for (key, size) in sizes.filter_map(|(key, size)| Some((key, size?))) {
        if !(size > 0.0 && size <= MOST) {
            let message = format!("`{key}` must be above 0 and at most {MOST:e}, found {size:?}");
            problems.push(Problem::error("E604", format!("cost.production.{key}"), message).help("leave it out where it is not known"));
        }
    }
    for (name, option) in &cost.options {
        lines(option, &format!("cost.options.{name}"), cost.production.as_ref(), &mut problems);
    }
    problems
}

/// Says what is wrong with the lines of one way of implementing it.
fn lines(option: &CostOption, place: &str, production: Option<&spec::Production>, problems: &mut Vec<Problem>) {
    let parts = [("initial", &option.initial), ("yearly", &option.yearly)];
    for (part, lines) in parts {
        let path = |key: &str| format!("{place}.{part}.{key}");
        for key in lines.iter().filter(|(_, amount)| **amount == AmountOrAuto::Auto).map(|(key, _)| key.as_str()) {
            if !matches!(key, COMPUTING | INGEST) {
                let problem = Problem::error("E601", path(key), format!("`{key}` cannot be projected from a run"));
                problems.push(problem.help("give an amount: one number, or `[low, base, high]`"));
            } else if production.is_none_or(|size| size.events_per_day.is_none()) {
                let message = if key == COMPUTING {
                    said!(
                        en: "computing is projected to as many events a day as the run reads",
                        fr: "le calcul est projeté pour autant d’événements par jour que l’exécution en lit",
                    )
                } else {
                    said!(
                        en: "the ingested volume is projected to as many events a day as the run reads",
                        fr: "le volume ingéré est projeté pour autant d’événements par jour que l’exécution en lit",
                    )
                };
                problems.push(Problem::warning("W603", path(key), message).help("give `cost.production.events_per_day`"));
            }
        }
        for (price, of, what) in [(DAY, DAYS, said!(en: "days", fr: "jours")), (PER_GB, INGEST, Said::same("`ingest_gb_day`"))] {
            let priced = parts.iter().any(|(_, lines)| lines.keys().any(|key| key.ends_with(of)));
            if lines.contains_key(price) && !priced {
                let message = said!(
                    en: "`{price}` is a price, and there are no {what} to pay for",
                    fr: "`{price}` est un prix, et il n’y a pas de {what} à payer",
                    price = price,
                    what = what,
                );
                problems.push(Problem::warning("W602", path(price), message));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(yaml: &str) -> Vec<(String, &'static str)> {
        check(&serde_yaml::from_str(yaml).unwrap(), true).into_iter().map(|problem| (problem.path, problem.code)).collect()
    }

    #[test]
    fn lines_have_places() {
        let yaml = "{ options: { a: { initial: { day: 500, licence: auto }, yearly: { computing: auto, per_gb: 2 } }, b: { yearly: { ingest_gb_day: auto } } } }";
        let expected = [
            ("a.initial.licence", "E601"),
            ("a.initial.day", "W602"),
            ("a.yearly.computing", "W603"),
            ("a.yearly.per_gb", "W602"),
            ("b.yearly.ingest_gb_day", "W603"),
        ];
        assert_eq!(found(yaml), expected.map(|(path, code)| (format!("cost.options.{path}"), code)));
        let sized = "{ production: { events_per_day: 7 }, options: { b: { yearly: { ingest_gb_day: auto, computing: auto } } } }";
        assert_eq!(found(sized), []);
        let timeless = check(&serde_yaml::from_str("{}").unwrap(), false);
        assert_eq!(timeless.iter().map(|problem| (problem.path.as_str(), problem.code)).collect::<Vec<_>>(), [("cost", "W605")]);
        assert!(CODES.iter().is_sorted_by_key(|(code, _)| &code[1..]));
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        for (yaml, key) in [
            ("{ currency: '' }", "currency"),
            ("{ currency: eur }", "currency"),
            ("{ horizon: 0y }", "horizon"),
            ("{ horizon: 4000000000y }", "horizon"),
            ("{ production: { events_per_day: 0 } }", "production.events_per_day"),
            ("{ production: { events_per_day: -5 } }", "production.events_per_day"),
            ("{ production: { entities: .nan } }", "production.entities"),
            ("{ production: { entities: 1.0e300 } }", "production.entities"),
        ] {
            assert_eq!(found(yaml), [(format!("cost.{key}"), "E604")], "{yaml}");
        }
        let largest = "{ currency: CHF, horizon: 30y, production: { events_per_day: 1.0e15, entities: 1, retrain_every: 0d } }";
        assert_eq!(found(largest), []);
    }
}
