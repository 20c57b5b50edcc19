//! What holds for every page: it is whole, safe, small, and the same each time.

use super::{ReportInput, alerts_csv, appendix_md, figures, fixture, page, page_of, summary_md, summary_png};
use crate::{
    decide::{Reason, Verdict},
    evaluate::{Driver, Status},
    spec::Language,
    text::Said,
};

mod hostile;

const REASONS: [Reason; 11] = [
    Reason::AllMet,
    Reason::CriterionNotMet,
    Reason::FieldDoesAsWell,
    Reason::FieldsNotCompared,
    Reason::NotBetterThanRandom,
    Reason::NotSettled,
    Reason::NoLabels,
    Reason::NoCriteria,
    Reason::NoIncidents,
    Reason::NoBaseline,
    Reason::NoContender,
];

fn all() -> Vec<(&'static str, ReportInput)> {
    vec![
        ("full", fixture::full()),
        ("french", fixture::french()),
        ("unlabelled", fixture::unlabelled()),
        ("table", fixture::table()),
        ("nothing", fixture::nothing()),
    ]
}

#[test]
fn every_input_makes_a_whole_page() {
    for (name, input) in all() {
        let page = page(&input);
        assert!(page.starts_with("<!DOCTYPE html><html lang=") && page.ends_with("</html>"), "{name}");
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        assert_eq!(page.matches("<table").count(), page.matches("<caption").count(), "{name}");
        assert!(page.matches("<th").count() - page.matches("<thead").count() == page.matches(" scope=").count(), "{name}");
        assert!(page.len() < 300_000, "{name}: {}", page.len());
        for id in ["verdict", "figures", "criteria", "false-alerts", "detectors", "cost", "caveats", "next", "quality", "appendix", "a10"] {
            assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{name}: {id}");
        }
        assert!(!summary_md(&input).is_empty());
        assert!(alerts_csv(&input).starts_with("rank,entity,"));
    }
}

#[test]
fn ids_are_unique_and_links_lead_somewhere() {
    for (name, input) in all() {
        let page = page(&input);
        let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let distinct: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), distinct.len(), "{name}: {ids:?}");
        for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(distinct.contains(target), "{name}: #{target}");
        }
    }
}

#[test]
fn nothing_is_fetched() {
    for (name, input) in all() {
        let page = page(&input);
        for loader in ["src=", "@import", "url(", "<link", "<iframe", "<img", "http-equiv=\"refresh\"", "fetch(", "href=\"http"] {
            assert!(!page.contains(loader), "{name}: {loader}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let input = fixture::full();
    assert_eq!(page(&input), page(&fixture::full()));
    assert_eq!(figures(&input).unwrap(), figures(&fixture::full()).unwrap());
    assert_eq!(summary_md(&input), summary_md(&fixture::full()));
}

#[test]
fn charts_are_pictures_with_numbers() {
    let figures = figures(&fixture::full()).unwrap();
    let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    let planted_and_studies = ["planted", "learning-curve", "ageing", "peers-ablation", "sensitivity", "stability"];
    let all: Vec<&str> = ["false-alerts", "trade-off", "money", "week", "scores", "precision", "agreement", "seeds", "map", "history"]
        .into_iter()
        .chain(planted_and_studies)
        .collect();
    assert_eq!(names, all);
    for figure in &figures {
        assert!(figure.svg.starts_with("<svg") && figure.svg.ends_with("</svg>"), "{}", figure.name);
        assert!(figure.svg.contains("role=\"img\"") && figure.svg.contains("<desc"), "{}", figure.name);
        assert!(figure.png.starts_with(b"\x89PNG\r\n\x1a\n") && figure.png.len() > 5_000, "{}", figure.name);
        assert!(!figure.title.is_empty());
    }
    assert!(figures[0].svg.contains("K-means distance: 96 a week, incidents caught 18/19"));
}

#[test]
fn the_first_screen_says_what_the_data_are() {
    assert!(page(&fixture::full()).contains("Synthetic demonstration data"));
    let table = page(&fixture::table());
    assert!(!table.contains("Synthetic demonstration data"));
    assert!(table.contains("fitted and scored on the same rows"));
    assert!(page(&fixture::unlabelled()).contains("alerts.csv"));
    assert!(page(&fixture::unlabelled()).contains("Without labels nothing can be decided yet"));
}

#[test]
fn every_reason_has_its_sentences_in_every_language() {
    for reason in REASONS {
        for language in [Language::En, Language::Fr] {
            let mut input = fixture::full();
            input.resolved.experiment.report.language = language;
            input.decision.reason = reason;
            input.decision.verdict = if reason == Reason::AllMet { Verdict::Go } else { Verdict::NoGo };
            input.decision.rule = Some("bytes_up > 5.2e7".into());
            let page = page(&input);
            let verdict = page.split("<h1").nth(1).unwrap().split("</section>").next().unwrap();
            assert!(verdict.contains("<p>") && verdict.len() > 150, "{reason:?}: {verdict}");
        }
    }
}

/// The texts of a page, but for code, quotations of another language, script and style.
fn texts(page: &str) -> std::collections::BTreeSet<String> {
    let mut found = std::collections::BTreeSet::new();
    let mut skipped: Option<String> = None;
    for piece in page.split('<').skip(1) {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default().to_owned();
        match &skipped {
            Some(until) if tag.starts_with('/') && name == *until => skipped = None,
            Some(_) => continue,
            None if !tag.starts_with('/') && (["code", "pre", "script", "style"].contains(&name.as_str()) || tag == "span lang=\"en\"") => {
                skipped = Some(name);
                continue;
            }
            None => {}
        }
        found.insert(text.trim().to_owned());
    }
    found
}

#[test]
fn the_french_page_has_no_english_sentence() {
    for (english, mut french) in
        [(fixture::full(), fixture::full()), (fixture::unlabelled(), fixture::unlabelled()), (fixture::table(), fixture::table())]
    {
        french.resolved.experiment.report.language = Language::Fr;
        let case = &english.resolved.experiment.use_case;
        let own: Vec<&str> = english
            .evaluation
            .contenders
            .iter()
            .map(|contender| contender.title.as_str())
            .chain([
                case.title.as_str(),
                case.question.as_deref().unwrap_or_default(),
                case.standard_solution.as_deref().unwrap_or_default(),
            ])
            .collect();
        let english = texts(&page(&english));
        let words = |text: &str| text.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() > 1).count();
        let same: Vec<String> = texts(&page(&french))
            .into_iter()
            .filter(|text| {
                words(text) > 2
                    && !text.contains("/")
                    && english.contains(text)
                    && !own.iter().any(|name| !name.is_empty() && text.contains(name))
            })
            .collect();
        assert!(same.is_empty(), "the same in both languages: {same:#?}");
    }
}

#[test]
fn the_picture_is_1600_pixels_wide() {
    for (name, input) in all() {
        let picture = summary_png(&input).unwrap();
        let width = u32::from_be_bytes(picture[16..20].try_into().unwrap());
        assert!(picture.starts_with(b"\x89PNG") && width == 1_600, "{name}: {width}");
    }
    assert_eq!(summary_png(&fixture::full()).unwrap(), summary_png(&fixture::full()).unwrap());
}

#[test]
fn only_the_sections_that_were_asked_for() {
    let page = page_of(&fixture::full(), &["cost".into(), "a3".into()]);
    assert!(page.contains(" id=\"verdict\"") && page.contains(" id=\"cost\"") && page.contains(" id=\"a3\""));
    assert!(!page.contains(" id=\"quality\"") && !page.contains(" id=\"a2\""));
}

#[test]
fn failed_detectors_stay_with_their_reason() {
    let input = fixture::full();
    assert!(input.evaluation.contenders.iter().any(|contender| contender.outcome == Status::Failed));
    for text in [page(&input), summary_md(&input)] {
        assert!(text.contains("DBSCAN") && text.contains("no cluster at tolerance"));
    }
}

/// More of everything than a proof of concept has.
fn big() -> ReportInput {
    let mut input = fixture::full();
    let contenders = input.evaluation.contenders.clone();
    for copy in 0..5 {
        input.evaluation.contenders.extend(contenders.iter().cloned().map(|mut contender| {
            contender.id = format!("{} {copy}", contender.id);
            contender
        }));
    }
    let incidents = input.evaluation.incident_list.clone();
    input.evaluation.incident_list = (0..60).flat_map(|_| incidents.clone()).collect();
    let fields = input.fields.clone();
    input.fields = (0..50)
        .flat_map(|copy| {
            fields.iter().cloned().map(move |mut field| {
                field.name = format!("{}_{copy}", field.name);
                field
            })
        })
        .collect();
    let source = &mut input.quality.sources[0];
    source.files = (0..200).flat_map(|_| source.files.clone()).collect();
    source.per_hour = (0..8_760).map(|hour| 1_000 + hour % 997).collect();
    input.alerts = input.alerts.iter().cloned().cycle().take(200).collect();
    let events = input.events.as_mut().unwrap();
    events.columns = (0..25).map(|column| format!("column_{column}")).collect();
    for alert in &mut events.alerts {
        alert.rows = (0..20)
            .map(|event| (Some(event), vec![Some("https://example.org/a/long/path?with=a&query=of-many-letters".into()); 25]))
            .collect();
    }
    let shape = input.shape.as_mut().unwrap();
    shape.units_per_period = (0..365).map(|day| (day * 86_400_000_000, 4_000)).collect();
    shape.alike = (0..2_000).map(|pair| (format!("a{pair}"), format!("b{pair}"), 0.95)).collect();
    let points = &mut shape.map.as_mut().unwrap().points;
    *points = (0..2_000).map(|i| (f64::from(i * 37 % 1_999), f64::from(i * 53 % 1_999), i % 9 == 0)).collect();
    input
}

#[test]
fn a_page_stays_small_enough_to_be_mailed() {
    let page = page(&big());
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}

/// Writes every page and chart for whoever wants to look: `GONOGO_LOOK=folder cargo test report::tests::look -- --ignored`.
#[test]
#[ignore = "writes files to look at"]
fn look() {
    let Ok(folder) = std::env::var("GONOGO_LOOK") else { return };
    let folder = std::path::Path::new(&folder);
    std::fs::create_dir_all(folder).unwrap();
    let mut inputs = all();
    let mut go = fixture::full();
    (go.decision.verdict, go.decision.reason) = (Verdict::Go, Reason::AllMet);
    go.decision.criteria.iter_mut().for_each(|judged| (judged.standing, judged.needs) = (crate::decide::Standing::Met, None));
    let mut no_go = fixture::full();
    (no_go.decision.verdict, no_go.decision.reason, no_go.decision.rule) =
        (Verdict::NoGo, Reason::FieldDoesAsWell, Some("bytes_up > 52 000 000".into()));
    inputs.extend([("go", go), ("no-go", no_go)]);
    for (name, input) in &inputs {
        std::fs::write(folder.join(format!("{name}.html")), page(input)).unwrap();
        std::fs::write(folder.join(format!("{name}.md")), summary_md(input)).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), summary_png(input).unwrap()).unwrap();
    }
    for figure in figures(&fixture::full()).unwrap() {
        std::fs::write(folder.join(format!("{}.png", figure.name)), &figure.png).unwrap();
        std::fs::write(folder.join(format!("{}.svg", figure.name)), &figure.svg).unwrap();
    }
}
