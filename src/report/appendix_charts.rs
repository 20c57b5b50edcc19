//! Appendix A7: charts for whoever wants to look closer.

use maud::{Markup, html};

use super::{figure, markup, view::View};

phrases! { Say {
    heading() { en: "A7 Charts", fr: "A7 Graphiques" }
} }

section!("a7", Appendix, |view| Some(Say(view.language).heading()), render);

fn render(view: &View<'_>) -> Option<Markup> {
    let charts: Vec<Markup> = [figure::WEEK, figure::SCORES, figure::PRECISION, figure::AGREEMENT, figure::SEEDS, figure::MAP].into_iter().filter_map(|make| markup::chart(view, make)).collect();
    if charts.is_empty() {
        return None;
    }
    Some(html! { @for chart in charts { (chart) } })
}
