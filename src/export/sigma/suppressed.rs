//! Rules of `suppress` as a Sigma filter: those that compare key columns of the entity with texts, which is true of the events as it is of the
//! units. What looks at a field is told of a unit as a whole, and is not expressible.

use std::{fmt::Write as _, slice};

use super::{comment, quoted};
use crate::{
    spec::Suppress,
    sql::{
        Expression,
        node::{Comparison, Literal, Node},
    },
};

/// What a column must be: any of these texts.
type Equal = (String, Vec<String>);

/// The `filter` of a document, and how many rules are in it; `None` where no rule can be expressed. `named` gives Sigma's name of a column.
pub(super) fn filter(rules: &[Suppress], keys: &[String], named: &dyn Fn(&str) -> String) -> Option<String> {
    let (mut notes, mut selections, mut conditions) = (String::new(), String::new(), Vec::new());
    for (index, rule) in rules.iter().enumerate() {
        let until = rule.until.as_ref().map(|until| format!(", until {until}")).unwrap_or_default();
        match comparisons(rule, keys) {
            Some(equal) => {
                let _ = writeln!(notes, "# suppressed_{index}: {}{}.", comment(&rule.reason), comment(&until));
                let _ = writeln!(selections, "  suppressed_{index}:");
                for (column, values) in equal {
                    let values: Vec<String> = values.iter().map(|value| quoted(&escaped(value))).collect();
                    let _ = writeln!(selections, "    {}: [{}]", quoted(&format!("{}|cased", named(&column))), values.join(", "));
                }
                conditions.push(format!("not suppressed_{index}"));
            }
            None => {
                let _ = writeln!(notes, "# Not expressible: {} ({}{}).", comment(&rule.when), comment(&rule.reason), comment(&until));
            }
        }
    }
    (!conditions.is_empty()).then(|| format!("{notes}filter:\n  rules: any\n{selections}  condition: {}\n", conditions.join(" and ")))
}

/// The comparisons that must all hold, where a rule is nothing else.
fn comparisons(rule: &Suppress, keys: &[String]) -> Option<Vec<Equal>> {
    let expression = Expression::parse(&rule.when).ok()?;
    let parts = match expression.node() {
        Node::And(parts) => parts.as_slice(),
        node => slice::from_ref(node),
    };
    let equal: Vec<Equal> = parts.iter().map(|part| comparison(part, keys)).collect::<Option<_>>()?;
    // A selection names a column once.
    let once = |(column, _): &Equal| equal.iter().filter(|(other, _)| other == column).count() == 1;
    equal.iter().all(once).then_some(equal)
}

fn comparison(node: &Node, keys: &[String]) -> Option<Equal> {
    let (column, values) = match node {
        Node::Compare(Comparison::Equal, left, right) => (left.as_ref(), slice::from_ref(right.as_ref())),
        Node::In(column, values) => (column.as_ref(), values.as_slice()),
        _ => return None,
    };
    let Node::Column(name) = column else { return None };
    let text = |value: &Node| if let Node::Literal(Literal::Text(text)) = value { Some(text.clone()) } else { None };
    let values: Vec<String> = values.iter().map(text).collect::<Option<_>>()?;
    keys.contains(name).then(|| (name.clone(), values))
}

/// A text in which nothing stands for anything else.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('*', "\\*").replace('?', "\\?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_of_keys_are_expressed_and_the_rest_is_said() {
        let rules: Vec<Suppress> = serde_yaml::from_str(
            "[{ when: \"host = 'mail' and short in ('W-1', 'W*')\", reason: spam }, { when: \"host = 'a' or host = 'b'\", reason: either },
              { when: \"n > 3 and host = 'c'\", reason: a field }, { when: \"host = 'a' and host = 'b'\", reason: twice }]",
        )
        .unwrap();
        let keys = ["host".to_owned(), "short".to_owned()];
        let text = filter(&rules, &keys, &|column| format!("x-{column}")).unwrap();
        assert_eq!(text.matches("Not expressible").count(), 3);
        assert!(
            text.ends_with(
                "filter:\n  rules: any\n  suppressed_0:\n    'x-host|cased': ['mail']\n    'x-short|cased': ['W-1', 'W\\*']\n  condition: not suppressed_0\n"
            ),
            "{text}"
        );
        assert!(filter(&rules[1..], &keys, &str::to_owned).is_none());
    }
}
