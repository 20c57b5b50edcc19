//! The small files beside the logs: the table of machines, the labels, a word on where all this comes from.

use std::{collections::BTreeMap, fmt::Write as _};

use chrono::DateTime;

use super::{
    DemoOptions, DemoSummary,
    attack::Incident,
    chance::Chance,
    event::{BACKUP, ORDINARY, Tag},
    people::{Company, DEPARTMENTS, SERVICE_ACCOUNTS},
};

/// The first line of what a reader of the folder should know.
pub(super) const README: &str = "# Synthetic demo data";
/// The first line of the labels.
pub(super) const LABELS: &str = "user,start,end,incident,kind,disposition";
/// The first line of the table of machines.
pub(super) const MACHINES: &str = "ip,hostname,department,site,owner";

/// First and last event of each hour, by tag and actor: what the labels are made from.
#[derive(Default)]
pub(super) struct Traces(BTreeMap<(Tag, u32), BTreeMap<i64, (i64, i64)>>);

impl Traces {
    /// Takes note of an event.
    pub fn add(&mut self, tag: Tag, actor: u32, at: i64) {
        if tag != ORDINARY {
            let hour = self.0.entry((tag, actor)).or_default().entry(at.div_euclid(3_600)).or_insert((at, at));
            *hour = (hour.0.min(at), hour.1.max(at));
        }
    }

    /// Takes the notes of another part; hours are told apart by day, so none is in both.
    pub fn join(&mut self, other: Self) {
        for (key, hours) in other.0 {
            self.0.entry(key).or_default().extend(hours);
        }
    }

    /// Stretches of neighbouring hours: from the first event to a second after the last.
    fn stretches(hours: &BTreeMap<i64, (i64, i64)>) -> Vec<(i64, i64)> {
        let mut out: Vec<(i64, i64, i64)> = Vec::new();
        for (hour, (first, last)) in hours {
            match out.last_mut() {
                Some((_, end, at)) if *at + 1 == *hour => (*end, *at) = (last + 1, *hour),
                _ => out.push((*first, last + 1, *hour)),
            }
        }
        out.into_iter().map(|(start, end, _)| (start, end)).collect()
    }
}

fn utc(second: i64) -> String {
    DateTime::from_timestamp(second, 0).map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}

/// The labels: incidents first, then what is right but legitimate.
pub(super) fn labels(company: &Company, incidents: &[Incident], traces: &Traces) -> String {
    let mut text = format!("{LABELS}\n");
    for ((tag, actor), hours) in &traces.0 {
        let incident = incidents.iter().find(|incident| incident.tag == *tag);
        let (id, kind, disposition) = match incident {
            Some(incident) => (incident.id(), incident.kind.name(), "true_positive"),
            None if *tag == BACKUP => (String::new(), "backup", "benign_true_positive"),
            None => (String::new(), "new_application", "benign_true_positive"),
        };
        for (start, end) in Traces::stretches(hours) {
            let _ = writeln!(text, "{},{},{},{id},{kind},{disposition}", company.user(*actor), utc(start), utc(end));
        }
    }
    text
}

/// The table of machines: about 97 in 100 of them, as such tables are.
pub(super) fn machines(options: &DemoOptions, company: &Company) -> String {
    let mut text = format!("{MACHINES}\n");
    for (number, person) in company.people.iter().enumerate() {
        for remote in [false, true] {
            let known = Chance::of(options.seed, [0x636d_6462, number as u64, u64::from(remote)]).happens(0.97);
            if !known || (remote && !person.remote_worker) {
                continue;
            }
            let [a, b, c, d] = company.address(number as u32, remote);
            let (suffix, site) = if remote { ("-vpn", "Remote") } else { ("", person.site) };
            let department = DEPARTMENTS[person.department].name;
            let _ = writeln!(text, "{a}.{b}.{c}.{d},{}{suffix},{department},{site},{}", person.hostname, person.user);
        }
    }
    for (number, account) in SERVICE_ACCOUNTS.iter().enumerate() {
        let [a, b, c, d] = company.address(company.service(number as u32), false);
        let _ = writeln!(text, "{a}.{b}.{c}.{d},srv-{:02},Operations,Data centre,{account}", number + 1);
    }
    text
}

/// What a reader of the folder should know.
pub(super) fn readme(options: &DemoOptions, summary: &DemoSummary) -> String {
    let judged = options.start + chrono::Days::new(u64::from(options.training_days()));
    format!(
        "{README}

**Nothing here is real.** No person, host, address, company or attack in these files exists; names lie below the reserved domains
`.example` and `.test`, addresses in private networks. Made for the days from {start} on by

    gonogo generate demo --seed {seed} --users {users} --events-per-user-day {events} --days {days}

which writes the same text from the same seed.

| file | what |
| --- | --- |
| `proxy/proxy-*.log.gz` | {rows} requests of {users} people, their machines and three service accounts, one file a day (UTC), W3C extended format as web proxies write it |
| `cmdb.csv` | address, machine, department; about 97 % of the machines |
| `labels.csv` | every planted attack (`true_positive`), and what is right but legitimate (`benign_true_positive`): backups, and the roll-out of a new application; times are UTC, `end` is not included |
| `alerts/alerts.csv.gz` | another use case: four days of rule alerts on a few machines, one attack of several steps |
| `table.csv.gz` | another use case: a plain table with outliers of four kinds |
| `beaconing/` | another use case, and another, smaller office (as in all that follow): two weeks of Zeek's conn.log of 39 machines; `labels.csv` names machine and place |
| `dns/` | Zeek's dns.log of 33 machines; `labels.csv` names machines, `tunnels.csv` machine and domain, of tunnels alone |
| `auth/` | security events 4624 and 4625 of 55 accounts, as winlogbeat sends them |
| `flows/` | flows of 29 machines, as `nfdump -o csv` writes them |

## What the proxy logs hold

The company works at UTC+1. People have working hours, days off, holidays, and favourites; places and volumes are heavy-tailed. Much of
what is uploaded is ordinary: video conferences, shared files, printing, films, artefacts, files for partners (at times to places nobody
has seen before), backups at night, synchronisation all day. The night after the second Tuesday brings updates for all machines; the
second Monday is a holiday. From {judged} on, a new application is rolled out to two people in five.

{training} attacks lie before {judged} (training data are never clean), {judged_incidents} from then on: bulk exfiltration, slow drips,
beacons, generated domains. Some are loud; some stay below a threshold; some hide in a service that everybody uses, where no count of
requests, bytes or places shows them. That is many more than a company of this size meets in so few days: think of an exercise. Precision
measured here says nothing about a real network.

## What the small logs hold

Two weeks from 2026-03-02 on, of an office at UTC+1: the first for learning, with three or four attacks in it, the second to be judged, with thirteen to sixteen. People have working
hours, days off and favourites. What looks like an attack and was ordered is labelled `benign_true_positive`; what merely looks like one is not labelled.

| folder | what looks like an attack | attacks |
| --- | --- | --- |
| `beaconing/` | updaters, mail, pages left open, video, servers and machines of the building that call their makers day and night, people's own scripts | programs that call home every minute to every two hours, jitter of 5 to 80 %, two of them to places that everybody uses |
| `dns/` | checksums that the virus scanner asks for, measurements, delivery networks, the browser's probes, search suffixes, slips of the finger, a mail server, lists of domains | random and word-like made-up names, 3 to 150 an hour; data in names of 16 to 88 characters, 2 to 80 an hour |
| `auth/` | mistyped passwords, a telephone with an old one, work from outside, a colleague's desk, administrators on their rounds, jobs, patch night, new tasks | guessed passwords (2 to 45 tries an hour), logons to 6 to 14 machines in minutes or hours, accounts used from elsewhere |
| `flows/` | backups, distribution of software, films, video, files for partners, the monitoring, the office's own scanner, a load test | scans of 12 to 80 ports, sweeps of 29 to 70 addresses, 60 to 900 MB to new or to usual places, files gathered from a server |
",
        start = options.start,
        seed = options.seed,
        users = options.users,
        events = options.events_per_user_day,
        days = options.days,
        rows = summary.events,
        training = summary.training_incidents,
        judged_incidents = summary.judged_incidents,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_hours_become_one_stretch() {
        let mut traces = Traces::default();
        for at in [3_700, 3_650, 7_300, 18_000] {
            traces.add(1, 5, at);
        }
        traces.add(ORDINARY, 5, 10);
        let hours = &traces.0[&(1, 5)];
        assert_eq!(Traces::stretches(hours), [(3_650, 7_301), (18_000, 18_001)]);
        assert_eq!(traces.0.len(), 1);
    }
}
