//! Binary XML: the event of a record, as JSON.

use serde_json::{Map, Value};

use super::{super::layout::Reason, number, values};

/// Elements and templates inside each other.
const DEEPEST: usize = 64;
/// Bytes of text that one event may come to, each of its marks counted as 16: a record has 64 KiB, and its values may stand in several places.
const LONGEST: usize = 4 * 1024 * 1024;

/// A value of a template: its type and where it stands in the chunk.
#[derive(Clone, Copy)]
struct Slot {
    kind: u8,
    from: usize,
    size: usize,
}

/// An element as it is read.
#[derive(Default)]
struct Element {
    name: String,
    attributes: Vec<(String, Value)>,
    /// Its text: a value as it is where there is one, else all of them joined.
    content: Value,
    children: Vec<Element>,
}

/// Reads one event of a chunk, whose offsets count from its beginning.
pub(super) struct Record<'a> {
    chunk: &'a [u8],
    at: usize,
    end: usize,
    left: usize,
    depth: usize,
}

type Read<T> = Result<T, Reason>;

const fn bad<T>(why: &'static str) -> Read<T> {
    Err(Reason::Borrowed(why))
}

/// What tokens are read with: the values of the template they stand in, and whether elements have a number before their size.
#[derive(Clone, Copy)]
struct Scope<'s> {
    slots: &'s [Slot],
    numbered: bool,
}

impl<'a> Record<'a> {
    /// The event between two places of a chunk.
    pub(super) fn read(chunk: &'a [u8], from: usize, end: usize) -> Read<Value> {
        let mut record = Self { chunk, at: from, end, left: LONGEST, depth: 0 };
        let mut root = Element::default();
        record.fragment(Scope { slots: &[], numbered: true }, &mut root)?;
        match root.children.is_empty() {
            true => bad("it holds no element"),
            false => Ok(json(root)),
        }
    }

    fn take(&mut self, size: usize) -> Read<u64> {
        let value = number(self.chunk, self.at, size).filter(|_| self.at + size <= self.end);
        self.at += size;
        value.ok_or(Reason::Borrowed("it ends too early"))
    }

    /// The next mark.
    fn token(&mut self) -> Read<u8> {
        self.spend(0)?;
        Ok(self.take(1)? as u8)
    }

    fn spend(&mut self, bytes: usize) -> Read<()> {
        self.left = self.left.checked_sub(bytes + 16).ok_or(Reason::Borrowed("it comes to more than 4 MiB of text"))?;
        Ok(())
    }

    /// A name, which stands here or somewhere before.
    fn name(&mut self) -> Read<String> {
        let from = self.take(4)? as usize;
        let Some(count) = number(self.chunk, from + 6, 2) else { return bad("a name lies outside its chunk") };
        let size = count as usize * 2;
        let Some(bytes) = self.chunk.get(from + 8..from + 8 + size) else { return bad("a name lies outside its chunk") };
        self.spend(size)?;
        if from == self.at {
            self.at += 10 + size;
        }
        Ok(values::utf16(bytes))
    }

    /// Text whose length stands before it.
    fn counted(&mut self) -> Read<Value> {
        let size = self.take(2)? as usize * 2;
        let Some(bytes) = self.chunk.get(self.at..self.at + size).filter(|_| self.at + size <= self.end) else {
            return bad("it ends too early");
        };
        self.at += size;
        self.spend(size)?;
        Ok(Value::String(values::utf16(bytes)))
    }

    /// Elements up to the end mark, into their parent.
    fn fragment(&mut self, scope: Scope<'_>, parent: &mut Element) -> Read<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return bad("its elements are too deep inside each other");
        }
        while self.at < self.end {
            match self.token()? {
                0x00 => break,
                0x0f => self.at += 3,
                0x0c => self.template(parent)?,
                token @ (0x01 | 0x41) => self.element(token, scope, parent)?,
                0x0a => drop(self.name()?),
                0x0b => drop(self.counted()?),
                _ => return bad("a mark that cannot stand between elements"),
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn element(&mut self, token: u8, scope: Scope<'_>, parent: &mut Element) -> Read<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return bad("its elements are too deep inside each other");
        }
        self.at += if scope.numbered { 6 } else { 4 };
        let mut element = Element { name: self.name()?, ..Element::default() };
        if token == 0x41 {
            self.at += 4;
        }
        loop {
            match self.token()? {
                0x06 | 0x46 => element.attributes.push((self.name()?, Value::Null)),
                0x02 => break self.inside(scope, &mut element)?,
                0x03 => break,
                token => {
                    let Some(attribute) = element.attributes.len().checked_sub(1) else { return bad("a value before any attribute") };
                    if let Some(value) = self.value(token, scope, None)? {
                        join(&mut element.attributes[attribute].1, value);
                    }
                }
            }
        }
        parent.children.push(element);
        self.depth -= 1;
        Ok(())
    }

    /// What stands between the two tags of an element.
    fn inside(&mut self, scope: Scope<'_>, element: &mut Element) -> Read<()> {
        loop {
            match self.token()? {
                0x04 => return Ok(()),
                0x0c => self.template(element)?,
                token @ (0x01 | 0x41) => self.element(token, scope, element)?,
                0x0a => drop(self.name()?),
                0x0b => drop(self.counted()?),
                token => {
                    if let Some(value) = self.value(token, scope, Some(element))? {
                        join(&mut element.content, value);
                    }
                }
            }
        }
    }

    /// A value as it stands, or of the template; one that is XML goes into the element.
    fn value(&mut self, token: u8, scope: Scope<'_>, element: Option<&mut Element>) -> Read<Option<Value>> {
        match token {
            0x05 | 0x45 => match self.take(1)? {
                0x01 => self.counted().map(Some),
                _ => bad("a value of a type that never stands as text"),
            },
            0x07 | 0x47 => self.counted().map(Some),
            0x08 | 0x48 => Ok(char::from_u32(self.take(2)? as u32).map(|sign| Value::String(sign.into()))),
            0x09 | 0x49 => Ok(Some(Value::String(match self.name()?.as_str() {
                "lt" => "<".into(),
                "gt" => ">".into(),
                "amp" => "&".into(),
                "quot" => "\"".into(),
                "apos" => "'".into(),
                other => format!("&{other};"),
            }))),
            0x0d | 0x0e => {
                let (place, _) = (self.take(2)? as usize, self.take(1)?);
                let Some(slot) = scope.slots.get(place).copied() else { return bad("a value that its template does not have") };
                self.substituted(slot, element)
            }
            _ => bad("a mark of no kind that is known"),
        }
    }

    fn substituted(&mut self, slot: Slot, element: Option<&mut Element>) -> Read<Option<Value>> {
        let end = slot.from + slot.size;
        self.spend(slot.size)?;
        if slot.size == 0 {
            return Ok(None);
        }
        if slot.kind != 0x21 {
            let Some(bytes) = self.chunk.get(slot.from..end) else { return bad("a value lies outside its chunk") };
            return values::value(slot.kind, bytes);
        }
        let Some(element) = element else { return bad("elements inside an attribute") };
        let (back, until) = (self.at, self.end);
        // The template that is being read ends elsewhere; that its values lie inside the record was seen when they were found.
        (self.at, self.end) = (slot.from, end);
        self.fragment(Scope { slots: &[], numbered: false }, element)?;
        (self.at, self.end) = (back, until);
        Ok(None)
    }

    /// A template with its values: the definition stands here or somewhere before.
    fn template(&mut self, parent: &mut Element) -> Read<()> {
        self.at += 5;
        let definition = self.take(4)? as usize;
        let Some(size) = number(self.chunk, definition + 20, 4) else { return bad("a template lies outside its chunk") };
        let body = definition + 24;
        if definition == self.at {
            self.at = body + size as usize;
        }
        let count = self.take(4)? as usize;
        self.spend(4 * count)?;
        let mut from = self.at + 4 * count;
        let mut slots = Vec::new();
        for _ in 0..count {
            let (size, kind, _) = (self.take(2)? as usize, self.take(1)? as u8, self.take(1)?);
            slots.push(Slot { kind, from, size });
            from += size;
        }
        if from > self.end {
            return bad("its values end too early");
        }
        let until = std::mem::replace(&mut self.end, self.chunk.len().min(body + size as usize));
        self.at = body;
        self.fragment(Scope { slots: &slots, numbered: true }, parent)?;
        (self.at, self.end) = (from, until);
        Ok(())
    }
}

/// Adds a value to those that are there: as text, where it is not the first.
fn join(all: &mut Value, value: Value) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    *all = if all.is_null() { value } else { Value::String(text(all) + &text(&value)) };
}

/// An element as `evtx_dump` writes it: attributes under `#attributes`, `<Data Name="x">` as a field `x`; what is there twice as a list.
fn json(element: Element) -> Value {
    let Element { attributes, content, children, .. } = element;
    if attributes.is_empty() && children.is_empty() {
        return content;
    }
    let mut object = Map::new();
    if !attributes.is_empty() {
        let there = attributes.into_iter().filter(|(_, value)| !value.is_null());
        object.insert("#attributes".into(), Value::Object(there.collect()));
    }
    if !content.is_null() {
        object.insert("#text".into(), content);
    }
    for mut child in children {
        let mut name = std::mem::take(&mut child.name);
        if name == "Data"
            && let Some(at) = child.attributes.iter().position(|(own, value)| own == "Name" && value.is_string())
            && let Value::String(given) = child.attributes.swap_remove(at).1
        {
            name = given;
        }
        let value = json(child);
        match object.get_mut(&name) {
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None => drop(object.insert(name, value)),
        }
    }
    Value::Object(object)
}
