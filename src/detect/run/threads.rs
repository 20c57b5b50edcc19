//! Tasks on a bounded number of threads.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use crate::error::{Error, Result, silence_this_thread};

/// Threads where nobody says how many: `RAYON_NUM_THREADS` from outside, where it is a number above 0, else one for each core.
pub(super) fn usual_threads() -> usize {
    let asked = std::env::var("RAYON_NUM_THREADS").ok().and_then(|asked| asked.trim().parse().ok());
    asked.filter(|threads| *threads > 0).unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Runs tasks on `jobs` threads in all: as many at once as there are threads, the threads left over going to the loops inside.
///
/// Each worker has a pool of its own for those loops: a shared one would let a thread that waits for its own loop begin another contender
/// in between, and count its time.
pub(super) fn in_parallel<T: Sync, R: Send>(tasks: &[T], jobs: usize, run: impl Fn(&T) -> R + Sync) -> Result<Vec<R>> {
    let jobs = if jobs == 0 { usual_threads() } else { jobs };
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

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::{
        detect::{METHODS, Outcome, RunOptions, contenders, hard_cases, run_all},
        observe::Silent,
    };

    #[test]
    #[ignore = "run by the test below, in a process of its own"]
    fn scores_of_all_methods() {
        let (training, judged) = (hard_cases::matrix(hard_cases::uniform(700, 5, 1)), hard_cases::matrix(hard_cases::uniform(300, 5, 2)));
        let ids = METHODS.iter().map(|method| method.id).chain(["{ ensemble: default }"]);
        let entries: Vec<_> = ids.map(|id| serde_yaml::from_str(id).unwrap()).collect();
        let all = contenders(&entries, Some(5)).unwrap();
        let table =
            run_all(&all, &training, &judged, &RunOptions { seed: 3, repeats: 1, jobs: 0, in_sample: false, explain: true }, &Silent)
                .unwrap();
        let at_once = AtomicUsize::new(0);
        let counted = in_parallel(&[(); 64], 0, |()| at_once.fetch_max(rayon::current_num_threads(), Ordering::Relaxed)).unwrap();
        println!("\nthreads {} in pools of {}, {} tasks", usual_threads(), at_once.into_inner(), counted.len());
        for column in &table.columns {
            let Outcome::Scored(scored) = &column.outcome else { panic!("{}: {:?}", column.id, column.outcome) };
            let bits = |scores: &[f64]| {
                scores.iter().fold(0_u64, |hash, score| hash.rotate_left(5).wrapping_mul(0x100_0000_01b3) ^ score.to_bits())
            };
            println!("score {} {:x} {:x}", column.id, bits(&scored.judged), bits(&scored.training));
        }
    }

    /// What a process says with so many threads given from outside: how many it takes, and the scores of all methods.
    fn with_threads(threads: &str) -> (Option<String>, Vec<String>) {
        let done = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "detect::run::threads::tests::scores_of_all_methods", "--ignored", "--nocapture"])
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{told} {}", String::from_utf8_lossy(&done.stderr));
        let taken = told.lines().find_map(|line| line.strip_prefix("threads ")).map(str::to_owned);
        (taken, told.lines().filter(|line| line.starts_with("score ")).map(str::to_owned).collect())
    }

    #[test]
    fn threads_given_from_outside_are_taken_and_change_no_score() {
        let (taken, one) = with_threads("1");
        assert_eq!(taken.as_deref(), Some("1 in pools of 1, 64 tasks"));
        assert!(one.len() > METHODS.len(), "{one:?}");
        for threads in ["2", "5"] {
            let (taken, scores) = with_threads(threads);
            // As many tasks at once as there are threads, each in a pool of one.
            assert_eq!(taken, Some(format!("{threads} in pools of 1, 64 tasks")));
            assert_eq!(scores, one, "{threads} threads");
        }
    }
}
