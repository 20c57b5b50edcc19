//! The one chart of the first screen.

use maud::{Markup, html};

use super::{figure, markup, view::View};

phrases! { Say {
    heading(rate) { en: "False alerts{rate}, by detector", fr: "Fausses alertes{rate}, par détecteur" }
    heading_unlabelled(rate) { en: "Alerts{rate}, by detector", fr: "Alertes{rate}, par détecteur" }
    nothing() { en: "No contender gave scores.", fr: "Aucun candidat n’a donné de score." }
} }

section!(
    "false-alerts",
    Front,
    |view| {
        let say = Say(view.language);
        Some(if view.has_labels() { say.heading(view.rate()) } else { say.heading_unlabelled(view.rate()) })
    },
    render
);

fn render(view: &View<'_>) -> Option<Markup> {
    Some(markup::chart(view, figure::FALSE_ALERTS).unwrap_or_else(|| html! { p { (Say(view.language).nothing()) } }))
}
