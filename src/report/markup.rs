//! Pieces of markup that several sections share. All escaping is maud's; only our own charts go in as they are.

use maud::{Markup, PreEscaped, html};

use super::{figure::Maker, view::View};
use crate::{
    decide::Standing,
    evaluate::Estimate,
    spec::Language,
    text::{self, Said, visible, visible_within},
};

phrases! { pub(super) Shared {
    met() { en: "Met", fr: "Atteint" }
    not_met() { en: "Not met", fr: "Non atteint" }
    open() { en: "Not settled", fr: "Non tranché" }
    colon() { en: ": ", fr: " : " }
    semicolon() { en: "; ", fr: " ; " }
    not_drawn() { en: "The chart could not be drawn.", fr: "Le graphique n’a pas pu être tracé." }
} }

impl Shared {
    /// A standing in a word.
    pub(super) fn word(self, standing: Standing) -> String {
        match standing {
            Standing::Met => self.met(),
            Standing::NotMet => self.not_met(),
            Standing::Open => self.open(),
        }
    }
}

/// Text from the data, made visible.
pub(super) fn shown(text: &str) -> Markup {
    html! { (visible(text)) }
}

/// A quotation that exists in one language only, such as the message of a library: values in backticks are set as code, and in a report of
/// another language it is marked as English.
pub(super) fn prose(view: &View<'_>, text: &str) -> Markup {
    let text = visible_within(text.trim(), 600);
    let pieces = text.split('`').enumerate();
    let body = html! {
        @for (index, piece) in pieces {
            @if index % 2 == 1 && !piece.is_empty() { code { (piece) } } @else { (piece) }
        }
    };
    match view.language {
        Language::En => body,
        Language::Fr => html! { span lang="en" { (body) } },
    }
}

/// What another stage says, in the language of the report.
pub(super) fn told(view: &View<'_>, said: &Said) -> Markup {
    code_words(&visible_within(said.told(view.language).trim(), 600))
}

/// What another stage says with a capital and a full stop, as the page writes sentences.
pub(super) fn sentence(view: &View<'_>, said: &Said) -> Markup {
    code_words(&visible_within(&text::sentence(said.told(view.language)), 600))
}

/// A sentence of our own with a capital and a full stop.
pub(super) fn sentence_of(text: &str) -> Markup {
    code_words(&text::sentence(text))
}

/// A table that scrolls sideways by itself where the page is too narrow, with its caption.
pub(super) fn table(class: &str, caption: &str, sortable: bool, head: &Markup, body: &Markup) -> Markup {
    let caption = visible_within(caption, 120);
    html! {
        div.scroll role="group" tabindex="0" aria-label=(caption) {
            table class=[(!class.is_empty()).then_some(class)] data-sort[sortable] {
                caption { (caption) }
                thead { tr { (head) } }
                tbody { (body) }
            }
        }
    }
}

/// A heading cell; numbers stand to the right.
pub(super) fn head(text: &str, number: bool) -> Markup {
    html! { th scope="col" class=[number.then_some("n")] { (text) } }
}

/// A number's cell that can be sorted by.
pub(super) fn number(text: &str, by: f64) -> Markup {
    html! { td.n data-v=[sorted_by(text, by)] { (text) } }
}

/// A number's cell with its interval beneath.
pub(super) fn with_interval(text: &str, interval: Option<String>, by: f64) -> Markup {
    html! {
        td.n data-v=[sorted_by(text, by)] {
            (text)
            @if let Some(interval) = interval { small { (interval) } }
        }
    }
}

/// What a column is sorted by, where a cell's first text is not that number already; five digits tell rows apart.
fn sorted_by(text: &str, by: f64) -> Option<String> {
    let by: f64 = format!("{by:.4e}").parse().ok().filter(|by: &f64| by.is_finite())?;
    let by = by.to_string();
    (by != text).then_some(by)
}

/// A cell for what was not measured.
pub(super) fn none() -> Markup {
    html! { td.n { "—" } }
}

/// The interval of a share, where it has two limits.
pub(super) fn share_interval(view: &View<'_>, estimate: Option<&Estimate>) -> Option<String> {
    let estimate = estimate?;
    estimate.low.zip(estimate.high).filter(|(low, high)| low != high).map(|(low, high)| view.numbers.percent_between(low, high))
}

/// A standing as a sign and a word.
pub(super) fn standing(view: &View<'_>, standing: Standing) -> Markup {
    let say = Shared(view.language);
    let (class, sign, word) = match standing {
        Standing::Met => ("met", "✓", say.met()),
        Standing::NotMet => ("not-met", "✗", say.not_met()),
        Standing::Open => ("open", "?", say.open()),
    };
    html! { span.standing.(class) { span aria-hidden="true" { (sign) } " " (word) } }
}

/// A chart with its title as caption; `None` where the run has nothing for it.
pub(super) fn chart(view: &View<'_>, make: Maker) -> Option<Markup> {
    let chart = make(view)?;
    let title = chart.title.clone();
    Some(html! {
        figure.chart {
            figcaption { (title) }
            @match chart.svg() {
                // Our own drawing; its texts were escaped when it was made.
                Ok(svg) => div.canvas role="group" tabindex="0" aria-label=(chart.title) { (PreEscaped(svg)) },
                Err(_) => p { (Shared(view.language).not_drawn()) },
            }
        }
    })
}

/// What to add to the experiment, as lines to paste.
pub(super) fn snippet(text: &str) -> Markup {
    html! { pre.snippet { code { (text) } } }
}

/// A sentence of our own with values in backticks, which are set as code.
pub(super) fn code_words(text: &str) -> Markup {
    html! { @for (index, piece) in text.split('`').enumerate() { @if index % 2 == 1 { code { (piece) } } @else { (piece) } } }
}
