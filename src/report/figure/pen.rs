//! The outline of a path in SVG's own words, each step in the shortest of the ways to say it.

/// A place in whole units.
pub(super) type Place = (i64, i64);

/// What a path has drawn so far.
#[derive(Default)]
pub(super) struct Pen {
    path: String,
    /// The last command, which need not be said again.
    last: Option<char>,
    at: Place,
    /// Where the line in hand began; there a closed one leaves the pen.
    began: Place,
}

impl Pen {
    /// Goes elsewhere without drawing.
    pub(super) fn lift(&mut self, to: Place) {
        let (x, y) = self.at;
        // A path's first command is never relative.
        let relative = self.last.is_some().then(|| self.said('m', &[to.0 - x, to.1 - y]));
        let absolute = self.said('M', &[to.0, to.1]);
        self.take([Some(absolute), relative].into_iter().flatten());
        (self.at, self.began) = (to, to);
    }

    /// Draws a line.
    pub(super) fn draw(&mut self, to: Place) {
        let (x, y) = self.at;
        let ways = [
            (to.1 == y).then(|| self.said('H', &[to.0])),
            (to.1 == y).then(|| self.said('h', &[to.0 - x])),
            (to.0 == x).then(|| self.said('V', &[to.1])),
            (to.0 == x).then(|| self.said('v', &[to.1 - y])),
            Some(self.said('L', &[to.0, to.1])),
            Some(self.said('l', &[to.0 - x, to.1 - y])),
        ];
        self.take(ways.into_iter().flatten());
        self.at = to;
    }

    /// Goes back to where the line began, which closes it.
    pub(super) fn close(&mut self) {
        self.path.push('z');
        self.last = Some('z');
        self.at = self.began;
    }

    /// The path.
    pub(super) fn finish(self) -> String {
        self.path
    }

    fn said(&self, command: char, numbers: &[i64]) -> (char, String) {
        // After a move, further pairs are lines.
        let goes_on = match self.last {
            Some('M') => command == 'L',
            Some('m') => command == 'l',
            last => last == Some(command) && !matches!(command, 'M' | 'm'),
        };
        let mut text = if goes_on { String::new() } else { command.to_string() };
        for (index, number) in numbers.iter().enumerate() {
            // A minus parts two numbers as well as a space does.
            if *number >= 0 && (goes_on || index > 0) {
                text.push(' ');
            }
            text.push_str(&number.to_string());
        }
        (command, text)
    }

    /// The first of the shortest.
    fn take(&mut self, ways: impl Iterator<Item = (char, String)>) {
        if let Some((command, text)) = ways.min_by_key(|(_, text)| text.len()) {
            self.path.push_str(&text);
            self.last = Some(command);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every place of a path, read as SVG 1.1 (8.3) says; `None` parts lines.
    fn read(path: &str) -> Vec<Option<Place>> {
        let spaced: String = path
            .chars()
            .flat_map(|c| {
                if c.is_alphabetic() {
                    vec![' ', c, ' ']
                } else if c == '-' {
                    vec![' ', c]
                } else {
                    vec![c]
                }
            })
            .collect();
        let (mut places, mut command, mut at, mut began) = (Vec::new(), ' ', (0, 0), (0, 0));
        let mut words = spaced.split_whitespace().peekable();
        while let Some(word) = words.peek() {
            if let Some(letter) = word.chars().next().filter(|c| c.is_alphabetic()) {
                command = letter;
                words.next();
            }
            let mut number = || words.next().unwrap().parse::<i64>().unwrap();
            match command {
                'z' => {
                    at = began;
                    places.push(Some(at));
                    continue;
                }
                'M' | 'L' => at = (number(), number()),
                'm' | 'l' => at = (at.0 + number(), at.1 + number()),
                'H' => at.0 = number(),
                'h' => at.0 += number(),
                'V' => at.1 = number(),
                'v' => at.1 += number(),
                other => panic!("{other} in {path}"),
            }
            if matches!(command, 'M' | 'm') {
                places.push(None);
                began = at;
                command = if command == 'M' { 'L' } else { 'l' };
            }
            places.push(Some(at));
        }
        places
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_what_was_drawn(steps in proptest::collection::vec((0..4_u8, -30..2_000_i64, -30..2_000_i64), 1..40)) {
            let mut pen = Pen::default();
            pen.lift((5, 7));
            let (mut drawn, mut at, mut began) = (vec![None, Some((5, 7))], (5, 7), (5, 7));
            for (kind, x, y) in steps {
                at = match kind {
                    0 => (x, y),
                    1 => (x, at.1),
                    2 => (at.0, y),
                    _ => (x, y),
                };
                if kind == 3 {
                    pen.close();
                    drawn.push(Some(began));
                    pen.lift(at);
                    drawn.push(None);
                    began = at;
                } else {
                    pen.draw(at);
                }
                drawn.push(Some(at));
            }
            proptest::prop_assert_eq!(read(&pen.finish()), drawn);
        }
    }

    #[test]
    fn steps_are_said_in_the_shortest_way() {
        let mut pen = Pen::default();
        for (index, place) in [(248, 1_272), (771, 1_272), (1_014, 1_272), (1_014, 1_231), (9, 1_190)].into_iter().enumerate() {
            if index == 0 { pen.lift(place) } else { pen.draw(place) }
        }
        assert_eq!(pen.finish(), "M248 1272H771h243v-41L9 1190");
    }
}
