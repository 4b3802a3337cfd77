//! What the configuration's text says about itself: which files it names, and whether a secret stands in it. No secret is
//! copied out of it.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// Nothing of it is stated where the file cannot be read, but then a secret may be in it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Stated {
    des_key: Given,
    private_key: Credential,
    proxy: Given,
    rate_limit: Limit,
    #[serde(skip)]
    is_unread: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Credential {
    path: serde_json::Value,
    password: Given,
    base64: Given,
    pem: Given,
    hex: Given,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Limit {
    shared: Given,
}

impl Stated {
    pub(super) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).map(Zeroizing::new);
        let unread = Stated { is_unread: true, ..Stated::default() };
        text.ok().and_then(|text| serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()).unwrap_or(unread)
    }

    /// The file of the institution's key.
    pub(super) fn key_file(&self) -> Option<&Path> {
        self.private_key.path.as_str().map(Path::new)
    }

    /// The files that hold the secrets, `{"file": …}`.
    pub(super) fn secret_files(&self) -> impl Iterator<Item = &Path> {
        let key = &self.private_key;
        let settings = [&self.des_key, &key.password, &key.base64, &key.pem, &key.hex, &self.proxy];
        settings.into_iter().chain([&self.rate_limit.shared]).filter_map(|given| given.file.as_deref())
    }

    /// Whether the text itself holds a secret, not only where one is.
    pub(super) fn holds_secret(&self) -> bool {
        let key = &self.private_key;
        let texts = [&self.des_key, &key.password, &key.base64, &key.pem, &key.hex];
        self.is_unread
            || texts.into_iter().any(|given| given.is_text)
            || self.proxy.has_at
            || self.rate_limit.shared.has_at
    }

    /// Whether several processes share the limit by a store.
    pub(super) fn shares_limit(&self) -> bool {
        self.rate_limit.shared.is_given
    }
}

/// Whether a setting is there and whether it is a text; not what it says.
#[derive(Default)]
struct Given {
    is_given: bool,
    is_text: bool,
    /// As a user and password before a host have it, at whatever depth.
    has_at: bool,
    /// What `file` names in the place of a secret, at whatever depth.
    file: Option<PathBuf>,
}

impl Given {
    const SOMETHING: Given = Given { is_given: true, is_text: false, has_at: false, file: None };
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;

        impl<'de> Visitor<'de> for Look {
            type Value = Given;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a setting")
            }

            fn visit_str<E>(self, text: &str) -> Result<Given, E> {
                Ok(Given { is_text: true, has_at: text.contains('@'), ..Given::SOMETHING })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Given, A::Error> {
                let mut given = Given::SOMETHING;
                while let Some(name) = map.next_key::<String>()? {
                    if name == "file" {
                        given.file = map.next_value::<serde_json::Value>()?.as_str().map(PathBuf::from);
                        continue;
                    }
                    let inner = map.next_value::<Given>()?;
                    given.has_at |= inner.has_at;
                    given.file = given.file.or(inner.file);
                }
                Ok(given)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Given, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Given::SOMETHING)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Given, E> {
                Ok(Given::SOMETHING)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Given, E> {
                Ok(Given::SOMETHING)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Given, E> {
                Ok(Given::SOMETHING)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Given, E> {
                Ok(Given::SOMETHING)
            }

            fn visit_unit<E>(self) -> Result<Given, E> {
                Ok(Given::default())
            }
        }

        deserializer.deserialize_any(Look)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Stated {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_secret_in_the_text_is_told_from_the_place_of_one() {
        for text in [
            r#"{"desKey": "0123456789"}"#,
            r#"{"privateKey": {"path": "a.sm2", "password": "x"}}"#,
            r#"{"privateKey": {"hex": "00"}}"#,
            r#"{"proxy": "http://user:hunter2@proxy:1"}"#,
            r#"{"rateLimit": {"shared": {"url": "redis://:hunter2@store"}}}"#,
            r#"{"rateLimit": {"shared": "redis://:hunter2@store"}}"#,
        ] {
            assert!(of(text).holds_secret(), "{text}");
        }
        for text in [
            "{}",
            r#"{"desKey": {"env": "DES_KEY"}, "privateKey": {"path": "a.sm2", "password": {"file": "/run/p"}}}"#,
            r#"{"proxy": "http://proxy:1", "timeoutMs": 1, "platformCertificate": {"pem": "-----BEGIN"}}"#,
            r#"{"desKey": null, "privateKey": {"path": "a@b.sm2"}, "rateLimit": {"perSecond": 0.5}}"#,
        ] {
            assert!(!of(text).holds_secret(), "{text}");
        }
    }

    #[test]
    fn the_files_that_hold_secrets_are_seen() {
        let text = r#"{"desKey": {"file": "a"}, "privateKey": {"path": "k", "password": {"file": "b@c"}},
            "platformCertificate": {"path": "p"}, "proxy": {"file": "d"},
            "rateLimit": {"shared": {"url": {"file": "e"}, "caFile": "no"}}}"#;
        let stated = of(text);
        assert_eq!(stated.secret_files().collect::<Vec<_>>(), ["a", "b@c", "d", "e"].map(Path::new));
        assert!(!stated.holds_secret());
        assert_eq!(of(r#"{"desKey": {"env": "A"}, "proxy": "none"}"#).secret_files().count(), 0);
    }

    #[test]
    fn the_shared_limit_is_seen() {
        assert!(of(r#"{"rateLimit": {"shared": {"url": "redis://store"}}}"#).shares_limit());
        assert!(!of(r#"{"rateLimit": {"perSecond": 3}}"#).shares_limit());
        assert_eq!(of(r#"{"privateKey": {"path": "a.sm2"}}"#).key_file(), Some(Path::new("a.sm2")));
    }
}
