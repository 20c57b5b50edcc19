//! Tables that hold numbers and categories.

use std::fmt::Write as _;

use crate::support::{json, run_json};

/// Nine hundred rows of two protocols, each with numbers of its own; six rows have the other protocol's numbers, which only a detector that
/// sees both kinds of columns can tell. One rare category is what an attacker would write.
fn table() -> String {
    let mut text = String::from("size,wait,protocol,agent,label\n");
    for row in 0..900u32 {
        let odd = row % 150 == 149;
        let dns = row % 3 == 0;
        let wobble = f64::from(row * 7_919 % 101) / 101.0;
        let (size, wait) = if dns != odd { (10.0 + wobble, 1.0 + wobble) } else { (90.0 + 3.0 * wobble, 30.0 - wobble) };
        let agent = if row == 450 { "=cmd()<script>alert(1)</script>" } else { ["curl", "wget", "edge"][(row % 3) as usize] };
        let _ = writeln!(text, "{size},{wait},{},{agent},{}", if dns { "dns" } else { "http" }, u8::from(odd));
    }
    text
}

#[test]
fn categories_are_fields_the_report_shows_them_and_detectors_use_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("table.csv"), table()).unwrap();
    let experiment = |name: &str, fields: &str| {
        let path = folder.path().join(format!("{name}.yaml"));
        let text = format!(
            "name: {name}\nuse_case: {{ title: Mixed }}\nsources: {{ t: {{ path: table.csv, format: csv }} }}\nfields:\n  size: {{ mean: size }}\n  \
             wait: {{ mean: wait }}\n{fields}scale: standard\nalgorithms: [{{ method: knn, neighbours: 10 }}]\n\
             labels: {{ column: label, benign: [0], complete: true }}\n"
        );
        std::fs::write(&path, text).unwrap();
        let (code, told) = run_json(&path, &folder.path().join("out"), &[]);
        assert_eq!(code, 0);
        std::path::PathBuf::from(told["run"].as_str().unwrap())
    };
    let auc = |run: &std::path::Path| {
        let evaluation = json(run, "evaluation.json");
        let all = evaluation["contenders"].as_array().unwrap();
        all.iter().find(|contender| contender["id"] == "knn").unwrap()["roc_auc"].as_f64().unwrap()
    };
    let mixed = experiment(
        "mixed",
        "  protocol: { category: protocol }\n  agent: { category: agent, at_most: 4 }\n  common: { category: agent, encode: frequency }\n  \
         rare: { category: agent, encode: rarity }\n",
    );
    let numbers = experiment("numbers", "");
    let (with, without) = (auc(&mixed), auc(&numbers));
    assert!(with > 0.99 && with > without + 0.1, "with categories {with}, without {without}");

    let page = std::fs::read_to_string(mixed.join("report.html")).unwrap();
    for shown in
        ["protocol=dns", "protocol=http", "agent=wget", "frequency of agent in the training part", "rarity of agent in the training part"]
    {
        assert!(page.contains(shown), "the report does not show {shown}");
    }
    assert!(page.contains("agent==cmd()&lt;script&gt;") && !page.contains("<script>alert(1)"), "a category is escaped");
    let alerts = std::fs::read_to_string(mixed.join("alerts.csv")).unwrap();
    assert!(alerts.lines().all(|line| !line.contains(",=")), "no cell begins with an equals sign");
}
