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
        "import duckdb\nprint(*duckdb.sql(f\"select count(*), sum(bytes_up), count(distinct day) from read_parquet('{out}/**/*.parquet', hive_partitioning=true)\").fetchone())",
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
