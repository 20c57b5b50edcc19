//! The parts of a URL as proxies write it: whole, `host:port` of a tunnel, or a path alone.

/// Parts of a URL; slices of its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    pub(crate) scheme: Option<&'a str>,
    pub(crate) host: Option<&'a str>,
    /// As written; else the scheme's own.
    pub(crate) port: Option<&'a str>,
    pub(crate) path: Option<&'a str>,
    /// With its `?`, as ELFF writes it.
    pub(crate) query: Option<&'a str>,
}

/// One of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Scheme,
    Host,
    Port,
    Path,
    Query,
}

impl Part {
    /// The part that a canonical column holds.
    pub(crate) fn named(column: &str) -> Option<Self> {
        Some(match column {
            "scheme" => Self::Scheme,
            "host" => Self::Host,
            "port" => Self::Port,
            "path" => Self::Path,
            "query" => Self::Query,
            _ => return None,
        })
    }
}

impl<'a> Url<'a> {
    pub(crate) fn part(&self, part: Part) -> Option<&'a str> {
        match part {
            Part::Scheme => self.scheme,
            Part::Host => self.host,
            Part::Port => self.port,
            Part::Path => self.path,
            Part::Query => self.query,
        }
    }
}

/// Takes a URL apart. Never fails: what is not there is `None`.
pub(crate) fn split(text: &str) -> Url<'_> {
    let (scheme, rest) = match text.find("://") {
        Some(at) if is_scheme(&text[..at]) => (Some(&text[..at]), &text[at + 3..]),
        _ if text.starts_with('/') => return target(text),
        _ => (None, text),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    let (host, port) = host_port(authority.rsplit_once('@').map_or(authority, |(_, host)| host));
    if scheme.is_none() && (port.is_none() || host.is_none()) {
        // `error:transaction-end-before-headers`, `-`, or garbage: no host can be told.
        return Url::default();
    }
    let port = port.or(match scheme {
        Some("http" | "ws") => Some("80"),
        Some("https" | "wss") => Some("443"),
        Some("ftp") => Some("21"),
        _ => None,
    });
    Url { scheme, host, port, ..target(after) }
}

/// Takes apart what follows the host: path and query.
pub(crate) fn target(text: &str) -> Url<'_> {
    let (path, query) = text.find('?').map_or((text, None), |at| (&text[..at], Some(&text[at..])));
    Url { path: (!path.is_empty()).then_some(path), query, ..Url::default() }
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_'))
}

/// Host and port of `host`, `host:port`, `[v6]:port`, `v6`.
pub(crate) fn host_port(text: &str) -> (Option<&str>, Option<&str>) {
    let some = |host: &'_ str| -> bool { !host.is_empty() };
    if let Some(rest) = text.strip_prefix('[')
        && let Some((host, after)) = rest.split_once(']')
    {
        return (Some(host).filter(|h| some(h)), after.strip_prefix(':').filter(|p| is_port(p)));
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && is_port(port) => (Some(host).filter(|h| some(h)), Some(port)),
        Some((host, "")) if !host.contains(':') => (Some(host).filter(|h| some(h)), None),
        _ => (Some(text).filter(|h| some(h)), None),
    }
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> [Option<&str>; 5] {
        let url = split(text);
        [url.scheme, url.host, url.port, url.path, url.query]
    }

    #[test]
    fn forms_that_proxies_write() {
        assert_eq!(parts("http://www.cnn.com/"), [Some("http"), Some("www.cnn.com"), Some("80"), Some("/"), None]);
        assert_eq!(parts("https://u:p@a.b:8443/x?y=1&z"), [Some("https"), Some("a.b"), Some("8443"), Some("/x"), Some("?y=1&z")]);
        assert_eq!(parts("login.yahoo.com:443"), [None, Some("login.yahoo.com"), Some("443"), None, None]);
        assert_eq!(parts("http://[2001:db8::1]:81?q"), [Some("http"), Some("2001:db8::1"), Some("81"), None, Some("?q")]);
        assert_eq!(parts("cache_object://localhost/counters"), [Some("cache_object"), Some("localhost"), None, Some("/counters"), None]);
        assert_eq!(parts("/a/b?c"), [None, None, None, Some("/a/b"), Some("?c")]);
        assert_eq!(parts("error:transaction-end-before-headers"), [None; 5]);
        assert_eq!(parts("NONE"), [None; 5]);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let url = split(&text);
            prop_assert!(url.host.is_none_or(|h| text.contains(h)));
        }
    }
}
