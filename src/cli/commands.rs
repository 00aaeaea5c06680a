//! From what was asked for to what is printed.

mod quality;
mod serving;
mod upkeep;

use std::io::Read;
use std::path::Path;

use clap::CommandFactory;

use super::args::{
    Cli, Command, ConfigCommand, DeliveriesCommand, PapersCommand, Person, SourcesCommand, SubscribersCommand,
    SuppressionsCommand,
};
use super::output;
use crate::app::{App, AppError, Clock, Overrides, PaperImport, PersonChange, check, healthcheck, start_logging};
use crate::config::{self, Config, Environment, Layers};

/// Some records could not be read; the others went in.
const SOME_WERE_BAD: u8 = 1;
/// Deliveries wait for a retry.
const TRY_AGAIN: u8 = 75;

/// Does what was asked for and says with which code to exit.
pub(super) async fn run(cli: Cli) -> Result<u8, AppError> {
    let clock = cli.now.map_or_else(Clock::system, Clock::starting_at);
    match &cli.command {
        Command::Demo { listen, once: false, out: _ } => serving::demo(clock, listen).await,
        Command::Demo { out: Some(out), .. } => serving::demo_once(clock, out).await,
        Command::Demo { .. } => Err(AppError::Usage("demo --once needs --out DIR".to_owned())),
        Command::Config(command) => configuration(&cli, command),
        Command::Evaluate(evaluate) => quality::measure(evaluate),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "broadsheet", &mut script);
            output::raw(&script);
            Ok(0)
        }
        Command::Man => {
            let mut page = Vec::new();
            let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
            rendered.map_err(|error| AppError::Failed(error.to_string()))?;
            output::raw(&page);
            Ok(0)
        }
        Command::Restore { file, json } => upkeep::restore(&read_config(&cli)?, &clock, file, json.json).await,
        Command::Healthcheck => {
            healthcheck(&read_config(&cli)?.http.listen, clock).await?;
            output::line("ready");
            Ok(0)
        }
        _ => {
            let config = read_config(&cli)?;
            start_logging(&config.log);
            let app = App::build(config, clock, Overrides::default()).await?;
            let done = with_app(&app, &cli.command).await;
            app.close().await;
            done
        }
    }
}

fn layers(cli: &Cli) -> Result<Layers, AppError> {
    Ok(Layers::read(cli.config.as_deref(), &Environment::process(), &[])?)
}

fn read_config(cli: &Cli) -> Result<Config, AppError> {
    Ok(layers(cli)?.config()?)
}

fn configuration(cli: &Cli, command: &ConfigCommand) -> Result<u8, AppError> {
    match command {
        ConfigCommand::Default => output::raw(config::DEFAULT_TOML.as_bytes()),
        ConfigCommand::Show { origin } => {
            for (key, value, from) in layers(cli)?.shown() {
                output::line(&if *origin { format!("{key} = {value}  # {from}") } else { format!("{key} = {value}") });
            }
        }
        ConfigCommand::Check => {
            check(&read_config(cli)?)?;
            output::line("the configuration is good");
        }
    }
    Ok(0)
}

async fn with_app(app: &App, command: &Command) -> Result<u8, AppError> {
    match command {
        Command::Serve => serving::serve(app).await,
        Command::Run { fetch, json } => serving::run(app, *fetch, *json).await,
        Command::Fetch { sources, json } => fetch_now(app, sources, json.json).await,
        Command::Sources(SourcesCommand::List(json)) => list_sources(app, json.json).await,
        Command::Papers(command) => papers(app, command).await,
        Command::Match { query, days, limit, json } => try_query(app, query, *days, *limit, json.json).await,
        Command::Subscribers(command) => subscribers(app, command).await,
        Command::Preview { email, format } => preview(app, email, format).await,
        Command::Deliveries(command) => deliveries(app, command).await,
        Command::Suppressions(command) => suppressions(app, command).await,
        Command::Sending(command) => upkeep::sending(app, command).await,
        Command::Backup { file, json } => upkeep::backup(app, file, json.json).await,
        Command::Doctor(json) => upkeep::doctor(app, json.json).await,
        Command::Migrate => {
            output::line("the database is up to date");
            Ok(0)
        }
        Command::Demo { .. }
        | Command::Config(_)
        | Command::Evaluate(_)
        | Command::Completions { .. }
        | Command::Man
        | Command::Restore { .. }
        | Command::Healthcheck => Ok(0),
    }
}

/// The bytes of a file, or of standard input for `-`.
fn read_input(path: &Path) -> Result<Vec<u8>, AppError> {
    let mut bytes = Vec::new();
    let read = match path.to_str() {
        Some("-") => std::io::stdin().lock().read_to_end(&mut bytes).map(drop),
        _ => std::fs::read(path).map(|content| bytes = content),
    };
    read.map_err(|error| AppError::Failed(format!("{}: {error}", path.display())))?;
    Ok(bytes)
}

async fn fetch_now(app: &App, sources: &[String], as_json: bool) -> Result<u8, AppError> {
    let visits = app.fetch(sources).await?;
    let failed = visits.iter().any(|visit| visit.error.is_some());
    for visit in &visits {
        let counts = &visit.counts;
        if as_json {
            output::json(&serde_json::json!({
                "source": visit.source.as_str(), "outcome": visit.outcome.as_str(), "error": visit.error,
                "requests": counts.requests, "items": counts.items, "new_papers": counts.new_papers,
                "updated": counts.updated, "rejected": counts.rejected,
            }));
        } else {
            output::line(&format!(
                "{}: {}; {} papers read, {} new, {} updated, {} rejected{}",
                visit.source,
                visit.outcome.as_str(),
                counts.items,
                counts.new_papers,
                counts.updated,
                counts.rejected,
                visit.error.as_ref().map_or(String::new(), |error| format!("; {error}")),
            ));
        }
    }
    if visits.is_empty() {
        output::note("no source is free: it is switched off, or another node is visiting it");
    }
    Ok(if failed { 69 } else { 0 })
}

async fn list_sources(app: &App, as_json: bool) -> Result<u8, AppError> {
    let rows = app.list_sources().await?;
    output::listing(&rows, as_json, &["SOURCE", "LAST RUN", "OUTCOME", "READ", "NEW", "NEXT", "ERROR"], |row| {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        vec![
            row.source.clone(),
            or_dash(&row.last_run_at),
            or_dash(&row.last_outcome),
            row.items.to_string(),
            row.new_papers.to_string(),
            or_dash(&row.next_due_at),
            row.error.clone().unwrap_or_default(),
        ]
    });
    Ok(0)
}

async fn papers(app: &App, command: &PapersCommand) -> Result<u8, AppError> {
    match command {
        PapersCommand::Import { file, format, date, json } => {
            let bytes = read_input(file)?;
            let import = PaperImport { bytes: &bytes, format: format.as_deref(), date: *date };
            let report = app.import_papers(&import).await?;
            if json.json {
                output::json(&report);
            } else {
                output::line(&format!(
                    "{} papers read: {} new, {} updated, {} known already; {} could not be read",
                    report.read, report.new, report.updated, report.known, report.bad
                ));
            }
            report.problems.iter().for_each(|problem| output::note(problem));
            Ok(if report.bad > 0 { SOME_WERE_BAD } else { 0 })
        }
        PapersCommand::List { days, limit, json } => {
            let rows = app.list_papers(*days, *limit).await?;
            output::listing(&rows, json.json, &["ID", "AVAILABLE", "UPVOTES", "CATEGORIES", "TITLE"], |row| {
                let upvotes = row.upvotes.map_or_else(|| "-".to_owned(), |upvotes| upvotes.to_string());
                vec![row.key.clone(), row.available_at.clone(), upvotes, row.categories.join(" "), row.title.clone()]
            });
            Ok(0)
        }
        PapersCommand::Show { id, json } => {
            output::details(&app.show_paper(id).await?, json.json);
            Ok(0)
        }
    }
}

async fn try_query(app: &App, query: &str, days: i64, limit: usize, as_json: bool) -> Result<u8, AppError> {
    let report = app.try_query(query, days, limit).await?;
    if as_json {
        output::json(&report);
        return Ok(0);
    }
    output::line(&format!("{}  ({} of {} papers)", report.query, report.matched, report.papers));
    let days = if report.days == 1 { "day".to_owned() } else { format!("{} days", report.days) };
    output::line(&format!("    about {:.1} a day over the last {days}", report.per_day));
    if !report.also.is_empty() {
        output::line(&format!("    also: {}", report.also.join(", ")));
    }
    report.warnings.iter().for_each(|warning| output::note(warning));
    for hit in &report.hits {
        output::line(&format!("\n{}  {}", hit.key, hit.title));
        for (field, word) in &hit.why {
            output::line(&format!("    {field}: {word}"));
        }
    }
    Ok(0)
}

/// Says what the given interests would find, where that is too much or nothing.
async fn warn_of_interests(app: &App, person: &Person) -> Result<(), AppError> {
    let warnings = app.interest_warnings(&person.interests.join("\n")).await?;
    warnings.iter().for_each(|warning| output::note(warning));
    Ok(())
}

fn change(person: &Person, no_interests: bool) -> PersonChange {
    let interests = (no_interests || !person.interests.is_empty()).then(|| person.interests.clone());
    PersonChange {
        interests,
        timezone: person.timezone.clone(),
        time: person.time.clone(),
        every: person.every.clone(),
        limit: person.limit,
        quiet_day: person.quiet_day.clone(),
        trending: person.trending,
        language: None,
    }
}

async fn subscribers(app: &App, command: &SubscribersCommand) -> Result<u8, AppError> {
    match command {
        SubscribersCommand::Add { email, person, pending, json } => {
            let added = app.add_person(email, &change(person, false), *pending).await?;
            output::details(&added, json.json);
            warn_of_interests(app, person).await?;
        }
        SubscribersCommand::Set { email, person, no_interests, json } => {
            output::details(&app.set_person(email, &change(person, *no_interests)).await?, json.json);
            warn_of_interests(app, person).await?;
        }
        SubscribersCommand::Import { file, json } => {
            let report = app.import_people(&read_input(file)?, true).await?;
            if json.json {
                output::json(&report);
            } else {
                output::line(&format!("{} subscribers added; {} lines could not be used", report.added, report.bad));
            }
            report.problems.iter().for_each(|problem| output::note(problem));
            return Ok(if report.bad > 0 { SOME_WERE_BAD } else { 0 });
        }
        SubscribersCommand::List(json) => {
            let mut rows = Vec::new();
            app.each_person(|row| if json.json { output::json(&row) } else { rows.push(row) }).await?;
            if !json.json {
                output::listing(
                    &rows,
                    false,
                    &["EMAIL", "STATE", "ZONE", "TIME", "EVERY", "NEXT DUE", "INTERESTS"],
                    |row| {
                        vec![
                            row.email.clone(),
                            row.state.clone(),
                            row.timezone.clone(),
                            row.time.clone(),
                            row.every.clone(),
                            row.next_due_at.clone().unwrap_or_else(|| "-".to_owned()),
                            row.interests.join("; "),
                        ]
                    },
                );
            }
        }
        SubscribersCommand::Show { email, json } => output::details(&app.show_person(email).await?, json.json),
        SubscribersCommand::Link { email } => output::line(&app.person_link(email).await?),
        SubscribersCommand::Unsubscribe { email } => {
            app.unsubscribe_person(email).await?;
            output::line(&format!("{email} is unsubscribed"));
        }
        SubscribersCommand::Export { email: Some(email), .. } => output::json(&app.export_person(email).await?),
        SubscribersCommand::Export { email: None, .. } => {
            let mut everyone = Vec::new();
            app.each_person(|row| everyone.push(row.email)).await?;
            for email in everyone {
                output::json(&app.export_person(&email).await?);
            }
        }
        SubscribersCommand::Erase { email } => {
            app.erase_person(email).await?;
            output::line(&format!("{email} is erased"));
        }
    }
    Ok(0)
}

async fn preview(app: &App, email: &str, format: &str) -> Result<u8, AppError> {
    let preview = app.preview(email).await?;
    match format {
        "html" => output::raw(preview.html.as_bytes()),
        "eml" => output::raw(&preview.message),
        _ => output::raw(format!("Subject: {}\n\n{}", preview.subject, preview.text).as_bytes()),
    }
    Ok(0)
}

async fn deliveries(app: &App, command: &DeliveriesCommand) -> Result<u8, AppError> {
    match command {
        DeliveriesCommand::List { state, edition, limit, json } => {
            let rows = app.list_deliveries(state.as_deref(), *edition, *limit).await?;
            output::listing(
                &rows,
                json.json,
                &["ID", "KIND", "STATE", "SINCE", "ADDRESS", "TRIES", "LAST REPLY"],
                |row| {
                    let code = row.last_code.map_or(String::new(), |code| format!("{code} "));
                    let reply = row.last_reply.as_ref().map_or(String::new(), |reply| format!("{code}{reply}"));
                    vec![
                        row.id.to_string(),
                        row.kind.clone(),
                        row.state.clone(),
                        row.state_since.clone(),
                        row.address.clone(),
                        row.attempts.to_string(),
                        reply,
                    ]
                },
            );
        }
        DeliveriesCommand::Show { id, json } => {
            let (delivery, attempts) = app.show_delivery(*id).await?;
            if json.json {
                output::json(&serde_json::json!({ "delivery": delivery, "attempts": attempts }));
            } else {
                output::details(&delivery, false);
                output::line("");
                output::listing(&attempts, false, &["AT", "EPOCH", "PHASE", "OUTCOME", "CODE", "REPLY"], |row| {
                    let code = row.code.map_or_else(|| "-".to_owned(), |code| code.to_string());
                    vec![
                        row.at.clone(),
                        row.epoch.to_string(),
                        row.phase.clone(),
                        row.outcome.clone(),
                        code,
                        row.reply.clone(),
                    ]
                });
            }
        }
        DeliveriesCommand::Retry { id } => {
            app.retry_delivery(*id).await?;
            output::line(&format!("delivery {id} is ready"));
        }
        DeliveriesCommand::Settle { id, verdict } => {
            app.settle_delivery(*id, verdict == "accepted").await?;
            output::line(&format!("delivery {id} is settled: {verdict}"));
        }
    }
    Ok(0)
}

async fn suppressions(app: &App, command: &SuppressionsCommand) -> Result<u8, AppError> {
    match command {
        SuppressionsCommand::List(json) => {
            let rows = app.list_suppressions(10_000).await?;
            output::listing(&rows, json.json, &["ADDRESS HASH", "REASON", "BY", "SINCE"], |row| {
                vec![row.address_hash.clone(), row.reason.clone(), row.origin.clone(), row.created_at.clone()]
            });
        }
        SuppressionsCommand::Add { email } => {
            app.suppress(email).await?;
            output::line(&format!("{email} is suppressed"));
        }
        SuppressionsCommand::Remove { email } => {
            app.unsuppress(email).await?;
            output::line(&format!("{email} may be mailed again"));
        }
    }
    Ok(0)
}
