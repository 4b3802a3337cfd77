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
        Some(SignStatus::Applying) => lang.of("applied for", "申请中"),
        Some(SignStatus::Pending) => lang.of("waiting to be signed", "待签署"),
        Some(SignStatus::Created) => lang.of("signed and in force", "已创建（签约成功）"),
        Some(SignStatus::Voided) => lang.of("made void", "已作废"),
        Some(SignStatus::Expired) => lang.of("expired", "已过期"),
        Some(SignStatus::CreateFailed) => lang.of("creation failed", "创建失败"),
        Some(SignStatus::ContractGenerated) => {
            lang.of("document generated, not yet in force", "合同已生成（尚未生效）")
        }
        Some(SignStatus::Unknown(_)) | None if kind == KINDS - 1 => {
            lang.of("no answer; see the error", "没有得到结果，见错误信息")
        }
        Some(SignStatus::Unknown(_)) | None => {
            lang.of("a status that this version does not know", "本版本不认识的状态")
        }
    }
}
