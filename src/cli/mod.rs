//! The command line: what can be asked for, and how the answers are printed.
//!
//! Data goes to standard output, everything else to standard error. It knows [`crate::app`] and the
//! configuration, nothing behind them.

mod args;
mod commands;
mod output;

use std::process::ExitCode;

use clap::Parser;

pub use args::Cli;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::error(&format!("the program cannot start: {error}"));
            return ExitCode::from(1);
        }
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            output::error(&error.to_string());
            ExitCode::from(error.exit_code())
        }
    }
}
