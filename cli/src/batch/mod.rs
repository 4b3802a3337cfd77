//! Thousands of contracts, out of a table into one.
//!
//! ```text
//! input/   rows out of .csv, .txt, .xlsx     column    which one holds the contract numbers
//! id_cell  the number in a row, or why none  ids       each once, in little memory
//! journal  every answer on disk as it comes  ask       threads, and what ends a run early
//! status   an answer in a byte               progress  a bar or lines
//! output/  .csv, .xlsx, .jsonl in one step   summary   the table at the end
//! report   a page to look at                 stop      why a run ends early
//! ```

mod ask;
mod column;
mod id_cell;
mod ids;
mod input;
mod journal;
mod output;
mod progress;
mod report;
mod status;
mod stop;
mod summary;
mod time;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};
use yspay::SignStatus;

use crate::lang::Lang;
use crate::{exit, id, settings};
use ask::Ending;
use column::Column;
use id_cell::Found;
use ids::{Ids, Index};
use input::Input;
use journal::{Entry, Journal};
use output::{Filled, Form, Output, Replacement, Shape};
use progress::Progress;
use stop::Stop;

/// How many rows without a usable contract number are told one by one.
const TOLD: u64 = 20;

pub(crate) fn command(lang: Lang) -> Command {
    let file = |id: &'static str, name: &'static str| {
        Arg::new(id).value_name(name).value_parser(ValueParser::path_buf()).value_hint(ValueHint::FilePath)
    };
    Command::new("batch")
        .about(lang.of(
            "Asks about every contract of a list and writes the list with the answers",
            "查询清单中的每一份合同，并把结果写回清单",
        ))
        .after_help(lang.of(
            "Every answer is kept in OUT.yspay-journal as it comes. After Ctrl-C, a crash or a full disk the same command goes \
             on where it was.",
            "每得到一个结果就立即写入“输出文件名.yspay-journal”。中断、崩溃或磁盘写满之后，重新运行同一条命令即可接着查。",
        ))
        .arg(file("file", "FILE").required(true).help(lang.of(
            "The list: .csv, .tsv, .txt or .xlsx",
            "合同清单：.csv、.tsv、.txt 或 .xlsx",
        )))
        .arg(file("out", "OUT").short('o').long("out").required(true).help(lang.of(
            "Where the answers go: .csv, .xlsx or .jsonl",
            "结果写到哪里：.csv、.xlsx 或 .jsonl",
        )))
        .arg(Arg::new("column").long("column").value_name("COLUMN").help(lang.of(
            "The column of the contract numbers: its header, its number from 1, or its letter",
            "合同编号所在的列：列名、序号（从 1 起）或字母",
        )))
        .arg(Arg::new("sheet").long("sheet").value_name("SHEET").help(lang.of(
            "The sheet of a workbook: its name, or its number from 1",
            "工作簿中的工作表：名称，或序号（从 1 起）",
        )))
        .arg(Arg::new("no-header").long("no-header").action(ArgAction::SetTrue).help(lang.of(
            "The first row is a contract, too",
            "首行不是列名，也是一份合同",
        )))
        .arg(file("report", "HTML").long("report").help(lang.of(
            "Write a page to look at, too",
            "另外生成一份便于查看的网页报告",
        )))
        .arg(Arg::new("keep-journal").long("keep-journal").action(ArgAction::SetTrue).help(lang.of(
            "Keep the journal, so that the next run asks only about what is not final",
            "保留日志文件，下次运行时只查询尚未到终态的合同",
        )))
        .arg(Arg::new("quiet").long("quiet").short('q').action(ArgAction::SetTrue).help(lang.of(
            "No progress and no summary",
            "不显示进度和汇总",
        )))
}

pub(crate) fn run(matches: &ArgMatches, given: &ArgMatches, lang: Lang) -> ExitCode {
    match Batch::of(given, lang).and_then(|batch| batch.run(matches)) {
        Ok(status) => ExitCode::from(status),
        Err(Stop { status, text }) => {
            // Where it is empty the reason has been told.
            if !text.is_empty() {
                eprintln!("yspay: {text}");
            }
            ExitCode::from(status)
        }
    }
}

/// What the command line asks for.
struct Batch {
    input: Input,
    out: PathBuf,
    form: Form,
    column: Option<String>,
    no_header: bool,
    report: Option<PathBuf>,
    keep_journal: bool,
    quiet: bool,
    lang: Lang,
}

/// What the first reading of the list found.
struct List {
    ids: Ids,
    column: Column,
    shape: Shape,
    /// Rows without a usable one.
    problems: u64,
}

impl Batch {
    fn of(given: &ArgMatches, lang: Lang) -> Result<Self, Stop> {
        let path = |name| given.get_one::<PathBuf>(name).cloned();
        let text = |name| given.get_one::<String>(name).cloned();
        let file = path("file").unwrap_or_default();
        let out = path("out").unwrap_or_default();
        let form = Form::of(&out, lang)?;
        // What a link leads to is written, and has one journal, whoever names it.
        let out = followed(out, lang)?;
        let report = path("report").map(|report| followed(report, lang)).transpose()?;
        check_places(&file, &out, report.as_deref(), lang)?;
        Ok(Batch {
            input: Input::open(&file, text("sheet").as_deref(), lang)?,
            out,
            form,
            column: text("column"),
            no_header: given.get_flag("no-header"),
            report,
            keep_journal: given.get_flag("keep-journal"),
            quiet: given.get_flag("quiet"),
            lang,
        })
    }

    fn run(&self, matches: &ArgMatches) -> Result<u8, Stop> {
        let lang = self.lang;
        let list = self.read()?;
        self.form.check(&list.shape, lang)?;
        let client =
            settings::client(matches, lang).map_err(|_| Stop { text: String::new(), status: exit::CONFIGURATION })?;
        let about = client.describe();
        let mut journal = Journal::open(&self.out, &list.ids, &about.src, &about.endpoint, lang)?;
        if journal.resumed && !self.quiet {
            let known = (0..list.ids.len() as Index).filter(|&index| journal.known(index).is_final()).count();
            let (total, path) = (list.ids.len(), journal.path().display().to_string());
            eprintln!(
                "{}",
                lang.of(
                    format!(
                        "Going on with {path}: {known} of {total} have their final answer and are not asked again."
                    ),
                    format!("接着 {path} 继续：{total} 份合同中有 {known} 份已有终态结果，不再查询。"),
                )
            );
        }
        if journal.has_others && !self.quiet {
            let path = journal.path().display();
            eprintln!(
                "{}",
                lang.of(
                    format!(
                        "{path} also holds answers about contracts that are not in this list; it stays. For another list choose \
                         another -o."
                    ),
                    format!("{path} 中还有不属于本清单的合同的结果，因此会保留。不同的清单请用 -o 指定不同的输出文件。"),
                )
            );
        }
        if let Some(report) = &self.report {
            // Whether it can be written is better known before the hours of asking.
            drop(Replacement::of(report, lang)?);
        }
        let cancel = crate::stop::on_signals();
        let begun = time::now();
        let known = (0..list.ids.len() as Index).map(|index| journal.known(index));
        let mut progress = Progress::new(known, about.rate_limit.per_second.per_second(), self.quiet, lang);
        let ending = ask::all(&client, &list.ids, &mut journal, &cancel, &mut progress, lang)?;
        if let Ending::Cancelled = ending {
            let answered = progress.counts[..status::KINDS - 1].iter().sum::<usize>();
            let path = journal.path().display();
            return Err(Stop {
                text: lang.of(
                    format!(
                        "Stopped. {answered} answer(s) are kept in {path}; {} is not written yet. The same command goes on.",
                        self.out.display()
                    ),
                    format!(
                        "已停止。{answered} 份合同的结果保存在 {path} 中，尚未写出 {}。重新运行同一条命令即可继续。",
                        self.out.display()
                    ),
                ),
                status: exit::STOPPED,
            });
        }
        self.write(&list, &mut journal)?;
        if let Some(report) = &self.report {
            let facts = report::Facts {
                src: &about.src,
                endpoint: &about.endpoint,
                begun,
                ended: time::now(),
                counts: &progress.counts,
                problems: list.problems,
            };
            report::write(report, &facts, &list.ids, &mut journal, lang)?;
        }
        let failed = progress.counts[status::KINDS - 1];
        let summary = if self.quiet { String::new() } else { self.summary(&list, &progress, failed, &journal) };
        if failed == 0 && !self.keep_journal && !journal.has_others {
            journal.remove()?;
        }
        show(&summary, lang)?;
        Ok(if failed == 0 && list.problems == 0 { exit::OK } else { exit::UNANSWERED })
    }

    /// Reads the list for its contract numbers, and tells what is wrong with its rows.
    fn read(&self) -> Result<List, Stop> {
        let lang = self.lang;
        let mut ids = Ids::default();
        let mut column: Option<Column> = None;
        let (mut rows, mut width, mut repeated, mut problems) = (0, 0, 0, 0);
        let (mut trimmed, mut rounded) = (Told::default(), Told::default());
        let counts_cells = self.input.counts_cells();
        self.input.rows(lang, &mut |row| {
            width = width.max(row.cells.len());
            let index = match &mut column {
                Some(column) => {
                    column.check(&row, lang)?;
                    column.index
                }
                None if row.cells.iter().all(input::Cell::is_blank) => return Ok(()),
                None => {
                    let mut found = Column::find(&row.cells, self.column.as_deref(), self.no_header, lang)?;
                    let index = found.index;
                    let is_header = found.header.is_some();
                    if !is_header {
                        found.check(&row, lang)?;
                    }
                    if !self.quiet {
                        let (form, place) = (self.input.describe(lang), found.describe(lang));
                        eprintln!(
                            "{}",
                            lang.of(format!("Reading {form}, {place}."), format!("读取：{form}，{place}。"))
                        );
                    }
                    column = Some(found);
                    if is_header {
                        return Ok(());
                    }
                    index
                }
            };
            rows += 1;
            match id_cell::find(&row, index, counts_cells) {
                Found::BlankRow => {}
                Found::Id(id) => {
                    let Some((_, is_new)) = ids.insert(&id.text) else {
                        return Err(Stop::file(lang.of("The list is too long.", "清单过长。")));
                    };
                    repeated += u64::from(!is_new);
                    trimmed.note(id.trimmed, row.number);
                    rounded.note(id.rounded, row.number);
                }
                Found::Problem(problem) => {
                    problems += 1;
                    if problems <= TOLD {
                        let (number, text) = (row.number, problem.text(lang));
                        eprintln!("{}", lang.of(format!("Row {number}: {text}."), format!("第 {number} 行：{text}。")));
                    }
                }
            }
            Ok(())
        })?;
        if problems > TOLD {
            let more = problems - TOLD;
            eprintln!(
                "{}",
                lang.of(format!("… and {more} more row(s) like these."), format!("……另有 {more} 行有类似问题。"))
            );
        }
        if let Some((count, first)) = trimmed.seen() {
            eprintln!(
                "{}",
                lang.of(
                    format!(
                        "White space around the contract number was taken away in {count} row(s), first in row {first}."
                    ),
                    format!("有 {count} 行的合同编号前后带有空白，已去除（最早在第 {first} 行）。"),
                )
            );
        }
        if let Some((count, first)) = rounded.seen() {
            eprintln!(
                "{}",
                lang.of(
                    format!(
                        "In {count} row(s), first in row {first}, the contract number has noughts only behind its 15th digit: did a \
                         spreadsheet round it? It is asked about as it stands."
                    ),
                    format!("有 {count} 行（最早在第 {first} 行）的合同编号第 15 位之后全是 0：是不是被电子表格舍入过？仍按原样查询。"),
                )
            );
        }
        let Some(column) = column.filter(|_| ids.len() > 0) else {
            return Err(Stop::usage(lang.of(
                "There is no contract number in the list: nothing to ask.",
                "清单中没有任何合同编号，没有可查询的内容。",
            )));
        };
        if repeated > 0 && !self.quiet {
            let total = ids.len();
            eprintln!(
                "{}",
                lang.of(
                    format!("{repeated} row(s) repeat a contract number; each of the {total} is asked about once."),
                    format!("有 {repeated} 行的合同编号重复；{total} 份合同各只查询一次。"),
                )
            );
        }
        let shape = Shape { width: width.max(column.index + 1), id: column.index, header: column.header.clone(), rows };
        Ok(List { ids, column, shape, problems })
    }

    /// Reads the list once more and writes it with the answers.
    fn write(&self, list: &List, journal: &mut Journal) -> Result<(), Stop> {
        let lang = self.lang;
        let mut output = Output::create(&self.out, self.form, &list.shape, lang)?;
        let counts_cells = self.input.counts_cells();
        let mut before_first = true;
        let mut is_header = list.column.header.is_some();
        self.input.rows(lang, &mut |row| {
            if before_first && row.cells.iter().all(input::Cell::is_blank) {
                return Ok(());
            }
            before_first = false;
            if std::mem::take(&mut is_header) {
                return Ok(());
            }
            let filled = match id_cell::find(&row, list.column.index, counts_cells) {
                Found::BlankRow => Filled::default(),
                Found::Problem(problem) => Filled { error: problem.text(lang), ..Filled::default() },
                Found::Id(id::Id { text: id, .. }) => {
                    let index = list.ids.find(&id).ok_or_else(|| {
                        Stop::file(lang.of(
                            "The list was changed while its contracts were asked about. Run the same command again.",
                            "查询期间清单被改动过。请重新运行同一条命令。",
                        ))
                    })?;
                    filled(id, journal.entry(index)?, lang)
                }
            };
            output.row(row.number, &row.cells, &filled)
        })?;
        output.put()
    }

    /// What came out.
    fn summary(&self, list: &List, progress: &Progress, failed: usize, journal: &Journal) -> String {
        let lang = self.lang;
        let (out, took) = (self.out.display(), progress::duration(progress.elapsed(), lang));
        let mut text = summary::table(&progress.counts, lang);
        let (rows, asked) = (list.shape.rows, progress.asked);
        text += &lang.of(
            format!("{rows} row(s) in {out}; asked {asked} in {took}.\n"),
            format!("{out} 共 {rows} 行；本次查询 {asked} 份，用时 {took}。\n"),
        );
        if list.problems > 0 {
            let problems = list.problems;
            text += &lang.of(
                format!(
                    "{problems} row(s) have no usable contract number and no answer; their last column says why.\n"
                ),
                format!("有 {problems} 行没有可用的合同编号，因而没有结果；原因见最后一列。\n"),
            );
        }
        if failed > 0 {
            let journal = journal.path().display();
            text += &lang.of(
                    format!("{failed} could not be answered. The same command asks about them again ({journal} keeps the rest). \
                         What the errors mean: docs/errors.md\n"),
                    format!("有 {failed} 份没有查到结果。重新运行同一条命令会再查这些合同（其余结果保存在 {journal}）。各错误代码的含义和处理办法见 docs/zh-CN/errors.md\n"),
                );
        }
        text
    }
}

/// Prints the summary. OUT is in place by then, whatever becomes of standard output.
fn show(text: &str, lang: Lang) -> Result<(), Stop> {
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(|error| match error.kind() {
        // Who reads has seen enough, as `head` does.
        std::io::ErrorKind::BrokenPipe => Stop::file(String::new()),
        _ => Stop::file(
            lang.of(format!("standard output cannot be written: {error}"), format!("无法写入标准输出：{error}")),
        ),
    })
}

/// How often something was seen, and where first.
#[derive(Default)]
struct Told {
    count: u64,
    first: u64,
}

impl Told {
    fn note(&mut self, seen: bool, row: u64) {
        if seen {
            self.first = if self.count == 0 { row } else { self.first };
            self.count += 1;
        }
    }

    fn seen(&self) -> Option<(u64, u64)> {
        (self.count > 0).then_some((self.count, self.first))
    }
}

fn filled(id: String, entry: Option<Entry>, lang: Lang) -> Filled {
    let Some(entry) = entry else { return Filled { id: Some(id), ..Filled::default() } };
    let (code, note) = (entry.code.unwrap_or_default(), entry.note.unwrap_or_default());
    let known = Filled { id: Some(id), code, note, asked_at: Some(entry.at), ..Filled::default() };
    match entry.sts {
        Some(text) => {
            let status = SignStatus::from_text(&text);
            let kind = status::Known::of_text(&text).kind().unwrap_or_default();
            Filled {
                name: status.name().to_owned(),
                meaning: status::meaning(kind, lang).to_owned(),
                is_final: Some(status.is_final()),
                is_success: Some(status.is_success()),
                status: text,
                ..known
            }
        }
        None => {
            let (error, message) = (entry.error.unwrap_or_default(), entry.message.unwrap_or_default());
            Filled { error: format!("{error}: {message}"), ..known }
        }
    }
}

/// That OUT can be written is found out before anything is asked.
fn check_places(file: &Path, out: &Path, report: Option<&Path>, lang: Lang) -> Result<(), Stop> {
    let journal = journal::path_beside(out);
    let mut seen = vec![file, &journal];
    for target in std::iter::once(out).chain(report) {
        let shown = target.display();
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            let folder = folder.display();
            return Err(Stop::file(lang.of(
                format!("{shown}: there is no folder {folder}. Make it first, or write elsewhere."),
                format!("{shown}：目录 {folder} 不存在。请先创建该目录，或换一个位置。"),
            )));
        }
        if target.is_dir() {
            return Err(Stop::file(lang.of(
                format!("{shown} is a folder; name a file in it."),
                format!("{shown} 是一个目录，请指定其中的文件。"),
            )));
        }
        if seen.iter().any(|other| is_same(other, target)) {
            return Err(Stop::usage(lang.of(
                format!("{shown} is named twice. The list, its answers and the report are files of their own."),
                format!("{shown} 出现了两次。清单、结果和报告必须是不同的文件。"),
            )));
        }
        seen.push(target);
    }
    Ok(())
}

/// What a link leads to, there or not.
fn followed(path: PathBuf, lang: Lang) -> Result<PathBuf, Stop> {
    const MOST: usize = 40;
    let mut end = path.clone();
    for _ in 0..MOST {
        let Ok(link) = std::fs::read_link(&end) else { return Ok(end) };
        end = end.parent().unwrap_or(Path::new("")).join(link);
    }
    let path = path.display();
    Err(Stop::file(lang.of(
        format!("{path} is a link that leads back to itself. Name another file."),
        format!("{path} 是一个循环的符号链接，请换一个文件名。"),
    )))
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => matches!((std::path::absolute(one), std::path::absolute(other)), (Ok(one), Ok(other)) if one == other),
    }
}
