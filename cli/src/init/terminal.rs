//! Questions at the terminal; what is secret is typed without being shown.

use std::io::{self, Read};
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::Ended;
use crate::{console, exit, stop};

/// A line longer than this is no answer.
const MAX_LINE: usize = 4096;

/// The answer to a question, or what is proposed if there is none; asks again until there is one.
pub(super) fn line(question: &str, proposed: Option<&str>) -> Result<String, Ended> {
    loop {
        eprint!("{question}: ");
        let answer = read().map_err(ended)?;
        match (answer.trim(), proposed) {
            ("", None) => {}
            ("", Some(proposed)) => return Ok(proposed.to_owned()),
            (answer, _) => return Ok(answer.to_owned()),
        }
    }
}

/// The same for a file's path: without the quotes that a file manager adds, and with ~ for the home folder.
pub(super) fn path(question: &str) -> Result<PathBuf, Ended> {
    let answer = line(question, None)?;
    let bare = ['"', '\''].iter().find_map(|quote| answer.strip_prefix(*quote)?.strip_suffix(*quote));
    let path = bare.unwrap_or(&answer);
    let below_home = path.strip_prefix("~/").or_else(|| path.strip_prefix(r"~\").filter(|_| cfg!(windows)));
    Ok(match (below_home, std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => path.into(),
    })
}

/// A secret; it may be empty.
pub(super) fn hidden(question: &str) -> Result<Zeroizing<String>, Ended> {
    eprint!("{question}: ");
    let answer = console::without_echo(read);
    // The end of the line was not shown either.
    eprintln!();
    answer.map_err(ended)
}

/// Ctrl-C while a secret is typed must not leave a terminal that shows nothing.
pub(super) fn restore_at_signals() {
    stop::at_each_signal(|| {
        console::restore_echo();
        eprintln!();
        std::process::exit(exit::STOPPED.into());
    });
}

/// One line, byte by byte, so that nothing of the next one is taken and no buffer keeps a secret.
fn read() -> io::Result<Zeroizing<String>> {
    let mut input = io::stdin().lock();
    // Room for all of it, since growing would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_LINE));
    let mut byte = [0];
    loop {
        match input.read(&mut byte)? {
            0 if bytes.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
            0 => break,
            _ if byte[0] == b'\n' => break,
            _ if bytes.len() == MAX_LINE => return Err(io::Error::other("the line is too long")),
            _ => bytes.push(byte[0]),
        }
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| io::Error::other("the line is not UTF-8"))?;
    Ok(Zeroizing::new(text.trim_end_matches('\r').to_owned()))
}

fn ended(error: io::Error) -> Ended {
    match error.kind() {
        // Ctrl-D, or what it is here.
        io::ErrorKind::UnexpectedEof => Ended(exit::STOPPED, "nothing was written.".into()),
        _ => Ended(exit::FILE, format!("the terminal: {error}.")),
    }
}
