//! Reading what mails are made of, for many deliveries at once.
//!
//! Papers are read once a pass, whoever gets them: their texts are the same for all readers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{EditionId, Paper, PaperId, SubscriberId};
use crate::render::Typeset;
use crate::store::deliveries::Claimed;
use crate::store::editions::Edition;
use crate::store::subscribers::Addressee;
use crate::store::{Db, Read, StoreError};

/// Papers kept at most; a pass that meets more begins anew.
const SHELF: usize = 4096;

/// What a mail is about: a person, and for a digest the edition with its papers.
pub struct Sample {
    /// Whose mail it is.
    pub reader: Arc<Addressee>,
    /// What it carries.
    pub edition: Option<(Arc<Edition>, Vec<Arc<Prepared>>)>,
}

/// A paper with what is the same in the mails of all its readers.
pub struct Prepared {
    /// Its row, in the revision that is shown.
    pub paper: Paper,
    /// As its readers see it.
    pub texts: Typeset,
}

impl Prepared {
    /// Gets a paper ready for any number of mails.
    pub fn of(paper: Paper) -> Self {
        Self { texts: Typeset::of(&paper), paper }
    }
}

/// Papers in the revisions that editions name.
#[derive(Default)]
pub(super) struct Shelf(Mutex<HashMap<(PaperId, i64), Arc<Prepared>>>);

impl Shelf {
    /// What each of `deliveries` is about, in their order; `None` where the subscriber or the edition is gone.
    pub(super) async fn read(&self, db: &Db, deliveries: &[Claimed]) -> Result<Vec<Option<Sample>>, StoreError> {
        let mut read = db.read_by_key().await?;
        let people: Vec<SubscriberId> = deliveries.iter().filter_map(|delivery| delivery.subscriber).collect();
        let editions: Vec<EditionId> = deliveries.iter().filter_map(|delivery| delivery.edition).collect();
        let people: HashMap<SubscriberId, Arc<Addressee>> =
            read.addressees(&people).await?.into_iter().map(|person| (person.id, Arc::new(person))).collect();
        let editions: HashMap<EditionId, Arc<Edition>> =
            read.editions_by_ids(&editions).await?.into_iter().map(|edition| (edition.id, Arc::new(edition))).collect();
        self.fill(&mut read, editions.values()).await?;
        let papers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sample = |delivery: &Claimed| {
            let reader = Arc::clone(people.get(&delivery.subscriber?)?);
            let Some(edition) = delivery.edition else { return Some(Sample { reader, edition: None }) };
            let edition = Arc::clone(editions.get(&edition)?);
            let named = edition.items.iter().filter_map(|item| papers.get(&(item.paper, item.revision)).cloned());
            let papers = named.collect();
            Some(Sample { reader, edition: Some((edition, papers)) })
        };
        Ok(deliveries.iter().map(sample).collect())
    }

    /// Adds the papers of these editions that are not here yet.
    async fn fill(
        &self,
        read: &mut Read,
        editions: impl Iterator<Item = &Arc<Edition>> + Clone,
    ) -> Result<(), StoreError> {
        let named = editions.flat_map(|edition| edition.items.iter().map(|item| (item.paper, item.revision)));
        let missing: Vec<(PaperId, i64)> = {
            let mut here = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if here.len() > SHELF {
                here.clear();
            }
            named.filter(|name| !here.contains_key(name)).collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let found = read.papers_as_named(&missing).await?;
        let mut here = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        here.extend(found.into_iter().map(|(name, paper)| (name, Arc::new(Prepared::of(paper)))));
        Ok(())
    }
}
