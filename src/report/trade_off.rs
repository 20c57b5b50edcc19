//! How many incidents for how many alerts, beyond the one budget.

use maud::Markup;

use super::{figure, markup, view::View};

phrases! { Say {
    heading() { en: "More alerts or fewer", fr: "Plus d’alertes ou moins" }
} }

section!("trade-off", Body, |view| Some(Say(view.language).heading()), render);

fn render(view: &View<'_>) -> Option<Markup> {
    markup::chart(view, figure::TRADE_OFF)
}
