//! Every light goes on and off.

use super::*;
use crate::{
    evaluate::{Driver, planted::Detectable},
    report::{ReportInput, fixture},
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
fn what_was_not_examined_is_never_clear() {
    let mut input = sound();
    input.injection = None;
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
