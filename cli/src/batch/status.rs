//! What an answer says, in a form that fits into a byte for each of a million contracts.

use yspay::SignStatus;

use crate::lang::Lang;

/// What is known of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Nothing,
    Failed,
    /// Which of [`SignStatus::KNOWN`]; its length is a status that this version does not know.
    Status(u8),
}

/// How many kinds there are: the statuses, unknown ones, and what failed.
pub(crate) const KINDS: usize = SignStatus::KNOWN.len() + 2;

impl Known {
    pub(crate) fn of_text(text: &str) -> Self {
        let index = SignStatus::KNOWN.iter().position(|status| status.as_text() == text);
        Known::Status(index.unwrap_or(SignStatus::KNOWN.len()) as u8)
    }

    pub(crate) fn is_final(self) -> bool {
        matches!(self, Known::Status(index) if SignStatus::KNOWN.get(usize::from(index)).is_some_and(SignStatus::is_final))
    }

    /// Its place among the kinds.
    pub(crate) fn kind(self) -> Option<usize> {
        match self {
            Known::Nothing => None,
            Known::Failed => Some(KINDS - 1),
            Known::Status(index) => Some(usize::from(index)),
        }
    }
}

/// The name of a kind, as the engine has it.
pub(crate) fn name(kind: usize, lang: Lang) -> &'static str {
    match SignStatus::KNOWN.get(kind) {
        Some(status) => status.name(),
        None if kind == KINDS - 1 => lang.of("FAILED", "查询失败"),
        None => "UNKNOWN",
    }
}

/// What a kind means.
pub(crate) fn meaning(kind: usize, lang: Lang) -> &'static str {
    match SignStatus::KNOWN.get(kind) {
        Some(status) => crate::status::meaning(status, lang),
        None if kind == KINDS - 1 => lang.of("no answer; see the error", "没有得到结果，见错误信息"),
        None => crate::status::meaning(&SignStatus::Unknown(String::new()), lang),
    }
}
