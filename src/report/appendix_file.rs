//! The technical appendix as Markdown: the sections of the page, translated from their own markup, so that nothing is written twice.
//!
//! What is translated is what maud made of our sections: well formed, and escaped by construction. It is read back, and each text is escaped
//! again for Markdown.

use std::fmt::Write as _;

use super::{Place, SECTIONS, Section, page, view::View};
use crate::text::{markdown_code, markdown_text};

phrases! { Say {
    title(use_case) { en: "Technical appendix: {use_case}", fr: "Annexe technique : {use_case}" }
    synthetic() { en: "Synthetic demonstration data.", fr: "Données de démonstration synthétiques." }
    run(run, verdict) { en: "Run {run}: {verdict}. The charts lie beside this file, in `figures/`.", fr: "Exécution {run} : {verdict}. Les graphiques sont à côté de ce fichier, dans `figures/`." }
} }

/// The section of the open page that belongs to the data of the appendix.
const WITH_DATA: &str = "quality";

/// The whole appendix.
pub(super) fn markdown(view: &View<'_>) -> String {
    let say = Say(view.language);
    let mut text = format!("# {}\n\n", markdown_text(&say.title(view.use_case())));
    if view.manifest.synthetic {
        let _ = writeln!(text, "> {}\n", say.synthetic());
    }
    let _ = writeln!(text, "{}\n", say.run(markdown_text(&view.manifest.run), page::word(view)));
    let rendered = |section: &dyn Section| section.render(view).map(|markup| translated(&markup.into_string()));
    for section in SECTIONS.iter().filter(|section| section.place() == Place::Appendix) {
        let Some(body) = rendered(*section) else { continue };
        let heading = section.heading(view).unwrap_or_default();
        let _ = writeln!(text, "## {}\n", markdown_text(&heading));
        if section.id() == "a2" {
            let quality = SECTIONS.iter().find(|section| section.id() == WITH_DATA);
            text.push_str(&quality.and_then(|section| rendered(*section)).unwrap_or_default());
        }
        text.push_str(&body);
    }
    format!("{}\n", text.trim_end())
}

/// A piece of markup.
enum Piece<'a> {
    Open { tag: &'a str, attributes: &'a str },
    Close(&'a str),
    Text(String),
}

fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let at = rest.find('<').unwrap_or(rest.len());
        if at > 0 {
            found.push(Piece::Text(plain(&rest[..at])));
        }
        let Some(inside) = rest.get(at + 1..) else { break };
        let end = inside.find('>').unwrap_or(inside.len());
        let element = &inside[..end];
        rest = inside.get(end + 1..).unwrap_or_default();
        match element.strip_prefix('/') {
            Some(tag) => found.push(Piece::Close(tag)),
            None => {
                let (tag, attributes) = element.split_once(' ').unwrap_or((element, ""));
                found.push(Piece::Open { tag, attributes });
            }
        }
    }
    found
}

/// The characters that maud escaped, as they were.
fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Markup as Markdown.
fn translated(html: &str) -> String {
    let mut writer = Writer::default();
    for piece in pieces(html) {
        match piece {
            Piece::Open { tag, attributes } => writer.open(tag, attributes),
            Piece::Close(tag) => writer.close(tag),
            Piece::Text(text) => writer.text(&text),
        }
    }
    writer.paragraph();
    writer.out
}

#[derive(Default)]
struct Writer {
    /// Whole blocks.
    out: String,
    /// The block that is being written.
    line: String,
    /// The text of a `code` element; `None` outside.
    code: Option<String>,
    /// The text of a `pre` element; `None` outside.
    block: Option<String>,
    /// Deep inside a picture, of which only the title is kept.
    picture: Option<Picture>,
    /// The rows of a table, the first its head, and which columns hold numbers.
    table: Option<Table>,
    /// What is not shown, such as a caption that repeats the picture's title.
    hidden: usize,
}

#[derive(Default)]
struct Picture {
    name: Option<String>,
    title: String,
    in_title: bool,
}

#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
    numbers: Vec<bool>,
}

impl Writer {
    /// Ends a block.
    fn paragraph(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.trim();
        if !line.is_empty() {
            let _ = writeln!(self.out, "{line}\n");
        }
    }

    fn open(&mut self, tag: &str, attributes: &str) {
        if let Some(picture) = &mut self.picture {
            picture.in_title = tag == "title";
            if tag == "title" {
                picture.name = attributes.strip_prefix("id=\"").and_then(|rest| rest.split("-title\"").next()).map(str::to_owned);
            }
            return;
        }
        match tag {
            "svg" => self.picture = Some(Picture::default()),
            "figcaption" => self.hidden += 1,
            "code" if self.block.is_none() => self.code = Some(String::new()),
            "pre" => {
                self.paragraph();
                self.block = Some(String::new());
            }
            "table" => {
                self.paragraph();
                self.table = Some(Table::default());
            }
            "tr" => self.table.iter_mut().for_each(|table| table.rows.push(Vec::new())),
            "th" | "td" => {
                self.line.clear();
                if let Some(table) = self.table.as_mut().filter(|table| table.rows.len() == 1) {
                    table.numbers.push(attributes.contains("class=\"n\""));
                }
            }
            "strong" | "b" | "dt" => {
                if tag == "dt" {
                    self.line.push_str("- ");
                }
                self.line.push_str("**");
            }
            "small" => self.line.push_str(" ("),
            "br" => self.line.push_str("; "),
            "li" => {
                self.paragraph();
                self.line.push_str("- ");
            }
            "h3" => {
                self.paragraph();
                self.line.push_str("### ");
            }
            "p" | "dl" | "ul" | "ol" | "details" => self.paragraph(),
            _ => {}
        }
    }

    fn close(&mut self, tag: &str) {
        if let Some(picture) = &mut self.picture {
            match tag {
                "svg" => self.picture_ends(),
                _ => picture.in_title = false,
            }
            return;
        }
        match tag {
            "figcaption" => self.hidden -= 1,
            "code" => {
                if let Some(code) = self.code.take() {
                    self.line.push_str(&markdown_code(&code));
                }
            }
            "pre" => {
                let text = self.block.take().unwrap_or_default();
                let longest = text.split(|c| c != '~').map(str::len).max().unwrap_or(0);
                let fence = "~".repeat(longest.max(2) + 1);
                let _ = writeln!(self.out, "{fence}\n{}\n{fence}\n", text.trim_end());
            }
            "caption" => {
                // Above the table, which is written when it ends.
                let caption = std::mem::take(&mut self.line);
                // A heading has said it already.
                if !self.out.ends_with(&format!("### {}\n\n", caption.trim())) {
                    let _ = writeln!(self.out, "*{}*\n", caption.trim());
                }
            }
            "th" | "td" => {
                let cell = std::mem::take(&mut self.line).trim().to_owned();
                if let Some(row) = self.table.as_mut().and_then(|table| table.rows.last_mut()) {
                    row.push(cell);
                }
            }
            "table" => self.table_ends(),
            "strong" | "b" => self.line.push_str("**"),
            "dt" => self.line.push_str("**: "),
            "small" => self.line.push(')'),
            "dd" | "li" => {
                // Items of one list stand together.
                let line = std::mem::take(&mut self.line);
                let _ = writeln!(self.out, "{}", line.trim());
            }
            "dl" | "ul" | "ol" => self.out.push('\n'),
            "p" | "h3" | "summary" => self.paragraph(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(picture) = &mut self.picture {
            if picture.in_title {
                picture.title.push_str(text);
            }
        } else if let Some(block) = &mut self.block {
            block.push_str(text);
        } else if let Some(code) = &mut self.code {
            code.push_str(text);
        } else if self.hidden == 0 {
            self.line.push_str(&markdown_text(text));
        }
    }

    fn picture_ends(&mut self) {
        // A picture without a name is an ornament of a sentence.
        if let Some(Picture { name: Some(name), title, .. }) = self.picture.take() {
            self.paragraph();
            let _ = writeln!(self.out, "![{}](figures/{name}.svg)\n", markdown_text(&title));
        }
    }

    fn table_ends(&mut self) {
        let Some(Table { rows, numbers }) = self.table.take() else { return };
        let across = rows.iter().map(Vec::len).max().unwrap_or(0);
        for (index, row) in rows.iter().enumerate() {
            let cells: Vec<&str> = (0..across).map(|at| row.get(at).map_or("", String::as_str)).collect();
            let _ = writeln!(self.out, "| {} |", cells.join(" | "));
            if index == 0 {
                let rule: Vec<&str> = (0..across).map(|at| if numbers.get(at) == Some(&true) { "---:" } else { "---" }).collect();
                let _ = writeln!(self.out, "| {} |", rule.join(" | "));
            }
        }
        self.out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn each_kind_of_markup_has_its_markdown() {
        let html = "<h3>Fields &amp; more</h3><p>Of <code>a|b</code> and <b>c</b>.</p><dl class=\"facts\"><dt>Seed</dt><dd>42</dd><dt>Run</dt><dd>x</dd></dl>\
            <div class=\"scroll\"><table><caption>All</caption><thead><tr><th scope=\"col\">Name</th><th scope=\"col\" class=\"n\">How much</th></tr></thead>\
            <tbody><tr><th scope=\"row\">&lt;i&gt;*</th><td class=\"n\" data-v=\"5\">5 %<small>1 to 9 %</small></td></tr></tbody></table></div>\
            <ul class=\"plain\"><li>one</li><li>two</li></ul><pre class=\"snippet\"><code>a: 1\n  b: &lt;x&gt;\n</code></pre>\
            <figure class=\"chart\"><figcaption>Sentence</figcaption><div class=\"canvas\"><svg width=\"1\"><title id=\"seeds-title\">Sentence</title><desc id=\"d\">n</desc><g><text>1</text></g></svg></div></figure>";
        let expected = "### Fields &amp; more\n\nOf `a\\|b` and **c**.\n\n- **Seed**: 42\n- **Run**: x\n\n*All*\n\n| Name | How much |\n| --- | ---: |\n\
            | &lt;i&gt;\\* | 5 % (1 to 9 %) |\n\n- one\n- two\n\n~~~\na: 1\n  b: <x>\n~~~\n\n![Sentence](figures/seeds.svg)\n\n";
        assert_eq!(translated(html), expected);
    }

    #[test]
    fn every_part_of_the_appendix_is_there_in_every_language() {
        for input in [fixture::full(), fixture::french()] {
            let text = crate::report::appendix_md(&input);
            for number in 1..=10 {
                assert!(text.contains(&format!("\n## A{number} ")), "A{number}");
            }
            assert!(!text.contains("</") && !text.contains("<td") && !text.contains("class="), "no markup is left");
            for figure in crate::report::figures(&input).unwrap() {
                let linked = text.contains(&format!("(figures/{}.svg)", figure.name));
                let in_appendix = ["week", "scores", "precision", "agreement", "seeds", "map"].contains(&figure.name.as_str());
                assert_eq!(linked, in_appendix, "{}", figure.name);
            }
        }
    }
}
