//! How far every contender is, over all its seeds.

use std::sync::atomic::{AtomicU32, Ordering};

use super::Task;
use crate::{
    detect::Contender,
    observe::{Event, Observer},
};

/// How far every contender is.
pub(super) struct Progress<'a> {
    ids: Vec<&'a str>,
    done: Vec<Vec<AtomicU32>>,
    told: Vec<AtomicU32>,
    observer: &'a dyn Observer,
}

const PARTS: f64 = 1000.0;

impl<'a> Progress<'a> {
    pub fn new(contenders: &'a [Contender], tasks: &[Task<'_>], observer: &'a dyn Observer) -> Self {
        let count = |index: usize| tasks.iter().filter(|task| task.index == index).count();
        Self {
            ids: contenders.iter().map(|c| c.id.as_str()).collect(),
            done: (0..contenders.len()).map(|index| (0..count(index)).map(|_| AtomicU32::new(0)).collect()).collect(),
            told: contenders.iter().map(|_| AtomicU32::new(0)).collect(),
            observer,
        }
    }

    /// Notes how far a task is, and tells the observer in steps of a hundredth.
    pub fn set(&self, task: &Task<'_>, fraction: f64) {
        let parts = &self.done[task.index];
        if let Some(part) = parts.get(task.repeat as usize) {
            part.fetch_max((fraction.clamp(0.0, 1.0) * PARTS) as u32, Ordering::Relaxed);
        }
        let sum: u32 = parts.iter().map(|part| part.load(Ordering::Relaxed)).sum();
        let hundredths = (f64::from(sum) / PARTS / parts.len().max(1) as f64 * 100.0) as u32;
        if self.told[task.index].fetch_max(hundredths, Ordering::Relaxed) < hundredths {
            self.observer.event(Event::Detector { id: self.ids[task.index].to_owned(), fraction: f64::from(hundredths) / 100.0 });
        }
    }
}
