//! The one chart of the first screen.

use maud::{Markup, html};

use super::{figure, markup, view::View};

phrases! { Say {
    heading() { en: "False alerts per week, by detector", fr: "Fausses alertes par semaine, par détecteur" }
    heading_unlabelled() { en: "Alerts per week, by detector", fr: "Alertes par semaine, par détecteur" }
    nothing() { en: "No contender gave scores.", fr: "Aucun candidat n’a donné de score." }
} }

section!(
    "false-alerts",
    Front,
    |view| {
        let say = Say(view.language);
        Some(if view.has_labels() { say.heading() } else { say.heading_unlabelled() })
    },
    render
);

fn render(view: &View<'_>) -> Option<Markup> {
    Some(markup::chart(view, figure::FALSE_ALERTS).unwrap_or_else(|| html! { p { (Say(view.language).nothing()) } }))
}
