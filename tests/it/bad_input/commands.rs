//! Command lines that cannot be.

use super::{Case, kept, write};

/// What is wrong, how it comes about, what is typed.
pub const CASES: &[Case] = &[
    ("a verb misspelt", |_| {}, "rnu x.yaml"),
    ("no experiment", |_| {}, "run"),
    ("two experiments", |_| {}, "run x.yaml y.yaml"),
    ("an option misspelt", |_| {}, "run x.yaml --sed 3"),
    ("a seed in words", |_| {}, "run x.yaml --seed three"),
    ("no job", |_| {}, "run x.yaml --jobs 0"),
    ("a form that there is not", |_| {}, "run x.yaml --format yaml"),
    ("no such algorithm", |_| {}, "run x.yaml --algorithm ekod"),
    ("an override without a value", |_| {}, "run x.yaml --set seed"),
    ("an override without a path", |_| {}, "run x.yaml --set =3"),
    ("an override of nothing", |_| {}, "run x.yaml --set evaluate.alert.budget=3"),
    ("an override of the wrong type", |_| {}, "run x.yaml --set seed=three"),
    ("an override that is no YAML", |_| {}, "run x.yaml --set algorithms=[ecod"),
    ("an override beyond a list", |_| {}, "run x.yaml --set algorithms[7].method=ecod"),
    ("a folder that there is not", |_| {}, "-C nowhere run x.yaml"),
    ("no run yet", |_| {}, "report"),
    ("no such run", kept, "report 2020-01-01"),
    ("runs that there are not", kept, "report latest~9"),
    ("a run counted in words", kept, "report latest~x"),
    ("a section misspelt", kept, "report whole --sections cots"),
    ("a language that there is not", kept, "report whole --lang de"),
    ("a share onto itself", kept, "report whole --share whole"),
    ("a run to compare that there is not", kept, "compare whole nothing"),
    ("a tool that there is not", kept, "export whole --to excel"),
    ("an export without a tool", kept, "export whole"),
    ("a review of nothing", |_| {}, "review nothing"),
    ("a sheet that there is not", kept, "review whole --import sheet.csv"),
    (
        "a sheet that is none",
        |at| {
            kept(at);
            write(at, "sheet.csv", "a,b\n1,2\n");
        },
        "review whole --import sheet.csv",
    ),
    (
        "an empty sheet",
        |at| {
            kept(at);
            write(at, "sheet.csv", "");
        },
        "review whole --import sheet.csv",
    ),
    (
        "a spreadsheet that is none",
        |at| {
            kept(at);
            write(at, "sheet.xlsx", "no zip");
        },
        "review whole --import sheet.xlsx",
    ),
    ("a list that there is not", |_| {}, "list method"),
    ("a topic misspelt", |_| {}, "explain kmeens"),
    ("a code that there is not", |_| {}, "explain E999"),
    ("a template misspelt", |_| {}, "init --template proxi"),
    ("an experiment from nothing", |_| {}, "init --from nothing.log"),
    ("an experiment from an empty file", |at| write(at, "a.log", ""), "init new --from a.log"),
    ("a sample that is a folder", |_| {}, "check --sample ."),
    ("a sample that is a picture", |at| write(at, "a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0"), "check --sample a.png"),
    ("a sample and an experiment", |_| {}, "check x.yaml --sample log.csv"),
    ("nothing to check", |_| {}, "check"),
    ("logs to convert that there are not", |_| {}, "convert nothing.log --out converted"),
    ("demonstration data of nobody", |_| {}, "generate demo --out demo --users 0"),
    ("a cache of a negative size", |_| {}, "run x.yaml --cache kept --cache-size -3"),
];
