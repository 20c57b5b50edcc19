//! Expressions that cost a careless parser or engine its stack, its memory or its time.

use proptest::prelude::*;

use super::*;

/// Enough to meet most pairs of shapes in some runs; a hundred thousand passed when this was written.
const CASES: u32 = 600;

/// What costs a careless parser or engine its stack or its time ends quickly, in a value or an error, on a small stack.
#[test]
fn giants_end_quickly() {
    let run = || {
        let started = std::time::Instant::now();
        for unit in [
            "(",
            "not ",
            "-",
            "- -",
            "case when ",
            "cast(",
            "floor(",
            "a.",
            "a < ",
            "lower(",
            "[",
            "{",
            "(a, ",
            "1 + ",
            "x and (",
            "'a' || ",
        ] {
            for count in [10, 39, 40, 41, 200, 900, 20_000] {
                let _ = Expression::parse(&unit.repeat(count));
                let _ = Expression::parse(&format!("{}1{}", unit.repeat(count), ")".repeat(count)));
            }
        }
        let many = |part: &str, join: &str, count| vec![part; count].join(join);
        for (text, fine) in [
            (many("status = 1", " or ", 400), true),
            (many("user", " || ", 900), true),
            (many("1", " + ", 30), true),
            (many("1", " + ", 900), false),
            (format!("user in ({})", many("'some.host.example'", ",", 3_000)), true),
            (format!("{}status{}", "(".repeat(30), ")".repeat(30)), true),
            (format!("{}status{}", "abs(".repeat(30), ")".repeat(30)), true),
            (format!("{}true{}", "not (".repeat(15), ")".repeat(15)), true),
            ("x".repeat(100_000), false),
        ] {
            let result = Expression::parse(&text).and_then(|e| e.evaluate(&frame(), Paris));
            assert_eq!(result.is_ok(), fine, "{}: {result:?}", text.chars().take(40).collect::<String>());
        }
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

/// Expressions of a kind, nested at random.
fn nested() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "user",
        "status",
        "rate",
        "upload",
        "timestamp",
        "empty",
        "small",
        "bytes",
        "code",
        "null",
        "true",
        "1",
        "-2.5",
        "0",
        "'x'",
        "''",
        "'7'",
        "'2026-03-02'",
        "date(timestamp)",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 40, 3, |inner| {
        let shapes = prop::sample::select(vec![
            "A + B",
            "A * B",
            "A / B",
            "A % B",
            "-(A)",
            "A = B",
            "A <> B",
            "A < B",
            "A and B",
            "A or B",
            "not (A)",
            "A || B",
            "A in (B, C)",
            "A not in (B, null)",
            "A between B and C",
            "A like '%x_'",
            "A ilike 'a%'",
            "A like '%'",
            "A is null",
            "A is not true",
            "case when A then B else C end",
            "case A when B then C end",
            "cast(A as int)",
            "cast(A as double)",
            "cast(A as text)",
            "cast(A as bool)",
            "cast(A as date)",
            "coalesce(A, B, C)",
            "greatest(A, B)",
            "least(A, B, C)",
            "nullif(A, B)",
            "abs(A)",
            "ceil(A)",
            "floor(A)",
            "round(A)",
            "round(A, 2)",
            "sqrt(A)",
            "ln(A)",
            "power(A, B)",
            "lower(A)",
            "trim(A)",
            "length(A)",
            "replace(A, B, C)",
            "substr(A, B)",
            "substr(A, B, C)",
            "contains(A, B)",
            "starts_with(A, B)",
            "registered_domain(A)",
            "url_host(A)",
            "hour(A)",
            "day(A)",
            "weekday(A)",
            "date(A)",
            "epoch(A)",
            "year(A)",
        ]);
        (shapes, inner.clone(), inner.clone(), inner).prop_map(|(shape, a, b, c)| {
            shape.chars().fold(String::new(), |text, letter| match letter {
                'A' => text + "(" + &a + ")",
                'B' => text + "(" + &b + ")",
                'C' => text + "(" + &c + ")",
                other => text + other.encode_utf8(&mut [0; 4]),
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    /// What passes the check is what the check says it is, in each row as in a frame of that row alone.
    #[test]
    fn what_passes_the_check_is_computed(text in nested()) {
        let frame = frame();
        if let Ok((expression, kind)) = Expression::parse(&text).and_then(|e| e.kind(&Env::of(&frame, Paris)).map(|kind| (e, kind))) {
            let all = expression.evaluate(&frame, Paris);
            prop_assert!(all.is_ok(), "{text}: {:?}", all);
            let all = all.unwrap();
            prop_assert!(kind == Kind::Null || *all.dtype() == kind.data_type(), "{text}: {kind:?}, {}", all.dtype());
            for row in 0..frame.height() {
                let alone = expression.evaluate(&frame.slice(row as i64, 1), Paris).unwrap();
                prop_assert_eq!(alone.get(0).unwrap(), all.get(row).unwrap(), "{} in row {}", text, row);
            }
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,80}") {
        let _ = Expression::parse(&text).and_then(|e| e.evaluate(&frame(), Paris));
    }

    #[test]
    fn no_soup_of_words_panics(words in prop::collection::vec(prop::sample::select(vec![
        "user", "status", "rate", "upload", "timestamp", "\"cs-auth-group\"", "id.orig_h", "empty", "bytes", "small",
        "and", "or", "not", "in", "between", "like", "ilike", "is", "null", "case", "when", "then", "else", "end", "cast", "as", "int", "text",
        "=", "<>", "<", "+", "-", "*", "/", "%", "||", "(", ")", ",", "1", "0", "2.5", "'x'", "'2026-03-02'", "true", "lower(", "hour(", "round(",
        "coalesce(", "substr(", "registered_domain(", "ln(", "date(", "nullif(", "greatest(",
    ]), 1..14)) {
        let text = words.join(" ");
        if let Err(error) = Expression::parse(&text).and_then(|e| e.evaluate(&frame(), Paris)) {
            prop_assert!(!matches!(error, SqlError::Engine { .. }), "{} was refused only by the engine: {}", text, error);
        }
    }
}

/// What grows by a factor at every level is refused while it is read or checked, before any engine is given it.
#[test]
fn what_doubles_at_every_level_is_refused() {
    let nested = |before: &str, after: &str, count: usize| format!("{}status{}", before.repeat(count), after.repeat(count));
    for (before, after) in [
        ("ln(", ")"),
        ("power(2, ", ")"),
        ("ceil(0.5 + ", ")"),
        ("nullif(", ", 3)"),
        ("length(substr('abc', ", "))"),
        ("case ", " when 1 then 2 when 3 then 4 when 5 then 6 end"),
        ("length(concat('a', cast(concat('', ", ") as double)))"),
    ] {
        let refused = Expression::parse(&nested(before, after, 18)).and_then(|expression| expression.kind(&Env::of(&frame(), Paris)));
        assert!(matches!(refused, Err(SqlError::TooLarge { .. })), "{before}: {refused:?}");
        let shallow = nested(before, after, 2);
        assert!(Expression::parse(&shallow).and_then(|e| e.evaluate(&frame(), Paris)).is_ok(), "{shallow}");
    }
    // Quotients and chains of remainders are as long as they look.
    let quotients = nested("1 / (", ")", 30);
    assert_eq!(Expression::parse(&quotients).and_then(|e| e.evaluate(&frame(), Paris)).unwrap().f64().unwrap().get(0), Some(200.0));
    let chain = format!("status{}", " % 7".repeat(30));
    assert_eq!(Expression::parse(&chain).and_then(|e| e.evaluate(&frame(), Paris)).unwrap().f64().unwrap().get(0), Some(4.0));
}

/// Ten thousand letters, each replaced by ten thousand, each replaced by ten thousand.
#[test]
fn replacements_within_replacements_end_in_an_error() {
    let many = format!("'{}'", "a".repeat(10_000));
    let text = format!("length(replace(replace({many}, 'a', {many}), 'a', {many}))");
    let error = Expression::parse(&text).and_then(|e| e.evaluate(&frame(), Paris)).unwrap_err().to_string();
    assert!(error.ends_with("more than 1073741824 bytes of text of a batch of events"), "{}", error.chars().take(90).collect::<String>());
    assert_eq!(values("replace(replace('aab', 'a', 'aa'), 'a', 'x')"), ["xxxxb"; 4]);
}

/// Every function with values of every kind gives what the check says it gives, or is refused by the check: never by the engine.
#[test]
fn no_function_is_refused_by_the_engine_alone() {
    let values = ["user", "status", "rate", "upload", "timestamp", "empty", "date(timestamp)", "null", "'x'", "2", "-0.5", "''"];
    let (frame, env) = (frame(), Env::of(&frame(), Paris));
    for signature in function::FUNCTIONS {
        for count in signature.least..=signature.most.min(3) {
            for number in 0..values.len().pow(count as u32) {
                let arguments: Vec<&str> = (0..count).map(|at| values[number / values.len().pow(at as u32) % values.len()]).collect();
                let text = format!("{}({})", signature.name, arguments.join(", "));
                let Ok((expression, kind)) = Expression::parse(&text).and_then(|e| e.kind(&env).map(|kind| (e, kind))) else { continue };
                let found = expression.evaluate(&frame, Paris).unwrap_or_else(|error| panic!("{text}: {error}"));
                assert!(kind == Kind::Null || *found.dtype() == kind.data_type(), "{text}: {kind:?}, {}", found.dtype());
            }
        }
    }
}
