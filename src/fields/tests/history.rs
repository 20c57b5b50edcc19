//! Kinds that look at other units: the past, the others, the peers.

use super::*;

/// Hour by hour: a sees x, then x and y, then nothing, then y; b sees y in hour 1; c sees x in hour 12, after the training part.
fn events() -> Vec<Event> {
    vec![
        (0, Some("a"), Some("x"), Some(1)),
        (HOUR, Some("a"), Some("x"), Some(1)),
        (HOUR + 1800, Some("a"), Some("y"), Some(1)),
        (HOUR + 60, Some("b"), Some("y"), Some(1)),
        (3 * HOUR, Some("a"), Some("y"), Some(1)),
        (3 * HOUR + 900, Some("a"), None, Some(1)),
        (12 * HOUR, Some("c"), Some("x"), Some(1)),
        (13 * HOUR, Some("c"), Some("z"), Some(1)),
        (14 * HOUR, Some("c"), Some("z"), Some(1)),
    ]
}

/// Units: (a, 0), (a, 1), (b, 1), (a, 3), (c, 12), (c, 13), (c, 14).
fn field(definition: &str) -> Vec<Option<f64>> {
    let table = collect(&experiment(&format!("f: {definition}")), &[frame(&events())]).unwrap();
    plain(&table, "f")
}

fn close(found: &[Option<f64>], expected: &[Option<f64>]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        match (found, expected) {
            (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-12, "{found} is not {expected}"),
            (found, expected) => assert_eq!(found, expected),
        }
    }
}

#[test]
fn unseen_looks_back_only() {
    assert_eq!(field("{ unseen: host, by: user }"), [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0].map(Some));
    // y comes up for two users in the same hour: new for both.
    assert_eq!(field("{ unseen: host }"), [1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0].map(Some));
    // z is not in the training part, and stays new.
    assert_eq!(field("{ unseen: host, scope: training }"), [1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0].map(Some));
    assert_eq!(field("{ unseen: host, by: user, where: \"host = 'y'\" }"), [0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0].map(Some));
}

#[test]
fn unseen_by_a_column_outside_the_key() {
    // a and b are in sales, c in labs: x is new for labs in hour 12; y is new for sales in hour 1, for both users.
    assert_eq!(field("{ unseen: host, by: department }"), [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0].map(Some));
}

#[test]
fn unseen_by_a_part_of_the_key() {
    let experiment = with_entity(
        "{ key: [user, host], every: 1h }",
        "first_here: { unseen: host, by: user }\nby_host: { unseen: user, by: host }\nsince_here: { since: host, by: user }",
    );
    let table = collect(&experiment, &[frame(&events())]).unwrap();
    let of =
        |name: &str| values(&table, name).into_iter().map(|(entity, period, value)| (entity, period, value.unwrap())).collect::<Vec<_>>();
    let expected: Vec<(String, i64, f64)> = [
        ("a · x", 0, 1.0),
        ("a · x", 1, 0.0),
        ("a · y", 1, 1.0),
        ("b · y", 1, 1.0),
        ("a · y", 3, 0.0),
        ("c · x", 12, 1.0),
        ("c · z", 13, 1.0),
        ("c · z", 14, 0.0),
    ]
    .map(|(entity, period, value)| (entity.to_owned(), period, value))
    .to_vec();
    assert_eq!(of("first_here"), expected);
    assert_eq!(of("by_host"), expected);
    assert_eq!(plain(&table, "since_here"), [None, Some(1.0), None, None, Some(1.5), None, None, Some(1.0)]);
}

#[test]
fn since_is_counted_in_hours() {
    // a in hour 1: x was last seen an hour ago, y never; in hour 3 y was last seen at 1:30.
    assert_eq!(field("{ since: host, by: user }"), [None, Some(1.0), None, Some(1.5), None, None, Some(1.0)]);
    // For anyone: y was last seen at 1:30 (by a), not at 1:01 (by b); x at 1:00.
    assert_eq!(field("{ since: host }"), [None, Some(1.0), None, Some(1.5), Some(11.0), None, Some(1.0)]);
}

#[test]
fn since_takes_the_largest_smallest_or_mean() {
    let events: Vec<Event> = vec![
        (0, Some("a"), Some("x"), None),
        (1800, Some("a"), Some("y"), None),
        (2 * HOUR, Some("a"), Some("x"), None),
        (2 * HOUR, Some("a"), Some("y"), None),
        (2 * HOUR, Some("a"), Some("z"), None),
    ];
    let fields =
        "largest: { since: host, by: user }\nsmallest: { since: host, by: user, agg: min }\nmean: { since: host, by: user, agg: mean }";
    let table = collect(&experiment(fields), &[frame(&events)]).unwrap();
    assert_eq!(plain(&table, "largest"), [None, Some(2.0)]);
    assert_eq!(plain(&table, "smallest"), [None, Some(1.5)]);
    assert_eq!(plain(&table, "mean"), [None, Some(1.75)]);
}

#[test]
fn rarity_has_three_honest_scopes() {
    let ln = f64::ln;
    // Active entities: one in hours 0, 3, 12, 13, 14; two in hour 1. Hour 1: x by one of two, y by both.
    close(&field("{ rarity: host }"), &[Some(0.0), Some(ln(2.0)), Some(0.0), Some(0.0), Some(0.0), Some(0.0), Some(0.0)]);
    close(&field("{ rarity: host, agg: min }")[1..2], &[Some(0.0)]);
    close(&field("{ rarity: host, agg: mean }")[1..2], &[Some(ln(2.0) / 2.0)]);
    // So far: 1, then 2 entities until hour 11, then 3. x: a, then a and c; y: a and b; z: c.
    close(
        &field("{ rarity: host, scope: so_far }"),
        &[Some(0.0), Some(ln(2.0)), Some(0.0), Some(0.0), Some(ln(1.5)), Some(ln(3.0)), Some(ln(3.0))],
    );
    // Training: two entities; x by one: ln(3 / 2); y by two: 0; z by none: ln 3.
    close(
        &field("{ rarity: host, scope: training }"),
        &[Some(ln(1.5)), Some(ln(1.5)), Some(0.0), Some(0.0), Some(ln(1.5)), Some(ln(3.0)), Some(ln(3.0))],
    );
}

#[test]
fn versus_compares_units() {
    let fields = "bytes_up: { sum: bytes, scale: log }\nvs_self: { versus: self, of: bytes_up }\nvs_peers: { versus: peers, of: bytes_up, group: department }";
    let events: Vec<Event> =
        vec![(0, Some("a"), None, Some(0)), (HOUR, Some("a"), None, Some(9)), (0, Some("b"), None, Some(3)), (0, Some("c"), None, Some(7))];
    let table = collect(&experiment(fields), &[frame(&events)]).unwrap();
    assert_eq!(table.fields[2].definition, "bytes_up against peers of the same department");
    // Units: (a, 0), (b, 0), (c, 0), (a, 1). One difference to the past: ln 10 over (0 + 5 * 1) / 6.
    close(&plain(&table, "vs_self"), &[None, None, None, Some(10f64.ln() * 6.0 / 5.0)]);
    // a and b are each other's only peer: differences -ln 4 and ln 4; IQR ln 4, common spread p = ln 4 / 1.349; d / (5 p / 6) = 1.349 * 6 / 5.
    close(&plain(&table, "vs_peers"), &[Some(-1.349 * 1.2), Some(1.349 * 1.2), None, None]);
}
