//! The registered part of a host name, by the public suffix list.

use std::{borrow::Cow, net::IpAddr};

use hashbrown::HashMap;
use polars::prelude::*;

/// The part of a host name that was registered: `example.co.uk` of `www.Example.co.uk.`.
///
/// In small letters, without a final dot. A host that has none (an address, a single label, a public suffix itself) stays as it is.
pub fn registered_domain(host: &str) -> Cow<'_, str> {
    let bare = host.trim().trim_end_matches('.');
    let lower = if bare.bytes().any(|b| b.is_ascii_uppercase()) || !bare.is_ascii() {
        Cow::Owned(bare.to_lowercase())
    } else {
        Cow::Borrowed(bare)
    };
    let unbracketed = lower.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&lower);
    if unbracketed.parse::<IpAddr>().is_ok() {
        return lower;
    }
    match psl::domain_str(&lower).filter(|domain| lower.ends_with(*domain)).map(|domain| lower.len() - domain.len()) {
        Some(0) | None => lower,
        Some(cut) => match lower {
            Cow::Borrowed(text) => Cow::Borrowed(&text[cut..]),
            Cow::Owned(text) => Cow::Owned(text[cut..].to_owned()),
        },
    }
}

/// The registered domain of every host of a column; each distinct host is looked up once.
pub(crate) fn registered_domains(hosts: &StringChunked) -> StringChunked {
    let mut known: HashMap<&str, Cow<'_, str>> = HashMap::new();
    let mut builder = StringChunkedBuilder::new(hosts.name().clone(), hosts.len());
    for host in hosts.iter() {
        builder.append_option(host.map(|host| &**known.entry(host).or_insert_with(|| registered_domain(host))));
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registered_part_by_the_public_suffix_list() {
        // Expected values from publicsuffix.org's own rules: com, co.uk, *.ck with !www.ck, github.io (private), unknown top level.
        for (host, domain) in [
            ("www.example.com", "example.com"),
            ("Example.COM.", "example.com"),
            ("a.b.example.co.uk", "example.co.uk"),
            ("a.b.test.ck", "b.test.ck"),
            ("www.ck", "www.ck"),
            ("a.user.github.io", "user.github.io"),
            ("db.corp.internal-zone", "corp.internal-zone"),
            ("co.uk", "co.uk"),
            ("intranet", "intranet"),
            ("192.0.2.7", "192.0.2.7"),
            ("2001:DB8::1", "2001:db8::1"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("", ""),
            ("..", ""),
            ("www.BÜCHER.de", "bücher.de"),
        ] {
            assert_eq!(registered_domain(host), domain, "{host}");
        }
    }
}
