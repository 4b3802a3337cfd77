//! Certificates that break the rules for dates and serial numbers: pinned all the same, and told as far as they can be.

use std::process::Command;

use yspay::Client;
use yspay::keys::{Certificate, Source, load_ca_certificates};

use crate::support::*;

const UTC: u8 = 0x17;
const GENERALIZED: u8 = 0x18;

fn with_dates(not_before: &[u8], not_after: &[u8]) -> Vec<u8> {
    changed("platform-sm2.cer", |body| body[4] = tlv(0x30, &[not_before, not_after]))
}

fn with_serial(serial: Option<&[u8]>) -> Vec<u8> {
    changed("platform-sm2.cer", |body| match serial {
        Some(bytes) => body[1] = tlv(2, &[bytes]),
        None => drop(body.remove(1)),
    })
}

fn pinned(der: &[u8]) -> Certificate {
    let scratch = Scratch::new();
    let found = cert_file(&scratch.write("odd.cer", der)).unwrap();
    assert!(found.public_key == cert_file(&credential("platform-sm2.cer")).unwrap().public_key);
    let roots = load_ca_certificates(&Source::path("caFile", scratch.path("odd.cer"))).unwrap();
    assert_eq!(roots, [der]);
    found
}

/// The first date as OpenSSL reads it, when it can.
fn openssl_says(der: &[u8]) -> Option<String> {
    let scratch = Scratch::new();
    let path = scratch.write("odd.cer", der);
    let run = Command::new("openssl")
        .args(["x509", "-inform", "DER", "-noout", "-startdate", "-dateopt", "iso_8601", "-in"])
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    let date = text.trim().strip_prefix("notBefore=")?;
    date.starts_with(|c: char| c.is_ascii_digit()).then(|| format!("{}T{}Z", &date[..10], &date[11..19]))
}

#[test]
fn the_certificates_of_the_field_are_pinned() {
    for (name, not_before, not_after) in [
        ("odd_notBefore_1950.cer", "1950-01-01T00:00:00Z", "2049-01-01T00:00:00Z"),
        ("odd_UTCTime_0800.cer", "2023-12-31T16:00:00Z", "2033-12-31T16:00:00Z"),
    ] {
        let found = cert_file(&field(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(found.public_key.kind(), "SM2");
        assert_eq!(found.not_before.as_deref(), Some(not_before), "{name}");
        assert_eq!(found.not_after.as_deref(), Some(not_after), "{name}");
        assert_eq!(found.serial.as_deref(), Some("4799FB6052701436C764517BC98B27634D44AFEC"));
    }
}

#[test]
fn odd_dates_are_told_in_utc_and_what_is_no_date_is_not() {
    let mut compared = 0;
    for (tag, text, told) in [
        (UTC, "491231235959Z", Some("2049-12-31T23:59:59Z")),
        (UTC, "500101000000Z", Some("1950-01-01T00:00:00Z")),
        (UTC, "691231235959Z", Some("1969-12-31T23:59:59Z")),
        (UTC, "240101000000+0800", Some("2023-12-31T16:00:00Z")),
        (UTC, "241231233000-0130", Some("2025-01-01T01:00:00Z")),
        (UTC, "2401020304Z", Some("2024-01-02T03:04:00Z")),
        (UTC, "2403010304+0800", Some("2024-02-29T19:04:00Z")),
        (UTC, "240230000000Z", None),
        (UTC, "230229000000Z", None),
        (UTC, "240229000000Z", Some("2024-02-29T00:00:00Z")),
        (UTC, "241301000000Z", None),
        (UTC, "240100000000Z", None),
        (UTC, "240101240000Z", None),
        (UTC, "240101006000Z", None),
        (UTC, "240101000060Z", None),
        (UTC, "240101000000+0860", None),
        (UTC, "240101000000+2400", None),
        (UTC, "240101000000+08000", None),
        (UTC, "240101000000", None),
        (UTC, "2401010000000Z", None),
        (UTC, "24010100000 Z", None),
        (UTC, "２４0101000000Z", None),
        (UTC, "Z", None),
        (UTC, "", None),
        (GENERALIZED, "20240101000000.5Z", Some("2024-01-01T00:00:00Z")),
        (GENERALIZED, "20240101000000,25+0800", Some("2023-12-31T16:00:00Z")),
        (GENERALIZED, "20240101000000.Z", None),
        (GENERALIZED, "2024010100.5Z", None),
        (GENERALIZED, "2024010203Z", Some("2024-01-02T03:00:00Z")),
        (GENERALIZED, "20240101000000", None),
        (GENERALIZED, "19000228235959Z", Some("1900-02-28T23:59:59Z")),
        (GENERALIZED, "19000229000000Z", None),
        (GENERALIZED, "20000229000000Z", Some("2000-02-29T00:00:00Z")),
        (GENERALIZED, "16010101000000Z", Some("1601-01-01T00:00:00Z")),
        (GENERALIZED, "00000101000000Z", Some("0000-01-01T00:00:00Z")),
        (GENERALIZED, "00000101000000+0001", None),
        (GENERALIZED, "99991231235959Z", Some("9999-12-31T23:59:59Z")),
        (GENERALIZED, "99991231235959-0001", None),
        (0x0c, "240101000000Z", None),
        (0x02, "1", None),
    ] {
        let date = tlv(tag, &[text.as_bytes()]);
        let der = with_dates(&date, &tlv(UTC, &[b"400101000000Z"]));
        let found = pinned(&der);
        assert_eq!(found.not_before.as_deref(), told, "{text}");
        assert_eq!(found.not_after.as_deref(), Some("2040-01-01T00:00:00Z"), "{text}");
        // The other way round.
        let found = pinned(&with_dates(&tlv(UTC, &[b"400101000000Z"]), &date));
        assert_eq!(found.not_after.as_deref(), told, "{text}");
        // OpenSSL agrees wherever both read a date.
        if let (Some(told), Some(peer)) = (told, openssl_says(&der)) {
            assert_eq!(told, peer, "{text}");
            compared += 1;
        }
    }
    assert!(compared >= 10, "OpenSSL read {compared} of the dates");
}

#[test]
fn a_validity_without_dates_is_no_hindrance() {
    let none = pinned(&changed("platform-sm2.cer", |body| body[4] = tlv(0x30, &[])));
    assert_eq!((none.facts.not_before, none.facts.not_after), (None, None));
    let one = pinned(&changed("platform-sm2.cer", |body| body[4] = tlv(0x30, &[&tlv(UTC, &[b"400101000000Z"])])));
    assert_eq!((one.facts.not_before.as_deref(), one.facts.not_after), (Some("2040-01-01T00:00:00Z"), None));
}

#[test]
fn serial_numbers_of_any_length_are_told() {
    for (serial, told) in [
        (&[0x7f; 20][..], Some("7F".repeat(20))),
        (&[0x12; 32], Some("12".repeat(32))),
        (&[&[0][..], &[0xff; 32]].concat(), Some("FF".repeat(32))),
        (&[0, 0, 0, 5], Some("05".to_owned())),
        (&[0], Some("00".to_owned())),
        (&[0xff], Some("-01".to_owned())),
        (&[0x34; 200], Some("34".repeat(200))),
        (&[], None),
    ] {
        assert_eq!(pinned(&with_serial(Some(serial))).serial, told);
    }
    assert_eq!(pinned(&with_serial(None)).serial, None);
}

/// What is not told may be odd; what is used may not.
/// A text in UTF-32, which the standard allows and nobody reads.
#[test]
fn a_name_that_cannot_be_read_is_told_in_hex() {
    let attribute = tlv(0x30, &[&[6, 3, 0x55, 4, 3], &tlv(0x1c, &[b"\0\0\x94\xf6"])]);
    let name = tlv(0x30, &[&tlv(0x31, &[&attribute])]);
    let found = pinned(&changed("platform-sm2.cer", |body| body[5] = name.clone()));
    assert_eq!(found.subject, "#300f310d300b06035504031c04000094f6");
    let found = pinned(&changed("platform-sm2.cer", |body| body[3] = name.clone()));
    assert_eq!(found.issuer, "#300f310d300b06035504031c04000094f6");
}

#[test]
fn a_certificate_without_its_parts_stays_refused() {
    let scratch = Scratch::new();
    for lost in [3, 4, 5, 6] {
        let der = changed("platform-sm2.cer", |body| drop(body.remove(lost)));
        let path = scratch.write("odd.cer", &der);
        assert!(cert_file(&path).is_err(), "{lost}");
        assert!(load_ca_certificates(&Source::path("caFile", &path)).is_err(), "{lost}");
    }
    let whole = parts(&std::fs::read(credential("platform-sm2.cer")).unwrap());
    refused(cert_file(&scratch.write("odd.cer", join(&whole[..2]))), "odd.cer", "holds");
}

#[test]
fn a_client_describes_what_can_be_read_and_null() {
    let scratch = Scratch::new();
    let settings = |certificate: &[u8]| {
        let path = scratch.write("odd.cer", certificate);
        serde_json::json!({
            "endpoint": "http://127.0.0.1:1/", "src": "ORG1", "desKey": "A81F41DE7406CC1566579A751D93CA7A", "proxy": "none",
            "privateKey": {"path": credential("merchant-sm2.key.pem")}, "platformCertificate": {"path": path},
        })
        .to_string()
    };
    let told = |certificate: &[u8]| -> serde_json::Value {
        let client = Client::from_json(&settings(certificate)).unwrap();
        serde_json::from_str::<serde_json::Value>(&client.describe().to_json()).unwrap()["platformCertificate"].clone()
    };
    // Roots of TLS have such dates and numbers as well.
    let path = scratch.write(
        "root.cer",
        changed("platform-rsa.cer", |body| {
            body[1] = tlv(2, &[&[0x12; 32]]);
            body[4] = tlv(0x30, &[&tlv(UTC, &[b"240230000000Z"]), &tlv(UTC, &[b"3401010000+0800"])]);
        }),
    );
    let mut with_root: serde_json::Value = serde_json::from_str(&settings(&with_serial(None))).unwrap();
    with_root["caFile"] = serde_json::json!(path);
    Client::from_json(&with_root.to_string()).unwrap();
    let feb_30 = told(&with_dates(&tlv(UTC, &[b"240230000000Z"]), &tlv(UTC, &[b"340101000000+0800"])));
    assert_eq!(feb_30["notBefore"], serde_json::Value::Null);
    assert_eq!(feb_30["notAfter"], "2033-12-31T16:00:00Z");
    assert_eq!(told(&with_serial(Some(&[])))["serial"], serde_json::Value::Null);
    assert_eq!(told(&with_serial(Some(&[0x12; 32])))["serial"], "12".repeat(32));
}
