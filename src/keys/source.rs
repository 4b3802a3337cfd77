//! Where a credential comes from: a path, or Base64, PEM or hex text. Bounded before any work.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, Zeroizing};

use crate::bounded_file::{self, Unread, is_missing};
use crate::error::{Code, Error};
pub(super) use crate::given_path::escaped;
use crate::given_path::{self, Look};
use crate::open_files;

/// The longest file or text that is read.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// Where a credential comes from, as the configuration states it.
pub struct Source {
    field: &'static str,
    origin: Origin,
}

enum Origin {
    Path(PathBuf),
    Base64(Zeroizing<String>),
    Pem(Zeroizing<String>),
    Hex(Zeroizing<String>),
}

impl Source {
    /// A file; `field` is the configuration's name for it, for example `privateKey`.
    pub fn path(field: &'static str, path: impl Into<PathBuf>) -> Self {
        Source { field, origin: Origin::Path(path.into()) }
    }

    /// Base64 of any of the containers; line breaks and spaces are allowed.
    pub fn base64(field: &'static str, text: Zeroizing<String>) -> Self {
        Source { field, origin: Origin::Base64(text) }
    }

    /// PEM text.
    pub fn pem(field: &'static str, text: Zeroizing<String>) -> Self {
        Source { field, origin: Origin::Pem(text) }
    }

    /// Hex of an SM2 key's number, or of any of the containers.
    pub fn hex(field: &'static str, text: Zeroizing<String>) -> Self {
        Source { field, origin: Origin::Hex(text) }
    }

    /// A failure of this credential: the sentence begins with the field and the file.
    pub(super) fn fault(&self, what: impl fmt::Display) -> Error {
        Error::new(Code::Credential, format!("{} {what}", self.label())).of_setting(self.field)
    }

    /// The configuration's name for the credential, for example `privateKey`.
    pub(super) fn field(&self) -> &'static str {
        self.field
    }

    /// Whether the text must be PEM, because the configuration says so.
    pub(super) fn is_pem(&self) -> bool {
        matches!(self.origin, Origin::Pem(_))
    }

    /// Whether the text must be Base64, because the configuration says so.
    pub(super) fn is_base64(&self) -> bool {
        matches!(self.origin, Origin::Base64(_))
    }

    /// Whether the text must be hex, because the configuration says so.
    pub(super) fn is_hex(&self) -> bool {
        matches!(self.origin, Origin::Hex(_))
    }

    /// The file's name as a shell takes it; a stand-in when there is no file.
    pub(super) fn shell_name(&self, stand_in: &str) -> String {
        match &self.origin {
            Origin::Path(path) => given_path::told(path).map_or_else(|_| stand_in.to_owned(), |name| quoted(&name)),
            _ => stand_in.to_owned(),
        }
    }

    /// All the bytes, at least one and at most [`MAX_BYTES`].
    pub(super) fn read(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let bytes = match &self.origin {
            Origin::Path(path) => self.read_file(path)?,
            Origin::Base64(text) | Origin::Pem(text) | Origin::Hex(text) => {
                self.check_size(text.len())?;
                Zeroizing::new(text.as_bytes().to_vec())
            }
        };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(self.fault("is empty. Give the key or certificate itself."));
        }
        Ok(bytes)
    }

    fn read_file(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
        bounded_file::read(path, MAX_BYTES).map_err(|reason| match reason {
            Unread::Directory => self.fault("is a directory. Name the file inside it."),
            Unread::NotAFile => self.fault("is a pipe or a device, not a file. Copy its content into a file."),
            Unread::TooLarge => self.too_large(),
            Unread::Failed(error) => self.open_fault(path, &error),
        })
    }

    fn check_size(&self, length: usize) -> Result<(), Error> {
        if length > MAX_BYTES { Err(self.too_large()) } else { Ok(()) }
    }

    fn too_large(&self) -> Error {
        self.fault("is larger than 1 MiB, which no key or certificate is. Check that it is the right file.")
    }

    fn open_fault(&self, path: &Path, error: &std::io::Error) -> Error {
        match error.kind() {
            _ if is_missing(error) => {
                let advice = match given_path::told(path) {
                    Ok(_) => format!("Check the path{}.", working_directory(path)),
                    Err(Look::Other(_)) if holds_an_escape(path) => {
                        r"It holds a tab or a line break, which \t, \n and \r mean in JSON. In a path write / or \\ for \."
                            .to_owned()
                    }
                    Err(look) => self.place_for(look),
                };
                self.fault(format_args!("does not exist. {advice}"))
            }
            ErrorKind::PermissionDenied => {
                self.fault("cannot be read: permission denied. Let the account that runs this program read the file.")
            }
            _ if open_files::is_reached(error) => {
                self.fault(format_args!("cannot be read: {error}. {}", open_files::ADVICE))
            }
            _ => self.fault(format_args!("cannot be read: {error}. Check the path and the file.")),
        }
    }

    /// Where a text belongs that stands in the place of a path.
    fn place_for(&self, look: Look) -> String {
        let field = self.field;
        match look {
            Look::Other(_) => "Set the path of a file.".to_owned(),
            _ if field.ends_with("caFile") => "Write the certificates into a file and set its path.".to_owned(),
            Look::Pem => format!("Put all of it, from -----BEGIN to the end, into {field}.pem."),
            Look::Hex(64 | 66) | Look::Base64(32 | 33) if field != "privateKey" => {
                "Here the platform's certificate belongs; an SM2 key's number goes into privateKey.hex, in hex."
                    .to_owned()
            }
            _ if field != "privateKey" => {
                format!("Put the certificate in Base64 into {field}.base64, or set its path.")
            }
            Look::Hex(_) => "Put it into privateKey.hex. Give only the digits there.".to_owned(),
            // The bare number of an SM2 key, which no container in Base64 is as short as.
            Look::Base64(32 | 33) => "If it is an SM2 key's number, put it into privateKey.hex, in hex.".to_owned(),
            Look::Base64(_) => {
                "Put it into privateKey.base64. Give only the Base64 there, in its usual form.".to_owned()
            }
        }
    }

    fn label(&self) -> String {
        match &self.origin {
            Origin::Path(path) => {
                let is_path_itself = self.field.ends_with("caFile");
                let setting = if is_path_itself { self.field.to_owned() } else { format!("{}.path", self.field) };
                match given_path::told(path) {
                    Ok(name) => format!("{setting} \"{name}\""),
                    Err(look) => format!("{setting} (not shown, for {look})"),
                }
            }
            Origin::Base64(_) => format!("{}.base64", self.field),
            Origin::Pem(_) => format!("{}.pem", self.field),
            Origin::Hex(_) => format!("{}.hex", self.field),
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if let Origin::Path(path) = &mut self.origin {
            // A key that was given in the place of a path is a key all the same.
            std::mem::take(path).into_os_string().into_encoded_bytes().zeroize();
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.label())
    }
}

/// Whether it holds what `C:\temp\new.pfx` becomes in JSON; nobody has that in a name.
fn holds_an_escape(path: &Path) -> bool {
    path.to_string_lossy().contains(['\t', '\n', '\r', '\u{8}', '\u{c}'])
}

/// A reminder of what a relative path is relative to.
fn working_directory(path: &Path) -> String {
    match std::env::current_dir() {
        Ok(directory) if path.is_relative() => {
            format!(
                "; a relative path starts at the working directory, which is \"{}\"",
                escaped(&directory.to_string_lossy())
            )
        }
        _ => String::new(),
    }
}

/// A name that a shell takes as one word: a POSIX shell or, on Windows, cmd.exe and PowerShell.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| {
        let is_system_s = if cfg!(windows) { c == '\\' } else { c == '@' };
        c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '+') || is_system_s
    };
    if name.chars().all(is_plain) {
        name.to_owned()
    } else if cfg!(windows) {
        // No file's name holds the mark.
        format!("\"{name}\"")
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(source: &Source) -> String {
        let error = source.read().unwrap_err();
        assert_eq!(error.code, Code::Credential);
        error.message
    }

    #[test]
    fn a_missing_file_a_directory_and_an_empty_file_are_told_apart() {
        let missing = message(&Source::path("privateKey", "no/such.pfx"));
        assert!(missing.starts_with("privateKey.path \"no/such.pfx\" does not exist."), "{missing}");
        assert!(missing.contains("working directory"), "{missing}");
        let escaped = message(&Source::path("privateKey", "C:\temp\new.pfx"));
        assert!(escaped.contains(r"In a path write / or \\ for \."), "{escaped}");
        let directory = message(&Source::path("platformCertificate", "src"));
        assert!(directory.starts_with("platformCertificate.path \"src\" is a directory."), "{directory}");
        #[cfg(unix)]
        assert!(message(&Source::path("caFile", "/dev/null")).contains("is a pipe or a device"));
        assert!(
            message(&Source::pem("privateKey", Zeroizing::new(" \n".into()))).starts_with("privateKey.pem is empty.")
        );
    }

    #[test]
    fn reading_stops_at_the_bound_whatever_the_file_claims() {
        let text = Zeroizing::new("A".repeat(MAX_BYTES + 1));
        assert!(message(&Source::base64("privateKey", text)).contains("privateKey.base64 is larger than 1 MiB"));
        assert!(Source::base64("privateKey", Zeroizing::new("A".repeat(MAX_BYTES))).read().is_ok());
    }

    #[test]
    fn a_key_in_the_place_of_a_path_is_in_no_command() {
        for (what, text) in crate::given_path::tests::dresses() {
            assert_eq!(Source::path("privateKey", text).shell_name("old.pfx"), "old.pfx", "{what}");
        }
    }

    #[test]
    fn debug_shows_no_content() {
        let source = Source::pem("privateKey", Zeroizing::new("secret".into()));
        assert_eq!(format!("{source:?}"), "Source(privateKey.pem)");
        assert_eq!(format!("{:?}", Source::path("privateKey", "a/b.pfx")), "Source(privateKey.path \"a/b.pfx\")");
    }

    #[test]
    fn a_shell_takes_the_name_as_one_word() {
        assert_eq!(Source::path("privateKey", "证书/a.pfx").shell_name("old"), "证书/a.pfx");
        assert_eq!(Source::path("privateKey", "my key.pfx").shell_name("old"), "'my key.pfx'");
        assert_eq!(quoted("my key's.pfx"), r"'my key'\''s.pfx'");
        assert_eq!(Source::pem("privateKey", Zeroizing::new("x".into())).shell_name("old.pem"), "old.pem");
    }
}
