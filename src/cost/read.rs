//! An experiment's `cost` becomes a model: quantities with their numbers, lines as products of them, defaults where something is missing.

use indexmap::IndexMap;

use super::{
    CostInput, DefaultUsed, FP_REDUCTION, Range, Work, computing,
    defaults::{self, Default},
    model::{Alerts, Choice, Known, Model, Quantity, Term},
};
use crate::{
    evaluate::{Estimate, Point},
    said,
    spec::{self, Amount, AmountOrAuto, CostOption, Unit},
    text::{Numbers, Said, Shown},
};

/// The price of lines that count days.
pub(super) const DAY: &str = "day";
/// The price of a gigabyte.
pub(super) const PER_GB: &str = "per_gb";
/// The lines that can be projected from a run.
pub(super) const COMPUTING: &str = "computing";
pub(super) const INGEST: &str = "ingest_gb_day";
/// What the name of a line that counts days ends with.
pub(super) const DAYS: &str = "_days";

/// A model, and the defaults that went into it.
pub(super) struct Reading {
    /// The model.
    pub model: Model,
    /// What was not given.
    pub defaults: Vec<DefaultUsed>,
    /// What an hour of a processor costs.
    pub cpu_hour: Range,
}

/// Makes the model.
pub(super) fn read(input: &CostInput<'_>) -> Reading {
    let CostInput { spec, baseline, contender, .. } = *input;
    let mut reader = Reader { quantities: Vec::new(), defaults: Vec::new(), spec, work: input.work };
    reader.measures(baseline, contender);
    let minutes = &spec.triage_minutes;
    for (name, given, default) in [
        ("triage_minutes.true_positive", minutes.true_positive, &defaults::TRUE_ALERT),
        ("triage_minutes.benign_true_positive", minutes.benign_true_positive, &defaults::BENIGN_ALERT),
        ("triage_minutes.false_positive", minutes.false_positive, &defaults::FALSE_ALERT),
        ("analyst_hour", spec.analyst_hour, &defaults::ANALYST_HOUR),
    ] {
        reader.given_or(name, given, default);
    }
    let options = spec.options.iter().map(|(name, option)| reader.option(name, option)).collect();
    let alerts = Alerts {
        true_alerts: per_week(baseline, baseline.true_alerts),
        benign_before: benign_share(baseline),
        benign_after: benign_after(baseline, contender),
        extra: extra(baseline, contender),
    };
    let model = Model { quantities: reader.quantities, options, alerts, years: years(spec), rate: spec.discount_rate.get() };
    Reading { model, defaults: reader.defaults, cpu_hour: defaults::CPU_HOUR.value }
}

/// Of a point's false alerts, the share that is right but legitimate.
pub(super) fn benign_share(point: &Point) -> f64 {
    share(point.benign_true_alerts, point.false_alerts)
}

/// The same of the contender; where it has none, the mix is that of the rule in place.
pub(super) fn benign_after(baseline: &Point, contender: &Point) -> f64 {
    benign_share(if contender.false_alerts > 0 { contender } else { baseline })
}

/// False alerts of the contender per week where the rule in place has none, so that no reduction tells them.
pub(super) fn extra(baseline: &Point, contender: &Point) -> f64 {
    if baseline.false_alerts == 0 { contender.false_alerts_per_week } else { 0.0 }
}

/// The reduction of the false alerts, as measured; 0 where the rule in place has none.
pub(super) fn reduction(baseline: &Point, contender: &Point) -> f64 {
    match &contender.fp_reduction {
        Some(estimate) => estimate.value,
        None if baseline.false_alerts_per_week > 0.0 => 1.0 - contender.false_alerts_per_week / baseline.false_alerts_per_week,
        None => 0.0,
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// So many of a point's alerts, per week.
fn per_week(point: &Point, alerts: u64) -> f64 {
    7.0 * point.alerts_per_day * share(alerts, point.alerts)
}

fn years(spec: &spec::Cost) -> f64 {
    let horizon = spec.horizon;
    match horizon.unit {
        Unit::Year => f64::from(horizon.count),
        Unit::Month => f64::from(horizon.count) / 12.0,
        _ => horizon.as_days() / 365.0,
    }
}

struct Reader<'a> {
    quantities: Vec<Quantity>,
    defaults: Vec<DefaultUsed>,
    spec: &'a spec::Cost,
    work: Work,
}

impl Reader<'_> {
    fn add(&mut self, name: impl Into<String>, amount: Range, known: Known) -> usize {
        self.quantities.push(Quantity { name: name.into(), amount, known });
        self.quantities.len() - 1
    }

    fn default(&mut self, name: &str, value: Range, source: Said) -> Range {
        if !self.defaults.iter().any(|used| used.name == name) {
            self.defaults.push(DefaultUsed { name: name.to_owned(), value, source });
        }
        value
    }

    fn given_or(&mut self, name: &str, given: Option<Amount>, default: &Default) -> usize {
        let amount = match given {
            Some(amount) => amount.into(),
            None => self.default(name, default.value, default.source()),
        };
        self.add(name, amount, Known::Given)
    }

    /// The first two quantities: the false alerts of the rule in place, and their reduction, both with the limits of their intervals.
    fn measures(&mut self, baseline: &Point, contender: &Point) {
        let limits = |value: f64, estimate: Option<&Estimate>| Range {
            low: estimate.and_then(|e| e.low).map_or(value, |low| low.min(value)),
            base: value,
            high: estimate.and_then(|e| e.high).map_or(value, |high| high.max(value)),
        };
        let weekly = limits(baseline.false_alerts_per_week, baseline.false_alerts_per_week_interval.as_ref());
        self.add("false_alerts_per_week", weekly, Known::Measured);
        let measured = contender.fp_reduction.as_ref();
        let mut reduction = limits(reduction(baseline, contender), measured);
        if measured.is_none_or(|estimate| estimate.low.is_none()) && reduction.low > 0.0 {
            reduction.low = 0.0;
            let why = measured.and_then(|estimate| estimate.note.clone()).unwrap_or_else(
                || said!(en: "the alerts that were read tell this window only", fr: "les alertes lues ne disent que cette fenêtre"),
            );
            let source = said!(
                en: "measured without an interval for the weeks to come ({why}): at the worst nothing is saved",
                fr: "mesuré sans intervalle pour les semaines à venir ({why}) : au pire rien n’est économisé",
                why = why,
            );
            self.default(FP_REDUCTION, reduction, source);
        }
        self.add(FP_REDUCTION, reduction, Known::Measured);
    }

    fn option(&mut self, name: &str, option: &CostOption) -> Choice {
        let prices = Prices::of(option);
        let mut part = |which: &str, lines: &IndexMap<String, AmountOrAuto>, yearly: bool| {
            let lines = lines.iter().filter(|(key, _)| !matches!(key.as_str(), DAY | PER_GB));
            lines
                .map(|(key, amount)| self.line(name, &format!("{name}.{which}.{key}"), key, *amount, yearly, &prices))
                .collect::<Vec<Term>>()
        };
        let (initial, yearly) = (part("initial", &option.initial, false), part("yearly", &option.yearly, true));
        Choice { name: name.to_owned(), initial, yearly }
    }

    fn line(&mut self, option: &str, path: &str, key: &str, amount: AmountOrAuto, yearly: bool, prices: &Prices) -> Term {
        match (key, amount) {
            (COMPUTING, AmountOrAuto::Auto) => self.computing(path, yearly),
            (INGEST, _) => {
                let amount = match amount {
                    AmountOrAuto::Amount(amount) => amount.into(),
                    AmountOrAuto::Auto => self.ingested(),
                };
                let volume = self.add(path, amount, Known::Given);
                let price = self.price(option, PER_GB, prices.per_gb(yearly), |_| (defaults::PER_GB.value, defaults::PER_GB.source()));
                let days = if yearly { 365.0 } else { 1.0 };
                let how = said!(
                    en: "{volume} GB a day × {days} × {price}",
                    fr: "{volume} Go par jour × {days} × {price}",
                    volume = self.text(volume),
                    days = days as u64,
                    price = self.text(price),
                );
                Term { name: "ingest".into(), how: Some(how), factor: days, of: vec![volume, price] }
            }
            (_, AmountOrAuto::Auto) => {
                // `check` refuses this; nothing is invented here.
                Term {
                    name: key.to_owned(),
                    how: Some(said!(en: "cannot be projected: counted as 0", fr: "ne peut être projeté : compté 0")),
                    factor: 0.0,
                    of: Vec::new(),
                }
            }
            (_, AmountOrAuto::Amount(amount)) if key.ends_with(DAYS) => {
                let days = self.add(path, amount.into(), Known::Given);
                let price = self.price(option, DAY, prices.day(yearly), Self::working_day);
                let how =
                    said!(en: "{days} days × {price}", fr: "{days} jours × {price}", days = self.text(days), price = self.text(price));
                Term { name: key.strip_suffix(DAYS).unwrap_or(key).to_owned(), how: Some(how), factor: 1.0, of: vec![days, price] }
            }
            (_, AmountOrAuto::Amount(amount)) => {
                let money = self.add(path, amount.into(), Known::Given);
                Term { name: key.to_owned(), how: None, factor: 1.0, of: vec![money] }
            }
        }
    }

    /// A price that lines share: one quantity an option, so that it moves them together.
    fn price(&mut self, option: &str, key: &str, given: Option<(&str, Amount)>, default: fn(&Self) -> (Range, Said)) -> usize {
        let name = match given {
            Some((part, _)) => format!("{option}.{part}.{key}"),
            None => format!("{option}.{key}"),
        };
        if let Some(place) = self.quantities.iter().position(|quantity| quantity.name == name) {
            return place;
        }
        let amount = match given {
            Some((_, amount)) => amount.into(),
            None => {
                let (value, source) = default(self);
                self.default(&name, value, source)
            }
        };
        self.add(name, amount, Known::Given)
    }

    fn working_day(&self) -> (Range, Said) {
        let hour = self.quantities[super::model::HOUR].amount;
        (
            Range { low: 8.0 * hour.low, base: 8.0 * hour.base, high: 8.0 * hour.high },
            said!(en: "eight hours of an analyst", fr: "huit heures d’analyste"),
        )
    }

    /// Events a day in production; as in the run where that is not given.
    fn events_per_day(&mut self) -> f64 {
        let events = self.work.events_per_day(self.spec.production.as_ref());
        if self.spec.production.as_ref().is_none_or(|production| production.events_per_day.is_none()) {
            let value = Range { low: events, base: events, high: events };
            self.default(
                "production.events_per_day",
                value,
                said!(en: "as many as this run read", fr: "autant que cette exécution en a lu"),
            );
        }
        events
    }

    fn ingested(&mut self) -> Range {
        let per_event = if self.work.events > 0 { self.work.text_bytes as f64 / self.work.events as f64 } else { 0.0 };
        let gigabytes = self.events_per_day() * per_event / 1e9;
        Range { low: gigabytes, base: gigabytes, high: gigabytes }
    }

    /// Processor hours of the counted work, times their price.
    fn computing(&mut self, path: &str, yearly: bool) -> Term {
        let events = self.events_per_day();
        let taken = computing::hours(&self.work.stages(self.spec.production.as_ref(), yearly));
        let hours = self.add(format!("{path}_hours"), taken, Known::Given);
        let price = match self.quantities.iter().position(|quantity| quantity.name == "cpu_hour") {
            Some(place) => place,
            None => {
                let amount = self.default("cpu_hour", defaults::CPU_HOUR.value, defaults::CPU_HOUR.source());
                self.add("cpu_hour", amount, Known::Given)
            }
        };
        let how = said!(
            en: "{low} to {high} processor hours (most likely {base}) × {price}, counted for {events} events a day; what this run took is under Scaling up",
            fr: "{low} à {high} heures de processeur (au plus probable {base}) × {price}, comptées pour {events} événements par jour ; ce que cette exécution a pris est sous Passage à l’échelle",
            low = Shown(|numbers: Numbers| numbers.significant(taken.low, 2)),
            base = Shown(|numbers: Numbers| numbers.significant(taken.base, 2)),
            high = Shown(|numbers: Numbers| numbers.significant(taken.high, 2)),
            price = self.text(price),
            events = Shown(|numbers: Numbers| numbers.decimal(events, 0)),
        );
        Term { name: COMPUTING.into(), how: Some(how), factor: 1.0, of: vec![hours, price] }
    }

    fn text(&self, place: usize) -> Said {
        let Range { low, base, high } = self.quantities[place].amount;
        if low == high {
            return said!(en: "{base}", fr: "{base}", base = number(base));
        }
        said!(en: "{base} ({low} to {high})", fr: "{base} ({low} à {high})", base = number(base), low = number(low), high = number(high))
    }
}

/// At most four digits after the point, without zeros at the end.
fn number(value: f64) -> Shown<impl Fn(Numbers) -> String> {
    Shown(move |numbers: Numbers| {
        let text = numbers.decimal(value, 4);
        text.trim_end_matches('0').trim_end_matches(['.', ',']).to_owned()
    })
}

/// The prices of an option, by part.
struct Prices {
    day: [Option<Amount>; 2],
    per_gb: [Option<Amount>; 2],
}

const PARTS: [&str; 2] = ["initial", "yearly"];

impl Prices {
    fn of(option: &CostOption) -> Self {
        let of = |key: &str| {
            [&option.initial, &option.yearly].map(|lines| match lines.get(key) {
                Some(AmountOrAuto::Amount(amount)) => Some(*amount),
                _ => None,
            })
        };
        Self { day: of(DAY), per_gb: of(PER_GB) }
    }

    fn day(&self, yearly: bool) -> Option<(&'static str, Amount)> {
        Self::nearest(self.day, yearly)
    }

    fn per_gb(&self, yearly: bool) -> Option<(&'static str, Amount)> {
        Self::nearest(self.per_gb, yearly)
    }

    /// The price of the same part, else of the other.
    fn nearest(prices: [Option<Amount>; 2], yearly: bool) -> Option<(&'static str, Amount)> {
        let own = usize::from(yearly);
        [own, 1 - own].into_iter().find_map(|part| Some((PARTS[part], prices[part]?)))
    }
}
