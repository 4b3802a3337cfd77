//! A few contracts, a line each, in the order in which they were given.

use std::collections::HashMap;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use clap::{Arg, ArgAction, ArgMatches, Command};
use unicode_width::UnicodeWidthStr;
use yspay::{Answer, CancelToken, Client, Code, Error, QueryOptions, SignStatus};

use crate::lang::Lang;
use crate::status::{finality, meaning, printable};
use crate::{exit, lines, settings, stop};

/// More questions under way than these would only wait for each other at the limiter.
const MAX_THREADS: usize = 16;

pub(crate) fn command(lang: Lang) -> Command {
    Command::new("query")
        .about(lang.of("Asks about a few contracts, a line each", "查询若干份合同，每份一行"))
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help(lang.of("Prints a JSON object for each, errors too", "每份合同输出一个 JSON 对象，出错的也是")),
        )
        .arg(Arg::new("ids").value_name("ID").num_args(1..).required(true).help(lang.of(
            "Contract numbers (sysSignFlowId); - reads them from standard input, one a line",
            "合同编号（sysSignFlowId）；写 - 则从标准输入读取，每行一个",
        )))
}

pub(crate) fn run(matches: &ArgMatches, given: &ArgMatches, lang: Lang) -> ExitCode {
    let ids = match all_ids(given.get_many::<String>("ids").into_iter().flatten(), lang) {
        Ok(ids) => ids,
        Err((status, message)) => {
            eprintln!("yspay: {message}");
            return ExitCode::from(status);
        }
    };
    let client = match settings::client(matches, lang) {
        Ok(client) => client,
        Err(status) => return status,
    };
    let printer = Printer::new(&ids, given.get_flag("json"), lang);
    ExitCode::from(ask(&client, &ids, &printer, &stop::on_signals()))
}

/// What was given, with the lines of standard input in the place of `-`.
pub(crate) fn all_ids<'a>(given: impl Iterator<Item = &'a String>, lang: Lang) -> Result<Vec<String>, (u8, String)> {
    let mut ids = Vec::new();
    for id in given {
        if id != "-" {
            ids.push(id.clone());
            continue;
        }
        ids.extend(lines::read(io::stdin(), lang.of("standard input", "标准输入"), lang)?);
    }
    if ids.is_empty() {
        let message = lang.of("standard input holds no contract number.", "标准输入中没有合同编号。");
        return Err((exit::USAGE, message.into()));
    }
    Ok(ids)
}

/// Asks about all, several at once, and prints each as soon as those before it are printed. Returns the exit status.
fn ask(client: &Client, ids: &[String], printer: &Printer, cancel: &CancelToken) -> u8 {
    let per_second = client.describe().rate_limit.per_second.per_second();
    let threads = ids.len().min(per_second.ceil() as usize).clamp(1, MAX_THREADS);
    // With a slow limit the next turn may be farther away than the time of a call, so that is waited for here.
    let pause = if per_second < 1.0 { Duration::from_secs_f64(1.0 / per_second) } else { Duration::ZERO };
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    let mut answered = 0;
    let mut written = Ok(());
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some((index, id)) = ids.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed)) {
                    if index > 0 {
                        wait(pause, cancel);
                    }
                    let result = one(client, id, cancel);
                    if sender.send((index, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = HashMap::new();
        let mut due = 0;
        for (index, result) in results {
            early.insert(index, result);
            while let Some(result) = early.remove(&due) {
                let Some(result) = result.filter(|_| written.is_ok()) else {
                    due += 1;
                    continue;
                };
                answered += usize::from(result.is_ok());
                written = printer.print(&ids[due], &result);
                if written.is_err() {
                    cancel.trigger();
                }
                due += 1;
            }
        }
    });
    match written {
        // Who reads has seen enough, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return exit::FILE,
        Err(error) => {
            let reason = printer.lang.of("standard output cannot be written", "无法写入标准输出");
            eprintln!("yspay: {reason}: {error}");
            return exit::FILE;
        }
        Ok(()) => {}
    }
    if answered < ids.len() && cancel.is_triggered() {
        let all = ids.len();
        eprintln!(
            "yspay: {}",
            printer.lang.of(
                format!("stopped; {answered} of {all} were answered."),
                format!("已停止；{all} 份合同中查到 {answered} 份。")
            )
        );
        return exit::STOPPED;
    }
    if answered < ids.len() {
        printer.advise();
        return exit::UNANSWERED;
    }
    exit::OK
}

/// The answer; `None` if the call was cancelled.
fn one(client: &Client, id: &str, cancel: &CancelToken) -> Option<Result<Answer, Error>> {
    let options = QueryOptions { cancel: Some(cancel.clone()), ..QueryOptions::default() };
    let result = client.query_sign_sts_with(id, &options);
    (!result.as_ref().is_err_and(|error| error.code == Code::Cancelled)).then_some(result)
}

/// Waits so long, or until it is cancelled.
fn wait(pause: Duration, cancel: &CancelToken) {
    let end = Instant::now() + pause;
    while !cancel.is_triggered() {
        match end.saturating_duration_since(Instant::now()) {
            Duration::ZERO => return,
            left => thread::sleep(left.min(Duration::from_millis(50))),
        }
    }
}

struct Printer {
    lang: Lang,
    is_json: bool,
    /// The widths of the columns on a terminal.
    widths: Option<[usize; 4]>,
}

impl Printer {
    fn new(ids: &[String], is_json: bool, lang: Lang) -> Self {
        let widest = |texts: &mut dyn Iterator<Item = String>| texts.map(|text| text.width()).max().unwrap_or(0);
        let known = || SignStatus::KNOWN.iter();
        let widths = || {
            [
                widest(&mut ids.iter().map(|id| printable(id))),
                widest(&mut known().map(|status| status.as_text().to_owned())),
                widest(&mut known().map(|status| status.name().to_owned())),
                widest(&mut known().map(|status| meaning(status, lang).to_owned())),
            ]
        };
        let is_table = !is_json && io::stdout().is_terminal();
        Printer { lang, is_json, widths: is_table.then(widths) }
    }

    fn print(&self, id: &str, result: &Result<Answer, Error>) -> io::Result<()> {
        let line = match result {
            Ok(answer) if self.is_json => answer.to_json(),
            Err(error) if self.is_json => failure(id, error),
            Ok(answer) => self.line(id, answer.verified.status()),
            Err(error) => {
                eprintln!("yspay: {}: {error}", printable(id));
                return Ok(());
            }
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        out.flush()
    }

    fn line(&self, id: &str, status: &SignStatus) -> String {
        let (id, code) = (printable(id), printable(status.as_text()));
        let cells = [id.as_str(), &code, status.name(), meaning(status, self.lang), finality(status, self.lang)];
        let Some(widths) = self.widths else { return cells.join("\t") };
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            line += cell;
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
        }
        line + cells[4]
    }

    /// Where the codes of errors are explained.
    fn advise(&self) {
        if !self.is_json {
            eprintln!(
                "{}",
                self.lang
                    .of("What the errors mean: docs/errors.md", "各错误代码的含义和处理办法见 docs/zh-CN/errors.md")
            );
        }
    }
}

/// The engine's JSON of an error with the contract that it is about.
fn failure(id: &str, error: &Error) -> String {
    let told = error.to_json();
    let id = serde_json::Value::from(id);
    match told.strip_prefix(r#"{"ok":false,"#) {
        Some(rest) => format!(r#"{{"ok":false,"sysSignFlowId":{id},{rest}"#),
        None => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_whatever_the_script() {
        let printer = Printer { lang: Lang::Zh, is_json: false, widths: Some([6, 1, 18, 14]) };
        let lines = [printer.line("合同1", &SignStatus::Created), printer.line("A", &SignStatus::Voided)];
        assert_eq!(lines[0], "合同1   2  CREATED             已签署，合同生效  不会再变");
        assert_eq!(lines[1], "A       3  VOIDED              已作废          不会再变");
    }

    #[test]
    fn an_error_in_json_names_its_contract() {
        let error = Error::new(Code::Business, "x");
        let value: serde_json::Value = serde_json::from_str(&failure("A\"1", &error)).unwrap();
        assert_eq!((value["sysSignFlowId"].as_str(), value["ok"].as_bool()), (Some("A\"1"), Some(false)));
        assert_eq!(value["error"]["code"], "BUSINESS");
    }
}
