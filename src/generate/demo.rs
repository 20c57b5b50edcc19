//! Writes everything: one proxy log a day, days side by side, hours one after the other, so that memory does not grow with the days.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{
    DemoOptions, DemoSummary,
    attack::{self, Incident},
    browse::Browsing,
    elff_writer::ElffWriter,
    event::Event,
    files::{NewFile, put},
    machines,
    people::{Company, date_of, midnight},
    rollout, samples,
    side_files::{self, Traces},
    upload::Uploads,
    web::Web,
};
use crate::{
    error::{Error, Result},
    observe::{self, Observer},
};

const STAGE: &str = "Generating";

/// Writes the demo data to a folder: those of the proxy, the small sets of the other use cases, `README.md`.
///
/// # Errors
/// Options out of range, a folder that holds other data of these names or cannot be written, or [`Error::Interrupted`]; a file is either whole or
/// not there.
pub fn demo(options: &DemoOptions, observer: &dyn Observer) -> Result<DemoSummary> {
    spare_others(&options.out)?;
    let mut summary = proxy(options, observer)?;
    for (name, text) in samples::all(options.seed) {
        let path = options.out.join(name);
        summary.bytes += put(&path, &text)?;
        summary.files.push(path);
    }
    let path = options.out.join("README.md");
    summary.bytes += put(&path, &side_files::readme(options, &summary))?;
    summary.files.push(path);
    let text = format!("{} files, {} events", summary.files.len(), summary.events);
    observer.event(observe::Event::Finished { stage: STAGE, summary: text });
    Ok(summary)
}

/// Writes the proxy's logs, `proxy/proxy-DATE.log.gz` for each day, with `cmdb.csv` and `labels.csv`.
///
/// # Errors
/// Options out of range, a folder that cannot be written, or [`Error::Interrupted`]; a file is either whole or not there.
pub(super) fn proxy(options: &DemoOptions, observer: &dyn Observer) -> Result<DemoSummary> {
    check(options)?;
    let folder = options.out.join("proxy");
    fs::create_dir_all(&folder).map_err(|source| Error::io("create", &folder, source))?;
    observer.event(observe::Event::Started { stage: STAGE, total: Some(u64::from(options.days)) });
    let web = Web::new(options.seed);
    let company = Company::new(options, &web);
    let incidents = attack::plan(options, &company, &web);
    let logs = ProxyLogs { options, company: &company, web: &web, incidents: &incidents };
    let days: Vec<Day> = (0..options.days)
        .into_par_iter()
        .map(|day| {
            let written = logs.write(day, &folder, observer);
            observer.event(observe::Event::Advanced { stage: STAGE, by: 1 });
            written
        })
        .collect::<Result<_>>()?;

    let mut summary = DemoSummary::default();
    let mut traces = Traces::default();
    for day in days {
        summary.events += day.events;
        summary.text_bytes += day.text_bytes;
        summary.bytes += day.bytes;
        summary.files.push(day.path);
        traces.join(day.traces);
    }
    summary.training_incidents = incidents.iter().filter(|incident| !incident.judged).count() as u64;
    summary.judged_incidents = incidents.len() as u64 - summary.training_incidents;
    summary.leftover = leftover(&folder, &summary.files)?;
    for (name, text) in
        [("cmdb.csv", side_files::machines(options, &company)), ("labels.csv", side_files::labels(&company, &incidents, &traces))]
    {
        let path = options.out.join(name);
        summary.bytes += put(&path, &text)?;
        summary.files.push(path);
    }
    Ok(summary)
}

fn check(options: &DemoOptions) -> Result<()> {
    let wrong = |message: String, hint: &str| Err(Error::usage(message, Some(hint.into())));
    if !(20..=1_000_000).contains(&options.users) {
        return wrong(format!("cannot make a company of `{}` people", options.users), "pass --users with a number from 20 to 1000000");
    }
    if !(2..=400).contains(&options.days) {
        return wrong(format!("cannot make `{}` days", options.days), "pass --days with a number from 2 to 400");
    }
    if !(1.0..=100_000.0).contains(&options.events_per_user_day) {
        let message = format!("cannot make `{}` events of a person a day", options.events_per_user_day);
        return wrong(message, "pass --events-per-user-day with a number from 1 to 100000");
    }
    if options.start.checked_add_days(chrono::Days::new(u64::from(options.days))).is_none() {
        return wrong(format!("cannot count the days from `{}`", options.start), "choose an earlier first day");
    }
    Ok(())
}

/// Refuses a folder with a file of somebody else's that would be written over: one that begins otherwise than ours does.
fn spare_others(folder: &Path) -> Result<()> {
    for (name, ours) in [("README.md", side_files::README), ("labels.csv", side_files::LABELS), ("cmdb.csv", side_files::MACHINES)] {
        let path = folder.join(name);
        let Ok(file) = File::open(&path) else { continue };
        let mut first = Vec::new();
        // What cannot be read is not ours either.
        let read = BufReader::new(file.take(1_000)).read_until(b'\n', &mut first);
        if read.is_err() || first.trim_ascii_end() != ours.as_bytes() {
            let message = format!("`{}` is there already, and is not of a data set that gonogo made", path.display());
            return Err(Error::usage(message, Some("name another folder with `--out`".into())));
        }
    }
    Ok(())
}

/// Proxy logs that lie in the folder and are not of this run.
fn leftover(folder: &Path, written: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|source| Error::io("read", folder, source))?;
    let mut others: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".log.gz") && !written.contains(path))
        .collect();
    others.sort();
    Ok(others)
}

/// What was written of a day.
struct Day {
    path: PathBuf,
    events: u64,
    bytes: u64,
    text_bytes: u64,
    traces: Traces,
}

/// What all days share.
struct ProxyLogs<'a> {
    options: &'a DemoOptions,
    company: &'a Company,
    web: &'a Web,
    incidents: &'a [Incident],
}

impl ProxyLogs<'_> {
    fn write(&self, day: u32, folder: &Path, observer: &dyn Observer) -> Result<Day> {
        let (date, begin) = (date_of(self.options, day).to_string(), midnight(self.options, day));
        let path = folder.join(format!("proxy-{date}.log.gz"));
        let browsing = Browsing::new(self.options, self.company, self.web);
        let people = self.company.people.len() as u32;
        let weights: Vec<[f64; 24]> = (0..people).map(|number| self.company.hours(self.options, number, day)).collect();
        let scheduled = self.scheduled(day, &weights);
        let mut coming = scheduled.as_slice();
        let writer = ElffWriter::new(self.company, self.web, &date, begin);
        let mut file = NewFile::create(&path)?;
        let (mut text, mut traces, mut events) = (Vec::new(), Traces::default(), 0);
        writer.header("00:00:00", &mut text);
        let mut hour_events = Vec::new();
        for hour in 0..24 {
            if observer.cancelled() {
                return Err(Error::Interrupted);
            }
            hour_events.clear();
            for number in 0..people {
                browsing.hour(number, day, hour, &weights[number as usize], &mut hour_events);
            }
            let due = coming.partition_point(|event| event.at < begin + i64::from(hour + 1) * 3_600);
            hour_events.extend_from_slice(&coming[..due]);
            coming = &coming[due..];
            // Stable: events of one second stay in the order in which they were made.
            hour_events.sort_by_key(|event| event.at);
            if day == 4 && hour == 11 {
                // The proxy was restarted: it writes its header again.
                writer.header("11:00:00", &mut text);
            }
            for event in &hour_events {
                traces.add(event.tag, event.actor, event.at);
                writer.line(event, &mut text);
                if text.len() > 1 << 20 {
                    file.write(&text)?;
                    text.clear();
                }
            }
            events += hour_events.len() as u64;
        }
        file.write(&text)?;
        let text_bytes = file.text_bytes;
        Ok(Day { path, events, bytes: file.finish()?, text_bytes, traces })
    }

    /// What does not depend on the number of visits, in the order of time: uploads, machines, the roll-out, attacks.
    fn scheduled(&self, day: u32, weights: &[[f64; 24]]) -> Vec<Event> {
        let uploads = Uploads::new(self.options, self.company, self.web);
        let mut events = Vec::new();
        for (number, weights) in weights.iter().enumerate() {
            uploads.day(number as u32, day, weights, &mut events);
            rollout::day(self.options, self.company, self.web, number as u32, day, weights, &mut events);
        }
        machines::day(self.options, self.company, self.web, day, &mut events);
        let (begin, end) = (midnight(self.options, day), midnight(self.options, day + 1));
        for event in &mut events {
            event.at = event.at.clamp(begin, end - 1);
        }
        for incident in self.incidents {
            events.extend(incident.events.iter().filter(|event| (begin..end).contains(&event.at)).copied());
        }
        events.sort_by_key(|event| event.at);
        events
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use flate2::read::MultiGzDecoder;

    use super::*;
    use crate::observe::Silent;

    fn text(path: &Path) -> Vec<u8> {
        let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if path.extension().is_none_or(|extension| extension != "gz") {
            return bytes;
        }
        let mut text = Vec::new();
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text).unwrap();
        text
    }

    fn small(out: &Path) -> DemoOptions {
        DemoOptions { users: 24, events_per_user_day: 10.0, days: 7, ..DemoOptions::committed(out) }
    }

    /// Compares texts, not packed bytes: another version of the packer may pack differently.
    #[test]
    fn the_committed_files_are_what_the_generator_writes() {
        let (committed, fresh) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets"), tempfile::tempdir().unwrap());
        let summary = demo(&DemoOptions::committed(fresh.path()), &Silent).unwrap();
        let mut size = 0;
        for path in &summary.files {
            let there = committed.join(path.strip_prefix(fresh.path()).unwrap());
            assert!(text(path) == text(&there), "{} differs: run `gonogo generate demo`", there.display());
            size += fs::metadata(&there).unwrap().len();
        }
        assert!(size <= 8_500_000, "{size} bytes are committed");
        assert_eq!(leftover(&committed.join("proxy"), &[]).unwrap().len(), 14);
    }

    #[test]
    fn the_seed_decides_and_threads_do_not() {
        let (one, two, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let first = single.install(|| demo(&small(one.path()), &Silent)).unwrap();
        let second = demo(&small(two.path()), &Silent).unwrap();
        demo(&DemoOptions { seed: 7, ..small(other.path()) }, &Silent).unwrap();
        assert_eq!((first.events, first.bytes), (second.events, second.bytes));
        for path in &first.files {
            let name = path.strip_prefix(one.path()).unwrap();
            assert!(fs::read(path).unwrap() == fs::read(two.path().join(name)).unwrap(), "{}", name.display());
            assert!(text(path) != text(&other.path().join(name)), "{}", name.display());
        }
    }

    #[test]
    fn what_it_counts_is_what_lies_there() {
        let folder = tempfile::tempdir().unwrap();
        let summary = demo(&small(folder.path()), &Silent).unwrap();
        let logs: Vec<Vec<u8>> = summary.files[..7].iter().map(|path| text(path)).collect();
        let lines = logs.iter().flat_map(|log| log.split(|byte| *byte == b'\n')).filter(|line| !line.is_empty() && line[0] != b'#').count();
        assert_eq!(lines as u64, summary.events);
        assert_eq!(logs.iter().map(|log| log.len() as u64).sum::<u64>(), summary.text_bytes);
        assert_eq!(summary.files.iter().map(|path| fs::metadata(path).unwrap().len()).sum::<u64>(), summary.bytes);
        let labels = String::from_utf8(text(&folder.path().join("labels.csv"))).unwrap();
        let mut incidents: Vec<&str> = labels
            .lines()
            .filter(|line| line.ends_with("true_positive") && line.contains("INC-"))
            .filter_map(|line| line.split(',').nth(3))
            .collect();
        incidents.dedup();
        assert_eq!(incidents.len() as u64, summary.training_incidents + summary.judged_incidents);
    }

    #[test]
    fn other_logs_in_the_folder_are_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("proxy")).unwrap();
        let old = folder.path().join("proxy/proxy-2020-01-01.log.gz");
        fs::write(&old, b"").unwrap();
        assert_eq!(demo(&small(folder.path()), &Silent).unwrap().leftover, [old]);
    }

    #[test]
    fn options_out_of_range_are_refused_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("none");
        for options in [
            DemoOptions { users: 19, ..small(&out) },
            DemoOptions { days: 1, ..small(&out) },
            DemoOptions { events_per_user_day: f64::NAN, ..small(&out) },
            DemoOptions { start: chrono::NaiveDate::MAX, ..small(&out) },
        ] {
            assert!(matches!(demo(&options, &Silent), Err(Error::Usage { .. })));
        }
        assert!(!out.exists());
    }

    #[test]
    fn files_of_somebody_else_are_not_written_over() {
        for name in ["README.md", "labels.csv", "cmdb.csv"] {
            let folder = tempfile::tempdir().unwrap();
            let mine = folder.path().join(name);
            fs::write(&mine, "mine\n").unwrap();
            let refused = demo(&small(folder.path()), &Silent).unwrap_err().to_string();
            assert!(refused.contains(name) && refused.contains("is there already"), "{refused}");
            assert_eq!(fs::read_to_string(&mine).unwrap(), "mine\n");
            assert!(!folder.path().join("proxy").exists());
        }
        let folder = tempfile::tempdir().unwrap();
        demo(&small(folder.path()), &Silent).unwrap();
        demo(&small(folder.path()), &Silent).unwrap();
    }

    /// Asks to stop after a number of hours.
    struct Stop(AtomicU32);

    impl Observer for Stop {
        fn event(&self, _: observe::Event) {}

        fn cancelled(&self) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed) > 30
        }
    }

    #[test]
    fn an_interrupted_run_leaves_only_whole_files() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(demo(&small(folder.path()), &Stop(AtomicU32::new(0))), Err(Error::Interrupted)));
        for entry in fs::read_dir(folder.path().join("proxy")).unwrap() {
            assert!(!text(&entry.unwrap().path()).is_empty());
        }
        assert!(!folder.path().join("labels.csv").exists());
    }
}
