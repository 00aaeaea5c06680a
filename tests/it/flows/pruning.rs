//! What is past its age goes, in small transactions, however much of it there is.

use broadsheet::scheduler::tidy;

use crate::support::service::Setup;
use crate::support::smtp::{Server, Tls};
use crate::support::{TestDb, both_databases};

/// Deliveries that ended long ago, all made at one instant, as a plan for many makes them.
const OLD: i64 = 20_000;

/// Numbers from 1 to `OLD`, in either database.
fn numbers() -> String {
    format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {OLD})")
}

/// Fills one row for each number; every hundredth is still open.
fn old_rows() -> String {
    let numbers = numbers();
    format!(
        "INSERT INTO deliveries (bucket, id, kind, idempotency_key, subscriber_id, address, address_hash, dest_group, \
            relay, priority, payload, message_id, dated_at, state, state_at, epoch, attempts, not_before, due_at, \
            expires_at, resends, created_at) \
         {numbers} SELECT i % 256, i * 256 + i % 256, 'digest', 'old:' || i, i, 'a@example.org', 'hash', \
            'example.org', 'default', 5, '{{}}', i || '@example.org', 1000, \
            CASE WHEN i % 100 = 0 THEN 'uncertain' ELSE 'accepted' END, 4000000000000000, 1, 0, 0, 0, 5, 0, 1000 FROM n; \
         INSERT INTO attempts (bucket, delivery_id, epoch, at, phase, outcome, reply) \
         {numbers} SELECT i % 256, i * 256 + i % 256, 1, 1000, 'dot', 'accepted', 'ok' FROM n; \
         INSERT INTO signups (bucket, id, kind, address, canonical, interests, language, door, network, received_at, \
            processed_at, outcome) \
         {numbers} SELECT i % 256, i * 256 + i % 256, 'subscribe', 'a@example.org', 'a@example.org', '[]', 'en', \
            'form', '192.0.2.0/24', 1000, 1000, 'limited' FROM n WHERE i <= 1000;"
    )
}

both_databases! {
    async fn twenty_thousand_old_rows_go_and_open_ones_stay(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).at("2026-03-02T05:00:00Z").await;
        db.execute(&old_rows()).await;
        db.analyze().await.expect("analysed");
        let report = tidy::run(&service.app.service).await.expect("tidied");
        let open = OLD / 100;
        assert_eq!(report.deliveries, (OLD - open).unsigned_abs());
        assert_eq!(report.signups, 1000);
        let counts = db.read().await.expect("reads").delivery_counts().await.expect("counts");
        assert_eq!(counts, [("digest".to_owned(), "uncertain".to_owned(), open)]);
        let attempts = db.count("SELECT COUNT(*) FROM attempts").await;
        assert_eq!(attempts, open, "with their attempts");
        assert_eq!(tidy::run(&service.app.service).await.expect("tidied"), tidy::Report::default());
        service.app.close().await;
    }
}
