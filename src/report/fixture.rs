//! A run as a report sees it, with invented but plausible numbers, for tests.

use std::collections::BTreeMap;

use super::{Histogram, ReportInput};
use crate::{
    cost::{CostReport, DefaultUsed, Line, OptionCost, Range, Sensitivity, YearRow},
    decide::{Decision, Direction, Judged, Reason, Standing, Verdict},
    detect::Kind,
    evaluate::{
        Alert, AtBudget, AtRecall, Caveat, Counts, CurvePoint, Driver, Estimate, Evaluation, IncidentOutcome, LabelCounts, Measured,
        PairAgreement, Pick, Point, Question, SeedResult, Status,
    },
    observe::Warning,
    quality::{FileRead, Finding, JoinQuality, Quality, Sample, SourceQuality},
    run::{Manifest, Resolved, RunStatus},
    spec::{Experiment, Language},
    units::{Disposition, FieldSummary},
};

/// 2026-03-12T00:00:00+01:00 in microseconds.
const JUDGED: i64 = 1_773_270_000_000_000;
const HOUR: i64 = 3_600_000_000;

/// A full run: labels, costs, criteria, a failed detector, warnings, joins.
pub(super) fn full() -> ReportInput {
    ReportInput {
        manifest: manifest(),
        resolved: resolved(),
        quality: quality(),
        fields: fields(),
        evaluation: evaluation(),
        decision: decision(),
        cost: Some(cost()),
        alerts: alerts(),
        histogram: Some(histogram()),
    }
}

/// The same in French.
pub(super) fn french() -> ReportInput {
    let mut input = full();
    input.resolved.experiment.report.language = Language::Fr;
    input
}

/// A first look: no labels, no cost, no criteria.
pub(super) fn unlabelled() -> ReportInput {
    let mut input = full();
    input.cost = None;
    input.resolved.experiment.cost = None;
    input.resolved.experiment.decision = None;
    input.evaluation.labels = None;
    input.evaluation.incidents = 0;
    input.evaluation.incident_list.clear();
    for contender in &mut input.evaluation.contenders {
        contender.curve.clear();
        if let Some(point) = &mut contender.budget {
            point.unknown_alerts = point.alerts;
            (point.true_alerts, point.false_alerts, point.incidents_caught) = (0, 0, 0);
            (point.precision, point.fp_reduction, point.recall_kept, point.recall) = (None, None, None, None);
        }
    }
    for alert in &mut input.alerts {
        alert.disposition = None;
        alert.incidents.clear();
    }
    input.decision = Decision {
        verdict: Verdict::Inconclusive,
        reason: Reason::NoLabels,
        criteria: Vec::new(),
        controls: Vec::new(),
        because: "there are no labels".into(),
        next: vec!["have the alerts looked at".into()],
        ..decision()
    };
    input
}

/// A plain table: no time, no baseline, in sample.
pub(super) fn table() -> ReportInput {
    let mut input = full();
    input.resolved.experiment.window = None;
    input.resolved.experiment.entity = None;
    input.resolved.experiment.baseline = None;
    input.resolved.experiment.cost = None;
    input.cost = None;
    input.manifest.synthetic = false;
    input.manifest.warnings.clear();
    input.evaluation.in_sample = true;
    input.evaluation.judged_days = 0.0;
    input.evaluation.contenders.retain(|contender| contender.kind != Kind::Baseline);
    input.decision.verdict = Verdict::Inconclusive;
    input.decision.reason = Reason::NoBaseline;
    input
}

/// Nothing worked.
pub(super) fn nothing() -> ReportInput {
    let mut input = unlabelled();
    for contender in &mut input.evaluation.contenders {
        contender.outcome = Status::Failed;
        contender.reason = Some("needs at least 10 rows, found 3".into());
        contender.budget = None;
    }
    input.evaluation.pick = None;
    input.evaluation.caveats.clear();
    input.evaluation.agreement.clear();
    input.decision.pick = None;
    input.decision.reason = Reason::NoContender;
    input.alerts.clear();
    input.histogram = None;
    input.quality = Quality::default();
    input.fields.clear();
    input
}

fn estimate(value: f64, low: f64, high: f64, method: &str) -> Estimate {
    Estimate { value, low: Some(low), high: Some(high), question: Question::WeeksToCome, method: method.into(), note: None }
}

const RULE: f64 = 412.0;
const INCIDENTS: u64 = 19;

fn point(weekly: f64, caught: u64, precision: f64) -> Point {
    let days = 4.0;
    let false_alerts = (weekly * days / 7.0).round() as u64;
    let true_alerts = (false_alerts as f64 * precision / (1.0 - precision)).round() as u64;
    let alerts = false_alerts + true_alerts;
    let per_day = alerts as f64 / days;
    let reduction = 1.0 - weekly / RULE;
    Point {
        alerts,
        alerts_per_day: per_day,
        alerts_per_day_p50: per_day,
        alerts_per_day_p95: per_day * 1.3,
        alerts_per_day_max: per_day * 1.5,
        true_alerts,
        benign_true_alerts: false_alerts / 5,
        false_alerts,
        unknown_alerts: 0,
        false_alerts_per_week: weekly,
        false_alerts_per_week_interval: Some(estimate(weekly, weekly * 0.84, weekly * 1.18, "two-way variance")),
        incidents_caught: caught,
        precision: Some(precision),
        precision_interval: Some(estimate(precision, precision * 0.7, precision * 1.4, "two-way variance")),
        fp_reduction: Some(estimate(reduction, reduction - 0.05, reduction + 0.04, "two-way variance")),
        recall_kept: Some(estimate(
            caught as f64 / 19.0,
            (caught as f64 / 19.0 - 0.2).max(0.0),
            (caught as f64 / 19.0 + 0.049).min(1.0),
            "Clopper-Pearson",
        )),
        recall: Some(estimate(
            caught as f64 / 19.0,
            (caught as f64 / 19.0 - 0.2).max(0.0),
            (caught as f64 / 19.0 + 0.049).min(1.0),
            "Clopper-Pearson",
        )),
        hours_to_alert: Some(2.4),
    }
}

struct Shape(&'static str, &'static str, Kind, &'static str, f64, u64, f64, f64);

fn contender(shape: &Shape, index: usize) -> Measured {
    let Shape(id, title, kind, method, weekly, caught, precision, seconds) = *shape;
    let scored = kind != Kind::Baseline;
    let curve = (0..60)
        .map(|step| {
            let alerts = 4.0 * 1.1_f64.powi(step);
            let share = 1.0 - (-(alerts / (weekly * (1.1 - caught as f64 / 24.0))).powf(0.9)).exp();
            CurvePoint { alerts_per_week: alerts, false_alerts_per_week: alerts * 0.9, incidents_caught: (share * 19.0).floor() as u64 }
        })
        .collect();
    Measured {
        id: id.into(),
        title: title.into(),
        kind,
        method: method.into(),
        outcome: Status::Scored,
        reason: None,
        roc_auc: scored.then_some(0.9 - 0.02 * index as f64),
        average_precision: scored.then_some(0.4 - 0.03 * index as f64),
        prevalence: scored.then_some(0.004),
        fit_seconds: seconds * 0.7,
        score_seconds: seconds * 0.3,
        notes: if method == "gmm" { vec!["did not converge in 100 rounds; tolerance was `0.001`".into()] } else { Vec::new() },
        budget: Some(point(weekly, caught, precision)),
        threshold: scored.then_some(3.6),
        at_recall: scored.then(|| AtRecall { recall: 0.8, fp_reduction: estimate(0.7, 0.55, 0.8, "order statistics") }),
        equal_detection: scored.then(|| point(weekly * 1.2, 17, precision)),
        prospective: None,
        also_at: if scored {
            vec![AtBudget { budget: 10, point: point(weekly / 2.0, caught.saturating_sub(3), precision * 1.4) }]
        } else {
            Vec::new()
        },
        curve: if scored { curve } else { Vec::new() },
        seeds: if method == "isolation-forest" {
            [0.0, 3.0, -2.0].map(|d| SeedResult { false_alerts_per_week: weekly + d, incidents_caught: caught }).to_vec()
        } else {
            Vec::new()
        },
        only_here: 3,
        agreement: scored.then_some(0.31 - 0.02 * index as f64),
        better_than_field: None,
        fewer_false_than_field: None,
        better_than_random: (kind == Kind::Detector).then(|| estimate(0.7, 0.5, 0.86, "paired")),
    }
}

fn evaluation() -> Evaluation {
    let shapes = [
        Shape("baseline", "Current SIEM rule", Kind::Baseline, "rule", RULE, 17, 0.021, 0.0),
        Shape("isolation-forest", "Isolation forest", Kind::Detector, "isolation-forest", 118.0, 16, 0.041, 4.2),
        Shape("kmeans-12", "K-means distance", Kind::Detector, "kmeans", 96.0, 18, 0.052, 11.0),
        Shape("gmm", "Gaussian mixture", Kind::Detector, "gmm", 128.0, 17, 0.043, 38.0),
        Shape("ecod", "ECOD", Kind::Detector, "ecod", 151.0, 15, 0.032, 0.6),
        Shape("pca", "PCA residual", Kind::Detector, "pca", 233.0, 14, 0.024, 0.2),
        Shape("vote", "Mean rank of all", Kind::Ensemble, "mean-rank", 104.0, 17, 0.048, 54.0),
        Shape("random", "Random order", Kind::Control, "random", 139.0, 2, 0.004, 0.0),
        Shape("field:bytes_up", "bytes_up alone", Kind::Control, "single-field", 137.0, 12, 0.028, 0.0),
    ];
    let mut contenders: Vec<Measured> = shapes.iter().enumerate().map(|(index, shape)| contender(shape, index)).collect();
    let mut failed = contender(&Shape("dbscan", "DBSCAN", Kind::Detector, "dbscan", 1.0, 0, 0.1, 0.0), 9);
    failed.outcome = Status::Failed;
    failed.reason = Some("no cluster at tolerance `0.8`; try `tolerance: 1.4`".into());
    failed.budget = None;
    failed.curve.clear();
    contenders.insert(6, failed);
    let ids = ["baseline", "isolation-forest", "kmeans-12", "gmm", "ecod", "pca", "vote"];
    let agreement = (0..ids.len())
        .flat_map(|a| (0..a).map(move |b| (a, b)))
        .map(|(a, b)| PairAgreement {
            a: ids[a].into(),
            b: ids[b].into(),
            rank_correlation: 0.6,
            overlap: 0.72 - 0.07 * (a as f64 - b as f64) - 0.02 * a as f64,
        })
        .collect();
    let kinds = ["bulk_exfiltration", "slow_drip", "beacon", "generated_domains"];
    let incident_list = (0..INCIDENTS)
        .map(|i| IncidentOutcome {
            id: format!("INC-{:03}", i + 1),
            kind: Some(kinds[i as usize % 4].into()),
            entity: format!("user-{:04x}", 0x3a1 + 37 * i),
            start: JUDGED + i as i64 * 5 * HOUR,
            units: 1 + i % 5,
            caught_by: match i {
                4 => vec!["baseline".into(), "ecod".into()],
                9 | 13 => vec!["kmeans-12".into(), "vote".into(), "gmm".into()],
                _ => vec![
                    "baseline".into(),
                    "kmeans-12".into(),
                    "gmm".into(),
                    "isolation-forest".into(),
                    "vote".into(),
                    "field:bytes_up".into(),
                ],
            },
        })
        .collect();
    let mut picked = point(96.0, 18, 0.052);
    picked.recall_kept = Some(estimate(18.0 / 19.0, 0.70, 0.999, "Clopper-Pearson, bias of the choice taken off"));
    Evaluation {
        schema_version: 1,
        units: Counts { training: 61_204, judged: 24_391 },
        cases: 4_830,
        incidents: INCIDENTS,
        judged_days: 4.0,
        in_sample: false,
        budget: 20,
        confidence: 0.90,
        labels: Some(LabelCounts { complete: true, true_positive: 94, benign_true_positive: 212, false_positive: 1_361, none: 22_724 }),
        contenders,
        best_field: Some("field:bytes_up".into()),
        pick: Some(Pick {
            id: "kmeans-12".into(),
            chosen_by: "net_present_value".into(),
            among: 6,
            budget: picked,
            bias_recall_kept: 0.04,
            bias_log_ratio: 0.06,
            better_than_field: Some(estimate(0.29, 0.08, 0.47, "paired")),
        }),
        incident_list,
        agreement,
        caveats: vec![
            Caveat {
                code: "few-incidents".into(),
                message: "19 incidents in the judged part make wide intervals: one more missed moves the share by 5 points".into(),
            },
            Caveat { code: "drift".into(), message: "`rare_domains` drifted between training and judged part (PSI 0.31)".into() },
        ],
    }
}

fn judged(metric: &str, direction: Direction, limit: f64, at: [f64; 3], standing: Standing, needs: Option<&str>) -> Judged {
    let [value, low, high] = at;
    Judged {
        metric: metric.into(),
        contender: "kmeans-12".into(),
        direction,
        limit,
        value: Some(value),
        low: Some(low),
        high: Some(high),
        standing,
        needs: needs.map(Into::into),
    }
}

fn decision() -> Decision {
    Decision {
        schema_version: 1,
        verdict: Verdict::Inconclusive,
        reason: Reason::NotSettled,
        pick: Some("kmeans-12".into()),
        criteria: vec![
            judged("fp_reduction", Direction::AtLeast, 0.40, [0.767, 0.717, 0.807], Standing::Met, None),
            judged(
                "recall_kept",
                Direction::AtLeast,
                0.90,
                [0.947, 0.70, 0.999],
                Standing::Open,
                Some("it takes at least 36 incidents with none missed; there are 19"),
            ),
            judged("alerts_per_day_p95", Direction::AtMost, 30.0, [18.9, 18.9, 18.9], Standing::Met, None),
            judged("payback_months", Direction::AtMost, 18.0, [8.6, 5.1, 15.7], Standing::Met, None),
            judged("net_present_value", Direction::AtLeast, 0.0, [184_310.0, 98_700.0, 291_000.0], Standing::Met, None),
        ],
        controls: vec![Judged {
            contender: "random".into(),
            ..judged("recall_kept", Direction::AtLeast, 0.90, [0.1, 0.02, 0.3], Standing::NotMet, None)
        }],
        rule: None,
        because: "`recall_kept` is not settled: it takes at least 36 incidents with none missed".into(),
        next: vec![
            "replay 20 known incidents, or run the red team once, on the same window".into(),
            "have the 12 alerts read that only `kmeans-12` raises".into(),
            "decide again with `gonogo run` on four further weeks".into(),
        ],
        criteria_hash: "5e0c1f72b1a94c3d8e7f60915243aa17f0d2c4b8e6135798a0bcdef123456789".into(),
    }
}

fn range(low: f64, base: f64, high: f64) -> Range {
    Range { low, base, high }
}

fn option(name: &str, initial: Range, yearly: Range, npv: Range, payback: [Option<f64>; 3], chance: f64) -> OptionCost {
    let saving = 118_000.0;
    let mut table = vec![YearRow { label: "initial".into(), cost: initial.base, saving: 0.0 }];
    table.extend((1..=3).map(|year| YearRow { label: format!("year {year}"), cost: yearly.base, saving }));
    table.push(YearRow { label: "total".into(), cost: initial.base + 3.0 * yearly.base, saving: 3.0 * saving });
    table.push(YearRow { label: "present value".into(), cost: initial.base + 2.49 * yearly.base, saving: 2.49 * saving });
    OptionCost {
        name: name.into(),
        initial: vec![Line { name: "talent_days".into(), amount: initial, how: Some("60 days x 650".into()) }],
        yearly: vec![
            Line { name: "maintenance".into(), amount: range(yearly.low * 0.4, yearly.base * 0.4, yearly.high * 0.4), how: None },
            Line {
                name: "licence".into(),
                amount: range(yearly.low * 0.6, yearly.base * 0.6, yearly.high * 0.6),
                how: Some("as offered".into()),
            },
        ],
        table,
        npv,
        roi: Some(npv.base / (initial.base + 2.49 * yearly.base)),
        payback_months: payback[1],
        payback_low: payback[0],
        payback_high: payback[2],
        break_even_reduction: Some(0.27),
        chance_positive: chance,
    }
}

fn cost() -> CostReport {
    CostReport {
        currency: "EUR".into(),
        horizon_years: 3.0,
        discount_rate: 0.10,
        contender: "kmeans-12".into(),
        hours_per_week_before: range(24.0, 46.0, 69.0),
        hours_per_week_after: range(7.0, 12.0, 17.0),
        hours_per_week_freed: range(17.0, 34.0, 52.0),
        saving_per_year: range(58_000.0, 118_000.0, 176_000.0),
        options: vec![
            option(
                "build",
                range(47_000.0, 47_000.0, 47_000.0),
                range(31_500.0, 31_500.0, 31_500.0),
                range(98_700.0, 184_310.0, 291_000.0),
                [Some(5.1), Some(8.6), Some(15.7)],
                0.97,
            ),
            option(
                "product",
                range(13_000.0, 13_000.0, 13_000.0),
                range(60_000.0, 80_000.0, 120_000.0),
                range(-190_000.0, 81_000.0, 240_000.0),
                [Some(2.0), Some(4.1), None],
                0.71,
            ),
            option(
                "siem_feature",
                range(5_200.0, 5_200.0, 5_200.0),
                range(52_000.0, 52_000.0, 52_000.0),
                range(-18_000.0, 159_000.0, 270_000.0),
                [Some(1.0), Some(1.0), Some(8.0)],
                0.93,
            ),
        ],
        best: Some("build".into()),
        sensitivity: vec![
            Sensitivity {
                name: "triage_minutes.false_positive".into(),
                low: 10.0,
                high: 30.0,
                assumed: false,
                npv_at_low: 21_000.0,
                npv_at_high: 341_000.0,
                base: 20.0,
                flips_at: Some(8.7),
            },
            Sensitivity {
                name: "fp_reduction".into(),
                low: 0.717,
                high: 0.807,
                assumed: false,
                npv_at_low: 151_000.0,
                npv_at_high: 203_000.0,
                base: 0.767,
                flips_at: Some(0.27),
            },
            Sensitivity {
                name: "options.build.maintenance".into(),
                low: 10_080.0,
                high: 15_120.0,
                assumed: true,
                npv_at_low: 190_000.0,
                npv_at_high: 178_000.0,
                base: 12_600.0,
                flips_at: None,
            },
        ],
        defaults: vec![DefaultUsed {
            name: "triage_minutes.false_positive".into(),
            value: range(10.0, 20.0, 30.0),
            source: "Critical Start 2019; D3 2026; IDC".into(),
        }],
    }
}

fn alerts() -> Vec<Alert> {
    let fields = ["rare_domains", "bytes_up", "new_domains", "night", "hosts", "up_vs_self", "denied", "host_entropy"];
    (0..72_u64)
        .map(|i| {
            let field = |k: u64| fields[((i * i + 3 * k) % 8).min(7) as usize];
            let driver = |k: u64| Driver {
                field: field(k).into(),
                value: 52_412_345.0 / (1.0 + i as f64) / (1.0 + 9.0 * k as f64),
                usual: 31_250.0 / (1.0 + k as f64),
                share: 0.6 / (1.0 + k as f64),
            };
            Alert {
                rank: i + 1,
                entity: format!("user-{:04x}", 0x2b0 + 53 * i),
                start: JUDGED + (i as i64 * 7 % 96) * HOUR,
                units: 1 + i % 3,
                score: 9.1 - 0.08 * i as f64,
                disposition: match i % 7 {
                    0 => Some(Disposition::TruePositive),
                    3 => Some(Disposition::BenignTruePositive),
                    _ => None,
                },
                incidents: if i % 7 == 0 { vec![format!("INC-{:03}", i / 7 + 1)] } else { Vec::new() },
                drivers: vec![driver(0), driver(1), driver(2)],
                in_baseline: i % 3 == 0,
            }
        })
        .collect()
}

fn histogram() -> Histogram {
    let counts: Vec<u64> = (0..40_i32).map(|bin| (9_000.0 * (-f64::from(bin) / 4.5).exp()).round() as u64).collect();
    Histogram {
        edges: (0..=40).map(|edge| f64::from(edge) * 0.25).collect(),
        counts,
        attacks: vec![1.1, 2.9, 4.4, 5.2, 6.0, 7.1, 8.2, 9.0],
        cut: Some(3.6),
    }
}

fn manifest() -> Manifest {
    Manifest {
        schema_version: 1,
        status: RunStatus::Done,
        experiment: "proxy-exfiltration".into(),
        run: "2026-03-16T09-12-44Z-7f3c1a".into(),
        started: "2026-03-16T09:12:44Z".into(),
        finished: Some("2026-03-16T09:14:02Z".into()),
        version: "0.1.0".into(),
        seed: 42,
        experiment_hash: "9b74c9897bac770ffc029102a200c5de2f8a1c9d0b6e4f3758192a3b4c5d6e7f".into(),
        data_hash: Some("0cc175b9c0f1b6a831c399e269772661aa55bb66cc77dd88ee99ff0011223344".into()),
        synthetic: true,
        judged_opened: 3,
        judged_key: None,
        seconds: BTreeMap::from([("Reading".into(), 6.2), ("Fields".into(), 1.4), ("Scoring".into(), 54.0)]),
        peak_bytes: Some(812_000_000),
        machine: "Linux, 8 cores".into(),
        warnings: vec![
            Warning {
                code: "W031".into(),
                message: "19 incidents cannot settle `recall_kept ≥ 0.90`: it takes at least 36 with none missed".into(),
            },
            Warning { code: "W102".into(), message: "71.4 % of events found a row in `cmdb`; `expect_match` is 95 %".into() },
        ],
        command: "gonogo run experiments/proxy-exfiltration.yaml --seed 42".into(),
        exit_code: Some(3),
    }
}

fn resolved() -> Resolved {
    let experiment: Experiment = serde_yaml::from_str(
        r#"
name: proxy-exfiltration
iteration: sprint-2
use_case:
  title: Suspicious outbound web traffic
  question: Which user-hours send data to places, and in amounts, that neither they nor their peers ever do?
  owner: { security: soc@example.org, data: datalab@example.org }
  attack: [T1567.002, T1048]
  standard_solution: threshold of 50 MB an hour in the SIEM
sources:
  proxy: { path: ../datasets/proxy/*.log.gz, format: elff }
  cmdb: { path: ../datasets/cmdb.csv }
window: { start: 2026-03-02, train_end: 2026-03-12, end: 2026-03-16, timezone: Europe/Paris }
entity: { key: [user], every: 1h }
fields:
  bytes_up: { sum: bytes_up, scale: log }
baseline: { title: Current SIEM rule, rule: "bytes_up > 50000000" }
algorithms: [isolation-forest, ecod]
decision:
  require:
    - { metric: fp_reduction, at_least: 0.40 }
report: { redact: { user: pseudonym } }
"#,
    )
    .unwrap();
    Resolved {
        experiment,
        overrides: BTreeMap::from([("evaluate.alerts.budget".into(), "20".into())]),
        contenders: vec![
            ("kmeans-12".into(), serde_json::json!({ "clusters": 12, "restarts": 10 })),
            ("gmm".into(), serde_json::json!({ "components": 6 })),
        ],
    }
}

fn quality() -> Quality {
    let proxy = SourceQuality {
        name: "proxy".into(),
        format: "elff".into(),
        files: (2..16)
            .map(|day| FileRead {
                path: format!("../datasets/proxy/2026-03-{day:02}.log.gz"),
                bytes: 412_331 + day * 977,
                text_bytes: 3_100_000,
                sha256: format!("{:064x}", day * 7_919),
            })
            .collect(),
        lines: 512_377,
        header: 56,
        malformed: 41,
        malformed_samples: vec![Sample {
            file: "../datasets/proxy/2026-03-04.log.gz".into(),
            line: 3_121,
            reason: "found 11 fields, `#Fields` names 14".into(),
            text: "2026-03-04 10:21:07 \"Mozilla/5.0".into(),
        }],
        rows_parsed: 512_280,
        filtered: 20_113,
        no_time: 12,
        outside_window: 0,
        rows: 492_155,
        first: Some(JUDGED - 240 * HOUR),
        last: Some(JUDGED + 96 * HOUR),
        per_hour: (0..336_u64).map(|hour| if (8..18).contains(&(hour % 24)) { 2_900 + hour % 97 } else { 140 + hour % 31 }).collect(),
        fill: BTreeMap::from([("user".into(), 0.998), ("host".into(), 1.0), ("bytes_up".into(), 1.0)]),
        unreadable: BTreeMap::from([("bytes_up".into(), 3)]),
        out_of_order: 18,
        invalid_utf8: 4,
        truncated: vec!["../datasets/proxy/2026-03-15.log.gz".into()],
        trailing_bytes: Vec::new(),
        synthetic: true,
    };
    Quality {
        sources: vec![proxy],
        joins: vec![JoinQuality { source: "cmdb".into(), matched: 351_399, events: 492_155, expected: Some(0.95), duplicate_keys: 2 }],
        findings: vec![Finding {
            code: "W102".into(),
            severity: "warning".into(),
            subject: "cmdb".into(),
            message: "71.4 % of events found a row".into(),
            consequence: "`department` is missing for the rest, so peers are compared among fewer".into(),
            advice: "complete the inventory or lower `expect_match`".into(),
        }],
    }
}

fn fields() -> Vec<FieldSummary> {
    ["requests", "bytes_up", "uploads", "hosts", "denied", "night", "rare_domains"]
        .iter()
        .enumerate()
        .map(|(i, name)| FieldSummary {
            name: (*name).into(),
            definition: format!("sum of `{name}`"),
            missing: 0.002 * i as f64,
            fill: 0.0,
            quantiles: [0.0, 3.0, 12.5, 41.0, 52_412_345.0],
            judged_quantiles: [0.0, 3.2, 13.0, 44.0, 61_000_000.0],
            drift: Some(0.31 / (1.0 + i as f64)),
            scaling: "log1p, robust".into(),
            dropped: (*name == "denied").then(|| "constant in the training part".into()),
        })
        .collect()
}
