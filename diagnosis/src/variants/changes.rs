//! Each single change of the rules that people make.

use zeroize::Zeroizing;

use super::build::{Blanks, Charset, Join, Order, Whole};
use super::values::Rule;
use crate::form;
use crate::form::Escaping;
use crate::json;
use crate::message::{Kind, Message};
use crate::mistake::Mistake;
use crate::rules::{self, Unsigned};

/// One change, and the mistake that it is.
pub(super) struct Change {
    pub(super) mistake: Mistake,
    pub(super) what: What,
}

/// What is done otherwise.
pub(super) enum What {
    /// A field is signed that is not part of the signed text.
    Add(String),
    /// The same for `signValue`, which cannot be in its own signature: with this in its place.
    AddSignature { value: &'static str, with_flow_id: bool },
    /// Every field is signed.
    AddAll,
    /// Of an answer: the fields beside `data`, and those of `data` after them or `data` as one field.
    AddTop { data_as_text: bool, without_flow_id: bool },
    /// A field is missing.
    LeaveOut(String),
    /// What becomes of blank fields.
    Blanks(Blanks),
    /// In which order they stand.
    Order(Order),
    /// What becomes of every value.
    Values(Rule),
    /// Another value in the place of that of a field.
    Replace { name: String, value: String },
    /// How names and values are joined.
    Join(Join),
    /// In which encoding.
    Charset(Charset),
    /// What stands before and after.
    Around { before: Zeroizing<String>, after: Zeroizing<String> },
    /// What becomes of the whole text.
    Whole(Whole),
    /// A text that is not made by the rules at all.
    Direct(String),
}

impl Change {
    /// Whether both can be made at once.
    pub(super) fn goes_with(&self, other: &Change) -> bool {
        use What::{Add, AddSignature, AddTop, LeaveOut, Replace, Values};
        match (&self.what, &other.what) {
            // Two fields, or two values.
            (Add(a) | LeaveOut(a), Add(b) | LeaveOut(b)) => a != b,
            (Add(_) | LeaveOut(_), AddSignature { .. } | AddTop { .. }) => true,
            (AddSignature { .. } | AddTop { .. }, Add(_) | LeaveOut(_)) => true,
            (Replace { name: a, .. }, Replace { name: b, .. }) => a != b,
            (Replace { .. }, Values(_)) => true,
            (a, b) => {
                let (a, b) = (a.place(), b.place());
                a != b && !(a == 0 && b < 6) && !(b == 0 && a < 6)
            }
        }
    }
}

impl What {
    /// Two changes in one place exclude each other, as a rule; 0 excludes all below 6.
    fn place(&self) -> u8 {
        match self {
            What::Direct(_) => 0,
            What::Add(_) | What::AddSignature { .. } | What::AddAll | What::AddTop { .. } | What::LeaveOut(_) => 1,
            What::Blanks(_) => 2,
            What::Order(_) => 3,
            What::Values(_) | What::Replace { .. } => 4,
            What::Join(_) => 5,
            What::Charset(_) => 6,
            What::Around { .. } => 7,
            What::Whole(_) => 8,
        }
    }
}

/// In the order in which they are tried.
const ESCAPINGS: [Escaping; 5] = [Escaping::Plus, Escaping::Upper, Escaping::Slash, Escaping::Lower, Escaping::Address];

/// More names than this are not tried one by one.
const MAX_NAMES: usize = 24;

/// Longer `data` is not tried in other forms.
const MAX_DATA: usize = 64 << 10;

/// Those that can make a difference for this message; the likely ones first.
pub(super) fn all(message: &Message, plain: &[String], des_key: Option<&str>) -> Vec<Change> {
    let mut list = List(Vec::new());
    list.members(message);
    list.blanks_and_order();
    list.left_out(message);
    if message.kind == Kind::Request {
        list.data(message.text("data").unwrap_or_default(), plain);
        list.fixed_values(message);
    }
    list.direct(message, plain);
    list.values(message.kind);
    list.joins();
    list.charsets();
    list.surroundings(des_key);
    list.wholes();
    list.0
}

/// The names of the fields that are not signed for this reason, or signed for none.
fn named(message: &Message, why: Option<Unsigned>) -> Vec<String> {
    let items = rules::items(message);
    let of = items.iter().filter(|item| rules::why_unsigned(message.kind, **item) == why);
    of.map(|item| item.name.to_owned()).take(MAX_NAMES).collect()
}

struct List(Vec<Change>);

impl List {
    fn add(&mut self, mistake: Mistake, what: What) {
        self.0.push(Change { mistake, what });
    }

    fn members(&mut self, message: &Message) {
        let named = |why: Unsigned| named(message, Some(why));
        for name in named(Unsigned::ReqFlowId) {
            self.add(Mistake::ReqFlowIdSigned, What::Add(name));
        }
        if message.kind == Kind::Request {
            for value in ["", "null"] {
                self.add(Mistake::SignValueSigned, What::AddSignature { value, with_flow_id: false });
                if message.text("reqFlowId").is_some() {
                    let what = What::AddSignature { value, with_flow_id: true };
                    self.add(Mistake::ReqFlowIdAndSignValueSigned, what);
                }
            }
        } else {
            for name in named(Unsigned::NamedSign) {
                self.add(Mistake::NamedSignSigned, What::Add(name));
            }
            for (data_as_text, without_flow_id) in [(false, false), (true, false), (false, true), (true, true)] {
                self.add(Mistake::TopLevelSigned, What::AddTop { data_as_text, without_flow_id });
            }
        }
        let unknown = named(Unsigned::Unknown);
        if unknown.len() > 1 {
            self.add(Mistake::UnknownFieldSigned(unknown.join(", ")), What::AddAll);
        }
        for name in unknown {
            self.add(Mistake::UnknownFieldSigned(name.clone()), What::Add(name));
        }
    }

    /// After what becomes of blank fields, which is more to the point where it gives the same text.
    fn left_out(&mut self, message: &Message) {
        for name in named(message, None) {
            self.add(Mistake::FieldLeftOut(name.clone()), What::LeaveOut(name));
        }
    }

    fn blanks_and_order(&mut self) {
        self.add(Mistake::BlankKept, What::Blanks(Blanks::Kept));
        self.add(Mistake::NullKept, What::Blanks(Blanks::NullAsWord));
        self.add(Mistake::SpacesKept, What::Blanks(Blanks::OnlyEmptyDropped));
        self.add(Mistake::UnicodeBlankDropped, What::Blanks(Blanks::UnicodeDropped));
        self.add(Mistake::NotSorted, What::Order(Order::AsSent));
        self.add(Mistake::CodePointOrder, What::Order(Order::CodePoints));
        self.add(Mistake::CaseIgnored, What::Order(Order::CaseIgnored));
        self.add(Mistake::PageOrder, What::Order(Order::Page));
        self.add(Mistake::ReverseOrder, What::Order(Order::Reverse));
        self.add(Mistake::HashMapOrder, What::Order(Order::HashMap));
    }

    /// What `data` of a request may have been when it was signed.
    fn data(&mut self, data: &str, plain: &[String]) {
        if data.len() > MAX_DATA {
            return;
        }
        let mut instead = |mistake: Mistake, value: String| {
            self.add(mistake, What::Replace { name: "data".into(), value });
        };
        for text in plain {
            instead(Mistake::DataPlainSigned, text.clone());
        }
        let one_line: String = data.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        if one_line != data {
            instead(Mistake::DataBreaksLeftOut, one_line.clone());
        }
        for (width, line_break) in [(76, "\r\n"), (76, "\n"), (64, "\n"), (64, "\r\n")] {
            let lines: Vec<_> = one_line.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
            let broken = lines.join(line_break);
            for text in [broken.clone(), broken + line_break] {
                if text != data && text != one_line {
                    instead(Mistake::DataBreaksAdded, text);
                }
            }
        }
        if data.contains(' ') {
            instead(Mistake::PlusSentAsSpace, data.replace(' ', "+"));
        }
        if let Some(unescaped) = form::decoded(&data.replace('+', "%2B")).filter(|_| data.contains('%')) {
            instead(Mistake::DataSentEncoded, unescaped);
        }
    }

    /// Fields that have few values, of which another may have been signed.
    fn fixed_values(&mut self, message: &Message) {
        for (name, values) in [
            ("signType", ["RSA", "SM", "RSA2", "SM2"].as_slice()),
            ("charset", &["UTF-8", "utf-8", "GBK"]),
            ("ver", &["1.0", "1.0.0"]),
            ("msgCode", &["Merchant"]),
            ("method", &["querySignSts"]),
        ] {
            let Some(sent) = message.text(name) else { continue };
            for value in values.iter().filter(|value| **value != sent) {
                let (name, value) = (name.to_owned(), (*value).to_owned());
                let mistake = Mistake::OtherValue { name: name.clone(), signed: value.clone() };
                self.add(mistake, What::Replace { name, value });
            }
        }
    }

    fn values(&mut self, kind: Kind) {
        self.add(Mistake::PlusSignedAsSpace, What::Values(Rule::PlusAsSpace));
        if kind == Kind::Answer {
            self.add(Mistake::PlusSentAsSpace, What::Values(Rule::SpaceAsPlus));
        }
        for escaping in ESCAPINGS {
            self.add(Mistake::ValuesEncoded, What::Values(Rule::Encoded(escaping)));
        }
        for rule in [Rule::Trimmed, Rule::UnicodeTrimmed] {
            self.add(Mistake::ValuesTrimmed, What::Values(rule));
        }
        self.add(Mistake::ValuesQuoted, What::Values(Rule::Quoted));
        self.add(Mistake::ValuesQuoted, What::Values(Rule::QuotedInPhp));
        self.add(Mistake::ValuesEscaped, What::Values(Rule::Escaped));
        self.add(Mistake::ValuesEscaped, What::Values(Rule::EscapedInPhp));
        for rule in [Rule::RawCompact, Rule::RawSorted, Rule::NumbersShort, Rule::NumbersWithPoint, Rule::PythonWords] {
            self.add(Mistake::ValuesRewritten, What::Values(rule));
        }
    }

    fn joins(&mut self) {
        self.add(Mistake::JoinedWithoutAmpersand, What::Join(Join::Pairs("")));
        for between in [",", "|", ";", "\n", "&&"] {
            self.add(Mistake::JoinedWith(between.to_owned()), What::Join(Join::Pairs(between)));
        }
        for between in ["", "&", "|", ","] {
            self.add(Mistake::ValuesOnly, What::Join(Join::ValuesOnly(between)));
        }
        for between in ["", "&"] {
            self.add(Mistake::EqualsLeftOut, What::Join(Join::WithoutEquals(between)));
        }
        for join in [Join::Json, Join::JsonWithSpaces, Join::JsonInPhp] {
            self.add(Mistake::JsonSigned, What::Join(join));
        }
        self.add(Mistake::MapSigned, What::Join(Join::Map));
    }

    fn charsets(&mut self) {
        self.add(Mistake::Gbk, What::Charset(Charset::Gbk));
        self.add(Mistake::QuestionMarks, What::Charset(Charset::QuestionMarks));
        self.add(Mistake::Utf8Twice, What::Charset(Charset::Utf8Twice));
        self.add(Mistake::Utf16, What::Charset(Charset::Utf16 { big_end_first: false }));
        self.add(Mistake::Utf16, What::Charset(Charset::Utf16 { big_end_first: true }));
    }

    fn surroundings(&mut self, des_key: Option<&str>) {
        let around = |before: &str, after: &str| What::Around {
            before: Zeroizing::new(before.to_owned()),
            after: Zeroizing::new(after.to_owned()),
        };
        for (before, after) in [
            ("", "\n"),
            ("", "\r\n"),
            ("", " "),
            ("", "&"),
            ("&", ""),
            ("?", ""),
            (" ", ""),
            ("\u{feff}", ""),
            ("\"", "\""),
            ("{", "}"),
        ] {
            let mistake = Mistake::Surrounded { before: before.to_owned(), after: after.to_owned() };
            self.add(mistake, around(before, after));
        }
        let Some(key) = des_key.filter(|key| !key.is_empty()) else { return };
        let first = key.char_indices().nth(8).map_or(key, |(end, _)| &key[..end]);
        for key in [key, first] {
            for name in ["&key=", "", "&", "key=", "&desKey=", "&aesKey="] {
                let after = Zeroizing::new(format!("{name}{key}"));
                self.add(Mistake::KeyAppended, around("", &after));
            }
            self.add(Mistake::KeyAppended, around(key, ""));
            self.add(Mistake::KeyAppended, around(key, key));
        }
    }

    fn wholes(&mut self) {
        for escaping in ESCAPINGS {
            self.add(Mistake::TextEncoded, What::Whole(Whole::Encoded(escaping)));
        }
        self.add(Mistake::CaseChanged, What::Whole(Whole::Lower));
        self.add(Mistake::CaseChanged, What::Whole(Whole::Upper));
    }

    fn direct(&mut self, message: &Message, plain: &[String]) {
        let data = message.text("data").unwrap_or_default();
        for text in std::iter::once(data).chain(plain.iter().map(String::as_str)).filter(|text| !text.is_empty()) {
            self.add(Mistake::DataTextSigned, What::Direct(text.to_owned()));
        }
        // A signature cannot stand in what it signs: the body before signValue was put in.
        for text in json::without_member(&message.body, "signValue") {
            self.add(Mistake::BodySigned, What::Direct(text));
        }
        self.add(Mistake::NothingSigned, What::Direct(String::new()));
    }
}
