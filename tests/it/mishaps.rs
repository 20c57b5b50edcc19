//! What happens to a run from outside: killed at any moment, no room, no right to write, a clock set back, another run beside it. Earlier runs
//! stay whole, a broken one is never taken for a good one, and the next run works.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{aloud, json, program, told};

const EXPERIMENT: &str = r#"version: 1
name: small
use_case: { title: t }
sources: { log: { path: log.csv, format: csv, time: { column: time } } }
window: { start: 2026-03-02, train_end: 2026-03-05, end: 2026-03-07 }
entity: { key: [user], every: 1h }
fields: { n: { count: "*" }, bytes: { sum: bytes }, hosts: { distinct: host } }
algorithms: [ecod, isolation-forest]
labels: { column: label, benign: [0], complete: true }
baseline: { rule: "bytes > 80000" }
"#;

/// A folder with a small experiment, its log of five days, and places for reports and for what is kept of parsed files.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.yaml"), EXPERIMENT).unwrap();
        let mut log = "time,user,host,bytes,label\n".to_owned();
        let mut state = 1u32;
        for row in 0..6_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (day, hour, minute) = (2 + row / 1_200, row % 1_200 / 50, row % 50);
            let label = u8::from(state >> 24 == 7);
            let _ = writeln!(
                log,
                "2026-03-0{day}T{hour:02}:{minute:02}:00Z,u{},h{}.example,{},{label}",
                (state >> 8) % 9,
                state >> 20,
                state >> 16
            );
        }
        fs::write(folder.path().join("log.csv"), log).unwrap();
        Self(folder)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program in this folder, with its reports and what it keeps.
    fn gonogo(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.current_dir(self.0.path()).env_remove("GONOGO_NO_CACHE").env("GONOGO_CACHE", "kept").env("GONOGO_OUT", "out");
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A run that ends well; its folder.
    fn run(&self) -> PathBuf {
        let (code, stdout, stderr) = told(&self.gonogo(&["run", "x.yaml", "--format", "json"]).output().unwrap());
        assert_eq!(code, 0, "{stderr}");
        let said: Value = serde_json::from_str(&stdout).unwrap();
        self.at(said["run"].as_str().unwrap())
    }

    fn listed(&self) -> Vec<Value> {
        let (code, stdout, stderr) = told(&self.gonogo(&["list", "runs", "--format", "json"]).output().unwrap());
        assert_eq!(code, 0, "{stderr}");
        serde_json::from_str(&stdout).unwrap()
    }

    /// Runs a script of the shell, `$GONOGO` being the program, where it may mount; `None`, said aloud, where the system does not let it.
    fn mounting(&self, script: &str) -> Option<(i32, String, String)> {
        let allowed = Command::new("unshare").args(["-rm", "sh", "-c", "mount -t tmpfs none /mnt"]).stdin(Stdio::null()).output();
        if !allowed.is_ok_and(|output| output.status.success()) {
            aloud("skipped: an ordinary user cannot mount a small disk here (unshare -rm)");
            return None;
        }
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-euc", script]).current_dir(self.0.path()).env("GONOGO", program().get_program());
        command
            .env("NO_COLOR", "1")
            .env("GONOGO_OUT", "out")
            .env("GONOGO_CACHE", "kept")
            .env_remove("GONOGO_NO_CACHE")
            .stdin(Stdio::null());
        Some(told(&command.output().unwrap()))
    }
}

/// Every file below a folder, by its path below it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Numbers from 0 to 1 that are the same each time.
fn moments() -> impl Iterator<Item = f64> {
    let mut state = 20_260_302u32;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    })
}

#[test]
fn fifty_kills_lose_nothing() {
    let place = Place::new();
    let begin = Instant::now();
    let good = place.run();
    let takes = begin.elapsed();
    let before = files(&good);
    let mut killed = 0;
    let moments: Vec<f64> = moments().take(50).collect();
    // Two at once, which is half of the time, and they are in each other's way.
    for pair in moments.chunks(2) {
        let start = Instant::now();
        let mut runs: Vec<_> = pair
            .iter()
            .map(|moment| (*moment, place.gonogo(&["run", "x.yaml"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()))
            .collect();
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (moment, mut child) in runs {
            std::thread::sleep(takes.mul_f64(moment).saturating_sub(start.elapsed()));
            child.kill().unwrap();
            killed += usize::from(child.wait().unwrap().code().is_none());
        }
    }
    assert!(killed > 0, "every run was over before it was killed");
    assert!(files(&good) == before, "the earlier run is as it was");
    let on_disk = |partial: bool| {
        let folders = fs::read_dir(place.at("out/small")).unwrap().map(|entry| entry.unwrap().path());
        folders.filter(|path| path.to_string_lossy().ends_with(".partial") == partial).collect::<Vec<_>>()
    };
    // Killed before its folder was there, it leaves nothing.
    let (broken, whole) = (on_disk(true), on_disk(false));
    assert!(!broken.is_empty() && broken.len() <= killed && broken.len() + whole.len() <= 51, "{killed} killed, left {broken:?}");
    for path in &whole {
        for name in ["evaluation.json", "decision.json", "alerts.csv", "report.html"] {
            assert!(path.join(name).exists(), "{name} of {}", path.display());
        }
        assert_eq!(json(path, "run.json")["status"], "done");
    }
    for run in place.listed() {
        let is_broken = run["folder"].as_str().unwrap().ends_with(".partial");
        assert_eq!(run["status"], if is_broken { "partial" } else { "done" }, "{run}");
    }
    // What is kept of the log is whole or not there: the next run takes it, and gives the same.
    let next = place.run();
    for name in ["quality.json", "fields.json", "alerts.csv", "decision.json", "scores/ecod.parquet"] {
        assert!(fs::read(next.join(name)).unwrap() == before[Path::new(name)], "{name} of the next run");
    }
    let ok = |arguments: &[&str]| {
        let (code, stdout, stderr) = told(&place.gonogo(arguments).output().unwrap());
        assert_eq!(code, 0, "{arguments:?}: {stderr}");
        stdout
    };
    assert!(ok(&["report", "latest"]).contains(next.file_name().unwrap().to_str().unwrap()));
    assert!(!ok(&["compare", "--format", "json"]).contains(".partial"));
    for path in &broken {
        for verb in ["report", "review", "compare"] {
            let path = path.to_str().unwrap();
            let arguments = if verb == "compare" { vec![verb, path, path] } else { vec![verb, path] };
            let (code, _, stderr) = told(&place.gonogo(&arguments).output().unwrap());
            assert!(code == 1 || code == 2, "{verb} {path}: {code} {stderr}");
        }
    }
    println!("{killed} of 50 killed, {} left behind, {} whole, a run takes {takes:.2?}", broken.len(), whole.len());
}

#[test]
fn a_clock_set_back_does_not_hide_the_newest_run() {
    let place = Place::new();
    let first = place.run();
    // As if the clock had stood in another century when it ran.
    let ahead = place.at("out/small/2099-01-01T00-00-00Z-abcdef");
    fs::rename(&first, &ahead).unwrap();
    let mut manifest = json(&ahead, "run.json");
    (manifest["started"], manifest["run"]) = ("2099-01-01T00:00:00Z".into(), "2099-01-01T00-00-00Z-abcdef".into());
    fs::write(ahead.join("run.json"), manifest.to_string()).unwrap();
    let before = files(&ahead);
    let (second, third) = (place.run(), place.run());
    assert_ne!(second, third);
    assert!(files(&ahead) == before);
    let order: Vec<String> = place.listed().iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect();
    let names = [&ahead, &second, &third].map(|run| run.file_name().unwrap().to_str().unwrap().to_owned());
    assert_eq!(order[0], names[0]);
    assert!(order[1..].contains(&names[1]) && order[1..].contains(&names[2]));
    let told_of = json(&third, "run.json");
    assert_eq!(told_of["after"], "2099-01-01T00:00:00Z");
    assert!(told_of["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "W204"));
    let (code, stdout, stderr) = told(&place.gonogo(&["report", "latest"]).output().unwrap());
    assert!(code == 0 && stdout.contains(&order[2]), "{stdout}{stderr}");
    let (_, stdout, _) = told(&place.gonogo(&["compare", "--format", "json"]).output().unwrap());
    let compared: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(compared["columns"].as_array().unwrap().last().unwrap()["run"], order[2].as_str());
}

#[test]
fn runs_at_once_in_one_folder_with_one_cache() {
    let place = Place::new();
    let children: Vec<_> = (0..4).map(|_| place.gonogo(&["run", "x.yaml", "--format", "json"]).spawn().unwrap()).collect();
    let mut runs = Vec::new();
    for child in children {
        let (code, stdout, stderr) = told(&child.wait_with_output().unwrap());
        assert_eq!(code, 0, "{stderr}");
        let said: Value = serde_json::from_str(&stdout).unwrap();
        runs.push(place.at(said["run"].as_str().unwrap()));
    }
    let alone = place.run();
    for run in &runs {
        assert_eq!(json(run, "run.json")["run"], run.file_name().unwrap().to_str().unwrap());
        for name in ["quality.json", "alerts.csv", "decision.json", "scores/ecod.parquet"] {
            assert!(fs::read(run.join(name)).unwrap() == fs::read(alone.join(name)).unwrap(), "{name} of {}", run.display());
        }
    }
    runs.sort();
    runs.dedup();
    assert_eq!(runs.len(), 4);
    assert!(place.listed().iter().all(|run| run["status"] == "done"));
    let (_, stdout, _) = told(&place.gonogo(&["cache"]).output().unwrap());
    assert!(stdout.contains("1 files"), "{stdout}");
}

#[test]
fn a_full_disk_ends_the_run_and_touches_no_other() {
    let place = Place::new();
    let good = place.run();
    fs::rename(place.at("out"), place.at("before")).unwrap();
    fs::create_dir(place.at("out")).unwrap();
    let script = r#"
        mount -t tmpfs -o size=64m none out
        cp -r before/. out
        free=$(df -k --output=avail out | tail -1)
        head -c $(((free - 60) * 1024)) /dev/zero > out/fill
        code=0; "$GONOGO" run x.yaml --no-cache 2> told || code=$?
        diff -r before/small out/small > differs || true
        rm out/fill
        "$GONOGO" list runs --format json > listed
        "$GONOGO" report latest > latest
        "$GONOGO" run x.yaml --no-cache > next 2>&1
        exit $code"#;
    let Some((code, stdout, stderr)) = place.mounting(script) else { return };
    let read = |name: &str| fs::read_to_string(place.at(name)).unwrap();
    assert_eq!(code, 1, "{stdout}{stderr}{}", read("told"));
    let error = read("told");
    assert!(error.contains("out/small/") && error.contains("No space left on device"), "{error}");
    assert!(error.contains("the disk is full: make room, or name a folder on another disk"), "{error}");
    // The one difference is the broken run's folder.
    let differs = read("differs");
    assert!(differs.lines().all(|line| line.starts_with("Only in out/small") && line.ends_with(".partial")), "{differs}");
    let listed: Vec<Value> = serde_json::from_str(&read("listed")).unwrap();
    assert_eq!(listed.iter().filter(|run| run["status"] == "done").count(), 1, "{listed:?}");
    assert!(listed.iter().all(|run| run["status"] != "running"), "{listed:?}");
    assert!(read("latest").contains(good.file_name().unwrap().to_str().unwrap()));
    assert!(read("next").contains("Report: "), "{}", read("next"));
}

#[test]
fn a_full_cache_makes_nothing_worse() {
    let place = Place::new();
    let good = place.run();
    fs::remove_dir_all(place.at("kept")).unwrap();
    fs::create_dir(place.at("kept")).unwrap();
    let script = r#"
        mount -t tmpfs -o size=32k none kept
        "$GONOGO" run x.yaml 2> told
        "$GONOGO" cache --format json > listed
        ls -A kept > left"#;
    let Some((code, stdout, stderr)) = place.mounting(script) else { return };
    let read = |name: &str| fs::read_to_string(place.at(name)).unwrap();
    assert_eq!(code, 0, "{stdout}{stderr}{}", read("told"));
    assert!(read("told").contains("W109") && read("told").contains("No space left on device"), "{}", read("told"));
    let listed: Value = serde_json::from_str(&read("listed")).unwrap();
    assert_eq!((listed["entries"].as_array().unwrap().len(), read("left").as_str()), (0, ""), "no entry, and nothing half written");
    let other = gonogo::record::folder::find(&place.at("out"), "latest").unwrap();
    assert_ne!(good, other);
    for name in ["quality.json", "alerts.csv", "scores/ecod.parquet"] {
        assert!(fs::read(good.join(name)).unwrap() == fs::read(other.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_said_before_any_work() {
    let place = Place::new();
    fs::create_dir(place.at("out")).unwrap();
    let script = r#"
        mount -t tmpfs none out
        mount -o remount,ro out
        code=0; "$GONOGO" run x.yaml --no-cache 2> told || code=$?
        exit $code"#;
    let Some((code, stdout, stderr)) = place.mounting(script) else { return };
    let told = fs::read_to_string(place.at("told")).unwrap();
    assert_eq!(code, 1, "{stdout}{stderr}{told}");
    assert!(told.contains("out/small") && told.contains("name a folder on another disk") && !told.contains("Reading"), "{told}");
}

#[test]
fn an_entry_of_the_cache_that_was_spoilt_is_made_anew() {
    let place = Place::new();
    let good = place.run();
    let entry = fs::read_dir(place.at("kept")).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    let events = entry.join("events.parquet");
    let whole = fs::read(&events).unwrap();
    fs::write(&events, vec![0; whole.len()]).unwrap();
    let other = place.run();
    assert!(fs::read(&events).unwrap() == whole, "it is as it was");
    assert!(fs::read(good.join("quality.json")).unwrap() == fs::read(other.join("quality.json")).unwrap());
}
