//! What a sheet shows of each case: who, when, the fields beside the entity's own past and its peers, some of its events. Nothing of who raised it.

use std::collections::{BTreeMap, HashMap};

use super::Review;
use crate::{
    record::evidence::Events,
    run::sheet_events::SheetEvents,
    spec::Language,
    text::{Dates, visible_within},
    units::RowKey,
};

/// How many events are shown of a case.
const EVENTS: usize = 20;
/// How much is shown of a value of an event.
const LONGEST: usize = 200;

/// A sheet, ready to be written.
pub(super) struct Sheet {
    pub run: String,
    pub title: String,
    pub number: usize,
    pub language: Language,
    pub timed: bool,
    pub fields: Vec<String>,
    /// The columns of events, the time apart; empty where the run kept no events.
    pub event_columns: Vec<String>,
    /// What is said of columns of events that are left out; empty where none is.
    pub left_out: String,
    pub rows: Vec<Row>,
}

/// One case.
pub(super) struct Row {
    pub id: String,
    pub entity: String,
    /// When its first and its last unit begin; empty without time.
    pub from: String,
    pub to: String,
    pub units: usize,
    /// One for each field.
    pub values: Vec<Value>,
    /// Some of its events: when, and a text for each column.
    pub events: Vec<(String, Vec<String>)>,
    /// How many events its units that are shown have.
    pub event_count: u64,
}

/// One field of a case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Value {
    /// Of its unit in which the field is the most unusual.
    pub value: f64,
    /// The entity's median in the training part; `None`: it was not there.
    pub own: Option<f64>,
    /// The median of all entities in the same period.
    pub peers: f64,
}

impl Sheet {
    /// Shows some cases of a review, in the order given.
    pub fn new(review: &Review, number: usize, cases: &[u32], events: &SheetEvents) -> Self {
        let state = &review.state;
        let experiment = &review.saved.resolved.experiment;
        let part = &state.judged;
        let language = experiment.report.language;
        let zone = experiment.window.as_ref().and_then(|window| window.timezone.parse().ok()).unwrap_or(chrono_tz::UTC);
        let (dates, timed) = (Dates::new(language, zone), experiment.window.is_some());
        let mut units: BTreeMap<u32, Vec<usize>> = cases.iter().map(|case| (*case, Vec::new())).collect();
        for (unit, case) in part.case_of.iter().enumerate() {
            if let Some(of) = units.get_mut(case) {
                of.push(unit);
            }
        }
        let mut typical = Typical::new(review);
        let seen = |unit: &usize| events.units.binary_search_by_key(unit, |(unit, _)| *unit).ok().map(|at| &events.units[at].1);
        let rows = cases.iter().filter_map(|case| {
            let of = units.get(case).filter(|of| !of.is_empty())?;
            let starts = of.iter().map(|unit| part.starts[*unit]);
            let moment = |at: Option<i64>| at.filter(|_| timed).map(|at| dates.machine(at)).unwrap_or_default();
            let text = |value: &Option<String>| visible_within(value.as_deref().unwrap_or_default(), LONGEST).into_owned();
            let seen: Vec<&Events> = of.iter().filter_map(seen).collect();
            let each = EVENTS / seen.len().max(1);
            Some(Row {
                id: review.id_of(*case),
                entity: visible_within(&part.rows[of[0]].entity, 200).into_owned(),
                from: moment(starts.clone().min()),
                to: moment(starts.max()),
                units: of.len(),
                values: typical.values(of),
                events: seen
                    .iter()
                    .flat_map(|events| events.telling(each))
                    .map(|(at, values)| (moment(*at), values.iter().map(text).collect()))
                    .collect(),
                event_count: seen.iter().map(|events| events.count).sum(),
            })
        });
        Self {
            run: review.saved.manifest.run.clone(),
            title: visible_within(&experiment.use_case.title, 120).into_owned(),
            number,
            language,
            timed,
            left_out: left_out(language, events.answers_left_out),
            event_columns: events.columns.iter().map(|name| visible_within(name, 60).into_owned()).collect(),
            rows: rows.collect(),
            fields: state.matrices.judged.features().iter().map(|name| visible_within(name, 60).into_owned()).collect(),
        }
    }
}

/// Says how many columns of the events a sheet does not show, and why.
fn left_out(language: Language, columns: u64) -> String {
    let en = if columns == 1 { "1 column of the events is" } else { "columns of the events are" };
    let fr = if columns == 1 {
        "1 colonne des événements est omise, car son nom annonce"
    } else {
        "colonnes des événements sont omises, car leurs noms annoncent"
    };
    let count = if columns == 1 { String::new() } else { format!("{columns} ") };
    match language {
        _ if columns == 0 => String::new(),
        Language::En => format!("{count}{en} left out: named like the answer (label, attack, ...), which a verdict must not know."),
        Language::Fr => format!("{count}{fr} la réponse (label, attack, ...), qu’un verdict ne doit pas connaître."),
    }
}

/// What is usual, worked out once for each entity and each period that is asked for.
struct Typical<'a> {
    review: &'a Review,
    of_entity: HashMap<&'a str, Vec<usize>>,
    of_period: HashMap<i64, Vec<usize>>,
    own: HashMap<&'a str, Option<Vec<f64>>>,
    peers: HashMap<i64, Vec<f64>>,
}

impl<'a> Typical<'a> {
    fn new(review: &'a Review) -> Self {
        let mut of_entity: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut of_period: HashMap<i64, Vec<usize>> = HashMap::new();
        let entity = |row: &'a RowKey| -> &'a str { &row.entity };
        review.state.training.rows.iter().enumerate().for_each(|(unit, row)| of_entity.entry(entity(row)).or_default().push(unit));
        review.state.judged.rows.iter().enumerate().for_each(|(unit, row)| of_period.entry(row.period).or_default().push(unit));
        Self { review, of_entity, of_period, own: HashMap::new(), peers: HashMap::new() }
    }

    fn values(&mut self, units: &[usize]) -> Vec<Value> {
        let matrices = &self.review.state.matrices;
        let width = matrices.judged.ncols();
        (0..width)
            .map(|field| {
                let strange = |unit: usize| matrices.judged.row(unit)[field].abs();
                let unit = units.iter().copied().reduce(|best, unit| if strange(unit) > strange(best) { unit } else { best }).unwrap_or(0);
                let row = &self.review.state.judged.rows[unit];
                let of_entity = &self.of_entity;
                let own = self.own.entry(&row.entity).or_insert_with(|| {
                    of_entity
                        .get(&*row.entity)
                        .map(|units| (0..width).map(|f| median(units, |u| matrices.raw_training.row(u)[f])).collect())
                });
                let of_period = &self.of_period;
                let peers = self.peers.entry(row.period).or_insert_with(|| {
                    let units = of_period.get(&row.period).map(Vec::as_slice).unwrap_or_default();
                    (0..width).map(|f| median(units, |u| matrices.raw_judged.row(u)[f])).collect()
                });
                Value {
                    value: rounded(matrices.raw_judged.row(unit)[field]),
                    own: own.as_ref().map(|own| rounded(own[field])),
                    peers: rounded(peers[field]),
                }
            })
            .collect()
    }
}

fn median(units: &[usize], value: impl Fn(usize) -> f64) -> f64 {
    let mut values: Vec<f64> = units.iter().map(|unit| value(*unit)).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Four significant digits; whole numbers as they are.
fn rounded(value: f64) -> f64 {
    if value == value.trunc() && value.abs() < 1e15 {
        return value;
    }
    format!("{value:.3e}").parse().unwrap_or(value)
}
