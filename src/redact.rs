//! What is shown in place of the values of some columns (`report.redact`): keyed pseudonyms, networks, nothing.
//!
//! A pseudonym is the column's name and twelve hexadecimal digits of BLAKE3 (O'Connor et al. 2020) keyed with 32 random bytes over the value. The
//! key lies outside every run folder; who has it, and a list of candidates, can tell who is who, and nobody else can. The same key gives the
//! same pseudonyms in every run, so that runs stay comparable. Of 20 000 values, two share a pseudonym with a chance of one in a million.

use std::{
    fs,
    io::Write as _,
    net::IpAddr,
    path::{Path, PathBuf},
};

use indexmap::IndexMap;
use rand::RngCore as _;

use crate::{
    error::{Error, Result},
    spec::Redaction,
};

pub use self::check::{check, compared};

mod check;

/// What `gonogo explain redact` says.
pub const EXPLAINED: &str = "\
redact: columns whose values are not shown as they are

In an experiment
  report:
    redact: { user: pseudonym, src_ip: prefix, url: drop }

  pseudonym   the column's name and twelve digits of a keyed hash: `user-3fa9c104d2e1`, the same in every run with the same key
  prefix      the network of an address: /24 of IPv4, /48 of IPv6; what is no address becomes a pseudonym. Of a key column of the entity, the
              network and a pseudonym, so that entities stay apart
  drop        nothing; not for a key column of the entity

Detectors, rules, joins and labels see the values as they are: no figure and no verdict changes. Everything that a run writes holds what is
shown: report, figures, alerts, events, scores, state, quality, review sheets, exports. In the events behind the alerts, a redacted value is
also taken out of other columns of the same event (a user in a URL), and columns that hold a part of it are redacted too (a host's domain).
Lines that do not parse are counted and not shown. Values that rules of the experiment compare with ('svc-backup') are replaced where they are
written in quotes; what the author writes as prose (titles, reasons, comments) stays as it is. An error that ends a run may quote, on the
terminal alone, the line that it could not read.

The key is 32 random bytes outside the run folder: `gonogo/redact.key` in the user's folder of settings, made by the first run that needs it, or
--redact-key FILE (GONOGO_REDACT_KEY). Beside it `redact.names.csv` tells which value each pseudonym stands for: that is where an analyst looks
up a row of a review sheet. Keep both as you keep the logs; without the key nothing can be looked up.

The cache of parsed events holds values as they are: it is off for such an experiment, unless --cache DIR names a place for it.
A saved run takes other rules of `suppress` only where they name no redacted column: its values are gone.

`gonogo report RUN --share FOLDER` makes a folder that may leave the house, of any run: without events, state and scores; entities that are not
redacted become numbers there.
";

/// The digits of a pseudonym.
const DIGITS: usize = 12;

/// What the columns' values are hashed with.
#[derive(Clone)]
pub struct Key {
    secret: [u8; 32],
    path: PathBuf,
}

impl std::fmt::Debug for Key {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.path.display())
    }
}

impl Key {
    /// Where a key lies that the user has not named: below the user's folder of settings.
    pub fn usual_path() -> Option<PathBuf> {
        let below = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
        Some(below("XDG_CONFIG_HOME").or_else(|| Some(below("HOME")?.join(".config")))?.join("gonogo/redact.key"))
    }

    /// Reads a key; one that is not there is made, for its owner alone.
    ///
    /// # Errors
    /// When it lies below `reports`, where it would travel with the runs, is no key, or cannot be read or written.
    pub fn open(path: &Path, reports: &Path) -> Result<Self> {
        let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if whole(path).starts_with(whole(reports)) {
            return Err(Error::usage(
                format!("the key `{}` would lie among the reports", path.display()),
                Some("keep it outside of them: --redact-key FILE".into()),
            ));
        }
        match Self::read(path) {
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Self::make(path),
            read => read,
        }
    }

    fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
        let digits = text.trim();
        let mut secret = [0; 32];
        let bytes = digits.len() == 64 && digits.is_ascii();
        let read = bytes
            && secret.iter_mut().enumerate().all(|(at, byte)| {
                let parsed = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16);
                *byte = *parsed.as_ref().unwrap_or(&0);
                parsed.is_ok()
            });
        if read {
            Ok(Self { secret, path: path.to_owned() })
        } else {
            Err(Error::data_hint(
                format!("`{}` is no key: expected 64 hexadecimal digits", path.display()),
                "name another file with --redact-key; where there is none, a key is made",
            ))
        }
    }

    fn make(path: &Path) -> Result<Self> {
        let mut secret = [0; 32];
        rand::rngs::OsRng
            .try_fill_bytes(&mut secret)
            .map_err(|error| Error::data(format!("the system gives no random numbers: {error}")))?;
        let digits: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        match place(path, format!("{digits}\n").as_bytes(), false) {
            // Another run made one meanwhile: both are to use the same.
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::AlreadyExists => Self::read(path),
            made => made.map(|()| Self { secret, path: path.to_owned() }),
        }
    }

    /// The pseudonym of a column's value.
    fn pseudonym(&self, column: &str, value: &str) -> String {
        let hash = blake3::keyed_hash(&self.secret, value.as_bytes()).to_hex();
        format!("{column}-{}", &hash.as_str()[..DIGITS])
    }
}

/// How the columns of an experiment are shown, with the key.
#[derive(Debug, Clone)]
pub struct Ways {
    key: Key,
    columns: IndexMap<String, Redaction>,
}

impl Ways {
    /// Those of an experiment; `None` where it redacts nothing. `key` is the file that the user names, `reports` where runs are written.
    ///
    /// # Errors
    /// As [`Key::open`], and where the user has no folder of settings.
    pub fn of(columns: &IndexMap<String, Redaction>, key: Option<&Path>, reports: &Path) -> Result<Option<Self>> {
        if columns.is_empty() {
            return Ok(None);
        }
        let path = key.map(Path::to_owned).or_else(Key::usual_path);
        let path = path
            .ok_or_else(|| Error::usage("there is no place for the key of `report.redact`", Some("name one: --redact-key FILE".into())))?;
        Ok(Some(Self { key: Key::open(&path, reports)?, columns: columns.clone() }))
    }

    /// How a column is shown; `None`: as it is.
    pub fn of_column(&self, column: &str) -> Option<Redaction> {
        self.columns.get(column).copied()
    }

    /// What is shown of a redacted column's value; `None` where that is nothing.
    pub fn shown(&self, way: Redaction, column: &str, value: &str) -> Option<String> {
        match way {
            Redaction::Pseudonym => Some(self.key.pseudonym(column, value)),
            Redaction::Prefix => Some(network(value).unwrap_or_else(|| self.key.pseudonym(column, value))),
            Redaction::Drop => None,
        }
    }

    /// Whether a text is what is shown of one value alone.
    pub fn is_pseudonym(&self, shown: &str) -> bool {
        let digits = shown.rsplit_once('-').map_or("", |(_, digits)| digits);
        digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// What is shown of a value that must stay apart from others: one of a key column.
    pub fn apart(&self, column: &str, value: &str) -> String {
        match (self.of_column(column), network(value)) {
            (None, _) => value.to_owned(),
            (Some(Redaction::Prefix), Some(network)) => self.key.pseudonym(&network, value),
            (Some(_), _) => self.key.pseudonym(column, value),
        }
    }

    /// Adds to the list, beside the key, of what each pseudonym stands for; gives its path.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn keep_names<'a>(&self, names: impl Iterator<Item = (&'a str, &'a str)>) -> Result<PathBuf> {
        let path = self.key.path.with_extension("names.csv");
        let failed = |error: csv::Error| Error::data(format!("`{}`: {error}", path.display()));
        // One run after the other: the list that one writes holds what the other wrote. Given back when this is done, however it ends.
        let key = fs::File::open(&self.key.path).map_err(|error| Error::io("read", &self.key.path, error))?;
        // A file system without locks cannot be helped.
        let _ = key.lock();
        let mut known = std::collections::BTreeMap::new();
        if path.exists() {
            for record in csv::Reader::from_path(&path).map_err(failed)?.records() {
                let record = record.map_err(failed)?;
                known.insert(record.get(0).unwrap_or_default().to_owned(), record.get(1).unwrap_or_default().to_owned());
            }
        }
        known.extend(names.map(|(value, shown)| (shown.to_owned(), value.to_owned())));
        let mut text = csv::Writer::from_writer(Vec::new());
        text.write_record(["shown", "value"]).map_err(failed)?;
        for (shown, value) in &known {
            text.write_record([shown, value]).map_err(failed)?;
        }
        private(&path, &text.into_inner().map_err(|error| Error::Internal(error.to_string()))?)?;
        Ok(path)
    }
}

/// The network of an address: /24 of IPv4, /48 of IPv6.
fn network(value: &str) -> Option<String> {
    Some(match value.trim().parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    })
}

/// Writes a file that its owner alone can read; one with that name is replaced whole.
fn private(path: &Path, bytes: &[u8]) -> Result<()> {
    place(path, bytes, true)
}

/// As [`private`]; without `again`, one with that name is an error.
fn place(path: &Path, bytes: &[u8], again: bool) -> Result<()> {
    let failed = |error| Error::io("write", path, error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
    // Temporary files are made for their owner alone.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.flush()).map_err(failed)?;
    let placed = if again { file.persist(path) } else { file.persist_noclobber(path) };
    placed.map(drop).map_err(|error| failed(error.error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(columns: &[(&str, Redaction)]) -> Ways {
        let key = Key { secret: *b"whats the Elvish word for friend", path: PathBuf::new() };
        Ways { key, columns: columns.iter().map(|(name, way)| ((*name).to_owned(), *way)).collect() }
    }

    #[test]
    fn a_pseudonym_is_the_published_keyed_hash() {
        // The first of BLAKE3's test vectors: the empty input under this key (test_vectors.json of the reference implementation).
        assert_eq!(ways(&[]).key.pseudonym("user", ""), "user-92b2b75604ed");
    }

    #[test]
    fn networks_of_addresses_and_pseudonyms_of_the_rest() {
        let ways = ways(&[("src_ip", Redaction::Prefix), ("user", Redaction::Pseudonym), ("url", Redaction::Drop)]);
        let shown = |value| ways.shown(Redaction::Prefix, "src_ip", value).unwrap();
        assert_eq!(shown("10.1.2.77"), "10.1.2.0/24");
        assert_eq!(shown("::ffff:10.1.2.77"), "10.1.2.0/24");
        assert_eq!(shown("2001:db8:1:2::9"), "2001:db8:1::/48");
        assert!(shown("unknown").starts_with("src_ip-"));
        assert_eq!(ways.shown(Redaction::Drop, "url", "x"), None);
        assert_ne!(ways.apart("src_ip", "10.1.2.77"), ways.apart("src_ip", "10.1.2.78"));
        assert!(ways.apart("src_ip", "10.1.2.77").starts_with("10.1.2.0/24-"));
        assert_eq!(ways.apart("department", "sales"), "sales");
    }

    #[test]
    fn runs_that_begin_at_once_make_one_key_and_one_list() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let (path, reports) = (folder.path().join("settings/redact.key"), folder.path().join("reports"));
            let barrier = std::sync::Barrier::new(8);
            let begin = |number: usize| {
                barrier.wait();
                let key = Key::open(&path, &reports).unwrap();
                let ways = Ways { key: key.clone(), columns: IndexMap::new() };
                let (value, shown) = (format!("value {number}"), format!("user-{number}"));
                ways.keep_names([(value.as_str(), shown.as_str())].into_iter()).unwrap();
                key.secret
            };
            let secrets: Vec<[u8; 32]> = std::thread::scope(|scope| {
                let begin = &begin;
                let threads: Vec<_> = (0..8).map(|number| scope.spawn(move || begin(number))).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert!(secrets.iter().all(|secret| *secret == secrets[0] && *secret == Key::read(&path).unwrap().secret));
            let names = fs::read_to_string(path.with_extension("names.csv")).unwrap();
            assert_eq!(names.lines().count(), 9, "{names}");
            assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 2, "nothing else is left");
        }
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_and_kept_out_of_the_reports() {
        let folder = tempfile::tempdir().unwrap();
        let (path, reports) = (folder.path().join("keys/redact.key"), folder.path().join("reports"));
        let made = Key::open(&path, &reports).unwrap();
        assert_eq!(Key::open(&path, &reports).unwrap().secret, made.secret);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o077, 0);
        assert!(Key::open(&reports.join("x/redact.key"), &reports).is_err());
        fs::write(&path, "short").unwrap();
        assert!(Key::open(&path, &reports).unwrap_err().to_string().contains("is no key"));
    }

    #[test]
    fn the_list_of_names_grows() {
        let folder = tempfile::tempdir().unwrap();
        let ways = Ways { key: Key::open(&folder.path().join("redact.key"), Path::new("/nowhere")).unwrap(), columns: IndexMap::new() };
        ways.keep_names([("ann", "user-1"), ("bob, jr", "user-2")].into_iter()).unwrap();
        let path = ways.keep_names([("ann", "user-1"), ("cid", "user-3")].into_iter()).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "shown,value\nuser-1,ann\nuser-2,\"bob, jr\"\nuser-3,cid\n");
    }
}
