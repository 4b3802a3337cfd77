//! The rules of the signed text: which fields, in which order.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::json::Value;
use crate::message::{Field, Kind, Message};
use crate::text::Text;

/// The fields of a request that are signed, as the interface page lists them.
pub(crate) const SIGNED: [&str; 7] = ["ver", "src", "msgCode", "method", "signType", "charset", "data"];

/// Whether `signType` names SM; `None` if it names neither SM nor RSA. In another letter case it means the same, though
/// nobody knows whether the platform takes it.
pub(crate) fn says_sm(message: &Message) -> Option<bool> {
    let says = message.text("signType")?;
    [("SM", true), ("RSA", false)].into_iter().find(|(name, _)| says.eq_ignore_ascii_case(name)).map(|(_, is_sm)| is_sm)
}

/// A field as a signer sees it: each name once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a Value,
}

/// The fields that may be signed: of a request those at the top, of an answer those of `data`.
pub(crate) fn items(message: &Message) -> Vec<Item<'_>> {
    match message.kind {
        Kind::Request => once(&message.fields),
        Kind::Answer => once(&message.data_fields),
    }
}

/// Each name once: the last value, in the place of the first, as Java's LinkedHashMap has it.
pub(crate) fn once(fields: &[Field]) -> Vec<Item<'_>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut items: Vec<Item<'_>> = Vec::new();
    for Field { name, value } in fields {
        match places.get(name.as_str()) {
            Some(place) => items[*place].value = value,
            None => {
                places.insert(name, items.len());
                items.push(Item { name, value });
            }
        }
    }
    items
}

/// Why a field is not part of the signed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// It is the signature.
    Signature,
    /// `reqFlowId` of a request.
    ReqFlowId,
    /// No field of a request that the interface knows.
    Unknown,
    /// Nothing but characters up to U+0020.
    Blank,
    /// Named `sign`, in any letter case.
    NamedSign,
    /// Beside `data` of an answer.
    Beside,
    /// Its name comes again, and the last one counts.
    Repeated,
}

impl Unsigned {
    pub(crate) fn text(self) -> Text {
        match self {
            Unsigned::Signature => Text::new("the signature itself", "签名本身"),
            Unsigned::ReqFlowId => Text::new("reqFlowId is not signed", "reqFlowId 不参与签名"),
            Unsigned::Unknown => {
                Text::new("no field of the interface, so not signed", "不是接口规定的字段，不参与签名")
            }
            Unsigned::Blank => Text::new("blank fields are left out", "空值字段不参与签名"),
            Unsigned::NamedSign => Text::new("a field named sign is left out", "名为 sign 的字段不参与签名"),
            Unsigned::Beside => {
                Text::new("only the fields of data are signed in an answer", "应答只对 data 里的字段签名")
            }
            Unsigned::Repeated => Text::new("its name comes again; the last one counts", "字段名重复，以最后一个为准"),
        }
    }
}

/// Why a field is left out; `None`: it is signed.
pub(crate) fn why_unsigned(kind: Kind, item: Item<'_>) -> Option<Unsigned> {
    match kind {
        Kind::Request if item.name == "signValue" => Some(Unsigned::Signature),
        Kind::Request if item.name == "reqFlowId" => Some(Unsigned::ReqFlowId),
        Kind::Request if !SIGNED.contains(&item.name) => Some(Unsigned::Unknown),
        Kind::Answer if item.name.eq_ignore_ascii_case("sign") => Some(Unsigned::NamedSign),
        _ => is_blank(item.value.as_str()).then_some(Unsigned::Blank),
    }
}

/// Java's `String.trim().isEmpty()`: only characters up to U+0020 are trimmed.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte <= b' ')
}

/// Java's `String.compareTo`: by UTF-16 code units.
pub(crate) fn java_order(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// The text that is to be signed.
pub(crate) fn signed_text(message: &Message) -> String {
    let mut items = items(message);
    items.retain(|item| why_unsigned(message.kind, *item).is_none());
    items.sort_by(|a, b| java_order(a.name, b.name));
    let pairs: Vec<_> = items.iter().map(|item| format!("{}={}", item.name, item.value.as_str())).collect();
    pairs.join("&")
}
