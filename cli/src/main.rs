//! The command `yspay`: asks about lists of contracts, for everyone who has one and no program.
//!
//! ```text
//! arguments   what can be said on the command line    lang     Chinese or English
//! settings    which configuration, and a client of it exit     what the exit status says
//! query       a few contracts, a line each            init     writes a configuration
//! batch/      thousands, out of a table into one      watch    asks until each is final
//! doctor/     are keys, network and platform in order?
//! ```

mod arguments;
mod doctor;
mod exit;
mod lang;
mod moment;
mod query;
mod settings;

use std::process::ExitCode;

fn main() -> ExitCode {
    let lang = lang::Lang::of_process();
    let matches = match arguments::command(lang).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::OK });
        }
    };
    let lang = lang::Lang::stated(&matches).unwrap_or(lang);
    match matches.subcommand() {
        Some(("query", given)) => query::run(&matches, given, lang),
        Some(("doctor", given)) => doctor::run(&matches, given, lang),
        _ => ExitCode::from(exit::USAGE),
    }
}
