//! A change of a contract's status, as a line for people or an object of JSON.

use std::io::{self, Write};

use serde_json::{Value, json};
use yspay::{Error, SignStatus};

use crate::lang::Lang;
use crate::moment;
use crate::status::{finality, meaning, printable};

/// A status that is another one than before, or the first.
pub(super) struct Change<'a> {
    pub(super) id: &'a str,
    pub(super) status: &'a str,
    pub(super) previous: Option<&'a str>,
    pub(super) time: &'a str,
    /// A watcher that was killed may have told it already.
    pub(super) is_repeated: bool,
}

pub(super) struct Teller {
    is_json: bool,
    lang: Lang,
}

impl Teller {
    pub(super) fn new(is_json: bool, lang: Lang) -> Self {
        Teller { is_json, lang }
    }

    pub(super) fn change(&self, change: &Change<'_>) -> io::Result<()> {
        self.print(&if self.is_json { object(change).to_string() } else { self.line(change) })
    }

    fn line(&self, change: &Change<'_>) -> String {
        let lang = self.lang;
        let status = SignStatus::from_text(change.status);
        let before = match change.previous {
            None => lang.of("first", "首次").to_owned(),
            Some(previous) => {
                let (code, name) = (printable(previous), SignStatus::from_text(previous));
                lang.of(format!("before: {code} {}", name.name()), format!("之前：{code} {}", name.name()))
            }
        };
        let mut line = [
            change.time,
            &printable(change.id),
            &printable(change.status),
            status.name(),
            meaning(&status, lang),
            finality(&status, lang),
            &before,
        ]
        .join("\t");
        if change.is_repeated {
            line += lang.of("\t(perhaps told before)", "\t（可能已报告过）");
        }
        line
    }

    /// An error, which `--json` tells among the changes.
    pub(super) fn error(&self, id: &str, error: &Error) -> io::Result<()> {
        let time = moment::now();
        if !self.is_json {
            eprintln!("yspay: {time} {}: {error}", printable(id));
            return Ok(());
        }
        let whole: Value = serde_json::from_str(&error.to_json()).unwrap_or_default();
        self.print(&json!({"ok": false, "time": time, "sysSignFlowId": id, "error": whole["error"]}).to_string())
    }

    fn print(&self, line: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        out.flush()
    }
}

fn object(change: &Change<'_>) -> Value {
    let status = SignStatus::from_text(change.status);
    json!({
        "ok": true,
        "time": change.time,
        "sysSignFlowId": change.id,
        "signSts": change.status,
        "signStsName": status.name(),
        "isFinal": status.is_final(),
        "isSuccess": status.is_success(),
        "previous": change.previous,
        "repeated": change.is_repeated,
    })
}
