//! Why does a signature not fit? Shows the messages of a capture, what of them is signed, and what was done wrong.
//!
//! ```text
//! capture/  from whatever people have to the messages in it    keys   of the configuration and of options
//! screen    an explanation for people                          json   the same for programs
//! wrap      lines that fit a terminal                          hint   what would tell more
//! mask      a key in the message is not shown
//! ```

mod capture;
mod hint;
mod json;
mod keys;
mod mask;
mod screen;
mod wrap;

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use yspay_diagnosis::{DataVerdict, Diagnosis, Kind, Message, Text, Verdict, diagnose};

use crate::lang::Lang;
use crate::{console, exit};
use capture::{Capture, Captured, Loss, MOST_BYTES, MOST_MESSAGES, Origin, Unread};
use hint::Hint;
use keys::Known;
use screen::Screen;

pub(crate) fn command(lang: Lang) -> Command {
    let command = Command::new("explain")
        .about(lang.of(
            "Explains why the signature of a request or an answer fits or not",
            "说明请求或应答的签名为什么对、为什么不对（验签失败时用）",
        ))
        .after_help(lang.of(
            "FILE may be a body, a HAR, what curl -v or --trace prints, raw HTTP, or a log with messages in it. Keys come from \
             the configuration, if there is one, and from the options. Nothing is sent anywhere, and no key is shown.\n\nExit \
             status: 0 every signature fits, 12 one does not, 13 it cannot be told.",
            "FILE 可以是报文体、HAR、curl -v 或 --trace 的输出、HTTP 原始报文，或者夹有报文的日志。密钥取自配置文件（如果有）\
             和选项。不会向任何地方发送任何内容，也不会显示密钥。\n\n退出码：0 签名全部正确，12 有签名不对，13 无法判断。",
        ))
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help(lang.of(
            "Prints a JSON object for each message",
            "每个报文输出一个 JSON 对象",
        )))
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .value_parser(clap::value_parser!(PathBuf))
                .value_hint(clap::ValueHint::FilePath)
                .help(lang.of(
                    "The capture; - or nothing reads standard input",
                    "抓到的内容；写 - 或不写则读标准输入",
                )),
        );
    keys::options(command, lang)
}

/// A message, where it was found, and what can be said about it.
struct Explained {
    origin: Origin,
    losses: Vec<Loss>,
    outcome: Outcome,
    hints: Vec<Hint>,
}

enum Outcome {
    NoMessage(Text),
    Diagnosed(Box<Diagnosis>),
}

pub(crate) fn run(matches: &ArgMatches, given: &ArgMatches, lang: Lang) -> ExitCode {
    let explain = || -> Result<u8, (u8, String)> {
        let known = Known::of(matches, given, lang)?;
        let capture = captured(given.get_one::<PathBuf>("file").map(PathBuf::as_path), lang)?;
        known.faults.iter().for_each(|fault| eprintln!("yspay: {fault}"));
        let shown = show(capture, &known, given.get_flag("json"), lang);
        shown.map_err(|error| {
            // Who reads it may have seen enough.
            let is_closed = error.kind() == io::ErrorKind::BrokenPipe;
            let text = lang.of(format!("cannot be printed: {error}."), format!("无法输出：{error}。"));
            (exit::FILE, if is_closed { String::new() } else { text })
        })
    };
    ExitCode::from(explain().unwrap_or_else(|(status, text)| {
        if !text.is_empty() {
            eprintln!("yspay: {text}");
        }
        status
    }))
}

/// Prints each message's explanation; the worst of them is the status.
fn show(capture: Capture, known: &Known, is_json: bool, lang: Lang) -> io::Result<u8> {
    let mut output = io::stdout().lock();
    let screen = Screen::new(lang);
    if !is_json {
        output.write_all(head(&capture, known, lang).as_bytes())?;
    }
    let mut worst = exit::OK;
    // How the request before an answer was judged.
    let mut request = None;
    // For people they stand in the head.
    let mut lost = if is_json { capture.losses } else { Vec::new() };
    for mut captured in capture.messages {
        captured.losses.splice(0..0, lost.drain(..));
        let mut explained = explained(captured, known);
        if explained.is_unsigned() {
            // No key would help.
            explained.hints.retain(|hint| *hint == Hint::DesKey);
        }
        if explained.is_request() {
            request = Some(explained.status());
        } else if explained.is_unsigned() {
            match request {
                None => explained.hints.push(Hint::Request),
                Some(exit::OK) => explained.hints.push(Hint::RegisteredCertificate),
                Some(_) => {}
            }
        }
        let text = if is_json { json::line(&explained, lang) } else { format!("\n{}", screen.told(&explained)) };
        output.write_all(text.as_bytes())?;
        worst = match (worst, explained.status()) {
            (exit::DOES_NOT_FIT, _) | (_, exit::DOES_NOT_FIT) => exit::DOES_NOT_FIT,
            (worst, status) => worst.max(status),
        };
    }
    output.flush()?;
    if capture.left_out > 0 {
        // Nobody has judged the rest.
        worst = if worst == exit::OK { exit::CANNOT_TELL } else { worst };
        let count = capture.left_out;
        eprintln!(
            "yspay: {}",
            lang.of(
                format!("the first {MOST_MESSAGES} messages were explained, {count} more were not: give the part that is meant."),
                format!("只说明了前 {MOST_MESSAGES} 个报文，另有 {count} 个没有说明：请只给出要看的部分。"),
            )
        );
    }
    Ok(worst)
}

/// What the capture was taken for, and which keys are at hand.
fn head(capture: &Capture, known: &Known, lang: Lang) -> String {
    let keys = match known.told.as_slice() {
        [] => lang.of("no key".to_owned(), "没有密钥".to_owned()),
        told => told.join(lang.of(", ", "、")),
    };
    let des = if known.keys.des_key.is_some() { lang.of(", desKey", "、desKey") } else { "" };
    let form = capture.form.told(lang);
    let first = lang.of(format!("Read as {form}. "), format!("识别为：{form}。"));
    let mut text =
        wrap::sentence("", &lang.of(format!("{first}Known: {keys}{des}."), format!("{first}已知：{keys}{des}。")));
    for loss in &capture.losses {
        text += &wrap::sentence("! ", loss.told(lang));
    }
    text
}

fn explained(captured: Captured, known: &Known) -> Explained {
    let Captured { origin, body, losses } = captured;
    match Message::read(body.as_bytes()) {
        Err(why) => Explained { origin, losses, outcome: Outcome::NoMessage(why.0), hints: Vec::new() },
        Ok(message) => {
            let mut hints = known.missing(message.kind());
            let mut diagnosis = Box::new(diagnose(&message, &known.keys));
            if known.keys.des_key.as_deref().is_some_and(|key| mask::hide(&mut diagnosis, key)) {
                hints.push(Hint::KeyInside);
            }
            Explained { origin, losses, outcome: Outcome::Diagnosed(diagnosis), hints }
        }
    }
}

impl Explained {
    fn is_request(&self) -> bool {
        matches!(&self.outcome, Outcome::Diagnosed(diagnosis) if diagnosis.kind == Kind::Request)
    }

    fn is_unsigned(&self) -> bool {
        let Outcome::Diagnosed(diagnosis) = &self.outcome else { return false };
        !diagnosis.fields.iter().any(|field| field.name == "signValue" && !field.value.trim().is_empty())
    }

    fn status(&self) -> u8 {
        match &self.outcome {
            Outcome::NoMessage(_) => exit::CANNOT_TELL,
            Outcome::Diagnosed(diagnosis) => match diagnosis.verdict {
                Verdict::DoesNotFit | Verdict::FitsWithMistake => exit::DOES_NOT_FIT,
                _ if diagnosis.data.as_ref().is_some_and(|data| data.verdict == DataVerdict::Wrong) => {
                    exit::DOES_NOT_FIT
                }
                Verdict::CannotTell => exit::CANNOT_TELL,
                Verdict::Fits => exit::OK,
            },
        }
    }
}

/// The messages of a file, or of standard input; there is at least one.
fn captured(path: Option<&Path>, lang: Lang) -> Result<Capture, (u8, String)> {
    let path = path.filter(|path| path.as_os_str() != "-");
    let name = path.map_or(lang.of("standard input", "标准输入").to_owned(), |path| path.display().to_string());
    let bytes = bytes(path, lang).map_err(|error| {
        let text = lang.of(format!("{name} cannot be read: {error}."), format!("{name} 无法读取：{error}。"));
        (exit::FILE, text)
    })?;
    let refuse = |status, en: &str, zh: &str| Err((status, lang.of(format!("{name} {en}"), format!("{name} {zh}"))));
    let text = match capture::decoded(&bytes) {
        Ok(text) => text,
        Err(Unread::Empty) => {
            return refuse(exit::USAGE, "is empty: there is nothing to explain.", "是空的，没有可说明的内容。");
        }
        Err(Unread::TooLarge) => {
            let most = MOST_BYTES >> 20;
            return refuse(
                exit::FILE,
                &format!("is larger than {most} MB: give the part with the message that is meant."),
                &format!("超过 {most} MB：请只给出含有该报文的部分。"),
            );
        }
        Err(Unread::Binary) => {
            return refuse(
                exit::FILE,
                "is no text in UTF-8, UTF-16 or GB18030. Give the body itself, or a HAR, what curl prints, or a log.",
                "不是 UTF-8、UTF-16 或 GB18030 文本。请给出报文体、HAR、curl 的输出或日志。",
            );
        }
    };
    drop(bytes);
    let capture = capture::read(&text);
    if !capture.messages.is_empty() {
        return Ok(capture);
    }
    let form = capture.form.told(lang);
    let mut text = lang.of(
        format!(
            "{name}, read as {form}, holds no message of this protocol: no JSON object with at least three of ver, src, \
             msgCode, method, signType, charset, data, reqFlowId and signValue."
        ),
        format!(
            "{name}（识别为：{form}）里没有本协议的报文：没有哪个 JSON 对象含有 ver、src、msgCode、method、signType、charset、data、\
             reqFlowId、signValue 中的至少三个。"
        ),
    );
    capture.losses.iter().for_each(|loss| text += &format!("\n{}", loss.told(lang)));
    Err((exit::USAGE, text))
}

fn bytes(path: Option<&Path>, lang: Lang) -> io::Result<Vec<u8>> {
    let Some(path) = path else {
        if io::stdin().is_terminal() {
            let end = console::END_OF_INPUT;
            eprintln!(
                "{}",
                lang.of(format!("Paste the message, then press {end}."), format!("请粘贴报文，然后按 {end}。"),)
            );
        }
        return bounded(io::stdin().lock());
    };
    bounded(File::open(path)?)
}

/// All of it, or one byte more than is taken.
fn bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
