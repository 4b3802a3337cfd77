//! Whatever comes in, nothing panics, and how much is tried is bounded.

mod support;

use support::*;
use yspay_diagnosis::{Keys, KnownKey, MAX_BODY, Message, PublicKey, Verdict, Whose, diagnose};

/// What is tried at most for one message, as in `honest.rs`.
const MOST_TRIED: usize = 40_000;

/// Reads and diagnoses, whatever it is; the keys are as many as can be.
fn survive(body: &[u8], keys: &Keys) {
    if let Ok(message) = Message::read(body) {
        let diagnosis = diagnose(&message, keys);
        assert!(diagnosis.tried <= MOST_TRIED * 4, "{}", diagnosis.tried);
        assert_ne!(diagnosis.verdict, Verdict::Fits);
        assert!(!diagnosis.explanation.en.is_empty() && !diagnosis.explanation.zh.is_empty());
        serde_json::to_string(&diagnosis).unwrap();
    }
}

fn sign_value(algorithm: Algorithm) -> String {
    to_base64(&algorithm.sign("merchant", b"nothing of this"))
}

#[test]
fn long_bodies() {
    for algorithm in BOTH {
        let (kind, signature) = (algorithm.sign_type(), sign_value(algorithm));
        let envelope = |data: &str| {
            format!(
                r#"{{"ver":"1.0","src":"a","msgCode":"m","method":"q","signType":"{kind}","signValue":"{signature}","data":{data}}}"#
            )
        };
        let keys = keys();
        survive(envelope(&format!("\"{}\"", "x+".repeat(5 << 20))).as_bytes(), &keys);
        survive(envelope(&format!("{{\"code\":\"{}\"}}", "x ".repeat(5 << 20))).as_bytes(), &keys);
        let many: Vec<_> = (0..200_000).map(|at| format!("\"n{at}\":\"中{at}\"")).collect();
        survive(envelope(&format!("{{{}}}", many.join(","))).as_bytes(), &keys);
        let same: Vec<_> = (0..200_000).map(|at| format!("\"code\":{at}")).collect();
        survive(envelope(&format!("{{{}}}", same.join(","))).as_bytes(), &keys);
        let top: Vec<_> = (0..200_000).map(|at| format!("\"n{at}\":{at}")).collect();
        survive(envelope(&format!("\"x\",{}", top.join(","))).as_bytes(), &keys);
    }
    assert!(Message::read(&vec![b' '; MAX_BODY + 1]).is_err());
    assert!(Message::read(&vec![0; MAX_BODY]).is_err());
}

#[test]
fn deep_and_huge_and_odd_values() {
    let keys = keys();
    let signature = sign_value(Algorithm::Rsa);
    for value in [
        format!("{}1{}", "[".repeat(100), "]".repeat(100)),
        format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000)),
        "1e999999999".to_owned(),
        "9".repeat(100_000),
        "-0.000000000000000000000000000001e-400".to_owned(),
        r#""\ud800""#.to_owned(),
        r#""\u0000\u200b\ufeff""#.to_owned(),
        "true".to_owned(),
        "null".to_owned(),
        "\"{}\"".to_owned(),
        "\"{\\\"code\\\":1e400}\"".to_owned(),
    ] {
        for name in
            ["code", "", " ", "\\u0000", "\u{200b}code", "a&b=c", "sign", "SIGN", "\u{1f600}", "signValue", "data"]
        {
            survive(
                format!(r#"{{"signValue":"{signature}","data":{{"code":"00","{name}":{value}}}}}"#).as_bytes(),
                &keys,
            );
            let request = format!(
                r#"{{"ver":"1","src":{value},"msgCode":"m","method":"q","{name}":{value},"signValue":"{signature}"}}"#
            );
            survive(request.as_bytes(), &keys);
        }
        survive(format!(r#"{{"signValue":{value},"data":{{"code":"00"}},"src":"a"}}"#).as_bytes(), &keys);
    }
}

#[test]
fn any_bytes() {
    let keys = keys();
    let fields = request(Algorithm::Rsa);
    let good = with_sign_value(&fields, &sign_value(Algorithm::Rsa)).into_bytes();
    for end in 0..good.len() {
        survive(&good[..end], &keys);
    }
    let mut state = 7u32;
    for length in 0..2000 {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        survive(&bytes, &keys);
        // The same as the bytes of a signature, and of data.
        if length % 16 == 0 {
            let mut fields = fields.clone();
            set(&mut fields, "data", to_base64(&bytes));
            survive(signed(&fields, &bytes).as_bytes(), &keys);
        }
        assert!(PublicKey::from_certificate_or_key(&bytes).is_err());
    }
    for form in [
        "ver=1&src=2&msgCode=%",
        "ver=1&src=%ff&msgCode=3&signValue=x",
        "ver=1&src=2&msgCode=3&signValue=%2B+",
        "&&&",
        "=&=&=",
    ] {
        survive(form.as_bytes(), &keys);
    }
}

#[test]
fn signatures_at_the_edges() {
    let mut fields = request(Algorithm::Sm);
    let n = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
    let n: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&n[2 * at..2 * at + 2], 16).unwrap()).collect();
    let one = [vec![0; 31], vec![1]].concat();
    let below = [&n[..31], &[0x22]].concat();
    // r + s = n, numbers out of range, zeros, all ones.
    for (r, s) in
        [(&one, &below), (&below, &one), (&n, &one), (&one, &n), (&vec![0; 32], &one), (&vec![255; 32], &vec![255; 32])]
    {
        survive(signed(&fields, &[r.as_slice(), s].concat()).as_bytes(), &keys());
        let der = [&[0x30, 68, 2, 32], r.as_slice(), &[2, 32], s.as_slice()].concat();
        survive(signed(&fields, &der).as_bytes(), &keys());
    }
    set(&mut fields, "signType", "RSA");
    for bytes in
        [vec![0; 256], vec![255; 256], vec![0; 128], [vec![0; 255], vec![1]].concat(), vec![1; 1024], vec![0xbc; 257]]
    {
        survive(signed(&fields, &bytes).as_bytes(), &keys());
    }
}

/// PKCS#1 of an RSA public key.
fn pkcs1(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let tlv = |tag: u8, body: &[u8]| {
        let length = match body.len() {
            short @ 0..128 => vec![short as u8],
            long => vec![0x82, (long >> 8) as u8, long as u8],
        };
        [&[tag], length.as_slice(), body].concat()
    };
    let integer = |bytes: &[u8]| tlv(2, &[&[0], bytes].concat());
    tlv(0x30, &[integer(modulus), integer(exponent)].concat())
}

#[test]
fn keys_of_odd_sizes_are_refused_or_bounded() {
    let odd = |bits: usize| {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] = if bits.is_multiple_of(8) { 0xff } else { 0xff >> (8 - bits % 8) };
        bytes
    };
    let e = [1, 0, 1];
    let even = {
        let mut bytes = odd(2048);
        *bytes.last_mut().unwrap() = 0xfe;
        bytes
    };
    for (modulus, exponent) in [
        (odd(8), e.as_slice()),
        (odd(512), &e),
        (odd(1023), &e),
        (odd(1025), &e),
        (odd(1031), &e),
        (odd(8192), &e),
        (odd(8193), &e),
        (odd(16384), &e),
        (odd(2048), &[1]),
        (odd(2048), &[2]),
        (odd(2048), &[0x80; 250]),
        (odd(2048), &[1, 255, 255, 255, 255]),
        (even, &e),
    ] {
        let Ok(key) = PublicKey::from_certificate_or_key(&pkcs1(&modulus, exponent)) else { continue };
        let known = vec![KnownKey { whose: Whose::Merchant, key }];
        let keys = Keys { known, des_key: None };
        let fields = request(Algorithm::Rsa);
        for length in [modulus.len(), modulus.len() - 1] {
            for byte in [0, 1, 0x55, 0xfe] {
                survive(signed(&fields, &vec![byte; length]).as_bytes(), &keys);
            }
        }
    }
    assert!(PublicKey::from_certificate_or_key(&pkcs1(&odd(512), &e)).is_err());
    assert!(PublicKey::from_certificate_or_key(&pkcs1(&odd(16384), &e)).is_err());
    assert!(PublicKey::from_certificate_or_key(&vec![0x30; 2 << 20]).is_err());
}

#[test]
fn many_keys_and_odd_des_keys() {
    let fields = request(Algorithm::Sm);
    let body = with_sign_value(&fields, &sign_value(Algorithm::Sm));
    let known = (0..1000).map(|at| KnownKey { whose: Whose::Other(format!("key {at}")), key: key("platform-sm2.cer") });
    let many = Keys { known: known.collect(), des_key: None };
    survive(body.as_bytes(), &many);
    for des_key in
        ["", " ", "1", "中文中文中文中文中文", &"x".repeat(1 << 20), "zz", "0123456789abcdef", "\u{200b}1234567\n"]
    {
        survive(body.as_bytes(), &Keys { des_key: Some(des_key.to_owned().into()), ..keys() });
    }
}

#[test]
fn every_file_with_a_key_is_read_and_no_other() {
    for (name, kind) in [
        ("merchant-rsa.cer", "RSA-2048"),
        ("merchant-rsa.cert.pem", "RSA-2048"),
        ("merchant-sm2.cer", "SM2"),
        ("merchant-sm2.cert.pem", "SM2"),
        // 1024 bit in a certificate that is signed with MD5, as the platform has it.
        ("platform-rsa.cer", "RSA-1024"),
        ("platform-rsa.cert.pem", "RSA-1024"),
        ("platform-sm2.cer", "SM2"),
    ] {
        assert_eq!(key(name).kind(), kind, "{name}");
    }
    for name in ["merchant-rsa.key.pem", "merchant-sm2.pfx", "merchant.sm2", "merchant-rsa-encrypted.key.pem"] {
        let file = std::fs::read(credential(name)).unwrap();
        let refusal = PublicKey::from_certificate_or_key(&file).unwrap_err();
        assert!(!refusal.0.en.is_empty() && !refusal.0.zh.is_empty(), "{name}");
    }
    for who in ["merchant-rsa", "platform-sm2"] {
        let file = credential(&format!("{who}.key.pem"));
        let public = openssl(&["pkey", "-in", file.to_str().unwrap(), "-pubout"], &[]);
        let of_key = PublicKey::from_certificate_or_key(&public).unwrap();
        assert!(of_key == key(&format!("{who}.cer")));
        let der = openssl(&["pkey", "-pubin", "-outform", "DER"], &public);
        assert!(PublicKey::from_certificate_or_key(&der).unwrap() == of_key);
        assert!(PublicKey::from_certificate_or_key(to_base64(&der).as_bytes()).unwrap() == of_key);
    }
}
