//! Where behaviour is planted, and the events that are: one world for each entry and strength.

use polars::prelude::*;
use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    DAY, Event, Injected, Place, Reach, Value,
    templates::{Template, Templates, entity_hashes, times},
};
use crate::error::{Error, Result};

/// Random numbers of one purpose.
pub(super) struct Chance(Xoshiro256PlusPlus);

impl Chance {
    /// A stream of a seed, for an entry and something of it.
    pub fn of(seed: u64, entry: usize, what: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(
            seed ^ (entry as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ what.wrapping_mul(0xd1b5_4a32_d192_ed03),
        ))
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        unit(self.0.next_u64())
    }

    /// Uniform among 0 .. n; 0 for n = 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// Random small letters and digits.
    pub fn letters(&mut self, n: usize) -> String {
        const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        (0..n).map(|i| char::from(LETTERS[self.below(if i == 0 { 26 } else { LETTERS.len() })])).collect()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// Random bits as a number in [0, 1).
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// Where one copy was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// The unit of the entity's own event that stands at the place, as [`crate::fields::Collector::push`] numbered it.
    pub unit: u32,
    /// When the behaviour begins.
    pub time: i64,
}

/// Events of one behaviour at one strength.
#[derive(Debug)]
pub struct Planted {
    /// In the columns of the events as they are read.
    pub events: DataFrame,
    /// For each event, its copy.
    pub copy_of: Vec<u32>,
}

/// One behaviour at one strength.
#[derive(Debug)]
pub struct World {
    /// Which entry of `inject`.
    pub entry: usize,
    /// Which of its strengths.
    pub strength: usize,
    /// Where the copies are.
    pub sites: Vec<Site>,
    /// What is planted into the judged part.
    pub judged: Planted,
    /// What is planted into the training part, where `poison` asks for it.
    pub training: Option<Planted>,
}

/// Plants every behaviour but holidays (see [`Away`]) at every strength.
///
/// All strengths of an entry stand at the same places, so that they differ in strength alone. A place is one of the entity's own events in the
/// judged part; `avoid` tells which units hold a real attack. `learned` is the training part, half open.
///
/// # Errors
/// When the planted events are no table, which would be a bug.
pub fn worlds(
    injected: &[Injected],
    templates: &Templates,
    learned: (i64, i64),
    avoid: &dyn Fn(u32) -> bool,
    seed: u64,
) -> Result<Vec<World>> {
    let popular = templates.popular();
    let mut worlds = Vec::new();
    for (entry, one) in injected.iter().enumerate() {
        let places = places(templates, avoid, &mut Chance::of(seed, entry, 1));
        let first_day = first_day(templates.judged, &mut Chance::of(seed, entry, 2));
        for strength in 0..one.strengths().len() {
            let most = match one.reach(strength) {
                Reach::Copies => usize::try_from(one.copies).unwrap_or(usize::MAX),
                Reach::Share(share) => ((places.len() as f64 * share).round() as usize).max(1),
                Reach::Away(_) => continue,
            };
            let chosen: Vec<&Template> = places.iter().copied().take(most).collect();
            let mut maker =
                Maker { one, strength, popular: &popular, chance: Chance::of(seed, entry, 3 + strength as u64), hosts: Vec::new() };
            let begin = |template: &Template| match (one.benign, one.reach(strength)) {
                (false, _) => template.time,
                // A job runs at night, an application is used when its users are there.
                (true, Reach::Copies) => first_day + 2 * DAY / 24,
                (true, _) => first_day + (template.time - templates.judged.0).rem_euclid(DAY),
            };
            let sites: Vec<Site> = chosen.iter().map(|template| Site { unit: template.unit, time: begin(template) }).collect();
            let times: Vec<i64> = sites.iter().map(|site| site.time).collect();
            let judged = maker.planted(templates, &chosen, &times, templates.judged)?;
            let training = if one.poison {
                let mut chance = Chance::of(seed, entry, u64::MAX);
                let days = ((learned.1 - learned.0) / DAY).max(1) as usize;
                let earlier =
                    |time: &i64| (learned.0 + chance.below(days) as i64 * DAY + (time - learned.0).rem_euclid(DAY)).min(learned.1 - 1);
                let times: Vec<i64> = times.iter().map(earlier).collect();
                Some(maker.planted(templates, &chosen, &times, learned)?)
            } else {
                None
            };
            worlds.push(World { entry, strength, sites, judged, training });
        }
    }
    Ok(worlds)
}

/// One event of each entity of the sample, at random, whose unit holds no attack; in random order.
fn places<'a>(templates: &'a Templates, avoid: &dyn Fn(u32) -> bool, chance: &mut Chance) -> Vec<&'a Template> {
    let mut places: Vec<&Template> = templates
        .entities()
        .into_iter()
        .filter_map(|events| {
            let free: Vec<&Template> = events.into_iter().filter(|event| !avoid(event.unit)).collect();
            (!free.is_empty()).then(|| free[chance.below(free.len())])
        })
        .collect();
    chance.shuffle(&mut places);
    places
}

/// The beginning of a day in the first half of a part.
fn first_day((start, end): (i64, i64), chance: &mut Chance) -> i64 {
    let days = ((end - start) / DAY).max(1) as usize;
    start + chance.below(days.div_ceil(2)) as i64 * DAY
}

/// Makes the events of one world.
struct Maker<'a> {
    one: &'a Injected,
    strength: usize,
    popular: &'a [String],
    chance: Chance,
    /// The new host of each copy: the same in both parts; one for all of a benign change.
    hosts: Vec<String>,
}

impl Maker<'_> {
    fn planted(&mut self, templates: &Templates, chosen: &[&Template], times: &[i64], part: (i64, i64)) -> Result<Planted> {
        while self.hosts.len() < chosen.len() {
            let host = match self.hosts.first() {
                Some(shared) if self.one.benign => shared.clone(),
                _ => format!("{}.example", self.chance.letters(12)),
            };
            self.hosts.push(host);
        }
        let mut rows: Vec<(&Template, Event)> = Vec::new();
        let mut copy_of = Vec::new();
        for (copy, (template, &time)) in chosen.iter().zip(times).enumerate() {
            let place = Place { time, part, fresh: &self.hosts[copy], popular: self.popular };
            let events = self.one.plant.events(self.strength, &place, &mut self.chance);
            for event in events.into_iter().filter(|event| (part.0..part.1).contains(&event.at)) {
                rows.push((template, event));
                copy_of.push(copy as u32);
            }
        }
        let events = table(templates, &rows, &self.one.set)?;
        Ok(Planted { events, copy_of })
    }
}

/// Rows as a table with the columns of the events.
fn table(templates: &Templates, rows: &[(&Template, Event)], set: &std::collections::BTreeMap<String, String>) -> Result<DataFrame> {
    let engine = |error: PolarsError| Error::Internal(format!("planted events: {error}"));
    let host = templates.columns.iter().position(|(name, _)| name == "host");
    let names_host = |template: &Template| host.and_then(|at| template.values.get(at)).is_some_and(|host| !host.is_null());
    let mut columns = Vec::with_capacity(templates.columns.len());
    for (index, (name, dtype)) in templates.columns.iter().enumerate() {
        let series = if *name == templates.time {
            let times = Int64Chunked::from_iter_values(name.as_str().into(), rows.iter().map(|(_, event)| event.at));
            let zone = if let DataType::Datetime(_, zone) = dtype { zone.clone() } else { None };
            times
                .into_series()
                .cast(&DataType::Datetime(TimeUnit::Microseconds, zone))
                .and_then(|times| times.cast(dtype))
                .map_err(engine)?
        } else {
            let values: Vec<AnyValue<'_>> = rows
                .iter()
                .map(|(template, event)| {
                    let of_event = event.set.iter().find(|(column, _)| column == name).map(|(_, value)| value);
                    match (set.get(name), of_event) {
                        (Some(text), _) => written(text, dtype).unwrap_or(AnyValue::Null),
                        (None, Some(Value::Text(text))) => AnyValue::StringOwned(text.as_str().into()),
                        (None, Some(Value::Name(_))) if names_host(template) => AnyValue::StringOwned("".into()),
                        (None, Some(Value::Name(name))) => AnyValue::StringOwned(name.as_str().into()),
                        (None, Some(Value::Int(number))) => AnyValue::Int64(*number),
                        (None, None) => template.values.get(index).cloned().unwrap_or(AnyValue::Null),
                    }
                })
                .collect();
            Series::from_any_values_and_dtype(name.as_str().into(), &values, dtype, false).map_err(engine)?
        };
        columns.push(series.into_column());
    }
    DataFrame::new(rows.len(), columns).map_err(engine)
}

/// A text of the experiment as a value of a column; none where the column cannot hold it.
pub(super) fn written(text: &str, dtype: &DataType) -> Option<AnyValue<'static>> {
    match dtype {
        DataType::String => Some(AnyValue::StringOwned(text.into())),
        DataType::Boolean => text.parse().ok().map(AnyValue::Boolean),
        whole if whole.is_integer() => text.parse().ok().map(AnyValue::Int64),
        float if float.is_float() => text.parse().ok().filter(|number: &f64| number.is_finite()).map(AnyValue::Float64),
        _ => None,
    }
}

/// A holiday: whose events of which day are left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Away {
    /// Which entry of `inject`.
    pub entry: usize,
    /// Which of its strengths.
    pub strength: usize,
    share: f64,
    /// The day, half open, microseconds since 1970 UTC.
    pub day: (i64, i64),
    seed: u64,
}

impl Away {
    /// The holidays of an experiment, with the beginning and the end of its judged part.
    pub fn all(injected: &[Injected], judged: (i64, i64), seed: u64) -> Vec<Self> {
        let mut found = Vec::new();
        for (entry, one) in injected.iter().enumerate() {
            let days = ((judged.1 - judged.0) / DAY).max(1) as usize;
            let mut drawn: Vec<usize> = (0..days).collect();
            Chance::of(seed, entry, 4).shuffle(&mut drawn);
            // 1970-01-01 was a Thursday; half a day later it is the same day in most zones.
            let weekend = |day: &usize| ((judged.0 + *day as i64 * DAY + DAY / 2).div_euclid(DAY) + 3).rem_euclid(7) >= 5;
            let day = drawn.iter().find(|day| !weekend(day)).or(drawn.first()).map_or(judged.0, |day| judged.0 + *day as i64 * DAY);
            for strength in 0..one.strengths().len() {
                if let Reach::Away(share) = one.reach(strength) {
                    found.push(Self { entry, strength, share, day: (day, (day + DAY).min(judged.1)), seed: seed ^ entry as u64 });
                }
            }
        }
        found
    }

    /// The events of a batch without those that are left out.
    ///
    /// # Errors
    /// When a column is missing, which would be a bug.
    pub fn apply(&self, events: &DataFrame, keys: &[String], time: &str) -> Result<DataFrame> {
        let hashes = entity_hashes(events, keys, self.seed)?;
        let away = |hash: u64| unit(hash) <= self.share;
        let keep: BooleanChunked = hashes
            .into_iter()
            .zip(times(events, time)?)
            .map(|(hash, time)| Some(!(time.is_some_and(|time| (self.day.0..self.day.1).contains(&time)) && away(hash))))
            .collect();
        events.filter(&keep).map_err(|error| Error::Internal(format!("a holiday: {error}")))
    }
}
