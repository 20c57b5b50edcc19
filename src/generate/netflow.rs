//! Flows of an office as `nfdump -o csv` writes them, both directions in one row; among them scans and data that leave, and what moves as much
//! with leave: backups, distribution of software, films, the monitoring, the scanner of the office itself.

use super::{
    chance::{Chance, Zipf},
    office::{DAYS, Log, Truth, Verdict, at, millisecond, moment, shift, stretches, weekend},
};

const DESKS: u64 = 24;
const SERVERS: u64 = 5;
const STREAM: u64 = 0x666c_6f77;
/// The first columns of what nfdump 1.7 writes; the rest are those of routers, empty here.
const HEADER: &str = "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n";

/// What an attack does.
#[derive(Clone, Copy)]
enum Deed {
    /// So many ports of one machine, in so many minutes.
    Ports(u64, f64),
    /// One port of so many addresses, in so many minutes.
    Sweep(u64, f64),
    /// So many megabytes to a new place, within so many hours.
    Send(f64, f64),
    /// So many megabytes to a place that everybody uses.
    Hide(f64, f64),
    /// So many megabytes from a server to a desk.
    Gather(f64),
}

use Deed::{Gather, Hide, Ports, Send, Sweep};

/// One attack: machine, day, hour, what.
struct Attack(u64, i64, f64, Deed);

const ATTACKS: [Attack; 18] = [
    Attack(4, 2, 11.0, Sweep(60, 8.0)),
    Attack(9, 3, 20.0, Send(600.0, 1.0)),
    Attack(15, 4, 14.0, Ports(35, 50.0)),
    Attack(2, 7, 10.0, Ports(80, 6.0)),
    Attack(6, 7, 22.0, Send(900.0, 2.0)),
    Attack(8, 8, 13.0, Sweep(70, 12.0)),
    Attack(11, 8, 9.0, Sweep(48, 480.0)),
    Attack(13, 8, 15.0, Send(140.0, 1.0)),
    Attack(1, 9, 9.0, Send(160.0, 8.0)),
    Attack(17, 9, 2.0, Ports(40, 240.0)),
    Attack(19, 9, 16.0, Hide(450.0, 2.0)),
    Attack(21, 10, 11.0, Hide(60.0, 6.0)),
    Attack(22, 10, 14.0, Gather(1_400.0)),
    Attack(5, 10, 3.0, Send(250.0, 1.0)),
    Attack(10, 11, 12.0, Ports(12, 300.0)),
    Attack(14, 11, 10.0, Gather(240.0)),
    Attack(DESKS + 3, 12, 4.0, Send(380.0, 3.0)),
    Attack(DESKS + 1, 11, 1.0, Sweep(29, 30.0)),
];

/// One flow.
struct Flow {
    at: f64,
    from: String,
    to: String,
    port: u64,
    proto: &'static str,
    flags: &'static str,
    seconds: f64,
    up: u64,
    down: u64,
}

impl Flow {
    /// A connection that both sides closed, as long as its bytes take.
    fn closed(at: f64, machine: u64, to: String, port: u64, bytes: (u64, u64), chance: &mut Chance) -> Self {
        let seconds = chance.lognormal(1.2, 1.0) + (bytes.0 + bytes.1) as f64 / chance.between(2e6, 9e6);
        Self { at, from: address(machine), to, port, proto: "TCP", flags: "...AP.SF", seconds, up: bytes.0, down: bytes.1 }
    }

    /// A connection that nobody answers, or that is refused.
    fn tried(at: f64, machine: u64, to: String, port: u64, refused: bool) -> Self {
        let (flags, down) = if refused { ("....R.S.", 40) } else { ("......S.", 0) };
        Self { at, from: address(machine), to, port, proto: "TCP", flags, seconds: 0.0, up: 60, down }
    }

    fn line(&self, chance: &mut Chance) -> String {
        let packets = |bytes: u64| if bytes == 0 { 0 } else { bytes / 1_350 + 1 + u64::from(bytes > 1_000) * 4 };
        let form = "%Y-%m-%d %H:%M:%S%.3f";
        format!(
            "{},{},{:.3},{},{},{},{},{},{},0,0,{},{},{},{}",
            millisecond(self.at, form),
            millisecond(self.at + self.seconds, form),
            self.seconds,
            self.from,
            self.to,
            49_152 + chance.below(16_000),
            self.port,
            self.proto,
            self.flags,
            packets(self.up),
            self.up,
            packets(self.down),
            self.down
        )
    }
}

fn address(machine: u64) -> String {
    if machine < DESKS { format!("10.50.1.{}", 10 + machine) } else { format!("10.50.0.{}", 10 + machine - DESKS) }
}

/// A site of the web by its rank; below the range that is reserved for measuring networks.
fn site(rank: u64) -> String {
    format!("198.18.{}.{}", 100 + rank / 200, 1 + rank % 200)
}

/// The log and its labels.
pub(super) fn logs(seed: u64) -> (String, String) {
    let (mut flows, mut truth) = (Vec::new(), Truth::of("src_ip"));
    for machine in 0..DESKS {
        for day in 0..DAYS {
            if let Some(shift) = shift(seed, 3_000 + machine, day) {
                desk(seed, machine, day, shift, &mut flows);
            }
        }
    }
    servers(seed, &mut flows, &mut truth);
    allowed(seed, &mut flows, &mut truth);
    attacks(seed, &mut flows, &mut truth);
    let (mut log, mut chance) = (Log::default(), Chance::of(seed, [STREAM, 0, 9]));
    for flow in flows {
        log.add(flow.at, flow.line(&mut chance));
    }
    (HEADER.to_owned() + &log.text(), truth.text())
}

fn desk(seed: u64, machine: u64, day: i64, shift: (f64, f64), flows: &mut Vec<Flow>) {
    let mut chance = Chance::of(seed, [STREAM, machine, day as u64]);
    let mut habit = Chance::of(seed, [STREAM, machine, u64::MAX]);
    let (popular, own) = (Zipf::new(240, 1.05), 240 + habit.below(300));
    for _ in 0..chance.poisson(10.0) {
        let rank = if chance.happens(0.2) { own + chance.geometric(3.0) } else { popular.draw(&mut chance) as u64 };
        let bytes = (chance.size(3_500.0, 1.4), chance.size(40_000.0, 1.7));
        let port = if chance.happens(0.94) { 443 } else { 80 };
        flows.push(Flow::closed(moment(shift, &mut chance), machine, site(rank), port, bytes, &mut chance));
    }
    // Shared files, at times much of them; names; a printer.
    for _ in 0..chance.poisson(2.5) {
        let bytes = (chance.size(60_000.0, 2.0), chance.size(400_000.0, 2.0));
        flows.push(Flow::closed(moment(shift, &mut chance), machine, address(DESKS), 445, bytes, &mut chance));
    }
    for _ in 0..chance.poisson(0.5) {
        let bytes = (chance.size(700_000.0, 1.2), 2_000);
        flows.push(Flow::closed(moment(shift, &mut chance), machine, "10.50.2.20".into(), 9_100, bytes, &mut chance));
    }
    // A meeting by video, both ways; a file for a partner, at times to a place where nobody was before.
    if chance.happens(0.3) {
        let bytes = (chance.size(1.1e8, 0.7), chance.size(2.5e8, 0.7));
        flows.push(Flow::closed(moment(shift, &mut chance), machine, site(2), 443, bytes, &mut chance));
    }
    if chance.happens(0.07) {
        let place = if chance.happens(0.5) { site(chance.below(8)) } else { site(2_000 + chance.below(2_000)) };
        let bytes = (chance.size(1.2e8, 1.0), 60_000);
        flows.push(Flow::closed(moment(shift, &mut chance), machine, place, 443, bytes, &mut chance));
    }
    // A machine that was switched off, a service that moved: somebody always knocks in vain.
    for _ in 0..chance.geometric(0.5) {
        let to = format!("10.50.1.{}", 10 + chance.below(40));
        let port = chance.pick(&[445, 3_389, 135, 9_100]);
        flows.push(Flow::tried(moment(shift, &mut chance), machine, to, port, chance.happens(0.4)));
    }
}

/// Servers: what they ask outside, the nightly backup, the monitoring that comes to everybody every six hours.
fn servers(seed: u64, flows: &mut Vec<Flow>, truth: &mut Truth) {
    for server in DESKS..DESKS + SERVERS {
        for day in 0..DAYS {
            let mut chance = Chance::of(seed, [STREAM, server, day as u64]);
            for _ in 0..chance.poisson(8.0) {
                let bytes = (chance.size(4_000.0, 1.0), chance.size(30_000.0, 1.5));
                flows.push(Flow::closed(at(day, chance.between(0.0, 24.0)), server, site(chance.below(12)), 443, bytes, &mut chance));
            }
            if server < DESKS + 3 {
                // All of it on Saturdays, what changed on other nights.
                let size = if day.rem_euclid(7) == 5 { 3.2e9 } else { 5e8 };
                let moments: Vec<f64> = (0..2).map(|part| at(day, 1.0 + (server - DESKS) as f64 * 0.5) + f64::from(part) * 700.0).collect();
                for moment in &moments {
                    let bytes = (chance.size(size / 2.0, 0.2), 900_000);
                    flows.push(Flow::closed(*moment, server, "198.19.9.30".into(), 443, bytes, &mut chance));
                }
                truth.add(Verdict::Allowed, "backup", &address(server), &stretches(&moments));
            }
            if server == DESKS + 4 {
                for round in 0..4 {
                    for machine in (0..DESKS).step_by(3).chain(DESKS..DESKS + 4) {
                        let bytes = (chance.size(900.0, 0.1), chance.size(2_400.0, 0.2));
                        let moment = at(day, f64::from(round) * 6.0) + machine as f64 * 2.0;
                        flows.push(Flow::closed(moment, server, address(machine), 10_050, bytes, &mut chance));
                    }
                }
            }
        }
    }
}

/// What looks like an attack and was ordered.
fn allowed(seed: u64, flows: &mut Vec<Flow>, truth: &mut Truth) {
    // The office's own scanner, every Thursday evening, from the machine of the monitoring.
    for day in [3, 10] {
        let mut chance = Chance::of(seed, [STREAM, day as u64, 2]);
        let mut moments = Vec::new();
        for machine in 0..DESKS {
            for port in [22, 80, 443, 445, 3_389, 5_900, 8_080] {
                moments.push(at(day, 20.0) + machine as f64 * 90.0 + port as f64 / 200.0);
                flows.push(Flow::tried(moments[moments.len() - 1], DESKS + 4, address(machine), port, chance.happens(0.8)));
            }
        }
        truth.add(Verdict::Allowed, "own_scanner", &address(DESKS + 4), &stretches(&moments));
    }
    // A film for the agency; a developer who tries a service under load.
    for (machine, day, megabytes) in [(12, 1, 900.0), (12, 9, 1_100.0), (18, 11, 700.0)] {
        let mut chance = Chance::of(seed, [STREAM, machine, day as u64 + 1_000]);
        let moment = at(day, 15.0);
        let bytes = (chance.size(megabytes * 1e6, 0.1), 300_000);
        flows.push(Flow::closed(moment, machine, "198.19.9.44".into(), 443, bytes, &mut chance));
        truth.add(Verdict::Allowed, "film", &address(machine), &[(moment, moment)]);
    }
    for (machine, day) in [(20, 2), (20, 8)] {
        let mut chance = Chance::of(seed, [STREAM, machine, day as u64 + 2_000]);
        let moments: Vec<f64> = (0..90).map(|call| at(day, 14.0) + f64::from(call) * 11.0).collect();
        for (call, moment) in moments.iter().enumerate() {
            let port = 8_000 + call as u64 % 45;
            flows.push(Flow::closed(*moment, machine, address(DESKS + 2), port, (1_400, 5_000), &mut chance));
        }
        truth.add(Verdict::Allowed, "load_test", &address(machine), &stretches(&moments));
    }
    // Software for every machine, on two evenings.
    for day in (0..DAYS).filter(|day| !weekend(*day) && day % 6 == 1) {
        let mut chance = Chance::of(seed, [STREAM, day as u64, 5]);
        let moments: Vec<f64> = (0..DESKS).map(|machine| at(day, 18.5) + machine as f64 * 20.0).collect();
        for (machine, moment) in moments.iter().enumerate() {
            let bytes = (chance.size(1.8e8, 0.05), 400_000);
            flows.push(Flow::closed(*moment, DESKS + 1, address(machine as u64), 8_530, bytes, &mut chance));
        }
        truth.add(Verdict::Allowed, "software", &address(DESKS + 1), &stretches(&moments));
    }
}

fn attacks(seed: u64, flows: &mut Vec<Flow>, truth: &mut Truth) {
    for (number, Attack(machine, day, hour, deed)) in ATTACKS.iter().enumerate() {
        let mut chance = Chance::of(seed, [STREAM, number as u64, 4]);
        let begin = at(*day, *hour);
        let mut spread = |count: u64, minutes: f64| -> Vec<f64> {
            let mut drawn: Vec<f64> = (0..count).map(|_| begin + 60.0 * minutes * chance.unit()).collect();
            drawn.sort_by(f64::total_cmp);
            drawn
        };
        let (kind, moments) = match *deed {
            Ports(count, minutes) => ("port_scan", spread(count, minutes)),
            Sweep(count, minutes) => ("sweep", spread(count, minutes)),
            Send(megabytes, hours) | Hide(megabytes, hours) => {
                ("exfiltration", spread((megabytes / 25.0).clamp(2.0, 24.0) as u64, hours * 60.0))
            }
            Gather(_) => ("gathering", spread(6, 40.0)),
        };
        let place = format!("198.19.{}.{}", 60 + number, 1 + chance.below(200));
        for (step, moment) in moments.iter().enumerate() {
            let part = |megabytes: f64, chance: &mut Chance| (megabytes * 1e6 / moments.len() as f64 * chance.between(0.8, 1.2)) as u64;
            flows.push(match *deed {
                Ports(..) => {
                    let port = 1 + chance.below(9_000);
                    Flow::tried(*moment, *machine, address(DESKS + machine % 3), port, chance.happens(0.9))
                }
                Sweep(..) => Flow::tried(*moment, *machine, format!("10.50.1.{}", 1 + (step as u64 * 7) % 240), 445, chance.happens(0.2)),
                Send(megabytes, _) => {
                    let bytes = (part(megabytes, &mut chance), 40_000);
                    Flow::closed(*moment, *machine, place.clone(), 443, bytes, &mut chance)
                }
                Hide(megabytes, _) => {
                    let bytes = (part(megabytes, &mut chance), 40_000);
                    Flow::closed(*moment, *machine, site(1), 443, bytes, &mut chance)
                }
                Gather(megabytes) => {
                    let bytes = (200_000, part(megabytes, &mut chance));
                    Flow::closed(*moment, *machine, address(DESKS), 445, bytes, &mut chance)
                }
            });
        }
        truth.add(Verdict::Attack, kind, &address(*machine), &stretches(&moments));
    }
}
