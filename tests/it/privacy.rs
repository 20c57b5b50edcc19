//! What `report.redact` hides is in no file of a run and on no terminal, and no figure changes by it; what is shared holds no name at all.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use polars_io::{SerReader as _, prelude::ParquetReader};
use tempfile::TempDir;

use crate::support::{json, program, told};

const EXPERIMENT: &str = r#"version: 1
name: private
use_case: { title: t }
sources: { log: { path: log.csv, format: csv, time: { column: time }, max_malformed: 0.5 } }
window: { start: 2026-03-02, train_end: 2026-03-04, end: 2026-03-06 }
entity: { key: [user, src_ip], every: 1d }
fields:
  n: { count: "*" }
  bytes: { sum: bytes }
  to_backup: { share: "host = 'vault.corp.example'" }
  not_ann: { share: "user <> 'ann.archer'" }
algorithms: [ecod, hbos]
labels: { path: labels.csv, complete: true }
baseline: { rule: "bytes > 600" }
evaluate: { alerts: { budget: 3 } }
suppress: [{ when: "user = 'svc-backup'", reason: nightly copies }]
"#;

const REDACT: &str = "report: { redact: { user: pseudonym, src_ip: prefix, host: pseudonym, referer: drop } }\n";

const USERS: [&str; 5] = ["ann.archer", "bob.baker", "cid.cooper", "dee.dyer", "svc-backup"];
/// What must be seen nowhere.
const RAW: [&str; 12] = [
    "ann.archer",
    "bob.baker",
    "cid.cooper",
    "dee.dyer",
    "svc-backup",
    "10.9.8.7",
    "vault.corp.example",
    "corp.example",
    "files.partner.example",
    "secret-project",
    "torn line of ann",
    "eve.unseen",
];

/// A folder with a log in which every column holds what is to be hidden somewhere, and an experiment.
fn folder(more: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut log = "time,user,src_ip,host,url,referer,registered_domain,bytes\n".to_owned();
    for day in 2..6 {
        for (index, user) in USERS.iter().enumerate() {
            for hour in 8..11 {
                let (host, domain) =
                    if index % 2 == 0 { ("vault.corp.example", "corp.example") } else { ("files.partner.example", "partner.example") };
                let bytes = 100 * (index + 1) + day * hour + if day == 5 && index == 1 { 5000 } else { 0 };
                let url = format!("https://{}/home/{}?q=1", host.to_uppercase(), user.to_uppercase());
                let line = format!(
                    "2026-03-0{day}T{hour:02}:00:00Z,{user},10.9.8.7{index},{host},{url},https://secret-project/,{domain},{bytes}\n"
                );
                log.push_str(&line);
            }
        }
    }
    log.push_str("2026-03-05T10:00:00Z,torn line of ann.archer\n");
    fs::write(folder.path().join("log.csv"), log).unwrap();
    let labels = "user,src_ip,start,end,incident\nbob.baker,10.9.8.71,2026-03-05T00:00:00Z,2026-03-06T00:00:00Z,bob.baker takes files\n\
                  eve.unseen,,2026-03-05T00:00:00Z,2026-03-06T00:00:00Z,lost eve.unseen\n";
    fs::write(folder.path().join("labels.csv"), labels).unwrap();
    fs::write(folder.path().join("x.yaml"), format!("{EXPERIMENT}{more}")).unwrap();
    folder
}

fn go(folder: &TempDir, arguments: &[&str]) -> (i32, String) {
    let output = program()
        .current_dir(folder.path())
        .env_remove("GONOGO_NO_CACHE")
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .env("XDG_CONFIG_HOME", folder.path().join("settings"))
        .args(arguments)
        .output()
        .unwrap();
    let (code, stdout, stderr) = told(&output);
    assert!(!stderr.contains("panicked at"), "{stderr}");
    (code, format!("{stdout}{stderr}"))
}

fn run(folder: &TempDir) -> (PathBuf, String) {
    let (code, shown) = go(folder, &["run", "x.yaml", "--keep-fields"]);
    assert_eq!(code, 0, "{shown}");
    (gonogo::record::folder::find(&folder.path().join("reports"), "latest").unwrap(), shown)
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Everything that a file says: packed parts unpacked.
pub fn content(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("parquet") => {
            let frame = ParquetReader::new(fs::File::open(path).unwrap()).finish().unwrap();
            for column in frame.columns() {
                text.push_str(&format!("{}\n", column.name()));
                if let Ok(values) = column.str() {
                    values.iter().flatten().for_each(|value| text.push_str(&format!("{value}\n")));
                }
            }
        }
        Some("xlsx") => text.push_str(&unzipped(&bytes)),
        _ => {}
    }
    text
}

/// The deflated members of a ZIP file: each stands after its local header.
fn unzipped(bytes: &[u8]) -> String {
    let number = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let headers = (0..bytes.len().saturating_sub(30)).filter(|&at| bytes[at..].starts_with(b"PK\x03\x04"));
    headers
        .map(|at| {
            let mut text = Vec::new();
            let _ = flate2::read::DeflateDecoder::new(&bytes[at + 30 + number(at + 26) + number(at + 28)..]).read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        })
        .collect()
}

/// Which raw values stand in which files below a folder.
fn found(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(folder) {
        let content = content(&path).to_lowercase();
        found.extend(RAW.iter().filter(|raw| content.contains(**raw)).map(|raw| format!("{raw} in {}", path.display())));
    }
    found
}

/// The evaluation without names and clocks.
fn figures(run: &Path) -> String {
    let mut evaluation = json(run, "evaluation.json");
    for incident in evaluation["incident_list"].as_array_mut().unwrap() {
        (incident["id"], incident["entity"]) = ("".into(), "".into());
    }
    for contender in evaluation["contenders"].as_array_mut().unwrap() {
        (contender["fit_seconds"], contender["score_seconds"]) = (0.into(), 0.into());
    }
    evaluation["suppression"] = evaluation["suppression"]["rules"][0]["units"].clone();
    evaluation.to_string()
}

#[test]
fn redacted_values_are_in_no_file_of_a_run_and_change_no_figure() {
    let open = folder("");
    let (shown_run, _) = run(&open);
    let seen = found(&shown_run);
    for raw in RAW.iter().filter(|raw| **raw != "secret-project") {
        assert!(seen.iter().any(|line| line.starts_with(raw)), "the search finds `{raw}` where nothing is redacted: {seen:#?}");
    }
    for file in ["judged.parquet", "ecod.parquet", "fields.parquet", "events.json", "quality.json", "report.html", "resolved.json"] {
        assert!(seen.iter().any(|line| line.ends_with(file)), "{file} holds names: {seen:#?}");
    }

    let hidden = folder(REDACT);
    let (path, shown) = run(&hidden);
    assert_eq!(found(&path), Vec::<String>::new());
    for raw in RAW {
        assert!(!shown.to_lowercase().contains(raw), "{raw} in {shown}");
    }
    assert_eq!(figures(&path), figures(&shown_run));
    let alerts = fs::read_to_string(path.join("alerts.csv")).unwrap();
    assert!(alerts.contains("user-") && alerts.contains("10.9.8.0/24-"), "{alerts}");
    let cache = hidden.path().join("cache");
    assert!(!cache.exists() || files(&cache).is_empty(), "the cache holds values as they are");
    assert!(shown.contains("W203"), "{shown}");

    // What each pseudonym stands for lies beside the key, outside of the reports.
    let names = fs::read_to_string(hidden.path().join("settings/gonogo/redact.names.csv")).unwrap();
    assert!(names.contains(",bob.baker\n") && names.contains(",vault.corp.example\n"), "{names}");

    // The same key, the same pseudonyms.
    let (again, _) = run(&hidden);
    assert_eq!(fs::read(again.join("alerts.csv")).unwrap(), fs::read(path.join("alerts.csv")).unwrap());
}

#[test]
fn what_is_made_of_a_redacted_run_is_redacted() {
    let hidden = folder(&REDACT.replace("referer: drop", "referer: pseudonym"));
    let text = fs::read_to_string(hidden.path().join("x.yaml")).unwrap();
    fs::write(hidden.path().join("x.yaml"), text.replace("complete: true", "complete: false")).unwrap();
    let (path, _) = run(&hidden);
    let out = hidden.path().join("out");
    for arguments in [
        vec!["report", "--lang", "fr"],
        vec!["review"],
        vec!["export", "--to", "csv", "--dir", out.to_str().unwrap()],
        vec!["export", "--to", "notebook", "--dir", out.to_str().unwrap()],
        vec!["export", "--to", "sigma", "--dir", out.to_str().unwrap()],
    ] {
        let (code, shown) = go(&hidden, &arguments);
        assert!(code == 0 || arguments.contains(&"sigma"), "{arguments:?}: {code} {shown}");
        assert!(RAW.iter().all(|raw| !shown.contains(raw)), "{shown}");
    }
    assert!(files(&path).iter().any(|path| path.extension().is_some_and(|extension| extension == "xlsx")), "the sheet was drawn");
    assert_eq!(found(&path), Vec::<String>::new());
    assert_eq!(found(&out), Vec::<String>::new());

    // Other rules need values that are gone.
    fs::write(hidden.path().join("other.yaml"), text.replace("svc-backup'\"", "cid.cooper'\"")).unwrap();
    let (code, shown) = go(&hidden, &["report", "--suppress", "other.yaml"]);
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("run the experiment again"), "{shown}");
}

#[test]
fn what_is_shared_holds_no_names_and_lists_itself() {
    for (more, entities) in [("", "entity 1"), (REDACT, "user-")] {
        let folder = folder(more);
        run(&folder);
        let (code, shown) = go(&folder, &["report", "--share", "shared"]);
        assert_eq!(code, 0, "{shown}");
        let shared = folder.path().join("shared");
        assert_eq!(found(&shared), Vec::<String>::new());
        let contents = fs::read_to_string(shared.join("CONTENTS.md")).unwrap();
        for path in files(&shared) {
            let name = path.strip_prefix(&shared).unwrap().to_str().unwrap().to_owned();
            assert!(name == "CONTENTS.md" || contents.contains(&format!("`{name}`")), "{name} is not listed: {contents}");
            assert!(!name.ends_with(".parquet") && !name.ends_with(".json") && !name.ends_with(".yaml"), "{name}");
        }
        assert!(fs::read_to_string(shared.join("alerts.csv")).unwrap().contains(entities));
        let (code, shown) = go(&folder, &["report", "--share", "shared"]);
        assert!(code == 2 && shown.contains("is not empty"), "{shown}");
    }
}

#[test]
fn runs_that_begin_at_once_show_the_same_pseudonyms() {
    let folder = folder(REDACT);
    let ended: Vec<(i32, String)> = std::thread::scope(|scope| {
        let folder = &folder;
        let run = |out: usize| move || go(folder, &["run", "x.yaml", "--out", &format!("out{out}")]);
        let runs: Vec<_> = (0..3).map(|out| scope.spawn(run(out))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(ended.iter().all(|(code, _)| *code == 0), "{ended:?}");
    let alerts = |out: usize| {
        let run = gonogo::record::folder::find(&folder.path().join(format!("out{out}")), "latest").unwrap();
        fs::read_to_string(run.join("alerts.csv")).unwrap()
    };
    assert!(alerts(0).contains("user-") && alerts(0) == alerts(1) && alerts(1) == alerts(2));
    let names = fs::read_to_string(folder.path().join("settings/gonogo/redact.names.csv")).unwrap();
    assert!(USERS[..4].iter().all(|user| names.contains(user)), "{names}");
}

#[test]
fn redaction_that_would_not_hold_is_refused() {
    for (change, place) in [
        ("report: { redact: { usr: pseudonym } }", "did you mean `user`"),
        ("report: { redact: { user: drop } }", "could not be told apart"),
        ("report: { redact: { host: pseudonym } }\n#", "is not redacted"),
    ] {
        let folder = folder(&format!("{change}\n"));
        let (code, shown) = go(&folder, &["check", "x.yaml", "--deny-warnings"]);
        assert!(code != 0 && shown.contains(place), "{change}: {code} {shown}");
    }
    let folder = folder(REDACT);
    let (code, shown) = go(&folder, &["run", "x.yaml", "--redact-key", "reports/redact.key"]);
    assert!(code == 2 && shown.contains("would lie among the reports"), "{code} {shown}");
}
