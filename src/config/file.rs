//! A configuration out of a file, wiped after use, for it holds secrets.

use std::path::Path;

use zeroize::Zeroizing;

use super::{MAX_TEXT, error};
use crate::bounded_file::{self, Unread, is_missing};
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
    let bytes = bounded_file::read(path, MAX_TEXT).map_err(|reason| match reason {
        Unread::Directory | Unread::NotAFile => fault("is not a file. Name the file itself."),
        Unread::TooLarge => fault(&format!(
            "has more than {MAX_TEXT} bytes, which no configuration has. Check that it is the right file."
        )),
        Unread::Failed(reason) if is_missing(&reason) => {
            fault("does not exist. Give the path of a file; the configuration itself goes in as text.")
        }
        Unread::Failed(reason) if open_files::is_reached(&reason) => {
            fault(&format!("cannot be read: {reason}. {}", open_files::ADVICE))
        }
        Unread::Failed(reason) => {
            fault(&format!("cannot be read: {reason}. Check the path and who may read the file."))
        }
    })?;
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
