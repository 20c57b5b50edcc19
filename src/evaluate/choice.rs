//! The pick: the best of several, and by how much the choice flatters it.
//!
//! The choice is repeated in draws over entities and days **only to estimate its bias**, which is taken off the limit on the flattering side
//! (Tibshirani, Tibshirani 2009; Tsamardinos et al. 2018). Percentiles of the maximum over draws would cover 16 to 50 %.

use std::cmp::Ordering;

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{cases::fingerprint, frame::Frame, measure::Contestant, point::Bias, ranking::quantile};
use crate::spec::Decision;

const DRAWS: usize = 200;

/// What a choice looks at, one after the other; equal values go to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// The share of the incidents that count.
    Recall,
    /// The number of false alerts, fewest first.
    FalseAlerts,
    /// The share of the alerts that are attacks.
    Precision,
}

/// How the pick is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub measures: Vec<Measure>,
    /// In words: `recall_kept, then net_present_value`.
    pub words: String,
}

impl Rule {
    /// Recall first where it is a criterion or nothing is preferred; then what is preferred; then fewer false alerts; then the order of the
    /// experiment.
    ///
    /// Money is not known before there is a pick. At equal recall it grows with every false alert that is not opened, so measures of money
    /// choose by fewer false alerts.
    pub fn new(decision: Option<&Decision>, recall_name: &str) -> Self {
        let is_recall = |metric: &str| matches!(metric, "recall_kept" | "recall" | "incidents_caught" | "incidents_missed");
        let prefer = decision.and_then(|d| d.prefer.as_deref());
        let asked = decision.is_some_and(|d| d.require.iter().any(|c| is_recall(&c.metric)));
        let (mut measures, mut words) = (Vec::new(), Vec::new());
        if asked || prefer.is_none_or(is_recall) {
            measures.push(Measure::Recall);
            words.push(recall_name);
        }
        match prefer {
            Some("precision") => measures.push(Measure::Precision),
            Some(metric) if is_recall(metric) || metric == "hours_to_alert" => measures.push(Measure::Recall),
            _ => measures.push(Measure::FalseAlerts),
        }
        words.extend(prefer.filter(|metric| !is_recall(metric)));
        measures.push(Measure::FalseAlerts);
        if words.len() == 1 && prefer.is_none_or(is_recall) {
            words.push("fewer false alerts");
        }
        Self { measures, words: words.join(", then ") }
    }
}

/// What a contestant is worth in a window or in a draw of it.
#[derive(Debug, Clone, Copy)]
struct Worth {
    recall: Option<f64>,
    false_alerts: f64,
    precision: f64,
    log_ratio: f64,
}

impl Worth {
    fn compare(&self, other: &Self, rule: &Rule) -> Ordering {
        rule.measures.iter().fold(Ordering::Equal, |so_far, measure| {
            so_far.then_with(|| match measure {
                Measure::Recall => self.recall.unwrap_or(0.0).total_cmp(&other.recall.unwrap_or(0.0)),
                Measure::FalseAlerts => other.false_alerts.total_cmp(&self.false_alerts),
                Measure::Precision => self.precision.total_cmp(&other.precision),
            })
        })
    }
}

/// Weights of entities and days: 1 each in the window itself.
struct Weights {
    clusters: Vec<f64>,
    days: Vec<f64>,
}

impl Weights {
    fn ones(frame: &Frame<'_>) -> Self {
        Self { clusters: vec![1.0; frame.judged.clusters], days: vec![1.0; frame.judged.days] }
    }

    /// Independent multinomial weights of entities and days (Owen 2007).
    fn draw(&mut self, rng: &mut Xoshiro256PlusPlus) {
        for weights in [&mut self.clusters, &mut self.days] {
            let n = weights.len();
            weights.fill(0.0);
            for _ in 0..n {
                weights[rng.gen_range(0..n)] += 1.0;
            }
        }
    }

    /// What the baseline's false alerts weigh; 1 where there is no baseline.
    fn against(&self, frame: &Frame<'_>) -> f64 {
        frame.baseline.as_ref().map_or(1.0, |base| base.false_cells.weighted(&self.clusters, &self.days))
    }

    fn worth(&self, frame: &Frame<'_>, contestant: &Contestant<'_>, clusters_of: &[u32], against: f64) -> Worth {
        let (mut k, mut n) = (0.0, 0.0);
        for incident in (0..clusters_of.len()).filter(|&i| frame.counted[i]) {
            let weight = self.clusters[clusters_of[incident] as usize];
            n += weight;
            k += if contestant.caught[incident] { weight } else { 0.0 };
        }
        let mut recall = (n > 0.0).then(|| k / n);
        // Of a sample too few incidents are known to choose by: the share of the rule's true alerts stands for them.
        if let Some((kept, all)) = contestant.kept_cells.as_ref().zip(frame.baseline.as_ref().and_then(|base| base.true_cells.as_ref()))
            && !frame.all_read
        {
            let (kept, all) = (kept.weighted(&self.clusters, &self.days), all.weighted(&self.clusters, &self.days));
            recall = (all > 0.0).then(|| kept / all);
        }
        let false_alerts = contestant.false_cells.weighted(&self.clusters, &self.days);
        let alerts = contestant.all_cells.weighted(&self.clusters, &self.days);
        Worth {
            recall,
            false_alerts,
            precision: if alerts > 0.0 { 1.0 - false_alerts / alerts } else { 0.0 },
            log_ratio: (false_alerts.max(0.5) / against.max(0.5)).ln(),
        }
    }
}

/// The best of some: the index of the first that no other beats.
fn best(worths: &[Worth], rule: &Rule, eligible: impl Fn(usize) -> bool) -> Option<usize> {
    (0..worths.len()).filter(|&i| eligible(i)).fold(None, |best, i| match best {
        Some(b) if worths[i].compare(&worths[b], rule) != Ordering::Greater => Some(b),
        _ => Some(i),
    })
}

/// Chooses the best of the eligible ones (of all, where none is), and says by how much choosing among all of them flatters it.
pub(super) fn choose(
    frame: &Frame<'_>,
    contestants: &[&Contestant<'_>],
    eligible: &[bool],
    rule: &Rule,
    what: &str,
) -> Option<(usize, Bias)> {
    let clusters_of: Vec<u32> = (0..frame.judged.incidents()).map(|i| frame.judged.cluster_of_incident(i)).collect();
    let mut weights = Weights::ones(frame);
    let worths = |weights: &Weights| {
        let against = weights.against(frame);
        contestants.iter().map(|c| weights.worth(frame, c, &clusters_of, against)).collect::<Vec<_>>()
    };
    let window = worths(&weights);
    let chosen = best(&window, rule, |i| eligible[i]).or_else(|| best(&window, rule, |_| true))?;
    if contestants.len() == 1 || frame.judged.clusters == 0 {
        return Some((chosen, Bias::default()));
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(frame.input.seed ^ fingerprint(what));
    let (mut recall, mut ratio) = (Vec::new(), Vec::new());
    for _ in 0..DRAWS {
        weights.draw(&mut rng);
        let drawn = worths(&weights);
        let Some(again) = best(&drawn, rule, |_| true) else { continue };
        if let (Some(here), Some(there)) = (drawn[again].recall, window[again].recall) {
            recall.push(here - there);
        }
        ratio.push(drawn[again].log_ratio - window[again].log_ratio);
    }
    let mean = recall.iter().sum::<f64>() / recall.len().max(1) as f64;
    // A ratio above that of the window is a choice that does not flatter.
    Some((chosen, Bias { recall: mean.max(0.0), log_ratio: (-quantile(&ratio, 0.5)).max(0.0) }))
}
