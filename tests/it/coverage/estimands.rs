//! What is counted of a world: for each kind of estimate, how many intervals hold what the long run gives; and the verdicts.
//!
//! The truth is the mean over all repetitions: what weeks like these give in the long run.

use gonogo::{
    decide::{Verdict, decide},
    detect::Kind,
    evaluate::{Estimate, Evaluation, Point},
};

use super::{
    Tally,
    world::{CONTENDERS, KEPT, REDUCED, criteria},
};

/// Coverage of each kind of estimate in one world.
#[derive(Debug, Default)]
pub struct Coverage {
    pub false_alerts: Tally,
    pub fp_reduction: Tally,
    pub recall_kept: Tally,
    pub precision: Tally,
    pub difference: Tally,
    pub fewer_false: Tally,
    pub at_recall: Tally,
    pub pick_recall: Tally,
    pub pick_reduction: Tally,
    pub go: f64,
    /// GO of a pick that in the long run keeps fewer incidents, or saves fewer false alerts, than was asked.
    pub wrong_go: f64,
    pub no_go: f64,
    pub bias: f64,
    /// recall_kept of the pick in the long run, on average.
    pub kept: f64,
    /// In how many of 100 windows the caveat about unequal entities is given.
    pub warned: f64,
}

fn budgets(evaluation: &Evaluation) -> impl Iterator<Item = &Point> {
    evaluation.contenders.iter().filter(|c| c.kind == Kind::Detector).filter_map(|c| c.budget.as_ref())
}

fn baseline(evaluation: &Evaluation) -> (f64, f64) {
    evaluation.baseline().and_then(|b| b.budget.as_ref()).map_or((0.0, 0.0), |b| (b.false_alerts as f64, b.incidents_caught as f64))
}

/// What weeks like these give in the long run, for one contender.
#[derive(Default, Clone, Copy)]
struct Truth {
    false_alerts: f64,
    alerts: f64,
    per_week: f64,
    kept: f64,
}

pub fn coverage(evaluations: &[Evaluation]) -> Coverage {
    let n = evaluations.len() as f64;
    let (base_false, base_caught) = evaluations.iter().map(baseline).fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    let mut truth = [Truth::default(); CONTENDERS];
    let (mut random_kept, mut field_false) = (0.0, 0.0);
    let kept = |point: &Point, evaluation: &Evaluation| point.recall_kept.as_ref().map_or(0.0, |e| e.value) * baseline(evaluation).1;
    for evaluation in evaluations {
        for (truth, point) in truth.iter_mut().zip(budgets(evaluation)) {
            truth.false_alerts += point.false_alerts as f64;
            truth.alerts += point.alerts as f64;
            truth.per_week += point.false_alerts_per_week / n;
            truth.kept += kept(point, evaluation) / base_caught;
        }
        field_false += evaluation.contender("field:f").and_then(|c| c.budget.as_ref()).map_or(0.0, |p| p.false_alerts as f64);
        random_kept += evaluation.contender("random").and_then(|c| c.budget.as_ref()).map_or(0.0, |p| kept(p, evaluation)) / base_caught;
    }
    // The reduction at recall 0.8 in the long run has no sum to take: the mean of the windows' points stands for it.
    let mut at_recall = [0.0; CONTENDERS];
    let recalls = |evaluation: &Evaluation| -> Vec<Estimate> {
        evaluation
            .contenders
            .iter()
            .filter(|c| c.kind == Kind::Detector)
            .filter_map(|c| c.at_recall.clone())
            .map(|a| a.fp_reduction)
            .collect()
    };
    for evaluation in evaluations {
        at_recall.iter_mut().zip(recalls(evaluation)).for_each(|(sum, estimate)| *sum += estimate.value / n);
    }
    let mut found = Coverage::default();
    for evaluation in evaluations {
        for ((point, contender), (truth, at_recall)) in
            budgets(evaluation).zip(evaluation.contenders.iter().filter(|c| c.kind == Kind::Detector)).zip(truth.iter().zip(at_recall))
        {
            found.false_alerts.add_share(point.false_alerts_per_week_interval.as_ref(), truth.per_week);
            found.fp_reduction.add(point.fp_reduction.as_ref(), 1.0 - truth.false_alerts / base_false);
            found.recall_kept.add(point.recall_kept.as_ref(), truth.kept);
            found.precision.add(point.precision_interval.as_ref(), 1.0 - truth.false_alerts / truth.alerts);
            found.difference.add(contender.better_than_random.as_ref(), truth.kept - random_kept);
            found.fewer_false.add(contender.fewer_false_than_field.as_ref(), (field_false - truth.false_alerts) / base_false);
            found.at_recall.add(contender.at_recall.as_ref().map(|a| &a.fp_reduction), at_recall);
        }
        let mut fails = false;
        if let Some(pick) = &evaluation.pick {
            let truth = pick.id.trim_start_matches('c').parse::<usize>().map_or(Truth::default(), |c| truth[c]);
            found.pick_recall.add(pick.budget.recall_kept.as_ref(), truth.kept);
            found.pick_reduction.add(pick.budget.fp_reduction.as_ref(), 1.0 - truth.false_alerts / base_false);
            found.bias += pick.bias_recall_kept / n;
            found.kept += truth.kept / n;
            fails = truth.kept < KEPT || 1.0 - truth.false_alerts / base_false < REDUCED;
        }
        found.warned += evaluation.caveats.iter().filter(|c| c.code == "unequal-entities").count() as f64 * 100.0 / n;
        match decide(evaluation, None, Some(&criteria())).verdict {
            Verdict::Go => {
                found.go += 100.0 / n;
                found.wrong_go += if fails { 100.0 / n } else { 0.0 };
            }
            Verdict::NoGo => found.no_go += 100.0 / n,
            Verdict::Inconclusive => {}
        }
    }
    found
}
