//! Ordinary work that sends much: video conferences, shared files, printing, films, artefacts, files for partners.

use super::{
    DemoOptions,
    browse::duration,
    chance::Chance,
    event::{Content, Event, Host, Method, Outcome},
    people::{Company, DEPARTMENTS, midnight},
    web::{Purpose, Web},
};

/// Where people of the company send much.
pub(super) struct Uploads<'a> {
    options: &'a DemoOptions,
    company: &'a Company,
    shares: Vec<u32>,
    meetings: Vec<u32>,
    printers: Vec<u32>,
    films: Vec<u32>,
    code: Vec<u32>,
    partners: Vec<u32>,
}

impl<'a> Uploads<'a> {
    /// Looks up the places and rates that all days share.
    pub fn new(options: &'a DemoOptions, company: &'a Company, web: &'a Web) -> Self {
        Self {
            options,
            company,
            shares: web.of(Purpose::Share),
            meetings: web.of(Purpose::Meeting),
            printers: web.of(Purpose::Print),
            films: web.of(Purpose::Film),
            code: web.of(Purpose::Code),
            partners: web.of(Purpose::Partner),
        }
    }

    /// Adds what a person sends in a day, given how the day spreads over its hours.
    pub fn day(&self, number: u32, day: u32, weights: &[f64; 24], out: &mut Vec<Event>) {
        let worked: f64 = weights.iter().sum();
        if worked <= 0.0 {
            return;
        }
        let mut chance = Chance::of(self.options.seed, [0x7570_6c6f, u64::from(number), u64::from(day)]);
        let person = &self.company.people[number as usize];
        let habit = DEPARTMENTS[person.department].rates().map(|rate| rate * person.upload_bias.exp() * (worked / 8.6).min(1.2));
        let [calls, shares, prints, films, pushes, partners] = habit;
        let first = out.len();
        for _ in 0..chance.poisson(calls) {
            let at = self.moment(day, weights, &mut chance);
            self.call(number, at, &mut chance, out);
        }
        let share = person.sync.unwrap_or(self.shares[number as usize % self.shares.len()]);
        for (rate, host, median, sigma, method) in [
            (shares, Host::Site(share, 1), 9e6, 1.9, Method::Post),
            (prints, Host::Site(self.printers[0], 0), 5e6, 1.3, Method::Post),
            (films, Host::Site(chance.pick(&self.films), 1), 2.5e8, 1.0, Method::Put),
            (pushes, Host::Site(self.code[number as usize % self.code.len()], 1), 2e7, 1.5, Method::Put),
            (partners, self.partner(person.department, &mut chance), 6e7, 1.2, Method::Post),
        ] {
            for _ in 0..chance.poisson(rate) {
                let (at, size) = (self.moment(day, weights, &mut chance), chance.size(median, sigma));
                send(Event { method, path: 3, ..Event::page(at, number, host) }, size, PART, &mut chance, out);
            }
        }
        let (remote, last) = (self.company.remote(number, day), midnight(self.options, day) + 86_399);
        for event in &mut out[first..] {
            event.remote = remote;
            event.at = event.at.min(last);
        }
    }

    /// Mostly one of the department's partners; at times a place where nobody has ever been.
    fn partner(&self, department: usize, chance: &mut Chance) -> Host {
        if chance.happens(0.25) {
            return Web::tail(chance);
        }
        Host::Site(self.partners[(department * 5 + chance.geometric(1.5) as usize) % self.partners.len()], 0)
    }

    fn moment(&self, day: u32, weights: &[f64; 24], chance: &mut Chance) -> i64 {
        let mut at = chance.unit() * weights.iter().sum::<f64>();
        let hour = weights
            .iter()
            .position(|weight| {
                if at < *weight {
                    true
                } else {
                    at -= weight;
                    false
                }
            })
            .unwrap_or(12);
        midnight(self.options, day) + hour as i64 * 3_600 + chance.below(3_600) as i64
    }

    /// A video conference: tunnels of some minutes each, which are logged when they close.
    fn call(&self, number: u32, at: i64, chance: &mut Chance, out: &mut Vec<Event>) {
        let site = self.meetings[usize::from(chance.happens(0.2)) % self.meetings.len()];
        let (minutes, rate) = (chance.between(12.0, 70.0), chance.lognormal(1.5e6, 0.8));
        let mut elapsed = 0.0;
        while elapsed < minutes {
            let part = chance.between(5.0, 14.0).min(minutes - elapsed);
            elapsed += part;
            out.push(Event {
                up: (rate * part * chance.between(0.85, 1.15)) as u64 + 2_000,
                down: (rate * part * chance.between(1.2, 2.6)) as u64 + 4_000,
                taken: (part * 60_000.0) as u32,
                method: Method::Connect,
                content: Content::None,
                outcome: Outcome::Tunnelled,
                ..Event::page(at + (elapsed * 60.0) as i64, number, Host::Site(site, chance.below(3) as u8))
            });
        }
    }
}

/// The usual size of one part of a file.
pub(super) const PART: u64 = 64_000_000;

/// Sends a file in parts, one after the other.
pub(super) fn send(first: Event, size: u64, part: u64, chance: &mut Chance, out: &mut Vec<Event>) {
    let (mut left, mut at) = (size.max(1), first.at);
    while left > 0 {
        let up = left.min(part.max(1));
        left -= up;
        let taken = duration(up, chance);
        at += i64::from(taken / 1_000) + 1;
        out.push(Event { at, up, down: chance.size(1_100.0, 0.4), taken, content: Content::Json, ..first });
    }
}
