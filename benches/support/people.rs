//! People with ten interests each, over many mail domains, all due at one instant.

use broadsheet::model::{Bucket, EmailAddress, Timestamp, micros};
use broadsheet::scheduler::Service;
use chrono::{TimeDelta, Timelike};
use chrono_tz::Tz;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, SqliteConnection};

use super::dice::Dice;
use super::words::Words;

/// Interests and exclusions of a person.
pub const INTERESTS: usize = 10;
/// Rows in one statement.
const BATCH: usize = 2_000;
const ZONES: [Tz; 5] = [Tz::UTC, Tz::Europe__Berlin, Tz::America__New_York, Tz::Asia__Tokyo, Tz::Asia__Kolkata];

macro_rules! insert {
    ($rows:literal) => {
        concat!(
            "INSERT INTO subscribers (bucket, id, address, canonical, address_hash, state, state_at, profile, timezone, \
             send_minute, days, paper_limit, quiet_day, trending, language, link_generation, plan_seq, next_due_at, \
             next_local_date, consent_source, created_at, confirmed_at, soft_bounces) \
             SELECT bucket, id, address, address, address_hash, 'active', confirmed_at, profile, timezone, send_minute, \
             127, 7, 'trending', 0, 'en', 1, 0, next_due_at, next_local_date, 'operator', confirmed_at, confirmed_at, 0 \
             FROM ",
            $rows
        )
    };
}

const SQLITE: &str = insert!(
    "(SELECT value->>'bucket' bucket, value->>'id' id, value->>'address' address, \
      value->>'address_hash' address_hash, value->>'profile' profile, value->>'timezone' timezone, \
      value->>'send_minute' send_minute, value->>'next_due_at' next_due_at, \
      value->>'next_local_date' next_local_date, value->>'confirmed_at' confirmed_at FROM json_each($1))"
);
const POSTGRES: &str = insert!(
    "json_to_recordset(CAST($1 AS JSON)) AS row (bucket BIGINT, id BIGINT, address TEXT, address_hash TEXT, \
      profile TEXT, timezone TEXT, send_minute BIGINT, next_due_at BIGINT, next_local_date TEXT, confirmed_at BIGINT)"
);

/// Adds `count` people who have just subscribed and are all due at `due`. They get seven papers *for you* and up to
/// three that rise.
pub async fn seed(service: &Service, url: &str, count: usize, due: Timestamp) {
    let words = Words::new();
    let mut dice = Dice::new(3);
    for first in (0..count).step_by(BATCH) {
        let rows = (first..count.min(first + BATCH)).map(|number| row(service, &words, &mut dice, number, due));
        insert(url, &Value::Array(rows.collect()).to_string()).await;
    }
    service.db.analyze().await.expect("analyzed");
}

async fn insert(url: &str, rows: &str) {
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("connects");
        sqlx::query(SQLITE).bind(rows).execute(&mut connection).await.expect("inserts");
    } else {
        let mut connection = PgConnection::connect(url).await.expect("connects");
        sqlx::query(POSTGRES).bind(rows).execute(&mut connection).await.expect("inserts");
    }
}

fn row(service: &Service, words: &Words, dice: &mut Dice, number: usize, due: Timestamp) -> Value {
    let address = format!("reader{number}@{}", domain(dice));
    let address = EmailAddress::parse(&address).expect("an address");
    let bucket = Bucket::of_address(&address.canonical());
    let zone = *dice.pick(&ZONES);
    let local = due.with_timezone(&zone);
    let confirmed = due - TimeDelta::hours(1);
    json!({
        "bucket": bucket.0,
        "id": service.ids.next(confirmed, bucket),
        "address": address.as_str(),
        "address_hash": service.links.keys().address_hash(&address.canonical()),
        "profile": profile(words, dice),
        "timezone": zone.name(),
        "send_minute": local.hour() * 60 + local.minute(),
        "next_due_at": micros(due),
        "next_local_date": local.date_naive().to_string(),
        "confirmed_at": micros(confirmed),
    })
}

/// A few large operators, and two thousand small ones.
fn domain(dice: &mut Dice) -> String {
    match dice.below(100) {
        0..45 => "mail.example".to_owned(),
        45..60 => "post.example".to_owned(),
        60..70 => "letters.example".to_owned(),
        _ => format!("institute{}.example", dice.rank(2_000)),
    }
}

/// Ten lines of every kind of the query language, about a handful of subjects.
pub fn profile(words: &Words, dice: &mut Dice) -> String {
    let mut lines: Vec<String> = Vec::with_capacity(INTERESTS);
    while lines.len() < INTERESTS {
        let topic = words.topic(dice);
        let (word, other, pair) = (dice.pick(&topic.words), dice.pick(&topic.words), dice.pick(&topic.pairs));
        let line = match dice.below(20) {
            0..6 => word.clone(),
            6..11 => pair.clone(),
            11..13 => format!("\"{pair}\""),
            13 => format!("title:{word}"),
            14 => format!("{word}^2"),
            15 => format!("{word} OR {other}"),
            16 => format!("({word} OR {other}) AND cs.LG"),
            17 => format!("{pair} -{other}"),
            18 => format!("{}*", &word[..5]),
            _ => format!("-{word}"),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}
