//! Invented papers in the words of Hugging Face's lists and arXiv's feeds.

use serde_json::{Value, json};

/// A paper as both sources may tell of it.
#[derive(Clone)]
pub struct Told {
    pub id: &'static str,
    pub title: &'static str,
    pub text: &'static str,
    pub author: &'static str,
    pub upvotes: Option<u32>,
    pub category: &'static str,
    pub kind: &'static str,
}

/// A paper about what its title says.
pub fn told(id: &'static str, title: &'static str) -> Told {
    Told {
        id,
        title,
        text: "We say what the title says, at some length.",
        author: "Mira Lindqvist",
        upvotes: Some(3),
        category: "cs.CL",
        kind: "new",
    }
}

/// A page of Hugging Face's list for a day.
pub fn list(day: &str, papers: &[Told]) -> Vec<u8> {
    let entries: Vec<Value> = papers
        .iter()
        .map(|paper| {
            json!({
                "paper": {
                    "id": paper.id, "title": paper.title, "summary": paper.text,
                    "authors": [{"name": paper.author}], "upvotes": paper.upvotes,
                    "publishedAt": format!("{day}T09:00:00.000Z"),
                    "submittedOnDailyAt": format!("{day}T00:00:00.000Z"),
                    "githubRepo": null, "projectPage": null,
                },
                "title": paper.title,
                "numComments": 1,
            })
        })
        .collect();
    serde_json::to_vec(&entries).expect("serialises")
}

/// A feed of arXiv for a day, `YYYY-MM-DD`.
pub fn feed(day: &str, papers: &[Told]) -> String {
    let day: chrono::NaiveDate = day.parse().expect("a date");
    let date = day.format("%a, %d %b %Y 00:00:00 -0500");
    let items: String = papers
        .iter()
        .map(|paper| {
            let Told { id, title, text, author, category, kind, .. } = paper;
            format!(
                "<item><title>{title}</title><link>https://arxiv.org/abs/{id}</link>\
                 <description>arXiv:{id}v1 Announce Type: {kind} \nAbstract: {text}</description>\
                 <guid isPermaLink=\"false\">oai:arXiv.org:{id}v1</guid><category>{category}</category>\
                 <pubDate>{date}</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>\
                 <dc:creator>{author}</dc:creator></item>"
            )
        })
        .collect();
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<rss xmlns:arxiv=\"http://arxiv.org/schemas/atom\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" version=\"2.0\"><channel>\
         <title>cs.CL updates on arXiv.org</title><pubDate>{date}</pubDate>{items}</channel></rss>"
    )
}
