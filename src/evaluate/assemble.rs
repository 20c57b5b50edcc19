//! Everything measured, put together: contenders in their order, the best field, the pick.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{
    Counts, Evaluation, IncidentOutcome, Input, LabelCounts, Measured, PairAgreement, Pick, Status, Suppressed,
    caveats::caveats,
    choice::{Rule, choose},
    frame::Frame,
    measure::{self, Contestant, jaccard},
    point::Bias,
    ranking::spearman,
};
use crate::{
    detect::{Kind, ScoreColumn},
    units::Disposition,
};

/// The version of `evaluation.json`.
pub const SCHEMA_VERSION: u32 = 1;
/// Ids of controls that are one field begin with this.
pub const FIELD_PREFIX: &str = "field:";

type Entry<'a> = (&'a ScoreColumn, Result<Contestant<'a>, (Status, String)>);

/// Measures every contender at the same operating points, chooses the best, and says by how much the choice flatters it.
///
/// Deterministic: ties are broken by `input.seed` once for each contender, and the result does not depend on the number of threads.
pub fn evaluate(input: &Input<'_>) -> Evaluation {
    let frame = Frame::new(input);
    let entries: Vec<Entry<'_>> = input.scores.columns.par_iter().map(|column| (column, Contestant::new(&frame, column))).collect();
    let rule = Rule::new(input.decision, if frame.has_kept() { "recall_kept" } else { "recall" });
    let decidable = (frame.complete || input.review.is_some()) && frame.judged.incidents() > 0;

    let (fields, listed): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) = entries.iter().partition(|(column, _)| is_field(column));
    let fields: Vec<&Contestant<'_>> =
        fields.iter().filter_map(|(_, entry)| entry.as_ref().ok()).filter(|field| !decidable || frame.is_known(&field.raised)).collect();
    let fields = holding(&frame, &fields);
    let every = vec![true; fields.len()];
    let (best_field, field_bias) = match decidable.then(|| choose(&frame, &fields, &every, &rule, "choice of the field")).flatten() {
        Some((at, bias)) => (Some(fields[at]), bias),
        None => (None, Bias::default()),
    };

    let random =
        listed.iter().filter(|(column, _)| column.kind == Kind::Control && column.id == "random").find_map(|(_, c)| c.as_ref().ok());
    let candidates: Vec<&Contestant<'_>> =
        listed.iter().filter_map(|(column, c)| c.as_ref().ok().filter(|_| is_candidate(column))).collect();
    let held = holding(&frame, &candidates);
    let overfilling: Vec<&str> = candidates.iter().filter(|c| c.overfills(&frame)).map(|c| c.column.id.as_str()).collect();
    let eligible: Vec<bool> = held.iter().map(|c| beats(&frame, c, random)).collect();
    let chosen = decidable.then(|| choose(&frame, &held, &eligible, &rule, "choice of the pick")).flatten();

    let mut shown: Vec<&Contestant<'_>> = listed.iter().filter_map(|(_, c)| c.as_ref().ok()).collect();
    shown.extend(best_field);
    let ranks: BTreeMap<&str, Vec<f64>> = shown.par_iter().map(|c| (c.column.id.as_str(), c.unit_ranks())).collect();
    let mut contenders: Vec<Measured> = measure::baseline(&frame).into_iter().collect();
    let measured: Vec<Measured> = listed
        .par_iter()
        .map(|(column, contestant)| match contestant {
            Ok(contestant) => complete(&frame, contestant, &ranks, random, best_field.map(|f| (f, field_bias))),
            Err(why) => measure::unmeasured(column, column.id.clone(), why.clone()),
        })
        .collect();
    contenders.extend(measured);
    contenders.extend(best_field.map(|field| {
        let mut measured = complete(&frame, field, &ranks, random, None);
        measured.title = format!("Best single field: {}", field.column.id.strip_prefix(FIELD_PREFIX).unwrap_or(&field.column.id));
        measured.budget = Some(field.budget(&frame, field_bias));
        measured
    }));
    only_here(&frame, &candidates, &shown, &mut contenders);

    Evaluation {
        schema_version: SCHEMA_VERSION,
        units: Counts { training: input.training.case_of.len() as u64, judged: input.judged.case_of.len() as u64 },
        cases: frame.judged.n as u64,
        incidents: frame.judged.incidents() as u64,
        judged_days: input.judged.days(),
        in_sample: input.in_sample,
        budget: frame.budget,
        confidence: frame.confidence,
        labels: label_counts(input),
        review: input.review.map(|reviewed| reviewed.summary.clone()),
        suppression: input.suppressed.map(Suppressed::summary),
        best_field: best_field.map(|field| field.column.id.clone()),
        pick: chosen.map(|(at, bias)| pick(&frame, held[at], bias, &held, &rule, best_field.map(|f| (f, field_bias)))),
        incident_list: incident_list(&frame, &shown),
        agreement: agreement(&shown, &ranks),
        mass_volume: None,
        caveats: caveats(&frame, &overfilling, candidates.len()),
        contenders,
    }
}

pub(super) fn is_field(column: &ScoreColumn) -> bool {
    column.kind == Kind::Control && column.id.starts_with(FIELD_PREFIX)
}

pub(super) fn is_candidate(column: &ScoreColumn) -> bool {
    matches!(column.kind, Kind::Detector | Kind::Ensemble)
}

/// Those that hold the budget by their own threshold, of which one can be chosen; all, where none does.
fn holding<'c, 'a>(frame: &Frame<'_>, all: &[&'c Contestant<'a>]) -> Vec<&'c Contestant<'a>> {
    let hold: Vec<&Contestant<'_>> = all.iter().copied().filter(|contestant| !contestant.overfills(frame)).collect();
    if hold.is_empty() { all.to_vec() } else { hold }
}

/// Whether a contender catches more than chance, beyond noise; without a random control nothing can be held against it.
fn beats(frame: &Frame<'_>, contestant: &Contestant<'_>, random: Option<&Contestant<'_>>) -> bool {
    random
        .and_then(|random| contestant.better_than(frame, random, (0.0, 0.0)))
        .is_none_or(|difference| difference.low.is_some_and(|low| low > 0.0))
}

/// A contender with what it takes the others to say.
fn complete(
    frame: &Frame<'_>,
    contestant: &Contestant<'_>,
    ranks: &BTreeMap<&str, Vec<f64>>,
    random: Option<&Contestant<'_>>,
    field: Option<(&Contestant<'_>, Bias)>,
) -> Measured {
    let id = contestant.column.id.as_str();
    let mut measured = contestant.measured(frame, id.to_owned(), ranks.get(id).map_or(&[], Vec::as_slice));
    if let Some(random) = random.filter(|random| random.column.id != id) {
        measured.better_than_random = contestant.better_than(frame, random, (0.0, 0.0));
        measured.more_true_than_random = frame.difference_in_window(&contestant.raised, &random.raised);
        if let Some((field, bias)) = field {
            measured.better_than_field = contestant.better_than(frame, field, (0.0, bias.recall));
            measured.fewer_false_than_field = contestant.fewer_false_than(frame, field);
        }
    } else if let Some((field, bias)) = field.filter(|_| contestant.column.kind != Kind::Control) {
        measured.better_than_field = contestant.better_than(frame, field, (0.0, bias.recall));
        measured.fewer_false_than_field = contestant.fewer_false_than(frame, field);
    }
    measured
}

fn pick(
    frame: &Frame<'_>,
    chosen: &Contestant<'_>,
    bias: Bias,
    candidates: &[&Contestant<'_>],
    rule: &Rule,
    field: Option<(&Contestant<'_>, Bias)>,
) -> Pick {
    Pick {
        id: chosen.column.id.clone(),
        chosen_by: rule.words.clone(),
        among: candidates.len() as u64,
        budget: chosen.budget(frame, bias),
        bias_recall_kept: bias.recall,
        bias_log_ratio: bias.log_ratio,
        better_than_field: field.and_then(|(field, of_field)| chosen.better_than(frame, field, (bias.recall, of_field.recall))),
    }
}

/// Counts, for each contender, the cases at the budget that no detector, no ensemble and not the baseline raises besides it.
fn only_here(frame: &Frame<'_>, candidates: &[&Contestant<'_>], shown: &[&Contestant<'_>], contenders: &mut [Measured]) {
    let mut raised_by = vec![0_u32; frame.judged.n];
    let base = frame.baseline.as_ref().map(|base| base.raised.as_slice());
    for raised in candidates.iter().map(|c| c.raised.as_slice()).chain(base) {
        raised_by.iter_mut().zip(raised).for_each(|(n, raised)| *n += u32::from(*raised));
    }
    for contender in contenders {
        let counted = matches!(contender.kind, Kind::Baseline | Kind::Detector | Kind::Ensemble);
        let own = match contender.kind {
            Kind::Baseline => base,
            _ => shown.iter().find(|c| c.column.id == contender.id).map(|c| c.raised.as_slice()),
        };
        let Some(own) = own else { continue };
        contender.only_here = own.iter().zip(&raised_by).filter(|(own, n)| **own && **n == u32::from(counted)).count() as u64;
    }
}

fn label_counts(input: &Input<'_>) -> Option<LabelCounts> {
    let labels = input.judged.labels.as_ref()?;
    let count = |wanted: Option<Disposition>| labels.dispositions.iter().filter(|d| **d == wanted).count() as u64;
    Some(LabelCounts {
        complete: labels.complete,
        true_positive: count(Some(Disposition::TruePositive)),
        benign_true_positive: count(Some(Disposition::BenignTruePositive)),
        false_positive: count(Some(Disposition::FalsePositive)),
        none: count(None),
    })
}

fn incident_list(frame: &Frame<'_>, shown: &[&Contestant<'_>]) -> Vec<IncidentOutcome> {
    let part = frame.input.judged;
    let Some(labels) = &part.labels else { return Vec::new() };
    let mut units = vec![0_u64; labels.incidents.len()];
    let mut first = vec![None; labels.incidents.len()];
    for (unit, of) in labels.incidents_of.iter().enumerate() {
        for &incident in of {
            let Some(n) = units.get_mut(incident as usize) else { continue };
            *n += 1;
            let start = part.starts.get(unit).copied().unwrap_or(i64::MAX);
            let slot = &mut first[incident as usize];
            if slot.is_none_or(|(earliest, _)| start < earliest) {
                *slot = Some((start, unit));
            }
        }
    }
    labels
        .incidents
        .iter()
        .enumerate()
        .map(|(at, incident)| {
            let baseline = frame.baseline.as_ref().filter(|base| base.caught[at]).map(|_| "baseline".to_owned());
            IncidentOutcome {
                id: incident.id.clone(),
                kind: incident.kind.clone(),
                entity: first[at].and_then(|(_, unit)| part.rows.get(unit)).map(|row| row.entity.to_string()).unwrap_or_default(),
                start: incident.start,
                units: units[at],
                caught_by: baseline.into_iter().chain(shown.iter().filter(|c| c.caught[at]).map(|c| c.column.id.clone())).collect(),
            }
        })
        .collect()
}

fn agreement(shown: &[&Contestant<'_>], ranks: &BTreeMap<&str, Vec<f64>>) -> Vec<PairAgreement> {
    let pairs: Vec<(usize, usize)> = (0..shown.len()).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
    pairs
        .into_par_iter()
        .map(|(a, b)| {
            let (a, b) = (shown[a], shown[b]);
            let (x, y) = (a.column.id.as_str(), b.column.id.as_str());
            let rank_correlation = ranks.get(x).zip(ranks.get(y)).map_or(0.0, |(x, y)| spearman(x, y));
            PairAgreement { a: x.to_owned(), b: y.to_owned(), rank_correlation, overlap: jaccard(&a.raised, &b.raised) }
        })
        .collect()
}
