//! Secrets and personal data in URLs: told by the name of a parameter or the form of a value. Only kinds leave this file, never values.

/// Parameters whose value is a secret, in small letters, and the kind.
const PARAMETERS: &[(&str, &str)] = &[
    ("password", "password"),
    ("passwd", "password"),
    ("pwd", "password"),
    ("token", "token"),
    ("access_token", "token"),
    ("id_token", "token"),
    ("refresh_token", "token"),
    ("api_key", "key"),
    ("apikey", "key"),
    ("secret", "key"),
    ("client_secret", "key"),
    ("signature", "signature"),
    ("x-amz-signature", "signature"),
    ("sig", "signature"),
    ("session", "session"),
    ("sessionid", "session"),
    ("session_id", "session"),
    ("jsessionid", "session"),
    ("phpsessid", "session"),
    ("sid", "session"),
    ("email", "e-mail address"),
    ("mail", "e-mail address"),
    ("phone", "telephone number"),
    ("ssn", "identity number"),
    ("iban", "account number"),
];

/// The shortest value that counts as a secret.
const SHORTEST: usize = 6;

/// The kinds of secrets and personal data in a URL or a part of one; each once or several times.
pub(super) fn kinds(url: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for pair in url.split(['?', '&', ';', '#']) {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        if value.len() >= SHORTEST
            && let Some((_, kind)) = PARAMETERS.iter().find(|(known, _)| *known == name)
        {
            found.push(*kind);
        }
    }
    // A token of its own form: three parts in base 64, the first two of which begin as `{"` does.
    if url.split(['=', '/', '&', '?']).any(|word| word.starts_with("eyJ") && word.contains(".eyJ")) {
        found.push("token");
    }
    if url.match_indices('@').any(|(at, sign)| is_address(url, at, sign.len()))
        || url.match_indices("%40").any(|(at, sign)| is_address(url, at, sign.len()))
    {
        found.push("e-mail address");
    }
    if url.split(|c: char| !c.is_ascii_digit()).any(is_card) {
        found.push("card number");
    }
    found
}

/// Whether an at sign stands between a name and a domain: not the user and password before a host.
fn is_address(url: &str, at: usize, sign: usize) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let before: String = url[..at].chars().rev().take_while(|c| good(*c)).collect();
    let after: String = url[at + sign..].chars().take_while(|c| good(*c)).collect();
    let is_login = url[..at].rfind("://").is_some_and(|scheme| !url[scheme + 3..at].contains(['/', '?']));
    before.len() >= 2
        && !is_login
        && after
            .rsplit_once('.')
            .is_some_and(|(host, top)| !host.is_empty() && top.len() >= 2 && top.chars().all(|c| c.is_ascii_alphabetic()))
}

/// Whether digits are a payment card's number: 16 of them, beginning as the large networks do, with Luhn's check digit.
fn is_card(digits: &str) -> bool {
    let sum = || {
        digits.bytes().rev().enumerate().fold(0u32, |sum, (place, digit)| {
            let digit = u32::from(digit - b'0');
            let doubled = if place % 2 == 1 { 2 * digit } else { digit };
            sum + if doubled > 9 { doubled - 9 } else { doubled }
        })
    };
    digits.len() == 16 && digits.starts_with(['4', '5']) && sum() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_name_and_form() {
        for (url, kind) in [
            ("https://a.example/login?user=ann&Password=hunter22", vec!["password"]),
            ("/x;jsessionid=0123456789ABCDEF", vec!["session"]),
            ("?a=eyJhbGciOi.eyJzdWIiOi.abc", vec!["token"]),
            ("/u/ann.smith%40corp.example/inbox", vec!["e-mail address"]),
            ("/mailto:ann@corp.example", vec!["e-mail address"]),
            // 4111 1111 1111 1111 is the test number that card networks publish.
            ("?c=4111111111111111", vec!["card number"]),
        ] {
            assert_eq!(kinds(url), kind, "{url}");
        }
        for url in [
            "https://a.example/token/list?q=password",
            "?token=1",
            "/@scope/package@1.2.3",
            "?id=4111111111111112",
            "https://ann:x@host.example/",
            "",
        ] {
            assert_eq!(kinds(url), Vec::<&str>::new(), "{url}");
        }
    }
}
