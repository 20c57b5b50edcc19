//! How periodic the contacts with a value are: beacons.
//!
//! # What it is
//! For each value of the column in the unit (a host, an address): how regular the contacts of the same entity with it were over the last
//! `over` (by default a day) up to the last of them in the unit, 0 (no rhythm) to 1 (a clock); then the largest, mean, or smallest (`agg`, by default
//! `max`). It looks back only.
//!
//! Contacts within a second are one. The period P is the quartile or median of the intervals that fits best. An interval d becomes its
//! deviation from the nearest of P, 2P, 3P, and 4P, as a share of P: a contact that is missing makes one interval of twice the period, not an
//! outlier. With r the median of the absolute deviations and b the share of intervals beyond 4.5 P (the machine was off), the rhythm is
//! (1 - min(1, 2 r)) (1 - b). Medians do not see the jitter's form, nor a third of the intervals.
//!
//! With `size: bytes_up`, how constant the sizes are has equal weight: 1 - min(1, median absolute deviation / median).
//!
//! RITA scores beacons by four parts (spread and skew of intervals, of sizes, evenness over the hours of the day, and how many hours it goes
//! on) of the whole day; a missing contact counts against its spread. Here it does not.
//! # Nulls
//! Null where no value of the unit has `contacts` (12) in that time; then 0. Of many places that are called a few times one keeps time by
//! chance: with 6 contacts the best of fifteen looks as steady as a beacon. What calls less often than each hour and a half needs a longer `over`.
//! # Cost
//! 16 bytes for each contact, at most 256 a unit and value: the first ones of the period.

use hashbrown::HashMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        batch::{Batch, Number},
        footprint::held,
        gather::{Agg, Gathered},
        inputs::{CodesId, NumberId},
        intern::{NONE, pair, unpair},
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, Finished, Plan, Rows},
    },
    said,
    spec::Duration,
    text::Said,
};

pub(super) const KIND: Kind =
    Kind::of::<Regularity>("regularity", "how periodic the contacts with a value are", include_str!("regularity.rs"), EVENTS);

/// How periodic the contacts with a value are.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Regularity {
    /// The column whose values are contacted.
    regularity: String,
    /// A numeric column: how constant it is counts as much as the rhythm.
    #[serde(default)]
    size: Option<String>,
    /// How far it looks back; `1d`.
    #[serde(default)]
    over: Option<Duration>,
    /// The fewest contacts that have a rhythm; 12.
    #[serde(default)]
    contacts: Option<usize>,
    /// Which of the unit's values counts.
    #[serde(default)]
    agg: Agg,
}

/// Contacts of a unit and a value that are kept.
const MOST: usize = 256;
/// Contacts that a rhythm is told from, the last ones.
const LOOKED_AT: usize = 512;
const CONTACTS: usize = 12;
const SECOND: i64 = 1_000_000;

from_events!(Regularity);

impl Field for Regularity {
    fn definition(&self) -> Said {
        let (column, which) = (&self.regularity, self.agg.word());
        match &self.size {
            Some(size) => said!(
                en: "regularity of the contacts with {column} and constancy of {size}, {which} of the unit's values",
                fr: "régularité des contacts avec {column} et constance de {size}, {which} des valeurs de l’unité",
                column = column,
                size = size,
                which = which,
            ),
            None => said!(
                en: "regularity of the contacts with {column}, {which} of the unit's values",
                fr: "régularité des contacts avec {column}, {which} des valeurs de l’unité",
                column = column,
                which = which,
            ),
        }
    }

    fn fill(&self) -> Option<f64> {
        Some(0.0)
    }

    fn check(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        if self.contacts.is_some_and(|contacts| !(4..=MOST).contains(&contacts)) {
            wrong.push(("contacts", format!("must be from 4 to {MOST}")));
        }
        if self.over.is_some_and(|over| over.seconds() < 1.0) {
            wrong.push(("over", "must be longer than nothing".into()));
        }
        wrong
    }

    fn looks_at_times(&self) -> bool {
        true
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        std::iter::once(("regularity", self.regularity.as_str())).chain(self.size.iter().map(|size| ("size", size.as_str()))).collect()
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let codes = plan.codes("regularity", &self.regularity)?;
        let size = self.size.as_ref().map(|size| plan.number("size", size)).transpose()?;
        Ok(Box::new(Beacons {
            rows: plan.rows,
            codes,
            size,
            over: (self.over.unwrap_or(Duration::days(1)).seconds() * 1e6) as i64,
            contacts: self.contacts.unwrap_or(CONTACTS),
            agg: self.agg,
            seen: HashMap::new(),
        }))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        Err(to.refused("regularity", "its rhythm is told from single contacts"))
    }
}

#[derive(Debug, Clone)]
struct Beacons {
    rows: Rows,
    codes: CodesId,
    size: Option<NumberId>,
    over: i64,
    contacts: usize,
    agg: Agg,
    /// Contacts by unit and value: when, and how large.
    seen: HashMap<u64, Vec<Contact>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Contact {
    time: i64,
    /// NaN where it is not known.
    size: f64,
}

impl Contact {
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.time.cmp(&other.time).then(self.size.total_cmp(&other.size))
    }
}

/// Keeps the first contacts, whatever the order in which they come.
fn keep_first(contacts: &mut Vec<Contact>) {
    contacts.sort_unstable_by(Contact::order);
    contacts.truncate(MOST);
}

impl Accumulator for Beacons {
    fn push(&mut self, batch: &Batch) {
        let mask = self.rows.mask(batch);
        let mut sizes = vec![f64::NAN; batch.times.len()];
        if let Some(size) = self.size {
            // The row itself is the group, so that each row's number comes back under its own place.
            let rows: Vec<u32> = (0..batch.times.len() as u32).collect();
            batch.numbers[size.0].each(&rows, None, |row, number: Number| sizes[row as usize] = number.real());
        }
        let (groups, codes) = (self.rows.groups(batch), &batch.codes[self.codes.0]);
        for (row, &time) in batch.times.iter().enumerate() {
            let (group, value) = (groups[row], codes[row]);
            if group == NONE || value == NONE || mask.is_some_and(|mask| !mask[row]) {
                continue;
            }
            let contacts = self.seen.entry(pair(group, value)).or_default();
            contacts.push(Contact { time, size: sizes[row] });
            if contacts.len() >= 2 * MOST {
                keep_first(contacts);
            }
        }
    }

    fn bytes(&self) -> usize {
        self.seen.values().map(|contacts| size_of::<(u64, Vec<Contact>)>() + held(contacts)).sum()
    }

    fn finish(self: Box<Self>, done: &Finished<'_>) -> Vec<Option<f64>> {
        let Self { rows, size, over, contacts, agg, seen, .. } = *self;
        let (ranks, keys) = (done.ranks(rows), done.keys(rows));
        let mut all: Vec<(u64, u32, u32, Vec<Contact>)> = seen
            .into_iter()
            .map(|(key, mut contacts)| {
                let (group, value) = unpair(key);
                keep_first(&mut contacts);
                (pair(keys[group as usize], value), ranks[group as usize], group, contacts)
            })
            .collect();
        all.sort_unstable_by_key(|(owner, rank, ..)| (*owner, *rank));
        let mut values = Gathered::new(agg, done.groups(rows));
        for of_value in all.chunk_by(|a, b| a.0 == b.0) {
            let mut past: Vec<Contact> = Vec::new();
            for (_, _, group, now) in of_value {
                past.extend(now);
                let last = past.last().map_or(0, |contact| contact.time);
                let from = past.partition_point(|contact| contact.time <= last.saturating_sub(over));
                past.drain(..from.max(past.len().saturating_sub(LOOKED_AT)));
                if let Some(score) = score(&past, contacts, size.is_some()) {
                    values.add(*group, score);
                }
            }
        }
        values.values()
    }
}

/// How regular contacts in the order of time are, 0 to 1.
fn score(contacts: &[Contact], least: usize, sized: bool) -> Option<f64> {
    let mut apart: Vec<Contact> = Vec::with_capacity(contacts.len());
    for contact in contacts {
        if apart.last().is_none_or(|last| contact.time - last.time >= SECOND) {
            apart.push(*contact);
        }
    }
    if apart.len() < least {
        return None;
    }
    let intervals: Vec<f64> = apart.windows(2).map(|pair| (pair[1].time - pair[0].time) as f64).collect();
    let rhythm = rhythm(&intervals);
    if !sized {
        return Some(rhythm);
    }
    let mut sizes: Vec<f64> = apart.iter().map(|contact| contact.size).filter(|size| size.is_finite()).collect();
    Some((rhythm + constancy(&mut sizes)) / 2.0)
}

fn rhythm(intervals: &[f64]) -> f64 {
    let mut sorted = intervals.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let quantile = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    [0.25, 0.35, 0.5].into_iter().map(|share| rhythm_of(&sorted, quantile(share))).fold(0.0, f64::max)
}

/// How well intervals fit a period.
fn rhythm_of(intervals: &[f64], period: f64) -> f64 {
    let mut deviations: Vec<f64> = Vec::with_capacity(intervals.len());
    let mut breaks = 0usize;
    for interval in intervals {
        let times = interval / period;
        if times > 4.5 {
            breaks += 1;
        } else {
            deviations.push((times - times.round().max(1.0)).abs());
        }
    }
    let broken = breaks as f64 / intervals.len() as f64;
    (1.0 - (2.0 * median(&mut deviations)).min(1.0)) * (1.0 - broken)
}

fn constancy(sizes: &mut [f64]) -> f64 {
    if sizes.is_empty() {
        return 0.0;
    }
    let middle = median(sizes);
    let mut deviations: Vec<f64> = sizes.iter().map(|size| (size - middle).abs()).collect();
    let spread = median(&mut deviations);
    if spread == 0.0 { 1.0 } else { 1.0 - (spread / middle.abs()).min(1.0) }
}

/// The median; 1 where there is nothing, which is as irregular as it gets.
fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 1.0,
        n if n % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests;
