//! A few contracts, a line each.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use crate::lang::Lang;
use crate::{exit, settings};

pub(crate) fn command(lang: Lang) -> Command {
    Command::new("query").about(lang.of("Asks about a few contracts, a line each", "查询若干份合同，每份一行")).arg(
        Arg::new("ids").value_name("ID").num_args(1..).required(true).help(lang.of(
            "Contract numbers (sysSignFlowId); - reads them from standard input",
            "合同编号（sysSignFlowId）；写 - 则从标准输入读取",
        )),
    )
}

pub(crate) fn run(matches: &ArgMatches, given: &ArgMatches, lang: Lang) -> ExitCode {
    let client = match settings::client(matches, lang) {
        Ok(client) => client,
        Err(status) => return status,
    };
    let mut status = exit::OK;
    for id in given.get_many::<String>("ids").into_iter().flatten() {
        match client.query_sign_sts(id) {
            Ok(answer) => println!("{id}\t{}\t{}", answer.verified.status().as_text(), answer.verified.status().name()),
            Err(error) => {
                eprintln!("{id}\t{error}");
                status = exit::UNANSWERED;
            }
        }
    }
    ExitCode::from(status)
}
