//! One edition on the web, as it was mailed.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse};

use crate::links::Purpose;
use crate::model::{EditionId, Paper, PaperId, QuietDay};
use crate::render::{DigestInput, DigestItem, DigestLinks, ItemLinks, MorePaper, Typeset, digest_page};
use crate::store::editions::{Edition, EditionKind};
use crate::store::subscribers::Subscriber;
use crate::store::{Read, StoreError};
use crate::web::answer::Answer;
use crate::web::failure::Failure;
use crate::web::state::{Desk, Reader};

/// The edition, its papers in the texts they had, and the matches that did not fit into it. The link shows this one page and opens nothing else.
pub(in crate::web) async fn show(State(reader): State<Reader>, Path(token): Path<String>) -> Answer {
    let verified = reader.verify(Purpose::Archive, &token)?;
    let mut read = reader.read().await?;
    let edition = read.edition(EditionId(verified.id)).await?.ok_or(Failure::OldLink)?;
    let person = read.subscriber(edition.subscriber).await?.ok_or(Failure::OldLink)?;
    if person.link_generation != verified.generation {
        return Err(Failure::OldLink);
    }
    let papers = read.edition_papers(&edition).await?;
    let beyond = beyond(&mut read, &edition).await?;
    Ok(Html(render(&reader, &person, &edition, &papers, &beyond)?).into_response())
}

fn render(
    desk: &Desk,
    person: &Subscriber,
    edition: &Edition,
    papers: &[Paper],
    beyond: &[Paper],
) -> Result<String, Failure> {
    let page_of = |paper: &Paper| desk.path(&desk.links.paper(paper.id));
    let by_id: HashMap<PaperId, &Paper> = papers.iter().map(|paper| (paper.id, paper)).collect();
    let shown = edition.items.iter().filter_map(|item| Some((item, *by_id.get(&item.paper)?)));
    let items: Vec<DigestItem<'_>> = shown
        .map(|(item, paper)| {
            let links = ItemLinks { paper_page: page_of(paper).into(), more_like: None, less_like: None };
            DigestItem { item, paper, texts: Cow::Owned(Typeset::of(paper)), links }
        })
        .collect();
    let more: Vec<MorePaper<'_>> = beyond.iter().map(|paper| MorePaper { paper, page: page_of(paper) }).collect();
    let input = DigestInput {
        site: &desk.settings.site,
        language: &person.preferences.language,
        local_date: edition.local_date,
        address: person.address.as_str(),
        confirmed_on: None,
        operator_added: false,
        figures: &edition.figures,
        timezone: edition.timezone,
        items: &items,
        more_for_you: edition.more_for_you,
        quiet: match edition.kind {
            EditionKind::Normal => None,
            EditionKind::Trending => Some(QuietDay::Trending),
            EditionKind::Note | EditionKind::Silent | EditionKind::Missed => Some(QuietDay::Note),
        },
        links: links(desk),
    };
    Ok(digest_page(&desk.renderer, &desk.private_frame(None), &input, &more)?)
}

/// Links of the page that anybody may follow; none leads to the preferences.
fn links(desk: &Desk) -> DigestLinks {
    let manage = desk.path(&desk.links.manage());
    DigestLinks {
        site: desk.path(&desk.links.home()),
        archive: String::new(),
        preferences: manage.clone(),
        pause: manage.clone(),
        unsubscribe: manage,
        more: String::new(),
        unknown_edition: None,
    }
}

/// The matches beyond the reader's limit that are still there, each once and none that the edition shows.
async fn beyond(read: &mut Read, edition: &Edition) -> Result<Vec<Paper>, StoreError> {
    let shown: Vec<PaperId> = edition.items.iter().map(|item| item.paper).collect();
    let mut known: HashSet<PaperId> = read.resolve_merged(&shown).await?.into_iter().collect();
    let mut wanted = read.resolve_merged(&edition.figures.beyond).await?;
    wanted.retain(|paper| known.insert(*paper));
    let mut found: HashMap<PaperId, Paper> =
        read.papers_by_ids(&wanted).await?.into_iter().map(|paper| (paper.id, paper)).collect();
    let in_order = wanted.iter().filter_map(|paper| found.remove(paper));
    Ok(in_order.filter(|paper| !paper.withdrawn).collect())
}
