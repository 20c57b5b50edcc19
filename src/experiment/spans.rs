//! Where in the file a path lies: `algorithms[1].clusters` to bytes. Domain code knows paths only.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use saphyr_parser::{Event, Parser, Span};

/// Deeper files are refused: nothing an experiment says needs it.
const MAX_DEPTH: usize = 64;

/// The places of every key and value of a file.
#[derive(Debug, Default)]
pub struct Places {
    nodes: BTreeMap<String, Node>,
    /// Keys that stand twice in their mapping: path, and the bytes of the second.
    pub duplicates: Vec<(String, Range<usize>)>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    key: Option<Range<usize>>,
    value: Range<usize>,
    /// The path of the key before it in the same mapping.
    after: Option<String>,
}

/// Why a file is not YAML, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// What the parser says.
    pub message: String,
    /// The byte it stopped at.
    pub at: usize,
}

impl Places {
    /// Reads the places of a file.
    ///
    /// # Errors
    /// When it is not YAML, or nested too deeply.
    pub fn read(text: &str) -> Result<Self, Malformed> {
        let mut receiver = Receiver { places: Self::default(), stack: Vec::new(), offsets: offsets(text) };
        // One event at a time, and none after the first that is too deep: the parser's own loader calls itself for each level.
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let at = receiver.offsets.get(error.marker().index()).copied().unwrap_or(text.len());
                Malformed { message: error.info().to_owned(), at }
            })?;
            if matches!(event, Event::DocumentEnd) {
                break;
            }
            let start = span.start.index();
            receiver.on_event(event, span);
            if receiver.stack.len() > MAX_DEPTH {
                let at = receiver.offsets.get(start).copied().unwrap_or(text.len());
                return Err(Malformed { message: format!("nested deeper than {MAX_DEPTH} levels"), at });
            }
        }
        Ok(receiver.places)
    }

    /// The bytes of a path's key; of its value where it has none (an item of a list); of the nearest parent where the path does not exist.
    pub fn key(&self, path: &str) -> Option<Range<usize>> {
        self.nearest(path, |node| node.key.clone().unwrap_or_else(|| node.value.clone()))
    }

    /// The bytes of a path's value; of the nearest parent's key where the path does not exist.
    pub fn value(&self, path: &str) -> Option<Range<usize>> {
        match self.nodes.get(path) {
            Some(node) if !node.value.is_empty() => Some(node.value.clone()),
            _ => self.key(path),
        }
    }

    /// The bytes of the value of the key before a path's key in the same mapping, with the path of that key.
    pub fn before(&self, path: &str) -> Option<(&str, Range<usize>)> {
        let before = self.nodes.get(path)?.after.as_deref()?;
        Some((before, self.nodes.get(before)?.value.clone()))
    }

    /// Whether the file has a value there.
    pub fn has(&self, path: &str) -> bool {
        self.nodes.contains_key(path)
    }

    fn nearest(&self, path: &str, place: impl Fn(&Node) -> Range<usize>) -> Option<Range<usize>> {
        let mut path = path;
        loop {
            if let Some(node) = self.nodes.get(path) {
                return Some(place(node));
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }
}

/// The byte of each character, and the length: the parser counts characters.
fn offsets(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
}

struct Receiver {
    places: Places,
    stack: Vec<Frame>,
    offsets: Vec<usize>,
}

enum Frame {
    /// `seen` are the names of its keys so far, `last` the path of the last of them.
    Mapping {
        path: String,
        key: Option<(String, Range<usize>)>,
        seen: BTreeSet<String>,
        last: Option<String>,
    },
    Sequence {
        path: String,
        next: usize,
    },
}

impl Receiver {
    /// The path of the value that begins at `value`, once it is noted; `None` for a mapping's key.
    fn begin(&mut self, value: Range<usize>) -> Option<String> {
        let (path, key, after) = match self.stack.last_mut() {
            None => (String::new(), None, None),
            Some(Frame::Sequence { path, next }) => {
                *next += 1;
                (format!("{path}[{}]", *next - 1), None, None)
            }
            Some(Frame::Mapping { path, key, seen, last }) => {
                let (name, place) = key.take()?;
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                if !seen.insert(name) {
                    self.places.duplicates.push((path.clone(), place.clone()));
                }
                (path.clone(), Some(place), last.replace(path))
            }
        };
        self.places.nodes.insert(path.clone(), Node { key, value, after });
        Some(path)
    }

    fn open(&mut self, range: Range<usize>, frame: impl FnOnce(String) -> Frame) {
        // A mapping as a key has no path; what it holds is skipped under a name that no path can have.
        let path = self.begin(range.start..range.start).unwrap_or_else(|| "\u{0}".to_owned());
        self.stack.push(frame(path));
    }

    fn scalar(&mut self, text: Cow<'_, str>, range: Range<usize>) {
        if self.begin(range.clone()).is_none()
            && let Some(Frame::Mapping { key, .. }) = self.stack.last_mut()
        {
            *key = Some((text.into_owned(), range));
        }
    }
}

impl Receiver {
    fn on_event(&mut self, event: Event<'_>, span: Span) {
        let byte = |index: usize| self.offsets.get(index).or(self.offsets.last()).copied().unwrap_or(0);
        let range = byte(span.start.index())..byte(span.end.index());
        match event {
            Event::MappingStart(..) => self.open(range, |path| Frame::Mapping { path, key: None, seen: BTreeSet::new(), last: None }),
            Event::SequenceStart(..) => self.open(range, |path| Frame::Sequence { path, next: 0 }),
            Event::MappingEnd | Event::SequenceEnd => {
                self.stack.pop();
            }
            Event::Scalar(text, ..) => self.scalar(text, range),
            Event::Alias(_) => self.scalar(Cow::Borrowed(""), range),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name: é\nalgorithms:\n  - kmeans\n  - method: ecod\n    tail: 2\nsources: { a: { path: x.log } }\n";

    fn piece(range: Option<Range<usize>>) -> &'static str {
        range.map_or("", |range| &TEXT[range])
    }

    #[test]
    fn finds_keys_and_values() {
        let places = Places::read(TEXT).unwrap();
        assert_eq!(piece(places.key("algorithms[1].tail")), "tail");
        assert_eq!(piece(places.value("algorithms[1].tail")), "2");
        assert_eq!(piece(places.value("algorithms[0]")), "kmeans");
        assert_eq!(piece(places.value("sources.a.path")), "x.log");
        assert_eq!(piece(places.key("sources.a.path.nothing")), "path");
        assert_eq!(piece(places.value("name")), "é");
        assert_eq!(places.before("algorithms[1].tail").map(|(path, value)| (path, &TEXT[value])), Some(("algorithms[1].method", "ecod")));
        assert_eq!(places.before("algorithms[1].method"), None);
    }

    #[test]
    fn says_where_a_key_stands_twice() {
        let places = Places::read("a: 1\nb: { c: 1, c: 2 }\n").unwrap();
        assert_eq!(places.duplicates, [("b.c".to_owned(), 16..17)]);
        // Names may hold dots.
        assert_eq!(Places::read("a.b: 1\na: { b: 2 }\n").unwrap().duplicates, []);
    }

    #[test]
    fn refuses_what_is_not_yaml_or_too_deep() {
        assert!(Places::read("a: [1\n").is_err());
        assert!(Places::read(&"[".repeat(500)).is_err());
        assert!(Places::read(&format!("{}{}", "[".repeat(100), "]".repeat(100))).is_err());
        assert!(Places::read(&"- ".repeat(100_000)).is_err());
        assert!(Places::read(&"? ".repeat(100_000)).is_err());
    }
}
