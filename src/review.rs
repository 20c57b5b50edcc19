//! The review: which alerts analysts read so that a run without labels can be judged, the sheets they read them on, and what came back.
//!
//! Everything lies in `review/` of the run folder: `design.json` (the seed and what each sheet offered), `sheet-N.csv`, `.xlsx` and `.html`, the events
//! behind its rows (`sheet-N-events.csv`, and in the other two), and `readings.json` (everything that was imported). A sheet tells nothing of who
//! raised an alert or how high.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::{
    agree::RULE,
    plan::{Plan, plan},
};
use crate::{
    error::{Error, Result},
    evaluate::{
        Input, Reviewed,
        design::ReviewFrame,
        readings::{Reading, labelled},
    },
    record::folder::{read_json_if_there, replace, replace_json},
    report::ReportInput,
    run::{
        again::{input, judge},
        pipeline,
        sheet_events::SheetEvents,
        state::{self, State},
    },
    spec::Suppress,
    suppress,
    units::{Disposition, Part},
};

mod agree;
mod import;
mod page;
mod plan;
mod rows;
mod table;

/// A frame of at most so many cases is offered whole: reading all of it makes this window's figures points.
pub const WHOLE: usize = 300;
/// How many cases a sheet offers where the frame is larger and nothing else is asked.
pub const USUAL: u64 = 200;

const DESIGN: &str = "review/design.json";
const READINGS: &str = "review/readings.json";

/// What the sheets of a run are drawn by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Design {
    seed: u64,
    fields: bool,
    /// The rules of `suppress` at the first sheet: what is in the frame, and in which order, hangs on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    suppress: Vec<Suppress>,
    /// The cases that each sheet offers.
    sheets: Vec<Vec<u32>>,
}

/// One row as an analyst gave it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The case.
    pub case: u32,
    /// Who said so.
    pub analyst: String,
    /// What it was.
    pub disposition: Disposition,
    /// The incident it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// What the analyst wrote beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How many cases the next sheet offers where nothing else is asked: all that are left, where they are few.
fn usual(left: usize) -> u64 {
    if left <= WHOLE { left as u64 } else { USUAL }
}

/// A saved run and its review.
pub struct Review {
    run: PathBuf,
    saved: ReportInput,
    state: State,
    design: Design,
    given: Vec<Given>,
    frame: ReviewFrame,
}

/// A sheet that was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drawn {
    /// Its number, from 1.
    pub number: usize,
    /// How many rows it has.
    pub rows: usize,
    /// How many cases are left of the frame once it is read.
    pub left: usize,
    /// Its files.
    pub files: Vec<PathBuf>,
}

/// What an import did.
pub struct Imported {
    /// Rows with a disposition.
    pub rows: usize,
    /// Rows without one, which are offered again.
    pub blank: usize,
    /// Rows that replace what the same analyst said before.
    pub corrected: usize,
    /// The run, judged again.
    pub saved: ReportInput,
    /// Where the earlier results are kept.
    pub earlier: PathBuf,
}

/// Judges a saved run again with other rules of `suppress`, with what was read of its review; gives the folder of the earlier results.
///
/// # Errors
/// When the run is not whole, kept no state, a rule does not fit its fields, or a file cannot be written.
pub fn judge_with(run: &Path, rules: Vec<Suppress>) -> Result<(ReportInput, PathBuf)> {
    let mut saved = pipeline::load(run)?;
    saved.resolved.suppress(rules);
    let state = state::load(run, &saved)?;
    let given: Vec<Given> = read_json_if_there(run, READINGS)?.unwrap_or_default();
    if given.is_empty() {
        let judged = state.judged.clone();
        return judge(run, saved, &state, &judged, None);
    }
    let review = Review::of(run, saved, state, None, false)?;
    let (judged, reviewed) = review.judged();
    judge(run, review.saved.clone(), &review.state, &judged, Some(&reviewed))
}

impl Review {
    /// Opens a run and what is there of its review.
    ///
    /// # Errors
    /// When the run is not whole, kept no state, or its labels are complete.
    pub fn open(run: &Path, seed: Option<u64>, fields: bool) -> Result<Self> {
        let saved = pipeline::load(run)?;
        let state = state::load(run, &saved)?;
        Self::of(run, saved, state, seed, fields)
    }

    fn of(run: &Path, saved: ReportInput, state: State, seed: Option<u64>, fields: bool) -> Result<Self> {
        if state.judged.labels.as_ref().is_some_and(|labels| labels.complete) {
            return Err(Error::usage(
                "the labels of this run are complete, so there is nothing to review",
                Some("set `labels: { complete: false }` in the experiment if what is not labelled is not benign".into()),
            ));
        }
        let mut design: Design = read_json_if_there(run, DESIGN)?.unwrap_or(Design {
            seed: seed.unwrap_or(saved.manifest.seed),
            fields: false,
            suppress: Vec::new(),
            sheets: Vec::new(),
        });
        if let Some(seed) = seed.filter(|seed| *seed != design.seed) {
            if !design.sheets.is_empty() {
                return Err(Error::usage(
                    format!("this review was begun with the seed {}: another would break its chances", design.seed),
                    Some("leave `--seed` out".into()),
                ));
            }
            design.seed = seed;
        }
        design.fields |= fields;
        let experiment = &saved.resolved.experiment;
        if design.sheets.is_empty() {
            design.suppress.clone_from(&experiment.suppress);
        }
        let starts = (state.training.starts.as_slice(), state.judged.starts.as_slice());
        let suppressed = suppress::apply(&design.suppress, experiment, &state.matrices, starts, false)?;
        let drawn = Input { suppressed: suppressed.as_ref(), ..input(&saved, &state, &state.judged, None) };
        let frame = ReviewFrame::new(&drawn, design.fields, design.seed);
        let given = read_json_if_there(run, READINGS)?.unwrap_or_default();
        Ok(Self { run: run.to_owned(), saved, state, design, given, frame })
    }

    /// How many cases the frame holds that no label told before.
    pub fn size(&self) -> usize {
        self.frame.shuffled.len()
    }

    /// How many of them were read.
    pub fn read_count(&self) -> usize {
        let read = self.read();
        self.frame.shuffled.iter().filter(|&&case| read[case as usize]).count()
    }

    fn read(&self) -> Vec<bool> {
        let mut read = vec![false; self.frame.stratum.len()];
        for given in &self.given {
            if let Some(read) = read.get_mut(given.case as usize) {
                *read = true;
            }
        }
        read
    }

    /// Draws the next sheet: what was not read yet, the whole frame where it is small and no number is asked.
    ///
    /// # Errors
    /// When everything was read, or a file cannot be written.
    pub fn draw(&mut self, reviews: Option<u64>) -> Result<Drawn> {
        let read = self.read();
        let left = self.size() - self.read_count();
        if left == 0 {
            return Err(Error::usage("every alert of the frame was read already", Some("`gonogo report` shows what it says".into())));
        }
        let reviews = reviews.unwrap_or(usual(left));
        let cases = self.frame.next(&read, reviews);
        let number = self.design.sheets.len() + 1;
        let events = SheetEvents::load(&self.run)?.unwrap_or_default();
        let sheet = rows::Sheet::new(self, number, &cases, &events);
        let name = |kind: &str| format!("review/sheet-{number}{kind}");
        let mut files =
            vec![(".csv", table::csv(&sheet).into_bytes()), (".xlsx", table::xlsx(&sheet)?), (".html", page::page(&sheet).into_bytes())];
        files.extend(table::events_csv(&sheet).map(|text| ("-events.csv", text.into_bytes())));
        std::fs::create_dir_all(self.run.join("review")).map_err(|error| Error::io("create", self.run.join("review"), error))?;
        for (kind, bytes) in &files {
            replace(&self.run, &name(kind), bytes)?;
        }
        let drawn = Drawn {
            number,
            rows: cases.len(),
            left: left - cases.len(),
            files: files.iter().map(|(kind, _)| self.run.join(name(kind))).collect(),
        };
        self.design.sheets.push(cases);
        replace_json(&self.run, DESIGN, &self.design)?;
        Ok(drawn)
    }

    /// Takes in what came back, judges the run again, and writes results and report.
    ///
    /// # Errors
    /// When a row cannot be used (all of them are named, and nothing is taken in), or a file cannot be read or written.
    pub fn import(mut self, files: &[PathBuf], analyst: Option<&str>) -> Result<Imported> {
        let returned = import::read(files, analyst, &|id| self.case_of(id))?;
        let (rows, blank) = (returned.given.len(), returned.blank);
        let mut known: BTreeMap<(u32, String), Given> =
            self.given.drain(..).map(|given| ((given.case, given.analyst.clone()), given)).collect();
        let mut corrected = 0;
        for given in returned.given {
            let earlier = known.insert((given.case, given.analyst.clone()), given.clone());
            corrected += usize::from(earlier.is_some_and(|earlier| earlier != given));
        }
        if known.is_empty() {
            return Err(Error::data_hint(
                "no row has a disposition",
                "write `true_positive`, `benign_true_positive` or `false_positive` in that column",
            ));
        }
        self.given = known.into_values().collect();
        let (judged, reviewed) = self.judged();
        let (saved, earlier) = judge(&self.run, self.saved.clone(), &self.state, &judged, Some(&reviewed))?;
        replace_json(&self.run, READINGS, &self.given)?;
        Ok(Imported { rows, blank, corrected, saved, earlier })
    }

    /// The judged part with what was read as its labels, and the review.
    fn judged(&self) -> (Part, Reviewed) {
        let agreed = agree::agree(&self.given);
        let readings: BTreeMap<u32, Reading> = agreed.readings;
        let mut reviewed = self.frame.reviewed(&readings);
        let offered: BTreeSet<u32> = self.design.sheets.iter().flatten().copied().collect();
        reviewed.summary.blank = offered.iter().filter(|case| !readings.contains_key(case)).count() as u64;
        reviewed.summary.analysts = agreed.analysts;
        reviewed.summary.read_twice = agreed.read_twice;
        reviewed.summary.disagreements = agreed.disagreements;
        reviewed.summary.attack_disagreements = agreed.attack_disagreements;
        reviewed.summary.kappa = agreed.kappa;
        reviewed.summary.next = plan::next(self);
        (Part { labels: Some(labelled(&self.state.judged, &readings)), ..self.state.judged.clone() }, reviewed)
    }

    /// A row's id: the case, and four digits that tell a row of this run from one of another.
    fn id_of(&self, case: u32) -> String {
        let digest = Sha256::digest(format!("{} {case}", self.saved.manifest.run).as_bytes());
        format!("{case}-{:02x}{:02x}", digest[0], digest[1])
    }

    /// The case of a row's id; `None` where the row is none of this run's.
    fn case_of(&self, id: &str) -> Option<u32> {
        let case: u32 = id.split('-').next()?.parse().ok()?;
        let offered = self.design.sheets.iter().flatten().any(|known| *known == case);
        (offered && self.id_of(case) == id).then_some(case)
    }
}
