//! The review: what was read, by whom, how far they agree, what it tells and how precisely, and what the next sheet would bring.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::{
    evaluate::{ErrorRate, Estimate, Measured, NextSheet, ReviewSummary, Sampled},
    text::visible_within,
};

phrases! { Say {
    heading() { en: "The review", fr: "La relecture" }
    lead(read, frame) {
        en: "Labels are known of a sample: analysts read {read} of the {frame} alerts that some contender or the current rule raises, drawn at random and without being told who raised them.",
        fr: "Les étiquettes ne sont connues que d’un échantillon : des analystes ont lu {read} des {frame} alertes que signale un candidat ou la règle actuelle, tirées au hasard et sans savoir qui les avait signalées.",
    }
    lead_all(frame) {
        en: "Analysts read all of the {frame} alerts that some contender or the current rule raises, in random order and without being told who raised them: about this window, these figures are no longer estimates.",
        fr: "Des analystes ont lu les {frame} alertes que signale un candidat ou la règle actuelle, dans un ordre aléatoire et sans savoir qui les avait signalées : sur cette fenêtre, ces chiffres ne sont plus des estimations.",
    }
    known(count) { en: "{count} more were told by labels before.", fr: "{count} autres étaient connues par des étiquettes." }
    blank(count) { en: "{count} rows came back without an answer.", fr: "{count} lignes sont revenues sans réponse." }
    design() { en: "Alerts by the number of contenders that raise them", fr: "Alertes selon le nombre de candidats qui les signalent" }
    votes() { en: "Contenders", fr: "Candidats" }
    zero() { en: "0 (the current rule or a control only)", fr: "0 (la règle actuelle ou un témoin seulement)" }
    two() { en: "2 to 3", fr: "2 à 3" }
    four() { en: "4 or more", fr: "4 ou plus" }
    size() { en: "Alerts", fr: "Alertes" }
    read_column() { en: "Read", fr: "Lues" }
    chance() { en: "Chance of being read", fr: "Chance d’être lue" }
    simple(count) {
        en: "{count} of them are a simple random sample; only incidents that it hit say something about the share of incidents kept.",
        fr: "{count} d’entre elles forment un échantillon aléatoire simple ; seuls les incidents qu’il a touchés renseignent sur la part d’incidents conservés.",
    }
    one_reader(name) {
        en: "One analyst read ({name}): how often a reading is wrong is not known. The intervals take every verdict as right; the table after them assumes some rates.",
        fr: "Un seul analyste a lu ({name}) : on ignore combien de lectures sont fausses. Les intervalles tiennent chaque verdict pour juste ; le tableau suivant suppose quelques taux.",
    }
    readers(names) { en: "Read by {names}.", fr: "Lu par {names}." }
    nobody_twice() {
        en: "No alert was read twice: how often a reading is wrong is not known. The intervals take every verdict as right; the table after them assumes some rates.",
        fr: "Aucune alerte n’a été lue deux fois : on ignore combien de lectures sont fausses. Les intervalles tiennent chaque verdict pour juste ; le tableau suivant suppose quelques taux.",
    }
    twice(count, disagree, kappa) {
        en: "{count} alerts were read by more than one, who disagree on {disagree} (Cohen’s kappa {kappa}: 1 is full agreement, 0 is chance). These intervals take every verdict as right; the next table does not.",
        fr: "{count} alertes ont été lues par plusieurs analystes, qui divergent sur {disagree} (kappa de Cohen {kappa} : 1 est l’accord total, 0 le hasard). Ces intervalles tiennent chaque verdict pour juste ; le tableau suivant non.",
    }
    no_kappa() { en: "cannot be told", fr: "indéterminé" }
    table(confidence) {
        en: "What the review says about this window, with {confidence} intervals",
        fr: "Ce que dit la relecture sur cette fenêtre, avec des intervalles à {confidence}",
    }
    contender() { en: "Contender", fr: "Candidat" }
    alerts_read() { en: "Alerts read", fr: "Alertes lues" }
    precision() { en: "True among its alerts", fr: "Vraies parmi ses alertes" }
    reduction() { en: "Fewer false than the rule", fr: "Fausses en moins que la règle" }
    kept() { en: "Rule’s true alerts kept", fr: "Vraies alertes de la règle conservées" }
    misread_table(confidence) {
        en: "The same if some verdicts were wrong: {confidence} limits about this window",
        fr: "La même chose si des verdicts étaient faux : limites à {confidence} sur cette fenêtre",
    }
    one_in(count) { en: "one in {count} wrong", fr: "un sur {count} faux" }
    at_most(share) { en: "{share} wrong, the most that second readings leave open", fr: "{share} faux, le plus que permettent les secondes lectures" }
    misread_precision(rate) { en: "True among its alerts, {rate}", fr: "Vraies parmi ses alertes, {rate}" }
    misread_reduction(rate) { en: "Fewer false, {rate}", fr: "Fausses en moins, {rate}" }
    ruled_out() { en: "ruled out", fr: "exclu" }
    misread_note() {
        en: "Each verdict is taken to be wrong by chance, in both directions; what all analysts get wrong alike, second readings do not show. Ruled out: errors alone would have called more alerts attacks (or fewer) than were. The rates are assumed, so nothing here enters the verdict. The share of incidents kept is not in the table: an attack that was called false has no name, and no rate tells which one it was.",
        fr: "Chaque verdict est supposé faux par hasard, dans les deux sens ; ce que tous les analystes jugent mal de la même façon, les secondes lectures ne le montrent pas. Exclu : les erreurs à elles seules auraient désigné plus d’attaques (ou moins) qu’il n’y en a eu. Les taux sont supposés, donc rien ici n’entre dans le verdict. La part d’incidents conservés n’y est pas : une attaque jugée fausse n’a pas de nom, et aucun taux ne dit laquelle.",
    }
    next(rows, precision, reduction, kept, command) {
        en: "Reading {rows} more ({command}) would bring the median width of these intervals to {precision} points for what is true among the alerts, {reduction} for the false alerts saved, {kept} for the rule’s true alerts kept.",
        fr: "En lire {rows} de plus ({command}) ramènerait la largeur médiane de ces intervalles à {precision} points pour la part de vraies alertes, {reduction} pour les fausses alertes évitées, {kept} pour les vraies alertes de la règle conservées.",
    }
    now(precision, reduction, kept) {
        en: "Now they are {precision}, {reduction} and {kept}.",
        fr: "Elle est à présent de {precision}, {reduction} et {kept}.",
    }
    weeks() {
        en: "For the weeks to come more days help; more readings hardly do.",
        fr: "Pour les semaines à venir, davantage de jours aident ; davantage de lectures n’aident guère.",
    }
} }

section!("review", Body, |view| view.evaluation.review.as_ref().map(|_| Say(view.language).heading()), render);

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let review = view.evaluation.review.as_ref()?;
    let numbers = view.numbers;
    let frame = review.frame - review.known_before;
    let all: Vec<(&Measured, &Sampled)> = view.measured().filter_map(|(measured, point)| Some((measured, point.sampled.as_ref()?))).collect();
    Some(html! {
        p.lead {
            (if review.read < frame { say.lead(numbers.integer(review.read), numbers.integer(frame)) } else { say.lead_all(numbers.integer(frame)) })
            @if review.known_before > 0 { " " (say.known(numbers.integer(review.known_before))) }
            @if review.blank > 0 { " " (say.blank(numbers.integer(review.blank))) }
        }
        p { (readers(view, review)) }
        (strata(view, review))
        @if review.read < frame { p.footnote { (say.simple(numbers.integer(review.simple))) } }
        @if !all.is_empty() { (table(view, &all)) }
        @if let Some(misread) = misread(view, &all) { (misread) }
        @if let Some(next) = &review.next { p { (next_sheet(view, next, &all)) } }
        p { (say.weeks()) }
    })
}

fn readers(view: &View<'_>, review: &ReviewSummary) -> String {
    let (say, numbers) = (Say(view.language), view.numbers);
    let names: Vec<_> = review.analysts.iter().map(|name| visible_within(name, 40)).collect();
    if let [name] = names.as_slice() {
        return say.one_reader(name);
    }
    let agreement = if review.read_twice == 0 {
        say.nobody_twice()
    } else {
        let kappa = review.kappa.map_or_else(|| say.no_kappa(), |kappa| numbers.decimal(kappa, 2));
        say.twice(numbers.integer(review.read_twice), numbers.integer(review.disagreements), kappa)
    };
    format!("{} {agreement}", say.readers(names.join(", ")))
}

fn strata(view: &View<'_>, review: &ReviewSummary) -> Markup {
    let (say, numbers) = (Say(view.language), view.numbers);
    let votes = |text: &str| match text {
        "0" => say.zero(),
        "2 to 3" => say.two(),
        "4 or more" => say.four(),
        other => other.to_owned(),
    };
    let head = html! {
        (markup::head(&say.votes(), false)) (markup::head(&say.size(), true)) (markup::head(&say.read_column(), true)) (markup::head(&say.chance(), true))
    };
    let body = html! {
        @for stratum in review.strata.iter().filter(|stratum| stratum.size > 0) {
            tr {
                th scope="row" { (votes(&stratum.votes)) }
                (markup::number(&numbers.integer(stratum.size), stratum.size as f64)) (markup::number(&numbers.integer(stratum.read), stratum.read as f64))
                (markup::number(&numbers.percent(stratum.read as f64 / stratum.size as f64), stratum.read as f64 / stratum.size as f64))
            }
        }
    };
    markup::table("", &say.design(), false, &head, &body)
}

fn table(view: &View<'_>, all: &[(&Measured, &Sampled)]) -> Markup {
    let (say, numbers) = (Say(view.language), view.numbers);
    let share = |estimate: Option<&Estimate>| match estimate {
        Some(estimate) => markup::with_interval(&numbers.percent(estimate.value), markup::share_interval(view, Some(estimate)), estimate.value),
        None => markup::none(),
    };
    let head = html! {
        (markup::head(&say.contender(), false)) (markup::head(&say.alerts_read(), true)) (markup::head(&say.precision(), true))
        (markup::head(&say.reduction(), true)) (markup::head(&say.kept(), true))
    };
    let body = html! {
        @for (measured, sampled) in all {
            tr {
                th scope="row" { (view.title(measured)) }
                (markup::number(&numbers.of(sampled.read, sampled.read + sampled.unread), sampled.read as f64))
                (share(sampled.precision.as_ref())) (share(sampled.fp_reduction.as_ref())) (share(sampled.recall_kept_by_units.as_ref()))
            }
        }
    };
    markup::table("", &say.table(view.confidence()), false, &head, &body)
}

/// What the limits would be at each rate of false verdicts.
fn misread(view: &View<'_>, all: &[(&Measured, &Sampled)]) -> Option<Markup> {
    let (say, numbers) = (Say(view.language), view.numbers);
    let rates: Vec<_> = all.iter().map(|(_, sampled)| &sampled.if_misread).max_by_key(|rates| rates.len())?.iter().map(|m| m.rate).collect();
    if rates.is_empty() {
        return None;
    }
    let told = |rate: &ErrorRate| {
        if rate.from_readings { say.at_most(numbers.percent(rate.error)) } else { say.one_in(numbers.integer((1.0 / rate.error).round() as u64)) }
    };
    let limits = |limits: Option<[f64; 2]>, otherwise: &str| match limits {
        Some([low, high]) => markup::number(&numbers.percent_between(low, high), low),
        None => html! { td.n { (otherwise) } },
    };
    let ruled_out = say.ruled_out();
    let head = html! {
        (markup::head(&say.contender(), false))
        @for rate in &rates { (markup::head(&say.misread_precision(told(rate)), true)) (markup::head(&say.misread_reduction(told(rate)), true)) }
    };
    let body = html! {
        @for (measured, sampled) in all.iter().filter(|(_, sampled)| sampled.if_misread.len() == rates.len()) {
            tr {
                th scope="row" { (view.title(measured)) }
                @for found in &sampled.if_misread {
                    (limits(found.precision, &ruled_out))
                    (limits(found.fp_reduction, "—"))
                }
            }
        }
    };
    Some(html! {
        (markup::table("", &say.misread_table(view.confidence()), false, &head, &body))
        p.footnote { (say.misread_note()) }
    })
}

fn next_sheet(view: &View<'_>, next: &NextSheet, all: &[(&Measured, &Sampled)]) -> String {
    let say = Say(view.language);
    let points = |width: Option<f64>| width.map_or_else(|| "—".to_owned(), |width| view.numbers.decimal(width * 100.0, 1));
    let median = |of: &dyn Fn(&Sampled) -> Option<&Estimate>| {
        let contenders = all.iter().filter(|(measured, _)| measured.kind != crate::detect::Kind::Baseline);
        let mut widths: Vec<f64> = contenders.filter_map(|(_, sampled)| of(sampled)).filter_map(|e| Some(e.high? - e.low?)).collect();
        widths.sort_by(f64::total_cmp);
        widths.get(widths.len() / 2).copied()
    };
    let now = say.now(
        points(median(&|s| s.precision.as_ref())),
        points(median(&|s| s.fp_reduction.as_ref())),
        points(median(&|s| s.recall_kept_by_units.as_ref())),
    );
    let then = say.next(
        view.numbers.integer(next.rows),
        points(next.precision),
        points(next.fp_reduction),
        points(next.recall_kept_by_units),
        "gonogo review",
    );
    format!("{then} {now}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        evaluate::{Misread, Question, Stratum},
        report::{fixture, page},
        spec::Language,
        text::Said,
    };

    #[test]
    fn design_readers_widths_and_the_next_sheet_are_told_in_both_languages() {
        let mut input = fixture::full();
        let estimate =
            |value: f64| Estimate { value, low: Some(value - 0.1), high: Some(value + 0.1), question: Question::ThisWindow, method: Said::same("MOVER"), note: None };
        let sampled = Sampled {
            read: 31,
            unread: 49,
            true_alerts: estimate(20.0),
            false_alerts: estimate(60.0),
            precision: Some(estimate(0.25)),
            fp_reduction: Some(estimate(0.6)),
            recall_kept_by_units: Some(estimate(0.8)),
            if_misread: vec![
                Misread { rate: ErrorRate { error: 0.02, from_readings: false }, precision: Some([0.13, 0.31]), fp_reduction: Some([0.52, 0.66]) },
                Misread { rate: ErrorRate { error: 0.118, from_readings: true }, precision: None, fp_reduction: None },
            ],
        };
        for contender in &mut input.evaluation.contenders {
            if let Some(point) = &mut contender.budget {
                point.sampled = Some(sampled.clone());
            }
        }
        input.evaluation.review = Some(ReviewSummary {
            frame: 500,
            read: 120,
            blank: 3,
            simple: 60,
            strata: vec![Stratum { votes: "4 or more".into(), size: 80, read: 40 }],
            analysts: vec!["ann <x>".into(), "bob".into()],
            read_twice: 25,
            disagreements: 4,
            kappa: Some(0.61),
            next: Some(NextSheet { rows: 200, precision: Some(0.12), fp_reduction: Some(0.03), recall_kept_by_units: None }),
            ..ReviewSummary::default()
        });
        let english = page(&input);
        for said in [
            "analysts read 120 of the 500 alerts",
            "Read by ann &lt;x&gt;, bob. 25 alerts were read by more than one, who disagree on 4 (Cohen’s kappa 0.61",
            "4 or more",
            "31 of 80",
            "Reading 200 more (gonogo review) would bring the median width of these intervals to 12.0 points",
            "Now they are 20.0, 20.0 and 20.0.",
            "with 90\u{202f}% intervals",
            "one in 50 wrong",
            "12\u{202f}% wrong, the most that second readings leave open",
            "ruled out",
            "an attack that was called false has no name",
        ] {
            assert!(english.contains(said) || english.contains(&said.replace('\u{202f}', " ")), "{said}");
        }
        input.resolved.experiment.report.language = Language::Fr;
        let review = input.evaluation.review.as_mut().unwrap();
        (review.read, review.next, review.analysts) = (500, None, vec!["ann".into()]);
        let french = page(&input);
        assert!(french.contains("ces chiffres ne sont plus des estimations") && french.contains("Un seul analyste a lu (ann)"));
        assert!(!page(&fixture::full()).contains("id=\"review\""));
    }
}
