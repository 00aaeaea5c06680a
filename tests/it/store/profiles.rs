//! All profiles in a few answers, and shards made of them.

use std::sync::Arc;

use broadsheet::matcher::{Interests, Shard};
use broadsheet::model::{Preferences, SubscriberId, SubscriberState};
use broadsheet::scheduler::profiles;

use crate::support::outbox::{stored, subscribe};
use crate::support::papers::noon;
use crate::support::{TestDb, both_databases};

async fn save(db: &TestDb, id: SubscriberId, profile: &str) {
    let prefs = Preferences { profile: profile.to_owned(), ..stored(db, id).await.preferences };
    let mut tx = db.begin().await.expect("begins");
    tx.set_preferences(id, &prefs, None).await.expect("stores");
    tx.commit().await.expect("commits");
}

/// Everybody in the shards, with what was understood of their profile.
fn people(shards: &[Shard], interests: &Interests) -> Vec<(SubscriberId, Vec<String>)> {
    let mut people: Vec<(SubscriberId, Vec<String>)> =
        shards.iter().flat_map(Shard::rows).map(|(person, row)| (person, row.texts(interests).collect())).collect();
    people.sort();
    people
}

both_databases! {
    async fn a_profile_saved_now_is_in_the_shards_of_the_next_run(db: &TestDb) {
        let interests = Arc::new(Interests::default());
        let ada = subscribe(db, "ada@example.org").await.id;
        save(db, ada, "robots").await;
        let of_ada = |line: &str| vec![(ada, vec![line.to_owned()])];
        let shards = profiles::load(db, &interests, 2).await.expect("loads");
        assert_eq!((shards.len(), people(&shards, &interests)), (256, of_ada("robots")));
        save(db, ada, "language models").await;
        let shards = profiles::load(db, &interests, 1).await.expect("loads");
        assert_eq!(people(&shards, &interests), of_ada("language models"));
    }

    async fn pages_hold_every_active_person_once_with_the_very_text(db: &TestDb) {
        let texts = ["", "3 9 robots\n", "naïve 拡散モデル\n-\"β-VAE\"", "a b\u{1f}c\n\n 12 "];
        let mut expected = Vec::new();
        for n in 0..12 {
            let id = subscribe(db, &format!("reader{n}@example.org")).await.id;
            let text = texts[n % texts.len()];
            save(db, id, text).await;
            expected.push((id, text.to_owned()));
        }
        let gone = expected.pop().expect("somebody").0;
        let mut tx = db.begin().await.expect("begins");
        tx.set_subscriber_state(gone, SubscriberState::Paused, None, None, noon()).await.expect("set");
        tx.commit().await.expect("commits");
        let mut read = db.read().await.expect("reads");
        let mut found = Vec::new();
        for bucket in (0..=u8::MAX).map(broadsheet::model::Bucket) {
            let mut after = SubscriberId(0);
            while let Some(page) = read.profiles_page(bucket, after, 1).await.expect("reads") {
                found.extend(page.profiles().map(|one| one.map(|(id, text)| (id, text.to_owned())).expect("readable")));
                after = page.last;
            }
        }
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}
