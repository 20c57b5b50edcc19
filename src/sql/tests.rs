use chrono_tz::{Europe::Paris, Tz};
use polars::prelude::*;

use super::*;
use crate::spec::Moment;

mod hostile;
mod messages;

fn micros(text: &str) -> i64 {
    text.parse::<Moment>().unwrap().micros(Tz::UTC)
}

/// Four rows; the last is null throughout.
fn frame() -> DataFrame {
    let times = ["2026-03-01T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"].map(|text| Some(micros(text)));
    let times = Series::new("timestamp".into(), [times[0], times[1], times[2], None])
        .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
        .unwrap();
    let frame = df!(
        "user" => [Some("ann"), Some("bob"), Some("Zoé"), None],
        "method" => [Some("POST"), Some("get"), Some("PUT"), None],
        "host" => [Some("www.example.co.uk"), Some("192.0.2.1"), Some("a%b.Example.com."), None],
        "status" => [Some(200_i32), Some(403), Some(404), None],
        "code" => [Some("200"), Some("n/a"), Some("0404"), None],
        "bytes" => [Some(7_i64), Some(0), Some(i64::MAX), None],
        "small" => [Some(200_u32), Some(100), Some(0), None],
        "rate" => [Some(0.5), Some(-2.5), Some(f64::NAN), None],
        "upload" => [Some(true), Some(false), Some(true), None],
        "cs-auth-group" => [Some("staff"), None, Some("x"), None],
        "id.orig_h" => [Some("10.0.0.1"), Some("10.0.0.2"), Some("10.0.0.3"), None],
        "empty" => [None::<&str>, None, None, None],
    );
    let mut frame = frame.unwrap();
    frame.with_column(times.into_column()).unwrap();
    frame
}

fn values(text: &str) -> Vec<String> {
    let series = Expression::parse(text)
        .and_then(|e| e.evaluate(&frame(), Paris))
        .unwrap_or_else(|error| panic!("{text}: {error} {:?}", error.hint()));
    series.iter().map(|value| if let AnyValue::String(text) = value { text.to_owned() } else { value.to_string() }).collect()
}

fn mask(text: &str) -> Vec<bool> {
    Expression::parse(text).and_then(|e| e.evaluate_mask(&frame(), Paris)).unwrap().iter().map(|value| value.unwrap()).collect()
}

#[test]
fn numbers() {
    assert_eq!(values("7/2"), ["3.5"; 4], "division does not cut");
    assert_eq!(values("bytes / 2"), ["3.5", "0.0", "4.6117e18", "null"].map(str::to_owned));
    assert_eq!(values("1 / bytes")[1], "null", "a ratio over zero is null");
    assert_eq!(values("49 * 1e0 / 49 = 1"), ["true"; 4]);
    assert_eq!(mask("bytes * 7 / 49 = 1"), [true, false, false, false], "no multiplication by 1/49");
    assert_eq!(mask("(status - 197) / 10 <= 0.3"), [true, false, false, false], "3/10 is 0.3");
    assert_eq!(values("bytes % 4")[..2], ["3.0", "0.0"]);
    assert_eq!(values("-7 % 4"), ["-3.0"; 4], "the sign of the dividend");
    assert_eq!(values("1e18 % 7"), ["1.0"; 4], "to the last digit: 10^18 leaves 1");
    assert_eq!(values("bytes % 0"), ["null"; 4]);
    assert_eq!(values("7 % bytes")[..2], ["0.0", "null"]);
    assert_eq!(values("small + 100")[0], "300.0", "unsigned columns do not wrap");
    assert_eq!(values("small - 201")[0], "-1.0");
    assert_eq!(values("-bytes")[0], "-7.0");
    assert_eq!(values("1 + 2 * 3 - 4"), ["3.0"; 4]);
    assert_eq!(values("rate * 2"), ["1.0", "-5.0", "null", "null"], "nan is null");
    assert_eq!(values("code + 1"), ["201.0", "null", "405.0", "null"], "text in arithmetic is read as a number");
    assert_eq!(values("1e3"), ["1000.0"; 4]);
}

#[test]
fn functions_of_numbers() {
    assert_eq!(values("abs(rate)")[..2], ["0.5", "2.5"]);
    assert_eq!(values("round(rate)")[..2], ["1.0", "-3.0"], "halves away from zero");
    assert_eq!(values("round(1.256, 2)"), ["1.26"; 4]);
    assert_eq!(values("floor(rate)")[..2], ["0.0", "-3.0"]);
    assert_eq!(values("ceil(rate)")[..2], ["1.0", "-2.0"]);
    assert_eq!(values("ln(bytes)")[1], "null");
    assert_eq!(values("ln(1)"), ["0.0"; 4]);
    assert_eq!(values("log10(1000)"), ["3.0"; 4]);
    assert_eq!(values("sqrt(rate)")[1], "null");
    assert_eq!(values("power(2, 10)"), ["1024.0"; 4]);
    assert_eq!(values("power(10, 999)"), ["null"; 4]);
    assert_eq!(values("greatest(status, 300)"), ["300", "403", "404", "300"], "nulls are left out");
    assert_eq!(values("least(status, 300.5)"), ["200.0", "300.5", "300.5", "300.5"]);
}

#[test]
fn conditions_have_three_values() {
    assert_eq!(values("status = 403"), ["false", "true", "false", "null"]);
    assert_eq!(mask("status = 403"), [false, true, false, false]);
    assert_eq!(mask("not (status = 403)"), [true, false, true, false], "not null is null");
    assert_eq!(mask("status = 403 or user is null"), [false, true, false, true]);
    assert_eq!(values("upload and false"), ["false"; 4], "null and false is false");
    assert_eq!(values("upload or true"), ["true"; 4]);
    assert_eq!(values("status = null"), ["null"; 4]);
    assert_eq!(values("null is null"), ["true"; 4]);
    assert_eq!(mask("upload is not true"), [false, true, false, true]);
    assert_eq!(mask("upload is false"), [false, true, false, false]);
    assert_eq!(mask("empty = 'x' or status > 400"), [false, true, true, false], "a column without values is null");
    assert_eq!(mask("true"), [true; 4]);
    assert_eq!(mask("null"), [false; 4]);
}

#[test]
fn conditions_together_are_what_each_is_alone() {
    let texts = ["bytes > 5", "true", "method in ('POST', 'PUT')", "rate < 0", "host like '%example%'", "upload", "hour(timestamp) < 2"];
    let conditions: Vec<Expression> = texts.iter().map(|text| Expression::parse(text).unwrap()).collect();
    for frame in [frame(), frame().head(Some(1)), frame().head(Some(0))] {
        for conditions in [&conditions[..], &conditions[..1], &conditions[1..2]] {
            let together = Expression::evaluate_masks(conditions, &frame, Paris).unwrap();
            assert_eq!(together.len(), conditions.len());
            for (condition, mask) in conditions.iter().zip(&together) {
                let alone = condition.evaluate_mask(&frame, Paris).unwrap();
                assert_eq!(mask.iter().collect::<Vec<_>>(), alone.iter().collect::<Vec<_>>(), "{}", condition.text);
            }
        }
    }
    let mut wrong = conditions;
    wrong.push(Expression::parse("nothing > 5").unwrap());
    assert!(Expression::evaluate_masks(&wrong, &frame(), Paris).is_err());
}

#[test]
fn membership_and_ranges() {
    assert_eq!(mask("method in ('POST', 'PUT')"), [true, false, true, false]);
    assert_eq!(mask("method not in ('POST', 'PUT')"), [false, true, false, false]);
    assert_eq!(values("status in (200, null)"), ["true", "null", "null", "null"]);
    assert_eq!(values("status not in (200, null)"), ["false", "null", "null", "null"]);
    assert_eq!(mask("code in (200, 404)"), [true, false, true, false], "text against numbers is read as numbers");
    assert_eq!(mask("status in ('403', 404)"), [false, true, true, false]);
    assert_eq!(mask("status in (small, 403)"), [true, true, false, false]);
    assert_eq!(mask("status between 200 and 403"), [true, true, false, false]);
    assert_eq!(mask("status not between 200 and 403"), [false, false, true, false]);
    assert_eq!(mask("upload in (true)"), [true, false, true, false]);
}

#[test]
fn text() {
    assert_eq!(mask("user < 'bob'"), [true, false, true, false], "by code point: Z before a");
    assert_eq!(values("lower(method) || '-' || status")[0], "post-200");
    assert_eq!(values("upper(user)")[2], "ZOÉ");
    assert_eq!(values("length(user)"), ["3", "3", "3", "null"], "characters, not bytes");
    assert_eq!(values("substr(user, 2)")[..3], ["nn", "ob", "oé"]);
    assert_eq!(values("substr(user, 1, 1)")[..3], ["a", "b", "Z"]);
    assert_eq!(values("substr(user, -1)")[..3], ["n", "b", "é"]);
    assert_eq!(values("substr(user, 9, -4)")[0], "");
    assert_eq!(values("substr(user, 1, null)"), ["null"; 4], "null is no length");
    assert_eq!(values("substr(user, 1, cast(code as int))"), ["ann", "null", "Zoé", "null"]);
    assert_eq!(mask("starts_with(user, 'a')"), [true, false, false, false]);
    assert_eq!(mask("ends_with(user, 'b')"), [false, true, false, false]);
    assert_eq!(mask("contains(host, '%')"), [false, false, true, false], "no pattern");
    assert_eq!(values("replace(host, '.', '/')")[0], "www/example/co/uk");
    assert_eq!(values("replace(host, '', '/')")[0], "www.example.co.uk", "there is nothing to look for");
    assert_eq!(
        values("replace(host, code, method)")[..3],
        ["www.example.co.uk", "192.0.2.1", "a%b.Example.com."],
        "a pattern for each row"
    );
    assert_eq!(values("replace('x n/a', code, method)"), ["x n/a", "x get", "x n/a", "null"]);
    assert_eq!(values("replace(user, null, 'x')"), ["null"; 4]);
    assert_eq!(values("trim(' x ')"), ["x"; 4]);
    assert_eq!(values("concat(user, 1, true)")[0], "ann1true");
    assert_eq!(values("concat(user, 'x')")[3], "null");
    assert_eq!(values("'It''s'"), ["It's"; 4]);
    assert_eq!(values("coalesce(\"cs-auth-group\", user, 'none')"), ["staff", "bob", "x", "none"]);
    assert_eq!(values("nullif(method, 'POST')"), ["null", "get", "PUT", "null"]);
    assert_eq!(values("id.orig_h")[1], "10.0.0.2");
    assert_eq!(values("url_host(concat('https://', host, ':8443/x'))"), ["www.example.co.uk", "192.0.2.1", "a%b.Example.com.", "null"]);
    assert_eq!(values("registered_domain(host)"), ["example.co.uk", "192.0.2.1", "example.com", "null"]);
}

#[test]
fn patterns() {
    assert_eq!(mask("method like 'P%'"), [true, false, true, false]);
    assert_eq!(mask("method like '%T'"), [true, false, true, false]);
    assert_eq!(mask("method ilike '%T'"), [true, true, true, false]);
    assert_eq!(mask("method like '_UT'"), [false, false, true, false]);
    assert_eq!(mask("method like '%O%'"), [true, false, false, false]);
    assert_eq!(mask("host like 'a!%b%' escape '!'"), [false, false, true, false]);
    assert_eq!(mask("host like '%.%.%.%'"), [true, true, true, false]);
    assert_eq!(mask("host like '%.%.%._'"), [false, true, false, false]);
    assert_eq!(mask("method not like '%'"), [false; 4]);
    assert_eq!(mask("method like '%'"), [true, true, true, false]);
    assert_eq!(mask("host like 'www.example'"), [false; 4], "the whole text, and dots are dots");
}

#[test]
fn times_are_those_of_the_window() {
    assert_eq!(values("hour(timestamp)"), ["0", "2", "2", "null"], "both 02:00 hours of autumn");
    assert_eq!(values("minute(timestamp)")[0], "30");
    assert_eq!(values("weekday(timestamp)"), ["1", "7", "7", "null"], "2 March 2026 is a Monday in Paris");
    assert_eq!(values("day(timestamp)")[0], "2");
    assert_eq!(values("month(timestamp)")[0], "3");
    assert_eq!(values("year(date(timestamp))")[0], "2026");
    assert_eq!(values("date(timestamp)")[0], "2026-03-02");
    assert_eq!(values("day(date(null))"), ["null"; 4]);
    assert_eq!(mask("date(timestamp) = '2026-03-02'"), [true, false, false, false]);
    assert_eq!(mask("timestamp >= '2026-10-25T02:30:00+01:00'"), [false, false, true, false]);
    assert_eq!(mask("timestamp < '2026-03-02'"), [false; 4], "a date is midnight in the window's zone");
    assert_eq!(mask("epoch(timestamp) = 1772407800"), [true, false, false, false]);
    assert_eq!(values("cast(timestamp as text)")[0], "2026-03-02T00:30:00+01:00");
    assert_eq!(mask("weekday(timestamp) in (6, 7) and hour(timestamp) < 6"), [false, true, true, false]);
}

#[test]
fn cases_and_casts() {
    assert_eq!(values("case when status >= 400 then 'bad' when upload then 'up' end"), ["up", "bad", "bad", "null"]);
    assert_eq!(values("case method when 'POST' then 1 else 0.5 end"), ["1.0", "0.5", "0.5", "0.5"]);
    assert_eq!(values("cast(code as int)"), ["200", "null", "404", "null"]);
    assert_eq!(values("cast('3.7' as int)"), ["3"; 4]);
    assert_eq!(values("cast(rate as integer)")[..2], ["0", "-2"]);
    assert_eq!(values("cast(status as varchar(9))")[0], "200");
    assert_eq!(values("status::text")[0], "200");
    assert_eq!(values("cast(bytes as bool)")[..2], ["true", "false"]);
    assert_eq!(values("cast('nan' as double)"), ["null"; 4]);
    assert_eq!(values("cast(upload as int)")[..2], ["1", "0"]);
}

#[test]
fn keywords_of_other_dialects_are_names() {
    let frame = df!("group" => [1], "date" => ["x"], "interval" => [2], "end time" => [3], "select" => [4], "été" => [5]).unwrap();
    for text in ["group + interval", "date = 'x'", "\"end time\" > 1", "select", "été"] {
        assert_eq!(Expression::parse(text).unwrap().evaluate(&frame, Tz::UTC).unwrap().len(), 1, "{text}");
    }
    let columns = Expression::parse("a.b + \"c d\" + lower(a.b) -- a comment").unwrap();
    assert_eq!(columns.columns().iter().map(String::as_str).collect::<Vec<_>>(), ["a.b", "c d"]);
}

#[test]
fn empty_frames_stay_empty() {
    let empty = frame().clear();
    for text in ["true", "status = 1", "registered_domain(host)", "1 + 1"] {
        assert_eq!(Expression::parse(text).unwrap().evaluate(&empty, Paris).unwrap().len(), 0, "{text}");
    }
    assert_eq!(Expression::parse("status = 1").unwrap().evaluate_mask(&empty, Paris).unwrap().len(), 0);
}
