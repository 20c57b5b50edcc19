//! The go/no-go report: a function of what was saved, so that it renders again without the data.
//!
//! A section is one file in `report/` and one word below; so is a chart in `report/figure/`. Every sentence stands in both languages beside
//! the markup that shows it (`phrases`): a missing translation does not compile.

use crate::{
    compare::{Earlier, Iteration},
    cost::CostReport,
    decide::Decision,
    error::Result,
    evaluate::{Alert, Evaluation, FalseAlerts},
    quality::Quality,
    record::{Manifest, Resolved, evidence::Evidence},
    units::FieldSummary,
};

#[macro_use]
mod phrases;

mod alerts_file;
mod appendix_file;
mod audit_words;
pub mod compare;
mod figure;
#[cfg(test)]
mod fixture;
mod markup;
mod metric;
mod names;
mod page;
mod picture;
mod pitfalls;
mod study;
mod summary;
#[cfg(test)]
mod tests;
mod view;

pub use self::figure::Figure;
pub(crate) use self::page::base64;
use self::view::View;

/// Everything a report is made from, as loaded from a run folder.
#[derive(Debug, Clone)]
pub struct ReportInput {
    /// `run.json`.
    pub manifest: Manifest,
    /// `resolved.json`.
    pub resolved: Resolved,
    /// `quality.json`.
    pub quality: Quality,
    /// `fields.json`.
    pub fields: Vec<FieldSummary>,
    /// `evaluation.json`.
    pub evaluation: Evaluation,
    /// `decision.json`.
    pub decision: Decision,
    /// `cost.json`.
    pub cost: Option<CostReport>,
    /// `alerts.json`.
    pub alerts: Vec<Alert>,
    /// `histogram.json`: the pick's scores over all judged units.
    pub histogram: Option<Histogram>,
    /// `injection.json`: what became of planted behaviour.
    pub injection: Option<crate::evaluate::Injection>,
    /// `study.json`: the studies that were asked for.
    pub studies: Option<crate::evaluate::study::Studies>,
    /// `events.json`: some events of every alert.
    pub events: Option<Evidence>,
    /// `shape.json`: what only the rows can tell of the matrix.
    pub shape: Option<Shape>,
    /// `earlier.json`: the earlier runs of the use case beside this one.
    pub earlier: Option<Earlier>,
}

impl ReportInput {
    /// The run as comparisons see it.
    pub fn iteration(&self, false_alerts: Option<FalseAlerts>) -> Iteration {
        Iteration {
            label: Iteration::label(&self.manifest, &self.resolved),
            manifest: self.manifest.clone(),
            resolved: self.resolved.clone(),
            evaluation: self.evaluation.clone(),
            decision: self.decision.clone(),
            cost: self.cost.clone(),
            false_alerts,
        }
    }
}

/// What only the rows can tell of the matrix.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Shape {
    /// Units that had fewer events than the experiment asks for, and were left out.
    pub too_quiet: u64,
    /// The beginning of each budget period, microseconds since 1970 UTC, and how many units begin in it; training first, where it is apart.
    pub units_per_period: Vec<(i64, u64)>,
    /// The skewness of each field that varies, over the training part, before scaling.
    pub skew: Vec<(String, f64)>,
    /// Pairs of fields that are correlated beyond 0.9 in the training part, and how far.
    pub alike: Vec<(String, String, f64)>,
    /// Where units lie on the two main components, where there are two.
    pub map: Option<Map>,
}

/// A random sample of the judged units on the two main components of the training part.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Map {
    /// Which share of the variance each component holds.
    pub shares: [f64; 2],
    /// How many judged units there are.
    pub units: u64,
    /// Both coordinates, and whether the unit is an attack.
    pub points: Vec<(f64, f64, bool)>,
}

/// How the pick's scores are distributed over the judged units.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Histogram {
    /// Edges of the bins, ascending; one more than counts.
    pub edges: Vec<f64>,
    /// Units in each bin.
    pub counts: Vec<u64>,
    /// The scores of attack units.
    pub attacks: Vec<f64>,
    /// The lowest score that was raised at the budget.
    pub cut: Option<f64>,
}

/// Where a section stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// On the first screen and the first printed page.
    Front,
    /// After it.
    Body,
    /// Folded at the end.
    Appendix,
}

/// One part of the report.
trait Section: Sync {
    /// Its permanent address in the page.
    fn id(&self) -> &'static str;

    /// Where it stands.
    fn place(&self) -> Place;

    /// Its heading; `None` where it stands without.
    fn heading(&self, view: &View<'_>) -> Option<String>;

    /// The section's markup, or `None` where the run has nothing for it.
    fn render(&self, view: &View<'_>) -> Option<maud::Markup>;
}

/// Declares a file's section: its address, where it stands, and its heading.
macro_rules! section {
    ($id:literal, $place:ident, $heading:expr, $render:path) => {
        /// The section of this file.
        pub(super) struct Part;

        /// The section of this file.
        pub(super) const SECTION: Part = Part;

        impl super::Section for Part {
            fn id(&self) -> &'static str {
                $id
            }

            fn place(&self) -> super::Place {
                super::Place::$place
            }

            fn heading(&self, view: &super::View<'_>) -> Option<String> {
                let heading: fn(&super::View<'_>) -> Option<String> = $heading;
                heading(view)
            }

            fn render(&self, view: &super::View<'_>) -> Option<maud::Markup> {
                $render(view)
            }
        }
    };
}

macro_rules! sections {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*
        /// Every section, in the order of the page.
        static SECTIONS: &[&dyn Section] = &[$(&$module::SECTION),*];

        /// The text of each section's file, in the same order.
        static TEXTS: &[&str] = &[$(include_str!(concat!("report/", stringify!($module), ".rs"))),*];
    };
}

sections!(
    verdict,
    warnings,
    tiles,
    criteria,
    false_alerts,
    detectors,
    trade_off,
    cost,
    what_if,
    scaling,
    incidents,
    planted,
    learning_curve,
    ageing,
    peers_ablation,
    sensitivity,
    stability,
    calibration,
    causes,
    suppressed,
    review,
    caveats,
    audit,
    since,
    next_step,
    alerts,
    quality,
    appendix_experiment,
    appendix_data,
    appendix_units,
    appendix_fields,
    appendix_detectors,
    appendix_measures,
    appendix_charts,
    appendix_diagnostics,
    appendix_labels,
    appendix_alerts,
    appendix_reproduction,
);

/// Every section's permanent address, and where it stands, in the order of the page.
pub fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    SECTIONS.iter().map(|section| {
        let place = match section.place() {
            Place::Front => "first page",
            Place::Body => "report",
            Place::Appendix => "appendix",
        };
        (section.id(), place)
    })
}

/// The text of the file of a section, which begins with what it shows; by its address.
pub fn section_text(id: &str) -> Option<&'static str> {
    SECTIONS.iter().zip(TEXTS).find(|(section, _)| section.id() == id).map(|(_, text)| *text)
}

/// The text in which the pitfalls that the audit looks for are described, each under a heading of its own.
pub const PITFALLS: &str = include_str!("report/pitfalls.rs");

/// The report as one self-contained HTML page: no request to anywhere, complete without script.
///
/// The same input gives the same bytes.
pub fn page(input: &ReportInput) -> String {
    page_of(input, &[])
}

/// The report with these sections only, by their addresses, and the verdict; with all of them where none is named.
pub fn page_of(input: &ReportInput, only: &[String]) -> String {
    page::render(&View::new(input), only)
}

/// Every chart of the run as SVG and PNG (twice the size), the same bytes for the same input.
///
/// # Errors
/// When a chart cannot be drawn, which would be a bug.
pub fn figures(input: &ReportInput) -> Result<Vec<Figure>> {
    figure::all(&View::new(input))
}

/// The verdict, the criteria and the comparison as Markdown, for a merge request or a mail.
pub fn summary_md(input: &ReportInput) -> String {
    summary::markdown(&View::new(input))
}

/// The technical appendix as Markdown; its charts are links to `figures/`.
pub fn appendix_md(input: &ReportInput) -> String {
    appendix_file::markdown(&View::new(input))
}

/// The first screen as one PNG picture, 1600 pixels wide, the same bytes for the same input.
///
/// # Errors
/// When it cannot be drawn, which would be a bug.
pub fn summary_png(input: &ReportInput) -> Result<Vec<u8>> {
    picture::png(&View::new(input))
}

/// The alerts of the pick as CSV. No cell is a formula.
pub fn alerts_csv(input: &ReportInput) -> String {
    alerts_file::csv(&View::new(input))
}
