//! Units become the two parts that are compared: what is learned from, and what is judged; each with its cases and budget periods.
//!
//! A unit belongs to the judged part when its period begins at or after `train_end`, to the training part when it ends before, and to
//! neither (it is counted) when it straddles that moment or begins in the warm-up. Units that the window's end cuts short are judged, and
//! counted. Budget periods are counted from the beginning of the part: from the window's start for training, from `train_end` for the judged
//! part; those of the warm-up are left out, and the last one ends with the part.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono_tz::Tz;

use crate::{
    calendar::Calendar,
    error::{Error, Result},
    quality::Finding,
    said, spec,
    text::similar,
    units::{BudgetPeriod, Case, Labels, Part, RowKey, entity_name},
};

const DAY: f64 = 86_400.0 * 1e6;

/// All units, as rules, labels and parts see them: sorted by period, then entity.
#[derive(Debug, Clone, Copy)]
pub struct Units<'a> {
    /// Which entity, in which period.
    pub rows: &'a [RowKey],
    /// When each unit's period begins, microseconds since 1970 UTC; 0 without time.
    pub starts: &'a [i64],
    /// When each unit's period ends.
    pub ends: &'a [i64],
    /// The columns that name the entity.
    pub key_columns: &'a [String],
    /// For each key column, its value for each unit.
    pub keys: &'a [Vec<Arc<str>>],
    /// How many events each unit has.
    pub events: &'a [u64],
}

impl<'a> Units<'a> {
    /// How many units.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The values of a key column.
    pub fn key(&self, column: &str) -> Option<&'a [Arc<str>]> {
        let index = self.key_columns.iter().position(|name| name == column)?;
        self.keys.get(index).map(Vec::as_slice)
    }

    /// The period of a unit; without time, the first moment of 1970.
    pub fn span(&self, unit: usize) -> (i64, i64) {
        (self.starts[unit], self.ends[unit].max(self.starts[unit].saturating_add(1)))
    }
}

/// The window in which units lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// The first moment, microseconds since 1970 UTC.
    pub start: i64,
    /// Where the judged part begins.
    pub train_end: i64,
    /// The first moment after it.
    pub end: i64,
    /// The zone of its days.
    pub zone: Tz,
    /// The first moment that is learned from: where the warm-up ends.
    pub learned_from: i64,
}

impl Frame {
    /// The window of an experiment.
    ///
    /// # Errors
    /// When the zone does not exist, or its moments are not in order.
    pub fn of(window: &spec::Window) -> Result<Self> {
        let zone: Tz = window.timezone.parse().map_err(|_| {
            let near = similar(&window.timezone, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
            let hint = near.first().map_or("zones are named as in `Europe/Paris`".into(), |near| format!("did you mean `{near}`?"));
            Error::data_hint(format!("unknown time zone `{}`", window.timezone), hint)
        })?;
        let [start, train_end, end] = [&window.start, &window.train_end, &window.end].map(|moment| moment.micros(zone));
        if start >= train_end || train_end >= end {
            return Err(Error::data_hint(
                format!("the window's moments are not in order: {}, {}, {}", window.start, window.train_end, window.end),
                "expected `start` before `train_end` before `end`",
            ));
        }
        Ok(Self { start, train_end, end, zone, learned_from: window.learned_from(zone) })
    }
}

/// Units, cut into what is learned from and what is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// What is learned from.
    pub training: Part,
    /// What is judged.
    pub judged: Part,
    /// The units of the training part, as indices into all units, in their order.
    pub training_units: Vec<usize>,
    /// The units of the judged part.
    pub judged_units: Vec<usize>,
    /// Units that begin in the warm-up; in no part.
    pub in_warm_up: u64,
    /// Units whose period straddles `train_end`; in no part.
    pub straddling: u64,
    /// Units of the judged part whose period goes on after the window's end, so that only a part of it was read.
    pub cut_short: u64,
    /// Whether both parts are the same: no window, "in sample".
    pub in_sample: bool,
}

/// Cuts units into their parts. `clusters` names, for each unit, whose days depend on each other (by default what an analyst opens: the
/// entity, or the `group.by` columns); a case takes that of its first unit.
///
/// # Errors
/// When there is no unit, a part is empty, or `group.by` names something that is no key column.
pub fn split(
    units: &Units<'_>,
    frame: Option<&Frame>,
    alerts: &spec::Alerts,
    clusters: Option<&[Option<Arc<str>>]>,
    labels: Option<&Labels>,
) -> Result<Split> {
    if units.is_empty() {
        return Err(Error::data_hint("there is no unit to score", "check the window, `where`, the entity's key columns, and `min_events`"));
    }
    let names = opened(units, &alerts.group.by)?;
    let Some(frame) = frame else {
        let all: Vec<usize> = (0..units.len()).collect();
        let part = whole_table(units, clusters, labels);
        return Ok(Split {
            training: part.clone(),
            judged: part,
            training_units: all.clone(),
            judged_units: all,
            in_warm_up: 0,
            straddling: 0,
            cut_short: 0,
            in_sample: true,
        });
    };
    let learned_from = frame.learned_from;
    let (mut training_units, mut judged_units) = (Vec::new(), Vec::new());
    let (mut in_warm_up, mut straddling, mut cut_short) = (0, 0, 0);
    for unit in 0..units.len() {
        let (start, end) = units.span(unit);
        if start >= frame.train_end {
            judged_units.push(unit);
            cut_short += u64::from(end > frame.end);
        } else if start < learned_from {
            in_warm_up += 1;
        } else if end > frame.train_end {
            straddling += 1;
        } else {
            training_units.push(unit);
        }
    }
    if training_units.is_empty() {
        let hint = if in_warm_up > 0 {
            "`warm_up` leaves nothing to learn from: shorten it, or move `train_end`"
        } else {
            "move `start` or `train_end`"
        };
        return Err(Error::data_hint("the training part has no unit", hint));
    }
    if judged_units.is_empty() {
        return Err(Error::data_hint("the judged part has no unit", "move `train_end` or `end` to where there are events"));
    }
    let maker = PartMaker { units, alerts, names: &names, clusters, labels, zone: frame.zone };
    Ok(Split {
        training: maker.part(&training_units, frame.start, learned_from, frame.train_end),
        judged: maker.part(&judged_units, frame.train_end, frame.train_end, frame.end),
        training_units,
        judged_units,
        in_warm_up,
        straddling,
        cut_short,
        in_sample: false,
    })
}

/// For each unit, the name of what an analyst opens.
fn opened(units: &Units<'_>, by: &[String]) -> Result<Vec<Arc<str>>> {
    if by.is_empty() {
        return Ok(units.rows.iter().map(|row| Arc::clone(&row.entity)).collect());
    }
    let columns = by
        .iter()
        .map(|name| {
            units.key(name).ok_or_else(|| {
                let near = similar(name, units.key_columns.iter().map(String::as_str));
                let known: Vec<String> = units.key_columns.iter().map(|column| format!("`{column}`")).collect();
                let hint =
                    near.first().map_or_else(|| format!("key columns are {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
                Error::data_hint(format!("`alerts.group.by` names `{name}`, which is no column of the entity's key"), hint)
            })
        })
        .collect::<Result<Vec<_>>>()?;
    if let [only] = columns[..] {
        return Ok(only.to_vec());
    }
    Ok((0..units.len()).map(|unit| entity_name(columns.iter().map(|column| &*column[unit]))).collect())
}

/// Without time: one budget period without a length, each row its own case.
fn whole_table(units: &Units<'_>, clusters: Option<&[Option<Arc<str>>]>, labels: Option<&Labels>) -> Part {
    let names: Vec<&str> = (0..units.len()).map(|unit| cluster(clusters, unit).unwrap_or(&units.rows[unit].entity)).collect();
    let (clusters, indices) = numbered(&names);
    Part {
        rows: units.rows.into(),
        starts: units.starts.to_vec(),
        case_of: (0..units.len() as u32).collect(),
        cases: indices.into_iter().map(|cluster| Case { cluster, budget_period: 0 }).collect(),
        clusters,
        budget_periods: vec![BudgetPeriod { start: 0, days: 0.0 }],
        labels: labels.cloned(),
    }
}

fn cluster(clusters: Option<&[Option<Arc<str>>]>, unit: usize) -> Option<&str> {
    clusters.and_then(|clusters| clusters.get(unit)).and_then(Option::as_deref)
}

/// The distinct names, sorted, and the index of each name among them.
fn numbered(names: &[&str]) -> (Arc<[String]>, Vec<u32>) {
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    let index: BTreeMap<&str, u32> = distinct.iter().copied().zip(0..).collect();
    let indices = names.iter().map(|name| index.get(name).copied().unwrap_or(0)).collect();
    (distinct.into_iter().map(str::to_owned).collect(), indices)
}

struct PartMaker<'a> {
    units: &'a Units<'a>,
    alerts: &'a spec::Alerts,
    names: &'a [Arc<str>],
    clusters: Option<&'a [Option<Arc<str>>]>,
    labels: Option<&'a Labels>,
    zone: Tz,
}

impl PartMaker<'_> {
    /// The part of some units; periods are counted from `origin`, and those that end by `from` are left out.
    fn part(&self, chosen: &[usize], origin: i64, from: i64, end: i64) -> Part {
        let budget = Calendar::new(self.zone, origin, self.alerts.per);
        let group = Calendar::new(self.zone, origin, self.alerts.group.per);
        let periods = budget.periods_between(from, end);
        let budget_periods: Vec<BudgetPeriod> = periods
            .clone()
            .map(|period| {
                let start = budget.start_of(period).max(from);
                BudgetPeriod { start, days: (budget.end_of(period).min(end) - start) as f64 / DAY }
            })
            .collect();

        let starts: Vec<i64> = chosen.iter().map(|unit| self.units.starts[*unit]).collect();
        let (in_budget, in_group) = (budget.periods(&starts), group.periods(&starts));
        let last = budget_periods.len().saturating_sub(1) as i64;
        let mut of_case: BTreeMap<(u32, &str, i64), Vec<usize>> = BTreeMap::new();
        for (index, unit) in chosen.iter().enumerate() {
            let period = (in_budget[index] - periods.start).clamp(0, last) as u32;
            of_case.entry((period, &self.names[*unit], in_group[index])).or_default().push(index);
        }

        let mut case_of = vec![0; chosen.len()];
        let mut names = Vec::with_capacity(of_case.len());
        for (number, ((_, name, _), members)) in of_case.iter().enumerate() {
            members.iter().for_each(|member| case_of[*member] = number as u32);
            let first = members.first().map(|member| chosen[*member]);
            names.push(first.and_then(|unit| cluster(self.clusters, unit)).unwrap_or(name));
        }
        let (clusters, indices) = numbered(&names);
        let cases =
            of_case.keys().zip(indices).map(|((budget_period, _, _), cluster)| Case { cluster, budget_period: *budget_period }).collect();
        Part {
            rows: chosen.iter().map(|unit| self.units.rows[*unit].clone()).collect(),
            starts,
            case_of,
            cases,
            clusters,
            budget_periods,
            labels: self.labels.map(|labels| labels.select(chosen)),
        }
    }
}

impl Split {
    /// What cutting left out.
    pub fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        if self.straddling > 0 {
            found.push(Finding {
                code: "W140".into(),
                severity: "warning".into(),
                subject: "window.train_end".into(),
                message: said!(
                    en: "{n} units begin before `train_end` and end after it",
                    fr: "{n} unités commencent avant `train_end` et finissent après",
                    n = self.straddling,
                ),
                consequence: said!(en: "They are neither learned from nor judged.", fr: "Elles ne servent ni à l’apprentissage ni au jugement."),
                advice: said!(
                    en: "Put `train_end` where a period of `entity.every` ends.",
                    fr: "Placez `train_end` à la fin d’une période de `entity.every`.",
                ),
            });
        }
        if self.cut_short > 0 {
            found.push(Finding {
                code: "W144".into(),
                severity: "warning".into(),
                subject: "window.end".into(),
                message: said!(
                    en: "Units of the judged part that go on after the window's `end`: {n}",
                    fr: "Unités de la partie jugée qui continuent après `end`, la fin de la fenêtre : {n}",
                    n = self.cut_short,
                ),
                consequence: said!(
                    en: "Only a part of their period was read, and they look quieter than they were.",
                    fr: "Une partie seulement de leur période a été lue : elles paraissent plus calmes qu’elles ne l’étaient.",
                ),
                advice: said!(
                    en: "Put `end` where a period of `entity.every` ends.",
                    fr: "Placez `end` à la fin d’une période de `entity.every`.",
                ),
            });
        }
        if self.in_warm_up > 0 {
            found.push(Finding {
                code: "W141".into(),
                severity: "note".into(),
                subject: "window.warm_up".into(),
                message: said!(en: "{n} units begin in the warm-up", fr: "{n} unités commencent pendant la mise en route", n = self.in_warm_up),
                consequence: said!(
                    en: "Everything is new in them; they are not learned from.",
                    fr: "Tout y est nouveau ; elles ne servent pas à l’apprentissage.",
                ),
                advice: said!(
                    en: "None, where the warm-up is as long as habits take to repeat.",
                    fr: "Aucun, si la mise en route dure aussi longtemps que les habitudes mettent à se répéter.",
                ),
            });
        }
        found
    }
}

#[cfg(test)]
mod tests;
