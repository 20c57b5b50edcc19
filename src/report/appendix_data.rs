//! Appendix A2: what was read, file by file, and when there was something to read.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::{quality::SourceQuality, text::visible_within};

phrases! { Say {
    heading() { en: "A2 Data", fr: "A2 Données" }
    coverage(rows, hours, empty) { en: "{rows} rows over {hours} hours of the window, {empty} of them without any", fr: "{rows} lignes sur {hours} heures de la fenêtre, dont {empty} sans aucune" }
    file() { en: "File", fr: "Fichier" }
    size() { en: "Size", fr: "Taille" }
    hash() { en: "SHA-256", fr: "SHA-256" }
    column() { en: "Column", fr: "Colonne" }
    filled() { en: "Rows with a value", fr: "Lignes renseignées" }
    unreadable() { en: "Values that could not be read", fr: "Valeurs illisibles" }
    columns() { en: "Columns that were used", fr: "Colonnes utilisées" }
    malformed() { en: "Lines that could not be read", fr: "Lignes illisibles" }
    place() { en: "Place", fr: "Endroit" }
    why() { en: "Why", fr: "Raison" }
    text() { en: "Text", fr: "Texte" }
    withheld() { en: "not shown, because names are redacted", fr: "non affiché, car les noms sont masqués" }
    order(count) { en: "{count} rows are earlier than the row before them in the same file.", fr: "{count} lignes précèdent dans le temps la ligne d’avant du même fichier." }
    invalid(count) { en: "{count} lines hold bytes that are not UTF-8; those bytes were replaced.", fr: "{count} lignes contiennent des octets qui ne sont pas de l’UTF-8 ; ils ont été remplacés." }
    truncated(files) { en: "Cut off in the middle of a line: {files}.", fr: "Coupés au milieu d’une ligne : {files}." }
    trailing(files) { en: "Bytes after the end of the packed stream were left out: {files}.", fr: "Octets après la fin du flux compressé laissés de côté : {files}." }
    more(count) { en: "and {count} more files, in quality.json", fr: "et {count} autres fichiers, dans quality.json" }
} }

section!("a2", Appendix, |view| Some(Say(view.language).heading()), render);

const FILES: usize = 60;
const COLUMNS: usize = 60;

/// Rows in each hour as a strip: the height of a column is its share of the highest.
fn strip(view: &View<'_>, say: Say, source: &SourceQuality) -> Option<Markup> {
    let hours = &source.per_hour;
    if hours.len() < 2 {
        return None;
    }
    let by = hours.len().div_ceil(400);
    let bins: Vec<u64> = hours.chunks(by).map(|chunk| chunk.iter().sum()).collect();
    let most = bins.iter().copied().max().unwrap_or(1).max(1) as f64;
    let mut path = String::from("M0 26");
    for count in &bins {
        // A bin with a single row must still show.
        let height = if *count == 0 { 0.0 } else { (26.0 * *count as f64 / most).max(1.0) };
        path.push_str(&format!("V{:.1}h1", 26.0 - height).replace(".0", ""));
    }
    path.push_str("V26Z");
    let empty = hours.iter().filter(|count| **count == 0).count() as u64;
    let label = say.coverage(view.numbers.integer(source.rows), view.numbers.integer(hours.len() as u64), view.numbers.integer(empty));
    Some(html! {
        p.soft { (label) }
        svg.strip viewBox=(format!("0 0 {} 26", bins.len())) preserveAspectRatio="none" aria-hidden="true" { path d=(path) fill="currentColor" opacity="0.55" {} }
    })
}

fn files(view: &View<'_>, say: Say, source: &SourceQuality) -> Markup {
    let head = html! { (markup::head(&say.file(), false)) (markup::head(&say.size(), true)) (markup::head(&say.hash(), false)) };
    let body = html! {
        @for file in source.files.iter().take(FILES) {
            tr { th scope="row" { (visible_within(&file.path, 120)) } (markup::number(&view.numbers.bytes(file.bytes), file.bytes as f64)) td { code { (visible_within(&file.sha256, 64)) } } }
        }
    };
    html! {
        (markup::table("", &format!("{}: {}", source.name, say.file()), false, &head, &body))
        @if source.files.len() > FILES { p { (say.more(source.files.len() - FILES)) } }
    }
}

fn columns(view: &View<'_>, say: Say, source: &SourceQuality) -> Option<Markup> {
    if source.fill.is_empty() {
        return None;
    }
    let head = html! { (markup::head(&say.column(), false)) (markup::head(&say.filled(), true)) (markup::head(&say.unreadable(), true)) };
    let body = html! {
        @for (column, share) in source.fill.iter().take(COLUMNS) {
            @let unreadable = source.unreadable.get(column).copied().unwrap_or(0);
            tr { th scope="row" { (visible_within(column, 60)) } (markup::number(&view.numbers.percent(*share), *share)) (markup::number(&view.numbers.integer(unreadable), unreadable as f64)) }
        }
    };
    Some(markup::table("", &format!("{}: {}", source.name, say.columns()), false, &head, &body))
}

fn malformed(view: &View<'_>, say: Say, source: &SourceQuality) -> Option<Markup> {
    if source.malformed_samples.is_empty() {
        return None;
    }
    // A line that does not parse cannot be redacted field by field.
    let redacted = !view.resolved.experiment.report.redact.is_empty();
    let head = html! { (markup::head(&say.place(), false)) (markup::head(&say.why(), false)) (markup::head(&say.text(), false)) };
    let body = html! {
        @for sample in &source.malformed_samples {
            tr {
                th scope="row" { (visible_within(&sample.file, 80)) ":" (sample.line) }
                td { (markup::prose(view, &sample.reason)) }
                td { @if redacted { (say.withheld()) } @else { code { (visible_within(&sample.text, 120)) } } }
            }
        }
    };
    Some(markup::table("", &format!("{}: {}", source.name, say.malformed()), false, &head, &body))
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    if view.quality.sources.is_empty() {
        return None;
    }
    Some(html! {
        @for source in &view.quality.sources {
            h3 { (visible_within(&source.name, 60)) }
            @if let Some(strip) = strip(view, say, source) { (strip) }
            (files(view, say, source))
            @if source.out_of_order > 0 { p { (say.order(view.numbers.integer(source.out_of_order))) } }
            @if source.invalid_utf8 > 0 { p { (say.invalid(view.numbers.integer(source.invalid_utf8))) } }
            @if !source.truncated.is_empty() { p { (say.truncated(visible_within(&source.truncated.join(", "), 300))) } }
            @if !source.trailing_bytes.is_empty() { p { (say.trailing(visible_within(&source.trailing_bytes.join(", "), 300))) } }
            @if let Some(columns) = columns(view, say, source) { (columns) }
            @if let Some(malformed) = malformed(view, say, source) { (malformed) }
        }
    })
}
