//! The configuration's file: there at once and whole, for its owner alone, and never over another one unasked.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::lang::Lang;

/// Before anything is asked: whether it may be written.
pub(super) fn check(target: &Path, force: bool, lang: Lang) -> Result<(), String> {
    if !force && target.symlink_metadata().is_ok() {
        return Err(occupied(target, lang));
    }
    let folder = folder(target);
    if folder.is_dir() {
        return Ok(());
    }
    let shown = folder.display();
    Err(lang.of(
        format!("there is no folder {shown}. Make it first, or name another file with --config."),
        format!("目录 {shown} 不存在。请先建好它，或用 --config 指定别的文件。"),
    ))
}

pub(super) fn write(target: &Path, content: &[u8], force: bool, lang: Lang) -> Result<(), String> {
    // Beside it, for a name can only be given within one file system.
    let draft = Draft(folder(target).join(format!(".yspay-{}.new", std::process::id())));
    let written = draft
        .write(content)
        .and_then(|()| if force { fs::rename(&draft.0, target) } else { fs::hard_link(&draft.0, target) });
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => occupied(target, lang),
        _ => {
            let shown = target.display();
            lang.of(format!("{shown} cannot be written: {error}."), format!("无法写入 {shown}：{error}。"))
        }
    })
}

/// Removed at the end, whatever happened.
struct Draft(PathBuf);

impl Draft {
    fn write(&self, content: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file: File = options.open(&self.0)?;
        file.write_all(content)?;
        file.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn occupied(target: &Path, lang: Lang) -> String {
    let shown = target.display();
    lang.of(
        format!("{shown} is there already. Name another file with --config, or replace it with --force."),
        format!("{shown} 已经存在。请用 --config 指定别的文件，或加 --force 覆盖它。"),
    )
}
