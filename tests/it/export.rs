//! What other tools read of a finished run.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{aloud, demo, gonogo, json, told};

/// A Python that has these modules: `GONOGO_PYTHON`, else `python3`; says aloud where there is none.
pub fn python(modules: &str) -> Option<Command> {
    let program = std::env::var("GONOGO_PYTHON").unwrap_or_else(|_| "python3".into());
    let found = Command::new(&program).args(["-c", &format!("import {modules}")]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return Some(Command::new(program));
    }
    aloud(&format!("skipped: no Python with {modules} (set GONOGO_PYTHON)"));
    None
}

/// What a script prints; it must end well.
pub fn printed(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn export(to: &str, folder: &Path) {
    let (code, stdout, stderr) = told(&gonogo(&["export", demo().to_str().unwrap(), "--to", to, "--dir", folder.to_str().unwrap()]));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("next: "), "{stdout}");
}

#[test]
fn mlflow_reads_the_run_and_its_contenders() {
    let folder = tempfile::tempdir().unwrap();
    export("mlflow", folder.path());
    // Again: the run replaces itself.
    export("mlflow", folder.path());
    let Some(mut python) = python("mlflow") else { return };
    let script = "import json, sys, mlflow\n\
        mlflow.set_tracking_uri('file://' + sys.argv[1])\n\
        client = mlflow.tracking.MlflowClient()\n\
        experiments = client.search_experiments()\n\
        runs = client.search_runs([e.experiment_id for e in experiments])\n\
        parent, = [r for r in runs if 'mlflow.parentRunId' not in r.data.tags]\n\
        print(json.dumps({'experiments': [e.name for e in experiments], 'runs': {r.info.run_name: r.data.metrics for r in runs},\n\
            'verdict': parent.data.tags['verdict'], 'budget': parent.data.params['evaluate.alerts.budget'], 'metrics': parent.data.metrics,\n\
            'artifacts': [a.path for a in client.list_artifacts(parent.info.run_id)]}))\n";
    python.env("MLFLOW_ALLOW_FILE_STORE", "true").args(["-c", script]).arg(folder.path());
    let read: serde_json::Value = serde_json::from_str(printed(python).lines().last().unwrap()).unwrap();
    let (evaluation, decision) = (json(demo(), "evaluation.json"), json(demo(), "decision.json"));
    assert_eq!(read["experiments"], serde_json::json!(["proxy-exfiltration"]));
    assert_eq!(read["verdict"], decision["verdict"]);
    assert_eq!(read["budget"], "20");
    assert_eq!(read["metrics"]["recall_kept"], evaluation["pick"]["budget"]["recall_kept"]["value"]);
    assert_eq!(read["metrics"]["recall_kept_low"], evaluation["pick"]["budget"]["recall_kept"]["low"]);
    for contender in evaluation["contenders"].as_array().unwrap() {
        let metrics = &read["runs"][contender["id"].as_str().unwrap()];
        assert_eq!(metrics["incidents_caught"].as_f64(), contender["budget"]["incidents_caught"].as_f64(), "{}", contender["id"]);
    }
    assert!(read["artifacts"].as_array().unwrap().contains(&"report.html".into()));
}

#[test]
fn sigma_holds_the_best_field_as_a_correlation() {
    let folder = tempfile::tempdir().unwrap();
    let rule = &json(demo(), "decision.json")["field_rule"];
    let (code, _, stderr) = told(&gonogo(&["export", demo().to_str().unwrap(), "--to", "sigma", "--dir", folder.path().to_str().unwrap()]));
    let field = rule["field"].as_str().unwrap();
    if code != 0 {
        assert!(code == 1 && stderr.contains("nothing can be expressed in Sigma") && stderr.contains(field), "{stderr}");
        return;
    }
    let path = folder.path().join("proxy-exfiltration.yml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("correlation:") && text.contains("group-by: ['cs-username']") && text.contains("timespan: 1h"), "{text}");
    let Some(mut python) = python("sigma.collection") else { return };
    let script = "import sys\nfrom sigma.collection import SigmaCollection\n\
        rules = SigmaCollection.from_yaml(open(sys.argv[1]).read())\n\
        print(len(rules.rules), len(rules.errors), rules.rules[1].condition.count)\n";
    python.args(["-c", script]).arg(&path);
    let limit = rule["limit"].as_f64().unwrap();
    assert_eq!(printed(python).trim(), format!("2 0 {}", if rule["direction"] == "at_least" { limit.floor() } else { limit.ceil() }));
}

#[test]
fn spreadsheets_and_notebooks_hold_what_the_run_measured() {
    let folder = tempfile::tempdir().unwrap();
    export("csv", folder.path());
    let evaluation = json(demo(), "evaluation.json");
    let mut reader = csv::Reader::from_path(folder.path().join("contenders.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|known| known == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    let contenders = evaluation["contenders"].as_array().unwrap();
    assert_eq!(rows.len(), contenders.len());
    for (row, contender) in rows.iter().zip(contenders) {
        assert_eq!(&row[0], contender["id"].as_str().unwrap());
        assert_eq!(row[column("false_alerts")].parse::<u64>().ok(), contender["budget"]["false_alerts"].as_u64());
        assert_eq!(row[column("recall_kept_low")].parse::<f64>().ok(), contender["budget"]["recall_kept"]["low"].as_f64());
    }
    let incidents = csv::Reader::from_path(folder.path().join("incidents.csv")).unwrap().into_records().count();
    assert_eq!(incidents as u64, evaluation["incidents"].as_u64().unwrap());

    export("notebook", folder.path());
    let Some(mut python) = python("polars") else { return };
    python.arg(folder.path().join("load.py"));
    let shown = printed(python);
    assert!(shown.starts_with(json(demo(), "decision.json")["verdict"].as_str().unwrap()), "{shown}");
    assert!(shown.contains("'ecod': ("), "{shown}");
}

#[test]
fn a_mistyped_tool_is_told_its_neighbour() {
    let (code, _, stderr) = told(&gonogo(&["export", demo().to_str().unwrap(), "--to", "mlfow"]));
    assert!(code == 2 && stderr.contains("did you mean `mlflow`?"), "{stderr}");
}
