//! What libraries that read PKCS#12 are known to be weak in. Rounds without end are in `refused.rs`, SHA-512 MACs in
//! `containers.rs`, BER in `advice.rs`.

use yspay::keys::{Source, load_private_key};

use crate::containers_by_hand::*;
use crate::support::*;

/// A key and its certificate, without a password and without attributes.
fn sm2_bags(scratch: &Scratch) -> [Vec<u8>; 2] {
    scratch.sh("openssl pkcs8 -topk8 -nocrypt -in $C/merchant-sm2.key.pem -outform DER -out k.der; \
         openssl x509 -in $C/merchant-sm2.cert.pem -outform DER -out c.der");
    let read = |name| std::fs::read(scratch.path(name)).unwrap();
    [bag(1, &read("k.der")), certificate_bag(&read("c.der"))]
}

/// A bag with these attributes, of which some may be empty.
fn tagged(bag: &[u8], attributes: &[&[u8]]) -> Vec<u8> {
    let header = if bag[1] < 0x80 { 2 } else { 2 + usize::from(bag[1] & 0x7f) };
    let attributes = attributes.concat();
    if attributes.is_empty() { bag.to_vec() } else { tlv(0x30, &[&bag[header..], &tlv(0x31, &[&attributes])]) }
}

#[test]
fn certificates_that_issued_each_other_build_no_chain() {
    let scratch = Scratch::new();
    scratch.sh(
        "for n in merchant platform; do openssl req -x509 -key $C/$n-rsa.key.pem -subj /CN=$n -out $n.self; \
         openssl req -new -key $C/$n-rsa.key.pem -subj /CN=$n -out $n.csr; done; \
         openssl x509 -req -in merchant.csr -CA platform.self -CAkey $C/platform-rsa.key.pem -CAcreateserial -out m.pem; \
         openssl x509 -req -in platform.csr -CA merchant.self -CAkey $C/merchant-rsa.key.pem -CAcreateserial -out p.pem; \
         openssl pkcs12 -export -inkey $C/merchant-rsa.key.pem -in m.pem -certfile p.pem -passout pass:123456 -out k.pfx",
    );
    let found = key_file(&scratch.path("k.pfx"), Some(PASSWORD)).unwrap();
    let certificate = found.certificate.unwrap();
    assert!(certificate.subject.contains("merchant") && certificate.issuer.contains("platform"), "{certificate:?}");
}

#[test]
fn a_key_without_a_local_key_id_is_found_with_its_certificate() {
    let scratch = Scratch::new();
    let [key, certificate] = sm2_bags(&scratch);
    let found = key_file(&scratch.write("k.pfx", pfx(&[clear(&[certificate, key])])), Some(PASSWORD)).unwrap();
    assert_eq!(found.key.kind(), "SM2");
    assert!(found.certificate.is_some());
}

/// Names belong to the bag that has them, or to the key with the same `localKeyId`: to no other.
#[test]
fn a_name_beside_a_key_is_not_its_name() {
    let scratch = Scratch::new();
    let [key, certificate] = sm2_bags(&scratch);
    let attribute =
        |number: u64, value: &[u8]| tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 9, number]), &tlv(0x31, &[value])]);
    let name = attribute(20, &tlv(0x1e, &[b"\0A\0B"]));
    let [one, two] = [1, 2].map(|id| attribute(21, &tlv(4, &[&[id]])));
    let with = |key_id: &[u8], certificate_id: &[u8]| {
        let bags = [tagged(&certificate, &[&name, certificate_id]), tagged(&key, &[key_id])];
        let path = scratch.write("k.pfx", pfx(&[clear(&bags)]));
        load_private_key(&Source::path("privateKey", path), Some(PASSWORD), Some("AB"))
    };
    assert_eq!(with(&one, &one).unwrap().key.kind(), "SM2");
    for (key_id, certificate_id) in [(&one[..], &two[..]), (&[], &one), (&one, &[]), (&[], &[])] {
        refused(with(key_id, certificate_id), "k.pfx", "it has one without a name");
    }
}

#[test]
fn pbes2_with_the_default_hmac_sha1_is_read() {
    let scratch = Scratch::new();
    scratch.sh(
        "openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA1 -passout pass:123456 -in $C/merchant-rsa.key.pem \
         -outform DER -out k.der",
    );
    let key = std::fs::read(scratch.path("k.der")).unwrap();
    let sha1 = oid(&[1, 2, 840, 113549, 2, 7]);
    assert!(!key.windows(sha1.len()).any(|window| window == sha1), "openssl leaves the default out, as DER wants it");
    let found = key_file(&scratch.write("k.pfx", pfx(&[clear(&[bag(2, &key)])])), Some(PASSWORD)).unwrap();
    assert_eq!(found.key.kind(), "RSA-2048");
}

#[test]
fn other_bytes_than_zeros_and_white_space_behind_the_end_are_refused() {
    let scratch = Scratch::new();
    for name in ["merchant-rsa-aes.pfx", "merchant-sm2.pfx", "merchant-rsa.cer"] {
        for tail in [&[1u8][..], b"\r\n.", &[0x30, 0]] {
            let bytes = [&std::fs::read(credential(name)).unwrap(), tail].concat();
            let says = format!("{} bytes follow where it should end", tail.len());
            let path = scratch.write(name, bytes);
            if name.ends_with(".cer") {
                refused(cert_file(&path), name, &says);
            } else {
                refused(load_private_key(&Source::path("privateKey", &path), Some(PASSWORD), None), name, &says);
            }
        }
    }
}
