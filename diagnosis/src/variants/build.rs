//! Makes the text to be signed by the rules, but for one or two changes.

use std::borrow::Cow;

use encoding_rs::GBK;
use zeroize::Zeroizing;

use super::changes::{Change, What};
use super::values::{Rule, quoted, quoted_in_php};
use crate::form::{self, Escaping};
use crate::json::Value;
use crate::message::{Kind, Message};
use crate::rules::{self, Item};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blanks {
    Dropped,
    /// As `name=`.
    Kept,
    /// Empty ones dropped, but `null` as the word.
    NullAsWord,
    OnlyEmptyDropped,
    UnicodeDropped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Java,
    AsSent,
    CaseIgnored,
    Page,
    CodePoints,
    Reverse,
    HashMap,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    /// `name=value`, with this between them.
    Pairs(&'static str),
    ValuesOnly(&'static str),
    WithoutEquals(&'static str),
    Json,
    /// As Python's `json.dumps`.
    JsonWithSpaces,
    JsonInPhp,
    /// As Java's `Map.toString`.
    Map,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Gbk,
    QuestionMarks,
    Utf8Twice,
    Utf16 { big_end_first: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    Encoded(Escaping),
    Lower,
    Upper,
}

/// The order in which the interface's page lists the fields.
const PAGE: [&str; 13] = [
    "ver",
    "src",
    "msgCode",
    "method",
    "signType",
    "charset",
    "data",
    "reqFlowId",
    "signValue",
    "code",
    "note",
    "signSts",
    "sysSignFlowId",
];

/// A message, taken apart.
pub(super) struct Source<'a> {
    kind: Kind,
    items: Vec<Item<'a>>,
    /// Of an answer: the fields at its top.
    top: Vec<Item<'a>>,
    length: usize,
}

/// A field on its way into the text.
struct Part<'a> {
    name: &'a str,
    value: &'a Value,
    text: Cow<'a, str>,
}

impl<'a> Source<'a> {
    pub(super) fn of(message: &'a Message) -> Self {
        let top = if message.kind == Kind::Answer { rules::once(&message.fields) } else { Vec::new() };
        Source { kind: message.kind, items: rules::items(message), top, length: message.body.len() }
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// The text with these changes; `None` if one of them cannot be made.
    pub(super) fn text(&self, changes: &[&Change]) -> Option<Zeroizing<Vec<u8>>> {
        let direct = changes.iter().find_map(|change| match &change.what {
            What::Direct(text) => Some(text.clone()),
            _ => None,
        });
        let text = match direct {
            Some(text) => text,
            None => {
                let mut parts = self.members(changes);
                sort(&mut parts, changes);
                joined(&parts, changes)
            }
        };
        finished(text, changes)
    }

    fn members(&self, changes: &[&Change]) -> Vec<Part<'a>> {
        let mut parts = Vec::with_capacity(self.items.len() + self.top.len());
        let mut blanks = Blanks::Dropped;
        // Of an answer's data: as one field.
        let mut data_as_text = false;
        // What is signed for signValue.
        let mut signature = None;
        for change in changes {
            match &change.what {
                What::Blanks(rule) => blanks = *rule,
                What::AddSignature { value, .. } => signature = Some(*value),
                What::AddTop { data_as_text: as_text, without_flow_id } => {
                    data_as_text = *as_text;
                    let of_top = self.top.iter().filter(|item| {
                        item.name != "signValue"
                            && (*as_text || item.name != "data")
                            && !(*without_flow_id && item.name == "reqFlowId")
                    });
                    parts.extend(of_top.filter_map(|item| part(*item, changes, blanks)));
                }
                _ => {}
            }
        }
        if !data_as_text {
            let signed = self.items.iter().filter(|item| self.is_signed(**item, changes));
            parts.extend(signed.filter_map(|item| part(*item, changes, blanks)));
        }
        if let Some(value) = signature {
            let of_message = self.items.iter().position(|item| item.name == "signValue");
            let part = Part { name: "signValue", value: &Value::Null, text: Cow::Borrowed(value) };
            // Where it stood, for those who do not sort.
            let place = of_message.map_or(parts.len(), |at| {
                let before: Vec<_> = self.items[..at].iter().map(|item| item.name).collect();
                parts.iter().rposition(|part: &Part<'_>| before.contains(&part.name)).map_or(0, |last| last + 1)
            });
            parts.insert(place, part);
        }
        parts
    }

    fn is_signed(&self, item: Item<'_>, changes: &[&Change]) -> bool {
        let why = rules::why_unsigned(self.kind, item);
        let by_rule = matches!(why, None | Some(rules::Unsigned::Blank));
        changes.iter().fold(by_rule, |signed, change| match &change.what {
            What::Add(name) => signed || item.name == name,
            What::AddAll => signed || why == Some(rules::Unsigned::Unknown),
            What::AddSignature { with_flow_id, .. } => signed || (*with_flow_id && item.name == "reqFlowId"),
            What::LeaveOut(name) => signed && item.name != name,
            _ => signed,
        })
    }
}

/// The field as it goes in; `None` if it is blank and dropped.
fn part<'a>(item: Item<'a>, changes: &[&Change], mut blanks: Blanks) -> Option<Part<'a>> {
    let mut text = Cow::Borrowed(item.value.as_str());
    for change in changes {
        match &change.what {
            What::Replace { name, value } if name == item.name => text = Cow::Owned(value.clone()),
            What::Values(Rule::Encoded(escaping)) => text = Cow::Owned(escaped(&text, *escaping, changes)),
            What::Values(rule) => text = Cow::Owned(Rule::apply(*rule, item.value, &text)),
            What::Blanks(rule) => blanks = *rule,
            _ => {}
        }
    }
    // Blank is what the field is, not what its quotation marks make of it.
    let plain = item.value.as_str();
    let is_kept = match blanks {
        Blanks::Dropped => !rules::is_blank(plain),
        Blanks::Kept => true,
        Blanks::NullAsWord if *item.value == Value::Null => {
            text = Cow::Borrowed("null");
            true
        }
        Blanks::NullAsWord => !rules::is_blank(plain),
        Blanks::OnlyEmptyDropped => !plain.is_empty(),
        Blanks::UnicodeDropped => !plain.trim().is_empty(),
    };
    is_kept.then_some(Part { name: item.name, value: item.value, text })
}

fn sort(parts: &mut [Part<'_>], changes: &[&Change]) {
    let order = changes.iter().find_map(|change| match change.what {
        What::Order(order) => Some(order),
        _ => None,
    });
    match order.unwrap_or(Order::Java) {
        Order::Java => parts.sort_by(|a, b| rules::java_order(a.name, b.name)),
        Order::AsSent => {}
        Order::CaseIgnored => parts.sort_by_cached_key(|part| part.name.to_lowercase()),
        Order::Page => parts.sort_by_key(|part| PAGE.iter().position(|name| *name == part.name).unwrap_or(PAGE.len())),
        Order::CodePoints => parts.sort_by(|a, b| a.name.cmp(b.name)),
        Order::Reverse => parts.sort_by(|a, b| rules::java_order(b.name, a.name)),
        Order::HashMap => {
            let buckets = (parts.len() * 4 / 3 + 1).next_power_of_two().max(16);
            parts.sort_by_cached_key(|part| bucket(part.name, buckets));
        }
    }
}

/// Where a Java HashMap of so many buckets keeps a string.
fn bucket(name: &str, buckets: usize) -> usize {
    let hash = name.encode_utf16().fold(0u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
    (hash ^ (hash >> 16)) as usize & (buckets - 1)
}

fn joined(parts: &[Part<'_>], changes: &[&Change]) -> String {
    let join = changes.iter().find_map(|change| match change.what {
        What::Join(join) => Some(join),
        _ => None,
    });
    let object = |between: &str, after_name: &str, quoted: fn(&str) -> String| {
        let members: Vec<_> = parts
            .iter()
            .map(|part| {
                let value = match part.value {
                    Value::Raw(_) => part.text.to_string(),
                    _ => quoted(&part.text),
                };
                format!("{}{after_name}{value}", quoted(part.name))
            })
            .collect();
        format!("{{{}}}", members.join(between))
    };
    match join.unwrap_or(Join::Pairs("&")) {
        Join::Pairs(between) => each(parts, between, "=", true),
        Join::WithoutEquals(between) => each(parts, between, "", true),
        Join::ValuesOnly(between) => each(parts, between, "", false),
        Join::Json => object(",", ":", quoted),
        Join::JsonWithSpaces => object(", ", ": ", quoted),
        Join::JsonInPhp => object(",", ":", quoted_in_php),
        Join::Map => format!("{{{}}}", each(parts, ", ", "=", true)),
    }
}

fn each(parts: &[Part<'_>], between: &str, equals: &str, with_names: bool) -> String {
    let mut text = String::with_capacity(parts.iter().map(|part| part.name.len() + part.text.len() + 2).sum());
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push_str(between);
        }
        if with_names {
            text.push_str(part.name);
            text.push_str(equals);
        }
        text.push_str(&part.text);
    }
    text
}

/// For a URL, in the encoding in which the text is signed: Java's `URLEncoder.encode(value, "GBK")`.
fn escaped(text: &str, escaping: Escaping, changes: &[&Change]) -> String {
    let is_gbk = changes.iter().any(|change| matches!(change.what, What::Charset(Charset::Gbk)));
    if is_gbk { form::encoded(&GBK.encode(text).0, escaping) } else { form::encoded(text.as_bytes(), escaping) }
}

fn finished(mut text: String, changes: &[&Change]) -> Option<Zeroizing<Vec<u8>>> {
    let mut charset = None;
    let mut surroundings = None;
    for change in changes {
        match &change.what {
            What::Whole(Whole::Encoded(escaping)) => text = escaped(&text, *escaping, changes),
            What::Whole(Whole::Lower) => text = text.to_lowercase(),
            What::Whole(Whole::Upper) => text = text.to_uppercase(),
            What::Charset(rule) => charset = Some(*rule),
            What::Around { before, after } => surroundings = Some((before, after)),
            _ => {}
        }
    }
    if let Some((before, after)) = surroundings {
        text = [before.as_str(), &text, after.as_str()].concat();
    }
    let text = Zeroizing::new(text);
    Some(Zeroizing::new(match charset {
        None => text.as_bytes().to_vec(),
        Some(Charset::Gbk) => {
            let (bytes, _, lossy) = GBK.encode(&text);
            (!lossy).then(|| bytes.into_owned())?
        }
        Some(Charset::QuestionMarks) => {
            text.chars().map(|c| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?')).collect()
        }
        Some(Charset::Utf8Twice) => text.bytes().map(char::from).collect::<String>().into_bytes(),
        Some(Charset::Utf16 { big_end_first: true }) => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Some(Charset::Utf16 { big_end_first: false }) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_java_hash_map_has_this_order() {
        // What a JVM prints for a HashMap of these, put in this order.
        let mut names = ["ver", "src", "msgCode", "method", "signType", "charset", "data"];
        names.sort_by_key(|name| bucket(name, 16));
        assert_eq!(names, HASH_MAP);
    }

    const HASH_MAP: [&str; 7] = ["charset", "ver", "method", "data", "src", "signType", "msgCode"];
}
