//! What `run --dry-run` says of files is held to what a run then takes, and `--max-memory` ends a run cleanly.

use std::{fs, path::Path, process::Command};

use gonogo::{
    experiment::load::load,
    observe::{Event, Observer, Silent},
    run::{
        estimate::{Estimate, estimate_from},
        pipeline::{self, Options},
    },
};

use crate::support::aloud;

const EXPERIMENT: &str = r#"version: 1
name: estimate
use_case: { title: Estimates }
sources: { proxy: { path: "PATH", format: elff, where: "action <> 'DENIED'" } }
window: { start: 2026-03-02, train_end: 2026-03-08, end: 2026-03-12 }
entity: { key: [user], every: EVERY }
fields:
  requests: { count: "*" }
  up:       { sum: bytes_up, scale: log }
  hosts:    { distinct: host }
  spread:   { entropy: host }
  new:      { unseen: host, by: user }
  largest:  { quantile: bytes_up, q: 0.9 }
algorithms: [ecod, knn, { method: hbos }]
"#;

fn gonogo(args: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_gonogo")).args(args).output().unwrap()
}

fn options(out: &Path) -> Options {
    Options {
        out: out.to_owned(),
        seed: None,
        only: Vec::new(),
        jobs: None,
        cache: None,
        redact_key: None,
        keep_fields: false,
        events: true,
        gate: false,
        max_memory: None,
        command: "gonogo".into(),
    }
}

struct Ran {
    rows: f64,
    used: f64,
    units: f64,
    peak: Option<f64>,
}

/// What a run of its own process took.
fn run(experiment: &Path, out: &Path) -> Ran {
    let ran = gonogo(&["run", experiment.to_str().unwrap(), "--no-cache", "--quiet", "--out", out.to_str().unwrap()]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let folder =
        fs::read_dir(out.join("estimate")).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.join("run.json").exists()).unwrap();
    let json = |name: &str| -> serde_json::Value { serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap() };
    let (quality, evaluation, manifest) = (json("quality.json"), json("evaluation.json"), json("run.json"));
    let source = &quality["sources"][0];
    Ran {
        rows: source["rows_parsed"].as_f64().unwrap(),
        used: source["rows"].as_f64().unwrap(),
        units: evaluation["units"]["training"].as_f64().unwrap() + evaluation["units"]["judged"].as_f64().unwrap(),
        peak: manifest["peak_bytes"].as_f64(),
    }
}

fn within_two(what: &str, told: f64, was: f64) {
    eprintln!("{what}: told {:.2} of what it was", told / was);
    assert!(told <= 2.0 * was && told >= 0.5 * was, "{what}: told {told}, was {was}");
}

#[test]
fn a_twentieth_of_the_logs_tells_the_rest_within_a_factor_of_two() {
    let dir = tempfile::tempdir().unwrap();
    let logs = dir.path().join("demo");
    let made = gonogo(&["generate", "demo", "--users", "150", "--events-per-user-day", "60", "--quiet", "--out", logs.to_str().unwrap()]);
    assert!(made.status.success());
    let mut files: Vec<_> = fs::read_dir(logs.join("proxy")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    // The same as one packed file, and as one plain file: the first part of either is all that can be looked at.
    let packed: Vec<u8> = files.iter().flat_map(|path| fs::read(path).unwrap()).collect();
    fs::write(logs.join("one.log.gz"), &packed).unwrap();
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(&packed[..]), &mut plain).unwrap();
    fs::write(logs.join("one.log"), &plain).unwrap();
    let text = plain.len() as u64;
    for (number, (path, every, looked)) in [
        ("demo/proxy/*.log.gz", "1h", text / 20),
        ("demo/one.log.gz", "1h", text / 5),
        ("demo/one.log", "1d", text / 5),
        ("demo/proxy/*.log.gz", "1d", u64::MAX),
    ]
    .into_iter()
    .enumerate()
    {
        let experiment = dir.path().join(format!("{number}.yaml"));
        fs::write(&experiment, EXPERIMENT.replace("PATH", path).replace("EVERY", every)).unwrap();
        let out = dir.path().join(format!("out-{number}"));
        let loaded = load(&experiment, &[]).unwrap();
        let told: Estimate = estimate_from(&loaded, &options(&out), looked, &Silent).unwrap();
        assert!(!out.exists(), "an estimate leaves nothing behind");
        let was = run(&experiment, &out);
        let place = format!("{path} by {every}");
        within_two(&format!("rows of {place}"), told.sources[0].rows as f64, was.rows);
        within_two(&format!("events of {place}"), told.events as f64, was.used);
        within_two(&format!("units of {place}"), (told.training_units + told.judged_units) as f64, was.units);
        match was.peak {
            Some(peak) => within_two(&format!("memory of {place}"), told.peak_bytes as f64, peak),
            None => aloud("skipped: this system does not tell how much memory a process took"),
        }
        assert!(told.total_seconds > 0.0 && told.contenders.len() == 3, "{told:?}");
    }
}

#[test]
fn too_little_memory_ends_a_run_with_the_stage_and_leaves_it_marked() {
    if !cfg!(target_os = "linux") {
        aloud("skipped: the memory of a process is not told on this system");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("reports");
    let experiment = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/proxy-exfiltration.yaml");
    let arguments =
        |most| ["run", experiment, "--no-cache", "--quiet", "--max-memory", most, "--out", out.to_str().unwrap()].map(str::to_owned);
    let run = |most| gonogo(&arguments(most).iter().map(String::as_str).collect::<Vec<_>>());
    let ended = run("20MB");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("of memory are held while reading, more than the 20\u{202f}MB of `--max-memory`"), "{said}");
    assert!(said.contains("gonogo run --dry-run"), "{said}");
    let left: Vec<_> =
        fs::read_dir(out.join("proxy-exfiltration")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    assert!(left.len() == 1 && left[0].to_str().unwrap().ends_with(".partial"), "{left:?}");
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(left[0].join("run.json")).unwrap()).unwrap();
    assert_eq!((manifest["status"].as_str(), manifest["exit_code"].as_u64()), (Some("failed"), Some(1)));
    for wrong in ["lots", "-1", "4 bananas"] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn a_run_that_would_not_fit_is_warned_of() {
    let experiment = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/first-look.yaml");
    let told = gonogo(&["run", experiment, "--dry-run", "--max-memory", "10MB"]);
    let (data, said) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert_eq!(told.status.code(), Some(0), "{said}");
    assert!(said.contains("warning[W206]") && said.contains("more than the 10\u{202f}MB of `--max-memory`"), "{said}");
    assert!(data.contains("units     about") && data.contains("memory    about") && data.contains("time      about"), "{data}");
    let json = gonogo(&["run", experiment, "--dry-run", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(told["units"].as_u64().unwrap() > 1_000 && told["peak_bytes"].as_u64().unwrap() > 10_000_000, "{told}");
}

/// Stops a run once a file is there.
struct StopsAfter<'a>(&'a Path, &'static str);

impl Observer for StopsAfter<'_> {
    fn event(&self, _: Event) {}

    fn cancelled(&self) -> bool {
        let runs = fs::read_dir(self.0).into_iter().flatten().flatten();
        runs.map(|run| run.path().join(self.1)).any(|file| file.exists())
    }
}

/// What stops a run for its memory is asked in the same places.
#[test]
fn a_run_ends_between_planting_and_studies_and_between_their_points() {
    let set = ["algorithms=[ecod]", "evaluate.study=[stability, peers_ablation]"].map(str::to_owned);
    let loaded = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/authentication.yaml"), &set).unwrap();
    for (seen, never) in [("shape.json", "injection.json"), ("injection.json", "study.json")] {
        let dir = tempfile::tempdir().unwrap();
        let runs = dir.path().join(&loaded.experiment.name);
        let ended = pipeline::run(&loaded, &options(dir.path()), &StopsAfter(&runs, seen));
        assert!(matches!(ended, Err(gonogo::error::Error::Interrupted)), "{seen}");
        let left: Vec<_> = fs::read_dir(&runs).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
        assert!(left.len() == 1 && left[0].to_str().unwrap().ends_with(".partial"), "{left:?}");
        assert!(left[0].join(seen).exists() && !left[0].join(never).exists(), "{seen} is the last");
        let manifest: serde_json::Value = serde_json::from_slice(&fs::read(left[0].join("run.json")).unwrap()).unwrap();
        assert_eq!(manifest["status"], "partial");
    }
}
