//! Every light goes on and off.

use super::*;
use crate::{
    evaluate::{Driver, Suppression, planted::Detectable},
    report::{ReportInput, fixture},
    spec::Entry,
};

fn state(input: &ReportInput, light: usize) -> State {
    lights(&View::new(input))[light].state
}

/// A run with nothing to say against it, but for labels that nobody gave twice.
fn sound() -> ReportInput {
    let mut input = fixture::full();
    input.manifest.synthetic = false;
    input.manifest.judged_opened = 1;
    input.evaluation.in_sample = false;
    input.evaluation.caveats.clear();
    input.evaluation.judged_days = 14.0;
    let window = input.resolved.experiment.window.as_mut().unwrap();
    window.start = "2026-02-01".parse().unwrap();
    input.quality.sources.iter_mut().for_each(|source| source.per_hour = vec![5; 24]);
    input.fields.iter_mut().for_each(|field| field.drift = Some(0.05));
    for (index, alert) in input.alerts.iter_mut().enumerate() {
        alert.drivers = vec![Driver { field: format!("f{}", index % 5), value: 1.0, usual: 0.0, share: 0.5, own: None, peers: None }];
    }
    let id = input.decision.pick.clone().unwrap();
    let pick = input.evaluation.contenders.iter_mut().find(|c| c.id == id).unwrap();
    pick.prevalence = Some(0.002);
    pick.seeds = vec![crate::evaluate::SeedResult { false_alerts_per_week: 9.0, incidents_caught: 17 }; 3];
    for point in pick.budget.iter_mut().chain(input.evaluation.pick.iter_mut().map(|pick| &mut pick.budget)) {
        point.precision = Some(0.6);
        point.unknown_alerts = 0;
    }
    input.evaluation.labels.as_mut().unwrap().complete = true;
    let injection = input.injection.as_mut().unwrap();
    injection.behaviours[0].behaviour = "slow_drip".into();
    injection.behaviours[0].detectable = vec![Detectable { contender: id, strength: Some("10MB".into()) }];
    let mut hidden = injection.behaviours[0].clone();
    (hidden.behaviour, hidden.note) = ("exfiltration".into(), Some("popular destination".into()));
    injection.behaviours.push(hidden);
    input
}

fn pick(input: &mut ReportInput) -> &mut crate::evaluate::Measured {
    let id = input.decision.pick.clone().unwrap();
    input.evaluation.contenders.iter_mut().find(|contender| contender.id == id).unwrap()
}

/// A run whose labels come from a review in which two analysts read some alerts both.
fn reviewed(read_twice: u64, kappa: Option<f64>) -> ReportInput {
    let mut input = sound();
    input.evaluation.labels.as_mut().unwrap().complete = false;
    input.evaluation.review = Some(ReviewSummary { frame: 200, read: 100, read_twice, kappa, ..ReviewSummary::default() });
    input
}

#[test]
fn a_sound_run_is_clear_but_for_labels_that_nobody_gave_twice() {
    let input = sound();
    let states: Vec<State> = (0..10).map(|light| state(&input, light)).collect();
    let mut expected = [State::Clear; 10];
    expected[1] = State::NotExamined;
    assert_eq!(states, expected, "{:#?}", lights(&View::new(&input)));
}

/// What spoils a run.
type Spoil = fn(&mut ReportInput);

#[test]
fn every_light_goes_on() {
    let spoils: [Spoil; 10] = [
        |input| input.evaluation.judged_days = 4.0,
        |input| input.evaluation.labels.as_mut().unwrap().complete = false,
        |input| input.manifest.judged_opened = 3,
        |input| input.alerts.iter_mut().for_each(|alert| alert.drivers[0].field = "id".into()),
        |input| {
            let id = input.decision.pick.clone().unwrap();
            let pick = input.evaluation.contenders.iter_mut().find(|c| c.id == id).unwrap();
            pick.seeds[0].incidents_caught = 2;
        },
        |input| input.evaluation.contenders.retain(|contender| contender.kind != Kind::Baseline),
        |input| input.decision.criteria.retain(|judged| judged.metric == "fp_reduction"),
        |input| {
            let id = input.decision.pick.clone().unwrap();
            input.evaluation.contenders.iter_mut().find(|c| c.id == id).unwrap().prevalence = Some(0.3);
        },
        |input| input.fields[0].drift = Some(0.4),
        |input| input.injection.as_mut().unwrap().behaviours[0].detectable[0].strength = None,
    ];
    for (light, spoil) in spoils.into_iter().enumerate() {
        let mut input = sound();
        spoil(&mut input);
        assert_eq!(state(&input, light), State::Warning, "light {light}: {:#?}", lights(&View::new(&input))[light]);
    }
}

#[test]
fn labels_are_held_against_how_far_analysts_agree() {
    let of = |read_twice, kappa| state(&reviewed(read_twice, kappa), 1);
    assert_eq!(of(0, None), State::NotExamined);
    assert_eq!(of(30, Some(0.81)), State::Clear);
    assert_eq!(of(30, Some(0.4)), State::Warning);
    // Three alerts that two agree on are no evidence; three that they do not agree on are.
    assert_eq!(of(3, Some(1.0)), State::NotExamined);
    assert_eq!(of(3, Some(-0.2)), State::Warning);
}

#[test]
fn identifiers_among_the_fields_are_told() {
    let mut category = sound();
    let name = category.fields[0].name.clone();
    let entry = Entry(serde_yaml::from_str("{ category: user }").unwrap());
    category.resolved.experiment.fields.insert(name.clone(), entry);
    assert_eq!(state(&category, 3), State::Warning);
    assert!(lights(&View::new(&category))[3].evidence.contains(&name));
    // A number that counts the rows: 0 to n - 1, evenly spread.
    let mut counted = sound();
    let n = counted.evaluation.units.training as f64;
    counted.fields[1].quantiles = [0.0, 0.25, 0.5, 0.75, 1.0].map(|q| (q * (n - 1.0)).round());
    assert_eq!(state(&counted, 3), State::Warning);
    counted.fields[1].quantiles[2] = 0.4 * n;
    assert_eq!(state(&counted, 3), State::Clear);
}

#[test]
fn the_main_parameter_has_to_have_been_varied() {
    let mut hangs = sound();
    let id = hangs.decision.pick.clone().unwrap();
    let study = hangs.studies.as_mut().unwrap().studies.iter_mut().find(|study| study.id == "sensitivity").unwrap();
    let value = study.points[0].values.iter_mut().find(|value| value.contender == id).unwrap();
    value.recall.as_mut().unwrap().value = 0.0;
    (value.recall.as_mut().unwrap().low, value.recall.as_mut().unwrap().high) = (Some(0.0), Some(0.1));
    assert_eq!(state(&hangs, 4), State::Warning);
    // Seeds alone can warn, and never clear.
    let mut seeds = sound();
    seeds.studies = None;
    assert_eq!(state(&seeds, 4), State::NotExamined);
    pick(&mut seeds).seeds[0].incidents_caught = 2;
    assert_eq!(state(&seeds, 4), State::Warning);
}

#[test]
fn precision_is_projected_to_the_declared_prevalence() {
    let mut input = sound();
    input.resolved.experiment.evaluate.prevalence = Some(crate::spec::Fraction::of(0.0002));
    // Odds 0.6/0.4 at 0.002; at 0.0002 they are about a tenth: 0.15, so 13.0 %.
    let light = lights(&View::new(&input)).remove(7);
    assert_eq!(light.state, State::Clear);
    assert!(light.evidence.contains("13.0"), "{}", light.evidence);
    input.resolved.experiment.evaluate.prevalence = Some(crate::spec::Fraction::of(0.000_02));
    assert_eq!(state(&input, 7), State::Warning);
}

#[test]
fn rules_written_afterwards_are_snooping() {
    let mut input = sound();
    input.evaluation.suppression = Some(Suppression { rules: Vec::new(), afterwards: false });
    assert_eq!(state(&input, 2), State::Clear);
    input.evaluation.suppression.as_mut().unwrap().afterwards = true;
    assert_eq!(state(&input, 2), State::Warning);
}

#[test]
fn splitting_and_hiding_have_both_to_have_been_tried() {
    for left in 0..2 {
        let mut input = sound();
        let behaviours = &mut input.injection.as_mut().unwrap().behaviours;
        let keep = if left == 0 { "slow_drip" } else { "exfiltration" };
        behaviours.retain(|behaviour| behaviour.benign || behaviour.behaviour == keep);
        assert_eq!(state(&input, 9), State::NotExamined);
    }
}

#[test]
fn what_was_not_examined_is_never_clear() {
    let mut input = sound();
    input.injection = None;
    input.studies = None;
    input.evaluation.labels = None;
    input.fields.iter_mut().for_each(|field| field.drift = None);
    input.alerts.iter_mut().for_each(|alert| alert.drivers.clear());
    let id = input.decision.pick.clone().unwrap();
    input.evaluation.contenders.iter_mut().find(|c| c.id == id).unwrap().seeds.clear();
    for light in [1, 3, 4, 7, 8, 9] {
        assert_eq!(state(&input, light), State::NotExamined, "light {light}");
    }
    let mut bare = sound();
    bare.resolved.experiment.window = None;
    bare.evaluation.contenders.retain(|contender| contender.kind != Kind::Control);
    bare.evaluation.incidents = 0;
    for light in [0, 5, 6] {
        assert_eq!(state(&bare, light), State::NotExamined, "light {light}");
    }
    let mut forward = sound();
    forward.injection.as_mut().unwrap().fields_look_back = false;
    assert_eq!(state(&forward, 2), State::Warning);
}
