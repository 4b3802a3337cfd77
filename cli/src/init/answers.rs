//! What a configuration is made of, and the JSON of it.

use serde::Serialize;
use zeroize::Zeroizing;

/// The answers; what is not answered yet is empty.
#[derive(Clone, Default)]
pub(super) struct Answers {
    /// `test`, `production` or a URL.
    pub(super) place: String,
    pub(super) src: String,
    pub(super) des_key: Kept,
    pub(super) key: String,
    pub(super) password: Option<Kept>,
    pub(super) alias: Option<String>,
    pub(super) certificate: String,
}

/// A secret, by where it is kept.
#[derive(Clone)]
pub(super) enum Kept {
    Here(Zeroizing<String>),
    InVariable {
        name: String,
        /// It was typed just now; the variable may not be set yet.
        typed: Option<Zeroizing<String>>,
    },
    InFile(String),
}

impl Default for Kept {
    fn default() -> Self {
        Kept::Here(Zeroizing::default())
    }
}

impl Kept {
    /// The variable, if it must be set yet.
    pub(super) fn variable(&self) -> Option<&str> {
        match self {
            Kept::InVariable { name, .. } => Some(name),
            _ => None,
        }
    }

    fn written(&self) -> Secret<'_> {
        match self {
            Kept::Here(text) => Secret::Text(text),
            Kept::InVariable { name, .. } => Secret::Env { env: name },
            Kept::InFile(path) => Secret::File { file: path },
        }
    }

    /// As it can be tried now.
    fn tried(&self) -> Secret<'_> {
        match self {
            Kept::InVariable { typed: Some(text), .. } => Secret::Text(text),
            _ => self.written(),
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Secret<'a> {
    Text(&'a str),
    Env { env: &'a str },
    File { file: &'a str },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Configuration<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<&'a str>,
    src: &'a str,
    des_key: Secret<'a>,
    private_key: Key<'a>,
    platform_certificate: Certificate<'a>,
    /// Only while answers are tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<&'a str>,
}

#[derive(Serialize)]
struct Key<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<Secret<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'a str>,
}

#[derive(Serialize)]
struct Certificate<'a> {
    path: &'a str,
}

impl Answers {
    /// The file.
    pub(super) fn to_json(&self) -> Zeroizing<Vec<u8>> {
        text(&self.configuration(Kept::written, None))
    }

    /// The same with what was typed in its place. The proxy is no answer, so it must not fail one.
    pub(super) fn to_try(&self) -> Zeroizing<Vec<u8>> {
        text(&self.configuration(Kept::tried, Some("none")))
    }

    /// The secrets in it.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Kept> {
        std::iter::once(&self.des_key).chain(&self.password)
    }

    fn configuration<'a>(
        &'a self,
        secret: impl Fn(&'a Kept) -> Secret<'a>,
        proxy: Option<&'a str>,
    ) -> Configuration<'a> {
        let is_url = self.place.contains("://");
        Configuration {
            environment: (!is_url).then_some(&self.place),
            endpoint: is_url.then_some(&self.place),
            src: &self.src,
            des_key: secret(&self.des_key),
            private_key: Key {
                path: &self.key,
                password: self.password.as_ref().map(secret),
                alias: self.alias.as_deref(),
            },
            platform_certificate: Certificate { path: &self.certificate },
            proxy,
        }
    }
}

fn text(configuration: &Configuration<'_>) -> Zeroizing<Vec<u8>> {
    // Room for all of it, since growing would leave copies of secrets behind.
    let mut text = Zeroizing::new(Vec::with_capacity(64 << 10));
    // Texts in structs always serialize.
    let _ = serde_json::to_writer_pretty(&mut *text, configuration);
    text.push(b'\n');
    text
}
