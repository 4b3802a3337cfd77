//! Asks about contracts until each is final, patiently, and tells each change.
//!
//! ```text
//! span      "30s", "5m": how long              plan     whose turn it is, and when
//! state     what is known, on disk             tell     a change, for people or as JSON
//! run       the command of `--exec`
//! ```

mod child;
mod plan;
mod run;
mod span;
mod state;
mod tell;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use yspay::{Answer, CancelToken, Client, Code, Error, QueryOptions};

use crate::lang::Lang;
use crate::status::printable;
use crate::{exit, lines, query, settings, stop};
use plan::Plan;
use run::Runner;
use state::State;
use tell::{Change, Teller};

/// More questions under way than these would only wait for each other at the limiter.
const MAX_THREADS: usize = 16;

/// How often it is looked whether a signal came.
const SLICE: Duration = Duration::from_millis(50);

/// How long the end may wait for the threads that ask, which free the client.
const PARTING: Duration = Duration::from_secs(2);

pub(crate) fn command(lang: Lang) -> Command {
    let span = |name: &'static str, default: &'static str| {
        Arg::new(name).long(name).value_name("TIME").default_value(default).value_parser(span::parse)
    };
    let file = |name: &'static str, value: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .value_parser(ValueParser::path_buf())
            .value_hint(clap::ValueHint::FilePath)
    };
    Command::new("watch")
        .about(lang.of("Asks until each contract is final and tells each change", "持续查询，直到每份合同都有最终结果，并报告每次变化"))
        .after_help(lang.of(
            "TIME is a number with ms, s, m, h or d; without one it is seconds. Exit status: 0 only if every contract became \
             final, 1 if some id was refused, 11 if --for ended it before.",
            "TIME 为数字加 ms、s、m、h 或 d；不写单位即为秒。退出码：全部合同都有最终结果时为 0，有编号被拒绝时为 1，\
             因 --for 到时而结束为 11。",
        ))
        .arg(Arg::new("ids").value_name("ID").num_args(1..).required_unless_present("file").help(lang.of(
            "Contract numbers (sysSignFlowId); - reads them from standard input, one a line",
            "合同编号（sysSignFlowId）；写 - 则从标准输入读取，每行一个",
        )))
        .arg(file("file", "FILE").help(lang.of("Reads ids from a file, too, one a line", "再从文件读取编号，每行一个")))
        .arg(span("every", "30s").help(lang.of(
            "The first pause before the same contract is asked about again; it doubles up to 16 times that",
            "同一份合同两次查询之间最初的间隔；没有变化时逐次加倍，最多到 16 倍",
        )))
        .arg(Arg::new("for").long("for").value_name("TIME").value_parser(span::parse).help(lang.of(
            "Ends after this time, whatever is not final yet",
            "到时即结束，不论是否都有最终结果",
        )))
        .arg(file("state", "FILE").help(lang.of(
            "Keeps what is known in a file, so that a restart asks nothing final again and tells no change twice",
            "把进度记在文件里：重新启动后不再查询已有最终结果的合同，也不重复报告变化",
        )))
        .arg(file("exec", "PROGRAM").help(lang.of(
            "Runs a program for each change, one at a time, with the values in its environment: YSPAY_ID, YSPAY_STATUS, \
             YSPAY_STATUS_NAME, YSPAY_PREVIOUS, YSPAY_FINAL, …",
            "每次变化运行一个程序（逐个运行），数据在环境变量里：YSPAY_ID、YSPAY_STATUS、YSPAY_STATUS_NAME、\
             YSPAY_PREVIOUS、YSPAY_FINAL 等",
        )))
        .arg(span("exec-timeout", "60s").help(lang.of(
            "Ends the program when it takes longer",
            "程序运行超过此时间即被终止",
        )))
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help(lang.of(
            "Prints a JSON object for each change, errors too",
            "每次变化输出一个 JSON 对象，出错的也是",
        )))
}

pub(crate) fn run(matches: &ArgMatches, given: &ArgMatches, lang: Lang) -> ExitCode {
    match watch(matches, given, lang) {
        Ok(status) => ExitCode::from(status),
        Err((status, message)) => {
            eprintln!("yspay: {message}");
            ExitCode::from(status)
        }
    }
}

/// Exit status and what is told with it.
type Stop = (u8, String);

fn watch(matches: &ArgMatches, given: &ArgMatches, lang: Lang) -> Result<u8, Stop> {
    let span = |name: &str| given.get_one::<Duration>(name).copied();
    let ids = ids(given, lang)?;
    let Ok(client) = settings::client(matches, lang) else { return Ok(exit::CONFIGURATION) };
    let runner = given
        .get_one::<PathBuf>("exec")
        .map(|program| Runner::new(program, span("exec-timeout").unwrap_or(Duration::from_secs(60)), lang));
    if let Some(runner) = &runner {
        // Each change would count as told.
        runner.check().map_err(|reason| (exit::FILE, format!("--exec: {reason}")))?;
    }
    let state = State::open(given.get_one::<PathBuf>("state"), client.route(), &client.describe(), lang)?;
    let mut watcher = Watcher {
        lang,
        plan: Plan::new(span("every").unwrap_or(Duration::from_secs(30))),
        state,
        teller: Teller::new(given.get_flag("json"), lang),
        runner,
        cancel: stop::on_signals(),
        refused: 0,
        errors: HashMap::new(),
        outage: HashSet::new(),
    };
    let until = span("for").and_then(|time| Instant::now().checked_add(time));
    watcher.begin(&ids)?;
    watcher.go(client, until)?;
    watcher.end(&ids)
}

/// What was given and what the file has, each once.
fn ids(given: &ArgMatches, lang: Lang) -> Result<Vec<String>, Stop> {
    let mut ids = match given.get_many::<String>("ids") {
        Some(ids) => query::all_ids(ids, lang)?,
        None => Vec::new(),
    };
    if let Some(path) = given.get_one::<PathBuf>("file") {
        let name = path.to_string_lossy();
        let file = File::open(path).map_err(|error| {
            let name = printable(&name);
            (exit::FILE, lang.of(format!("{name} cannot be read: {error}."), format!("{name} 无法读取：{error}。")))
        })?;
        ids.extend(lines::read(file, &name, lang)?);
    }
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    if ids.is_empty() {
        return Err((exit::USAGE, lang.of("there is no contract to watch.", "没有要关注的合同。").into()));
    }
    Ok(ids)
}

struct Watcher {
    lang: Lang,
    plan: Plan,
    state: State,
    teller: Teller,
    runner: Option<Runner>,
    cancel: CancelToken,
    /// How many ids cannot be asked about.
    refused: usize,
    /// The last error of those whose last question had no answer.
    errors: HashMap<String, Kind>,
    /// The errors of no contract's own that were told since the last answer.
    outage: HashSet<Kind>,
}

/// What makes an error another one.
type Kind = (Code, Option<u16>);

type Asked = (String, Result<Answer, Error>);

impl Watcher {
    /// Tells what a watcher before this one knew and may not have told; the rest is to be asked.
    fn begin(&mut self, ids: &[String]) -> Result<(), Stop> {
        let untold: Vec<String> = ids.iter().filter(|id| self.state.is_untold(id)).cloned().collect();
        for id in untold {
            self.tell(&id, true)?;
        }
        self.state.save()?;
        for id in ids.iter().filter(|id| !self.state.is_final(id)) {
            self.plan.add(id.clone());
        }
        Ok(())
    }

    /// Asks until all are final, the time has passed or a signal came.
    fn go(&mut self, client: Client, until: Option<Instant>) -> Result<(), Stop> {
        let per_second = client.describe().rate_limit.per_second.per_second();
        let threads = self.plan.len().min(per_second.ceil() as usize).clamp(1, MAX_THREADS);
        let (questions, waiting) = mpsc::channel::<String>();
        let (answers, results) = mpsc::channel::<Asked>();
        let (client, waiting) = (Arc::new(client), Arc::new(Mutex::new(waiting)));
        for _ in 0..threads {
            let (client, waiting, answers) = (Arc::clone(&client), Arc::clone(&waiting), answers.clone());
            let options = QueryOptions { cancel: Some(self.cancel.clone()), ..QueryOptions::default() };
            thread::spawn(move || {
                while let Ok(Ok(id)) = waiting.lock().map(|waiting| waiting.recv()) {
                    let result = client.query_sign_sts_with(&id, &options);
                    if answers.send((id, result)).is_err() {
                        break;
                    }
                }
                // The last one tells the limit's store what is left to tell.
                drop(client);
                drop(answers);
            });
        }
        drop((client, answers));
        let under_way = self.ask(threads, &questions, &results, until)?;
        drop(questions);
        // What is under way at the end of the time is not waited for; a call that is cancelled ends by itself.
        if under_way == 0 || self.cancel.is_triggered() {
            let end = Instant::now() + PARTING;
            while results.recv_timeout(end.saturating_duration_since(Instant::now())).is_ok() {}
        }
        Ok(())
    }

    /// Hands out what is due and takes what comes; returns how many calls are under way at the end.
    fn ask(
        &mut self,
        threads: usize,
        questions: &Sender<String>,
        results: &Receiver<Asked>,
        until: Option<Instant>,
    ) -> Result<usize, Stop> {
        let mut under_way = 0;
        while under_way > 0 || !self.plan.is_empty() {
            let now = Instant::now();
            if self.cancel.is_triggered() || until.is_some_and(|until| now >= until) {
                break;
            }
            while under_way < threads {
                let Some(id) = self.plan.due(now) else { break };
                under_way += usize::from(questions.send(id).is_ok());
            }
            let next = self.plan.next_due().filter(|_| under_way < threads);
            let wait = next.map_or(SLICE, |due| due.saturating_duration_since(now).min(SLICE));
            match results.recv_timeout(wait.max(Duration::from_millis(1))) {
                Ok(first) => {
                    // All that has come is on disk before any of it is told.
                    let batch: Vec<Asked> = std::iter::once(first).chain(results.try_iter()).collect();
                    under_way -= batch.len();
                    self.take(batch)?;
                }
                Err(RecvTimeoutError::Timeout) => self.state.save()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err((exit::UNANSWERED, "the threads that ask have ended; please report this.".into()));
                }
            }
        }
        self.state.save()?;
        Ok(under_way)
    }

    fn take(&mut self, batch: Vec<Asked>) -> Result<(), Stop> {
        let mut changed = Vec::new();
        for (id, result) in batch {
            match result {
                Ok(answer) => {
                    self.errors.remove(&id);
                    self.outage.clear();
                    let status = answer.verified.status();
                    let is_changed = self.state.learn(&id, status.as_text());
                    if !status.is_final() {
                        self.plan.again(id.clone(), is_changed);
                    }
                    if is_changed {
                        changed.push(id);
                    }
                }
                Err(error) => self.failed(id, &error)?,
            }
        }
        if !changed.is_empty() {
            self.state.save()?;
        }
        for id in changed {
            if self.cancel.is_triggered() {
                // It is told by the next watcher.
                return Ok(());
            }
            self.tell(&id, false)?;
        }
        Ok(())
    }

    /// What passes is waited out and told when it is another error than before; what lasts ends the id.
    fn failed(&mut self, id: String, error: &Error) -> Result<(), Stop> {
        match error.code {
            Code::Cancelled => return Ok(()),
            Code::Config | Code::Credential => {
                self.state.save()?;
                return Err((exit::CONFIGURATION, error.to_string()));
            }
            Code::InvalidArgument => {
                self.refused += 1;
                return self.teller.error(&id, error).map_err(|error| self.unwritable(&error));
            }
            _ => {}
        }
        let kind = (error.code, error.http_status);
        self.plan.again(id.clone(), false);
        if self.errors.insert(id.clone(), kind) == Some(kind) {
            return Ok(());
        }
        // A network that is down is not news of each of thousands.
        let is_of_all = matches!(
            error.code,
            Code::Transport | Code::Timeout | Code::RateLimited | Code::HttpStatus | Code::LimiterUnavailable
        );
        if is_of_all && !self.outage.insert(kind) {
            return Ok(());
        }
        self.teller.error(&id, error).map_err(|error| self.unwritable(&error))
    }

    /// Prints the change and runs the program; only then it counts as told.
    fn tell(&mut self, id: &str, is_repeated: bool) -> Result<(), Stop> {
        let Some(known) = self.state.get(id) else { return Ok(()) };
        let change =
            Change { id, status: &known.status, previous: known.previous.as_deref(), time: &known.since, is_repeated };
        self.teller.change(&change).map_err(|error| self.unwritable(&error))?;
        if let Some(runner) = &self.runner {
            match runner.run(&change, &self.cancel) {
                Ok(true) => {}
                // A signal ended it: the next watcher runs it again.
                Ok(false) => return Ok(()),
                Err(reason) => eprintln!("yspay: --exec: {}: {reason}", printable(id)),
            }
        }
        self.state.is_told(id);
        // A program may take long, and what it did is not done twice when the watcher is killed during the next one.
        if self.runner.is_some() { self.state.save() } else { Ok(()) }
    }

    fn unwritable(&self, error: &std::io::Error) -> Stop {
        let reason = self.lang.of("standard output cannot be written", "无法写入标准输出");
        (exit::FILE, format!("{reason}: {error}"))
    }

    /// What was reached.
    fn end(&self, ids: &[String]) -> Result<u8, Stop> {
        let all = ids.len();
        let finals = ids.iter().filter(|id| self.state.is_final(id)).count();
        // A signal may have ended the program of a last change.
        if finals == all && !ids.iter().any(|id| self.state.is_untold(id)) {
            return Ok(exit::OK);
        }
        let lang = self.lang;
        let count = lang.of(format!("{finals} of {all} are final"), format!("{all} 份合同中 {finals} 份已有最终结果"));
        if finals + self.refused == all && !self.cancel.is_triggered() {
            return Err((
                exit::UNANSWERED,
                lang.of(format!("{count}; the others were refused."), format!("{count}；其余编号被拒绝。")),
            ));
        }
        let on = lang.of("--state FILE goes on from here.", "用 --state FILE 可以从这里继续。");
        let on = if self.state.is_kept() {
            lang.of("The same command goes on from here.", "用同一命令可以从这里继续。")
        } else {
            on
        };
        if self.cancel.is_triggered() {
            return Err((exit::STOPPED, lang.of(format!("stopped; {count}. {on}"), format!("已停止；{count}。{on}"))));
        }
        Err((
            exit::UNFINISHED,
            lang.of(format!("the time of --for is over; {count}. {on}"), format!("--for 时间已到；{count}。{on}")),
        ))
    }
}
