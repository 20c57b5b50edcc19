//! What the formats of Windows' security log have in common: the fields of its events under canonical columns.

use super::{
    columns::Kind,
    named::{How, Name, Watched},
};

/// The canonical columns of all of them.
pub(super) const COLUMNS: &[(&str, Kind)] = &[
    ("timestamp", Kind::Time),
    ("event_id", Kind::Int),
    ("action", Kind::Text),
    ("user", Kind::Text),
    ("src_ip", Kind::Text),
    ("src_port", Kind::Int),
    ("src_host", Kind::Text),
    ("host", Kind::Text),
    ("method", Kind::Text),
    ("logon_type", Kind::Int),
];

/// Fields of event data and the columns that they give, in every format.
pub(super) const EVENT_DATA: [(&str, &str, How); 9] = [
    ("TargetUserName", "user", How::Plain),
    ("SubjectUserName", "user", How::Plain),
    ("IpAddress", "src_ip", How::Address),
    ("ClientAddress", "src_ip", How::Address),
    ("IpPort", "src_port", How::Plain),
    ("WorkstationName", "src_host", How::Plain),
    ("Workstation", "src_host", How::Plain),
    ("AuthenticationPackageName", "method", How::Plain),
    ("LogonType", "logon_type", How::Plain),
];

/// The own name of the derived action.
pub(super) const ACTION: Name = ("action", "action", How::Plain);

/// What an event says was done: logons as `success` or `failure`, as every authentication source has them.
pub(super) fn action(event_id: &str, status: Option<&str>) -> Option<&'static str> {
    let failed = status.is_some_and(|status| !matches!(status.trim_start_matches("0x").trim_start_matches('0'), ""));
    Some(match event_id {
        "4624" => "success",
        "4625" | "4771" => "failure",
        "4768" | "4769" | "4770" | "4776" if failed => "failure",
        "4768" | "4769" | "4770" | "4776" => "success",
        "4634" | "4647" => "logoff",
        "4648" => "explicit_credentials",
        "4672" => "privileges",
        "4688" => "process",
        "4740" => "lockout",
        _ => return None,
    })
}

/// Adds the action to a record whose event id and status were watched.
pub(super) fn add_action(watched: &mut Watched<'_>, event_id: &[&str], status: &[&str]) {
    let first = |watched: &Watched<'_>, names: &[&str]| names.iter().find_map(|name| watched.get(name).map(str::to_owned));
    if let Some(id) = first(watched, event_id)
        && let Some(action) = action(&id, first(watched, status).as_deref())
    {
        watched.add(ACTION.0, action);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions() {
        assert_eq!(action("4624", None), Some("success"));
        assert_eq!(action("4776", Some("0x0")), Some("success"));
        assert_eq!(action("4768", Some("0x00000000")), Some("success"));
        assert_eq!(action("4776", Some("0xc000006a")), Some("failure"));
        assert_eq!(action("1102", None), None);
    }
}
