//! What is said about wrong expressions.

use super::*;

fn error(text: &str) -> String {
    let error = Expression::parse(text).and_then(|e| e.evaluate(&frame(), Paris)).unwrap_err();
    format!("{error} | {}", error.hint().unwrap_or_default())
}

#[test]
fn errors_say_what_to_do() {
    insta::assert_snapshot!(
        [
            "", "status =", "status = 403)", "statuss = 403", "method = \"POST\"", "cs-auth-group = 'x'", "method = POST; drop table x", "lowr(user)", "ln(1, 2)",
            "status + timestamp", "timestamp > 5", "upload = 1", "upload + 1", "status and upload", "user = 5 + 'x'", "status = 'many'", "hour(user)",
            "timestamp = 'yesterday'", "x in (select 1)", "count(*)", "user like host", "cast(user as json)", "status > all(1)", "sum(bytes) over (x)", "50MB", "'open", "a ? b",
            "User = 'x'", "round(rate, status)", "case when status then 1 end", "date(timestamp) > timestamp",
        ]
        .map(|text| format!("{text}\n    {}", error(text)))
        .join("\n"),
        @r##"

            the expression is empty | 
        status =
            expected an expression, found the end | 
        status = 403)
            at character 13: expected the end, found `)` | 
        statuss = 403
            unknown column `statuss` | did you mean `status`?
        method = "POST"
            unknown column `POST` | text takes single quotes: `'POST'`; columns are `bytes`, `code`, `cs-auth-group`, `empty`, `host`, `id.orig_h`, `method`, `rate`, `small`, `status`, `timestamp`, `upload`, `user`
        cs-auth-group = 'x'
            unknown column `cs` | a column name with other characters than letters, digits, `_`, and `.` takes double quotes: `"cs-auth-group"`
        method = POST; drop table x
            at character 14: unexpected `;` | this is one expression, no statement
        lowr(user)
            unknown function `lowr` | did you mean `lower`? functions are `abs`, `ceil`, `ceiling`, `coalesce`, `concat`, `contains`, `date`, `day`, `ends_with`, `epoch`, `floor`, `greatest`, `hour`, `least`, `length`, `ln`, `log10`, `lower`, `minute`, `month`, `nullif`, `power`, `pow`, `registered_domain`, `replace`, `round`, `sqrt`, `starts_with`, `substr`, `substring`, `trim`, `upper`, `url_host`, `weekday`, `year`
        ln(1, 2)
            `ln` takes 1 argument, found 2 | 
        status + timestamp
            `+` needs a number, found a time | `epoch(x)` is a time as seconds
        timestamp > 5
            a whole number cannot be compared with a time | `epoch(x)` is a time as seconds
        upload = 1
            a whole number cannot be compared with true or false | write `x` or `not x`, or `x = true`
        upload + 1
            `+` needs a number, found true or false | `case when x then 1 else 0 end` is a condition as a number
        status and upload
            `and` needs true or false, found a whole number | compare it with something, such as `x > 0` or `x = 'POST'`
        user = 5 + 'x'
            `+` needs a number, found text | 
        status = 'many'
            `'many'` cannot be compared with a number | 
        hour(user)
            `hour` needs a time, found text | the time column of the events is `timestamp`
        timestamp = 'yesterday'
            `'yesterday'` cannot be compared with a time | times are written `'2026-03-02T08:00'`, dates `'2026-03-02'`
        x in (select 1)
            at character 14: expected ), found 1 | 
        count(*)
            `count` looks at many rows, and this is an expression over one | what looks at many rows is a field, such as `{ sum: bytes_up }` or `{ count: "*" }`
        user like host
            `like` with a pattern that is not a quoted text is not supported in an expression over one row | 
        cast(user as json)
            `cast` to `json` (expected `int`, `double`, `text`, `bool`, or `date`) is not supported in an expression over one row | 
        status > all(1)
            unknown function `all` | functions are `abs`, `ceil`, `ceiling`, `coalesce`, `concat`, `contains`, `date`, `day`, `ends_with`, `epoch`, `floor`, `greatest`, `hour`, `least`, `length`, `ln`, `log10`, `lower`, `minute`, `month`, `nullif`, `power`, `pow`, `registered_domain`, `replace`, `round`, `sqrt`, `starts_with`, `substr`, `substring`, `trim`, `upper`, `url_host`, `weekday`, `year`
        sum(bytes) over (x)
            at character 12: expected the end, found `over` | 
        50MB
            at character 3: expected the end, found `MB` | sizes are written out, in bytes: `50000000`
        'open
            at character 1: unterminated string literal | 
        a ? b
            at character 3: unexpected `?` | 
        User = 'x'
            unknown column `User` | did you mean `user`?
        round(rate, status)
            `round` takes a number of decimals from 0 to 15, found something else | 
        case when status then 1 end
            `when` needs true or false, found a whole number | compare it with something, such as `x > 0` or `x = 'POST'`
        date(timestamp) > timestamp
            a date cannot be compared with a time | `date(x)` is the day of a time
        "##
    );
}

#[test]
fn a_condition_must_be_one() {
    let error = Expression::parse("status + 1").unwrap().evaluate_mask(&frame(), Paris).unwrap_err();
    assert_eq!(error.to_string(), "`status + 1` is a number, not a condition");
}

/// The hint without the list of functions that follows it.
fn hint(text: &str) -> String {
    error(text).split_once(" | ").map(|(_, hint)| hint.split("; functions are").next().unwrap_or_default().to_owned()).unwrap()
}

#[test]
fn habits_from_elsewhere_are_known() {
    assert_eq!(hint("bytes > 50MB"), "sizes are written out, in bytes: `50000000`");
    assert_eq!(hint("user = \u{2018}x\u{2019}"), "quotes are straight: `'text'`, `\"column\"`");
    assert!(hint("`user` = 'x'").starts_with("a column name with other characters"));
    assert!(hint("user ~ 'x'").contains("like") && hint("user regexp 'x'").contains("like"));
    assert_eq!(hint("status => 5"), "write `>=`");
    assert_eq!(hint("status > 5 && upload"), "conditions are joined by `and` and `or`");
    assert_eq!(hint("ifnull(user, 'x')"), "write `coalesce(x, y)`");
    assert_eq!(hint("LEN(user)"), "write `length(x)`");
}

#[test]
fn values_of_one_expression_are_of_one_kind() {
    assert_eq!(
        error("case when upload then 'a' else 0 end"),
        "the values of `case` are of one kind, and `'a'` cannot stand beside a number | `cast(x as text)` makes text of any"
    );
    assert!(
        error("coalesce(upload, 'x')").starts_with("the values of `coalesce` are of one kind, and `'x'` cannot stand beside true or false")
    );
    assert!(error("nullif(upload, 'x')").starts_with("`'x'` cannot be compared with true or false"));
}

#[test]
fn a_span_that_holds_nothing_is_refused() {
    for text in [
        "hour(timestamp) between 22 and 6",
        "rate not between 1 and 0.5",
        "user between 'b' and 'a'",
        "timestamp between '2026-03-03' and '2026-03-02'",
    ] {
        assert!(error(text).starts_with("nothing lies between the two values of `between`"), "{text}: {}", error(text));
    }
    assert_eq!(mask("hour(timestamp) between 2 and 2"), [false, true, true, false]);
}
