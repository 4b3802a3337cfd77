//! A few contracts, a line each.

use std::process::ExitCode;

use clap::ArgMatches;

use crate::lang::Lang;
use crate::{exit, settings};

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
