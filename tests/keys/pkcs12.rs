//! PKCS#12 files of kinds that few programs read.

use hmac::{KeyInit, Mac};
use sha2::{Sha256, Sha512};
use yspay::keys::{MerchantKey, PublicKey, Source, load_ca_certificates, load_private_key};

use crate::containers_by_hand::*;
use crate::support::*;

fn sm2_key(scratch: &Scratch, name: &str) -> Vec<u8> {
    scratch.sh(&format!("openssl pkcs8 -topk8 -nocrypt -in $C/{name} -outform DER -out k.der"));
    std::fs::read(scratch.path("k.der")).unwrap()
}

fn public(name: &str) -> PublicKey {
    key_file(&credential(name), None).unwrap().key.public_key()
}

#[track_caller]
fn read(scratch: &Scratch, pfx: &[u8], password: Option<&str>) -> MerchantKey {
    key_file(&scratch.write("k.pfx", pfx), password).unwrap_or_else(|error| panic!("{error}"))
}

/// OpenSSL opens it, too, as far as it knows the algorithms.
#[track_caller]
fn openssl_reads(scratch: &Scratch, options: &str) {
    scratch.sh(&format!("openssl pkcs12 -legacy -in k.pfx -noout {options}"));
}

#[test]
fn pbmac1_is_read_as_rfc_9579_has_it() {
    let found = key_file(&field("rfc9579-a1.p12"), Some("1234")).unwrap();
    assert_eq!(found.key.kind(), "RSA-2048");
    assert!(found.certificate.is_some());
    refused(key_file(&field("rfc9579-a1.p12"), Some("wrong-horse")), "a1.p12", "the password is wrong");
    refused(key_file(&field("rfc9579-a1.p12"), None), "a1.p12", "needs a password and none is given");
    // A changed byte of what the MAC is of, at the end of the last certificate or key.
    let mut changed = std::fs::read(field("rfc9579-a1.p12")).unwrap();
    changed[2570] ^= 1;
    let scratch = Scratch::new();
    assert!(key_file(&scratch.write("k.pfx", changed), Some("1234")).is_err());
}

#[test]
fn pbmac1_with_other_digests_is_read() {
    let scratch = Scratch::new();
    let key = sm2_key(&scratch, "merchant-sm2.key.pem");
    let parts = [clear(&[shrouded_key_bag(&key)])];
    let (sha256, sha512, sm3) =
        (&[1, 2, 840, 113549, 2, 9][..], &[1, 2, 840, 113549, 2, 11][..], &[1, 2, 156, 10197, 1, 401, 2][..]);
    let salt = tlv(4, &[b"a salt"]);
    let password = PASSWORD.as_bytes();
    let with_512 =
        pfx_with_mac(&parts, &pbmac1(&[&salt, &[2, 1, 3], &[2, 1, 64], &named(sha512)], sha256), |covered| {
            let key: [u8; 64] = pbkdf2::pbkdf2_hmac_array::<Sha512, 64>(password, b"a salt", 3);
            hmac::Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(covered).finalize().into_bytes().to_vec()
        });
    let with_sm3 = pfx_with_mac(&parts, &pbmac1(&[&salt, &[2, 1, 3], &[2, 1, 32], &named(sm3)], sm3), |covered| {
        let key: [u8; 32] = pbkdf2::pbkdf2_hmac_array::<sm3::Sm3, 32>(password, b"a salt", 3);
        hmac::Hmac::<sm3::Sm3>::new_from_slice(&key).unwrap().chain_update(covered).finalize().into_bytes().to_vec()
    });
    // Without a PRF it is HMAC-SHA-1.
    let with_sha1 = pfx_with_mac(&parts, &pbmac1(&[&salt, &[2, 1, 3], &[2, 1, 20]], sha256), |covered| {
        let key: [u8; 20] = pbkdf2::pbkdf2_hmac_array::<sha1::Sha1, 20>(password, b"a salt", 3);
        hmac::Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(covered).finalize().into_bytes().to_vec()
    });
    for pfx in [with_512, with_sm3, with_sha1] {
        assert!(read(&scratch, &pfx, Some(PASSWORD)).key.public_key() == public("merchant-sm2.key.pem"));
        openssl_reads(&scratch, "-nomacver -passin pass:123456");
        refused(key_file(&scratch.path("k.pfx"), Some("wrong-horse")), "k.pfx", "the password is wrong");
        // The MAC counts: with another one the key alone is not enough.
        let mut changed = pfx;
        let at = changed.len() - 14;
        changed[at] ^= 1;
        refused(key_file(&scratch.write("k.pfx", changed), Some(PASSWORD)), "k.pfx", "does not fit the file's MAC");
    }
    // Costs are judged before anything is derived.
    let costly = pbmac1(&[&salt, &[2, 4, 0x7f, 0, 0, 0], &[2, 1, 20]], sha256);
    let path = scratch.write("k.pfx", pfx_with_mac(&parts, &costly, |_| vec![7; 32]));
    refused(key_file(&path, Some(PASSWORD)), "k.pfx", "2,130,706,432 rounds");
}

/// Written by libcrypto's `PKCS12_create` with NULL for the password, which is another one than the empty.
#[test]
fn no_password_at_all_is_read_like_an_empty_one() {
    let scratch = Scratch::new();
    for name in ["null_password.pfx", "null_aes.pfx"] {
        let pfx = std::fs::read(field(name)).unwrap();
        let mut whole = parts(&pfx);
        whole.truncate(2);
        for file in [pfx, join(&whole)] {
            for password in [None, Some("")] {
                let found = read(&scratch, &file, password);
                assert!(found.key.public_key() == public("merchant-rsa.key.pem"), "{name}");
                assert!(found.certificate.is_some());
            }
            refused(key_file(&scratch.path("k.pfx"), Some("wrong-horse")), "k.pfx", "the password is wrong");
        }
    }
}

#[test]
fn any_character_may_be_in_a_password() {
    let scratch = Scratch::new();
    for options in ["", "-legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-40 -macalg sha1"] {
        scratch.sh(&format!(
            "openssl pkcs12 -export -inkey $C/merchant-rsa.key.pem -in $C/merchant-rsa.cert.pem {options} \
             -passout 'pass:密码🐎' -out k.pfx"
        ));
        assert!(key_file(&scratch.path("k.pfx"), Some("密码🐎")).is_ok(), "{options}");
        refused(key_file(&scratch.path("k.pfx"), Some("密码🐴")), "k.pfx", "the password is wrong");
    }
}

#[test]
fn sm3_and_sm4_are_read_inside() {
    let scratch = Scratch::new();
    // GmSSL's own encrypted key as the shrouded key bag.
    let pem = std::fs::read_to_string(field("sm4cbc-hmacsm3.key.pem")).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let expected = key_base64(&body, Some(PASSWORD)).unwrap().key.public_key();
    scratch.sh(&format!("echo '{body}' | base64 -d > k.der"));
    let key = bag(2, &std::fs::read(scratch.path("k.der")).unwrap());
    for file in [pfx(&[clear(std::slice::from_ref(&key))]), pfx(&[encrypted(&tlv(0x30, &[&key]))])] {
        assert!(read(&scratch, &file, Some(PASSWORD)).key.public_key() == expected);
        refused(key_file(&scratch.path("k.pfx"), Some("wrong-horse")), "k.pfx", "the password is wrong");
    }
    // OpenSSL's, which has SM4 and SM3 but not HMAC-SM3.
    for options in ["-keypbe SM4-CBC -certpbe SM4-CBC -macalg sm3", "-nomac -keypbe SM4-CBC -certpbe SM4-CBC"] {
        scratch.sh(&format!(
            "openssl pkcs12 -export -inkey $C/merchant-sm2.key.pem -in $C/merchant-sm2.cert.pem {options} \
             -passout pass:123456 -out k.pfx"
        ));
        let found = key_file(&scratch.path("k.pfx"), Some(PASSWORD)).unwrap();
        assert!(found.key.public_key() == public("merchant-sm2.key.pem") && found.certificate.is_some(), "{options}");
        refused(key_file(&scratch.path("k.pfx"), Some("wrong-horse")), "k.pfx", "the password is wrong");
    }
}

/// PKCS#8 with SM2's own OID for the algorithm, with and without parameters.
#[test]
fn a_key_with_the_oid_of_sm2_is_read_inside() {
    let scratch = Scratch::new();
    let plain = parts(&sm2_key(&scratch, "merchant-sm2.key.pem"));
    let sm2 = oid(&[1, 2, 156, 10197, 1, 301]);
    let certificate = std::fs::read(credential("merchant-sm2.cer")).unwrap();
    for algorithm in [tlv(0x30, &[&sm2]), tlv(0x30, &[&sm2, &[5, 0]]), tlv(0x30, &[&sm2, &sm2])] {
        let key = join(&[plain[0].clone(), algorithm.clone(), plain[2].clone()]);
        for bags in
            [[bag(1, &key), certificate_bag(&certificate)], [shrouded_key_bag(&key), certificate_bag(&certificate)]]
        {
            for file in [pfx(&[clear(&bags)]), pfx(&[encrypted(&join(&bags))])] {
                let found = read(&scratch, &file, Some(PASSWORD));
                assert!(found.key.public_key() == public("merchant-sm2.key.pem") && found.certificate.is_some());
            }
        }
        // The same in the certificate, which is pinned and trusted, too.
        let odd = changed("merchant-sm2.cer", |body| {
            let bits = parts(&body[6])[1].clone();
            body[6] = join(&[algorithm, bits]);
        });
        let path = scratch.write("odd.cer", &odd);
        assert!(cert_file(&path).unwrap().public_key == public("merchant-sm2.key.pem"));
        assert_eq!(load_ca_certificates(&Source::path("caFile", &path)).unwrap(), std::slice::from_ref(&odd));
        let file = pfx(&[encrypted(&join(&[shrouded_key_bag(&key), certificate_bag(&odd)]))]);
        assert!(read(&scratch, &file, Some(PASSWORD)).certificate.is_some());
    }
}

#[test]
fn a_certificate_with_odd_dates_and_serial_is_read_inside() {
    let scratch = Scratch::new();
    let key = sm2_key(&scratch, "merchant-sm2.key.pem");
    let odd = changed("merchant-sm2.cer", |body| {
        body[1] = tlv(2, &[&[0x12; 32]]);
        body[4] = tlv(0x30, &[&tlv(0x17, &[b"240230000000Z"]), &tlv(0x17, &[b"340101000000+0800"])]);
    });
    let file = pfx(&[encrypted(&join(&[shrouded_key_bag(&key), certificate_bag(&odd)]))]);
    let found = read(&scratch, &file, Some(PASSWORD)).certificate.unwrap();
    assert_eq!(found.serial, Some("12".repeat(32)));
    assert_eq!((found.facts.not_before, found.facts.not_after.as_deref()), (None, Some("2033-12-31T16:00:00Z")));
}

#[test]
fn unknown_schemes_are_named_and_not_called_damage() {
    let scratch = Scratch::new();
    let unknown = oid(&[1, 2, 3, 4]);
    for parameters in [&[][..], &[5, 0], &[4, 2, 1, 2], &[0x30, 0]] {
        let key = bag(2, &tlv(0x30, &[&tlv(0x30, &[&unknown, parameters]), &tlv(4, &[&[7; 32]])]));
        for file in [pfx(&[clear(std::slice::from_ref(&key))]), pfx(&[encrypted(&join(&[key]))])] {
            let message =
                refused(key_file(&scratch.write("k.pfx", file), Some(PASSWORD)), "k.pfx", "uses the scheme 1.2.3.4");
            assert!(!message.contains("damage"), "{message}");
        }
        let alone = tlv(0x30, &[&tlv(0x30, &[&unknown, parameters]), &tlv(4, &[&[7; 32]])]);
        let message = refused(key_file(&scratch.write("k.der", alone), Some(PASSWORD)), "k.der", "the scheme 1.2.3.4");
        assert!(!message.contains("damage"), "{message}");
    }
}

/// As BouncyCastle writes it when it is told so. OpenSSL has no option for this, so none is advised.
#[test]
fn a_key_with_another_password_than_its_certificates_is_told() {
    let scratch = Scratch::new();
    let key = sm2_key(&scratch, "merchant-sm2.key.pem");
    let certificates = encrypted(&join(&[certificate_bag(&std::fs::read(credential("merchant-sm2.cer")).unwrap())]));
    let key = clear(&[shrouded_key_bag_under("another", &key)]);
    let salt = tlv(4, &[b"a salt"]);
    let algorithm =
        pbmac1(&[&salt, &[2, 1, 3], &[2, 1, 32], &named(&[1, 2, 840, 113549, 2, 9])], &[1, 2, 840, 113549, 2, 9]);
    let mac = |covered: &[u8]| {
        let key: [u8; 32] = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(PASSWORD.as_bytes(), b"a salt", 3);
        hmac::Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(covered).finalize().into_bytes().to_vec()
    };
    for parts in [[key.clone(), certificates.clone()], [certificates, key]] {
        for file in [pfx_with_mac(&parts, &algorithm, mac), pfx(&parts)] {
            let path = scratch.write("k.pfx", file);
            for password in [PASSWORD, "another"] {
                let message = key_file(&path, Some(password)).unwrap_err().message;
                assert!(message.contains("opens a part of it, but not all") && !message.contains('`'), "{message}");
            }
            refused(key_file(&path, Some("wrong-horse")), "k.pfx", "the password is wrong");
        }
    }
}

/// None of these has a password that could be asked for.
#[test]
fn other_kinds_of_content_are_named() {
    let scratch = Scratch::new();
    let info = |arcs: &[u64]| tlv(0x30, &[&oid(arcs), &tlv(0xa0, &[&tlv(0x30, &[])])]);
    let outside = |arcs: &[u64]| tlv(0x30, &[&[2, 1, 3], &info(arcs)]);
    let (signed, enveloped) = (&[1, 2, 840, 113549, 1, 7, 2], &[1, 2, 840, 113549, 1, 7, 3]);
    for (file, says) in [
        (outside(signed), "uses a signature in place of the password's MAC"),
        (outside(&[1, 2, 3, 4]), "uses the content type 1.2.3.4"),
        (pfx(&[info(enveloped)]), "uses a recipient's public key instead of a password"),
        (pfx(&[info(&[1, 2, 3, 4])]), "uses the content type 1.2.3.4"),
    ] {
        refused(key_file(&scratch.write("k.pfx", file), Some(PASSWORD)), "k.pfx", says);
    }
}

#[test]
fn what_the_certificates_inside_are_not_is_told_and_the_advice_works() {
    let scratch = Scratch::new();
    let key = sm2_key(&scratch, "merchant-sm2.key.pem");
    let own = std::fs::read(credential("merchant-sm2.cer")).unwrap();
    scratch.sh("openssl req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout p.key -outform DER \
         -out p.cer -subj /CN=p");
    let of_another_kind = std::fs::read(scratch.path("p.cer")).unwrap();
    // The key's own is all that matters.
    let sdsi = bag(3, &tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 9, 22, 2]), &tlv(0xa0, &[&tlv(0x16, &[b"(sdsi)"])])]));
    let others = [sdsi, certificate_bag(&of_another_kind), certificate_bag(&[0x30, 0])];
    let all = [&others[..], &[bag(1, &key), certificate_bag(&own)]].concat();
    assert!(read(&scratch, &pfx(&[clear(&all)]), None).certificate.is_some());
    let file = pfx(&[clear(&[certificate_bag(&of_another_kind), shrouded_key_bag(&key)])]);
    let message = refused(
        key_file(&scratch.write("k.pfx", file), Some(PASSWORD)),
        "k.pfx",
        "is about a key of another kind, and none of this key",
    );
    scratch.sh(&format!("{} -passin pass:123456 -passout pass:123456", advised(&message)));
    assert!(key_file(&scratch.path("new.pem"), Some(PASSWORD)).is_ok());
}

#[test]
fn names_are_told_whatever_stands_around_them() {
    let scratch = Scratch::new();
    let key = parts(&bag(1, &sm2_key(&scratch, "merchant-sm2.key.pem")));
    let attribute = |arcs: &[u64], value: &[u8]| tlv(0x30, &[&oid(arcs), &tlv(0x31, &[value])]);
    let name = attribute(&[1, 2, 840, 113549, 1, 9, 20], &tlv(0x1e, &[b"\x55\x46\xd8\x3d\xdc\x0e"]));
    // Microsoft's name of the provider, before the name, which DER's order of a SET would put behind.
    let provider = attribute(&[1, 3, 6, 1, 4, 1, 311, 17, 1], &tlv(0x1e, &[b"\0C\0S\0P"]));
    let named = join(&[key[0].clone(), key[1].clone(), tlv(0x31, &[&provider, &name, &provider])]);
    let path = scratch.write("k.pfx", pfx(&[clear(&[named])]));
    let with = |alias| load_private_key(&Source::path("privateKey", &path), None, Some(alias));
    assert!(with("商🐎").is_ok());
    refused(with("商🐴"), "k.pfx", "it has \"商🐎\"");
}
