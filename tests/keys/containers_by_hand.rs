//! PKCS#12 files written by hand: no tool here writes what some programs write.

use aes::Aes128;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use sha2::Sha256;

use crate::support::{PASSWORD, oid, tlv};

pub(crate) const DATA: &[u64] = &[1, 2, 840, 113549, 1, 7, 1];
const PBES2: &[u64] = &[1, 2, 840, 113549, 1, 5, 13];
const PBKDF2: &[u64] = &[1, 2, 840, 113549, 1, 5, 12];
const HMAC_SHA256: &[u64] = &[1, 2, 840, 113549, 2, 9];
const AES_128_CBC: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 1, 2];

/// A PKCS#12 file of these parts, without a MAC.
pub(crate) fn pfx(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &[&[2, 1, 3], &safe(parts)])
}

/// The parts, as a MAC is made of them and as they stand in the file.
pub(crate) fn safe(parts: &[Vec<u8>]) -> Vec<u8> {
    info(&tlv(0x30, &[&parts.concat()]))
}

fn info(content: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&oid(DATA), &tlv(0xa0, &[&tlv(4, &[content])])])
}

/// A part of bags in the clear.
pub(crate) fn clear(bags: &[Vec<u8>]) -> Vec<u8> {
    info(&tlv(0x30, &[&bags.concat()]))
}

/// A part that is encrypted with the test password.
pub(crate) fn encrypted(plain: &[u8]) -> Vec<u8> {
    let (algorithm, content) = encrypt(plain, PASSWORD);
    let inner = tlv(0x30, &[&oid(DATA), &algorithm, &tlv(0x80, &[&content])]);
    let data = tlv(0x30, &[&[2, 1, 0], &inner]);
    tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 7, 6]), &tlv(0xa0, &[&data])])
}

/// A bag without attributes, so without `localKeyId`.
pub(crate) fn bag(kind: u64, content: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 12, 10, 1, kind]), &tlv(0xa0, &[content])])
}

/// A key in PKCS#8, encrypted with the test password.
pub(crate) fn shrouded_key_bag(key: &[u8]) -> Vec<u8> {
    shrouded_key_bag_under(PASSWORD, key)
}

pub(crate) fn shrouded_key_bag_under(password: &str, key: &[u8]) -> Vec<u8> {
    let (algorithm, content) = encrypt(key, password);
    bag(2, &tlv(0x30, &[&algorithm, &tlv(4, &[&content])]))
}

pub(crate) fn certificate_bag(der: &[u8]) -> Vec<u8> {
    let x509 = oid(&[1, 2, 840, 113549, 1, 9, 22, 1]);
    bag(3, &tlv(0x30, &[&x509, &tlv(0xa0, &[&tlv(4, &[der])])]))
}

/// PBES2 with PBKDF2-HMAC-SHA-256, two rounds, and AES-128-CBC: the algorithm and the encrypted text.
fn encrypt(plain: &[u8], password: &str) -> (Vec<u8>, Vec<u8>) {
    let (salt, iv) = ([7; 8], [9; 16]);
    let key: [u8; 16] = pbkdf2::pbkdf2_hmac_array::<Sha256, 16>(password.as_bytes(), &salt, 2);
    let content = cbc::Encryptor::<Aes128>::new_from_slices(&key, &iv).unwrap().encrypt_padded_vec::<Pkcs7>(plain);
    let derivation = tlv(0x30, &[&oid(PBKDF2), &tlv(0x30, &[&tlv(4, &[&salt]), &[2, 1, 2], &named(HMAC_SHA256)])]);
    let cipher = tlv(0x30, &[&oid(AES_128_CBC), &tlv(4, &[&iv])]);
    (tlv(0x30, &[&oid(PBES2), &tlv(0x30, &[&derivation, &cipher])]), content)
}

/// An algorithm with NULL for its parameters.
pub(crate) fn named(arcs: &[u64]) -> Vec<u8> {
    tlv(0x30, &[&oid(arcs), &[5, 0]])
}

/// PBMAC1 with these parameters of PBKDF2 and this HMAC.
pub(crate) fn pbmac1(parameters: &[&[u8]], hmac: &[u64]) -> Vec<u8> {
    let derivation = tlv(0x30, &[&oid(PBKDF2), &tlv(0x30, parameters)]);
    tlv(0x30, &[&oid(&[1, 2, 840, 113549, 1, 5, 14]), &tlv(0x30, &[&derivation, &named(hmac)])])
}

/// A PKCS#12 file of these parts with a MAC; RFC 9579 leaves the salt and the rounds that stand beside it unused.
pub(crate) fn pfx_with_mac(parts: &[Vec<u8>], algorithm: &[u8], mac: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let covered = tlv(0x30, &[&parts.concat()]);
    let digest = tlv(0x30, &[algorithm, &tlv(4, &[&mac(&covered)])]);
    tlv(0x30, &[&[2, 1, 3], &safe(parts), &tlv(0x30, &[&digest, &tlv(4, &[b"NOT USED"]), &[2, 1, 1]])])
}
