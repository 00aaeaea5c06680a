//! Which stored paper an incoming one is.

use crate::model::{IncomingPaper, PaperId, PaperKey};
use crate::store::db::{Tx, on_conn};
use crate::store::dialect::storable;
use crate::store::error::StoreError;
use crate::store::papers::{PaperRow, paper_columns};

use super::IngestContext;
use super::record::Record;

/// The most names of one incoming paper that are kept.
const MAX_KEYS: usize = 16;
/// Names longer than this, in bytes, are no names. PostgreSQL's indexes end at 2,700.
const MAX_KEY_BYTES: usize = 512;
/// How many names one look-up takes.
const KEYS_A_QUERY: usize = 4;

/// Papers by four names, and those that share a title and whose first author does not differ.
/// Of the latter only title-only papers may join a keyed one.
const SAME: &str = concat!(
    "SELECT k.paper_key AS found_by, ",
    paper_columns!(),
    " FROM paper_keys k JOIN papers p ON p.id = k.paper_id WHERE k.paper_key IN ($1, $2, $3, $4) UNION ALL \
     SELECT * FROM (SELECT NULL AS found_by, ",
    paper_columns!(),
    " FROM papers p WHERE p.title_key = $5 \
     AND ($6 = '' OR p.first_author_key = '' OR p.first_author_key = $6) \
     AND ($7 = 1 OR p.paper_key LIKE 'title:%') \
     ORDER BY CASE WHEN p.first_author_key = $6 THEN 0 ELSE 1 END, p.id LIMIT 20) AS titled"
);

const ADD_KEYS: &str = "INSERT INTO paper_keys (paper_key, paper_id) SELECT column1, $1 \
                        FROM (VALUES ($2), ($3), ($4), ($5)) AS names WHERE column1 IS NOT NULL \
                        ON CONFLICT (paper_key) DO NOTHING";

/// Everything by which an incoming paper can be recognised.
pub(super) struct Identity {
    /// Strongest first; exactly one, of the title, when there is no better one.
    pub(super) keys: Vec<PaperKey>,
    pub(super) title_key: String,
    pub(super) first_author_key: String,
    distinctive: bool,
}

/// What is stored of an incoming paper.
pub(super) struct Found {
    /// The rows that are this paper, the one that stays first.
    pub(super) group: Vec<Record>,
    /// Its names that no paper has yet.
    pub(super) missing: Vec<PaperKey>,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    found_by: Option<String>,
    #[sqlx(flatten)]
    paper: PaperRow,
}

impl Identity {
    pub(super) fn of(incoming: &IncomingPaper, context: &IngestContext<'_>) -> Self {
        let title = if context.title_key.is_empty() { incoming.title.as_str() } else { context.title_key };
        let title_key = clipped(&storable(title)).to_owned();
        let first_author_key = clipped(&storable(context.first_author_key)).to_owned();
        let mut keys: Vec<PaperKey> = Vec::new();
        for key in &incoming.keys {
            // A title key is made here alone, so that a shared title never outweighs different authors;
            // and no paper has two arXiv ids.
            let second_arxiv = key.arxiv_id().is_some() && keys.iter().any(|kept| kept.arxiv_id().is_some());
            if !key.is_title() && !second_arxiv && key.as_str().len() <= MAX_KEY_BYTES && !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        keys.sort_by_key(strength);
        keys.truncate(MAX_KEYS);
        if keys.is_empty() {
            keys.push(PaperKey::title(&format!("{title_key}/{first_author_key}")));
        }
        Self { keys, title_key, first_author_key, distinctive: context.title_is_distinctive }
    }

    /// Whether nothing but the title says which paper this is.
    pub(super) fn is_title_only(&self) -> bool {
        self.keys.iter().all(PaperKey::is_title)
    }

    /// The rows that are this paper, out of those found by name and by title.
    fn choose(&self, named: Vec<Record>, titled: Vec<Record>) -> Vec<Record> {
        let mut arxiv = self.keys.iter().find_map(PaperKey::arxiv_id).map(str::to_owned);
        let mut keyed = !self.is_title_only();
        let mut group: Vec<Record> = Vec::new();
        let candidates = named.into_iter().map(|row| (row, true)).chain(titled.into_iter().map(|row| (row, false)));
        for (row, by_name) in candidates {
            let other = row.key.arxiv_id().map(str::to_owned);
            let same_arxiv = arxiv.is_none() || other.is_none() || arxiv == other;
            let joins = by_name || (!keyed || row.key.is_title()) && self.authors_agree(&row, &group);
            if same_arxiv && joins && group.iter().all(|chosen| chosen.id != row.id) {
                keyed |= !row.key.is_title();
                arxiv = arxiv.or(other);
                group.push(row);
            }
        }
        group.sort_by_key(|row| row.id);
        group
    }

    /// Whether a title may speak for `row`: no two of it, the incoming paper and the group name different authors.
    fn authors_agree(&self, row: &Record, group: &[Record]) -> bool {
        let others = group.iter().map(|chosen| &chosen.first_author_key).chain([&self.first_author_key]);
        row.first_author_key.is_empty()
            || others.into_iter().all(|author| author.is_empty() || *author == row.first_author_key)
    }
}

/// Strongest first: arXiv, DOI, whatever a source calls it, title.
pub(super) fn strength(key: &PaperKey) -> u8 {
    match key.as_str().split(':').next() {
        Some("arxiv") => 0,
        Some("doi") => 1,
        Some("title") => 3,
        _ => 2,
    }
}

fn clipped(text: &str) -> &str {
    let mut end = text.len().min(MAX_KEY_BYTES / 2);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl Tx {
    /// Finds the rows that are the same paper, and the names that are still free.
    pub(super) async fn find_same(&mut self, identity: &Identity) -> Result<Found, StoreError> {
        let mut named: Vec<(usize, Record)> = Vec::new();
        let mut titled = Vec::new();
        let mut taken = Vec::new();
        for (nth, keys) in identity.keys.chunks(KEYS_A_QUERY).enumerate() {
            let key = |n: usize| keys.get(n).map(PaperKey::as_str);
            let title = (nth == 0 && identity.distinctive).then_some(&identity.title_key);
            let rows: Vec<FoundRow> = on_conn!(self, conn => sqlx::query_as(SAME)
                .bind(key(0)).bind(key(1)).bind(key(2)).bind(key(3))
                .bind(title)
                .bind(&identity.first_author_key)
                .bind(i64::from(identity.is_title_only()))
                .fetch_all(conn)
                .await?);
            for row in rows {
                let record = Record::from_row(row.paper)?;
                let Some(name) = row.found_by else {
                    titled.push(record);
                    continue;
                };
                let place = identity.keys.iter().position(|key| key.as_str() == name).unwrap_or(usize::MAX);
                taken.push(place);
                named.push((place, record));
            }
        }
        named.sort_by_key(|(place, _)| *place);
        let named = named.into_iter().map(|(_, record)| record).collect();
        let free = |(place, _): &(usize, &PaperKey)| !taken.contains(place);
        let missing = identity.keys.iter().enumerate().filter(free).map(|(_, key)| key.clone()).collect();
        Ok(Found { group: identity.choose(named, titled), missing })
    }

    /// Gives a paper more names.
    pub(super) async fn add_keys(&mut self, paper: PaperId, keys: &[PaperKey]) -> Result<(), StoreError> {
        for keys in keys.chunks(KEYS_A_QUERY) {
            let key = |n: usize| keys.get(n).map(PaperKey::as_str);
            on_conn!(self, conn => sqlx::query(ADD_KEYS)
                .bind(paper.0)
                .bind(key(0)).bind(key(1)).bind(key(2)).bind(key(3))
                .execute(conn)
                .await
                .map(|_| ())?);
        }
        Ok(())
    }
}
