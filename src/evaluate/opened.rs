//! The cases that a contender opens.

use super::{Input, frame::Frame};
use crate::detect::Outcome;

/// The cases (indices into [`crate::units::Part::cases`]) that a contender opens in the judged part at the budget, under the experiment's policy.
pub fn opened(input: &Input<'_>, id: &str) -> Vec<usize> {
    let Some(Outcome::Scored(scored)) = input.scores.columns.iter().find(|column| column.id == id).map(|column| &column.outcome) else {
        return Vec::new();
    };
    let frame = Frame::new(input);
    let training = frame.rank_training(scored, id);
    let (raised, _) = frame.at_budget(&frame.rank(&scored.judged, id), training.as_ref(), frame.budget);
    raised.iter().enumerate().filter(|(_, raised)| **raised).map(|(case, _)| case).collect()
}
