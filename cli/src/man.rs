//! The manual, a page for the command and for each of its parts.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::ValueParser;
use clap::{Arg, ArgMatches, Command};

use crate::lang::Lang;
use crate::{arguments, exit};

pub(crate) fn command(lang: Lang) -> Command {
    Command::new("man").about(lang.of("Writes the manual pages", "生成 man 手册页")).arg(
        Arg::new("out")
            .long("out")
            .short('o')
            .value_name("DIR")
            .value_parser(ValueParser::path_buf())
            .value_hint(clap::ValueHint::DirPath)
            .required(true)
            .help(lang.of("The folder that they are written into", "写到哪个目录")),
    )
}

pub(crate) fn run(given: &ArgMatches, lang: Lang) -> ExitCode {
    let Some(folder) = given.get_one::<PathBuf>("out") else { return ExitCode::from(exit::USAGE) };
    match clap_mangen::generate_to(arguments::command(lang), folder) {
        Ok(()) => ExitCode::from(exit::OK),
        Err(error) => {
            let folder = folder.display();
            eprintln!(
                "yspay: {}",
                lang.of(
                    format!("the pages cannot be written into {folder}: {error}. Make the folder first."),
                    format!("无法把手册页写入 {folder}：{error}。请先建好该目录。"),
                )
            );
            ExitCode::from(exit::FILE)
        }
    }
}
