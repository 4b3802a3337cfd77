//! What people read, in both languages of the house.

use std::fmt::Display;

use serde::Serialize;

/// One text in English and in Chinese.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Text {
    pub(crate) fn new(en: impl Display, zh: impl Display) -> Self {
        Text { en: en.to_string(), zh: zh.to_string() }
    }
}
