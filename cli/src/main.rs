//! The command `yspay`: asks about lists of contracts, for everyone who has one and no program.
//!
//! ```text
//! arguments   what can be said on the command line    lang         Chinese or English
//! chinese     what clap itself says, in Chinese       exit         what the exit status says
//! settings    which configuration, and a client of it init         asks, and writes a configuration
//! query       a few contracts, a line each            completions  for shells
//! status      what a status means                     stop         Ctrl-C
//! man         the manual                              batch/       thousands, out of a table into one
//! watch       asks until each is final                doctor/      are keys, network and platform in order?
//! explain/    why does a signature not fit?           moment       the time in UTC
//! tell        to people who may have gone             id           a contract number as people write it
//! text/       text in whatever encoding               lines        ids, one a line
//! simulate/   the platform played on this machine     shell        words of commands to copy
//! console/    colours, and typing that is not shown
//! ```
//!
//! Each command is a module with `command(lang)`, what can be said, and `run`, which returns an exit status.

#[macro_use]
mod tell;

mod arguments;
mod batch;
mod chinese;
mod completions;
mod console;
mod doctor;
mod exit;
mod explain;
mod id;
mod init;
mod lang;
mod lines;
mod man;
mod moment;
mod query;
mod settings;
mod shell;
mod simulate;
mod status;
mod stop;
mod text;
mod watch;

use std::io::Write;
use std::process::ExitCode;

use lang::Lang;

fn main() -> ExitCode {
    let lang = Lang::of_process();
    let matches = match arguments::command(lang).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            tell(&error, lang);
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::OK });
        }
    };
    let lang = Lang::stated(&matches).unwrap_or(lang);
    match matches.subcommand() {
        Some(("init", given)) => init::run(&matches, given, lang),
        Some(("query", given)) => query::run(&matches, given, lang),
        Some(("batch", given)) => batch::run(&matches, given, lang),
        Some(("completions", given)) => completions::run(given, lang),
        Some(("man", given)) => man::run(given, lang),
        Some(("doctor", given)) => doctor::run(&matches, given, lang),
        Some(("explain", given)) => explain::run(&matches, given, lang),
        Some(("simulate", given)) => simulate::run(given, lang),
        Some(("watch", given)) => watch::run(&matches, given, lang),
        _ => ExitCode::from(exit::USAGE),
    }
}

/// Help, version or a usage error; who reads it may have gone.
fn tell(error: &clap::Error, lang: Lang) {
    let _ = match lang {
        Lang::En => error.print(),
        Lang::Zh if error.use_stderr() => std::io::stderr().write_all(chinese::shown(error).as_bytes()),
        Lang::Zh => std::io::stdout().write_all(chinese::shown(error).as_bytes()),
    };
}
