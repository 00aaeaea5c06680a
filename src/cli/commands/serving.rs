//! The commands that run the service: for ever, once, or for show.

use std::path::Path;

use super::TRY_AGAIN;
use crate::app::{App, AppError, Clock, Demo, Stop, shutdown_signal};
use crate::cli::output;

/// How far back the demonstration begins, so that there is a day's mail to see at once.
const DEMO_HOURS: u32 = 24;

/// A stop that comes with the first signal to end.
fn stop_at_signal() -> Stop {
    let (stopper, stop) = Stop::pair();
    tokio::spawn(async move {
        shutdown_signal().await;
        output::note("stopping: what a mail server has begun to take is finished first");
        stopper.stop();
    });
    stop
}

pub(super) async fn serve(app: &App) -> Result<u8, AppError> {
    let (site, metrics) = app.listen().await?;
    output::note(&format!("the site is at {}", app.service.links.home()));
    if let Some(folder) = &app.mailbox {
        output::note(&format!("no mail leaves this machine: it is kept in {}", folder.display()));
    }
    app.serve(site, metrics, stop_at_signal()).await?;
    Ok(0)
}

pub(super) async fn run(app: &App, fetch: bool, as_json: bool) -> Result<u8, AppError> {
    let report = app.run_once(fetch, &stop_at_signal()).await?;
    if as_json {
        output::json(&report);
    } else {
        output::line(&format!(
            "{} planned, {} accepted, {} put off, {} rejected, {} uncertain, {} missed",
            report.planned, report.accepted, report.retried, report.rejected, report.uncertain, report.missed
        ));
        if report.waiting > 0 {
            output::note(&format!("{} deliveries wait; `broadsheet deliveries list` shows them", report.waiting));
        }
    }
    Ok(if report.waiting > 0 { TRY_AGAIN } else { 0 })
}

/// The day of the newest sample papers: today, once they have had the time to arrive.
fn newest_day(clock: &Clock) -> chrono::NaiveDate {
    (clock.now() - chrono::TimeDelta::hours(6)).date_naive()
}

pub(super) async fn demo_once(clock: Clock, out: &Path) -> Result<u8, AppError> {
    let mut demo = Demo::prepare(clock.now(), newest_day(&clock), "127.0.0.1:8080", Some(out)).await?;
    let report = demo.simulate(DEMO_HOURS).await?;
    output::line(&format!("{} mails written to {}", report.mails, out.display()));
    demo.app.close().await;
    Ok(0)
}

pub(super) async fn demo(clock: Clock, listen: &str) -> Result<u8, AppError> {
    let start = clock.now() - chrono::TimeDelta::hours(i64::from(DEMO_HOURS));
    let mut demo = Demo::prepare(start, newest_day(&clock), listen, None).await?;
    let report = demo.simulate(DEMO_HOURS).await?;
    let (app, _folder) = demo.into_running(clock).await?;
    let (site, metrics) = app.listen().await?;
    let home = app.service.links.home();
    output::line(&format!(
        "{} sample papers, {} mails of the last day; no mail leaves this machine.",
        report.papers, report.mails
    ));
    output::line(&format!("  site:     {home}"));
    output::line(&format!("  mailbox:  {home}mailbox"));
    output::line(
        "Subscribe on the page, then open the confirmation in the mailbox. Ctrl-C ends and forgets everything.",
    );
    app.serve(site, metrics, stop_at_signal()).await?;
    app.close().await;
    Ok(0)
}
