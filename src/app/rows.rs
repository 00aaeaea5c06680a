//! The lines of listings: what `--json` prints, one object a line, and what people read as columns.

use serde::Serialize;

use crate::model::{Field, Paper, Reason, SourceName, Timestamp, from_micros};
use crate::store::deliveries::{AttemptRow, DeliveryRow};
use crate::store::runs::{FetchRun, SourceStatus};
use crate::store::subscribers::Subscriber;
use crate::store::suppressions::Suppression;

/// An instant as it is printed everywhere: RFC 3339 in UTC, to the second.
pub fn instant(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// One paper.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names are the documented output")]
pub struct PaperLine {
    pub id: i64,
    pub key: String,
    pub available_at: String,
    pub upvotes: Option<u32>,
    pub comments: Option<u32>,
    pub github_stars: Option<u32>,
    pub categories: Vec<String>,
    pub sources: Vec<String>,
    pub title: String,
}

impl PaperLine {
    pub(super) fn of(paper: &Paper) -> Self {
        Self {
            id: paper.id.0,
            key: paper.key.to_string(),
            available_at: instant(paper.available_at),
            upvotes: paper.signals.upvotes,
            comments: paper.signals.comments,
            github_stars: paper.signals.github_stars,
            categories: paper.categories.clone(),
            sources: paper.sources.iter().map(ToString::to_string).collect(),
            title: paper.title.clone(),
        }
    }
}

/// What trying a query came to.
#[derive(Debug, Clone, Serialize)]
pub struct QueryReport {
    /// The query as it was understood.
    pub query: String,
    /// What it also finds, because papers call it so.
    pub also: Vec<String>,
    /// Days over which `per_day` is the mean.
    pub days: u32,
    /// Papers a day that it would have brought, to a tenth.
    pub per_day: f64,
    /// What its writer should know.
    pub warnings: Vec<String>,
    /// Papers looked at.
    pub papers: usize,
    /// Papers that match.
    pub matched: usize,
    /// The best of them.
    pub hits: Vec<MatchLine>,
}

/// One paper that matched.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names are the documented output")]
pub struct MatchLine {
    pub key: String,
    pub score: u64,
    pub title: String,
    /// Where it hit: field and the words themselves.
    pub why: Vec<(String, String)>,
}

impl MatchLine {
    pub(super) fn of(paper: &Paper, score: u64, reasons: &[Reason]) -> Self {
        let mut why: Vec<(String, String)> = Vec::new();
        for (field, span) in reasons.iter().flat_map(|reason| &reason.hits) {
            let text = field_text(paper, *field);
            let word = text.get(span.start as usize..span.end as usize).unwrap_or_default().to_owned();
            let hit = (field_name(*field).to_owned(), word);
            if !why.contains(&hit) {
                why.push(hit);
            }
        }
        Self { key: paper.key.to_string(), score, title: paper.title.clone(), why }
    }
}

fn field_text(paper: &Paper, field: Field) -> String {
    match field {
        Field::Title => paper.title.clone(),
        Field::Abstract => paper.abstract_text.clone(),
        Field::Author => paper.authors.join(", "),
        Field::Category => paper.categories.join(", "),
    }
}

fn field_name(field: Field) -> &'static str {
    match field {
        Field::Title => "title",
        Field::Abstract => "abstract",
        Field::Author => "author",
        Field::Category => "category",
    }
}

/// One source.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names are the documented output")]
pub struct SourceLine {
    pub source: String,
    pub last_outcome: Option<String>,
    pub last_run_at: Option<String>,
    pub last_success_at: Option<String>,
    pub next_due_at: Option<String>,
    pub items: u32,
    pub new_papers: u32,
    pub rejected: u32,
    pub error: Option<String>,
    pub notes: Vec<String>,
}

impl SourceLine {
    pub(super) fn of(name: &SourceName, state: Option<&SourceStatus>, last: Option<&FetchRun>) -> Self {
        Self {
            source: name.to_string(),
            last_outcome: last.and_then(|run| run.outcome).map(|outcome| outcome.as_str().to_owned()),
            last_run_at: last.map(|run| instant(run.started_at)),
            last_success_at: state.and_then(|state| state.last_success_at).map(instant),
            next_due_at: state.and_then(|state| state.next_due_at).map(instant),
            items: last.map_or(0, |run| run.counts.items),
            new_papers: last.map_or(0, |run| run.counts.new_papers),
            rejected: last.map_or(0, |run| run.counts.rejected),
            error: last.and_then(|run| run.error.clone()),
            notes: last.map(|run| run.notes.clone()).unwrap_or_default(),
        }
    }
}

/// One subscriber.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names are the documented output and the import format")]
pub struct SubscriberLine {
    pub email: String,
    pub state: String,
    pub interests: Vec<String>,
    pub timezone: String,
    pub time: String,
    pub every: String,
    pub limit: u16,
    pub quiet_day: String,
    pub trending: bool,
    pub language: String,
    pub next_due_at: Option<String>,
    pub created_at: String,
    pub confirmed_at: Option<String>,
    pub consent_source: String,
}

impl SubscriberLine {
    pub(super) fn of(subscriber: &Subscriber) -> Self {
        let prefs = &subscriber.preferences;
        Self {
            email: subscriber.address.to_string(),
            state: subscriber.state.as_str().to_owned(),
            interests: prefs.profile.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect(),
            timezone: prefs.timezone.name().to_owned(),
            time: prefs.send_time(),
            every: prefs.days.to_string(),
            limit: prefs.limit,
            quiet_day: prefs.quiet_day.as_str().to_owned(),
            trending: prefs.trending,
            language: prefs.language.clone(),
            next_due_at: subscriber.next_due.map(|due| instant(due.at)),
            created_at: instant(subscriber.created_at),
            confirmed_at: subscriber.confirmed_at.map(instant),
            consent_source: subscriber.consent_source.clone(),
        }
    }
}

/// One delivery.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names are the documented output")]
pub struct DeliveryLine {
    pub id: i64,
    pub kind: String,
    pub state: String,
    pub state_since: String,
    pub address: String,
    pub due_at: String,
    pub not_before: String,
    pub expires_at: String,
    pub attempts: i64,
    pub resends: i64,
    pub message_id: String,
    pub body_sha256: Option<String>,
    pub last_phase: Option<String>,
    pub last_code: Option<i64>,
    pub last_enhanced: Option<String>,
    pub last_reply: Option<String>,
}

impl DeliveryLine {
    pub(super) fn of(row: DeliveryRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            state_since: instant(from_micros(row.state_at)),
            address: row.address,
            due_at: instant(from_micros(row.due_at)),
            not_before: instant(from_micros(row.not_before)),
            expires_at: instant(from_micros(row.expires_at)),
            attempts: row.attempts,
            resends: row.resends,
            message_id: row.message_id,
            body_sha256: row.body_sha256,
            last_phase: row.last_phase,
            last_code: row.last_code,
            last_enhanced: row.last_enhanced,
            last_reply: row.last_reply,
        }
    }
}

/// One try at a delivery.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names are the documented output")]
pub struct AttemptLine {
    pub at: String,
    pub epoch: i64,
    pub phase: String,
    pub outcome: String,
    pub code: Option<i64>,
    pub enhanced: Option<String>,
    pub reply: String,
}

impl AttemptLine {
    pub(super) fn of(row: AttemptRow) -> Self {
        Self {
            at: instant(from_micros(row.at)),
            epoch: row.epoch,
            phase: row.phase,
            outcome: row.outcome,
            code: row.code,
            enhanced: row.enhanced,
            reply: row.reply,
        }
    }
}

/// One suppressed address, by its keyed hash.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names are the documented output")]
pub struct SuppressionLine {
    pub address_hash: String,
    pub reason: String,
    pub origin: String,
    pub created_at: String,
}

impl SuppressionLine {
    pub(super) fn of(row: Suppression) -> Self {
        Self {
            address_hash: row.address_hash,
            reason: row.reason,
            origin: row.origin,
            created_at: instant(row.created_at),
        }
    }
}
