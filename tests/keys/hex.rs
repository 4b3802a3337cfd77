//! Keys in hex, the usual notation for SM2 in this trade: taken where they belong, recognised where they do not.

use base64ct::{Base64, Encoding};
use yspay::keys::{MerchantKey, Source, load_ca_certificates, load_private_key};
use zeroize::Zeroizing;

use crate::files::openssl;
use crate::support::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn key_hex(text: &str, password: Option<&str>) -> Result<MerchantKey, yspay::Error> {
    load_private_key(&Source::hex("privateKey", Zeroizing::new(text.to_owned())), password, None)
}

fn key_pem(text: &str) -> Result<MerchantKey, yspay::Error> {
    load_private_key(&Source::pem("privateKey", Zeroizing::new(text.to_owned())), None, None)
}

/// The private number of a key as `openssl pkey -text` prints it: with colons, indented, in lines.
fn number(path: &std::path::Path) -> String {
    let told = openssl(&["pkey", "-in", path.to_str().unwrap(), "-noout", "-text"]).unwrap();
    let told = String::from_utf8(told).unwrap();
    told.split("priv:").nth(1).unwrap().split("pub:").next().unwrap().to_owned()
}

#[test]
fn the_number_of_an_openssl_key_is_read_in_every_notation() {
    let scratch = Scratch::new();
    for _ in 0..5 {
        scratch.sh("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out k.pem");
        let expected = key_file(&scratch.path("k.pem"), None).unwrap().key.public_key();
        let printed = number(&scratch.path("k.pem"));
        let pairs: Vec<&str> =
            printed.split(|c: char| !c.is_ascii_hexdigit()).filter(|pair| !pair.is_empty()).collect();
        // OpenSSL prints a zero byte before a number that begins with a high bit.
        let pairs = &pairs[pairs.len() - 32..];
        let plain = pairs.concat();
        for text in [
            printed.clone(),
            plain.clone(),
            plain.to_uppercase(),
            format!("00{plain}"),
            format!("0x{plain}"),
            format!("0X{}", plain.to_uppercase()),
            format!("0x00{plain}"),
            pairs.join(" "),
            pairs.join(":"),
            pairs.join("-"),
            format!("0x{}", pairs.join(", 0x")),
            format!("{}\r\n{}\n", &plain[..32], &plain[32..]),
            format!("\u{feff} {plain}\n"),
            // As they come out of documents and from Chinese keyboards.
            pairs.join("\u{a0}"),
            pairs.join("\u{200b}"),
            pairs.join("："),
            plain.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect(),
            // As programs print bytes that leave out a zero in front.
            pairs
                .iter()
                .map(|pair| format!("0x{:x}", u8::from_str_radix(pair, 16).unwrap()))
                .collect::<Vec<_>>()
                .join(","),
        ] {
            let found = key_hex(&text, None).unwrap_or_else(|error| panic!("{error}"));
            assert!(found.key.public_key() == expected && found.certificate.is_none());
            assert_eq!(found.container, "SM2 number in hex");
            // A file's content tells what it is; Base64 is a file's content again.
            let file = scratch.write("key.hex", &text);
            assert!(key_file(&file, None).unwrap().key.public_key() == expected);
            assert!(key_base64(&Base64::encode_string(text.as_bytes()), None).unwrap().key.public_key() == expected);
        }
    }
}

#[test]
fn the_hex_of_every_container_is_read() {
    let scratch = Scratch::new();
    scratch.sh("openssl pkcs8 -topk8 -nocrypt -in $C/merchant-sm2.key.pem -outform DER -out p8; \
         openssl pkcs8 -topk8 -in $C/merchant-rsa.key.pem -passout pass:123456 -outform DER -out p8e; \
         openssl rsa -traditional -in $C/merchant-rsa.key.pem -outform DER -out p1; \
         base64 -d $C/merchant.sm2 > sm2; cp $C/merchant-sm2.pfx pfx; cp $C/merchant-sm2.key.pem pem");
    for (name, container, file) in [
        ("p8", "DER PKCS#8", "merchant-sm2.key.pem"),
        ("p8e", "DER PKCS#8 (encrypted)", "merchant-rsa.key.pem"),
        ("p1", "DER PKCS#1", "merchant-rsa.key.pem"),
        ("sm2", "CFCA SM2", "merchant-sm2.key.pem"),
        ("pfx", "PKCS#12", "merchant-sm2.key.pem"),
        ("pem", "PEM PKCS#8", "merchant-sm2.key.pem"),
    ] {
        let expected = key_file(&credential(file), None).unwrap().key.public_key();
        let text = hex(&std::fs::read(scratch.path(name)).unwrap());
        for text in [text.clone(), text.to_uppercase(), format!("0x{text}\n")] {
            let found = key_hex(&text, Some(PASSWORD)).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(found.container, container);
            assert!(found.key.public_key() == expected, "{name}");
            let found = key_file(&scratch.write("key.hex", &text), Some(PASSWORD)).unwrap();
            assert!(found.key.public_key() == expected, "{name}");
        }
    }
    let encrypted = hex(&std::fs::read(scratch.path("p8e")).unwrap());
    refused(key_hex(&encrypted, Some("wrong-horse")), "privateKey.hex", "the password is wrong");
    refused(key_hex(&encrypted, None), "privateKey.hex", "no password is given");
    // A certificate's file may be hex as well.
    let certificate = hex(&std::fs::read(credential("platform-sm2.cer")).unwrap());
    let found = cert_file(&scratch.write("c.hex", &certificate)).unwrap();
    assert_eq!(found, cert_file(&credential("platform-sm2.cer")).unwrap());
    assert_eq!(load_ca_certificates(&Source::path("caFile", scratch.path("c.hex"))).unwrap().len(), 1);
}

#[test]
fn a_number_out_of_range_and_a_wrong_count_are_told() {
    // n of GB/T 32918.5.
    let order = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123";
    let below = |less: u8| format!("{}{:02X}", &order[..62], 0x23 - less);
    for number in [order.to_owned(), below(1), "0".repeat(64), "f".repeat(64), format!("00{order}")] {
        refused(key_hex(&number, None), "privateKey.hex", "its number must be from 1 to n-2");
    }
    assert!(key_hex(&below(2), None).is_ok());
    assert!(key_hex(&format!("{:064x}", 1), None).is_ok());
    let digits = "7b".repeat(80);
    for count in [32, 62, 63, 65, 66, 68, 128] {
        let says = format!("is hex of {count} digits; an SM2 key has 64");
        refused(key_hex(&digits[..count], None), "privateKey.hex", &says);
    }
    refused(key_hex(&format!("04{}", "7b".repeat(64)), None), "privateKey.hex", "is the hex of a public key");
    refused(key_hex(&format!("03{}", "7b".repeat(32)), None), "privateKey.hex", "is the hex of a public key");
    refused(key_hex(&"7b".repeat(64), None), "privateKey.hex", "a public key without its 04");
    refused(key_hex(&"7b".repeat(97), None), "privateKey.hex", "Copy the private key alone");
    for text in ["", " ", "zz", "7b", &format!("{}g", &digits[..63]), "my key"] {
        let error = key_hex(text, None).unwrap_err();
        assert!(error.message.starts_with("privateKey.hex is"), "{error}");
    }
}

#[test]
fn hex_in_another_setting_and_other_texts_in_its_own_are_told() {
    let digits = hex(&Base64::decode_vec(&"kX2/".repeat(11)[..44]).unwrap()[..32]);
    for text in [digits.clone(), digits.to_uppercase(), format!("0x{digits}"), format!("00{digits}\n")] {
        let hint = "Put it into privateKey.hex.";
        refused(key_base64(&text, None), "privateKey.base64 is hex of 6", hint);
        refused(key_pem(&text), "privateKey.pem is hex of 6", hint);
        refused(key_file(std::path::Path::new(&text), None), "privateKey.path (not shown, for it looks like hex", hint);
    }
    let certificate = Source::base64("platformCertificate", Zeroizing::new(digits.clone()));
    refused(
        yspay::keys::load_certificate(&certificate),
        "platformCertificate.base64",
        "is hex of 64 digits, not Base64",
    );
    let scratch = Scratch::new();
    refused(cert_file(&scratch.write("c", &digits)), "platformCertificate.path", "holds 64 hex digits");
    let ca = Source::path("caFile", scratch.path("c"));
    refused(load_ca_certificates(&ca), "caFile", "holds 64 hex digits");
    refused(key_base64(&Base64::encode_string(&[7; 32]), None), "privateKey.base64", "put it into privateKey.hex");
    let pem = std::fs::read_to_string(credential("merchant-sm2.key.pem")).unwrap();
    refused(key_hex(&pem, None), "privateKey.hex is not hex", "put it into privateKey.pem");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    refused(key_hex(&body, None), "privateKey.hex is not hex", "put it into privateKey.base64");
    let alias = load_private_key(&Source::hex("privateKey", Zeroizing::new(digits)), None, Some("x"));
    refused(alias, "privateKey.hex", "Drop privateKey.alias");
}

/// Java prints a key whose first bit is set as a negative number, the digits of which are another key's.
#[test]
fn the_digits_behind_a_minus_sign_are_not_the_key() {
    let scratch = Scratch::new();
    let text = format!("-{}", "39".repeat(32));
    refused(key_hex(&text, None), "privateKey.hex has a minus sign", "new BigInteger(1, bytes)");
    refused(key_file(&scratch.write("key.hex", &text), None), "privateKey.path", "has a minus sign");
    let told =
        refused(key_file(std::path::Path::new(&text), None), "privateKey.path (not shown", "into privateKey.hex");
    assert!(told.contains("it looks like hex of 64 digits"), "{told}");
}
