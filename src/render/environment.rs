//! The template engine, set up once: every template compiled, one environment a language.
//!
//! Undefined names are errors, everything printed is escaped, no template runs for ever.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};
use serde::Serialize;

use crate::model::{DeliveryKind, LocalDate};

use super::assets::{STYLE, ZONE};
use super::catalogue::{Words, WordsError};
use super::error::RenderError;
use super::escape::{write_html, write_text};
use super::frame::Site;
use super::galley::{self, Blank, Form, Galley, Galleys, Matter};
use super::mails::{AlertInput, ConfirmationInput, LinksInput};
use super::sample::DigestSample;
use super::source::Source;
use super::templates::{CATALOGUES, TEMPLATES};
use super::{dates, marks, wrap};

/// Steps one rendering may take: fifty papers need about a twentieth of it.
const FUEL: u64 = 2_000_000;

/// Where the inline styles of mails are set; every template knows them as `s`.
const STYLES: &str = "email/_styles.html";

/// Renders mails and pages. Made once at the start, shared by all.
pub struct Renderer {
    languages: Vec<Language>,
    hash: String,
}

struct Language {
    words: Arc<Words>,
    environment: Environment<'static>,
    /// The same, with the filters that write marks.
    setting: Environment<'static>,
    galleys: Galleys,
    /// Whether some template is the operator's own, which may do what galleys do not know.
    has_own: bool,
}

impl Renderer {
    /// Compiles the templates and catalogues of this program.
    ///
    /// # Errors
    ///
    /// A template that does not compile, a catalogue that is not JSON.
    pub fn new() -> Result<Self, RenderError> {
        Self::with_overrides(BTreeMap::new())
    }

    /// The same, with some templates replaced by the operator's own, by their path under `templates/`.
    ///
    /// # Errors
    ///
    /// As [`Renderer::new`], and a name that is not one of ours.
    pub fn with_overrides(mut overrides: BTreeMap<String, String>) -> Result<Self, RenderError> {
        let sources: Vec<Source> =
            TEMPLATES.iter().map(|(name, text)| Source { name, text, own: overrides.remove(*name) }).collect();
        if let Some(name) = overrides.into_keys().next() {
            return Err(RenderError::UnknownTemplate(name));
        }
        let languages =
            CATALOGUES.iter().map(|(tag, json)| Language::new(tag, json, &sources)).collect::<Result<_, _>>()?;
        Ok(Self { languages, hash: hash(&sources) })
    }

    /// SHA-256 in hex over every template and catalogue: the same hash and the same input give the same bytes.
    pub fn template_hash(&self) -> String {
        self.hash.clone()
    }

    /// Renders every sample of every mail and throws it away: finds in an operator's templates what
    /// compiling cannot find.
    ///
    /// # Errors
    ///
    /// The first sample that does not render.
    pub fn check(&self) -> Result<(), RenderError> {
        for sample in DigestSample::all() {
            super::digest(self, &sample.input(&sample.items()))?;
        }
        let (site, address) = (Site::sample(), "ada@example.org");
        super::confirmation(self, &ConfirmationInput::sample(&site, address))?;
        super::manage_link(self, &LinksInput::sample(&site, address))?;
        super::already_subscribed(self, &LinksInput::sample(&site, address))?;
        for alert in AlertInput::samples() {
            super::alert(self, &AlertInput::of(&site, &alert))?;
        }
        Ok(())
    }

    /// The words of a language, or of the first one shipped when there is no catalogue for it.
    pub fn words(&self, language: &str) -> &Words {
        &self.language(language).words
    }

    /// Renders a page. `template` is a path under `templates/`, such as `pages/digest.html`; the context
    /// has a [`super::Frame`] as its field `frame`.
    ///
    /// # Errors
    ///
    /// A template that is not there, or that asks for something the context does not have.
    pub fn page(&self, template: &str, context: impl Serialize) -> Result<String, RenderError> {
        let context = Value::from(Serde(&context));
        let language = context.get_attr("frame").and_then(|frame| frame.get_attr("language")).unwrap_or_default();
        self.render(language.as_str().unwrap_or_default(), template, &context)
    }

    /// Renders one of the three files of a mail kind: `subject.txt`, `body.txt` or `body.html`.
    pub(super) fn mail_part(
        &self,
        language: &str,
        kind: DeliveryKind,
        file: &str,
        context: &Value,
    ) -> Result<String, RenderError> {
        self.render(language, &format!("email/{}/{file}", kind.as_str()), context)
    }

    /// Appends what a template of a mail makes of this.
    pub(super) fn set<M: Matter>(
        &self,
        language: &str,
        template: &'static str,
        matter: &M,
        out: &mut String,
    ) -> Result<(), RenderError> {
        let language = self.language(language);
        if language.has_own {
            out.push_str(&language.render(template, &matter.value())?);
            return Ok(());
        }
        let fillings = matter.fillings();
        let shape = galley::shape(&fillings);
        let galley = language.galleys.get(template, shape, || language.galley(template, M::blank(shape)))?;
        Ok(galley.fill(Form::of(template), &language.words, &fillings, out)?)
    }

    fn render(&self, language: &str, template: &str, context: &Value) -> Result<String, RenderError> {
        self.language(language).render(template, context)
    }

    fn language(&self, wanted: &str) -> &Language {
        let primary = wanted.split(['-', '_']).next().unwrap_or_default();
        let known =
            |tag: &str| self.languages.iter().find(|language| language.words.language().eq_ignore_ascii_case(tag));
        known(wanted).or_else(|| known(primary)).unwrap_or(&self.languages[0])
    }
}

impl Language {
    fn new(tag: &str, json: &str, sources: &[Source]) -> Result<Self, RenderError> {
        let unreadable = |source| RenderError::Catalogue { language: tag.to_owned(), source };
        let words = Arc::new(Words::parse(tag, json).map_err(unreadable)?);
        let mut environment = engine(&words);
        let styles = styles(&environment, sources).map_err(|source| RenderError::template(STYLES, source))?;
        for source in sources {
            let text = source.prepared(&styles, &words);
            environment
                .add_template_owned(source.name, text)
                .map_err(|error| RenderError::template(source.name, error))?;
        }
        environment.add_global("s", styles);
        let has_own = sources.iter().any(|source| source.own.is_some());
        let setting = setting(&environment, &words);
        Ok(Self { words, environment, setting, galleys: Galleys::default(), has_own })
    }

    fn render(&self, template: &str, context: &Value) -> Result<String, RenderError> {
        rendered(&self.environment, template, context)
    }

    /// Sets a template with blanks.
    fn galley(&self, template: &str, blanks: Value) -> Result<Galley, RenderError> {
        let printed = rendered(&self.setting, template, &blanks)?;
        let broken = || Error::new(ErrorKind::InvalidOperation, "a filter that galleys do not know took a value apart");
        Galley::read(&printed).ok_or_else(|| RenderError::template(template, broken()))
    }
}

fn rendered(engine: &Environment<'_>, template: &str, context: &Value) -> Result<String, RenderError> {
    let rendered = engine.get_template(template).and_then(|found| found.render(context.clone()));
    rendered.map_err(|source| RenderError::template(template, source))
}

/// What the template of styles sets, by name.
fn styles(engine: &Environment<'static>, sources: &[Source]) -> Result<Value, Error> {
    let mut engine = engine.clone();
    let text = sources.iter().find(|source| source.name == STYLES).map_or("", Source::text);
    engine.add_template(STYLES, text)?;
    let found = Arc::new(OnceLock::new());
    let kept = Arc::clone(&found);
    // A value can only leave a template as an argument.
    engine.add_function("keep", move |module: Value| kept.set(module).map(|()| "").unwrap_or_default());
    engine.render_str(&format!("{{% import {STYLES:?} as styles %}}{{{{ keep(styles) }}}}"), ())?;
    Ok(found.get().cloned().unwrap_or_default())
}

fn engine(words: &Arc<Words>) -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    engine.set_formatter(print);
    engine.remove_filter("safe");
    let mut syntax = minijinja::syntax::SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    // Only custom delimiters can be wrong, and none are set.
    engine.set_syntax(syntax.build().unwrap_or_default());

    engine.add_global("language", words.language());
    engine.add_global("style_version", &sha256_hex(&[STYLE.as_bytes()])[..12]);
    engine.add_global("zone_version", &sha256_hex(&[ZONE.as_bytes()])[..12]);
    engine.add_filter("wrap", |text: &str, args: Kwargs| -> Result<String, Error> {
        let (first, rest) = (args.get::<Option<&str>>("first")?, args.get::<Option<&str>>("rest")?);
        args.assert_all_used()?;
        Ok(wrapped(text, first.unwrap_or_default(), rest.unwrap_or_default()))
    });
    engine.add_filter("hits", marks::hits);
    let catalogue = Arc::clone(words);
    engine.add_filter("number", move |n: u64| catalogue.number(n));
    let catalogue = Arc::clone(words);
    engine.add_filter("long_date", move |date: &str| in_words(dates::long(&catalogue, iso_date(date)?)));
    let catalogue = Arc::clone(words);
    engine.add_filter("plain_date", move |date: &str| in_words(dates::plain(&catalogue, iso_date(date)?)));
    let catalogue = Arc::clone(words);
    engine.add_function("t", move |key: &str, args: Kwargs| translate(&catalogue, key, &args));
    engine
}

/// The engine for setting galleys: what is done to blanks is noted.
fn setting(engine: &Environment<'static>, words: &Arc<Words>) -> Environment<'static> {
    let mut setting = engine.clone();
    setting.add_filter("hits", |text: &Value, tag: &str, style: &str| -> Result<Value, Error> {
        let blank = Blank::in_value(text).ok_or_else(marks::not_marked)?;
        let (open, close) = marks::tags(tag, style);
        Ok(blank.hits(&open, &close))
    });
    setting.add_filter("wrap", |text: &Value, args: Kwargs| -> Result<String, Error> {
        let text = &text.to_string();
        let (first, rest) = (args.get::<Option<&str>>("first")?, args.get::<Option<&str>>("rest")?);
        args.assert_all_used()?;
        let (first, rest) = (first.unwrap_or_default(), rest.unwrap_or_default());
        Ok(galley::wrapped(text, first, rest).unwrap_or_else(|| wrapped(text, first, rest)))
    });
    let catalogue = Arc::clone(words);
    setting.add_function("t", move |key: &str, args: Kwargs| match args.get::<Option<&Value>>("n")? {
        Some(n) => Blank::in_value(n)
            .map(|blank| blank.counted(key))
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "only what differs between papers is counted here")),
        None => translate(&catalogue, key, &args),
    });
    setting
}

fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let mut lines = String::new();
    wrap::wrap(&mut lines, text, first, rest);
    lines
}

/// `t("key", name=value, n=count)`: the catalogue in templates.
fn translate(words: &Words, key: &str, args: &Kwargs) -> Result<String, Error> {
    let n = if args.has("n") { Some(args.get::<u64>("n")?) } else { None };
    let text = words.fill(key, n, |name, out| match (name, n) {
        ("n", Some(n)) => {
            words.write_number(n, out);
            true
        }
        _ => {
            let value = args.get::<Value>(name).ok().filter(|value| !value.is_undefined() && !value.is_none());
            value.is_some_and(|value| write!(out, "{value}").is_ok())
        }
    });
    let text = in_words(text)?;
    args.assert_all_used()?;
    Ok(text)
}

fn in_words(text: Result<String, WordsError>) -> Result<String, Error> {
    text.map_err(|source| Error::new(ErrorKind::InvalidOperation, source.to_string()))
}

fn iso_date(text: &str) -> Result<LocalDate, Error> {
    text.parse()
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, format!("{text:?} is not a date such as 2026-11-23")))
}

/// Writes one value: escaped for where it stands. Nothing at all is a mistake in the template.
fn print(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() {
        return Err(Error::new(ErrorKind::UndefinedError, "there is nothing to print here; test for it first"));
    }
    let is_html = *state.auto_escape() == AutoEscape::Html;
    match value.as_str() {
        Some(text) if value.is_safe() => out.write_str(text)?,
        Some(text) if is_html => write_html(out, text)?,
        Some(text) => write_text(out, text)?,
        None => minijinja::escape_formatter(out, state, value)?,
    }
    Ok(())
}

fn hash(sources: &[Source]) -> String {
    let catalogues = CATALOGUES.iter().flat_map(|(tag, json)| [tag.as_bytes(), json.as_bytes()]);
    let templates = sources.iter().flat_map(|source| [source.name.as_bytes(), source.text().as_bytes()]);
    sha256_hex(&templates.chain(catalogues).collect::<Vec<_>>())
}

/// Each part goes in with its length, so that text cannot move between parts unnoticed.
fn sha256_hex(parts: &[&[u8]]) -> String {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    data_encoding::HEXLOWER.encode(context.finish().as_ref())
}
