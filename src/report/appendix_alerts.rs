//! Appendix A9: the fifty highest alerts of the pick.

use maud::Markup;

use super::{alerts, view::View};

phrases! { Say {
    heading(count) { en: "A9 The {count} highest alerts", fr: "A9 Les {count} plus hautes alertes" }
} }

section!("a9", Appendix, |view| Some(Say(view.language).heading(view.alerts.len().min(MOST))), render);

const MOST: usize = 50;

fn render(view: &View<'_>) -> Option<Markup> {
    // Fewer stand on the open page already.
    (view.alerts.len() > 15).then(|| alerts::table(view, &view.alerts[..view.alerts.len().min(MOST)], false))
}
