//! Headers that are not those of the lines below them: a name is lacking or too much, and no line can be read.

use super::{FORMAT, fields_of, lists};
use crate::{
    error::Error,
    source::{advice::Advice, head::Head, scan::Scanner},
};

/// So few fields are not the line of a log.
const LEAST: usize = 4;
/// So few names are forgotten, or too many.
const FEW: usize = 3;

/// How many fields a `#Fields:` line names, and how many every line below it has instead.
pub(super) struct Lacking {
    named: Vec<String>,
    found: usize,
    example: String,
}

impl Lacking {
    /// `None` where any line fits the header above it, or the lines do not agree.
    pub(super) fn of(heads: &[Head]) -> Option<Self> {
        let mut lacking: Option<Self> = None;
        for head in heads {
            let mut named: Option<Vec<String>> = None;
            let mut scanner = Scanner::new(&head.text);
            while let Some(line) = scanner.line() {
                if let Some(fields) = fields_of(line.text) {
                    named = Some(fields.split_ascii_whitespace().map(str::to_owned).collect());
                } else if !line.text.is_empty() && !line.text.starts_with('#') {
                    let named = named.as_ref()?;
                    let plain = scanner.split_plain();
                    let found = line.fields.unwrap_or(plain);
                    if found == named.len() || plain == named.len() || lacking.as_ref().is_some_and(|known| known.found != found) {
                        return None;
                    }
                    lacking.get_or_insert_with(|| Self { named: named.clone(), found, example: super::super::tally::cut(line.text) });
                }
            }
        }
        // Lines of something else are not told what they lack.
        lacking.filter(|known| known.list().is_some() || known.found >= LEAST && known.found.abs_diff(known.named.len()) <= FEW)
    }

    /// The list of ProxySG that has as many fields as the lines, and all names of the header in its order.
    pub(super) fn list(&self) -> Option<&'static str> {
        lists::like(&self.named, self.found)
    }

    pub(super) fn error(&self, head: &Head) -> Error {
        let (path, named, found) = (head.path.display(), self.named.len(), self.found);
        let message = format!("`{path}`: its `#Fields:` line names {named} fields, and its lines have {found}; the first is `{}`", self.example);
        let hint = match self.list() {
            Some(list) => format!(
                "write `options: {{ fields: {list} }}` into the source: ProxySG's list `{list}` has {found} fields, and all names of the header in their order; look at some rows whether the columns are right"
            ),
            None => format!(
                "name all {found} fields of a line in `options: {{ fields: \"{} ...\" }}`, or a list of ProxySG: `gonogo explain format:{}`",
                self.named.iter().take(4).cloned().collect::<Vec<_>>().join(" "),
                FORMAT.id
            ),
        };
        Error::data_hint(message, hint)
    }
}

/// The option that reads files with such a header, where a list of ProxySG does.
pub(in crate::source) fn listed(heads: &[Head]) -> Option<Advice> {
    let list = Lacking::of(heads)?.list()?;
    Some(Advice { format: FORMAT.id, option: "fields", value: list.into(), parse: None, timed: true })
}
