//! What the environment says: about proxies, and the secrets that the configuration looks for in it. A host may set
//! variables from another thread, and in C that moves what is being read; so the environment is read once and whole, when
//! the library is loaded or first used, and never again.

use std::ffi::OsString;

use once_cell::sync::Lazy;
use zeroize::{Zeroize, Zeroizing};

use super::reader::Reader;
use crate::error::Error;
use crate::json::{Object, Value};

/// The variables about proxies.
const PROXIES: [&str; 8] =
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"];

/// Variables as they were at one moment; a value may hold a password.
#[derive(Clone)]
pub(crate) struct Environment(Vec<(String, Zeroizing<String>)>);

/// As the process had it when this library was loaded or, where nothing runs then, first used. What is no text is left out.
static OF_PROCESS: Lazy<Environment> = Lazy::new(|| {
    let texts = std::env::vars_os().filter_map(|(name, value)| {
        let value = wiped_unless_text(value)?;
        Some((name.into_string().ok()?, value))
    });
    Environment(texts.collect())
});

/// A value that is no text may be a secret as well.
fn wiped_unless_text(value: OsString) -> Option<Zeroizing<String>> {
    match String::from_utf8(value.into_encoded_bytes()) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            None
        }
    }
}

impl Environment {
    /// What a configuration may look for, as `variable` gives it: a language that keeps its own environment reads it itself.
    #[cfg_attr(not(any(feature = "jni", feature = "python")), allow(dead_code, reason = "only these faces use it"))]
    pub(crate) fn read(config: &str, mut variable: impl FnMut(&str) -> Option<String>) -> Self {
        let mut names: Vec<_> = PROXIES.map(str::to_owned).into();
        add_wanted(config, &mut names);
        let read = |name: String| variable(&name).map(|value| (name, Zeroizing::new(value)));
        Environment(names.into_iter().filter_map(read).collect())
    }

    /// The variables about proxies as a section of the configuration, from a language that can only hand over a text.
    pub(super) fn of_proxies(mut section: Reader<'_>) -> Result<Self, Error> {
        let mut variables = Vec::new();
        for name in PROXIES {
            variables.extend(section.text(name)?.map(|value| (name.to_owned(), value)));
        }
        section.finish()?;
        Ok(Environment(variables))
    }

    /// Those that hold secrets, in the same way.
    pub(super) fn of_secrets(section: Reader<'_>) -> Result<Self, Error> {
        section.texts().map(Environment)
    }

    pub(crate) fn of_process() -> &'static Self {
        &OF_PROCESS
    }

    pub(super) fn get(&self, name: &str) -> Option<&Zeroizing<String>> {
        self.0.iter().find(|(known, _)| is_same(known, name, cfg!(windows))).map(|(_, value)| value)
    }
}

/// On Windows the names of variables have no case: `No_Proxy` is `NO_PROXY`.
fn is_same(one: &str, other: &str, ignoring_case: bool) -> bool {
    if ignoring_case { one.to_lowercase() == other.to_lowercase() } else { one == other }
}

/// Adds the names that stand as `{"env": name}` anywhere; what is wrong with the text, its reader tells.
#[cfg_attr(not(any(feature = "jni", feature = "python")), allow(dead_code, reason = "only these faces use it"))]
fn add_wanted(text: &str, names: &mut Vec<String>) {
    let Ok(object) = Object::parse(text) else { return };
    for (name, raw) in object.members() {
        match Value::of(raw) {
            Value::Object(inner) => add_wanted(inner, names),
            Value::Text(variable) if name == "env" => names.push(variable.to_string()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn names_have_a_case_except_on_windows() {
        for (one, other, same, without_case) in [
            ("NO_PROXY", "NO_PROXY", true, true),
            ("No_Proxy", "no_proxy", false, true),
            ("密码_Ä", "密码_ä", false, true),
            ("NO_PROXY", "NO_PROX", false, false),
        ] {
            assert_eq!((is_same(one, other, false), is_same(one, other, true)), (same, without_case), "{one} {other}");
        }
    }
}
