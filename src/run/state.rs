//! What a run keeps so that it can be judged again without the logs: its units, cases, fields and scores. `state/` in the run folder.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use ndarray::Array2;
use polars::prelude::Column;
use serde::{Deserialize, Serialize};

use self::columns::Columns;
use super::scores::parquet;
use crate::{
    cost::Work,
    detect::{Kind, Outcome, ScoreColumn, ScoreTable, Scored},
    error::{Error, Result},
    evaluate::{FIELD_PREFIX, Suppressed},
    fields::Matrices,
    record::{Resolved, folder::read_json},
    report::ReportInput,
    sql::Expression,
    suppress,
    units::{Dropped, FeatureMatrix, Incident, Labels, Part},
};

mod columns;

/// The folder of the state in a run folder.
pub const FOLDER: &str = "state";

/// The column of the number of the rule that suppresses a unit; -1: none does.
const SUPPRESSED: &str = "suppressed";

/// What it takes to judge a run again.
#[derive(Debug)]
pub struct State {
    /// What was learned from.
    pub training: Part,
    /// What is judged.
    pub judged: Part,
    /// Whether both are the same rows.
    pub in_sample: bool,
    /// For each unit of both parts, whether the baseline flags it.
    pub baseline: Option<(Vec<bool>, Vec<bool>)>,
    /// The scores.
    pub table: ScoreTable,
    /// The fields.
    pub matrices: Matrices,
    /// What the run did.
    pub work: Work,
    /// Which units raise no alert, by the rules of the experiment.
    pub suppressed: Option<Suppressed>,
}

/// What is kept besides the columns. `state/state.json`.
#[derive(Serialize, Deserialize)]
struct Kept {
    in_sample: bool,
    has_baseline: bool,
    features: Vec<String>,
    dropped: Vec<Dropped>,
    work: Work,
    training: KeptPart,
    judged: KeptPart,
    columns: Vec<KeptColumn>,
}

/// A part without its units.
#[derive(Serialize, Deserialize)]
struct KeptPart {
    clusters: Vec<String>,
    /// Cluster and budget period of each case.
    cases: Vec<(u32, u32)>,
    /// Start and days of each budget period.
    budget_periods: Vec<(i64, f64)>,
    labels: Option<KeptLabels>,
}

/// Labels, sparse: most units have none.
#[derive(Serialize, Deserialize)]
struct KeptLabels {
    complete: bool,
    dispositions: BTreeMap<usize, crate::units::Disposition>,
    incidents_of: BTreeMap<usize, Vec<u32>>,
    incidents: Vec<Incident>,
}

/// A contender without its scores.
#[derive(Serialize, Deserialize)]
struct KeptColumn {
    id: String,
    kind: Kind,
    method: String,
    failed: Option<String>,
    skipped: Option<String>,
    repeats: usize,
    contributions: usize,
    fit_seconds: f64,
    score_seconds: f64,
    notes: Vec<crate::text::Said>,
}

/// Whether a column is a field alone: its scores are the scaled field, and are not kept twice.
pub(super) fn is_field(id: &str) -> bool {
    id.starts_with(FIELD_PREFIX)
}

/// Makes the files of a state and hands each on, by its name below the run folder, before it makes the next: a run is large.
///
/// # Errors
/// When a file cannot be encoded, or `write` fails.
pub fn files(
    (training, judged): (&Part, &Part),
    in_sample: bool,
    baseline: Option<(&[bool], &[bool])>,
    (table, matrices): (&ScoreTable, &Matrices),
    suppressed: Option<&Suppressed>,
    work: &Work,
    write: &mut dyn FnMut(&str, &[u8]) -> Result<()>,
) -> Result<()> {
    let kept = Kept {
        in_sample,
        has_baseline: baseline.is_some(),
        features: matrices.judged.features().to_vec(),
        dropped: matrices.dropped.clone(),
        work: *work,
        training: KeptPart::of(training),
        judged: KeptPart::of(judged),
        columns: table.columns.iter().map(KeptColumn::of).collect(),
    };
    let json = crate::text::json_line(&kept).map_err(|error| Error::Internal(error.to_string()))?;
    write(&format!("{FOLDER}/state.json"), json.as_bytes())?;
    drop(json);
    let scored = || {
        table.columns.iter().enumerate().filter_map(|(index, column)| match &column.outcome {
            Outcome::Scored(scored) if !is_field(&column.id) => Some((index, scored.as_ref())),
            _ => None,
        })
    };
    let numbers =
        |units: &[Option<u16>]| Column::new(SUPPRESSED.into(), units.iter().map(|rule| rule.map_or(-1, i64::from)).collect::<Vec<_>>());

    let mut columns = unit_columns(training, baseline.map(|(training, _)| training), &matrices.training, &matrices.raw_training);
    columns.extend(suppressed.map(|suppressed| numbers(&suppressed.training)));
    for (index, scored) in scored().filter(|(_, scored)| scored.training.len() == training.case_of.len()) {
        columns.push(Column::new(format!("score {index}").into(), &scored.training));
    }
    write(&format!("{FOLDER}/training.parquet"), &parquet(columns)?)?;

    let mut columns = unit_columns(judged, baseline.map(|(_, judged)| judged), &matrices.judged, &matrices.raw_judged);
    columns.extend(suppressed.map(|suppressed| numbers(&suppressed.judged)));
    for (index, scored) in scored() {
        columns.push(Column::new(format!("score {index}").into(), &scored.judged));
        for (at, repeat) in scored.repeats.iter().enumerate() {
            columns.push(Column::new(format!("score {index} repeat {at}").into(), repeat));
        }
        for (at, why) in scored.contributions.iter().flat_map(|c| c.columns().into_iter().enumerate()) {
            columns.push(Column::new(format!("score {index} why {at}").into(), why.to_vec()));
        }
    }
    write(&format!("{FOLDER}/judged.parquet"), &parquet(columns)?)
}

fn unit_columns(part: &Part, flags: Option<&[bool]>, scaled: &FeatureMatrix, raw: &FeatureMatrix) -> Vec<Column> {
    let entities: Vec<&str> = part.rows.iter().map(|row| row.entity.as_ref()).collect();
    let periods: Vec<i64> = part.rows.iter().map(|row| row.period).collect();
    let mut columns = vec![
        Column::new("entity".into(), entities),
        Column::new("period".into(), periods),
        Column::new("start".into(), &part.starts),
        Column::new("case".into(), &part.case_of),
    ];
    columns.extend(flags.map(|flags| Column::new("flagged".into(), flags)));
    for index in 0..scaled.ncols() {
        columns.push(Column::new(format!("scaled {index}").into(), scaled.column(index).to_vec()));
        columns.push(Column::new(format!("raw {index}").into(), raw.column(index).to_vec()));
    }
    columns
}

impl KeptPart {
    fn of(part: &Part) -> Self {
        Self {
            clusters: part.clusters.to_vec(),
            cases: part.cases.iter().map(|case| (case.cluster, case.budget_period)).collect(),
            budget_periods: part.budget_periods.iter().map(|period| (period.start, period.days)).collect(),
            labels: part.labels.as_ref().map(|labels| KeptLabels {
                complete: labels.complete,
                dispositions: labels.dispositions.iter().enumerate().filter_map(|(unit, d)| d.map(|d| (unit, d))).collect(),
                incidents_of: labels
                    .incidents_of
                    .iter()
                    .enumerate()
                    .filter(|(_, of)| !of.is_empty())
                    .map(|(unit, of)| (unit, of.clone()))
                    .collect(),
                incidents: labels.incidents.clone(),
            }),
        }
    }

    fn labels(&self, units: usize) -> Option<Labels> {
        let kept = self.labels.as_ref()?;
        Some(Labels {
            complete: kept.complete,
            dispositions: (0..units).map(|unit| kept.dispositions.get(&unit).copied()).collect(),
            incidents_of: (0..units).map(|unit| kept.incidents_of.get(&unit).cloned().unwrap_or_default()).collect(),
            incidents: kept.incidents.clone(),
        })
    }
}

impl KeptColumn {
    fn of(column: &ScoreColumn) -> Self {
        let mut kept = Self {
            id: column.id.clone(),
            kind: column.kind,
            method: column.method.clone(),
            failed: None,
            skipped: None,
            repeats: 0,
            contributions: 0,
            fit_seconds: 0.0,
            score_seconds: 0.0,
            notes: Vec::new(),
        };
        match &column.outcome {
            Outcome::Failed { reason } => kept.failed = Some(reason.clone()),
            Outcome::Skipped { reason } => kept.skipped = Some(reason.clone()),
            Outcome::Scored(scored) => {
                kept.repeats = scored.repeats.len();
                kept.contributions = scored.contributions.as_ref().map_or(0, Array2::ncols);
                (kept.fit_seconds, kept.score_seconds, kept.notes) = (scored.fit_seconds, scored.score_seconds, scored.notes.clone());
            }
        }
        kept
    }

    fn outcome(self, training: &Columns, judged: &Columns, matrices: &Matrices) -> Result<Outcome> {
        if let Some(reason) = self.failed {
            return Ok(Outcome::Failed { reason });
        }
        if let Some(reason) = self.skipped {
            return Ok(Outcome::Skipped { reason });
        }
        let of = |columns: &Columns, rest: &str| columns.numbers(&format!("score {rest}"));
        let mut scored =
            Scored { fit_seconds: self.fit_seconds, score_seconds: self.score_seconds, notes: self.notes, ..Scored::default() };
        if let Some(name) = self.id.strip_prefix(FIELD_PREFIX) {
            let (name, sign) = name.strip_suffix(":low").map_or((name, 1.0), |name| (name, -1.0));
            let values = |matrix: &FeatureMatrix| -> Vec<f64> {
                let index = matrix.features().iter().position(|feature| feature == name);
                index.map_or_else(Vec::new, |index| matrix.column(index).iter().map(|value| sign * value).collect())
            };
            (scored.training, scored.judged) = (values(&matrices.training), values(&matrices.judged));
            return Ok(Outcome::Scored(Box::new(scored)));
        }
        let index = judged.index_of(&self.id);
        scored.training = of(training, &index.to_string()).unwrap_or_default();
        scored.judged = of(judged, &index.to_string())?;
        scored.repeats = (0..self.repeats).map(|at| of(judged, &format!("{index} repeat {at}"))).collect::<Result<_>>()?;
        if self.contributions > 0 {
            let columns = (0..self.contributions).map(|at| of(judged, &format!("{index} why {at}"))).collect::<Result<Vec<_>>>()?;
            scored.contributions = Some(Array2::from_shape_fn((scored.judged.len(), columns.len()), |(row, at)| columns[at][row]));
        }
        Ok(Outcome::Scored(Box::new(scored)))
    }
}

/// Applies the rules of an experiment to saved fields.
fn suppressed_now(resolved: &Resolved, matrices: &Matrices, starts: (&[i64], &[i64])) -> Result<Option<Suppressed>> {
    let experiment = &resolved.experiment;
    let keys = || experiment.entity.iter().flat_map(|entity| &entity.key).filter(|key| experiment.report.redact.contains_key(*key));
    for (index, rule) in experiment.suppress.iter().enumerate() {
        let Ok(condition) = Expression::parse(&rule.when) else { continue };
        if let Some(key) = keys().find(|key| condition.columns().contains(*key)) {
            return Err(Error::usage(
                format!("`suppress[{index}].when` asks for `{key}`, whose values this run has not kept: `report.redact` replaced them"),
                Some("run the experiment again with the rule in it".into()),
            ));
        }
    }
    suppress::apply(&experiment.suppress, experiment, matrices, starts, resolved.suppressed_first.is_some())
}

/// Reads the state of a run.
///
/// # Errors
/// When the run kept none (it was made by an older version), a file is damaged, or a rule of `suppress` does not fit the fields.
pub fn load(run: &Path, saved: &ReportInput) -> Result<State> {
    if !run.join(FOLDER).join("state.json").is_file() {
        return Err(Error::data_hint(
            format!("`{}` holds no `{FOLDER}`, from which it could be judged again", run.display()),
            "it was made by an older version: run the experiment again",
        ));
    }
    let kept: Kept = read_json(&run.join(FOLDER), "state.json")?;
    let ids: Vec<String> = kept.columns.iter().map(|column| column.id.clone()).collect();
    let of_training = Columns::read(run, "training.parquet", ids.clone())?;
    let of_judged = Columns::read(run, "judged.parquet", ids)?;
    let (training, judged) = (of_training.part(&kept.training)?, of_judged.part(&kept.judged)?);
    let features: Arc<[String]> = kept.features.clone().into();
    let matrices = Matrices {
        training: of_training.matrix("scaled", &features, &training.rows)?,
        judged: of_judged.matrix("scaled", &features, &judged.rows)?,
        raw_training: of_training.matrix("raw", &features, &training.rows)?,
        raw_judged: of_judged.matrix("raw", &features, &judged.rows)?,
        summaries: saved.fields.clone(),
        dropped: kept.dropped,
    };
    let baseline = if kept.has_baseline { Some((of_training.flags("flagged")?, of_judged.flags("flagged")?)) } else { None };
    let columns = kept
        .columns
        .into_iter()
        .map(|column| {
            let (id, kind, method) = (column.id.clone(), column.kind, column.method.clone());
            column.outcome(&of_training, &of_judged, &matrices).map(|outcome| ScoreColumn { id, kind, method, outcome })
        })
        .collect::<Result<_>>()?;
    let table = ScoreTable { training: Arc::clone(&training.rows), judged: Arc::clone(&judged.rows), columns };
    let suppressed = match (of_training.suppressed()?, of_judged.suppressed()?) {
        // Those of the run itself are known; where names are redacted they could not be told again.
        (Some(training), Some(judged)) if saved.resolved.suppressed_first.is_none() => {
            Some(Suppressed { training, judged, rules: saved.resolved.experiment.suppress.clone(), afterwards: false })
        }
        _ => suppressed_now(&saved.resolved, &matrices, (&training.starts, &judged.starts))?,
    };
    Ok(State { training, judged, in_sample: kept.in_sample, baseline, table, matrices, work: kept.work, suppressed })
}
