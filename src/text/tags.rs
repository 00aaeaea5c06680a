//! HTML, JATS and MathML tags in titles and abstracts.
//!
//! Only known tags go: `x < y` and `<think>` are text.

use super::tex::scripts;

/// Longer tags than this are taken for text.
const MAX_TAG: usize = 4096;

/// Strips known tags. Blocks end a paragraph, cells and line breaks a word;
/// what stands in `<sub>` and `<sup>` becomes Unicode where all of its characters can.
pub(super) fn strip(text: &str) -> String {
    let mut stripped = String::with_capacity(text.len());
    let mut rest = text;
    let mut script: Option<(Script, usize)> = None;
    while let Some(at) = rest.find('<') {
        stripped.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(tag) = Tag::read(rest) else {
            stripped.push('<');
            rest = &rest[1..];
            continue;
        };
        rest = &rest[tag.length..];
        match tag.kind {
            Kind::Inline => {}
            Kind::Space => stripped.push(' '),
            Kind::Break => stripped.push('\n'),
            Kind::Block => stripped.push_str("\n\n"),
            Kind::Script(which) if tag.closes => {
                if let Some((_, start)) = script.take().filter(|(open, _)| *open == which) {
                    raise(&mut stripped, start, which);
                }
            }
            Kind::Script(which) => script = Some((which, stripped.len())),
        }
    }
    stripped.push_str(rest);
    stripped
}

/// Replaces the text from `start` on by its script form, if there is one.
fn raise(text: &mut String, start: usize, which: Script) {
    let inner = text[start..].trim();
    let raised = match which {
        Script::Sub => scripts::subscript(inner),
        Script::Sup => scripts::superscript(inner),
    };
    if let Some(raised) = raised {
        text.truncate(start);
        text.push_str(&raised);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Script {
    Sub,
    Sup,
}

#[derive(Clone, Copy)]
enum Kind {
    Inline,
    Space,
    Break,
    Block,
    Script(Script),
}

struct Tag {
    kind: Kind,
    closes: bool,
    length: usize,
}

impl Tag {
    /// Reads a known tag, or a comment, at the `<` that `text` begins with.
    fn read(text: &str) -> Option<Self> {
        let closes = text.starts_with("</");
        let name_start = if closes { 2 } else { 1 };
        let tail = &text[name_start..];
        let name_length = tail.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-')).count();
        let kind = kind(&tail[..name_length])?;
        let tail = &tail[name_length..];
        let attributes = tail.bytes().take(MAX_TAG).position(|byte| matches!(byte, b'>' | b'<'))?;
        let well_formed = tail.as_bytes()[attributes] == b'>' && are_attributes(&tail[..attributes]);
        well_formed.then_some(Self { kind, closes, length: name_start + name_length + attributes + 1 })
    }
}

/// Whether `text` can stand between a tag's name and its `>`: nothing, `/`, or `name="value"` pairs.
/// So `a <b and c> d` is not taken for a tag.
fn are_attributes(text: &str) -> bool {
    let text = text.strip_suffix('/').unwrap_or(text);
    text.trim().is_empty() || (text.starts_with(char::is_whitespace) && text.contains('='))
}

fn kind(name: &str) -> Option<Kind> {
    let name = name.to_ascii_lowercase();
    let local = match name.split_once(':') {
        Some(("jats" | "mml" | "m" | "xhtml", local)) => local,
        Some(_) => return None,
        None => name.as_str(),
    };
    Some(match local {
        "sub" | "inf" => Kind::Script(Script::Sub),
        "sup" => Kind::Script(Script::Sup),
        "br" | "break" => Kind::Break,
        "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "sec" | "title" | "abstract" | "blockquote" | "ul"
        | "ol" | "dl" | "table" | "section" | "article" | "pre" | "list" | "disp-formula" | "hr" => Kind::Block,
        "li" | "dt" | "dd" | "tr" | "td" | "th" | "list-item" | "img" | "mtr" | "mtd" => Kind::Space,
        "a" | "abbr" | "b" | "big" | "bold" | "cite" | "code" | "del" | "em" | "ext-link" | "font" | "i"
        | "inline-formula" | "ins" | "italic" | "kbd" | "label" | "mark" | "math" | "mfrac" | "mi" | "mn" | "mo"
        | "mrow" | "mspace" | "msqrt" | "mstyle" | "msub" | "msubsup" | "msup" | "mtext" | "monospace" | "q"
        | "roman" | "s" | "samp" | "sc" | "semantics" | "small" | "span" | "strike" | "strong" | "styled-content"
        | "svg" | "tbody" | "tex-math" | "tt" | "u" | "underline" | "var" | "wbr" | "xref" => Kind::Inline,
        _ => return None,
    })
}
