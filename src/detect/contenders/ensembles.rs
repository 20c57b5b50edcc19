//! Entries with `ensemble`, and whether their members are there.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use serde_yaml::{Mapping, Value};

use super::{Common, Draft, describe, join, of_method};
use crate::{
    detect::{DEFAULT, ENSEMBLES, Limits, Plan, ensemble, words},
    error::Problem,
    text::did_you_mean,
};

pub(super) fn of_ensemble(path: &str, name: &str, given: &Mapping, common: &Common) -> Result<Draft, Vec<Problem>> {
    if name == DEFAULT.id {
        return of_default(path, given, common);
    }
    let names = || ENSEMBLES.iter().map(|(how, ..)| *how);
    let Some(how) = names().find(|how| *how == name) else {
        let problem = Problem::error(
            "E302",
            format!("{path}.ensemble"),
            format!("unknown ensemble `{name}`, expected one of {}", words::listed(names())),
        );
        return Err(vec![problem.help_if(did_you_mean(name, names()))]);
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
        id: common.id.clone(),
        base: how,
        stated: BTreeMap::new(),
        chosen: Vec::new(),
        plan: Plan::Ensemble { how: how.to_owned(), of, buckets },
        parameters: Json::Object(parameters),
        limits: Limits::default(),
    })
}

/// The ensemble with members of its own, which is read like a method: its members need not be in the experiment.
fn of_default(path: &str, given: &Mapping, common: &Common) -> Result<Draft, Vec<Problem>> {
    if given.contains_key("of") {
        let problem = Problem::error("E303", join(path, "of"), format!("`{}` has members of its own", DEFAULT.id));
        return Err(vec![problem.help(format!("they are {}; leave `of` out", words::listed(ensemble::members())))]);
    }
    let mut drafts = of_method(path, &DEFAULT, given, common)?;
    let mut draft = drafts.pop().ok_or_else(Vec::new)?;
    if let Json::Object(parameters) = &mut draft.parameters {
        parameters.insert("members".into(), ensemble::members().into());
    }
    Ok(draft)
}

/// Checks that every member of an ensemble is a detector of the experiment; `whole` says that no entry was left out because it is wrong.
pub(super) fn check_members(drafts: &[Draft], ids: &[String], whole: bool, problems: &mut Vec<Problem>) {
    let detectors = || {
        drafts
            .iter()
            .zip(ids)
            .filter(|(draft, _)| matches!(draft.plan, Plan::Method { method, .. } if method != DEFAULT.id))
            .map(|(_, id)| id.as_str())
    };
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
            problems.push(problem.help_if(did_you_mean(member, detectors())));
        }
    }
}
