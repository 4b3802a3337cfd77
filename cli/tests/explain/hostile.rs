//! What is no capture at all: a sentence and a status, whatever it is.

use std::fs::File;
use std::time::{Duration, Instant};

use crate::made::{Kind, good_request};
use crate::platform::Scratch;
use crate::run::{explain, fed, fed_with, run};

#[test]
fn what_is_no_capture_is_refused_with_a_sentence() {
    let scratch = Scratch::new();
    let zeros = scratch.0.join("zeros");
    File::create(&zeros).unwrap().set_len(200 << 20).unwrap();
    let program = std::env::current_exe().unwrap();
    let program = std::fs::read(program).unwrap()[..100_000].to_vec();
    let text = |name: &str, bytes: &[u8]| scratch.write(name, bytes).to_str().unwrap().to_owned();
    for (file, status, en, zh) in [
        (text("empty", b""), 2, "is empty", "是空的"),
        (text("blank", b"\xef\xbb\xbf \r\n"), 2, "is empty", "是空的"),
        (text("program", &program), 4, "is no text", "不是 UTF-8"),
        (text("png", b"\x89PNG\r\n\x1a\n\0\0"), 4, "is no text", "不是 UTF-8"),
        (zeros.to_str().unwrap().to_owned(), 4, "is larger than 64 MB", "超过 64 MB"),
        (text("prose", b"hello"), 2, "holds no message of this protocol", "没有本协议的报文"),
        (text("har", b"{\"log\":{\"entries\":[]}}"), 2, "read as a HAR, holds no message", "没有本协议的报文"),
        (scratch.0.to_str().unwrap().to_owned(), 4, "cannot be read", "无法读取"),
    ] {
        for (lang, expected) in [("en", en), ("zh", zh)] {
            let run = run(&mut explain(&["--lang", lang, &file]));
            assert_eq!((run.status, run.out.as_str()), (status, ""), "{file}: {run:?}");
            assert!(run.err.starts_with("yspay: ") && run.err.contains(expected), "{file}: {run:?}");
        }
    }
}

#[test]
fn odd_bodies_are_told_from_messages() {
    let deep = format!("{}1{}", "{\"data\":".repeat(100_000), "}".repeat(100_000));
    let long =
        format!("{{\"ver\":\"1.0\",\"src\":\"{}\",\"data\":\"QQ==\",\"signValue\":\"QQ==\"}}", "x".repeat(10 << 20));
    let scratch = Scratch::new();
    let config = Kind::Sm.config(&scratch);
    for body in
        ["{}", "{\"ver\":", "{\"a\":1}", &deep, &long, "{\"ver\":null,\"src\":[],\"data\":{},\"signValue\":1e999}"]
    {
        for arguments in [&[][..], &["--json"]] {
            let run = fed_with(&config, arguments, body);
            assert!([12, 13].contains(&run.status) && run.err.is_empty(), "{body:.100}: {} {}", run.status, run.err);
        }
    }
}

/// Each bracket may begin what people print; looking far behind each of them would take minutes.
#[test]
fn millions_of_brackets_end_soon() {
    let scratch = Scratch::new();
    for part in ["{\\\"", "[", "{\"a\":", "{a={\"", "{x=(["] {
        let file = scratch.write("brackets", format!("x{}", part.repeat((3 << 20) / part.len())));
        let begun = Instant::now();
        let run = run(&mut explain(&[file.to_str().unwrap()]));
        assert!(run.status == 2 && run.err.contains("holds no message"), "{part}: {} {:.200}", run.status, run.err);
        // A few seconds by design, unoptimised; the machine may be busy.
        assert!(begun.elapsed() < Duration::from_secs(40), "{part}: {:?}", begun.elapsed());
    }
}

/// A terminal obeys what it is shown.
#[test]
fn nothing_of_a_message_reaches_the_terminal_as_it_is() {
    let body = r#"{"ver":"\u001b[2J","src\u001b[1m":"x\u009b","signType":"\u001b]0;x\u0007","data":"\u202e","signValue":"QQ=="}"#;
    for kind in Kind::BOTH {
        let scratch = Scratch::new();
        let run = fed_with(&kind.config(&scratch), &[], body);
        let is_plain = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        assert!(run.out.chars().all(is_plain) && run.out.contains("⟨U+001B⟩"), "{:?}", run.out);
    }
}

#[test]
fn long_texts_are_cut_for_people_alone() {
    let long = "x".repeat(100_000);
    let body = format!(
        "{{\"ver\":\"{long}\",\"src\":\"{long}\",\"data\":\"QQ==\",\"method\":\"m\",\"{long}\":\"1\",\"{long}\":\"2\"}}"
    );
    let run = fed(&[], &body);
    assert!(run.out.len() < 20_000 && run.out.contains("--json shows them all"), "{}", run.out.len());
    assert!(fed(&["--json"], &body).out.len() > 100_000);
}

#[test]
fn only_the_first_of_many_are_explained() {
    // Those that nobody judged may be wrong.
    let scratch = Scratch::new();
    let config = Kind::Rsa.config(&scratch);
    let good = format!("{}\n", good_request(Kind::Rsa));
    assert_eq!(fed_with(&config, &["--json"], good.repeat(100)).status, 0);
    assert_eq!(fed_with(&config, &["--json"], good.repeat(101)).status, 13);
    let line = "{\"ver\":\"1.0\",\"src\":\"A\",\"data\":\"QQ==\"}\n";
    let run = fed(&["--json"], line.repeat(103));
    assert_eq!((run.objects().len(), run.status), (100, 13));
    assert!(run.err.contains("the first 100 messages were explained, 3 more were not"), "{}", run.err);
}
