//! Are the configuration, the keys, the way to the platform and the platform in order? One screen of checks, made to be
//! shown to others: nothing secret stands in it.
//!
//! ```text
//! check     what one check found, and the list       screen   the list for people, and as JSON
//! stated    what the configuration's text says       files    configuration, permissions, keys, certificates
//! way       name, proxy, TCP, TLS, clock             answer   what the platform's answer tells, and the limit
//! ```

mod answer;
mod check;
mod files;
mod screen;
mod stated;
mod way;

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use yspay::QueryOptions;

use crate::lang::Lang;
use crate::{exit, settings};
use check::{Checks, Status};
use stated::Stated;

/// A contract that no institution has.
const NOBODY_S: &str = "YSPAY-DOCTOR";

pub(crate) fn command(lang: Lang) -> Command {
    Command::new("doctor")
        .about(lang.of(
            "Checks the configuration, the keys, the way to the platform and its answer",
            "检查配置、密钥、到平台的链路以及平台的应答",
        ))
        .after_help(lang.of(
            "Exit status: 0 all in order, 1 something to look at soon, 10 something is wrong. Nothing secret is shown: the \
             output may be pasted into a support ticket.",
            "退出码：0 一切正常，1 有需要留意之处，10 有问题。输出不含任何机密，可直接贴进工单。",
        ))
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help(lang.of(
            "One object of JSON, for monitoring",
            "输出一个 JSON 对象，供监控使用",
        )))
        .arg(Arg::new("offline").long("offline").action(ArgAction::SetTrue).help(lang.of(
            "Leaves the network out",
            "不访问网络",
        )))
        .arg(Arg::new("id").long("id").value_name("ID").default_value(NOBODY_S).help(lang.of(
            "The contract to ask about; better one that does not exist",
            "用来提问的合同编号；最好并不存在",
        )))
}

pub(crate) fn run(matches: &ArgMatches, given: &ArgMatches, lang: Lang) -> ExitCode {
    let checks = examine(matches, given, lang);
    let text = if given.get_flag("json") { screen::json(&checks) } else { screen::text(&checks, lang) };
    if screen::print(&text).is_err() {
        return ExitCode::from(exit::FILE);
    }
    ExitCode::from(match checks.worst() {
        Status::Failed => exit::OUT_OF_ORDER,
        Status::Warning => exit::UNANSWERED,
        Status::Ok | Status::Skipped => exit::OK,
    })
}

fn examine(matches: &ArgMatches, given: &ArgMatches, lang: Lang) -> Checks {
    let path = settings::path(matches);
    let stated = Stated::read(&path);
    let mut checks = Checks::new(lang);
    let client = match yspay::Client::from_file(&path) {
        Ok(client) => client,
        Err(error) => {
            files::without_client(&mut checks, &path, &stated, &error);
            way::skipped(&mut checks);
            return checks;
        }
    };
    let description = client.describe();
    checks.about(&description);
    if given.get_flag("offline") {
        files::with_client(&mut checks, &path, &stated, &description, false);
        way::offline(&mut checks, client.route(), &stated, &description);
        return checks;
    }
    let id = given.get_one::<String>("id").map_or(NOBODY_S, String::as_str);
    let (trace, result) = client.trace_sign_sts(id, &QueryOptions::default());
    files::with_client(&mut checks, &path, &stated, &description, answer::proves_keys(&result));
    way::online(&mut checks, client.route(), &trace, &result);
    answer::told(&mut checks, &trace, &result);
    answer::limit(&mut checks, &stated, &description, Some(&result));
    checks
}
