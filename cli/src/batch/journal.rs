//! Every answer, on disk beside OUT as soon as it came, one JSON object a line. Whoever runs the same command again goes on
//! from it.
//!
//! The file is locked while a run uses it: two runs would ask everything twice and overwrite each other's OUT.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};
use serde::{Deserialize, Serialize};

use super::ids::{Ids, Index};
use super::status::Known;
use super::stop::Stop;
use crate::lang::Lang;

const KIND: &str = "yspay batch";
const VERSION: u32 = 1;

/// Its first line: answers of another institution or environment are none for this one.
#[derive(Debug, Deserialize, Serialize)]
struct Head {
    journal: String,
    version: u32,
    src: String,
    endpoint: String,
}

/// Every other line.
#[derive(Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    /// When it was answered, in Unix time.
    pub(crate) at: i64,
    /// `signSts`; without it, it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sts: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

impl Entry {
    pub(crate) fn known(&self) -> Known {
        self.sts.as_deref().map_or(Known::Failed, Known::of_text)
    }
}

/// Where the last line about a contract lies, and what it says.
#[derive(Clone, Copy)]
struct Slot {
    offset: u64,
    length: u32,
    known: Known,
}

pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Where the next line goes; what lies beyond is of no worth.
    end: u64,
    slots: Vec<Slot>,
    /// What it held when it was opened.
    pub(crate) resumed: bool,
    /// It holds answers about contracts that are not in the list: another list's, perhaps, whose run is not at its end.
    pub(crate) has_others: bool,
    lang: Lang,
}

/// `OUT.yspay-journal`.
pub(crate) fn path_beside(out: &Path) -> PathBuf {
    let mut path = out.as_os_str().to_owned();
    path.push(".yspay-journal");
    path.into()
}

impl Journal {
    /// Opens the journal of `out`, or begins one, for these contracts of this institution at this address.
    pub(crate) fn open(out: &Path, ids: &Ids, src: &str, endpoint: &str, lang: Lang) -> Result<Self, Stop> {
        let path = path_beside(out);
        let file = open_locked(&path, out, lang)?;
        let unknown = Slot { offset: 0, length: 0, known: Known::Nothing };
        let mut journal =
            Journal { path, file, end: 0, slots: vec![unknown; ids.len()], resumed: false, has_others: false, lang };
        journal.read(ids, src, endpoint)?;
        if journal.end == 0 {
            let head = Head { journal: KIND.into(), version: VERSION, src: src.into(), endpoint: endpoint.into() };
            let mut line = serde_json::to_vec(&head).unwrap_or_default();
            line.push(b'\n');
            journal.append(&line)?;
            sync_folder(&journal.path);
        }
        Ok(journal)
    }

    /// Reads what is there; leaves `end` behind the last whole line.
    fn read(&mut self, ids: &Ids, src: &str, endpoint: &str) -> Result<(), Stop> {
        let (path, lang) = (self.path.clone(), self.lang);
        let unreadable = |error: io::Error| Stop::unreadable(&path, error, lang);
        self.file.rewind().map_err(unreadable)?;
        let mut reader = BufReader::with_capacity(64 * 1024, &self.file);
        let mut line = Vec::new();
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(unreadable)?;
            let is_whole = line.last() == Some(&b'\n');
            if self.end == 0 {
                match serde_json::from_slice::<Head>(&line) {
                    Ok(head) if is_whole && head.journal == KIND && head.version == VERSION => {
                        check_owner(&path, &head, src, endpoint, lang)?;
                    }
                    // A run that ended while it wrote its first line.
                    _ if !is_whole && is_begun(&line) => return Ok(()),
                    _ => return Err(no_journal(&path, lang)),
                }
            } else if !is_whole {
                return Ok(());
            // A line that makes no sense is as good as none: its contract is asked again.
            } else if let Ok(entry) = serde_json::from_slice::<Entry>(&line) {
                if let Some(index) = ids.find(&entry.id) {
                    self.resumed = true;
                    let length = line.len() as u32;
                    self.slots[index as usize] = Slot { offset: self.end, length, known: entry.known() };
                } else {
                    self.has_others |= entry.sts.is_some();
                }
            }
            self.end += line.len() as u64;
        }
    }

    /// Writes whole lines; when it returns they are on disk.
    fn append(&mut self, lines: &[u8]) -> Result<(), Stop> {
        let written = self
            .file
            .seek(SeekFrom::Start(self.end))
            .and_then(|_| self.file.write_all(lines))
            .and_then(|()| self.file.set_len(self.end + lines.len() as u64))
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // A torn line does no harm; without it the next run has nothing to pass over.
            let _ = self.file.set_len(self.end);
            return Err(Stop::unwritable(&self.path, error, self.lang));
        }
        self.end += lines.len() as u64;
        if !place::is_kept(&self.file, &self.path) {
            let path = self.path.display();
            return Err(Stop::file(self.lang.of(
                format!(
                    "{path} was taken away while it was written to, so no more is asked. Leave it there, and run again."
                ),
                format!("{path} 在写入期间被移走或删除，查询已停止。请不要动这个文件，然后重新运行。"),
            )));
        }
        Ok(())
    }

    /// Keeps these answers; only when they are on disk they are known.
    pub(crate) fn keep(&mut self, entries: &[(Index, Entry)]) -> Result<(), Stop> {
        let mut lines = Vec::with_capacity(entries.len() * 128);
        let mut slots = Vec::with_capacity(entries.len());
        for (index, entry) in entries {
            let begin = lines.len();
            serde_json::to_writer(&mut lines, entry).map_err(|error| Stop::unwritable(&self.path, error, self.lang))?;
            lines.push(b'\n');
            let (offset, length) = (self.end + begin as u64, (lines.len() - begin) as u32);
            slots.push((*index, Slot { offset, length, known: entry.known() }));
        }
        self.append(&lines)?;
        for (index, slot) in slots {
            self.slots[index as usize] = slot;
        }
        Ok(())
    }

    pub(crate) fn known(&self, index: Index) -> Known {
        self.slots[index as usize].known
    }

    /// What the last line about this contract says.
    pub(crate) fn entry(&mut self, index: Index) -> Result<Option<Entry>, Stop> {
        let slot = self.slots[index as usize];
        if slot.known == Known::Nothing {
            return Ok(None);
        }
        let mut line = vec![0; slot.length as usize];
        let read = self.file.seek(SeekFrom::Start(slot.offset)).and_then(|_| self.file.read_exact(&mut line));
        let entry = read.and_then(|()| serde_json::from_slice(&line).map_err(io::Error::from));
        entry.map(Some).map_err(|error| Stop::unreadable(&self.path, error, self.lang))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes it away, when OUT holds all of it.
    pub(crate) fn remove(self) -> Result<(), Stop> {
        // As long as it is open, nobody may remove it there; another run might come between.
        if cfg!(windows) {
            drop(self.file);
        }
        std::fs::remove_file(&self.path).map_err(|error| Stop::unwritable(&self.path, error, self.lang))
    }
}

/// Whether it may be the beginning of a first line.
fn is_begun(line: &[u8]) -> bool {
    let first = format!("{{\"journal\":\"{KIND}\",").into_bytes();
    let common = first.len().min(line.len());
    first[..common] == line[..common]
}

fn open_locked(path: &Path, out: &Path, lang: Lang) -> Result<File, Stop> {
    loop {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        place::keep(&mut options);
        let file = options.open(path).map_err(|error| Stop::unwritable(path, error, lang))?;
        match FileExt::try_lock(&file) {
            Ok(()) if place::is_kept(&file, path) => return Ok(file),
            // The run that had it ended and took it away.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let out = out.display();
                return Err(Stop::file(lang.of(
                    format!(
                        "Another run is writing {out} at this moment. Wait until it has ended, or choose another -o."
                    ),
                    format!("另一个 yspay batch 正在写 {out}。请等它结束，或用 -o 换一个输出文件。"),
                )));
            }
            Err(TryLockError::Error(error)) => {
                let shown = path.display();
                return Err(Stop::file(lang.of(
                    format!("{shown} cannot be locked: {error}. Choose an -o on a disk of this computer."),
                    format!("无法锁定 {shown}：{error}。请用 -o 把结果写到本机磁盘上。"),
                )));
            }
        }
    }
}

/// That the journal's name leads to the file that is written to.
#[cfg(unix)]
mod place {
    use std::fs::{File, OpenOptions};
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// Nothing keeps anybody from moving an open file.
    pub(super) fn keep(_: &mut OpenOptions) {}

    /// Whether `path` still leads to this file.
    pub(super) fn is_kept(file: &File, path: &Path) -> bool {
        match (file.metadata(), std::fs::metadata(path)) {
            (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
            _ => false,
        }
    }
}

/// That the journal's name leads to the file that is written to.
#[cfg(windows)]
mod place {
    use std::fs::{File, OpenOptions};
    use std::os::windows::fs::OpenOptionsExt;
    use std::path::Path;

    const FILE_SHARE_READ: u32 = 1;
    const FILE_SHARE_WRITE: u32 = 2;

    /// While it is open, nobody moves or removes it. Another run must still be able to open it, to find it locked.
    pub(super) fn keep(options: &mut OpenOptions) {
        options.share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE);
    }

    /// On a share of another system nobody may have asked for that.
    pub(super) fn is_kept(_: &File, path: &Path) -> bool {
        path.exists()
    }
}

/// Makes a new, renamed or removed name in the folder of `path` last. Not every system can, and then it need not be done.
pub(crate) fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

fn check_owner(path: &Path, head: &Head, src: &str, endpoint: &str, lang: Lang) -> Result<(), Stop> {
    if (head.src.as_str(), head.endpoint.as_str()) == (src, endpoint) {
        return Ok(());
    }
    let path = path.display();
    let (their_src, their_endpoint) = (&head.src, &head.endpoint);
    Err(Stop::file(lang.of(
        format!(
            "{path} holds the answers of another run: institution {their_src} at {their_endpoint}; this configuration is \
             {src} at {endpoint}. Use that configuration, choose another -o, or delete the journal."
        ),
        format!(
            "{path} 记录的是另一次查询的结果：机构 {their_src}，地址 {their_endpoint}；而当前配置是机构 {src}，地址 {endpoint}。\
             请改用原来的配置、用 -o 换一个输出文件，或删除该日志文件。"
        ),
    )))
}

fn no_journal(path: &Path, lang: Lang) -> Stop {
    let path = path.display();
    Stop::file(lang.of(
        format!("{path} is in the way: it is no journal of this version of yspay. Move it away or choose another -o."),
        format!("{path} 不是本版本 yspay 的日志文件，却占用了它的位置。请移走该文件，或用 -o 换一个输出文件。"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: (&str, &str) = ("ORG1", "https://a/b");

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("yspay-journal-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Folder(path)
        }

        fn out(&self) -> PathBuf {
            self.0.join("out.csv")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn ids(names: &[&str]) -> Ids {
        let mut ids = Ids::default();
        for name in names {
            ids.insert(name);
        }
        ids
    }

    fn answered(id: &str, sts: &str) -> Entry {
        Entry { id: id.into(), at: 1, sts: Some(sts.into()), code: Some("00".into()), ..Entry::default() }
    }

    fn open(folder: &Folder, ids: &Ids) -> Result<Journal, Stop> {
        Journal::open(&folder.out(), ids, OURS.0, OURS.1, Lang::En)
    }

    #[test]
    fn what_was_kept_is_there_again_whatever_tore_the_last_line() {
        let folder = Folder::new("torn");
        let ids = ids(&["A", "B", "C"]);
        let mut journal = open(&folder, &ids).unwrap();
        assert!(!journal.resumed);
        journal.keep(&[(0, answered("A", "2")), (1, Entry { id: "B".into(), ..Entry::default() })]).unwrap();
        journal.keep(&[(1, answered("B", "1"))]).unwrap();
        drop(journal);
        let whole = std::fs::read(path_beside(&folder.out())).unwrap();
        let last = whole[..whole.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
        for cut in 0..=whole.len() {
            std::fs::write(path_beside(&folder.out()), &whole[..cut]).unwrap();
            let mut journal = open(&folder, &ids).unwrap();
            assert_eq!(journal.known(2), Known::Nothing);
            if cut == whole.len() {
                assert_eq!(journal.entry(1).unwrap(), Some(answered("B", "1")));
            } else if cut >= last {
                assert_eq!((journal.known(0), journal.known(1)), (Known::of_text("2"), Known::Failed));
            }
            // It goes on with a whole line.
            journal.keep(&[(2, answered("C", "3"))]).unwrap();
            drop(journal);
            assert_eq!(open(&folder, &ids).unwrap().entry(2).unwrap(), Some(answered("C", "3")), "{cut}");
        }
    }

    #[test]
    fn a_line_that_makes_no_sense_hides_no_other() {
        let folder = Folder::new("damaged");
        let ids = ids(&["A", "B"]);
        let mut journal = open(&folder, &ids).unwrap();
        journal.append(b"\0\0garbage\n").unwrap();
        journal.keep(&[(1, answered("B", "2"))]).unwrap();
        drop(journal);
        let journal = open(&folder, &ids).unwrap();
        assert_eq!((journal.known(0), journal.known(1)), (Known::Nothing, Known::of_text("2")));
    }

    #[test]
    fn a_second_run_another_institution_and_another_file_are_refused() {
        let folder = Folder::new("owner");
        let ids = ids(&["A"]);
        let journal = open(&folder, &ids).unwrap();
        assert!(open(&folder, &ids).err().unwrap().text.contains("Another run"));
        drop(journal);
        for (src, endpoint) in [("ORG2", OURS.1), (OURS.0, "https://other/b")] {
            let refused = Journal::open(&folder.out(), &ids, src, endpoint, Lang::En).err().unwrap();
            assert!(refused.text.contains(src) && refused.text.contains(endpoint), "{}", refused.text);
        }
        for other in ["hello", "hello\n", "{}\n", "{\"id\":\"A\"}\n"] {
            std::fs::write(path_beside(&folder.out()), other).unwrap();
            assert!(open(&folder, &ids).err().unwrap().text.contains("in the way"), "{other:?}");
            assert_eq!(std::fs::read_to_string(path_beside(&folder.out())).unwrap(), other, "it is left alone");
        }
    }

    #[test]
    fn one_that_was_removed_is_not_gone_on_with() {
        let folder = Folder::new("removed");
        let ids = ids(&["A"]);
        let mut journal = open(&folder, &ids).unwrap();
        journal.keep(&[(0, answered("A", "2"))]).unwrap();
        journal.remove().unwrap();
        assert_eq!(open(&folder, &ids).unwrap().known(0), Known::Nothing);
    }
}
