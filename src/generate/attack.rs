//! Planted attacks of four kinds: some easy, some that no count of requests or bytes can show.
//!
//! The table below was written from what such attacks do, before any detector saw the data; nothing in it is tuned to a result.

use chrono::{Datelike, Weekday};

use super::{
    DemoOptions,
    chance::Chance,
    event::{Agent, Content, Event, Host, Method, Outcome, Tag},
    people::{Company, date_of, midnight},
    upload::{PART, send},
    web::{Purpose, Web},
};

/// What an attack does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Much at once.
    BulkExfiltration,
    /// Little, for days.
    SlowDrip,
    /// A call home at a period.
    Beacon,
    /// Many made-up names.
    GeneratedDomains,
}

impl Kind {
    /// As it stands in the labels.
    pub fn name(self) -> &'static str {
        match self {
            Self::BulkExfiltration => "bulk_exfiltration",
            Self::SlowDrip => "slow_drip",
            Self::Beacon => "beacon",
            Self::GeneratedDomains => "generated_domains",
        }
    }
}

/// Where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A place that nobody has seen.
    New,
    /// A site that few know.
    Obscure,
    /// A file-sharing service that many use.
    Share,
    /// Web mail.
    Mail,
    /// A network that serves other sites' static parts.
    Delivery,
}

/// When it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// While its victim works.
    Work,
    /// Before midnight.
    Evening,
    /// After midnight.
    Night,
    /// On a Saturday or Sunday.
    Weekend,
    /// Without a pause.
    Always,
}

/// One row of the plan: what, where, when, how much an hour, for how many hours.
struct Row(Kind, Place, When, Strength, u32);

enum Strength {
    /// Megabytes in all, by median and spread (logarithm), at least the third.
    Megabytes(f64, f64, f64),
    /// Megabytes an hour.
    Hourly(f64),
    /// Seconds between calls, and their jitter as a share.
    Period(f64, f64),
    /// Names an hour.
    Names(f64),
}

use {Kind::*, Place::*, Strength::*, When::*};

/// Attacks before the judged part: training data are never clean.
const TRAINING: [Row; 6] = [
    Row(BulkExfiltration, New, Work, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, Obscure, Evening, Megabytes(220.0, 0.9, 58.0), 1),
    Row(SlowDrip, New, Work, Hourly(4.0), 18),
    Row(Beacon, New, Always, Period(120.0, 0.1), 30),
    Row(GeneratedDomains, New, Work, Names(60.0), 2),
    Row(BulkExfiltration, Share, Weekend, Megabytes(220.0, 0.9, 58.0), 1),
];

/// Attacks of the judged part.
const JUDGED: [Row; 29] = [
    Row(BulkExfiltration, New, Work, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, New, Work, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, New, Work, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, New, Night, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, New, Weekend, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, New, Evening, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, Obscure, Work, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, Obscure, Work, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, Obscure, Evening, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, Share, Work, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, Share, Work, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, Share, Work, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, Share, Night, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, Share, Weekend, Megabytes(220.0, 0.9, 58.0), 1),
    Row(BulkExfiltration, Mail, Work, Megabytes(90.0, 0.4, 58.0), 1),
    Row(BulkExfiltration, Mail, Evening, Megabytes(90.0, 0.4, 58.0), 1),
    // These know the threshold.
    Row(BulkExfiltration, New, Work, Hourly(41.0), 4),
    Row(BulkExfiltration, Share, Work, Hourly(33.0), 5),
    Row(SlowDrip, New, Work, Hourly(5.0), 20),
    Row(SlowDrip, Obscure, Always, Hourly(2.5), 40),
    // As much as a synchronisation client sends, to where it sends it.
    Row(SlowDrip, Share, Work, Hourly(0.3), 16),
    Row(SlowDrip, Share, Work, Hourly(1.2), 14),
    Row(Beacon, New, Always, Period(60.0, 0.05), 36),
    Row(Beacon, New, Work, Period(300.0, 0.2), 14),
    Row(Beacon, Obscure, Always, Period(1_800.0, 0.2), 48),
    // Hidden among the static parts that every page pulls in.
    Row(Beacon, Delivery, Work, Period(900.0, 0.5), 12),
    Row(GeneratedDomains, New, Work, Names(120.0), 1),
    Row(GeneratedDomains, New, Night, Names(40.0), 3),
    Row(GeneratedDomains, New, Work, Names(3.0), 7),
];

/// One planted attack.
pub(super) struct Incident {
    /// Its tag on its events, from 1.
    pub tag: Tag,
    /// What it does.
    pub kind: Kind,
    /// Whether it belongs to the part meant to be judged.
    pub judged: bool,
    /// Everything it does.
    pub events: Vec<Event>,
}

impl Incident {
    /// Its name in the labels.
    pub fn id(&self) -> String {
        format!("INC-{:03}", self.tag)
    }
}

/// Plants the attacks: the table once for each 240 people, fewer where there are fewer than four people for each.
pub(super) fn plan(options: &DemoOptions, company: &Company, web: &Web) -> Vec<Incident> {
    let mut chance = Chance::of(options.seed, [0x6174_7461, 0, 0]);
    let training = options.training_days();
    let copies = (options.users / 240).clamp(1, 20);
    let most = (options.users / 4) as usize;
    let every = (TRAINING.len() + JUDGED.len()).div_ceil(most.max(1)).max(1);
    let rows = TRAINING.iter().map(|row| (row, false)).chain(JUDGED.iter().map(|row| (row, true)));
    let rows: Vec<_> = rows.step_by(every).collect();
    let mut incidents: Vec<Incident> = Vec::new();
    let mut taken = vec![false; company.people.len()];
    for (row, judged) in (0..copies).flat_map(|_| rows.iter().copied()) {
        let days = if judged { training..options.days } else { training.saturating_sub(1).min(2)..training };
        let tag = incidents.len() as Tag + 1;
        let scene = Scene { options, company, web, row, days, tag };
        if let Some((victim, events)) = scene.play(&taken, &mut chance) {
            taken[victim as usize] = true;
            incidents.push(Incident { tag, kind: row.0, judged, events });
        }
    }
    incidents
}

struct Scene<'a> {
    options: &'a DemoOptions,
    company: &'a Company,
    web: &'a Web,
    row: &'a Row,
    days: std::ops::Range<u32>,
    tag: Tag,
}

impl Scene<'_> {
    /// Finds a victim and a time, and plays the attack; `None` where no one fits.
    fn play(&self, taken: &[bool], chance: &mut Chance) -> Option<(u32, Vec<Event>)> {
        let Row(_, place, when, _, hours) = *self.row;
        let host = match place {
            New => Web::planted(u32::from(self.tag)),
            Obscure => Host::Site(self.web.obscure(chance), 0),
            Share => Host::Site(chance.pick(&self.web.of(Purpose::Share)), 1),
            Mail => Host::Site(chance.pick(&self.web.of(Purpose::Mail)), 1),
            Delivery => Host::Site(chance.pick(&self.web.of(Purpose::Delivery)), 0),
        };
        for _ in 0..400 {
            let victim = chance.below(taken.len() as u64) as u32;
            let active = if taken[victim as usize] { Vec::new() } else { self.active_hours(victim, when, hours, chance) };
            if !active.is_empty() {
                let agent = if chance.happens(0.35) { Agent::Script } else { Agent::Browser };
                let base =
                    Event { tag: self.tag, agent, path: 3, content: Content::Json, method: Method::Post, ..Event::page(0, victim, host) };
                return Some((victim, self.events(&base, &active, chance)));
            }
        }
        None
    }

    /// The beginnings (seconds since 1970) of the hours in which it is active; none where the victim is not there.
    fn active_hours(&self, victim: u32, when: When, hours: u32, chance: &mut Chance) -> Vec<i64> {
        let weekend = |day: u32| matches!(date_of(self.options, day).weekday(), Weekday::Sat | Weekday::Sun);
        let starts: Vec<u32> = self.days.clone().filter(|day| (when == Weekend) == weekend(*day)).collect();
        let starts = if starts.is_empty() { self.days.clone().collect() } else { starts };
        let mut day = chance.pick(&starts);
        // What lasts for days begins early enough to end within its part.
        if hours > 10 {
            day = day.min(self.days.end.saturating_sub(hours.div_ceil(if when == Always { 24 } else { 8 }) + 1)).max(self.days.start);
        }
        let end = midnight(self.options, self.days.end);
        let from = match when {
            Work => return self.working_hours(victim, day, hours, chance),
            Evening => midnight(self.options, day) + 3_600 * (18 + chance.below(4) as i64),
            Night => midnight(self.options, day) + 3_600 * chance.below(4) as i64,
            Weekend | Always => midnight(self.options, day) + 3_600 * (6 + chance.below(14) as i64),
        };
        (0..i64::from(hours)).map(|hour| from + hour * 3_600).filter(|hour| *hour < end).collect()
    }

    fn working_hours(&self, victim: u32, day: u32, hours: u32, chance: &mut Chance) -> Vec<i64> {
        let mut active = Vec::new();
        for day in day..self.days.end {
            let weights = self.company.hours(self.options, victim, day);
            let worked: Vec<i64> =
                (0..24).filter(|hour| weights[*hour] >= 0.5).map(|hour| midnight(self.options, day) + hour as i64 * 3_600).collect();
            if active.is_empty() {
                if worked.is_empty() {
                    break;
                }
                // It begins somewhere in the first day, but early enough to do its work there where it is short.
                let latest = worked.len().saturating_sub(hours.min(8) as usize);
                active.extend_from_slice(&worked[chance.below(latest as u64 + 1) as usize..]);
            } else {
                active.extend_from_slice(&worked);
            }
            if active.len() >= hours as usize {
                break;
            }
        }
        active.truncate(hours as usize);
        active
    }

    fn events(&self, base: &Event, active: &[i64], chance: &mut Chance) -> Vec<Event> {
        let mut out = Vec::new();
        let Row(_, _, _, strength, _) = self.row;
        match *strength {
            Megabytes(median, sigma, least) => {
                let size = (chance.lognormal(median, sigma).clamp(least, 3_000.0) * 1e6) as u64;
                send(Event { at: active[0] + chance.below(1_500) as i64, ..*base }, size, PART, chance, &mut out);
            }
            Hourly(megabytes) => {
                for hour in active {
                    let parts = if megabytes > 20.0 { 6 } else { 2 + chance.below(3) };
                    let share = megabytes * 1e6 / parts as f64 * chance.between(0.75, 1.12);
                    for _ in 0..parts {
                        let up = chance.size(share, 0.12);
                        let taken = super::browse::duration(up, chance);
                        out.push(Event { at: hour + chance.below(3_540) as i64, up, down: chance.size(700.0, 0.3), taken, ..*base });
                    }
                }
            }
            Period(period, jitter) => call_home(base, active, period, jitter, chance, &mut out),
            Names(names) => {
                for hour in active {
                    for _ in 0..chance.poisson(names).max(1) {
                        out.push(generated(base, hour + chance.below(3_600) as i64, chance));
                    }
                }
            }
        }
        out.sort_by_key(|event| event.at);
        out
    }
}

fn call_home(base: &Event, active: &[i64], period: f64, jitter: f64, chance: &mut Chance, out: &mut Vec<Event>) {
    for (index, hour) in active.iter().enumerate() {
        // The clock runs on through pauses: the phase is kept from hour to hour.
        let mut offset = (period - (*hour as f64 % period)) % period;
        while offset < 3_600.0 {
            let late = (offset + period * jitter * chance.between(-1.0, 1.0)).clamp(0.0, 3_599.0);
            let answer = if index > 2 && chance.happens(0.01) { 400_000.0 } else { 420.0 };
            out.push(Event {
                at: hour + late as i64,
                up: chance.size(520.0, 0.08),
                down: chance.size(answer, 0.15),
                taken: chance.size(90.0, 0.3) as u32,
                ..*base
            });
            offset += period;
        }
    }
}

fn generated(base: &Event, at: i64, chance: &mut Chance) -> Event {
    let host = Host::Generated(chance.bits());
    let found = chance.happens(0.03);
    let outcome = if found { Outcome::Origin(200) } else { Outcome::Unresolved };
    let down = if found { 5_200 } else { 1_080 };
    Event { at, host, outcome, method: Method::Get, content: Content::Page, path: 0, up: chance.size(330.0, 0.1), down, taken: 20, ..*base }
}
