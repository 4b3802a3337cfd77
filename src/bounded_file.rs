//! A file that a setting names, read whole into memory that is wiped, and never more than a bound.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

use crate::given_path;

/// Why there is nothing to read.
pub(crate) enum Unread {
    Directory,
    /// A pipe or a device.
    NotAFile,
    /// Larger than the bound.
    TooLarge,
    Failed(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Unread::Failed(error)
    }
}

/// All the bytes, `most` at most.
pub(crate) fn read(path: &Path, most: usize) -> Result<Zeroizing<Vec<u8>>, Unread> {
    if !given_path::may_exist(path) {
        return Err(Unread::Failed(ErrorKind::NotFound.into()));
    }
    // Asked before it is opened: opening a pipe that nobody writes to waits for ever.
    let about = std::fs::metadata(path)?;
    if about.is_dir() {
        return Err(Unread::Directory);
    }
    if !about.is_file() {
        return Err(Unread::NotAFile);
    }
    let file = File::open(path)?;
    // Room for all of it, since growing would leave copies behind; the length may still change, so it is a hint.
    let room = about.len().min(most as u64) as usize;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room + 64));
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most { Err(Unread::TooLarge) } else { Ok(bytes) }
}

/// Whether there is no such file: what can be no name of one fails in as many ways as there are systems.
pub(crate) fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::InvalidFilename | ErrorKind::InvalidInput | ErrorKind::NotADirectory
    )
}
