//! One edition on the web, as it was mailed.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse};

use crate::links::Purpose;
use crate::model::{EditionId, Item, Paper, PaperId, QuietDay};
use crate::render::{DigestInput, DigestItem, DigestLinks, ItemLinks, digest_page};
use crate::store::editions::{Edition, EditionKind};
use crate::store::papers::PaperTexts;
use crate::store::subscribers::Subscriber;
use crate::store::{Read, StoreError};
use crate::web::answer::Answer;
use crate::web::failure::Failure;
use crate::web::state::{Desk, Reader};

/// The edition, its papers in the texts they had. The link shows this one page and opens nothing else.
pub(in crate::web) async fn show(State(reader): State<Reader>, Path(token): Path<String>) -> Answer {
    let verified = reader.verify(Purpose::Archive, &token)?;
    let mut read = reader.read().await?;
    let edition = read.edition(EditionId(verified.id)).await?.ok_or(Failure::OldLink)?;
    let person = read.subscriber(edition.subscriber).await?.ok_or(Failure::OldLink)?;
    if person.link_generation != verified.generation {
        return Err(Failure::OldLink);
    }
    let papers = papers_of(&mut read, &edition).await?;
    let items: Vec<(&Item, &Paper)> =
        edition.items.iter().filter_map(|item| Some((item, papers.get(&item.paper)?))).collect();
    Ok(Html(render(&reader, &person, &edition, &items)?).into_response())
}

fn render(desk: &Desk, person: &Subscriber, edition: &Edition, items: &[(&Item, &Paper)]) -> Result<String, Failure> {
    let page_of = |paper: PaperId| ItemLinks {
        paper_page: desk.path(&desk.links.paper(paper)),
        more_like: None,
        less_like: None,
    };
    let items: Vec<DigestItem<'_>> =
        items.iter().map(|(item, paper)| DigestItem { item, paper, links: page_of(paper.id) }).collect();
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
        links: links(desk, edition),
    };
    Ok(digest_page(&desk.renderer, &desk.private_frame(None), &input)?)
}

/// Links of the page that anybody may follow; none leads to the preferences.
fn links(desk: &Desk, edition: &Edition) -> DigestLinks {
    let manage = desk.path(&desk.links.manage());
    DigestLinks {
        site: desk.path(&desk.links.home()),
        archive: String::new(),
        preferences: manage.clone(),
        pause: manage.clone(),
        unsubscribe: manage,
        more: desk.path(&desk.links.day(edition.window_until.date_naive())),
        unknown_edition: None,
    }
}

/// The papers of an edition by the ids it names, with the texts of the revisions it names.
async fn papers_of(read: &mut Read, edition: &Edition) -> Result<HashMap<PaperId, Paper>, StoreError> {
    let wanted: Vec<(PaperId, i64)> = edition.items.iter().map(|item| (item.paper, item.revision)).collect();
    let named: Vec<PaperId> = wanted.iter().map(|(paper, _)| *paper).collect();
    let now_known_as = read.resolve_merged(&named).await?;
    let current: HashMap<PaperId, Paper> =
        read.papers_by_ids(&now_known_as).await?.into_iter().map(|paper| (paper.id, paper)).collect();
    let mut texts: HashMap<(PaperId, i64), PaperTexts> = read.paper_revisions(&wanted).await?.into_iter().collect();
    let mut papers = HashMap::new();
    for (name, known_as) in wanted.into_iter().zip(now_known_as) {
        let (Some(mut paper), Some(texts)) = (current.get(&known_as).cloned(), texts.remove(&name)) else { continue };
        paper.title = texts.title;
        paper.abstract_text = texts.abstract_text;
        paper.authors = texts.authors;
        paper.categories = texts.categories;
        papers.insert(name.0, paper);
    }
    Ok(papers)
}
