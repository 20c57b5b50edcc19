//! A page in fewer bytes, and the same page to whoever reads it: end tags and quotes that HTML lets one leave out.
//!
//! Tables are half of a report, and a third of a table's bytes would be end tags and the quotes of four attributes.

/// Elements that are kept letter by letter: other grammars than HTML's, and text whose white space counts.
const KEPT: [(&str, &str); 4] = [("<svg", "</svg>"), ("<style", "</style>"), ("<script", "</script>"), ("<pre", "</pre>")];

/// End tags that HTML implies (13.1.2.4 of its standard), and the tags before which it does.
const IMPLIED: [(&str, &[&str]); 8] = [
    ("</td>", &["<td", "<th", "</tr>"]),
    ("</th>", &["<td", "<th", "</tr>"]),
    ("</tr>", &["<tr", "</thead>", "</tbody>"]),
    ("</thead>", &["<tbody"]),
    ("</tbody>", &["</table>"]),
    ("</li>", &["<li", "</ul>", "</ol>"]),
    ("</dt>", &["<dt", "<dd"]),
    ("</dd>", &["<dt", "<dd", "</dl>"]),
];

/// Attributes that recur by the hundred.
const FREQUENT: [&str; 4] = [" class=", " scope=", " data-v=", " datetime="];

/// The same page, shorter. `page` is what maud wrote: no `<` and `>` but those of tags.
pub(super) fn short(page: &str) -> String {
    let mut short = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        short.push_str(before);
        let kept = KEPT.iter().find(|(open, _)| from.starts_with(open));
        let end = match kept {
            Some((_, close)) => from.find(close).map(|at| at + close.len()),
            None => from.find('>').map(|at| at + 1),
        };
        let (tag, after) = from.split_at(end.unwrap_or(from.len()));
        if kept.is_some() {
            short.push_str(tag);
        } else if !implied(tag, after) {
            unquoted(tag, &mut short);
        }
        rest = after;
    }
    short.push_str(rest);
    short
}

fn implied(tag: &str, after: &str) -> bool {
    IMPLIED.iter().any(|(end, before)| *end == tag && before.iter().any(|next| after.starts_with(next)))
}

fn unquoted(tag: &str, short: &mut String) {
    let mut rest = tag;
    while let Some(quote) = rest.find("=\"") {
        let (name, value) = rest.split_at(quote + 1);
        let Some(end) = value[1..].find('"') else { break };
        let bare = &value[1..=end];
        let plain = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:_+-".contains(&byte));
        short.push_str(name);
        short.push_str(if plain && FREQUENT.iter().any(|frequent| name.ends_with(frequent)) { bare } else { &value[..end + 2] });
        rest = &value[end + 2..];
    }
    short.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_implies_is_left_out() {
        let table = r#"<table><thead><tr><th scope="col">A</th><th scope="col" class="n">B</th></tr></thead><tbody><tr><th scope="row">x</th><td class="n" data-v="0.5">50 %</td></tr><tr><td colspan="2"></td></tr></tbody></table><p>after</p>"#;
        let expected = r#"<table><thead><tr><th scope=col>A<th scope=col class=n>B<tbody><tr><th scope=row>x<td class=n data-v=0.5>50 %<tr><td colspan="2"></table><p>after</p>"#;
        assert_eq!(short(table), expected);
        assert_eq!(short("<dl><dt>a</dt><dd>1</dd><dt>b</dt><dd>2</dd></dl>"), "<dl><dt>a<dd>1<dt>b<dd>2</dl>");
        assert_eq!(short("<ul><li>a</li><li>b</li></ul>"), "<ul><li>a<li>b</ul>");
    }

    #[test]
    fn what_it_does_not_imply_stays() {
        let inner = r#"<td class="a b" title="x"><ul><li>1</li> text</ul></td> <td class="">"#;
        assert_eq!(short(inner), inner, "text after an end tag, values with spaces, empty values, other attributes");
        for kept in
            [r##"<svg><path class="n"/></svg>"##, "<pre><td></td></tr></pre>", "<script>a < b</script>", r#"<b class="x"#, "a &lt; b"]
        {
            assert_eq!(short(kept), kept);
        }
    }
}
