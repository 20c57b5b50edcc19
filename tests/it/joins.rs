//! Two proxies of different make in one table, each row with the machine that had its address at that moment, the site of the network, and the
//! owner by the machine's name; held against the same worked out event by event.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use polars::prelude::*;
use polars_io::{SerReader, parquet::read::ParquetReader};

use crate::support::{json, program};

/// 2026-03-16 00:00 UTC.
const START: i64 = 1_773_619_200;

/// Moment, address, machine of the lease.
const LEASES: [(i64, &str, &str); 7] = [
    (0, "10.1.4.9", "pc-010"),
    (0, "10.1.200.1", "pc-011"),
    (0, "10.2.0.5", "srv-1"),
    // The address changes hands in the middle of an hour, and comes back.
    (3 * 3_600 + 1_800, "10.1.4.9", "srv-1"),
    (9 * 3_600, "10.1.4.9", "pc-010"),
    // No event before it knows of it.
    (40 * 3_600, "10.1.200.1", "srv-9"),
    // Never seen in the logs.
    (0, "10.9.9.9", "pc-999"),
];
const SITES: [(&str, u32, &str); 4] =
    [("10.0.0.0", 8, "other"), ("10.1.0.0", 16, "lyon"), ("10.1.4.0", 24, "lab"), ("10.2.0.0", 16, "nice")];
const OWNERS: [(&str, &str); 3] = [("pc-", "desktops"), ("pc-011", "kiosk"), ("srv", "servers")];

const EXPERIMENT: &str = r#"version: 1
name: joins
use_case: { title: Joins }
sources:
  bluecoat: { path: elff.log, format: elff }
  squid: { path: squid.log, format: squid }
  dhcp: { path: dhcp.csv, time: { column: lease_start } }
  sites: { path: sites.csv }
  owners: { path: owners.csv }
events: [bluecoat, squid]
window: { start: 2026-03-16, train_end: 2026-03-17, end: 2026-03-18 }
enrich:
  - { join: dhcp, on: { src_ip: address }, how: nearest, within: 36h, take: [hostname], expect_match: 0.9 }
  - { join: sites, on: { src_ip: network }, how: cidr, take: [site], expect_match: 0.99 }
  - { join: owners, on: { hostname: starts }, how: prefix }
entity: { key: [site, owner], every: 1h }
fields: { requests: { count: "*" }, machines: { distinct: hostname } }
algorithms: [ecod]
"#;

fn number(address: &str) -> u32 {
    address.split('.').fold(0, |sum, part| sum * 256 + part.parse::<u32>().unwrap())
}

#[test]
fn leases_networks_and_prefixes_over_two_proxies_as_by_trying_all() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let (mut elff, mut squid) = (String::from("#Fields: date time c-ip cs-method cs-host sc-status\n"), String::new());
    let mut expected: BTreeMap<(String, String, i64), (u32, std::collections::BTreeSet<&str>)> = BTreeMap::new();
    let mut leased = 0;
    let mut events = 0;
    for step in 0..2 * 24 * 12_i64 {
        for (place, address) in ["10.1.4.9", "10.1.200.1", "10.2.0.5", "10.77.1.1"].into_iter().enumerate() {
            // A step of five minutes, some of them shifted so that events fall on the second of a lease.
            let time = step * 300 + if place == 1 { 60 } else { 0 };
            if (step + place as i64) % 2 == 0 {
                let (day, of_day) = (16 + time / 86_400, time % 86_400);
                writeln!(
                    elff,
                    "2026-03-{day} {:02}:{:02}:{:02} {address} GET a.example 200",
                    of_day / 3_600,
                    of_day / 60 % 60,
                    of_day % 60
                )
                .unwrap();
            } else {
                writeln!(squid, "{}.000 5 {address} TCP_MISS/200 10 GET http://a.example/ - HIER_NONE/- -", START + time).unwrap();
            }
            events += 1;
            let lease = LEASES
                .iter()
                .filter(|(from, of, _)| *of == address && *from <= time && time - from <= 36 * 3_600)
                .max_by_key(|(from, ..)| *from);
            let Some((.., machine)) = lease else { continue };
            leased += 1;
            let site = SITES
                .iter()
                .filter(|(net, bits, _)| number(address) >> (32 - bits) == number(net) >> (32 - bits))
                .max_by_key(|(_, bits, _)| *bits);
            let owner = OWNERS.iter().filter(|(starts, _)| machine.starts_with(starts)).max_by_key(|(starts, _)| starts.len());
            let unit = expected.entry((site.unwrap().2.to_owned(), owner.unwrap().1.to_owned(), time / 3_600)).or_default();
            unit.0 += 1;
            unit.1.insert(machine);
        }
    }
    write("elff.log", &elff);
    write("squid.log", &squid);
    let moment = |from: i64| format!("2026-03-{:02}T{:02}:{:02}:00Z", 16 + from / 86_400, from % 86_400 / 3_600, from % 3_600 / 60);
    let leases = LEASES
        .iter()
        .filter(|(from, ..)| *from < 15 * 86_400)
        .map(|(from, address, machine)| format!("{},{address},{machine}\n", moment(*from)));
    write("dhcp.csv", &format!("lease_start,address,hostname\n{}", leases.collect::<String>()));
    write("sites.csv", &format!("network,site\n{}", SITES.map(|(net, bits, site)| format!("{net}/{bits},{site}\n")).concat()));
    write("owners.csv", &format!("starts,owner\n{}", OWNERS.map(|(starts, owner)| format!("{starts},{owner}\n")).concat()));
    write("joins.yaml", EXPERIMENT);
    let out =
        program().current_dir(folder.path()).args(["run", "joins.yaml", "--out", "out", "--no-events", "--keep-fields"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let run = fs::read_dir(folder.path().join("out/joins"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.join("quality.json").exists())
        .unwrap();

    let units = ParquetReader::new(fs::File::open(run.join("fields.parquet")).unwrap()).finish().unwrap();
    let text = |name: &str| units.column(name).unwrap().cast(&DataType::String).unwrap();
    let whole = |name: &str| units.column(name).unwrap().cast(&DataType::Int64).unwrap();
    let (entities, periods) = (text("entity"), whole("period"));
    let (requests, machines) = (whole("requests"), whole("machines"));
    let found: BTreeMap<(String, i64), (i64, i64)> = (0..units.height())
        .map(|row| {
            let at = |column: &Column| column.i64().unwrap().get(row).unwrap();
            ((entities.str().unwrap().get(row).unwrap().to_owned(), at(&periods)), (at(&requests), at(&machines)))
        })
        .collect();
    assert_eq!(found.len(), expected.len());
    for ((site, owner, hour), (count, machines)) in &expected {
        let own =
            found.iter().find(|((entity, period), _)| period == hour && entity.contains(site.as_str()) && entity.contains(owner.as_str()));
        assert_eq!(own.map(|(_, values)| *values), Some((i64::from(*count), machines.len() as i64)), "{site}, {owner}, hour {hour}");
    }
    // An hour in which the address changes hands has both machines.
    assert!(expected.contains_key(&("lab".into(), "desktops".into(), 3)) && expected.contains_key(&("lab".into(), "servers".into(), 3)));

    let quality = json(&run, "quality.json");
    let joins = quality["joins"].as_array().unwrap();
    assert_eq!((joins[0]["events"].as_u64(), joins[0]["matched"].as_u64()), (Some(events), Some(leased)));
    assert_eq!(joins[1]["matched"].as_u64(), Some(events), "every address lies in 10.0.0.0/8");
    let codes: Vec<(&str, &str)> =
        quality["findings"].as_array().unwrap().iter().map(|f| (f["code"].as_str().unwrap(), f["subject"].as_str().unwrap())).collect();
    assert!(codes.contains(&("W130", "dhcp")) && !codes.contains(&("W130", "sites")), "fewer leases than expected: {codes:?}");
    assert!(codes.contains(&("W143", "entity.key")), "rows without a lease are in no unit: {codes:?}");
}
