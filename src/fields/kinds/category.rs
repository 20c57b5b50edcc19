//! A column of categories as numbers, without looking at labels.
//!
//! # What it is
//! Each way of `encode` learns from the units of the training part only:
//!
//! - `one_hot` (the default): one field for each of the categories that most units of the training part have (`at_most`, by default 10; of
//!   equally frequent ones the first by code point), named `FIELD=CATEGORY`, and one for all others, `FIELD=(other)`. Each holds the share
//!   of the unit's events that have it: 0 or 1 where a unit is one row. A category that the training part never had is among the others;
//!   where the training part has no others that field is constant and left out, and a new category is a row without any.
//! - `frequency`: one field, the share p of the training part's units that have the event's category, as the mean over the unit's events; 0
//!   for a category never seen there.
//! - `rarity`: one field, -ln((n + 1) / (N + 1)) where n of the N units of the training part have the category, as the mean over the unit's
//!   events. The field kind `rarity` is the same idea counted over entities, with other scopes.
//!
//! The experiment's `scale` then treats each of these fields like any other: under `standard` a category that one unit in a hundred has lies
//! ten spreads from the rest, so that trees and tails are the safer readers of rare categories.
//! # Nulls
//! Null where the unit has no value; then 0 for `one_hot`. Null and NaN are no values.
//! # Cost
//! 16 bytes for each pair of unit and category, shared with other fields of the same column, and 8 bytes for each unit and field.

use std::sync::Arc;

use hashbrown::HashMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, Shape};
use crate::{
    fields::{
        inputs::{CodesId, TableId},
        plan::{Finished, Rows},
        used::Used,
    },
    said,
    text::Said,
    text::visible_within,
};

pub(super) const KIND: Kind = Kind::of::<Category>(
    "category",
    "a column of categories as numbers: one-hot, frequency, or rarity",
    include_str!("category.rs"),
    EVENTS,
);

/// The most categories that may have a field of their own.
const MOST: usize = 100;
/// How many have one where the experiment does not say.
const DEFAULT: usize = 10;
/// What stands for all other categories in a field's name.
const OTHER: &str = "(other)";
/// How much of a category's text is in the field's name.
const NAME: usize = 40;

/// A column of categories as numbers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Category {
    /// The column.
    pub(crate) category: String,
    /// How a category becomes numbers.
    #[serde(default)]
    encode: Encode,
    /// `one_hot`: how many categories have a field of their own, 1 to 100.
    #[serde(default)]
    at_most: Option<usize>,
}

/// How a category becomes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Encode {
    /// A field for each of the most common categories, and one for all others.
    #[default]
    OneHot,
    /// The share of the training part's units that have it.
    Frequency,
    /// Minus the logarithm of that share.
    Rarity,
}

impl From<Category> for Shape {
    fn from(category: Category) -> Self {
        Self::Categories(category)
    }
}

impl Category {
    /// What is wrong with the parameters: the option, and what.
    pub(crate) fn check(&self) -> Vec<(&'static str, String)> {
        match (self.at_most, self.encode) {
            (Some(_), Encode::Frequency | Encode::Rarity) => vec![("at_most", "goes with `encode: one_hot` only".into())],
            (Some(count), Encode::OneHot) if !(1..=MOST).contains(&count) => {
                vec![("at_most", format!("must be from 1 to {MOST}, found {count}"))]
            }
            _ => Vec::new(),
        }
    }

    /// Whether its fields are named after the categories, which only the data tell.
    pub(crate) fn is_named_by_data(&self) -> bool {
        self.encode == Encode::OneHot
    }

    /// What stands for no value, where the experiment does not say.
    pub(crate) fn fill(&self) -> Option<f64> {
        self.is_named_by_data().then_some(0.0)
    }

    /// Its fields, made of the table of the column's values in each group, with counts.
    pub(crate) fn encode(&self, rows: Rows, codes: CodesId, table: TableId, done: &Finished<'_>) -> Vec<Encoded> {
        let groups = Groups { table: done.table(table), count: done.groups(rows) };
        let learned = Learned::of(&groups, done.ranks(rows), done.training_periods(rows));
        let column = &self.category;
        let one = |words: Said, values| {
            let definition = said!(
                en: "{words} of {column} in the training part, mean of the unit's events",
                fr: "{words} de {column} dans la partie d’apprentissage, moyenne des événements de l’unité",
                words = words,
                column = column,
            );
            vec![Encoded { of: None, definition, values }]
        };
        match self.encode {
            Encode::OneHot => self.one_hot(&groups, &learned, |code| done.inputs.text(codes, code)),
            Encode::Frequency => one(said!(en: "frequency", fr: "fréquence"), groups.means(|code| learned.share(code))),
            Encode::Rarity => one(said!(en: "rarity", fr: "rareté"), groups.means(|code| learned.rarity(code))),
        }
    }

    fn one_hot(&self, groups: &Groups<'_>, learned: &Learned, text: impl Fn(u32) -> Arc<str>) -> Vec<Encoded> {
        let column = &self.category;
        let kept = learned.most_common(self.at_most.unwrap_or(DEFAULT), &text);
        let mut labels: Vec<String> = Vec::with_capacity(kept.len() + 1);
        for &code in &kept {
            labels.push(label(&text(code), &labels));
        }
        let share = |label: &String| {
            said!(
                en: "share of events with {column} = {label}",
                fr: "part des événements avec {column} = {label}",
                column = column,
                label = label,
            )
        };
        let mut definitions: Vec<Said> = labels.iter().map(share).collect();
        labels.push(OTHER.into());
        definitions.push(said!(
            en: "share of events with another {column} ({n} in the training part)",
            fr: "part des événements avec un autre {column} ({n} dans la partie d’apprentissage)",
            column = column,
            n = learned.units_with.len() - kept.len(),
        ));
        let values = groups.shares(&kept);
        let fields = labels.into_iter().zip(definitions).zip(values);
        fields.map(|((label, definition), values)| Encoded { of: Some(label), definition, values }).collect()
    }
}

/// What a category is called in the names of fields: made visible and short, and numbered where another is called so already.
fn label(text: &str, taken: &[String]) -> String {
    let shown = visible_within(text, NAME).into_owned();
    let is_free = |label: &String| label != OTHER && !taken.contains(label);
    let numbered = (2..).map(|number| format!("{shown} ({number})"));
    std::iter::once(shown.clone()).chain(numbered).find(is_free).unwrap_or_default()
}

/// One field that a column of categories became.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    /// Which category it is of; `None`: it is the only field, of all of them.
    pub(crate) of: Option<String>,
    /// What it is, in words.
    pub(crate) definition: Said,
    /// Its value for each group.
    pub(crate) values: Vec<Option<f64>>,
}

/// The categories of each group, with how many events have each.
struct Groups<'a> {
    table: &'a Used,
    count: usize,
}

impl Groups<'_> {
    /// Each group that has any category, with its categories and their numbers of events.
    fn each(&self) -> impl Iterator<Item = (usize, impl Iterator<Item = (u32, u64)>)> {
        let of = |group: u32| self.table.values(group).iter().copied().zip(self.table.counts(group));
        (0..self.count as u32).filter(|&group| !self.table.values(group).is_empty()).map(move |group| (group as usize, of(group)))
    }

    /// The mean over a group's events of what their categories are worth.
    fn means(&self, worth: impl Fn(u32) -> f64) -> Vec<Option<f64>> {
        let mut values = vec![None; self.count];
        for (group, categories) in self.each() {
            // In the order of worth, since codes follow the order of the events, which must not matter.
            let mut terms: Vec<(f64, u64)> = categories.map(|(code, count)| (worth(code), count)).collect();
            terms.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let all: u64 = terms.iter().map(|(_, count)| count).sum();
            values[group] = Some(terms.iter().map(|&(worth, count)| worth * count as f64).sum::<f64>() / all as f64);
        }
        values
    }

    /// For each of some categories, then for all others together, the share of the events of each group.
    fn shares(&self, kept: &[u32]) -> Vec<Vec<Option<f64>>> {
        let place: HashMap<u32, usize> = kept.iter().enumerate().map(|(place, &code)| (code, place)).collect();
        let mut fields = vec![vec![None; self.count]; kept.len() + 1];
        let mut counts = vec![0u64; kept.len() + 1];
        for (group, categories) in self.each() {
            counts.fill(0);
            categories.for_each(|(code, count)| counts[place.get(&code).copied().unwrap_or(kept.len())] += count);
            let all = counts.iter().sum::<u64>() as f64;
            fields.iter_mut().zip(&counts).for_each(|(field, &count)| field[group] = Some(count as f64 / all));
        }
        fields
    }
}

/// How common each category is among the units of the training part.
struct Learned {
    units_with: HashMap<u32, u64>,
    units: u64,
}

impl Learned {
    fn of(groups: &Groups<'_>, ranks: &[u32], training: u32) -> Self {
        let mut units_with = HashMap::new();
        for (group, categories) in groups.each() {
            if ranks[group] < training {
                categories.for_each(|(code, _)| *units_with.entry(code).or_insert(0) += 1);
            }
        }
        Self { units_with, units: ranks.iter().filter(|&&rank| rank < training).count() as u64 }
    }

    fn with(&self, code: u32) -> f64 {
        self.units_with.get(&code).copied().unwrap_or(0) as f64
    }

    fn share(&self, code: u32) -> f64 {
        if self.units == 0 { 0.0 } else { self.with(code) / self.units as f64 }
    }

    fn rarity(&self, code: u32) -> f64 {
        // The largest share gives a negative zero, which is zero.
        -((self.with(code) + 1.0) / (self.units as f64 + 1.0)).ln() + 0.0
    }

    /// The categories that most units have, the most common first; of equally common ones the first by code point.
    fn most_common(&self, at_most: usize, text: impl Fn(u32) -> Arc<str>) -> Vec<u32> {
        let mut all: Vec<(u64, u32)> = self.units_with.iter().map(|(&code, &units)| (units, code)).collect();
        all.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| text(a.1).cmp(&text(b.1))));
        all.into_iter().take(at_most).map(|(_, code)| code).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_visible_short_and_different() {
        let mut labels: Vec<String> = Vec::new();
        let long = "x".repeat(60);
        for text in ["GET", "(other)", &long, &format!("{long}y"), "a\u{202e}b", ""] {
            labels.push(label(text, &labels));
        }
        let cut = format!("{}…", "x".repeat(39));
        assert_eq!(labels, ["GET", "(other) (2)", &cut, &format!("{cut} (2)"), "a\\u{202e}b", ""]);
    }
}
