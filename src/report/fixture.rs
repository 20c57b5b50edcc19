//! A run as a report sees it, with invented but plausible numbers, for tests.

use std::collections::BTreeMap;

use self::{
    measured::evaluation,
    money::cost,
    read::{fields, quality},
};
use super::{Histogram, Map, ReportInput, Shape};
use crate::{
    compare::{Earlier, compare},
    decide::{Decision, Direction, Judged, Reason, Standing, Verdict},
    detect::Kind,
    evaluate::{Alert, Driver, Status},
    observe::Warning,
    quality::Quality,
    record::{
        Manifest, Resolved, RunStatus,
        evidence::{Events, Evidence},
    },
    said,
    spec::{Experiment, Language},
    text::Said,
    units::Disposition,
};

mod measured;
mod money;
mod planted;
mod read;
mod studies;

/// 2026-03-12T00:00:00+01:00 in microseconds.
const JUDGED: i64 = 1_773_270_000_000_000;
const HOUR: i64 = 3_600_000_000;

/// A full run: labels, costs, criteria, a failed detector, warnings, joins.
pub(super) fn full() -> ReportInput {
    let mut input = alone();
    input.earlier = Some(earlier(&input));
    input
}

/// The run before, which had another budget, and one that cannot be read.
fn earlier(input: &ReportInput) -> Earlier {
    let mut before = input.clone();
    (before.manifest.run, before.manifest.started) = ("2026-03-09T08-00-01Z-11aa22".into(), "2026-03-09T08:00:01Z".into());
    before.resolved.experiment.iteration = Some("sprint-1".into());
    before.resolved.contenders[0].1 = serde_json::json!({ "clusters": 8, "restarts": 10 });
    let comparison = compare(&[before.iteration(None), input.iteration(None)]);
    Earlier { comparison, unreadable: vec!["2026-02-20T10-00-00Z-0f0f0f".into()] }
}

fn alone() -> ReportInput {
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
        injection: Some(planted::injection()),
        studies: Some(studies::studies()),
        events: Some(events()),
        shape: Some(shape()),
        earlier: None,
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
        because: said!(en: "there are no labels", fr: "il n’y a pas d’étiquettes"),
        next: vec![said!(en: "have the alerts looked at", fr: "faites examiner les alertes")],
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
    input.earlier = None;
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
    input.evaluation.mass_volume = None;
    input.decision.pick = None;
    input.decision.reason = Reason::NoContender;
    input.alerts.clear();
    input.histogram = None;
    input.events = None;
    input.shape = None;
    input.quality = Quality::default();
    input.fields.clear();
    input
}

fn judged(metric: &str, direction: Direction, limit: f64, at: [f64; 3], standing: Standing, needs: Option<Said>) -> Judged {
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
        needs,
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
                Some(said!(
                    en: "takes at least 36 incidents with none missed; there are 19",
                    fr: "demande au moins 36 incidents sans en manquer aucun ; il y en a 19",
                )),
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
        field_rule: None,
        because: said!(
            en: "`recall_kept` is not settled: it takes at least 36 incidents with none missed",
            fr: "`recall_kept` n’est pas tranché : il faut au moins 36 incidents sans en manquer aucun",
        ),
        next: vec![
            said!(
                en: "replay 20 known incidents, or run the red team once, on the same window",
                fr: "rejouez 20 incidents connus, ou faites passer l’équipe rouge une fois, sur la même fenêtre",
            ),
            said!(
                en: "have the 12 alerts read that only `kmeans-12` raises",
                fr: "faites lire les 12 alertes que seul `kmeans-12` lève",
            ),
            said!(
                en: "decide again with `gonogo run` on four further weeks",
                fr: "décidez à nouveau avec `gonogo run` sur quatre semaines de plus",
            ),
        ],
        criteria_hash: "5e0c1f72b1a94c3d8e7f60915243aa17f0d2c4b8e6135798a0bcdef123456789".into(),
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
                own: (i % 5 > 0).then_some(28_400.0 / (1.0 + k as f64)),
                peers: (i % 7 > 0).then_some(35_000.0 / (1.0 + k as f64)),
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

/// Three events of every alert but the last.
fn events() -> Evidence {
    let host = |i: u64| Some(format!("host-{}.example", i % 5));
    let of = |i: u64| Events {
        count: 3 + i,
        rows: (0..3)
            .map(|k| (Some(JUDGED + (k * HOUR) / 60), vec![host(i + k as u64), Some("POST".into()), (k > 0).then(|| "<b>".into())]))
            .collect(),
        destination: host(i).map(|host| (host, 2)),
    };
    let alerts = (0..71).map(of).chain([Events::default()]).collect();
    Evidence { columns: vec!["host".into(), "method".into(), "path".into()], destination: Some("host".into()), answers_left_out: 0, alerts }
}

fn shape() -> Shape {
    let place = |i: u32| (f64::from(i * 37 % 97) / 20.0 - 2.0, f64::from(i * 53 % 89) / 20.0 - 2.0);
    let points = (0..400)
        .map(|i| {
            let (x, y) = place(i);
            if i % 50 == 7 { (x + 6.0, y, true) } else { (x, y, false) }
        })
        .collect();
    Shape {
        too_quiet: 128,
        units_per_period: (0..14).map(|day| (JUDGED + (day - 10) * 24 * HOUR, 3_400 - 40 * day as u64)).collect(),
        skew: vec![("bytes_up".into(), 21.4), ("hosts".into(), 2.6)],
        alike: vec![("bytes_up".into(), "uploads".into(), 0.943)],
        map: Some(Map { shares: [0.41, 0.17], units: 13_600, points }),
    }
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
        after: None,
        finished: Some("2026-03-16T09:14:02Z".into()),
        version: "0.1.0".into(),
        seed: 42,
        experiment_hash: "9b74c9897bac770ffc029102a200c5de2f8a1c9d0b6e4f3758192a3b4c5d6e7f".into(),
        data_hash: Some("0cc175b9c0f1b6a831c399e269772661aa55bb66cc77dd88ee99ff0011223344".into()),
        synthetic: true,
        judged_opened: 3,
        judged_key: None,
        seconds: BTreeMap::from([("Reading".into(), 6.2), ("Fields".into(), 1.4), ("Scoring".into(), 54.0)]),
        cpu_seconds: BTreeMap::from([("Reading".into(), 10.4), ("Fields".into(), 1.9), ("Scoring".into(), 101.0)]),
        peak_bytes: Some(812_000_000),
        machine: "Linux, 8 cores".into(),
        warnings: vec![
            Warning {
                code: "W031".into(),
                message: said!(
                    en: "19 incidents cannot settle `recall_kept ≥ 0.90`: it takes at least 36 with none missed",
                    fr: "19 incidents ne peuvent trancher `recall_kept ≥ 0,90` : il en faut au moins 36 sans en manquer aucun",
                ),
            },
            Warning {
                code: "W102".into(),
                message: said!(
                    en: "71.4 % of events found a row in `cmdb`; `expect_match` is 95 %",
                    fr: "71,4 % des événements ont trouvé une ligne dans `cmdb` ; `expect_match` vaut 95 %",
                ),
            },
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
cost:
  analyst_hour: 65
  triage_minutes: { false_positive: [10, 20, 30] }
  production: { events_per_day: 700000, retrain_every: 30d }
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
        suppressed_first: None,
    }
}
