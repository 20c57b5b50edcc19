//! Events as lines of a web proxy's access log in W3C extended format, as the appliances that inspired it write them: quotes only where
//! needed, two spaces before the status, categories always quoted.

use super::{
    event::{Agent, Content, Event, Host, Method, Outcome},
    people::{Company, DEPARTMENTS},
    web::{Web, word},
};

/// The names of the fields, in order.
pub(super) const FIELDS: &str = "date time time-taken c-ip cs-username cs-auth-group x-exception-id sc-filter-result cs-categories cs(Referer) sc-status s-action cs-method rs(Content-Type) cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id";

const BROWSERS: [&str; 5] = [
    "\"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36\"",
    "\"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36 Edg/144.0.0.0\"",
    "\"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:147.0) Gecko/20100101 Firefox/147.0\"",
    "\"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36\"",
    "\"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.2 Safari/605.1.15\"",
];

/// Writes lines.
pub(super) struct ElffWriter<'a> {
    web: &'a Web,
    /// For each actor, at the desk and from outside: address, account, group.
    who: Vec<[String; 2]>,
    browsers: Vec<usize>,
    date: String,
    midnight: i64,
}

impl<'a> ElffWriter<'a> {
    /// Prepares to write the lines of one day.
    pub fn new(company: &Company, web: &'a Web, date: &str, midnight: i64) -> Self {
        let actor = |actor: u32| {
            [false, true].map(|remote| {
                let [a, b, c, d] = company.address(actor, remote);
                let people = company.people.len() as u32;
                let group = match company.person_of(actor) {
                    Some(person) if actor < people && DEPARTMENTS[person.department].name == "Marketing" => "\"Web Publishers\"",
                    Some(_) if actor < people => "\"Web Users\"",
                    _ => "-",
                };
                format!("{a}.{b}.{c}.{d} {} {group} ", company.user(actor))
            })
        };
        let browser = |actor| company.person_of(actor).map_or(0, |person| person.browser);
        Self {
            web,
            who: (0..company.actors()).map(actor).collect(),
            browsers: (0..company.actors()).map(browser).collect(),
            date: date.to_owned(),
            midnight,
        }
    }

    /// Writes the lines that stand before the first event, and again after a restart of the proxy.
    pub fn header(&self, time: &str, out: &mut Vec<u8>) {
        let text = format!(
            "#Software: gonogo demo generator\n#Version: 1.0\n#Date: {} {time}\n#Fields: {FIELDS}\n#Remark: synthetic data, no real person, host or event\n",
            self.date
        );
        out.extend_from_slice(text.as_bytes());
    }

    /// Writes one event.
    pub fn line(&self, event: &Event, out: &mut Vec<u8>) {
        let second = (event.at - self.midnight).clamp(0, 86_399) as u64;
        out.extend_from_slice(self.date.as_bytes());
        out.push(b' ');
        for (index, part) in [second / 3_600, second / 60 % 60, second % 60].into_iter().enumerate() {
            if index > 0 {
                out.push(b':');
            }
            out.extend_from_slice(&[b'0' + (part / 10) as u8, b'0' + (part % 10) as u8]);
        }
        out.push(b' ');
        number(u64::from(event.taken), out);
        out.push(b' ');
        let unknown = event.outcome == Outcome::Unauthenticated;
        let who = &self.who[event.actor as usize][usize::from(event.remote)];
        if unknown {
            out.extend_from_slice(who.split(' ').next().unwrap_or("-").as_bytes());
            out.extend_from_slice(b" - - ");
        } else {
            out.extend_from_slice(who.as_bytes());
        }
        let (exception, verdict, status, action) = outcome(event);
        text(&[exception, " ", verdict, " ", self.web.category(event.host), " "], out);
        match event.referer {
            Some(host) => {
                out.extend_from_slice(b"https://");
                self.web.write_host(host, out);
                out.push(b'/');
            }
            None => out.push(b'-'),
        }
        // Two spaces, as real logs of this kind have them.
        out.extend_from_slice(b"  ");
        number(u64::from(status), out);
        text(&[" ", action, " ", method(event.method), " ", mime(event), " "], out);
        self.place(event, out);
        let agent = match event.agent {
            Agent::Browser => BROWSERS[self.browsers[event.actor as usize] % BROWSERS.len()],
            Agent::Updater => "\"Update Service/10.0 (Windows NT 10.0)\"",
            Agent::Sync => "\"File Sync Client/24.3 (Windows NT 10.0)\"",
            Agent::Backup => "VaultAgent/7.2",
            Agent::Rollout => "\"Workspace Sync/1.0 (desktop)\"",
            Agent::Script => "\"httpclient/3.1 (scripted)\"",
        };
        let proxy = if event.actor.is_multiple_of(2) { " 10.9.0.11 " } else { " 10.9.0.12 " };
        text(&[" ", agent, proxy], out);
        number(event.down, out);
        out.push(b' ');
        number(event.up, out);
        out.extend_from_slice(b" -\n");
    }

    /// Writes scheme, host, port, path, query and extension.
    fn place(&self, event: &Event, out: &mut Vec<u8>) {
        let plain = matches!(event.host, Host::Probe(_) | Host::Generated(_)) || matches!(event.host, Host::Tail(index) if index % 5 == 0);
        let (scheme, port) = match event.method {
            Method::Connect => ("tcp ", " 443 "),
            _ if plain => ("http ", " 80 "),
            _ => ("https ", " 443 "),
        };
        text(&[scheme], out);
        self.web.write_host(event.host, out);
        text(&[port], out);
        let extension = extension(event);
        match event.path {
            0 => out.push(b'/'),
            1 => text(&["/v1/poll"], out),
            2 => text(&["/v2/sync/block"], out),
            3 => text(&["/v1/upload"], out),
            other => {
                text(&[if other < 16 { "/assets/" } else { "/pages/" }, &word(u64::from(other), 2)], out);
                if let Some(extension) = extension {
                    text(&[".", extension], out);
                }
            }
        }
        match event.query {
            Some(id) => {
                text(&[" ?id="], out);
                number(u64::from(id), out);
                out.push(b' ');
            }
            None => text(&[" - "], out),
        }
        text(&[extension.filter(|_| event.path > 3).unwrap_or("-")], out);
    }
}

fn outcome(event: &Event) -> (&'static str, &'static str, u16, &'static str) {
    match event.outcome {
        Outcome::Origin(status) => ("-", "OBSERVED", status, if event.method == Method::Get { "TCP_MISS" } else { "TCP_NC_MISS" }),
        Outcome::Cached => ("-", "OBSERVED", if event.content == Content::Script { 304 } else { 200 }, "TCP_HIT"),
        Outcome::Denied => ("policy_denied", "DENIED", 403, "TCP_DENIED"),
        Outcome::Unauthenticated => ("authentication_failed", "DENIED", 407, "TCP_DENIED"),
        Outcome::Unresolved => ("dns_unresolved_hostname", "OBSERVED", 503, "TCP_ERR_MISS"),
        Outcome::Tunnelled => ("-", "OBSERVED", 200, "TUNNELED"),
    }
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Connect => "CONNECT",
    }
}

fn mime(event: &Event) -> &'static str {
    match event.content {
        Content::Page => "text/html;%20charset=UTF-8",
        Content::Script => "application/javascript",
        Content::Style => "text/css",
        Content::Image => "image/png",
        Content::Json => "application/json",
        Content::Binary => "application/octet-stream",
        Content::None => "-",
    }
}

fn extension(event: &Event) -> Option<&'static str> {
    match event.content {
        Content::Page => event.path.is_multiple_of(3).then_some("html"),
        Content::Script => Some("js"),
        Content::Style => Some("css"),
        Content::Image => Some("png"),
        Content::Binary => Some("cab"),
        Content::Json | Content::None => None,
    }
}

fn text(parts: &[&str], out: &mut Vec<u8>) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

fn number(mut value: u64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::DemoOptions;

    #[test]
    fn a_line_is_as_written_by_hand() {
        let options = DemoOptions { users: 20, ..DemoOptions::committed("unused") };
        let web = Web::new(options.seed);
        let company = Company::new(&options, &web);
        let writer = ElffWriter::new(&company, &web, "2026-03-02", 1_000_000);
        let event = Event { path: 0, taken: 7, up: 812, down: 1_304, ..Event::page(1_000_000 + 3_723, 3, Host::Probe(25)) };
        let mut line = Vec::new();
        writer.line(&event, &mut line);
        let user = company.user(3);
        let browser = BROWSERS[company.people[3].browser];
        let group = if company.people[3].department == 2 { "Web Publishers" } else { "Web Users" };
        let host = {
            let mut name = Vec::new();
            web.write_host(event.host, &mut name);
            String::from_utf8(name).unwrap()
        };
        assert_eq!(
            String::from_utf8(line).unwrap(),
            format!(
                "2026-03-02 01:02:03 7 10.16.0.13 {user} \"{group}\" - OBSERVED \"none\" -  200 TCP_MISS GET text/html;%20charset=UTF-8 http {host} 80 / - - {browser} 10.9.0.12 1304 812 -\n"
            )
        );
    }

    #[test]
    fn numbers_are_decimal() {
        for value in [0, 9, 10, 12_345, u64::MAX] {
            let mut out = Vec::new();
            number(value, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
    }
}
