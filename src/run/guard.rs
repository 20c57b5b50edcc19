//! Keeps a run within the memory that it is allowed.
//!
//! Stages ask their observer all the time whether they are to go on: for each block that is read, each step of a fit. Here the answer also depends on the
//! memory that the process holds, as the system counts it. Stages that cannot be asked in their middle are asked before, by what they will need.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::machine;
use crate::{
    error::{Error, Result},
    observe::{Event, Observer},
    text::Numbers,
};

/// The time between two looks at the memory, which cost some microseconds each.
const BETWEEN: Duration = Duration::from_millis(5);

/// An observer that stops a run which holds more memory than it may.
pub(super) struct Guard<'a> {
    inner: &'a dyn Observer,
    most: Option<u64>,
    /// Tells what the process holds.
    holds: fn() -> Option<u64>,
    began: Instant,
    /// When the memory was looked at last, in microseconds from the beginning.
    looked: AtomicU64,
    /// What was held when it was too much; 0: it never was.
    held: AtomicU64,
    /// What the run is at, for the message.
    stage: Mutex<&'static str>,
}

impl<'a> Guard<'a> {
    /// Watches over at most so many bytes; over nothing where `None`.
    ///
    /// # Errors
    /// Where the system does not tell how much memory a process holds, or it already holds more.
    pub(super) fn new(inner: &'a dyn Observer, most: Option<u64>) -> Result<Self> {
        Self::watching(machine::held_bytes, inner, most)
    }

    fn watching(holds: fn() -> Option<u64>, inner: &'a dyn Observer, most: Option<u64>) -> Result<Self> {
        if most.is_some() && holds().is_none() {
            let hint = "leave `--max-memory` out, and limit the memory of the process by means of the system".to_owned();
            return Err(Error::usage("this system does not tell how much memory a process holds", Some(hint)));
        }
        Ok(Self {
            inner,
            most,
            holds,
            began: Instant::now(),
            looked: AtomicU64::new(0),
            held: AtomicU64::new(0),
            stage: Mutex::new("reading"),
        })
    }

    /// Notes which stage begins, and ends the run where it is to stop.
    ///
    /// # Errors
    /// [`Error::Interrupted`], where the user asked for it, or too much memory is held.
    pub(super) fn begin(&self, stage: &'static str) -> Result<()> {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
        if self.cancelled() { Err(Error::Interrupted) } else { Ok(()) }
    }

    fn stage(&self) -> &'static str {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What ended the run: the error itself, or, where it was stopped for its memory, that.
    pub(super) fn reason(&self, error: Error) -> Error {
        match (self.held.load(Ordering::Relaxed), self.most) {
            (held, Some(most)) if held > 0 && matches!(error, Error::Interrupted) => too_much("are", held, most, self.stage()),
            _ => error,
        }
    }

    /// Ends the run before a stage that cannot be asked in its middle, where about so many bytes more would be too much.
    ///
    /// # Errors
    /// [`Error::Data`] with what would be held.
    pub(super) fn room_for(&self, bytes: f64) -> Result<()> {
        let Some(most) = self.most else { return Ok(()) };
        let would = (self.holds)().unwrap_or(0) + bytes as u64;
        if would > most { Err(too_much("would be", would, most, self.stage())) } else { Ok(()) }
    }

    fn look(&self) -> bool {
        let Some(most) = self.most else { return false };
        if self.held.load(Ordering::Relaxed) > 0 {
            return true;
        }
        let now = self.began.elapsed().as_micros() as u64;
        let before = self.looked.load(Ordering::Relaxed);
        let soon = before > 0 && now.saturating_sub(before) < BETWEEN.as_micros() as u64;
        if soon || self.looked.compare_exchange(before, now.max(1), Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return false;
        }
        let held = (self.holds)().unwrap_or(0);
        if held > most {
            self.held.store(held, Ordering::Relaxed);
        }
        held > most
    }
}

impl Observer for Guard<'_> {
    fn event(&self, event: Event) {
        self.inner.event(event);
    }

    fn cancelled(&self) -> bool {
        self.inner.cancelled() || self.look()
    }
}

fn too_much(are: &str, held: u64, most: u64, stage: &str) -> Error {
    let numbers = Numbers::new(crate::spec::Language::En);
    Error::data_hint(
        format!("{} of memory {are} held while {stage}, more than the {} of `--max-memory`", numbers.bytes(held), numbers.bytes(most)),
        "allow more, or need less: a longer `entity.every`, a shorter `window`, a `where` on the source, fewer `fields` and `algorithms`; `gonogo run --dry-run` estimates what is needed",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Silent;

    /// What the process of these tests is said to hold.
    static HELD: AtomicU64 = AtomicU64::new(0);

    fn hold(bytes: u64) {
        HELD.store(bytes, Ordering::Relaxed);
    }

    fn told(guard: &Guard<'_>, error: Error) -> String {
        guard.reason(error).to_string()
    }

    #[test]
    fn too_much_ends_the_stage_in_which_it_is_held_and_stays_too_much() {
        let guard = Guard::watching(|| Some(HELD.load(Ordering::Relaxed)), &Silent, Some(100_000_000)).unwrap();
        hold(100_000_000);
        guard.begin("scoring what is planted").unwrap();
        assert!(!guard.cancelled(), "as much as is allowed is not too much");
        assert!(
            guard.room_for(1e6).unwrap_err().to_string().contains("101\u{202f}MB of memory would be held while scoring what is planted")
        );
        guard.begin("making the studies").unwrap();
        hold(250_000_000);
        while !guard.cancelled() {
            std::thread::sleep(BETWEEN);
        }
        // What was freed since does not bring back what the detectors had begun.
        hold(0);
        assert!(guard.cancelled());
        let said = told(&guard, Error::Interrupted);
        assert!(said.starts_with("250\u{202f}MB of memory are held while making the studies, more than the 100\u{202f}MB"), "{said}");
        assert_eq!(told(&guard, Error::data("another")), "another");
        assert!(matches!(guard.begin("writing"), Err(Error::Interrupted)));
    }

    #[test]
    fn a_system_that_tells_nothing_can_hold_no_run_to_anything() {
        assert!(Guard::watching(|| None, &Silent, Some(1)).is_err());
        let free = Guard::watching(|| None, &Silent, None).unwrap();
        free.room_for(1e18).unwrap();
        assert!(!free.cancelled());
    }
}
