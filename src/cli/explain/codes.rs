//! The codes of problems (`E...`), warnings and findings (`W...`): what each means, and what to do about it.

use std::fmt::Write as _;

use crate::{cost, detect, inject};

/// Codes, in order, of what the modules below do not explain themselves.
const CODES: &[(&str, &str)] = &[
    ("E001", "the file is not valid YAML, or has the marks of an unfinished merge, or tabs for indents"),
    ("E002", "a key stands twice in one mapping; YAML would keep one of the two without a word"),
    ("E003", "the file is not a mapping with `name`, `use_case`, `sources`, `fields`, `algorithms`"),
    ("E004", "a part that every experiment needs is missing"),
    ("E005", "a key is not known here; the message names the nearest one that is"),
    ("E006", "a value is not of the kind that stands here (a number, a text, a list, a duration)"),
    ("E010", "the file is written for another version of the experiment format"),
    ("E011", "`name` cannot name a folder"),
    ("E012", "`algorithms` is empty"),
    ("E013", "`fields` is empty"),
    (
        "E014",
        "`entity` and `window` do not fit together: one is missing, a date is out of order, the warm-up leaves nothing to learn from, no period fits into a part",
    ),
    ("E015", "the time zone has no such name; names are those of the IANA list, such as `Europe/Paris`"),
    ("E016", "an expression of `where` or `derive` cannot be read"),
    ("E017", "a join of `enrich` names no source, no key, or options that its `how` does not have"),
    ("E018", "`baseline` needs `rule` or `events`, one of them, and a rule that can be read"),
    ("E019", "`labels` needs `path` or `column`, one of them; what holds labels may be seen by no field, rule or key"),
    ("E020", "a criterion of `decision` names no known metric, or not exactly one limit"),
    ("E022", "a value of `evaluate` is out of its range"),
    ("E023", "a source is of no known format, or there are none or several sources of events"),
    ("E024", "`report.redact` names no column that there is, or would leave entities or fields without a name; `gonogo explain redact`"),
    ("E025", "a rule of `suppress` has a condition that cannot be read, or no reason"),
    ("E030", "the columns that a source really has do not fit what is built on them; the message says which"),
    ("E031", "a key column of the entity is missing in one of several stacked sources: its rows would be in no unit"),
    ("E032", "the few rows that there are make no run: a part without units, or no field that differs between them"),
    ("E040", "`use_case.needs` names a need that is not known (`gonogo list needs`)"),
    ("E041", "the sources cannot tell what a need asks for: the question has no answer in these logs"),
    ("E042", "an expression takes a column for a number, and none of its first values is one"),
    ("E050", "an engine does not compute this field or group by this column; the rest of the experiment may run there"),
    ("E051", "a source is neither files nor a table in an engine, or the experiment asks for what an engine does not give"),
    ("E201", "a field is not a mapping with one field kind and its argument"),
    ("E202", "there is no such field kind, or `all_numeric` stands where one field is meant"),
    ("E203", "a field names two kinds; make two fields of it"),
    ("E204", "the field kind has no such option"),
    ("E205", "an option of a field cannot be read"),
    ("E206", "an option of a field is out of its range, or does not go with the experiment"),
    ("E207", "a field reads a label column; labels would give the answer away"),
    ("E208", "`versus` compares a field that cannot be compared"),
    ("E209", "an expression of a field cannot be read or evaluated"),
    ("E210", "a field has the name of a key column of the entity"),
    ("E211", "the events have no such column; the message names the nearest one"),
    ("E212", "a column is of the wrong type for its use"),
    ("W030", "a field looks back and there is no `warm_up`: on the first day everything is new"),
    ("W031", "the judged part holds too few incidents, days or labels to settle a criterion, whatever comes out"),
    ("W032", "a rule of `suppress` ends before the judged part begins, and does nothing there"),
    ("W033", "`report.redact` leaves a key column of the entity as it is: every alert shows it"),
    ("W034", "the experiment reads files outside of its own folder: look at what they are before you run one that a stranger gave you"),
    ("W035", "`alerts.group` reaches over the end of a budget period, where every case ends"),
    (
        "W036",
        "a field is made of a column that is named like the answer (`label`, `attack`, ...): a detector that sees the truth finds it, and every figure flatters",
    ),
    ("W037", "all rows at hand make so few units that usual and unusual cannot be told apart"),
    ("W041", "the sources tell what a need asks for only in part: the answer will be weaker"),
    ("W101", "lines could not be parsed; samples are in quality.json"),
    ("W102", "rows have no readable time and are in no unit"),
    ("W103", "most rows lie outside the window"),
    ("W104", "lines hold bytes that are not UTF-8; they were replaced"),
    ("W105", "a file ends in the middle of a line: it may have been cut short"),
    ("W106", "values are not of their column's type and became empty"),
    ("W107", "two files hold the same bytes; their events count twice"),
    ("W108", "rows are not in the order of time"),
    ("W109", "parsed events could not be kept in the cache; the result is the same, the next run is slower"),
    ("W120", "hours are silent that are busy on the same weekday of other weeks"),
    ("W121", "days of the window have no events at all"),
    ("W122", "a weekday is judged that was never learned from"),
    ("W123", "a holiday is judged and none was learned from"),
    ("W124", "the busiest hours are at night: the time zone may be wrong"),
    ("W125", "rows stand twice"),
    ("W126", "one source address stands for a large share of the events: a proxy or gateway may hide everyone behind it"),
    ("W127", "a column begins or ceases to be filled inside the window"),
    ("W128", "a column has one value only"),
    ("W129", "URLs hold what looks like secrets or personal data"),
    ("W130", "fewer events than expected found their row in a side table"),
    ("W131", "a side table has several rows for one key; the first was taken"),
    ("W132", "few of the different keys found a row in a side table"),
    ("W133", "rows are in more than one of the stacked sources: the same events may be logged twice"),
    ("W134", "a column has a value in few of the rows"),
    ("W135", "nearly every row has another text in a column: nothing in it repeats"),
    ("W140", "units begin before `train_end` and end after it; they are in neither part"),
    ("W141", "units of the warm-up give a history and are not learned from"),
    ("W142", "the judged part holds no incident: nothing can be said of attacks caught or missed"),
    ("W143", "rows have no value in a key column of the entity; they are in no unit, and nobody judges them"),
    ("W144", "units go on after the window's `end`: only a part of their period was read, and they look quieter than they were"),
    ("W150", "labels name entities that never occur in the events"),
    ("W151", "labels name times in which their entity has no unit"),
    ("W152", "incidents have no unit: they are in no figure, whatever a detector does"),
    ("W153", "the labels name no entity, and mark everyone in their time"),
    ("W154", "events marked as attacks have no entity or lie outside the window"),
    ("W155", "units with events marked as attacks are too quiet to be scored"),
    ("W156", "every value of the label column means benign"),
    ("W201", "an algorithm failed; the others are in the report"),
    ("W202", "the events behind the alerts could not be read a second time; the report stands without them"),
    ("W203", "the cache of parsed events is off for this run: it would hold values that `report.redact` hides"),
    ("W204", "the clock stands before the beginning of an earlier run; runs are listed in the order in which they were made all the same"),
    ("W205", "a run would need about all of the memory that this machine has left, or more, by the estimate of `--dry-run`"),
    (
        "W206",
        "a run would need more memory than `--max-memory` allows, by the estimate of `--dry-run`: it would be ended before its verdict",
    ),
    ("W207", "fields that differ in the judged part are left out, since they never do in the training part: no detector can weigh them"),
];

fn every() -> Vec<(&'static str, &'static str)> {
    let mut codes: Vec<_> = CODES.iter().chain(detect::PROBLEMS).chain(inject::PROBLEMS).chain(cost::CODES).copied().collect();
    codes.sort_unstable();
    codes
}

/// What a code means.
pub fn code(id: &str) -> Option<String> {
    let (code, meaning) = every().into_iter().find(|(code, _)| code.eq_ignore_ascii_case(id))?;
    let kind = if code.starts_with('E') {
        "an error of an experiment; nothing runs before it is mended (exit code 2)"
    } else {
        "a warning; the run goes on, and the report shows it"
    };
    Some(format!("{code}: {kind}\n\n{meaning}\n"))
}

/// Every code, a line each.
pub fn list() -> String {
    every().into_iter().fold("Codes of errors (E) and warnings (W)\n\n".to_owned(), |mut text, (code, meaning)| {
        let _ = writeln!(text, "  {code}  {meaning}");
        text
    })
}
