//! Reads typed settings out of one JSON object, and knows afterwards which ones nobody asked for.

use std::ops::RangeInclusive;

use zeroize::Zeroizing;

use super::{Environment, error, secret};
use crate::error::Error;
use crate::json::{Object, Value, shown_name};

/// One section of the configuration; `path` is how messages name it.
pub(crate) struct Reader<'a> {
    path: &'static str,
    object: Object<'a>,
    /// Where secrets may lie.
    environment: &'a Environment,
    asked: Vec<&'static str>,
    /// Known as well, but not offered to somebody who misspelt a name.
    unlisted: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    /// `environment` is where secrets may lie.
    pub(crate) fn root(text: &'a str, environment: &'a Environment) -> Result<Self, Error> {
        let object = Object::parse(text)
            .map_err(|reason| error(format!("The configuration is not a JSON object: {reason}.")))?;
        Ok(Reader { path: "", object, environment, asked: Vec::new(), unlisted: Vec::new() })
    }

    /// A string; it may be a secret, so it is wiped after use and never shown.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<Zeroizing<String>>, Error> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Text(text)) if text.contains('\0') => {
                Err(error(format!("{} holds a NUL character.", self.name(name))))
            }
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong_kind(name, "a string", &other)),
        }
    }

    /// A secret: the text itself, or where it lies, `{"env": name}` or `{"file": path}`.
    pub(crate) fn secret(&mut self, name: &'static str) -> Result<Option<Zeroizing<String>>, Error> {
        match self.get(name) {
            Some(Value::Object(place)) => secret::find(&self.name(name), place, self.environment).map(Some),
            Some(Value::Null | Value::Text(_)) | None => {
                self.asked.pop();
                self.text(name)
            }
            Some(other) => Err(self.wrong_kind(name, secret::FORMS, &other)),
        }
    }

    pub(crate) fn required_secret(&mut self, name: &'static str, what: &str) -> Result<Zeroizing<String>, Error> {
        self.secret(name)?.ok_or_else(|| error(format!("{} is missing. Set it to {what}.", self.name(name))))
    }

    /// Every member, whatever its name, each of which must be a string.
    pub(super) fn texts(self) -> Result<Vec<(String, Zeroizing<String>)>, Error> {
        let text = |(name, raw): (&str, &'a _)| match Value::of(raw) {
            Value::Text(text) => Ok((name.to_owned(), text)),
            other => {
                Err(error(format!("{}: {} is {}; it must be a string.", self.path, shown_name(name), other.kind())))
            }
        };
        self.object.members().map(text).collect()
    }

    /// Looks for secrets in another environment from now on.
    pub(super) fn look_into(&mut self, environment: &'a Environment) {
        self.environment = environment;
    }

    pub(crate) fn required_text(&mut self, name: &'static str, what: &str) -> Result<Zeroizing<String>, Error> {
        self.text(name)?.ok_or_else(|| error(format!("{} is missing. Set it to {what}.", self.name(name))))
    }

    pub(crate) fn bool(&mut self, name: &'static str) -> Result<Option<bool>, Error> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(other) => Err(self.wrong_kind(name, "true or false", &other)),
        }
    }

    pub(crate) fn number(&mut self, name: &'static str, range: RangeInclusive<u64>) -> Result<Option<u64>, Error> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.parsed(name, &expected, |text| {
            text.parse().ok().filter(|number| range.contains(number)).ok_or_else(String::new)
        })
    }

    /// What `parse` makes of a number as it was written, or the advice that it adds to the refusal.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Error> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(text)) => parse(text)
                .map(Some)
                .map_err(|advice| error(format!("{} is {text:.40}; it must be {expected}.{advice}", self.name(name)))),
            Some(other) => Err(self.wrong_kind(name, expected, &other)),
        }
    }

    pub(crate) fn object(&mut self, name: &'static str) -> Result<Option<Reader<'a>>, Error> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(text)) => {
                // It parsed as a part of the whole, so it parses by itself.
                let object = Object::parse(text).map_err(|reason| error(format!("{}: {reason}.", self.name(name))))?;
                Ok(Some(Reader {
                    path: name,
                    object,
                    environment: self.environment,
                    asked: Vec::new(),
                    unlisted: Vec::new(),
                }))
            }
            Some(other) => Err(self.wrong_kind(name, "an object", &other)),
        }
    }

    /// An object that a program writes, not a person.
    pub(crate) fn unlisted_object(&mut self, name: &'static str) -> Result<Option<Reader<'a>>, Error> {
        let section = self.object(name);
        self.unlisted.extend(self.asked.pop());
        section
    }

    /// `forms` names the settings in it of which one is needed.
    pub(crate) fn required_object(&mut self, name: &'static str, forms: &str) -> Result<Reader<'a>, Error> {
        self.object(name)?.ok_or_else(|| error(format!("{name} is missing. Set it to an object with one of {forms}.")))
    }

    /// Refuses what nobody asked for: a misspelt setting must not be ignored.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let is_known = |name: &str| self.asked.iter().chain(&self.unlisted).any(|known| *known == name);
        let Some((name, _)) = self.object.members().find(|(name, _)| !is_known(name)) else { return Ok(()) };
        let hint = match self.asked.iter().find(|known| is_near(known, name)) {
            Some(known) => format!("Did you mean {known}?"),
            None => format!("Known are: {}.", self.asked.join(", ")),
        };
        Err(error(format!(
            "{} is not a setting{}. {hint}",
            shown_name(name),
            if self.path.is_empty() { String::new() } else { format!(" of {}", self.path) }
        )))
    }

    fn get(&mut self, name: &'static str) -> Option<Value<'a>> {
        self.asked.push(name);
        self.object.get(name)
    }

    fn name(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn wrong_kind(&self, name: &str, expected: &str, found: &Value<'_>) -> Error {
        error(format!("{} is {}; it must be {expected}.", self.name(name), found.kind()))
    }
}

/// Whether somebody who wrote `name` may have meant `known`: other case, separators, or the platform's own word.
fn is_near(known: &str, name: &str) -> bool {
    let plain = |text: &str| {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect::<String>()
    };
    let (known, name) = (plain(known), plain(name));
    known == name
        || (known == "deskey" && name == "aeskey")
        || (name.len() > 3 && (known.starts_with(&name) || name.starts_with(&known)))
}
