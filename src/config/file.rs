//! A configuration out of a file: bounded before any work, and wiped after use, for it holds secrets.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::{MAX_TEXT, error};
use crate::error::Error;
use crate::{given_path, open_files};

/// The whole text.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, Error> {
    let fault = |what: &str| {
        error(match given_path::told(path) {
            Ok(name) => format!("The configuration file \"{name}\" {what}"),
            Err(look) => format!("The configuration file (not shown, for {look}) {what}"),
        })
    };
    let unread = |reason: &std::io::Error| match reason.kind() {
        ErrorKind::NotFound | ErrorKind::InvalidFilename | ErrorKind::InvalidInput | ErrorKind::NotADirectory => {
            fault("does not exist. Give the path of a file; the configuration itself goes in as text.")
        }
        _ if open_files::is_reached(reason) => fault(&format!("cannot be read: {reason}. {}", open_files::ADVICE)),
        _ => fault(&format!("cannot be read: {reason}. Check the path and who may read the file.")),
    };
    if !given_path::may_exist(path) {
        return Err(unread(&ErrorKind::NotFound.into()));
    }
    // Asked before it is opened: opening a pipe that nobody writes to waits for ever.
    let about = std::fs::metadata(path).map_err(|reason| unread(&reason))?;
    if !about.is_file() {
        return Err(fault("is not a file. Name the file itself."));
    }
    let file = File::open(path).map_err(|reason| unread(&reason))?;
    // Room for all of it, since growing would leave copies behind; the length may still change, so it is a hint.
    let room = about.len().min(MAX_TEXT as u64) as usize;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room + 64));
    file.take(MAX_TEXT as u64 + 1).read_to_end(&mut bytes).map_err(|reason| unread(&reason))?;
    if bytes.len() > MAX_TEXT {
        return Err(fault(&format!("has more than {MAX_TEXT} bytes, which no configuration has.")));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| fault("is not UTF-8. Save it as UTF-8."))?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn refusal(path: &Path) -> String {
        let error = read(path).unwrap_err();
        assert_eq!(error.code, Code::Config);
        error.message
    }

    #[test]
    fn what_cannot_be_read_is_told_apart() {
        let missing = refusal(Path::new("no/such.json"));
        assert!(missing.starts_with("The configuration file \"no/such.json\" does not exist."), "{missing}");
        assert!(refusal(Path::new("src")).contains("\"src\" is not a file."));
        #[cfg(unix)]
        assert!(refusal(Path::new("/dev/null")).contains("is not a file."));
        let scratch = std::env::temp_dir().join(format!("yspay-config-{}.json", std::process::id()));
        std::fs::write(&scratch, b"{\"src\":\"\xb3\xc9\"}").unwrap();
        let binary = refusal(&scratch);
        std::fs::write(&scratch, "x".repeat(MAX_TEXT + 1)).unwrap();
        let huge = refusal(&scratch);
        std::fs::write(&scratch, "{}").unwrap();
        let whole = read(&scratch);
        std::fs::remove_file(&scratch).unwrap();
        assert!(binary.contains("is not UTF-8") && huge.contains("has more than 4194304 bytes"), "{binary} {huge}");
        assert_eq!(whole.unwrap().as_str(), "{}");
    }

    #[test]
    fn the_configuration_itself_in_the_place_of_a_path_is_not_shown() {
        let message = refusal(Path::new(r#"{"desKey":"A81F41DE7406CC15","privateKey":{"password":"hunter2"}}"#));
        assert!(!message.contains("A81F") && !message.contains("hunter2"), "{message}");
        assert!(message.contains("the configuration itself goes in as text"), "{message}");
    }
}
