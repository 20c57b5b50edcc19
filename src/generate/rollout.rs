//! A new application for two people in five, from the first judged day on: benign, and new to everybody.

use super::{
    DemoOptions,
    browse::duration,
    chance::Chance,
    event::{Agent, Content, Event, Host, Method, ROLLOUT},
    people::{Company, OFFSET, midnight},
    upload::{PART, send},
    web::{Purpose, Web},
};

/// Adds what the application sends for a person in a day.
pub(super) fn day(options: &DemoOptions, company: &Company, web: &Web, number: u32, day: u32, weights: &[f64; 24], out: &mut Vec<Event>) {
    let Some(wave) = company.people[number as usize].adopts else { return };
    let installed = options.training_days() + wave;
    if day < installed {
        return;
    }
    let mut chance = Chance::of(options.seed, [0x726f_6c6c, u64::from(number), u64::from(day)]);
    let host = Host::Site(web.of(Purpose::NewApplication)[0], 0);
    let base = Event {
        agent: Agent::Rollout,
        method: Method::Post,
        content: Content::Json,
        tag: ROLLOUT,
        path: 3,
        ..Event::page(0, number, host)
    };
    let first = out.len();
    let mut fresh = day == installed;
    for hour in (0..24_i64).filter(|hour| weights[*hour as usize] > 0.0 && hour + OFFSET >= 8) {
        let begin = midnight(options, day) + hour * 3_600;
        if fresh {
            // What is on the machine already goes up once.
            let size = chance.size(1.4e7, 1.0);
            send(Event { at: begin + chance.below(900) as i64, ..base }, size, PART, &mut chance, out);
            fresh = false;
        }
        for _ in 0..chance.poisson(2.5 * weights[hour as usize]) {
            let up = chance.size(90_000.0, 1.2);
            let down = chance.size(20_000.0, 1.0);
            out.push(Event { at: begin + chance.below(3_600) as i64, up, down, taken: duration(up, &mut chance), ..base });
        }
    }
    let remote = company.remote(number, day);
    for event in &mut out[first..] {
        event.remote = remote;
    }
}
