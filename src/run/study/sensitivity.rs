//! How far the answer hangs on each method's main parameter.

use std::borrow::Cow;

use serde_yaml::{Mapping, Value};

use super::{Bench, refused, study};
use crate::{
    detect::{self, Contender, Plan},
    error::{Error, Result},
    evaluate::study::Study,
    spec::Entry,
};

/// The main parameter of each method that has one which is a number by default; others choose theirs from the data.
const MAIN: &[(&str, &str)] = &[
    ("isolation-forest", "sample"),
    ("extended-isolation-forest", "sample"),
    ("kmeans", "clusters"),
    ("cblof", "clusters"),
    ("gmm", "components"),
    ("knn", "neighbours"),
    ("lof", "neighbours"),
    ("dbscan", "min_points"),
    ("optics", "min_points"),
    ("hdbscan", "min_points"),
    ("hbos", "bins"),
    ("loda", "projections"),
    ("inne", "sample"),
    ("ocsvm", "nu"),
];

/// Every contender with its main parameter halved and doubled.
pub(super) fn sensitivity(bench: &Bench<'_>) -> Result<Study> {
    let mut points = Vec::new();
    let mut about = Vec::new();
    for factor in [0.5, 1.0, 2.0] {
        let mut entries = Vec::new();
        for contender in bench.contenders {
            let Plan::Method { method, .. } = &contender.plan else { continue };
            let Some((_, parameter)) = MAIN.iter().find(|(name, _)| name == method) else { continue };
            let Some((entry, words)) = varied(contender, method, parameter, factor) else { continue };
            if factor == 1.0 {
                about.push(format!("{}: {words}", contender.id));
            }
            entries.push(entry);
        }
        if entries.is_empty() {
            return Ok(refused("sensitivity", "no contender has a main parameter that is a number"));
        }
        let contenders = detect::contenders(&entries, None);
        let contenders = contenders.map_err(|problems| Error::Internal(format!("varied parameters: {problems:?}")))?;
        let label = if factor == 1.0 { Cow::Borrowed("1") } else { Cow::Owned(factor.to_string()) };
        points.push(bench.point(label, factor, &contenders, [&bench.matrices.training, &bench.matrices.judged], bench.options.seed)?);
    }
    Ok(study("sensitivity", points, about))
}

/// A contender with a parameter times a factor, as an entry of the experiment; `None` where it is no number, or would be out of its range.
fn varied(contender: &Contender, method: &str, parameter: &str, factor: f64) -> Option<(Entry, String)> {
    let mut mapping: Mapping = serde_yaml::to_value(&contender.parameters).ok()?.as_mapping()?.clone();
    mapping.retain(|_, value| !value.is_null());
    let now = mapping.get(parameter)?.clone();
    let value = match (now.as_u64(), now.as_f64()) {
        (Some(whole), _) => Value::from(((whole as f64 * factor).round() as u64).max(1)),
        (None, Some(share)) if share <= 1.0 => Value::from((share * factor).clamp(0.01, 0.99)),
        (None, Some(number)) => Value::from(number * factor),
        (None, None) => return None,
    };
    let words = format!("{parameter} {}", now.as_f64()?);
    mapping.insert(parameter.into(), value);
    mapping.insert("method".into(), method.into());
    mapping.insert("id".into(), contender.id.as_str().into());
    let entry = Entry(Value::Mapping(mapping));
    detect::contenders(std::slice::from_ref(&entry), None).is_ok().then_some((entry, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_main_parameter_is_one_of_its_method_and_varies() {
        for (method, parameter) in MAIN {
            let known = detect::method(method).unwrap_or_else(|| panic!("no method {method}"));
            assert!(
                known.parameters().contains_key(*parameter),
                "{method}.{parameter}: {:?}",
                known.parameters().keys().collect::<Vec<_>>()
            );
            let entries: Vec<Entry> = serde_yaml::from_str(&format!("[{method}]")).unwrap();
            let contender = detect::contenders(&entries, None).unwrap().remove(0);
            for factor in [0.5, 2.0] {
                assert!(varied(&contender, method, parameter, factor).is_some(), "{method}.{parameter} x {factor}");
            }
        }
    }
}
