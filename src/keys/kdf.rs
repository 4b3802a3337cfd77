//! What a password costs: iterations are bounded, and algorithms named, before anything is derived.

use der::asn1::AnyRef;

use super::asn1;
use super::scheme::{
    HMAC_SHA1, HMAC_SM3, PBE_3DES, PBE_RC2_40, PBES2, PBKDF2, PBMAC1, Pbkdf2, SCRYPT, SM3, SM4_CBC, identifier, pbes1,
    pbes2, pbkdf2,
};

/// The most iterations of any key derivation, and of all of one container together. A fuzzer would only wait for them.
pub(super) const MAX_ITERATIONS: u64 = if cfg!(fuzzing) { 10_000 } else { 10_000_000 };
/// The most memory that scrypt may take.
const MAX_SCRYPT_BYTES: u64 = 256 << 20;
/// The most lanes that scrypt may take, one after the other.
const MAX_SCRYPT_LANES: u64 = 16;
/// The longest salt that the `pkcs5` crate takes.
const MAX_SALT: usize = 32;
/// The longest salt where the crate has no part in it: GmSSL takes as long ones.
const MAX_SALT_OF_OURS: usize = 64;
/// The lengths that the key of a PBMAC1 may have.
const MAC_KEYS: std::ops::RangeInclusive<usize> = 1..=128;

/// Why nothing is derived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The parameters cannot be read.
    Malformed,
    /// Too many iterations or too much memory; a whole clause.
    Costly(String),
    /// An algorithm that is not read; its name.
    Unsupported(String),
    /// The same of a MAC, which another program may leave unchecked.
    UnsupportedMac(String),
}

/// Where the encryption stands; the old schemes are read in PKCS#12 alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a PKCS#12 container.
    Pfx,
    /// Around a PKCS#8 key that stands alone.
    Pkcs8,
}

/// Judges the `AlgorithmIdentifier` of a password-based encryption; gives its iterations.
pub(super) fn encryption(algorithm: AnyRef<'_>, place: Place) -> Result<u64, Refusal> {
    let (oid, parameters) = identifier(algorithm).ok_or(Refusal::Malformed)?;
    if oid == PBES2 {
        let parameters = parameters.and_then(asn1::elements).ok_or(Refusal::Malformed)?;
        let [derivation, cipher, ..] = parameters.as_slice() else { return Err(Refusal::Malformed) };
        // The cost first: a costly file is refused for its cost, whatever its cipher.
        let ours = pbes2(algorithm).is_some_and(|found| found.has_sm());
        let iterations = derivation_cost(*derivation, if ours { MAX_SALT_OF_OURS } else { MAX_SALT })?;
        named(&identifier(*cipher).ok_or(Refusal::Malformed)?.0, CIPHERS)?;
        return read_together(algorithm, &identifier(*cipher).ok_or(Refusal::Malformed)?.0).map(|()| iterations);
    }
    // The name before the parameters, whose form belongs to the scheme: an unknown one is not damage.
    let Some((_, name, read)) = PBES1.iter().find(|(known, ..)| *known == oid) else {
        return Err(Refusal::Unsupported(format!("the scheme {oid}")));
    };
    let iterations = bounded(pbes1(algorithm).ok_or(Refusal::Malformed)?.iterations)?;
    match place {
        Place::Pfx if *read => Ok(iterations),
        _ => Err(Refusal::Unsupported((*name).to_owned())),
    }
}

/// The crates know neither SM3 nor SM4; what `pbes2_sm` reads in their place is PBKDF2 and CBC.
fn read_together(algorithm: AnyRef<'_>, cipher: &str) -> Result<(), Refusal> {
    let parameters = pbes2(algorithm);
    let sm3 = parameters.as_ref().is_some_and(|found| found.derivation.prf == HMAC_SM3);
    let unread = |name: &str| Err(Refusal::Unsupported(name.to_owned()));
    match (sm3, cipher) {
        (_, SM4_CBC) if parameters.is_none() => unread("scrypt with SM4-CBC"),
        (true, SM4_CBC) => Ok(()),
        (true, aes) if CIPHERS.iter().any(|row| row.0 == aes && row.1.starts_with("AES") && row.1.ends_with("CBC")) => {
            Ok(())
        }
        (true, _) => unread("HMAC-SM3 with a cipher other than SM4-CBC and AES-CBC"),
        (false, _) => Ok(()),
    }
}

/// How the MAC of a PKCS#12 container is made.
pub(super) enum Mac<'a> {
    /// With PKCS#12's own derivation, whose salt and rounds stand beside it; the digest.
    Usual(String),
    /// PBMAC1 (RFC 9579): PBKDF2, the length of its key, and the HMAC, which has the identifier of a PRF.
    Pbmac1(Pbkdf2<'a>, usize, String),
}

/// Judges the algorithm of a PKCS#12 MAC and the rounds that stand beside it; gives its iterations.
pub(super) fn mac(algorithm: AnyRef<'_>, stated: u64) -> Result<(Mac<'_>, u64), Refusal> {
    let unread = |refusal: Refusal| match refusal {
        Refusal::Unsupported(name) => Refusal::UnsupportedMac(name),
        other => other,
    };
    let (oid, parameters) = identifier(algorithm).ok_or(Refusal::Malformed)?;
    if oid != PBMAC1 {
        // Rounds first: a costly file is refused for its cost, whatever its digest.
        let rounds = bounded(stated)?;
        named(&oid, DIGESTS).map_err(unread)?;
        return Ok((Mac::Usual(oid), rounds));
    }
    let parameters = parameters.and_then(asn1::elements).ok_or(Refusal::Malformed)?;
    let [derivation, scheme, ..] = parameters.as_slice() else { return Err(Refusal::Malformed) };
    let rounds = derivation_cost(*derivation, MAX_SALT_OF_OURS).map_err(unread)?;
    let scheme = identifier(*scheme).ok_or(Refusal::Malformed)?.0;
    named(&scheme, PRFS).map_err(unread)?;
    let unusual = |what: &str| Refusal::UnsupportedMac(format!("PBMAC1 and {what}"));
    let derivation = pbkdf2(*derivation).ok_or_else(|| unusual("another key derivation than PBKDF2"))?;
    let length = derivation.key_length.ok_or_else(|| unusual("no length of its key"))?;
    let fits = usize::try_from(length).ok().filter(|length| MAC_KEYS.contains(length));
    let length = fits.ok_or_else(|| unusual(&format!("a key of {} bytes", digits(length))))?;
    Ok((Mac::Pbmac1(derivation, length, scheme), rounds))
}

/// Refuses too many iterations, and none at all.
pub(super) fn bounded(iterations: u64) -> Result<u64, Refusal> {
    match iterations {
        0 => Err(Refusal::Malformed),
        1..=MAX_ITERATIONS => Ok(iterations),
        _ => Err(Refusal::Costly(format!("it asks for {} rounds of key derivation", digits(iterations)))),
    }
}

fn derivation_cost(derivation: AnyRef<'_>, longest_salt: usize) -> Result<u64, Refusal> {
    let (oid, parameters) = identifier(derivation).ok_or(Refusal::Malformed)?;
    if oid != PBKDF2 && oid != SCRYPT {
        return Err(Refusal::Unsupported(format!("the key derivation {oid}")));
    }
    let parameters = parameters.and_then(asn1::elements).ok_or(Refusal::Malformed)?;
    let number = |index: usize| parameters.get(index).copied().and_then(asn1::unsigned).ok_or(Refusal::Malformed);
    let salt = parameters.first().copied().ok_or(Refusal::Malformed)?;
    let cost = if oid == PBKDF2 {
        let iterations = bounded(number(1)?)?;
        named(&pbkdf2(derivation).ok_or(Refusal::Malformed)?.prf, PRFS)?;
        iterations
    } else {
        let (n, r, p) = (number(1)?, number(2)?, number(3)?);
        let blocks = n.saturating_mul(r);
        let work = blocks.saturating_mul(p);
        if blocks.saturating_mul(128) > MAX_SCRYPT_BYTES || p > MAX_SCRYPT_LANES || work > MAX_ITERATIONS {
            return Err(Refusal::Costly(format!("it asks for scrypt with N={n}, r={r}, p={p}")));
        }
        work.max(1)
    };
    match asn1::octets(salt) {
        Some(salt) if salt.len() <= longest_salt => Ok(cost),
        Some(_) => Err(Refusal::Unsupported(format!("a salt longer than {longest_salt} bytes"))),
        None => Err(Refusal::Malformed),
    }
}

/// An algorithm of a table: its identifier, its name, and whether it is read.
type Row = (&'static str, &'static str, bool);

fn named(oid: &str, table: &[Row]) -> Result<(), Refusal> {
    match table.iter().find(|(known, ..)| *known == oid) {
        Some((_, _, true)) => Ok(()),
        Some((_, name, false)) => Err(Refusal::Unsupported((*name).to_owned())),
        None => Err(Refusal::Unsupported(format!("the algorithm {oid}"))),
    }
}

/// A number with its thousands apart, so that a reader need not count.
pub(super) fn digits(number: u64) -> String {
    let plain = number.to_string();
    let groups: Vec<&str> =
        plain.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// Schemes of PBES1 and PKCS#12; "read" counts for PKCS#12 only.
const PBES1: &[Row] = &[
    ("1.2.840.113549.1.12.1.1", "PBE-SHA1-RC4-128", false),
    ("1.2.840.113549.1.12.1.2", "PBE-SHA1-RC4-40", false),
    (PBE_3DES, "PBE-SHA1-3DES", true),
    ("1.2.840.113549.1.12.1.4", "PBE-SHA1-2DES", false),
    ("1.2.840.113549.1.12.1.5", "PBE-SHA1-RC2-128", false),
    (PBE_RC2_40, "PBE-SHA1-RC2-40", true),
    ("1.2.840.113549.1.5.1", "PBE-MD2-DES", false),
    ("1.2.840.113549.1.5.3", "PBE-MD5-DES", false),
    ("1.2.840.113549.1.5.4", "PBE-MD2-RC2-64", false),
    ("1.2.840.113549.1.5.6", "PBE-MD5-RC2-64", false),
    ("1.2.840.113549.1.5.10", "PBE-SHA1-DES", false),
    ("1.2.840.113549.1.5.11", "PBE-SHA1-RC2-64", false),
];

const CIPHERS: &[Row] = &[
    ("2.16.840.1.101.3.4.1.2", "AES-128-CBC", true),
    ("2.16.840.1.101.3.4.1.22", "AES-192-CBC", true),
    ("2.16.840.1.101.3.4.1.42", "AES-256-CBC", true),
    ("2.16.840.1.101.3.4.1.6", "AES-128-GCM", true),
    ("2.16.840.1.101.3.4.1.46", "AES-256-GCM", true),
    ("1.2.840.113549.3.7", "3DES-CBC", true),
    ("1.3.14.3.2.7", "DES-CBC", true),
    ("1.2.840.113549.3.2", "RC2-CBC", false),
    (SM4_CBC, "SM4-CBC", true),
    ("1.2.392.200011.61.1.1.1.2", "CAMELLIA-128-CBC", false),
    ("1.2.392.200011.61.1.1.1.3", "CAMELLIA-192-CBC", false),
    ("1.2.392.200011.61.1.1.1.4", "CAMELLIA-256-CBC", false),
];

const PRFS: &[Row] = &[
    (HMAC_SHA1, "HMAC-SHA1", true),
    ("1.2.840.113549.2.8", "HMAC-SHA224", true),
    ("1.2.840.113549.2.9", "HMAC-SHA256", true),
    ("1.2.840.113549.2.10", "HMAC-SHA384", true),
    ("1.2.840.113549.2.11", "HMAC-SHA512", true),
    ("1.2.840.113549.2.12", "HMAC-SHA512-224", false),
    ("1.2.840.113549.2.13", "HMAC-SHA512-256", false),
    (HMAC_SM3, "HMAC-SM3", true),
];

const DIGESTS: &[Row] = &[
    ("1.3.14.3.2.26", "SHA-1", true),
    ("2.16.840.1.101.3.4.2.4", "SHA-224", true),
    ("2.16.840.1.101.3.4.2.1", "SHA-256", true),
    ("2.16.840.1.101.3.4.2.2", "SHA-384", true),
    ("2.16.840.1.101.3.4.2.3", "SHA-512", true),
    ("2.16.840.1.101.3.4.2.5", "SHA-512/224", true),
    ("2.16.840.1.101.3.4.2.6", "SHA-512/256", true),
    ("1.2.840.113549.2.5", "MD5", false),
    (SM3, "SM3", true),
];

#[cfg(test)]
mod tests {
    use super::*;
    use der::asn1::ObjectIdentifier;
    use der::{Decode, Encode};

    fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        assert!(body.len() < 128);
        [&[tag, body.len() as u8], body.as_slice()].concat()
    }

    fn oid(text: &str) -> Vec<u8> {
        ObjectIdentifier::new(text).unwrap().to_der().unwrap()
    }

    fn number(value: u64) -> Vec<u8> {
        value.to_der().unwrap()
    }

    fn pbes2(kdf: &[u8], cipher: &str) -> Vec<u8> {
        let cipher = tlv(0x30, &[&oid(cipher), &tlv(4, &[&[7; 16]])]);
        tlv(0x30, &[&oid(PBES2), &tlv(0x30, &[kdf, &cipher])])
    }

    fn pbkdf2(iterations: u64, salt: &[u8], prf: Option<&str>) -> Vec<u8> {
        let prf = prf.map_or(Vec::new(), |prf| tlv(0x30, &[&oid(prf), &[5, 0]]));
        tlv(0x30, &[&oid(PBKDF2), &tlv(0x30, &[&tlv(4, &[salt]), &number(iterations), &prf])])
    }

    fn scrypt(n: u64, r: u64, p: u64) -> Vec<u8> {
        let parameters = tlv(0x30, &[&tlv(4, &[b"salt"]), &number(n), &number(r), &number(p)]);
        tlv(0x30, &[&oid(SCRYPT), &parameters])
    }

    fn judge(der: &[u8], place: Place) -> Result<u64, Refusal> {
        encryption(AnyRef::from_der(der).unwrap(), place)
    }

    const AES: &str = "2.16.840.1.101.3.4.1.42";

    #[test]
    fn iterations_are_bounded() {
        let with = |count| judge(&pbes2(&pbkdf2(count, b"salt", None), AES), Place::Pkcs8);
        assert_eq!(with(1), Ok(1));
        assert_eq!(with(10_000_000), Ok(10_000_000));
        assert_eq!(with(0), Err(Refusal::Malformed));
        assert_eq!(with(10_000_001), Err(Refusal::Costly("it asks for 10,000,001 rounds of key derivation".into())));
        assert!(matches!(with(u64::MAX), Err(Refusal::Costly(_))));
    }

    #[test]
    fn scrypt_is_bounded_in_memory_and_lanes() {
        let with = |n, r, p| judge(&pbes2(&scrypt(n, r, p), AES), Place::Pkcs8);
        assert_eq!(with(16384, 8, 1), Ok(131_072));
        assert!(matches!(with(1 << 40, 8, 1), Err(Refusal::Costly(_))));
        assert!(matches!(with(u64::MAX, u64::MAX, 1), Err(Refusal::Costly(_))));
        assert!(matches!(with(2, 1 << 30, 1), Err(Refusal::Costly(_))));
        assert!(matches!(with(2, 1, 17), Err(Refusal::Costly(_))));
        assert!(matches!(with(1 << 18, 8, 16), Err(Refusal::Costly(_))));
    }

    #[test]
    fn unknown_algorithms_are_named() {
        let named = |der: Vec<u8>, place| match judge(&der, place) {
            Err(Refusal::Unsupported(name)) => name,
            other => panic!("{other:?}"),
        };
        let aes = |kdf: &[u8]| pbes2(kdf, AES);
        let unknown = "1.2.3.4.5";
        assert_eq!(named(pbes2(&pbkdf2(1, b"s", None), unknown), Place::Pfx), "the algorithm 1.2.3.4.5");
        assert_eq!(named(aes(&pbkdf2(1, b"s", Some(unknown))), Place::Pfx), "the algorithm 1.2.3.4.5");
        // Whatever its parameters are, an unknown scheme is not damage.
        for parameters in [&[][..], &[5, 0], &[4, 1, 7], &[0x30, 0]] {
            let scheme = tlv(0x30, &[&oid(unknown), parameters]);
            for place in [Place::Pfx, Place::Pkcs8] {
                assert_eq!(named(scheme.clone(), place), "the scheme 1.2.3.4.5");
                assert_eq!(named(aes(&scheme), place), "the key derivation 1.2.3.4.5");
            }
        }
        let sm3 = pbes2(&pbkdf2(1, b"s", Some(HMAC_SM3)), "2.16.840.1.101.3.4.1.46");
        assert_eq!(named(sm3, Place::Pfx), "HMAC-SM3 with a cipher other than SM4-CBC and AES-CBC");
        assert_eq!(named(aes(&pbkdf2(1, &[1; 33], None)), Place::Pfx), "a salt longer than 32 bytes");
        assert_eq!(judge(&aes(&pbkdf2(1, &[1; 32], None)), Place::Pfx), Ok(1));
        // Java writes the key's length before the PRF.
        let prf = tlv(0x30, &[&oid(unknown), &[5, 0]]);
        let parameters = tlv(0x30, &[&tlv(4, &[b"s"]), &number(1), &number(32), &prf]);
        assert_eq!(named(aes(&tlv(0x30, &[&oid(PBKDF2), &parameters])), Place::Pfx), "the algorithm 1.2.3.4.5");
        let parameters = tlv(0x30, &[&tlv(4, &[b"salt"]), &number(1)]);
        let pbes1 = |oid_text| tlv(0x30, &[&oid(oid_text), &parameters]);
        assert_eq!(judge(&pbes1("1.2.840.113549.1.12.1.3"), Place::Pfx), Ok(1));
        assert_eq!(named(pbes1("1.2.840.113549.1.12.1.3"), Place::Pkcs8), "PBE-SHA1-3DES");
        assert_eq!(named(pbes1("1.2.840.113549.1.12.1.5"), Place::Pfx), "PBE-SHA1-RC2-128");
    }

    #[test]
    fn garbage_is_malformed() {
        assert_eq!(judge(&[0x30, 0], Place::Pfx), Err(Refusal::Malformed));
        assert_eq!(judge(&[5, 0], Place::Pfx), Err(Refusal::Malformed));
        let short = tlv(0x30, &[&oid(PBKDF2), &tlv(0x30, &[&tlv(4, &[b"salt"])])]);
        assert_eq!(judge(&pbes2(&short, AES), Place::Pfx), Err(Refusal::Malformed));
    }
}
