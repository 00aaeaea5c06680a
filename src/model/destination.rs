//! Who takes the mail for a domain, as far as it is well known.

/// The group of the operator's own alerts. It is no domain, so no breaker of a domain keeps an alert back.
pub const OPERATOR_GROUP: &str = "operator";

/// Operators whose mailboxes have several domains, each with what its domains are or end in after a dot.
const FAMILIES: [(&str, &[&str]); 12] = [
    ("google", &["gmail.com", "googlemail.com", "google.com"]),
    ("microsoft", &["outlook.com", "hotmail.com", "live.com", "msn.com", "microsoft.com", "onmicrosoft.com"]),
    ("yahoo", &["yahoo.com", "ymail.com", "rocketmail.com", "aol.com", "aim.com", "myyahoo.com"]),
    ("apple", &["icloud.com", "me.com", "mac.com"]),
    ("united-internet", &["gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "web.de", "1und1.de", "mail.com"]),
    ("proton", &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"]),
    ("yandex", &["yandex.ru", "yandex.com", "ya.ru"]),
    ("mail.ru", &["mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru"]),
    ("tencent", &["qq.com", "foxmail.com"]),
    ("netease", &["163.com", "126.com", "yeah.net"]),
    ("orange", &["orange.fr", "wanadoo.fr"]),
    ("telekom", &["t-online.de", "magenta.de"]),
];

/// First labels under which an operator has a domain in many countries: `yahoo.co.uk`, `hotmail.fr`.
const BY_COUNTRY: [(&str, &str); 5] = [
    ("yahoo", "yahoo"),
    ("hotmail", "microsoft"),
    ("outlook", "microsoft"),
    ("live", "microsoft"),
    ("gmx", "united-internet"),
];

/// The group of destinations that a domain belongs to: the family of its operator, or the domain itself.
///
/// What is learnt of one domain of a group (it wants less, it refuses) holds for the others: they are the same
/// machines. Domains that only point their MX at an operator count for themselves; nothing here asks the DNS.
/// `domain` is in lower case, as [`super::EmailAddress::domain`] gives it.
pub fn destination_group(domain: &str) -> &str {
    let is_or_is_under =
        |known: &str| domain == known || domain.strip_suffix(known).is_some_and(|above| above.ends_with('.'));
    let family = FAMILIES.iter().find(|(_, domains)| domains.iter().any(|known| is_or_is_under(known)));
    family.map(|(name, _)| *name).or_else(|| of_country(domain)).unwrap_or(domain)
}

fn of_country(domain: &str) -> Option<&'static str> {
    let (first, rest) = domain.split_once('.')?;
    let country = rest.rsplit('.').next()?;
    let is_country = country.len() == 2 && ["", "co.", "com."].contains(&&rest[..rest.len() - country.len()]);
    BY_COUNTRY.iter().find(|(label, _)| is_country && *label == first).map(|(_, family)| *family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domains_of_one_operator_are_one_group() {
        for (domain, group) in [
            ("gmail.com", "google"),
            ("googlemail.com", "google"),
            ("outlook.com", "microsoft"),
            ("hotmail.co.uk", "microsoft"),
            ("live.fr", "microsoft"),
            ("school.onmicrosoft.com", "microsoft"),
            ("yahoo.com.br", "yahoo"),
            ("gmx.es", "united-internet"),
            ("web.de", "united-internet"),
            ("icloud.com", "apple"),
        ] {
            assert_eq!(destination_group(domain), group, "{domain}");
        }
    }

    #[test]
    fn any_other_domain_is_a_group_of_its_own() {
        for domain in ["example.org", "notgmail.com", "live.example.org", "yahoo.example", "yahoo.evil.uk", "x"] {
            assert_eq!(destination_group(domain), domain);
        }
    }
}
