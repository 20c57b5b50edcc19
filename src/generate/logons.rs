//! Logons of an office's accounts as winlogbeat sends them (security events 4624 and 4625); among them stolen accounts, and much that looks like
//! them: slips of the finger, a telephone that knows an old password, administrators, jobs, patch night.

use super::{
    chance::Chance,
    office::{DAYS, Log, Truth, Verdict, at, millisecond, moment, shift, stretches, weekend},
    web::word,
};

const PEOPLE: u64 = 48;
/// The last people administer servers, from an account of their own.
const ADMINISTRATORS: u64 = 3;
const JOBS: [&str; 4] = ["svc-backup", "svc-inventory", "svc-reports", "svc-patch"];
const SERVERS: u64 = 16;
const STREAM: u64 = 0x6c6f_676f;

/// Where the domain controller answers for a desk or a server.
#[derive(Clone, Copy)]
enum Machine {
    Desk(u64),
    Server(u64),
}

use Machine::{Desk, Server};

impl Machine {
    fn name(self) -> String {
        match self {
            Desk(number) => format!("ws-{:03}.office.test", number + 1),
            Server(number) => format!("srv-{:02}.office.test", number + 1),
        }
    }

    fn address(self) -> String {
        match self {
            Desk(number) => format!("10.40.1.{}", 10 + number),
            Server(number) => format!("10.40.0.{}", 10 + number),
        }
    }
}

/// The logons so far.
struct Logons(Log);

impl Logons {
    /// Adds one: 2 at the machine itself, 3 over the network, 10 on its screen from afar, 5 a service.
    fn add(&mut self, moment: f64, user: &str, from: &str, to: Machine, kind: u8, granted: bool) {
        let time = millisecond(moment, "%Y-%m-%dT%H:%M:%S%.3fZ");
        let (id, status) = if granted { (4_624, "") } else { (4_625, ",\"Status\":\"0xc000006d\",\"SubStatus\":\"0xc000006a\"") };
        let package = if kind == 3 { "Kerberos" } else { "Negotiate" };
        self.0.add(
            moment,
            format!(
                "{{\"@timestamp\":\"{time}\",\"winlog\":{{\"channel\":\"Security\",\"computer_name\":\"{}\",\"event_id\":{id},\"event_data\":{{\"TargetUserName\":\"{user}\",\"TargetDomainName\":\"OFFICE\",\"IpAddress\":\"{from}\",\"LogonType\":\"{kind}\",\"AuthenticationPackageName\":\"{package}\"{status}}}}}}}",
                to.name()
            ),
        );
    }
}

/// The account of a person.
fn user(number: u64) -> String {
    format!("{}.{}", word(300 + number % 29, 2), word(4_000 + number, 2))
}

/// The account from which an administrator works on servers.
fn administrator(number: u64) -> String {
    format!("adm-{}", word(4_000 + PEOPLE - ADMINISTRATORS + number, 2))
}

/// The log and its labels.
pub(super) fn logs(seed: u64) -> (String, String) {
    let (mut logons, mut truth) = (Logons(Log::default()), Truth::of("user"));
    for person in 0..PEOPLE {
        for day in 0..DAYS {
            if let Some(shift) = shift(seed, 2_000 + person, day) {
                work(seed, person, day, shift, &mut logons);
                if person >= PEOPLE - ADMINISTRATORS {
                    administer(seed, person + ADMINISTRATORS - PEOPLE, day, shift, &mut logons, &mut truth);
                }
            }
        }
    }
    jobs(seed, &mut logons, &mut truth);
    habits(seed, &mut logons, &mut truth);
    attacks(seed, &mut logons, &mut truth);
    (logons.0.text(), truth.text())
}

/// A person's day: the desk in the morning and after breaks, a few servers, at times from outside.
fn work(seed: u64, person: u64, day: i64, shift: (f64, f64), logons: &mut Logons) {
    let mut chance = Chance::of(seed, [STREAM, person, day as u64]);
    let mut habit = Chance::of(seed, [STREAM, person, u64::MAX]);
    let name = user(person);
    let usual = [0, 1, 2 + habit.below(3), 5 + habit.below(4)];
    let outside = chance.happens(0.15);
    let from = if outside { format!("10.48.0.{}", 10 + chance.below(120)) } else { Desk(person).address() };
    // One in twelve mistypes a password, at most four times.
    if chance.happens(0.08) {
        for slip in 0..=chance.geometric(0.9).min(3) {
            logons.add(shift.0 - 40.0 + slip as f64 * 6.0, &name, "127.0.0.1", Desk(person), 2, false);
        }
    }
    logons.add(shift.0, &name, "127.0.0.1", Desk(person), 2, true);
    for server in &usual[..2] {
        logons.add(shift.0 + chance.between(4.0, 90.0), &name, &from, Server(*server), 3, true);
    }
    for _ in 0..chance.poisson(3.5) {
        let server = if chance.happens(0.04) { chance.below(SERVERS) } else { chance.pick(&usual) };
        logons.add(moment(shift, &mut chance), &name, &from, Server(server), 3, true);
    }
    if chance.happens(0.03) {
        // A colleague's desk.
        logons.add(moment(shift, &mut chance), &name, "127.0.0.1", Desk(chance.below(PEOPLE)), 2, true);
    }
    if chance.happens(0.06) {
        let late = at(day, chance.between(19.5, 22.5));
        logons.add(late, &name, &format!("10.48.0.{}", 10 + chance.below(120)), Server(usual[0]), 3, true);
    }
}

/// An administrator's day: some servers, and on some days all of them.
fn administer(seed: u64, number: u64, day: i64, shift: (f64, f64), logons: &mut Logons, truth: &mut Truth) {
    let mut chance = Chance::of(seed, [STREAM, 500 + number, day as u64]);
    let (name, from) = (administrator(number), Desk(PEOPLE - ADMINISTRATORS + number).address());
    for _ in 0..chance.poisson(4.0) {
        logons.add(moment(shift, &mut chance), &name, &from, Server(chance.below(SERVERS)), chance.pick(&[3, 3, 10]), true);
    }
    if chance.happens(0.22) {
        let begin = moment(shift, &mut chance);
        let moments: Vec<f64> = (0..SERVERS).map(|server| begin + server as f64 * chance.between(20.0, 45.0)).collect();
        for (server, moment) in moments.iter().enumerate() {
            logons.add(*moment, &name, &from, Server(server as u64), 3, true);
        }
        truth.add(Verdict::Allowed, "round_of_servers", &name, &stretches(&moments));
    }
}

/// Jobs at fixed times, and the night of patches, in which one account comes to every machine.
fn jobs(seed: u64, logons: &mut Logons, truth: &mut Truth) {
    for (number, name) in JOBS.iter().enumerate() {
        let mut chance = Chance::of(seed, [STREAM, number as u64, 1]);
        for day in 0..DAYS {
            let rounds: Vec<f64> = match number {
                0 => vec![1.0],
                1 => vec![6.0, 18.0],
                2 => {
                    if weekend(day) {
                        vec![]
                    } else {
                        vec![5.5]
                    }
                }
                _ => {
                    if day == 1 || day == 8 {
                        vec![23.0]
                    } else {
                        vec![]
                    }
                }
            };
            for hour in rounds {
                let servers = if number == 2 { 0..3 } else { 0..SERVERS };
                let mut moments: Vec<f64> = Vec::new();
                for server in servers {
                    moments.push(at(day, hour) + server as f64 * 31.0 + chance.between(0.0, 9.0));
                    logons.add(moments[server as usize], name, &Server(number as u64).address(), Server(server), 3, true);
                }
                if number == 3 {
                    for desk in 0..PEOPLE {
                        moments.push(at(day, hour) + 900.0 + desk as f64 * 22.0);
                        let here = chance.happens(0.9);
                        logons.add(moments[moments.len() - 1], name, &Server(3).address(), Desk(desk), 3, here);
                    }
                    truth.add(Verdict::Allowed, "patch_night", name, &stretches(&moments));
                }
            }
        }
    }
}

/// A telephone that was not told of a new password, and one who is given other work.
fn habits(seed: u64, logons: &mut Logons, truth: &mut Truth) {
    for (person, day) in [(9, 1), (22, 4), (31, 8), (14, 10)] {
        let mut chance = Chance::of(seed, [STREAM, person, 2]);
        let moments: Vec<f64> = (0..34).map(|round| at(day, 9.0) + f64::from(round) * 900.0 + chance.between(0.0, 20.0)).collect();
        for moment in &moments {
            logons.add(*moment, &user(person), "10.40.0.10", Server(1), 3, false);
        }
        truth.add(Verdict::Allowed, "old_password", &user(person), &stretches(&moments));
    }
    for (person, from) in [(5, 7), (27, 8)] {
        for day in from..DAYS {
            let Some(shift) = shift(seed, 2_000 + person, day) else { continue };
            let mut chance = Chance::of(seed, [STREAM, person, 3 + day as u64]);
            for server in [9, 11, 12] {
                logons.add(moment(shift, &mut chance), &user(person), &Desk(person).address(), Server(server), 3, true);
            }
        }
    }
}

/// What a stolen account, or one about to be, does.
enum Deed {
    /// Wrong passwords an hour for some hours, from one address; then one that fits, or not.
    Guess(u32, u32, bool),
    /// Logons to so many servers, so many minutes apart.
    Wander(u64, f64),
    /// So many logons from an address that the account never had.
    Elsewhere(u64),
}

use Deed::{Elsewhere, Guess, Wander};

/// One attack: whose account (from [`PEOPLE`] on: of an administrator, then of a job), day, hour, what.
struct Attack(u64, i64, f64, Deed);

const ATTACKS: [Attack; 17] = [
    Attack(3, 2, 11.0, Guess(30, 1, true)),
    Attack(18, 3, 14.0, Wander(10, 3.0)),
    Attack(40, 4, 2.5, Elsewhere(3)),
    Attack(1, 7, 10.0, Guess(45, 1, true)),
    Attack(7, 7, 21.0, Guess(12, 2, true)),
    Attack(11, 8, 8.0, Guess(2, 8, true)),
    Attack(16, 8, 15.0, Wander(12, 2.0)),
    Attack(20, 9, 9.0, Wander(8, 25.0)),
    Attack(24, 9, 3.0, Elsewhere(4)),
    Attack(28, 9, 13.0, Elsewhere(2)),
    Attack(33, 10, 10.0, Wander(6, 45.0)),
    Attack(36, 10, 1.0, Wander(9, 5.0)),
    Attack(41, 11, 12.0, Guess(4, 3, false)),
    Attack(44, 12, 16.0, Elsewhere(3)),
    Attack(PEOPLE + 1, 10, 2.0, Wander(14, 1.5)),
    Attack(PEOPLE + ADMINISTRATORS, 9, 15.0, Elsewhere(3)),
    Attack(PEOPLE + ADMINISTRATORS + 2, 11, 11.0, Wander(7, 10.0)),
];

fn attacks(seed: u64, logons: &mut Logons, truth: &mut Truth) {
    for (number, Attack(whose, day, hour, deed)) in ATTACKS.iter().enumerate() {
        let mut chance = Chance::of(seed, [STREAM, number as u64, 4]);
        let (name, own) = match whose.checked_sub(PEOPLE) {
            None => (user(*whose), *whose),
            Some(admin) if admin < ADMINISTRATORS => (administrator(admin), PEOPLE - ADMINISTRATORS + admin),
            Some(job) => (JOBS[(job - ADMINISTRATORS) as usize].to_owned(), 30),
        };
        let strange = format!("10.48.0.{}", 140 + number);
        let begin = at(*day, *hour);
        let mut moments = Vec::new();
        let kind = match *deed {
            Guess(rate, hours, found) => {
                let count = chance.poisson(f64::from(rate * hours)).max(u64::from(hours));
                moments.extend((0..count).map(|_| begin + f64::from(hours) * 3_600.0 * chance.unit()));
                for moment in &moments {
                    logons.add(*moment, &name, &strange, Server(0), 3, false);
                }
                if found {
                    moments.push(begin + f64::from(hours) * 3_600.0 + 30.0);
                    logons.add(moments[moments.len() - 1], &name, &strange, Server(0), 3, true);
                }
                "password_guessing"
            }
            Wander(count, minutes) => {
                for step in 0..count {
                    let moment = begin + 60.0 * minutes * (step as f64 + chance.between(-0.2, 0.2));
                    logons.add(moment, &name, &Desk(own).address(), Server((step * 5 + whose) % SERVERS), chance.pick(&[3, 10]), true);
                    moments.push(moment);
                }
                "lateral_movement"
            }
            Elsewhere(count) => {
                for _ in 0..count {
                    let moment = begin + chance.between(0.0, 3_000.0);
                    logons.add(moment, &name, &strange, Server(chance.below(4)), 10, true);
                    moments.push(moment);
                }
                "stolen_account"
            }
        };
        truth.add(Verdict::Attack, kind, &name, &stretches(&moments));
    }
}
