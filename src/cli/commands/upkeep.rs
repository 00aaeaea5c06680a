//! The commands that look after a service: its switch, its copies, its health.

use std::path::Path;

use crate::app::{self, App, AppError, Clock};
use crate::cli::args::SendingCommand;
use crate::cli::output;
use crate::config::Config;

pub(super) async fn sending(app: &App, command: &SendingCommand) -> Result<u8, AppError> {
    match command {
        SendingCommand::Status(json) => output::details(&app.sending().await?, json.json),
        SendingCommand::Pause { reason } => {
            app.pause_sending(reason).await?;
            output::line("mail is held back; `sending resume` lets it go");
        }
        SendingCommand::Resume { destination: Some(group) } => {
            app.reopen_destination(group).await?;
            output::line(&format!("mail goes to {group} again"));
        }
        SendingCommand::Resume { destination: None } => {
            let waited = app.resume_sending().await?;
            output::line(&format!(
                "mail goes out again: {} can leave now, {} wait for their time, {} are too late and expire unsent",
                waited.claimable, waited.waiting, waited.overdue
            ));
        }
    }
    Ok(0)
}

pub(super) async fn backup(app: &App, file: &Path, as_json: bool) -> Result<u8, AppError> {
    let report = app.backup(file).await?;
    if as_json {
        output::json(&report);
        return Ok(0);
    }
    let counts = match (report.papers, report.subscribers, report.deliveries) {
        (Some(papers), Some(subscribers), Some(deliveries)) => {
            format!(", {papers} papers, {subscribers} subscribers, {deliveries} deliveries")
        }
        _ => String::new(),
    };
    output::line(&format!("{}: {} bytes{counts}, checked", report.file, report.bytes));
    Ok(0)
}

pub(super) async fn restore(config: &Config, clock: &Clock, file: &Path, as_json: bool) -> Result<u8, AppError> {
    app::start_logging(&config.log);
    let report = app::restore(config, clock, file).await?;
    if as_json {
        output::json(&report);
    } else {
        output::line(&format!(
            "{} is in place: {} papers, {} subscribers, {} deliveries",
            file.display(),
            report.papers,
            report.subscribers,
            report.deliveries
        ));
        if let Some(kept) = &report.kept {
            output::line(&format!("the database that was there is kept as {kept}"));
        }
    }
    output::note("mail is held back: read \"Restore\" in docs/OPERATING.md, then `broadsheet sending resume`");
    Ok(0)
}

pub(super) async fn doctor(app: &App, as_json: bool) -> Result<u8, AppError> {
    let findings = app.examine().await;
    output::listing(&findings, as_json, &["CHECK", "STATE", "FOUND"], |finding| {
        vec![finding.check.to_owned(), finding.state.as_str().to_owned(), finding.found.clone()]
    });
    Ok(u8::from(findings.iter().any(|finding| finding.state == app::Health::Bad)))
}
