//! What an entry may hold besides its method: `limits`, and `reduce`, a step before the detector.

use serde_json::Value as Json;
use serde_yaml::{Mapping, Value};

use super::{describe, unreadable, with_defaults};
use crate::{
    detect::{
        Detector, Limits,
        reduce::{Reduced, STEPS, Step, step},
        words,
    },
    error::Problem,
    spec::amount::Bytes,
    text::did_you_mean,
};

/// Reads `limits`.
pub(super) fn read_limits(value: &Value, path: &str) -> Result<Limits, Vec<Problem>> {
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

/// A step before the detector, read but for its parameters: each contender of a sweep gets its own.
pub(super) struct Before {
    step: &'static Step,
    given: Mapping,
    path: String,
}

impl Before {
    /// Reads `reduce`: the name of a step alone, or a mapping with `method` and its parameters.
    pub fn read(value: &Value, path: &str) -> Result<Self, Problem> {
        let path = format!("{path}.reduce");
        let (name, given, place) = match value {
            Value::String(name) => (name, Mapping::new(), path.clone()),
            Value::Mapping(mapping) => match mapping.get("method") {
                Some(Value::String(name)) => {
                    let given =
                        mapping.iter().filter(|(key, _)| key.as_str() != Some("method")).map(|(k, v)| (k.clone(), v.clone())).collect();
                    (name, given, format!("{path}.method"))
                }
                _ => {
                    return Err(
                        Problem::error("E307", path, "needs the name of a step, `method`").help("write `{ method: pca, components: 5 }`")
                    );
                }
            },
            _ => {
                return Err(Problem::error(
                    "E307",
                    path,
                    "expected the name of a step, or a mapping such as `{ method: pca, components: 5 }`",
                ));
            }
        };
        let Some(step) = step(name) else {
            let names = || STEPS.iter().map(|step| step.id);
            let problem = Problem::error("E307", place, format!("unknown step `{name}`, expected one of {}", words::listed(names())));
            return Err(problem.help_if(did_you_mean(name, names())));
        };
        let before = Self { step, given, path };
        before.build().map(|_| before)
    }

    /// Its name.
    pub fn id(&self) -> &'static str {
        self.step.id
    }

    fn build(&self) -> Result<Box<dyn crate::detect::reduce::Reducer>, Problem> {
        let known = super::properties(&(self.step.schema)());
        let step = self.step.build(Value::Mapping(self.given.clone())).map_err(|error| {
            let name = words::unknown_field(&error.message).unwrap_or(error.path.trim_matches('.'));
            unreadable("E307", self.step.id, &known, &super::join(&self.path, name), &error.message)
        })?;
        match step.check(None, 0) {
            Ok(()) => Ok(step),
            Err(error) => Err(Problem::error("E307", format!("{}.{}", self.path, error.parameter), error.message)),
        }
    }

    /// Puts the step before a detector.
    pub fn put(&self, detector: Box<dyn Detector>) -> Result<Box<dyn Detector>, Problem> {
        Ok(Box::new(Reduced { step: self.build()?, detector }))
    }

    /// Its parameters, defaults included.
    pub fn parameters(&self) -> Json {
        let mut all = with_defaults(&super::properties(&(self.step.schema)()), &self.given);
        if let Json::Object(all) = &mut all {
            all.insert("method".into(), self.step.id.into());
        }
        all
    }
}
