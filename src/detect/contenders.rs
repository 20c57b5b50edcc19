//! The `algorithms` of an experiment become contenders: names are looked up, parameters read and checked, sweeps expanded, ids given; all
//! that is wrong is said at once.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use serde_yaml::{Mapping, Value};

use self::naming::Named;
use super::{Contender, ENSEMBLES, Limits, METHODS, Method, Plan, method, words};
use crate::{
    error::Problem,
    spec::{Entry, amount::Bytes},
};

mod naming;

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

/// Contenders that one sweep may expand into.
const MOST_OF_A_SWEEP: usize = 100;

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
    check_members(&drafts, &ids, problems.is_empty(), &mut problems);
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
            return of_method(&path, method, &Mapping::new(), None, Limits::default(), columns);
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
    if mapping.contains_key("reduce") {
        problems.push(
            Problem::error("E307", format!("{path}.reduce"), "a step before the detector is not available yet").help("leave `reduce` out"),
        );
    }
    let limits = mapping.get("limits").map_or(Ok(Limits::default()), |limits| read_limits(limits, &path)).unwrap_or_else(|found| {
        problems.extend(found);
        Limits::default()
    });
    let drafts = match (mapping.get("method"), mapping.get("ensemble")) {
        (Some(Value::String(name)), None) => find(name, &format!("{path}.method"))
            .map_err(|problem| vec![problem])
            .and_then(|method| of_method(&path, method, &parameters_of(mapping), id, limits, columns)),
        (None, Some(Value::String(name))) => of_ensemble(&path, name, &parameters_of(mapping), id).map(|draft| vec![draft]),
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
        if ENSEMBLES.iter().any(|(how, _)| *how == name) {
            return problem.help(format!("`{name}` is an ensemble: write `- {{ ensemble: {name}, of: all }}`"));
        }
        match words::nearest(name, ids()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help("`gonogo list methods` says what each does"),
        }
    })
}

fn parameters_of(mapping: &Mapping) -> Mapping {
    mapping
        .iter()
        .filter(|(key, _)| !key.as_str().is_some_and(|key| RESERVED.contains(&key)))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

fn of_method(
    path: &str,
    method: &'static Method,
    given: &Mapping,
    id: Option<String>,
    limits: Limits,
    columns: Option<usize>,
) -> Result<Vec<Draft>, Vec<Problem>> {
    let known = method.parameters();
    let mut problems = Vec::new();
    let mut drafts = Vec::new();
    for variant in expand(path, given, &known)? {
        let parameters = variant.parameters;
        let place = |name: &str| variant.places.get(name).cloned().unwrap_or_else(|| join(path, name));
        match method.build(Value::Mapping(parameters.clone())) {
            Err(error) => {
                let name = words::unknown_field(&error.message).unwrap_or(error.path.trim_matches('.'));
                let problem = unreadable(method, &known, &place(name), &error.message);
                // What has nothing to do with the sweep is wrong in each of its contenders: it is said once.
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
            Ok(detector) => match detector.check(None, columns.unwrap_or(0)) {
                Err(error) => {
                    let problem = Problem::error("E304", place(error.parameter), error.message);
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                }
                Ok(()) => drafts.push(Draft {
                    path: path.to_owned(),
                    id: id.clone(),
                    base: method.id,
                    stated: stated(&parameters),
                    chosen: variant.chosen,
                    plan: Plan::Method { method: method.id, detector },
                    parameters: with_defaults(&known, &parameters),
                    limits,
                }),
            },
        }
    }
    if problems.is_empty() { Ok(drafts) } else { Err(problems) }
}

fn join(path: &str, name: &str) -> String {
    if name.is_empty() { path.to_owned() } else { format!("{path}.{name}") }
}

fn unreadable(method: &Method, known: &Map<String, Json>, path: &str, message: &str) -> Problem {
    let names = || known.keys().map(String::as_str);
    let Some(name) = words::unknown_field(message) else {
        return Problem::error("E303", path, words::plain(message).unwrap_or_else(|| message.to_owned()));
    };
    let has = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", words::listed(names())) };
    let problem = Problem::error("E303", path, format!("`{}` has no parameter `{name}`; {has}", method.id));
    match words::nearest(name, names().chain(RESERVED)) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem.help(format!("`gonogo explain {}` says what each does", method.id)),
    }
}

/// One setting of a sweep.
struct Variant {
    parameters: Mapping,
    chosen: Vec<String>,
    /// Where the chosen values stand in the file, by parameter.
    places: BTreeMap<String, String>,
}

/// Expands lists that stand where one value is expected: every combination, the first parameter changing slowest.
fn expand(path: &str, given: &Mapping, known: &Map<String, Json>) -> Result<Vec<Variant>, Vec<Problem>> {
    let mut variants = vec![Variant { parameters: Mapping::new(), chosen: Vec::new(), places: BTreeMap::new() }];
    for (key, value) in given {
        let Some(name) = key.as_str() else {
            return Err(vec![Problem::error("E303", path, "expected the name of a parameter as a text")]);
        };
        let sweep = match value {
            Value::Sequence(values) if known.get(name).is_some_and(is_scalar) => values,
            _ => {
                for variant in &mut variants {
                    variant.parameters.insert(key.clone(), value.clone());
                }
                continue;
            }
        };
        if sweep.is_empty() || variants.len() * sweep.len() > MOST_OF_A_SWEEP {
            let message =
                if sweep.is_empty() { "the list is empty".to_owned() } else { format!("makes more than {MOST_OF_A_SWEEP} contenders") };
            return Err(vec![Problem::error("E303", join(path, name), message)]);
        }
        variants = variants
            .into_iter()
            .flat_map(|variant| {
                sweep.iter().enumerate().map(move |(index, choice)| {
                    let (mut parameters, mut chosen, mut places) =
                        (variant.parameters.clone(), variant.chosen.clone(), variant.places.clone());
                    parameters.insert(key.clone(), choice.clone());
                    chosen.push(format!("{name}-{}", describe(choice)));
                    places.insert(name.to_owned(), format!("{path}.{name}[{index}]"));
                    Variant { parameters, chosen, places }
                })
            })
            .collect();
    }
    Ok(variants)
}

fn is_scalar(schema: &Json) -> bool {
    match schema.get("type") {
        Some(Json::String(kind)) => kind != "array" && kind != "object",
        Some(Json::Array(kinds)) => !kinds.iter().any(|kind| kind == "array" || kind == "object"),
        // An enumeration, or a reference to one.
        _ => true,
    }
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

fn of_ensemble(path: &str, name: &str, given: &Mapping, id: Option<String>) -> Result<Draft, Vec<Problem>> {
    let names = || ENSEMBLES.iter().map(|(how, _)| *how);
    let Some(how) = names().find(|how| *how == name) else {
        let problem = Problem::error(
            "E302",
            format!("{path}.ensemble"),
            format!("unknown ensemble `{name}`, expected one of {}", words::listed(names())),
        );
        return Err(vec![match words::nearest(name, names()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem,
        }]);
    };
    let mut problems = Vec::new();
    let mut buckets = 5;
    for key in given.keys() {
        let key = describe(key);
        let takes_buckets = how == "average-of-maximum";
        if key != "of" && !(key == "buckets" && takes_buckets) {
            let has = if takes_buckets { "it has `of`, `buckets`" } else { "it has `of`" };
            problems.push(Problem::error("E303", join(path, &key), format!("`{how}` has no parameter `{key}`; {has}")));
        }
    }
    if let Some(value) = given.get("buckets") {
        match value.as_u64().and_then(|value| usize::try_from(value).ok()) {
            Some(value) if value >= 1 => buckets = value,
            _ => problems.push(Problem::error(
                "E304",
                format!("{path}.buckets"),
                format!("expected a whole number above 0, found `{}`", describe(value)),
            )),
        }
    }
    let of = match given.get("of") {
        None => Vec::new(),
        Some(Value::String(of)) if of == "all" => Vec::new(),
        Some(Value::String(of)) => vec![of.clone()],
        Some(Value::Sequence(of)) if !of.is_empty() && of.iter().all(Value::is_string) => of.iter().map(describe).collect(),
        Some(_) => {
            problems.push(Problem::error("E306", format!("{path}.of"), "expected `all`, or a list of ids"));
            Vec::new()
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let members = if of.is_empty() { Json::from("all") } else { Json::from(of.clone()) };
    let mut parameters = Map::from_iter([("of".to_owned(), members)]);
    if how == "average-of-maximum" {
        parameters.insert("buckets".into(), buckets.into());
    }
    Ok(Draft {
        path: path.to_owned(),
        id,
        base: how,
        stated: BTreeMap::new(),
        chosen: Vec::new(),
        plan: Plan::Ensemble { how: how.to_owned(), of, buckets },
        parameters: Json::Object(parameters),
        limits: Limits::default(),
    })
}

/// Checks that every member of an ensemble is a detector of the experiment; `whole` says that no entry was left out because it is wrong.
fn check_members(drafts: &[Draft], ids: &[String], whole: bool, problems: &mut Vec<Problem>) {
    let detectors = || drafts.iter().zip(ids).filter(|(draft, _)| matches!(draft.plan, Plan::Method { .. })).map(|(_, id)| id.as_str());
    for draft in drafts {
        let Plan::Ensemble { of, .. } = &draft.plan else { continue };
        if whole && detectors().next().is_none() {
            problems.push(Problem::error("E306", draft.path.clone(), "there is no detector to make an ensemble of"));
        }
        for (index, member) in of.iter().enumerate().filter(|(_, member)| whole && !detectors().any(|id| id == *member)) {
            let known = words::listed(detectors());
            let problem = Problem::error(
                "E306",
                format!("{}.of[{index}]", draft.path),
                format!("no detector has the id `{member}`; there are {known}"),
            );
            problems.push(match words::nearest(member, detectors()) {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem,
            });
        }
    }
}

fn read_limits(value: &Value, path: &str) -> Result<Limits, Vec<Problem>> {
    let path = format!("{path}.limits");
    let Value::Mapping(mapping) = value else {
        return Err(vec![Problem::error("E308", path, "expected a mapping such as `{ seconds: 60, memory: 1GB }`")]);
    };
    let mut limits = Limits::default();
    let mut problems = Vec::new();
    for (key, value) in mapping {
        let key = describe(key);
        let place = format!("{path}.{key}");
        match key.as_str() {
            "seconds" => match value.as_f64() {
                Some(seconds) if seconds > 0.0 && seconds.is_finite() => limits.seconds = Some(seconds),
                _ => problems.push(Problem::error(
                    "E308",
                    place,
                    format!("expected a number of seconds above 0, found `{}`", describe(value)),
                )),
            },
            "memory" => match describe(value).parse::<Bytes>() {
                Ok(bytes) if bytes.0 > 0 => limits.memory = Some(bytes.0),
                Ok(_) => problems.push(Problem::error("E308", place, "must be above 0")),
                Err(message) => problems.push(Problem::error("E308", place, message)),
            },
            _ => problems.push(Problem::error("E308", place, format!("there is no limit `{key}`; there are `seconds`, `memory`"))),
        }
    }
    if problems.is_empty() { Ok(limits) } else { Err(problems) }
}

#[cfg(test)]
mod tests;
