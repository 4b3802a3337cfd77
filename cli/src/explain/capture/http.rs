//! Raw HTTP: a first line, headers, a blank line, a body; a request, an answer, or several in a row.

use super::{Capture, Form};

/// A request or an answer, as it stands in the text.
pub(super) struct Part<'a> {
    pub(super) is_request: bool,
    pub(super) body: &'a str,
    pub(super) is_chunked: bool,
}

pub(super) fn read(text: &str) -> Option<Capture> {
    let parts = parts(text);
    if parts.is_empty() {
        return None;
    }
    let mut capture = Capture::new(Form::Http);
    exchanges(&mut capture, parts.into_iter().map(|part| (part.is_request, joined(&part))));
    Some(capture)
}

/// Pairs each answer with the request before it.
pub(super) fn exchanges(capture: &mut Capture, parts: impl Iterator<Item = (bool, String)>) {
    let (mut number, mut request): (usize, Option<String>) = (0, None);
    for (is_request, body) in parts {
        if is_request {
            if let Some(alone) = request.replace(body) {
                number += 1;
                capture.exchange(Some(number), Some(&alone), None);
            }
        } else {
            number += 1;
            capture.exchange(Some(number), request.take().as_deref(), Some(&body));
        }
    }
    if let Some(alone) = request {
        capture.exchange(Some(number + 1), Some(&alone), None);
    }
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(is_request) = first_line(line.trim_end()) {
            starts.push((at, is_request));
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
    starts.iter().zip(ends).map(|(&(start, is_request), end)| part(&text[start..end], is_request)).collect()
}

/// Whether a line is the first of a request (true) or of an answer (false).
pub(super) fn first_line(line: &str) -> Option<bool> {
    // One more than a request has: a line of a hostile text may hold millions.
    let words: Vec<&str> = line.splitn(4, ' ').collect();
    let is_version = |word: &str| word.strip_prefix("HTTP/").is_some_and(|rest| rest.starts_with(['1', '2', '3']));
    match words.as_slice() {
        ["POST" | "PUT" | "GET", _, version] if is_version(version) => Some(true),
        [version, status, ..] if is_version(version) && status.len() == 3 && status.parse::<u16>().is_ok() => {
            Some(false)
        }
        _ => None,
    }
}

fn part(text: &str, is_request: bool) -> Part<'_> {
    let mut is_chunked = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let header = line.to_ascii_lowercase();
        is_chunked |= header.starts_with("transfer-encoding:") && header.contains("chunked");
    }
    Part { is_request, body: &text[at..], is_chunked }
}

/// The body of a part, its chunks put together.
fn joined(part: &Part<'_>) -> String {
    let chunks = || {
        let (mut out, mut rest) = (String::new(), part.body);
        loop {
            let (size, from) = rest.split_once('\n').unwrap_or((rest, ""));
            let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
            if size == 0 {
                return Some(out);
            }
            out += from.get(..size)?;
            rest = from[size..].trim_start_matches(['\r', '\n']);
        }
    };
    let joined = if part.is_chunked { chunks() } else { None };
    joined.unwrap_or_else(|| part.body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{Side, read};
    use super::*;

    const REQUEST: &str = r#"{"ver":"1.0","src":"ORG1","data":"QQ==","signValue":"TUk="}"#;
    const ANSWER: &str = r#"{"signValue":"TUk=","data":"{\"code\":\"00\",\"note\":\"成功\"}"}"#;

    fn found(text: &str) -> Vec<(Option<usize>, Option<Side>, String)> {
        let capture = read(text);
        assert_eq!(capture.form, Form::Http);
        capture.messages.into_iter().map(|m| (m.origin.number, m.origin.side, m.body)).collect()
    }

    #[test]
    fn an_exchange_is_taken_apart() {
        let text = format!(
            "POST /saas/orgSign/querySignSts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n{REQUEST}\r\n\
             HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{ANSWER}\r\nHTTP/1.1 200\r\n\r\n<html>"
        );
        let expected = vec![
            (Some(1), Some(Side::Request), REQUEST.to_owned()),
            (Some(1), Some(Side::Response), ANSWER.to_owned()),
        ];
        assert_eq!(found(&text), expected);
        assert_eq!(found(&text.replace("\r\n", "\n")), expected);
    }

    #[test]
    fn what_was_answered_to_a_request_of_ours_is_shown_whatever_it_is() {
        let text = format!("POST /x HTTP/1.1\n\n{REQUEST}\nHTTP/2 502\nserver: x\n\n<h1>Bad Gateway</h1>\n");
        assert_eq!(found(&text)[1], (Some(1), Some(Side::Response), "<h1>Bad Gateway</h1>".to_owned()));
    }

    #[test]
    fn chunks_are_put_together() {
        let (first, second) = ANSWER.split_at(20);
        let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
        let text =
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}{}0\r\n\r\n", chunk(first), chunk(second));
        assert_eq!(found(&text), [(Some(1), Some(Side::Response), ANSWER.to_owned())]);
    }
}
