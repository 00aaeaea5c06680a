//! From lexemes to the tree, refusing whatever could be read in two ways.

use super::error::QueryError;
use super::leaf::{self, Typed};
use super::lexer::{Kind, Lexeme, lex};
use super::print::Canonical;
use super::{Leaf, Node, What};
use crate::model::Field;

/// Parentheses inside parentheses, at most.
const MAX_DEPTH: usize = 16;

/// Reads one interest.
pub(super) fn parse(text: &str) -> Result<Node, QueryError> {
    let mut lexemes = lex(text)?;
    lexemes.retain(|lexeme| match &lexeme.kind {
        Kind::Bare { text, .. } => text.contains(|ch: char| ch.is_alphanumeric() || ch == '*'),
        _ => true,
    });
    if lexemes.is_empty() {
        return Err(QueryError::new(1, "there is nothing to look for"));
    }
    let end = text.chars().count() + 1;
    let mut parser = Parser { lexemes: &lexemes, at: 0, end };
    let node = parser.level(None, 0)?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(QueryError::new(parser.column(), "this parenthesis was never opened")),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    And,
    Or,
}

struct Parser<'a> {
    lexemes: &'a [Lexeme],
    at: usize,
    /// The column after the last character.
    end: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Kind> {
        self.lexemes.get(self.at).map(|lexeme| &lexeme.kind)
    }

    fn column(&self) -> usize {
        self.lexemes.get(self.at).map_or(self.end, |lexeme| lexeme.column)
    }

    /// Everything up to a closing parenthesis or the end.
    fn level(&mut self, field: Option<Field>, depth: usize) -> Result<Node, QueryError> {
        if depth > MAX_DEPTH {
            return Err(QueryError::new(self.column(), format!("parentheses go at most {MAX_DEPTH} deep")));
        }
        let column = self.column();
        let mut parts = vec![self.unary(field, depth)?];
        let mut joints: Vec<(Joint, usize)> = Vec::new();
        loop {
            let at = self.column();
            let joint = match self.peek() {
                None | Some(Kind::Close) => break,
                Some(Kind::And) => Joint::And,
                Some(Kind::Or) => Joint::Or,
                Some(_) => {
                    joints.push((Joint::And, at));
                    parts.push(self.unary(field, depth)?);
                    continue;
                }
            };
            self.at += 1;
            joints.push((joint, at));
            parts.push(self.unary(field, depth)?);
        }
        join(parts, &joints, column)
    }

    fn unary(&mut self, field: Option<Field>, depth: usize) -> Result<Node, QueryError> {
        if self.peek() != Some(&Kind::Not) {
            return self.atom(field, depth);
        }
        self.at += 1;
        let column = self.column();
        if self.peek() == Some(&Kind::Not) {
            return Err(QueryError::new(column, "excluded twice is not excluded; leave both out"));
        }
        let node = self.atom(field, depth)?;
        if has_boost(&node) {
            return Err(QueryError::new(column, "what is excluded has no boost; leave the `^` out"));
        }
        Ok(Node::Not(Box::new(node)))
    }

    fn atom(&mut self, field: Option<Field>, depth: usize) -> Result<Node, QueryError> {
        let column = self.column();
        let node = match self.peek() {
            Some(Kind::Field(_)) if field.is_some() => {
                let message = "a field inside the parentheses of a field; name one of them";
                return Err(QueryError::new(column, message));
            }
            Some(Kind::Field(named)) => {
                self.at += 1;
                self.after_field(*named, column, depth)?
            }
            Some(Kind::Open) => self.group(field, depth)?,
            Some(Kind::Quoted(text)) => {
                self.at += 1;
                quoted(text, field, column)?
            }
            Some(Kind::Bare { .. }) => self.run(field)?,
            Some(Kind::Boost(_)) => {
                return Err(QueryError::new(column, "a boost stands behind what it boosts").suggest("word^2"));
            }
            Some(Kind::And | Kind::Or | Kind::Not) | None => {
                return Err(QueryError::new(column, "a word is missing here, beside an operator"));
            }
            Some(Kind::Close) => return Err(QueryError::new(column, "a word is missing before this parenthesis")),
        };
        let Some(Kind::Boost(boost)) = self.peek() else { return Ok(node) };
        self.at += 1;
        if let Some(Kind::Boost(_)) = self.peek() {
            return Err(QueryError::new(self.column(), "one boost is enough"));
        }
        Ok(if boost.tenths() == 10 { node } else { Node::Boosted(Box::new(node), *boost) })
    }

    /// A field binds to the next word, phrase or group.
    fn after_field(&mut self, field: Field, column: usize, depth: usize) -> Result<Node, QueryError> {
        let at = self.column();
        match self.peek() {
            Some(Kind::Open) => self.group(Some(field), depth),
            Some(Kind::Quoted(text)) => {
                self.at += 1;
                quoted(text, Some(field), at)
            }
            Some(Kind::Bare { text, exact }) => {
                self.at += 1;
                bare(&[Typed { text, exact: *exact, column: at }], Some(field))
            }
            _ => Err(QueryError::new(column, "no word, phrase or group follows this field")),
        }
    }

    fn group(&mut self, field: Option<Field>, depth: usize) -> Result<Node, QueryError> {
        let column = self.column();
        self.at += 1;
        let node = self.level(field, depth + 1)?;
        if self.peek() != Some(&Kind::Close) {
            return Err(QueryError::new(column, "this parenthesis is never closed"));
        }
        self.at += 1;
        Ok(node)
    }

    /// A maximal run of bare words; a prefix and a category stand for themselves.
    fn run(&mut self, field: Option<Field>) -> Result<Node, QueryError> {
        let mut typed: Vec<Typed<'a>> = Vec::new();
        while let Some(Kind::Bare { text, exact }) = self.peek() {
            let word = Typed { text, exact: *exact, column: self.column() };
            let alone = word.is_prefix() || field == Some(Field::Category);
            if alone && !typed.is_empty() {
                break;
            }
            typed.push(word);
            self.at += 1;
            if alone {
                break;
            }
        }
        bare(&typed, field)
    }
}

fn bare(typed: &[Typed<'_>], field: Option<Field>) -> Result<Node, QueryError> {
    let Some(first) = typed.first() else { return Err(QueryError::new(1, "there is nothing to look for")) };
    let what = match field {
        Some(Field::Category) => leaf::category(first.text, first.column)?,
        _ if first.is_prefix() => leaf::prefix(first)?,
        Some(Field::Author) => {
            let text: Vec<&str> = typed.iter().map(|word| word.text).collect();
            leaf::name(&text.join(" "), first.column)?
        }
        _ => leaf::words(typed)?,
    };
    Ok(Node::Leaf(Leaf { field, what }))
}

fn quoted(text: &str, field: Option<Field>, column: usize) -> Result<Node, QueryError> {
    let what: What = match field {
        Some(Field::Category) => leaf::category(text, column)?,
        Some(Field::Author) => leaf::name(text, column)?,
        _ => leaf::phrase(text, column)?,
    };
    Ok(Node::Leaf(Leaf { field, what }))
}

pub(super) fn has_boost(node: &Node) -> bool {
    match node {
        Node::And(parts) | Node::Or(parts) => parts.iter().any(has_boost),
        Node::Not(inner) => has_boost(inner),
        Node::Boosted(..) => true,
        Node::Leaf(_) => false,
    }
}

/// One level: all joined by AND, or all by OR.
fn join(mut parts: Vec<Node>, joints: &[(Joint, usize)], column: usize) -> Result<Node, QueryError> {
    let any_or = joints.iter().any(|(joint, _)| *joint == Joint::Or);
    if any_or && joints.iter().any(|(joint, _)| *joint == Joint::And) {
        return Err(mixed(&parts, joints));
    }
    if any_or {
        if parts.iter().any(|part| matches!(part, Node::Not(_))) {
            let message = "an alternative cannot be an exclusion: nearly every paper would match";
            return Err(QueryError::new(column, message));
        }
        return Ok(Node::Or(flatten(parts, Joint::Or)));
    }
    if parts.iter().all(|part| matches!(part, Node::Not(_))) {
        let message = "there are only exclusions here; say what to look for too, or begin the line with a minus";
        return Err(QueryError::new(column, message));
    }
    if parts.len() == 1 {
        return Ok(parts.remove(0));
    }
    let mut parts = flatten(parts, Joint::And);
    parts.sort_by_key(|part| matches!(part, Node::Not(_)));
    Ok(Node::And(parts))
}

/// Takes the parts of nested levels of the same kind in place of the levels.
fn flatten(parts: Vec<Node>, kind: Joint) -> Vec<Node> {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match (part, kind) {
            (Node::And(inner), Joint::And) | (Node::Or(inner), Joint::Or) => flat.extend(inner),
            (other, _) => flat.push(other),
        }
    }
    flat
}

/// Shows both readings of a level that mixes AND and OR.
fn mixed(parts: &[Node], joints: &[(Joint, usize)]) -> QueryError {
    let first = joints.first().map_or(Joint::And, |(joint, _)| *joint);
    let column = joints.iter().find(|(joint, _)| *joint != first).map_or(1, |(_, column)| *column);
    let and_first = reading(parts, joints, Joint::Or);
    let message = format!("AND and OR are mixed; write {and_first} or {}", reading(parts, joints, Joint::And));
    QueryError::new(column, message).suggest(and_first)
}

/// The level with parentheses so that `outer` binds last.
fn reading(parts: &[Node], joints: &[(Joint, usize)], outer: Joint) -> String {
    let inner_word = if outer == Joint::Or { " AND " } else { " OR " };
    let outer_word = if outer == Joint::Or { " OR " } else { " AND " };
    let mut groups: Vec<Vec<String>> = vec![Vec::new()];
    for (index, part) in parts.iter().enumerate() {
        if index > 0 && joints.get(index - 1).is_some_and(|(joint, _)| *joint == outer) {
            groups.push(Vec::new());
        }
        let text = match part {
            Node::And(_) | Node::Or(_) => format!("({})", Canonical(part)),
            part => Canonical(part).to_string(),
        };
        if let Some(group) = groups.last_mut() {
            group.push(text);
        }
    }
    let groups: Vec<String> = groups
        .into_iter()
        .map(|group| if group.len() == 1 { group.concat() } else { format!("({})", group.join(inner_word)) })
        .collect();
    groups.join(outer_word)
}
