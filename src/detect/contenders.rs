//! The `algorithms` of an experiment become contenders: names are looked up, parameters read and checked, sweeps expanded, ids given; all
//! that is wrong is said at once.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use serde_yaml::{Mapping, Value};

use self::{extras::Before, naming::Named};
use super::{Contender, DEFAULT, ENSEMBLES, Limits, METHODS, Method, Plan, method, words};
use crate::{error::Problem, spec::Entry, text::did_you_mean};

mod ensembles;
mod extras;
mod naming;
mod sweep;

/// What can be wrong with `algorithms`, by code, for `explain`.
pub static PROBLEMS: &[(&str, &str)] = &[
    ("E301", "an entry of `algorithms` is neither the name of a method nor a mapping with `method` or `ensemble`"),
    ("E302", "no method or ensemble has this name"),
    ("E303", "a parameter cannot be read, or the method has none of this name"),
    ("E304", "a parameter is out of its range"),
    ("E305", "two contenders would have the same id, or an id cannot be used"),
    ("E306", "an ensemble names a member that is not a detector of this experiment"),
    ("E307", "a step before the detector (`reduce`) cannot be read"),
    ("E308", "`limits` cannot be read"),
    ("E309", "`algorithms` is empty"),
];

/// Keys of an entry that are not parameters of the method.
const RESERVED: [&str; 5] = ["id", "method", "ensemble", "reduce", "limits"];

/// Reads the `algorithms` of an experiment.
///
/// An entry is the name of a method alone, or a mapping with `method` (and its parameters) or `ensemble` (and `of`), and optionally `id`,
/// `reduce`, `limits`. A list where a parameter is one value is a sweep: one contender for each value, `kmeans-clusters-4`. Without an `id` a
/// contender is called like its method; several of one method get the values in which they differ, `kmeans-12`. `columns` is the number of
/// features, where it is known.
///
/// # Errors
/// Everything that is wrong, in the order of the file.
pub fn contenders(entries: &[Entry], columns: Option<usize>) -> Result<Vec<Contender>, Vec<Problem>> {
    let mut problems = Vec::new();
    if entries.is_empty() {
        problems
            .push(Problem::error("E309", "algorithms", "there is nothing to compare").help("name a method, such as `isolation-forest`"));
    }
    let mut drafts = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        match draft(index, &entry.0, columns) {
            Ok(expanded) => drafts.extend(expanded),
            Err(found) => problems.extend(found),
        }
    }
    let names: Vec<Named<'_>> = drafts.iter().map(Draft::named).collect();
    let ids = naming::ids(&names, &mut problems);
    ensembles::check_members(&drafts, &ids, problems.is_empty(), &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(drafts
        .into_iter()
        .zip(ids)
        .map(|(draft, id)| Contender { id, plan: draft.plan, parameters: draft.parameters, limits: draft.limits })
        .collect())
}

/// A contender without its id.
struct Draft {
    path: String,
    id: Option<String>,
    base: &'static str,
    /// Parameters as written, for the ids of several contenders of one method.
    stated: BTreeMap<String, String>,
    /// What the sweep chose, as `clusters-4`.
    chosen: Vec<String>,
    plan: Plan,
    parameters: Json,
    limits: Limits,
}

impl Draft {
    fn named(&self) -> Named<'_> {
        Named { path: &self.path, id: self.id.as_deref(), base: self.base, stated: &self.stated, chosen: &self.chosen }
    }
}

fn draft(index: usize, entry: &Value, columns: Option<usize>) -> Result<Vec<Draft>, Vec<Problem>> {
    let path = format!("algorithms[{index}]");
    let mapping = match entry {
        Value::String(name) => {
            let method = find(name, &path).map_err(|problem| vec![problem])?;
            return of_method(&path, method, &Mapping::new(), &Common { columns, ..Common::default() });
        }
        Value::Mapping(mapping) => mapping,
        other => {
            let found = words::listed([describe(other).as_str()]);
            return Err(vec![Problem::error("E301", path, format!("expected the name of a method, or a mapping, found {found}"))]);
        }
    };
    let mut problems = Vec::new();
    let id = match mapping.get("id") {
        None => None,
        Some(Value::String(id)) => Some(id.clone()),
        Some(Value::Number(id)) => Some(id.to_string()),
        Some(_) => {
            problems.push(Problem::error("E305", format!("{path}.id"), "expected a text"));
            None
        }
    };
    let limits = mapping.get("limits").map_or(Ok(Limits::default()), |limits| extras::read_limits(limits, &path));
    let limits = limits.unwrap_or_else(|found| {
        problems.extend(found);
        Limits::default()
    });
    let before = mapping.get("reduce").map(|reduce| Before::read(reduce, &path)).transpose().unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let common = Common { id, limits, before, columns };
    let drafts = match (mapping.get("method"), mapping.get("ensemble")) {
        (Some(Value::String(name)), None) => find(name, &format!("{path}.method"))
            .map_err(|problem| vec![problem])
            .and_then(|method| of_method(&path, method, &parameters_of(mapping), &common)),
        (None, Some(Value::String(name))) => ensembles::of_ensemble(&path, name, &parameters_of(mapping), &common).map(|draft| vec![draft]),
        (Some(_), Some(_)) => {
            Err(vec![Problem::error("E301", path, "has both `method` and `ensemble`").help("an entry is one or the other")])
        }
        (Some(_), None) => Err(vec![Problem::error("E301", format!("{path}.method"), "expected the name of a method")]),
        (None, Some(_)) => Err(vec![Problem::error("E301", format!("{path}.ensemble"), "expected the name of an ensemble")]),
        (None, None) => {
            Err(vec![Problem::error("E301", path, "has neither `method` nor `ensemble`").help("write `method: isolation-forest`")])
        }
    };
    match drafts {
        Ok(drafts) if problems.is_empty() => Ok(drafts),
        Ok(_) => Err(problems),
        Err(found) => {
            problems.extend(found);
            Err(problems)
        }
    }
}

fn find(name: &str, path: &str) -> Result<&'static Method, Problem> {
    method(name).ok_or_else(|| {
        let ids = || METHODS.iter().map(|m| m.id);
        let problem = Problem::error("E302", path, format!("unknown method `{name}`, expected one of {}", words::listed(ids())));
        if ENSEMBLES.iter().any(|(how, ..)| *how == name) {
            let of = if name == DEFAULT.id { "" } else { ", of: all" };
            return problem.help(format!("`{name}` is an ensemble: write `- {{ ensemble: {name}{of} }}`"));
        }
        problem.help(did_you_mean(name, ids()).unwrap_or_else(|| "`gonogo list methods` says what each does".into()))
    })
}

fn parameters_of(mapping: &Mapping) -> Mapping {
    mapping
        .iter()
        .filter(|(key, _)| !key.as_str().is_some_and(|key| RESERVED.contains(&key)))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

/// What the contenders of one entry share.
#[derive(Default)]
struct Common {
    id: Option<String>,
    limits: Limits,
    before: Option<Before>,
    columns: Option<usize>,
}

fn of_method(path: &str, method: &'static Method, given: &Mapping, common: &Common) -> Result<Vec<Draft>, Vec<Problem>> {
    let known = method.parameters();
    let mut problems = Vec::new();
    let mut drafts = Vec::new();
    for variant in sweep::expand(path, given, &known)? {
        match of_variant(path, method, &known, variant, common) {
            Ok(draft) => drafts.push(draft),
            // What has nothing to do with the sweep is wrong in each of its contenders: it is said once.
            Err(problem) if problems.contains(&problem) => {}
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(drafts) } else { Err(problems) }
}

fn of_variant(
    path: &str,
    method: &'static Method,
    known: &Map<String, Json>,
    variant: sweep::Variant,
    common: &Common,
) -> Result<Draft, Problem> {
    let sweep::Variant { parameters, chosen, places } = variant;
    let place = |name: &str| places.get(name).cloned().unwrap_or_else(|| join(path, name));
    let mut detector = method.build(Value::Mapping(parameters.clone())).map_err(|error| {
        let name = words::unknown_field(&error.message).unwrap_or(error.path.trim_matches('.'));
        unreadable("E303", method.id, known, &place(name), &error.message)
    })?;
    detector.check(None, common.columns.unwrap_or(0)).map_err(|error| Problem::error("E304", place(error.parameter), error.message))?;
    let mut stated = stated(&parameters);
    let mut all = with_defaults(known, &parameters);
    if let Some(before) = &common.before {
        detector = before.put(detector)?;
        stated.insert("reduce".into(), before.id().into());
        if let Json::Object(all) = &mut all {
            all.insert("reduce".into(), before.parameters());
        }
    }
    Ok(Draft {
        path: path.to_owned(),
        id: common.id.clone(),
        base: method.id,
        stated,
        chosen,
        plan: Plan::Method { method: method.id, detector },
        parameters: all,
        limits: common.limits,
    })
}

fn join(path: &str, name: &str) -> String {
    if name.is_empty() { path.to_owned() } else { format!("{path}.{name}") }
}

/// The properties of a schema.
fn properties(schema: &schemars::Schema) -> Map<String, Json> {
    schema.get("properties").and_then(Json::as_object).cloned().unwrap_or_default()
}

fn unreadable(code: &'static str, id: &str, known: &Map<String, Json>, path: &str, message: &str) -> Problem {
    let names = || known.keys().map(String::as_str);
    let Some(name) = words::unknown_field(message) else {
        return Problem::error(code, path, words::plain(message).unwrap_or_else(|| message.to_owned()));
    };
    let has = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", words::listed(names())) };
    let problem = Problem::error(code, path, format!("`{id}` has no parameter `{name}`; {has}"));
    problem.help(did_you_mean(name, names().chain(RESERVED)).unwrap_or_else(|| format!("`gonogo explain {id}` says what each does")))
}

fn stated(parameters: &Mapping) -> BTreeMap<String, String> {
    parameters.iter().filter_map(|(key, value)| Some((key.as_str()?.to_owned(), describe(value)))).collect()
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(value) => value.clone(),
        Value::Sequence(_) => "a list".into(),
        Value::Mapping(_) => "a mapping".into(),
        Value::Tagged(_) => "a tagged value".into(),
    }
}

/// Every parameter: as given, else its default.
fn with_defaults(known: &Map<String, Json>, given: &Mapping) -> Json {
    let mut all: Map<String, Json> =
        known.iter().filter_map(|(name, schema)| Some((name.clone(), schema.get("default")?.clone()))).collect();
    for (key, value) in given {
        if let (Some(name), Ok(value)) = (key.as_str(), serde_json::to_value(value)) {
            all.insert(name.to_owned(), value);
        }
    }
    Json::Object(all)
}

#[cfg(test)]
mod tests;
