//! Who works in the company, where, when, and with which habits.

use chrono::{Datelike, NaiveDate, Weekday};

use super::{
    DemoOptions,
    chance::{Chance, Zipf},
    web::{Purpose, Web, word},
};

/// A department: how large it is, and how often its people do on a working day what uploads much.
pub(super) struct Department {
    /// Its name.
    pub name: &'static str,
    /// Its share of the people, relative to the others.
    weight: u32,
    /// Video conferences, files shared, documents printed, films published, artefacts pushed, files sent to partners.
    rates: [f64; 6],
    /// Whether some work nights.
    shifts: bool,
}

impl Department {
    /// The rates of calls, shares, prints, films, pushes, and files for partners.
    pub fn rates(&self) -> [f64; 6] {
        self.rates
    }
}

/// The departments.
pub(super) const DEPARTMENTS: [Department; 9] = [
    department("Finance", 8, [0.48, 0.20, 0.60, 0.0, 0.0, 0.05], false),
    department("Sales", 18, [0.88, 0.30, 0.15, 0.02, 0.0, 0.06], false),
    department("Marketing", 9, [0.72, 0.50, 0.20, 0.22, 0.0, 0.05], false),
    department("Engineering", 22, [0.64, 0.15, 0.03, 0.01, 0.70, 0.02], false),
    department("Research", 10, [0.56, 0.35, 0.10, 0.01, 0.30, 0.12], false),
    department("Human Resources", 5, [0.80, 0.20, 0.50, 0.02, 0.0, 0.01], false),
    department("Operations", 12, [0.32, 0.10, 0.20, 0.0, 0.05, 0.02], true),
    department("Legal", 4, [0.48, 0.40, 0.80, 0.0, 0.0, 0.10], false),
    department("Support", 12, [0.64, 0.20, 0.05, 0.03, 0.02, 0.02], true),
];

const fn department(name: &'static str, weight: u32, rates: [f64; 6], shifts: bool) -> Department {
    Department { name, weight, rates, shifts }
}

/// One who works here.
pub(super) struct Person {
    /// The account.
    pub user: String,
    /// Index into [`DEPARTMENTS`].
    pub department: usize,
    /// Where the desk is.
    pub site: &'static str,
    /// The machine's name.
    pub hostname: String,
    /// Index of the browser.
    pub browser: usize,
    /// Whether some of the work is done from outside, through a second address.
    pub remote_worker: bool,
    /// How much more than others this person visits; 1 on average.
    pub factor: f64,
    /// How much more than others this person uploads, as the logarithm.
    pub upload_bias: f64,
    /// Sites visited again and again, the dearest first.
    pub favourites: Vec<u32>,
    /// A file-sharing service whose client runs all day.
    pub sync: Option<u32>,
    /// A service that a page left open asks every ten minutes.
    pub poll: Option<u32>,
    /// The weekday on which the machine saves itself, and how many bytes it usually takes.
    pub backup: Option<(Weekday, f64)>,
    /// Whether the new application is rolled out to this person, and on which of the first two days.
    pub adopts: Option<u32>,
    start: f64,
    end: f64,
    night_shift: bool,
    day_off: Option<Weekday>,
    away: std::ops::Range<u32>,
}

/// The company: people, their machines, service accounts.
pub(super) struct Company {
    /// The people.
    pub people: Vec<Person>,
    /// How often a site of a department is preferred.
    pub favourite: Zipf,
    /// For each department: sites that its people need.
    pub needed: Vec<Vec<u32>>,
    seed: u64,
}

/// Service accounts that save servers every night.
pub(super) const SERVICE_ACCOUNTS: [&str; 3] = ["svc-backup-db", "svc-backup-files", "svc-backup-mail"];

/// The company's offset from UTC in hours, all year.
pub(super) const OFFSET: i64 = 1;

const GIVEN: [&str; 40] = [
    "alvo", "berina", "cilka", "davo", "elmi", "ferin", "gilda", "hanno", "ilvy", "jorek", "kaspa", "lumi", "marek", "nelia", "orlo",
    "petra", "quin", "runa", "silvo", "tarek", "ulma", "vanja", "wilke", "xenia", "yorin", "zelda", "arno", "brisa", "corvi", "dunja",
    "emre", "falko", "greta", "hedda", "ivar", "jutta", "kiano", "lovis", "mirko", "noemi",
];

impl Company {
    /// Hires everyone.
    pub fn new(options: &DemoOptions, web: &Web) -> Self {
        let mut chance = Chance::of(options.seed, [0x70_656f, 0, 0]);
        let site = |chance: &mut Chance, rank: u32| if rank < 14 { web.popular(chance) } else { web.any(chance) };
        let needed = DEPARTMENTS.iter().map(|_| (0..20).map(|rank| site(&mut chance, rank)).collect()).collect();
        let mut company = Self { people: Vec::new(), favourite: Zipf::new(24, 1.1), needed, seed: options.seed };
        for number in 0..options.users {
            let mut chance = Chance::of(options.seed, [0x70_656f, 1, u64::from(number)]);
            let person = company.hire(number, options, web, &mut chance);
            company.people.push(person);
        }
        company
    }

    fn hire(&self, number: u32, options: &DemoOptions, web: &Web, chance: &mut Chance) -> Person {
        let total: u32 = DEPARTMENTS.iter().map(|d| d.weight).sum();
        let mut at = chance.below(u64::from(total)) as u32;
        let department = DEPARTMENTS
            .iter()
            .position(|d| {
                if at < d.weight {
                    true
                } else {
                    at -= d.weight;
                    false
                }
            })
            .unwrap_or(0);
        let start = chance.between(7.0, 9.6);
        let mut favourites: Vec<u32> =
            [Purpose::Search, Purpose::Mail, Purpose::Delivery].iter().map(|p| chance.pick(&web.of(*p))).collect();
        if matches!(DEPARTMENTS[department].name, "Sales" | "Support" | "Marketing") {
            favourites.push(chance.pick(&web.of(Purpose::Customers)));
        }
        while favourites.len() < 24 {
            favourites.push(if chance.happens(0.6) { web.popular(chance) } else { web.any(chance) });
        }
        let sigma = 0.55;
        let weekdays = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        let away_from = chance.below(u64::from(options.days)) as u32;
        Person {
            user: format!("{}.{}", chance.pick(&GIVEN), word(u64::from(number) + 40_000, if number < 30_000 { 3 } else { 4 })),
            department,
            site: chance.pick(&["Northgate", "Northgate", "Northgate", "Riverside", "Riverside", "Harbour"]),
            hostname: format!("ws-{:04}", number + 1),
            browser: chance.below(5) as usize,
            remote_worker: chance.happens(0.14),
            factor: chance.lognormal((-sigma * sigma / 2.0_f64).exp(), sigma),
            upload_bias: 0.5 * chance.normal(),
            favourites,
            sync: chance.happens(0.3).then(|| chance.pick(&web.of(Purpose::Share))),
            poll: chance.happens(0.2).then(|| chance.pick(&web.of(Purpose::Mail))),
            backup: chance.happens(0.05).then(|| (chance.pick(&weekdays), chance.lognormal(9e8, 0.7))),
            adopts: chance.happens(0.4).then(|| chance.below(2) as u32),
            start,
            end: start + chance.between(8.0, 10.2),
            night_shift: DEPARTMENTS[department].shifts && chance.happens(0.2),
            day_off: chance.happens(0.12).then(|| chance.pick(&weekdays)),
            away: if chance.happens(0.2) { away_from..away_from + 2 + chance.below(5) as u32 } else { 0..0 },
        }
    }

    /// Everyone and everything that can act: people, then their machines, then service accounts.
    pub fn actors(&self) -> u32 {
        self.people.len() as u32 * 2 + SERVICE_ACCOUNTS.len() as u32
    }

    /// The machine of a person.
    pub fn machine(&self, person: u32) -> u32 {
        self.people.len() as u32 + person
    }

    /// A service account.
    pub fn service(&self, number: u32) -> u32 {
        self.people.len() as u32 * 2 + number
    }

    /// The person of a person or a machine.
    pub fn person_of(&self, actor: u32) -> Option<&Person> {
        let people = self.people.len() as u32;
        if actor < people * 2 { self.people.get((actor % people) as usize) } else { None }
    }

    /// The account of an actor.
    pub fn user(&self, actor: u32) -> String {
        let people = self.people.len() as u32;
        match self.person_of(actor) {
            Some(person) if actor < people => person.user.clone(),
            Some(person) => format!("{}$", person.hostname),
            None => SERVICE_ACCOUNTS[(actor - people * 2) as usize % SERVICE_ACCOUNTS.len()].into(),
        }
    }

    /// The address of an actor, at the desk or from outside.
    pub fn address(&self, actor: u32, remote: bool) -> [u8; 4] {
        let people = self.people.len() as u32;
        if actor >= people * 2 {
            return [10, 8, 0, 20 + (actor - people * 2) as u8];
        }
        let number = actor % people;
        let network = if remote { 128 } else { 16 };
        [10, (network + number / 51_200) as u8, (number / 200 % 256) as u8, (10 + number % 200) as u8]
    }

    /// What kind of day it is for the whole company: the chance of being at work, and how much is done.
    fn day_kind(&self, options: &DemoOptions, day: u32) -> DayKind {
        // The second Monday is the company's own holiday.
        let date = date_of(options, day);
        match date.weekday() {
            Weekday::Sat => DayKind::Weekend(0.05),
            Weekday::Sun => DayKind::Weekend(0.035),
            Weekday::Mon if (7..14).contains(&day) => DayKind::Weekend(0.09),
            _ => DayKind::Working,
        }
    }

    /// How the visits of a person spread over the hours of a day (UTC); all zero where the person is not at work.
    pub fn hours(&self, options: &DemoOptions, number: u32, day: u32) -> [f64; 24] {
        let person = &self.people[number as usize];
        let mut chance = Chance::of(self.seed, [0x6461_7973, u64::from(number), u64::from(day)]);
        let mut weights = [0.0; 24];
        let shifts = DEPARTMENTS[person.department].shifts;
        let (present, from, to) = match self.day_kind(options, day) {
            DayKind::Working => {
                let here = chance.happens(0.95) && !person.away.contains(&day) && person.day_off != Some(date_of(options, day).weekday());
                (here, person.start + 0.4 * chance.normal(), person.end + 0.7 * chance.normal())
            }
            DayKind::Weekend(share) => {
                let here = chance.happens(share * if shifts { 3.0 } else { 1.0 }) && !person.away.contains(&day);
                let from = chance.between(8.5, 17.0);
                (here, from, from + chance.between(0.8, 5.0))
            }
        };
        let evening = chance.happens(0.08).then(|| chance.between(19.5, 21.5));
        if !present {
            return weights;
        }
        for (utc, weight) in weights.iter_mut().enumerate() {
            let local = utc as f64 + OFFSET as f64;
            if person.night_shift {
                *weight = if (6.0..22.0).contains(&local) { 0.0 } else { 0.8 };
                continue;
            }
            let worked = (to.min(local + 1.0) - from.max(local)).clamp(0.0, 1.0);
            *weight = worked * if local as u32 == 12 { 0.5 } else { 1.0 };
            if evening.is_some_and(|start| (start..start + 2.0).contains(&local)) {
                *weight += 0.4;
            }
        }
        weights
    }

    /// The average number of people at work on a day, as a share.
    pub fn presence(&self, options: &DemoOptions) -> f64 {
        let days: f64 = (0..options.days)
            .map(|day| match self.day_kind(options, day) {
                DayKind::Working => 0.95 * (1.0 - 0.12 / 5.0) * 0.94,
                DayKind::Weekend(share) => share * 1.4,
            })
            .sum();
        days / f64::from(options.days)
    }

    /// Whether the person works from outside that day.
    pub fn remote(&self, number: u32, day: u32) -> bool {
        let person = &self.people[number as usize];
        person.remote_worker && Chance::of(self.seed, [0x7265_6d6f, u64::from(number), u64::from(day)]).happens(0.4)
    }
}

enum DayKind {
    Working,
    Weekend(f64),
}

/// The date of a day of the window.
pub(super) fn date_of(options: &DemoOptions, day: u32) -> NaiveDate {
    options.start + chrono::Days::new(u64::from(day))
}

/// Midnight UTC of a day of the window, seconds since 1970.
pub(super) fn midnight(options: &DemoOptions, day: u32) -> i64 {
    date_of(options, day).and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}
