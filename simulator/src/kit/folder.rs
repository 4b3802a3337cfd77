//! Files written so that nothing of a person's is lost: what was changed, or is not ours, is never written over.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};

/// What was written, a line for each file, as `sha1sum` has it; it is against accidents alone.
const LIST: &str = ".yspay-simulator";

/// A file that is to be written.
pub(super) struct File<'a> {
    name: String,
    content: &'a [u8],
    role: Role,
    is_secret: bool,
}

/// What becomes of a file whose place is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A client needs it as it is.
    Needed,
    /// To begin with: whoever has changed it keeps it.
    Example,
}

impl<'a> File<'a> {
    pub(super) fn needed(name: String, content: &'a [u8]) -> Self {
        File { name, content, role: Role::Needed, is_secret: false }
    }

    /// Needed, and for its owner alone.
    pub(super) fn secret(name: String, content: &'a [u8]) -> Self {
        File { is_secret: true, ..Self::needed(name, content) }
    }

    pub(super) fn example(name: &str, content: &'a [u8]) -> Self {
        File { role: Role::Example, ..Self::needed(name.to_owned(), content) }
    }
}

/// Why a folder was not written.
#[derive(Debug)]
pub enum Error {
    /// This file would have to be written over, and it is not as we wrote it. Nothing was written.
    InTheWay(PathBuf),
    /// A configuration, which is JSON, cannot name this path.
    NotUtf8(PathBuf),
    /// This file or folder cannot be written.
    Unwritable(PathBuf, io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::InTheWay(path) => write!(
                formatter,
                "{} is in the way: it was changed, or comes from elsewhere, so it is not written over. Move it away, or \
                 name another folder",
                path.display()
            ),
            Error::NotUtf8(path) => {
                write!(
                    formatter,
                    "{} is not UTF-8, so no configuration can name it. Name another folder",
                    path.display()
                )
            }
            Error::Unwritable(path, error) => write!(formatter, "{} cannot be written: {error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}

/// Writes all of them, or none if one that is needed is in the way. Returns the examples that were left as they are.
pub(super) fn write(root: &Path, files: &[File]) -> Result<Vec<PathBuf>, Error> {
    let list = root.join(LIST);
    let before = fs::read_to_string(&list).unwrap_or_default();
    let (mut due, mut kept) = (Vec::new(), Vec::new());
    for file in files {
        let path = root.join(&file.name);
        let may_be_replaced = match fs::read(&path) {
            Ok(there) => there == file.content || before.lines().any(|line| line == entry(&file.name, &there)),
            // A broken link is something, too.
            Err(_) => path.symlink_metadata().is_err(),
        };
        match (may_be_replaced, file.role) {
            (true, _) => due.push((file, path)),
            (false, Role::Example) => kept.push(path),
            (false, Role::Needed) => return Err(Error::InTheWay(path)),
        }
    }
    fs::create_dir_all(root).map_err(|error| Error::Unwritable(root.to_owned(), error))?;
    let written: String = due.iter().map(|(file, _)| entry(&file.name, file.content) + "\n").collect();
    // First with what is there now, so that whenever this ends, every file is known.
    replace(&list, format!("{before}{written}").as_bytes(), false)?;
    for (file, path) in &due {
        replace(path, file.content, file.is_secret)?;
    }
    let others = before.lines().filter(|line| !due.iter().any(|(file, _)| line.ends_with(&format!("  {}", file.name))));
    let others: String = others.map(|line| format!("{line}\n")).collect();
    replace(&list, format!("{others}{written}").as_bytes(), false)?;
    Ok(kept)
}

fn entry(name: &str, content: &[u8]) -> String {
    let digest: String = Sha1::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digest}  {name}")
}

/// Whole or not at all.
fn replace(path: &Path, content: &[u8], is_secret: bool) -> Result<(), Error> {
    let unwritable = |error| Error::Unwritable(path.to_owned(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Error::Unwritable(folder.to_owned(), error))?;
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.new", std::process::id()));
    let draft = PathBuf::from(draft);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if is_secret { 0o600 } else { 0o644 });
    #[cfg(not(unix))]
    let _ = is_secret;
    let mut file = options.open(&draft).map_err(unwritable)?;
    let written = file.write_all(content).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written.map_err(unwritable)
}
