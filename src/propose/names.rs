//! What columns of foreign tables are called, and what they are called here.

/// The canonical name, and what tools call it, in small letters without other signs.
const NAMES: &[(&str, &[&str])] = &[
    (
        "user",
        &[
            "username",
            "userid",
            "login",
            "account",
            "accountname",
            "suser",
            "srcuser",
            "sourceuser",
            "usrname",
            "targetusername",
            "userprincipalname",
        ],
    ),
    (
        "src_ip",
        &[
            "srcip",
            "sourceip",
            "sourceaddress",
            "sourceipaddress",
            "src",
            "clientip",
            "cip",
            "srcaddr",
            "saddr",
            "sa",
            "ipaddress",
            "internalip",
            "vmipaddress",
            "localip",
            "localaddress",
        ],
    ),
    (
        "dst_ip",
        &[
            "dstip",
            "destip",
            "destinationip",
            "destinationaddress",
            "dst",
            "dstaddr",
            "daddr",
            "da",
            "serverip",
            "allextips",
            "remoteip",
            "remoteaddress",
        ],
    ),
    ("src_port", &["srcport", "sourceport", "sport", "sp"]),
    ("dst_port", &["dstport", "destport", "destinationport", "dport", "dp"]),
    ("host", &["dhost", "destinationhost", "desthost", "urlhost", "domain", "domainname", "fqdn"]),
    ("hostname", &["computer", "computername", "workstation", "workstationname", "machinename", "devicehostname"]),
    (
        "bytes_up",
        &["bytessent", "sentbytes", "sentbyte", "bytesout", "outbytes", "requestsize", "reqsize", "csbytes", "srcbytes", "origbytes"],
    ),
    (
        "bytes_down",
        &[
            "bytesreceived",
            "receivedbytes",
            "rcvdbyte",
            "bytesin",
            "inbytes",
            "responsesize",
            "respsize",
            "scbytes",
            "dstbytes",
            "respbytes",
        ],
    ),
    ("status", &["statuscode", "responsecode", "respcode", "httpstatus"]),
    ("user_agent", &["useragent", "ua", "httpuseragent", "requestclientapplication"]),
    ("method", &["reqmethod", "httpmethod", "requestmethod"]),
    ("url", &["requesturl", "urlfilename", "eurl"]),
    ("outcome", &["result", "logonresult", "eventoutcome"]),
    ("event_id", &["eventid"]),
];

/// The canonical name of what a tool calls so.
pub(super) fn canonical(own: &str) -> Option<&'static str> {
    let plain: String = own.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    NAMES
        .iter()
        .find(|(name, aliases)| own != *name && (aliases.contains(&plain.as_str()) || name.replace('_', "") == plain))
        .map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_call_it() {
        for (own, name) in [
            ("Source User", "user"),
            ("srcIP", "src_ip"),
            ("Bytes Sent", "bytes_up"),
            ("userAgent", "user_agent"),
            ("Event ID", "event_id"),
        ] {
            assert_eq!(canonical(own), Some(name), "{own}");
        }
        for own in ["user", "src_ip", "color", ""] {
            assert_eq!(canonical(own), None, "{own}");
        }
    }
}
