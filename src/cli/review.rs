//! `gonogo review`: draws a sheet of alerts to read, plans it, takes in what came back.

use std::{fmt::Write as _, path::PathBuf};

use super::{Format, Global, next, print, print_json};
use crate::{
    error::{ExitCode, Result},
    record::folder,
    review::{Drawn, Imported, Plan, RULE, Review, plan},
    text::{self, shell_word},
    ui::summary::verdict,
};

/// What `gonogo review` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo review --plan                       what a review of the latest run can give\n  gonogo review                              draw the next sheet (CSV, XLSX, HTML)\n  gonogo review latest --reviews 100\n  gonogo review --import sheet-1-ann.csv sheet-1-bob.csv\n\nA sheet is blind and in random order. `gonogo explain review` says how it is drawn and what it can and cannot tell."
)]
pub struct Args {
    /// A run: its folder, `latest`, `latest~1`, an id or the beginning of one, or an experiment's name
    #[arg(default_value = "latest")]
    run: String,
    /// Where the runs lie
    #[arg(long, value_name = "DIR", default_value = "reports", env = "GONOGO_OUT")]
    out: PathBuf,
    /// Offer so many alerts (default: all where 300 or fewer are left, else 200)
    #[arg(long, value_name = "N", conflicts_with_all = ["plan", "import"])]
    reviews: Option<u64>,
    /// Draw with this seed (default: the run's); only before the first sheet
    #[arg(long, conflicts_with = "import")]
    seed: Option<u64>,
    /// Offer what single fields alone raise too: a GO takes it, and the frame grows
    #[arg(long, conflicts_with = "import")]
    fields: bool,
    /// Say how many reviews, days and incidents give which width and which chance; draw nothing
    #[arg(long, conflicts_with = "import")]
    plan: bool,
    /// Take in sheets that came back (CSV), and judge the run again
    #[arg(long, value_name = "FILE", num_args = 1..)]
    import: Vec<PathBuf>,
    /// Who read, where a file does not say (default: the file's name)
    #[arg(long, value_name = "NAME", requires = "import")]
    analyst: Option<String>,
}

/// Draws, plans or imports.
///
/// # Errors
/// As [`Review::open`], [`Review::draw`], [`Review::import`].
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    if global.format == Format::Markdown {
        return Err(Format::none_of("review"));
    }
    let run = folder::find(&args.out, &args.run)?;
    let name = shell_word(&run.display().to_string());
    let mut review = Review::open(&run, args.seed, args.fields)?;
    if args.plan {
        let plan = plan(&review);
        return match global.format {
            Format::Human | Format::Markdown => print(&planned(&plan)),
            Format::Json => print_json(&plan),
        }
        .and_then(|()| next(&format!("gonogo review {name}"), global))
        .map(|()| ExitCode::Done);
    }
    if args.import.is_empty() {
        let size = review.size();
        let drawn = review.draw(args.reviews)?;
        return match global.format {
            Format::Human | Format::Markdown => print(&drew(&drawn, size)),
            Format::Json => print_json(&drawn),
        }
        .and_then(|()| next(&format!("gonogo review {name} --import FILE"), global))
        .map(|()| ExitCode::Done);
    }
    let imported = review.import(&args.import, args.analyst.as_deref())?;
    match global.format {
        Format::Human | Format::Markdown => print(&took_in(&imported, &run.join("report.html")))?,
        Format::Json => print_json(&serde_json::json!({
            "run": run.display().to_string(),
            "rows": imported.rows,
            "blank": imported.blank,
            "corrected": imported.corrected,
            "review": imported.saved.evaluation.review,
            "verdict": imported.saved.decision.verdict,
            "pick": imported.saved.decision.pick,
            "earlier": imported.earlier.display().to_string(),
        }))?,
    }
    next(&format!("gonogo report {name} --open"), global)?;
    Ok(ExitCode::Done)
}

fn drew(drawn: &Drawn, size: usize) -> String {
    let mut shown = format!("Sheet {}: {} of the {size} alerts that the detectors or the current rule raise", drawn.number, drawn.rows);
    shown.push_str(match drawn.left {
        0 => "; once it is read, all are, and this window's figures are points.\n",
        _ => ".\n",
    });
    for file in &drawn.files {
        let _ = writeln!(shown, "  {}", file.display());
    }
    if drawn.left > 0 {
        let _ = writeln!(shown, "{} are left. Reading all of them would make this window's figures points.", drawn.left);
    }
    shown.push_str("Fill in `disposition` in the CSV, the workbook or the page, and import it.\n");
    shown
}

fn took_in(imported: &Imported, report: &std::path::Path) -> String {
    let mut shown = format!("Took in {} dispositions", imported.rows);
    if imported.blank > 0 {
        let _ = write!(shown, ", {} rows without one (they are offered again)", imported.blank);
    }
    if imported.corrected > 0 {
        let _ = write!(shown, ", {} corrected", imported.corrected);
    }
    shown.push_str(".\n");
    if let Some(review) = &imported.saved.evaluation.review {
        let _ = writeln!(
            shown,
            "Read {} of {} alerts; {} of them are a simple random part.",
            review.read,
            review.frame - review.known_before,
            review.simple
        );
        if review.read_twice > 0 {
            let kappa = review.kappa.map_or("kappa cannot be told".to_owned(), |kappa| format!("Cohen's kappa {kappa:.2}"));
            let _ = writeln!(
                shown,
                "{} alerts were read by several, who disagree on {} ({kappa}): {RULE}.",
                review.read_twice, review.disagreements
            );
        }
    }
    let saved = &imported.saved;
    for contender in &saved.evaluation.contenders {
        let Some(window) = contender.budget.as_ref().and_then(|point| point.sampled.as_ref()) else { continue };
        let told = |estimate: &crate::evaluate::Estimate, scale: f64| match (estimate.low, estimate.high) {
            (Some(low), Some(high)) if low < high => format!("{:.0} ({:.0} to {:.0})", estimate.value * scale, low * scale, high * scale),
            _ => format!("{:.0}", estimate.value * scale),
        };
        let reduction = window.fp_reduction.as_ref().map_or(String::new(), |e| format!(", {} % fewer false than the rule", told(e, 100.0)));
        let _ = writeln!(
            shown,
            "  {:<24} true alerts about this window: {} of {}{reduction}",
            text::terminal(&contender.id),
            told(&window.true_alerts, 1.0),
            window.read + window.unread
        );
    }
    let _ = writeln!(shown, "{}: {}", verdict(saved.decision.verdict), text::terminal(&saved.decision.because.en));
    for next in &saved.decision.next {
        let _ = writeln!(shown, "Next: {}", text::terminal(&next.en));
    }
    let _ = writeln!(shown, "Report: {}\nEarlier results: {}", report.display(), imported.earlier.display());
    shown
}

fn planned(plan: &Plan) -> String {
    let mut shown = format!(
        "The detectors and the current rule raise {} alerts between them that no label tells; {} were read.\n",
        plan.frame, plan.read
    );
    if plan.whole_first {
        shown.push_str("That is few: reading all of them makes this window's figures points. `gonogo review` offers them all.\n");
    }
    shown.push_str("\nVotes      alerts  assumed true\n");
    for stratum in &plan.strata {
        let _ = writeln!(shown, "{:<10} {:>6}  {:>5.0} %", stratum.votes, stratum.size, 100.0 * stratum.assumed);
    }
    shown.push_str("\nAbout this window: width of the intervals, in points\nreadings   true among alerts   false alerts saved   rule's true alerts kept\n");
    let points = |width: Option<f64>| width.map_or("-".to_owned(), |width| format!("{:.1}", 100.0 * width));
    for row in &plan.window {
        let _ = writeln!(
            shown,
            "{:>8}   {:>17}   {:>18}   {:>23}",
            row.readings,
            points(row.precision),
            points(row.fp_reduction),
            points(row.recall_kept_by_units)
        );
    }
    if !plan.weeks.is_empty() {
        shown.push_str(
            "\nAbout the weeks to come: more days help, more reviews hardly do\njudged days   false alerts left, times or divided by\n",
        );
        for row in &plan.weeks {
            let _ = writeln!(shown, "{:>11.0}   {:.2}", row.days, row.half.exp());
        }
    }
    for criterion in &plan.criteria {
        let _ = writeln!(shown, "\n{}", criterion.asked);
        for line in &criterion.lines {
            let _ = writeln!(shown, "  {line}");
        }
        for (at_hand, truth, chance) in &criterion.chances {
            let _ = writeln!(shown, "  {at_hand}, truly {truth:.2}: shown in {:.0} of 100 windows", 100.0 * chance);
        }
    }
    shown
}
