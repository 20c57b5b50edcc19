//! One request as the proxy sees it, before it is written as a line.

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    /// A known site, and which of its hosts.
    Site(u32, u8),
    /// One of a million places that hardly anybody visits.
    Tail(u32),
    /// A made-up name of random letters below a top-level domain.
    Generated(u64),
    /// A made-up single label, as browsers ask for at start.
    Probe(u64),
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Fetched from the origin with this status.
    Origin(u16),
    /// Answered from the cache.
    Cached,
    /// Refused by policy.
    Denied,
    /// Sent back to authenticate; no user is known.
    Unauthenticated,
    /// The name does not resolve.
    Unresolved,
    /// A tunnel that was not opened.
    Tunnelled,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// A page.
    Page,
    /// A script.
    Script,
    /// A style sheet.
    Style,
    /// A picture.
    Image,
    /// An answer of an interface.
    Json,
    /// A file to keep.
    Binary,
    /// Nothing visible: a tunnel.
    None,
}

/// How it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `CONNECT`.
    Connect,
}

/// Who asks on whose behalf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agent {
    /// The person's browser.
    Browser,
    /// An update service.
    Updater,
    /// A file synchronisation client.
    Sync,
    /// A backup client.
    Backup,
    /// The application that is rolled out.
    Rollout,
    /// A scripting tool.
    Script,
}

/// What a label will say of it: nothing (0), an incident (from 1), or something right but legitimate.
pub(super) type Tag = u16;

/// The tag of ordinary events.
pub(super) const ORDINARY: Tag = 0;
/// The tag of backups.
pub(super) const BACKUP: Tag = Tag::MAX;
/// The tag of the application that is rolled out.
pub(super) const ROLLOUT: Tag = Tag::MAX - 1;

/// One request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    /// Seconds since 1970 UTC.
    pub at: i64,
    /// Who: an index into the company's actors.
    pub actor: u32,
    /// Whether it comes through the remote-access address.
    pub remote: bool,
    /// Where it goes.
    pub host: Host,
    /// Which of the host's paths.
    pub path: u32,
    /// A number in the query, where there is a query.
    pub query: Option<u32>,
    /// How it was asked.
    pub method: Method,
    /// What was asked for.
    pub content: Content,
    /// How it ended.
    pub outcome: Outcome,
    /// The page it came from.
    pub referer: Option<Host>,
    /// Who asks on whose behalf.
    pub agent: Agent,
    /// Bytes from the client.
    pub up: u64,
    /// Bytes to the client.
    pub down: u64,
    /// Milliseconds.
    pub taken: u32,
    /// What a label will say of it.
    pub tag: Tag,
}

impl Event {
    /// An ordinary page, to be changed.
    pub fn page(at: i64, actor: u32, host: Host) -> Self {
        Self {
            at,
            actor,
            remote: false,
            host,
            path: 0,
            query: None,
            method: Method::Get,
            content: Content::Page,
            outcome: Outcome::Origin(200),
            referer: None,
            agent: Agent::Browser,
            up: 700,
            down: 20_000,
            taken: 80,
            tag: ORDINARY,
        }
    }
}
