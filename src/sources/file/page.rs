//! The text of a Daily Papers page as a browser saves it: blocks, most of them a title followed
//! by its abstract.
//!
//! Nothing marks a block as what it is, so their shapes decide: an abstract is a longish block
//! that ends like a sentence and is far longer than the title right before it. Short blocks that no
//! abstract follows are the page's own words and are left out.

use super::super::{SourceError, sniff};
use super::{FileReport, draft};
use crate::model::SourceName;

/// No title is longer.
const LONGEST_TITLE: usize = 300;
/// No abstract is shorter.
const SHORTEST_ABSTRACT: usize = 120;
/// A block of this length is running text wherever it stands.
const RUNNING_TEXT: usize = 400;

/// One block with the number of its first line, from 1.
struct Block {
    line: usize,
    text: String,
    chars: usize,
}

pub(super) fn read(text: &str) -> Result<FileReport, SourceError> {
    if sniff::is_html(text) || text.trim().is_empty() || text.contains('\0') {
        return Err(SourceError::Unexpected {
            expected: "titles and abstracts as plain text",
            came: sniff::describe(text),
        });
    }
    let source = SourceName::new(SourceName::IMPORT);
    let blocks = blocks(text);
    let mut report = FileReport::of("line");
    let mut index = 0;
    while index < blocks.len() {
        let block = &blocks[index];
        if !is_pair(&blocks, index) {
            if block.chars >= RUNNING_TEXT {
                report.bad(block.line, "a text without a title before it".to_owned());
            }
            index += 1;
            continue;
        }
        let mut paper = draft::blank(&source);
        paper.title.clone_from(&block.text);
        paper.abstract_text.clone_from(&blocks[index + 1].text);
        index += 2;
        while index < blocks.len() && blocks[index].chars >= RUNNING_TEXT {
            paper.abstract_text.push_str("\n\n");
            paper.abstract_text.push_str(&blocks[index].text);
            index += 1;
        }
        match draft::finish(paper, &mut report.warnings) {
            Ok(paper) => report.papers.push(paper),
            Err(reason) => report.bad(block.line, reason),
        }
    }
    Ok(report)
}

/// Paragraphs; in a text without blank lines, its lines.
fn blocks(text: &str) -> Vec<Block> {
    let spaced = text.trim().lines().any(|line| line.trim().is_empty());
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            open = false;
            continue;
        }
        match blocks.last_mut() {
            Some(last) if open && spaced => {
                last.text.push(' ');
                last.text.push_str(line);
                last.chars += line.chars().count() + 1;
            }
            _ => blocks.push(Block { line: number + 1, text: line.to_owned(), chars: line.chars().count() }),
        }
        open = true;
    }
    blocks
}

/// Whether the block at `index` is a title and the next one its abstract.
fn is_pair(blocks: &[Block], index: usize) -> bool {
    let (title, Some(body)) = (&blocks[index], blocks.get(index + 1)) else { return false };
    let says_something = title.text.chars().filter(|c| c.is_alphabetic()).count() >= 3;
    let far_longer = |long: &Block, short: &Block| long.chars >= SHORTEST_ABSTRACT && long.chars >= 2 * short.chars;
    // A long title is not the abstract of the line before it: its own abstract follows.
    let is_title_itself =
        body.chars <= LONGEST_TITLE && blocks.get(index + 2).is_some_and(|next| far_longer(next, body));
    title.chars <= LONGEST_TITLE
        && says_something
        && far_longer(body, title)
        && (body.chars >= RUNNING_TEXT || ends_like_a_sentence(&body.text))
        && !is_title_itself
}

fn ends_like_a_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»']);
    text.ends_with(['.', '!', '?', '…', ':', '。'])
}
