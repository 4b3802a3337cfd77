//! A secret that is not in the configuration itself, but in a variable or a file that the configuration names.

use std::path::Path;

use zeroize::Zeroizing;

use super::{Environment, error};
use crate::bounded_file::{self, Unread, is_missing};
use crate::error::Error;
use crate::json::{Object, Value, shown_name};
use crate::{given_path, open_files};

/// How a secret may be given.
pub(super) const FORMS: &str = r#"a string, {"env": "NAME"} or {"file": "path"}"#;

/// The longest secret in a file: a credential of 1 MiB in Base64.
const MAX_FILE: usize = 2 << 20;

/// The secret of the setting `field`; `place` is an object that says where it lies.
pub(super) fn find(field: &str, place: &str, environment: &Environment) -> Result<Zeroizing<String>, Error> {
    // It parsed as a part of the whole, so it parses by itself.
    let object = Object::parse(place).map_err(|reason| error(format!("{field}: {reason}.")))?;
    if let Some((name, _)) = object.members().find(|(name, _)| !["env", "file"].contains(name)) {
        return Err(error(format!("{} is not a setting of {field}. It must be {FORMS}.", shown_name(name))));
    }
    let stated = |name| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Text(text)) if text.is_empty() => Err(error(format!("{field}.{name} is empty."))),
        Some(Value::Text(text)) if text.contains('\0') => Err(error(format!("{field}.{name} holds a NUL character."))),
        Some(Value::Text(text)) => Ok(Some(text)),
        Some(other) => Err(error(format!("{field}.{name} is {}; it must be a string.", other.kind()))),
    };
    match (stated("env")?, stated("file")?) {
        (Some(name), None) => of_variable(field, &name, environment),
        (None, Some(path)) => of_file(field, Path::new(path.as_str())),
        (Some(_), Some(_)) => Err(error(format!("{field} has both env and file. Keep one of them."))),
        (None, None) => Err(error(format!("{field} says not where it is. It must be {FORMS}."))),
    }
}

fn of_variable(field: &str, name: &str, environment: &Environment) -> Result<Zeroizing<String>, Error> {
    match environment.get(name) {
        None => Err(error(format!(
            "{field}.env: the environment variable {} is not set, or is no UTF-8. Set it before the program starts.",
            shown_name(name)
        ))),
        Some(value) if value.is_empty() => {
            Err(error(format!("{field}.env: the environment variable {name:?} is empty. Set it to the secret.")))
        }
        Some(value) => Ok(value.clone()),
    }
}

/// All of the file, but for a byte order mark and one end of a line, which editors add.
fn of_file(field: &str, path: &Path) -> Result<Zeroizing<String>, Error> {
    let fault = |what: &str| {
        error(match given_path::told(path) {
            Ok(name) => format!("{field}.file \"{name}\" {what}"),
            Err(look) => format!("{field}.file (not shown, for {look}) {what}"),
        })
    };
    let bytes = bounded_file::read(path, MAX_FILE).map_err(|reason| match reason {
        Unread::Directory | Unread::NotAFile => fault("is not a file. Name the file itself."),
        Unread::TooLarge => fault("is larger than 2 MiB, which no secret is. Check that it is the right file."),
        Unread::Failed(reason) if is_missing(&reason) => {
            fault("does not exist. Check the path; a relative one starts at the working directory.")
        }
        Unread::Failed(reason) if open_files::is_reached(&reason) => {
            fault(&format!("cannot be read: {reason}. {}", open_files::ADVICE))
        }
        Unread::Failed(reason) => {
            fault(&format!("cannot be read: {reason}. Let the account that runs this program read it."))
        }
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| fault("is not UTF-8 text. Save it as UTF-8."))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() {
        return Err(fault("is empty. Write the secret into it."));
    }
    if text.contains('\0') {
        return Err(fault("holds a NUL character. Save it as UTF-8 text."));
    }
    Ok(Zeroizing::new(text.to_owned()))
}
