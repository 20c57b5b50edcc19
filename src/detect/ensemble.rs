//! Several detectors as one, by the ranks of their scores.
//!
//! A score becomes its place among the scores that the same member gave to the **training** part, from 0 to 1: the judged rows do not rank
//! each other, so a row's score does not depend on who else is judged. Between two training scores the place is interpolated; above the
//! highest it approaches 1 without reaching it, so that the order at the top is kept.
//!
//! # Source
//! Aggarwal, Sathe: Theoretical Foundations and Algorithms for Outlier Ensembles (2015): averaging lowers variance, the maximum finds what
//! one member alone sees, the average of maxima does some of both.

use ndarray::Array2;
use rand::seq::SliceRandom;

use self::scale::Scale;
use super::{Outcome, ScoreColumn, Scored, rows, run::derive_seed};
use crate::said;

pub use self::default::DEFAULT;
pub(super) use self::default::members;

mod bend;
mod default;
mod neighbourhood;
mod scale;

/// Every ensemble: its name in experiment files, what its score is, and the file whose documentation explains it.
pub static ENSEMBLES: &[(&str, &str, &str)] = &[
    (DEFAULT.id, DEFAULT.summary, DEFAULT.source),
    ("mean-rank", "Mean of the members' ranks", include_str!("ensemble.rs")),
    ("max-rank", "Highest of the members' ranks", include_str!("ensemble.rs")),
    ("average-of-maximum", "Members are drawn into groups; mean of the highest rank of each group", include_str!("ensemble.rs")),
];

/// What a member gave with the further seeds: training and judged scores, for each.
pub(super) type Repeats = Vec<(Vec<f64>, Vec<f64>)>;

/// A member that gave scores.
pub(super) struct Member<'a> {
    pub scored: &'a Scored,
    pub repeats: &'a Repeats,
}

/// Makes one column of scores out of several.
pub(super) fn combine(id: &str, how: &str, buckets: usize, members: &[Member<'_>], seed: u64) -> Outcome {
    if members.is_empty() {
        return Outcome::Failed { reason: "none of its members gave scores".into() };
    }
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.shuffle(&mut rows::rng(derive_seed(seed, id, 0)));
    let groups = groups(how, &order, buckets);
    let ranks = ranks(members.iter().map(|m| (&m.scored.training, &m.scored.judged)));
    let (training, judged) = joined(&ranks, &groups);
    let further = members.iter().map(|m| m.repeats.len()).max().unwrap_or(0);
    let repeats = (0..further)
        .map(|repeat| {
            let scores = members.iter().map(|m| m.repeats.get(repeat).map_or((&m.scored.training, &m.scored.judged), |(t, j)| (t, j)));
            joined(&self::ranks(scores), &groups).1
        })
        .collect();
    let of_judged: Vec<Vec<f64>> = ranks.into_iter().map(|(_, judged)| judged).collect();
    let contributions = contributions(members, &groups, &of_judged);
    Outcome::Scored(Box::new(Scored { training, judged, repeats, contributions, ..Scored::default() }))
}

/// Members whose highest rank counts; the score is the mean over the groups.
fn groups(how: &str, order: &[usize], buckets: usize) -> Vec<Vec<usize>> {
    match how {
        "max-rank" => vec![order.to_vec()],
        "average-of-maximum" => {
            let buckets = buckets.clamp(1, order.len());
            (0..buckets).map(|bucket| order.iter().copied().skip(bucket).step_by(buckets).collect()).collect()
        }
        _ => order.iter().map(|&member| vec![member]).collect(),
    }
}

/// Ranks of the training part and of the judged part.
type Both = (Vec<f64>, Vec<f64>);

fn ranks<'a>(scores: impl Iterator<Item = (&'a Vec<f64>, &'a Vec<f64>)>) -> Vec<Both> {
    let ranks = |(training, judged): (&'a Vec<f64>, &'a Vec<f64>)| {
        let scale = Scale::ranks(training);
        (scale.of_all(training), scale.of_all(judged))
    };
    scores.map(ranks).collect()
}

/// The ensemble's scores, from its members' ranks.
fn joined(ranks: &[Both], groups: &[Vec<usize>]) -> Both {
    let join = |side: fn(&Both) -> &Vec<f64>| {
        let rows = ranks.first().map_or(0, |r| side(r).len());
        (0..rows)
            .map(|row| {
                let highest = |group: &Vec<usize>| group.iter().map(|&m| side(&ranks[m])[row]).fold(0.0, f64::max);
                groups.iter().map(highest).sum::<f64>() / groups.len() as f64
            })
            .collect()
    };
    (join(|r| &r.0), join(|r| &r.1))
}

/// The members' shares of each feature, by what each member's rank adds to the score: they add up to it. Of a row of which a member cannot tell, its
/// part falls to the members that can; where none can, the row has none.
fn contributions(members: &[Member<'_>], groups: &[Vec<usize>], judged: &[Vec<f64>]) -> Option<Array2<f64>> {
    let shape = members.iter().find_map(|m| m.scored.contributions.as_ref())?.dim();
    let tells: Vec<Option<&Array2<f64>>> =
        members.iter().map(|m| m.scored.contributions.as_ref().filter(|terms| terms.dim() == shape)).collect();
    let mut weights = vec![vec![0.0; shape.0]; members.len()];
    for row in 0..shape.0 {
        let (mut score, mut told) = (0.0, 0.0);
        let tell = |member: usize| tells[member].is_some_and(|terms| terms.row(row).iter().any(|term| *term > 0.0));
        for group in groups {
            // The first of equal ones counts, unless only another of them can tell.
            let first = group.iter().copied().reduce(|best, m| {
                let (own, most) = (judged[m][row], judged[best][row]);
                if own > most || (own == most && tell(m) && !tell(best)) { m } else { best }
            });
            let Some(member) = first else { continue };
            let part = judged[member][row] / groups.len() as f64;
            score += part;
            if tell(member) {
                told += part;
                weights[member][row] += part;
            }
        }
        if told > 0.0 {
            weights.iter_mut().for_each(|of_member| of_member[row] *= score / told);
        }
    }
    let mut total = Array2::<f64>::zeros(shape);
    for (terms, weights) in tells.iter().zip(&weights) {
        if let Some(terms) = terms {
            shares(&mut total, terms, weights);
        }
    }
    Some(total)
}

/// Adds to each row of `total` the share that each feature has in `terms` (what lowers a score counts as nothing), times the row's weight. Where
/// nothing raises the score, all features have the same share.
fn shares(total: &mut Array2<f64>, terms: &Array2<f64>, weights: &[f64]) {
    for ((mut sum, terms), weight) in total.rows_mut().into_iter().zip(terms.rows()).zip(weights) {
        // In units of the largest, so that their sum is finite.
        let largest = terms.iter().copied().fold(0.0, f64::max);
        if largest > 0.0 {
            let all: f64 = terms.iter().map(|t| t.max(0.0) / largest).sum();
            sum.zip_mut_with(&terms, |s, t| *s += weight * (t.max(0.0) / largest) / all);
        } else {
            let alike = weight / terms.len().max(1) as f64;
            sum.iter_mut().for_each(|s| *s += alike);
        }
    }
}

/// Notes which members are missing.
pub(super) fn note_missing(column: &mut ScoreColumn, missing: &[&str]) {
    if let (Outcome::Scored(scored), false) = (&mut column.outcome, missing.is_empty()) {
        let missing = missing.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
        scored.notes.push(said!(
            en: "without {missing}, which gave no scores",
            fr: "sans {missing}, qui n’ont pas donné de scores",
            missing = missing,
        ));
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    fn scored(training: &[f64], judged: &[f64]) -> Scored {
        Scored { training: training.to_vec(), judged: judged.to_vec(), ..Scored::default() }
    }

    #[test]
    fn mean_and_maximum() {
        let (a, b) = (scored(&[1.0, 2.0], &[2.0, 1.0]), scored(&[5.0, 3.0], &[3.0, 3.0]));
        let none = Repeats::new();
        let members = [Member { scored: &a, repeats: &none }, Member { scored: &b, repeats: &none }];
        let judged = |how: &str| match combine("vote", how, 5, &members, 1) {
            Outcome::Scored(scored) => scored.judged,
            other => panic!("{other:?}"),
        };
        assert_eq!(judged("mean-rank"), vec![0.5, 0.25]);
        assert_eq!(judged("max-rank"), vec![0.75, 0.25]);
        assert_eq!(judged("average-of-maximum"), vec![0.5, 0.25]);
    }

    #[test]
    fn contributions_add_up_to_what_the_ranks_are_joined_to() {
        let mut rng = rows::rng(3);
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| rng.gen_range(0.0..1.0)).collect() };
        let mut members = Vec::new();
        for member in 0..4 {
            let mut one = scored(&draw(50), &draw(30));
            let terms = Array2::from_shape_vec((30, 3), draw(90)).unwrap();
            // The second cannot tell of its last rows, the third of none.
            one.contributions = (member != 2).then_some(terms);
            if let (1, Some(terms)) = (member, &mut one.contributions) {
                (20..30).for_each(|row| terms.row_mut(row).fill(0.0));
            }
            members.push(one);
        }
        let none = Repeats::new();
        let members: Vec<Member<'_>> = members.iter().map(|scored| Member { scored, repeats: &none }).collect();
        for how in ["mean-rank", "max-rank", "average-of-maximum"] {
            let Outcome::Scored(joined) = combine("vote", how, 2, &members, 1) else { panic!("{how}") };
            let mut untold = 0;
            for (row, terms) in joined.contributions.unwrap().rows().into_iter().enumerate() {
                // Only where the one member that counts cannot tell does nothing stand.
                let sum = terms.sum();
                untold += usize::from(sum == 0.0);
                assert!(sum == 0.0 || (sum - joined.judged[row]).abs() < 1e-12, "{how}, row {row}: {sum} {}", joined.judged[row]);
            }
            assert!(if how == "mean-rank" { untold == 0 } else { untold < 15 }, "{how}: {untold}");
        }
    }

    #[test]
    fn groups_hold_every_member_once() {
        let groups = groups("average-of-maximum", &[4, 2, 0, 1, 3, 5, 6], 3);
        assert_eq!(groups.len(), 3);
        let mut all: Vec<usize> = groups.concat();
        all.sort_unstable();
        assert_eq!(all, vec![0, 1, 2, 3, 4, 5, 6]);
    }
}
