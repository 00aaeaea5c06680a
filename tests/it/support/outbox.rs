//! Subscribers, editions and deliveries made up for tests of the store.

use std::sync::LazyLock;

use broadsheet::model::{
    DeliveryId, DeliveryKind, EditionId, EmailAddress, Figures, IdSource, Item, Outcome, PaperId, Phase, Preferences,
    Section, SubscriberId, SubscriberState, Timestamp,
};
use broadsheet::store::Db;
use broadsheet::store::deliveries::{Claimed, FenceMark, NewDelivery, OutcomeMark};
use broadsheet::store::editions::{Edition, EditionKind};
use broadsheet::store::subscribers::{DueAt, NewSubscriber, Subscriber};

use super::papers::{hours, noon};

static IDS: LazyLock<IdSource> = LazyLock::new(|| IdSource::new(7));

/// What an address is remembered by here.
pub fn hash_of(address: &EmailAddress) -> String {
    format!("hash of {}", address.canonical())
}

/// Adds an active subscriber in UTC with an edition due at noon.
pub async fn subscribe(db: &Db, email: &str) -> Subscriber {
    let address = EmailAddress::parse(email).expect("an address");
    let new = NewSubscriber {
        id: SubscriberId(IDS.next(noon(), address.bucket())),
        address_hash: hash_of(&address),
        address,
        state: SubscriberState::Active,
        preferences: Preferences::defaults(chrono_tz::UTC),
        consent_source: "operator".to_owned(),
        consent_network: None,
        created_at: noon(),
    };
    let mut tx = db.begin().await.expect("begins");
    assert!(tx.insert_subscriber(&new, Some(due(0))).await.expect("inserts"));
    tx.commit().await.expect("commits");
    stored(db, new.id).await
}

/// A due on the day of noon, or days after it.
pub fn due(days: i64) -> DueAt {
    let at = noon() + chrono::TimeDelta::days(days);
    DueAt { local_date: at.date_naive(), at }
}

/// The subscriber of that id, which has to be there.
pub async fn stored(db: &Db, id: SubscriberId) -> Subscriber {
    db.read().await.expect("reads").subscriber(id).await.expect("reads").expect("a subscriber")
}

/// An edition of `days` after noon with these papers; not stored.
pub fn edition(person: &Subscriber, days: i64, papers: &[i64]) -> Edition {
    let item = |&paper: &i64| Item {
        paper: PaperId(paper),
        revision: 1,
        section: Section::ForYou,
        score: 1,
        reasons: Vec::new(),
        upvotes: None,
        upvotes_gained: None,
    };
    let due = due(days);
    Edition {
        id: EditionId(IDS.next(due.at, person.id.bucket())),
        subscriber: person.id,
        local_date: due.local_date,
        kind: EditionKind::Normal,
        due_at: due.at,
        planned_at: due.at,
        window_after: due.at - chrono::TimeDelta::days(1),
        window_until: due.at,
        timezone: chrono_tz::UTC,
        items: papers.iter().map(item).collect(),
        figures: Figures::default(),
        more_for_you: 0,
        void: false,
    }
}

/// A mail to a person, made at noon and good for twelve hours; a digest carries an edition of noon. Not stored.
pub fn delivery(person: &Subscriber, kind: DeliveryKind, edition: Option<EditionId>) -> NewDelivery {
    let id = DeliveryId(IDS.next(noon(), person.id.bucket()));
    NewDelivery {
        id,
        kind,
        idempotency_key: format!("test:{id}"),
        subscriber: Some(person.id),
        edition,
        address: person.address.to_string(),
        address_hash: person.address_hash.clone(),
        dest_group: person.address.domain().to_owned(),
        payload: "{}".to_owned(),
        message_id: format!("{id}@example.org"),
        due_at: noon(),
        expires_at: hours(12),
        created_at: noon(),
    }
}

/// Stores a digest of that day with its edition.
pub async fn digest(db: &Db, person: &Subscriber, days: i64) -> NewDelivery {
    let edition = edition(person, days, &[1, 2]);
    let digest = delivery(person, DeliveryKind::Digest, Some(edition.id));
    let mut tx = db.begin().await.expect("begins");
    assert!(tx.insert_edition(&edition).await.expect("inserts"));
    assert!(tx.insert_delivery(&digest).await.expect("inserts"));
    tx.commit().await.expect("commits");
    digest
}

/// Stores a mail that somebody asked for.
pub async fn transactional(db: &Db, person: &Subscriber) -> NewDelivery {
    let mail = delivery(person, DeliveryKind::ManageLink, None);
    let mut tx = db.begin().await.expect("begins");
    assert!(tx.insert_delivery(&mail).await.expect("inserts"));
    tx.commit().await.expect("commits");
    mail
}

/// Claims for a quarter of an hour.
pub async fn claim(db: &Db, owner: &str, now: Timestamp, limit: i64) -> Vec<Claimed> {
    let mut tx = db.begin().await.expect("begins");
    let until = now + chrono::TimeDelta::minutes(15);
    let claimed = tx.claim_deliveries(now, owner, until, limit).await.expect("claims");
    tx.commit().await.expect("commits");
    claimed
}

/// What a worker asks at the fence.
pub fn at_the_fence(claimed: &Claimed, now: Timestamp) -> FenceMark {
    FenceMark {
        id: claimed.id,
        epoch: claimed.epoch,
        body_sha256: "00".repeat(32),
        template_hash: "templates".to_owned(),
        lease_until: now + chrono::TimeDelta::minutes(15),
        now,
    }
}

/// Passes the fence, or not.
pub async fn fence(db: &Db, claimed: &Claimed, now: Timestamp) -> bool {
    let mut tx = db.begin().await.expect("begins");
    let passed = tx.pass_fences(&[&at_the_fence(claimed, now)]).await.expect("asks")[0];
    tx.commit().await.expect("commits");
    passed
}

/// What a worker says of a try; a temporary failure is tried again a minute later.
pub fn ended(claimed: &Claimed, outcome: Outcome, phase: Phase, now: Timestamp) -> OutcomeMark {
    OutcomeMark {
        delivery: claimed.clone(),
        outcome,
        phase,
        code: Some(250),
        enhanced: None,
        reply: "a reply".to_owned(),
        retry_at: now + chrono::TimeDelta::minutes(1),
        counts: true,
        now,
    }
}

/// Records what a try came to; whether it counted.
pub async fn record(db: &Db, mark: &OutcomeMark) -> bool {
    let mut tx = db.begin().await.expect("begins");
    let counted = tx.record_outcome(mark).await.expect("records");
    tx.commit().await.expect("commits");
    counted
}

/// The stored state of a delivery.
pub async fn state(db: &Db, id: DeliveryId) -> String {
    db.read().await.expect("reads").delivery(id).await.expect("reads").expect("a delivery").state
}
