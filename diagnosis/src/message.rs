//! A message as it was captured: which of the two it is, its fields as they came, and what is odd about it.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::GBK;
use serde::Serialize;

use crate::form;
use crate::json::{self, Value};
use crate::text::Text;

/// More is no message of this protocol.
pub const MAX_BODY: usize = 16 << 20;

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// From the institution to the platform.
    Request,
    /// From the platform to the institution.
    Answer,
}

/// One field, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// What is odd about a body, though it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// A byte order mark.
    Mark,
    /// Not UTF-8, but GBK.
    Gbk,
    /// A JSON string that holds the object's text.
    JsonInJson,
    /// `a=b&c=d`.
    Form,
    /// The same name again.
    Twice(String),
}

/// A request or an answer, as it was captured.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub(crate) kind: Kind,
    /// The text of the body, without a byte order mark.
    pub(crate) body: String,
    pub(crate) fields: Vec<Field>,
    /// Of an answer: the fields of `data`; empty when it has none.
    pub(crate) data_fields: Vec<Field>,
    pub(crate) oddities: Vec<Oddity>,
}

/// The numbers only: a body may be long, and a value may be what nobody should log.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({:?}, {} fields)", self.kind, self.fields.len())
    }
}

/// Why a body is no message of this protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAMessage(pub Text);

impl fmt::Display for NotAMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for NotAMessage {}

/// The names of the envelope.
pub const ENVELOPE: [&str; 9] =
    ["ver", "src", "msgCode", "method", "signType", "charset", "data", "reqFlowId", "signValue"];

/// The names that `data` of an answer has.
const ANSWER: [&str; 3] = ["code", "note", "signSts"];

impl Message {
    /// Recognises a request or an answer in a body.
    pub fn read(body: &[u8]) -> Result<Message, NotAMessage> {
        let no = |en: &str, zh: &str| Err(NotAMessage(Text::new(en, zh)));
        if body.len() > MAX_BODY {
            return no(
                "it is longer than 16 MB, and no message of this protocol is",
                "内容超过 16 MB，本协议没有这么长的报文",
            );
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            return no("it is empty", "内容为空");
        }
        let mut oddities = Vec::new();
        let Some(text) = decoded(body, &mut oddities) else {
            return no("it is not text: neither UTF-8 nor GBK", "不是文本：既不是 UTF-8，也不是 GBK");
        };
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => {
                oddities.push(Oddity::Mark);
                rest
            }
            None => &text,
        };
        let (members, body) = match members(text, &mut oddities) {
            Some(found) => found,
            None if text.trim_start().starts_with(['{', '"']) => {
                return no(
                    "it begins like JSON, but is no valid JSON object: it may have been cut, or quoted once more",
                    "开头像 JSON，但不是合法的 JSON 对象：可能被截断，或者被多转义了一层",
                );
            }
            None => {
                return no(
                    "it is neither a JSON object nor a form (a=b&c=d)",
                    "既不是 JSON 对象，也不是表单（a=b&c=d）",
                );
            }
        };
        Self::recognised(members, body, oddities)
    }

    fn recognised(
        members: Vec<(String, Value)>,
        body: String,
        mut oddities: Vec<Oddity>,
    ) -> Result<Message, NotAMessage> {
        let fields: Vec<_> = members.into_iter().map(|(name, value)| Field { name, value }).collect();
        let has = |name: &str| fields.iter().any(|field| field.name == name);
        if has("check") && has("data") && has("signValue") && !has("method") {
            return Err(NotAMessage(Text::new(
                "it is a notice of the platform (check, data, signValue), and what its signature covers is not known",
                "这是平台的通知报文（check、data、signValue），其签名范围未知",
            )));
        }
        let data = last(&fields, "data").map(|field| json::object(field.value.as_str()).unwrap_or_default());
        let data_fields: Vec<_> =
            data.unwrap_or_default().into_iter().map(|(name, value)| Field { name, value }).collect();
        let answers = |fields: &[Field]| fields.iter().any(|field| ANSWER.contains(&field.name.as_str()));
        // Plain business parameters in the place of the encrypted ones are still a request.
        let asks = !data_fields.is_empty() && !answers(&data_fields) && has("method") && has("src");
        let of_envelope = fields.iter().filter(|field| ENVELOPE.contains(&field.name.as_str())).count();
        let kind = if answers(&data_fields) || (!data_fields.is_empty() && has("signValue") && !asks) {
            Kind::Answer
        } else if of_envelope >= 3 && (has("data") || !answers(&fields)) {
            Kind::Request
        } else if answers(&fields) {
            Kind::Answer
        } else {
            return Err(NotAMessage(Text::new(
                "it has neither the fields of a request (ver, src, msgCode, method, …) nor those of an answer (signValue and data)",
                "既没有请求报文的字段（ver、src、msgCode、method 等），也没有应答报文的字段（signValue 和 data）",
            )));
        };
        for (at, field) in fields.iter().enumerate().take(64) {
            if fields[..at].iter().any(|before| before.name == field.name) {
                oddities.push(Oddity::Twice(field.name.clone()));
            }
        }
        for (at, field) in data_fields.iter().enumerate().take(64) {
            if kind == Kind::Answer && data_fields[..at].iter().any(|before| before.name == field.name) {
                oddities.push(Oddity::Twice(field.name.clone()));
            }
        }
        let data_fields = if kind == Kind::Answer { data_fields } else { Vec::new() };
        Ok(Message { kind, body, fields, data_fields, oddities })
    }

    /// Which of the two it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The fields at the top, in the order in which they came.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Of an answer: the fields of `data`.
    pub fn data_fields(&self) -> &[Field] {
        &self.data_fields
    }

    /// The text of a field at the top; of two with one name the last counts, as in a Java map.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        last(&self.fields, name).map(|field| field.value.as_str())
    }
}

fn last<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.iter().rev().find(|field| field.name == name)
}

fn decoded<'a>(body: &'a [u8], oddities: &mut Vec<Oddity>) -> Option<Cow<'a, str>> {
    if let Ok(text) = std::str::from_utf8(body) {
        return Some(Cow::Borrowed(text));
    }
    oddities.push(Oddity::Gbk);
    GBK.decode_without_bom_handling_and_without_replacement(body)
}

/// The members of the object or of the form, and the text in which they stand.
fn members(text: &str, oddities: &mut Vec<Oddity>) -> Option<(Vec<(String, Value)>, String)> {
    if let Some(members) = json::object(text) {
        return Some((members, text.to_owned()));
    }
    if text.trim_start().starts_with('"') {
        let inner: String = serde_json::from_str(text).ok()?;
        let members = json::object(&inner)?;
        oddities.push(Oddity::JsonInJson);
        return Some((members, inner));
    }
    let pairs = form::pairs(text.trim())?;
    oddities.push(Oddity::Form);
    Some((pairs.into_iter().map(|(name, value)| (name, Value::Text(value))).collect(), text.to_owned()))
}
