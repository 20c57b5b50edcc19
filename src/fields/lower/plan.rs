//! All queries of an experiment, and what becomes of their answers.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    Events, Form, Lowered, Lowering,
    events::Reads,
    refused,
    units::{self, Answers},
};
use polars::prelude::DataFrame;

use crate::{
    error::{Problem, Result},
    fields::{
        collector::{Planned, told},
        kinds::{Shape, versus::Versus},
        read::{Definition, FieldScale, FieldSet},
        table::UnitTable,
    },
    spec,
};

/// A query: what it is for, and its text.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    /// In a word or two, for people.
    pub(crate) what: String,
    /// What is sent.
    pub(crate) sql: String,
}

/// Events grouped by some columns and the period; the units are the first.
#[derive(Debug)]
pub(super) struct Group {
    /// Columns of the events.
    pub(super) names: Vec<String>,
    /// What they are called in queries.
    columns: Vec<String>,
    aggregates: Vec<String>,
}

/// Where the values of a field stand among the answers.
#[derive(Debug)]
pub(super) enum How {
    /// Column `v<index>` of the group's answer.
    Aggregate { group: usize, index: usize, absent: Option<u8> },
    /// The answer of a query of its own.
    Query { group: usize, index: usize, absent: Option<u8> },
    /// Of other fields, here.
    Units(Versus),
}

/// All queries, and what becomes of their answers.
pub(crate) struct RemotePlan {
    events: Events,
    reads: Reads,
    pub(super) key_columns: Vec<String>,
    pub(super) min_events: u64,
    pub(super) groups: Vec<Group>,
    pub(super) fields: Vec<Planned<How>>,
    field_queries: Vec<(usize, String, String)>,
    /// Columns whose most frequent value each unit is known by, with what they are called in queries.
    pub(super) attributes: BTreeMap<String, String>,
    flag: Option<String>,
    labels: Vec<String>,
}

impl RemotePlan {
    /// Plans the fields, the rule over events, and the labels of an experiment. `labels` are the columns that say what is true, which one
    /// query of their own asks for.
    ///
    /// # Errors
    /// Everything that the table's columns do not fit or the engine does not compute, each with its path.
    pub(crate) fn new(
        events: Events,
        set: FieldSet,
        experiment: &spec::Experiment,
        labels: &BTreeSet<String>,
    ) -> Result<Self, Vec<Problem>> {
        let reads = RefCell::new(Reads::default());
        let key_columns = experiment.entity.as_ref().map(|entity| entity.key.clone()).unwrap_or_default();
        let mut problems = Vec::new();
        let mut plan = Self {
            reads: Reads::default(),
            min_events: experiment.entity.as_ref().map_or(0, |entity| entity.min_events),
            groups: Vec::new(),
            fields: Vec::new(),
            field_queries: Vec::new(),
            attributes: BTreeMap::new(),
            flag: None,
            labels: Vec::new(),
            key_columns,
            events,
        };
        let keys = plan.key_columns.clone();
        problems.extend(plan.group(&keys, "entity.key", &reads).err());
        let clusters = experiment.evaluate.clusters.iter().map(|name| ("evaluate.clusters", name));
        for (place, name) in clusters.chain(experiment.evaluate.alerts.group.by.iter().map(|name| ("evaluate.alerts.group.by", name))) {
            problems.extend(plan.attribute(name, place, &reads).err());
        }
        for field in set.fields {
            problems.extend(plan.field(field, &reads).err());
        }
        if let Some(text) = experiment.baseline.as_ref().and_then(|baseline| baseline.events.as_deref()) {
            match plan.events.condition(text, "baseline.events", &reads) {
                Ok(condition) => plan.flag = Some(condition),
                Err(problem) => problems.push(problem),
            }
        }
        for name in labels {
            match plan.events.label(name) {
                Some(_) => plan.labels.push(name.clone()),
                None => problems.push(Problem::error("E211", "labels", format!("the table has no column `{name}`"))),
            }
        }
        plan.reads = reads.into_inner();
        if problems.is_empty() { Ok(plan) } else { Err(problems) }
    }

    /// The groups by these columns; those that there are already where they are the same.
    fn group(&mut self, names: &[String], place: &str, reads: &RefCell<Reads>) -> Result<usize, Problem> {
        if let Some(index) = self.groups.iter().position(|group| group.names == names) {
            return Ok(index);
        }
        let columns = names.iter().map(|name| self.events.grouped(name, place, reads)).collect::<Result<_, _>>()?;
        self.groups.push(Group { names: names.to_vec(), columns, aggregates: Vec::new() });
        Ok(self.groups.len() - 1)
    }

    fn attribute(&mut self, name: &str, place: &str, reads: &RefCell<Reads>) -> Result<(), Problem> {
        if !self.attributes.contains_key(name) {
            let column = self.events.grouped(name, place, reads)?;
            self.attributes.insert(name.to_owned(), column);
        }
        Ok(())
    }

    fn field(&mut self, field: Definition, reads: &RefCell<Reads>) -> Result<(), Problem> {
        let place = format!("fields.{}", field.name);
        let log = field.shared.scale == Some(FieldScale::Log);
        let (definition, fill, how) = match field.shape {
            Shape::Events(events) => {
                let group = match &field.shared.at {
                    Some(at) => self.group(at.names(), &format!("{place}.at"), reads)?,
                    None => 0,
                };
                let filter = match &field.shared.filter {
                    Some(text) => Some(self.events.condition(text, &format!("{place}.where"), reads)?),
                    None => None,
                };
                let columns = self.groups.get(group).map(|group| group.columns.clone()).unwrap_or_default();
                let Lowered { how, absent } =
                    events.lower(&Lowering { events: &self.events, place: &place, group: columns, filter, reads })?;
                let how = match how {
                    Form::Aggregate(sql) => How::Aggregate { group, index: self.aggregate(group, sql), absent },
                    Form::Query(sql) => {
                        self.field_queries.push((group, field.name.clone(), sql));
                        How::Query { group, index: self.field_queries.len() - 1, absent }
                    }
                };
                (told(events.definition(), &field.shared), field.shared.fill.or(events.fill()), how)
            }
            Shape::Units(versus) => {
                if let Some(group) = &versus.group {
                    self.attribute(group, &format!("{place}.group"), reads)?;
                }
                (versus.definition(), field.shared.fill, How::Units(versus))
            }
            Shape::Categories(_) => return Err(refused(&place, "category", "its fields are named by the data")),
            Shape::Columns(_) => return Err(refused(&place, "all_numeric", "each row would be a unit")),
        };
        self.fields.push(Planned { name: field.name, definition, log, fill, how });
        Ok(())
    }

    fn aggregate(&mut self, group: usize, sql: String) -> usize {
        let Some(group) = self.groups.get_mut(group) else { return 0 };
        group.aggregates.iter().position(|other| *other == sql).unwrap_or_else(|| {
            group.aggregates.push(sql);
            group.aggregates.len() - 1
        })
    }

    /// What is asked of the engine, in this order.
    pub(crate) fn queries(&self) -> Vec<Query> {
        let mut queries = vec![
            Query { what: "totals".into(), sql: self.events.totals(&self.reads) },
            Query { what: "hours".into(), sql: self.events.hours(&self.reads) },
        ];
        let mut add =
            |what: String, body: String| queries.push(Query { what, sql: format!("{}{body}", self.events.with(&self.reads, &[])) });
        for (index, group) in self.groups.iter().enumerate() {
            let what = if index == 0 { "units".to_owned() } else { format!("groups by {}", group.names.join(", ")) };
            add(what, self.of_group(index));
        }
        for (group, name, sql) in &self.field_queries {
            let keys = &self.groups[*group].columns;
            add(format!("field {name}"), format!("SELECT {}, q.p AS p, CAST(q.value AS DOUBLE) AS v\nFROM ({sql}) q", texts(keys, "q.")));
        }
        for group in self.groups.iter().skip(1).filter(|group| !self.is_of_key(group)) {
            add(format!("{} of the units", group.names.join(", ")), self.most_frequent(&group.columns));
        }
        for (name, column) in &self.attributes {
            add(format!("{name} of the units"), self.most_frequent(std::slice::from_ref(column)));
        }
        if !self.labels.is_empty() {
            queries.push(Query { what: "labels".into(), sql: self.labelled() });
        }
        queries
    }

    /// Whether a unit's group is known from its key.
    pub(super) fn is_of_key(&self, group: &Group) -> bool {
        group.names.iter().all(|name| self.key_columns.contains(name))
    }

    /// How many unit rows there will be.
    pub(crate) fn count_of_units(&self) -> String {
        let keys = self.groups.first().map(|group| group.columns.join(", ")).unwrap_or_default();
        format!("{}SELECT count(*) AS units FROM (SELECT {keys}, p FROM e GROUP BY {keys}, p)", self.events.with(&self.reads, &[]))
    }

    fn of_group(&self, index: usize) -> String {
        let group = &self.groups[index];
        let keys = group.columns.join(", ");
        let present = group.columns.iter().map(|key| format!("{key} IS NOT NULL")).collect::<Vec<_>>().join(" AND ");
        let flag = self.flag.iter().filter(|_| index == 0).map(|flag| format!(", max(CASE WHEN {flag} THEN 1 ELSE 0 END) AS flagged"));
        let values = group.aggregates.iter().enumerate().map(|(index, sql)| format!(",\n  CAST({sql} AS DOUBLE) AS v{index}"));
        let extra: String = flag.chain(values).collect();
        format!("SELECT {}, p, count(*) AS n{extra}\nFROM e WHERE {present} GROUP BY {keys}, p", texts(&group.columns, ""))
    }

    /// For each unit, the combination of values that most of its events have; of equally frequent ones the first by code point.
    fn most_frequent(&self, columns: &[String]) -> String {
        let keys = self.groups.first().map(|group| group.columns.as_slice()).unwrap_or_default();
        let key = keys.join(", ");
        let present = columns.iter().map(|column| format!("{column} IS NOT NULL")).collect::<Vec<_>>().join(" AND ");
        let order = columns.iter().map(|column| format!("CAST({column} AS STRING)")).collect::<Vec<_>>().join(", ");
        let values: String =
            columns.iter().enumerate().map(|(index, column)| format!(", CAST(q.{column} AS STRING) AS a{index}")).collect();
        let inner: Vec<&str> = keys.iter().chain(columns.iter().filter(|column| !keys.contains(column))).map(String::as_str).collect();
        format!(
            "SELECT {texts}, q.p AS p{values}\nFROM (SELECT {inner}, p, row_number() OVER (PARTITION BY {key}, p ORDER BY count(*) DESC, {order}) AS place\n  FROM e WHERE {present} GROUP BY {inner}, p) q\nWHERE q.place = 1",
            texts = texts(keys, "q."),
            inner = inner.join(", "),
        )
    }

    /// What the label columns say of each unit, and when it begins. Only this query names them.
    fn labelled(&self) -> String {
        let keys = self.groups.first().map(|group| group.columns.as_slice()).unwrap_or_default();
        let columns: Vec<String> = self.labels.iter().filter_map(|name| self.events.label(name)).collect();
        let values: String = columns.iter().enumerate().map(|(index, column)| format!(", CAST({column} AS STRING) AS l{index}")).collect();
        format!(
            "{}SELECT {}, p{values}, min(us) AS us\nFROM e GROUP BY {}, p, {}",
            self.events.with(&self.reads, &self.labels),
            texts(keys, ""),
            keys.join(", "),
            columns.join(", "),
        )
    }

    /// What the label columns said, with the number of each row's unit; `u32::MAX` where there is none.
    ///
    /// # Errors
    /// When an answer is not of the shape that was asked for.
    pub(crate) fn labelled_units<'b>(&self, answers: &'b Answers) -> Result<(&'b DataFrame, Vec<u32>)> {
        units::labelled(self, answers)
    }

    /// The label columns, in the order of `l0`, `l1`, ...
    pub(crate) fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The columns of the table that are read, in the order of `f0`, `f1`, ... of the totals.
    pub(crate) fn columns_read(&self) -> Vec<String> {
        self.events.read_in_order(&self.reads)
    }

    /// The periods, and which belong to the training part.
    pub(super) fn events(&self) -> &Events {
        &self.events
    }

    /// The units with their fields.
    ///
    /// # Errors
    /// When an answer is not of the shape that was asked for.
    pub(crate) fn units(&self, answers: &Answers) -> Result<UnitTable> {
        units::table(self, answers)
    }
}

/// Key columns as text, `k0`, `k1`, ...
fn texts(keys: &[String], from: &str) -> String {
    keys.iter().enumerate().map(|(index, key)| format!("CAST({from}{key} AS STRING) AS k{index}")).collect::<Vec<_>>().join(", ")
}
