//! HAR, what browsers and intercepting proxies save: the whole, or one entry of it.

use base64ct::{Base64, Encoding};
use serde::Deserialize;

use super::{Capture, Form, text};

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: Request,
    response: Option<Response>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    /// Told from other objects by it.
    #[serde(rename = "method")]
    _method: String,
    #[serde(rename = "url")]
    _url: String,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(default)]
    text: String,
    encoding: Option<String>,
}

#[derive(Deserialize)]
struct Response {
    content: Option<Content>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    text: String,
    encoding: Option<String>,
}

pub(super) fn read(text: &str) -> Option<Capture> {
    if !text.starts_with('{') {
        return None;
    }
    if let Ok(Har { log }) = serde_json::from_str(text) {
        let mut capture = Capture::new(Form::Har);
        log.entries.into_iter().enumerate().for_each(|(index, entry)| entry.add_to(&mut capture, Some(index + 1)));
        return Some(capture);
    }
    let entry: Entry = serde_json::from_str(text).ok()?;
    let mut capture = Capture::new(Form::HarEntry);
    entry.add_to(&mut capture, None);
    Some(capture)
}

impl Entry {
    fn add_to(self, capture: &mut Capture, number: Option<usize>) {
        let request = self.request.post_data.and_then(|data| plain(data.text, data.encoding.as_deref()));
        let response = self.response.and_then(|response| response.content);
        let response = response.and_then(|content| plain(content.text, content.encoding.as_deref()));
        capture.exchange(number, request.as_deref(), response.as_deref());
    }
}

/// The text itself; `None` for what is no text.
fn plain(content: String, encoding: Option<&str>) -> Option<String> {
    if encoding != Some("base64") {
        return Some(content);
    }
    let bytes = Base64::decode_vec(&content.replace(['\r', '\n'], "")).ok()?;
    text::decoded(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{Origin, Side, read};
    use super::*;

    const REQUEST: &str = r#"{"ver":"1.0","src":"ORG1","data":"QQ==","signValue":"TUk="}"#;

    fn entry(request: Option<&str>, content: Value) -> Value {
        let post = request.map(|text| json!({"mimeType": "application/json", "text": text}));
        json!({
            "request": {"method": "POST", "url": "https://host/x", "headers": [], "postData": post},
            "response": {"status": 200, "headers": [], "content": content},
        })
    }

    #[test]
    fn the_exchanges_of_ours_are_picked_out() {
        let refusal = r#"{"code":200,"message":"验签失败","data":null,"list":null}"#;
        let har = json!({"log": {"version": "1.2", "entries": [
            entry(None, json!({"text": "<html>{\"a\":1}</html>"})),
            entry(Some("{\"page\":1}"), json!({"text": "{\"rows\":[]}"})),
            entry(Some(REQUEST), json!({"text": Base64::encode_string(refusal.as_bytes()), "encoding": "base64"})),
            entry(Some(REQUEST), json!({"text": "<h1>502 Bad Gateway</h1>"})),
            entry(Some(REQUEST), json!({"size": 0})),
        ]}});
        let capture = read(&serde_json::to_string_pretty(&har).unwrap());
        let found: Vec<_> = capture.messages.iter().map(|m| (m.origin, m.body.as_str())).collect();
        let origin = |number, side| Origin { form: Form::Har, number: Some(number), side: Some(side) };
        let expected = [
            (origin(3, Side::Request), REQUEST),
            (origin(3, Side::Response), refusal),
            (origin(4, Side::Request), REQUEST),
            (origin(4, Side::Response), "<h1>502 Bad Gateway</h1>"),
            (origin(5, Side::Request), REQUEST),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn one_entry_is_enough() {
        let gbk = Base64::encode_string(b"{\"code\":\"99\",\"note\":\"\xca\xa7\xb0\xdc\",\"data\":null}");
        let capture = read(&entry(Some(REQUEST), json!({"text": gbk, "encoding": "base64"})).to_string());
        assert_eq!(capture.form, Form::HarEntry);
        assert_eq!(capture.messages[1].body, "{\"code\":\"99\",\"note\":\"失败\",\"data\":null}");
        assert_eq!(capture.messages[1].origin.told(crate::lang::Lang::En), "response in an entry of a HAR");
    }
}
