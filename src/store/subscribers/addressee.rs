//! What a mail tells of the person it goes to: a small part of the row, read for every mail there is.

use sqlx::FromRow;

use super::super::db::{Read, on_conn};
use super::super::dialect::{Texts, over_ids};
use super::super::error::StoreError;
use super::super::json::to_json;
use super::{Subscriber, bad};
use crate::model::{EmailAddress, SubscriberId, Timestamp, from_micros};

/// A subscriber as a mail sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// Their row.
    pub id: SubscriberId,
    /// Where mail goes.
    pub address: EmailAddress,
    /// The tag of their language.
    pub language: String,
    /// Part of every link but unsubscribe.
    pub link_generation: i64,
    /// Through which door the consent came.
    pub consent_source: String,
    /// When the address was confirmed.
    pub confirmed_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    address: String,
    language: String,
    link_generation: i64,
    consent_source: String,
    confirmed_at: Option<i64>,
}

const BY_IDS: Texts = over_ids!(
    "SELECT id, address, language, link_generation, consent_source, confirmed_at FROM subscribers JOIN ",
    " AS asked ON bucket = (asked.value & 255) AND id = asked.value"
);

impl TryFrom<Row> for Addressee {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: SubscriberId(row.id),
            address: EmailAddress::parse(&row.address).map_err(|_| bad("subscribers", "address", &row.address))?,
            language: row.language,
            link_generation: row.link_generation,
            consent_source: row.consent_source,
            confirmed_at: row.confirmed_at.map(from_micros),
        })
    }
}

impl From<Subscriber> for Addressee {
    fn from(person: Subscriber) -> Self {
        Self {
            id: person.id,
            address: person.address,
            language: person.preferences.language,
            link_generation: person.link_generation,
            consent_source: person.consent_source,
            confirmed_at: person.confirmed_at,
        }
    }
}

impl Read {
    /// Those with these ids, in no order; who is gone is left out.
    pub async fn addressees(&mut self, ids: &[SubscriberId]) -> Result<Vec<Addressee>, StoreError> {
        let sql = self.text(&BY_IDS);
        let ids = to_json(ids);
        let rows: Vec<Row> = on_conn!(self, conn => sqlx::query_as(sql).bind(ids).fetch_all(conn).await)?;
        rows.into_iter().map(Addressee::try_from).collect()
    }
}
