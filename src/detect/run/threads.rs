//! Tasks on a bounded number of threads, and panics that stay within one task.

use std::{
    any::Any,
    cell::Cell,
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::error::{Error, Result};

/// Runs tasks on `jobs` threads in all: as many at once as there are threads, the threads left over going to the loops inside.
///
/// Each worker has a pool of its own for those loops: a shared one would let a thread that waits for its own loop begin another contender
/// in between, and count its time.
pub(super) fn in_parallel<T: Sync, R: Send>(tasks: &[T], jobs: usize, run: impl Fn(&T) -> R + Sync) -> Result<Vec<R>> {
    silence_workers();
    let jobs = if jobs == 0 { std::thread::available_parallelism().map_or(1, usize::from) } else { jobs };
    let workers = jobs.min(tasks.len()).max(1);
    let results: Vec<Mutex<Option<R>>> = tasks.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = |pool: &rayon::ThreadPool| {
        while let Some((task, place)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| tasks.get(i).zip(results.get(i))) {
            let result = pool.install(|| run(task));
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
    };
    let pools = (0..workers)
        .map(|worker| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(jobs / workers + usize::from(worker < jobs % workers))
                .thread_name(move |thread| format!("detect-{worker}-{thread}"))
                .stack_size(8 << 20)
                .start_handler(|_| SILENT.set(true))
                .build()
                .map_err(|error| Error::Internal(format!("cannot start threads: {error}")))
        })
        .collect::<Result<Vec<_>>>()?;
    std::thread::scope(|scope| {
        for pool in &pools {
            scope.spawn(|| work(pool));
        }
    });
    results
        .into_iter()
        .map(|place| {
            place
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .ok_or_else(|| Error::Internal("a detector's thread ended early".into()))
        })
        .collect()
}

thread_local! {
    /// Whether a panic of this thread is caught and reported elsewhere.
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the default message of a panic off the terminal for threads whose panics become a row of the report.
fn silence_workers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !SILENT.get() {
                usual(info);
            }
        }));
    });
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".into())
}
