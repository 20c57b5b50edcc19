//! What to do next, and the command that repeats this run.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::text::visible_within;

phrases! { Say {
    heading() { en: "Next step", fr: "Prochaine étape" }
    owner(role, who) { en: "{role}: {who}", fr: "{role} : {who}" }
    repeat() { en: "This repeats the run:", fr: "Pour refaire cette exécution :" }
    copy() { en: "Copy", fr: "Copier" }
    copied() { en: "Copied", fr: "Copié" }
    nothing() { en: "Nothing follows from this run by itself.", fr: "Cette exécution n’appelle pas d’étape particulière." }
    who() { en: "Who answers", fr: "Responsables" }
} }

section!("next", Body, |view| Some(Say(view.language).heading()), render);

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let owners = &view.resolved.experiment.use_case.owner;
    Some(html! {
        @if view.decision.next.is_empty() { p { (say.nothing()) } } @else {
            ol.steps { @for step in &view.decision.next { li { (markup::sentence(view, step)) } } }
        }
        @if !owners.is_empty() {
            p.footnote { (say.who()) (markup::Shared(view.language).colon()) @for (index, (role, who)) in owners.iter().enumerate() { @if index > 0 { " · " } (say.owner(visible_within(role, 40), visible_within(who, 80))) } }
        }
        div.command {
            pre.snippet aria-label=(say.repeat()) { code #command { (visible_within(&view.manifest.command, 1_000)) } }
            button.copy type="button" hidden data-copy="command" data-done=(say.copied()) { (say.copy()) }
        }
    })
}
