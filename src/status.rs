//! The signing status, `signSts`.

use std::fmt;

/// The signing status of a contract, as the platform names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SignStatus {
    /// `0` 申请中: applied for.
    Applying,
    /// `1` 待签署: waiting to be signed.
    Pending,
    /// `2` 已创建: created, the successful final state.
    Created,
    /// `3` 已作废: made void.
    Voided,
    /// `4` 已过期: expired.
    Expired,
    /// `7` 创建失败: creation failed.
    CreateFailed,
    /// `8` 合同已生成: the contract document was generated.
    ContractGenerated,
    /// A status that this version does not know, as it came; the platform may add some.
    Unknown(String),
}

impl SignStatus {
    /// Every known status, in the order of the numbers.
    pub const KNOWN: [SignStatus; 7] = [
        SignStatus::Applying,
        SignStatus::Pending,
        SignStatus::Created,
        SignStatus::Voided,
        SignStatus::Expired,
        SignStatus::CreateFailed,
        SignStatus::ContractGenerated,
    ];

    /// The status that the platform writes as `text`.
    pub fn from_text(text: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|status| status.as_text() == text)
            .unwrap_or_else(|| SignStatus::Unknown(text.to_owned()))
    }

    /// The platform's own text, for example `2`.
    pub fn as_text(&self) -> &str {
        match self {
            SignStatus::Applying => "0",
            SignStatus::Pending => "1",
            SignStatus::Created => "2",
            SignStatus::Voided => "3",
            SignStatus::Expired => "4",
            SignStatus::CreateFailed => "7",
            SignStatus::ContractGenerated => "8",
            SignStatus::Unknown(text) => text,
        }
    }

    /// The number that the C ABI hands out; -1 for an unknown status.
    pub fn number(&self) -> i32 {
        match self {
            SignStatus::Applying => 0,
            SignStatus::Pending => 1,
            SignStatus::Created => 2,
            SignStatus::Voided => 3,
            SignStatus::Expired => 4,
            SignStatus::CreateFailed => 7,
            SignStatus::ContractGenerated => 8,
            SignStatus::Unknown(_) => -1,
        }
    }

    /// The name that every language uses, for example `CREATED`.
    pub fn name(&self) -> &'static str {
        match self {
            SignStatus::Applying => "APPLYING",
            SignStatus::Pending => "PENDING",
            SignStatus::Created => "CREATED",
            SignStatus::Voided => "VOIDED",
            SignStatus::Expired => "EXPIRED",
            SignStatus::CreateFailed => "CREATE_FAILED",
            SignStatus::ContractGenerated => "CONTRACT_GENERATED",
            SignStatus::Unknown(_) => "UNKNOWN",
        }
    }

    /// Whether no later answer can differ: statuses 2, 3, 4 and 7.
    pub fn is_final(&self) -> bool {
        matches!(self, SignStatus::Created | SignStatus::Voided | SignStatus::Expired | SignStatus::CreateFailed)
    }

    /// Whether the contract is signed and in force: status 2 alone.
    pub fn is_success(&self) -> bool {
        matches!(self, SignStatus::Created)
    }
}

impl fmt::Display for SignStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignStatus::Unknown(text) => write!(f, "UNKNOWN({text:?})"),
            known => f.write_str(known.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_status_is_found_by_its_text() {
        for status in SignStatus::KNOWN {
            assert_eq!(SignStatus::from_text(status.as_text()), status);
            assert_eq!(status.number().to_string(), status.as_text());
        }
    }

    #[test]
    fn an_unknown_status_is_kept_and_is_neither_final_nor_a_success() {
        for text in ["9", "02", " 2", "２", "ARCHIVED", "-1"] {
            let status = SignStatus::from_text(text);
            assert_eq!(status, SignStatus::Unknown(text.to_owned()));
            assert_eq!((status.number(), status.is_final(), status.is_success()), (-1, false, false));
        }
    }

    #[test]
    fn only_created_is_a_success_and_only_four_are_final() {
        let finals: Vec<_> = SignStatus::KNOWN.into_iter().filter(SignStatus::is_final).map(|s| s.number()).collect();
        assert_eq!(finals, [2, 3, 4, 7]);
        let successes: Vec<_> = SignStatus::KNOWN.into_iter().filter(SignStatus::is_success).collect();
        assert_eq!(successes, [SignStatus::Created]);
    }
}
