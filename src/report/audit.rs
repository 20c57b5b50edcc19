//! The audit: ten ways in which published evaluations of learning in security go wrong, each examined on this run.
//!
//! # Source
//! Arp, Quiring, Pendlebury, Warnecke, Pierazzi, Wressnegger, Cavallaro, Rieck: Dos and Don'ts of Machine Learning in Computer Security (USENIX
//! Security 2022). A light is clear only where something on this run was measured that could have made it a warning.

use maud::{Markup, html};

use super::{audit_words::Say, markup, study::differ, view::View};
use crate::{
    decide::Standing,
    detect::Kind,
    evaluate::{ReviewSummary, planted::BehaviourOutcome, study::StudyValue},
    spec::Fraction,
    units::FieldSummary,
};

/// How a light stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It was examined, and nothing was found.
    Clear,
    /// Something was found.
    Warning,
    /// Nothing on this run tells.
    NotExamined,
}

/// One light, with what it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Light {
    pub name: String,
    pub state: State,
    pub evidence: String,
}

/// Fewer days than these do not hold every weekday.
const WEEK: f64 = 7.0 - 1e-6;
/// A population stability index above this is called a shift by those who use it (Siddiqi, Credit Risk Scorecards, 2006).
const SHIFT: f64 = 0.25;
/// One field that drives more than this share of the alerts carries them.
const CARRIES: f64 = 0.5;
/// Attacks are rarer than this in any network that still works.
const COMMON: f64 = 0.05;
/// Fewer right than this among the alerts, and analysts stop looking.
const HARDLY_RIGHT: f64 = 0.05;
/// Agreement above this is called substantial (Landis, Koch, The measurement of observer agreement, Biometrics 33, 1977).
const SUBSTANTIAL: f64 = 0.6;
/// On fewer alerts than this kappa says little.
const READ_TWICE: u64 = 20;

section!("audit", Body, |view| Some(Say(view.language).heading()), render);

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let lights = lights(view);
    let count = |state| view.numbers.integer(lights.iter().filter(|light| light.state == state).count() as u64);
    let head = html! {
        (markup::head(&say.question(), false)) (markup::head(&say.state(), false)) (markup::head(&say.evidence(), false))
    };
    let body = html! {
        @for light in &lights {
            tr { th scope="row" { (light.name) } td { (shown(say, light.state)) } td { (markup::code_words(&light.evidence)) } }
        }
    };
    Some(html! {
        p.lead { (say.lead(count(State::Clear), count(State::Warning), count(State::NotExamined))) }
        (markup::table("", &say.heading(), false, &head, &body))
    })
}

fn shown(say: Say, state: State) -> Markup {
    let (class, sign, word) = match state {
        State::Clear => ("met", "✓", say.clear()),
        State::Warning => ("not-met", "✗", say.warning()),
        State::NotExamined => ("open", "?", say.not_examined()),
    };
    html! { span.standing.(class) { span aria-hidden="true" { (sign) } " " (word) } }
}

/// All ten, in the order of the source.
pub(super) fn lights(view: &View<'_>) -> Vec<Light> {
    let say = Say(view.language);
    let light = |name: String, (state, evidence): (State, String)| Light { name, state, evidence };
    vec![
        light(say.sampling(), sampling(view, say)),
        light(say.labels(), labels(view, say)),
        light(say.snooping(), snooping(view, say)),
        light(say.spurious(), spurious(view, say)),
        light(say.parameters(), parameters(view, say)),
        light(say.baseline(), baseline(view, say)),
        light(say.measures(), measures(view, say)),
        light(say.base_rate(), base_rate(view, say)),
        light(say.laboratory(), laboratory(view, say)),
        light(say.threat(), threat(view, say)),
    ]
}

type Found = (State, String);

fn warn_if(wrong: bool) -> State {
    if wrong { State::Warning } else { State::Clear }
}

fn days(view: &View<'_>) -> Option<(f64, f64)> {
    Some((view.days_learned_from()?, view.evaluation.judged_days))
}

/// Which days are there, and whether few entities make most of the alerts.
fn sampling(view: &View<'_>, say: Say) -> Found {
    let Some((training, judged)) = days(view) else { return (State::NotExamined, say.no_time()) };
    let unequal = view.evaluation.caveats.iter().any(|caveat| caveat.code == "unequal-entities");
    let gaps: u64 = view.quality.sources.iter().map(|source| source.per_hour.iter().filter(|rows| **rows == 0).count() as u64).sum();
    let hours: u64 = view.quality.sources.iter().map(|source| source.per_hour.len() as u64).sum();
    let holes = hours > 0 && gaps * 2 > hours;
    let numbers = view.numbers;
    let mut evidence = say.covered(numbers.count(training), numbers.count(judged), numbers.integer(gaps), numbers.integer(hours));
    if training < WEEK || judged < WEEK {
        evidence = format!("{evidence} {}", say.short());
    }
    if unequal {
        evidence = format!("{evidence} {}", say.unequal());
    }
    (warn_if(training < WEEK || judged < WEEK || unequal || holes), evidence)
}

/// Whether anything says how right the labels are.
fn labels(view: &View<'_>, say: Say) -> Found {
    let Some(labels) = &view.evaluation.labels else { return (State::NotExamined, say.no_labels()) };
    if let Some(review) = &view.evaluation.review {
        return reviewed(view, say, review);
    }
    let unknown = view.pick().map_or(0, |(_, point)| point.unknown_alerts);
    if unknown > 0 || !labels.complete {
        return (State::Warning, say.unknown(view.numbers.integer(unknown), view.numbers.integer(labels.none)));
    }
    let found = labels.true_positive + labels.benign_true_positive + labels.false_positive;
    (State::NotExamined, say.once(view.numbers.integer(found)))
}

/// Whether analysts who read the same alerts say the same of them.
fn reviewed(view: &View<'_>, say: Say, review: &ReviewSummary) -> Found {
    let twice = view.numbers.integer(review.read_twice);
    match review.kappa {
        None if review.read_twice == 0 => (State::NotExamined, say.read_once(view.numbers.integer(review.read))),
        Some(kappa) if kappa < SUBSTANTIAL => {
            (State::Warning, say.disagree(twice, view.numbers.decimal(kappa, 2), view.numbers.decimal(SUBSTANTIAL, 1)))
        }
        Some(kappa) if review.read_twice >= READ_TWICE => {
            (State::Clear, say.agree(twice, view.numbers.integer(review.read), view.numbers.decimal(kappa, 2)))
        }
        _ => (State::NotExamined, say.few_twice(twice)),
    }
}

/// Whether what is judged could have been seen before.
fn snooping(view: &View<'_>, say: Say) -> Found {
    if view.evaluation.in_sample {
        return (State::Warning, say.in_sample());
    }
    if view.injection.as_ref().is_some_and(|injection| !injection.fields_look_back) {
        return (State::Warning, say.looks_forward());
    }
    if view.evaluation.suppression.as_ref().is_some_and(|rules| rules.afterwards) {
        return (State::Warning, say.suppressed_afterwards());
    }
    let opened = view.numbers.integer(u64::from(view.manifest.judged_opened));
    if view.manifest.judged_opened > 1 {
        return (State::Warning, say.opened(opened));
    }
    let checked = if view.injection.is_some() { format!(" {}", say.looks_back()) } else { String::new() };
    (State::Clear, format!("{}{checked}", say.opened_once()))
}

/// Whether a field tells who or which row a unit is: a category of the entity's own key, or a number that counts the rows.
fn is_identifier(view: &View<'_>, field: &FieldSummary) -> bool {
    let experiment = &view.resolved.experiment;
    let keys = experiment.entity.iter().flat_map(|entity| entity.key.iter());
    let category = experiment.fields.get(&field.name).and_then(|entry| entry.0.get("category")).and_then(|column| column.as_str());
    if keys.into_iter().any(|key| Some(key.as_str()) == category) {
        return true;
    }
    let [low, .., high] = field.quantiles;
    let rows = view.evaluation.units.training as f64;
    let step = (high - low) / 4.0;
    let even = field.quantiles.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() <= 0.02 * step);
    rows >= 100.0 && even && ((high - low + 1.0) / rows - 1.0).abs() < 0.02
}

/// Whether one field carries the alerts of the pick, or fields tell who a unit is.
fn spurious(view: &View<'_>, say: Say) -> Found {
    let kept = view.fields.iter().filter(|field| field.dropped.is_none());
    let identifiers: Vec<&str> = kept.filter(|field| is_identifier(view, field)).map(|field| field.name.as_str()).take(5).collect();
    if !identifiers.is_empty() {
        return (State::Warning, say.identifiers(crate::text::visible_within(&identifiers.join(", "), 120)));
    }
    let drivers: Vec<&str> = view.alerts.iter().filter_map(|alert| alert.drivers.first()).map(|driver| driver.field.as_str()).collect();
    let most = drivers.iter().map(|field| (drivers.iter().filter(|other| *other == field).count(), *field)).max();
    let Some((count, field)) = most else { return (State::NotExamined, say.no_drivers()) };
    let share = count as f64 / drivers.len() as f64;
    (warn_if(share > CARRIES), say.carried(view.numbers.percent(share), view.numbers.integer(drivers.len() as u64), crate::text::visible_within(field, 40)))
}

/// Whether the result hangs on the seed or on the main parameter.
fn parameters(view: &View<'_>, say: Say) -> Found {
    let Some((pick, _)) = view.pick() else { return (State::NotExamined, say.no_pick()) };
    let mut evidence = Vec::new();
    let caught = || pick.seeds.iter().map(|seed| seed.incidents_caught);
    let (low, high) = (caught().min().unwrap_or(0), caught().max().unwrap_or(0));
    let spread = (high - low) as f64 / view.evaluation.incidents.max(1) as f64 > 0.1;
    if pick.seeds.len() > 1 {
        let seeds = view.numbers.integer(pick.seeds.len() as u64);
        evidence.push(say.seeds(seeds, view.numbers.integer(low), view.numbers.integer(high)));
    }
    let study = view.studies.as_ref().and_then(|studies| studies.get("sensitivity")).map(|study| super::study::of_pick(view, study));
    let hangs = match study.as_deref() {
        Some([(_, half), (_, same), (_, double)]) => {
            let count = |value: &StudyValue| view.numbers.integer(value.incidents_caught);
            evidence.push(say.varied(count(half), count(same), count(double)));
            Some(differ(half, same) || differ(double, same))
        }
        _ => None,
    };
    match hangs {
        Some(hangs) => (warn_if(hangs || spread), evidence.join(" ")),
        None if spread => (State::Warning, evidence.join(" ")),
        None => {
            evidence.push(say.one_setting());
            (State::NotExamined, evidence.join(" "))
        }
    }
}

/// Whether the pick is compared with what needs no learning.
fn baseline(view: &View<'_>, say: Say) -> Found {
    let controls = view.measured().filter(|(contender, _)| contender.kind == Kind::Control).count();
    if controls == 0 {
        return (State::NotExamined, say.no_controls());
    }
    let Some(rule) = view.baseline() else { return (State::Warning, say.no_rule()) };
    let field = view.evaluation.best_field.as_deref().map_or_else(|| "—".to_owned(), |id| view.title_of(id));
    (State::Clear, say.compared(view.title(rule), field))
}

/// Whether fewer alerts are read together with what they cost in incidents.
fn measures(view: &View<'_>, say: Say) -> Found {
    if !view.has_labels() || view.evaluation.incidents == 0 {
        return (State::NotExamined, say.no_incidents());
    }
    let asked = |names: &[&str]| view.decision.criteria.iter().any(|judged| names.contains(&judged.metric.as_str()));
    let fewer = asked(&["fp_reduction", "false_alerts_per_week", "alerts_per_day_p95"]);
    let kept = asked(&["recall_kept", "recall", "incidents_missed"]);
    let judged = view.decision.criteria.iter().filter(|judged| judged.standing != Standing::Open || judged.low.is_some()).count();
    if view.decision.criteria.is_empty() {
        return (State::Warning, say.no_criteria());
    }
    if fewer && !kept {
        return (State::Warning, say.only_fewer());
    }
    (State::Clear, say.judged_on(view.numbers.integer(judged as u64), view.numbers.integer(view.decision.criteria.len() as u64)))
}

/// What precision becomes at the prevalence that the experiment declares, else where attacks are ten times rarer: odds fall as the base rate does.
fn base_rate(view: &View<'_>, say: Say) -> Found {
    let Some((pick, point)) = view.pick().filter(|_| view.evaluation.labels.is_some()) else { return (State::NotExamined, say.no_labels()) };
    let (Some(precision), Some(prevalence)) = (point.precision, pick.prevalence) else { return (State::NotExamined, say.no_labels()) };
    let odds = |share: f64| share / (1.0 - share).max(1e-9);
    let at = |times: f64| odds(precision) * times / (1.0 + odds(precision) * times);
    let percent = |share: f64| view.numbers.percent_decimals(share, 1);
    let small = |share: f64| view.numbers.percent_decimals(share, 3);
    if let Some(declared) = view.resolved.experiment.evaluate.prevalence.map(Fraction::get) {
        let there = at(odds(declared) / odds(prevalence).max(1e-12));
        return (warn_if(there < HARDLY_RIGHT), say.declared(small(prevalence), percent(precision), small(declared), percent(there)));
    }
    let rarer = at(0.1);
    (warn_if(prevalence > COMMON || rarer < HARDLY_RIGHT), say.precision(percent(prevalence), percent(precision), percent(rarer)))
}

/// Whether the window is like what comes after it.
fn laboratory(view: &View<'_>, say: Say) -> Found {
    if view.manifest.synthetic {
        return (State::Warning, say.synthetic());
    }
    if view.evaluation.in_sample {
        return (State::NotExamined, say.no_time());
    }
    let measured: Vec<(&str, f64)> = view.fields.iter().filter_map(|field| Some((field.name.as_str(), field.drift?))).collect();
    if measured.is_empty() {
        return (State::NotExamined, say.no_drift());
    }
    let shifted: Vec<&str> = measured.iter().filter(|(_, drift)| *drift > SHIFT).map(|(name, _)| *name).take(5).collect();
    let evidence = if shifted.is_empty() {
        say.steady(view.numbers.integer(measured.len() as u64))
    } else {
        say.shifted(crate::text::visible_within(&shifted.join(", "), 120), view.numbers.decimal(SHIFT, 2))
    };
    (warn_if(!shifted.is_empty()), evidence)
}

/// Whether an attacker who splits the volume, or hides in a popular place, is still caught.
fn threat(view: &View<'_>, say: Say) -> Found {
    let (Some(injection), Some(id)) = (&view.injection, view.pick_id()) else { return (State::NotExamined, say.no_plants()) };
    let escapes = |behaviour: &&BehaviourOutcome| behaviour.detectable.iter().any(|found| found.contender == id && found.strength.is_none());
    let splits = |b: &&BehaviourOutcome| b.behaviour == "slow_drip";
    let hides = |b: &&BehaviourOutcome| b.note.as_deref() == Some("popular destination");
    let tried: Vec<&BehaviourOutcome> = injection.behaviours.iter().filter(|b| !b.benign).collect();
    let names = |list: Vec<&&BehaviourOutcome>| list.iter().map(|b| super::planted::name(super::planted::Say(view.language), b)).collect::<Vec<_>>().join("; ");
    let missed: Vec<&&BehaviourOutcome> = tried.iter().filter(|b| escapes(b)).collect();
    if !missed.is_empty() {
        return (State::Warning, say.escapes(names(missed)));
    }
    if !(tried.iter().any(splits) && tried.iter().any(hides)) {
        return (State::NotExamined, say.no_evasion());
    }
    (State::Clear, say.caught(names(tried.iter().collect())))
}

#[cfg(test)]
mod tests;
