//! The page of one paper.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect};

use crate::model::PaperId;
use crate::render::pages::PaperPage;
use crate::web::answer::Answer;
use crate::web::failure::Failure;
use crate::web::state::Reader;

/// More characters than any abstract has.
const WHOLE: usize = 20_000;

/// Title, authors, the whole abstract, and where else to read.
pub(in crate::web) async fn show(State(reader): State<Reader>, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let id = PaperId(id.parse().map_err(|_| Failure::NotFound)?);
    let paper = reader.read().await?.paper(id).await?.ok_or(Failure::NotFound)?;
    if paper.id != id {
        // It turned out to be another paper, under whose id it now stands.
        return Ok(Redirect::permanent(&reader.path(&reader.links.paper(paper.id))).into_response());
    }
    let today = reader.now().date_naive();
    let view = super::papers::view(&reader, &paper, today, WHOLE)?;
    let available = paper.available_at.date_naive();
    let page = PaperPage::new(reader.frame(Some("papers")), view, &paper, reader.path(&reader.links.day(available)));
    reader.public_page(&headers, "pages/paper.html", page)
}
