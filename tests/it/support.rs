//! Running the program, and finding what tests run on.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use serde_json::Value;

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program, ready to be given arguments, in the project's folder; no colours, no progress.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command
        .current_dir(root())
        .env("NO_COLOR", "1")
        .env_remove("GONOGO_OUT")
        .env_remove("GONOGO_FORMAT")
        .env("GONOGO_NO_CACHE", "1")
        .stdin(Stdio::null());
    command
}

/// Runs the program; whatever it is given, it must not panic.
pub fn gonogo<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Output {
    let output = program().args(arguments).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!told.contains("panicked at"), "{told}");
    output
}

/// The exit code, stdout and stderr as text.
pub fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// Runs an experiment below `out` with `--format json`, and gives the exit code and what stdout says.
pub fn run_json(experiment: &Path, out: &Path, more: &[&str]) -> (i32, Value) {
    let mut arguments = vec!["run", experiment.to_str().unwrap(), "--out", out.to_str().unwrap(), "--format", "json"];
    arguments.extend(more);
    let (code, stdout, stderr) = told(&gonogo(&arguments));
    let value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: stdout {stdout:?}, stderr {stderr}"));
    (code, value)
}

/// A JSON file of a run.
pub fn json(run: &Path, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(run.join(name)).unwrap()).unwrap()
}

/// Says why a test did not run. Written past the test runner, which keeps what `println!` says of a test that passes to itself.
pub fn aloud(why: &str) {
    let _ = writeln!(std::io::stderr(), "{why}");
}

/// Holds README to a row of a table that was just computed: its words are the same, its numbers differ by `tolerance` at most, which is what
/// rounding and another processor may change.
pub fn readme_tells(row: &str, tolerance: f64) {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let cells = |line: &str| line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let alike = |a: &String, b: &String| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= tolerance,
        _ => a == b,
    };
    let wanted = cells(row);
    let told = |line: &&str| {
        let found = cells(line);
        found.len() == wanted.len() && found.iter().zip(&wanted).all(|(a, b)| alike(a, b))
    };
    assert!(
        readme.lines().filter(|line| line.starts_with('|')).any(|line| told(&line)),
        "README has no such row (within {tolerance}): {row}"
    );
}

/// The real data that lie beside the project on some machines.
pub fn shared(path: &str) -> Option<PathBuf> {
    let folders = [std::env::var_os("GONOGO_SHARED").map(PathBuf::from), Some(root().join("../shared"))];
    let found = folders.into_iter().flatten().map(|folder| folder.join("data").join(path)).find(|path| path.exists());
    if found.is_none() {
        aloud(&format!("skipped: no ../shared/data/{path}"));
    }
    found
}

/// One run of the shipped proxy experiment on the demonstration data, shared by the tests that only look at it.
pub fn demo() -> &'static Path {
    static DEMO: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, run) = DEMO.get_or_init(|| {
        let out = tempfile::tempdir().unwrap();
        let (code, told) = run_json(Path::new("experiments/proxy-exfiltration.yaml"), out.path(), &[]);
        assert_eq!(code, 0);
        (out, PathBuf::from(told["run"].as_str().unwrap()))
    });
    run
}
