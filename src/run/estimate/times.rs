//! How long a run would take: what was tried, carried on by laws.

use std::time::Instant;

use rand::seq::index::sample;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

use super::{
    ContenderSeconds, StageSeconds, cores,
    laws::{self, Sizes},
    survey::Survey,
};
use crate::{
    detect::{self, Contender, Outcome, Plan, REPLACED_ROWS, RunOptions},
    error::Result,
    fields::{Matrices, UnitTable, scale},
    observe::Observer,
    run::{mass_volume, pipeline::Options, study},
    spec::{Entry, Experiment},
};

/// Units that the detectors are tried on, in each part.
const TRIED: usize = 4_000;
/// Fewer units than this tell nothing of how long a detector takes.
const LEAST_TRIED: usize = 20;
/// Reading the events behind the alerts once more builds no fields.
const SECOND_READING: f64 = 0.6;

/// Detectors that were fitted on some of the units.
pub(super) struct Tried {
    training: usize,
    judged: usize,
    pub(super) features: usize,
    /// What each contender took; none for ensembles, and for those that failed.
    seconds: Vec<Option<Taken>>,
    /// Seconds of all by the clock.
    elapsed: f64,
}

/// Seconds that a contender took.
#[derive(Clone, Copy)]
struct Taken {
    fit: f64,
    score: f64,
    explain: f64,
    /// Whether it was explained by replacing fields: so many rows at most.
    at_most: Option<usize>,
}

impl Tried {
    pub(super) fn on(
        table: &UnitTable,
        experiment: &Experiment,
        contenders: &[Contender],
        options: &Options,
        observer: &dyn Observer,
    ) -> Result<Option<Self>> {
        if table.len() < LEAST_TRIED {
            return Ok(None);
        }
        let chosen = sample(&mut Xoshiro256PlusPlus::seed_from_u64(experiment.seed), table.len(), table.len().min(2 * TRIED)).into_vec();
        let in_sample = experiment.window.is_none();
        let (training, judged) = if in_sample {
            (&chosen[..chosen.len().min(TRIED)], &chosen[..chosen.len().min(TRIED)])
        } else {
            chosen.split_at(chosen.len() / 2)
        };
        let Matrices { training, judged, .. } = scale(table, training, judged, experiment.scale)?;
        let began = Instant::now();
        let run = RunOptions { seed: experiment.seed, repeats: 1, jobs: options.jobs.unwrap_or(0), in_sample, explain: true };
        let scores = detect::run_all(contenders, &training, &judged, &run, observer)?;
        let elapsed = began.elapsed().as_secs_f64();
        let of = |contender: &Contender| {
            let column = scores.columns.iter().find(|column| column.id == contender.id)?;
            match (&contender.plan, &column.outcome) {
                (Plan::Method { .. }, Outcome::Scored(scored)) => Some(Taken {
                    fit: scored.fit_seconds,
                    score: scored.score_seconds,
                    explain: scored.explain_seconds,
                    at_most: scored.replaced.then_some(REPLACED_ROWS),
                }),
                _ => None,
            }
        };
        let seconds = contenders.iter().map(of).collect();
        Ok(Some(Self { training: training.nrows(), judged: judged.nrows(), features: training.ncols(), seconds, elapsed }))
    }

    /// Seconds of a contender with one seed on parts of these sizes, by the law of its cost.
    fn seconds_of(&self, index: usize, contender: &Contender, sizes: &Sizes) -> Option<f64> {
        let Plan::Method { detector, .. } = &contender.plan else { return None };
        let Taken { fit, score, .. } = self.seconds.get(index).copied().flatten()?;
        let (here, there) = (detector.work(self.training, self.features), detector.work(sizes.training as usize, self.features));
        let rows = (sizes.training + sizes.judged) / (self.training + self.judged).max(1) as f64;
        Some(fit * there.fit / here.fit.max(f64::MIN_POSITIVE) + score * rows * there.row / here.row.max(f64::MIN_POSITIVE))
    }

    /// Seconds of telling what drives a contender's scores, which only its first seed is asked.
    fn explain_seconds_of(&self, index: usize, contender: &Contender, sizes: &Sizes) -> Option<f64> {
        let Plan::Method { detector, .. } = &contender.plan else { return None };
        let Taken { explain, at_most, .. } = self.seconds.get(index).copied().flatten()?;
        let (here, there) = (detector.work(self.training, self.features), detector.work(sizes.training as usize, self.features));
        let rows = |judged: f64| at_most.map_or(judged, |most| judged.min(most as f64));
        Some(explain * rows(sizes.judged) / rows(self.judged as f64).max(1.0) * there.row / here.row.max(f64::MIN_POSITIVE))
    }
}

/// The seconds of each stage, and of each contender.
pub(super) fn seconds(
    experiment: &Experiment,
    reading: f64,
    sizes: &Sizes,
    tried: Option<&Tried>,
    contenders: &[Contender],
    options: &Options,
) -> (Vec<StageSeconds>, Vec<ContenderSeconds>) {
    let mut of_contenders = Vec::new();
    let (mut once, mut all, mut trial) = (0.0, 0.0, 0.0);
    for (index, contender) in contenders.iter().enumerate() {
        let Some(tried) = tried else { continue };
        let Some(seconds) = tried.seconds_of(index, contender, sizes) else { continue };
        let random = matches!(&contender.plan, Plan::Method { detector, .. } if detector.is_random());
        let whole = if random { seconds * sizes.repeats } else { seconds };
        let whole = whole + tried.explain_seconds_of(index, contender, sizes).unwrap_or(0.0);
        let whole = contender.limits.seconds.map_or(whole, |limit| whole.min(limit * sizes.repeats));
        once += seconds;
        all += whole;
        trial += tried.seconds.get(index).copied().flatten().map_or(0.0, |taken| taken.fit + taken.score + taken.explain);
        of_contenders.push(ContenderSeconds { id: contender.id.clone(), seconds: whole });
    }
    // How much sooner several threads are done than one would be, and what controls take besides.
    let together = tried.map_or(1.0, |tried| tried.elapsed / trial.max(1e-6)).clamp(0.5 / cores() as f64, 3.0);
    let pace = laws::pace();
    let judging = laws::judging_seconds(sizes, pace);
    let mut stages = vec![
        StageSeconds { stage: "reading", seconds: reading },
        StageSeconds { stage: "fields", seconds: laws::scaling_seconds(sizes, pace) },
        StageSeconds { stage: "scoring", seconds: together * all },
    ];
    let planted = planted_passes(experiment);
    if planted > 0.0 {
        stages.push(StageSeconds { stage: "planting", seconds: together * once * planted });
    }
    stages.push(StageSeconds { stage: "judging and writing", seconds: judging });
    if let Some(tried) = tried {
        let (draws, features, learned, scored) = mass_volume::bounds(tried.features);
        let few = Sizes { training: sizes.training.min(learned as f64), judged: scored as f64, ..*sizes };
        let draws = (draws * features) as f64 / tried.features.max(1) as f64;
        let each = contenders.iter().enumerate().filter_map(|(index, contender)| tried.seconds_of(index, contender, &few)).sum::<f64>();
        stages.push(StageSeconds { stage: "diagnostics", seconds: together * draws * each });
    }
    let passes = study_passes(experiment);
    if passes > 0.0 {
        stages.push(StageSeconds { stage: "studies", seconds: passes * (together * once + 0.5 * judging) });
    }
    if options.events && experiment.window.is_some() {
        stages.push(StageSeconds { stage: "events behind the alerts", seconds: SECOND_READING * reading });
    }
    (stages, of_contenders)
}

/// A stretch is read by one thread; several files are read by as many as there are cores.
pub(super) fn reading_seconds(survey: &Survey) -> f64 {
    let factor = if survey.whole { 1.0 } else { survey.factor() };
    let threads = cores().min(survey.files).max(1) as f64;
    let fast = survey.cpu_seconds.map_or(survey.seconds / threads, |cpu| cpu / cores() as f64);
    let seconds = if survey.files > 1 { survey.seconds.min(1.15 * fast.max(survey.seconds / threads)) } else { survey.seconds };
    seconds * factor
}

/// How many times all detectors are fitted for what is planted: once for all, and once more for each strength that also goes into the training part.
fn planted_passes(experiment: &Experiment) -> f64 {
    if experiment.inject.is_empty() {
        return 0.0;
    }
    let strengths = |entry: &Entry| {
        let values = entry.0.as_mapping().into_iter().flat_map(|mapping| mapping.values());
        values.filter_map(|value| value.as_sequence()).map(Vec::len).max().unwrap_or(1)
    };
    let poisons = experiment.inject.iter().filter(|entry| entry.0.get("poison").and_then(serde_yaml::Value::as_bool) == Some(true));
    1.0 + poisons.map(strengths).sum::<usize>() as f64
}

/// How many times all detectors are fitted for the studies that are asked for.
fn study_passes(experiment: &Experiment) -> f64 {
    let days = experiment.window_micros().map_or(0, |(start, train_end, _)| (train_end - start) / study::DAY);
    let of = |asked: &str| match asked {
        // Most points of the curve learn from a part of the days.
        "learning_curve" => 0.6 * study::curve_days(days).count() as f64,
        "peers_ablation" => 2.0,
        // About two values of the main parameter of each detector that has one.
        "sensitivity" => 2.5,
        "stability" => study::SEEDS as f64 + study::left_out(days).count() as f64,
        _ => 1.0,
    };
    experiment.evaluate.study.iter().map(|asked| of(asked)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(training: f64, judged: f64) -> Sizes {
        Sizes { units: training + judged, training, judged, fields: 8.0, features: 8.0, keys: 1.0, contenders: 3.0, repeats: 1.0 }
    }

    fn contenders(text: &str) -> Vec<Contender> {
        detect::contenders(&serde_yaml::from_str::<Vec<Entry>>(text).unwrap(), None).unwrap()
    }

    /// One second of fitting and two of scoring for each, one after the other.
    fn tried(contenders: &[Contender]) -> Tried {
        let seconds = vec![Some(Taken { fit: 1.0, score: 2.0, explain: 0.0, at_most: None }); contenders.len()];
        Tried { training: 4_000, judged: 4_000, features: 8, elapsed: 3.0 * seconds.len() as f64, seconds }
    }

    #[test]
    fn at_the_sizes_that_were_tried_the_estimate_is_what_was_measured_and_with_rows_it_grows() {
        let contenders = contenders("[ecod, knn, isolation-forest, kmeans, lof]");
        let tried = tried(&contenders);
        for (index, contender) in contenders.iter().enumerate() {
            let at = |training: f64, judged: f64| tried.seconds_of(index, contender, &sizes(training, judged)).unwrap();
            assert!((at(4_000.0, 4_000.0) - 3.0).abs() < 1e-9, "{}", contender.id);
            let all: Vec<f64> = [4e3, 8e3, 3e4, 1e5, 1e6].map(|rows| at(rows, rows)).to_vec();
            assert!(all.is_sorted() && all[4] >= 100.0, "{}: a row more is scored at what a row takes at least: {all:?}", contender.id);
            // Scoring alone: ten times as many rows to judge, none more to learn from.
            let more = at(4_000.0, 76_000.0) - 1.0;
            assert!((more - 20.0).abs() < 1e-9, "{}: {more}", contender.id);
        }
    }

    #[test]
    fn explaining_grows_with_what_is_judged_as_far_as_it_is_explained() {
        let contenders = contenders("[ecod, knn]");
        let mut tried = tried(&contenders);
        tried.seconds[0] = Some(Taken { fit: 0.0, score: 0.0, explain: 1.0, at_most: None });
        tried.seconds[1] = Some(Taken { fit: 0.0, score: 0.0, explain: 1.0, at_most: Some(5_000) });
        let at = |index: usize, judged: f64| tried.explain_seconds_of(index, &contenders[index], &sizes(4_000.0, judged)).unwrap();
        assert_eq!([4e3, 8e3, 4e4].map(|judged| at(0, judged)), [1.0, 2.0, 10.0]);
        assert_eq!([2e3, 4e3, 5e3, 4e4].map(|judged| at(1, judged)), [0.5, 1.0, 1.25, 1.25]);
    }

    #[test]
    fn seeds_multiply_what_is_random_and_limits_bound_it() {
        let contenders = contenders("[ecod, isolation-forest, { method: isolation-forest, id: short, limits: { seconds: 2 } }]");
        let experiment: Experiment =
            serde_yaml::from_str("{ version: 1, name: x, use_case: { title: x }, sources: {}, fields: {}, algorithms: [ecod] }").unwrap();
        let options = Options {
            out: std::path::PathBuf::new(),
            seed: None,
            only: Vec::new(),
            jobs: None,
            cache: None,
            redact_key: None,
            keep_fields: false,
            events: true,
            gate: false,
            max_memory: None,
            command: String::new(),
        };
        let (stages, each) =
            seconds(&experiment, 7.0, &Sizes { repeats: 5.0, ..sizes(4_000.0, 4_000.0) }, Some(&tried(&contenders)), &contenders, &options);
        let each: Vec<f64> = each.iter().map(|one| one.seconds).collect();
        assert_eq!(each, [3.0, 15.0, 10.0]);
        let of = |name: &str| stages.iter().find(|stage| stage.stage == name).map(|stage| stage.seconds);
        // They took as long together as one after the other.
        assert_eq!((of("reading"), of("scoring")), (Some(7.0), Some(28.0)));
        assert_eq!((of("planting"), of("studies")), (None, None));
        assert_eq!(of("events behind the alerts"), None, "without a window nothing is read again");
    }

    #[test]
    fn what_is_planted_and_studied_is_counted_in_fits_of_all_detectors() {
        let of = |more: &str| -> Experiment {
            let window = "window: { start: 2026-03-02, train_end: 2026-03-12, end: 2026-03-16 }";
            serde_yaml::from_str(&format!(
                "{{ version: 1, name: x, use_case: {{ title: x }}, sources: {{}}, {window}, fields: {{}}, algorithms: [ecod], {more} }}"
            ))
            .unwrap()
        };
        assert_eq!(planted_passes(&of("seed: 1")), 0.0);
        let plants = "{ behaviour: exfiltration, bytes_per_day: [10MB, 100MB, 1GB], copies: 20 }";
        assert_eq!(planted_passes(&of(&format!("inject: [{plants}, {plants}]"))), 1.0, "all plants are scored at once");
        let poisons = plants.replace(" }", ", poison: true }");
        assert_eq!(
            planted_passes(&of(&format!("inject: [{plants}, {poisons}]"))),
            4.0,
            "and once more for each strength that is learned from"
        );
        let studied = |names: &str| study_passes(&of(&format!("evaluate: {{ study: [{names}] }}")));
        // Ten days to learn from: 1, 2, 3, 5, 7 and all; every second one is left out.
        assert!((studied("learning_curve") - 3.6).abs() < 1e-12);
        assert_eq!(studied("stability"), 4.0 + 5.0);
        assert_eq!(studied("peers_ablation, ageing"), 3.0);
    }
}
