use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use ndarray::Array2;

use super::*;
use crate::{observe::Silent, spec::Entry, units::RowKey};

fn matrix(rows: usize, columns: usize, value: impl Fn(usize, usize) -> f64) -> FeatureMatrix {
    let features = (0..columns).map(|c| format!("f{c}")).collect::<Vec<_>>().into();
    let keys = (0..rows).map(|r| RowKey { entity: format!("e{r}").into(), period: 0 }).collect();
    FeatureMatrix::new(Array2::from_shape_fn((rows, columns), |(r, c)| value(r, c)), features, keys).unwrap()
}

fn wave(rows: usize) -> FeatureMatrix {
    matrix(rows, 3, |r, c| ((r * (c + 2)) as f64 * 0.7).sin() + (r % 7) as f64)
}

fn contender(id: &str, detector: impl Detector + 'static) -> Contender {
    Contender {
        id: id.into(),
        plan: Plan::Method { method: "test", detector: Box::new(detector) },
        parameters: serde_json::Value::Null,
        limits: Limits::default(),
    }
}

fn read(text: &str) -> Vec<Contender> {
    super::super::contenders(&serde_yaml::from_str::<Vec<Entry>>(text).unwrap(), None).unwrap()
}

const OPTIONS: RunOptions = RunOptions { seed: 7, repeats: 1, jobs: 2, in_sample: false, explain: true };

/// Does as its name says.
#[derive(Debug)]
enum Bad {
    Panic,
    PanicInside,
    NotANumber,
    Slow,
}

struct BadModel;

impl Model for BadModel {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        vec![f64::NAN; rows.nrows()]
    }
}

impl Detector for Bad {
    fn fit(&self, _: &FeatureMatrix, job: &Job<'_>) -> std::result::Result<Box<dyn Model>, FitError> {
        use rayon::prelude::*;
        match self {
            Self::Panic => panic!("out of cheese"),
            Self::PanicInside => {
                (0..100).into_par_iter().for_each(|i| assert!(i != 50, "fifty"));
                Ok(Box::new(BadModel))
            }
            Self::NotANumber => Ok(Box::new(BadModel)),
            Self::Slow => {
                for _ in 0..1000 {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                    job.step(1, 2)?;
                }
                Ok(Box::new(BadModel))
            }
        }
    }
}

fn reason(column: &ScoreColumn) -> &str {
    match &column.outcome {
        Outcome::Failed { reason } => reason,
        other => panic!("{other:?}"),
    }
}

fn scored<'a>(table: &'a ScoreTable, id: &str) -> &'a Scored {
    match &table.columns.iter().find(|c| c.id == id).unwrap().outcome {
        Outcome::Scored(scored) => scored,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failing_contender_is_a_row_not_the_end() {
    let mut all =
        vec![contender("a", Bad::Panic), contender("b", Bad::PanicInside), contender("c", Bad::NotANumber), contender("d", Bad::Slow)];
    all[3].limits.seconds = Some(0.01);
    all.extend(read("[ecod, { id: vote, ensemble: mean-rank }]"));
    let table = run_all(&all, &wave(50), &wave(20), &OPTIONS, &Silent).unwrap();
    assert_eq!(reason(&table.columns[0]), "panicked: out of cheese");
    assert_eq!(reason(&table.columns[1]), "panicked: fifty");
    assert_eq!(reason(&table.columns[2]), "gave scores that are not finite for 50 of 50 rows");
    assert_eq!(reason(&table.columns[3]), "took longer than the 0.01 s of `limits.seconds`");
    assert_eq!(scored(&table, "vote").notes[0].en, "without `a`, `b`, `c`, `d`, which gave no scores");
    assert_eq!(scored(&table, "ecod").judged.len(), 20);
}

#[test]
fn controls_come_last_in_both_directions() {
    let table = run_all(&read("[ecod]"), &wave(50), &wave(20), &OPTIONS, &Silent).unwrap();
    let ids: Vec<&str> = table.columns.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["ecod", "random", "field:f0", "field:f0:low", "field:f1", "field:f1:low", "field:f2", "field:f2:low"]);
    assert!(table.columns[1..].iter().all(|c| c.kind == Kind::Control));
    assert_eq!(scored(&table, "field:f1").judged[3], -scored(&table, "field:f1:low").judged[3]);
}

#[test]
fn neither_company_nor_order_nor_threads_change_scores() {
    let (training, judged) = (wave(300), wave(100));
    let run = |text: &str, jobs: usize| {
        let table = run_all(&read(text), &training, &judged, &RunOptions { repeats: 3, jobs, ..OPTIONS }, &Silent).unwrap();
        let forest = scored(&table, "isolation-forest");
        (forest.judged.clone(), forest.repeats.clone(), scored(&table, "vote").judged.clone(), scored(&table, "vote").repeats.clone())
    };
    let one = run("[isolation-forest, ecod, { id: vote, ensemble: mean-rank, of: [isolation-forest, ecod] }]", 1);
    let other = run(
        "[{ id: vote, ensemble: mean-rank, of: [isolation-forest, ecod] }, { id: x, method: isolation-forest }, ecod, isolation-forest]",
        5,
    );
    assert_eq!(one, other);
    assert_eq!(one.1.len(), 2);
    assert_ne!(one.0, one.1[0]);
    assert_eq!(one.3.len(), 2);
}

#[test]
fn an_ensembles_score_does_not_depend_on_the_other_judged_rows() {
    let all = read("[isolation-forest, ecod, { id: vote, ensemble: mean-rank }]");
    let (training, judged) = (wave(300), wave(100));
    let whole = run_all(&all, &training, &judged, &OPTIONS, &Silent).unwrap();
    let alone = run_all(&all, &training, &judged.select_rows(&[41]), &OPTIONS, &Silent).unwrap();
    assert_eq!(scored(&whole, "vote").judged[41], scored(&alone, "vote").judged[0]);
}

#[test]
fn the_user_can_stop_it_and_is_told_how_far_it_is() {
    struct Watcher(AtomicBool, Mutex<Vec<f64>>);
    impl Observer for Watcher {
        fn event(&self, event: Event) {
            if let Event::Detector { fraction, .. } = event {
                self.1.lock().unwrap().push(fraction);
            }
        }

        fn cancelled(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }
    let going = Watcher(AtomicBool::new(false), Mutex::default());
    run_all(&read("[isolation-forest]"), &wave(50), &wave(20), &OPTIONS, &going).unwrap();
    let told = going.1.into_inner().unwrap();
    assert!(told.is_sorted() && told.len() > 2 && told.last() == Some(&1.0), "{told:?}");
    let stopped = Watcher(AtomicBool::new(true), Mutex::default());
    assert!(matches!(run_all(&read("[ecod]"), &wave(50), &wave(20), &OPTIONS, &stopped), Err(Error::Interrupted)));
}

#[test]
fn in_sample_scores_are_the_training_scores() {
    let rows = wave(60);
    let table = run_all(&read("[ecod]"), &rows, &rows, &RunOptions { in_sample: true, ..OPTIONS }, &Silent).unwrap();
    assert_eq!(scored(&table, "ecod").training, scored(&table, "ecod").judged);
}

#[test]
fn memory_limits_are_compared_before_anything_is_done() {
    let table = run_all(&read("[{ method: ecod, limits: { memory: 1kB } }]"), &wave(600), &wave(6), &OPTIONS, &Silent).unwrap();
    assert!(reason(&table.columns[0]).starts_with("would need about "));
}

#[test]
fn the_default_ensemble_runs_alone_and_is_no_member_of_others() {
    let (training, judged) = (wave(200), wave(40));
    let alone = run_all(&read("[{ ensemble: default }]"), &training, &judged, &OPTIONS, &Silent).unwrap();
    assert_eq!((alone.columns[0].kind, alone.columns[0].method.as_str()), (Kind::Ensemble, "default"));
    let vote = |text: &str| {
        let table = run_all(&read(text), &training, &judged, &OPTIONS, &Silent).unwrap();
        (
            scored(&table, "vote").judged.clone(),
            table.columns.iter().find(|c| c.id == "default").map(|_| scored(&table, "default").judged.clone()),
        )
    };
    let (with, beside) = vote("[ecod, knn, { ensemble: default }, { id: vote, ensemble: mean-rank }]");
    assert_eq!(with, vote("[ecod, knn, { id: vote, ensemble: mean-rank }]").0);
    assert_eq!(beside.unwrap(), scored(&alone, "default").judged);
}

#[test]
fn a_limit_of_time_ends_the_neighbours_within_their_training_pass() {
    // Far more rows than can be compared in a hundredth of a second.
    let rows = wave(8_000);
    for method in ["knn", "lof", "{ ensemble: default }"] {
        let entry = if method.starts_with('{') {
            method.replace('}', ", limits: { seconds: 0.01 } }")
        } else {
            format!("{{ method: {method}, limits: {{ seconds: 0.01 }} }}")
        };
        let begin = std::time::Instant::now();
        let table = run_all(&read(&format!("[{entry}]")), &rows, &rows, &RunOptions { in_sample: true, ..OPTIONS }, &Silent).unwrap();
        assert!(reason(&table.columns[0]).starts_with("took longer"), "{method}");
        println!("{method}: ended after {:.2} s", begin.elapsed().as_secs_f64());
    }
}
