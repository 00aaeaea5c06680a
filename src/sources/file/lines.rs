//! JSON Lines: one paper a line, in our own words or in those of common arXiv dumps.

use super::super::identity;
use super::super::json::{self, Node};
use super::{FileReport, draft};
use crate::model::{IncomingPaper, PaperKey, Signals, SourceName};

const LONGEST_LINE: usize = 4 << 20;
const LONGEST_ID: usize = 500;

pub(super) fn read(bytes: &[u8]) -> FileReport {
    let source = SourceName::new(SourceName::IMPORT);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut report = FileReport::of("line");
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        match read_line(&source, line, &mut report.warnings) {
            Ok(paper) => report.papers.push(paper),
            Err(reason) => report.bad(index + 1, reason),
        }
    }
    report
}

fn read_line(source: &SourceName, line: &[u8], notes: &mut Vec<String>) -> Result<IncomingPaper, String> {
    if line.len() > LONGEST_LINE {
        return Err(format!("it is longer than {LONGEST_LINE} bytes"));
    }
    let line = std::str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
    read_node(source, &json::record(line)?, notes)
}

/// Reads one object in the words of an import.
pub(super) fn read_node(source: &SourceName, node: &Node, notes: &mut Vec<String>) -> Result<IncomingPaper, String> {
    let id = node.text("id");
    let links: Vec<String> = ["url", "abs", "pdf", "doi"].iter().filter_map(|name| node.text(name)).collect();
    let mut paper = draft::blank(source);
    paper.keys = keys(source, id.as_deref(), &links)?;
    paper.title = node.text("title").ok_or("it has no title")?;
    paper.abstract_text = node.text("abstract").or_else(|| node.text("summary")).ok_or("it has no abstract")?;
    paper.authors = node.names("authors");
    paper.categories = categories(node);
    paper.published_at = node.time("published_at");
    paper.announced_on = node.date("announced_on");
    paper.url = node.text("url").or_else(|| node.text("abs")).or_else(|| own_page(&paper.keys));
    paper.code_url = node.text("github_url");
    paper.project_url = node.text("project_url");
    paper.withdrawn = node.get("withdrawn") == Some(&Node::Bool(true));
    paper.signals = Signals {
        upvotes: node.count("upvotes"),
        comments: node.count("comments"),
        github_stars: node.count("github_stars"),
    };
    draft::finish(paper, notes)
}

/// Public identities from the id and the links; without any, what the file itself calls the paper.
fn keys(source: &SourceName, id: Option<&str>, links: &[String]) -> Result<Vec<PaperKey>, String> {
    let keys = identity::keys_of(id.into_iter().chain(links.iter().map(String::as_str)));
    if !keys.is_empty() {
        return Ok(keys);
    }
    let own = id.or(links.first().map(String::as_str)).ok_or("it has neither id nor url")?;
    if own.len() > LONGEST_ID || own.chars().any(char::is_control) {
        return Err(format!("its id is longer than {LONGEST_ID} bytes or holds control characters"));
    }
    Ok(vec![PaperKey::source(source, own.trim())])
}

/// A list, or one text with spaces between as in arXiv's own dumps.
fn categories(node: &Node) -> Vec<String> {
    match node.get("categories") {
        Some(Node::Text(text)) => text.split_whitespace().map(str::to_owned).collect(),
        _ => node.names("categories"),
    }
}

fn own_page(keys: &[PaperKey]) -> Option<String> {
    keys.iter().find_map(|key| {
        key.arxiv_id()
            .map(identity::arxiv_url)
            .or_else(|| Some(format!("https://doi.org/{}", key.as_str().strip_prefix("doi:")?)))
    })
}
