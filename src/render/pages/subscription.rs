//! Subscribing, confirming, asking for one's link, leaving.

use chrono_tz::{TZ_VARIANTS, Tz};
use serde::Serialize;

use crate::render::frame::Frame;

use super::LineView;

/// The form that asks for an address and what to look for.
#[derive(Debug, Clone, Serialize)]
pub struct SubscribeForm {
    /// Whether anybody may subscribe here.
    pub is_open: bool,
    /// The domains that may, when not all.
    pub domains: Vec<String>,
    /// What was typed as address.
    pub email: String,
    /// Why the address cannot be mailed.
    pub email_error: Option<String>,
    /// What was typed as interests.
    pub interests: String,
    /// The lines of it that could not be understood.
    pub lines: Vec<LineView>,
    /// Why the interests as a whole were refused.
    pub interests_error: Option<String>,
    /// The zone chosen so far, else that of the service.
    pub zone: String,
    /// Whether the visitor chose it.
    pub is_zone_chosen: bool,
    /// Every zone.
    pub zones: Vec<ZoneGroup>,
}

/// `pages/subscribe.html`.
#[derive(Debug, Clone, Serialize)]
pub struct SubscribePage {
    /// The page's surroundings.
    pub frame: Frame,
    /// The form.
    pub subscribe: SubscribeForm,
}

/// `pages/confirm.html`.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// The address to be confirmed.
    pub address: String,
    /// Where the button leads.
    pub action: String,
}

/// `pages/manage.html`.
#[derive(Debug, Clone, Serialize)]
pub struct ManagePage {
    /// The page's surroundings.
    pub frame: Frame,
    /// What was typed as address.
    pub email: String,
    /// Why it is none.
    pub email_error: Option<String>,
}

/// `pages/unsubscribe.html`.
#[derive(Debug, Clone, Serialize)]
pub struct UnsubscribePage {
    /// The page's surroundings.
    pub frame: Frame,
    /// Where the button leads.
    pub action: String,
}

/// The zones of one region.
#[derive(Debug, Clone, Serialize)]
pub struct ZoneGroup {
    /// `Europe`; `Other` for names without a region.
    pub region: &'static str,
    /// Names of the time zone database, in alphabetical order.
    pub zones: Vec<&'static str>,
}

/// Every zone by its region, regions of the earth before the rest.
pub fn zone_groups() -> Vec<ZoneGroup> {
    const REGIONS: [&str; 10] =
        ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];
    const OTHER: &str = "Other";
    let region_of = |zone: &&str| {
        let region = zone.split_once('/').map_or(OTHER, |(region, _)| region);
        REGIONS.into_iter().find(|known| *known == region).unwrap_or(OTHER)
    };
    let mut names: Vec<&'static str> = TZ_VARIANTS.iter().map(|zone: &Tz| zone.name()).collect();
    names.sort_unstable();
    REGIONS
        .into_iter()
        .chain([OTHER])
        .map(|region| ZoneGroup {
            region,
            zones: names.iter().copied().filter(|zone| region_of(zone) == region).collect(),
        })
        .filter(|group| !group.zones.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_is_offered_once() {
        let groups = zone_groups();
        let offered: Vec<&str> = groups.iter().flat_map(|group| group.zones.iter().copied()).collect();
        let distinct: std::collections::HashSet<&str> = offered.iter().copied().collect();
        assert_eq!((offered.len(), distinct.len()), (TZ_VARIANTS.len(), TZ_VARIANTS.len()));
        assert!(groups.iter().any(|group| group.region == "Europe" && group.zones.contains(&"Europe/Berlin")));
        assert!(groups.last().is_some_and(|group| group.region == "Other" && group.zones.contains(&"UTC")));
    }
}
