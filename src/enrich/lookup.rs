//! Ways in which an event finds its row of a side table: the same key, a network that holds the address, a prefix, the last row before it.

use std::net::IpAddr;

use hashbrown::HashMap;
use polars::prelude::{DataFrame, DataType, IdxSize, StringChunked};

use super::{column, engine, texts, write_key};
use crate::{
    error::{Error, Result},
    spec::{self, How},
};

/// Where the rows of a side table are found.
#[derive(Debug, Clone)]
pub(super) enum Lookup {
    /// By the key's text.
    Exact(HashMap<String, IdxSize>),
    /// By the narrowest network that holds the address.
    Networks(Networks),
    /// By the longest text that the value begins with.
    Prefixes { rows: HashMap<String, IdxSize>, lengths: Vec<usize> },
    /// By the key's text, the last row that is not after the event.
    Nearest { rows: HashMap<String, Vec<(i64, IdxSize)>>, within: Option<i64> },
}

impl Lookup {
    /// Makes the lookup of a side table, and says how many keys stand more than once in it.
    ///
    /// # Errors
    /// When a column does not exist, or a key is not what the join takes it for.
    pub(super) fn of(join: &spec::Join, table: &DataFrame) -> Result<(Self, u64)> {
        let names: Vec<&str> = join.on.values().map(String::as_str).collect();
        let keys = texts(table, &names, &join.join)?;
        match join.how {
            How::Exact => {
                let mut found = First::default();
                each_key(&keys, table.height(), |key, row| found.put(key.to_owned(), row));
                Ok((Self::Exact(found.rows), found.twice.len() as u64))
            }
            How::Prefix => {
                let mut found = First::default();
                each_key(&keys, table.height(), |key, row| found.put(key.to_owned(), row));
                let mut lengths: Vec<usize> = found.rows.keys().map(String::len).collect();
                lengths.sort_unstable_by(|a, b| b.cmp(a));
                lengths.dedup();
                Ok((Self::Prefixes { rows: found.rows, lengths }, found.twice.len() as u64))
            }
            How::Cidr => {
                let (networks, twice) = Networks::of(&keys[0], &join.join, names[0])?;
                Ok((Self::Networks(networks), twice))
            }
            How::Nearest => {
                let times = times(join, table)?;
                let mut rows: HashMap<String, Vec<(i64, IdxSize)>> = HashMap::new();
                each_key(&keys, table.height(), |key, row| {
                    if let Some(time) = times[row as usize] {
                        rows.entry_ref(key).or_default().push((time, row));
                    }
                });
                let mut twice = 0;
                for of_key in rows.values_mut() {
                    of_key.sort_unstable();
                    twice += of_key.windows(2).filter(|pair| pair[0].0 == pair[1].0).count() as u64;
                    // Of rows of one time the first in the table counts.
                    of_key.dedup_by_key(|(time, _)| *time);
                }
                let within = join.within.map(|within| (within.seconds() * 1e6) as i64);
                Ok((Self::Nearest { rows, within }, twice))
            }
        }
    }

    /// Whether it looks at the time of the event.
    pub(super) fn takes_time(&self) -> bool {
        matches!(self, Self::Nearest { .. })
    }

    /// The row of a key at a time in microseconds.
    pub(super) fn find(&self, key: &str, time: Option<i64>) -> Option<IdxSize> {
        match self {
            Self::Exact(rows) => rows.get(key).copied(),
            Self::Networks(networks) => networks.find(key.trim().parse().ok()?),
            Self::Prefixes { rows, lengths } => {
                let whole = lengths.iter().filter(|length| key.is_char_boundary(**length) && **length <= key.len());
                whole.into_iter().find_map(|length| rows.get(&key[..*length])).copied()
            }
            Self::Nearest { rows, within } => {
                let (of_key, time) = (rows.get(key)?, time?);
                let (found, row) = of_key.get(of_key.partition_point(|(at, _)| *at <= time).checked_sub(1)?)?;
                within.is_none_or(|within| time.saturating_sub(*found) <= within).then_some(*row)
            }
        }
    }
}

/// Rows by key, the first of each.
#[derive(Default)]
struct First {
    rows: HashMap<String, IdxSize>,
    twice: std::collections::BTreeSet<String>,
}

impl First {
    fn put(&mut self, key: String, row: IdxSize) {
        if self.rows.contains_key(&key) {
            self.twice.insert(key);
        } else {
            self.rows.insert(key, row);
        }
    }
}

fn each_key(keys: &[StringChunked], height: usize, mut see: impl FnMut(&str, IdxSize)) {
    let mut key = String::new();
    for row in 0..height {
        key.clear();
        if write_key(keys, row, &mut key).is_some() {
            see(&key, row as IdxSize);
        }
    }
}

/// The times of the side table's rows: of the column that the join names, or of its only time column.
fn times(join: &spec::Join, table: &DataFrame) -> Result<Vec<Option<i64>>> {
    let is_time = |dtype: &DataType| matches!(dtype, DataType::Datetime(..));
    let found = match &join.time {
        Some(name) => column(table, name, &join.join)?,
        None => {
            let mut all = table.columns().iter().filter(|column| is_time(column.dtype()));
            match (all.next(), all.next()) {
                (Some(only), None) => only,
                (None, _) => return Err(no_time(&join.join, "has no time column")),
                (Some(_), Some(_)) => return Err(no_time(&join.join, "has several time columns")),
            }
        }
    };
    if !is_time(found.dtype()) {
        return Err(no_time(&join.join, &format!("has a column `{}` that is no time", found.name())));
    }
    let micros = found.cast(&super::micros_utc()).and_then(|times| times.cast(&DataType::Int64)).map_err(engine)?;
    Ok(micros.i64().map_err(engine)?.iter().collect())
}

fn no_time(source: &str, why: &str) -> Error {
    Error::data_hint(
        format!("the join of `{source}` takes the nearest row in time, and `{source}` {why}"),
        format!("say where its time is: `sources: {{ {source}: {{ time: {{ column: start }} }} }}`, and `time: start` in the join"),
    )
}

/// Rows by network: for each length of a prefix, the networks of that length.
#[derive(Debug, Default, Clone)]
pub(super) struct Networks {
    /// Narrowest first.
    by_length: Vec<(Family, u8, HashMap<u128, IdxSize>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    Four,
    Six,
}

impl Family {
    fn bits(self) -> u8 {
        if self == Self::Four { 32 } else { 128 }
    }
}

/// An address as a number; one of IPv4 that is written as one of IPv6 (`::ffff:10.0.0.1`) is one of IPv4.
fn number(address: IpAddr) -> (Family, u128) {
    match address.to_canonical() {
        IpAddr::V4(address) => (Family::Four, u128::from(address.to_bits())),
        IpAddr::V6(address) => (Family::Six, address.to_bits()),
    }
}

fn masked(family: Family, address: u128, length: u8) -> u128 {
    let host = family.bits() - length;
    if host == 128 { 0 } else { address >> host << host }
}

/// Reads `10.0.0.0/8`; an address alone is a network of itself.
fn network(text: &str) -> Option<(Family, u8, u128)> {
    let (address, length) = text.trim().split_once('/').map_or((text.trim(), None), |(address, length)| (address, Some(length)));
    let (family, address) = number(address.parse().ok()?);
    let length = length.map_or(Some(family.bits()), |length| length.parse().ok())?;
    (length <= family.bits()).then(|| (family, length, masked(family, address, length)))
}

impl Networks {
    fn of(keys: &StringChunked, source: &str, name: &str) -> Result<(Self, u64)> {
        let mut networks = Self::default();
        let mut twice = 0;
        for (row, text) in keys.iter().enumerate() {
            let Some(text) = text else { continue };
            let Some((family, length, address)) = network(text) else {
                let message = format!("`{}` in `{source}.{name}` (row {}) is no network", crate::text::visible_within(text, 60), row + 1);
                return Err(Error::data_hint(message, "networks are written `10.0.0.0/8` or `2001:db8::/32`"));
            };
            let place = networks.by_length.iter().position(|(f, l, _)| (*f, *l) == (family, length)).unwrap_or_else(|| {
                networks.by_length.push((family, length, HashMap::new()));
                networks.by_length.len() - 1
            });
            let rows = &mut networks.by_length[place].2;
            if rows.contains_key(&address) {
                twice += 1;
            } else {
                rows.insert(address, row as IdxSize);
            }
        }
        networks.by_length.sort_by_key(|(family, length, _)| (*family, std::cmp::Reverse(*length)));
        Ok((networks, twice))
    }

    fn find(&self, address: IpAddr) -> Option<IdxSize> {
        let (family, address) = number(address);
        let of_family = self.by_length.iter().filter(|(other, ..)| *other == family);
        of_family.into_iter().find_map(|(_, length, rows)| rows.get(&masked(family, address, *length))).copied()
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;
    use proptest::prelude::*;

    use super::*;

    fn join(text: &str) -> spec::Join {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn networks_by_hand() {
        let table = df!("net" => ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32", "0.0.0.0/0"]).unwrap();
        let (lookup, _) = Lookup::of(&join("{ join: sites, on: { src_ip: net }, how: cidr }"), &table).unwrap();
        for (address, row) in [
            ("10.200.0.1", Some(0)),
            ("10.1.9.9", Some(1)),
            ("10.1.2.3", Some(2)),
            ("::ffff:10.1.2.3", Some(2)),
            ("2001:DB8::9", Some(3)),
            ("192.0.2.1", Some(4)),
            ("2001:db9::1", None),
            ("host", None),
        ] {
            assert_eq!(lookup.find(address, None), row, "{address}");
        }
        let bad = df!("net" => ["10.0.0.0/33"]).unwrap();
        let error = Lookup::of(&join("{ join: sites, on: { src_ip: net }, how: cidr }"), &bad).unwrap_err();
        assert!(error.to_string().contains("`10.0.0.0/33` in `sites.net` (row 1) is no network"), "{error}");
    }

    fn leases(rows: &[(&str, i64)]) -> DataFrame {
        let times: Vec<i64> = rows.iter().map(|(_, time)| *time).collect();
        let times = Series::new("start".into(), times).i64().unwrap().clone().into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        DataFrame::new(
            rows.len(),
            vec![Column::new("ip".into(), rows.iter().map(|(ip, _)| *ip).collect::<Vec<_>>()), times.into_series().into_column()],
        )
        .unwrap()
    }

    proptest! {
        #[test]
        fn networks_as_by_trying_all(networks in prop::collection::vec((any::<u32>(), 0u8..=32), 0..12), address in any::<u32>(), near in any::<bool>()) {
            let networks: Vec<(u32, u8)> = networks.into_iter().map(|(address, length)| (address & 0xc0a8_ffff, length)).collect();
            let address = match networks.first() { Some((network, _)) if near => network ^ (address & 0xff), _ => address };
            let texts: Vec<String> = networks.iter().map(|(address, length)| format!("{}/{length}", std::net::Ipv4Addr::from(*address))).collect();
            let table = DataFrame::new(texts.len(), vec![Column::new("net".into(), texts)]).unwrap();
            let (lookup, _) = Lookup::of(&join("{ join: sites, on: { src_ip: net }, how: cidr }"), &table).unwrap();
            let holds = |(network, length): &(u32, u8)| *length == 0 || (network ^ address) >> (32 - u32::from(*length)) == 0;
            // Narrowest first, then the first row.
            let expected = networks.iter().enumerate().filter(|(_, network)| holds(network)).max_by(|a, b| a.1.1.cmp(&b.1.1).then(b.0.cmp(&a.0)));
            prop_assert_eq!(lookup.find(&std::net::Ipv4Addr::from(address).to_string(), None), expected.map(|(row, _)| row as IdxSize));
        }

        #[test]
        fn prefixes_as_by_trying_all(prefixes in prop::collection::vec("[abé]{0,4}", 0..8), value in "[abé]{0,6}") {
            let table = DataFrame::new(prefixes.len(), vec![Column::new("p".into(), prefixes.clone())]).unwrap();
            let (lookup, _) = Lookup::of(&join("{ join: t, on: { v: p }, how: prefix }"), &table).unwrap();
            let fits = prefixes.iter().enumerate().filter(|(_, prefix)| value.starts_with(prefix.as_str()));
            let expected = fits.max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.cmp(&a.0))).map(|(row, _)| row as IdxSize);
            prop_assert_eq!(lookup.find(&value, None), expected);
        }

        #[test]
        fn nearest_as_by_trying_all(rows in prop::collection::vec(("[ab]", 0i64..50), 0..12), key in "[abc]", time in 0i64..60, within in prop::option::of(0i64..20)) {
            let rows: Vec<(String, i64)> = rows.into_iter().map(|(ip, second)| (ip, second * 1_000_000)).collect();
            let table = leases(&rows.iter().map(|(ip, time)| (ip.as_str(), *time)).collect::<Vec<_>>());
            let within_text = within.map(|within| format!(", within: {}s", within.max(1))).unwrap_or_default();
            let (lookup, _) = Lookup::of(&join(&format!("{{ join: dhcp, on: {{ src_ip: ip }}, how: nearest{within_text} }}")), &table).unwrap();
            let time = time * 1_000_000;
            let good = |row: &(String, i64)| row.0 == key && row.1 <= time && within.is_none_or(|within| time - row.1 <= within.max(1) * 1_000_000);
            let expected = rows.iter().enumerate().filter(|(_, row)| good(row)).max_by(|a, b| a.1.1.cmp(&b.1.1).then(b.0.cmp(&a.0)));
            prop_assert_eq!(lookup.find(&key, Some(time)), expected.map(|(row, _)| row as IdxSize));
        }
    }

    #[test]
    fn without_a_time_nothing_is_near() {
        let (lookup, _) = Lookup::of(&join("{ join: dhcp, on: { src_ip: ip }, how: nearest }"), &leases(&[("a", 5)])).unwrap();
        assert_eq!((lookup.find("a", Some(5)), lookup.find("a", Some(4)), lookup.find("a", None)), (Some(0), None, None));
        let none = Lookup::of(&join("{ join: cmdb, on: { src_ip: ip }, how: nearest }"), &df!("ip" => ["a"]).unwrap()).unwrap_err();
        assert!(none.to_string().contains("`cmdb` has no time column"), "{none}");
    }
}
