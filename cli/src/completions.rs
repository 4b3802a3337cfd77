//! What a shell needs to complete a command line.

use std::io::Write;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;

use crate::lang::Lang;
use crate::{arguments, exit};

pub(crate) fn command(lang: Lang) -> Command {
    Command::new("completions")
        .about(lang.of("Writes what a shell needs to complete command lines", "输出命令行补全脚本"))
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .value_parser(value_parser!(Shell))
                .required(true)
                .help(lang.of("For which shell", "哪种 shell")),
        )
}

pub(crate) fn run(given: &ArgMatches, lang: Lang) -> ExitCode {
    let Some(shell) = given.get_one::<Shell>("shell") else { return ExitCode::from(exit::USAGE) };
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut arguments::command(lang), "yspay", &mut script);
    // Who reads it may have gone, as `head` does.
    let _ = std::io::stdout().write_all(&script);
    ExitCode::from(exit::OK)
}
