//! What there is to visit: a few services, some thousand sites by popularity, and a million places that hardly anybody knows.

use super::{
    chance::{Chance, Zipf},
    event::Host,
};

/// Parts of invented names.
const SYLLABLES: [&str; 32] = [
    "ba", "ke", "lo", "mi", "nu", "ra", "se", "ti", "vo", "za", "pel", "dor", "gan", "fix", "mon", "tal", "ver", "lin", "sor", "quo",
    "hel", "jun", "wes", "yar", "bri", "cla", "dre", "flo", "gro", "plu", "sta", "tre",
];

/// An invented word of `parts` syllables; different below 32^parts for each `index`.
pub(super) fn word(index: u64, parts: u32) -> String {
    // An odd factor and an offset permute the numbers below a power of two, so that neighbours do not look alike.
    let mut rest = index.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x9e37_79b9) & ((1 << (5 * parts)) - 1);
    let mut name = String::new();
    for _ in 0..parts {
        name.push_str(SYLLABLES[(rest & 31) as usize]);
        rest >>= 5;
    }
    name
}

/// The top-level domains of invented names: reserved, so that no name is anybody's.
fn top_level(index: u64) -> &'static str {
    if index % 10 < 7 { "example" } else { "test" }
}

/// What a site is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Reading.
    Content,
    /// Search.
    Search,
    /// Web mail.
    Mail,
    /// File sharing.
    Share,
    /// Video conferences.
    Meeting,
    /// Printing through the cloud.
    Print,
    /// Source code and artefacts.
    Code,
    /// Customer records.
    Customers,
    /// Publishing and watching films.
    Film,
    /// Static parts of other sites.
    Delivery,
    /// Advertisements and counters.
    Tracker,
    /// Updates of software.
    Updates,
    /// Backups.
    Vault,
    /// The application that is rolled out.
    NewApplication,
    /// A customer's or a supplier's exchange.
    Partner,
}

/// A site that many know.
pub(super) struct Site {
    /// What it is for.
    pub purpose: Purpose,
    /// Its hosts; at least one.
    pub hosts: Vec<String>,
    /// As the proxy classifies it, quoted.
    pub category: &'static str,
    /// Whether the proxy leaves its tunnels closed.
    pub sealed: bool,
}

/// The services, with how many there are of each and the names of their hosts.
const SERVICES: &[(Purpose, u32, &[&str], &str)] = &[
    (Purpose::Search, 2, &["www", "suggest"], "\"Search Engines/Portals\""),
    (Purpose::Mail, 2, &["mail", "attach"], "\"Email\""),
    (Purpose::Share, 4, &["app", "upload", "api"], "\"File Storage/Sharing\""),
    (Purpose::Meeting, 2, &["media-1", "media-2", "media-3"], "\"Online Meetings\""),
    (Purpose::Print, 1, &["spool"], "\"Office/Business Applications\""),
    (Purpose::Code, 2, &["git", "artefacts"], "\"Technology/Internet\""),
    (Purpose::Customers, 2, &["eu1", "api"], "\"Office/Business Applications\""),
    (Purpose::Film, 3, &["www", "ingest", "edge"], "\"Audio/Video Clips\""),
    (Purpose::Delivery, 6, &["static", "img", "fonts"], "\"Content Servers\""),
    (Purpose::Tracker, 12, &["px", "collect"], "\"Web Ads/Analytics\""),
    (Purpose::Updates, 3, &["dl", "au"], "\"Software Downloads\""),
    (Purpose::Vault, 1, &["vault-eu"], "\"Technology/Internet;File Storage/Sharing\""),
    (Purpose::NewApplication, 1, &["sync"], "\"Office/Business Applications\""),
    (Purpose::Partner, 24, &["exchange"], "\"Business/Economy\""),
];

const TOPICS: [&str; 13] = [
    "\"News/Media\"",
    "\"Business/Economy\"",
    "\"Technology/Internet\"",
    "\"Shopping\"",
    "\"Reference\"",
    "\"Travel\"",
    "\"Education\"",
    "\"Sports/Recreation\"",
    "\"Government/Legal\"",
    "\"Social Networking\"",
    "\"Entertainment;News/Media\"",
    "\"Financial Services\"",
    "\"Health\"",
];

/// Places in the long tail.
const TAIL: u32 = 1 << 20;
/// The part of the tail that only attacks use: no different to look at, but never visited by chance.
const PLANTED: u32 = TAIL - 4096;

/// Everything there is to visit.
pub(super) struct Web {
    sites: Vec<Site>,
    first_content: usize,
    popularity: Zipf,
}

impl Web {
    /// Makes the services and 3 000 sites.
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::of(seed, [0x77_6562, 0, 0]);
        let mut sites = Vec::new();
        for (purpose, count, hosts, category) in SERVICES {
            for _ in 0..*count {
                let index = sites.len() as u64;
                let domain = format!("{}.{}", word(index, 3), top_level(index));
                let hosts = hosts.iter().map(|host| format!("{host}.{domain}")).collect();
                sites.push(Site { purpose: *purpose, hosts, category, sealed: *purpose == Purpose::Meeting });
            }
        }
        let first_content = sites.len();
        for index in first_content as u64..first_content as u64 + 3_000 {
            let domain = format!("{}.{}", word(index, 3), top_level(chance.below(10)));
            let category = chance.pick(&TOPICS);
            let hosts = match chance.below(4) {
                0 => vec![domain],
                1 => vec![format!("www.{domain}"), format!("api.{domain}")],
                _ => vec![format!("www.{domain}")],
            };
            let sealed = category.contains("Financial") || category.contains("Health");
            sites.push(Site { purpose: Purpose::Content, hosts, category, sealed });
        }
        Self { sites, first_content, popularity: Zipf::new(3_000, 1.05) }
    }

    /// A site.
    pub fn site(&self, index: u32) -> &Site {
        &self.sites[index as usize]
    }

    /// The sites that serve a purpose.
    pub fn of(&self, purpose: Purpose) -> Vec<u32> {
        (0..self.first_content as u32).filter(|index| self.site(*index).purpose == purpose).collect()
    }

    /// A site by its popularity.
    pub fn popular(&self, chance: &mut Chance) -> u32 {
        (self.first_content + self.popularity.draw(chance)) as u32
    }

    /// A site that exists and that few people know.
    pub fn obscure(&self, chance: &mut Chance) -> u32 {
        (self.first_content as u64 + 2_400 + chance.below(600)) as u32
    }

    /// Any site for reading.
    pub fn any(&self, chance: &mut Chance) -> u32 {
        (self.first_content as u64 + chance.below(3_000)) as u32
    }

    /// A place that hardly anybody knows.
    pub fn tail(chance: &mut Chance) -> Host {
        Host::Tail(chance.below(u64::from(PLANTED)) as u32)
    }

    /// A place that nobody visits by chance.
    pub fn planted(number: u32) -> Host {
        Host::Tail(PLANTED + number % (TAIL - PLANTED))
    }

    /// Writes the name of a host.
    pub fn write_host(&self, host: Host, line: &mut Vec<u8>) {
        match host {
            Host::Site(site, which) => {
                let hosts = &self.site(site).hosts;
                line.extend_from_slice(hosts[usize::from(which) % hosts.len()].as_bytes());
            }
            Host::Tail(index) => {
                if index % 3 == 0 {
                    line.extend_from_slice(b"www.");
                }
                line.extend_from_slice(word(u64::from(index), 4).as_bytes());
                line.push(b'.');
                line.extend_from_slice(top_level(u64::from(index)).as_bytes());
            }
            Host::Generated(bits) => {
                letters(bits, 12 + (bits >> 60) as usize % 6, line);
                line.extend_from_slice(b".test");
            }
            Host::Probe(bits) => letters(bits, 10, line),
        }
    }

    /// How the proxy classifies a host.
    pub fn category(&self, host: Host) -> &'static str {
        match host {
            Host::Site(site, _) => self.site(site).category,
            Host::Tail(index) if index % 2 == 0 => TOPICS[index as usize / 2 % TOPICS.len()],
            Host::Tail(_) | Host::Generated(_) => "\"Uncategorized\"",
            Host::Probe(_) => "\"none\"",
        }
    }
}

fn letters(mut bits: u64, count: usize, line: &mut Vec<u8>) {
    for _ in 0..count {
        line.push(b'a' + (bits % 26) as u8);
        bits = (bits / 26) ^ bits.rotate_left(17);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn invented_words_differ() {
        let words: BTreeSet<String> = (0..1 << 15).map(|index| word(index, 3)).collect();
        // No syllable begins another, so a word has one reading.
        assert_eq!(words.len(), 1 << 15);
    }

    #[test]
    fn every_host_lies_below_a_reserved_domain() {
        let (web, mut chance) = (Web::new(3), Chance::of(3, [1, 1, 1]));
        for _ in 0..2_000 {
            for host in [Host::Site(web.popular(&mut chance), 1), Web::tail(&mut chance), Web::planted(9), Host::Generated(chance.bits())] {
                let mut name = Vec::new();
                web.write_host(host, &mut name);
                let name = String::from_utf8(name).unwrap();
                assert!(name.ends_with(".example") || name.ends_with(".test"), "{name}");
            }
        }
    }
}
