"""The 13 fields of benches/read.rs with polars in Python, on the same files; run by `cargo bench --bench read -- --python PYTHON`.

Prints the largest memory of the process in bytes. Needs polars; written as a user of polars would: lazily, one plan, all files at once.
"""

import glob
import gzip
import resource
import sys

import polars as pl


def header(path: str) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            if line.startswith("#Fields:"):
                return line.split()[1:]
    raise SystemExit(f"{path} names no fields")


def read(path: str) -> pl.DataFrame:
    # A field may stand after two spaces, which is one empty field for a CSV reader: `sc-status` moves to the next column.
    names = header(path)
    at = names.index("sc-status")
    names = [*names[:at], "empty", *names[at:]]
    wanted = ["date", "time", "cs-username", "cs-host", "cs-method", "sc-filter-result", "sc-status", "sc-bytes", "cs-bytes"]
    with gzip.open(path, "rb") as file:
        return pl.read_csv(
            file.read(), separator=" ", has_header=False, new_columns=names, comment_prefix="#", quote_char='"', null_values="-",
            columns=[names.index(name) for name in wanted], schema_overrides={name: pl.String for name in wanted if "bytes" not in name},
        )


def main() -> None:
    files = sorted(glob.glob(sys.argv[1] + "/proxy/*.log.gz"))
    events = (
        pl.concat([read(path) for path in files])
        .lazy()
        .with_columns(pl.concat_str("date", "time", separator=" ").str.to_datetime("%Y-%m-%d %H:%M:%S").alias("timestamp"))
        .filter((pl.col("sc-filter-result") != "DENIED") & pl.col("cs-username").is_not_null())
        .select(
            "timestamp", user="cs-username", host="cs-host", method="cs-method", status=pl.col("sc-status").cast(pl.Int64),
            bytes_up="cs-bytes", bytes_down="sc-bytes", hour=pl.col("timestamp").dt.truncate("1h"),
        )
        .collect()
    )
    unit = ["user", "hour"]
    fields = events.group_by(unit).agg(
        requests=pl.len(),
        bytes_up=pl.col("bytes_up").sum(),
        bytes_down=pl.col("bytes_down").sum(),
        uploads=pl.col("method").is_in(["POST", "PUT"]).sum(),
        hosts=pl.col("host").n_unique(),
        failed=(pl.col("status") >= 400).mean(),
        night=(pl.col("timestamp").dt.hour() < 6).mean(),
        largest=pl.col("bytes_up").max(),
        spread=pl.col("host").value_counts().struct.field("count").entropy(base=2, normalize=True),
    )
    used = events.group_by("user", "hour", "host").agg(first=pl.col("timestamp").min(), last=pl.col("timestamp").max())
    users = events["user"].n_unique()
    used = used.sort("hour").with_columns(
        new=pl.col("hour") == pl.col("hour").min().over("user", "host"),
        new_to_all=pl.col("hour") == pl.col("hour").min().over("host"),
        rare=-(pl.col("user").n_unique().over("host", "hour") / users).log(),
        since=(pl.col("first") - pl.col("last").shift(1).over("user", "host")).dt.total_seconds() / 3600,
    )
    history = used.group_by(unit).agg(
        new_hosts=pl.col("new").sum(),
        new_to_all=pl.col("new_to_all").sum(),
        rare_hosts=pl.col("rare").max(),
        since_host=pl.col("since").max(),
    )
    matrix = fields.join(history, on=unit, how="left")
    assert matrix.height > 0 and len(matrix.columns) == 15
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


main()
