"""Makes fixture.json: the figures of one cost experiment, by other means than the Rust code.

Run `python3 fixture.py > fixture.json` (Python 3.11, numpy 2). Roots are found by bisection, limits by 400 000 draws of numpy.
"""

import json

import numpy as np

YEARS, RATE = 3, 0.10
TRUE, BENIGN, FALSE, HOUR = 45.0, 15.0, (10.0, 20.0, 30.0), 65.0
DAYS = 4.0
BASE = dict(alerts=206, true_alerts=20, benign_true_alerts=72, false_alerts=186)
NEW = dict(alerts=80, true_alerts=22, benign_true_alerts=15, false_alerts=58)
WEEKLY = (250.0, 186 / DAYS * 7, 420.0)
REDUCTION = (0.55, 1 - 58 / 186, 0.78)
EVENTS_A_DAY, EVENTS, BYTES, WINDOW, TRAINED, FIELDS = 700_000, 271_068, 86_600_000, 14, 10, 15
ENTITIES_HERE, ENTITIES, LEARNED, JUDGED = 60, 480, 10_792, 4_402
# Seconds a gigabyte, a field of a million events, a million cells; a million cells and another row; price of an hour. Low, base, high.
GIGABYTE, FIELD, CELL, PAIR = (1.5, 3.0, 30.0), (0.02, 0.05, 1.0), (0.05, 2.0, 50.0), 0.002
CPU_PRICE = (0.04937, 0.05826, 0.07604)
LOW, MIDDLE, HIGH = range(3)
LICENCE = (30_000.0, 45_000.0, 70_000.0)


def hours(weekly, reduction, false):
    def minutes(point):
        share = point["benign_true_alerts"] / point["false_alerts"]
        return share * BENIGN + (1 - share) * false

    attacks = 20 / DAYS * 7 * TRUE / 60
    return weekly * minutes(BASE) / 60 + attacks, weekly * (1 - reduction) * minutes(NEW) / 60 + attacks


def saving(weekly, reduction, false, hour=HOUR):
    before, after = hours(weekly, reduction, false)
    return (before - after) * 365 / 7 * hour


def computing(end=MIDDLE):
    """Of a year, retraining monthly: day by day and lesson by lesson."""
    lessons = 365 / 30
    seconds = 0.0
    days = 365 + lessons * TRAINED
    seconds += days * EVENTS_A_DAY * BYTES / EVENTS / 1e9 * GIGABYTE[end]
    seconds += days * EVENTS_A_DAY / 1e6 * FIELDS * FIELD[end]
    growth = ENTITIES / ENTITIES_HERE
    rows = min(50_000, LEARNED * growth)
    each = CELL[end] + (rows * PAIR if end == HIGH else 0)
    seconds += lessons * rows * FIELDS / 1e6 * each
    seconds += 365 * JUDGED / DAYS * growth * FIELDS / 1e6 * each
    return seconds / 3600 * CPU_PRICE[end]


def costs(option, day=650.0, talent=60.0, licence=LICENCE[1]):
    return {
        "build": (talent * day + 8000, computing() + 12_000 + 30 * day),
        "product": (20 * day, licence),
        "siem_feature": (8 * day, 15_000 + 0.4 * 365 * 2.5),
    }[option]


def npv(option, weekly=WEEKLY[1], reduction=REDUCTION[1], false=FALSE[1], hour=HOUR, **prices):
    initial, yearly = costs(option, **prices)
    return -initial + sum((saving(weekly, reduction, false, hour) - yearly) / (1 + RATE) ** year for year in range(1, YEARS + 1))


def root(function, low, high):
    assert function(low) * function(high) < 0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if function(low) * function(middle) > 0 else (low, middle)
    return (low + high) / 2


def draws(n=400_000):
    random = np.random.default_rng(1)
    z = 1.6448536269514722

    def on_ratio(low, base, high):
        steps = random.standard_normal(n) / z
        return np.where(steps < 0, base * (low / base) ** -steps, base * (high / base) ** np.maximum(steps, 0))

    weekly = on_ratio(*WEEKLY)
    # The upper limit of the reduction is the lower one of what is left.
    reduction = 1 - on_ratio(1 - REDUCTION[2], 1 - REDUCTION[1], 1 - REDUCTION[0])
    return weekly, reduction, random.triangular(*FALSE, n), random.triangular(*LICENCE, n)


def main():
    weekly, reduction, false, licence = draws()
    saved = saving(weekly, reduction, false)
    before, after = hours(WEEKLY[1], REDUCTION[1], FALSE[1])
    out = {
        "hours_before": before,
        "hours_after": after,
        "saving": saving(WEEKLY[1], REDUCTION[1], FALSE[1]),
        "saving_limits": np.quantile(saved, [0.05, 0.95]).tolist(),
        "computing": [computing(end) for end in (LOW, MIDDLE, HIGH)],
        "options": {},
    }
    for option in ("build", "product", "siem_feature"):
        initial, yearly = costs(option)
        gain = out["saving"]
        present = initial + sum(yearly / (1 + RATE) ** year for year in range(1, YEARS + 1))
        prices = {"licence": licence} if option == "product" else {}
        values = npv(option, weekly, reduction, false, **prices)
        paid = costs(option, **prices)
        with np.errstate(divide="ignore"):
            months = np.where(saved > paid[1], 12 * paid[0] / (saved - paid[1]), np.inf)
        out["options"][option] = {
            "table": [[initial, 0.0]] + [[yearly, gain]] * 3 + [[initial + 3 * yearly, 3 * gain], [present, npv(option) + present]],
            "npv": npv(option),
            "npv_limits": np.quantile(values, [0.05, 0.95]).tolist(),
            "chance_positive": float((values > 0).mean()),
            "roi": npv(option) / present,
            "payback": 12 * initial / (gain - yearly),
            "payback_limits": np.quantile(months, [0.05, 0.95]).tolist(),
            "break_even": root(lambda share: npv(option, reduction=share), 0, 1),
        }
    best = max(out["options"], key=lambda option: out["options"][option]["npv"])
    out["best"] = best
    out["moves"] = {
        "triage_minutes.false_positive": [npv(best, false=FALSE[0]), npv(best, false=FALSE[2]), root(lambda m: npv(best, false=m), -50, 50)],
        "fp_reduction": [npv(best, reduction=REDUCTION[0]), npv(best, reduction=REDUCTION[2]), root(lambda r: npv(best, reduction=r), 0, 1)],
        "false_alerts_per_week": [npv(best, weekly=WEEKLY[0]), npv(best, weekly=WEEKLY[2]), root(lambda w: npv(best, weekly=w), 0, 1000)],
        "analyst_hour": [npv(best, hour=0.8 * HOUR), npv(best, hour=1.2 * HOUR), root(lambda h: npv(best, hour=h), 0, 1000)],
    }
    print(json.dumps(out, indent=1))


main()
