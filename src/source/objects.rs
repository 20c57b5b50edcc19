//! JSON lines of a known schema: what Suricata, ECS, OCSF and Windows logs have in common, over the one reader of JSON lines.

use super::{
    clock::Clock,
    head::Head,
    json::{Flattener, Sink, Value},
    layout::Reason,
    named::{Grammar, Name, Reader, Taken, Watched},
    ndjson::Values,
};
use crate::error::{Error, Result};

/// A schema of objects, with what is asked for.
pub(super) struct Objects {
    pub(super) names: Vec<Name>,
    pub(super) times: &'static [&'static str],
    /// Key of an object that wraps each row, opened where it is there.
    pub(super) unwrap: Option<&'static str>,
    /// Whether the first object of a list is opened.
    pub(super) opens_lists: bool,
    /// Names of the table that give no column where the first rows do not have them.
    pub(super) absent: fn(&str, &Objects) -> bool,
    /// The kind of records that is read.
    pub(super) kind: Option<Kept>,
    pub(super) moment: fn(&Values, &mut Clock) -> Option<i64>,
    /// Values that are made of others.
    pub(super) derived: Option<Derived>,
}

/// Values that are made of others.
pub(super) struct Derived {
    /// The names that are looked at.
    pub(super) of: &'static [&'static str],
    /// Adds the values to a record that was read.
    pub(super) add: fn(&mut Watched<'_>),
}

/// Which records of several kinds are read.
pub(super) struct Kept {
    /// The name that tells the kind.
    pub(super) own: &'static [&'static str],
    /// The kind; `None` where the experiment does not say.
    pub(super) value: Option<String>,
    /// The option that says it.
    pub(super) option: &'static str,
}

impl Objects {
    /// Objects of which nothing else is said.
    pub(super) fn of(names: &[Name], times: &'static [&'static str], moment: fn(&Values, &mut Clock) -> Option<i64>) -> Self {
        Self { names: names.to_vec(), times, unwrap: None, opens_lists: false, absent: |_, _| false, kind: None, moment, derived: None }
    }

    fn watched(&self) -> &'static [&'static str] {
        match (&self.kind, &self.derived) {
            (Some(kind), _) => kind.own,
            (None, Some(derived)) => derived.of,
            (None, None) => &[],
        }
    }
}

impl Grammar for Objects {
    fn names(&self) -> &[Name] {
        &self.names
    }

    fn times(&self) -> &'static [&'static str] {
        self.times
    }

    fn given(&self, own: &str) -> bool {
        !(self.absent)(own, self)
    }

    fn untyped(&self) -> bool {
        false
    }

    fn refuse(&self, heads: &[Head]) -> Result<()> {
        let Some(kept) = &self.kind else { return Ok(()) };
        let kinds = kinds(heads, kept.own, self.unwrap);
        let said = kept.value.as_deref();
        if kinds.is_empty() || said.is_some_and(|said| kinds.iter().any(|(kind, _)| kind == said)) {
            return Ok(());
        }
        let shown: Vec<String> = kinds.iter().take(10).map(|(kind, n)| format!("`{}` ({n})", super::tally::cut(kind))).collect();
        let message = match said {
            Some(said) => format!("the first rows hold no record of the kind `{said}`; they hold {}", shown.join(", ")),
            None => format!("its records are of several kinds, and a source is one of them; the first rows hold {}", shown.join(", ")),
        };
        Err(Error::data_hint(message, format!("write `options: {{ {}: {} }}`, and a source for each kind", kept.option, kinds[0].0)))
    }

    fn reader<'a>(&'a self, _: &str) -> Box<dyn Reader + 'a> {
        let flattener = Flattener::opening_lists(self.opens_lists);
        Box::new(Lines { objects: self, flattener })
    }
}

/// The kinds of the first records, the most frequent first.
fn kinds(heads: &[Head], own: &'static [&'static str], unwrap: Option<&str>) -> Vec<(String, usize)> {
    struct Nothing;
    impl Sink for Nothing {
        fn wants(&self, _: &str) -> bool {
            false
        }
        fn take(&mut self, _: &str, _: Value, _: &str) {}
    }
    let (mut kinds, mut flattener) = (std::collections::BTreeMap::new(), Flattener::default());
    for line in heads.iter().flat_map(Head::lines).take(super::head::INFER_ROWS) {
        let mut nothing = Nothing;
        let mut watched = Watched::new(&mut nothing, own);
        if flattener.read(line, unwrap, &mut watched).is_ok()
            && let Some(kind) = own.iter().find_map(|name| watched.get(name))
        {
            *kinds.entry(kind.to_owned()).or_insert(0) += 1;
        }
    }
    let mut kinds: Vec<(String, usize)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    kinds
}

struct Lines<'a> {
    objects: &'a Objects,
    flattener: Flattener,
}

impl Reader for Lines<'_> {
    fn record(&mut self, text: &str, sink: &mut dyn Sink) -> Result<Taken, Reason> {
        let mut watched = Watched::new(sink, self.objects.watched());
        self.flattener.read(text, self.objects.unwrap, &mut watched)?;
        if let Some(Kept { own, value: Some(value), .. }) = &self.objects.kind
            && own.iter().find_map(|name| watched.get(name)) != Some(value)
        {
            return Ok(Taken::Other);
        }
        if let Some(derived) = &self.objects.derived {
            (derived.add)(&mut watched);
        }
        Ok(Taken::Row)
    }

    fn moment(&mut self, values: &Values, clock: &mut Clock) -> Option<i64> {
        (self.objects.moment)(values, clock)
    }
}

/// The first of the times, as text.
pub(super) fn text_time(values: &Values, clock: &mut Clock) -> Option<i64> {
    clock.read(values.str(0)?)
}

/// Whether a line is an object that has the keys which `has` asks for, as they stand or dotted, in `_source` or not.
pub(super) fn has_keys(line: &str, has: impl Fn(&dyn Fn(&str) -> bool) -> bool) -> bool {
    if !line.trim_start().starts_with('{') {
        return false;
    }
    let Ok(serde_json::Value::Object(object)) = serde_json::from_str(line) else { return false };
    let object = match object.get("_source") {
        Some(serde_json::Value::Object(source)) => source.clone(),
        _ => object,
    };
    has(&|key| object.keys().any(|k| k.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))))
}
