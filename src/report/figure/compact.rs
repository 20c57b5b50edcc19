//! A drawing's SVG elements in fewer bytes, with the same picture: neighbours of one look become one path, texts of one look one group.
//!
//! plotters writes one element a mark and repeats every attribute; on a heat map that is most of the file.

use std::fmt::Write as _;

/// Circles in a row that become one path; fewer stay circles.
const CIRCLES: usize = 3;

/// The same elements, shorter. What is not understood is kept as it is.
pub(super) fn compact(body: &str) -> String {
    let mut written = Written::default();
    let mut rest = body;
    while let Some(start) = rest.find('<') {
        written.raw(&rest[..start]);
        let end = rest[start..].find('>').map_or(rest.len(), |at| start + at + 1);
        let element = &rest[start..end];
        rest = &rest[end..];
        if element.starts_with("<text ") {
            // Texts hold no elements; their characters were escaped by plotters.
            let close = rest.find("</text>").unwrap_or(rest.len());
            written.text(&attributes(element), rest[..close].trim());
            rest = rest.get(close + "</text>".len()..).unwrap_or_default();
        } else {
            written.shape(element);
        }
    }
    written.raw(rest);
    written.finish()
}

/// Names and values of an element of plotters: `name="value"`, no entities in values that matter here.
fn attributes(element: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = element;
    while let Some(at) = rest.find("=\"") {
        let name = rest[..at].rsplit([' ', '<']).next().unwrap_or_default();
        let value = rest[at + 2..].split('"').next().unwrap_or_default();
        found.push((name, value));
        rest = &rest[at + 2 + value.len()..];
    }
    found
}

fn get<'a>(attributes: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// What has been written, and the neighbours that wait to be written together.
#[derive(Default)]
struct Written {
    out: String,
    waiting: Vec<Piece>,
}

/// A shape or a text: its look, and what only it has.
struct Piece {
    kind: Kind,
    look: String,
    own: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Path,
    Circle,
    Text,
}

impl Written {
    fn raw(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.flush();
            self.out.push_str(text);
        }
    }

    fn add(&mut self, piece: Piece) {
        if self.waiting.last().is_some_and(|last| last.kind != piece.kind || last.look != piece.look) {
            self.flush();
        }
        self.waiting.push(piece);
    }

    fn text(&mut self, attributes: &[(&str, &str)], text: &str) {
        let mut look = String::new();
        for (name, value) in attributes {
            let usual = matches!((*name, *value), ("x" | "y" | "dy" | "font-family", _) | ("text-anchor", "start"));
            if !usual {
                let _ = write!(look, " {name}=\"{value}\"");
            }
        }
        let number = |name: &str| get(attributes, name).and_then(|value| value.parse::<f64>().ok()).unwrap_or_default();
        // plotters lowers a text by half the height of an x, which is 0.52 of its size in the fonts of screens.
        let y = (number("y") + 0.26 * number("font-size")).round();
        self.add(Piece { kind: Kind::Text, look, own: format!(" x=\"{}\" y=\"{y}\">{text}", number("x")) });
    }

    fn shape(&mut self, element: &str) {
        let attributes = attributes(element);
        let piece = match element.split([' ', '/', '>']).next() {
            Some("<rect") => rectangle(&attributes),
            Some("<polyline") => line(&attributes),
            Some("<circle") => circle(&attributes),
            _ => None,
        };
        match piece {
            Some(piece) => self.add(piece),
            None => {
                self.flush();
                self.out.push_str(&element.replace(" stroke=\"none\"", "").replace(" \"/>", "\"/>").replace(" \" ", "\" "));
            }
        }
    }

    fn flush(&mut self) {
        let pieces = std::mem::take(&mut self.waiting);
        let Some(first) = pieces.first() else { return };
        let own = || pieces.iter().map(|piece| piece.own.as_str());
        match first.kind {
            Kind::Path => self.out.push_str(&format!("<path{} d=\"{}\"/>", first.look, own().collect::<String>())),
            Kind::Text if pieces.len() == 1 => self.out.push_str(&format!("<text{}{}</text>", first.look, first.own)),
            Kind::Text => {
                let texts: String = own().map(|own| format!("<text{own}</text>")).collect();
                let _ = write!(self.out, "<g{}>{texts}</g>", first.look);
            }
            Kind::Circle => self.circles(&pieces),
        }
    }

    /// Many equal circles are the round ends of lines without length.
    fn circles(&mut self, pieces: &[Piece]) {
        let look = &pieces[0].look;
        if pieces.len() < CIRCLES {
            for piece in pieces {
                let (x, y) = piece.own.split_once(' ').unwrap_or_default();
                let _ = write!(self.out, "<circle cx=\"{x}\" cy=\"{y}\"{look}/>");
            }
            return;
        }
        let looks = attributes(look);
        let (radius, fill) =
            (get(&looks, "r").and_then(|r| r.parse::<f64>().ok()).unwrap_or_default(), get(&looks, "fill").unwrap_or_default());
        let opacity = get(&looks, "opacity").map_or_else(String::new, |value| format!(" opacity=\"{value}\""));
        let mut places = String::new();
        let (mut x, mut y) = (0, 0);
        for piece in pieces {
            let place = |text: &str| text.parse::<i64>().unwrap_or_default();
            let (to_x, to_y) = piece.own.split_once(' ').map_or((x, y), |(x, y)| (place(x), place(y)));
            // A minus parts two numbers as well as a space does.
            let between = if to_y < y { "" } else { " " };
            let _ = write!(places, "m{}{between}{}z", to_x - x, to_y - y);
            (x, y) = (to_x, to_y);
        }
        let _ = write!(
            self.out,
            "<path stroke=\"{fill}\" stroke-width=\"{}\" stroke-linecap=\"round\"{opacity} d=\"{places}\"/>",
            2.0 * radius
        );
    }

    fn finish(mut self) -> String {
        self.flush();
        self.out
    }
}

/// What an element looks like, but for `place`: two digits of opacity, and nothing that is said by saying nothing.
fn look(attributes: &[(&str, &str)], place: &[&str]) -> String {
    let mut look = String::new();
    for (name, value) in attributes.iter().filter(|(name, _)| !place.contains(name)) {
        match (*name, value.parse::<f64>()) {
            ("stroke", _) if *value == "none" => {}
            ("opacity", Ok(opacity)) => look.push_str(&format!(" opacity=\"{}\"", (opacity * 100.0).round() / 100.0)),
            _ => look.push_str(&format!(" {name}=\"{value}\"")),
        }
    }
    look
}

fn rectangle(attributes: &[(&str, &str)]) -> Option<Piece> {
    let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| get(attributes, name));
    let own = format!("M{} {}h{width}v{}h-{width}z", x?, y?, height?, width = width?);
    Some(Piece { kind: Kind::Path, look: look(attributes, &["x", "y", "width", "height"]), own })
}

fn line(attributes: &[(&str, &str)]) -> Option<Piece> {
    let places: Vec<(&str, &str)> =
        get(attributes, "points")?.split_whitespace().map(|place| place.split_once(',')).collect::<Option<_>>()?;
    let ((x, y), rest) = places.split_first()?;
    let mut own = format!("M{x} {y}");
    match rest {
        [(to, same)] if same == y => own.push_str(&format!("H{to}")),
        [(same, to)] if same == x => own.push_str(&format!("V{to}")),
        _ => rest.iter().enumerate().for_each(|(index, (x, y))| own.push_str(&format!("{}{x} {y}", if index == 0 { 'L' } else { ' ' }))),
    }
    Some(Piece { kind: Kind::Path, look: look(attributes, &["points"]), own })
}

fn circle(attributes: &[(&str, &str)]) -> Option<Piece> {
    let own = format!("{} {}", get(attributes, "cx")?, get(attributes, "cy")?);
    Some(Piece { kind: Kind::Circle, look: look(attributes, &["cx", "cy"]), own })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_look_become_one_element() {
        let cells = r##"<rect x="1" y="2" width="10" height="5" opacity="0.3571" fill="#DDE2E7" stroke="none"/><rect x="12" y="2" width="10" height="5" opacity="0.3571" fill="#DDE2E7" stroke="none"/>"##;
        assert_eq!(compact(cells), r##"<path opacity="0.36" fill="#DDE2E7" d="M1 2h10v5h-10zM12 2h10v5h-10z"/>"##);
        let dashes = r##"<polyline fill="none" stroke="#A8321F" stroke-width="6" points="767,96 767,116 "/><polyline fill="none" stroke="#A8321F" stroke-width="6" points="767,132 790,150 3,4 "/>"##;
        assert_eq!(compact(dashes), r##"<path fill="none" stroke="#A8321F" stroke-width="6" d="M767 96V116M767 132L790 150 3 4"/>"##);
        let texts = r##"<text x="184" y="176" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="50" fill="#555E68">Tue &lt;b&gt;</text><text x="184" y="276" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="50" fill="#555E68">
Wed
</text>"##;
        assert_eq!(
            compact(texts),
            r##"<g text-anchor="end" font-size="50" fill="#555E68"><text x="184" y="189">Tue &lt;b&gt;</text><text x="184" y="289">Wed</text></g>"##
        );
    }

    #[test]
    fn other_looks_and_other_kinds_stay_apart_in_their_order() {
        let mixed = r##"<circle cx="1" cy="2" r="3" fill="#0B5CAD" stroke="none"/><polygon points="1,2 3,4 " fill="#0B5CAD"/><circle cx="4" cy="5" r="3" fill="#737D88" stroke="none"/>"##;
        let expected = r##"<circle cx="1" cy="2" r="3" fill="#0B5CAD"/><polygon points="1,2 3,4" fill="#0B5CAD"/><circle cx="4" cy="5" r="3" fill="#737D88"/>"##;
        assert_eq!(compact(mixed), expected);
        let many: String =
            (0..3).map(|x| format!(r##"<circle cx="{x}" cy="2" r="4" opacity="0.5" fill="#737D88" stroke="none"/>"##)).collect();
        assert_eq!(
            compact(&many),
            r##"<path stroke="#737D88" stroke-width="8" stroke-linecap="round" opacity="0.5" d="m0 2zm1 0zm1 0z"/>"##
        );
    }
}
