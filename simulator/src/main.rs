//! The platform's simulator as a program: see `--help`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use std::error::Error;
use std::io::{self, Read};
use std::net::IpAddr;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use yspay_simulator::program::Program;
use yspay_simulator::{Tls, behaviour};

const HELP: &str = "\
Plays the platform's querySignSts on 127.0.0.1, for RSA and SM, with the test credentials of this repository.

Usage: simulator [--port N] [--listen ADDRESS] [--tls [--tls-expired] [--ca-out FILE]] [--config-out FOLDER]
                 [--limit N] [--enforce-limit] [--delay-ms N] [--idle-ms N] [--clock-ahead-s N] [--exit-on-stdin-close]

  --port N               listen on this port; 0, the default, takes a free one
  --listen ADDRESS       listen on this address; 127.0.0.1, the default, is reached by this machine alone
  --tls                  HTTPS for localhost, 127.0.0.1 and ADDRESS, with a certificate made at the start
  --tls-expired          a certificate that ended long ago
  --ca-out FILE          write the authority that vouches for it, as PEM; default: ca.pem beside the configurations
  --config-out FOLDER    write a client's configurations, sm.json and rsa.json, with the test keys that they name and a
                         program in each language; show the configurations
  --limit N              requests a second that are allowed (default 10); more are counted
  --enforce-limit        refuse requests above the limit
  --delay-ms N           pause before every answer
  --idle-ms N            close a connection that was silent for so long (default 30000)
  --clock-ahead-s N      answer with a Date that is N seconds ahead of this machine's clock, or behind: -300
  --exit-on-stdin-close  end when standard input ends
  --help                 this text

When it is ready it prints one line of JSON: {\"endpoint\":…,\"port\":…,\"pid\":…,\"page\":…}
The page is for people: each request with its explanation, the rate, and what each contract is to be answered.
GET /stats answers what was seen, as JSON; POST /reset sets the counters to zero.

Each request is checked; a bad one gets an unsigned refusal that says why. A good one is answered with status 2, unless
its sysSignFlowId begins with one of these (letter case counts; the longest that fits; the rest is free):
";

/// What the command line asks for.
#[derive(Default)]
struct Arguments {
    program: Program,
    exit_on_stdin_close: bool,
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{HELP}{}", behaviour::help());
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("simulator: {message}; see --help");
            return ExitCode::from(2);
        }
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let running = arguments.program.start()?;
    if let Some(warning) = running.warning() {
        eprintln!("simulator: {warning}");
    }
    running.tell(&mut io::stdout())?;
    if arguments.exit_on_stdin_close {
        let mut input = io::stdin().lock();
        while !matches!(input.read(&mut [0; 1024]), Ok(0) | Err(_)) {}
    } else {
        loop {
            std::thread::park();
        }
    }
    Ok(())
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Arguments>, String> {
    let mut arguments = Arguments::default();
    let program = &mut arguments.program;
    let options = &mut program.options;
    options.page = true;
    while let Some(word) = words.next() {
        match word.as_str() {
            "--help" => return Ok(None),
            "--listen" => options.listen = address(&word, words.next())?,
            "--port" => options.port = number(&word, words.next())?,
            "--tls" => options.tls = Some(Tls::default()),
            "--tls-expired" => options.tls = Some(Tls { expired: true, ..Tls::default() }),
            "--ca-out" => program.ca_out = Some(words.next().ok_or("--ca-out needs a file")?.into()),
            "--config-out" => program.config_out = Some(words.next().ok_or("--config-out needs a folder")?.into()),
            "--limit" => options.limit_per_second = number(&word, words.next())?,
            "--enforce-limit" => options.enforce_limit = true,
            "--delay-ms" => options.response_delay = milliseconds(&word, words.next())?,
            "--clock-ahead-s" => options.clock_ahead = i64::from(number::<i32>(&word, words.next())?),
            "--idle-ms" => options.idle_timeout = milliseconds(&word, words.next())?,
            "--exit-on-stdin-close" => arguments.exit_on_stdin_close = true,
            _ => return Err(format!("unknown argument {word:?}")),
        }
    }
    if program.ca_out.is_some() && program.options.tls.is_none() {
        return Err("--ca-out needs --tls".to_owned());
    }
    if program.options.limit_per_second == 0 {
        return Err("--limit must be at least 1".to_owned());
    }
    if program.options.idle_timeout.is_zero() {
        return Err("--idle-ms must be at least 1".to_owned());
    }
    Ok(Some(arguments))
}

fn number<N: FromStr>(flag: &str, value: Option<String>) -> Result<N, String> {
    let value = value.ok_or_else(|| format!("{flag} needs a number"))?;
    value.parse().map_err(|_| format!("{flag} needs a number in its range, not {value:?}"))
}

fn address(flag: &str, value: Option<String>) -> Result<IpAddr, String> {
    let value = value.ok_or_else(|| format!("{flag} needs an address"))?;
    value.parse().map_err(|_| format!("{flag} needs an IP address such as 127.0.0.1 or ::, not {value:?}"))
}

fn milliseconds(flag: &str, value: Option<String>) -> Result<Duration, String> {
    number::<u32>(flag, value).map(|value| Duration::from_millis(u64::from(value)))
}
