//! Cisco Umbrella: DNS and web (proxy) logs.
//!
//! # Layout
//! Comma-separated values in quotes, without a header. Later versions of the schema add values at the end: those that a row does not have are
//! null, those beyond the known ones are left out. A row is of the DNS log where the eighth value is a response code (`NOERROR`), of the web log
//! where the eighth is a URL and the eleventh a status.
//!
//! # Traps
//! - Times are UTC.
//! - DNS rows have no bytes: volume needs the web log. The domain ends with a dot, which is left out.
//! - `user` is the identity that the policy was chosen by: a person, a machine, or a network, as `identity_type` says (from version 3 on).
//! - `identities` and `category` are lists, separated by commas. Rows come in batches of ten minutes, not in order.
//!
//! # Columns
//! `timestamp`, `user`, `src_ip` (internal), `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `status`, `action`, `bytes_up`, `bytes_down`, `mime`, `user_agent`,
//! `referrer`, `category`, `dst_ip`; `identities`, `external_ip`, `qtype`, `rcode`, and the other values under their names.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    columns::Kind,
    delimited::{self, Delimited, Told},
    layout::Body,
    meaning::{Field, Holds},
    records::Record,
};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    id: "umbrella",
    summary: "Cisco Umbrella: DNS and web logs",
    text: include_str!("umbrella.rs"),
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
        ("status", Kind::Int),
        ("action", Kind::Text),
        ("bytes_up", Kind::Int),
        ("bytes_down", Kind::Int),
        ("mime", Kind::Text),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
        ("category", Kind::Text),
        ("dst_ip", Kind::Text),
    ],
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| matches!(tell(&delimited::fields(line, b',', &mut Record::default()), false), Told::Row(_))),
    build,
};

/// Options of `umbrella`: none.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {}

const DNS: &str = "timestamp,user,identities,src_ip,external_ip,action,qtype,rcode,domain,category,identity_type,identity_types,blocked_categories,\
    rule_id,dst_countries,organization_id";
const WEB: &str = "timestamp,user,src_ip,external_ip,dst_ip,mime,action,url,referrer,user_agent,status,request_size,response_size,response_body_size,sha256,\
    category,av_detections,puas,amp_disposition,amp_malware,amp_score,identity_type,blocked_categories,identities,identity_types,method,dlp_status,\
    certificate_errors,file_name,ruleset_id,rule_id,destination_lists,isolate_action,file_action,warn_status,forwarding_method,producer,\
    msp_organization_id,blocked_countries,application_ids,hostname,data_center,egress,server_name,time_based_rule,security_overridden,\
    detected_file_type,warn_categories,organization_id";

fn field(name: &str) -> Field {
    let holds = match name {
        "timestamp" => Holds::Time("auto".into()),
        "url" => Holds::BareUrl,
        "domain" => Holds::Domain,
        "status" => Holds::Column("status".into(), Kind::Int),
        "request_size" => Holds::Count("bytes_up"),
        "response_size" => Holds::Count("bytes_down"),
        "response_body_size" => return Field::own(name, Kind::Int),
        _ => return Field::own(name, Kind::Text),
    };
    Field::new(name, holds)
}

fn layout(names: &str) -> Vec<Field> {
    names.split(',').map(|name| field(name.trim())).collect()
}

fn tell(fields: &[&str], _: bool) -> Told {
    let is_time = |text: &str| text.len() == 19 && text.as_bytes()[4] == b'-' && text.as_bytes()[13] == b':';
    let is_code = |text: &str| text.len() >= 4 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let is_size = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if fields.len() < 10 || !is_time(fields[0]) {
        return Told::Not(format!("expected at least 10 values with a time first, found {}", fields.len()).into());
    }
    match fields {
        [.., _] if is_code(fields[7]) && fields[5].chars().all(char::is_alphabetic) => Told::Row(0),
        [_, _, _, _, _, _, _, _, _, _, status, up, down, ..] if is_size(status) && is_size(up) && is_size(down) => Told::Row(1),
        _ => Told::Not("neither the eighth value is a response code, nor are status and sizes at the eleventh to thirteenth".into()),
    }
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options {} = setup.options()?;
    let clock = setup.log_clock(None, &["timestamp"])?;
    Ok(Body::Text(Box::new(Delimited { format: FORMAT.id, delimiter: b',', layouts: vec![layout(DNS), layout(WEB)], tell, clock, nulls: &[] })))
}
