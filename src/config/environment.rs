//! What the environment says about proxies. A host may set variables from another thread, and in C that moves what is
//! being read; so the environment is read once, when the library is loaded or first used, and never again.

use once_cell::sync::Lazy;
use zeroize::Zeroizing;

use super::reader::Reader;
use crate::error::Error;

/// The variables that are looked at.
const NAMES: [&str; 8] =
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"];

/// These variables as they were at one moment; a value may hold a password.
#[derive(Clone)]
pub(crate) struct Environment(Vec<(&'static str, Zeroizing<String>)>);

/// As the process had it when this library was loaded or, where nothing runs then, first used.
static OF_PROCESS: Lazy<Environment> = Lazy::new(|| Environment::read(|name| std::env::var(name).ok()));

impl Environment {
    /// The variables as `variable` gives them: a language that keeps its own environment reads it itself.
    pub(crate) fn read(mut variable: impl FnMut(&'static str) -> Option<String>) -> Self {
        let read = |name| variable(name).map(|value| (name, Zeroizing::new(value)));
        Environment(NAMES.into_iter().filter_map(read).collect())
    }

    /// The same as a section of the configuration, from a language that can only hand over a text.
    pub(super) fn of_section(mut section: Reader<'_>) -> Result<Self, Error> {
        let mut variables = Vec::new();
        for name in NAMES {
            variables.extend(section.text(name)?.map(|value| (name, value)));
        }
        section.finish()?;
        Ok(Environment(variables))
    }

    pub(crate) fn of_process() -> &'static Self {
        &OF_PROCESS
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
    }
}
