//! A drawing's SVG elements in fewer bytes, with the same picture: neighbours of one look become one path, texts of one look one group.
//!
//! plotters writes one element a mark and repeats every attribute; on a heat map that is most of the file. Texts come last, above everything: between
//! the shapes they would keep these apart, and no chart covers a text.

use std::fmt::Write as _;

use super::pen::{Pen, Place};

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

fn decimal(attributes: &[(&str, &str)], name: &str) -> Option<f64> {
    get(attributes, name)?.parse().ok()
}

fn whole(attributes: &[(&str, &str)], name: &str) -> Option<i64> {
    get(attributes, name)?.parse().ok()
}

/// What has been written, the neighbours that wait to be written together, and the texts, which wait for the end.
#[derive(Default)]
struct Written {
    out: String,
    waiting: Vec<Piece>,
    texts: Vec<Texts>,
}

/// A shape: its look, and where it is.
struct Piece {
    look: String,
    outline: Outline,
}

enum Outline {
    Rectangle { at: Place, width: i64, height: i64 },
    Line(Vec<Place>),
    Circle(Place),
}

impl Outline {
    /// Circles are written in another way than what a pen draws.
    fn is_circle(&self) -> bool {
        matches!(self, Self::Circle(_))
    }
}

/// The texts of one look.
struct Texts {
    look: String,
    each: Vec<String>,
}

impl Written {
    fn raw(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.flush();
            self.out.push_str(text);
        }
    }

    fn text(&mut self, attributes: &[(&str, &str)], text: &str) {
        let mut look = String::new();
        for (name, value) in attributes {
            let usual = matches!((*name, *value), ("x" | "y" | "dy" | "font-family", _) | ("text-anchor", "start"));
            match value.parse::<f64>() {
                _ if usual => {}
                Ok(size) if *name == "font-size" => look.push_str(&format!(" {name}=\"{}\"", (size * 100.0).round() / 100.0)),
                _ => look.push_str(&format!(" {name}=\"{value}\"")),
            }
        }
        let number = |name: &str| decimal(attributes, name).unwrap_or_default();
        // plotters lowers a text by half the height of an x, which is 0.52 of its size in the fonts of screens.
        let y = (number("y") + 0.26 * number("font-size")).round();
        let own = format!(" x=\"{}\" y=\"{y}\">{text}", number("x"));
        match self.texts.iter_mut().find(|known| known.look == look) {
            Some(known) => known.each.push(own),
            None => self.texts.push(Texts { look, each: vec![own] }),
        }
    }

    fn shape(&mut self, element: &str) {
        let attributes = attributes(element);
        let piece = match element.split([' ', '/', '>']).next() {
            Some("<rect") => rectangle(&attributes),
            Some("<polyline") => line(&attributes),
            Some("<circle") => circle(&attributes),
            _ => None,
        };
        let Some(piece) = piece else {
            self.flush();
            self.out.push_str(&element.replace(" stroke=\"none\"", "").replace(" \"/>", "\"/>").replace(" \" ", "\" "));
            return;
        };
        if self.waiting.last().is_some_and(|last| last.outline.is_circle() != piece.outline.is_circle() || last.look != piece.look) {
            self.flush();
        }
        self.waiting.push(piece);
    }

    fn flush(&mut self) {
        let pieces = std::mem::take(&mut self.waiting);
        let Some(first) = pieces.first() else { return };
        if first.outline.is_circle() {
            let places: Vec<Place> =
                pieces.iter().filter_map(|piece| if let Outline::Circle(at) = piece.outline { Some(at) } else { None }).collect();
            return self.circles(&first.look, &places);
        }
        let mut pen = Pen::default();
        for piece in &pieces {
            match &piece.outline {
                Outline::Rectangle { at: (x, y), width, height } => {
                    pen.lift((*x, *y));
                    pen.draw((x + width, *y));
                    pen.draw((x + width, y + height));
                    pen.draw((*x, y + height));
                    pen.close();
                }
                Outline::Line(places) => {
                    pen.lift(places[0]);
                    places[1..].iter().for_each(|place| pen.draw(*place));
                }
                Outline::Circle(_) => {}
            }
        }
        let _ = write!(self.out, "<path{} d=\"{}\"/>", first.look, pen.finish());
    }

    /// Many equal circles are the round ends of lines without length.
    fn circles(&mut self, look: &str, places: &[Place]) {
        if places.len() < CIRCLES {
            for (x, y) in places {
                let _ = write!(self.out, "<circle cx=\"{x}\" cy=\"{y}\"{look}/>");
            }
            return;
        }
        let looks = attributes(look);
        let (radius, fill) = (decimal(&looks, "r").unwrap_or_default(), get(&looks, "fill").unwrap_or_default());
        let opacity = get(&looks, "opacity").map_or_else(String::new, |value| format!(" opacity=\"{value}\""));
        // Places on a grid are numbers of its cells.
        let cell = places.iter().flat_map(|(x, y)| [*x, *y]).fold(0, common).max(1);
        let scale = if cell > 1 { format!(" transform=\"scale({cell})\"") } else { String::new() };
        let mut pen = Pen::default();
        for (x, y) in places {
            pen.lift((x / cell, y / cell));
            pen.close();
        }
        let _ = write!(
            self.out,
            "<path stroke=\"{fill}\" stroke-width=\"{}\" stroke-linecap=\"round\"{opacity}{scale} d=\"{}\"/>",
            2.0 * radius / cell as f64,
            pen.finish()
        );
    }

    fn finish(mut self) -> String {
        self.flush();
        for Texts { look, each } in &self.texts {
            if let [only] = each.as_slice() {
                let _ = write!(self.out, "<text{look}{only}</text>");
                continue;
            }
            let texts: String = each.iter().map(|own| format!("<text{own}</text>")).collect();
            let _ = write!(self.out, "<g{look}>{texts}</g>");
        }
        self.out
    }
}

/// The greatest common divisor.
fn common(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs() } else { common(b, a % b) }
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
    let at = (whole(attributes, "x")?, whole(attributes, "y")?);
    let (width, height) = (whole(attributes, "width")?, whole(attributes, "height")?);
    Some(Piece { look: look(attributes, &["x", "y", "width", "height"]), outline: Outline::Rectangle { at, width, height } })
}

fn line(attributes: &[(&str, &str)]) -> Option<Piece> {
    let place = |text: &str| text.split_once(',').and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
    let places: Vec<Place> = get(attributes, "points")?.split_whitespace().map(place).collect::<Option<_>>()?;
    (places.len() > 1).then(|| Piece { look: look(attributes, &["points"]), outline: Outline::Line(places) })
}

fn circle(attributes: &[(&str, &str)]) -> Option<Piece> {
    let at = (whole(attributes, "cx")?, whole(attributes, "cy")?);
    Some(Piece { look: look(attributes, &["cx", "cy"]), outline: Outline::Circle(at) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_look_become_one_element() {
        let cells = r##"<rect x="1" y="2" width="10" height="5" opacity="0.3571" fill="#DDE2E7" stroke="none"/><rect x="12" y="2" width="10" height="5" opacity="0.3571" fill="#DDE2E7" stroke="none"/>"##;
        assert_eq!(compact(cells), r##"<path opacity="0.36" fill="#DDE2E7" d="M1 2H11V7H1zM12 2H22V7H12z"/>"##);
        let dashes = r##"<polyline fill="none" stroke="#A8321F" stroke-width="6" points="767,96 767,116 "/><polyline fill="none" stroke="#A8321F" stroke-width="6" points="767,132 790,150 3,4 "/>"##;
        assert_eq!(compact(dashes), r##"<path fill="none" stroke="#A8321F" stroke-width="6" d="M767 96v20m0 16 23 18L3 4"/>"##);
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
            r##"<path stroke="#737D88" stroke-width="8" stroke-linecap="round" opacity="0.5" d="M0 2zM1 2zM2 2z"/>"##
        );
    }

    #[test]
    fn texts_come_last_and_places_on_a_grid_are_counted_in_cells() {
        let tick = |y: u32| {
            format!(
                r##"<polyline fill="none" stroke="#DDE2E7" stroke-width="4" points="0,{y} 9,{y} "/><text x="5" y="{y}" dy="0.5ex" font-family="sans-serif" font-size="50.00000001" fill="#555E68">{y}</text>"##
            )
        };
        assert_eq!(
            compact(&(tick(10) + &tick(20))),
            r##"<path fill="none" stroke="#DDE2E7" stroke-width="4" d="M0 10H9M0 20H9"/><g font-size="50" fill="#555E68"><text x="5" y="23">10</text><text x="5" y="33">20</text></g>"##
        );
        let dots: String = [(800, 160), (808, 160), (800, 400)]
            .map(|(x, y)| format!(r##"<circle cx="{x}" cy="{y}" r="6" fill="#737D88" stroke="none"/>"##))
            .concat();
        assert_eq!(
            compact(&dots),
            r##"<path stroke="#737D88" stroke-width="1.5" stroke-linecap="round" transform="scale(8)" d="M100 20zm1 0zm-1 30z"/>"##
        );
    }
}
