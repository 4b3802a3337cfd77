//! `data` encrypted in another way than the right one, by `openssl`: each mistake is named, and the text is shown.

mod support;

use support::*;
use yspay_diagnosis::{About, DataVerdict, Keys, Message, Text, Verdict, diagnose};

/// A request that is signed as it must be, with this `data`.
fn with_data(data: &str) -> String {
    let mut fields = request(Algorithm::Rsa);
    set(&mut fields, "data", data);
    let signature = rsa("merchant", "sha1", right_text(&fields).as_bytes());
    signed(&fields, &signature)
}

#[track_caller]
fn data_names(mistakes: &[&str], data: &str) {
    data_names_text(mistakes, data, LONG_PLAIN);
}

#[track_caller]
fn data_names_text(mistakes: &[&str], data: &str, text: &str) {
    let diagnosis = diagnosed(&with_data(data));
    assert_eq!(diagnosis.verdict, Verdict::Fits, "{}", diagnosis.explanation.en);
    let report = diagnosis.data.as_ref().unwrap();
    let found = diagnosis.findings.iter().filter(|finding| finding.about == About::Data);
    let ids: Vec<_> = found.flat_map(|finding| &finding.mistakes).map(|mistake| mistake.id()).collect();
    assert_eq!(ids, mistakes, "{}", report.explanation.en);
    assert_eq!(report.text.as_deref(), Some(text));
    assert_eq!(report.verdict, if mistakes.is_empty() { DataVerdict::Right } else { DataVerdict::Wrong });
    assert_shows_no_key(&diagnosis);
}

/// Base64 of what a cipher of OpenSSL makes.
fn made(arguments: &[&str], text: &[u8]) -> String {
    to_base64(&encrypted(arguments, text))
}

fn first(count: usize) -> String {
    hex(&DES_KEY.as_bytes()[..count])
}

#[test]
fn the_right_encryption_is_right() {
    data_names(&[], &right_data(LONG_PLAIN));
    let data = right_data(LONG_PLAIN);
    data_names(&[], &format!("{}\r\n{}\r\n", &data[..76], &data[76..]));
}

#[test]
fn the_key_was_taken_otherwise() {
    data_names(&["des-key-decoded"], &made(&["-des-ecb", "-K", &DES_KEY[..16]], LONG_PLAIN.as_bytes()));
    data_names(&["des-key-end"], &made(&["-des-ecb", "-K", &hex(&DES_KEY.as_bytes()[24..])], LONG_PLAIN.as_bytes()));
    let lower = hex(DES_KEY[..8].to_lowercase().as_bytes());
    data_names(&["des-key-case"], &made(&["-des-ecb", "-K", &lower], LONG_PLAIN.as_bytes()));
}

#[test]
fn the_padding_was_another() {
    let zeros = |text: &str| [text.as_bytes(), &vec![0; 8 - text.len() % 8]].concat();
    data_names(&["zero-padding"], &made(&["-des-ecb", "-nopad", "-K", &first(8)], &zeros(LONG_PLAIN)));
    // A whole number of blocks needs no padding, and some then leave it out.
    let whole = r#"{"sysSignFlowId":"MAN202109280"}"#;
    assert_eq!(whole.len() % 8, 0);
    data_names_text(&["no-padding"], &made(&["-des-ecb", "-nopad", "-K", &first(8)], whole.as_bytes()), whole);
}

#[test]
fn the_mode_was_another() {
    let cbc = |iv: &str| made(&["-des-cbc", "-K", &first(8), "-iv", iv], LONG_PLAIN.as_bytes());
    data_names(&["cbc-zero"], &cbc("0000000000000000"));
    data_names(&["cbc-key"], &cbc(&first(8)));
    data_names(&["cbc-other"], &cbc("1234567890abcdef"));
}

#[test]
fn the_mode_made_a_stream() {
    let text = LONG_PLAIN.as_bytes();
    let iv = hex(b"abcd1234");
    let (key, zeros) = (first(8), "0".repeat(16));
    // As OpenSSL does it, which leaves the padding out, and with a padding all the same, as Java does it.
    let padded = [text, &vec![8 - text.len() as u8 % 8; 8 - text.len() % 8]].concat();
    for text in [text, &padded] {
        for mode in ["-des-cfb", "-des-cfb8", "-des-ofb"] {
            for iv in [&zeros, &key] {
                data_names(&["stream-mode"], &made(&[mode, "-K", &key, "-iv", iv], text));
            }
            let bytes = encrypted(&[mode, "-K", &key, "-iv", &iv], text);
            data_names(&["stream-mode"], &to_base64(&[&b"abcd1234"[..], &bytes].concat()));
        }
        data_names(&["aes", "stream-mode"], &made(&["-aes-128-ctr", "-K", DES_KEY, "-iv", "00"], text));
    }
    let bytes = encrypted(&["-des-cbc", "-K", &key, "-iv", &iv], text);
    data_names(&["cbc-other"], &to_base64(&[&b"abcd1234"[..], &bytes].concat()));
}

#[test]
fn the_padding_had_another_form() {
    let missing = 8 - LONG_PLAIN.len() % 8;
    assert!(missing > 2, "the vector lost what it is for");
    let length = u8::try_from(missing).unwrap();
    let mut iso_10126 = vec![0xa5; missing];
    let mut x923 = vec![0; missing];
    let mut iso_7816 = vec![0; missing];
    (iso_10126[missing - 1], x923[missing - 1], iso_7816[0]) = (length, length, 0x80);
    for padding in [iso_10126, x923, iso_7816] {
        let padded = [LONG_PLAIN.as_bytes(), &padding].concat();
        data_names(&["other-padding"], &made(&["-des-ecb", "-nopad", "-K", &first(8)], &padded));
    }
    for plain in [LONG_PLAIN, r#"{"sysSignFlowId":"MAN202109280009848"}"#, r#"{"sysSignFlowId":"MAN2021"}"#] {
        let of_16 = 16 - plain.len() % 16;
        let padded = [plain.as_bytes(), &vec![u8::try_from(of_16).unwrap(); of_16]].concat();
        let mistakes: &[_] = if of_16 > 8 { &["other-padding"] } else { &[] };
        data_names_text(mistakes, &made(&["-des-ecb", "-nopad", "-K", &first(8)], &padded), plain);
    }
}

#[test]
fn the_key_of_aes_was_made_otherwise() {
    let text = LONG_PLAIN.as_bytes();
    data_names(&["aes"], &made(&["-aes-192-ecb", "-K", &first(24)], text));
    for seed in [DES_KEY.as_bytes().to_vec(), from_hex(DES_KEY)] {
        let key = digest("sha1", &digest("sha1", &seed));
        data_names(&["aes"], &made(&["-aes-128-ecb", "-K", &hex(&key[..16])], text));
    }
}

#[test]
fn the_cipher_was_another() {
    let text = LONG_PLAIN.as_bytes();
    data_names(&["triple-des"], &made(&["-des-ede3", "-K", &first(24)], text));
    data_names(&["triple-des", "cbc-zero"], &made(&["-des-ede3-cbc", "-K", &first(24), "-iv", "00"], text));
    data_names(&["triple-des", "des-key-decoded"], &made(&["-des-ede", "-K", DES_KEY], text));
    data_names(&["aes"], &made(&["-aes-128-ecb", "-K", DES_KEY], text));
    data_names(&["aes"], &made(&["-aes-256-ecb", "-K", &hex(DES_KEY.as_bytes())], text));
    data_names(&["aes"], &made(&["-aes-128-ecb", "-K", &first(16)], text));
    data_names(&["aes", "cbc-zero"], &made(&["-aes-128-cbc", "-K", DES_KEY, "-iv", "00"], text));
    data_names(&["aes", "cbc-key"], &made(&["-aes-128-cbc", "-K", DES_KEY, "-iv", DES_KEY], text));
    data_names(&["aes", "cbc-other"], &made(&["-aes-128-cbc", "-K", DES_KEY, "-iv", &hex(b"0102030405060708")], text));
    data_names(&["aes", "cbc-zero"], &made(&["-aes-256-cbc", "-K", &hex(DES_KEY.as_bytes()), "-iv", "00"], text));
}

#[test]
fn the_bytes_were_written_otherwise() {
    let bytes = encrypted(&["-des-ecb", "-K", &first(8)], LONG_PLAIN.as_bytes());
    let right = to_base64(&bytes);
    data_names(&["data-hex"], &hex(&bytes));
    data_names(&["data-hex"], &to_base64(hex(&bytes).as_bytes()));
    data_names(&["data-base64-twice"], &to_base64(right.as_bytes()));
    data_names(&["data-hex"], &hex(&bytes).to_uppercase());
    data_names(&["data-base64url"], &right.replace('+', "-").replace('/', "_"));
    assert!(right.ends_with('='), "the vector lost what it is for: {right}");
    data_names(&["data-unpadded"], right.trim_end_matches('='));
    data_names(&["plus-sent-as-space"], &right.replace('+', " "));
    data_names(&["data-sent-encoded"], &right.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
    data_names(
        &["des-key-decoded", "data-hex"],
        &hex(&encrypted(&["-des-ecb", "-K", &DES_KEY[..16]], LONG_PLAIN.as_bytes())),
    );
    data_names(&["data-not-encrypted"], LONG_PLAIN);
    data_names(&["data-only-base64"], &to_base64(LONG_PLAIN.as_bytes()));
}

#[test]
fn what_happened_to_data_on_its_way_is_told_once() {
    let escaped = |data: &str| data.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let spaced = |data: &str| data.replace('+', " ");
    let right = right_data(LONG_PLAIN);
    let hex_key = made(&["-des-ecb", "-K", &DES_KEY[..16]], LONG_PLAIN.as_bytes());
    assert!(right.contains('+') && hex_key.contains('+'), "the vectors lost what they are for: {right}, {hex_key}");
    for (was_signed, sent, mistake, also) in [
        (&right, spaced(&right), "plus-sent-as-space", None),
        (&right, escaped(&right), "data-sent-encoded", None),
        (&hex_key, spaced(&hex_key), "plus-sent-as-space", Some("des-key-decoded")),
    ] {
        for algorithm in BOTH {
            let mut fields = request(algorithm);
            set(&mut fields, "data", was_signed.as_str());
            let signature = algorithm.sign("merchant", right_text(&fields).as_bytes());
            set(&mut fields, "data", sent.as_str());
            let diagnosis = names(&signed(&fields, &signature), &[mistake]);
            let others = diagnosis.findings[1..].iter().map(|finding| (finding.about, finding.mistakes.as_slice()));
            let others: Vec<_> = others.map(|(about, all)| (about, all.iter().map(|one| one.id()).collect())).collect();
            let expected: Vec<_> = also.map(|also| (About::Data, vec![also])).into_iter().collect();
            assert_eq!(others, expected, "{mistake}");
            assert!(diagnosis.tells_of_data());
            let data = diagnosis.data.unwrap();
            assert_eq!((data.verdict, data.text.as_deref()), (DataVerdict::Wrong, Some(LONG_PLAIN)));
        }
    }
}

#[test]
fn what_cannot_be_decrypted_is_not_explained_away() {
    let other = made(&["-des-ecb", "-K", &hex(b"anotherk")], LONG_PLAIN.as_bytes());
    for (data, said) in [
        (other.as_str(), "cannot be decrypted with this key"),
        (&to_base64(b"12345"), "no whole number of blocks"),
        ("!!!", "neither Base64 nor hex"),
        ("", "missing or empty"),
    ] {
        let diagnosis = diagnosed(&with_data(data));
        let report = diagnosis.data.unwrap();
        assert!(report.explanation.en.contains(said), "{data}: {}", report.explanation.en);
        assert_eq!((report.verdict, report.text), (DataVerdict::Wrong, None));
        assert!(diagnosis.findings.iter().all(|finding| finding.about != About::Data));
    }
    let message = Message::read(with_data(&right_data(PLAIN)).as_bytes()).unwrap();
    let keys = Keys { des_key: None, ..keys() };
    let report = diagnose(&message, &keys).data.unwrap();
    assert_eq!((report.verdict, report.text), (DataVerdict::CannotTell, None));
}

#[test]
fn what_it_says_is_looked_at() {
    for (text, said) in [
        (r#"{"flowId":"1"}"#, "sysSignFlowId is missing"),
        (r#"{"sysSignFlowId":" "}"#, "is blank"),
        (r#"{"sysSignFlowId":1}"#, "is no string"),
        (&format!(r#"{{"sysSignFlowId":"{}"}}"#, "x".repeat(51)), "more than 50"),
        ("{\"sysSignFlowId\":\"a\u{200b}\"}", "cannot be seen"),
    ] {
        let report = diagnosed(&with_data(&right_data(text))).data.unwrap();
        assert!(report.explanation.en.contains(said), "{text}: {}", report.explanation.en);
        assert_eq!((report.verdict, report.text.as_deref()), (DataVerdict::Wrong, Some(text)));
    }
}

#[test]
fn the_right_key_around_a_wrong_content_is_not_called_another_key() {
    let des = |bytes: &[u8]| encrypted(&["-des-ecb", "-K", &first(8)], bytes);
    // 机构 in GBK, behind an id that UTF-8 and GBK write alike.
    let gbk = [br#"{"sysSignFlowId":"MAN1","name":""#.as_slice(), &[0xbb, 0xfa, 0xb9, 0xb9], b"\"}"].concat();
    let utf16: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = format!("\u{feff}{PLAIN}");
    let array = format!("[{PLAIN}]");
    let quoted = serde_json::Value::from(PLAIN).to_string();
    let none = ("is no JSON object of the business parameters", "不是业务参数的 JSON 对象");
    let in_gbk = ("is in GBK, not UTF-8", "是 GBK 编码，不是 UTF-8");
    for (bytes, text, (en, zh)) in [
        (b"MAN202109280009848".as_slice(), "MAN202109280009848", none),
        ("合同编号".as_bytes(), "合同编号", none),
        (b"sysSignFlowId=MAN1", "sysSignFlowId=MAN1", none),
        (&PLAIN.as_bytes()[..PLAIN.len() - 1], &PLAIN[..PLAIN.len() - 1], none),
        (array.as_bytes(), &array, none),
        (quoted.as_bytes(), &quoted, none),
        (marked.as_bytes(), &marked, none),
        (&[PLAIN.as_bytes(), b"\0"].concat(), &format!("{PLAIN}\0"), none),
        (&gbk, r#"{"sysSignFlowId":"MAN1","name":"机构"}"#, in_gbk),
        (&utf16, PLAIN, ("is in UTF-16, not UTF-8", "是 UTF-16 编码")),
    ] {
        let diagnosis = diagnosed(&with_data(&to_base64(&des(bytes))));
        let report = diagnosis.data.as_ref().unwrap();
        let Text { en: said, zh: said_zh } = &report.explanation;
        assert!(said.contains("with the right key") && said.contains(en), "{text}: {said}");
        assert!(said_zh.contains("密钥也对") && said_zh.contains(zh), "{text}: {said_zh}");
        assert!(!said.contains("another key"));
        assert_eq!((report.verdict, report.text.as_deref()), (DataVerdict::Wrong, Some(text)), "{said}");
        assert_shows_no_key(&diagnosis);
    }
    // Written in hex besides: both are said.
    let diagnosis = diagnosed(&with_data(&hex(&des(b"MAN202109280009848"))));
    let report = diagnosis.data.unwrap();
    let said = &report.explanation.en;
    assert!(
        said.contains("data is written in hex")
            && said.contains(&format!("The key is right, but what is in it {}", none.0)),
        "{said}"
    );
    assert_eq!((report.verdict, report.text.as_deref()), (DataVerdict::Wrong, Some("MAN202109280009848")));
    // Another key stays another key, whatever is in it; so does what only looks padded.
    for data in [
        made(&["-des-ecb", "-K", &hex(b"anotherk")], b"MAN202109280009848"),
        to_base64(&des(&[0x80, 0xff, 0x81, 0x90, 0x01, 0x02, 0xfe, 0x9c, 0x88])),
    ] {
        let report = diagnosed(&with_data(&data)).data.unwrap();
        assert!(report.explanation.en.contains("cannot be decrypted with this key"), "{}", report.explanation.en);
        assert_eq!((report.verdict, report.text), (DataVerdict::Wrong, None));
    }
}
