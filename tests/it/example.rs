//! The report that the README shows lies in `reports/example/`, and is what the program makes today.
//!
//! `GONOGO_EXAMPLE=write cargo test --release --test it example::` makes it anew. What a clock has put into it (the run's name and times, its
//! seconds and its memory) is taken from the committed one when both are compared.

use std::{fs, path::PathBuf};

use gonogo::{
    evaluate::Evaluation,
    record::Manifest,
    report::{self, ReportInput},
    run::pipeline,
};

use crate::support::{demo, root};

fn folder() -> PathBuf {
    root().join("reports/example")
}

/// The main job's run with the clock of the committed example.
fn at_its_time(mut saved: ReportInput, made: Manifest, evaluation: &Evaluation) -> ReportInput {
    saved.manifest = Manifest {
        warnings: saved.manifest.warnings,
        experiment_hash: saved.manifest.experiment_hash,
        data_hash: saved.manifest.data_hash,
        seed: saved.manifest.seed,
        synthetic: saved.manifest.synthetic,
        ..made
    };
    for contender in &mut saved.evaluation.contenders {
        if let Some(then) = evaluation.contender(&contender.id) {
            (contender.fit_seconds, contender.score_seconds) = (then.fit_seconds, then.score_seconds);
        }
    }
    saved
}

fn write(mut saved: ReportInput) {
    let folder = folder();
    fs::create_dir_all(&folder).unwrap();
    saved.manifest.command = "gonogo run experiments/proxy-exfiltration.yaml".into();
    fs::write(folder.join("made.json"), format!("{}\n", serde_json::to_string_pretty(&saved.manifest).unwrap())).unwrap();
    fs::write(folder.join("evaluation.json"), format!("{}\n", serde_json::to_string_pretty(&saved.evaluation).unwrap())).unwrap();
    fs::write(folder.join("report.html"), report::page(&saved)).unwrap();
    fs::write(folder.join("summary.png"), report::summary_png(&saved).unwrap()).unwrap();
}

#[test]
fn the_example_is_what_the_program_makes() {
    let saved = pipeline::load(demo()).unwrap();
    if std::env::var("GONOGO_EXAMPLE").is_ok_and(|asked| asked == "write") {
        return write(saved);
    }
    let read = |name: &str| fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let made: Manifest = serde_json::from_slice(&read("made.json")).unwrap();
    let evaluation: Evaluation = serde_json::from_slice(&read("evaluation.json")).unwrap();
    let saved = at_its_time(saved, made, &evaluation);
    let old = "reports/example is out of date: GONOGO_EXAMPLE=write cargo test --release --test it example::";
    assert!(saved.evaluation == evaluation, "evaluation.json: {old}");
    assert!(report::page(&saved).as_bytes() == read("report.html"), "report.html: {old}");
    assert!(report::summary_png(&saved).unwrap() == read("summary.png"), "summary.png: {old}");
}

#[test]
fn the_example_names_no_machine_and_is_shown_in_the_readme() {
    let page = fs::read_to_string(folder().join("report.html")).unwrap();
    assert!(!page.contains("/home/") && !page.contains("/tmp/") && !page.contains(root().to_str().unwrap()));
    assert!(page.len() <= 260_000, "{} bytes", page.len());
    assert!(fs::read_to_string(root().join("README.md")).unwrap().contains("](reports/example/summary.png)"));
}

/// The table, the criteria and the verdict; what a clock or a folder puts into the rest differs.
#[test]
fn the_readme_shows_what_the_run_prints() {
    let (path, saved) = (demo().to_owned(), pipeline::load(demo()).unwrap());
    let printed = gonogo::ui::summary::table(&pipeline::Finished { path, saved, some_failed: false, names: None });
    let printed = anstream::adapter::strip_str(&printed).to_string();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let part = |text: &str| {
        let begins = text.find("    Contender  ").unwrap();
        let ends = begins + text[begins..].find("\nNext:").unwrap();
        text[begins..ends].to_owned()
    };
    assert_eq!(part(&printed), part(&readme), "README.md shows another run");
}
