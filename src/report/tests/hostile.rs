//! Nothing that a log says gets out of its place in what a report writes.

use super::*;

/// A text that breaks out of whatever does not escape it.
const HOSTILE: &str = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'`|=1+1\u{202e}\u{0}\u{1b}[31m&lt;";

fn poisoned() -> ReportInput {
    let mut input = fixture::full();
    let bad = || HOSTILE.to_owned();
    let said = || Said::same(HOSTILE);
    for contender in &mut input.evaluation.contenders {
        contender.title = bad();
        contender.notes = vec![said()];
        contender.reason = Some(bad());
        contender.method = bad();
    }
    for incident in &mut input.evaluation.incident_list {
        (incident.id, incident.entity, incident.kind) = (bad(), bad(), Some(bad()));
    }
    for caveat in &mut input.evaluation.caveats {
        (caveat.code, caveat.message) = (bad(), said());
    }
    for alert in &mut input.alerts {
        alert.entity = format!("={HOSTILE}");
        alert.incidents = vec![bad()];
        alert.drivers = vec![Driver { field: bad(), value: f64::NAN, usual: f64::INFINITY, own: None, peers: Some(f64::NAN), share: 0.5 }];
    }
    for judged in &mut input.decision.criteria {
        (judged.metric, judged.needs) = (bad(), Some(said()));
    }
    (input.decision.rule, input.decision.because, input.decision.next) = (Some(bad()), said(), vec![said()]);
    input.decision.criteria_hash = bad();
    let cost = input.cost.as_mut().unwrap();
    cost.currency = bad();
    for option in &mut cost.options {
        option.name = bad();
        for line in option.initial.iter_mut().chain(&mut option.yearly) {
            (line.name, line.how) = (bad(), Some(said()));
        }
        option.table.iter_mut().for_each(|row| row.label = bad());
    }
    cost.sensitivity.iter_mut().for_each(|amount| amount.name = bad());
    cost.defaults.iter_mut().for_each(|default| (default.name, default.source) = (bad(), said()));
    for source in &mut input.quality.sources {
        (source.name, source.format) = (bad(), bad());
        source.fill.insert(bad(), 0.5);
        source.unreadable.insert(bad(), 1);
        source.files.iter_mut().for_each(|file| (file.path, file.sha256) = (bad(), bad()));
        source.malformed_samples.iter_mut().for_each(|sample| (sample.file, sample.reason, sample.text) = (bad(), bad(), bad()));
    }
    input.quality.joins.iter_mut().for_each(|join| join.source = bad());
    for finding in &mut input.quality.findings {
        (finding.code, finding.subject, finding.message) = (bad(), bad(), said());
        (finding.consequence, finding.advice) = (said(), said());
    }
    for field in &mut input.fields {
        (field.name, field.definition, field.scaling, field.dropped) = (bad(), said(), said(), Some(said()));
    }
    let manifest = &mut input.manifest;
    (manifest.run, manifest.started, manifest.finished, manifest.version) = (bad(), bad(), Some(bad()), bad());
    (manifest.experiment_hash, manifest.data_hash, manifest.machine, manifest.command) = (bad(), Some(bad()), bad(), bad());
    manifest.seconds.insert(bad(), 1.0);
    manifest.warnings.iter_mut().for_each(|warning| (warning.code, warning.message) = (bad(), said()));
    let experiment = &mut input.resolved.experiment;
    (experiment.name, experiment.iteration) = (bad(), Some(bad()));
    (experiment.use_case.title, experiment.use_case.question) = (bad(), Some(bad()));
    experiment.use_case.owner.insert(bad(), bad());
    experiment.use_case.attack.push(bad());
    experiment.report.redact.clear();
    input.resolved.overrides.insert(bad(), bad());
    let shape = input.shape.as_mut().unwrap();
    (shape.skew, shape.alike) = (vec![(bad(), f64::NAN)], vec![(bad(), bad(), 0.99)]);
    let earlier = input.earlier.as_mut().unwrap();
    earlier.unreadable = vec![bad()];
    for column in &mut earlier.comparison.columns {
        (column.label, column.run, column.started, column.pick, column.because) = (bad(), bad(), bad(), Some(bad()), bad());
    }
    earlier
        .comparison
        .changes
        .iter_mut()
        .flatten()
        .for_each(|change| (change.path, change.before, change.now) = (bad(), Some(bad()), None));
    input.resolved.contenders = vec![("gmm".into(), serde_json::json!({ "x": HOSTILE }))];
    input
}

/// Markdown without its blocks and spans of code, in which nothing has a meaning.
fn outside_code(markdown: &str) -> String {
    let mut live = String::new();
    let mut fenced = false;
    for line in markdown.lines() {
        if line.starts_with("~~~") {
            fenced = !fenced;
        } else if !fenced {
            let mut rest = line;
            while let Some(at) = rest.find('`') {
                live.push_str(&rest[..at]);
                let escaped = rest[..at].ends_with('\\');
                let fence: String = rest[at..].chars().take_while(|c| *c == '`').collect();
                let inside = &rest[at + fence.len()..];
                // A span ends with as many backticks as it began with, no more; an escaped one begins none.
                let mut ends = inside.match_indices(&fence).map(|(end, _)| end);
                let end = ends.find(|end| !inside[..*end].ends_with('`') && !inside[end + fence.len()..].starts_with('`'));
                rest = end.filter(|_| !escaped).map_or(inside, |end| &inside[end + fence.len()..]);
            }
            live.push_str(rest);
            live.push('\n');
        }
    }
    live
}

#[test]
fn hostile_text_stays_text() {
    for language in [Language::En, Language::Fr] {
        for reason in REASONS {
            let mut input = poisoned();
            input.resolved.experiment.report.language = language;
            input.decision.reason = reason;
            let page = page(&input);
            assert_eq!(page.matches("<script").count(), 1);
            assert_eq!(page.matches("</script").count(), 1);
            assert_eq!(page.matches("</style").count(), 1);
            assert_eq!(page.matches("</title>").count(), page.matches("<title").count());
            assert!(!page.contains("<img"));
            assert!(!page.contains(['\u{202e}', '\u{0}', '\u{1b}']));
        }
    }
    let input = poisoned();
    for figure in figures(&input).unwrap() {
        assert!(!figure.svg.contains("<script") && !figure.svg.contains("<img") && !figure.svg.contains('\u{202e}'), "{}", figure.name);
    }
    for markdown in [summary_md(&input), appendix_md(&input)] {
        assert!(!markdown.contains('\u{1b}') && !markdown.contains('\u{202e}'));
        let live = outside_code(&markdown);
        assert!(!live.contains("<script") && !live.contains("<img"), "{live}");
    }
    let csv = alerts_csv(&input);
    assert!(!csv.contains('\u{202e}'));
    let mut reader = csv::ReaderBuilder::new().from_reader(csv.as_bytes());
    for record in reader.records() {
        let record = record.unwrap();
        assert!(record.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t'])), "{record:?}");
    }
}
