//! Several use cases on one page: verdict, gain, cost, confidence.

use maud::html;

use super::{Say, verdict};
use crate::{
    compare::Entry,
    decide::Verdict,
    evaluate::Estimate,
    report::{markup, metric::Pen, page},
    spec::Language,
    text::visible_within,
};

phrases! { Words {
    title() { en: "Use cases side by side", fr: "Les cas d’usage côte à côte" }
    use_case() { en: "Use case", fr: "Cas d’usage" }
    verdict() { en: "Verdict", fr: "Verdict" }
    judged() { en: "Judged", fr: "Jugé" }
    criteria() { en: "Criteria", fr: "Critères" }
    run() { en: "Newest of", fr: "La plus récente de" }
    runs(run, count) { en: "{run} (of {count})", fr: "{run} (sur {count})" }
    standing(met, not_met, open) { en: "{met} met, {not_met} not met, {open} open", fr: "{met} atteints, {not_met} non atteints, {open} non tranchés" }
    caught(k, n) { en: "{k} of {n}", fr: "{k} sur {n}" }
    synthetic() { en: "synthetic data", fr: "données synthétiques" }
    understanding() {
        en: "Each row is the newest whole run of a use case. Values stand with their intervals for the weeks to come; use cases differ in data, rule and costs, so that their figures are not ranked.",
        fr: "Chaque ligne est l’exécution complète la plus récente d’un cas d’usage. Les valeurs sont données avec leurs intervalles pour les semaines à venir ; données, règles et coûts diffèrent d’un cas à l’autre : les chiffres ne sont pas classés."
    }
} }

/// One use case, written.
#[derive(Debug, Clone, PartialEq)]
pub struct PortfolioRow {
    /// The use case.
    pub use_case: String,
    /// The verdict's word.
    pub verdict: String,
    /// The verdict.
    pub decided: Verdict,
    /// The judged contender.
    pub pick: String,
    /// False alerts saved, with the interval.
    pub gain: String,
    /// Incidents caught, with the interval of the share kept.
    pub incidents: String,
    /// Net saving, with its range.
    pub money: String,
    /// How the criteria stand.
    pub criteria: String,
    /// The run, and of how many.
    pub run: String,
}

impl PortfolioRow {
    /// Its cells, in the order of [`portfolio_header`].
    pub fn cells(self) -> [String; 8] {
        [self.use_case, self.verdict, self.pick, self.gain, self.incidents, self.money, self.criteria, self.run]
    }
}

/// What the columns are called.
pub fn portfolio_header(language: Language) -> [String; 8] {
    let (say, pen) = (Words(language), Pen::new(language, ""));
    [
        say.use_case(),
        say.verdict(),
        say.judged(),
        pen.name("fp_reduction"),
        pen.name("recall_kept"),
        pen.name("net_present_value"),
        say.criteria(),
        say.run(),
    ]
}

/// The use cases, written.
pub fn portfolio_rows(entries: &[Entry], language: Language) -> Vec<PortfolioRow> {
    entries.iter().map(|entry| row(entry, language)).collect()
}

fn row(entry: &Entry, language: Language) -> PortfolioRow {
    let say = Words(language);
    let pen = Pen::new(language, &entry.currency);
    let estimate = |metric: &str, found: &Option<Estimate>| {
        found.as_ref().map(|found| with_interval(&pen, metric, found.value, found.low, found.high))
    };
    let none = || "—".to_owned();
    let title = visible_within(&entry.use_case, 80);
    let count = |value: u64| pen.numbers.integer(value);
    let caught = entry.incidents.map(|(k, n)| say.caught(count(k), count(n)));
    let kept = estimate("recall_kept", &entry.recall_kept);
    let (met, not_met, open) = entry.criteria;
    PortfolioRow {
        use_case: if entry.synthetic { format!("{title} ({})", say.synthetic()) } else { title.into_owned() },
        verdict: verdict(Say(language), entry.verdict),
        decided: entry.verdict,
        pick: entry.pick.as_deref().map_or_else(none, |pick| visible_within(pick, 28).into_owned()),
        gain: estimate("fp_reduction", &entry.fp_reduction).unwrap_or_else(none),
        incidents: match (caught, kept) {
            (Some(caught), Some(kept)) => format!("{caught}; {kept}"),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => none(),
        },
        money: entry
            .net_present_value
            .map_or_else(none, |(value, low, high)| with_interval(&pen, "net_present_value", value, Some(low), Some(high))),
        criteria: if met + not_met + open == 0 { none() } else { say.standing(count(met), count(not_met), count(open)) },
        run: say.runs(visible_within(&entry.run, 60), count(entry.runs)),
    }
}

fn with_interval(pen: &Pen, metric: &str, value: f64, low: Option<f64>, high: Option<f64>) -> String {
    let interval = pen.interval(metric, Some(value), low, high).map(|interval| format!(" ({interval})")).unwrap_or_default();
    format!("{}{interval}", pen.value(metric, value, low, high))
}

/// The use cases as one self-contained page.
pub fn portfolio_page(entries: &[Entry], language: Language) -> String {
    let say = Words(language);
    let head = html! { @for head in portfolio_header(language) { (markup::head(&head, false)) } };
    let rows = html! {
        @for row in portfolio_rows(entries, language) {
            @let tone = match row.decided { Verdict::Go => "standing met", Verdict::NoGo => "standing not-met", Verdict::Inconclusive => "standing open" };
            @let [use_case, verdict, rest @ ..] = row.cells();
            tr { th scope="row" { (use_case) } td { span class=(tone) { (verdict) } } @for cell in rest { td { (cell) } } }
        }
    };
    let body = html! {
        main {
            h1.plain { (say.title()) }
            section.card #portfolio { (markup::table("wide", &say.title(), false, &head, &rows)) p.footnote { (say.understanding()) } }
        }
    };
    page::bare(language, &say.title(), &body)
}
