//! PostgreSQL's own text search asked the same: stored queries against the papers of a day.

use sqlx::{Connection, PgConnection};

use super::support::database::Scratch;
use super::{Options, world};

const PAPERS: usize = 1000;

pub fn run(options: &Options, universe: &[String]) {
    let people = if options.quick { 100 } else { 1000 };
    println!("## PostgreSQL `tsquery`, {PAPERS} papers\n");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(one(people, universe));
}

async fn one(people: usize, universe: &[String]) {
    let scratch = Scratch::new("postgres");
    let mut connection = PgConnection::connect(&scratch.url).await.expect("connects");
    let texts: Vec<String> =
        world::papers(PAPERS, 1).into_iter().map(|paper| paper.title + "\n" + &paper.text).collect();
    fill(
        &mut connection,
        "CREATE TABLE day (v tsvector)",
        "INSERT INTO day SELECT to_tsvector('english', unnest($1))",
        &texts,
    )
    .await;
    let profiles: Vec<String> = (0..people)
        .map(|person| {
            let profile = world::profile(person, universe);
            let plain = profile.lines().filter(|line| !line.contains(['(', ':', '-', '^']) && !line.contains(" NOT "));
            plain
                .map(
                    |line| {
                        if line.contains(' ') && !line.contains(" OR ") {
                            format!("\"{line}\"")
                        } else {
                            line.to_owned()
                        }
                    },
                )
                .collect::<Vec<_>>()
                .join(" or ")
        })
        .collect();
    let insert = "INSERT INTO profiles SELECT websearch_to_tsquery('english', unnest($1))";
    fill(&mut connection, "CREATE TABLE profiles (q tsquery)", insert, &profiles).await;
    let begin = std::time::Instant::now();
    let pairs = scratch.numbers("SELECT COUNT(*) FROM profiles JOIN day ON v @@ q").await[0];
    let took = begin.elapsed().as_secs_f64();
    println!(
        "{people} profiles: {pairs} pairs in {took:.2} s, {:.0} ns for each profile and paper, nothing ranked\n",
        took * 1e9 / (people * PAPERS) as f64
    );
}

async fn fill(connection: &mut PgConnection, table: &'static str, insert: &'static str, texts: &[String]) {
    sqlx::query(table).execute(&mut *connection).await.expect("creates");
    sqlx::query(insert).bind(texts).execute(connection).await.expect("inserts");
}
