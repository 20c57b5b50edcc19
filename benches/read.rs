//! How fast logs become events and a matrix of 13 fields, and in how much memory: `cargo bench --bench read`.
//!
//! ```text
//! cargo bench --bench read                          1 and 5 million events
//! cargo bench --bench read -- 1 23                  so many millions
//! cargo bench --bench read -- 5 --python PYTHON     and polars in Python on the same files (benches/read.py)
//! cargo bench --bench read -- 1 5 --readme          and puts the table into README.md
//! ```
//!
//! Logs are made by the project's own generator, once, below the target folder. Each figure is the best of three processes of its own (of 23
//! million events, one process, and not all lines), told by the system: wall time, CPU time, largest memory. Compare the ratios, or two commits
//! on one machine; the machine is not part of them.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use gonogo::{
    experiment::load::load,
    fields::scale,
    generate::{DemoOptions, demo},
    observe::Silent,
    run::{gather::gather, machine},
    source::{Cache, ReadPlan, Source},
};

type Done<T> = Result<T, Box<dyn Error>>;

/// The columns that the 13 fields are made from.
const COLUMNS: [&str; 8] = ["timestamp", "user", "host", "method", "action", "status", "bytes_up", "bytes_down"];

const EXPERIMENT: &str = r#"version: 1
name: read
use_case: { title: Benchmark of reading }
sources: { proxy: { path: proxy/*.log.gz, format: elff, where: "action <> 'DENIED'" } }
window: { start: 2026-03-02, train_end: 2026-03-12, end: 2026-03-16 }
entity: { key: [user], every: 1h }
fields:
  requests:   { count: "*" }
  bytes_up:   { sum: bytes_up, scale: log }
  bytes_down: { sum: bytes_down, scale: log }
  uploads:    { count: "*", where: "method in ('POST', 'PUT')" }
  hosts:      { distinct: host }
  failed:     { share: "status >= 400" }
  night:      { share: "hour(timestamp) < 6" }
  largest:    { max: bytes_up, scale: log }
  spread:     { entropy: host }
  new_hosts:  { unseen: host, by: user }
  new_to_all: { unseen: host }
  rare_hosts: { rarity: host, agg: max, scope: period }
  since_host: { since: host, by: user, agg: max }
algorithms: [ecod]
"#;

/// Millions of events, people, events of a person a day; over two weeks.
const SIZES: [(&str, u32, f64); 3] = [("1", 480, 150.0), ("5", 1_200, 290.0), ("23", 2_000, 830.0)];

/// What is measured: how it is called in the table, and the name of the process that does it.
const STAGES: [(&str, &str); 6] = [
    ("`gzip -dc`", "gzip"),
    ("events, 8 of 25 columns", "events"),
    ("events, all columns", "all"),
    ("matrix of 13 fields", "matrix"),
    ("matrix, first run, events kept", "keep"),
    ("matrix, second run, of kept events", "again"),
];

const TIMES: usize = 3;

/// The size that is measured once, and only to events and to the matrix.
const LARGE: &str = "23";

/// One line of the table.
struct Line {
    size: String,
    stage: &'static str,
    wall: f64,
    cpu: f64,
    peak: u64,
    text: f64,
}

fn main() -> Done<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [child, stage, folder] = &arguments[..]
        && child == "--child"
    {
        return work(stage, Path::new(folder));
    }
    let python = arguments.iter().position(|a| a == "--python").and_then(|at| arguments.get(at + 1));
    let sizes: Vec<&String> = arguments.iter().filter(|a| SIZES.iter().any(|(size, ..)| size == a)).collect();
    let mut lines = Vec::new();
    for (size, users, events) in SIZES {
        if sizes.iter().any(|s| *s == size) || sizes.is_empty() && size != LARGE {
            lines.extend(measure(size, &logs(size, users, events)?, python)?);
        }
    }
    let table = table(&lines);
    print!("{table}");
    if arguments.iter().any(|a| a == "--readme") { into_readme(&table) } else { Ok(()) }
}

/// The folder of the logs; they are made where they are not there.
fn logs(size: &str, users: u32, events_per_user_day: f64) -> Done<PathBuf> {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("read-{size}m"));
    // Written after all logs.
    if !out.join("README.md").exists() {
        eprintln!("making {size} million events in {}", out.display());
        demo(&DemoOptions { users, events_per_user_day, ..DemoOptions::committed(&out) }, &Silent)?;
    }
    fs::write(out.join("experiment.yaml"), EXPERIMENT)?;
    Ok(out)
}

fn measure(size: &str, logs: &Path, python: Option<&String>) -> Done<Vec<Line>> {
    let mut lines = Vec::new();
    let (mut text, mut events) = (0.0, String::new());
    let own = std::env::current_exe()?;
    let with_python = python.map(|_| ("polars in Python: matrix of 13 fields", "python"));
    let large = size == LARGE;
    let stages = STAGES.into_iter().chain(with_python).filter(|(_, name)| !large || matches!(*name, "gzip" | "events" | "matrix"));
    for (stage, name) in stages {
        let mut best: Option<Line> = None;
        for _ in 0..if large { 1 } else { TIMES } {
            let mut command = match (name, python) {
                ("gzip", _) => {
                    let mut gzip = Command::new("gzip");
                    gzip.arg("-dc").args(files(logs)?).stdout(Stdio::null());
                    gzip
                }
                ("python", Some(python)) => {
                    let mut script = Command::new(python);
                    script.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/read.py")).arg(logs);
                    script
                }
                _ => {
                    let mut child = Command::new(&own);
                    child.args(["--child", name]).arg(logs);
                    child
                }
            };
            let (before, started) = (machine::children_cpu_seconds(), Instant::now());
            let output = command.stderr(Stdio::inherit()).output()?;
            let wall = started.elapsed().as_secs_f64();
            if !output.status.success() {
                return Err(format!("{name} failed").into());
            }
            let cpu = machine::children_cpu_seconds().zip(before).map_or(0.0, |(after, before)| after - before);
            // A child says: largest memory, events, bytes of text.
            let said = String::from_utf8(output.stdout)?;
            let said: Vec<&str> = said.split_whitespace().collect();
            let peak = said.first().and_then(|word| word.parse().ok()).unwrap_or(0);
            if let ("events", [_, rows, bytes]) = (name, &said[..]) {
                text = bytes.parse::<f64>()? / 1e6;
                events = format!("{:.1} M events, {:.2} GB", rows.parse::<f64>()? / 1e6, text / 1e3);
            }
            if best.as_ref().is_none_or(|best| cpu < best.cpu) {
                best = Some(Line { size: size.to_owned(), stage, wall, cpu, peak, text });
            }
        }
        if let Some(line) = best {
            eprintln!("{size} M, {stage}: wall {:.2} s, CPU {:.2} s, {:.0} MB", line.wall, line.cpu, line.peak as f64 / 1e6);
            lines.push(line);
        }
    }
    lines.iter_mut().for_each(|line| (line.size, line.text) = (events.clone(), text));
    Ok(lines)
}

fn files(logs: &Path) -> Done<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(logs.join("proxy"))?.map(|entry| Ok(entry?.path())).collect::<Done<_>>()?;
    files.sort();
    Ok(files)
}

/// What a child process does; it says its largest memory, and what it read.
fn work(stage: &str, logs: &Path) -> Done<()> {
    let loaded = load(&logs.join("experiment.yaml"), &[])?;
    let folder = logs.join("cache");
    if stage == "keep" && folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let cache = matches!(stage, "keep" | "again").then(|| Cache::open(folder, Cache::MOST_BYTES)).transpose()?;
    let cache = cache.as_ref();
    let quality = match stage {
        "matrix" | "keep" | "again" => {
            let gathered = gather(&loaded, loaded.experiment.seed, cache, &Silent)?;
            let (table, parts) = (&gathered.table, &gathered.parts);
            let matrices = scale(table, &parts.training_units, &parts.judged_units, loaded.experiment.scale)?;
            assert!(matrices.training.nrows() > 0 && matrices.training.ncols() == 13, "a matrix of 13 fields");
            gathered.quality.sources[0].clone()
        }
        _ => {
            let (name, spec) = loaded.experiment.events_source()?;
            let columns = (stage != "all").then(|| COLUMNS.map(str::to_owned).into());
            Source::open(name, spec, logs)?.read(&ReadPlan { columns, cache, ..ReadPlan::default() }, &Silent, &mut |_| Ok(()))?
        }
    };
    let text: u64 = quality.files.iter().map(|file| file.text_bytes).sum();
    println!("{} {} {text}", machine::peak_bytes().unwrap_or(0), quality.rows_parsed);
    Ok(())
}

fn table(lines: &[Line]) -> String {
    let mut text =
        String::from("| logs | what | wall s | CPU s | MB of text a CPU second | peak MB |\n| --- | --- | --- | --- | --- | --- |\n");
    for Line { size, stage, wall, cpu, peak, text: megabytes } in lines {
        let peak = if *peak == 0 { "–".to_owned() } else { format!("{:.0}", *peak as f64 / 1e6) };
        text += &format!("| {size} | {stage} | {wall:.2} | {cpu:.2} | {:.0} | {peak} |\n", megabytes / cpu);
    }
    text
}

/// Puts the table between its marks.
fn into_readme(table: &str) -> Done<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path)?;
    let (begin, end) = ("<!-- cargo bench --bench read -->\n", "<!-- end -->");
    let (Some(from), Some(to)) = (readme.find(begin).map(|at| at + begin.len()), readme.find(end)) else {
        return Err("README.md lacks the marks of the table".into());
    };
    fs::write(&path, format!("{}{table}{}", &readme[..from], &readme[to..]))?;
    Ok(())
}
