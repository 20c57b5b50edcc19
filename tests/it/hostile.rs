//! Log content written by an attacker reaches no output of a run unescaped: pages, charts, tables, workbooks, Markdown, JSON, the terminal.

use std::{collections::BTreeSet, ffi::OsStr, fs, path::Path, thread};

use self::formats::{LOGS, Log};
use crate::{
    privacy::{content, files},
    support::{program, told},
};

mod formats;

/// What an attacker may write into a log.
fn texts() -> Vec<String> {
    let short = [
        "</script></style></title><script>document.title='owned'</script>",
        "\"><img src=x onerror=document.title='owned'>",
        "]]><svg onload=x>--><!--",
        "\u{1b}[31mred\u{1b}[2J\u{1b}]0;title\u{7}",
        "\u{1b}]8;;http://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\",
        "\u{1b}]52;c;ZXZpbA==\u{7}",
        "\u{9b}31m\u{9d}52;c;ZQ==\u{9c}",
        "=HYPERLINK(\"http://evil.example\",\"x\")",
        "+1+cmd|'/C calc'!A0",
        "-2+3",
        "@SUM(1,1)",
        "\t=1+1",
        "\r=1+1",
        ";=1+1;,=1+1",
        "\u{ff1d}1+1",
        "adm\u{202e}nimda\u{2066}x\u{2069}\u{200f}",
        "ad\u{200b}min\u{feff}\u{2060}\u{ad}",
        "nul\0nul",
        "one\ntwo\r\nthree\u{2028}four\u{85}",
        "{\"a\":[1,\"\\u001b[31m\"]},",
        "# h *b* [l](http://evil.example) ![p](http://evil.example/p.png) <http://evil.example> ~~~ ``` | a |",
        "'}: [*x, &y !!python/object {a: b} # c\n- d: \"e\"",
        "_x001B_[31m",
        "\u{e0041}\u{e0001}x",
    ];
    short.into_iter().map(str::to_owned).chain(["A".repeat(1 << 20)]).collect()
}

/// Shows nothing, or moves its neighbours: a list of its own, not that of the program.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

const EXPERIMENT: &str = r#"version: 1
name: hostile
use_case: { title: TITLE, question: TITLE }
sources:
  log: { path: log.csv, format: csv, time: { column: time }, max_malformed: 0.5 }
  cmdb: { path: cmdb.csv, format: csv }
enrich: [{ join: cmdb, on: { user: user } }]
window: { start: 2026-03-02, train_end: 2026-03-04, end: 2026-03-06 }
entity: { key: [user, method], every: 1d }
fields:
  n: { count: "*" }
  bytes: { sum: bytes }
  hosts: { distinct: host }
  rare: { rarity: agent, agg: max }
  method_is: { category: method }
  dept_is: { category: dept }
algorithms: [ecod, hbos]
labels: { path: labels.csv, complete: false }
baseline: { rule: "bytes > 600" }
evaluate: { alerts: { budget: 100 } }
suppress: [{ when: "user = 'nobody'", reason: TITLE }]
"#;

fn lay(at: &Path) {
    let mut log = b"time,user,host,url,agent,method,bytes\n".to_vec();
    let (mut labels, mut cmdb) = ("user,start,end,incident\n".to_owned(), "user,dept\n".to_owned());
    for (index, text) in texts().iter().enumerate() {
        let (value, short) = (cell(text), cell(&text.chars().take(500).collect::<String>()));
        for day in 2..6 {
            let bytes = 100 + 40 * index + if day == 5 { 900 } else { 0 };
            let line = format!("2026-03-0{day}T08:00:00Z,{value},{short},{short},{short},{short},{bytes}\n");
            log.extend(line.into_bytes());
        }
        labels.push_str(&format!("{value},2026-03-05T00:00:00Z,2026-03-06T00:00:00Z,{short}\n"));
        cmdb.push_str(&format!("{value},{short}\n"));
    }
    log.extend(b"2026-03-05T08:00:00Z,bad\xff\xfe\xc3(,h,u,a,m,1\n2026-03-05T08:00:00Z,torn \x1b]52;c;x\x07\xe2\x80\xae\n");
    fs::write(at.join("log.csv"), log).unwrap();
    fs::write(at.join("labels.csv"), labels).unwrap();
    fs::write(at.join("cmdb.csv"), cmdb).unwrap();
    let title = serde_json::to_string("</title><script>x</script>\u{1b}]52;c;x\u{7}\u{202e}=1+1").unwrap();
    fs::write(at.join("x.yaml"), EXPERIMENT.replace("TITLE", &title)).unwrap();
}

/// Runs the program there; what it says shows nothing hidden.
fn go<S: AsRef<OsStr> + std::fmt::Debug>(at: &Path, arguments: &[S]) -> i32 {
    let output = program().current_dir(at).env("XDG_CONFIG_HOME", at.join("settings")).args(arguments).output().unwrap();
    let (code, stdout, stderr) = told(&output);
    for (stream, text) in [("stdout", &stdout), ("stderr", &stderr)] {
        assert!(!text.contains("panicked at"), "{arguments:?}: {text}");
        let found = text.char_indices().find(|(_, c)| *c != '\n' && hidden(*c));
        assert!(found.is_none(), "{stream} of {arguments:?}: {found:?}");
    }
    code
}

/// What no page may hold: every `<` begins an element of ours.
fn page(path: &Path, text: &str) {
    for payload in ["<img", "<script>document", "<svg onload", "<script>x", "<!--"] {
        assert!(!text.contains(payload), "{payload} in {}", path.display());
    }
    // It ends something in XML alone.
    let is_svg = path.extension().is_some_and(|kind| kind == "svg");
    assert!(!is_svg || !text.contains("]]>"), "]]> in {}", path.display());
    assert!(!text.contains("evil.example\"") || !text.contains("href=\"http://evil"), "{}", path.display());
}

/// No cell is a formula, and each row has the cells of the header.
fn table(path: &Path, text: &str) {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for cell in &record {
            let formula = cell.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}']) && cell.parse::<f64>().is_err();
            assert!(!formula, "`{cell}` in {}", path.display());
        }
    }
}

/// Markdown without its fenced blocks: one ends at a line of as many tildes as it began with, or more.
fn outside_of_fences(text: &str) -> String {
    let (mut fence, mut kept) = (0, String::new());
    for line in text.lines() {
        let ticks = line.chars().take_while(|c| *c == '~').count();
        match fence {
            0 if ticks >= 3 => fence = ticks,
            0 => kept.extend([line, "\n"]),
            _ if ticks >= fence && line[ticks..].trim().is_empty() => fence = 0,
            _ => {}
        }
    }
    assert_eq!(fence, 0, "a fence that is not closed");
    kept
}

fn look_at(path: &Path) {
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
    if matches!(kind, "png" | "parquet") || path.ends_with("experiment.yaml") {
        return;
    }
    let text = content(path);
    if kind == "xlsx" {
        // A text that looks like a formula is a text there.
        assert!(!["<f>", "<f ", "<hyperlink"].iter().any(|live| text.contains(live)), "a formula or a link in {}", path.display());
        return;
    }
    let found = text.char_indices().find(|(_, c)| !matches!(c, '\n' | '\r') && hidden(*c));
    assert!(found.is_none(), "{found:?} in {}", path.display());
    match kind {
        "html" | "svg" => page(path, &text),
        "csv" => table(path, &text),
        "json" => drop(serde_json::from_str::<serde_json::Value>(&text).unwrap()),
        "md" => {
            // What a backslash or a code span stands before is text.
            let bare = text.replace("\\`", "").replace("\\<", "").replace("\\]", "").replace("\\[", "");
            let bare: String = outside_of_fences(&bare).split('`').step_by(2).collect();
            for live in ["<script", "<img", "](http"] {
                let at = bare.find(live);
                let near = at.map(|at| bare[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect::<String>());
                assert!(at.is_none(), "{live} behind {near:?} in {}", path.display());
            }
        }
        _ => {}
    }
}

/// Sheets that came back from somebody: what stands in every column of theirs, taken in or refused, and in the names of the files.
fn sheets_come_back(at: &Path) {
    let run = gonogo::record::folder::find(&at.join("reports"), "latest").unwrap();
    let drawn = files(&run).into_iter().find(|path| path.ends_with("sheet-1.csv")).expect("a sheet was drawn");
    let mut reader = csv::Reader::from_path(drawn).unwrap();
    let ids: Vec<String> = reader.records().map(|row| row.unwrap()[0].to_owned()).collect();
    let texts = texts();
    let name = "sheet \u{1b}]52;c;x\u{7}\u{202e}<img src=x onerror=document.title='owned'> =1+1.csv";
    let mut good = "id,disposition,incident,note,analyst\n".to_owned();
    let mut bad = good.clone();
    for (index, text) in texts.iter().enumerate() {
        let (text, id) = (cell(&text.chars().take(3_000).collect::<String>()), &ids[index % ids.len()]);
        bad.push_str(&format!("{id},{text},{text},{text},{text}\n{text},fp,,,\n"));
        if index < ids.len() {
            good.push_str(&format!("{id},true_positive,{text},{text},{text}\n"));
        }
    }
    for (text, code) in [(bad, 1), (good.clone(), 0), (good.replace("id,disposition", "</script><script>x,\u{1b}[31m"), 1)] {
        fs::write(at.join(name), text).unwrap();
        assert_eq!(go(at, &["review", "--import", name, "--analyst", "\u{1b}[31m<script>x"]), code);
    }
    // The verdicts themselves are quoted nowhere; sheets drawn afterwards stand beside them.
    assert!(matches!(go(at, &["review"]), 0 | 1));
}

#[test]
fn nothing_hostile_reaches_an_output_unescaped() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    lay(at);
    for arguments in [
        vec!["check", "x.yaml"],
        vec!["check", "--sample", "log.csv"],
        vec!["init", "--from", "log.csv"],
        vec!["run", "x.yaml"],
        vec!["run", "x.yaml", "--set", "iteration=\u{202e}x"],
        vec!["review"],
        vec!["review", "--plan"],
        vec!["list", "runs"],
        vec!["compare"],
        vec!["compare", "--format", "json"],
        vec!["compare", "--format", "markdown"],
        vec!["report", "--format", "markdown"],
        vec!["export", "--to", "csv", "--dir", "out"],
        vec!["export", "--to", "notebook", "--dir", "out"],
        vec!["export", "--to", "mlflow", "--dir", "out/mlruns"],
        vec!["export", "--to", "sigma", "--dir", "out"],
        vec!["report", "--share", "out/shared"],
    ] {
        assert_eq!(go(at, &arguments), 0, "{arguments:?}");
    }
    sheets_come_back(at);
    // No YAML holds control characters.
    assert_eq!(go(at, &["run", "x.yaml", "--set", "iteration=\u{1b}]8;;x\u{7}"]), 2);
    for text in texts().iter().filter(|text| text.len() < 1_000 && !text.contains('\0')) {
        for arguments in [["explain", text], ["list", text], ["check", text], ["--set", text], ["run", text]] {
            let code = go(at, &arguments);
            assert!(matches!(code, 1 | 2), "{arguments:?} ended with {code}");
        }
    }
    let mut seen = files(&at.join("reports"));
    seen.extend(files(&at.join("out")));
    for kind in ["html", "svg", "csv", "xlsx", "md", "json"] {
        assert!(seen.iter().any(|path| path.extension().is_some_and(|found| found == kind)), "a run writes {kind}");
    }
    seen.iter().for_each(|path| look_at(path));
    // They got that far: the search is not for what never was there.
    let run = gonogo::record::folder::find(&at.join("reports"), "latest").unwrap();
    for name in ["report.html", "alerts.csv", "evaluation.json"] {
        assert!(content(&run.join(name)).contains("onerror"), "{name}");
    }
}

/// A file that somebody sent: the name is as hostile as what is in it.
const FILE: &str = "log \u{1b}]52;c;x\u{7}\u{202e} <img src=x onerror=document.title='owned'> =1+1 `#.txt";

fn on(log: &Log) -> String {
    let column = |at: usize| serde_json::to_string(log.columns[at]).unwrap();
    let (first, last) = (column(0), column(log.columns.len() - 1));
    let rarities: String = (0..log.columns.len()).map(|at| format!("  rare_{at}: {{ rarity: {}, agg: max }}\n", column(at))).collect();
    let source = if log.source.is_empty() { String::new() } else { format!(", {}", log.source) };
    format!(
        "version: 1\nname: hostile\nuse_case: {{ title: t }}\n\
         sources: {{ log: {{ path: 'log*', format: {}, max_malformed: 0.9{source} }} }}\n\
         window: {{ start: 2026-03-02, train_end: 2026-03-04, end: 2026-03-06 }}\nentity: {{ key: [{first}], every: 1d }}\n\
         fields:\n  n: {{ count: '*' }}\n{rarities}  kind: {{ category: {first} }}\n  last: {{ category: {last} }}\n\
         algorithms: [ecod]\nevaluate: {{ alerts: {{ budget: 100 }} }}\n",
        log.id
    )
}

/// A name may be any bytes, and no pattern matches it: said, not passed over.
fn a_name_that_is_no_text(at: &Path) {
    use std::os::unix::ffi::OsStrExt as _;
    let name = OsStr::from_bytes(b"log \xff\xfe\x1b[2J<img src=x onerror=document.title='owned'>\xc3.csv");
    fs::copy(at.join(FILE), at.join(name)).unwrap();
    assert_eq!(go(at, &[OsStr::new("check"), OsStr::new("--sample"), name]), 1);
    assert_eq!(go(at, &["run", "x.yaml"]), 1);
    fs::remove_file(at.join(name)).unwrap();
}

/// What a log in this format leaves behind holds nothing that acts.
fn read_and_look(log: &Log) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    log.write(&at.join(FILE), &texts(), &[2, 3, 4, 5]);
    fs::write(at.join("x.yaml"), on(log)).unwrap();
    for arguments in [["check", "--sample", FILE], ["init", "--from", FILE]] {
        // Which kind of event is meant is told by no look at the file.
        let found = i32::from(log.id == "eve");
        assert_eq!(go(at, &arguments), found, "{}: {arguments:?}", log.id);
    }
    // Elsewhere the system refuses such names itself.
    if cfg!(target_os = "linux") && log.id == "csv" {
        a_name_that_is_no_text(at);
    }
    assert_eq!(go(at, &["run", "x.yaml"]), 0, "{}", log.id);
    let run = gonogo::record::folder::find(&at.join("reports"), "latest").unwrap();
    files(&run).iter().for_each(|path| look_at(path));
    assert!(content(&run.join("report.html")).contains("onerror"), "{}: markup got that far", log.id);
    let alerts = content(&run.join("alerts.csv"));
    let mut reader = csv::Reader::from_reader(alerts.as_bytes());
    let entities: BTreeSet<String> = reader.records().map(|row| row.unwrap()[1].to_owned()).collect();
    assert!(entities.len() > texts().len() - 6, "{}: {} texts are told apart", log.id, entities.len());
}

#[test]
fn nothing_hostile_of_any_format_reaches_an_output_unescaped() {
    let known: BTreeSet<&str> = gonogo::source::FORMATS.iter().map(|format| format.id).collect();
    assert_eq!(LOGS.iter().map(|log| log.id).collect::<BTreeSet<_>>(), known, "every format has its hostile log");
    thread::scope(|scope| {
        for part in LOGS.chunks(LOGS.len().div_ceil(2)) {
            scope.spawn(move || part.iter().for_each(read_and_look));
        }
    });
}
