"""Loads an exported run: scores of every contender, unit rows where they were kept, measures, decision.

Needs polars, or pandas with pyarrow. Paste it into a notebook, or run it.
"""
import json
import pathlib

here = pathlib.Path(__file__).parent if "__file__" in globals() else pathlib.Path(".")

try:
    import polars
    read = polars.read_parquet
except ImportError:
    import pandas
    read = pandas.read_parquet

evaluation = json.loads((here / "evaluation.json").read_text())
decision = json.loads((here / "decision.json").read_text())
# One table a contender: entity, period, score (higher is stranger), rank (1 is the strangest).
scores = {path.stem: read(path) for path in sorted((here / "scores").glob("*.parquet"))}
# The unit rows before scaling, where the run was made with --keep-fields.
fields = read(here / "fields.parquet") if (here / "fields.parquet").exists() else None

print(decision["verdict"], decision.get("pick"), "-", decision["because"])
for contender in evaluation["contenders"]:
    point = contender.get("budget") or {}
    print(f'{contender["id"]:32} {point.get("false_alerts", "-"):>6} false alerts, {point.get("incidents_caught", "-")} of {evaluation["incidents"]} incidents')
print("scores:", {name: table.shape for name, table in scores.items()})
print("fields:", None if fields is None else fields.shape)
