//! Palo Alto PAN-OS: traffic, threat and URL logs.
//!
//! # Layout
//! Comma-separated values without a header, as syslog carries them: the type is the fourth (`TRAFFIC`, `THREAT`), and each type has its own order.
//! Later versions add values at the end; those beyond the known ones are left out, and rows of several types may stand in one file. Exports of the
//! user interface begin with a header (`Domain,Receive Time,Serial #,...`), which names the columns then. A row may have more values than names.
//!
//! # Traps
//! - **URL and threat logs have no bytes**: volume is in the traffic log. Both have `session_id`: read traffic as a second source whose time is that of
//!   the session's start, and join it to the URLs. Session numbers come again, so that an event takes the last session of its number that began before
//!   it; `once` keeps the bytes of a session with several URLs from being summed several times:
//!
//! ```yaml
//! sources:
//!   urls:    { path: threat-*.csv, format: paloalto }
//!   traffic: { path: traffic-*.csv, format: paloalto, time: { column: start_time }, where: "type = 'TRAFFIC' and subtype = 'end'" }
//! events: [urls]
//! enrich:
//!   - { join: traffic, on: { session_id: session_id, device: device }, how: nearest, within: 1d, take: [bytes_up, bytes_down], once: [bytes_up, bytes_down], expect_match: 0.9 }
//! ```
//!
//! - Traffic logs have no URL and no host; `bytes_up` is what the source sent. A session is logged when it ends, with all its bytes (`subtype: end`);
//!   `subtype: start` rows have few: leave them out with `where: subtype = 'end'`.
//! - Times are the device's own, without a zone: `options: { timezone: Europe/Paris }`. The time is that of generation; `time: { column: start_time }`
//!   takes that of the session's start.
//! - URLs have no scheme; with a category that hides them they are empty.
//! - `Repeat Count` counts equal sessions that one row stands for.
//!
//! # Columns
//! `timestamp`, `user` (of the source), `src_ip`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url` (URL and threat), `action`, `bytes_up`, `bytes_down`, `duration_ms` (traffic),
//! `mime`, `user_agent`, `referrer`, `category`, `dst_ip`; others as `rule`, `app`, `session_id`, `repeat_count`, `src_port`, `dst_port`, `protocol`, `subtype`, `threat`,
//! `severity`, `direction`, `device`, `session_end_reason`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    columns::Kind,
    delimited::{self, Delimited, Tell, Told},
    layout::Body,
    meaning::{Field, Holds},
    records::Record,
};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    id: "paloalto",
    summary: "Palo Alto PAN-OS: traffic, threat and URL logs, from syslog or exported",
    text: include_str!("paloalto.rs"),
    columns: &[
        ("timestamp", Kind::Time),
        ("user", Kind::Text),
        ("src_ip", Kind::Text),
        ("method", Kind::Text),
        ("scheme", Kind::Text),
        ("host", Kind::Text),
        ("port", Kind::Int),
        ("path", Kind::Text),
        ("query", Kind::Text),
        ("url", Kind::Text),
        ("action", Kind::Text),
        ("bytes_up", Kind::Int),
        ("bytes_down", Kind::Int),
        ("duration_ms", Kind::Float),
        ("mime", Kind::Text),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
        ("category", Kind::Text),
        ("dst_ip", Kind::Text),
    ],
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| !matches!(by_generation(&delimited::fields(line, b',', &mut Record::default()), true), Told::Not(_))),
    build,
};

/// Options of `paloalto`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The zone of the device; UTC.
    timezone: Option<String>,
}

/// The values that every type begins with, up to the action.
const COMMON: &str = "config,receive_time,serial,type,subtype,config_version,generated_time,src_ip,dst_ip,nat_src,nat_dst,rule,src_user,dst_user,app,vsys,\
    src_zone,dst_zone,in_interface,out_interface,log_action,time_logged,session_id,repeat_count,src_port,dst_port,nat_src_port,nat_dst_port,flags,protocol,action";
const TRAFFIC: &str = "bytes,bytes_sent,bytes_received,packets,start_time,elapsed,category,padding,sequence,action_flags,src_country,dst_country,cpadding,\
    packets_sent,packets_received,session_end_reason,dg_1,dg_2,dg_3,dg_4,vsys_name,device,action_source";
const THREAT: &str = "misc,threat,category,severity,direction,sequence,action_flags,src_country,dst_country,cpadding,content_type,pcap_id,file_digest,cloud,\
    url_index,user_agent,file_type,xff,referer,sender,subject,recipient,report_id,dg_1,dg_2,dg_3,dg_4,vsys_name,device,file_url,src_uuid,dst_uuid,http_method";

/// The names that exports give, where they differ from those above.
const EXPORTED: &[(&str, &str)] = &[
    ("Domain", "config"),
    ("Receive Time", "receive_time"),
    ("Serial #", "serial"),
    ("Type", "type"),
    ("Threat/Content Type", "subtype"),
    ("Config Version", "config_version"),
    ("Generate Time", "generated_time"),
    ("Source address", "src_ip"),
    ("Destination address", "dst_ip"),
    ("NAT Source IP", "nat_src"),
    ("NAT Destination IP", "nat_dst"),
    ("Rule", "rule"),
    ("Source User", "src_user"),
    ("Destination User", "dst_user"),
    ("Application", "app"),
    ("Session ID", "session_id"),
    ("Repeat Count", "repeat_count"),
    ("Source Port", "src_port"),
    ("Destination Port", "dst_port"),
    ("IP Protocol", "protocol"),
    ("Action", "action"),
    ("Bytes", "bytes"),
    ("Bytes Sent", "bytes_sent"),
    ("Bytes Received", "bytes_received"),
    ("Packets", "packets"),
    ("Start Time", "start_time"),
    ("Elapsed Time (sec)", "elapsed"),
    ("Category", "category"),
    ("URL/Filename", "misc"),
    ("URL", "misc"),
    ("Threat/Content Name", "threat"),
    ("Severity", "severity"),
    ("Direction", "direction"),
    ("contenttype", "content_type"),
    ("Device Name", "device"),
    ("pkts_sent", "packets_sent"),
    ("pkts_received", "packets_received"),
];

/// Values that are whole numbers.
const INTEGERS: [&str; 9] =
    ["session_id", "repeat_count", "src_port", "dst_port", "bytes", "packets", "packets_sent", "packets_received", "sequence"];

/// When the row was made.
const GENERATED: &str = "generated_time";
/// When its session began; of traffic alone.
const STARTED: &str = "start_time";

/// What a field holds; `time` is the one whose time the row has.
fn field(name: &str, time: &str) -> Field {
    let text = |column: &'static str| Holds::Column(column.into(), Kind::Text);
    let holds = match name {
        _ if name == time => Holds::Time("auto".into()),
        "src_user" => text("user"),
        "misc" => Holds::BareUrl,
        "bytes_sent" => Holds::Count("bytes_up"),
        "bytes_received" => Holds::Count("bytes_down"),
        "elapsed" => Holds::Duration(1_000.0),
        "content_type" => text("mime"),
        "referer" => text("referrer"),
        "http_method" => text("method"),
        "src_ip" | "dst_ip" | "action" | "category" | "user_agent" => Holds::Column(name.to_owned().into(), Kind::Text),
        _ if INTEGERS.contains(&name) => return Field::own(name, Kind::Int),
        _ => return Field::own(name, Kind::Text),
    };
    Field::new(name, holds)
}

fn layout(rest: &str, time: &str) -> Vec<Field> {
    COMMON.split(',').chain(rest.split(',')).map(|name| field(name.trim(), time)).collect()
}

fn header(fields: &[&str], time: &str) -> Vec<Field> {
    let named = |own: &str| {
        let name = EXPORTED.iter().find(|(exported, _)| *exported == own).map_or(own, |(_, name)| *name);
        Field { own: own.to_owned(), ..field(name, time) }
    };
    fields.iter().map(|own| named(own)).collect()
}

const KIND: usize = 3;

fn by_generation(fields: &[&str], headed: bool) -> Told {
    tell(fields, headed, GENERATED)
}

fn by_start(fields: &[&str], headed: bool) -> Told {
    tell(fields, headed, STARTED)
}

fn tell(fields: &[&str], headed: bool, time: &str) -> Told {
    let least = COMMON.split(',').count();
    if fields.len() < least {
        return Told::Not(format!("expected at least {least} fields, found {}", fields.len()).into());
    }
    match fields[KIND] {
        "Type" => Told::Header(header(fields, time)),
        "TRAFFIC" | "THREAT" if headed => Told::Headed,
        "TRAFFIC" => Told::Row(0),
        "THREAT" | "URL" => Told::Row(1),
        _ => Told::Not("the fourth field is none of `TRAFFIC` and `THREAT`".into()),
    }
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let options: Options = setup.options()?;
    let clock = setup.log_clock(options.timezone.as_deref(), &["timestamp", GENERATED, STARTED])?;
    let (time, tell): (_, Tell) =
        if setup.time.is_some_and(|time| time.column == STARTED) { (STARTED, by_start) } else { (GENERATED, by_generation) };
    let layouts = vec![layout(TRAFFIC, time), layout(THREAT, time)];
    Ok(Body::Text(Box::new(Delimited { format: FORMAT.id, delimiter: b',', layouts, tell, clock, nulls: &[] })))
}
