//! Connections out of the office as Zeek's conn.log has them: what people do, what programs do by themselves, and programs that call home for
//! somebody else.
//!
//! Periods, jitter and sizes of the planted ones were written from what such programs are set to, before any detector saw them.

use super::{
    chance::{Chance, Zipf},
    office::{DAYS, Log, Truth, Verdict, at, moment, shift, stretches, weekend, zeek},
};

const DESKS: u64 = 32;
const SERVERS: u64 = 4;
/// Machines of the building: a heating controller, a printer, a camera.
const THINGS: u64 = 3;
const STREAM: u64 = 0x6265_6163;

/// A planted program: machine, first day, first hour, hours, period in seconds, jitter as a share, bytes sent, where to, only while its victim works.
struct Planted(u64, i64, f64, f64, f64, f64, f64, Place, bool);

#[derive(Clone, Copy)]
enum Place {
    /// An address that nobody else speaks to.
    Own(u64),
    /// A delivery network's address, which many use.
    Shared(u64),
}

use Place::{Own, Shared};

const PLANTED: [Planted; 17] = [
    Planted(3, 2, 9.0, 6.0, 300.0, 0.10, 480.0, Own(1), true),
    Planted(17, 3, 14.0, 30.0, 1_800.0, 0.20, 610.0, Own(2), false),
    Planted(26, 5, 2.0, 20.0, 900.0, 0.05, 350.0, Own(3), false),
    Planted(5, 7, 10.0, 3.0, 60.0, 0.05, 412.0, Own(4), false),
    Planted(8, 7, 13.0, 8.0, 300.0, 0.20, 520.0, Own(5), true),
    Planted(11, 8, 0.5, 7.0, 600.0, 0.10, 300.0, Own(6), false),
    Planted(14, 8, 9.0, 48.0, 3_600.0, 0.10, 444.0, Own(7), false),
    Planted(19, 8, 15.0, 40.0, 1_800.0, 0.50, 702.0, Own(8), false),
    Planted(22, 9, 8.5, 9.0, 900.0, 0.30, 655.0, Own(9), true),
    Planted(24, 9, 11.0, 60.0, 7_200.0, 0.15, 390.0, Own(10), false),
    Planted(28, 9, 12.0, 8.0, 600.0, 0.20, 530.0, Shared(1), true),
    Planted(30, 10, 9.0, 8.0, 1_200.0, 0.60, 820.0, Shared(3), true),
    Planted(1, 10, 20.0, 10.0, 300.0, 0.30, 275.0, Own(11), false),
    Planted(DESKS + 2, 11, 1.0, 30.0, 1_800.0, 0.10, 512.0, Own(12), false),
    Planted(6, 11, 9.0, 7.0, 1_800.0, 0.80, 930.0, Own(13), true),
    Planted(20, 12, 6.0, 24.0, 1_200.0, 0.10, 466.0, Own(14), false),
    Planted(12, 12, 12.0, 30.0, 3_600.0, 0.30, 588.0, Own(15), false),
];

/// One connection: when, machine, address, port, seconds, bytes sent and received.
type Connection = (f64, u64, String, u16, f64, u64, u64);

/// The log and its labels.
pub(super) fn logs(seed: u64) -> (String, String) {
    let (mut log, mut truth) = (Log::default(), Truth::of("src_ip,dst_ip"));
    let mut all = Vec::new();
    for machine in 0..DESKS {
        for day in 0..DAYS {
            if let Some(shift) = shift(seed, machine, day) {
                desk(seed, machine, day, shift, &mut all);
            }
        }
    }
    alone(seed, &mut all);
    allowed(seed, &mut all, &mut truth);
    planted(seed, &mut all, &mut truth);
    for (moment, machine, place, port, seconds, up, down) in all {
        let state = if down == 0 { "S0" } else { "SF" };
        log.add(moment, format!("{moment:.6}\t{}\t{place}\t{port}\ttcp\tssl\t{seconds:.3}\t{up}\t{down}\t{state}", address(machine)));
    }
    let header = zeek(
        "conn",
        "ts id.orig_h id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state",
        "time addr addr port enum string interval count count string",
    );
    (header + &log.text(), truth.text())
}

fn address(machine: u64) -> String {
    format!("10.20.{}.{}", machine / DESKS, 10 + machine % DESKS)
}

/// A site of the web by its rank; below the range that is reserved for measuring networks.
fn site(rank: u64) -> String {
    format!("198.18.{}.{}", rank / 200, 1 + rank % 200)
}

/// A maker's address that programs call by themselves.
fn maker(number: u64) -> String {
    format!("198.19.0.{}", 1 + number)
}

fn call(moment: f64, machine: u64, place: String, bytes: (f64, f64), chance: &mut Chance) -> Connection {
    let down = chance.size(bytes.1, 0.2);
    (moment, machine, place, 443, chance.lognormal(0.4, 0.4), chance.size(bytes.0, 0.08), down)
}

/// Moments from `from` to `to`, `period` apart, each late or early by at most `jitter` of it.
fn beats((from, to): (f64, f64), period: f64, jitter: f64, chance: &mut Chance) -> Vec<f64> {
    let first = from + period * chance.unit();
    (0..((to - first) / period).max(0.0) as u64).map(|beat| first + period * (beat as f64 + jitter * chance.between(-1.0, 1.0))).collect()
}

/// What a person and the programs of a desk do in a day.
fn desk(seed: u64, machine: u64, day: i64, shift: (f64, f64), all: &mut Vec<Connection>) {
    let mut chance = Chance::of(seed, [STREAM, machine, day as u64]);
    let mut habit = Chance::of(seed, [STREAM, machine, u64::MAX]);
    let (popular, own) = (Zipf::new(360, 1.05), 360 + habit.below(400));
    for _ in 0..chance.poisson(5.5) {
        let from = moment(shift, &mut chance);
        let rank = if chance.happens(0.2) { own + chance.geometric(3.0) } else { popular.draw(&mut chance) as u64 };
        // A page pulls in more than one connection.
        for part in 0..1 + chance.geometric(0.6) {
            let (up, down) = (chance.size(2_400.0, 1.1), chance.size(24_000.0, 1.6));
            all.push((from + part as f64 * 0.35, machine, site(rank), 443, chance.lognormal(8.0, 1.2), up, down));
        }
    }
    // The updater, for everybody; mail, for two in five; at times a page that is left open and asks again and again.
    for beat in beats(shift, 14_400.0, 0.10, &mut chance) {
        all.push(call(beat, machine, maker(0), (1_900.0, 5_200.0), &mut chance));
    }
    if habit.happens(0.4) {
        for beat in beats(shift, 1_800.0, 0.02, &mut chance) {
            all.push(call(beat, machine, maker(1), (740.0, 900.0), &mut chance));
        }
    }
    if chance.happens(0.06) {
        let (rank, period) = (popular.draw(&mut chance) as u64, chance.pick(&[120.0, 180.0, 300.0]));
        let from = moment(shift, &mut chance);
        for beat in beats((from, from + chance.between(1_800.0, 9_000.0)), period, 0.04, &mut chance) {
            all.push(call(beat, machine, site(rank), (1_100.0, 2_600.0), &mut chance));
        }
    }
    // A meeting by video: one long connection, and some short ones at no fixed time.
    if chance.happens(0.35) {
        let from = moment(shift, &mut chance);
        all.push((from, machine, maker(2), 443, chance.between(900.0, 5_400.0), chance.size(9e7, 0.7), chance.size(2e8, 0.7)));
        for _ in 0..chance.below(5) {
            all.push(call(from + chance.between(0.0, 3_000.0), machine, maker(2), (3_000.0, 3_000.0), &mut chance));
        }
    }
}

/// Servers, and the machines of the building, which call their makers day and night, and nobody else does.
fn alone(seed: u64, all: &mut Vec<Connection>) {
    let always = (at(0, 1.0), at(DAYS, 1.0));
    for server in DESKS..DESKS + SERVERS {
        let mut chance = Chance::of(seed, [STREAM, server, 1]);
        for beat in beats(always, 14_400.0, 0.10, &mut chance) {
            all.push(call(beat, server, maker(0), (1_900.0, 5_200.0), &mut chance));
        }
        for beat in beats(always, 7_200.0, 0.01, &mut chance) {
            all.push(call(beat, server, maker(3), (6_100.0, 310.0), &mut chance));
        }
    }
    for (thing, (period, bytes)) in (0..THINGS).zip([(2_700.0, 260.0), (5_400.0, 1_400.0), (3_600.0, 48_000.0)]) {
        let mut chance = Chance::of(seed, [STREAM, DESKS + SERVERS + thing, 2]);
        for beat in beats(always, period, 0.01, &mut chance) {
            all.push(call(beat, DESKS + SERVERS + thing, maker(10 + thing), (bytes, 520.0), &mut chance));
        }
    }
}

/// Scripts and widgets of single people: as regular as what an attacker leaves behind, and known.
fn allowed(seed: u64, all: &mut Vec<Connection>, truth: &mut Truth) {
    // Machine, the days, period, place.
    let programs =
        [(2, 3..5, 300.0, 20), (9, 2..12, 1_800.0, 21), (16, 8..10, 600.0, 22), (21, 10..12, 240.0, 23), (27, 7..12, 3_600.0, 24)];
    for (machine, days, period, place) in programs {
        let mut chance = Chance::of(seed, [STREAM, machine, 3]);
        let mut moments = Vec::new();
        for shift in days.filter(|day| !weekend(*day)).filter_map(|day| shift(seed, machine, day)) {
            moments.extend(beats(shift, period, 0.03, &mut chance));
        }
        for beat in &moments {
            all.push(call(*beat, machine, maker(place), (620.0, 1_800.0), &mut chance));
        }
        truth.add(Verdict::Allowed, "own_script", &format!("{},{}", address(machine), maker(place)), &stretches(&moments));
    }
}

fn planted(seed: u64, all: &mut Vec<Connection>, truth: &mut Truth) {
    for (number, Planted(machine, day, hour, hours, period, jitter, bytes, place, working)) in PLANTED.iter().enumerate() {
        let mut chance = Chance::of(seed, [STREAM, number as u64, 4]);
        let span = (at(*day, *hour), at(*day, hour + hours));
        let mut moments = beats(span, *period, *jitter, &mut chance);
        if *working {
            moments.retain(|beat| shift(seed, *machine, *day).is_none_or(|(from, to)| (from..to).contains(beat)));
        }
        let place = match place {
            Own(number) => format!("198.19.{}.{}", 40 + number, 1 + chance.below(200)),
            Shared(rank) => site(*rank),
        };
        for beat in &moments {
            // Now and then an order is answered with more than nothing.
            let answer = if chance.happens(0.02) { 90_000.0 } else { 380.0 };
            all.push(call(*beat, *machine, place.clone(), (*bytes, answer), &mut chance));
        }
        truth.add(Verdict::Attack, "beacon", &format!("{},{place}", address(*machine)), &stretches(&moments));
    }
}
