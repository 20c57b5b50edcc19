use proptest::prelude::*;

use chrono_tz::Tz;

use super::*;

fn join(text: &str) -> spec::Join {
    serde_yaml::from_str(text).unwrap()
}

fn tables() -> BTreeMap<String, DataFrame> {
    let cmdb = df!(
        "ip" => [Some("10.0.0.1"), Some("10.0.0.2"), Some("10.0.0.1"), None],
        "hostname" => ["one", "two", "again", "nobody"],
        "department" => [Some("it"), None, Some("hr"), Some("x")],
    );
    let sites = df!("number" => [1_i64, 2], "kind" => ["a:b", "b"], "site" => ["first", "second"]);
    BTreeMap::from([("cmdb".into(), cmdb.unwrap()), ("sites".into(), sites.unwrap())])
}

fn texts_of(frame: &DataFrame, column: &str) -> Vec<Option<String>> {
    frame.column(column).unwrap().str().unwrap().iter().map(|value| value.map(str::to_owned)).collect()
}

fn some(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| (!value.is_empty()).then(|| (*value).to_owned())).collect()
}

#[test]
fn rows_keep_their_order_and_the_first_of_duplicates_wins() {
    let joins = [join("{ join: cmdb, on: { src_ip: ip }, take: [department, hostname], expect_match: 0.9 }")];
    let mut enricher = Enricher::new(&joins, &tables(), None).unwrap();
    let events = df!("src_ip" => [Some("10.0.0.2"), Some("10.0.0.1"), None, Some("10.0.0.9"), Some("10.0.0.1")]).unwrap();
    let joined = enricher.apply(events).unwrap();
    assert_eq!(texts_of(&joined, "hostname"), some(&["two", "one", "", "", "one"]));
    assert_eq!(texts_of(&joined, "department"), some(&["", "it", "", "", "it"]));
    enricher.apply(df!("src_ip" => ["10.0.0.2"]).unwrap()).unwrap();
    let quality = enricher.finish();
    assert_eq!((quality[0].events, quality[0].matched, quality[0].duplicate_keys, quality[0].expected), (6, 4, 1, Some(0.9)));
    let codes: Vec<String> = findings(&quality).into_iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["W130", "W131"]);
}

#[test]
fn what_is_given_once_is_given_to_the_first_event_alone() {
    let spec = "{ join: cmdb, on: { src_ip: ip }, take: [department, hostname], once: [hostname] }";
    let mut enricher = Enricher::new(&[join(spec)], &tables(), None).unwrap();
    let mut of = |ips: &[&str]| {
        let joined = enricher.apply(df!("src_ip" => ips).unwrap()).unwrap();
        (texts_of(&joined, "hostname"), texts_of(&joined, "department"))
    };
    assert_eq!(of(&["10.0.0.1", "10.0.0.9", "10.0.0.1"]), (some(&["one", "", ""]), some(&["it", "", "it"])));
    assert_eq!(of(&["10.0.0.1", "10.0.0.2", "10.0.0.2"]), (some(&["", "two", ""]), some(&["it", "", ""])), "over batches");
    enricher.start_over();
    let again = enricher.apply(df!("src_ip" => ["10.0.0.1"]).unwrap()).unwrap();
    assert_eq!(texts_of(&again, "hostname"), some(&["one"]), "the first rows were only looked at");
    let error = Enricher::new(&[join("{ join: cmdb, on: { src_ip: ip }, take: [department], once: [hostname] }")], &tables(), None);
    assert!(error.unwrap_err().to_string().contains("gives `hostname` once, and does not take it"));
}

#[test]
fn numbers_and_texts_are_equal_when_written_alike() {
    let joins = [join("{ join: sites, on: { site_id: number, sort: kind } }")];
    for ids in [df!("site_id" => ["1", "01", "2"]), df!("site_id" => [1.0, 1.5, 2.0]), df!("site_id" => [1_i32, 7, 2])] {
        let mut events = ids.unwrap();
        events.with_column(Column::new("sort".into(), ["a:b", "a:b", "b"])).unwrap();
        let joined = Enricher::new(&joins, &tables(), None).unwrap().apply(events).unwrap();
        assert_eq!(texts_of(&joined, "site"), some(&["first", "", "second"]));
        assert_eq!(joined.width(), 3, "keys are not taken");
    }
    let mut enricher = Enricher::new(&joins, &tables(), None).unwrap();
    let events = df!("site_id" => ["1:3", "1"], "sort" => ["b", "a:bb"]).unwrap();
    assert_eq!(texts_of(&enricher.apply(events).unwrap(), "site"), some(&["", ""]), "keys of two columns do not run into each other");
}

#[test]
fn joins_may_build_on_each_other() {
    let joins = [join("{ join: cmdb, on: { src_ip: ip }, take: [hostname] }"), join("{ join: owners, on: { hostname: host } }")];
    let mut tables = tables();
    tables.insert("owners".into(), df!("host" => ["one"], "owner" => ["ann"]).unwrap());
    let mut enricher = Enricher::new(&joins, &tables, None).unwrap();
    assert_eq!(enricher.added(), ["hostname", "owner"]);
    let joined = enricher.apply(df!("src_ip" => ["10.0.0.1", "10.0.0.2"]).unwrap()).unwrap();
    assert_eq!(texts_of(&joined, "owner"), some(&["ann", ""]));
}

#[test]
fn errors_name_the_column_and_what_to_do() {
    let errors: Vec<String> = [
        "{ join: cmbd, on: { src_ip: ip } }",
        "{ join: cmdb, on: { src_ip: ipp } }",
        "{ join: cmdb, on: { src_ip: ip }, take: [departement] }",
        "{ join: cmdb, on: { ip_address: ip } }",
        "{ join: cmdb, on: { src_ip: ip }, take: [ip, src_ip] }",
        "{ join: cmdb, on: {} }",
    ]
    .map(|text| {
        let result = Enricher::new(&[join(text)], &tables(), None)
            .and_then(|mut e| e.apply(df!("src_ip" => ["10.0.0.1"], "hostname" => ["mine"]).unwrap()));
        let error = result.unwrap_err();
        format!("{error} | {}", error.hint().unwrap())
    })
    .into();
    insta::assert_snapshot!(errors.join("\n"), @r##"
        the source `cmbd` of a join does not exist | sources are `cmdb`, `sites`
        unknown column `ipp` in `cmdb` | did you mean `ip`?
        unknown column `departement` in `cmdb` | did you mean `department`?
        unknown column `ip_address` in the events | its columns are `src_ip`, `hostname`
        unknown column `src_ip` in `cmdb` | did you mean `ip`?
        the join of `cmdb` has no key | name one: `on: { src_ip: ip }`
        "##);
    let taken = Enricher::new(&[join("{ join: cmdb, on: { src_ip: ip } }")], &tables(), None)
        .and_then(|mut e| e.apply(df!("src_ip" => ["10.0.0.1"], "hostname" => ["mine"]).unwrap()))
        .unwrap_err();
    assert_eq!(taken.to_string(), "the join of `cmdb` takes the column `hostname`, but the events already have a column of that name");
    let twice = [join("{ join: cmdb, on: { a: ip } }"), join("{ join: cmdb, on: { b: ip } }")];
    assert!(Enricher::new(&twice, &tables(), None).is_err());
}

fn derive(pairs: &[(&str, &str)]) -> Result<Derive> {
    Derive::new(&pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(), Tz::UTC)
}

#[test]
fn derived_columns_may_use_earlier_ones() {
    let derived =
        derive(&[("domain", "registered_domain(host)"), ("known", "domain = 'example.com'"), ("both", "known and method = 'GET'")])
            .unwrap();
    assert_eq!(derived.columns().into_iter().collect::<Vec<_>>(), ["host", "method"]);
    let frame = derived.apply(df!("host" => ["www.example.com", "a.test"], "method" => ["GET", "GET"]).unwrap()).unwrap();
    assert_eq!(frame.get_column_names(), ["host", "method", "domain", "known", "both"]);
    assert_eq!(frame.column("both").unwrap().bool().unwrap().iter().collect::<Vec<_>>(), [Some(true), Some(false)]);
}

#[test]
fn derive_says_which_column_is_wrong() {
    let frame = || df!("host" => ["a.test"]).unwrap();
    assert_eq!(derive(&[("x", "1 +")]).unwrap_err().to_string().split(':').next(), Some("`derive.x`"));
    let error = derive(&[("x", "hots")]).unwrap().apply(frame()).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.hint()), ("`derive.x`: unknown column `hots`", Some("did you mean `host`?")));
    assert!(derive(&[("host", "'x'")]).unwrap().apply(frame()).is_err(), "an existing column is not overwritten");
    assert!(derive(&[("a", "b"), ("b", "host")]).unwrap().apply(frame()).is_err(), "later ones cannot be used");
}

proptest! {
    #[test]
    fn a_join_neither_loses_nor_adds_rows(left in prop::collection::vec(prop::option::of(0..6_i64), 0..40), right in prop::collection::vec(prop::option::of(0..6_i64), 0..20)) {
        let side = df!("key" => &right, "row" => (0..right.len() as i64).collect::<Vec<_>>()).unwrap();
        let joins = [join("{ join: side, on: { key: key } }")];
        let mut enricher = Enricher::new(&joins, &BTreeMap::from([("side".into(), side)]), None).unwrap();
        let joined = enricher.apply(df!("key" => &left).unwrap()).unwrap();
        let expected: Vec<Option<i64>> = left.iter().map(|key| key.and_then(|key| right.iter().position(|other| *other == Some(key))).map(|row| row as i64)).collect();
        let found: Vec<Option<i64>> = joined.column("row").unwrap().i64().unwrap().iter().collect();
        prop_assert_eq!(found, expected);
    }
}
