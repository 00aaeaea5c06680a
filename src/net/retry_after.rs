//! How long a server asks us to stay away (RFC 9110, section 10.2.3).

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// No wish of a server binds us for longer.
const MOST: Duration = Duration::from_secs(3600);

/// Reads `Retry-After`, else the seconds to the next window from `RateLimit` as Hugging Face
/// sends it (`"api";r=0;t=212`). The answer is never above one hour.
pub(super) fn wish(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let retry_after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let rate_limit = headers.get("ratelimit").and_then(|value| value.to_str().ok());
    retry_after.and_then(|text| parse(text, now)).or_else(|| rate_limit.and_then(window)).map(|wait| wait.min(MOST))
}

fn parse(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than u64 holds is still "longer than an hour".
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let at = http_date(text)?;
    Some((at - now).to_std().unwrap_or(Duration::ZERO))
}

/// The three forms of an HTTP date (RFC 9110, section 5.6.7), all in UTC.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc2822(text) {
        return Some(at.with_timezone(&Utc));
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|at| at.and_utc())
}

fn window(text: &str) -> Option<Duration> {
    let seconds: u64 = text.split(';').find_map(|part| part.trim().strip_prefix("t="))?.parse().ok()?;
    Some(Duration::from_secs(seconds.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-23T06:00:00Z").unwrap().to_utc()
    }

    fn wished(name: &'static str, value: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        wish(&headers, now()).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_all_three_date_forms_are_read() {
        assert_eq!(wished("retry-after", "120"), Some(120));
        assert_eq!(wished("retry-after", "Mon, 23 Nov 2026 06:05:00 GMT"), Some(300));
        assert_eq!(wished("retry-after", "Monday, 23-Nov-26 06:05:00 GMT"), Some(300));
        assert_eq!(wished("retry-after", "Mon Nov 23 06:05:00 2026"), Some(300));
    }

    #[test]
    fn a_wish_is_capped_at_an_hour_and_a_past_date_is_now() {
        assert_eq!(wished("retry-after", "86400"), Some(3600));
        assert_eq!(wished("retry-after", "99999999999999999999999"), Some(3600));
        assert_eq!(wished("retry-after", "Fri, 01 Jan 2100 00:00:00 GMT"), Some(3600));
        assert_eq!(wished("retry-after", "Sun, 22 Nov 2026 06:05:00 GMT"), Some(0));
    }

    #[test]
    fn nonsense_is_no_wish() {
        for value in ["", "-5", "soon", "1.5", "Mon, 99 Nov 2026 06:05:00 GMT"] {
            assert_eq!(wished("retry-after", value), None, "{value}");
        }
    }

    #[test]
    fn the_rate_limit_window_of_hugging_face_is_read() {
        assert_eq!(wished("ratelimit", "\"api\";r=0;t=212"), Some(213));
        assert_eq!(wished("ratelimit", "\"api\";r=0"), None);
    }
}
