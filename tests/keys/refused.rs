//! Every refusal of a key file is its own sentence: it names the setting and the file, and holds no secret.

use base64ct::{Base64, Encoding};
use der::asn1::UintRef;
use der::{Decode, Encode};
use rsa::pkcs1::RsaPrivateKeyRef;
use yspay::keys::{Source, load_ca_certificates, load_certificate, load_private_key};
use zeroize::Zeroizing;

use crate::containers_by_hand;
use crate::support::*;

const EXPORT: &str =
    "openssl pkcs12 -export -inkey $C/merchant-rsa.key.pem -in $C/merchant-rsa.cert.pem -passout pass:123456";

#[test]
fn what_is_no_file_is_told() {
    let scratch = Scratch::new();
    refused(key_file(&scratch.path("no.pfx"), None), "privateKey.path \"", "no.pfx\" does not exist. Check the path");
    refused(key_file(&scratch.path(""), None), "privateKey.path \"", "is a directory");
    refused(key_file(&scratch.write("empty.pfx", ""), None), "empty.pfx", "is empty");
    refused(key_file(&scratch.write("big.pfx", vec![0x30; (1 << 20) + 1]), None), "big.pfx", "is larger than 1 MiB");
    // Root may read anything, so the test of permission only runs for others.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let locked = scratch.write("locked.pfx", "x");
        std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).unwrap();
        if std::fs::read(&locked).is_err() {
            refused(key_file(&locked, None), "locked.pfx", "permission denied");
        }
        // Nobody writes to it: reading would wait for ever.
        scratch.sh("mkfifo pipe");
        refused(key_file(&scratch.path("pipe"), None), "pipe", "is a pipe or a device");
        refused(key_file(std::path::Path::new("/dev/zero"), None), "/dev/zero", "is a pipe or a device");
    }
}

#[test]
fn wrong_content_is_told_by_what_it_looks_like() {
    let scratch = Scratch::new();
    let jks = [&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2], [0; 40].as_slice()].concat();
    let jceks = [&[0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2], [0; 40].as_slice()].concat();
    let utf16: Vec<u8> = "-----BEGIN".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (content, says) in [
        (jks.as_slice(), "is a Java keystore (JKS)"),
        (&jceks, "is a Java keystore (JCEKS)"),
        (b"PK\x03\x04rest", "is a ZIP archive"),
        (b"<!DOCTYPE html><html>404</html>", "is HTML or XML"),
        (&utf16, "looks like text in UTF-16"),
        (b"ssh-rsa AAAAB3NzaC1yc2E me@here", "is an OpenSSH public key"),
        (b"PuTTY-User-Key-File-2: ssh-rsa\n", "is a PuTTY key"),
        (b"MIICdgIBATBHBgoqgRzPVQYBB", "looks like PEM or Base64 text that is cut short"),
        (b"hello world", "is of an unknown kind"),
        (b"\x00\x01\x02\x03", "is of an unknown kind"),
        (b"AAAA", "is of an unknown kind"),
        (b"0", "is cut short or damaged"),
        (&[0x30, 0x82, 1, 0, 0], "it has 5 bytes and says that it has 260"),
        (&[0x30, 0, 1], "1 bytes follow where it should end"),
        (&[0x30, 0x80, 0, 0], "BER with indefinite lengths"),
        (&[0x30, 2, 2, 9], "damaged DER"),
        (&[0x30, 3, 1, 1, 0], "DER of an unknown kind"),
    ] {
        refused(key_file(&scratch.write("odd.bin", content), None), "privateKey.path \"", says);
        refused(cert_file(&scratch.path("odd.bin")), "platformCertificate.path \"", says);
        assert!(load_ca_certificates(&Source::path("caFile", scratch.path("odd.bin"))).is_err());
    }
    for (text, says) in [
        ("not base64!", "is not Base64"),
        ("QUJDRA", "is not Base64"),
        ("QUJDRA==", "is of an unknown kind"),
        ("  ", "is empty"),
    ] {
        refused(key_base64(text, None), "privateKey.base64", says);
    }
    let pem = |text: &str| load_private_key(&Source::pem("privateKey", Zeroizing::new(text.to_owned())), None, None);
    refused(
        pem("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"),
        "privateKey.pem",
        "it looks like bare Base64. Put it into privateKey.base64",
    );
    refused(pem("certs/key.pem"), "privateKey.pem", "Give the text of the file, or its name in privateKey.path");
}

#[test]
fn a_key_and_a_certificate_are_not_confused() {
    let scratch = Scratch::new();
    let key = |name: &str| key_file(&credential(name), Some(PASSWORD));
    refused(key("merchant-rsa.cer"), "merchant-rsa.cer", "is a certificate, not a private key");
    refused(key("merchant-rsa.cert.pem"), "merchant-rsa.cert.pem", "holds a certificate and no private key");
    let cert = |name: &str| cert_file(&credential(name));
    refused(cert("merchant-rsa-aes.pfx"), "merchant-rsa-aes.pfx", "is a PKCS#12 container (.pfx)");
    refused(cert("merchant.sm2"), "merchant.sm2", "is a CFCA .sm2 file");
    refused(cert("merchant-rsa.key.pem"), "platformCertificate.path \"", "holds a private key, not a certificate");
    scratch.sh("openssl pkey -in $C/merchant-rsa.key.pem -pubout -out pub.pem; \
         openssl pkey -in $C/merchant-rsa.key.pem -pubout -outform DER -out pub.der; \
         openssl rsa -in $C/merchant-rsa.key.pem -RSAPublicKey_out -outform DER -out pub1.der; \
         openssl pkcs8 -topk8 -nocrypt -in $C/merchant-rsa.key.pem -outform DER -out key.der; \
         openssl req -new -key $C/merchant-sm2.key.pem -subj /CN=x -out csr.pem; \
         openssl req -in csr.pem -outform DER -out csr.der; \
         openssl crl2pkcs7 -nocrl -certfile $C/platform-rsa.cert.pem -out p7b.pem; \
         openssl crl2pkcs7 -nocrl -certfile $C/platform-rsa.cert.pem -outform DER -out p7b.der; \
         openssl x509 -in $C/platform-rsa.cert.pem -trustout -out trusted.pem; \
         cat $C/platform-rsa.cert.pem $C/platform-sm2.cert.pem > two.pem");
    let key = |name: &str| key_file(&scratch.path(name), None);
    let cert = |name: &str| cert_file(&scratch.path(name));
    refused(key("pub.pem"), "pub.pem", "holds a public key, not a private one");
    refused(cert("pub.pem"), "pub.pem", "holds a bare public key, not a certificate");
    refused(key("pub.der"), "pub.der", "holds a bare public key");
    refused(cert("pub.der"), "pub.der", "holds a bare public key");
    refused(cert("pub1.der"), "pub1.der", "holds a bare RSA public key");
    refused(cert("key.der"), "key.der", "holds a private key, not a certificate");
    for name in ["csr.pem", "csr.der"] {
        refused(key(name), name, "certificate request (CSR)");
        refused(cert(name), name, "certificate request (CSR)");
    }
    refused(key("p7b.der"), "p7b.der", "PKCS#7");
    refused(key("p7b.pem"), "p7b.pem", "only \"PKCS7\"");
    refused(cert("two.pem"), "two.pem", "holds 2 certificates");
    for name in ["p7b.pem", "p7b.der", "trusted.pem"] {
        let says = if name == "trusted.pem" { "TRUSTED CERTIFICATE" } else { "PKCS#7 bundle" };
        let message = refused(cert(name), name, says);
        scratch.sh(&advised(&message));
        assert_eq!(cert("new.pem").unwrap(), cert_file(&credential("platform-rsa.cer")).unwrap());
    }
    scratch.sh("openssl ecparam -name prime256v1 -out params.pem");
    refused(key("params.pem"), "params.pem", "holds no private key, only \"EC PARAMETERS\"");
    refused(cert("params.pem"), "params.pem", "holds no certificate, only \"EC PARAMETERS\"");
}

#[test]
fn wrong_and_missing_passwords_are_told() {
    for name in [
        "merchant-rsa-3des.pfx",
        "merchant-rsa-aes.pfx",
        "merchant-rsa-rc2.pfx",
        "merchant-sm2.pfx",
        "merchant.sm2",
        "merchant-rsa-encrypted.key.pem",
        "merchant-sm2-encrypted.key.pem",
        "no-key.pfx",
    ] {
        for wrong in ["wrong-horse", "123457", "１２３４５６", ""] {
            refused(key_file(&credential(name), Some(wrong)), name, "the password is wrong");
        }
        let message = refused(key_file(&credential(name), None), name, "no");
        assert!(
            message.contains("password is given. Set privateKey.password") || message.contains("none is given"),
            "{message}"
        );
    }
    let scratch = Scratch::new();
    scratch.sh(&format!("{EXPORT} -nomac -out nomac.pfx"));
    refused(key_file(&scratch.path("nomac.pfx"), Some("wrong-horse")), "nomac.pfx", "the password is wrong");
    refused(key_file(&scratch.path("nomac.pfx"), None), "nomac.pfx", "does not open without a password");
    // Many wrong passwords: about one in 256 passes the padding and must still be told as wrong.
    let sm2 = std::fs::read_to_string(credential("merchant.sm2")).unwrap();
    scratch.sh("openssl pkcs8 -topk8 -iter 1 -passout pass:123456 -in $C/merchant-sm2.key.pem -out k.pem");
    let pem = std::fs::read_to_string(scratch.path("k.pem")).unwrap();
    for number in 0..1500 {
        let wrong = format!("wrong-horse{number}");
        refused(key_base64(&sm2, Some(&wrong)), "privateKey.base64", "the password is wrong");
        let source = Source::pem("privateKey", Zeroizing::new(pem.clone()));
        refused(load_private_key(&source, Some(&wrong), None), "privateKey.pem", "the password is wrong");
    }
}

#[test]
fn no_key_several_keys_and_the_alias() {
    let message = refused(key_file(&credential("no-key.pfx"), Some(PASSWORD)), "no-key.pfx", "without a private key");
    assert!(message.contains("1 certificates"), "{message}");
    let scratch = Scratch::new();
    // openssl writes one key a file, so those of two are written by hand.
    let several = several_keys(&[("签名", "merchant-rsa.key.pem"), ("other\nname", "platform-rsa.key.pem")]);
    let path = scratch.write("two.pfx", several);
    let with = |alias| load_private_key(&Source::path("privateKey", &path), Some(PASSWORD), alias);
    let message = refused(with(None), "two.pfx", "holds 2 private keys: ");
    assert!(message.contains("\"签名\"") && message.contains("\"other\\nname\""), "{message}");
    assert_eq!(with(Some("签名")).unwrap().key.kind(), "RSA-2048");
    assert_eq!(with(Some("other\nname")).unwrap().key.kind(), "RSA-1024");
    // The alias may be the password that was put into the wrong setting.
    let message =
        refused(with(Some("hunter2")), "two.pfx", "holds no private key with the name in privateKey.alias; it has");
    assert!(!message.contains("hunter2"), "{message}");
    assert!(message.contains("\"签名\""), "{message}");
    scratch.sh(&format!("{EXPORT} -name 商户 -out named.pfx"));
    let named = |alias| load_private_key(&Source::path("privateKey", scratch.path("named.pfx")), Some(PASSWORD), alias);
    assert!(named(Some("商户")).is_ok());
    refused(named(Some("wrong")), "named.pfx", "it has \"商户\"");
    let unnamed = Source::path("privateKey", credential("merchant-rsa-aes.pfx"));
    refused(load_private_key(&unnamed, Some(PASSWORD), Some("x")), "aes.pfx", "it has one without a name");
    let twins = several_keys(&[("twin", "merchant-rsa.key.pem"), ("twin", "platform-rsa.key.pem")]);
    let twins = Source::path("privateKey", scratch.write("twins.pfx", twins));
    refused(load_private_key(&twins, Some(PASSWORD), Some("twin")), "twins.pfx", "holds 2 private keys with the name");
    scratch.sh("cat $C/merchant-rsa.key.pem $C/merchant-sm2.key.pem > two.pem");
    refused(key_file(&scratch.path("two.pem"), None), "two.pem", "holds 2 private keys");
    let sm2 = Source::path("privateKey", credential("merchant.sm2"));
    refused(load_private_key(&sm2, Some(PASSWORD), Some("x")), "merchant.sm2", "Drop privateKey.alias");
}

/// A PKCS#12 file with plain key bags and no MAC, written by hand: no tool here writes several keys.
fn several_keys(keys: &[(&str, &str)]) -> Vec<u8> {
    let mut bags = Vec::new();
    for (name, file) in keys {
        let pem = std::fs::read_to_string(credential(file)).unwrap();
        let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let bmp: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let attribute = tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 9, 20]), &tlv(0x31, &[&tlv(0x1e, &[&bmp])])]);
        let key = tlv(0xa0, &[&Base64::decode_vec(&text).unwrap()]);
        bags.extend(tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 12, 10, 1, 1]), &key, &tlv(0x31, &[&attribute])]));
    }
    let data = oid(&[1, 2, 840, 113549, 1, 7, 1]);
    let info = |content: &[u8]| tlv(0x30, &[&data, &tlv(0xa0, &[&tlv(4, &[content])])]);
    let safe = info(&tlv(0x30, &[&bags]));
    tlv(0x30, &[&[2, 1, 3], &info(&tlv(0x30, &[&safe]))])
}

#[test]
fn costly_files_are_refused_at_once() {
    let scratch = Scratch::new();
    let start = std::time::Instant::now();
    // The rounds are written over, so nobody has to spend them: 2000 is 02 02 07 D0.
    let pfx = std::fs::read(credential("merchant-rsa-3des.pfx")).unwrap();
    assert!(pfx.ends_with(&[2, 2, 0x07, 0xd0]));
    let mut mac = pfx.clone();
    mac.truncate(mac.len() - 4);
    mac.extend([2, 4, 0x7f, 0xff, 0xff, 0xff]);
    grow(&mut mac, &[1], 2);
    let at = mac.len() - 4 - 2 - 45;
    assert_eq!(mac[at - 2], 0x30, "the length of macData");
    mac[at - 1] += 2;
    let message = refused(key_file(&scratch.write("mac.pfx", &mac), Some(PASSWORD)), "mac.pfx", "2,147,483,647 rounds");
    assert!(message.contains("10,000,000 together"), "{message}");

    scratch.sh("openssl pkcs8 -topk8 -iter 3 -passout pass:123456 -in $C/merchant-rsa.key.pem -outform DER -out k.der");
    let mut der = std::fs::read(scratch.path("k.der")).unwrap();
    let at = der.windows(3).position(|window| window == [2, 1, 3]).unwrap();
    // 12 random-looking bytes would do as well: the salt gives three bytes of its eight to the rounds.
    assert_eq!(der[at - 10..at - 8], [4, 8]);
    der.splice(at - 10..at + 3, [&[4, 5, 1, 2, 3, 4, 5][..], &[2, 4, 0x00, 0x98, 0x96, 0x81]].concat());
    refused(key_file(&scratch.write("costly.der", &der), Some(PASSWORD)), "costly.der", "10,000,001 rounds");
    scratch.sh(
        "openssl pkcs8 -topk8 -scrypt -scrypt_N 2 -passout pass:123456 -in $C/merchant-rsa.key.pem -outform DER -out s.der",
    );
    let mut der = std::fs::read(scratch.path("s.der")).unwrap();
    // N=2, r=8, p=1: the salt gives three bytes to N.
    let at = der.windows(9).position(|window| window == [2, 1, 2, 2, 1, 8, 2, 1, 1]).unwrap();
    let salt = usize::from(der[at - 9]);
    assert!(salt == 8 && der[at - 10] == 4 || der[at - 17] == 16, "the salt's length");
    let size = if salt == 8 && der[at - 10] == 4 { 8 } else { 16 };
    let from = at - size - 2;
    let new = [&[4, size as u8 - 3][..], &vec![7; size - 3], &[2, 4, 0x10, 0, 0, 0]].concat();
    der.splice(from..at + 3, new);
    refused(
        key_file(&scratch.write("scrypt.der", &der), Some(PASSWORD)),
        "scrypt.der",
        "scrypt with N=268435456, r=8, p=1",
    );
    assert!(start.elapsed().as_secs() < 60, "refused after {:?}", start.elapsed());
}

#[test]
fn rounds_in_every_bag_count() {
    // One derivation within the bound is read; many of them together are refused, in bags of either kind and any tag.
    let salt_and_rounds = tlv(0x30, &[&tlv(4, &[b"saltsalt"]), &[2, 3, 0x0f, 0x42, 0x40]]);
    let algorithm = tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 12, 1, 3]), &salt_and_rounds]);
    let encrypted = tlv(0x30, &[&algorithm, &tlv(4, &[&[7; 16]])]);
    let shrouded = oid(&[1, 2, 840, 113549, 1, 12, 10, 1, 2]);
    let wrapped = tlv(0x30, &[&shrouded, &tlv(0xa0, &[&tlv(4, &[&encrypted])])]);
    let digest = tlv(0x30, &[&tlv(0x30, &[&oid(&[1, 3, 14, 3, 2, 26])]), &tlv(4, &[&[7; 20]])]);
    let mac = tlv(0x30, &[&digest, &tlv(4, &[b"saltsalt"]), &[2, 3, 0x0f, 0x42, 0x40]]);
    let data = oid(&[1, 2, 840, 113549, 1, 7, 1]);
    let info = |content: &[u8]| tlv(0x30, &[&data, &tlv(0xa0, &[&tlv(4, &[content])])]);
    let scratch = Scratch::new();
    let start = std::time::Instant::now();
    let bag =
        |kind: u64, value: &[u8]| tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 12, 10, 1, kind]), &tlv(0xa0, &[value])]);
    let bags = |count| info(&tlv(0x30, &[&info(&tlv(0x30, &[&bag(2, &encrypted).repeat(count)]))]));
    let pfx = tlv(0x30, &[&[2, 1, 3], &bags(11)]);
    refused(key_file(&scratch.write("many.pfx", pfx), Some(PASSWORD)), "many.pfx", "11,000,000 rounds");
    // The MAC's count like any other.
    let pfx = tlv(0x30, &[&[2, 1, 3], &bags(10), &mac]);
    refused(key_file(&scratch.write("mac.pfx", pfx), Some(PASSWORD)), "mac.pfx", "11,000,000 rounds");
    // And those of bags that only the password shows.
    let hidden = containers_by_hand::encrypted(&tlv(0x30, &[&bag(2, &encrypted).repeat(11)]));
    let pfx = containers_by_hand::pfx(&[hidden]);
    refused(key_file(&scratch.write("hidden.pfx", pfx), Some(PASSWORD)), "hidden.pfx", "10,000,002 rounds");
    // Nobody works on secrets that are not keys.
    let secrets = containers_by_hand::clear(&[bag(5, &wrapped).repeat(11)]);
    let pfx = containers_by_hand::pfx(&[secrets]);
    refused(key_file(&scratch.write("secrets.pfx", pfx), Some(PASSWORD)), "secrets.pfx", "without a private key");
    // So do those of whole parts.
    let part = tlv(0x30, &[&data, &algorithm, &tlv(0x80, &[&[7; 16]])]);
    let part = tlv(0xa0, &[&tlv(0x30, &[&[2, 1, 0], &part])]);
    let part = tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 7, 6]), &part]);
    let pfx = tlv(0x30, &[&[2, 1, 3], &info(&tlv(0x30, &[&part.repeat(11)]))]);
    refused(key_file(&scratch.write("parts.pfx", pfx), Some(PASSWORD)), "parts.pfx", "11,000,000 rounds");
    assert!(start.elapsed().as_secs() < 60, "refused after {:?}", start.elapsed());
}

/// Adds to the two-byte lengths that end at these offsets of the header.
fn grow(der: &mut [u8], offsets: &[usize], by: u16) {
    for offset in offsets {
        assert_eq!(der[*offset], 0x82);
        let length = u16::from_be_bytes([der[offset + 1], der[offset + 2]]) + by;
        der[offset + 1..offset + 3].copy_from_slice(&length.to_be_bytes());
    }
}

#[test]
fn keys_of_another_kind_or_size_are_named() {
    let scratch = Scratch::new();
    let config = "openssl req -new -x509 -nodes -subj /CN=x -keyout k.pem -out c.pem -newkey";
    for (command, says) in [
        (format!("{config} ec -pkeyopt ec_paramgen_curve:P-256"), "the elliptic curve P-256"),
        (format!("{config} ec -pkeyopt ec_paramgen_curve:secp384r1"), "the elliptic curve P-384"),
        (format!("{config} ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit"), "not given by name"),
        (format!("{config} ed25519"), "Ed25519"),
        (format!("{config} rsa-pss"), "RSA-PSS"),
        (format!("{config} rsa:1016"), "an RSA key of 1016 bit; 1024 to 8192 are taken"),
        (
            "openssl dsaparam -genkey -noout -out k.pem 1024; openssl req -new -x509 -subj /CN=x -key k.pem -out c.pem \
             && openssl pkcs8 -topk8 -nocrypt -in k.pem -out n.pem && mv n.pem k.pem"
                .to_owned(),
            "DSA",
        ),
    ] {
        scratch.sh(&command);
        refused(key_file(&scratch.path("k.pem"), None), "k.pem", says);
        refused(cert_file(&scratch.path("c.pem")), "c.pem", says);
        // The same key inside a container.
        scratch.sh("openssl pkcs12 -export -inkey k.pem -in c.pem -passout pass:123456 -out k.pfx");
        refused(key_file(&scratch.path("k.pfx"), Some(PASSWORD)), "k.pfx", says);
    }
    scratch.sh("openssl ecparam -name prime256v1 -genkey -out k.pem");
    refused(key_file(&scratch.path("k.pem"), None), "k.pem", "the elliptic curve P-256");
    scratch.sh("openssl dsaparam -genkey -noout 1024 | openssl dsa -outform DER -out k.der");
    refused(key_file(&scratch.path("k.der"), None), "k.der", "a DSA private key");
}

#[test]
fn keys_that_do_not_fit_are_told() {
    let scratch = Scratch::new();
    // A pfx whose key and certificate are not a pair: openssl refuses to write one, so the key replaces the other's.
    let pem = std::fs::read_to_string(credential("merchant-rsa.key.pem")).unwrap();
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = tlv(0xa0, &[&Base64::decode_vec(&text).unwrap()]);
    let key = tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 12, 10, 1, 1]), &key]);
    let cert = tlv(4, &[&std::fs::read(credential("platform-rsa.cer")).unwrap()]);
    let cert = tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 9, 22, 1]), &tlv(0xa0, &[&cert])]);
    let cert = tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 12, 10, 1, 3]), &tlv(0xa0, &[&cert])]);
    let data = oid(&[1, 2, 840, 113549, 1, 7, 1]);
    let info = |content: &[u8]| tlv(0x30, &[&data, &tlv(0xa0, &[&tlv(4, &[content])])]);
    let pfx = tlv(0x30, &[&[2, 1, 3], &info(&tlv(0x30, &[&info(&tlv(0x30, &[&key, &cert]))]))]);
    refused(key_file(&scratch.write("torn.pfx", pfx), None), "torn.pfx", "belongs to none of its 1 certificates");
    // A curve inside that is not the one outside.
    let curve = |arcs: &[u64]| tlv(0x30, &[&oid(&[1, 2, 840, 10045, 2, 1]), &oid(arcs)]);
    let p256 = tlv(0xa0, &[&oid(&[1, 2, 840, 10045, 3, 1, 7])]);
    let sec1 = tlv(0x30, &[&[2, 1, 1], &tlv(4, &[&[7; 32]]), &p256]);
    let key = tlv(0x30, &[&[2, 1, 0], &curve(&[1, 2, 156, 10197, 1, 301]), &tlv(4, &[&sec1])]);
    refused(key_file(&scratch.write("curves.der", key), None), "curves.der", "the elliptic curve P-256");
    scratch.sh("openssl genrsa -primes 3 -out three.pem 2048");
    refused(key_file(&scratch.path("three.pem"), None), "three.pem", "more than two primes");
    // One changed digit in an RSA key.
    scratch.sh("openssl rsa -traditional -in $C/merchant-rsa.key.pem -outform DER -out k.der");
    let mut der = std::fs::read(scratch.path("k.der")).unwrap();
    der[400] ^= 1;
    refused(key_file(&scratch.write("bad.der", der), None), "bad.der", "its numbers do not belong together");
}

/// All numbers fit each other, and still the key would sign wrongly.
#[test]
fn an_rsa_key_of_two_equal_primes_is_refused() {
    let scratch = Scratch::new();
    scratch.sh("openssl rsa -traditional -in $C/merchant-rsa.key.pem -outform DER -out k.der");
    let der = std::fs::read(scratch.path("k.der")).unwrap();
    let usual = RsaPrivateKeyRef::from_der(&der).unwrap();
    let modulus = square(usual.prime1.as_bytes());
    let twins = RsaPrivateKeyRef {
        modulus: UintRef::new(&modulus).unwrap(),
        prime2: usual.prime1,
        exponent2: usual.exponent1,
        ..usual
    };
    let path = scratch.write("twins.der", twins.to_der().unwrap());
    refused(key_file(&path, None), "twins.der", "its numbers do not belong together");
}

fn square(number: &[u8]) -> Vec<u8> {
    let mut digits = vec![0u32; 2 * number.len()];
    for (i, a) in number.iter().enumerate() {
        for (j, b) in number.iter().enumerate() {
            digits[i + j + 1] += u32::from(*a) * u32::from(*b);
        }
    }
    for at in (1..digits.len()).rev() {
        digits[at - 1] += digits[at] >> 8;
    }
    digits.into_iter().map(|digit| digit as u8).collect()
}

#[test]
fn cfca_files_with_other_identifiers_or_lengths_are_refused() {
    let text = std::fs::read_to_string(credential("merchant.sm2")).unwrap();
    let der = Base64::decode_vec(&text.split_whitespace().collect::<String>()).unwrap();
    let load = |der: &[u8]| key_base64(&Base64::encode_string(der), Some(PASSWORD));
    assert!(load(&der).is_ok());
    let data = oid(&[1, 2, 156, 10197, 6, 1, 4, 2, 1]);
    let sm4 = oid(&[1, 2, 156, 10197, 1, 104]);
    for (wanted, last) in [(&data, 2), (&sm4, 105)] {
        let mut other = der.clone();
        let at = other.windows(wanted.len()).position(|window| window == wanted).unwrap() + wanted.len() - 1;
        other[at] = last;
        refused(load(&other), "privateKey.base64", "has the identifier 1.2.156.10197");
    }
    // The padding is right, and the key is not the certificate's.
    let mut changed = der.clone();
    let at = changed.windows(2).position(|window| window == [4, 48]).unwrap() + 2;
    changed[at] ^= 1;
    refused(load(&changed), "privateKey.base64", "the file is damaged");
    let mut trailing = der.clone();
    trailing.push(1);
    refused(load(&trailing), "privateKey.base64", "1 bytes follow where it should end");
    // With an RSA certificate inside.
    let certificate = std::fs::read(credential("merchant-rsa.cer")).unwrap();
    let encrypted = tlv(4, &[&[7; 48]]);
    let build = |encrypted: &[u8], certificate: &[u8]| {
        let key = tlv(0x30, &[&data, &sm4, encrypted]);
        tlv(0x30, &[&[2, 1, 1], &key, &tlv(0x30, &[&data, &tlv(4, &[certificate])])])
    };
    refused(load(&build(&encrypted, &certificate)), "privateKey.base64", "with an RSA certificate");
    refused(load(&build(&encrypted, b"junk")), "privateKey.base64", "with a certificate that is damaged");
    refused(load(&build(&tlv(4, &[&[7; 40]]), &certificate)), "privateKey.base64", "is a damaged CFCA .sm2 file");
}

#[test]
fn broken_pem_is_told() {
    let key = std::fs::read_to_string(credential("merchant-sm2.key.pem")).unwrap();
    let load = |text: &str| load_private_key(&Source::pem("privateKey", Zeroizing::new(text.to_owned())), None, None);
    refused(load(key.split("-----END").next().unwrap()), "privateKey.pem", "has no -----END line");
    refused(load(&key.replace("END PRIVATE", "END RSA PRIVATE")), "privateKey.pem", "has no -----END line");
    refused(load(&key.replace('\n', "\\n")), "privateKey.pem", "the block \"PRIVATE KEY\" is not Base64");
    refused(load("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"), "privateKey.pem", "is not Base64");
    refused(
        load("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----"),
        "privateKey.pem",
        "DER of an unknown kind",
    );
    let cut = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    let source = Source::pem("platformCertificate", Zeroizing::new(cut.to_owned()));
    refused(load_certificate(&source), "platformCertificate.pem", "a certificate that is damaged");
}
