//! The lists of fields that ProxySG has by itself, by name: for lines that come without their header.

use crate::error::{Error, Result};

const LISTS: [(&str, &str); 4] = [
    (
        "main",
        "date time time-taken c-ip sc-status s-action sc-bytes cs-bytes cs-method cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query cs-username \
         cs-auth-group s-supplier-name rs(Content-Type) cs(Referer) cs(User-Agent) sc-filter-result cs-categories x-virus-id s-ip",
    ),
    (
        "bcreportermain_v1",
        "date time time-taken c-ip cs-username cs-auth-group x-exception-id sc-filter-result cs-categories cs(Referer) sc-status s-action cs-method \
         rs(Content-Type) cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id",
    ),
    (
        "bcreportermain_v1-6",
        "date time time-taken c-ip cs-username cs-auth-group x-exception-id sc-filter-result cs-categories cs(Referer) sc-status s-action cs-method \
         rs(Content-Type) cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id \
         x-bluecoat-application-name x-bluecoat-application-operation",
    ),
    (
        "bcreportermain_v1-7",
        "date time time-taken c-ip cs-username cs-auth-group s-supplier-name s-supplier-ip s-supplier-country s-supplier-failures x-exception-id \
         sc-filter-result cs-categories cs(Referer) sc-status s-action cs-method rs(Content-Type) cs-uri-scheme cs-host cs-uri-port cs-uri-path \
         cs-uri-query cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id cs-threat-source cs-threat-id rs-threat-source rs-threat-id \
         x-bluecoat-application-name x-bluecoat-application-operation x-bluecoat-application-groups cs-threat-risk \
         x-bluecoat-access-security-policy-action x-bluecoat-access-security-policy-reason x-bluecoat-transaction-uuid \
         x-icap-reqmod-header(x-icap-metadata) x-icap-respmod-header(x-icap-metadata)",
    ),
];

/// The names of fields: those of a list, or as they are written.
///
/// # Errors
/// Where one word is written that names no list.
pub(super) fn fields(said: String) -> Result<String> {
    match LISTS.iter().find(|(name, _)| *name == said.trim()) {
        Some((_, fields)) => Ok((*fields).to_owned()),
        None if said.split_ascii_whitespace().count() != 1 => Ok(said),
        None => {
            let names: Vec<String> = LISTS.iter().map(|(name, _)| format!("`{name}`")).collect();
            Err(Error::data_hint(format!("options.fields: `{said}` is no list of fields that is known"), format!("write the names of the fields, separated by spaces, or one of {}", names.join(", "))))
        }
    }
}

/// The list with so many fields that holds all of these names, in their order.
pub(super) fn like(named: &[String], count: usize) -> Option<&'static str> {
    let fits = |fields: &str| {
        let mut fields = fields.split_ascii_whitespace();
        named.iter().all(|name| fields.any(|field| field.eq_ignore_ascii_case(name)))
    };
    let mut found = LISTS.iter().filter(|(_, fields)| fields.split_ascii_whitespace().count() == count && fits(fields));
    found.next().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_as_many_fields_as_proxysg_writes() {
        let counts = LISTS.map(|(name, _)| fields(name.into()).unwrap().split(' ').count());
        assert_eq!(counts, [24, 25, 27, 42]);
        assert!(fields("mian".into()).unwrap_err().hint().unwrap().contains("`main`"));
    }
}
