//! Against a plain rendering of the definitions, in any order and any split.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const USERS: [&str; 4] = ["a", "b", "c", "d"];
const HOSTS: [&str; 5] = ["x", "y", "z", "É", "e\u{301}"];

const FIELDS: &str = "count: { count: '*' }
    sum: { sum: bytes }
    mean: { mean: bytes }
    std: { std: bytes }
    median: { median: bytes }
    distinct: { distinct: host }
    entropy: { entropy: host }
    share: { share: 'bytes > 10' }
    new_own: { unseen: host, by: user }
    new_all: { unseen: host }
    new_training: { unseen: host, scope: training }
    new_department: { unseen: host, by: department }
    since_own: { since: host, by: user, agg: mean }
    since_all: { since: host }
    rare_period: { rarity: host, agg: mean }
    rare_so_far: { rarity: host, scope: so_far }
    rare_training: { rarity: host, scope: training, agg: min }
    hosts_department: { distinct: host, at: department }
    rare_department: { rarity: host, at: department, where: 'bytes > 10' }
    vs_self: { versus: self, of: sum }
    vs_peers: { versus: peers, of: sum, group: department }";

const CATEGORIES: &str = "host: { category: host, at_most: 2 }
    common: { category: host, encode: frequency }
    rare_for_units: { category: host, encode: rarity }";

fn any_events() -> impl Strategy<Value = Vec<Event>> {
    let bytes = prop_oneof![4 => (0i64..20).prop_map(Some), 1 => Just(None), 1 => any::<i64>().prop_map(Some)];
    let event = (
        0i64..20 * HOUR,
        prop::option::weighted(0.9, prop::sample::select(&USERS[..])),
        prop::option::weighted(0.9, prop::sample::select(&HOSTS[..])),
        bytes,
    );
    prop::collection::vec(event, 1..60)
}

/// Period of an event.
fn period(event: &Event) -> i64 {
    event.0 / HOUR
}

/// What each field should be, straight from its definition.
fn expected(field: &str, events: &[Event], user: &str, at: i64) -> Option<f64> {
    let known: Vec<&Event> = events.iter().filter(|event| event.1.is_some()).collect();
    let own: Vec<&&Event> = known.iter().filter(|event| event.1 == Some(user) && period(event) == at).collect();
    let hosts: BTreeSet<&str> = own.iter().filter_map(|event| event.2).collect();
    let numbers: Vec<i128> = own.iter().filter_map(|event| event.3.map(i128::from)).collect();
    let users_of = |host: &str, periods: &dyn Fn(i64) -> bool| -> f64 {
        let users: BTreeSet<_> =
            known.iter().filter(|event| event.2 == Some(host) && periods(period(event))).map(|event| event.1).collect();
        users.len() as f64
    };
    let active = |periods: &dyn Fn(i64) -> bool| {
        known.iter().filter(|event| periods(period(event))).map(|event| event.1).collect::<BTreeSet<_>>().len() as f64
    };
    let before = |host: &str, whose: &dyn Fn(&str) -> bool, until: i64| {
        known.iter().filter(|event| event.2 == Some(host) && whose(event.1.unwrap()) && period(event) < until).map(|event| event.0).max()
    };
    let new =
        |whose: &dyn Fn(&str) -> bool, until: i64| Some(hosts.iter().filter(|host| before(host, whose, until).is_none()).count() as f64);
    let hours = |whose: &dyn Fn(&str) -> bool| -> Vec<f64> {
        let first = |host: &str| own.iter().filter(|event| event.2 == Some(host)).map(|event| event.0).min().unwrap();
        hosts.iter().filter_map(|host| before(host, whose, at).map(|last| (first(host) - last) as f64 / 3_600.0)).collect()
    };
    let mean = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let max = |values: Vec<f64>| values.into_iter().reduce(f64::max);
    let rarities = |of: &dyn Fn(&str) -> f64| hosts.iter().map(|host| of(host)).collect::<Vec<f64>>();
    match field {
        "count" => Some(own.len() as f64),
        "sum" => Some(numbers.iter().sum::<i128>() as f64),
        "mean" => (!numbers.is_empty()).then(|| numbers.iter().sum::<i128>() as f64 / numbers.len() as f64),
        "distinct" => Some(hosts.len() as f64),
        "share" => Some(own.iter().filter(|event| event.3.is_some_and(|bytes| bytes > 10)).count() as f64 / own.len() as f64),
        "new_own" => new(&|other| other == user, at),
        "new_all" => new(&|_| true, at),
        "new_training" => new(&|_| true, at.min(10)),
        "new_department" => new(&|other| (other < "c") == (user < "c"), at),
        "since_own" => mean(&hours(&|other| other == user)),
        "since_all" => max(hours(&|_| true)),
        "rare_period" => mean(&rarities(&|host| -(users_of(host, &|p| p == at) / active(&|p| p == at)).ln())),
        "rare_so_far" => max(rarities(&|host| -(users_of(host, &|p| p <= at) / active(&|p| p <= at)).ln())),
        "rare_training" => {
            rarities(&|host| -((users_of(host, &|p| p < 10) + 1.0) / (active(&|p| p < 10) + 1.0)).ln()).into_iter().reduce(f64::min)
        }
        "hosts_department" => {
            let colleagues = known.iter().filter(|event| (event.1.unwrap() < "c") == (user < "c") && period(event) == at);
            Some(colleagues.filter_map(|event| event.2).collect::<BTreeSet<_>>().len() as f64)
        }
        _ => panic!("{field}"),
    }
}

fn bits(table: &UnitTable) -> Vec<(String, Vec<Option<u64>>)> {
    table.fields.iter().map(|field| (field.name.clone(), field.values.iter().map(|value| value.map(f64::to_bits)).collect())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn fields_are_what_their_definitions_say(events in any_events()) {
        let table = collect(&experiment(FIELDS), &[frame(&events)]).unwrap();
        let units: BTreeSet<(i64, &str)> = events.iter().filter_map(|event| Some((period(event), event.1?))).collect();
        let rows: Vec<(i64, &str)> = table.rows.iter().map(|row| (row.period, row.entity.as_ref())).collect();
        prop_assert_eq!(&rows, &units.into_iter().collect::<Vec<_>>());
        for field in ["count", "sum", "mean", "distinct", "share", "new_own", "new_all", "new_training", "new_department", "since_own", "since_all", "rare_period", "rare_so_far", "rare_training", "hosts_department"] {
            for (row, found) in plain(&table, field).into_iter().enumerate() {
                let (at, user) = rows[row];
                let expected = expected(field, &events, user, at);
                match (found, expected) {
                    (Some(found), Some(expected)) => prop_assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{} {} {}: {} is not {}", field, user, at, found, expected),
                    (found, expected) => prop_assert_eq!(found, expected, "{} {} {}", field, user, at),
                }
            }
        }
    }

    #[test]
    fn order_and_split_do_not_matter(events in any_events().prop_shuffle(), cuts in prop::collection::vec(0usize..60, 0..5)) {
        let fields = format!("{FIELDS}\n{CATEGORIES}");
        let whole = collect(&experiment(&fields), &[frame(&events)]).unwrap();
        let mut sorted = events.clone();
        sorted.sort();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(sorted.len())).chain([0, sorted.len()]).collect();
        cuts.sort_unstable();
        let batches: Vec<DataFrame> = cuts.windows(2).map(|cut| frame(&sorted[cut[0]..cut[1]])).collect();
        let split = collect(&experiment(&fields), &batches).unwrap();
        let names = |table: &UnitTable| table.fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
        prop_assert_eq!(names(&whole), names(&split));
        prop_assert_eq!(&whole.rows, &split.rows);
        prop_assert_eq!(&whole.events, &split.events);
        prop_assert_eq!(&whole.attributes, &split.attributes);
        prop_assert_eq!(bits(&whole), bits(&split));
    }
}

/// The future must not change what a unit looks like, except through what is fitted on the training part.
#[test]
fn looking_back_only() {
    let mut events: Vec<Event> = Vec::new();
    let mut state = 7u64;
    for step in 0..300i64 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let pick = (state >> 33) as usize;
        events.push((step * 200, Some(USERS[pick % 4]), Some(HOSTS[(pick / 4) % 5]), Some((pick % 50) as i64)));
    }
    let until = |hours: i64| {
        let past: Vec<Event> = events.iter().copied().filter(|event| event.0 < hours * HOUR).collect();
        let table = collect(&experiment(FIELDS), &[frame(&past)]).unwrap();
        let mut units: BTreeMap<(String, i64, String), Option<u64>> = BTreeMap::new();
        for field in &table.fields {
            for (row, value) in table.rows.iter().zip(&field.values) {
                units.insert((field.name.clone(), row.period, row.entity.to_string()), value.map(f64::to_bits));
            }
        }
        units
    };
    let (some, all) = (until(13), until(17));
    assert!(some.len() > 500 && all.len() > some.len());
    for (unit, value) in &some {
        assert_eq!(all.get(unit), Some(value), "{unit:?}");
    }
}
