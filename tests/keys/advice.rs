//! Files that are not read here: the message gives a command, and the command works.

use crate::containers_by_hand::*;
use crate::support::*;

const EXPORT: &str =
    "openssl pkcs12 -export -inkey $C/merchant-rsa.key.pem -in $C/merchant-rsa.cert.pem -passout pass:123456";

#[test]
fn the_advice_for_java_keystores_works() {
    let scratch = Scratch::new();
    scratch
        .sh("keytool -importkeystore -srckeystore $C/merchant-rsa-aes.pfx -srcstorepass 123456 -destkeystore old.jks \
         -deststoretype JKS -deststorepass 123456");
    let message = refused(key_file(&scratch.path("old.jks"), Some(PASSWORD)), "old.jks", "is a Java keystore (JKS)");
    scratch.sh(&format!("{} -srcstorepass 123456 -deststorepass 123456", advised(&message)));
    assert_eq!(key_file(&scratch.path("new.pfx"), Some(PASSWORD)).unwrap().key.kind(), "RSA-2048");
}

#[test]
fn a_million_rounds_is_the_bound_for_pfx_and_the_advice_works() {
    let scratch = Scratch::new();
    scratch.sh(&format!("{EXPORT} -iter 1000001 -out costly.pfx"));
    let message = refused(key_file(&scratch.path("costly.pfx"), Some(PASSWORD)), "costly.pfx", "1,000,001 rounds");
    scratch.sh(&format!("{} -passin pass:123456 -passout pass:123456", advised(&message)));
    assert!(key_file(&scratch.path("new.pem"), Some(PASSWORD)).is_ok());
}

#[test]
fn unread_pfx_algorithms_are_named_and_the_advice_works() {
    let scratch = Scratch::new();
    for (options, says) in [
        ("-macalg md5", "uses a MAC with MD5"),
        ("-legacy -keypbe PBE-SHA1-RC2-128", "uses PBE-SHA1-RC2-128"),
        ("-legacy -certpbe PBE-SHA1-RC4-128", "uses PBE-SHA1-RC4-128"),
        ("-keypbe CAMELLIA-256-CBC", "uses CAMELLIA-256-CBC"),
    ] {
        scratch.sh(&format!("{EXPORT} {options} -out 'my old.pfx'"));
        let message = refused(key_file(&scratch.path("my old.pfx"), Some(PASSWORD)), "my old.pfx", says);
        scratch.sh(&format!("{} -passin pass:123456 -passout pass:123456", advised(&message)));
        let found = key_file(&scratch.path("new.pem"), Some(PASSWORD)).unwrap();
        assert_eq!(found.key.kind(), "RSA-2048");
        assert!(found.certificate.is_some());
        assert_eq!(found.container, "PEM PKCS#8 (encrypted)");
    }
}

/// One password for the MAC, another for the key: whichever is given, the message says what is wrong and what to do.
#[test]
fn two_passwords_are_told_and_the_advice_works() {
    for (given, says) in
        [("encpass1", "fits the file's MAC, but does not"), (PASSWORD, "opens the key, but does not fit")]
    {
        let error = key_file(&field("twopass.pfx"), Some(given)).unwrap_err();
        assert!(error.message.contains("two passwords") && error.message.contains(says), "{error}");
        let commands: Vec<&str> = error.message.split('`').skip(1).step_by(2).collect();
        assert_eq!(commands.len(), 2, "{error}");
        assert!(error.message.ends_with("export it again where it was made, with one password."), "{error}");
        let read = |scratch: Scratch| {
            let found = key_file(&scratch.path("new.pem"), Some("654321")).unwrap();
            assert!(found.certificate.is_some_and(|certificate| certificate.public_key == found.key.public_key()));
        };
        // OpenSSL asks the terminal, and its standard input when there is none.
        let scratch = Scratch::new();
        assert!(commands[0].contains(" -twopass "));
        scratch.sh(&format!("printf 'encpass1\\n123456\\n' | setsid -w {} -passout pass:654321", commands[0]));
        read(scratch);
        let scratch = Scratch::new();
        assert!(commands[1].contains(" -nomacver "));
        scratch.sh(&format!("{} -passin pass:123456 -passout pass:654321", commands[1]));
        read(scratch);
    }
    refused(key_file(&field("twopass.pfx"), Some("wrong-horse")), "twopass.pfx", "the password is wrong");
    refused(key_file(&field("twopass.pfx"), None), "twopass.pfx", "needs a password and none is given");
}

/// A MAC that OpenSSL does not know either: it is told to leave the MAC alone.
#[test]
fn an_unread_mac_is_named_and_the_advice_works() {
    let scratch = Scratch::new();
    scratch.sh("openssl pkcs8 -topk8 -nocrypt -in $C/merchant-rsa.key.pem -outform DER -out k.der");
    let bags = [shrouded_key_bag(&std::fs::read(scratch.path("k.der")).unwrap())];
    let hmac_sha256 = &[1, 2, 840, 113549, 2, 9];
    let salt = tlv(4, &[b"saltsalt"]);
    for (algorithm, says) in [
        (named(&[1, 2, 3, 4]), "uses a MAC with the algorithm 1.2.3.4"),
        (pbmac1(&[&salt, &[2, 1, 2]], hmac_sha256), "PBMAC1 and no length of its key"),
        (pbmac1(&[&salt, &[2, 1, 2], &[2, 1, 0]], hmac_sha256), "PBMAC1 and a key of 0 bytes"),
        (pbmac1(&[&salt, &[2, 1, 2], &[2, 1, 20]], &[1, 2, 3, 4]), "uses a MAC with the algorithm 1.2.3.4"),
    ] {
        let path = scratch.write("odd.pfx", pfx_with_mac(&[clear(&bags)], &algorithm, |_| vec![7; 20]));
        let message = refused(key_file(&path, Some(PASSWORD)), "odd.pfx", says);
        scratch.sh(&format!("{} -passin pass:123456 -passout pass:123456", advised(&message)));
        assert_eq!(key_file(&scratch.path("new.pem"), Some(PASSWORD)).unwrap().key.kind(), "RSA-2048");
    }
}

/// OpenSSL 3.0 does not know PBMAC1 and must leave it alone, whatever else is the matter.
#[test]
fn the_advice_for_a_container_with_pbmac1_works() {
    let scratch = Scratch::new();
    scratch.sh("openssl pkcs8 -topk8 -nocrypt -in $C/merchant-rsa.key.pem -outform DER -out k.der");
    let key = shrouded_key_bag(&std::fs::read(scratch.path("k.der")).unwrap());
    let salt = tlv(4, &[b"saltsalt"]);
    let hmac_sha256 = &[1, 2, 840, 113549, 2, 9];
    for (rounds, says) in
        [(&[2, 1, 2][..], "opens the key, but does not fit"), (&[2, 3, 0x0f, 0x42, 0x41], "asks for 1,000,001 rounds")]
    {
        let mac = pbmac1(&[&salt, rounds, &[2, 1, 20]], hmac_sha256);
        let path = scratch.write("odd.pfx", pfx_with_mac(&[clear(std::slice::from_ref(&key))], &mac, |_| vec![7; 32]));
        let message = refused(key_file(&path, Some(PASSWORD)), "odd.pfx", says);
        scratch.sh(&format!("{} -passin pass:123456 -passout pass:123456", advised(&message)));
        assert_eq!(key_file(&scratch.path("new.pem"), Some(PASSWORD)).unwrap().key.kind(), "RSA-2048");
    }
}

#[test]
fn ber_files_are_told_and_the_advice_works() {
    // The outer levels in indefinite lengths, as NSS and Apple write them: openssl reads that, the crate does not.
    let der = std::fs::read(credential("merchant-rsa-3des.pfx")).unwrap();
    let scratch = Scratch::new();
    let safe = 7..7 + 4 + 2527;
    let (info, mac) = (&der[safe.clone()][4..], &der[safe.end..]);
    let (oid, wrapped) = info.split_at(11);
    let octets = &wrapped[4..];
    let end = [0u8, 0];
    let inner = [&[0x30, 0x80], oid, &[0xa0, 0x80], octets, &end, &end].concat();
    let outer_indefinite = [&[0x30, 0x80, 2, 1, 3], inner.as_slice(), mac, &end].concat();
    let outer_definite = tlv(0x30, &[&[2, 1, 3], &inner, mac]);
    let deep = tlv(0x30, &[&[2, 1, 3], &tlv(0x30, &[oid, &[0xa0, 0x80], octets, &end]), mac]);
    let divided = tlv(0x24, &[&tlv(4, &[&octets[4..1000]]), &tlv(4, &[&octets[1000..]])]);
    let divided = tlv(0x30, &[&[2, 1, 3], &tlv(0x30, &[oid, &tlv(0xa0, &[&divided])]), mac]);
    for (index, ber) in [outer_indefinite, outer_definite, deep, divided].iter().enumerate() {
        let path = scratch.write("ber.pfx", ber);
        let message = refused(key_file(&path, Some(PASSWORD)), "ber.pfx", "PKCS#12 file in BER");
        scratch.sh(&format!("{} -passin pass:123456 -passout pass:123456", advised(&message)));
        assert!(key_file(&scratch.path("new.pem"), Some(PASSWORD)).is_ok(), "{index}");
    }
}

/// Where only the password shows it.
#[test]
fn ber_inside_is_told_and_the_advice_works() {
    let scratch = Scratch::new();
    scratch.sh("openssl pkcs8 -topk8 -nocrypt -in $C/merchant-sm2.key.pem -outform DER -out k.der");
    let key = shrouded_key_bag(&std::fs::read(scratch.path("k.der")).unwrap());
    let indefinite = [&[0x30, 0x80], key.as_slice(), &[0, 0]].concat();
    let path = scratch.write("ber.pfx", pfx(&[encrypted(&indefinite)]));
    let message = refused(key_file(&path, Some(PASSWORD)), "ber.pfx", "uses BER with indefinite lengths inside");
    scratch.sh(&format!("{} -passin pass:123456 -passout pass:123456", advised(&message)));
    assert_eq!(key_file(&scratch.path("new.pem"), Some(PASSWORD)).unwrap().key.kind(), "SM2");
}

#[test]
fn unread_pem_algorithms_are_named_and_the_advice_works() {
    let scratch = Scratch::new();
    let p8 = "openssl pkcs8 -topk8 -passout pass:123456 -provider legacy -provider default -in";
    for (command, says) in [
        (format!("{p8} $C/merchant-sm2.key.pem -v2 camellia-256-cbc -out old.pem"), "with CAMELLIA-256-CBC"),
        (format!("{p8} $C/merchant-rsa.key.pem -v1 PBE-MD5-DES -out old.pem"), "encrypted with PBE-MD5-DES"),
        (format!("{p8} $C/merchant-rsa.key.pem -v1 PBE-SHA1-3DES -out old.pem"), "encrypted with PBE-SHA1-3DES"),
        (
            format!("{p8} $C/merchant-rsa.key.pem -v1 PBE-SHA1-RC4-128 -outform DER -out old.pem"),
            "with PBE-SHA1-RC4-128",
        ),
        (format!("{p8} $C/merchant-rsa.key.pem -v2prf hmacWithSHA512-256 -out old.pem"), "with HMAC-SHA512-256"),
        (
            "openssl rsa -aes256 -traditional -in $C/merchant-rsa.key.pem -passout pass:123456 -out old.pem".to_owned(),
            "Proc-Type: 4,ENCRYPTED",
        ),
    ] {
        scratch.sh(&command);
        let message = refused(key_file(&scratch.path("old.pem"), Some(PASSWORD)), "old.pem", says);
        scratch.sh(&format!("{} -passin pass:123456 -passout pass:123456", advised(&message)));
        key_file(&scratch.path("new.pem"), Some(PASSWORD)).unwrap_or_else(|error| panic!("{command}: {error}"));
    }
    scratch.sh("ssh-keygen -q -t rsa -b 2048 -N '' -f id");
    let message = refused(key_file(&scratch.path("id"), None), "id\"", "is an OpenSSH key");
    scratch.sh(&format!("{} -P '' -N ''", advised(&message)));
    assert_eq!(key_file(&scratch.path("id"), None).unwrap().key.kind(), "RSA-2048");
}
