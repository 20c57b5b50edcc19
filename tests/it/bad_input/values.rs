//! Experiments that are well-formed and cannot be: what an author mistypes, misunderstands, or overdoes.

use super::{Case, change};

/// What is wrong, how it comes about, what is typed.
pub const CASES: &[Case] = &[
    ("a format misspelt", |at| change(at, "format: csv", "format: cvs"), "run x.yaml"),
    ("the window ends before it begins", |at| change(at, "end: 2026-03-04", "end: 2026-03-01"), "run x.yaml"),
    ("nothing to learn from", |at| change(at, "train_end: 2026-03-03", "train_end: 2026-03-01"), "run x.yaml"),
    ("nothing to judge", |at| change(at, "end: 2026-03-04", "end: 2026-03-03"), "run x.yaml"),
    ("a thirteenth month", |at| change(at, "start: 2026-03-02", "start: 2026-13-02"), "run x.yaml"),
    ("a date the other way round", |at| change(at, "start: 2026-03-02", "start: 02/03/2026"), "run x.yaml"),
    ("a zone that there is not", |at| change(at, "end: 2026-03-04", "end: 2026-03-04, timezone: Europe/Pariss"), "run x.yaml"),
    ("a duration with a word", |at| change(at, "every: 1h", "every: 1 hour"), "run x.yaml"),
    ("a duration of nothing", |at| change(at, "every: 1h", "every: 0h"), "run x.yaml"),
    ("a period longer than both parts", |at| change(at, "every: 1h", "every: 1w"), "run x.yaml"),
    ("a duration beyond all calendars", |at| change(at, "every: 1h", "every: 99999999999999d"), "run x.yaml"),
    (
        "ten thousand years by the second",
        |at| {
            change(
                at,
                "start: 2026-03-02, train_end: 2026-03-03, end: 2026-03-04 }\nentity: { key: [user], every: 1h",
                "start: 0001-01-01, train_end: 5000-01-01, end: 9999-12-31 }\nentity: { key: [user], every: 1s",
            )
        },
        "run x.yaml",
    ),
    ("no key", |at| change(at, "key: [user]", "key: []"), "run x.yaml"),
    ("a key that no column is", |at| change(at, "key: [user]", "key: [usr]"), "run x.yaml"),
    ("a column misspelt", |at| change(at, "sum: bytes", "sum: byts"), "run x.yaml"),
    ("a field kind misspelt", |at| change(at, "sum: bytes", "summ: bytes"), "run x.yaml"),
    ("a field of two kinds", |at| change(at, "sum: bytes", "sum: bytes, max: bytes"), "run x.yaml"),
    ("a field that knows the answer", |at| change(at, "sum: bytes", "sum: label"), "run x.yaml"),
    ("the sum of names", |at| change(at, "sum: bytes", "sum: host"), "run x.yaml"),
    ("no field", |at| change(at, "{ n: { count: \"*\" }, bytes: { sum: bytes } }", "{}"), "run x.yaml"),
    ("a method misspelt", |at| change(at, "algorithms: [ecod]", "algorithms: [ekod]"), "run x.yaml"),
    ("no method", |at| change(at, "algorithms: [ecod]", "algorithms: []"), "run x.yaml"),
    ("a parameter in words", |at| change(at, "[ecod]", "[{ method: kmeans, clusters: three }]"), "run x.yaml"),
    ("a parameter of another method", |at| change(at, "[ecod]", "[{ method: ecod, clusters: 3 }]"), "run x.yaml"),
    ("no cluster", |at| change(at, "[ecod]", "[{ method: kmeans, clusters: 0 }]"), "run x.yaml"),
    ("a thousand million trees", |at| change(at, "[ecod]", "[{ method: isolation-forest, trees: 1000000000 }]"), "run x.yaml"),
    ("two methods of one name", |at| change(at, "[ecod]", "[{ id: a, method: ecod }, { id: a, method: hbos }]"), "run x.yaml"),
    ("a rule that breaks off", |at| change(at, "bytes > 6", "bytes >"), "run x.yaml"),
    ("a rule on a column misspelt", |at| change(at, "bytes > 6", "byte > 6"), "run x.yaml"),
    ("a rule with a function that there is not", |at| change(at, "bytes > 6", "frobnicate(bytes) > 6"), "run x.yaml"),
    ("a rule that would write", |at| change(at, "bytes > 6", "1=1; drop table log"), "run x.yaml"),
    ("a rule of ten thousand brackets", |at| change(at, "bytes > 6", &format!("{}1", "(".repeat(10_000))), "run x.yaml"),
    (
        "a metric misspelt",
        |at| change(at, "baseline:", "decision: { require: [{ metric: fp_reducton, at_least: 0.4 }] }\nbaseline:"),
        "run x.yaml",
    ),
    (
        "a criterion without a limit",
        |at| change(at, "baseline:", "decision: { require: [{ metric: recall_kept }] }\nbaseline:"),
        "run x.yaml",
    ),
    ("a join with no source", |at| change(at, "baseline:", "enrich: [{ join: cmdb, on: { user: user } }]\nbaseline:"), "run x.yaml"),
    ("a budget of nothing", |at| change(at, "baseline:", "evaluate: { alerts: { budget: 0 } }\nbaseline:"), "run x.yaml"),
    ("a share in percent", |at| change(at, "baseline:", "evaluate: { confidence: 90 }\nbaseline:"), "run x.yaml"),
    ("redaction that cannot be", |at| change(at, "baseline:", "report: { redact: { user: drop } }\nbaseline:"), "run x.yaml"),
    ("redaction of no column", |at| change(at, "baseline:", "report: { redact: { usr: pseudonym } }\nbaseline:"), "run x.yaml"),
    (
        "a server without the feature",
        |at| {
            change(
                at,
                "path: log.csv, format: csv, time: { column: time }",
                "engine: spark, url: 'sc://lake.example.org:15002', table: t, time: { column: ts }",
            )
        },
        "run x.yaml",
    ),
];
