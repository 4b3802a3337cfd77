//! Asks for what a configuration needs, and writes one.

use std::process::ExitCode;

use clap::{ArgMatches, Command};

use crate::exit;
use crate::lang::Lang;

pub(crate) fn command(lang: Lang) -> Command {
    Command::new("init")
        .about(lang.of("Asks for what is needed and writes the configuration", "逐项询问并生成配置文件"))
}

pub(crate) fn run(_matches: &ArgMatches, _given: &ArgMatches, _lang: Lang) -> ExitCode {
    ExitCode::from(exit::USAGE)
}
