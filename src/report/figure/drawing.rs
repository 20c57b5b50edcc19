//! What a chart is made of before anything draws it: lines, dots, areas and texts in logical pixels.

/// A colour by its role. The page gives each another value in its dark theme, so a chart uses no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Ink {
    /// The card behind the chart.
    Paper,
    /// Texts and the current rule.
    Strong,
    /// Secondary texts.
    Soft,
    /// Every contender but the pick.
    Other,
    /// Grid lines.
    Grid,
    /// The pick.
    Accent,
    /// What was asked.
    Limit,
    /// GO, and what is met; in the summary picture only.
    Go,
    /// NO-GO, and what is not met; in the summary picture only.
    NoGo,
    /// INCONCLUSIVE, and what is open; in the summary picture only.
    Doubt,
}

impl Ink {
    /// Every role that a chart of the page uses.
    #[cfg(test)]
    pub(in crate::report) const ALL: [Self; 7] =
        [Self::Paper, Self::Strong, Self::Soft, Self::Other, Self::Grid, Self::Accent, Self::Limit];

    /// Red, green and blue on light ground, also outside the page.
    pub(in crate::report) const fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Paper => (0xff, 0xff, 0xff),
            Self::Strong => (0x1b, 0x1f, 0x24),
            Self::Soft => (0x55, 0x5e, 0x68),
            Self::Other => (0x73, 0x7d, 0x88),
            Self::Grid => (0xdd, 0xe2, 0xe7),
            Self::Accent => (0x0b, 0x5c, 0xad),
            Self::Limit => (0xa8, 0x32, 0x1f),
            Self::Go => (0x0d, 0x5c, 0x36),
            Self::NoGo => (0x9a, 0x23, 0x1b),
            Self::Doubt => (0x6e, 0x4a, 0x00),
        }
    }
}

/// A place in logical pixels, from the upper left.
pub(in crate::report) type At = (f64, f64);

/// On which side of its place a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Side {
    /// It begins there.
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// One thing to draw.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) enum Mark {
    /// A line through points.
    Line { points: Vec<At>, ink: Ink, width: f64 },
    /// A filled area.
    Area { points: Vec<At>, ink: Ink, alpha: f64 },
    /// A filled rectangle.
    Block { from: At, to: At, ink: Ink, alpha: f64 },
    /// A filled circle.
    Dot { at: At, radius: f64, ink: Ink },
    /// A text, centred on its height.
    Text { at: At, text: String, ink: Ink, size: f64, bold: bool, side: Side },
}

/// A chart's contents, and how large it is.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Drawing {
    /// Logical pixels across.
    pub width: f64,
    /// Logical pixels down.
    pub height: f64,
    /// In the order of drawing.
    pub marks: Vec<Mark>,
}

/// The shape of a marker: contenders differ by shape, never by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Shape {
    /// A filled circle.
    Circle,
    /// A filled square.
    Square,
    /// A filled triangle.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// A circle with an empty middle.
    Ring,
    /// An upright cross.
    Plus,
    /// A slanted cross.
    Cross,
}

impl Drawing {
    /// An empty chart.
    pub(in crate::report) fn new(width: f64, height: f64) -> Self {
        Self { width, height, marks: Vec::new() }
    }

    /// The chart with a margin and its title above, for files that stand alone.
    pub(in crate::report) fn framed(&self, title: &str) -> Self {
        const MARGIN: f64 = 20.0;
        const LINE: f64 = 21.0;
        let lines = wrapped(title, (self.width / 8.4) as usize);
        let above = MARGIN + LINE * lines.len() as f64 + 8.0;
        let mut framed = Self::new(self.width + 2.0 * MARGIN, self.height + above + MARGIN);
        for (index, line) in lines.into_iter().enumerate() {
            framed.bold((MARGIN, MARGIN + LINE * (index as f64 + 0.4)), line, Side::Start, Ink::Strong, 15.0);
        }
        framed.marks.extend(self.marks.iter().map(|mark| mark.placed((MARGIN, above), 1.0)));
        framed
    }

    /// Draws a line from place to place.
    pub(in crate::report) fn line(&mut self, from: At, to: At, ink: Ink, width: f64) {
        self.marks.push(Mark::Line { points: vec![from, to], ink, width });
    }

    /// Draws a broken line from place to place.
    pub(in crate::report) fn dashed(&mut self, from: At, to: At, ink: Ink, width: f64) {
        const ON: f64 = 5.0;
        const OFF: f64 = 4.0;
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        let mut done = 0.0;
        while done < length {
            let (a, b) = (done / length, (done + ON).min(length) / length);
            self.line((from.0 + a * dx, from.1 + a * dy), (from.0 + b * dx, from.1 + b * dy), ink, width);
            done += ON + OFF;
        }
    }

    /// Draws a line through points.
    pub(in crate::report) fn path(&mut self, points: Vec<At>, ink: Ink, width: f64) {
        if points.len() > 1 {
            self.marks.push(Mark::Line { points, ink, width });
        }
    }

    /// Writes a text.
    pub(in crate::report) fn text(&mut self, at: At, text: impl Into<String>, side: Side, ink: Ink, size: f64) {
        self.marks.push(Mark::Text { at, text: text.into(), ink, size, bold: false, side });
    }

    /// Writes a bold text.
    pub(in crate::report) fn bold(&mut self, at: At, text: impl Into<String>, side: Side, ink: Ink, size: f64) {
        self.marks.push(Mark::Text { at, text: text.into(), ink, size, bold: true, side });
    }

    /// Fills a rectangle.
    pub(in crate::report) fn block(&mut self, from: At, to: At, ink: Ink, alpha: f64) {
        self.marks.push(Mark::Block { from, to, ink, alpha });
    }

    /// Draws a marker; `r` is its radius.
    pub(in crate::report) fn marker(&mut self, at: At, shape: Shape, r: f64, ink: Ink) {
        let (x, y) = at;
        let area = |points: Vec<At>| Mark::Area { points, ink, alpha: 1.0 };
        match shape {
            Shape::Circle => self.marks.push(Mark::Dot { at, radius: r, ink }),
            Shape::Ring => {
                self.marks.push(Mark::Dot { at, radius: r, ink });
                self.marks.push(Mark::Dot { at, radius: r * 0.5, ink: Ink::Paper });
            }
            Shape::Square => self.block((x - r * 0.9, y - r * 0.9), (x + r * 0.9, y + r * 0.9), ink, 1.0),
            Shape::Triangle => self.marks.push(area(vec![(x, y - r * 1.1), (x + r, y + r * 0.8), (x - r, y + r * 0.8)])),
            Shape::Diamond => self.marks.push(area(vec![(x, y - r * 1.2), (x + r * 1.2, y), (x, y + r * 1.2), (x - r * 1.2, y)])),
            Shape::Plus => {
                self.line((x - r * 1.2, y), (x + r * 1.2, y), ink, r * 0.55);
                self.line((x, y - r * 1.2), (x, y + r * 1.2), ink, r * 0.55);
            }
            Shape::Cross => {
                self.line((x - r, y - r), (x + r, y + r), ink, r * 0.55);
                self.line((x - r, y + r), (x + r, y - r), ink, r * 0.55);
            }
        }
    }
}

impl Mark {
    /// The same elsewhere, and of another size.
    pub(in crate::report) fn placed(&self, to: At, by: f64) -> Self {
        let shift = |(x, y): At| (x * by + to.0, y * by + to.1);
        let mut placed = self.clone();
        match &mut placed {
            Self::Line { points, width, .. } => {
                points.iter_mut().for_each(|point| *point = shift(*point));
                *width *= by;
            }
            Self::Area { points, .. } => points.iter_mut().for_each(|point| *point = shift(*point)),
            Self::Block { from, to, .. } => (*from, *to) = (shift(*from), shift(*to)),
            Self::Dot { at, radius, .. } => (*at, *radius) = (shift(*at), *radius * by),
            Self::Text { at, size, .. } => (*at, *size) = (shift(*at), *size * by),
        }
        placed
    }
}

/// A sentence in lines of about `most` characters.
pub(in crate::report) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// How values become places along one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct Axis {
    /// The value at `start`.
    pub low: f64,
    /// The value at `end`.
    pub high: f64,
    /// The place of `low`.
    pub start: f64,
    /// The place of `high`.
    pub end: f64,
    /// Whether equal steps are equal factors.
    pub log: bool,
}

impl Axis {
    /// An axis with equal steps.
    pub(in crate::report) fn linear(low: f64, high: f64, start: f64, end: f64) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        Self { low, high, start, end, log: false }
    }

    /// The place of a value; values outside are drawn at the edge.
    pub(in crate::report) fn place(&self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        let share = if self.log {
            (value.ln() - self.low.ln()) / (self.high.ln() - self.low.ln())
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.start + share * (self.end - self.start)
    }

    /// Round values between its ends, about `count` of them; on a log axis 1, 2 and 5 times powers of ten, thinned to powers where many.
    pub(in crate::report) fn ticks(&self, count: usize) -> Vec<f64> {
        if self.log {
            let powers = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
            let all: Vec<f64> = powers.flat_map(|p| [1.0, 2.0, 5.0].map(|m| m * 10_f64.powi(p))).collect();
            let inside: Vec<f64> = all.into_iter().filter(|v| *v >= self.low * 0.999 && *v <= self.high * 1.001).collect();
            if inside.len() <= count + 2 {
                return inside;
            }
            return inside.into_iter().filter(|v| (v.log10() - v.log10().round()).abs() < 1e-9).collect();
        }
        let step = nice_step((self.high - self.low) / count.max(1) as f64);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last.min(first + 50)).map(|k| k as f64 * step).collect()
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `rough`.
pub(in crate::report) fn nice_step(rough: f64) -> f64 {
    if rough <= 0.0 || !rough.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|f| f * power >= rough * 0.999).unwrap_or(10.0);
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(Axis::linear(0.0, 436.0, 0.0, 1.0).ticks(5), [0.0, 100.0, 200.0, 300.0, 400.0]);
        let log = Axis { low: 10.0, high: 1_000.0, start: 0.0, end: 1.0, log: true };
        assert_eq!(log.ticks(8), [10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0]);
        assert!((log.place(100.0) - 0.5).abs() < 1e-12);
        assert_eq!(nice_step(0.13), 0.2);
    }

    #[test]
    fn a_frame_moves_everything_below_the_title() {
        let mut drawing = Drawing::new(100.0, 50.0);
        drawing.line((0.0, 0.0), (100.0, 50.0), Ink::Grid, 1.0);
        let framed = drawing.framed("two words that wrap");
        assert_eq!(framed.marks.len(), 3, "two lines of title and the line: {:?}", framed.marks);
        assert!(matches!(&framed.marks[2], Mark::Line { points, .. } if points == &[(20.0, 70.0), (120.0, 120.0)]));
        assert_eq!((framed.width, framed.height), (140.0, 140.0));
    }
}
