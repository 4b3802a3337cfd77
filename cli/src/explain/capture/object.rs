//! Objects of JSON, alone, one in each line, or somewhere in other text, such as a log or a chat.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use yspay_diagnosis::ENVELOPE;

use super::{Capture, Captured, Form, Loss, Origin, printed};

/// So many names of the envelope make a message.
pub(super) const ENOUGH: usize = 3;

/// How deep a message may stand in other JSON, such as a log of objects.
const MOST_WRAPPINGS: usize = 4;
/// Escaped once for each string that a text was put into.
const MOST_ESCAPES: usize = 4;
/// No message is nested so deep, and looking for the end of such an object again and again would take long.
const MOST_DEPTH: usize = 64;

/// A text of no particular form.
pub(super) fn read(text: &str) -> Capture {
    // One object is the body, whatever its names are: the engine says what is missing.
    if end_of(text, usize::MAX) == Ok(text.len()) && names(text).is_some() {
        let mut holds_others = false;
        if !is_message(text) {
            wrapped(text, MOST_WRAPPINGS, &mut |_| holds_others = true);
        }
        if !holds_others {
            return alone(text);
        }
    }
    let lines = || text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    if lines().nth(1).is_some() && lines().all(|(_, line)| names(line.trim()).is_some() && is_message(line.trim())) {
        let mut capture = Capture::new(Form::Lines);
        capture.messages = lines()
            .map(|(index, line)| Captured {
                origin: Origin { form: Form::Lines, number: Some(index + 1), side: None },
                body: line.trim().to_owned(),
                losses: Vec::new(),
            })
            .collect();
        return capture;
    }
    let mut capture = Capture::new(Form::Log);
    capture.messages = within(text, Origin { form: Form::Log, number: Some(1), side: None });
    if let [only] = capture.messages.as_mut_slice()
        && (only.body == text || only.losses == [Loss::SignedText] && form_in(text) == Some(text) || starts_alone(text))
    {
        capture.form = Form::Body;
        only.origin = Origin { form: Form::Body, number: None, side: None };
    }
    // What begins as a body is one, if a damaged one.
    if capture.messages.is_empty() && (begins_with_a_name(text) || is_form(text)) {
        return alone(text);
    }
    capture
}

fn alone(text: &str) -> Capture {
    let mut capture = Capture::new(Form::Body);
    let origin = Origin { form: Form::Body, number: None, side: None };
    capture.messages.push(Captured { origin, body: text.to_owned(), losses: Vec::new() });
    capture
}

/// The fields of a text that was signed: a form without a signature, and without the escapes that forms have.
fn signed_text(text: &str) -> Option<String> {
    let pairs: Vec<_> = text.split('&').filter_map(|pair| pair.split_once('=')).collect();
    if !is_form(text) || text.contains('%') || pairs.iter().any(|(name, _)| *name == "signValue") {
        return None;
    }
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let members: Vec<_> = pairs.iter().map(|(name, value)| format!("{}:{}", quoted(name), quoted(value))).collect();
    Some(format!("{{{}}}", members.join(",")))
}

/// Whether nothing stands before the message but what programs print before a map.
fn starts_alone(text: &str) -> bool {
    text.starts_with(['{', '"', '\'', '[']) || text.starts_with("Array") || text.starts_with("array")
}

/// A message as it was found in a text.
pub(super) struct Found {
    pub(super) body: String,
    /// Where it begins, from 1.
    pub(super) line: usize,
    pub(super) loss: Option<Loss>,
}

/// The messages in a text, as they stand there; else what can be put right.
pub(super) fn within(text: &str, origin: Origin) -> Vec<Captured> {
    let mut found = Vec::new();
    scan(text, MOST_WRAPPINGS, &mut |one| found.push(one));
    for (loss, mended) in mended(text) {
        if found.is_empty() {
            scan(&mended, MOST_WRAPPINGS, &mut |one| found.push(Found { loss: Some(loss), ..one }));
        }
    }
    if found.is_empty() {
        printed::maps(text, &mut |one| found.push(one));
    }
    if found.is_empty() {
        let forms = text.lines().enumerate().filter_map(|(index, line)| Some((form_in(line)?, index + 1)));
        found.extend(forms.map(|(form, line)| match signed_text(form) {
            Some(body) => Found { body, line, loss: Some(Loss::SignedText) },
            None => Found { body: form.to_owned(), line, loss: None },
        }));
    }
    let placed = |line| if origin.form == Form::Log { Origin { number: Some(line), ..origin } } else { origin };
    let captured = |found: Found| Captured {
        origin: placed(found.line),
        body: found.body,
        losses: found.loss.into_iter().collect(),
    };
    found.into_iter().map(captured).collect()
}

/// How many bytes may be looked at in vain: what begins and does not end, again and again, must not take the square of
/// the text's length.
pub(super) fn patience(text: &str) -> usize {
    text.len().saturating_mul(4).saturating_add(1 << 20)
}

/// Hands over each message, those in other objects and in strings, too.
fn scan(text: &str, wrappings: usize, take: &mut dyn FnMut(Found)) {
    let mut patience = patience(text);
    let (mut at, mut line, mut counted) = (0, 1, 0);
    while let Some(next) = text[at..].find('{').map(|found| at + found) {
        line += text[counted..next].matches('\n').count();
        counted = next;
        at = next + 1;
        let rest = &text[next..];
        let looked = match end_of(rest, patience) {
            Ok(end) if names(&rest[..end]).is_some() => {
                let object = &rest[..end];
                at = next + end;
                if is_message(object) || is_refusal(object) {
                    take(Found { body: object.to_owned(), line, loss: None });
                } else if wrappings > 0 {
                    wrapped(object, wrappings - 1, &mut |one: Found| take(Found { line, ..one }));
                }
                0
            }
            Ok(looked) | Err(looked @ 1..) => looked,
            Err(0) => match escaped_line(rest, patience) {
                Ok(length) => {
                    if let Some(object) = unescaped_object(&rest[..length]) {
                        at = next + length;
                        take(Found { body: object, line, loss: Some(Loss::EscapedQuotes) });
                    }
                    length
                }
                Err(looked) => looked,
            },
        };
        patience = patience.saturating_sub(looked);
        if patience == 0 {
            return;
        }
    }
}

/// Hands over the messages among the values of an object that is none itself.
fn wrapped(object: &str, wrappings: usize, take: &mut dyn FnMut(Found)) {
    for value in values(object) {
        match serde_json::from_str::<String>(value.get()) {
            Ok(text) => scan(&text, wrappings, take),
            Err(_) => scan(value.get(), wrappings, take),
        }
    }
}

/// Where the object ends that a text begins with, by its brackets alone, if that is within so many bytes; else how many
/// were looked at.
pub(super) fn end_of(text: &str, most: usize) -> Result<usize, usize> {
    if !begins_with_a_name(text) {
        return Err(0);
    }
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    for (index, byte) in text.bytes().enumerate().take(most) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' if depth == MOST_DEPTH => return Err(index),
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return Ok(index + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    Err(text.len().min(most).max(1))
}

fn begins_with_a_name(text: &str) -> bool {
    text.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

/// How long the line is that an object with escaped quotes begins, if that is within so many bytes; else how many were
/// looked at.
fn escaped_line(text: &str, most: usize) -> Result<usize, usize> {
    let inner = text.strip_prefix('{').unwrap_or_default().trim_start().trim_start_matches('\\');
    if !inner.starts_with('"') || begins_with_a_name(text) {
        return Err(0);
    }
    match text.bytes().take(most).position(|byte| byte == b'\n') {
        Some(length) => Ok(length),
        None if text.len() <= most => Ok(text.len()),
        None => Err(most),
    }
}

/// The object whose quotes are escaped, without that.
fn unescaped_object(line: &str) -> Option<String> {
    let mut text = line.to_owned();
    for _ in 0..MOST_ESCAPES {
        text = unescaped(&text);
        if let Ok(end) = end_of(&text, usize::MAX) {
            text.truncate(end);
            return is_message(&text).then_some(text);
        }
    }
    None
}

/// One level of escapes taken away, up to the quote that ends the string.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => break,
            '\\' => match rest.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some(c @ ('"' | '\\' | '/')) => out.push(c),
                Some(other) => out.extend(['\\', other]),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

/// The text with what programs and people do to quotes undone, one thing at a time.
fn mended(text: &str) -> impl Iterator<Item = (Loss, String)> {
    let of_html = || {
        let text = text.replace("&quot;", "\"").replace("&#34;", "\"").replace("&#39;", "'").replace("&apos;", "'");
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    };
    let straight = || text.replace(['“', '”', '＂'], "\"");
    let html = text.contains("&quot;").then(|| (Loss::EscapedForHtml, of_html()));
    let typographic = text.contains(['“', '”', '＂']).then(|| (Loss::TypographicQuotes, straight()));
    let data = data_as_object(text).map(|text| (Loss::UnescapedData, text));
    html.into_iter().chain(typographic).chain(data)
}

/// `"data":"{"code":"00"}"` with `data` as an object.
fn data_as_object(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\"data\"") {
        let (before, from) = rest.split_at(at + "\"data\"".len());
        out += before;
        rest = from;
        let value = rest.trim_start().strip_prefix(':').map(str::trim_start);
        let Some(object) = value.and_then(|value| value.strip_prefix('"')).filter(|text| text.starts_with('{')) else {
            continue;
        };
        let end = end_of(object, usize::MAX).ok()?;
        out += ":";
        out += &object[..end];
        rest = object[end..].strip_prefix('"')?;
    }
    (out.len() + rest.len() < text.len()).then(|| out + rest)
}

/// Whether a form of HTML, `a=b&c=d`, has the names of a message.
fn is_form(text: &str) -> bool {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| ENVELOPE.contains(name)).count() >= ENOUGH
}

/// The word of a line that is a form.
fn form_in(line: &str) -> Option<&str> {
    line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).find(|word| is_form(word))
}

/// Whether an object has the names of a message.
fn is_message(object: &str) -> bool {
    let names = names(object).unwrap_or_default();
    let has = |name: &str| names.iter().any(|known| known == name);
    ENVELOPE.iter().filter(|name| has(name)).count() >= ENOUGH || (has("signValue") && has("data"))
}

/// Whether an object is what a gateway answers without a signature, such as `{"code":200,"message":"…","data":null}`.
fn is_refusal(object: &str) -> bool {
    let names = names(object).unwrap_or_default();
    let has = |name: &str| names.iter().any(|known| known == name);
    has("code") && (has("message") || has("note")) && (has("data") || has("list"))
}

/// The names in an object; `None` for what is no object.
fn names(text: &str) -> Option<Vec<String>> {
    let Members::<IgnoredAny>(members) = serde_json::from_str(text).ok()?;
    Some(members.into_iter().map(|(name, _)| name).collect())
}

/// The values in an object, as they are written.
fn values(text: &str) -> Vec<Box<RawValue>> {
    let members = serde_json::from_str(text).unwrap_or_else(|_| Members(Vec::new()));
    members.0.into_iter().map(|(_, value)| value).collect()
}

/// What an object holds, in its order, with names that stand twice.
struct Members<V>(Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Members<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Collect<V> {
            type Value = Members<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<V>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    const REQUEST: &str = r#"{"ver":"1.0","src":"ORG1","data":"QQ==","reqFlowId":"1","signValue":"TUk="}"#;
    const ANSWER: &str = r#"{"ver":"1.0","signValue":"TUk=","data":"{\"code\":\"00\",\"note\":\"a } b\"}"}"#;

    /// Form, line and body of each message, and what was mended.
    #[track_caller]
    fn assert_found(text: &str, form: Form, expected: &[(Option<usize>, &str, &[Loss])]) {
        let capture = read(text);
        let found: Vec<_> =
            capture.messages.iter().map(|m| (m.origin.number, m.body.as_str(), m.losses.as_slice())).collect();
        assert_eq!((capture.form, found.as_slice()), (form, expected), "{text}");
    }

    fn escape(text: &str) -> String {
        text.replace('\\', "\\\\").replace('"', "\\\"")
    }

    #[test]
    fn a_body_is_taken_as_it_is() {
        for text in [REQUEST, ANSWER, "{}", r#"{"code":200,"message":"x"}"#, "{\"ver\": 1.0, \"src\":", "{\n}"] {
            assert_found(text, Form::Body, &[(None, text, &[])]);
            assert_found(&format!("\u{feff} {text}\r\n"), Form::Body, &[(None, text, &[])]);
        }
        let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
        assert_found(&deep, Form::Body, &[(None, &deep, &[])]);
        let form = "ver=1.0&src=ORG1&data=QQ%3D%3D&signValue=TUk%3D";
        assert_found(form, Form::Body, &[(None, form, &[])]);
    }

    #[test]
    fn a_text_that_was_signed_is_told_from_a_form() {
        let fields = r#"{"charset":"UTF-8","data":"a+b/c==","src":"ORG1"}"#;
        let text = "charset=UTF-8&data=a+b/c==&src=ORG1";
        assert_found(text, Form::Body, &[(None, fields, &[Loss::SignedText])]);
        assert_found(&format!("to sign: {text}"), Form::Log, &[(Some(1), fields, &[Loss::SignedText])]);
    }

    #[test]
    fn bodies_in_lines_are_counted() {
        let text = format!("{REQUEST}\n\n{ANSWER}\n");
        assert_found(&text, Form::Lines, &[(Some(1), REQUEST, &[]), (Some(3), ANSWER, &[])]);
    }

    #[test]
    fn a_log_is_searched() {
        let pretty = "{\n  \"ver\": \"1.0\",\n  \"data\": \"QQ==\",\n  \"signValue\": \"TUk=\"\n}";
        let refusal = r#"{"code":200,"message":"验签失败","data":null,"list":null}"#;
        let text = format!(
            "2026-11-29 10:00:00 INFO {{begin}} request body: {REQUEST}, took 3 ms\n{{\"other\": 1}}\n\
             response: {ANSWER}\n{pretty} {refusal}"
        );
        let expected =
            [(Some(1), REQUEST, &[][..]), (Some(3), ANSWER, &[]), (Some(4), pretty, &[]), (Some(8), refusal, &[])];
        assert_found(&text, Form::Log, &expected);
        let curl = format!("curl 'https://host/x' -H 'A: {{b}}' --data-raw '{REQUEST}'");
        assert_found(&curl, Form::Log, &[(Some(1), REQUEST, &[])]);
        let form = "POST body: ver=1.0&src=ORG1&data=QQ%3D%3D&signValue=TUk%3D end";
        assert_found(form, Form::Log, &[(Some(1), "ver=1.0&src=ORG1&data=QQ%3D%3D&signValue=TUk%3D", &[])]);
    }

    #[test]
    fn messages_within_objects_are_found() {
        let text = format!(
            "{{\"level\":\"info\",\"request\":{REQUEST},\"response\":\"{}\"}}",
            escape(&format!("got {ANSWER}"))
        );
        assert_found(&text, Form::Log, &[(Some(1), REQUEST, &[]), (Some(1), ANSWER, &[])]);
        let array = format!("[{REQUEST},\n{ANSWER}]");
        assert_found(&array, Form::Log, &[(Some(1), REQUEST, &[]), (Some(2), ANSWER, &[])]);
    }

    #[test]
    fn quotes_are_put_right() {
        let once = escape(ANSWER);
        assert_found(&once, Form::Body, &[(None, ANSWER, &[Loss::EscapedQuotes])]);
        assert_found(&format!("\"{}\"", escape(&once)), Form::Body, &[(None, ANSWER, &[Loss::EscapedQuotes])]);
        let logged = format!("x body=\"{once}\", \"more\"\nnext");
        assert_found(&logged, Form::Log, &[(Some(1), ANSWER, &[Loss::EscapedQuotes])]);
        let html = REQUEST.replace('"', "&quot;");
        assert_found(&html, Form::Body, &[(None, REQUEST, &[Loss::EscapedForHtml])]);
        let chat = REQUEST.replace("{\"", "{“").replace(":\"", ":“").replace(",\"", ",“").replace('"', "”");
        assert_found(&chat, Form::Body, &[(None, REQUEST, &[Loss::TypographicQuotes])]);
        let stripped = r#"{"ver":"1.0","signValue":"TUk=","data":"{"code":"00","note":"b"}"}"#;
        let mended = r#"{"ver":"1.0","signValue":"TUk=","data":{"code":"00","note":"b"}}"#;
        assert_found(stripped, Form::Body, &[(None, mended, &[Loss::UnescapedData])]);
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        for text in ["hello", "{begin} {end}", "<html></html>", "[1,2]", "\"{\\\"a\\\":1}\""] {
            assert!(read(text).messages.is_empty(), "{text}");
        }
    }

    #[test]
    fn what_was_looked_at_in_vain_is_counted() {
        let line = format!("{{\\\"{}", "x".repeat(100));
        assert_eq!((escaped_line(&line, 50), escaped_line(&line, 103)), (Err(50), Ok(103)));
        assert_eq!((escaped_line(&format!("{line}\n{line}"), 1000), escaped_line("{x", 50)), (Ok(103), Err(0)));
        assert_eq!((end_of("{\"a\":", 3), end_of("{\"a\":", 1000), end_of("{x", 1000)), (Err(3), Err(5), Err(0)));
    }

    /// Counted, not timed: what begins objects that never end would take hours if each were looked through.
    #[test]
    fn hostile_texts_end() {
        for text in [
            "{\"a\":".repeat(1 << 14),
            "{\"a\":[1,".repeat(1 << 14),
            "{\"".repeat(1 << 14),
            "{\\\"".repeat(1 << 14),
            format!("x{}", "{\"a\":\"".repeat(1 << 14)),
            "{ver=".repeat(1 << 14),
            "[ver] => ".repeat(1 << 14),
            "[x".repeat(1 << 14),
            "{'a' => array".repeat(1 << 14),
            "(a=b, ".repeat(1 << 14),
            format!("x{}", "\"data\":\"{\"".repeat(1 << 14)),
            format!("x{}", "{\\\"ver\\\":".repeat(1 << 14)),
        ] {
            assert!(read(&text).messages.len() <= 1);
        }
    }
}
