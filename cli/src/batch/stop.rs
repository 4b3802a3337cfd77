//! Why a run ends early: one sentence, and the exit status.

use std::fmt::Display;
use std::path::Path;

use crate::exit;
use crate::lang::Lang;

#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) text: String,
    pub(crate) status: u8,
}

impl Stop {
    /// A file that cannot be read or written, or does not hold what it should.
    pub(crate) fn file(text: impl Into<String>) -> Self {
        Stop { text: text.into(), status: exit::FILE }
    }

    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Stop { text: text.into(), status: exit::USAGE }
    }

    pub(crate) fn unreadable(path: &Path, error: impl Display, lang: Lang) -> Self {
        let path = path.display();
        Self::file(lang.of(format!("{path} cannot be read: {error}."), format!("无法读取 {path}：{error}。")))
    }

    pub(crate) fn unwritable(path: &Path, error: impl Display, lang: Lang) -> Self {
        let path = path.display();
        // Windows lets nobody write over what Excel has open, and says no more than that access is denied.
        let (often, often_zh) = if cfg!(windows) {
            (
                " If another program, Excel perhaps, has it open, close it there.",
                "如果 Excel 等程序正打开着它，请先关闭。",
            )
        } else {
            ("", "")
        };
        Self::file(lang.of(
            format!(
                "{path} cannot be written: {error}.{often} Nothing that was answered is lost: when that is mended, the \
                 same command goes on where it was."
            ),
            format!(
                "无法写入 {path}：{error}。{often_zh}已得到的结果都没有丢失：排除故障后重新运行同一条命令，会接着往下查。"
            ),
        ))
    }
}
