//! What is said of wrong fields.

use super::*;

fn found(fields: &str) -> Vec<String> {
    problems(&experiment(fields))
        .into_iter()
        .map(|p| format!("{} {}: {} [{}]", p.code, p.path, p.message, p.help.unwrap_or_default()))
        .collect()
}

#[test]
fn every_problem_at_once_with_its_place() {
    let all = found(
        "a: { summ: bytes }
        b: { sum: bytes, count: '*' }
        c: { unseen: host, bye: user }
        d: { quantile: bytes, q: much }
        e: { quantile: bytes, q: 1.5 }
        f: { versus: self, of: usr }
        g: count
        h: { where: host }
        i: { count: '*', where: 'host =' }
        j: { sum: 7 }
        k: { rarity: host, scope: window }
        l: { since: host, by: [] }
        m: { versus: peers, of: f }
        user: { count: '*' }",
    );
    let places: Vec<&str> = all.iter().map(|text| text.split(": ").next().unwrap()).collect();
    assert_eq!(
        places,
        [
            "E202 fields.a.summ",
            "E203 fields.b.count",
            "E204 fields.c.bye",
            "E205 fields.d.q",
            "E206 fields.e.q",
            "E201 fields.g",
            "E201 fields.h",
            "E209 fields.i.where",
            "E205 fields.j.sum",
            "E205 fields.k.scope",
            "E205 fields.l.by",
            "E210 fields.user",
            "E208 fields.f.of",
            "E208 fields.m.of",
        ],
        "{all:#?}"
    );
    assert!(all[0].contains("did you mean `sum`?"), "{}", all[0]);
    assert!(all[2].contains("did you mean `by`?"), "{}", all[2]);
    assert!(all[12].contains("did you mean `user`?"), "{}", all[12]);
}

#[test]
fn options_belong_to_kinds() {
    assert!(found("a: { count: '*', by: user }")[0].starts_with("E204 fields.a.by: `by` is not an option of `count`"));
    assert!(found("n: { count: '*' }\na: { versus: self, of: n, where: x }")[0].starts_with("E204 fields.a.where"));
    assert!(found("n: { count: '*' }\na: { versus: self, of: n, group: department }")[0].starts_with("E206 fields.a.group"));
    assert!(found("all_numeric: {}")[0].starts_with("E206 fields.all_numeric"));
    assert!(found("x: { all_numeric: {} }")[0].starts_with("E202 fields.x"));
    assert!(found("a: { category: host, at_most: 0 }")[0].starts_with("E206 fields.a.at_most: must be from 1 to 100, found 0"));
    assert!(found("a: { category: host, encode: frequency, at_most: 3 }")[0].starts_with("E206 fields.a.at_most: goes with"));
    assert!(found("c: { category: host }\na: { versus: self, of: c }")[0].starts_with("E208 fields.a.of: `c` holds categories"));
    assert!(found("a: { quantile: bytes }")[0].starts_with("E205 fields.a: `q` is missing"));
}

#[test]
fn what_looks_at_times_needs_some() {
    let table = |fields: &str| {
        let text =
            format!("name: t\nuse_case: {{ title: T }}\nsources: {{ t: {{ path: t.csv }} }}\nfields: {{ {fields} }}\nalgorithms: [ecod]\n");
        problems(&serde_yaml::from_str(&text).unwrap())
            .into_iter()
            .map(|problem| format!("{} {}", problem.code, problem.path))
            .collect::<Vec<_>>()
    };
    for (kind, field) in [
        ("calendar", "{ calendar: night }"),
        ("since", "{ since: host }"),
        ("unseen", "{ unseen: host }"),
        ("regularity", "{ regularity: host }"),
        ("versus", "{ versus: self, of: n }"),
    ] {
        assert_eq!(table(&format!("n: {{ sum: x }}, f: {field}")), [format!("E206 fields.f.{kind}")]);
        assert_eq!(found(&format!("n: {{ sum: x }}\nf: {field}")), Vec::<String>::new());
    }
    assert_eq!(table("n: { sum: x }, r: { rarity: host }, p: { versus: peers, of: n }"), Vec::<String>::new());
}

#[test]
fn labels_are_hidden() {
    let mut experiment = experiment(
        "a: { distinct: truth }\nb: { count: '*', where: \"truth = '-'\" }\nc: { unseen: host, by: kind }\nd: { count: '*', at: late }",
    );
    experiment.labels = serde_yaml::from_str("{ column: truth, incident: kind, exclude: [late] }").unwrap();
    let places: Vec<String> = problems(&experiment).into_iter().map(|problem| format!("{} {}", problem.code, problem.path)).collect();
    assert_eq!(places, ["E207 fields.a.distinct", "E207 fields.b.where", "E207 fields.c.by", "E207 fields.d.at"]);
}

#[test]
fn unknown_columns_are_named_with_near_ones() {
    let events = frame(&[(0, Some("a"), None, None)]);
    for (fields, message, hint) in [
        ("a: { sum: byte }", "`fields.a.sum`: unknown column `byte`", "did you mean `bytes`"),
        (
            "a: { sum: host }",
            "`fields.a.sum`: column `host` is not a number, but text",
            "count it (`distinct: host`), or make a number of it in `derive`",
        ),
        ("a: { unseen: host, by: usr }", "`fields.a.by`: unknown column `usr`", "did you mean `user`"),
        (
            "a: { count: '*', at: zzz }",
            "`fields.a.at`: unknown column `zzz`",
            "the columns are `bytes`, `department`, `host`, `time`, `user`",
        ),
        ("a: { count: '*', where: 'byte > 3' }", "`fields.a.where`: unknown column `byte`", ""),
        ("a: { share: 'bytes + 1' }", "`fields.a.share`: `bytes + 1` is", ""),
    ] {
        let error = collect(&experiment(fields), std::slice::from_ref(&events)).unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
        assert!(error.hint().is_some_and(|found| found.starts_with(hint)), "{:?}", error.hint());
    }
}

#[test]
fn all_that_does_not_fit_the_columns_at_once() {
    let experiment =
        experiment("a: { sum: byte }\nb: { sum: host }\nc: { share: 'host' }\nd: { count: '*' }\ne: { distinct: host, at: dept }");
    let set = FieldSet::read(&experiment).unwrap();
    let columns = schema(&frame(&[(0, Some("a"), None, None)]));
    let problems = Collector::checked(set, &experiment, Tz::UTC, Some(window()), &columns).unwrap_err();
    let places: Vec<String> = problems.into_iter().map(|problem| format!("{} {}", problem.code, problem.path)).collect();
    assert_eq!(places, ["E211 fields.a.sum", "E212 fields.b.sum", "E209 fields.c.share", "E211 fields.e.at"]);
}

#[test]
fn the_contract_files_are_read() {
    for fields in [
        "requests: { count: '*' }
        bytes_up: { sum: bytes_up, scale: log }
        uploads: { count: '*', where: upload }
        denied: { share: 'status = 403' }
        host_entropy: { entropy: domain }
        new_domains: { unseen: domain, by: user }
        new_to_all: { unseen: domain }
        rare_domains: { rarity: domain, agg: max, scope: period }
        since_domain: { since: domain, by: user, agg: max }
        dept_domains: { distinct: domain, at: [department] }
        up_vs_self: { versus: self, of: bytes_up }
        up_vs_peers: { versus: peers, of: bytes_up, group: department }",
        "alerts: { count: '*' }
        rule_rarity: { rarity: short }
        since_here: { since: short, by: host }
        other_rules: { distinct: short, at: [host] }",
    ] {
        assert_eq!(found(fields), Vec::<String>::new());
    }
}

#[test]
fn the_schema_accepts_what_is_read() {
    let schema = crate::fields::schema().to_value();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (valid, entry) in [
        (true, "{ count: '*' }"),
        (true, "{ since: domain, by: [user, host], agg: max, where: upload, at: department, scale: log, fill: 0 }"),
        (true, "{ versus: peers, of: bytes, group: department }"),
        (true, "{ ratio: [a, b] }"),
        (false, "{}"),
        (false, "{ summ: x }"),
        (false, "{ count: '*', by: user }"),
        (false, "{ ratio: [a] }"),
        (false, "{ rarity: x, scope: window }"),
    ] {
        let value: serde_json::Value = serde_yaml::from_str(&format!("a: {entry}")).unwrap();
        assert_eq!(validator.is_valid(&value), valid, "{entry}");
    }
    for (valid, fields) in
        [(true, "all_numeric: {}"), (true, "all_numeric: { except: id, scale: log }"), (false, "all_numeric: { count: '*' }")]
    {
        let value: serde_json::Value = serde_yaml::from_str(fields).unwrap();
        assert_eq!(validator.is_valid(&value), valid, "{fields}");
    }
}
