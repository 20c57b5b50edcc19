//! Four days of alerts of a small network's rules: daily noise, scanning bursts, one attack of several steps.

use std::fmt::Write as _;

use super::{chance::Chance, office::START};

const HOSTS: [(&str, &str); 9] = [
    ("firewall", "10.40.0.1"),
    ("web", "10.40.0.10"),
    ("mail", "10.40.0.11"),
    ("share", "10.40.1.20"),
    ("intranet", "10.40.1.21"),
    ("database", "10.40.1.22"),
    ("directory", "10.40.1.23"),
    ("desk-1", "10.40.2.101"),
    ("desk-2", "10.40.2.102"),
];

/// A rule: its short name, its name, the hosts it fires on, how often an hour there, and whether it follows the working day.
struct Rule(&'static str, &'static str, &'static [usize], f64, bool);

const RULES: [Rule; 22] = [
    Rule("A-Login", "Authentication: sign-in outside the usual pattern", &[2, 3, 4, 6, 7, 8], 0.35, true),
    Rule("A-Fail", "Authentication: several failed sign-ins", &[1, 2, 3, 6], 0.5, true),
    Rule("A-Sudo", "Authentication: first use of elevated rights by this user", &[4, 5, 6], 0.06, true),
    Rule("A-Key", "Authentication: new key for remote access", &[4, 5], 0.01, true),
    Rule("W-404", "Web: many answers 404 to one client", &[1, 4], 1.2, false),
    Rule("W-Inj", "Web: query looks like an injection", &[1], 0.12, false),
    Rule("W-Agent", "Web: unusual client software", &[1, 4], 0.8, false),
    Rule("W-Upload", "Web: script file uploaded", &[1, 4], 0.02, true),
    Rule("W-Long", "Web: unusually long request", &[1], 0.25, false),
    Rule("N-Dns", "Network: query for a top-level domain seldom seen", &[0, 3, 7, 8], 2.2, true),
    Rule("N-DnsLen", "Network: unusually long name queried", &[0, 3], 0.10, true),
    Rule("N-Scan", "Network: one source tries many ports", &[0], 0.6, false),
    Rule("N-Tls", "Network: certificate not seen before", &[0, 7, 8], 0.9, true),
    Rule("N-Flow", "Network: much data to one outside address", &[0], 0.15, true),
    Rule("N-Smb", "Network: file sharing between desks", &[3, 7, 8], 0.2, true),
    Rule("H-Pkg", "Host: software installed or changed", &[1, 2, 3, 4, 5, 6], 0.12, false),
    Rule("H-Cron", "Host: new scheduled job", &[4, 5], 0.02, true),
    Rule("H-File", "Host: system file changed", &[1, 2, 3, 4, 5, 6], 0.25, false),
    Rule("H-Proc", "Host: process from a temporary folder", &[1, 4, 7, 8], 0.08, true),
    Rule("H-Av", "Host: on-demand malware check found something", &[2, 3, 7, 8], 0.05, false),
    Rule("H-Disk", "Host: disk nearly full", &[3, 5], 0.3, false),
    Rule("M-Spam", "Mail: message refused", &[2], 7.0, false),
];

/// A step of the attack: its label, the rule and host that see it, how many alerts, from which minute after its start, over how many.
struct Step(&'static str, &'static str, usize, u64, f64, f64);

const STEPS: [Step; 14] = [
    Step("network_scan", "N-Scan", 0, 60, 0.0, 14.0),
    Step("web_enumeration", "W-404", 1, 900, 25.0, 18.0),
    Step("web_enumeration", "W-Agent", 1, 300, 25.0, 18.0),
    Step("web_injection", "W-Inj", 1, 14, 52.0, 9.0),
    Step("web_shell", "W-Upload", 1, 1, 70.0, 1.0),
    Step("web_shell", "H-Proc", 1, 4, 72.0, 20.0),
    Step("password_guessing", "A-Fail", 4, 90, 110.0, 22.0),
    Step("password_guessing", "A-Login", 4, 1, 133.0, 1.0),
    Step("privilege_escalation", "A-Sudo", 4, 2, 150.0, 6.0),
    Step("privilege_escalation", "H-File", 4, 3, 154.0, 10.0),
    Step("lateral_movement", "A-Key", 5, 1, 190.0, 1.0),
    Step("lateral_movement", "A-Login", 6, 2, 196.0, 12.0),
    Step("persistence", "H-Cron", 5, 1, 215.0, 1.0),
    Step("data_theft", "N-DnsLen", 0, 160, 260.0, 700.0),
];

/// Writes the table: time (seconds since 1970), name, address, host, short name, whether an attack was going on, its step or `-`.
pub(super) fn csv(seed: u64) -> String {
    let mut chance = Chance::of(seed, [0x616c_6572, 0, 0]);
    let attack = START + 2 * 86_400 + 9 * 3_600 + chance.below(3_600) as i64;
    let mut rows: Vec<(i64, usize, usize, &str)> = Vec::new();
    for (index, rule) in RULES.iter().enumerate() {
        for host in rule.2 {
            for hour in 0..96_i64 {
                let of_day = hour % 24;
                let working = if (7..18).contains(&of_day) { 1.8 } else { 0.25 };
                let mean = rule.3 * if rule.4 { working } else { 1.0 } * chance.lognormal(0.8, 0.7);
                for _ in 0..chance.poisson(mean) {
                    rows.push((START + hour * 3_600 + chance.below(3_600) as i64, index, *host, "-"));
                }
            }
        }
    }
    // Outsiders scan all the time; nobody opens that.
    for day in 0..4_i64 {
        for _ in 0..2 + chance.below(3) {
            let at = START + day * 86_400 + chance.below(80_000) as i64;
            let (rule, host, count) = chance.pick(&[(4, 1, 1_400.0), (11, 0, 500.0), (6, 1, 700.0), (8, 1, 250.0)]);
            let span = 600 + chance.below(2_400);
            for _ in 0..chance.size(count, 0.5).min(6_000) {
                rows.push((at + chance.below(span) as i64, rule, host, "-"));
            }
        }
        // The weekly check of all machines, and jobs at fixed times.
        for (host, _) in HOSTS.iter().enumerate().skip(1) {
            for (rule, hour) in [(17, 3), (15, 4)] {
                for _ in 0..chance.poisson(if day == 1 { 9.0 } else { 1.5 }) {
                    rows.push((START + day * 86_400 + hour * 3_600 + chance.below(240) as i64, rule, host, "-"));
                }
            }
        }
    }
    for Step(label, short, host, count, from, over) in &STEPS {
        let rule = RULES.iter().position(|rule| rule.0 == *short).unwrap_or(0);
        for _ in 0..*count {
            rows.push((attack + (from * 60.0) as i64 + (over * 60.0 * chance.unit()) as i64, rule, *host, label));
        }
    }
    rows.sort();
    let end = attack + 16 * 3_600;
    let mut text = String::from("time,name,ip,host,short,time_label,event_label\n");
    for (at, rule, host, label) in rows {
        let Rule(short, name, ..) = &RULES[rule];
        let (host, ip) = HOSTS[host];
        let during = if (attack..end).contains(&at) { "attack" } else { "benign" };
        let _ = writeln!(text, "{at},{name},{ip},{host},{short},{during},{label}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_there_and_rows_are_in_order() {
        let text = csv(1);
        let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
        assert!(rows.iter().all(|row| row.len() == 7));
        assert!(rows.is_sorted_by_key(|row| row[0].parse::<i64>().unwrap()));
        for step in &STEPS {
            assert!(rows.iter().any(|row| row[4] == step.1 && row[6] == step.0), "{}", step.0);
        }
        assert_eq!(text, csv(1));
        assert_ne!(text, csv(2));
    }
}
