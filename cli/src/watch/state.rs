//! What is known of each contract, kept in a file if one was named: written in one step, locked against a second watcher,
//! and of one institution at one address.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};
use serde::{Deserialize, Serialize};
use yspay::{Description, Route, SignStatus};

use super::Stop;
use crate::lang::Lang;
use crate::status::printable;
use crate::{exit, moment};

const VERSION: u32 = 1;

/// One contract.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Known {
    /// As the platform writes it.
    pub(super) status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) previous: Option<String>,
    /// When it was learnt.
    pub(super) since: String,
    /// Whether it may not have been told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    untold: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    /// Whose contracts they are, and where: an id means something else to another institution.
    src: String,
    host: String,
    port: u16,
    contracts: BTreeMap<String, Known>,
}

pub(super) struct State {
    lang: Lang,
    written: Written,
    file: Option<Kept>,
    is_changed: bool,
}

struct Kept {
    path: PathBuf,
    /// Its lock ends with the process, however that ends.
    _lock: File,
}

impl State {
    /// As the file has it, or empty.
    pub(super) fn open(path: Option<&PathBuf>, route: &Route, client: &Description, lang: Lang) -> Result<Self, Stop> {
        let empty = Written {
            version: VERSION,
            src: client.src.clone(),
            host: route.host.clone(),
            port: route.port,
            contracts: BTreeMap::new(),
        };
        let Some(path) = path else { return Ok(State { lang, written: empty, file: None, is_changed: false }) };
        let name = printable(&path.to_string_lossy());
        let refuse = |en: String, zh: String| (exit::FILE, format!("{name}: {}", lang.of(en, zh)));
        let lock = lock(path).map_err(|error| match error {
            TryLockError::WouldBlock => refuse(
                "another watcher uses this file. Let it end, or name another file.".into(),
                "另一个 watch 正在使用此文件。请等它结束，或换一个文件。".into(),
            ),
            TryLockError::Error(error) => unusable(&name, &error, lang),
        })?;
        let written = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => empty,
            Err(error) => return Err(unusable(&name, &error, lang)),
            Ok(text) => {
                let found: Written = serde_json::from_str(&text).map_err(|error| {
                    refuse(
                        format!("this is no state of `yspay watch` ({error}). Name another file."),
                        format!("这不是 `yspay watch` 的进度文件（{error}）。请换一个文件。"),
                    )
                })?;
                if found.version != VERSION {
                    return Err(refuse(
                        "this state is of another version of yspay. Name another file.".into(),
                        "进度文件属于其他版本的 yspay。请换一个文件。".into(),
                    ));
                }
                if (&found.src, &found.host, found.port) != (&empty.src, &empty.host, empty.port) {
                    let (theirs, ours) = (whose(&found), whose(&empty));
                    return Err(refuse(
                        format!("this is the state of {theirs}, not of {ours}. Name another file."),
                        format!("这是 {theirs} 的进度文件，不是 {ours} 的。请换一个文件。"),
                    ));
                }
                found
            }
        };
        let mut state = State { lang, written, file: Some(Kept { path: path.clone(), _lock: lock }), is_changed: true };
        // What cannot be written is told before anything is asked.
        state.save()?;
        Ok(state)
    }

    pub(super) fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Known> {
        self.written.contracts.get(id)
    }

    pub(super) fn is_final(&self, id: &str) -> bool {
        self.get(id).is_some_and(|known| SignStatus::from_text(&known.status).is_final())
    }

    pub(super) fn is_untold(&self, id: &str) -> bool {
        self.get(id).is_some_and(|known| known.untold)
    }

    /// Whether the status is another one than before, or the first.
    pub(super) fn learn(&mut self, id: &str, status: &str) -> bool {
        let previous = self.get(id).map(|known| known.status.clone());
        if previous.as_deref() == Some(status) {
            return false;
        }
        let known = Known { status: status.to_owned(), previous, since: moment::now(), untold: true };
        self.written.contracts.insert(id.to_owned(), known);
        self.is_changed = true;
        true
    }

    pub(super) fn is_told(&mut self, id: &str) {
        if let Some(known) = self.written.contracts.get_mut(id) {
            known.untold = false;
            self.is_changed = true;
        }
    }

    /// Brings what has changed onto the disk.
    pub(super) fn save(&mut self) -> Result<(), Stop> {
        if let (Some(kept), true) = (&self.file, self.is_changed) {
            replace(&kept.path, &self.written)
                .map_err(|error| unusable(&printable(&kept.path.to_string_lossy()), &error, self.lang))?;
            self.is_changed = false;
        }
        Ok(())
    }
}

fn whose(written: &Written) -> String {
    printable(&format!("{} @ {}:{}", written.src, written.host, written.port))
}

fn unusable(name: &str, error: &io::Error, lang: Lang) -> Stop {
    let message = lang.of(
        format!("the state {name} cannot be read or written: {error}"),
        format!("进度文件 {name} 无法读写：{error}"),
    );
    (exit::FILE, message)
}

/// A file beside it, for the state itself is replaced; it stays, for who takes it away takes another one's lock away.
fn lock(path: &Path) -> Result<File, TryLockError> {
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(beside(path, ".lock"))
        .map_err(TryLockError::Error)?;
    FileExt::try_lock(&lock)?;
    Ok(lock)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// In one step: whoever reads sees the old state or the new one, also after a crash.
fn replace(path: &Path, written: &Written) -> io::Result<()> {
    let next = beside(path, ".new");
    let mut file = File::create(&next)?;
    let mut text = serde_json::to_vec(written)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.sync_all()?;
    std::fs::rename(&next, path)?;
    // The new name lasts, too, where the system can do that.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}
