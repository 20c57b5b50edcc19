//! The best field's rule, in the field's own units.

use crate::{
    decide::{Decision, Direction, FieldRule},
    detect::{Outcome, ScoreTable},
    evaluate::{Evaluation, FIELD_PREFIX},
    fields::Matrices,
};

/// Puts the best field's rule into the field's own units, so that a SIEM can be told.
pub(super) fn name_rule(decision: &mut Decision, evaluation: &Evaluation, table: &ScoreTable, matrices: &Matrices) {
    let Some(rule) = field_rule(evaluation, table, matrices) else { return };
    if decision.rule.is_some() {
        let text = rule.to_string();
        let scaled = decision.rule.replace(text.clone()).unwrap_or_default();
        for sentence in decision.next.iter_mut().chain([&mut decision.because]) {
            for words in [&mut sentence.en, &mut sentence.fr] {
                *words = words.replace(&scaled, &text);
            }
        }
    }
    decision.field_rule = Some(rule);
}

/// The best field at the cut of the budget; `None` where there is no such field, or it raises nothing.
fn field_rule(evaluation: &Evaluation, table: &ScoreTable, matrices: &Matrices) -> Option<FieldRule> {
    let field = evaluation.best_field.as_deref().and_then(|id| evaluation.contender(id))?;
    let name = field.id.strip_prefix(FIELD_PREFIX)?;
    let (name, low) = name.strip_suffix(":low").map_or((name, false), |name| (name, true));
    let scores = table.columns.iter().find(|column| column.id == field.id).and_then(|column| match &column.outcome {
        Outcome::Scored(scored) => Some(&scored.judged),
        _ => None,
    })?;
    let index = matrices.raw_judged.features().iter().position(|feature| feature == name)?;
    let (raw, cut) = (matrices.raw_judged.column(index), field.threshold?);
    let raised = scores.iter().zip(raw).filter(|(score, _)| **score >= cut).map(|(_, value)| *value);
    let (direction, limit) = if low {
        (Direction::AtMost, raised.fold(f64::NEG_INFINITY, f64::max))
    } else {
        (Direction::AtLeast, raised.fold(f64::INFINITY, f64::min))
    };
    limit.is_finite().then(|| FieldRule { field: name.to_owned(), direction, limit })
}
