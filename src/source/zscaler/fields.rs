//! What the fields of a feed hold, under the names of its template and of the exports of the portal.

use std::borrow::Cow;

use crate::source::{
    columns::Kind,
    meaning::{Field, Holds},
};

const fn text(column: &'static str) -> Holds {
    Holds::Column(Cow::Borrowed(column), Kind::Text)
}

/// Names, what they hold, and whether another field of the same meaning is preferred.
static FIELDS: &[(&str, Holds, bool)] = &[
    ("time", Holds::Time(Cow::Borrowed("auto")), false),
    ("datetime", Holds::Time(Cow::Borrowed("auto")), false),
    ("epochtime", Holds::Time(Cow::Borrowed("epoch_s")), false),
    ("login", text("user"), false),
    ("user", text("user"), false),
    ("cip", text("src_ip"), false),
    ("client_ip", text("src_ip"), false),
    ("sip", text("dst_ip"), false),
    ("server_ip", text("dst_ip"), false),
    ("devicehostname", text("src_host"), false),
    ("devicename", text("src_host"), true),
    ("reqmethod", text("method"), false),
    ("http_method", text("method"), false),
    ("url", Holds::BareUrl, false),
    ("host", Holds::HostPort, true),
    ("respcode", Holds::Column(Cow::Borrowed("status"), Kind::Int), false),
    ("http_status", Holds::Column(Cow::Borrowed("status"), Kind::Int), false),
    ("action", text("action"), false),
    ("reqsize", Holds::Count("bytes_up"), false),
    ("request_size", Holds::Count("bytes_up"), false),
    ("respsize", Holds::Count("bytes_down"), false),
    ("response_size", Holds::Count("bytes_down"), false),
    ("ctime", Holds::Duration(1.0), false),
    ("contenttype", text("mime"), false),
    ("ua", text("user_agent"), false),
    ("user_agent", text("user_agent"), false),
    ("referer", text("referrer"), false),
    ("urlcat", text("category"), false),
    ("url_category", text("category"), false),
];
const INTEGERS: [&str; 5] = ["riskscore", "risk_score", "stime", "totalsize", "total_size"];

fn known(name: &str) -> Option<&'static (&'static str, Holds, bool)> {
    FIELDS.iter().find(|(known, ..)| *known == name)
}

/// A field by its name.
pub(super) fn field(name: &str) -> Field {
    if let Some((_, holds, late)) = known(name) {
        return Field { own: name.into(), holds: holds.clone(), late: *late };
    }
    // `e` is percent-encoded, `o` obfuscated.
    match (name.strip_prefix('e').and_then(known), name.strip_prefix('o').and_then(known)) {
        (Some((_, Holds::Column(Cow::Borrowed(column), Kind::Text), _)), _) => Field::late(name, Holds::Encoded(column)),
        (Some((_, holds, _)), _) | (None, Some((_, holds, _))) => Field::late(name, holds.clone()),
        (None, None) => Field::own(name, if INTEGERS.contains(&name) { Kind::Int } else { Kind::Text }),
    }
}

/// Every field that gives something canonical, in all its spellings.
pub(super) fn all() -> impl Iterator<Item = Field> {
    FIELDS.iter().flat_map(|(name, ..)| ["", "e", "o"].map(|sign| field(&format!("{sign}{name}"))))
}
