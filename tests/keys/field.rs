//! Files as they are met in the field (`tests/field/README.md`), and others of the same kinds.

use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use sm3::{Digest, Sm3};
use yspay::keys::{MerchantKey, PrivateKey, Source, load_ca_certificates, load_certificate};
use zeroize::Zeroizing;

use crate::containers_by_hand::named;
use crate::support::*;

#[track_caller]
fn is_sm2(found: Result<MerchantKey, yspay::Error>) -> MerchantKey {
    let found = found.unwrap();
    assert_eq!(found.key.kind(), "SM2");
    found
}

#[test]
fn the_files_of_the_field_are_read() {
    for (name, password, certificate) in [
        ("min_sm2oid.key.pem", None, false),
        ("min_sm2oid_cert.pfx", Some(PASSWORD), true),
        ("sm4cbc-hmacsm3.key.pem", Some(PASSWORD), false),
        ("gmsm_marshal_31byte.sm2", Some(PASSWORD), true),
    ] {
        let found = key_file(&field(name), password).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((found.key.kind().as_str(), found.certificate.is_some()), ("SM2", certificate), "{name}");
    }
    assert!(key_file(&field("min_8zeros.pfx"), Some(PASSWORD)).is_ok());
    refused(key_file(&field("sm4cbc-hmacsm3.key.pem"), Some("wrong-horse")), "hmacsm3", "the password is wrong");
    refused(key_file(&field("gmsm_marshal_31byte.sm2"), Some("wrong-horse")), "31byte", "the password is wrong");
}

#[test]
fn the_oid_of_sm2_as_the_algorithm_is_read_in_der_too() {
    let scratch = Scratch::new();
    let pem = std::fs::read_to_string(field("min_sm2oid.key.pem")).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let plain = is_sm2(key_base64(&body, None));
    scratch.sh(&format!("echo '{body}' | base64 -d > key.der"));
    let der = is_sm2(key_file(&scratch.path("key.der"), None));
    assert!(plain.key.public_key() == der.key.public_key());
}

/// OpenSSL writes SM4-CBC with HMAC-SHA-256.
#[test]
fn a_key_under_sm4_is_read_in_pem_and_der() {
    let scratch = Scratch::new();
    let expected = is_sm2(key_file(&credential("merchant-sm2.key.pem"), None)).key.public_key();
    for form in ["PEM", "DER"] {
        for prf in ["hmacWithSHA1", "hmacWithSHA256", "hmacWithSHA512"] {
            scratch.sh(&format!(
                "openssl pkcs8 -topk8 -in $C/merchant-sm2.key.pem -v2 sm4-cbc -v2prf {prf} -outform {form} -out key \
                 -passout pass:123456"
            ));
            assert!(
                is_sm2(key_file(&scratch.path("key"), Some(PASSWORD))).key.public_key() == expected,
                "{form} {prf}"
            );
            refused(key_file(&scratch.path("key"), Some("wrong-horse")), "key", "the password is wrong");
        }
    }
}

/// The `.sm2` file of the test credentials again, with this scalar and this cipher's identifier.
fn cfca(scalar: &[u8], cipher: &[u64]) -> Vec<u8> {
    cfca_of(scalar, cipher, &std::fs::read(credential("merchant-sm2.cer")).unwrap())
}

fn cfca_of(scalar: &[u8], cipher: &[u64], certificate: &[u8]) -> Vec<u8> {
    let derived = Sm3::digest([PASSWORD.as_bytes(), &[0, 0, 0, 1]].concat());
    let (iv, key) = derived.split_at(16);
    let encrypted = cbc::Encryptor::<sm4::Sm4>::new_from_slices(key, iv).unwrap().encrypt_padded_vec::<Pkcs7>(scalar);
    let data = oid(&[1, 2, 156, 10197, 6, 1, 4, 2, 1]);
    let key = tlv(0x30, &[&data, &oid(cipher), &tlv(4, &[&encrypted])]);
    tlv(0x30, &[&[2, 1, 1], &key, &tlv(0x30, &[&data, &tlv(4, &[certificate])])])
}

/// The merchant's certificate again, about the key of this scalar, with odd dates.
fn certificate_of(scalar: &[u8]) -> Vec<u8> {
    let point = sm2::SecretKey::from_slice(scalar).unwrap().public_key().to_sec1_bytes();
    assert_eq!((point.len(), point[0]), (65, 4));
    changed("merchant-sm2.cer", |body| {
        body[4] = tlv(0x30, &[&tlv(0x17, &[b"240230000000Z"]), &tlv(0x17, &[b"340101000000+0800"])]);
        let algorithm = parts(&body[6])[0].clone();
        body[6] = join(&[algorithm, tlv(3, &[&[0], &point])]);
    })
}

/// One key in 256 begins with a zero, which a writer may leave out, and one in 65,536 with two.
#[test]
fn a_cfca_scalar_may_lack_its_zeros_or_have_one_more_and_nothing_else() {
    const SM4: &[u64] = &[1, 2, 156, 10197, 1, 104];
    let scratch = Scratch::new();
    let open = |scalar: &[u8], certificate: &[u8]| {
        key_file(&scratch.write("a.sm2", cfca_of(scalar, SM4, certificate)), Some(PASSWORD))
    };
    for zeros in [0, 1, 2, 3, 17] {
        let whole = [vec![0; zeros], vec![0x5a; 32 - zeros]].concat();
        let certificate = certificate_of(&whole);
        for scalar in [&whole[zeros..], &whole, &[&[0], whole.as_slice()].concat()] {
            let found = open(scalar, &certificate).unwrap_or_else(|error| panic!("{zeros}, {}: {error}", scalar.len()));
            let PrivateKey::Sm2(key) = &found.key else { panic!("another kind") };
            assert_eq!(key.to_bytes().as_slice(), whole, "{zeros}");
            // Dates of the certificate inside are told, not judged.
            let told = found.certificate.unwrap();
            assert_eq!((told.facts.not_before, told.facts.not_after.as_deref()), (None, Some("2033-12-31T16:00:00Z")));
        }
    }
    let whole = [0x5a; 32];
    let certificate = certificate_of(&whole);
    // The padding shows that the password is right.
    for scalar in [&[&[1], &whole[..]].concat()[..], &[&[0; 2], &whole[..]].concat(), &[0x5a; 36], &[0; 40], &[]] {
        let says = format!("its private key has {} bytes, though the password is right", scalar.len());
        refused(open(scalar, &certificate), "a.sm2", &says);
    }
    for scalar in [&[0x5b; 32][..], &whole[16..], &[0; 32], &[&[0], &[0xff; 32][..]].concat()] {
        refused(open(scalar, &certificate), "a.sm2", "its private key is not its certificate's");
    }
    // So little padding a wrong password makes, too.
    for scalar in [&[0x5b; 31][..], &[0x5a; 47]] {
        refused(open(scalar, &certificate), "a.sm2", "the password is wrong, or the file is damaged");
    }
}

/// GmSSL takes salts of up to 64 bytes; key and cipher text are OpenSSL's.
#[test]
fn beside_sm3_and_sm4_a_salt_may_be_long() {
    let scratch = Scratch::new();
    let pbkdf2 = oid(&[1, 2, 840, 113549, 1, 5, 12]);
    let sm4_cbc = tlv(0x30, &[&oid(&[1, 2, 156, 10197, 1, 104, 2]), &tlv(4, &[&[0; 16]])]);
    let (sha256, sm3) = (&[1, 2, 840, 113549, 2, 9][..], &[1, 2, 156, 10197, 1, 401, 2][..]);
    for (digest, prf) in [("SHA256", sha256), ("SM3", sm3)] {
        for length in [0, 1, 33, 64, 65] {
            scratch.sh(&format!(
                "openssl pkcs8 -topk8 -nocrypt -in $C/merchant-sm2.key.pem -outform DER -out k.der; \
                 K=$(openssl kdf -keylen 16 -kdfopt digest:{digest} -kdfopt pass:123456 -kdfopt hexsalt:{} -kdfopt iter:3 \
                 -kdfopt pkcs5:1 PBKDF2 | tr -d ':\\n'); \
                 openssl enc -sm4-cbc -K $K -iv 00000000000000000000000000000000 -in k.der -out c",
                "73".repeat(length)
            ));
            let salt = tlv(4, &[&vec![0x73; length]]);
            let derivation = tlv(0x30, &[&pbkdf2, &tlv(0x30, &[&salt, &[2, 1, 3], &named(prf)])]);
            let scheme = tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 5, 13]), &tlv(0x30, &[&derivation, &sm4_cbc])]);
            let file = tlv(0x30, &[&scheme, &tlv(4, &[&std::fs::read(scratch.path("c")).unwrap()])]);
            let found = key_file(&scratch.write("k.key", file), Some(PASSWORD));
            if length > 64 {
                refused(found, "k.key", "a salt longer than 64 bytes");
            } else {
                is_sm2(found);
            }
        }
    }
}

#[test]
fn a_cfca_file_may_have_the_identifier_of_sm4_cbc_a_longer_scalar_and_a_pem_label() {
    let PrivateKey::Sm2(key) = is_sm2(key_file(&credential("merchant-sm2.key.pem"), None)).key else { panic!() };
    let scalar = key.to_bytes();
    let scratch = Scratch::new();
    let long = [&[0], scalar.as_slice()].concat();
    let (sm4, sm4_cbc) = (&[1, 2, 156, 10197, 1, 104][..], &[1, 2, 156, 10197, 1, 104, 2][..]);
    for (scalar, cipher) in [(scalar.as_slice(), sm4), (&scalar, sm4_cbc), (&long, sm4)] {
        let file = cfca(scalar, cipher);
        assert_eq!(is_sm2(key_file(&scratch.write("a.sm2", &file), Some(PASSWORD))).container, "CFCA SM2");
        scratch.sh("(echo '-----BEGIN CFCA KEY-----'; base64 -w 64 a.sm2; echo '-----END CFCA KEY-----') > a.pem");
        is_sm2(key_file(&scratch.path("a.pem"), Some(PASSWORD)));
    }
    refused(key_file(&scratch.write("a.sm2", cfca(&scalar, &[1, 2, 3])), Some(PASSWORD)), "a.sm2", "identifier 1.2.3");
}

#[test]
fn zeros_and_white_space_behind_the_end_are_ignored_and_nothing_else() {
    let scratch = Scratch::new();
    scratch.sh("openssl pkcs8 -topk8 -nocrypt -in $C/merchant-rsa.key.pem -outform DER -out rsa.key && base64 -d $C/merchant.sm2 > a.sm2");
    let files = [credential("merchant-rsa-aes.pfx"), scratch.path("a.sm2"), scratch.path("rsa.key")];
    for path in files {
        let der = std::fs::read(&path).unwrap();
        for filling in [&b"\n"[..], b"\r\n", &[0], &[0; 512], b" \t\0\n", b"\x0b\x0c"] {
            let filled = scratch.write("filled", [&der, filling].concat());
            assert!(key_file(&filled, Some(PASSWORD)).is_ok(), "{path:?} {filling:?}");
        }
        let other = scratch.write("filled", [&der, &b"\0\0\x01"[..]].concat());
        refused(key_file(&other, Some(PASSWORD)), "filled", "3 bytes follow where it should end");
    }
    let certificate = std::fs::read(credential("platform-rsa.cer")).unwrap();
    let filled = scratch.write("filled.cer", [certificate.as_slice(), b"\0\0\r\n"].concat());
    assert_eq!(cert_file(&filled).unwrap(), cert_file(&credential("platform-rsa.cer")).unwrap());
}

/// Every kind of file through every door that takes it: a key, a certificate, roots.
#[test]
fn zeros_and_white_space_behind_text_are_ignored_and_what_else_follows_is_named() {
    let scratch = Scratch::new();
    scratch.sh("openssl pkcs8 -topk8 -nocrypt -in $C/merchant-rsa.key.pem -outform DER -out rsa.key");
    let key = |path: &Path| key_file(path, Some(PASSWORD)).map(drop);
    let certificate = |path: &Path| cert_file(path).map(drop);
    let roots = |path: &Path| load_ca_certificates(&Source::path("caFile", path)).map(drop);
    type Door<'a> = &'a dyn Fn(&Path) -> Result<(), yspay::Error>;
    let files: [(PathBuf, bool, &[Door<'_>]); 7] = [
        (credential("merchant.sm2"), true, &[&key]),
        (credential("merchant-rsa-aes.pfx"), false, &[&key]),
        (scratch.path("rsa.key"), false, &[&key]),
        (credential("platform-rsa.cer"), false, &[&certificate, &roots]),
        (credential("platform-sm2.cer"), false, &[&certificate, &roots]),
        (credential("merchant-sm2.key.pem"), true, &[&key]),
        (credential("platform-sm2.cert.pem"), true, &[&certificate, &roots]),
    ];
    for (path, is_text, doors) in files {
        let bytes = std::fs::read(&path).unwrap();
        let text = if is_text { String::from_utf8(bytes).unwrap() } else { Base64::encode_string(&bytes) };
        let is_pem = text.contains("-----");
        let lines = text.trim_end().as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap());
        let broken =
            if is_text { text.trim_end().replace('\n', "\r\n") } else { lines.collect::<Vec<_>>().join("\r\n") };
        for text in [text.trim_end().to_owned(), broken] {
            for filling in [&b""[..], b"\n", b"\r\n\r\n", b"\0", &[0; 512], b"\r\n\0\0 \t\n\0"] {
                let filled = scratch.write("filled", [text.as_bytes(), filling].concat());
                for door in doors {
                    door(&filled).unwrap_or_else(|error| panic!("{path:?} {filling:?}: {error}"));
                }
            }
            for (tail, says) in [
                (&b"\n-- copied by hand"[..], "text"),
                (b"\0\0password 123", "text"),
                (b"hello", "text"),
                (text.as_bytes(), "another DER structure"),
                (b"\nMAYCAQECAQI=", "another DER structure"),
                (b"\x01\x02\xff", "bytes of no known kind"),
            ] {
                // Behind the last line of PEM anything may stand.
                let tail = [text.as_bytes(), tail].concat();
                let tailed = scratch.write("tailed", tail);
                for door in doors.iter().filter(|_| !is_pem) {
                    let message = refused(door(&tailed), "tailed", "follow");
                    assert!(message.contains(says), "{path:?} {says}: {message}");
                    assert!(!message.contains("hand") && !message.contains("hello"), "{message}");
                }
            }
        }
    }
}

#[test]
fn zeros_and_white_space_behind_hex_are_ignored() {
    let scratch = Scratch::new();
    let number = "7b".repeat(32);
    let expected = key_file(&scratch.write("plain", &number), None).unwrap().key.public_key();
    for filling in [&b"\n"[..], b"\r\n\0", &[0; 512]] {
        let filled = scratch.write("filled", [number.as_bytes(), filling].concat());
        assert!(key_file(&filled, None).unwrap().key.public_key() == expected, "{filling:?}");
    }
}

#[test]
fn what_follows_der_is_named() {
    let scratch = Scratch::new();
    let certificate = std::fs::read(credential("platform-rsa.cer")).unwrap();
    for (tail, says) in [
        (&certificate[..], "another DER structure"),
        (b"\r\n-- note", "text"),
        (&[0, 0, 1], "bytes of no known kind"),
        ("\n备注".as_bytes(), "text"),
    ] {
        let tailed = [&certificate[..], tail].concat();
        let says = format!("{} bytes follow where it should end: {says}.", tail.len());
        refused(cert_file(&scratch.write("tailed", &tailed)), "tailed", &says);
        refused(load_ca_certificates(&Source::path("caFile", scratch.path("tailed"))), "tailed", &says);
        let base64 = Source::base64("platformCertificate", Zeroizing::new(Base64::encode_string(&tailed)));
        refused(load_certificate(&base64), "platformCertificate.base64", &says);
        let armour = Base64::encode_string(&tailed);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{armour}\n-----END CERTIFICATE-----\n");
        refused(cert_file(&scratch.write("tailed", pem)), "tailed", &says);
    }
}

/// Old GnuTLS left the zero byte before the modulus out, which makes it look negative.
#[test]
fn an_rsa_modulus_without_its_leading_zero_is_read_and_a_negative_exponent_is_not() {
    let scratch = Scratch::new();
    scratch.sh("openssl rsa -traditional -in $C/merchant-rsa.key.pem -outform DER -out rsa.der");
    let der = std::fs::read(scratch.path("rsa.der")).unwrap();
    // Behind the header of four bytes and the version of three: INTEGER of 257 bytes, the first of them zero.
    assert_eq!(der[7..12], [2, 0x82, 1, 1, 0]);
    let rest = &der[12..];
    let without = tlv(0x30, &[&der[4..7], &[2, 0x82, 1, 0], rest]);
    let expected = key_file(&scratch.path("rsa.der"), None).unwrap().key.public_key();
    let found = key_file(&scratch.write("old.der", &without), None).unwrap();
    assert!(found.key.public_key() == expected);
    // The exponent 65537 behind the modulus, made negative.
    let mut negative = without;
    let at = 4 + 3 + 4 + 256;
    assert_eq!(negative[at..at + 5], [2, 3, 1, 0, 1]);
    negative[at + 2] = 0x81;
    refused(key_file(&scratch.write("old.der", &negative), None), "old.der", "damaged");
}

#[test]
fn an_rsa_certificate_whose_modulus_lacks_its_leading_zero_is_pinned() {
    let scratch = Scratch::new();
    for name in ["platform-rsa.cer", "merchant-rsa.cer"] {
        // The key is a BIT STRING, with no bits left over, around both numbers.
        let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
            changed(name, |body| {
                let info = parts(&body[6]);
                let mut numbers = parts(&content(&info[1])[1..]);
                change(&mut numbers);
                body[6] = join(&[info[0].clone(), tlv(3, &[&[0], &join(&numbers)])]);
            })
        };
        let whole = cert_file(&credential(name)).unwrap();
        let without = with(&|numbers| {
            let modulus = content(&numbers[0]);
            assert!(modulus[0] == 0 && modulus[1] >= 0x80);
            numbers[0] = tlv(2, &[&modulus[1..]]);
        });
        let old = cert_file(&scratch.write("old.cer", &without)).unwrap();
        assert!(old.public_key == whole.public_key);
        assert_eq!((old.public_key.kind(), old.facts.subject), (whole.public_key.kind(), whole.facts.subject));
        let roots = load_ca_certificates(&Source::path("caFile", scratch.path("old.cer"))).unwrap();
        assert_eq!(roots, [without]);
        // An exponent is never so large that it could lack a zero.
        let negative = with(&|numbers| numbers[1] = tlv(2, &[&[0x81, 0, 1]]));
        refused(cert_file(&scratch.write("old.cer", negative)), "old.cer", "has a damaged RSA key");
    }
}
