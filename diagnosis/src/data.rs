//! `data` of a request: what it says, and what is wrong with its encryption.

use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

use crate::cipher::Cipher;
use crate::diagnosis::{About, DataReport, DataVerdict, Finding};
use crate::encoding;
use crate::form;
use crate::json::{self, Value};
use crate::message::{Kind, Message};
use crate::mistake::Mistake;
use crate::sentence;
use crate::text::Text;
use crate::visible::visible;

/// What came of `data`.
pub(crate) struct Examined {
    pub(crate) report: DataReport,
    pub(crate) finding: Option<Finding>,
    /// What it may say in clear.
    pub(crate) plain: Vec<String>,
}

/// Longer business parameters are not decrypted in every wrong way.
const MAX_LENGTH: usize = 64 << 10;

pub(crate) fn examine(message: &Message, des_key: Option<&str>) -> Examined {
    let data = message.text("data").unwrap_or_default();
    let unknown = |verdict: DataVerdict, en: String, zh: String| Examined {
        report: DataReport { verdict, text: None, visible: None, explanation: Text { en, zh } },
        finding: None,
        plain: Vec::new(),
    };
    if crate::rules::is_blank(data) {
        let (en, zh) = ("data is missing or empty.", "data 缺失或为空。");
        return unknown(DataVerdict::Wrong, en.into(), zh.into());
    }
    let readings = readings(data);
    if json::object(data).is_some() {
        return wrong(message, data.to_owned(), vec![Mistake::DataNotEncrypted]);
    }
    for (bytes, _) in &readings {
        if let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| json::object(text).is_some()) {
            return wrong(message, text.to_owned(), vec![Mistake::DataOnlyBase64]);
        }
    }
    if readings.is_empty() {
        let en =
            "data is neither Base64 nor hex, so it is not encrypted as it must be: DES/ECB/PKCS5Padding, then Base64.";
        let zh = "data 既不是 Base64 也不是十六进制：应当用 DES/ECB/PKCS5Padding 加密，再做 Base64。";
        return unknown(DataVerdict::Wrong, en.into(), zh.into());
    }
    let Some(key) = des_key.filter(|key| !key.trim().is_empty()) else {
        let en = "data was not decrypted, for the key that the platform issued for it is not known.";
        let zh = "没有提供平台发放的 data 密钥，无法解密 data。";
        return unknown(DataVerdict::CannotTell, en.into(), zh.into());
    };
    if let Some((text, mistakes)) = decrypted(&readings, key) {
        return if mistakes.is_empty() { right(message, text) } else { wrong(message, text, mistakes) };
    }
    if let Some((content, written)) = other_content(&readings, key) {
        return wrong_content(message, content, written);
    }
    let is_whole = readings.iter().any(|(bytes, _)| bytes.len().is_multiple_of(8));
    if !is_whole {
        let en = "data cannot be decrypted: its bytes are no whole number of blocks of 8, so something was cut or changed, or it \
              was not encrypted in ECB mode with padding.";
        let zh =
            "data 无法解密：密文长度不是 8 字节的整数倍：内容被截断或改动过，或者加密时用的不是带填充的 ECB 模式。";
        return unknown(DataVerdict::Wrong, en.into(), zh.into());
    }
    let en = "data cannot be decrypted with this key, nor in any wrong way that is known: it was encrypted with another key, or it \
              was changed.";
    let zh = "用该密钥无法解密 data，已知的各种错误方式也都不对：加密用的是另一把密钥，或者密文被改动过。";
    unknown(DataVerdict::Wrong, en.into(), zh.into())
}

/// The encrypted bytes, in every way to read them, the right one first.
fn readings(data: &str) -> Vec<(Vec<u8>, Vec<Mistake>)> {
    if data.len() > MAX_LENGTH {
        return encoding::base64(data).map(|bytes| (bytes, vec![])).into_iter().collect();
    }
    let unescaped = form::decoded(&data.replace('+', "%2B")).filter(|_| data.contains('%'));
    let with_plus = data.contains(' ').then(|| data.trim_matches(['\r', '\n']).replace(' ', "+"));
    let mut readings: Vec<_> = [
        encoding::base64(data).map(|bytes| (bytes, vec![])),
        encoding::hex(data).map(|bytes| (bytes, vec![Mistake::DataHex])),
        encoding::base64_url(data).map(|bytes| (bytes, vec![Mistake::DataBase64Url])),
        encoding::base64_unpadded(data).map(|bytes| (bytes, vec![Mistake::DataUnpadded])),
        with_plus.and_then(|text| encoding::base64(&text)).map(|bytes| (bytes, vec![Mistake::PlusSentAsSpace])),
        unescaped.and_then(|text| encoding::base64(&text)).map(|bytes| (bytes, vec![Mistake::DataSentEncoded])),
    ]
    .into_iter()
    .flatten()
    .collect();
    let inner = readings.first().and_then(|(bytes, _)| String::from_utf8(bytes.clone()).ok());
    if let Some(text) = inner {
        readings.extend(encoding::hex(&text).map(|bytes| (bytes, vec![Mistake::DataHex])));
        readings.extend(encoding::base64(&text).map(|bytes| (bytes, vec![Mistake::DataBase64Twice])));
    }
    readings
}

/// The text, and the mistakes by which it was encrypted, as few as can be.
fn decrypted(readings: &[(Vec<u8>, Vec<Mistake>)], key: &str) -> Option<(String, Vec<Mistake>)> {
    let mut best: Option<(String, Vec<Mistake>)> = None;
    for cipher in Cipher::all(key) {
        for (bytes, written) in readings {
            // Only the right way is tried with what is very long.
            if bytes.len() > MAX_LENGTH && !cipher.mistakes.is_empty() {
                continue;
            }
            for (mode, padded) in cipher.decrypted(bytes) {
                let Some((padding, text)) = cipher.unpadded(&padded) else { continue };
                // A stream needs none.
                let is_stream = matches!(mode, Some(Mistake::StreamMode(_)));
                let padding = padding.filter(|padding| !(is_stream && *padding == Mistake::NoPadding));
                if json::object(&text).is_none() {
                    continue;
                }
                let mistakes: Vec<_> =
                    cipher.mistakes.iter().chain(written).cloned().chain(mode).chain(padding).collect();
                if best.as_ref().is_none_or(|(_, known)| mistakes.len() < known.len()) {
                    best = Some((text, mistakes));
                }
            }
        }
    }
    best
}

/// What was encrypted with the right key in the right way, though it is not what it must be.
struct Content {
    text: String,
    /// What it is in, in place of UTF-8.
    encoding: Option<&'static str>,
}

impl Content {
    /// Only what chance does not make of bytes that another key encrypted.
    fn of(bytes: &[u8]) -> Option<Self> {
        let is_shown = |c: char| !c.is_control() || matches!(c, '\r' | '\n' | '\t');
        if let Ok(text) = std::str::from_utf8(bytes)
            && text.trim_end_matches('\0').chars().all(is_shown)
        {
            return Some(Content { text: text.to_owned(), encoding: None });
        }
        let encodings: [(&Encoding, _); 3] = [(GB18030, "GBK"), (UTF_16LE, "UTF-16"), (UTF_16BE, "UTF-16")];
        encodings.into_iter().find_map(|(encoding, name)| {
            let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
            let text = text.trim_start_matches('\u{feff}');
            json::object(text).map(|_| Content { text: text.to_owned(), encoding: Some(name) })
        })
    }

    fn said(&self) -> Text {
        match self.encoding {
            Some(name) => Text::new(
                format_args!("what is in it is in {name}, not UTF-8: encrypt the UTF-8 bytes of the JSON text"),
                format_args!("里面的内容是 {name} 编码，不是 UTF-8：应对 JSON 文本的 UTF-8 字节加密"),
            ),
            None => Text::new(
                "what is in it is no JSON object of the business parameters, such as {\"sysSignFlowId\":\"…\"}",
                "里面的内容不是业务参数的 JSON 对象（形如 {\"sysSignFlowId\":\"…\"}）",
            ),
        }
    }
}

/// What the right key shows, and the mistakes by which the encrypted bytes were written.
fn other_content(readings: &[(Vec<u8>, Vec<Mistake>)], key: &str) -> Option<(Content, Vec<Mistake>)> {
    let cipher = Cipher::all(key).into_iter().find(|cipher| cipher.mistakes.is_empty())?;
    readings.iter().find_map(|(bytes, written)| {
        let decrypted = cipher.decrypted(bytes);
        let (_, padded) = decrypted.iter().find(|(mode, _)| mode.is_none())?;
        Some((Content::of(cipher.without_padding(padded)?)?, written.clone()))
    })
}

fn wrong_content(message: &Message, content: Content, written: Vec<Mistake>) -> Examined {
    let said = content.said();
    if written.is_empty() {
        let report = DataReport {
            verdict: DataVerdict::Wrong,
            visible: Some(visible(&content.text)),
            text: Some(content.text.clone()),
            explanation: Text::new(
                format_args!("data is encrypted as it must be, with the right key, but {}.", said.en),
                format_args!("data 加密正确，密钥也对，但{}。", said.zh),
            ),
        };
        return Examined { report, finding: None, plain: vec![content.text] };
    }
    let mut examined = wrong(message, content.text, written);
    let Text { en, zh } = &mut examined.report.explanation;
    *en += &format!(" The key is right, but {}.", said.en);
    *zh += &format!("密钥是对的，但{}。", said.zh);
    examined
}

fn right(message: &Message, text: String) -> Examined {
    let verdict = content(message, &text);
    let report = DataReport {
        verdict: if verdict.is_some() { DataVerdict::Wrong } else { DataVerdict::Right },
        visible: Some(visible(&text)),
        explanation: verdict.unwrap_or_else(|| Text::new("data is encrypted as it must be.", "data 加密正确。")),
        text: Some(text.clone()),
    };
    Examined { report, finding: None, plain: vec![text] }
}

fn wrong(message: &Message, text: String, mistakes: Vec<Mistake>) -> Examined {
    let finding = sentence::finding(About::Data, message.kind(), mistakes, None);
    let report = DataReport {
        verdict: DataVerdict::Wrong,
        visible: Some(visible(&text)),
        explanation: finding.sentence.clone(),
        text: Some(text.clone()),
    };
    Examined { report, finding: Some(finding), plain: vec![text] }
}

/// What is wrong with the business parameters of the question for a signing status, if anything.
fn content(message: &Message, text: &str) -> Option<Text> {
    debug_assert_eq!(message.kind(), Kind::Request);
    if message.text("method") != Some("querySignSts") {
        return None;
    }
    let members = json::object(text).unwrap_or_default();
    let id = members.iter().rev().find(|(name, _)| name == "sysSignFlowId").map(|(_, value)| value);
    match id {
        None => Some(Text::new(
            "data is encrypted as it must be, but sysSignFlowId is missing in it.",
            "data 加密正确，但里面没有 sysSignFlowId。",
        )),
        Some(Value::Text(id)) if crate::rules::is_blank(id) => Some(Text::new(
            "data is encrypted as it must be, but sysSignFlowId in it is blank.",
            "data 加密正确，但里面的 sysSignFlowId 为空。",
        )),
        Some(Value::Text(id)) if id.chars().count() > 50 => Some(Text::new(
            "data is encrypted as it must be, but sysSignFlowId in it has more than 50 characters.",
            "data 加密正确，但里面的 sysSignFlowId 超过 50 个字符。",
        )),
        Some(Value::Text(id)) if id.chars().any(crate::visible::is_hidden) => Some(Text::new(
            "data is encrypted as it must be, but sysSignFlowId in it holds a character that cannot be seen.",
            "data 加密正确，但里面的 sysSignFlowId 含有看不见的字符。",
        )),
        Some(Value::Text(_)) => None,
        Some(_) => Some(Text::new(
            "data is encrypted as it must be, but sysSignFlowId in it is no string.",
            "data 加密正确，但里面的 sysSignFlowId 不是字符串。",
        )),
    }
}
