//! The questions that a use case may need answered. A new one is an entry here.

use super::{Need, Part};

const fn must(what: &'static str, any: &'static [&'static str]) -> Part {
    Part { what, any, must: true }
}

const fn helps(what: &'static str, any: &'static [&'static str]) -> Part {
    Part { what, any, must: false }
}

/// Who did it.
const WHO: Part = must("user or source address", &["user", "src_ip", "src_host", "host_name", "hostname"]);
/// Where it went.
const WHERE: Part = must("destination", &["host", "domain", "dst_host", "dst_ip", "url"]);

/// Every question, in the order of the documentation.
pub static NEEDS: &[Need] = &[
    Need {
        id: "exfiltration_volume",
        title: "exfiltration by volume",
        doc: "Who sends more data out, to a place, than they or their peers ever do. It stands and falls with the bytes of the upload.",
        columns: &[WHO, must("upload bytes", &["bytes_up"]), WHERE],
        step: None,
        join: None,
    },
    Need {
        id: "beaconing",
        title: "beaconing",
        doc: "Contacts at regular intervals, as malware keeps them. A clock coarser than a second hides the intervals; proxies log a tunnel once, at its end.",
        columns: &[WHO, WHERE, helps("sizes of the contacts", &["bytes_up", "bytes_down"])],
        step: Some(1.0),
        join: None,
    },
    Need {
        id: "user_agent_rarity",
        title: "rare user agents",
        doc: "Programs that almost nobody else uses, by the user agent they send.",
        columns: &[WHO, must("user agent", &["user_agent"])],
        step: None,
        join: None,
    },
    Need {
        id: "generated_domains",
        title: "generated domain names",
        doc: "Names that an algorithm made: by their letters, their number, and how few others ask for them.",
        columns: &[
            WHO,
            must("host name", &["host", "domain", "query_name"]),
            helps("answer of the name server", &["rcode", "rcode_name", "status"]),
        ],
        step: None,
        join: None,
    },
    Need {
        id: "peer_comparison",
        title: "comparison with peers",
        doc: "A user against the users of the same department, team, or role, within the same period.",
        columns: &[WHO],
        step: None,
        join: Some("a group of each user, such as `department`"),
    },
    Need {
        id: "logon_anomaly",
        title: "unusual logons",
        doc: "Logons from places, to machines, at hours, or in numbers that the account never had.",
        columns: &[
            must("account", &["user"]),
            must("source or target machine", &["src_ip", "src_host", "dst_host", "dst_ip", "hostname", "host"]),
            helps("result of the logon", &["outcome", "status", "action", "event_id"]),
        ],
        step: Some(60.0),
        join: None,
    },
    Need {
        id: "lateral_movement",
        title: "lateral movement",
        doc: "Accounts or machines that reach machines they never reached before, inside the network.",
        columns: &[
            must("source machine", &["src_ip", "src_host"]),
            must("destination machine", &["dst_ip", "dst_host", "hostname", "host"]),
            helps("account", &["user"]),
        ],
        step: None,
        join: None,
    },
    Need {
        id: "new_destinations",
        title: "first visits",
        doc: "Places that a user, or anyone, visits for the first time.",
        columns: &[WHO, WHERE],
        step: None,
        join: None,
    },
    Need {
        id: "off_hours",
        title: "activity at unusual hours",
        doc: "Work at hours and on days at which the user never works. It needs a clock and the right zone.",
        columns: &[WHO],
        step: Some(3_600.0),
        join: None,
    },
    Need {
        id: "scanning",
        title: "scans",
        doc: "One source that tries many destinations or ports in a short time.",
        columns: &[
            must("source address", &["src_ip", "src_host"]),
            must("destination or port", &["dst_ip", "dst_port", "dst_host", "port"]),
            helps("result of the attempt", &["status", "action", "conn_state", "flg"]),
        ],
        step: Some(60.0),
        join: None,
    },
    Need {
        id: "denied_traffic",
        title: "refused requests",
        doc: "Users and machines whose requests are refused more often than usual.",
        columns: &[WHO, must("result of the request", &["status", "action", "outcome", "rcode", "rcode_name"])],
        step: None,
        join: None,
    },
    Need {
        id: "alert_triage",
        title: "triage of alerts",
        doc: "Which alerts of today's rules deserve an analyst first.",
        columns: &[
            must("name of the rule", &["rule", "rule_name", "signature", "alert_signature", "name", "short"]),
            must("host, account or address", &["host", "user", "src_ip", "src_host", "dst_ip", "hostname"]),
        ],
        step: None,
        join: None,
    },
];
