//! The host of a URL, and the registered part of a host name, by the public suffix list.

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

/// The host of a URL: `example.com` of `https://me@Example.com:8443/path` (as it is written), of `example.com:443` as proxies log tunnels, and of
/// `example.com/path`; an IPv6 address without its brackets. `None` where no host is named.
pub fn url_host(url: &str) -> Option<&str> {
    let url = url.trim();
    let is_scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => (true, rest),
        _ => (false, url.strip_prefix("//").unwrap_or(url)),
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let has_port = match port {
        Some(port) if port.len() > 5 || !port.bytes().all(|byte| byte.is_ascii_digit()) => return None,
        port => port.is_some_and(|port| !port.is_empty()),
    };
    let is_host = !host.is_empty() && !host.contains(char::is_whitespace);
    // Without a scheme or a port, only a name with a dot is surely one.
    (is_host && (scheme || has_port || host.trim_matches('.').contains('.'))).then_some(host)
}

/// The host of every URL of a column.
pub(crate) fn url_hosts(urls: &StringChunked) -> StringChunked {
    let mut builder = StringChunkedBuilder::new(urls.name().clone(), urls.len());
    for url in urls.iter() {
        builder.append_option(url.and_then(url_host));
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_urls() {
        for (url, host) in [
            ("https://me:secret@Example.com:8443/a?b=http://x.org/#c", Some("Example.com")),
            ("http://192.0.2.7/", Some("192.0.2.7")),
            ("http://[2001:db8::1]:80/x", Some("2001:db8::1")),
            ("example.com:443", Some("example.com")),
            ("intranet:8080", Some("intranet")),
            ("http://intranet", Some("intranet")),
            ("example.com/path?to=a:b", Some("example.com")),
            ("//cdn.example.com/x.js", Some("cdn.example.com")),
            ("/path/only", None),
            ("favicon", None),
            ("error:transaction-end-before-headers", None),
            ("-", None),
            ("", None),
            ("some words. and more", None),
        ] {
            assert_eq!(url_host(url), host, "{url}");
        }
    }

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
