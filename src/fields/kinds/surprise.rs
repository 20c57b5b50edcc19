//! How unlike ordinary names a name is: generated domains.
//!
//! # What it is
//! For each value of the column in the unit: the mean of -ln p over its characters, in nats, where p is the probability of a character after
//! the two before it; then the mean, largest, or smallest of the values (`agg`, by default `mean`). The probabilities are counted over the
//! values of the training part that at least `known_to` (2) entities use, each value once: a name that one machine alone asks for, as
//! generated names are, teaches nothing, and labels are never looked at. A character that was never seen after two others is judged by the
//! one before it, then by itself (interpolated with weights that grow with what was seen, after Witten and Bell 1991).
//!
//! With `model: letters`, Shannon's entropy of the value's own characters in nats, which learns nothing: high for random letters, but also
//! for long words.
//!
//! Give it the registered part alone (`derive: { domain: "registered_domain(host)" }`): the names of machines below a domain look generated
//! everywhere.
//! # Nulls
//! Null where the unit has no value, and everywhere where no value of the training part is known to enough entities. Null is no value.
//! # Cost
//! 8 bytes for each pair of unit and value, shared with other fields of the same column, and a quarter of a megabyte.

use hashbrown::HashMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        gather::{Agg, Gathered},
        history::History,
        inputs::CodesId,
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, Finished, Plan},
        tables::Need,
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Surprise>("surprise", "how unlike ordinary names a name is", include_str!("surprise.rs"), EVENTS);

/// How unlike ordinary names a name is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Surprise {
    /// The column.
    surprise: String,
    /// What a name is held against.
    #[serde(default)]
    model: Model,
    /// `trigrams`: how many entities of the training part must use a name that is learned from; 2.
    #[serde(default)]
    known_to: Option<usize>,
    /// Which of the unit's values counts.
    #[serde(default = "mean")]
    agg: Agg,
}

fn mean() -> Agg {
    Agg::Mean
}

/// What a name is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Model {
    /// The characters of ordinary names, each after the two before it.
    #[default]
    Trigrams,
    /// Nothing: the entropy of its own characters.
    Letters,
}

from_events!(Surprise);

impl Field for Surprise {
    fn definition(&self) -> Said {
        let (column, which) = (&self.surprise, self.agg.word());
        match self.model {
            Model::Letters => said!(
                en: "entropy of the characters of {column}, {which} of the unit's values",
                fr: "entropie des caractères de {column}, {which} des valeurs de l’unité",
                column = column,
                which = which,
            ),
            Model::Trigrams => said!(
                en: "surprise of {column}, {which} of the unit's values",
                fr: "surprise de {column}, {which} des valeurs de l’unité",
                column = column,
                which = which,
            ),
        }
    }

    fn check(&self) -> Vec<(&'static str, String)> {
        match (self.model, self.known_to) {
            (Model::Letters, Some(_)) => vec![("known_to", "goes with `model: trigrams` only".into())],
            (Model::Trigrams, Some(0)) => vec![("known_to", "must be at least 1".into())],
            _ => Vec::new(),
        }
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("surprise", &self.surprise)]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let codes = plan.codes("surprise", &self.surprise)?;
        let history = plan.history("surprise", &self.surprise, None, Need::PRESENCE)?;
        Ok(Box::new(Names { history, codes, model: self.model, known_to: self.known_to.unwrap_or(2), agg: self.agg }))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        Err(to.refused("surprise", "it learns from the letters of every name"))
    }
}

#[derive(Debug, Clone)]
struct Names {
    history: History,
    codes: CodesId,
    model: Model,
    known_to: usize,
    agg: Agg,
}

impl Accumulator for Names {
    fn finish(self: Box<Self>, done: &Finished<'_>) -> Vec<Option<f64>> {
        let rows = self.history.rows;
        let used = done.table(self.history.table);
        let there = used.are_there();
        let names = || (0..).zip(&there).filter(|(_, there)| **there).map(|(code, _)| (code as usize, done.inputs.text(self.codes, code)));
        let mut trigrams = Trigrams::new();
        if self.model == Model::Trigrams {
            let users = done.users_in_training(&self.history);
            names().filter(|(code, _)| users[*code] >= self.known_to as u64).for_each(|(_, name)| trigrams.learn(&name));
        }
        let mut scores = vec![None; used.distinct()];
        for (code, name) in names() {
            scores[code] = match self.model {
                Model::Trigrams => trigrams.surprise(&name),
                Model::Letters => entropy(&name),
            };
        }
        let mut values = Gathered::new(self.agg, done.groups(rows));
        for group in 0..done.groups(rows) as u32 {
            used.values(group).iter().filter_map(|&value| scores[value as usize]).for_each(|score| values.add(group, score));
        }
        values.values()
    }
}

/// Characters that are told apart: letters, digits, dot, dash, and all others; the last stands before the first and after the last.
const SIGNS: usize = 40;
const OTHER: usize = 38;
const EDGE: usize = 39;

fn sign(c: char) -> usize {
    match c.to_ascii_lowercase() {
        c @ 'a'..='z' => c as usize - 'a' as usize,
        c @ '0'..='9' => c as usize - '0' as usize + 26,
        '.' => 36,
        '-' => 37,
        _ => OTHER,
    }
}

/// How often each character follows the two before it.
struct Trigrams {
    /// By the two before and the one itself; then by the one before; then by nothing.
    counts: [Vec<u32>; 3],
    names: u64,
}

impl Trigrams {
    fn new() -> Self {
        Self { counts: [vec![0; SIGNS * SIGNS * SIGNS], vec![0; SIGNS * SIGNS], vec![0; SIGNS]], names: 0 }
    }

    fn steps(name: &str) -> impl Iterator<Item = [usize; 3]> {
        let mut before = [EDGE, EDGE];
        name.chars().map(sign).chain([EDGE]).map(move |next| {
            let step = [before[0], before[1], next];
            before = [before[1], next];
            step
        })
    }

    fn learn(&mut self, name: &str) {
        self.names += 1;
        for [a, b, c] in Self::steps(name) {
            for (counts, place) in self.counts.iter_mut().zip([(a * SIGNS + b) * SIGNS + c, b * SIGNS + c, c]) {
                counts[place] = counts[place].saturating_add(1);
            }
        }
    }

    /// The probability of a step: each level gives its unseen rest to the next, and the last spreads it evenly.
    fn probability(&self, [a, b, c]: [usize; 3]) -> f64 {
        let contexts = [(a * SIGNS + b) * SIGNS, b * SIGNS, 0];
        self.counts.iter().zip(contexts).rev().fold(1.0 / SIGNS as f64, |lower, (counts, from)| {
            let followers = &counts[from..from + SIGNS];
            let all: f64 = followers.iter().map(|count| f64::from(*count)).sum();
            let kinds = followers.iter().filter(|count| **count > 0).count() as f64;
            if all == 0.0 { lower } else { (f64::from(followers[c]) + kinds * lower) / (all + kinds) }
        })
    }

    /// The mean of -ln p over the characters of a name and its end.
    fn surprise(&self, name: &str) -> Option<f64> {
        if self.names == 0 || name.is_empty() {
            return None;
        }
        let (sum, count) = Self::steps(name).fold((0.0, 0u32), |(sum, count), step| (sum - self.probability(step).ln(), count + 1));
        Some(sum / f64::from(count))
    }
}

/// Shannon's entropy of the characters of a name, in nats.
fn entropy(name: &str) -> Option<f64> {
    let mut counts: HashMap<char, f64> = HashMap::new();
    name.chars().for_each(|c| *counts.entry(c).or_default() += 1.0);
    let mut counts: Vec<f64> = counts.into_values().collect();
    counts.sort_unstable_by(f64::total_cmp);
    let all: f64 = counts.iter().sum();
    (all > 0.0).then(|| -counts.iter().map(|count| count / all * (count / all).ln()).sum::<f64>() + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_by_hand() {
        assert_eq!(entropy(""), None);
        assert_eq!(entropy("aaaa"), Some(0.0));
        assert!((entropy("abcd").unwrap() - 4f64.ln()).abs() < 1e-15);
        // p = 1/4, 3/4: 0.562335144618808...
        assert!((entropy("abbb").unwrap() - 0.562_335_144_618_808_3).abs() < 1e-15);
    }

    #[test]
    fn probabilities_by_hand_and_sum_to_one() {
        let mut model = Trigrams::new();
        assert_eq!(model.surprise("a"), None);
        model.learn("ab");
        // Unigrams: a, b, edge, once each of three: (1 + 3/40) / (3 + 3) for a. After an edge only a: (1 + that) / 2, and once more.
        let one = (1.0 + 3.0 / 40.0) / 6.0;
        let two = (1.0 + one) / 2.0;
        let three = (1.0 + two) / 2.0;
        assert!((model.probability([EDGE, EDGE, 0]) - three).abs() < 1e-15);
        model.learn("ac.b");
        model.learn("é-9");
        for before in [[EDGE, EDGE], [EDGE, 0], [0, 1], [5, 6]] {
            let sum: f64 = (0..SIGNS).map(|next| model.probability([before[0], before[1], next])).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        }
    }

    #[test]
    fn random_letters_surprise_more_than_words() {
        let mut model = Trigrams::new();
        let words = "mail news shop bank cloud static images search weather travel sports music video books games forum photos support online market";
        words.split(' ').for_each(|word| model.learn(&format!("{word}.example")));
        let of = |name: &str| model.surprise(name).unwrap();
        for (word, random) in [
            ("newsonline.example", "qzxkvjwpyt.example"),
            ("photoshop.example", "x7k2q9vz41.example"),
            ("cloudmail.example", "hgfkjqwzvb.example"),
        ] {
            assert!(of(random) > of(word) + 0.5, "{word} {} {random} {}", of(word), of(random));
        }
    }
}
