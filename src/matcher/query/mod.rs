//! The query language: text to a tree, the tree back to its canonical text.
//!
//! ```text
//! interest = or-expr                     mixing AND and OR without parentheses is refused
//! or-expr  = and-expr *( "OR" and-expr )
//! and-expr = unary *( [ "AND" ] unary )
//! unary    = [ "NOT" / "-" ] atom        no boost on a negated atom
//! atom     = ( [ field ":" ] ( word / prefix / phrase / "(" or-expr ")" ) / run ) [ "^" boost ]
//! run      = word 1*word                 a maximal run of bare words: a loose phrase
//! word     = [ "=" ] chars               "=": this exact form
//! prefix   = 3*chars "*"
//! field    = title / abstract / author / category
//! boost    = 0.1 ... 10, in tenths
//! ```
//!
//! Where words are looked for when no field is named: single words in title and abstract;
//! several together (a run, a phrase, a hyphenated or dotted word) also in authors and categories,
//! so that a full name or `cs.CL` finds what it says, and a word such as *law* no author.
//!
//! This module knows no paper and no score.

mod error;
pub(super) mod leaf;
mod lexer;
mod parser;
mod print;

use std::fmt;

pub use error::QueryError;

use super::acronyms::Synonym;
use crate::model::Field;

/// The longest interest, in characters, as typed and in canonical form.
pub const MAX_QUERY_CHARS: usize = 256;

/// How much an interest counts, in tenths: 1 to 100, 10 being usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Boost(u8);

impl Boost {
    /// Counts as usual.
    pub const NEUTRAL: Self = Self(10);

    /// A boost of so many tenths, if that is from 0.1 to 10.
    pub fn from_tenths(tenths: u32) -> Option<Self> {
        u8::try_from(tenths).ok().filter(|tenths| (1..=100).contains(tenths)).map(Self)
    }

    /// The boost in tenths.
    pub fn tenths(self) -> u32 {
        u32::from(self.0)
    }
}

/// One interest, understood.
///
/// Two texts that mean the same in the same order are equal. `Display` gives the canonical text,
/// and reading that again gives an equal query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    root: Node,
    boost: Boost,
}

impl Query {
    /// Reads an interest.
    ///
    /// # Errors
    ///
    /// Says what is wrong, at which character, and where possible what was probably meant.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let root = parser::parse(text)?;
        let query = match root {
            Node::Boosted(inner, boost) => Self { root: *inner, boost },
            root => Self { root, boost: Boost::NEUTRAL },
        };
        if query.to_string().chars().count() > MAX_QUERY_CHARS {
            return Err(QueryError::new(1, format!("written out in full this is over {MAX_QUERY_CHARS} characters"))
                .suggest("split it into several lines"));
        }
        Ok(query)
    }

    /// How much the whole interest counts.
    pub fn boost(&self) -> Boost {
        self.boost
    }

    /// The canonical text without the boost of the whole: the key under which equal interests share their work.
    pub fn interest(&self) -> String {
        print::Canonical(&self.root).to_string()
    }

    /// Whether anything in it counts more or less than usual.
    pub(super) fn has_boost(&self) -> bool {
        self.boost != Boost::NEUTRAL || parser::has_boost(&self.root)
    }

    pub(super) fn root(&self) -> &Node {
        &self.root
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::write_boosted(f, &self.root, self.boost)
    }
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// All of them; what is not negated stands first, and there is at least one such.
    And(Vec<Node>),
    /// At least one of them; none is negated.
    Or(Vec<Node>),
    /// Not this; only inside `And`.
    Not(Box<Node>),
    /// This, counting more or less.
    Boosted(Box<Node>, Boost),
    /// Something to look for.
    Leaf(Leaf),
}

/// Something to look for, and in which field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Leaf {
    /// The field named; without one, see the module's page.
    pub field: Option<Field>,
    /// What to look for.
    pub what: What,
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// One word.
    Word(Word),
    /// All words that begin so.
    Prefix(String),
    /// These words side by side.
    Phrase(Vec<Word>),
    /// These words near each other. Stop words among them only keep the distances.
    Loose(Vec<Word>),
    /// Parts of one author's name.
    Name(Vec<String>),
    /// A category; `below` means the archive with all its categories, `cs.*`.
    Category {
        /// Folded name.
        name: String,
        /// Whether everything under the name is meant.
        below: bool,
    },
}

/// A word; a hyphenated one has several pieces.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Word {
    /// Folded pieces, never empty.
    pub pieces: Vec<String>,
    /// Only this form: no stem, no acronym.
    pub exact: bool,
    /// Other ways to write it, which count the same. Never there in what was parsed: the
    /// acronyms of the run are put beside the words when a query is evaluated.
    pub also: Vec<Synonym>,
}

impl Word {
    pub(super) fn new(pieces: Vec<String>, exact: bool) -> Self {
        Self { pieces, exact, also: Vec::new() }
    }
}

#[cfg(test)]
mod tests;
