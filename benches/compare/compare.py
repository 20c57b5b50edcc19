"""Our detectors beside those of PyOD and scikit-learn: the same matrix, the same run, two cores each, turn by turn.

    python3 -m venv target/compare && target/compare/bin/pip install -r benches/compare/requirements.txt
    target/compare/bin/python benches/compare/compare.py            # 1e4, 1e5, 1e6 rows x 20 columns: about an hour
    target/compare/bin/python benches/compare/compare.py 10000      # two minutes

Prints a Markdown table: CPU seconds (user and system) of fitting and scoring the same rows (the mean of as many times as
take a second, at most twenty), the ratio, peak memory besides the matrix in units of the matrix, and the ROC-AUC of both. Each measurement is a process of its
own; one that needs more than --cap CPU seconds is ended ("> 300"). Below the table: the CPU seconds of all of ours together.
The matrix: a mixture of five correlated Gaussians, one row in a hundred drawn twice as wide, so that no detector is perfect.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import warnings

# Overrides of which instructions OpenBLAS takes would slow their side.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

COLUMNS = 20
SEED = 1

# Runs are repeated until they have taken so many CPU seconds, at most so often, on either side.
ENOUGH, RUNS = 1.0, 20

# Ours, its parameters, theirs (a key of `theirs`), whether their cost is linear (theirs that are not are left out above 1e5 rows).
PAIRS = [
    ("isolation-forest", "{}", "IForest", True),
    ("extended-isolation-forest", "{}", None, True),
    ("ecod", "{}", "ECOD", True),
    ("copod", "{}", "COPOD", True),
    ("hbos", "{}", "HBOS", True),
    ("loda", "{}", "LODA", True),
    ("knn", "{}", "KNN", False),
    ("lof", "{}", "LOF", False),
    ("kmeans", "{ spread: false, smallest: 0 }", "KMeans", True),
    ("cblof", "{}", "CBLOF", True),
    ("gmm", "{}", "GaussianMixture", True),
    ("dbscan", "{}", "DBSCAN", False),
    ("optics", "{}", "OPTICS", False),
    ("hdbscan", "{}", "HDBSCAN", False),
    ("pca", "{ score: length }", "PCA", True),
    ("mcd", "{}", "MCD", True),
    ("ocsvm", "{}", "OCSVM", False),
    ("inne", "{}", "INNE", True),
    ("mad", "{}", None, True),
    ("autoencoder", "{}", None, True),
]


def theirs(name, x):
    """Their scores of the rows they were fitted on: higher is stranger."""
    if name == "KMeans":
        from sklearn.cluster import KMeans

        return KMeans(8, n_init=10, random_state=SEED).fit(x).transform(x).min(axis=1)
    if name == "GaussianMixture":
        from sklearn.mixture import GaussianMixture

        return -GaussianMixture(8, random_state=SEED).fit(x).score_samples(x)
    if name == "DBSCAN":
        from sklearn.cluster import DBSCAN

        # No scores: noise or not. The tolerance leaves out about as much as ours.
        return (DBSCAN(eps=4.0, min_samples=5, n_jobs=2).fit(x).labels_ < 0).astype(float)
    if name == "OPTICS":
        import numpy as np
        from sklearn.cluster import OPTICS

        reach = OPTICS(min_samples=5, n_jobs=2).fit(x).reachability_
        return np.where(np.isfinite(reach), reach, np.nanmax(reach[np.isfinite(reach)]))
    if name == "HDBSCAN":
        from sklearn.cluster import HDBSCAN

        return 1.0 - HDBSCAN(n_jobs=2, copy=True).fit(x).probabilities_
    import importlib

    module = {"IForest": "iforest"}.get(name, name.lower())
    detector = getattr(importlib.import_module(f"pyod.models.{module}"), name)
    more = {
        "IForest": {"n_jobs": 2, "random_state": SEED},
        "KNN": {"n_neighbors": 30, "n_jobs": 2},
        "LOF": {"n_jobs": 2},
        "CBLOF": {"random_state": SEED},
        "MCD": {"random_state": SEED},
        "INNE": {"random_state": SEED},
    }.get(name, {})
    return detector(**more).fit(x).decision_scores_


def measure_theirs(name, path, rows):
    """Runs in a process of its own: the same line as ours prints."""
    warnings.filterwarnings("ignore")
    import numpy as np
    from sklearn.metrics import roc_auc_score

    numbers = np.fromfile(path)
    x, labels = numbers[: rows * COLUMNS].reshape(rows, COLUMNS), numbers[rows * COLUMNS :]
    # What is compiled on first use (numba) is not what is measured.
    try:
        theirs(name, x[:300].copy())
    except Exception:
        pass
    cpu = lambda: sum(os.times()[:4])
    memory = lambda key: 1024 * int(re.search(rf"{key}:\s+(\d+)", open("/proc/self/status").read())[1])
    resting, begin, runs = memory("VmRSS"), cpu(), 0
    while runs < RUNS and (runs == 0 or cpu() - begin < ENOUGH):
        scores = theirs(name, x)
        runs += 1
    used, peak = (cpu() - begin) / runs, memory("VmHWM") - resting
    print(f"{used:.4f} {max(peak, 0)} {roc_auc_score(labels, np.nan_to_num(scores)):.5f}")


def matrix(path, rows):
    import numpy as np

    random = np.random.default_rng(SEED)
    centres = 2.0 * random.normal(size=(5, COLUMNS))
    mixes = random.normal(size=(5, COLUMNS, COLUMNS)) / np.sqrt(COLUMNS)
    group, labels = random.integers(5, size=rows), (random.random(rows) < 0.01).astype(float)
    x = random.normal(size=(rows, COLUMNS)) * (1.0 + labels[:, None])
    for number in range(5):
        of = group == number
        x[of] = centres[number] + x[of] @ mixes[number]
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    np.concatenate([x.ravel(), labels]).tofile(path)


def measured(command, cap):
    """CPU seconds, bytes, ROC-AUC; or why not."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (cap, cap))
    two = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "RAYON_NUM_THREADS": "2"}
    done = subprocess.run(command, preexec_fn=limit, env={**os.environ, **two}, capture_output=True, text=True)
    if done.returncode < 0:
        return f"> {cap}"
    if done.returncode:
        return "failed: " + (done.stderr.strip().splitlines() or ["no reason given"])[-1][:80]
    cpu, peak, auc = done.stdout.split()
    return float(cpu), float(peak), float(auc)


def binary():
    built = subprocess.run(["cargo", "bench", "--bench", "compare", "--no-run"], capture_output=True, text=True, check=True)
    return re.search(r"\(([^)]*compare-[^)]*)\)", built.stderr)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--cap", type=int, default=300, help="CPU seconds after which a measurement is ended")
    parser.add_argument("--binary", help="the built benchmark `compare`; without it, it is built")
    parser.add_argument("--only", action="append", help="only this method of ours; may be given several times")
    parser.add_argument("--ours", action="store_true", help="ours alone")
    parser.add_argument("--theirs", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.theirs:
        measure_theirs(*options.theirs, options.rows[0])
        return
    ours = options.binary or binary()
    print("| rows | method | CPU s | theirs | CPU s | ratio | memory | theirs | ROC-AUC | theirs |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    together = {}
    for rows in options.rows:
        with tempfile.NamedTemporaryFile() as file:
            matrix(file.name, rows)
            for method, parameters, other, linear in PAIRS:
                if not options.only or method in options.only:
                    other = other if not options.ours and (linear or rows <= 100_000) else None
                    together[rows] = together.get(rows, 0.0) + row(ours, file.name, rows, method, parameters, other, options.cap)
    for rows, seconds in together.items():
        print(f"\n{rows:,} rows: all of ours together {seconds:.0f} CPU seconds.".replace(",", " "))


def row(ours, path, rows, method, parameters, other, cap):
    """Prints one row, and gives the CPU seconds of ours."""
    size = 8 * rows * COLUMNS
    mine = measured([ours, method, parameters, path, str(rows), str(COLUMNS), str(SEED)], cap)
    them = measured([sys.executable, __file__, str(rows), "--theirs", other, path], cap) if other else None
    seconds = lambda found: f"{found[0]:.3f}" if found[0] < 1 else f"{found[0]:.1f}"
    cell = lambda found, text: "" if found is None else text(found) if isinstance(found, tuple) else found
    blank = lambda found, text: text(found) if isinstance(found, tuple) else ""
    both = isinstance(mine, tuple) and isinstance(them, tuple)
    parts = [
        f"{rows:,}".replace(",", " "),
        f"`{method}`",
        cell(mine, seconds),
        other or "",
        cell(them, seconds),
        f"{mine[0] / them[0]:.2f}" if both and them[0] else "",
        blank(mine, lambda f: f"{f[1] / size:.1f}"),
        blank(them, lambda f: f"{f[1] / size:.1f}"),
        blank(mine, lambda f: f"{f[2]:.3f}"),
        blank(them, lambda f: f"{f[2]:.3f}"),
    ]
    print("| " + " | ".join(parts) + " |", flush=True)
    return mine[0] if isinstance(mine, tuple) else float(cap)


if __name__ == "__main__":
    main()
