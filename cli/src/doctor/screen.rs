//! The checks as one screen for people, and as one object of JSON.

use std::io::{self, Write};

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::check::{Checks, Status};
use crate::lang::Lang;
use crate::{console, moment};

pub(super) fn text(checks: &Checks, lang: Lang) -> String {
    let coloured = console::is_coloured();
    let mut text = format!("yspay {} · {}", env!("CARGO_PKG_VERSION"), moment::now());
    if let Some((endpoint, src, sign_type)) = &checks.about {
        text += &format!(" · {endpoint} · {src} · {sign_type}");
    }
    text += "\n\n";
    let width = checks.list.iter().map(|check| check.title.width()).max().unwrap_or(0);
    for check in &checks.list {
        let blank = " ".repeat(width - check.title.width());
        text += &format!("{} {}{blank}  {}\n", marked(check.status, coloured), check.title, check.found);
        if let Some(advice) = &check.advice {
            text += &format!("  {}  → {advice}\n", " ".repeat(width));
        }
    }
    let (failed, warnings) = (checks.count(Status::Failed), checks.count(Status::Warning));
    text += &match (failed, warnings) {
        (0, 0) => lang.of("\nAll in order.\n".to_owned(), "\n一切正常。\n".to_owned()),
        (0, n) => lang.of(format!("\nWorth a look: {n}.\n"), format!("\n需要留意：{n} 项。\n")),
        (n, 0) => lang.of(format!("\nWrong: {n}.\n"), format!("\n有问题：{n} 项。\n")),
        (n, m) => {
            lang.of(format!("\nWrong: {n}; worth a look: {m}.\n"), format!("\n有问题：{n} 项；需要留意：{m} 项。\n"))
        }
    };
    text
}

/// The form is documented in docs/command.md.
pub(super) fn json(checks: &Checks) -> String {
    let list: Vec<Value> = checks
        .list
        .iter()
        .map(|check| {
            let mut one = json!({"id": check.id, "status": check.status.name(), "found": check.found});
            if let (Some(object), Some(advice)) = (one.as_object_mut(), &check.advice) {
                object.insert("advice".into(), advice.as_str().into());
            }
            if let Some(object) = one.as_object_mut() {
                object.extend(check.facts.clone());
            }
            one
        })
        .collect();
    let (endpoint, src, sign_type) = match &checks.about {
        Some((endpoint, src, sign_type)) => (Some(endpoint), Some(src), Some(sign_type)),
        None => (None, None, None),
    };
    let whole = json!({
        "status": match checks.worst() { Status::Skipped => Status::Ok, worst => worst }.name(),
        "failed": checks.count(Status::Failed),
        "warnings": checks.count(Status::Warning),
        "time": moment::now(),
        "version": env!("CARGO_PKG_VERSION"),
        "endpoint": endpoint, "src": src, "signType": sign_type,
        "checks": list,
    });
    format!("{whole}\n")
}

/// All or an error: a pipe that was closed is no panic.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

fn marked(status: Status, coloured: bool) -> String {
    let colour = match status {
        Status::Skipped => 90,
        Status::Ok => 32,
        Status::Warning => 33,
        Status::Failed => 31,
    };
    if coloured { format!("\x1b[{colour}m{}\x1b[0m", status.mark()) } else { status.mark().to_owned() }
}
