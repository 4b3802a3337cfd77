//! Maps as programs print them: not what was sent, but often all that people have.
//!
//! `{ver=1.0, src=…}` and `Request(ver=1.0, …)` of Java, `{'ver': '1.0'}` of Python, and PHP's `print_r`, `var_dump` and
//! `var_export`.

use super::Loss;
use yspay_diagnosis::ENVELOPE;

use super::object::{ENOUGH, Found, end_of, patience};

/// No message is nested so deep.
const MOST_DEPTH: usize = 8;
/// Nor is what it holds so long.
const MOST_BYTES: usize = 1 << 20;
/// No name, and nothing before a bracket, has more bytes.
const NEAR: usize = 512;

/// Hands over each map that has the names of a message, as an object of JSON.
pub(super) fn maps(text: &str, take: &mut dyn FnMut(Found)) {
    let mut patience = patience(text);
    let (mut at, mut line, mut counted) = (0, 1, 0);
    while let Some(next) = text[at..].find(['{', '(', '[']).map(|found| at + found) {
        line += text[counted..next].matches('\n').count();
        counted = next;
        at = next + 1;
        let mut reader = Reader { text, at: next, patience, is_java: false, is_php: false };
        let map = reader.map(MOST_DEPTH);
        if let Some(map) = map.filter(Map::is_message) {
            let loss = match (reader.is_java, reader.is_php) {
                (true, _) => Loss::JavaMap,
                (false, true) => Loss::PhpArray,
                (false, false) => Loss::PythonDict,
            };
            take(Found { body: map.json(), line, loss: Some(loss) });
            at = reader.at;
            continue;
        }
        patience = reader.patience.saturating_sub(reader.at - next);
        if patience == 0 {
            return;
        }
    }
}

enum Value {
    Text(String),
    /// A number, true, false or null, as JSON has it.
    Bare(String),
    Map(Map),
}

struct Map(Vec<(String, Value)>);

impl Map {
    fn is_message(&self) -> bool {
        self.0.iter().filter(|(name, _)| ENVELOPE.contains(&name.as_str())).count() >= ENOUGH
    }

    fn json(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let member = |(name, value): &(String, Value)| match value {
            Value::Text(text) => format!("{}:{}", quoted(name), quoted(text)),
            Value::Bare(text) => format!("{}:{text}", quoted(name)),
            Value::Map(map) => format!("{}:{}", quoted(name), map.json()),
        };
        format!("{{{}}}", self.0.iter().map(member).collect::<Vec<_>>().join(","))
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many bytes may still be looked at and left again.
    patience: usize,
    is_java: bool,
    is_php: bool,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// What is next, as much as names and headings are long: looking further again and again would take long.
    fn near(&self) -> &'a str {
        let rest = self.rest();
        let end = (0..=NEAR.min(rest.len())).rev().find(|end| rest.is_char_boundary(*end));
        &rest[..end.unwrap_or(0)]
    }

    fn skip_white(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn takes(&mut self, expected: &str) -> bool {
        let is_there = self.rest().starts_with(expected);
        self.at += if is_there { expected.len() } else { 0 };
        is_there
    }

    /// A map from its opening bracket to its closing one.
    fn map(&mut self, depth: usize) -> Option<Map> {
        let close = match self.rest().chars().next()? {
            '{' => '}',
            '(' => ')',
            '[' => ']',
            _ => return None,
        };
        if depth == 0 || self.patience == 0 {
            return None;
        }
        self.at += 1;
        self.skip_decoration();
        let mut members = Vec::new();
        loop {
            self.skip_white();
            if self.rest().starts_with(close) {
                self.at += 1;
                return Some(Map(members));
            }
            members.push(self.member(close, depth)?);
            self.skip_white();
            self.takes(",");
        }
    }

    /// What Laravel's `dd` puts behind a bracket: `[▼ // routes/web.php:7`, `{#293 ▼`.
    fn skip_decoration(&mut self) {
        let near = self.near();
        let decoration = near.trim_start_matches(' ');
        if decoration.starts_with(['▼', '▶', '#']) || decoration.starts_with("//") {
            self.at += near.find('\n').unwrap_or(near.len());
        }
    }

    fn member(&mut self, close: char, depth: usize) -> Option<(String, Value)> {
        if let Some(name) = identifier(self.rest()) {
            // Java's.
            self.at += name.len();
            if !self.takes("=") || self.rest().starts_with(['=', '>']) {
                return None;
            }
            self.is_java = true;
            return Some((name.to_owned(), self.java_value(close, depth)));
        }
        let is_property = self.takes("+");
        let in_brackets = self.takes("[");
        let is_bare = in_brackets && !self.rest().starts_with(['"', '\'']);
        let name = if is_bare { self.until(']')?.to_owned() } else { self.quoted()? };
        if in_brackets && !is_bare && !self.takes("]") {
            return None;
        }
        self.skip_white();
        if self.takes("=>") || (is_property && self.takes(":")) {
            self.is_php = true;
        } else if in_brackets || !self.takes(":") {
            return None;
        }
        // An empty value of `print_r` ends with its line.
        if is_bare {
            self.takes(" ");
        } else {
            self.skip_white();
        }
        Some((name, self.value(is_bare, depth)?))
    }

    /// Up to the next name, or the bracket that closes the map.
    fn java_value(&mut self, close: char, depth: usize) -> Value {
        let start = self.at;
        // A text of JSON, as the answer's data is one.
        match end_of(self.rest(), MOST_BYTES.min(self.patience)) {
            Ok(end) => {
                self.at += end;
                return Value::Text(self.text[start..self.at].to_owned());
            }
            Err(looked) => self.patience = self.patience.saturating_sub(looked),
        }
        if self.rest().starts_with('{')
            && let Some(map) = self.map(depth - 1).filter(|map| !map.0.is_empty())
        {
            return Value::Map(map);
        }
        self.patience = self.patience.saturating_sub(self.at - start);
        self.at = start;
        let mut open = 0_usize;
        let rest = self.rest();
        for (index, c) in rest.char_indices() {
            self.at = start + index;
            match c {
                _ if c == close && open == 0 => break,
                '{' | '(' | '[' => open += 1,
                '}' | ')' | ']' => open = open.saturating_sub(1),
                ',' if open == 0 => {
                    let next = rest[index + 1..].strip_prefix(' ');
                    if next.is_some_and(|next| identifier(next).is_some()) {
                        break;
                    }
                }
                _ => {}
            }
        }
        match &self.text[start..self.at] {
            "null" => Value::Bare("null".into()),
            text => Value::Text(text.to_owned()),
        }
    }

    /// The value of PHP or Python.
    fn value(&mut self, ends_with_its_line: bool, depth: usize) -> Option<Value> {
        // `Array (`, `array (`, `array(2) {`, `stdClass Object (`, `object(stdClass)#1 (2) {`, `[`, `{`
        let head =
            ["Array", "array", "stdClass Object", "object(", "{#"].iter().find(|head| self.rest().starts_with(**head));
        if let Some(head) = head {
            self.at += head.len();
            // `{#` is a bracket itself.
            if *head == "{#" {
                self.at -= head.len();
                return self.map(depth - 1).map(Value::Map);
            }
            // `array:2 [` of Laravel, `array(2) {` of `var_dump`, `Array (` and `array (` of the others.
            let near = self.near();
            let line = near.find('\n').unwrap_or(near.len());
            let bracket = if near.starts_with(':') { '[' } else { '{' };
            let opening = near[..line].find(bracket).or_else(|| near.find('('))?;
            self.at += opening;
            return self.map(depth - 1).map(Value::Map);
        }
        if ends_with_its_line {
            return Some(Value::Text(self.entry().to_owned()));
        }
        match self.rest().chars().next()? {
            '[' | '{' => return self.map(depth - 1).map(Value::Map),
            '"' | '\'' => return self.quoted().map(Value::Text),
            _ => {}
        }
        if self.takes("string(") {
            let length: usize = self.until(')')?.parse().ok()?;
            if !self.takes(" \"") {
                return None;
            }
            let text = self.rest().get(..length)?;
            self.at += length;
            return self.takes("\"").then(|| Value::Text(text.to_owned()));
        }
        let rest = self.rest();
        let word = &rest[..rest.find([',', '\n', '}', ']']).unwrap_or(rest.len())];
        self.at += word.len();
        let inner =
            ["int(", "float(", "bool("].iter().find_map(|head| word.trim().strip_prefix(head)?.strip_suffix(')'));
        let bare = inner.unwrap_or(word.trim());
        let bare = match bare {
            "NULL" | "None" => "null",
            "True" => "true",
            "False" => "false",
            other => other,
        };
        serde_json::from_str::<serde_json::Value>(bare).ok().map(|_| Value::Bare(bare.to_owned()))
    }

    /// Up to what begins another entry of `print_r`, or ends it; browsers show all of it in one line.
    fn entry(&mut self) -> &'a str {
        let rest = self.rest();
        if ends_entry(rest) {
            return "";
        }
        let mut before = 'x';
        let is_end = |&(at, c): &(usize, char)| {
            let begins_white = c.is_whitespace() && !before.is_whitespace();
            before = c;
            begins_white && ends_entry(&rest[at..])
        };
        let end = rest.char_indices().find(is_end).map_or(rest.len(), |(at, _)| at);
        self.at += end;
        rest[..end].trim_end_matches(['\r', '\n'])
    }

    fn until(&mut self, end: char) -> Option<&'a str> {
        let length = self.near().find(end)?;
        let text = &self.rest()[..length];
        self.at += length + end.len_utf8();
        Some(text)
    }

    /// In single or double quotes, with escapes.
    fn quoted(&mut self) -> Option<String> {
        let quote = self.rest().chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let start = self.at + 1;
        let mut out = String::new();
        let mut chars = self.text[start..].char_indices();
        while let Some((index, c)) = chars.next() {
            self.at = start + index + c.len_utf8();
            match c {
                _ if c == quote => return Some(out),
                '\\' => match chars.next()?.1 {
                    'n' if !self.is_php => out.push('\n'),
                    'r' if !self.is_php => out.push('\r'),
                    't' if !self.is_php => out.push('\t'),
                    other if other == quote || other == '\\' => out.push(other),
                    other => out.extend(['\\', other]),
                },
                c => out.push(c),
            }
        }
        None
    }
}

/// The name before `=`.
fn identifier(text: &str) -> Option<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())];
    (name.starts_with(|c: char| !c.is_ascii_digit()) && text[name.len()..].starts_with('=')).then_some(name)
}

/// Whether white space and then another entry of `print_r` follows, or the end of its array.
fn ends_entry(rest: &str) -> bool {
    let next = rest.trim_start();
    let white = &rest[..rest.len() - next.len()];
    if let Some(next) = next.strip_prefix('[') {
        let name = next.bytes().take(64).take_while(|byte| !matches!(byte, b']' | b' ')).count();
        return next.as_bytes()[name..].starts_with(b"] =>");
    }
    let after = next.strip_prefix(')').map(str::trim_start);
    after.is_some_and(|after| white.contains('\n') || after.is_empty() || after.starts_with([')', '[']))
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[track_caller]
    fn assert_read(text: &str, expected: &str, loss: Loss) {
        let capture = read(text);
        let found: Vec<_> = capture.messages.iter().map(|m| (m.body.as_str(), m.losses.as_slice())).collect();
        assert_eq!(found, [(expected, &[loss][..])], "{text}");
    }

    #[test]
    fn maps_of_java() {
        let expected = r#"{"ver":"1.0","src":"ORG1","data":"QQ==","extra":null,"signValue":"a+b/c=="}"#;
        let map = "{ver=1.0, src=ORG1, data=QQ==, extra=null, signValue=a+b/c==}";
        assert_read(map, expected, Loss::JavaMap);
        assert_read(&format!("10:00 INFO [main] x.Y - params: {map} sent"), expected, Loss::JavaMap);
        assert_read(&format!("Req{}", map.replace('{', "(").replace('}', ")")), expected, Loss::JavaMap);
        // The answer's data as a text, as a map, and within another object.
        let text = r#"{ver=1.0, data={"code":"00","note":"a, b=c"}, signValue=TUk=}"#;
        assert_read(
            text,
            r#"{"ver":"1.0","data":"{\"code\":\"00\",\"note\":\"a, b=c\"}","signValue":"TUk="}"#,
            Loss::JavaMap,
        );
        let map = "{ver=1.0, data={code=00, note=成功（测试）}, signValue=TUk=}";
        let expected = r#"{"ver":"1.0","data":{"code":"00","note":"成功（测试）"},"signValue":"TUk="}"#;
        assert_read(map, expected, Loss::JavaMap);
        assert_read(&format!("Call{{id=1, body={map}}}"), expected, Loss::JavaMap);
    }

    /// As PHP 8 prints `['ver' => '1.0', 'src' => 'ORG1', 'data' => "QQ==\r\nQQ==", 'reqFlowId' => '']`.
    #[test]
    fn arrays_of_php() {
        let expected = r#"{"ver":"1.0","src":"ORG1","data":"QQ==\r\nQQ==","reqFlowId":""}"#;
        let print_r =
            "Array\n(\n    [ver] => 1.0\n    [src] => ORG1\n    [data] => QQ==\r\nQQ==\n    [reqFlowId] => \n)\n";
        assert_read(print_r, expected, Loss::PhpArray);
        // As a browser shows it.
        let line = "Array ( [ver] => 1.0 [src] => ORG1 [data] => QQ==\r\nQQ== [reqFlowId] => )";
        assert_read(line, expected, Loss::PhpArray);
        let dump = "array(4) {\n  [\"ver\"]=>\n  string(3) \"1.0\"\n  [\"src\"]=>\n  string(4) \"ORG1\"\n  [\"data\"]=>\n  string(10) \"QQ==\r\nQQ==\"\n  [\"reqFlowId\"]=>\n  string(0) \"\"\n}\n";
        assert_read(dump, expected, Loss::PhpArray);
        let export =
            "array (\n  'ver' => '1.0',\n  'src' => 'ORG1',\n  'data' => 'QQ==\r\nQQ==',\n  'reqFlowId' => '',\n)";
        assert_read(export, expected, Loss::PhpArray);
        assert_read(&format!("$x = {};", export.replace("array (", "[").replace(')', "]")), expected, Loss::PhpArray);
        // What json_decode made of an answer.
        let object = "stdClass Object\n(\n    [ver] => 1.0\n    [signValue] => TUk=\n    [data] => stdClass Object\n        (\n            [code] => 00\n            [note] => a (b)\n        )\n\n)\n";
        let expected = r#"{"ver":"1.0","signValue":"TUk=","data":{"code":"00","note":"a (b)"}}"#;
        assert_read(object, expected, Loss::PhpArray);
        assert_read(&object.split_whitespace().collect::<Vec<_>>().join(" "), expected, Loss::PhpArray);
        let object = "object(stdClass)#1 (3) {\n  [\"ver\"]=>\n  float(1.5)\n  [\"signValue\"]=>\n  NULL\n  [\"data\"]=>\n  object(stdClass)#2 (1) {\n    [\"note\"]=>\n    string(6) \"成功\"\n  }\n}";
        let expected = r#"{"ver":1.5,"signValue":null,"data":{"note":"成功"}}"#;
        assert_read(object, expected, Loss::PhpArray);
    }

    #[test]
    fn what_laravel_dumps() {
        let dumped = "array:3 [▼ // routes/web.php:7\n  \"ver\" => \"1.0\"\n  \"signValue\" => \"TUk=\"\n  \"data\" => array:1 [▼\n    \"code\" => \"00\"\n  ]\n]";
        let expected = r#"{"ver":"1.0","signValue":"TUk=","data":{"code":"00"}}"#;
        assert_read(dumped, expected, Loss::PhpArray);
        assert_read(&dumped.replace(" // routes/web.php:7", "").replace('▼', ""), expected, Loss::PhpArray);
        let object = "{#293 ▼\n  +\"ver\": \"1.0\"\n  +\"signValue\": \"TUk=\"\n  +\"data\": {#294 ▼\n    +\"code\": \"00\"\n  }\n}";
        assert_read(object, expected, Loss::PhpArray);
    }

    #[test]
    fn dicts_of_python() {
        let text = r#"{'ver': '1.0', 'data': {'code': '00', 'note': "it's", 'n': None, 'ok': True, 'x': 10.00}, 'signValue': 'TUk='}"#;
        let expected =
            r#"{"ver":"1.0","data":{"code":"00","note":"it's","n":null,"ok":true,"x":10.00},"signValue":"TUk="}"#;
        assert_read(text, expected, Loss::PythonDict);
    }
}
