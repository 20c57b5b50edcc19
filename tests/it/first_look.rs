//! From a bare log file, or from nothing, to an experiment that passes `check` and runs; and data that cannot answer, told before reading.

use std::{fs, path::Path};

use crate::support::{aloud, gonogo, program, root, shared, told};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn every_template_passes_check() {
    let folder = tempfile::tempdir().unwrap();
    for id in ["proxy", "dns", "auth", "flows", "alert-triage", "table"] {
        let (code, out, err) = told(&gonogo(&["init", text(folder.path()), "--template", id, "--force"]));
        assert_eq!(code, 0, "{id}: {out}{err}");
        let file = folder.path().join(format!("{id}.yaml"));
        assert!(out.contains(&format!("next: gonogo run {}", file.display())), "{out}");
        let (code, out, err) = told(&gonogo(&["check", text(&file), "--deny-warnings"]));
        assert_eq!(code, 0, "{id}: {out}{err}");
    }
    let (code, _, err) = told(&gonogo(&["init", text(folder.path())]));
    assert!(code == 2 && err.contains("is there already") && err.contains("--force"), "{err}");
    let (code, _, err) = told(&gonogo(&["init", text(folder.path()), "--template", "prxy"]));
    assert!(code == 2 && err.contains("did you mean `proxy`?"), "{err}");
}

#[test]
fn what_the_labels_alone_tell_is_told_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    told(&gonogo(&["init", text(folder.path())]));
    let file = folder.path().join("proxy.yaml");
    let check = |more: &[&str]| told(&gonogo(&[&["check", text(&file)], more].concat()));
    let (code, out, _) = check(&["--set", "decision.require[1].at_least=0.80"]);
    assert!(code == 0 && out.contains("W031") && out.contains("7 incidents cannot settle `recall_kept >= 0.8`"), "{out}");
    // A mistake in the labels costs no reading.
    fs::write(folder.path().join("data/labels.csv"), "who,when\n").unwrap();
    let (code, out, _) = check(&[]);
    assert!(code == 2 && out.contains("`labels.csv` has no column `start`") && out.contains("labels.path"), "{out}");
}

#[test]
fn a_template_runs() {
    let folder = tempfile::tempdir().unwrap();
    told(&gonogo(&["init", text(folder.path()), "--template", "auth"]));
    let (code, out, err) =
        told(&gonogo(&["run", text(&folder.path().join("auth.yaml")), "--out", text(&folder.path().join("out")), "--algorithm", "ecod"]));
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("INCONCLUSIVE"), "{out}");
}

#[test]
fn an_experiment_from_the_demo_logs_passes_check_and_says_what_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let logs = root().join("datasets/proxy/*.log.gz");
    let (code, out, err) = told(&gonogo(&["init", text(folder.path()), "--from", text(&logs)]));
    assert_eq!(code, 0, "{out}{err}");
    let file =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some_and(|e| e == "yaml"));
    let file = file.unwrap();
    let written = fs::read_to_string(&file).unwrap();
    for part in ["exfiltration_volume", "beaconing", "key: [user]", "# not peer_comparison:", "TO SAY", "unseen: host, by: user"] {
        assert!(written.contains(part), "{part} is not in\n{written}");
    }
    let (code, out, err) = told(&gonogo(&["check", text(&file)]));
    // The logs lie elsewhere, which is told, and nothing else.
    let told = format!("{out}{err}");
    assert!(code == 0 && told.contains("W034") && told.contains(": 1 warning"), "{told}");
}

/// The answer that stands in the file is no field, and is proposed as labels.
#[test]
fn label_columns_are_in_no_field() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..200).map(|row| format!("{},{},{}\n", row % 7, row % 11, u8::from(row % 20 == 0))).collect();
    for (name, header) in [("answered", "a,b,label"), ("alike", "a,b,c_class")] {
        let log = folder.path().join(format!("{name}.csv"));
        fs::write(&log, format!("{header}\n{rows}")).unwrap();
        let (code, out, err) = told(&gonogo(&["init", text(folder.path()), "--from", text(&log), "--force"]));
        assert_eq!(code, 0, "{out}{err}");
        let file = folder.path().join(format!("{name}.yaml"));
        let written = fs::read_to_string(&file).unwrap();
        let answered = name == "answered";
        assert_eq!(written.contains("all_numeric: { except: [label] }"), answered, "{written}");
        assert_eq!(written.contains("# labels: { column: label, benign: [\"0\"], complete: true }"), answered, "{written}");
        // As proposed it can be taken over.
        fs::write(&file, written.replace("# labels: {", "labels: {")).unwrap();
        let (code, out, err) = told(&gonogo(&["check", text(&file)]));
        assert!(code == 0 || !answered, "{out}{err}");
    }
}

#[test]
fn logs_that_cannot_answer_are_told_before_reading() {
    let Some(squid) = shared("vendor-samples/squid_native_netdata_testdata.log") else {
        aloud("skipped: no shared data");
        return;
    };
    let (code, out, err) = told(&gonogo(&["check", "--sample", text(&squid)]));
    assert_eq!(code, 0, "{out}{err}");
    for part in ["squid (Squid: the native access log", "Squid's native format has no upload bytes", "%>st", "next: gonogo init --from"] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
    let folder = tempfile::tempdir().unwrap();
    told(&gonogo(&["init", text(folder.path()), "--from", text(&squid)]));
    let file = folder.path().join("squid_native_netdata_testdata.yaml");
    let written = fs::read_to_string(&file).unwrap();
    let needs = written.lines().find(|line| line.starts_with("  needs:")).unwrap();
    fs::write(&file, written.replace(needs, "  needs: [exfiltration_volume]")).unwrap();
    for verb in ["check", "run"] {
        // Whatever a run leaves lies beside the experiment, not in the project.
        let output = program().env("GONOGO_OUT", folder.path().join("runs")).args([verb, text(&file)]).output().unwrap();
        let (code, out, err) = told(&output);
        assert_eq!(code, 2, "{verb}: {out}{err}");
        assert!(format!("{out}{err}").contains("exfiltration by volume cannot be evaluated"), "{verb}: {out}{err}");
    }
}

#[test]
fn text_that_is_compared_with_numbers_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String =
        (0..40).map(|row| format!("2026-03-0{}T10:{:02}:00Z,ann{},h{}.example\n", 2 + row / 20, row % 20, row % 3, row % 5)).collect();
    fs::write(folder.path().join("log.csv"), format!("time,user,host\n{rows}")).unwrap();
    let experiment = |more: &str| {
        format!(
            "name: x\nuse_case: {{ title: t }}\nsources: {{ log: {{ path: log.csv, format: csv, time: {{ column: time }} }} }}\nwindow: {{ start: 2026-03-02, train_end: 2026-03-03, end: 2026-03-04 }}\nentity: {{ key: [user], every: 1h }}\nfields: {{ n: {{ count: '*' }}, far: {{ count: '*', where: far }} }}\nalgorithms: [ecod]\nderive: {{ far: \"{more}\" }}\n"
        )
    };
    let file = folder.path().join("x.yaml");
    fs::write(&file, experiment("host > 500")).unwrap();
    let (code, out, _) = told(&gonogo(&["check", text(&file)]));
    assert!(code == 2 && out.contains("takes `host` for a number, and none of its first 40 values is one"), "{out}");
    fs::write(&file, experiment("length(host) > 5")).unwrap();
    assert_eq!(told(&gonogo(&["check", text(&file)])).0, 0);
    fs::write(folder.path().join("log.csv"), "time,user,host\n").unwrap();
    let (code, out, _) = told(&gonogo(&["check", text(&file)]));
    assert!(code == 2 && out.contains("has a header and no rows"), "{out}");
}

/// What a run on a handful of rows would end with is said by `check`, and how little they tell where it would not end.
#[test]
fn few_rows_are_told_before_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let checked = |rows: usize| {
        let log = folder.path().join(format!("few{rows}.csv"));
        let line = |i: usize| {
            format!("2026-03-02 {:02}:{:02}:00,u{},h{}.example.com,{}\n", 8 + i * 37 / 60, i * 37 % 60, i % 2, i % 3, 100 + i * i)
        };
        fs::write(&log, format!("timestamp,user,host,bytes_up\n{}", (0..rows).map(line).collect::<String>())).unwrap();
        let (code, out, err) = told(&gonogo(&["init", text(folder.path()), "--from", text(&log)]));
        assert_eq!(code, 0, "{out}{err}");
        let file = folder.path().join(format!("few{rows}.yaml"));
        let (code, out, err) = told(&gonogo(&["check", text(&file)]));
        (file, code, format!("{out}{err}"))
    };
    for rows in 1..4 {
        let (file, code, said) = checked(rows);
        assert!(code == 2 && said.contains("a run on these few rows would end with"), "{rows}: {code} {said}");
        let (code, _, err) = told(&gonogo(&["run", text(&file), "--out", text(&folder.path().join("out"))]));
        assert_ne!(code, 0, "{rows}: {err}");
    }
    let (_, code, said) = checked(6);
    assert!(code == 0 && said.contains("[W037]") && said.contains("6 rows make"), "{code} {said}");
}

/// A column that holds the answer may not be a field unseen.
#[test]
fn a_field_of_the_answer_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..200).map(|row| format!("{},{},{}\n", row % 7, row % 11, u8::from(row % 20 == 0))).collect();
    fs::write(folder.path().join("a.csv"), format!("a,b,is_attack\n{rows}")).unwrap();
    let checked = |fields: &str| {
        let file = folder.path().join("a.yaml");
        let head = "version: 1\nname: a\nuse_case: { title: a }\nsources: { s: { path: a.csv, format: csv } }\nalgorithms: [ecod]\n";
        fs::write(&file, format!("{head}{fields}")).unwrap();
        let (_, out, err) = told(&gonogo(&["check", text(&file)]));
        format!("{out}{err}")
    };
    for leaking in ["fields: { all_numeric: {} }", "fields: { all_numeric: { except: [is_attack] } }\nderive: { d: is_attack * 2 }"] {
        let said = checked(leaking);
        assert!(said.contains("`is_attack` is named like the answer") && said.contains("named like the answer"), "{said}");
    }
    for sound in [
        "fields: { all_numeric: { except: [is_attack] } }",
        "fields: { all_numeric: {} }\nlabels: { column: is_attack, benign: ['0'], complete: true }",
    ] {
        let said = checked(sound);
        assert!(!said.contains("named like the answer"), "{said}");
    }
}

/// What a newcomer is proposed: a host out of the URL, somebody as the entity, and nothing of numbers that only name.
#[test]
fn columns_are_proposed_by_what_they_mean() {
    let folder = tempfile::tempdir().unwrap();
    let proposed = |name: &str, content: &str| {
        let log = folder.path().join(format!("{name}.csv"));
        fs::write(&log, content).unwrap();
        let (code, out, err) = told(&gonogo(&["init", text(folder.path()), "--from", text(&log), "--force"]));
        assert_eq!(code, 0, "{out}{err}");
        let file = folder.path().join(format!("{name}.yaml"));
        let (code, out, err) = told(&gonogo(&["check", text(&file)]));
        assert_eq!(code, 0, "{out}{err}");
        fs::read_to_string(&file).unwrap()
    };
    let rows: String =
        (0..400).map(|i| format!("2026-03-{:02}T{:02}:00:00Z,u{},https://h{}.example.com/x\n", 1 + i / 40, i % 24, i % 5, i % 9)).collect();
    let written = proposed("urls", &format!("time,user,url\n{rows}"));
    assert!(written.contains("  host: url_host(url)\n") && written.contains("places: { distinct: host }"), "{written}");
    let rows: String = (0..400)
        .map(|i| {
            format!(
                "{i},2026-03-{:02}T{:02}:00:00Z,2026-03-{:02} {:02}:00:00,{},10.0.0.{},{},{},{}\n",
                1 + i / 40,
                i % 24,
                1 + i / 40,
                i % 24,
                if i % 50 == 0 { "10.9.9.9" } else { "" },
                i % 4,
                1_000 + i % 13,
                i % 3,
                i % 17
            )
        })
        .collect();
    let written = proposed("flows", &format!(",TimeGenerated,FlowIntervalEndTime,SrcIP,VMIPAddress,ProcessId,L7Port,Allowed\n{rows}"));
    assert!(written.contains("VMIPAddress: src_ip") && written.contains("entity: { key: [src_ip]"), "{written}");
    for nothing in ["mean_column_1", "mean_processid", "mean_l7port", "FlowIntervalEndTime }"] {
        assert!(!written.contains(nothing), "{nothing}: {written}");
    }
    assert!(written.contains("mean_allowed"), "{written}");
}
