//! Reading `fields:` of an experiment: every entry by its kind, every problem at once.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use super::{
    columns::Columns,
    kinds::{self, KINDS, Kind, ParamsError, Shape},
    plan::Field,
};
use crate::{
    error::Problem,
    spec::{Experiment, wording::translate},
    sql::Expression,
    text::similar,
};

/// The fields of an experiment, read and checked as far as that needs no data.
#[derive(Debug)]
pub struct FieldSet {
    pub(crate) fields: Vec<Definition>,
    /// Columns that no field may see.
    pub(crate) hidden: BTreeSet<String>,
}

/// One field, as the experiment defines it.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) shared: Shared,
}

/// The options that many kinds share.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Shared {
    /// Which events count: SQL over one event, or the name of a derived column that is true or false.
    #[serde(rename = "where")]
    pub(crate) filter: Option<String>,
    /// Columns of a coarser key: the field is computed for their values in the unit's period.
    pub(crate) at: Option<Columns>,
    /// `log`: the signed logarithm sign(x) ln(1 + |x|) is scaled in place of the value.
    pub(crate) scale: Option<FieldScale>,
    /// What stands for no value.
    pub(crate) fill: Option<f64>,
}

/// What is done to a field before the experiment's `scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FieldScale {
    /// The signed logarithm sign(x) ln(1 + |x|).
    Log,
    /// Nothing.
    None,
}

impl FieldSet {
    /// Reads the fields of an experiment.
    ///
    /// # Errors
    /// Everything that is wrong, each with its path (`fields.new_hosts.by`).
    pub fn read(experiment: &Experiment) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader { experiment, hidden: hidden(experiment), problems: Vec::new() };
        let fields: Vec<Definition> = experiment.fields.iter().filter_map(|(name, entry)| reader.field(name, &entry.0)).collect();
        reader.references(&fields);
        if reader.problems.is_empty() { Ok(Self { fields, hidden: reader.hidden }) } else { Err(reader.problems) }
    }

    /// The columns that fields add up or measure, in the order of the experiment, each once.
    pub fn amounts(&self) -> Vec<&str> {
        once(self.of_events().flat_map(|(field, _)| field.amounts()))
    }

    /// The conditions by which fields single out events, in the order of the experiment, each once.
    pub fn conditions(&self) -> Vec<&str> {
        once(
            self.of_events()
                .flat_map(|(field, shared)| field.conditions().into_iter().map(|(_, text)| text).chain(shared.filter.as_deref())),
        )
    }

    fn of_events(&self) -> impl Iterator<Item = (&dyn Field, &Shared)> {
        self.fields.iter().filter_map(|field| match &field.shape {
            Shape::Events(of) => Some((&**of, &field.shared)),
            _ => None,
        })
    }

    /// The names of the fields, in the order of the experiment; `None` where only the data tell them (`all_numeric`, one-hot categories).
    pub fn names(&self) -> Option<Vec<&str>> {
        let is_named_by_data = |shape: &Shape| match shape {
            Shape::Events(_) | Shape::Units(_) => false,
            Shape::Categories(category) => category.is_named_by_data(),
            Shape::Columns(_) => true,
        };
        self.fields.iter().map(|field| (!is_named_by_data(&field.shape)).then_some(field.name.as_str())).collect()
    }
}

fn once<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    all.filter(|text| seen.insert(*text)).collect()
}

/// The schema of `fields`: under any name one alternative for each kind, with the options that it understands; `all_numeric`, which needs no
/// argument, under its own name only.
pub fn schema() -> schemars::Schema {
    let shared = schemars::schema_for!(Shared);
    let mut definitions = serde_json::Map::new();
    let mut alternatives = Vec::new();
    let mut named = serde_json::Map::new();
    for kind in KINDS {
        let mut own = kind.schema().to_value();
        if let (Some(own), Some(shared)) = (own.as_object_mut(), shared.as_object()) {
            own.remove("$schema");
            for part in [own.remove("$defs"), shared.get("$defs").cloned()].into_iter().flatten() {
                if let serde_json::Value::Object(part) = part {
                    definitions.extend(part);
                }
            }
            let options = shared.get("properties").and_then(serde_json::Value::as_object);
            if let (Some(serde_json::Value::Object(properties)), Some(options)) = (own.get_mut("properties"), options) {
                let understood = options.iter().filter(|(name, _)| kind.shared.contains(&name.as_str()));
                properties.extend(understood.map(|(name, schema)| (name.clone(), schema.clone())));
            }
        }
        if kind.id == "all_numeric" {
            named.insert(kind.id.into(), own);
        } else {
            alternatives.push(own);
        }
    }
    schemars::json_schema!({ "properties": named, "additionalProperties": { "oneOf": alternatives }, "$defs": definitions })
}

/// The columns of the labels.
fn hidden(experiment: &Experiment) -> BTreeSet<String> {
    experiment.labels.iter().flat_map(|labels| labels.column.iter().chain(&labels.incident).chain(&labels.exclude).cloned()).collect()
}

struct Reader<'a> {
    experiment: &'a Experiment,
    hidden: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn field(&mut self, name: &str, entry: &Value) -> Option<Definition> {
        let place = format!("fields.{name}");
        let before = self.problems.len();
        let Some(mapping) = entry.as_mapping() else {
            let help = format!("write a kind and what it is of, such as `{name}: {{ count: \"*\" }}`; kinds are {}", kind_list());
            self.problems.push(Problem::error("E201", place, "expected a field kind with its argument").help(help));
            return None;
        };
        let kind = if name == "all_numeric" { kinds::kind(name) } else { self.kind_of(&place, mapping) }?;
        if kind.id == "all_numeric" && self.experiment.entity.is_some() {
            let problem = Problem::error("E206", &*place, "`all_numeric` is for tables without `entity`, where each row is a unit");
            self.problems.push(problem.help("name the fields, such as `bytes: { sum: bytes_up }`"));
        }
        if self.experiment.entity.iter().any(|entity| entity.key.iter().any(|column| column == name)) {
            self.problems.push(
                Problem::error("E210", &*place, format!("`{name}` is a key column of the entity")).help("give the field another name"),
            );
        }
        let (own, shared) = self.sort_options(&place, kind, mapping);
        let shape = kind.build(Value::Mapping(own)).map_err(|error| self.wrong(&place, &error));
        let shared = kinds::deserialize::<Shared>(Value::Mapping(shared)).map_err(|error| self.wrong(&place, &error));
        let definition = Definition { name: name.to_owned(), shape: shape.ok()?, shared: shared.ok()? };
        if self.experiment.entity.is_none() && definition.shape.looks_at_times() {
            let message = format!("`{}` looks at times, and rows have none without `entity` and `window`", kind.id);
            let problem = Problem::error("E206", format!("{place}.{}", kind.id), message);
            self.problems.push(problem.help("add `entity: { key: [user], every: 1h }` and a `window`, or take the field out"));
        }
        self.check(&place, &definition);
        (self.problems.len() == before).then_some(definition)
    }

    /// The kind is the one key that names one.
    fn kind_of(&mut self, place: &str, mapping: &Mapping) -> Option<&'static Kind> {
        let names: Vec<&str> = mapping.keys().filter_map(Value::as_str).collect();
        let found: Vec<&'static Kind> = names.iter().filter_map(|name| kinds::kind(name)).collect();
        match found[..] {
            [kind] if kind.id == "all_numeric" => {
                let help = "write `fields: { all_numeric: {} }`";
                self.problems.push(Problem::error("E202", place, "`all_numeric` stands for all fields, and is not one").help(help));
                None
            }
            [kind] => Some(kind),
            [] => {
                let options = options_of_all();
                let known = |name: &&&str| !options.contains(**name);
                let problem = match names.iter().find(known) {
                    Some(name) => {
                        let near = similar(name, KINDS.iter().map(|kind| kind.id));
                        let help = match near.first() {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!("kinds are {}", kind_list()),
                        };
                        Problem::error("E202", format!("{place}.{name}"), format!("unknown field kind `{name}`")).help(help)
                    }
                    None => Problem::error("E201", place, "names no field kind").help(format!("kinds are {}", kind_list())),
                };
                self.problems.push(problem);
                None
            }
            [first, second, ..] => {
                let message = format!("names two kinds, `{}` and `{}`", first.id, second.id);
                self.problems.push(Problem::error("E203", format!("{place}.{}", second.id), message).help("make two fields of it"));
                None
            }
        }
    }

    /// Parts the kind's own parameters from the shared options, and reports the rest.
    fn sort_options(&mut self, place: &str, kind: &Kind, mapping: &Mapping) -> (Mapping, Mapping) {
        let parameters = kind.parameters();
        let (mut own, mut shared) = (Mapping::new(), Mapping::new());
        for (key, value) in mapping {
            let Some(option) = key.as_str() else {
                self.problems.push(Problem::error("E204", place, format!("`{}` has an option that is not a name", kind.id)));
                continue;
            };
            if parameters.iter().any(|name| name == option) {
                own.insert(key.clone(), value.clone());
            } else if kind.shared.contains(&option) {
                shared.insert(key.clone(), value.clone());
            } else {
                let understood =
                    || parameters.iter().map(String::as_str).filter(|name| *name != kind.id).chain(kind.shared.iter().copied());
                let help = match similar(option, understood()).first() {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("options are {}", understood().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
                };
                self.problems.push(
                    Problem::error("E204", format!("{place}.{option}"), format!("`{option}` is not an option of `{}`", kind.id)).help(help),
                );
            }
        }
        (own, shared)
    }

    fn wrong(&mut self, place: &str, error: &ParamsError) {
        // `missing field` has no place of its own.
        let path = if error.path.is_empty() { place.to_owned() } else { format!("{place}.{}", error.path) };
        self.problems.push(Problem::error("E205", path, translate(&error.message)));
    }

    /// Whatever can be known of one field without data.
    fn check(&mut self, place: &str, field: &Definition) {
        let at = field.shared.at.iter().flat_map(Columns::iter).map(|name| ("at", name));
        let (columns, conditions, wrong) = match &field.shape {
            Shape::Events(events) => (events.columns(), events.conditions(), events.check()),
            Shape::Units(versus) => (versus.group.iter().map(|name| ("group", name.as_str())).collect(), Vec::new(), versus.check()),
            Shape::Categories(category) => (vec![("category", category.category.as_str())], Vec::new(), category.check()),
            Shape::Columns(_) => Default::default(),
        };
        for (option, message) in wrong {
            self.problems.push(Problem::error("E206", format!("{place}.{option}"), message));
        }
        if field.shared.fill.is_some_and(|fill| !fill.is_finite()) {
            self.problems.push(Problem::error("E206", format!("{place}.fill"), "must be a finite number"));
        }
        for (option, name) in columns.into_iter().chain(at) {
            if self.hidden.contains(name) {
                self.problems.push(label_column(format!("{place}.{option}"), name));
            }
        }
        for (option, text) in conditions.into_iter().chain(field.shared.filter.iter().map(|text| ("where", text.as_str()))) {
            let path = format!("{place}.{option}");
            match Expression::parse(text) {
                Ok(expression) => {
                    let labels = expression.columns().iter().filter(|name| self.hidden.contains(*name));
                    self.problems.extend(labels.map(|name| label_column(path.clone(), name)));
                }
                Err(error) => {
                    let problem = Problem::error("E209", path, error.to_string());
                    self.problems.push(problem.help_if(error.hint()));
                }
            }
        }
    }

    /// `of` must name another field, and one that is computed from events.
    fn references(&mut self, fields: &[Definition]) {
        for (name, versus) in fields.iter().filter_map(|field| match &field.shape {
            Shape::Units(versus) => Some((&field.name, versus)),
            Shape::Events(_) | Shape::Categories(_) | Shape::Columns(_) => None,
        }) {
            let path = format!("fields.{name}.of");
            let target = fields.iter().find(|field| field.name == versus.of);
            match target.map(|field| &field.shape) {
                Some(Shape::Events(_)) => {}
                Some(Shape::Categories(_)) => {
                    self.problems.push(
                        Problem::error("E208", path, format!("`{}` holds categories, which are not compared", versus.of))
                            .help("compare a number, such as a count with `where`"),
                    );
                }
                Some(Shape::Units(_) | Shape::Columns(_)) => {
                    self.problems.push(
                        Problem::error("E208", path, format!("`{}` is itself a comparison", versus.of))
                            .help("compare the field that it compares"),
                    );
                }
                // A field with problems of its own is known, only not read.
                None if self.experiment.fields.contains_key(&versus.of) => {}
                None => {
                    let near =
                        similar(&versus.of, self.experiment.fields.keys().map(String::as_str).filter(|other| *other != name.as_str()));
                    let help = near
                        .first()
                        .map_or_else(|| "name another field of this experiment".to_owned(), |near| format!("did you mean `{near}`?"));
                    self.problems.push(Problem::error("E208", path, format!("there is no field `{}`", versus.of)).help(help));
                }
            }
        }
    }
}

fn label_column(path: String, name: &str) -> Problem {
    Problem::error("E207", path, format!("`{name}` is a label column: no field may see it"))
        .help("labels say what is true, and would give the answer away")
}

fn kind_list() -> String {
    KINDS.iter().filter(|kind| kind.id != "all_numeric").map(|kind| format!("`{}`", kind.id)).collect::<Vec<_>>().join(", ")
}

fn options_of_all() -> BTreeSet<String> {
    let own = KINDS.iter().flat_map(Kind::parameters);
    own.chain(KINDS.iter().flat_map(|kind| kind.shared.iter().map(|name| (*name).to_owned())))
        .filter(|name| kinds::kind(name).is_none())
        .collect()
}
