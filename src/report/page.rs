//! The page around the sections: head, policy, styles, script, header line, folded appendix, footer.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::{
    Place, SECTIONS, Section,
    markup::{Shared, shown},
    view::View,
};
use crate::{decide::Verdict, spec::Language, text::visible_within};

mod short;

phrases! { Say {
    skip() { en: "Skip to the verdict", fr: "Aller au verdict" }
    synthetic() { en: "Synthetic demonstration data", fr: "Données de démonstration synthétiques" }
    synthetic_more() { en: "made by a generator, not logged: the figures show how the tool works, not what a detector is worth", fr: "produites par un générateur, non issues de journaux : ces chiffres montrent l’outil, pas la valeur d’un détecteur" }
    in_sample() { en: "In sample", fr: "Sans données à part" }
    in_sample_more() { en: "fitted and scored on the same rows, because the data have no time: expect less on new data", fr: "apprentissage et évaluation sur les mêmes lignes, faute de date : attendez-vous à moins sur de nouvelles données" }
    run(run) { en: "run {run}", fr: "exécution {run}" }
    events(count) { en: "{count} events read", fr: "{count} événements lus" }
    labelled(count) { en: "{count} labelled attack units", fr: "{count} unités d’attaque étiquetées" }
    labelled_one() { en: "1 labelled attack unit", fr: "1 unité d’attaque étiquetée" }
    unlabelled() { en: "no labels", fr: "aucune étiquette" }
    contents() { en: "Contents", fr: "Sommaire" }
    appendix() { en: "Technical appendix", fr: "Annexe technique" }
    inconclusive() { en: "INCONCLUSIVE", fr: "NON CONCLUANT" }
    made(version, run, started) { en: "Made by gonogo {version} from run {run}, begun {started}, without network access.", fr: "Produit par gonogo {version} à partir de l’exécution {run}, commencée le {started}, sans accès réseau." }
    hashes(experiment, data, seed) { en: "Experiment {experiment} · data {data} · seed {seed}.", fr: "Expérience {experiment} · données {data} · graine {seed}." }
} }

const STYLE: &str = include_str!("assets/report.css");
const SCRIPT: &str = concat!(include_str!("assets/report.js"), include_str!("assets/what_if.js"));

/// The styles without the white space that only their authors need.
fn style() -> String {
    let mut text = String::with_capacity(STYLE.len());
    for line in STYLE.lines() {
        text.push_str(line.trim());
    }
    [(" { ", "{"), ("; ", ";"), (";}", "}"), ("{ ", "{"), (" }", "}")].iter().fold(text, |text, (long, short)| text.replace(long, short))
}

/// The verdict's word.
pub(super) fn word(view: &View<'_>) -> String {
    match view.decision.verdict {
        Verdict::Go => "GO".into(),
        Verdict::NoGo => "NO-GO".into(),
        Verdict::Inconclusive => Say(view.language).inconclusive(),
    }
}

/// The whole page.
pub(super) fn render(view: &View<'_>, only: &[String]) -> String {
    let say = Say(view.language);
    let language = code(view.language);
    let wanted = |id: &str| only.is_empty() || id == "verdict" || only.iter().any(|asked| asked == id);
    let parts = |place: Place| SECTIONS.iter().filter(move |section| section.place() == place && wanted(section.id()));
    let rendered = |place: Place| -> Vec<(&dyn Section, Markup)> {
        parts(place).filter_map(|section| section.render(view).map(|markup| (*section, markup))).collect()
    };
    let (body, appendix) = (rendered(Place::Body), rendered(Place::Appendix));
    let links: Vec<(&str, String)> =
        body.iter().filter_map(|(section, _)| section.heading(view).map(|text| (section.id(), text))).collect();
    let page = html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content="gonogo";
                meta name="referrer" content="no-referrer";
                title { (word(view)) " · " (view.use_case()) @if let Some(iteration) = &view.resolved.experiment.iteration { " · " (shown(iteration)) } }
                style { (PreEscaped(style())) }
            }
            body {
                a.skip href="#verdict" { (say.skip()) }
                header { (banners(view, say)) (header(view, say)) }
                main {
                    div.front { @for section in parts(Place::Front) { @if let Some(markup) = section.render(view) { (framed(view, *section, &markup)) } } }
                    nav aria-label=(say.contents()) {
                        @for (id, text) in &links { a href=(format!("#{id}")) { (text) } }
                        @if !appendix.is_empty() { a href="#appendix" { (say.appendix()) } }
                    }
                    @for (section, markup) in &body { (framed(view, *section, markup)) }
                    @if !appendix.is_empty() {
                        section.appendix #appendix aria-labelledby="appendix-heading" {
                            h2 #appendix-heading { (say.appendix()) }
                            @for (section, markup) in &appendix { (folded(view, *section, markup)) }
                        }
                    }
                }
                (footer(view, say))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    short::short(&page.into_string())
}

/// A page of its own with the look of the report: no script.
pub(super) fn bare(language: Language, title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang=(code(language)) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content="gonogo";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(style())) }
            }
            body { (body) }
        }
    }
    .into_string()
}

/// The language's code.
fn code(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Fr => "fr",
    }
}

/// What the page may load: nothing but what it holds.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(SCRIPT.as_bytes()))
    )
}

fn banners(view: &View<'_>, say: Say) -> Markup {
    let colon = Shared(view.language).colon();
    html! {
        @if view.manifest.synthetic { p.banner role="note" { strong { (say.synthetic()) } (colon) (say.synthetic_more()) "." } }
        @if view.evaluation.in_sample { p.banner role="note" { strong { (say.in_sample()) } (colon) (say.in_sample_more()) "." } }
    }
}

fn header(view: &View<'_>, say: Say) -> Markup {
    let numbers = view.numbers;
    let sources = view.quality.of_events(&view.resolved.experiment);
    let rows: u64 = sources.iter().map(|source| source.rows).sum();
    let labelled = view.evaluation.labels.as_ref().map_or_else(
        || say.unlabelled(),
        |labels| match labels.true_positive {
            1 => say.labelled_one(),
            count => say.labelled(numbers.integer(count)),
        },
    );
    html! {
        div.top {
            span {
                strong { (view.use_case()) }
                @if let Some(iteration) = &view.resolved.experiment.iteration { " · " (visible_within(iteration, 60)) }
                " · " (say.run(visible_within(&view.manifest.run, 60)))
            }
            span {
                @if let Some([start, _, end]) = view.window() { (view.dates.range(start, end)) " · " }
                (say.events(numbers.integer(rows))) " · " (labelled)
            }
        }
    }
}

fn footer(view: &View<'_>, say: Say) -> Markup {
    let manifest = &view.manifest;
    let hash = |text| visible_within(text, 64).into_owned();
    html! {
        footer {
            p { (say.made(visible_within(&manifest.version, 40), visible_within(&manifest.run, 60), visible_within(&manifest.started, 40))) }
            p { (say.hashes(hash(&manifest.experiment_hash), hash(manifest.data_hash.as_deref().unwrap_or("—")), manifest.seed)) }
        }
    }
}

/// A section on the open page: those with a heading are cards.
fn framed(view: &View<'_>, section: &dyn Section, markup: &Markup) -> Markup {
    match section.heading(view) {
        Some(heading) => {
            let label = format!("{}-heading", section.id());
            html! { section.card id=(section.id()) aria-labelledby=(label) { h2 id=(label) { (heading) } (markup) } }
        }
        None => html! { section id=(section.id()) { (markup) } },
    }
}

/// A section of the appendix, folded.
fn folded(view: &View<'_>, section: &dyn Section, markup: &Markup) -> Markup {
    html! {
        details id=(section.id()) {
            summary { h3 { (section.heading(view).unwrap_or_default()) } }
            div { (markup) }
        }
    }
}

/// Base64 with padding (RFC 4648, section 4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            if position <= chunk.len() {
                text.push(char::from(LETTERS[(group >> (18 - 6 * position)) as usize & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::drawing::Ink;

    #[test]
    fn base64_is_that_of_the_rfc() {
        assert_eq!(["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())), ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
    }

    #[test]
    fn every_colour_of_the_charts_has_a_place_in_the_themes() {
        for ink in Ink::ALL {
            let (r, g, b) = ink.rgb();
            assert!(STYLE.contains(&format!("[fill=\"#{r:02X}{g:02X}{b:02X}\"]")), "{ink:?}");
        }
    }

    /// WCAG 2.2: relative luminance and contrast ratio.
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |hex: &str| {
            let channel = |at: usize| {
                let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (x, y) = (luminance(a), luminance(b));
        (x.max(y) + 0.05) / (x.min(y) + 0.05)
    }

    #[test]
    fn contrast_is_enough_in_both_themes() {
        let themes: Vec<std::collections::BTreeMap<&str, &str>> = STYLE
            .split(":root {")
            .skip(1)
            .map(|block| {
                let block = &block[..block.find('}').unwrap()];
                block.split(';').filter_map(|rule| rule.trim().strip_prefix("--")?.split_once(": ")).collect()
            })
            .collect();
        assert_eq!(themes.len(), 2);
        for theme in &themes {
            for ground in ["ground", "card", "wash", "code"] {
                for text in ["ink", "soft", "accent"] {
                    assert!(contrast(theme[text], theme[ground]) >= 4.5, "{text} on {ground}: {}", contrast(theme[text], theme[ground]));
                }
            }
            for tone in ["go", "no-go", "open"] {
                for ground in [format!("{tone}-wash"), "card".into(), "wash".into()] {
                    assert!(contrast(theme[tone], theme[ground.as_str()]) >= 4.5, "{tone} on {ground}");
                }
                assert!(contrast(theme["ink"], theme[format!("{tone}-wash").as_str()]) >= 4.5);
                assert!(contrast(theme[format!("{tone}-line").as_str()], theme["ground"]) >= 3.0, "{tone}-line");
            }
            assert!(contrast(theme["limit"], theme["card"]) >= 4.5);
            assert!(contrast(theme["other"], theme["card"]) >= 3.0);
        }
    }
}
