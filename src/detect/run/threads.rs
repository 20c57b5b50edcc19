//! Tasks on a bounded number of threads.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use crate::error::{Error, Result, silence_this_thread};

/// Runs tasks on `jobs` threads in all: as many at once as there are threads, the threads left over going to the loops inside.
///
/// Each worker has a pool of its own for those loops: a shared one would let a thread that waits for its own loop begin another contender
/// in between, and count its time.
pub(super) fn in_parallel<T: Sync, R: Send>(tasks: &[T], jobs: usize, run: impl Fn(&T) -> R + Sync) -> Result<Vec<R>> {
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
                .start_handler(|_| silence_this_thread())
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
