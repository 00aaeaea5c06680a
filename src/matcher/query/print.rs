//! The canonical text of a query.

use std::fmt;

use super::{Boost, Leaf, Node, What, Word};
use crate::model::Field;

/// Prints a node without parentheses around it.
pub(super) struct Canonical<'a>(pub &'a Node);

impl fmt::Display for Canonical<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_node(f, self.0)
    }
}

/// Prints a node and how much it counts.
pub(super) fn write_boosted(f: &mut fmt::Formatter<'_>, node: &Node, boost: Boost) -> fmt::Result {
    if boost == Boost::NEUTRAL {
        return write_node(f, node);
    }
    match node {
        Node::Leaf(leaf) => write_leaf(f, leaf)?,
        node => write_group(f, node)?,
    }
    match (boost.tenths() / 10, boost.tenths() % 10) {
        (whole, 0) => write!(f, "^{whole}"),
        (whole, tenth) => write!(f, "^{whole}.{tenth}"),
    }
}

fn write_node(f: &mut fmt::Formatter<'_>, node: &Node) -> fmt::Result {
    match node {
        Node::And(parts) => {
            for (index, part) in parts.iter().enumerate() {
                match part {
                    Node::Not(_) => f.write_str(" ")?,
                    _ if index > 0 => f.write_str(" AND ")?,
                    _ => {}
                }
                write_operand(f, part)?;
            }
            Ok(())
        }
        Node::Or(parts) => {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    f.write_str(" OR ")?;
                }
                write_operand(f, part)?;
            }
            Ok(())
        }
        Node::Not(inner) => {
            f.write_str("-")?;
            match &**inner {
                Node::Leaf(Leaf { field: None, what: What::Loose(_) }) => write_group(f, inner),
                inner => write_operand(f, inner),
            }
        }
        Node::Boosted(inner, boost) => write_boosted(f, inner, *boost),
        Node::Leaf(leaf) => write_leaf(f, leaf),
    }
}

fn write_operand(f: &mut fmt::Formatter<'_>, node: &Node) -> fmt::Result {
    match node {
        Node::And(_) | Node::Or(_) => write_group(f, node),
        node => write_node(f, node),
    }
}

fn write_group(f: &mut fmt::Formatter<'_>, node: &Node) -> fmt::Result {
    f.write_str("(")?;
    write_node(f, node)?;
    f.write_str(")")
}

fn write_leaf(f: &mut fmt::Formatter<'_>, leaf: &Leaf) -> fmt::Result {
    let field = match leaf.field {
        None => "",
        Some(Field::Title) => "title:",
        Some(Field::Abstract) => "abstract:",
        Some(Field::Author) => "author:",
        Some(Field::Category) => "category:",
    };
    f.write_str(field)?;
    match &leaf.what {
        What::Word(word) => write_words(f, std::slice::from_ref(word)),
        What::Prefix(prefix) => write!(f, "{prefix}*"),
        What::Phrase(words) => {
            f.write_str("\"")?;
            write_words(f, words)?;
            f.write_str("\"")
        }
        What::Loose(words) if leaf.field.is_some() => {
            f.write_str("(")?;
            write_words(f, words)?;
            f.write_str(")")
        }
        What::Loose(words) => write_words(f, words),
        What::Name(parts) => match parts.as_slice() {
            [only] => f.write_str(only),
            parts => write!(f, "\"{}\"", parts.join(" ")),
        },
        What::Category { name, below } => {
            let star = if *below { ".*" } else { "" };
            if name.contains(' ') { write!(f, "\"{name}{star}\"") } else { write!(f, "{name}{star}") }
        }
    }
}

fn write_words(f: &mut fmt::Formatter<'_>, words: &[Word]) -> fmt::Result {
    for (index, word) in words.iter().enumerate() {
        let space = if index > 0 { " " } else { "" };
        let exact = if word.exact { "=" } else { "" };
        write!(f, "{space}{exact}{}", word.pieces.join("-"))?;
    }
    Ok(())
}
