//! Names that an office's machines ask for, as Zeek's dns.log has them; among them names that programs make up, and data that leave as names.
//!
//! Made-up names are ordinary too: look-ups of checksums, measurements, delivery networks, the browser's probes, search suffixes.

use super::{
    chance::{Chance, Zipf},
    office::{DAYS, Log, Truth, Verdict, at, moment, shift, stretches, weekend, zeek},
    web::word,
};

const DESKS: u64 = 32;
/// The mail server asks for policies of senders, day and night.
const MAIL: u64 = DESKS;
const STREAM: u64 = 0x6e61_6d65;
const HEX: &[u8] = b"0123456789abcdef";
const BASE32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

/// How names of a planted program look.
#[derive(Clone, Copy)]
enum Look {
    /// So many letters.
    Letters(usize),
    /// Two words put together.
    Words,
    /// Data below the program's own domain: so many labels of so many characters, and the type asked for.
    Data(usize, usize, &'static str),
}

use Look::{Data, Letters, Words};

/// A planted program: what it is, machine, day, first hour, hours, names an hour, how they look.
struct Planted(&'static str, u64, i64, f64, f64, f64, Look);

const GENERATED: &str = "generated_domains";
const TUNNEL: &str = "dns_tunnel";

const PLANTED: [Planted; 20] = [
    Planted(GENERATED, 4, 2, 10.0, 2.0, 90.0, Letters(14)),
    Planted(GENERATED, 13, 3, 23.0, 3.0, 30.0, Letters(18)),
    Planted(TUNNEL, 21, 3, 14.0, 2.0, 50.0, Data(2, 40, "TXT")),
    Planted(TUNNEL, 9, 4, 9.0, 6.0, 6.0, Data(1, 24, "A")),
    Planted(GENERATED, 2, 7, 11.0, 1.0, 150.0, Letters(12)),
    Planted(GENERATED, 7, 7, 3.0, 2.0, 60.0, Letters(16)),
    Planted(GENERATED, 10, 8, 9.0, 7.0, 8.0, Letters(15)),
    Planted(GENERATED, 15, 8, 13.0, 2.0, 40.0, Words),
    Planted(GENERATED, 18, 9, 10.0, 8.0, 4.0, Words),
    Planted(GENERATED, 23, 9, 15.0, 1.0, 80.0, Letters(10)),
    Planted(GENERATED, 26, 10, 9.0, 6.0, 3.0, Letters(20)),
    Planted(GENERATED, 29, 12, 12.0, 4.0, 20.0, Letters(13)),
    Planted(TUNNEL, 1, 7, 13.0, 2.0, 80.0, Data(2, 44, "TXT")),
    Planted(TUNNEL, 6, 8, 10.0, 3.0, 40.0, Data(1, 52, "A")),
    Planted(TUNNEL, 11, 8, 22.0, 5.0, 12.0, Data(2, 30, "TXT")),
    Planted(TUNNEL, 14, 9, 9.0, 8.0, 4.0, Data(1, 40, "A")),
    Planted(TUNNEL, 19, 9, 14.0, 6.0, 15.0, Data(1, 16, "CNAME")),
    Planted(TUNNEL, 24, 10, 11.0, 2.0, 60.0, Data(3, 20, "A")),
    Planted(TUNNEL, 27, 11, 8.0, 9.0, 2.0, Data(1, 32, "TXT")),
    Planted(TUNNEL, 30, 12, 1.0, 3.0, 30.0, Data(2, 36, "CNAME")),
];

/// What is made.
pub(super) struct Logs {
    /// dns.log.
    pub text: String,
    /// What is true of machines.
    pub labels: String,
    /// What is true of machines and domains: tunnels alone.
    pub tunnels: String,
}

/// The log and its labels.
pub(super) fn logs(seed: u64) -> Logs {
    let mut asked = Asked(Log::default());
    let (mut labels, mut tunnels) = (Truth::of("src_ip"), Truth::of("src_ip,domain"));
    for machine in 0..DESKS {
        for day in 0..DAYS {
            if let Some(shift) = shift(seed, 1_000 + machine, day) {
                desk(seed, machine, day, shift, &mut asked);
            }
        }
    }
    mail(seed, &mut asked);
    checked(seed, &mut asked, &mut labels, &mut tunnels);
    planted(seed, &mut asked, &mut labels, &mut tunnels);
    let header =
        zeek("dns", "ts id.orig_h id.resp_h proto query qtype_name rcode rcode_name", "time addr addr enum string string count string");
    Logs { text: header + &asked.0.text(), labels: labels.text(), tunnels: tunnels.text() }
}

/// The questions so far.
struct Asked(Log);

impl Asked {
    fn ask(&mut self, moment: f64, machine: u64, name: &str, of: &str, found: bool) {
        let code = if found { "0\tNOERROR" } else { "3\tNXDOMAIN" };
        self.0.add(moment, format!("{moment:.6}\t{}\t10.30.0.2\tudp\t{name}\t{of}\t{code}", address(machine)));
    }
}

fn address(machine: u64) -> String {
    if machine == MAIL { "10.30.0.5".into() } else { format!("10.30.1.{}", 10 + machine) }
}

fn random(count: usize, letters: &[u8], chance: &mut Chance) -> String {
    (0..count).map(|_| char::from(chance.pick(letters))).collect()
}

/// A site's domain by its rank.
fn site(rank: u64) -> String {
    format!("{}.example", word(9_000 + rank, 2 + (rank % 2) as u32))
}

fn desk(seed: u64, machine: u64, day: i64, shift: (f64, f64), asked: &mut Asked) {
    let mut chance = Chance::of(seed, [STREAM, machine, day as u64]);
    let mut habit = Chance::of(seed, [STREAM, machine, u64::MAX]);
    let (popular, own, measured) = (Zipf::new(500, 1.0), 500 + habit.below(480), habit.happens(0.3));
    // The browser asks for three names of its own making when it starts, to learn whether somebody answers for everything.
    for _ in 0..3 {
        let length = 7 + chance.below(9) as usize;
        asked.ask(shift.0 + chance.unit(), machine, &random(length, LETTERS, &mut chance), "A", false);
    }
    for _ in 0..chance.poisson(8.0) {
        let moment = moment(shift, &mut chance);
        let rank = if chance.happens(0.18) { own + chance.geometric(4.0) } else { popular.draw(&mut chance) as u64 };
        let front = chance.pick(&["www.", "api.", "img.", ""]);
        let kind = if chance.happens(0.2) { "AAAA" } else { "A" };
        asked.ask(moment, machine, &format!("{front}{}", site(rank)), kind, true);
        // Parts of the page come from delivery networks, under names that say nothing, and the same for everybody.
        if chance.happens(0.35) {
            let part = Chance::of(seed, [STREAM, rank, 1]).bits() >> 32;
            asked.ask(moment + chance.between(0.05, 0.9), machine, &format!("d{part:08x}.delivery.example"), "A", true);
        }
    }
    for _ in 0..chance.poisson(1.6) {
        let moment = moment(shift, &mut chance);
        let name = match chance.below(4) {
            0 => "wpad.office.test".to_owned(),
            1 => format!("{}.office.test", site(popular.draw(&mut chance) as u64)),
            2 => format!("printer-{}.office.test", 1 + chance.below(6)),
            // A slip of the finger.
            _ => format!("www.{}{}", chance.pick(&["w", "e", "i", "n"]), site(popular.draw(&mut chance) as u64)),
        };
        asked.ask(moment, machine, &name, "A", false);
    }
    // The virus scanner sends checksums of files that it does not know; a program installed, and there are many.
    let files = if chance.happens(0.07) { 6 + chance.below(16) } else { chance.geometric(0.7) };
    let from = moment(shift, &mut chance);
    for file in 0..files {
        let name = format!("{}.checksum.{}", random(32, HEX, &mut chance), site(3));
        asked.ask(from + file as f64 * chance.between(0.3, 9.0), machine, &name, "A", chance.happens(0.7));
    }
    if measured {
        for _ in 0..chance.poisson(2.0) {
            let name = format!("{}.m.{}", random(26, BASE32, &mut chance), site(11));
            asked.ask(moment(shift, &mut chance), machine, &name, "A", true);
        }
    }
}

/// The mail server: policies of senders, known and unknown, among them many that do not exist.
fn mail(seed: u64, asked: &mut Asked) {
    for day in 0..DAYS {
        let mut chance = Chance::of(seed, [STREAM, MAIL, day as u64]);
        let senders = Zipf::new(900, 0.8);
        for _ in 0..chance.poisson(if weekend(day) { 10.0 } else { 32.0 }) {
            let moment = at(day, chance.between(0.0, 24.0));
            let front = chance.pick(&["", "", "_dmarc.", "selector1._domainkey."]);
            let sender = site(2_000 + senders.draw(&mut chance) as u64);
            asked.ask(moment, MAIL, &format!("{front}{sender}"), if front.is_empty() { "MX" } else { "TXT" }, chance.happens(0.75));
        }
        for _ in 0..chance.poisson(6.0) {
            let name = format!("{}.{}.18.198.in-addr.arpa", chance.below(200), chance.below(200));
            asked.ask(at(day, chance.between(0.0, 24.0)), MAIL, &name, "PTR", chance.happens(0.6));
        }
    }
}

/// What looks like an attack and was ordered: a machine set up anew scans all of its files; someone tests a list of domains.
fn checked(seed: u64, asked: &mut Asked, labels: &mut Truth, tunnels: &mut Truth) {
    for (machine, day, hour) in [(5, 2, 10.0), (16, 8, 9.0), (25, 10, 14.0)] {
        let mut chance = Chance::of(seed, [STREAM, machine, 2]);
        let moments: Vec<f64> = (0..90).map(|file| at(day, hour) + f64::from(file) * chance.between(12.0, 34.0)).collect();
        for moment in &moments {
            let name = format!("{}.checksum.{}", random(32, HEX, &mut chance), site(3));
            asked.ask(*moment, machine, &name, "A", chance.happens(0.8));
        }
        labels.add(Verdict::Allowed, "machine_set_up", &address(machine), &stretches(&moments));
        tunnels.add(Verdict::Allowed, "machine_set_up", &format!("{},{}", address(machine), site(3)), &stretches(&moments));
    }
    for (machine, day) in [(20, 3), (8, 9)] {
        let mut chance = Chance::of(seed, [STREAM, machine, 3]);
        let moments: Vec<f64> = (0..60).map(|entry| at(day, 15.0) + f64::from(entry) * 4.0).collect();
        for moment in &moments {
            let name = site(5_000 + chance.below(3_000));
            asked.ask(*moment, machine, &name, "A", chance.happens(0.4));
        }
        labels.add(Verdict::Allowed, "list_of_domains", &address(machine), &stretches(&moments));
    }
}

fn planted(seed: u64, asked: &mut Asked, labels: &mut Truth, tunnels: &mut Truth) {
    for (number, Planted(kind, machine, day, hour, hours, rate, look)) in PLANTED.iter().enumerate() {
        let mut chance = Chance::of(seed, [STREAM, number as u64, 4]);
        let count = chance.poisson(rate * hours).max(6);
        let moments: Vec<f64> = (0..count).map(|_| at(*day, hour + hours * chance.unit())).collect();
        let domain = format!("{}.test", word(70_000 + number as u64, 3));
        for moment in &moments {
            let (name, of, found) = match look {
                Letters(count) => (format!("{}.test", random(*count, LETTERS, &mut chance)), "A", chance.happens(0.03)),
                Words => (format!("{}{}.example", word(chance.bits(), 2), word(chance.bits(), 1)), "A", chance.happens(0.05)),
                Data(labels, length, of) => {
                    let data: Vec<String> = (0..*labels).map(|_| random(*length, BASE32, &mut chance)).collect();
                    (format!("{}.{domain}", data.join(".")), *of, true)
                }
            };
            asked.ask(*moment, *machine, &name, of, found);
        }
        labels.add(Verdict::Attack, kind, &address(*machine), &stretches(&moments));
        if *kind == TUNNEL {
            tunnels.add(Verdict::Attack, kind, &format!("{},{domain}", address(*machine)), &stretches(&moments));
        }
    }
}
