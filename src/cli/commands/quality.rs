//! `evaluate`: the measured quality of the ranking, as tables.

use crate::app::{AppError, Day, Evaluation, ORDERS, Order, Quality, evaluate};
use crate::cli::args::Evaluate;
use crate::cli::output;

/// Keywords that did not find their paper and are listed.
const MOST_MISSED: usize = 20;

pub(super) fn measure(asked: &Evaluate) -> Result<u8, AppError> {
    let what = Evaluation {
        profiles_from: asked.profiles_from,
        on: asked.on,
        profiles: usize::from(asked.profiles),
        seed: asked.seed,
    };
    let quality = evaluate(&asked.folder, &what)?;
    if asked.json.json {
        output::json(&quality);
        return Ok(0);
    }
    print(&quality);
    Ok(0)
}

fn print(quality: &Quality) {
    output::line(&format!(
        "{} readers made up from {}, mailed on {} days of {} with {} papers; seed {}",
        quality.profiles,
        quality.profiles_from,
        quality.days.len(),
        quality.on,
        quality.papers,
        quality.seed
    ));
    output::line(&format!("nDCG@10 over {} pairs of reader and day with something to find:\n", quality.measured));
    let heads = ["ORDER", "NDCG@10", "BROADSHEET AHEAD BY", "95 % INTERVAL"];
    output::listing(&quality.orders, false, &heads, order_cells);
    output::line("");
    let heads = ["DAY", "PAPERS", "READERS"].into_iter().chain(ORDERS).collect::<Vec<_>>();
    output::listing(&quality.days, false, &heads, day_cells);
    let recall = &quality.recall;
    output::line(&format!(
        "\n{} keywords stand in the text of their paper; {} of them find it: recall {:.4}",
        recall.standing, recall.found, recall.share
    ));
    for (paper, keyword) in recall.missed.iter().take(MOST_MISSED) {
        output::line(&format!("    not found: {keyword:?} in {paper}"));
    }
}

fn order_cells(order: &Order) -> Vec<String> {
    let mut cells = vec![order.name.to_owned(), format!("{:.4}", order.ndcg)];
    if order.name != ORDERS[0] {
        let ahead = order.ahead;
        cells.extend([format!("{:+.4}", ahead.mean), format!("{:+.4} ... {:+.4}", ahead.low, ahead.high)]);
    }
    cells.resize(4, String::new());
    cells
}

fn day_cells(day: &Day) -> Vec<String> {
    let mut cells = vec![day.date.to_string(), day.papers.to_string(), day.readers.to_string()];
    cells.extend(day.ndcg.iter().map(|ndcg| format!("{ndcg:.3}")));
    cells
}
