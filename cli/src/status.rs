//! What a signing status means, for people.

use yspay::SignStatus;

use crate::lang::Lang;

/// A few words.
pub(crate) fn meaning(status: &SignStatus, lang: Lang) -> &'static str {
    match status {
        SignStatus::Applying => lang.of("applied for", "申请中"),
        SignStatus::Pending => lang.of("waiting to be signed", "待签署"),
        SignStatus::Created => lang.of("signed and in force", "已签署，合同生效"),
        SignStatus::Voided => lang.of("made void", "已作废"),
        SignStatus::Expired => lang.of("expired", "已过期"),
        SignStatus::CreateFailed => lang.of("creation failed", "创建失败"),
        SignStatus::ContractGenerated => lang.of("document generated", "合同文件已生成"),
        SignStatus::Unknown(_) => lang.of("not known to this version", "本版本不认识的状态"),
    }
}

/// Whether a later answer may differ.
pub(crate) fn finality(status: &SignStatus, lang: Lang) -> &'static str {
    if status.is_final() { lang.of("final", "不会再变") } else { lang.of("may change", "还会变化") }
}

/// A text of somebody else's as a terminal may show it.
pub(crate) fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            c.escape_default().to_string()
        }
        c if c.is_control() => c.escape_default().to_string(),
        c => c.into(),
    };
    text.chars().map(shown).collect()
}
