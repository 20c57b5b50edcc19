//! What machines do by themselves: fetch updates at night, save themselves, save servers.

use chrono::{Datelike, Weekday};

use super::{
    DemoOptions,
    chance::Chance,
    event::{Agent, BACKUP, Content, Event, Host, Method},
    people::{Company, SERVICE_ACCOUNTS, date_of, midnight},
    upload::send,
    web::{Purpose, Web},
};

/// The size of one part of a backup.
const PART: u64 = 500_000_000;

/// Adds what machines and service accounts do in a day.
pub(super) fn day(options: &DemoOptions, company: &Company, web: &Web, day: u32, out: &mut Vec<Event>) {
    let vault = Host::Site(web.of(Purpose::Vault)[0], 0);
    let updates = web.of(Purpose::Updates);
    let date = date_of(options, day);
    // The night after the second Tuesday of a month brings everybody's updates.
    let patch_night = date.weekday() == Weekday::Wed && (9..=15).contains(&date.day());
    for number in 0..company.people.len() as u32 {
        let mut chance = Chance::of(options.seed, [0x6d61_6368, u64::from(number), u64::from(day)]);
        if chance.happens(if patch_night { 0.9 } else { 0.16 }) {
            let at = midnight(options, day) + 3_600 + chance.below(4 * 3_600) as i64;
            fetch_updates(company.machine(number), at, chance.pick(&updates), patch_night, &mut chance, out);
        }
        if let Some((weekday, median)) = company.people[number as usize].backup
            && weekday == date.weekday()
        {
            let at = midnight(options, day) + 17 * 3_600 + chance.below(3 * 3_600) as i64;
            let size = chance.size(median, 0.3);
            send(backup(at, number, vault), size, PART, &mut chance, out);
        }
    }
    for number in 0..SERVICE_ACCOUNTS.len() as u32 {
        let mut chance = Chance::of(options.seed, [0x7365_7276, u64::from(number), u64::from(day)]);
        let at = midnight(options, day) + 1_800 + i64::from(number) * 3_600 + chance.below(900) as i64;
        // A full backup on Saturdays, what changed on other nights.
        let median = if date.weekday() == Weekday::Sat { 3.6e9 } else { 7e8 };
        let size = chance.size(median * (1.0 - 0.2 * f64::from(number)), 0.25);
        send(backup(at, company.service(number), vault), size, PART, &mut chance, out);
    }
}

fn backup(at: i64, actor: u32, vault: Host) -> Event {
    Event { method: Method::Put, agent: Agent::Backup, path: 3, tag: BACKUP, ..Event::page(at, actor, vault) }
}

fn fetch_updates(machine: u32, at: i64, site: u32, large: bool, chance: &mut Chance, out: &mut Vec<Event>) {
    let base = Event { agent: Agent::Updater, ..Event::page(at, machine, Host::Site(site, 0)) };
    let asked = Event {
        method: Method::Post,
        content: Content::Json,
        up: chance.size(9_000.0, 0.4),
        down: chance.size(30_000.0, 0.6),
        path: 1,
        ..base
    };
    out.push(Event { host: Host::Site(site, 1), ..asked });
    let mut at = at + 2;
    for _ in 0..1 + chance.geometric(1.6) {
        let down = chance.size(if large { 6e7 } else { 8e6 }, 1.3);
        let taken = (60.0 + down as f64 / chance.between(4_000.0, 11_000.0)).min(1.2e6) as u32;
        at += i64::from(taken / 1_000) + 1;
        let path = 20 + chance.below(60) as u32;
        out.push(Event { at, up: chance.size(420.0, 0.1), down, taken, path, content: Content::Binary, ..base });
    }
    out.push(Event { at: at + 4, host: Host::Site(site, 1), ..asked });
}
