//! How far scoring is, and how long it will take: in proportion to what the work so far took.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    observe::SCORING_PARTS,
    spec::Language,
    text::{self, Numbers},
};

/// Where stderr is no terminal a line is told at most so often.
const BETWEEN: Duration = Duration::from_secs(20);

/// How far all contenders are.
#[derive(Debug, Default)]
pub(super) struct Pace {
    parts: u64,
    finished: usize,
    running: BTreeMap<String, f64>,
    told: Duration,
}

impl Pace {
    /// So many parts more are done.
    pub fn advance(&mut self, by: u64) {
        self.parts = (self.parts + by).min(SCORING_PARTS);
    }

    /// A contender is so far.
    pub fn contender(&mut self, id: &str, fraction: f64) {
        if fraction < 1.0 {
            self.running.insert(id.to_owned(), fraction);
        } else {
            self.finished += 1;
            self.running.remove(id);
        }
    }

    /// What is left, in words, when so much time has gone by; nothing before it can be told.
    pub fn left(&self, gone: Duration) -> String {
        // The first hundredth is mostly what starts once.
        if self.parts * 100 < SCORING_PARTS || self.parts >= SCORING_PARTS {
            return String::new();
        }
        let seconds = gone.as_secs_f64() * (SCORING_PARTS - self.parts) as f64 / self.parts as f64;
        format!("about {} left", Numbers::new(Language::En).seconds(seconds.ceil()))
    }

    /// A line for a log, where one is due.
    pub fn line(&mut self, gone: Duration) -> Option<String> {
        if gone < self.told + BETWEEN {
            return None;
        }
        self.told = gone;
        let mut told = format!("{:<11}{} %", "Scoring", self.parts * 100 / SCORING_PARTS);
        let left = self.left(gone);
        if !left.is_empty() {
            told.push_str(", ");
            told.push_str(&left);
        }
        told.push_str(&format!(" · {} done", self.finished));
        for (id, fraction) in &self.running {
            told.push_str(&format!(" · {} {:.0} %", text::terminal(id), 100.0 * fraction));
        }
        Some(told)
    }

    /// A line that says so, where lines were told before.
    pub fn end(&self, gone: Duration) -> Option<String> {
        let took = Numbers::new(Language::En).seconds(gone.as_secs_f64());
        (self.told > Duration::ZERO).then(|| format!("{:<11}{} done in {took}", "Scoring", self.finished))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_goes_on_as_what_was() {
        let mut pace = Pace::default();
        assert_eq!(pace.left(Duration::from_secs(3)), "");
        pace.advance(250);
        assert_eq!(pace.left(Duration::from_secs(100)), "about 5\u{202f}min left");
        assert_eq!(pace.left(Duration::from_secs(10)), "about 30\u{202f}s left");
        pace.advance(750);
        assert_eq!(pace.left(Duration::from_secs(100)), "");
    }

    #[test]
    fn a_log_gets_a_line_now_and_then() {
        let mut pace = Pace::default();
        pace.contender("knn", 0.5);
        pace.contender("ecod", 1.0);
        pace.advance(500);
        assert_eq!(pace.line(Duration::from_secs(5)), None);
        assert_eq!(pace.end(Duration::from_secs(5)), None);
        assert_eq!(pace.line(Duration::from_secs(21)).unwrap(), "Scoring    50 %, about 21\u{202f}s left · 1 done · knn 50 %");
        assert_eq!(pace.line(Duration::from_secs(30)), None);
        assert!(pace.line(Duration::from_secs(41)).is_some());
        assert_eq!(pace.end(Duration::from_secs(42)).unwrap(), "Scoring    1 done in 42\u{202f}s");
    }
}
