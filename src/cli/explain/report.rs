//! Sections of the report, and the pitfalls that its audit looks for: from the comments at the heads of their files.

use super::module_doc;
use crate::report::{self, PITFALLS};

/// What a section of the report shows.
pub fn section(id: &str) -> Option<String> {
    let text = report::section_text(id)?;
    let (_, place) = report::sections().find(|(known, _)| *known == id)?;
    Some(format!("{id}: a section of the report ({place})\n\n{}\n`gonogo report RUN --sections {id}` shows it alone\n", module_doc(text)))
}

/// The headings of the pitfalls, and what stands below each.
fn described() -> impl Iterator<Item = (&'static str, &'static str)> {
    PITFALLS.split("\n//! # ").skip(1).filter_map(|part| part.split_once('\n'))
}

/// What a pitfall is.
pub fn pitfall(id: &str) -> Option<String> {
    let (heading, text) = described().find(|(heading, _)| heading.split(':').next() == Some(id))?;
    Some(format!("{heading}\n\n{}\n`gonogo explain section:audit` says what the audit is\n", module_doc(text).trim_end()))
}

/// Every pitfall, a line each.
pub fn pitfalls() -> String {
    let lines: String = described().map(|(heading, _)| format!("  {heading}\n")).collect();
    format!("Pitfalls of evaluations, each examined by the audit of a report\n\n{lines}\nnext: gonogo explain pitfall:ID\n")
}
