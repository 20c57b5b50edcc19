//! Experiment files that are no YAML, no experiment, or too much of one.

use super::{Case, change, write};

/// What is wrong, how it comes about, what is typed.
pub const CASES: &[Case] = &[
    ("an empty file", |at| write(at, "x.yaml", ""), "run x.yaml"),
    ("comments only", |at| write(at, "x.yaml", "# to be written\n"), "run x.yaml"),
    ("a list", |at| write(at, "x.yaml", "- version: 1\n- name: bad\n"), "run x.yaml"),
    ("a sentence", |at| write(at, "x.yaml", "please find the attacks\n"), "run x.yaml"),
    ("JSON that is cut", |at| write(at, "x.yaml", "{\"version\": 1, \"name\":"), "run x.yaml"),
    ("a log in place of the experiment", |_| {}, "run log.csv"),
    ("a device in place of the experiment", |_| {}, "run /dev/zero"),
    ("a folder in place of the experiment", |_| {}, "run ."),
    ("no such file", |_| {}, "run y.yaml"),
    ("a tab", |at| change(at, "name: bad", "name: bad\nevaluate:\n\tseed: 1"), "run x.yaml"),
    ("a key twice", |at| change(at, "name: bad", "name: bad\nname: worse"), "run x.yaml"),
    ("a bracket too few", |at| change(at, "name: bad", "name: [bad"), "run x.yaml"),
    ("a quote too few", |at| change(at, "rule: \"bytes > 6\"", "rule: \"bytes > 6"), "run x.yaml"),
    ("an alias of nothing", |at| change(at, "algorithms: [ecod]", "algorithms: *mine"), "run x.yaml"),
    ("a second document", |at| change(at, "algorithms: [ecod]", "algorithms: [ecod]\n---\nmore: 1"), "run x.yaml"),
    ("a tag that names a program", |at| change(at, "name: bad", "name: !!python/object/apply:os.system [id]"), "run x.yaml"),
    ("a merge key", |at| change(at, "name: bad", "name: bad\n<<: { seed: 3 }"), "run x.yaml"),
    ("a NUL byte", |at| change(at, "name: bad", "name: b\0ad"), "run x.yaml"),
    ("bytes that are no UTF-8", |at| write(at, "x.yaml", b"version: 1\nname: caf\xe9\n"), "run x.yaml"),
    ("UTF-16", |at| write(at, "x.yaml", utf16("version: 1\nname: bad\n")), "run x.yaml"),
    ("a compressed file", |at| write(at, "x.yaml", b"\x1f\x8b\x08\x00\x00\x00\x00\x00"), "run x.yaml"),
    ("a thousand million aliases", |at| write(at, "x.yaml", bomb()), "run x.yaml"),
    ("a hundred thousand brackets", |at| write(at, "x.yaml", format!("version: 1\nname: {}", "[".repeat(100_000))), "run x.yaml"),
    ("a hundred thousand blocks", |at| write(at, "x.yaml", format!("version: 1\nname:\n{}", "- ".repeat(100_000))), "run x.yaml"),
    ("a later version", |at| change(at, "version: 1", "version: 2"), "run x.yaml"),
    ("a key misspelt", |at| change(at, "use_case: { title: t }", "use_cases: { title: t }"), "run x.yaml"),
    ("a key of another place", |at| change(at, "name: bad", "name: bad\nformat: csv"), "run x.yaml"),
    ("a text for a number", |at| change(at, "name: bad", "name: bad\nseed: three"), "run x.yaml"),
    ("a list for a map", |at| change(at, "fields: { n: { count: \"*\" }, bytes: { sum: bytes } }", "fields: [n, bytes]"), "run x.yaml"),
    ("a map for a text", |at| change(at, "name: bad", "name: { en: bad }"), "run x.yaml"),
    ("nothing for a value", |at| change(at, "algorithms: [ecod]", "algorithms:"), "run x.yaml"),
    ("a name that is a path", |at| change(at, "name: bad", "name: ../bad"), "run x.yaml"),
    ("a number beyond all numbers", |at| change(at, "baseline:", "evaluate: { alerts: { budget: 1e400 } }\nbaseline:"), "run x.yaml"),
    ("a seed of twenty digits", |at| change(at, "name: bad", "name: bad\nseed: 99999999999999999999"), "run x.yaml"),
    ("a negative seed", |at| change(at, "name: bad", "name: bad\nseed: -1"), "run x.yaml"),
    ("no number", |at| change(at, "baseline:", "evaluate: { confidence: .nan }\nbaseline:"), "run x.yaml"),
    (
        "three mistakes at once",
        |at| change(at, "algorithms: [ecod]", "seed: three\nalgorithms: [ekod]\nreport: { language: de }"),
        "run x.yaml",
    ),
];

fn utf16(text: &str) -> Vec<u8> {
    [0xfffe_u16.swap_bytes()].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Nine levels of ten aliases each.
fn bomb() -> String {
    let mut text = "version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    text
}
