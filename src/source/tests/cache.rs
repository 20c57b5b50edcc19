//! What is kept of parsed events gives what parsing gives, and is never what another file or another way of reading gave.

use std::{path::Path, sync::Mutex, time::SystemTime};

use super::*;
use crate::observe::Observer;

/// Two days, with a line that does not parse, a value that is no number, and one that is none at all in a row outside the window.
const FIRST: &str = "#Software: x\n#Fields: date time cs-username sc-status cs-bytes cs-host c-ip\n\
    2026-03-01 23:59:58 ann 200 x a.example 10.0.0.1\n\
    2026-03-02 00:00:01 ann 200 10 a.example 10.0.0.1\n\
    broken line\n\
    2026-03-02 00:00:02 bob 404 y \"b example\" 10.0.0.2\n\
    2026-03-02 00:00:03 - DENIED 30 - 10.0.0.3\n\
    25:00 x ann 200 5 a.example 10.0.0.1\n";
const SECOND: &str = "#Fields: date time cs-username sc-status cs-bytes cs-host c-ip\n\
    2026-03-03 00:00:01 cleo 200 7 \"a\"\"b\" 10.0.0.4\n\
    2026-03-03 09:00:01 ann 500 8 c.example 10.0.0.1";

struct Logs {
    folder: tempfile::TempDir,
    cache: Cache,
}

impl Logs {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1.log"), FIRST).unwrap();
        fs::write(folder.path().join("2.log"), SECOND).unwrap();
        let cache = Cache::open(folder.path().join("cache"), Cache::MOST_BYTES).unwrap();
        Self { folder, cache }
    }

    fn source(&self) -> Source {
        let yaml = "{ path: '*.log', format: elff, max_malformed: 0.9, rename: { host: site } }";
        Source::open("proxy", &serde_yaml::from_str(yaml).unwrap(), self.folder.path()).unwrap()
    }

    /// Some columns of a window, filtered.
    fn read(&self, columns: &[&str], window: bool, cached: bool) -> Result<(DataFrame, SourceQuality)> {
        let keep = |frame: &DataFrame| {
            let users = frame.column("user").and_then(|users| Ok(users.str()?.clone())).map_err(|e| Error::Internal(e.to_string()))?;
            Ok(users.iter().map(|user| user.is_some()).collect())
        };
        let plan = ReadPlan {
            columns: Some(columns.iter().map(|name| (*name).to_owned()).collect()),
            window: window.then_some((1_772_409_600_000_000, 1_772_582_400_000_000)),
            filter: Some(RowFilter { columns: ["user".to_owned()].into(), keep: &keep }),
            cache: cached.then_some(&self.cache),
            ..ReadPlan::default()
        };
        self.source().read_table(&plan, &Silent)
    }

    fn entries(&self) -> Vec<Kept> {
        self.cache.entries().unwrap()
    }

    fn events(&self, entry: &Kept) -> std::path::PathBuf {
        self.folder.path().join("cache").join(&entry.key).join("events.parquet")
    }
}

#[test]
fn the_first_reading_and_every_other_give_what_parsing_gives() {
    let logs = Logs::new();
    for columns in [&["user", "bytes_up"][..], &["site", "status"], &["bytes_up", "src_ip", "user"], &[]] {
        for window in [true, false] {
            let plain = logs.read(columns, window, false).unwrap();
            assert_eq!(plain.0.height(), if window { 4 } else { 5 });
            for _ in 0..2 {
                let (frame, quality) = logs.read(columns, window, true).unwrap();
                assert!(frame.equals_missing(&plain.0), "{columns:?}: {frame} for {}", plain.0);
                assert_eq!(quality, plain.1, "{columns:?}");
            }
            assert_eq!(logs.entries().len(), 2);
        }
    }
    let quality = logs.read(&["bytes_up"], true, true).unwrap().1;
    assert_eq!((quality.unreadable.get("bytes_up"), quality.malformed, quality.outside_window), (Some(&1), 1, 1));
}

#[test]
fn what_is_kept_is_what_is_read() {
    let logs = Logs::new();
    logs.read(&["user"], true, true).unwrap();
    let (first, size) = (&logs.entries()[0], fs::metadata(logs.events(&logs.entries()[0])).unwrap().len());
    // As long as before, but no Parquet: the file is parsed, and what is parsed takes its place.
    fs::write(logs.events(first), vec![0; size as usize]).unwrap();
    assert_eq!(logs.read(&["user"], true, true).unwrap(), logs.read(&["user"], true, false).unwrap());
    assert!(fs::read(logs.events(first)).unwrap().starts_with(b"PAR1"), "kept anew");
    // Half written: as if it were not there.
    fs::write(logs.events(first), b"PAR1").unwrap();
    assert_eq!(logs.read(&["user"], true, true).unwrap(), logs.read(&["user"], true, false).unwrap());
}

#[test]
fn a_file_that_changed_is_another_file() {
    let logs = Logs::new();
    logs.read(&["user"], false, true).unwrap();
    let path = logs.folder.path().join("1.log");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    // Neither its size nor its time tells.
    fs::write(&path, FIRST.replace("bob", "eve")).unwrap();
    fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
    let (frame, _) = logs.read(&["user"], false, true).unwrap();
    assert!(strings(&frame, "user").contains(&Some("eve".into())) && !strings(&frame, "user").contains(&Some("bob".into())));
    assert_eq!(logs.entries().len(), 3);
    // Another way of reading the same files is another key, too.
    let yaml = "{ path: '*.log', format: elff, max_malformed: 0.9, options: { timezone: Europe/Paris } }";
    let source = Source::open("proxy", &serde_yaml::from_str(yaml).unwrap(), logs.folder.path()).unwrap();
    let (paris, _) = source.read_table(&ReadPlan { cache: Some(&logs.cache), ..ReadPlan::default() }, &Silent).unwrap();
    assert_eq!(logs.entries().len(), 5);
    assert_eq!(text(&paris, "timestamp", 0), "1772405998000000");
}

#[test]
fn the_longest_unused_goes_first() {
    let logs = Logs::new();
    logs.read(&["user"], false, true).unwrap();
    let entries = logs.entries();
    let (old, young) = (&entries[0], &entries[1]);
    let hour = std::time::Duration::from_secs(3_600);
    let entry = logs.events(old).with_file_name("entry.json");
    fs::File::options().append(true).open(entry).unwrap().set_modified(SystemTime::now() - hour).unwrap();
    // A third file is read, and there is room for two.
    let third = logs.folder.path().join("3");
    fs::create_dir(&third).unwrap();
    fs::write(third.join("3.log"), SECOND.replace("cleo", "dan")).unwrap();
    let small = Cache::open(logs.cache.folder(), old.bytes.max(young.bytes) * 2 + 200).unwrap();
    let source = Source::open("proxy", &spec("3/3.log", "elff"), logs.folder.path()).unwrap();
    source.read_table(&ReadPlan { cache: Some(&small), ..ReadPlan::default() }, &Silent).unwrap();
    let left: Vec<String> = logs.entries().into_iter().map(|entry| entry.key).collect();
    assert!(left.len() == 2 && left.contains(&young.key) && !left.contains(&old.key), "{left:?}");
    assert!(small.clear().unwrap() > 0);
    assert_eq!(fs::read_dir(small.folder()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn only_its_owner_looks_into_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let logs = Logs::new();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(logs.cache.folder()), 0o700);
    logs.read(&["user"], false, true).unwrap();
    assert_eq!(mode(&logs.cache.folder().join(&logs.entries()[0].key)), 0o700);
}

#[test]
fn a_folder_that_cannot_be_written_is_said_and_harms_nothing() {
    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);
    impl Observer for Heard {
        fn event(&self, event: Event) {
            if let Event::Warning(warning) = event {
                self.0.lock().unwrap().push(warning.code);
            }
        }
    }
    let logs = Logs::new();
    fs::remove_dir_all(logs.cache.folder()).unwrap();
    let heard = Heard::default();
    let plan = ReadPlan { cache: Some(&logs.cache), ..ReadPlan::default() };
    let (frame, _) = logs.source().read_table(&plan, &heard).unwrap();
    assert_eq!(frame.height(), 6);
    assert_eq!(*heard.0.lock().unwrap(), ["W109"]);
}
