//! What a source holds, told from stretches of it: rows, and units of the window.

use std::{collections::BTreeMap, ops::Range, time::Instant};

use crate::{
    calendar::Calendar,
    error::Result,
    observe::Silent,
    quality::SourceQuality,
    run::{machine, stream::Stream},
    source::{Events, ReadPlan, Source, Stretch},
    spec::Experiment,
};

/// Files whose first rows are looked at for their times.
const PROBES: usize = 48;
/// Sources of so many files are looked at in three places.
const MANY_FILES: usize = 6;
/// Logs are at most about so many times as large once they are unpacked.
const UNPACKED: u64 = 20;
/// How much of a period may be missing at its ends for it to count as whole.
const TOLERANCE: f64 = 0.1;

/// What a source holds, as far as stretches of it tell.
#[derive(Debug, Clone, Default)]
pub(super) struct Survey {
    /// Bytes on disk of all files, and of what was looked at.
    pub disk: u64,
    pub disk_seen: u64,
    /// Bytes of text, or of memory where the files are tables, that were looked at.
    pub text_seen: u64,
    /// Rows that were looked at: all, and those of them that a run would use.
    pub rows_seen: u64,
    pub used_seen: u64,
    /// Whether nothing was left out.
    pub whole: bool,
    /// The share of the source that lies in the window.
    pub in_window: f64,
    /// Of the rows in the window, the share that `where` keeps.
    pub kept: f64,
    /// Units of the window.
    pub units: f64,
    /// Whether no period was seen as a whole, so that units are an extrapolation from part of one.
    pub part_of_a_period: bool,
    /// Seconds and CPU seconds that the stretches took.
    pub seconds: f64,
    pub cpu_seconds: Option<f64>,
    /// How many files there are.
    pub files: usize,
}

impl Survey {
    /// How many times as much there is as was looked at.
    pub fn factor(&self) -> f64 {
        self.disk as f64 / self.disk_seen.max(1) as f64
    }

    /// Rows of the window that a run would use.
    pub fn used(&self) -> f64 {
        if self.whole { self.used_seen as f64 } else { self.rows_seen as f64 * self.factor() * self.in_window * self.kept }
    }
}

/// Looks at a source: at the times of its files, then at stretches of those that lie in the window.
pub(super) fn survey(stream: &mut Stream, events: &Events, source: &Source, experiment: &Experiment, text: u64) -> Result<Survey> {
    let files = source.files().len();
    let mut survey = Survey { disk: source.disk_bytes(), files, whole: true, in_window: 1.0, kept: 1.0, ..Survey::default() };
    let window = experiment.window_micros().map(|(start, _, end)| (start, end)).filter(|_| source.time().is_some());
    let spans = if window.is_some() && files > 1 { spans(source)? } else { Vec::new() };
    let within = window.map_or(0..files, |window| files_within(&spans, window, files));
    let calendar = experiment
        .entity
        .as_ref()
        .zip(experiment.window_micros())
        .map(|(entity, (start, ..))| Calendar::new(experiment.zone(), start, entity.every));
    let (began, cpu) = (Instant::now(), machine::cpu_seconds());
    let mut seen: Vec<Seen> = Vec::new();
    let mut filtered = 0;
    let mut known: Vec<bool> = Vec::new();
    for part in stretches(within, survey.disk, text) {
        let mut here = Seen::default();
        let quality = stream.read_stretch(events, source, experiment, part, &mut |times, units| {
            here.push(times, units, &mut known, calendar.as_ref());
        })?;
        survey.disk_seen += quality.files.iter().map(|file| file.bytes).sum::<u64>();
        survey.text_seen += quality.files.iter().map(|file| file.text_bytes).sum::<u64>();
        survey.rows_seen += quality.rows_parsed;
        survey.used_seen += quality.rows;
        filtered += quality.filtered;
        here.covered = quality.first.zip(quality.last);
        here.outside = quality.outside_window;
        seen.push(here);
    }
    survey.seconds = began.elapsed().as_secs_f64();
    survey.cpu_seconds = cpu.zip(machine::cpu_seconds()).map(|(before, after)| after - before);
    // A packed file is read in steps: the last bytes may be unread where all of its text was.
    survey.whole = survey.disk_seen as f64 >= 0.999 * survey.disk as f64;
    survey.kept = survey.used_seen as f64 / (survey.used_seen + filtered).max(1) as f64;
    if let Some(window) = window.filter(|_| !survey.whole) {
        survey.in_window = match &spans[..] {
            [] => seen.first().map_or(0.0, |seen| in_one_file(seen, survey.factor(), window)),
            spans => share_within(spans, window),
        };
    }
    survey.units =
        if survey.whole { known.iter().filter(|known| **known).count() as f64 } else { units(&seen, &survey, calendar.as_ref()) };
    survey.part_of_a_period =
        !survey.whole && calendar.is_some_and(|calendar| seen.iter().all(|seen| seen.whole_periods(&calendar).is_none()));
    Ok(survey)
}

/// Where to look: in few files, and in files that are small together, from the first on; in many at three places.
fn stretches(files: Range<usize>, disk: u64, text: u64) -> Vec<Stretch> {
    if files.len() < MANY_FILES || disk <= text / UNPACKED {
        return vec![Stretch { files, text }];
    }
    let at = |sixths: usize| files.start + files.len() * sixths / 6;
    let ends = [at(3), at(5), files.end];
    [at(1), at(3), at(5)].into_iter().zip(ends).map(|(from, to)| Stretch { files: from..to, text: text / 3 }).collect()
}

/// When the events of a file begin and end, and the bytes that it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Span {
    file: usize,
    first: i64,
    last: i64,
    bytes: f64,
}

/// The spans of some files, all where they are few, by their first rows. A file ends where the next one begins; where files are not in the order of
/// time, each goes on as it began.
fn spans(source: &Source) -> Result<Vec<Span>> {
    let files = source.files();
    let step = files.len().div_ceil(PROBES).max(1);
    let size = |file: usize| files.get(file).and_then(|path| path.metadata().ok()).map_or(0, |about| about.len()) as f64;
    let mut found: Vec<(Span, f64)> = Vec::new();
    for file in (0..files.len()).step_by(step) {
        let quality = probe(source, file)?;
        let read = quality.files.first().map_or(0, |file| file.bytes) as f64;
        let bytes = (file..(file + step).min(files.len())).map(size).sum();
        let Some((first, last)) = quality.first.zip(quality.last) else { continue };
        found.push((Span { file, first, last, bytes }, (read / size(file).max(1.0)).clamp(1e-9, 1.0)));
    }
    let begins: Vec<i64> = found.iter().map(|(span, _)| span.first).collect();
    let in_order = begins.windows(2).all(|pair| pair[0] < pair[1]);
    Ok(found
        .into_iter()
        .enumerate()
        .map(|(at, (span, share))| {
            let goes_on = span.first + ((span.last - span.first) as f64 / share) as i64;
            let last = begins.get(at + 1).copied().filter(|_| in_order).unwrap_or(goes_on);
            Span { last, ..span }
        })
        .collect())
}

/// The first rows of a file, whatever the window.
fn probe(source: &Source, file: usize) -> Result<SourceQuality> {
    let part = Some(Stretch { files: file..file + 1, text: 1 });
    let columns = Some(source.time().map(str::to_owned).into_iter().collect());
    source.read(&ReadPlan { columns, part, ..ReadPlan::default() }, &Silent, &mut |_| Ok(()))
}

/// The share of `[first, last)` that lies in a window.
fn overlap((first, last): (i64, i64), (start, end): (i64, i64)) -> f64 {
    let length = last.saturating_sub(first);
    if length <= 0 {
        return if (start..end).contains(&first) { 1.0 } else { 0.0 };
    }
    (last.min(end).saturating_sub(first.max(start))).max(0) as f64 / length as f64
}

/// The share of all bytes that lies in a window.
fn share_within(spans: &[Span], window: (i64, i64)) -> f64 {
    let all: f64 = spans.iter().map(|span| span.bytes).sum();
    spans.iter().map(|span| span.bytes * overlap((span.first, span.last), window)).sum::<f64>() / all.max(1.0)
}

/// The files from the first to the last that have events in the window; all, where none is seen to.
fn files_within(spans: &[Span], window: (i64, i64), files: usize) -> Range<usize> {
    let mut within = spans.iter().enumerate().filter(|(_, span)| overlap((span.first, span.last), window) > 0.0).map(|(at, _)| at);
    let Some(first) = within.next() else { return 0..files };
    let last = within.next_back().unwrap_or(first);
    spans[first].file..spans.get(last + 1).map_or(files, |next| next.file)
}

/// The share of a single file that lies in the window, where it goes on as in the part that was looked at; what was seen of it there is all that lay in
/// the window.
fn in_one_file(seen: &Seen, factor: f64, (start, end): (i64, i64)) -> f64 {
    let Some((first, last)) = seen.covered else { return 0.0 };
    let rows = seen.rows as f64 / (seen.rows + seen.outside).max(1) as f64;
    let goes_on = last + ((last - first) as f64 / rows.max(1e-9) * (factor - 1.0)) as i64;
    // What lies before the window was seen as such; what lies behind it was not seen yet.
    let before = seen.outside as f64 / ((seen.rows + seen.outside) as f64 * factor).max(1.0);
    (1.0 - before) * overlap((first.max(start), goes_on), (start, end))
}

/// What a stretch showed.
#[derive(Debug, Clone, Default)]
struct Seen {
    rows: u64,
    units: u64,
    /// Rows outside of the window.
    outside: u64,
    /// The first and the last moment in the window.
    covered: Option<(i64, i64)>,
    /// Rows and new units by period.
    periods: BTreeMap<i64, (u64, u64)>,
    /// Rows, units and the last moment after each batch.
    path: Vec<(u64, u64, i64)>,
}

impl Seen {
    fn push(&mut self, times: &[i64], units: &[u32], known: &mut Vec<bool>, calendar: Option<&Calendar>) {
        let periods = calendar.map(|calendar| calendar.periods(times));
        for (row, &unit) in units.iter().enumerate() {
            self.rows += 1;
            let mut new = false;
            if unit != u32::MAX {
                let at = unit as usize;
                if at >= known.len() {
                    known.resize(at + 1, false);
                }
                new = !std::mem::replace(&mut known[at], true);
            }
            self.units += u64::from(new);
            let of = self.periods.entry(periods.as_ref().and_then(|periods| periods.get(row)).copied().unwrap_or(0)).or_default();
            *of = (of.0 + 1, of.1 + u64::from(new));
        }
        self.path.push((self.rows, self.units, times.last().copied().unwrap_or(0)));
    }

    /// Rows and units of the periods that were seen from their beginning to their end.
    fn whole_periods(&self, calendar: &Calendar) -> Option<(u64, u64)> {
        let (first, last) = self.covered?;
        let whole = |period: i64| {
            let (start, end) = (calendar.start_of(period), calendar.end_of(period));
            let slack = (TOLERANCE * (end - start) as f64) as i64;
            first <= start.saturating_add(slack) && last >= end.saturating_sub(slack)
        };
        let sum = self.periods.iter().filter(|(period, _)| whole(**period)).fold((0, 0), |sum, (_, of)| (sum.0 + of.0, sum.1 + of.1));
        (sum.0 > 0).then_some(sum)
    }

    /// How new units come: after `t` times as many rows of one period there are `t` to this power times as many units (Heaps).
    fn growth(&self) -> f64 {
        let half = self.path.iter().find(|(rows, ..)| 2 * rows >= self.rows);
        match half {
            Some(&(rows, units, _)) if rows < self.rows && units > 0 && self.units > units => {
                ((self.units as f64 / units as f64).ln() / (self.rows as f64 / rows as f64).ln()).clamp(0.0, 1.0)
            }
            Some(&(rows, ..)) if rows < self.rows => 0.0,
            _ => 1.0,
        }
    }
}

/// The units of the window. Of periods that were seen whole, as many a row as there; else by how new units came within part of a period.
fn units(seen: &[Seen], survey: &Survey, calendar: Option<&Calendar>) -> f64 {
    let used = survey.used();
    let Some(calendar) = calendar else {
        // One period: all of the source.
        let Some(seen) = seen.first().filter(|seen| seen.rows > 0) else { return 0.0 };
        return (seen.units as f64 * (used / seen.rows as f64).max(1.0).powf(seen.growth())).min(used);
    };
    let whole = seen.iter().filter_map(|seen| seen.whole_periods(calendar)).fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    if whole.0 > 0 {
        return used * whole.1 as f64 / whole.0 as f64;
    }
    let rows: u64 = seen.iter().map(|seen| seen.rows).sum();
    let each = seen.iter().filter(|seen| seen.rows > 0).map(|seen| {
        let covered = seen.covered.map_or(1.0, |(first, last)| {
            let period = calendar.period_of(first);
            let length = calendar.end_of(period).saturating_sub(calendar.start_of(period)).max(1);
            ((last - first) as f64 / length as f64).clamp(1e-6, 1.0)
        });
        seen.units as f64 * covered.powf(1.0 - seen.growth())
    });
    (used * each.sum::<f64>() / rows.max(1) as f64).min(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn hours() -> Calendar {
        Calendar::new(chrono_tz::UTC, 0, "1h".parse().unwrap())
    }

    #[test]
    fn a_window_cuts_files_by_their_times() {
        let span = |file, first, last| Span { file, first: first * HOUR, last: last * HOUR, bytes: 100.0 };
        let spans = [span(0, 0, 24), span(3, 24, 48), span(6, 48, 72)];
        assert_eq!(share_within(&spans, (12 * HOUR, 48 * HOUR)), 0.5);
        assert_eq!(files_within(&spans, (25 * HOUR, 26 * HOUR), 9), 3..6);
        assert_eq!(files_within(&spans, (25 * HOUR, 99 * HOUR), 9), 3..9);
        assert_eq!(files_within(&spans, (99 * HOUR, 100 * HOUR), 9), 0..9, "none is seen to lie in it");
    }

    #[test]
    fn one_file_goes_on_as_it_began() {
        // The first of ten tenths was seen: two hours, of which the first lay before the window of eight hours.
        let seen = Seen { rows: 500, outside: 500, covered: Some((HOUR, 2 * HOUR)), ..Seen::default() };
        let share = in_one_file(&seen, 10.0, (HOUR, 9 * HOUR));
        assert!((share - 0.4).abs() < 0.03, "8 of 20 hours, told as {share}");
    }

    #[test]
    fn units_follow_whole_periods_and_not_their_torn_ends() {
        let calendar = hours();
        let mut seen = Seen::default();
        let mut known = Vec::new();
        // Three hours and a bit, 100 rows an hour of 10 entities that all come within the first minutes of their hour.
        for minute in 0..185_i64 {
            let time = minute * HOUR / 60;
            let units: Vec<u32> = (0..10).map(|entity| (minute / 60 * 10 + entity) as u32).collect();
            seen.push(&[time; 10], &units, &mut known, Some(&calendar));
        }
        seen.covered = Some((0, 184 * HOUR / 60));
        assert_eq!(seen.whole_periods(&calendar), Some((1_800, 30)));
        let survey = Survey { disk: 4_000, disk_seen: 1_000, rows_seen: 1_850, in_window: 1.0, kept: 1.0, ..Survey::default() };
        assert!((units(&[seen], &survey, Some(&calendar)) - 7_400.0 * 30.0 / 1_800.0).abs() < 1e-9);
    }

    #[test]
    fn without_time_units_grow_as_they_did() {
        let mut seen = Seen::default();
        let mut known = Vec::new();
        for row in 0..1_000_u32 {
            seen.push(&[0], &[row], &mut known, None);
        }
        let survey = Survey { disk: 10_000, disk_seen: 1_000, rows_seen: 1_000, in_window: 1.0, kept: 1.0, ..Survey::default() };
        assert!((units(&[seen], &survey, None) - 10_000.0).abs() < 1.0);
        let mut few = Seen::default();
        for row in 0..1_000_u32 {
            few.push(&[0], &[row % 5], &mut Vec::from([false; 5]), None);
        }
        few.units = 5;
        few.path.iter_mut().for_each(|step| step.1 = 5);
        assert_eq!(units(&[few], &survey, None), 5.0);
    }

    #[test]
    fn few_files_are_read_from_the_first_on_and_many_in_three_places() {
        assert_eq!(stretches(0..2, 99, 9).len(), 1);
        let three: Vec<Range<usize>> = stretches(10..40, 99, 9).into_iter().map(|part| part.files).collect();
        assert_eq!(three, [15..25, 25..35, 35..40]);
        assert_eq!(stretches(10..40, 9, 9 * UNPACKED), [Stretch { files: 10..40, text: 9 * UNPACKED }]);
    }
}
