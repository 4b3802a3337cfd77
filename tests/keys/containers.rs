//! Every container of the test credentials, and what can stand in its place.

use base64ct::{Base64, Encoding};
use yspay::keys::{PrivateKey, PublicKey, Source, load_ca_certificates, load_certificate, load_private_key};
use zeroize::Zeroizing;

use crate::support::*;

/// The public half is enough to tell two keys apart: every loader derives it from the private one.
#[track_caller]
fn same_key(found: &PrivateKey, plain: &str) {
    let expected = key_file(&credential(plain), None).unwrap().key;
    assert!(found.public_key() == expected.public_key(), "another key than {plain}");
    match (found, &expected) {
        (PrivateKey::Rsa(a), PrivateKey::Rsa(b)) => assert!(a == b),
        (PrivateKey::Sm2(a), PrivateKey::Sm2(b)) => assert!(a == b),
        _ => panic!("another kind"),
    }
}

#[test]
fn every_container_gives_the_plain_key() {
    let chinese = Some("密码123");
    let with = Some(PASSWORD);
    let rsa = "merchant-rsa.key.pem";
    let sm2 = "merchant-sm2.key.pem";
    for (file, password, plain, container, certificate) in [
        ("merchant-rsa-3des.pfx", with, rsa, "PKCS#12", true),
        ("merchant-rsa-aes.pfx", with, rsa, "PKCS#12", true),
        ("merchant-rsa-rc2.pfx", with, rsa, "PKCS#12", true),
        ("merchant-rsa-chinese-password.pfx", chinese, rsa, "PKCS#12", true),
        ("merchant-rsa-empty-password.pfx", Some(""), rsa, "PKCS#12", true),
        ("merchant-rsa-empty-password.pfx", None, rsa, "PKCS#12", true),
        ("merchant-rsa-key-only.pfx", with, rsa, "PKCS#12", false),
        ("merchant-sm2.pfx", with, sm2, "PKCS#12", true),
        ("merchant.sm2", with, sm2, "CFCA SM2", true),
        ("merchant-rsa-encrypted.key.pem", with, rsa, "PEM PKCS#8 (encrypted)", false),
        ("merchant-sm2-encrypted.key.pem", with, sm2, "PEM PKCS#8 (encrypted)", false),
        ("merchant-rsa.key.pem", None, rsa, "PEM PKCS#8", false),
        ("merchant-sm2.key.pem", None, sm2, "PEM PKCS#8", false),
    ] {
        let loaded = key_file(&credential(file), password).unwrap_or_else(|error| panic!("{file}: {error}"));
        same_key(&loaded.key, plain);
        assert_eq!(loaded.container, container, "{file}");
        assert_eq!(loaded.certificate.is_some(), certificate, "{file}");
        if let Some(found) = loaded.certificate {
            assert!(found.public_key == loaded.key.public_key(), "{file}");
        }
        // The same bytes as Base64 in the configuration, in one line and with breaks.
        let bytes = std::fs::read(credential(file)).unwrap();
        let text = Base64::encode_string(&bytes);
        let broken =
            text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect::<Vec<_>>().join(" \r\n");
        for text in [text, broken] {
            same_key(&key_base64(&text, password).unwrap_or_else(|error| panic!("{file}: {error}")).key, plain);
        }
    }
    assert_eq!(key_file(&credential(rsa), None).unwrap().key.kind(), "RSA-2048");
    assert_eq!(key_file(&credential(sm2), None).unwrap().key.kind(), "SM2");
    assert_eq!(key_file(&credential("platform-rsa.key.pem"), None).unwrap().key.kind(), "RSA-1024");
}

/// `openssl x509 -noout -subject -issuer -serial -dates -fingerprint -sha256 -nameopt RFC2253,utf8,-esc_msb`, recorded.
const CERTIFICATES: [(&str, &str, &str, &str, &str, &str, &str); 5] = [
    (
        "credentials/merchant-rsa",
        "CN=051@test_merchant@N000000000000000000@1,OU=Organizational-1,OU=ysepay,O=TEST CA,C=CN",
        "0F1766C7D861AC10D38FEF0CBFB8AF911924699B",
        "2026-11-22T06:24:16Z",
        "2046-11-17T06:24:16Z",
        "2901c17ea1e7ed0281a0dab8715294a409ff02f59549d32d693170316f04e2dd",
        "RSA-2048",
    ),
    (
        "credentials/merchant-sm2",
        "CN=041@test_merchant@SIGN@00000001,OU=Enterprises,O=TEST CA,C=CN",
        "4E8512B9034FA9B869AC3DE62389D981E484493A",
        "2026-11-22T06:24:17Z",
        "2046-11-17T06:24:17Z",
        "a518fa1866dd937c6ddcd4bcb7320ab553f4e52eb6348803be83f567d1443ed7",
        "SM2",
    ),
    (
        "credentials/platform-rsa",
        "ST=gd,C=cn,L=sz,O=organize,OU=test,CN=platform-test",
        "23E96FC9FBB1CC96CDCA7539D9189D7E38B2E175",
        "2026-11-22T06:24:17Z",
        "2056-11-14T06:24:17Z",
        "6f9d8ebe94ae4048fc1fedfa4ef462b1d82aa886859805535a5ea4d60721c30d",
        "RSA-1024",
    ),
    (
        "credentials/platform-sm2",
        "CN=platform-test-sm2,O=TEST CA,C=CN",
        "74E17E69B906E3B18478EB641D5218A3B4F05BF9",
        "2026-11-22T06:24:17Z",
        "2046-11-17T06:24:17Z",
        "915a27f01dac34db79353ac002eeada8fae15ba910080a3869fa784aa088fc7c",
        "SM2",
    ),
    (
        "live/platform-production",
        "ST=gd,C=cn,L=sz,O=organize,OU=ysepay,CN=ysepay",
        "20BE0963",
        "2013-03-04T08:03:52Z",
        "2043-02-25T08:03:52Z",
        "a1f8fb8fd4fde0e8c10c35d95b901c017bfc00afc4a06be516ad0200cab34f3b",
        "RSA-1024",
    ),
];

#[test]
fn certificates_are_told_as_openssl_tells_them() {
    for (name, subject, serial, not_before, not_after, fingerprint, kind) in CERTIFICATES {
        let der = credential("..").join(format!("{name}.cer"));
        let found = cert_file(&der).unwrap();
        assert_eq!((found.subject.as_str(), found.issuer.as_str()), (subject, subject));
        assert_eq!((found.serial.as_deref(), found.public_key.kind().as_str()), (Some(serial), kind));
        assert_eq!((found.not_before.as_deref(), found.not_after.as_deref()), (Some(not_before), Some(not_after)));
        assert_eq!(found.fingerprint_sha256, fingerprint);
        let pem = credential("..").join(format!("{name}.cert.pem"));
        if pem.exists() {
            assert_eq!(cert_file(&pem).unwrap(), found);
        }
        let base64 = Base64::encode_string(&std::fs::read(&der).unwrap());
        let source = Source::base64("platformCertificate", Zeroizing::new(base64.clone()));
        assert_eq!(load_certificate(&source).unwrap(), found);
        // Base64 of DER without armour, as a file.
        let scratch = Scratch::new();
        assert_eq!(cert_file(&scratch.write("bare.cer", base64)).unwrap(), found);
    }
}

#[test]
fn names_in_bmp_and_odd_serial_numbers_are_readable() {
    let scratch = Scratch::new();
    for (given, told) in [("0xFEDCBA9876543210", "FEDCBA9876543210"), ("-0x0102", "-0102"), ("-1", "-01"), ("0", "00")]
    {
        scratch.sh(&format!(
            "printf '[req]\\nstring_mask=MASK:0x800\\ndistinguished_name=d\\nutf8=yes\\n[d]\\n' > c; \
             openssl req -config c -new -x509 -utf8 -key $C/platform-sm2.key.pem -set_serial {given} -out c.pem \
             -subj '/O=银盛, 支付/emailAddress=a@b/CN=平台\\+甲' -days 3650"
        ));
        let found = cert_file(&scratch.path("c.pem")).unwrap();
        assert_eq!(found.serial.as_deref(), Some(told));
        assert!(
            found.subject.starts_with("CN=平台\\+甲,") && found.subject.ends_with("O=银盛\\, 支付"),
            "{}",
            found.subject
        );
    }
}

#[test]
fn odd_pem_texts_are_read() {
    let scratch = Scratch::new();
    let key = std::fs::read_to_string(credential("merchant-rsa.key.pem")).unwrap();
    let cert = std::fs::read_to_string(credential("merchant-rsa.cert.pem")).unwrap();
    let other = std::fs::read_to_string(credential("platform-rsa.cert.pem")).unwrap();
    let parameters = "-----BEGIN EC PARAMETERS-----\nBggqgRzPVQGCLQ==\n-----END EC PARAMETERS-----\n";
    for (text, with_certificate) in [
        (format!("Bag Attributes\n    localKeyID: 01\n{key}trailing words"), false),
        (format!("\u{feff}{}", key.replace('\n', "\r\n")), false),
        (key.replace('\n', "\r"), false),
        (key.replace('\n', " "), false),
        (format!("{parameters}{key}"), false),
        (key.replacen("-----\n", "-----\nComment: a header of RFC 1421\n\n", 1), false),
        (key.replacen("-----\n", "-----\nComment: a header\n\n", 1).replace('\n', "\r\n"), false),
        (format!("{key}{}", cert.replace("CERTIFICATE", "X509 CERTIFICATE")), true),
        (format!("{other}{cert}{key}"), true),
        (format!("{key}{other}"), false),
    ] {
        let source = Source::pem("privateKey", Zeroizing::new(text.clone()));
        let found = load_private_key(&source, None, None).unwrap_or_else(|error| panic!("{error}\n{text}"));
        same_key(&found.key, "merchant-rsa.key.pem");
        assert_eq!(found.certificate.is_some(), with_certificate);
        same_key(&key_file(&scratch.write("odd.pem", text), None).unwrap().key, "merchant-rsa.key.pem");
    }
    assert_eq!(cert_file(&scratch.write("both.pem", format!("{key}{cert}"))).unwrap().public_key.kind(), "RSA-2048");
}

#[test]
fn every_form_of_a_bare_key_is_read() {
    let scratch = Scratch::new();
    let p8 = "openssl pkcs8 -topk8 -passout pass:123456 -in";
    for (command, container, plain) in [
        ("openssl rsa -traditional -in $C/merchant-rsa.key.pem -out k", "PEM PKCS#1", "rsa"),
        ("openssl rsa -traditional -in $C/merchant-rsa.key.pem -outform DER -out k", "DER PKCS#1", "rsa"),
        ("openssl pkcs8 -topk8 -nocrypt -in $C/merchant-rsa.key.pem -outform DER -out k", "DER PKCS#8", "rsa"),
        ("openssl pkcs8 -topk8 -nocrypt -in $C/merchant-sm2.key.pem -outform DER -out k", "DER PKCS#8", "sm2"),
        (&format!("{p8} $C/merchant-rsa.key.pem -outform DER -out k"), "DER PKCS#8 (encrypted)", "rsa"),
        (
            &format!("{p8} $C/merchant-rsa.key.pem -v2 aes-128-cbc -v2prf hmacWithSHA1 -out k"),
            "PEM PKCS#8 (encrypted)",
            "rsa",
        ),
        (
            &format!("{p8} $C/merchant-rsa.key.pem -v2 aes-192-cbc -v2prf hmacWithSHA512 -out k"),
            "PEM PKCS#8 (encrypted)",
            "rsa",
        ),
        (
            &format!("{p8} $C/merchant-sm2.key.pem -v2 des3 -v2prf hmacWithSHA224 -out k"),
            "PEM PKCS#8 (encrypted)",
            "sm2",
        ),
        (&format!("{p8} $C/merchant-sm2.key.pem -v2prf hmacWithSHA384 -out k"), "PEM PKCS#8 (encrypted)", "sm2"),
        (&format!("{p8} $C/merchant-rsa.key.pem -scrypt -out k"), "PEM PKCS#8 (encrypted)", "rsa"),
        ("openssl pkcs12 -in $C/merchant-rsa-3des.pfx -passin pass:123456 -nodes -legacy -out k", "PEM PKCS#8", "rsa"),
    ] {
        scratch.sh(command);
        let found = key_file(&scratch.path("k"), Some(PASSWORD)).unwrap_or_else(|error| panic!("{command}: {error}"));
        assert_eq!(found.container, container);
        same_key(&found.key, &format!("merchant-{plain}.key.pem"));
    }
    // OpenSSL 3.0 does not write SM2 in SEC1: cut it out of PKCS#8, and add the curve as SEC1 wants it.
    let pem = std::fs::read_to_string(credential("merchant-sm2.key.pem")).unwrap();
    let p8 = Base64::decode_vec(&pem.lines().filter(|line| !line.starts_with('-')).collect::<String>()).unwrap();
    let at = p8.windows(4).position(|window| window == [0x30, 0x6b, 2, 1]).unwrap();
    let (inner, curve) = (&p8[at + 2..], b"\xa0\x0a\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d");
    let (scalar, public) = inner.split_at(3 + 34);
    let sec1 = [&[0x30, (inner.len() + curve.len()) as u8], scalar, curve, public].concat();
    let found = key_file(&scratch.write("sec1.der", &sec1), None).unwrap();
    assert_eq!(found.container, "DER SEC1");
    same_key(&found.key, "merchant-sm2.key.pem");
    let armour =
        format!("-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----\n", Base64::encode_string(&sec1));
    let found = key_file(&scratch.write("sec1.pem", armour), None).unwrap();
    assert_eq!(found.container, "PEM SEC1");
    same_key(&found.key, "merchant-sm2.key.pem");
    // Without the curve nothing says that it is SM2.
    let bare = [&[0x30, inner.len() as u8], inner].concat();
    refused(key_file(&scratch.write("bare.der", bare), None), "bare.der", "not given by name");
    // Another key's public half.
    let mut torn = sec1.clone();
    *torn.last_mut().unwrap() ^= 1;
    refused(key_file(&scratch.write("torn.der", torn), None), "torn.der", "halves do not belong together");
}

#[test]
fn every_usual_pfx_is_read() {
    let scratch = Scratch::new();
    let export =
        "openssl pkcs12 -export -inkey $C/merchant-rsa.key.pem -in $C/merchant-rsa.cert.pem -passout pass:123456";
    for options in [
        "-macalg sha512",
        "-macalg sha384 -keypbe AES-128-CBC -certpbe AES-192-CBC",
        "-macalg sha224",
        "-macalg sha512-224",
        "-macalg sha512-256",
        "-nomac",
        "-keypbe NONE -certpbe NONE",
        "-keypbe DES-EDE3-CBC -certpbe DES-EDE3-CBC",
        "-noiter -nomaciter",
        "-macalg sm3",
        "-keypbe SM4-CBC -certpbe SM4-CBC",
        "-name 商户",
        "-certfile $C/platform-sm2.cert.pem -certfile $C/platform-rsa.cert.pem",
    ] {
        scratch.sh(&format!("{export} {options} -out k.pfx"));
        let found =
            key_file(&scratch.path("k.pfx"), Some(PASSWORD)).unwrap_or_else(|error| panic!("{options}: {error}"));
        same_key(&found.key, "merchant-rsa.key.pem");
        assert_eq!(found.certificate.unwrap().public_key.kind(), "RSA-2048");
    }
}

#[test]
fn ca_files_give_every_certificate() {
    let scratch = Scratch::new();
    scratch.sh("cat $C/platform-rsa.cert.pem $C/merchant-sm2.cert.pem > ca.pem");
    let load = |name: &str| load_ca_certificates(&Source::path("caFile", scratch.path(name)));
    let found = load("ca.pem").unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], std::fs::read(credential("platform-rsa.cer")).unwrap());
    assert_eq!(found[1], std::fs::read(credential("merchant-sm2.cer")).unwrap());
    // TLS roots are often of kinds that sign no contract.
    scratch.sh(
        "openssl req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout p.key -out p.pem -subj /CN=p",
    );
    assert_eq!(load("p.pem").unwrap().len(), 1);
    refused(load("p.key"), "caFile \"", "holds a private key, not a certificate");
    scratch.write("bad.pem", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
    refused(load("bad.pem"), "caFile \"", "holds a damaged certificate, number 1 of 1");
    refused(load("none.pem"), "caFile \"", "does not exist");
}

#[test]
fn debug_and_kind_show_no_key() {
    let loaded = key_file(&credential("merchant-sm2.pfx"), Some(PASSWORD)).unwrap();
    let told = format!("{loaded:?}");
    assert!(told.contains("PrivateKey(SM2)") && told.contains("PublicKey(SM2)"), "{told}");
    let PublicKey::Sm2(_) = loaded.key.public_key() else { panic!("another kind") };
    let rsa = key_file(&credential("merchant-rsa.key.pem"), None).unwrap();
    assert!(format!("{rsa:?}").contains("PrivateKey(RSA-2048)"));
}
