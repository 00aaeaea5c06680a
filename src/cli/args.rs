//! What can be asked for.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::app::Month;

/// A self-hosted email digest of the day's trending papers, matched to each reader's keywords.
#[derive(Debug, Parser)]
#[command(
    name = "broadsheet",
    version,
    arg_required_else_help = true,
    after_help = "Examples:\n  broadsheet demo\n  broadsheet subscribers add ada@example.org --interest \"diffusion models\" --timezone Europe/Berlin\n  broadsheet run --fetch\n  broadsheet serve\n\nExit codes: 0 ok, 1 failure, 2 usage, 69 unavailable, 75 try again later, 78 configuration."
)]
pub struct Cli {
    /// Configuration file [default: $BROADSHEET_CONFIG, else broadsheet.toml if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Start the program's clock at this time (RFC 3339), from where it runs on
    #[arg(long, global = true, value_name = "TIME")]
    pub now: Option<DateTime<Utc>>,
    #[command(subcommand)]
    #[expect(missing_docs, reason = "the subcommands say what they do")]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try the whole service on a throw-away database with sample papers; no mail leaves
    Demo {
        /// Where the site listens
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
        listen: String,
        /// Run 24 hours of the clock, write the mails, and exit
        #[arg(long, requires = "out")]
        once: bool,
        /// Folder for the mails
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Serve the pages, plan the digests and send the mail
    Serve,
    /// One pass and exit: sign up, plan what is due, deliver until nothing is left
    Run {
        /// Visit the sources first
        #[arg(long)]
        fetch: bool,
        /// Print the counts as JSON
        #[arg(long)]
        json: bool,
    },
    /// Visit the sources now, whether due or not
    Fetch {
        /// Names such as hugging-face or arxiv [default: all]
        sources: Vec<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Where papers come from
    #[command(subcommand)]
    Sources(SourcesCommand),
    /// Papers
    #[command(subcommand)]
    Papers(PapersCommand),
    /// Try an interest against stored papers: how it is understood, what it hits and why
    Match {
        /// The interest, for instance '"test-time" AND scaling'
        query: String,
        /// Papers of so many days
        #[arg(long, default_value_t = 30)]
        days: i64,
        /// At most so many hits
        #[arg(long, default_value_t = 20)]
        limit: usize,
        #[command(flatten)]
        json: Json,
    },
    /// Measure how good the ranking is, on saved answers of Hugging Face; needs no database and no network
    Evaluate(Evaluate),
    /// Subscribers
    #[command(subcommand)]
    Subscribers(SubscribersCommand),
    /// Print the mail a subscriber would get now; sends and records nothing
    Preview {
        email: String,
        #[arg(long, value_parser = ["text", "html", "eml"], default_value = "text")]
        format: String,
    },
    /// Mails on their way, and what became of them
    #[command(subcommand)]
    Deliveries(DeliveriesCommand),
    /// Addresses that must not be mailed
    #[command(subcommand)]
    Suppressions(SuppressionsCommand),
    /// The switch that holds all mail back
    #[command(subcommand)]
    Sending(SendingCommand),
    /// The settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Copy the database to a file while the service runs
    Backup {
        /// The file; it must not exist
        file: PathBuf,
        #[command(flatten)]
        json: Json,
    },
    /// Put a backup in the place of the database; mail is held back until `sending resume`
    Restore {
        /// What `backup` made
        file: PathBuf,
        #[command(flatten)]
        json: Json,
    },
    /// Check what mail depends on: database, disk, clock, relay, keys; sends nothing
    Doctor(Json),
    /// Bring the database up to date; the other commands do so by themselves
    Migrate,
    /// Ask the service that runs here whether it is ready
    Healthcheck,
    /// Print a completion script
    Completions { shell: Shell },
    /// Print the manual page
    Man,
}

#[derive(Debug, Clone, Copy, Args)]
pub struct Json {
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Args)]
pub struct Evaluate {
    /// Folder with files daily_papers_*.json, each an answer of /api/daily_papers or several
    pub folder: PathBuf,
    /// Month from whose papers readers are made up, as 2025-01 [default: the first]
    #[arg(long, value_name = "YYYY-MM")]
    pub profiles_from: Option<Month>,
    /// Month whose days are replayed [default: the last]
    #[arg(long, value_name = "YYYY-MM")]
    pub on: Option<Month>,
    /// How many readers are made up
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub profiles: u16,
    /// Where all chance comes from: the same seed gives the same figures
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Debug, Subcommand)]
pub enum SourcesCommand {
    /// The sources with their last visits
    List(Json),
}

#[derive(Debug, Subcommand)]
pub enum PapersCommand {
    /// Take in papers from a file
    Import {
        /// The file; - is standard input
        file: PathBuf,
        /// How it is written [default: by its beginning]
        #[arg(long, value_name = "FORMAT", value_parser = ["jsonl", "text", "hugging-face", "hugging_face", "feed"])]
        format: Option<String>,
        /// Date of papers that carry none [default: today]
        #[arg(long, value_name = "YYYY-MM-DD")]
        date: Option<NaiveDate>,
        #[command(flatten)]
        json: Json,
    },
    /// Papers of the last days, newest first
    List {
        #[arg(long, default_value_t = 8)]
        days: i64,
        #[arg(long, default_value_t = 100)]
        limit: usize,
        #[command(flatten)]
        json: Json,
    },
    /// One paper: an arXiv id, a DOI, or any name it is known under
    Show {
        id: String,
        #[command(flatten)]
        json: Json,
    },
}

#[derive(Debug, Clone, Default, Args)]
pub struct Person {
    /// An interest, or an exclusion with a leading -; may be repeated
    #[arg(long = "interest", value_name = "Q", allow_hyphen_values = true)]
    pub interests: Vec<String>,
    /// Zone whose calendar and clock count, for instance Europe/Berlin
    #[arg(long, value_name = "TZ")]
    pub timezone: Option<String>,
    /// Send time on that clock
    #[arg(long, value_name = "HH:MM")]
    pub time: Option<String>,
    /// day, weekdays, or names such as mon,thu
    #[arg(long, value_name = "DAYS")]
    pub every: Option<String>,
    /// Papers under "For you", 1 to 50
    #[arg(long, value_name = "N")]
    pub limit: Option<u16>,
    /// What comes on a day without matches
    #[arg(long, value_parser = ["nothing", "note", "trending"])]
    pub quiet_day: Option<String>,
    /// Whether the trending section is wanted
    #[arg(long, value_name = "true|false")]
    pub trending: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub enum SubscribersCommand {
    /// Add a subscriber: active at once, by your word
    Add {
        email: String,
        #[command(flatten)]
        person: Person,
        /// Send a confirmation mail instead of taking your word
        #[arg(long)]
        pending: bool,
        #[command(flatten)]
        json: Json,
    },
    /// Change what a subscriber gets and when; interests given replace all there were
    Set {
        email: String,
        #[command(flatten)]
        person: Person,
        /// Remove all interests: the digest is then the day's trending papers
        #[arg(long, conflicts_with = "interests")]
        no_interests: bool,
        #[command(flatten)]
        json: Json,
    },
    /// Add subscribers from JSON Lines or CSV
    Import {
        /// The file; - is standard input
        file: PathBuf,
        #[command(flatten)]
        json: Json,
    },
    /// All subscribers
    List(Json),
    /// One subscriber
    Show {
        email: String,
        #[command(flatten)]
        json: Json,
    },
    /// Print the link to a subscriber's preferences
    Link { email: String },
    /// End a subscription
    Unsubscribe { email: String },
    /// Print everything kept of a subscriber as JSON
    Export {
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        email: Option<String>,
        /// Everybody, one object a line
        #[arg(long)]
        all: bool,
    },
    /// Remove everything kept of a subscriber
    Erase { email: String },
}

#[derive(Debug, Subcommand)]
pub enum DeliveriesCommand {
    /// Deliveries, newest first
    List {
        /// ready, leased, handing_off, accepted, retry_wait, rejected, uncertain, unknown, suppressed, expired
        #[arg(long)]
        state: Option<String>,
        /// Digests of this local date
        #[arg(long, value_name = "YYYY-MM-DD")]
        edition: Option<NaiveDate>,
        #[arg(long, default_value_t = 1000)]
        limit: i64,
        #[command(flatten)]
        json: Json,
    },
    /// One delivery with every try
    Show {
        id: i64,
        #[command(flatten)]
        json: Json,
    },
    /// Try again a mail that was rejected, expired or put off
    Retry { id: i64 },
    /// Settle a mail whose fate is open
    Settle {
        id: i64,
        /// accepted: it arrived; resend: send it once more
        #[arg(value_parser = ["accepted", "resend"])]
        verdict: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum SuppressionsCommand {
    /// Suppressed addresses, as keyed hashes
    List(Json),
    /// Never mail this address again
    Add { email: String },
    /// Let this address be mailed again
    Remove { email: String },
}

#[derive(Debug, Subcommand)]
pub enum SendingCommand {
    /// How the switch stands
    Status(Json),
    /// Hold all mail back
    Pause {
        /// Why, for whoever looks later
        #[arg(long, default_value = "paused by the operator")]
        reason: String,
    },
    /// Let mail go again, everywhere or to one group of destinations
    Resume {
        /// Only open this group, one that `sending status` lists as closed
        #[arg(long, value_name = "GROUP")]
        destination: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say what is wrong with the settings
    Check,
    /// Print every setting, secrets hidden
    Show {
        /// With where each came from
        #[arg(long)]
        origin: bool,
    },
    /// Print the defaults with their comments
    Default,
}
