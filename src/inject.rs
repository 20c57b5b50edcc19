//! Planted behaviour: events of known attacks and of known benign changes, made from the entities' own events, to be folded into fields as any
//! others are.
//!
//! A planted event is a copy of a real event of the entity that it is planted on, with another time and the few columns that make the behaviour:
//! what is not part of the behaviour (address, department, user agent) is as usual, so that no artefact gives it away. Each behaviour and each
//! strength is planted by itself, in a copy of the folded fields: the evaluation of the real events never sees it, and the strengths do not see
//! each other.
//!
//! A behaviour is one file in `inject/` with `pub const BEHAVIOUR`, and one word below.

use std::fmt;

use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;

pub use self::{
    entry::{Injected, PROBLEMS, read},
    templates::Templates,
    world::{Away, Planted, Site, World, worlds},
};
use crate::spec;

mod entry;
mod several;
mod templates;
mod world;

use self::{several::Several, world::Chance};

/// What is known of a behaviour before any experiment names it.
#[derive(Debug)]
pub struct Behaviour {
    /// Its name in experiment files.
    pub id: &'static str,
    /// What is planted, in one line.
    pub summary: &'static str,
    /// Its file's documentation, for `explain`.
    pub source: &'static str,
    /// The parameter that is its strength; it may be a list.
    pub strength: &'static str,
    /// Whether it is a benign change, of which the alert storm is measured, and no attack.
    pub benign: bool,
    /// Of each group, at least one column must be there.
    pub columns: &'static [&'static [&'static str]],
    schema: fn() -> Schema,
    build: fn(serde_yaml::Value) -> Result<Box<dyn Plant>, Wrong>,
}

/// What is wrong with the parameters of an entry, and under which key.
struct Wrong {
    /// The parameter; empty for the entry itself.
    parameter: String,
    message: String,
}

impl Wrong {
    fn of(parameter: &str, message: &str) -> Self {
        Self { parameter: parameter.into(), message: message.into() }
    }
}

impl Behaviour {
    /// Describes the behaviour whose parameters are `P`, named as `[id, strength, summary]`.
    const fn of<P: Plant + DeserializeOwned + JsonSchema + 'static>(
        [id, strength, summary]: [&'static str; 3],
        source: &'static str,
        benign: bool,
        columns: &'static [&'static [&'static str]],
    ) -> Self {
        Self {
            id,
            summary,
            source,
            strength,
            benign,
            columns,
            schema: || schemars::schema_for!(P),
            build: |value| {
                serde_path_to_error::deserialize::<_, P>(value)
                    .map(|plant| Box::new(plant) as Box<dyn Plant>)
                    .map_err(|error| Wrong::of(error.path().to_string().trim_matches('.'), &error.inner().to_string()))
            },
        }
    }

    /// The schema of its own parameters.
    pub fn schema(&self) -> Schema {
        (self.schema)()
    }
}

/// The parameters of a behaviour, as read from the experiment: what is planted.
trait Plant: fmt::Debug + Send + Sync {
    /// How strong it is planted, one after the other.
    fn strengths(&self) -> Vec<Strength>;

    /// On whom: so many copies, or a share of the entities.
    fn reach(&self, _strength: usize) -> Reach {
        Reach::Copies
    }

    /// How many events one copy has at the most; of what goes on to the end of the part, those of a week.
    fn count(&self, strength: usize) -> u64;

    /// The events of one copy.
    fn events(&self, strength: usize, place: &Place<'_>, chance: &mut Chance) -> Vec<Event>;

    /// What is said beside its name: `new destination`.
    fn note(&self) -> Option<&'static str> {
        None
    }

    /// What is wrong with the parameters.
    fn wrong(&self) -> Option<Wrong> {
        None
    }
}

/// How strong a behaviour is planted.
#[derive(Debug, Clone, PartialEq)]
pub struct Strength {
    /// As a number: higher is stronger.
    pub value: f64,
    /// As the experiment says it: `100MB`.
    pub text: String,
}

/// On whom a behaviour is planted.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reach {
    /// On `copies` entities, one at a time.
    Copies,
    /// On a share of the entities, at the same time.
    Share(f64),
    /// Events of a share of the entities are taken away for a day.
    Away(f64),
}

/// Where one copy is planted.
struct Place<'a> {
    /// When it begins, microseconds since 1970 UTC: where the entity has an event of its own.
    time: i64,
    /// The part that is planted into, half open.
    part: (i64, i64),
    /// A host that nobody has ever contacted.
    fresh: &'a str,
    /// Hosts that many entities contact, the most popular first.
    popular: &'a [String],
}

/// A planted event: a copy of a real one but for its time and these columns; those that the source does not have are passed over.
struct Event {
    at: i64,
    set: Vec<(&'static str, Value)>,
}

/// The value of a column.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(String),
    Int(i64),
    /// A name that is asked for: it stands in `query` where the event names no host; where it does, `query` is a URL's, and empty.
    Name(String),
}

const MICROS: f64 = 1e6;
const DAY: i64 = 86_400_000_000;
const WEEK_DAYS: u64 = 7;

/// A request to a host, with the bytes that it sends and receives.
fn request(at: i64, host: &str, method: &str, up: u64, down: u64) -> Event {
    let int = |bytes: u64| Value::Int(i64::try_from(bytes).unwrap_or(i64::MAX));
    let text = |value: &str| Value::Text(value.to_owned());
    let set = vec![
        ("host", text(host)),
        ("url", Value::Text(format!("https://{host}/"))),
        ("path", text("/")),
        ("query", Value::Text(String::new())),
        ("method", text(method)),
        ("status", Value::Int(200)),
        ("bytes_up", int(up)),
        ("bytes_down", int(down)),
    ];
    Event { at, set }
}

/// A name that is asked for: a DNS query, or a request that shows it.
fn lookup(at: i64, host: String, found: bool) -> Event {
    let code = if found { "NOERROR" } else { "NXDOMAIN" };
    let status = if found { 200 } else { 503 };
    let set = vec![
        ("query", Value::Name(host.clone())),
        ("url", Value::Text(format!("https://{host}/"))),
        ("host", Value::Text(host)),
        ("rcode_name", Value::Text(code.into())),
        ("status", Value::Int(status)),
    ];
    Event { at, set }
}

/// `n` moments spread at random over a stretch of time that begins at the place, moved back where it would leave the part, and no longer than that.
fn spread(n: u64, over: spec::Duration, place: &Place<'_>, chance: &mut Chance) -> Vec<i64> {
    let (begin, end) = place.part;
    let length = ((over.seconds() * MICROS) as i64).min(end - begin);
    let start = place.time.min(end - length);
    (0..n).map(|_| start + (chance.unit() * length as f64) as i64).collect()
}

/// Where data go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Destination {
    /// A host that nobody has ever contacted.
    #[default]
    New,
    /// One of the hosts that most entities contact: mimicry.
    Popular,
}

impl Destination {
    fn host(self, place: &Place<'_>, chance: &mut Chance) -> String {
        match self {
            Self::Popular if !place.popular.is_empty() => place.popular[chance.below(place.popular.len())].clone(),
            _ => place.fresh.to_owned(),
        }
    }

    fn note(self) -> &'static str {
        match self {
            Self::New => "new destination",
            Self::Popular => "popular destination",
        }
    }
}

/// What is wrong with the number of requests that a volume is cut into.
fn wrong_cut(parameter: &str, into: u64, volumes: &Several<spec::Bytes>) -> Option<Wrong> {
    if !(1..=10_000).contains(&into) {
        return Some(Wrong::of(parameter, "must be from 1 to 10000"));
    }
    volumes.iter().any(|volume| volume.0 < into).then(|| Wrong::of("bytes_per_day", "must be at least a byte for each of its uploads"))
}

/// What is wrong with the time within which a day's events fall.
fn wrong_stretch(over: spec::Duration) -> Option<Wrong> {
    let fits = (1.0..=86_400.0).contains(&over.seconds());
    (!fits).then(|| Wrong::of("over", "must be from a second to a day, since the strength is that of a day"))
}

fn wrong_label(length: usize) -> Option<Wrong> {
    (!(1..=63).contains(&length)).then(|| Wrong::of("length", "must be from 1 to 63: a label of a name has no more"))
}

fn sizes(sizes: &Several<spec::Bytes>) -> Vec<Strength> {
    sizes.iter().map(|size| Strength { value: size.0 as f64, text: size.to_string() }).collect()
}

fn counts(counts: &Several<u64>) -> Vec<Strength> {
    counts.iter().map(|count| Strength { value: *count as f64, text: count.to_string() }).collect()
}

fn shares(shares: &Several<spec::Fraction>) -> Vec<Strength> {
    shares.iter().map(|share| Strength { value: share.get(), text: format!("{} %", (share.get() * 1000.0).round() / 10.0) }).collect()
}

macro_rules! behaviours {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*
        /// Every behaviour, attacks first.
        pub static BEHAVIOURS: &[&Behaviour] = &[$(&$module::BEHAVIOUR),*];
    };
}

behaviours!(exfiltration, slow_drip, beacon, dns_tunnel, generated_domains, password_guessing, new_application, backup_job, holiday,);

#[cfg(test)]
mod tests;
