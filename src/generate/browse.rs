//! Ordinary visits: pages, what they pull in, forms, pages left open, mistyped names.

use super::{
    DemoOptions,
    chance::Chance,
    event::{Agent, Content, Event, Host, Method, Outcome},
    people::{Company, midnight},
    web::{Purpose, Web},
};

/// Events of a visit on average, by which the wanted number of events becomes a number of visits.
const EVENTS_PER_VISIT: f64 = 2.9;

/// What people of the company visit.
pub(super) struct Browsing<'a> {
    options: &'a DemoOptions,
    company: &'a Company,
    web: &'a Web,
    delivery: Vec<u32>,
    trackers: Vec<u32>,
    visits: f64,
}

impl<'a> Browsing<'a> {
    /// Looks up the places and rates that all days share.
    pub fn new(options: &'a DemoOptions, company: &'a Company, web: &'a Web) -> Self {
        let visits = options.events_per_user_day / EVENTS_PER_VISIT / company.presence(options);
        Self { options, company, web, delivery: web.of(Purpose::Delivery), trackers: web.of(Purpose::Tracker), visits }
    }

    /// Adds what a person visits in one hour of a day (UTC), given how the day spreads over its hours.
    pub fn hour(&self, number: u32, day: u32, hour: u32, weights: &[f64; 24], out: &mut Vec<Event>) {
        let total: f64 = weights.iter().sum();
        let weight = weights[hour as usize];
        if weight <= 0.0 {
            return;
        }
        let mut chance = Chance::of(self.options.seed, [0x6272_6f77, u64::from(number), u64::from(day * 24 + hour)]);
        let person = &self.company.people[number as usize];
        // A day of full length has about nine weighted hours; a short one has as many visits an hour, not as many a day.
        let mean = self.visits * person.factor * weight / total * (total / 8.6).min(1.3) * chance.lognormal(0.92, 0.4);
        let begin = midnight(self.options, day) + i64::from(hour) * 3_600;
        let first = out.len();
        let before = weights[..hour as usize].iter().sum::<f64>();
        if before == 0.0 {
            self.start_of_day(number, begin, &mut chance, out);
        }
        for _ in 0..chance.poisson(mean) {
            let at = begin + chance.below(3_600) as i64;
            self.visit(number, at, &mut chance, out);
        }
        if let Some(site) = person.poll {
            let phase = (number as i64 * 37) % 600;
            for step in 0..6 {
                let at = begin + phase + step * 600 + chance.below(4) as i64;
                let (up, down) = (chance.size(900.0, 0.1), chance.size(600.0, 0.3));
                out.push(Event { up, down, content: Content::Json, path: 1, ..Event::page(at, number, Host::Site(site, 0)) });
            }
        }
        if let Some(site) = person.sync {
            for _ in 0..chance.poisson(2.0 * weight) {
                let at = begin + chance.below(3_600) as i64;
                let up = chance.size(60_000.0, 1.6).min(40_000_000);
                out.push(Event {
                    up,
                    down: chance.size(900.0, 0.4),
                    taken: duration(up, &mut chance),
                    method: Method::Put,
                    content: Content::Json,
                    agent: Agent::Sync,
                    path: 2,
                    ..Event::page(at, number, Host::Site(site, 1))
                });
            }
        }
        let remote = self.company.remote(number, day);
        for event in &mut out[first..] {
            event.remote = remote;
            event.at = event.at.min(begin + 3_599);
        }
    }

    fn start_of_day(&self, number: u32, begin: i64, chance: &mut Chance, out: &mut Vec<Event>) {
        let at = begin + chance.below(3_000) as i64;
        if chance.happens(0.8) {
            let outcome = Outcome::Unauthenticated;
            let site = self.company.people[number as usize].favourites[0];
            out.push(Event { outcome, up: 380, down: 620, taken: 2, ..Event::page(at, number, Host::Site(site, 0)) });
        }
        // Some browsers ask for three names that cannot exist, to find out whether somebody answers for them.
        if chance.happens(0.15) {
            for _ in 0..3 {
                let host = Host::Probe(chance.bits());
                out.push(Event { outcome: Outcome::Unresolved, up: 310, down: 1_050, taken: 9, ..Event::page(at + 1, number, host) });
            }
        }
    }

    fn destination(&self, number: u32, chance: &mut Chance) -> Host {
        let person = &self.company.people[number as usize];
        let site = match chance.unit() {
            x if x < 0.52 => person.favourites[self.company.favourite.draw(chance)],
            x if x < 0.70 => chance.pick(&self.company.needed[person.department]),
            x if x < 0.972 => self.web.popular(chance),
            x if x < 0.976 => {
                let bits = chance.bits();
                return if chance.happens(0.3) { Host::Generated(bits) } else { Web::tail(chance) };
            }
            _ => return Web::tail(chance),
        };
        let hosts = self.web.site(site).hosts.len() as u64;
        Host::Site(site, if chance.happens(0.85) { 0 } else { chance.below(hosts) as u8 })
    }

    /// Adds one visit: a page, what it pulls in, at times a form.
    fn visit(&self, number: u32, at: i64, chance: &mut Chance, out: &mut Vec<Event>) {
        let host = self.destination(number, chance);
        let page = Event {
            path: page_path(chance),
            query: chance.happens(0.15).then(|| chance.below(900) as u32),
            up: chance.size(720.0, 0.35),
            down: chance.size(22_000.0, 1.1),
            taken: chance.size(140.0, 0.9) as u32,
            ..Event::page(at, number, host)
        };
        if let Host::Generated(_) = host {
            out.push(Event { outcome: Outcome::Unresolved, up: 330, down: 1_080, ..page });
            return;
        }
        let (sealed, purpose) = match host {
            Host::Site(site, _) => (self.web.site(site).sealed, self.web.site(site).purpose),
            _ => (false, Purpose::Content),
        };
        if sealed {
            let (up, down) = (chance.size(5_000.0, 1.1), chance.size(160_000.0, 1.3));
            let taken = chance.size(20_000.0, 1.0) as u32;
            out.push(Event {
                up,
                down,
                taken,
                method: Method::Connect,
                content: Content::None,
                outcome: Outcome::Tunnelled,
                path: 0,
                query: None,
                ..page
            });
            return;
        }
        match chance.unit() {
            x if x < 0.012 => return out.push(Event { outcome: Outcome::Denied, down: 2_300, taken: 1, ..page }),
            x if x < 0.030 => return out.push(Event { outcome: Outcome::Origin(404), down: 1_400, ..page }),
            x if x < 0.036 => return out.push(Event { outcome: Outcome::Origin(403), down: 1_100, ..page }),
            x if x < 0.080 => out.push(Event { outcome: Outcome::Origin(302), down: 640, ..page }),
            _ => out.push(page),
        }
        self.parts(&page, host, chance, out);
        let form = match purpose {
            Purpose::Mail => chance.happens(0.45).then(|| chance.size(30_000.0, 2.0)),
            Purpose::Customers => chance.happens(0.6).then(|| chance.size(9_000.0, 1.0)),
            Purpose::Share => chance.happens(0.4).then(|| chance.size(250_000.0, 1.9)),
            _ => chance.happens(0.09).then(|| chance.size(2_500.0, 1.0)),
        };
        if let Some(up) = form {
            let up = up.min(60_000_000);
            let after = chance.below(90) as i64;
            out.push(Event {
                at: at + after,
                path: 3,
                query: None,
                method: Method::Post,
                content: Content::Json,
                referer: Some(host),
                up,
                down: chance.size(1_500.0, 0.7),
                taken: duration(up, chance),
                ..page
            });
        }
    }

    fn parts(&self, page: &Event, host: Host, chance: &mut Chance, out: &mut Vec<Event>) {
        for _ in 0..chance.geometric(1.9) {
            let delay = chance.below(4) as i64;
            let (target, content, post) = match chance.unit() {
                x if x < 0.5 => {
                    (host, chance.pick(&[Content::Script, Content::Style, Content::Image, Content::Image, Content::Json]), false)
                }
                x if x < 0.72 => {
                    (Host::Site(chance.pick(&self.delivery), chance.below(3) as u8), chance.pick(&[Content::Script, Content::Image]), false)
                }
                x => (Host::Site(chance.pick(&self.trackers), chance.below(2) as u8), Content::Image, x > 0.92),
            };
            let cached = !post && chance.happens(0.3);
            let up = if post { chance.size(1_900.0, 0.5) } else { chance.size(640.0, 0.25) };
            out.push(Event {
                at: page.at + delay,
                host: target,
                path: 4 + chance.below(12) as u32,
                query: None,
                content,
                method: if post { Method::Post } else { Method::Get },
                outcome: if cached { Outcome::Cached } else { Outcome::Origin(200) },
                referer: Some(host),
                up,
                down: if cached { 310 } else { chance.size(7_000.0, 1.3) },
                taken: if cached { 1 } else { chance.size(60.0, 0.8) as u32 },
                ..*page
            });
        }
    }
}

fn page_path(chance: &mut Chance) -> u32 {
    if chance.happens(0.4) { 0 } else { 16 + chance.geometric(9.0) as u32 }
}

/// Milliseconds that an upload takes on a line of some megabytes a second.
pub(super) fn duration(bytes: u64, chance: &mut Chance) -> u32 {
    (40.0 + bytes as f64 / chance.between(2_500.0, 9_000.0)).min(3.4e6) as u32
}
