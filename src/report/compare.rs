//! Comparisons in words: one writing of every cell and sentence, which the terminal, Markdown and the page only lay out.

use crate::{
    compare::{Change, Column, Comparison, Difference, Group, Measure, Refused, Step, Word},
    decide::Verdict,
    report::metric::Pen,
    spec::Language,
    text::{visible, visible_within},
};

pub use self::{
    markdown::{comparison_md, portfolio_md},
    page::comparison_page,
    portfolio::{PortfolioRow, portfolio_header, portfolio_page, portfolio_rows},
};

mod history;
mod markdown;
mod page;
mod portfolio;

phrases! { pub(super) Say {
    iterations(count, days) { en: "{count} iterations over {days} days", fr: "{count} itérations en {days} jours" }
    within_a_day(count) { en: "{count} iterations within a day", fr: "{count} itérations en un jour" }
    against(now, before) { en: "{now} against {before}", fr: "{now} par rapport à {before}" }
    one_iteration() { en: "1 iteration: nothing to compare with yet", fr: "1 itération : rien à comparer pour l’instant" }
    verdict() { en: "Verdict", fr: "Verdict" }
    judged() { en: "Judged", fr: "Jugé" }
    measure() { en: "Measure", fr: "Mesure" }
    inconclusive() { en: "INCONCLUSIVE", fr: "NON CONCLUANT" }
    better() { en: "better", fr: "mieux" }
    worse() { en: "worse", fr: "moins bien" }
    no_change() { en: "no change detected", fr: "aucun changement décelé" }
    within_noise() { en: "within noise", fr: "dans le bruit" }
    window(run) { en: "{run} used another window: its figures differ for that reason too", fr: "{run} porte sur une autre fenêtre : ses chiffres diffèrent aussi pour cette raison" }
    data(run) { en: "{run} read other data in the same window", fr: "{run} a lu d’autres données sur la même fenêtre" }
    budget(run) { en: "{run} used another alert budget or grouping", fr: "{run} utilise un autre budget d’alertes ou un autre regroupement" }
    baseline(run) { en: "{run} is compared with another rule", fr: "{run} est comparé à une autre règle" }
    criteria(run) { en: "{run} was judged by other criteria", fr: "{run} a été jugé selon d’autres critères" }
    cost(run) { en: "{run} counts with other amounts of money", fr: "{run} compte avec d’autres montants" }
    version(run) { en: "{run} was made by another version of gonogo", fr: "{run} vient d’une autre version de gonogo" }
    refused(run, because) { en: "{run} is left out: it has another {because}", fr: "{run} est écarté : il n’a pas {because}" }
    use_case() { en: "use case", fr: "le même cas d’usage" }
    entity() { en: "entity or period", fr: "la même entité ou période" }
    label_policy() { en: "rule for labels", fr: "la même règle d’étiquetage" }
    synthetic() { en: "synthetic demonstration data: nothing here says anything about a real network", fr: "données de démonstration synthétiques : rien ici ne vaut pour un vrai réseau" }
    changed() { en: "What changed", fr: "Ce qui a changé" }
    did() { en: "What it did", fr: "Ce que cela a donné" }
    nothing() { en: "nothing in the experiment", fr: "rien dans l’expérience" }
    absent() { en: "(absent)", fr: "(absent)" }
    group_data() { en: "data", fr: "données" }
    group_fields() { en: "fields", fr: "champs" }
    group_detectors() { en: "detectors", fr: "détecteurs" }
    group_evaluation() { en: "evaluation", fr: "évaluation" }
    group_cost() { en: "cost", fr: "coûts" }
    understanding(confidence) {
        en: "Each cell holds the value and its {confidence} interval for the weeks to come. A run is called better or worse than the one before it only where the {confidence} interval of their difference lies wholly on one side; where both judged the same cases the difference is taken case by case, else from the two intervals as if they were independent. That the contender was chosen as the best of several is taken off the intervals of each run, not off the differences.",
        fr: "Chaque case donne la valeur et son intervalle à {confidence} pour les semaines à venir. Une itération n’est dite meilleure ou moins bonne que la précédente que si l’intervalle à {confidence} de leur différence est entièrement du même côté ; quand les deux ont jugé les mêmes cas, la différence est prise cas par cas, sinon à partir des deux intervalles comme s’ils étaient indépendants. Le choix du meilleur parmi plusieurs est corrigé dans les intervalles de chaque itération, pas dans les différences."
    }
    paired() { en: "case by case", fr: "cas par cas" }
    unpaired() { en: "by their intervals", fr: "par leurs intervalles" }
    arrow(before, now) { en: "{before} → {now}", fr: "{before} → {now}" }
    got_worse(measures) { en: "worse than before: {measures}", fr: "moins bien qu’avant : {measures}" }
} }

/// A comparison, written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The use case.
    pub title: String,
    /// How many iterations, over how long.
    pub subtitle: String,
    /// What must be known before the figures are read.
    pub banners: Vec<String>,
    /// The labels of the runs.
    pub labels: Vec<String>,
    /// The heading of the newest run's differences; empty for one run.
    pub against: String,
    /// What the first column is called.
    pub measure: String,
    /// Verdict and judged contender, then one measure a row.
    pub rows: Vec<Row>,
    /// The heading of the changes.
    pub changed: String,
    /// For each run but the first, its label and what its experiment changed: group, path, and the change.
    pub changes: Vec<(String, Vec<[String; 3]>)>,
    /// How to read the table.
    pub understanding: String,
    /// Which required measures got worse; `None`: none.
    pub worse: Option<String>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What is measured.
    pub name: String,
    /// Whether a criterion asks for it.
    pub required: bool,
    /// One cell a run.
    pub cells: Vec<Cell>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// The value.
    pub value: String,
    /// Its interval.
    pub interval: Option<String>,
    /// What the difference from the run before says, and the difference itself.
    pub step: Option<(Word, String, String)>,
}

/// Writes a comparison in a language.
pub fn written(comparison: &Comparison, language: Language) -> Written {
    let say = Say(language);
    let pen = Pen::new(language, &comparison.currency);
    let columns = &comparison.columns;
    let confidence = pen.numbers.percent(comparison.confidence);
    let labels = labels(columns);
    let mut rows = vec![
        Row { name: say.verdict(), required: false, cells: columns.iter().map(|column| plain(verdict(say, column.verdict))).collect() },
        Row { name: say.judged(), required: false, cells: columns.iter().map(|column| plain(pick(column))).collect() },
    ];
    rows.extend(comparison.measures.iter().map(|measure| row(measure, &pen, say)));
    let changes = comparison.changes.iter().zip(labels.iter().skip(1));
    Written {
        title: visible_within(&comparison.use_case, 120).into_owned(),
        subtitle: match columns.len() {
            0 | 1 => say.one_iteration(),
            count if comparison.days <= 1.0 => say.within_a_day(count),
            count => say.iterations(pen.numbers.integer(count as u64), pen.numbers.count(comparison.days.ceil())),
        },
        banners: banners(comparison, &labels, say),
        against: match &labels[..] {
            [.., before, now] => say.against(now, before),
            _ => String::new(),
        },
        measure: say.measure(),
        rows,
        changed: say.changed(),
        changes: changes.map(|(changes, label)| (label.clone(), lines(changes, say))).collect(),
        understanding: say.understanding(confidence),
        worse: (!comparison.worse.is_empty())
            .then(|| say.got_worse(comparison.worse.iter().map(|metric| pen.name(metric)).collect::<Vec<_>>().join(", "))),
        labels,
    }
}

/// Chart D: the measures that every team asks for first, iteration by iteration; `None` with fewer than two.
pub(super) fn history(comparison: &Comparison, language: Language) -> Option<crate::report::figure::Chart> {
    history::chart(comparison, &labels(&comparison.columns), language)
}

/// The labels of the runs; where two are the same, their ids are added.
fn labels(columns: &[Column]) -> Vec<String> {
    let is_twice = |label: &str| columns.iter().filter(|column| column.label == label).count() > 1;
    let label = |column: &Column| if is_twice(&column.label) { format!("{} ({})", column.label, column.run) } else { column.label.clone() };
    columns.iter().map(|column| visible_within(&label(column), 60).into_owned()).collect()
}

fn plain(value: String) -> Cell {
    Cell { value, ..Cell::default() }
}

/// The verdict's word.
pub(super) fn verdict(say: Say, verdict: Verdict) -> String {
    match verdict {
        Verdict::Go => "GO".into(),
        Verdict::NoGo => "NO-GO".into(),
        Verdict::Inconclusive => say.inconclusive(),
    }
}

fn pick(column: &Column) -> String {
    column.pick.as_deref().map_or_else(|| "—".into(), |title| visible_within(title, 28).into_owned())
}

fn row(measure: &Measure, pen: &Pen, say: Say) -> Row {
    let steps = std::iter::once(&None).chain(&measure.steps);
    let cells = measure.readings.iter().zip(steps).map(|(reading, step)| match reading {
        Some(reading) => Cell {
            value: pen.value(&measure.metric, reading.value, reading.low, reading.high),
            interval: pen.interval(&measure.metric, Some(reading.value), reading.low, reading.high),
            step: step.as_ref().map(|step| (step.word, word(say, step.word), difference(measure, step, pen, say))),
        },
        None => plain("—".into()),
    });
    Row { name: pen.name(&measure.metric), required: measure.required, cells: cells.collect() }
}

fn word(say: Say, word: Word) -> String {
    match word {
        Word::Better => say.better(),
        Word::Worse => say.worse(),
        Word::NoChange => say.no_change(),
        Word::WithinNoise => say.within_noise(),
    }
}

/// `+0.12 (+0.05 to +0.19), case by case`.
fn difference(measure: &Measure, step: &Step, pen: &Pen, say: Say) -> String {
    let how = if step.paired { say.paired() } else { say.unpaired() };
    format!("{}, {how}", pen.difference(&measure.metric, step.difference, step.low, step.high))
}

fn banners(comparison: &Comparison, labels: &[String], say: Say) -> Vec<String> {
    let mut banners = Vec::new();
    if comparison.columns.iter().any(|column| column.synthetic) {
        banners.push(say.synthetic());
    }
    for (column, label) in comparison.columns.iter().zip(labels) {
        banners.extend(column.differs.iter().map(|difference| match difference {
            Difference::Window => say.window(label),
            Difference::Data => say.data(label),
            Difference::Budget => say.budget(label),
            Difference::Baseline => say.baseline(label),
            Difference::Criteria => say.criteria(label),
            Difference::Cost => say.cost(label),
            Difference::Version => say.version(label),
        }));
    }
    banners.extend(comparison.refused.iter().map(|refused| left_out(refused, say)));
    banners
}

fn left_out(refused: &Refused, say: Say) -> String {
    use crate::compare::Disagreement;
    let because: Vec<String> = refused
        .because
        .iter()
        .map(|what| match what {
            Disagreement::UseCase => say.use_case(),
            Disagreement::Entity => say.entity(),
            Disagreement::LabelPolicy => say.label_policy(),
        })
        .collect();
    say.refused(visible_within(&refused.label, 60), because.join(", "))
}

fn lines(changes: &[Change], say: Say) -> Vec<[String; 3]> {
    let shown = |value: &Option<String>| value.as_ref().map_or_else(|| say.absent(), |value| visible(value).into_owned());
    let lines: Vec<[String; 3]> = changes
        .iter()
        .map(|change| {
            let group = match change.group {
                Group::Data => say.group_data(),
                Group::Fields => say.group_fields(),
                Group::Detectors => say.group_detectors(),
                Group::Evaluation => say.group_evaluation(),
                Group::Cost => say.group_cost(),
            };
            [group, visible(&change.path).into_owned(), say.arrow(shown(&change.before), shown(&change.now))]
        })
        .collect();
    if lines.is_empty() { vec![[say.nothing(), String::new(), String::new()]] } else { lines }
}
