//! Whether a text is what a signature is about, by the right digest or by one that people make by mistake.

use sha2::Sha256;
use sm2::Scalar;
use sm3::Sm3;
use sm3::digest::Digest;

use crate::encoding::{to_base64, to_hex};
use crate::hash::Algorithm;
use crate::message::Kind;
use crate::mistake::Mistake;
use crate::rsa_sign::{Content, digest_info};
use crate::sm2_sign::{self, USER_ID};

/// What is made of a text by people who digest it before it is signed, and so digested again.
fn digested_first(text: &[u8], algorithm: Algorithm) -> impl Iterator<Item = (Vec<u8>, Mistake)> {
    let digest = algorithm.digest(text);
    let hex = to_hex(&digest);
    [
        (digest.clone(), Mistake::DigestTwice(algorithm)),
        (hex.to_uppercase().into_bytes(), Mistake::DigestHexSigned(algorithm)),
        (hex.into_bytes(), Mistake::DigestHexSigned(algorithm)),
        (to_base64(&digest).into_bytes(), Mistake::DigestBase64Signed(algorithm)),
        (digest_info(algorithm, &digest, true), Mistake::DigestTwice(algorithm)),
    ]
    .into_iter()
}

/// The digests that people make first.
const FIRST: [Algorithm; 4] = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Md5, Algorithm::Sm3];

/// The mistakes, at most `allowed`, by which the content of an RSA signature is about this text; `None` if it is not.
pub(crate) fn of_rsa(content: &Content, kind: Kind, text: &[u8], allowed: usize) -> Option<Vec<Mistake>> {
    let of_digest = |algorithm: Algorithm| match (algorithm, kind) {
        (Algorithm::Sha1, _) | (Algorithm::Sha256, Kind::Answer) => vec![],
        _ => vec![Mistake::OtherDigest { used: algorithm, wanted: Algorithm::Sha1 }],
    };
    let within = |mistakes: Vec<Mistake>| (mistakes.len() <= allowed).then_some(mistakes);
    match content {
        Content::Digest(algorithm, digest) => {
            let mut mistakes = of_digest(*algorithm);
            if mistakes.len() <= allowed && algorithm.digest(text) == *digest {
                return Some(mistakes);
            }
            if mistakes.len() < allowed {
                for (digested, mistake) in FIRST.into_iter().flat_map(|first| digested_first(text, first)) {
                    if algorithm.digest(&digested) == *digest {
                        mistakes.push(mistake);
                        return Some(mistakes);
                    }
                }
            }
            None
        }
        Content::Pss(readings) => readings.iter().find_map(|pss| {
            let mut mistakes = [vec![Mistake::Pss], of_digest(pss.algorithm)].concat();
            if mistakes.len() <= allowed && pss.fits(&pss.algorithm.digest(text)) {
                return Some(mistakes);
            }
            if mistakes.len() >= allowed {
                return None;
            }
            let mut first = FIRST.into_iter().flat_map(|first| digested_first(text, first));
            let (_, mistake) = first.find(|(digested, _)| pss.fits(&pss.algorithm.digest(digested)))?;
            mistakes.push(mistake);
            Some(mistakes)
        }),
        Content::Bare(content) if allowed > 0 => {
            if content == text {
                return within(vec![Mistake::NotDigested { wanted: Algorithm::Sha1 }]);
            }
            let once = Algorithm::ALL.into_iter().find_map(|algorithm| {
                let digest = algorithm.digest(text);
                let with = |mistake: Mistake| within([vec![mistake], of_digest(algorithm)].concat());
                if *content == digest {
                    return with(Mistake::DigestInfoMissing);
                }
                if *content == digest_info(algorithm, &digest, false) {
                    return with(Mistake::DigestInfoWithoutNull);
                }
                if *content == digest_info(algorithm, &digest_info(algorithm, &digest, true), true) {
                    return with(Mistake::DigestInfoTwice);
                }
                let first = digested_first(text, algorithm).skip(1).take(3).find(|(bytes, _)| bytes == content);
                if let Some((_, mistake)) = first {
                    return within(vec![mistake, Mistake::DigestInfoMissing]);
                }
                (*content == algorithm.digest(&digest))
                    .then(|| within(vec![Mistake::DigestTwice(algorithm), Mistake::DigestInfoMissing]))
                    .flatten()
            });
            once.or_else(|| {
                let is_of = |digested: &[u8]| {
                    let mut right = Algorithm::ALL.into_iter().filter(|algorithm| of_digest(*algorithm).is_empty());
                    right.any(|algorithm| *content == algorithm.digest(digested))
                };
                let mut first = FIRST.into_iter().filter(|_| allowed > 1).flat_map(|first| digested_first(text, first));
                let (_, mistake) = first.find(|(digested, _)| is_of(digested))?;
                Some(vec![mistake, Mistake::DigestInfoMissing])
            })
        }
        Content::Bare(_) => None,
    }
}

/// Longer texts are not taken for a number.
const MAX_UNDIGESTED: usize = 4096;

/// Z of a key, for every user id that people take.
#[derive(Debug)]
pub(crate) struct Zs {
    right: [u8; 32],
    /// By SHA-256 in place of SM3.
    by_sha256: [u8; 32],
    others: Vec<([u8; 32], Mistake)>,
}

impl Zs {
    pub(crate) fn of(key: &sm2::PublicKey, src: Option<&str>) -> Self {
        let named = |id: &str| Mistake::OtherUserId(Some(id.to_owned()));
        let mut ids = vec![
            (Vec::new(), Mistake::OtherUserId(None)),
            (b"ALICE123@YAHOO.COM".to_vec(), named("ALICE123@YAHOO.COM")),
            (to_hex(USER_ID.as_bytes()).into_bytes(), Mistake::UserIdAsHex),
            (crate::encoding::hex(USER_ID).unwrap_or_default(), Mistake::UserIdAsHex),
            (b"12345678".to_vec(), named("12345678")),
        ];
        // Not longer than a user id can be.
        if let Some(src) = src.filter(|src| !src.is_empty() && src.len() <= 256) {
            ids.push((src.as_bytes().to_vec(), named(src)));
            ids.push((src.trim().as_bytes().to_vec(), named(src)));
        }
        Zs {
            right: sm2_sign::z(key, USER_ID.as_bytes()),
            by_sha256: sm2_sign::z_by::<Sha256>(key, USER_ID.as_bytes()).into(),
            others: ids.into_iter().map(|(id, mistake)| (sm2_sign::z(key, &id), mistake)).collect(),
        }
    }
}

/// The digest of the right user id, the key, and a text.
pub(crate) fn of_sm2_right(zs: &Zs, text: &[u8]) -> Vec<u8> {
    with_z(&zs.right, text)
}

fn with_z(z: &[u8; 32], text: &[u8]) -> Vec<u8> {
    // Without a copy of the text, which may hold a key.
    Sm3::new_with_prefix(z).chain_update(text).finalize().to_vec()
}

/// The mistakes, at most `allowed`, by which the digest that an SM2 signature is about is one of this text, and the digest
/// itself; `None` if it is not.
pub(crate) fn of_sm2(signed: &Scalar, zs: &Zs, text: &[u8], allowed: usize) -> Option<(Vec<Mistake>, Vec<u8>)> {
    let other = |used: Algorithm| Mistake::OtherDigest { used, wanted: Algorithm::Sm3 };
    let is_it = |digest: &[u8]| sm2_sign::number(digest).is_some_and(|number| number == *signed);
    let right = with_z(&zs.right, text);
    if is_it(&right) {
        return Some((vec![], right));
    }
    if allowed == 0 {
        return None;
    }
    for (z, mistake) in &zs.others {
        let digest = with_z(z, text);
        if is_it(&digest) {
            return Some((vec![mistake.clone()], digest));
        }
    }
    for algorithm in Algorithm::ALL.into_iter().filter(|algorithm| algorithm.length() <= 32) {
        let digest = algorithm.digest(text);
        if is_it(&digest) {
            let mistake = if algorithm == Algorithm::Sm3 { Mistake::NoUserId } else { other(algorithm) };
            return Some((vec![mistake], digest));
        }
    }
    for z in [zs.right, zs.by_sha256] {
        let sha256 = Sha256::new_with_prefix(z).chain_update(text).finalize().to_vec();
        if is_it(&sha256) {
            return Some((vec![other(Algorithm::Sha256)], sha256));
        }
    }
    if text.len() <= MAX_UNDIGESTED && sm2_sign::long_number(text) == *signed {
        let digest = sm2_sign::bytes(signed);
        return Some((vec![Mistake::NotDigested { wanted: Algorithm::Sm3 }], digest));
    }
    // The digest with Z, taken for the text.
    let again = Mistake::DigestTwice(Algorithm::Sm3);
    for digest in [with_z(&zs.right, &right), Algorithm::Sm3.digest(&right)] {
        if is_it(&digest) {
            return Some((vec![again], digest));
        }
    }
    let hex = to_hex(&right);
    for written in [hex.to_uppercase(), hex] {
        let digest = with_z(&zs.right, written.as_bytes());
        if is_it(&digest) {
            return Some((vec![Mistake::DigestHexSigned(Algorithm::Sm3)], digest));
        }
    }
    for (digested, mistake) in FIRST.into_iter().flat_map(|first| digested_first(text, first)) {
        let digest = with_z(&zs.right, &digested);
        if is_it(&digest) {
            return Some((vec![mistake], digest));
        }
        if allowed < 2 {
            continue;
        }
        let digest = Algorithm::Sm3.digest(&digested);
        if is_it(&digest) {
            return Some((vec![mistake, Mistake::NoUserId], digest));
        }
        for used in [Algorithm::Sha256, Algorithm::Sha1, Algorithm::Md5] {
            let digest = used.digest(&digested);
            if is_it(&digest) {
                return Some((vec![mistake, other(used)], digest));
            }
        }
        for (z, of_id) in &zs.others {
            let digest = with_z(z, &digested);
            if is_it(&digest) {
                return Some((vec![mistake, of_id.clone()], digest));
            }
        }
    }
    None
}
