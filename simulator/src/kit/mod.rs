//! A folder with all that a first client of this simulator needs: test keys, configurations, a program in each language.
//!
//! Everything is built in, the programs from the very files that the repository's tests compile. So the folder is whole
//! wherever the simulator was copied to.

mod folder;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::client::{Configuration, SIGN_TYPES, config_beside, credentials};
pub use folder::Error;
use folder::File;

/// The folder of the credentials, so that the path of each says what it is.
const KEYS: &str = "test-keys";

/// The authority of a simulator with TLS.
const AUTHORITY: &str = "ca.pem";

/// To begin with: a program in each language, and what is told about them.
const EXAMPLES: [(&str, &str); 6] = [
    ("c/query.c", include_str!("../../../examples/c/query.c")),
    ("cpp/query.cpp", include_str!("../../../examples/cpp/query.cpp")),
    ("go/go.mod", include_str!("../../../examples/go/go.mod")),
    ("go/main.go", include_str!("../../../examples/go/main.go")),
    ("java/Query.java", include_str!("../../../examples/java/Query.java")),
    ("python/query.py", include_str!("../../../bindings/python/examples/query.py")),
];

/// In both languages.
const READMES: [(&str, &str); 2] =
    [("README.md", include_str!("README.md")), ("README.zh-CN.md", include_str!("README.zh-CN.md"))];

/// What vouches for a simulator with TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Authority<'a> {
    /// This PEM, which goes into the folder.
    Inside(&'a str),
    /// A file that is there already.
    Elsewhere(&'a Path),
}

/// A folder that was written.
#[derive(Clone, Debug)]
pub struct Kit {
    /// Where it is, absolute.
    pub folder: PathBuf,
    /// The configuration of each algorithm.
    pub configurations: Vec<Configuration>,
    /// Examples that a person had changed, or had there before: they are as they were.
    pub kept: Vec<PathBuf>,
}

/// Writes the folder for the simulator at this address.
///
/// # Errors
///
/// If a file cannot be written, or one that a client needs is in the way and not ours; then nothing was written.
pub(crate) fn write(folder: &Path, endpoint: &str, authority: Option<Authority<'_>>) -> Result<Kit, Error> {
    let root = absolute(folder)?;
    let ca_file = match authority {
        Some(Authority::Inside(_)) => Some(root.join(AUTHORITY)),
        Some(Authority::Elsewhere(path)) => Some(absolute(path)?),
        None => None,
    };
    let mut configurations = Vec::new();
    for sign_type in SIGN_TYPES {
        let mut config = config_beside(endpoint, sign_type, &root.join(KEYS));
        if let Some(path) = &ca_file {
            config["caFile"] = Value::from(path.to_string_lossy());
        }
        let path = root.join(format!("{}.json", sign_type.to_lowercase()));
        configurations.push(Configuration { sign_type, path, text: format!("{config:#}\n") });
    }
    let readmes = READMES.map(|(name, text)| {
        (name, text.replace("{{endpoint}}", endpoint).replace("{{version}}", env!("CARGO_PKG_VERSION")))
    });

    let mut files = Vec::new();
    for [key, certificate] in SIGN_TYPES.map(credentials) {
        files.push(File::secret(format!("{KEYS}/{}", key.name), key.content));
        files.push(File::needed(format!("{KEYS}/{}", certificate.name), certificate.content));
    }
    for Configuration { sign_type, text, .. } in &configurations {
        // With a password and desKey in it, it is for its owner alone.
        files.push(File::secret(format!("{}.json", sign_type.to_lowercase()), text.as_bytes()));
    }
    if let Some(Authority::Inside(pem)) = authority {
        files.push(File::needed(AUTHORITY.to_owned(), pem.as_bytes()));
    }
    files.extend(EXAMPLES.iter().map(|(name, text)| File::example(name, text.as_bytes())));
    files.extend(readmes.iter().map(|(name, text)| File::example(name, text.as_bytes())));
    let kept = folder::write(&root, &files)?;
    Ok(Kit { folder: root, configurations, kept })
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    let absolute = std::path::absolute(path).map_err(|error| Error::Unwritable(path.to_owned(), error))?;
    if absolute.to_str().is_none() {
        return Err(Error::NotUtf8(absolute));
    }
    Ok(absolute)
}
