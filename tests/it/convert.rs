//! `gonogo convert`: what it writes is read by other tools, and is what was in the logs.

use std::{path::PathBuf, process::Command};

use crate::support::{aloud, program, told};

/// Counts rows and sums with a tool of Python's, and says both; one tool each, so that each may be missing.
const TOOLS: [(&str, &str); 4] = [
    (
        "polars",
        "import polars as pl\nf = pl.read_parquet(out + '/**/*.parquet', hive_partitioning=True)\nprint(f.height, f['bytes_up'].sum(), f['day'].n_unique())",
    ),
    (
        "duckdb",
        "import duckdb\nprint(*duckdb.sql(f\"select count(*), sum(bytes_up), count(distinct day) from read_parquet('{out}/**/*.parquet', hive_partitioning=true)\").fetchall()[0])",
    ),
    ("pandas", "import pandas as pd, pyarrow\nf = pd.read_parquet(out)\nprint(len(f), int(f['bytes_up'].sum()), f['day'].nunique())"),
    (
        "pyarrow",
        "import pyarrow.dataset as ds, pyarrow.compute as pc\nt = ds.dataset(out, partitioning='hive').to_table()\nprint(t.num_rows, pc.sum(t['bytes_up']), len(pc.unique(t['day'])))",
    ),
];

#[test]
fn other_tools_read_what_was_in_the_logs() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("events");
    let run = program().args(["convert", "datasets/proxy/*.log.gz", "--as", "elff", "--out"]).arg(&out).output().unwrap();
    let (code, stdout, stderr) = told(&run);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("14 Parquet files"), "{stdout}");
    let python = std::env::var_os("GONOGO_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    for (tool, script) in TOOLS {
        let there = Command::new(&python).args(["-c", &format!("import {tool}")]).output().is_ok_and(|output| output.status.success());
        if !there {
            aloud(&format!("skipped: no {tool} for {} (another Python: GONOGO_PYTHON)", python.display()));
            continue;
        }
        let said = Command::new(&python).args(["-c", &format!("import sys\nout = sys.argv[1]\n{script}")]).arg(&out).output().unwrap();
        let (_, stdout, stderr) = told(&said);
        assert_eq!(stdout.split_whitespace().collect::<Vec<_>>(), EXPECTED, "{tool}: {stderr}");
    }
}

/// Rows, sum of `cs-bytes`, days:
/// `zcat datasets/proxy/*.gz | grep -v '^#' | grep -oE ' [0-9]+ [^ ]+$' | awk '{ n++; s += $1 } END { printf "%d %.0f\n", n, s }'`, and 14 files.
const EXPECTED: [&str; 3] = ["271068", "320212956917", "14"];

#[test]
fn a_log_of_which_nothing_becomes_a_row_is_an_error_and_what_is_left_out_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let convert = |name: &str, text: &str, out: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        told(&program().current_dir(folder.path()).args(["convert", name, "--out", out]).output().unwrap())
    };
    // Of which year these are nobody says.
    let line = "Mar  2 08:00:00 host sshd[1]: Accepted password for ann from 10.0.0.1 port 5000 ssh2\n";
    let (code, stdout, stderr) = convert("auth.log", &line.repeat(3), "none");
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(stderr.contains("no row can be written: of 3 lines, 0 are malformed and 3 have no time"), "{stderr}");
    assert!(!folder.path().join("none").exists(), "nothing is left behind");
    let (code, stdout, _) = convert(
        "x.log",
        "#Fields: date time c-ip cs-username\n2026-03-02 08:00:00 10.0.0.1 ann\n2026-03-02 08:00:01 10.0.0.1 ann\n2026-13-02 08:00:00 10.0.0.2 bob\n2026-03-02 25:00:00 10.0.0.2 bob\n",
        "some",
    );
    assert!(code == 0 && stdout.contains("2 rows in 1 Parquet file below some"), "{stdout}");
    assert!(stdout.contains("not written: 0 malformed lines, 2 rows without a time"), "{stdout}");
}
