//! How far every contender is, over all its seeds, and how far all of them are.
//!
//! A tenth of the progress is to be a tenth of the time, so that what is left can be told from it: the parts of a task weigh what the law of the
//! detector's cost says of them, and within a part rows (or turns of the fit) are counted.

use std::sync::atomic::{AtomicU32, Ordering};

use super::Task;
use crate::{
    detect::Contender,
    observe::{Event, Observer, SCORING_PARTS},
};

/// How far every contender is.
pub(super) struct Progress<'a> {
    ids: Vec<&'a str>,
    done: Vec<Vec<AtomicU32>>,
    told: Vec<AtomicU32>,
    /// Which share of all work a task of each contender is.
    shares: Vec<f64>,
    told_of_all: AtomicU32,
    observer: &'a dyn Observer,
}

const PARTS: f64 = 1000.0;

/// What a task does, one after another.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    Fit,
    Judged,
    Training,
    Contributions,
}

/// How much of a task lies before each of its parts, and how much it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts([(f64, f64); 4]);

impl Parts {
    /// From the work of each part, in any unit.
    pub fn new(work: [f64; 4]) -> Self {
        let all: f64 = work.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let mut before = 0.0;
        Self(work.map(|work| {
            let part = (before, work / all);
            before += work / all;
            part
        }))
    }

    /// How far the task is when a part is so far. Never 1: a task is done when it says so itself.
    pub fn done(&self, part: Part, done: f64) -> f64 {
        let (before, share) = self.0[part as usize];
        (before + share * done.clamp(0.0, 1.0)).clamp(0.0, 0.99)
    }
}

impl<'a> Progress<'a> {
    /// `work` is what one task of a contender is, for each task.
    pub fn new(contenders: &'a [Contender], tasks: &[Task<'_>], work: &[f64], observer: &'a dyn Observer) -> Self {
        let count = |index: usize| tasks.iter().filter(|task| task.index == index).count();
        let all: f64 = work.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let mut shares = vec![0.0; contenders.len()];
        for (task, work) in tasks.iter().zip(work) {
            shares[task.index] = work / all;
        }
        Self {
            ids: contenders.iter().map(|c| c.id.as_str()).collect(),
            done: (0..contenders.len()).map(|index| (0..count(index)).map(|_| AtomicU32::new(0)).collect()).collect(),
            told: contenders.iter().map(|_| AtomicU32::new(0)).collect(),
            shares,
            told_of_all: AtomicU32::new(0),
            observer,
        }
    }

    /// Notes how far a task is, and tells the observer in steps: of the contender in hundredths, of all in thousandths.
    pub fn set(&self, task: &Task<'_>, fraction: f64) {
        let parts = &self.done[task.index];
        if let Some(part) = parts.get(task.repeat as usize) {
            part.fetch_max((fraction.clamp(0.0, 1.0) * PARTS) as u32, Ordering::Relaxed);
        }
        let sum: u32 = parts.iter().map(|part| part.load(Ordering::Relaxed)).sum();
        let hundredths = (f64::from(sum) / PARTS / parts.len().max(1) as f64 * 100.0) as u32;
        if self.told[task.index].fetch_max(hundredths, Ordering::Relaxed) < hundredths {
            let id = self.ids[task.index].to_owned();
            self.observer.event(Event::Detector { id, fraction: f64::from(hundredths) / 100.0, seeds: parts.len() });
        }
        let of_all = (self.of_all() * SCORING_PARTS as f64) as u32;
        let before = self.told_of_all.fetch_max(of_all, Ordering::Relaxed);
        if before < of_all {
            self.observer.event(Event::Advanced { stage: "Scoring", by: u64::from(of_all - before) });
        }
    }

    fn of_all(&self) -> f64 {
        let of = |(tasks, share): (&Vec<AtomicU32>, &f64)| {
            share * tasks.iter().map(|t| f64::from(t.load(Ordering::Relaxed)) / PARTS).sum::<f64>()
        };
        self.done.iter().zip(&self.shares).map(of).sum::<f64>().min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_weigh_what_they_cost() {
        let parts = Parts::new([30.0, 10.0, 50.0, 10.0]);
        let far = [(Part::Fit, 0.5, 0.15), (Part::Judged, 0.0, 0.3), (Part::Training, 1.0, 0.9), (Part::Contributions, 1.0, 0.99)];
        for (part, done, expected) in far {
            assert!((parts.done(part, done) - expected).abs() < 1e-12, "{part:?}");
        }
        assert_eq!(Parts::new([0.0; 4]).done(Part::Judged, 0.5), 0.0);
    }
}
