//! What went wrong or is unusual about the run: before the numbers, so that nobody reads them without.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::evaluate::Status;

phrases! { Say {
    heading() { en: "Warnings about this run", fr: "Avertissements sur cette exécution" }
    failed_one(names) { en: "A detector failed and is not judged: {names}.", fr: "Un détecteur a échoué et n’est pas jugé : {names}." }
    failed(count, names) { en: "{count} detectors failed and are not judged: {names}.", fr: "{count} détecteurs ont échoué et ne sont pas jugés : {names}." }
    more(count) { en: "{count} more warnings", fr: "{count} autres avertissements" }
    more_one() { en: "1 more warning", fr: "1 autre avertissement" }
} }

/// How many are shown unfolded, so that the numbers stay on the first screen.
const OPEN: usize = 2;

section!("warnings", Front, |_| None, render);

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let failed: Vec<String> =
        view.without_scores().filter(|contender| contender.outcome == Status::Failed).map(|contender| view.title(contender)).collect();
    let mut all: Vec<Markup> = Vec::new();
    match failed.len() {
        0 => {}
        1 => all.push(html! { (say.failed_one(failed.join(", "))) }),
        n => all.push(html! { (say.failed(n, failed.join(", "))) }),
    }
    all.extend(view.manifest.warnings.iter().map(|warning| html! { (markup::sentence(view, &warning.message)) " " small.nowrap { (markup::shown(&warning.code)) } }));
    if all.is_empty() {
        return None;
    }
    let item = |text: &Markup| html! { li { span.sign aria-hidden="true" { "!" } (text) } };
    // One more is not worth folding.
    let open = if all.len() == OPEN + 1 { OPEN + 1 } else { OPEN };
    let rest = all.len().saturating_sub(open);
    Some(html! {
        div.card.warnings {
            h2 { (say.heading()) }
            ul { @for text in all.iter().take(open) { (item(text)) } }
            @if rest > 0 {
                details {
                    summary { (if rest == 1 { say.more_one() } else { say.more(rest) }) }
                    ul { @for text in all.iter().skip(open) { (item(text)) } }
                }
            }
        }
    })
}
