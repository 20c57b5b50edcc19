//! Where a lacking column can be had from, by format.

use super::Part;

/// Column, format (empty: any other), and what to do.
const REMEDIES: &[(&str, &str, &str)] = &[
    ("bytes_up", "squid", "use `%>st` in `logformat`, or take the volumes from the firewall or from flow logs"),
    (
        "bytes_up",
        "combined",
        "log `%I` (Apache's mod_logio) or `$request_length` (NGINX), or take the volumes from the firewall or from flow logs",
    ),
    ("bytes_up", "elff", "add `cs-bytes` to the logged fields (`#Fields:`; in IIS: Logging, Select Fields)"),
    ("bytes_up", "zeek", "read `conn.log` (`orig_bytes`) or `http.log` (`request_body_len`)"),
    (
        "bytes_up",
        "paloalto",
        "URL and threat logs carry no bytes: read the TRAFFIC log, or join it on the session (`gonogo explain format:paloalto`)",
    ),
    ("bytes_up", "eve", "read the events of type `flow` (`bytes_toserver`)"),
    ("bytes_up", "", "take the volumes from the proxy's or firewall's log of connections, or from flow logs"),
    ("user_agent", "squid", "use `%{User-Agent}>h` in `logformat`, as the format `combined` does"),
    ("user_agent", "elff", "add `cs(User-Agent)` to the logged fields"),
    ("user_agent", "zeek", "read `http.log`; where traffic is encrypted only the proxy knows the user agent"),
    ("user_agent", "combined", "log the combined format: `\\\"%{User-Agent}i\\\"`"),
    ("user_agent", "", "log the user agent, or leave the need out"),
    ("user", "squid", "turn on proxy authentication, or make `src_ip` the entity and join DHCP leases (`enrich` with `nearest`)"),
    ("user", "elff", "add `cs-username` to the logged fields, or make `src_ip` the entity"),
    ("user", "zeek", "Zeek sees addresses, not users: make `src_ip` the entity, or join DHCP leases (`enrich` with `nearest`)"),
    ("user", "", "give the column its canonical name in the source's `rename: { account: user }`"),
    ("host", "elff", "add `cs-host` to the logged fields"),
    ("host", "combined", "a server's own log names no destination: read the proxy's log"),
    ("host", "", "give the column its canonical name in the source's `rename: { destination: host }`"),
    ("status", "", "log the result of each request (`sc-status`, `action`)"),
    ("outcome", "", "log whether the attempt succeeded, and name the column `outcome` in the source's `rename`"),
];

/// What to do where a part is lacking.
pub(super) fn remedy(part: &Part, format: &str) -> String {
    let of = |format: &str| part.any.iter().find_map(|name| REMEDIES.iter().find(|(column, other, _)| column == name && *other == format));
    match of(format).or_else(|| of("")) {
        Some((_, _, text)) => (*text).to_owned(),
        None => {
            let names: Vec<String> = part.any.iter().map(|name| format!("`{name}`")).collect();
            format!("where a column tells it under another name, `rename` it to {}", names.join(" or "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{needs::NEEDS, source::FORMATS};

    #[test]
    fn every_remedy_can_be_given() {
        for (column, format, _) in REMEDIES {
            assert!(format.is_empty() || FORMATS.iter().any(|known| known.id == *format), "no source is of format `{format}`");
            assert!(NEEDS.iter().flat_map(|need| need.columns).any(|part| part.any.contains(column)), "{column} of {format}");
        }
    }
}
