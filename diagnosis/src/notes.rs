//! What is odd about a message beside its signature, and may be the reason.

use crate::diagnosis::FieldReport;
use crate::json::Value;
use crate::message::{Kind, Message, Oddity};
use crate::rules::SIGNED;
use crate::text::Text;
use crate::visible::{is_hidden, visible};

/// More would bury what matters.
const MAX_NOTES: usize = 12;

pub(crate) fn of(message: &Message, fields: &[FieldReport]) -> Vec<Text> {
    let mut notes: Vec<Text> = message.oddities.iter().map(oddity).collect();
    if message.kind == Kind::Request {
        notes.extend(missing(message));
        notes.extend(fixed(message));
        notes.extend(not_strings(message));
    }
    notes.extend(hidden(fields));
    notes.truncate(MAX_NOTES);
    notes
}

fn oddity(oddity: &Oddity) -> Text {
    match oddity {
        Oddity::Mark => Text::new(
            "The body begins with a byte order mark, which JSON must not have.",
            "报文开头有 BOM（字节顺序标记），JSON 不允许。",
        ),
        Oddity::Gbk => Text::new(
            "The body is in GBK and not in UTF-8; it was read as GBK here.",
            "报文是 GBK 编码，不是 UTF-8；这里按 GBK 读取。",
        ),
        Oddity::JsonInJson => Text::new(
            "The body is a JSON string that holds the object's text; the object itself must be the body.",
            "报文是一个 JSON 字符串，里面才是对象文本；应直接发送对象本身（多做了一次 JSON 序列化）。",
        ),
        Oddity::Form => Text::new(
            "The body is a form (a=b&c=d); the platform wants JSON, with Content-Type: application/json.",
            "报文是表单格式（a=b&c=d）；平台要求 JSON，Content-Type 为 application/json。",
        ),
        Oddity::Twice(name) => Text::new(
            format_args!(
                "{} stands twice; the last one was taken here, and other readers may take the first.",
                shortened(&visible(name))
            ),
            format_args!("{} 出现了两次；这里取最后一个，其他程序可能取第一个。", shortened(&visible(name))),
        ),
    }
}

fn missing(message: &Message) -> Option<Text> {
    let names: Vec<_> = SIGNED.into_iter().chain(["reqFlowId"]).filter(|name| message.text(name).is_none()).collect();
    if names.is_empty() {
        return None;
    }
    Some(Text::new(
        format_args!("The request lacks {}.", names.join(", ")),
        format_args!("请求缺少字段 {}。", names.join("、")),
    ))
}

fn fixed(message: &Message) -> Vec<Text> {
    let mut notes = Vec::new();
    let mut differs = |name: &str, wanted: &str, is_right: bool| {
        if let Some(value) = message.text(name).filter(|_| !is_right) {
            let value = shortened(&visible(value));
            notes.push(Text::new(
                format_args!("{name} is {value:?}; it must be {wanted}."),
                format_args!("{name} 的值是“{value}”，应为 {}。", wanted.replace(" or ", " 或 ")),
            ));
        }
    };
    for (name, wanted) in [("ver", "1.0"), ("msgCode", "Merchant"), ("charset", "UTF-8")] {
        differs(name, wanted, message.text(name) == Some(wanted));
    }
    let says = message.text("signType");
    let as_named = |name: &&str| says.is_some_and(|says| says.eq_ignore_ascii_case(name));
    match ["RSA", "SM"].into_iter().find(as_named) {
        Some(name) => notes.extend(says.filter(|says| *says != name).map(|says| other_case(says, name))),
        None => differs("signType", "RSA or SM", false),
    }
    notes
}

fn other_case(says: &str, name: &str) -> Text {
    Text::new(
        format_args!(
            "signType is {says:?}: the interface names only RSA and SM, and whether the platform takes another letter case is \
             not known, so write {name}."
        ),
        format_args!(
            "signType 的值是“{says}”：接口文档只写了 RSA 和 SM，平台是否接受其他大小写尚不清楚，请写成 {name}。"
        ),
    )
}

fn not_strings(message: &Message) -> Option<Text> {
    let is_other =
        |name: &&str| message.fields.iter().any(|field| field.name == **name && matches!(field.value, Value::Raw(_)));
    let names: Vec<_> = SIGNED.into_iter().chain(["reqFlowId", "signValue"]).filter(is_other).collect();
    if names.is_empty() {
        return None;
    }
    Some(Text::new(
        format_args!("Not a JSON string, as every value of a request must be: {}.", names.join(", ")),
        format_args!("请求的值都应是 JSON 字符串，这些不是：{}。", names.join("、")),
    ))
}

/// Fields with a character that nobody sees, for which no other sign would speak.
fn hidden(fields: &[FieldReport]) -> Vec<Text> {
    let suspicious = |text: &str| {
        let inner = text.trim_matches(' ');
        inner.len() != text.len() || inner.chars().any(|c| is_hidden(c) && c != ' ')
    };
    let has = |field: &&FieldReport| {
        // Line breaks in what is encoded are usual, and what is blank has been said to be so.
        let is_encoded = !field.in_data && ["data", "signValue"].contains(&field.name.as_str());
        suspicious(&field.name) || (!is_encoded && !crate::rules::is_blank(&field.value) && suspicious(&field.value))
    };
    let note = |field: &FieldReport| {
        let (name, value) = (shortened(&visible(&field.name)), shortened(&field.visible));
        if suspicious(&field.name) {
            Text::new(
                format_args!("The name {name} holds a character that is not seen."),
                format_args!("字段名 {name} 含有看不见的字符。"),
            )
        } else {
            Text::new(
                format_args!("{name} holds a character that is not seen: {value}"),
                format_args!("{name} 含有看不见的字符：{value}"),
            )
        }
    };
    fields.iter().filter(has).take(MAX_NOTES).map(note).collect()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
