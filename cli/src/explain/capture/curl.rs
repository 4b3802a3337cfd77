//! What curl tells of an exchange: `-v`, `--trace-ascii`, `--trace`.

use super::http::{exchanges, first_line};
use super::{Capture, Form, Loss, Side, text};

/// The output of `curl -v`, with or without the body that curl prints.
pub(super) fn read_verbose(text: &str) -> Option<Capture> {
    let headers = |line: &str, mark: &str| line.strip_prefix(mark).and_then(|rest| first_line(rest.trim_end()));
    let is_one = text.lines().any(|line| headers(line, "> ") == Some(true) || headers(line, "< ") == Some(false));
    if !is_one {
        return None;
    }
    // The command line stands before, so what is printed before the answer begins may be the request's body.
    let mut parts: Vec<(bool, String)> = vec![(true, String::new())];
    for line in text.split_inclusive('\n') {
        let tag = line.as_bytes().get(..2).unwrap_or_default();
        match tag {
            b"> " => {
                let is_new = headers(line, "> ").is_some();
                if is_new && parts.last().is_some_and(|(is_request, _)| !is_request) {
                    parts.push((true, String::new()));
                }
            }
            b"< " => {
                if headers(line, "< ").is_some() {
                    // An answer before the answer: 100 Continue.
                    match parts.last_mut() {
                        Some((false, body)) if body.trim().is_empty() => {}
                        _ => parts.push((false, String::new())),
                    }
                }
            }
            b"* " => {}
            b"{ " | b"} " if line.contains(" bytes data]") => {}
            _ => {
                // What the next command line holds belongs to the next request.
                let is_command = line.contains("curl ") && parts.last().is_some_and(|(is_request, _)| !is_request);
                if is_command {
                    parts.push((true, String::new()));
                }
                let (_, body) = parts.last_mut()?;
                *body += line;
            }
        }
    }
    let mut capture = Capture::new(Form::Curl);
    exchanges(&mut capture, parts.into_iter());
    if !capture.messages.iter().any(|message| message.origin.side == Some(Side::Request)) {
        capture.losses.push(Loss::NoRequestBody);
    }
    Some(capture)
}

/// The file of `curl --trace-ascii` or `curl --trace`.
pub(super) fn read_trace(text: &str) -> Option<Capture> {
    const SENT: &str = "=> Send data";
    const RECEIVED: &str = "<= Recv data";
    text.lines().find_map(part_head)?;
    let mut parts: Vec<(bool, Vec<u8>)> = Vec::new();
    let (mut takes, mut is_hex) = (false, false);
    for line in text.lines() {
        if let Some(head) = part_head(line) {
            takes = head.starts_with(SENT) || head.starts_with(RECEIVED);
            let is_request = head.starts_with("=>");
            let is_new = match parts.last() {
                None => true,
                Some((was_request, _)) => is_request != *was_request,
            };
            if is_new {
                parts.push((is_request, Vec::new()));
            }
        } else if let Some((offset, rest)) = line.split_once(": ").filter(|(offset, _)| is_offset(offset)) {
            let Some((_, body)) = parts.last_mut().filter(|_| takes) else { continue };
            match hex_of(rest) {
                Some(bytes) => {
                    is_hex = true;
                    body.extend(bytes);
                }
                None => {
                    // Where a line of the data ended, its end is left out.
                    let offset = usize::from_str_radix(offset, 16).unwrap_or(0);
                    if offset > 0 && offset == body.len() + 2 {
                        body.extend(b"\r\n");
                    }
                    body.extend(rest.as_bytes());
                }
            }
        } else {
            takes = false;
        }
    }
    let mut capture = Capture::new(Form::CurlTrace);
    let decoded = |bytes: &[u8]| text::decoded(bytes).unwrap_or_default();
    exchanges(&mut capture, parts.iter().map(|(is_request, bytes)| (*is_request, decoded(bytes))));
    if !is_hex {
        for message in capture.messages.iter_mut().filter(|message| message.origin.side == Some(Side::Response)) {
            message.losses.push(Loss::DotsForBytes);
        }
    }
    Some(capture)
}

/// The line before a part of a trace; `--trace-time` and `--trace-ids` write something before it.
fn part_head(line: &str) -> Option<&str> {
    let line = &line[line.find("=> Send ").or_else(|| line.find("<= Recv "))?..];
    line.contains(" bytes (0x").then_some(line)
}

fn is_offset(text: &str) -> bool {
    text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The bytes of a line of `--trace`: sixteen in hex, then what they are in ASCII.
fn hex_of(line: &str) -> Option<Vec<u8>> {
    const WIDTH: usize = 16 * 3;
    let (columns, shown) = (line.get(..WIDTH)?, line.get(WIDTH..)?);
    let bytes: Vec<u8> =
        columns.split_ascii_whitespace().map(|pair| u8::from_str_radix(pair, 16)).collect::<Result<_, _>>().ok()?;
    let is_so = !bytes.is_empty() && bytes.len() <= 16 && columns.trim_end().len() == bytes.len() * 3 - 1;
    (is_so && shown.len() == bytes.len()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::{Captured, read};
    use super::*;

    /// curl 7.88.1 against a small server, with `-v 2>&1`, `--trace-ascii` and `--trace`.
    const VERBOSE: &str = include_str!("../../../tests/explain/dumps/verbose.txt");
    const TRACE_ASCII: &str = include_str!("../../../tests/explain/dumps/trace-ascii.txt");
    const TRACE: &str = include_str!("../../../tests/explain/dumps/trace.txt");

    const REQUEST: &str = r#"{"ver":"1.0","src":"ORG1","data":"QQ==","note":"中","signValue":"TUk="}"#;
    const DATA: &str = r#"{\"code\":\"00\",\"note\":\"成功\",\"signSts\":\"2\",\"sysSignFlowId\":\"MAN1\"}"#;

    fn answer() -> String {
        format!(r#"{{"ver":"1.0","signValue":"TUk=","data":"{DATA}"}}"#)
    }

    fn told(messages: &[Captured]) -> Vec<(Option<Side>, &str, &[Loss])> {
        messages.iter().map(|message| (message.origin.side, message.body.as_str(), message.losses.as_slice())).collect()
    }

    #[test]
    fn verbose_output_has_the_answer_alone() {
        let capture = read(VERBOSE);
        assert_eq!(capture.form, Form::Curl);
        assert_eq!(told(&capture.messages), [(Some(Side::Response), answer().as_str(), &[][..])]);
        assert_eq!(capture.losses, [Loss::NoRequestBody]);
    }

    #[test]
    fn a_command_line_before_it_has_the_request() {
        let text = format!("$ curl -v http://127.0.0.1:1/x -d '{REQUEST}'\n{VERBOSE}\n");
        let capture = read(&text.repeat(2));
        assert_eq!(capture.losses, []);
        let answer = answer();
        let exchange = [(Some(Side::Request), REQUEST, &[][..]), (Some(Side::Response), answer.as_str(), &[])];
        assert_eq!(told(&capture.messages), [exchange, exchange].concat());
        assert_eq!(capture.messages[2].origin.number, Some(2));
    }

    #[test]
    fn a_trace_in_hex_has_every_byte() {
        let capture = read(TRACE);
        assert_eq!(capture.form, Form::CurlTrace);
        let answer = answer();
        let expected = [(Some(Side::Request), REQUEST, &[][..]), (Some(Side::Response), answer.as_str(), &[])];
        assert_eq!(told(&capture.messages), expected);
    }

    #[test]
    fn a_trace_in_ascii_has_dots() {
        let capture = read(TRACE_ASCII);
        let (request, answer) = (REQUEST.replace('中', "..."), answer().replace("成功", "......"));
        let expected =
            [(Some(Side::Request), request.as_str(), &[][..]), (Some(Side::Response), &answer, &[Loss::DotsForBytes])];
        assert_eq!(told(&capture.messages), expected);
    }

    #[test]
    fn ends_of_lines_within_data_are_put_back() {
        let text = "=> Send data, 80 bytes (0x50)\n0000: {\"ver\":\"1.0\",\"src\":\"O\",\n0019: \"data\":\"QQ==\",\"signValue\":\"TUk=\"}\n";
        assert_eq!(
            read(text).messages[0].body,
            "{\"ver\":\"1.0\",\"src\":\"O\",\r\n\"data\":\"QQ==\",\"signValue\":\"TUk=\"}"
        );
    }
}
