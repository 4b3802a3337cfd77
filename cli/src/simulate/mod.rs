//! The platform played on this machine, so that clients can be tried before there are credentials, and tested later.

mod behaviours;
mod told;

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use yspay::CancelToken;
use yspay_simulator::program::{Error, Program};
use yspay_simulator::{Options, Tls};

use crate::lang::Lang;
use crate::{exit, stop};

pub(crate) fn command(lang: Lang) -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let path = |name: &'static str| Arg::new(name).long(name).value_parser(ValueParser::path_buf());
    Command::new("simulate")
        .about(lang.of(
            "Plays the platform on this machine, with test keys, for clients to be tried with",
            "在本机模拟平台，自带测试密钥，供调试客户端",
        ))
        .after_help(lang.of(
            "A good request is answered with status 2, a bad one gets an unsigned refusal that says why. A contract's number \
             may begin with what is to happen instead, as STS1, LIFE or BADSIG: see --behaviours. GET /stats answers what \
             was seen, as JSON; POST /reset begins anew. Ctrl-C ends it.",
            "合格的请求得到状态 2；不合格的得到不带签名的拒绝，并说明原因。合同编号的开头可以指定别的应答，如 STS1、LIFE、BADSIG，\
             全部前缀见 --behaviours。GET /stats 以 JSON 给出收到的请求，POST /reset 清零。按 Ctrl-C 结束。",
        ))
        .arg(number("port", 0..=u16::MAX).default_value("8080").help(lang.of(
            "The port; 0 takes a free one",
            "端口；写 0 则自动选一个空闲端口",
        )))
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDRESS")
                .default_value("127.0.0.1")
                .value_parser(ValueParser::new(move |text: &str| {
                    text.parse::<IpAddr>().map_err(|_| {
                        lang.of(
                            "an IP address is wanted, such as 127.0.0.1, 0.0.0.0 or ::1",
                            "应为 IP 地址，例如 127.0.0.1、0.0.0.0 或 ::1",
                        )
                    })
                }))
                .help(lang.of(
                    "The address; any other than loopback lets other machines read and drive it",
                    "监听地址；不是本机回环地址时，其他机器也能查看并操纵它",
                )),
        )
        .arg(path("write").value_name("FOLDER").value_hint(clap::ValueHint::DirPath).help(lang.of(
            "Writes a folder for a first client: test keys, a configuration for SM and for RSA, a program in each language. \
             What you have changed in it is not written over",
            "写出第一个客户端所需的一切：测试密钥、SM 和 RSA 的配置、各语言的示例程序。您改过的文件不会被覆盖",
        )))
        .arg(flag("behaviours").help(lang.of(
            "Lists what a contract's number may begin with, and ends",
            "列出合同编号可用的前缀及其应答，然后退出",
        )))
        .arg(flag("tls").help(lang.of(
            "HTTPS, with a certificate and an authority made at the start",
            "使用 HTTPS，证书和根证书在启动时生成",
        )))
        .arg(flag("tls-expired").help(lang.of(
            "HTTPS with a certificate that ended long ago",
            "使用 HTTPS，证书早已过期",
        )))
        .arg(path("ca-out").value_name("FILE").value_hint(clap::ValueHint::FilePath).help(lang.of(
            "Writes the authority of --tls there, as PEM; else ca.pem in the folder of --write",
            "把 --tls 的根证书（PEM）写到这里；不写则为 --write 目录下的 ca.pem",
        )))
        .arg(number("limit", 1..=u32::MAX).default_value("10").help(lang.of(
            "Requests a second that are allowed; more are counted",
            "每秒限额；超出的会计数",
        )))
        .arg(flag("enforce-limit").help(lang.of("Refuses what is above the limit", "拒绝超出限额的请求")))
        .arg(
            number("delay-ms", 0..=u32::MAX)
                .default_value("0")
                .help(lang.of("A pause before every answer", "每次应答前先等待的毫秒数")),
        )
        .arg(number("idle-ms", 1..=u32::MAX).default_value("30000").help(lang.of(
            "Closes a connection that was silent for so long",
            "连接静默这么多毫秒后关闭",
        )))
        .arg(number("clock-ahead-s", i32::MIN..=i32::MAX).default_value("0").help(lang.of(
            "Answers with a Date that is so many seconds ahead of this machine's clock, or behind: -300",
            "应答的 Date 比本机时钟快这么多秒；负数表示慢，如 -300",
        )))
        .arg(flag("json").help(lang.of(
            "Tells a program where it listens, as one line of JSON, and nothing else",
            "只输出一行 JSON，告诉程序在哪里监听",
        )))
        .arg(flag("exit-on-stdin-close").help(lang.of(
            "Ends when standard input ends, as that of a program's child does",
            "标准输入结束时退出，便于由别的程序启动",
        )))
}

pub(crate) fn run(given: &ArgMatches, lang: Lang) -> ExitCode {
    if given.get_flag("behaviours") {
        // Who reads it may have gone, as `head` does.
        let _ = io::stdout().write_all(behaviours::list(lang).as_bytes());
        return ExitCode::from(exit::OK);
    }
    let program = program(given);
    if program.ca_out.is_some() && program.options.tls.is_none() {
        eprintln!("yspay: {}", lang.of("--ca-out needs --tls.", "--ca-out 要与 --tls 一起使用。"));
        return ExitCode::from(exit::USAGE);
    }
    // Before it listens, so that whoever reads that it does may end it.
    let stop = stop::on_signals();
    let running = match program.start() {
        Ok(running) => running,
        Err(error) => {
            eprintln!("yspay: {}", told::error(&error, lang));
            return ExitCode::from(match error {
                Error::Start { .. } => exit::CANNOT_LISTEN,
                Error::Authority(..) | Error::Folder(_) => exit::FILE,
            });
        }
    };
    if let Some(warning) = told::warning(&running, lang) {
        eprintln!("yspay: {warning}");
    }
    let text = match given.get_flag("json") {
        true => running.ready_line() + "\n",
        false => told::introduction(&running, lang),
    };
    let mut out = io::stdout();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        let reason = lang.of("standard output cannot be written", "无法写入标准输出");
        eprintln!("yspay: {reason}: {error}");
        return ExitCode::from(exit::FILE);
    }
    // Not the same as a signal, of which a second one means more.
    let input_ended = CancelToken::new();
    if given.get_flag("exit-on-stdin-close") {
        let ended = input_ended.clone();
        thread::spawn(move || {
            while !matches!(io::stdin().lock().read(&mut [0; 1024]), Ok(0) | Err(_)) {}
            ended.trigger();
        });
    }
    while !stop.is_triggered() && !input_ended.is_triggered() {
        thread::sleep(Duration::from_millis(50));
    }
    // To end it is how it is used, so that is no failure.
    ExitCode::from(exit::OK)
}

fn program(given: &ArgMatches) -> Program {
    fn stated<T: Copy + Send + Sync + 'static>(given: &ArgMatches, name: &str, usual: T) -> T {
        given.get_one(name).copied().unwrap_or(usual)
    }
    let milliseconds = |name, usual: Duration| {
        let stated = given.get_one::<u32>(name).copied();
        stated.map_or(usual, |number| Duration::from_millis(number.into()))
    };
    let usual = Options::default();
    let expired = given.get_flag("tls-expired");
    let options = Options {
        listen: stated(given, "listen", usual.listen),
        port: stated(given, "port", usual.port),
        tls: (expired || given.get_flag("tls")).then(|| Tls { expired, ..Tls::default() }),
        limit_per_second: stated(given, "limit", usual.limit_per_second),
        enforce_limit: given.get_flag("enforce-limit"),
        response_delay: milliseconds("delay-ms", usual.response_delay),
        clock_ahead: stated::<i32>(given, "clock-ahead-s", 0).into(),
        idle_timeout: milliseconds("idle-ms", usual.idle_timeout),
        page: true,
        ..usual
    };
    let path = |name| given.get_one::<PathBuf>(name).cloned();
    Program { options, ca_out: path("ca-out"), config_out: path("write") }
}

/// An argument that is a number in this range; whoever names another one is told the range, in no language.
fn number<N>(name: &'static str, range: RangeInclusive<N>) -> Arg
where
    N: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    let parse = move |text: &str| {
        let number = text.parse::<N>().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("{}…{}", range.start(), range.end()))
    };
    Arg::new(name).long(name).value_name("N").allow_hyphen_values(true).value_parser(ValueParser::new(parse))
}
