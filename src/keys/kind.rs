//! What kind of key it is, and whether its numbers may be used: asked by all who read keys.

use der::Decode;
use der::asn1::ObjectIdentifier;

use super::asn1;

/// The shortest and the longest RSA modulus, in bits.
pub(super) const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// The size and the exponent of an RSA key; the error completes "it has …".
pub(super) fn check_rsa(modulus: &[u8], exponent: &[u8]) -> Result<(), String> {
    let bits = bit_length(modulus);
    if !RSA_BITS.contains(&bits) {
        return Err(format!("an RSA key of {bits} bit; {} to {} are taken", RSA_BITS.start(), RSA_BITS.end()));
    }
    let odd = |bytes: &[u8]| bytes.last().is_some_and(|byte| byte & 1 == 1);
    if !odd(modulus) {
        return Err("a damaged RSA key: its modulus is even".to_owned());
    }
    if !odd(exponent) || !(2..=33).contains(&bit_length(exponent)) {
        return Err("an RSA key with an unusable public exponent; it must be odd, at least 3 and below 2^33".to_owned());
    }
    Ok(())
}

fn bit_length(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros).map_or(0, |first| (number.len() - zeros) * 8 - first.leading_zeros() as usize)
}

/// What an algorithm identifier says about a key that is not RSA.
pub(super) enum Kind {
    /// An elliptic curve key on the SM2 curve.
    Sm2,
    /// Another kind; its name.
    Other(String),
}

/// The kind of key by its algorithm and the DER of the algorithm's parameters.
pub(super) fn key_kind(algorithm: ObjectIdentifier, parameters: Option<&[u8]>) -> Kind {
    let other = |name: &str| Kind::Other(name.to_owned());
    let named = parameters.and_then(|der| ObjectIdentifier::from_der(der).ok());
    if algorithm == asn1::EC_PUBLIC_KEY {
        return curve(named);
    }
    // GM/T 0015 and OpenSSL 3.1's `genpkey -algorithm sm2` name the curve in the algorithm's place.
    if algorithm == asn1::SM2_CURVE {
        return curve(named.or(Some(asn1::SM2_CURVE)));
    }
    match algorithm.to_string().as_str() {
        "1.2.840.113549.1.1.10" => other("RSA-PSS"),
        "1.2.840.10040.4.1" => other("DSA"),
        "1.2.840.113549.1.3.1" | "1.2.840.10046.2.1" => other("Diffie-Hellman"),
        "1.3.101.110" => other("X25519"),
        "1.3.101.111" => other("X448"),
        "1.3.101.112" => other("Ed25519"),
        "1.3.101.113" => other("Ed448"),
        text => Kind::Other(format!("algorithm {text}")),
    }
}

/// The kind of an elliptic curve key; EC and SM2 keys share the algorithm, so the curve decides.
pub(super) fn curve(oid: Option<ObjectIdentifier>) -> Kind {
    let Some(oid) = oid else {
        return Kind::Other("an elliptic curve that is not given by name".to_owned());
    };
    let name = match oid.to_string().as_str() {
        _ if oid == asn1::SM2_CURVE => return Kind::Sm2,
        "1.2.840.10045.3.1.7" => "the elliptic curve P-256",
        "1.3.132.0.34" => "the elliptic curve P-384",
        "1.3.132.0.35" => "the elliptic curve P-521",
        "1.3.132.0.10" => "the elliptic curve secp256k1",
        text => return Kind::Other(format!("the elliptic curve {text}")),
    };
    Kind::Other(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oid_of_sm2_may_stand_for_the_algorithm() {
        use der::Encode;
        let p256 = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7").to_der().unwrap();
        let sm2 = asn1::SM2_CURVE.to_der().unwrap();
        for parameters in [None, Some(&[5, 0][..]), Some(&sm2)] {
            assert!(matches!(key_kind(asn1::SM2_CURVE, parameters), Kind::Sm2), "{parameters:?}");
        }
        assert!(matches!(key_kind(asn1::SM2_CURVE, Some(&p256)), Kind::Other(name) if name.contains("P-256")));
    }

    #[test]
    fn rsa_keys_have_bounds() {
        // A number of so many bits, the lowest of which is set.
        let number = |bits: usize| {
            let mut bytes = vec![0; bits.div_ceil(8)];
            bytes[0] = 1 << ((bits - 1) % 8);
            *bytes.last_mut().unwrap() |= 1;
            bytes
        };
        for bits in [1024, 1025, 8192] {
            assert_eq!(check_rsa(&number(bits), &[1, 0, 1]), Ok(()), "{bits}");
        }
        for bits in [512, 1023, 8193, 16384] {
            assert!(check_rsa(&number(bits), &[3]).unwrap_err().contains(&format!("{bits} bit")));
        }
        assert!(check_rsa(&[&number(1024)[..127], &[2]].concat(), &[3]).unwrap_err().contains("modulus is even"));
        for exponent in [&[3][..], &[0, 3], &[1, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(check_rsa(&number(1024), exponent), Ok(()), "{exponent:?}");
        }
        // With an exponent of 1 every text is its own signature.
        for exponent in [&[][..], &[0], &[1], &[0, 1], &[4], &[2, 0, 0, 0, 1]] {
            assert!(check_rsa(&number(1024), exponent).unwrap_err().contains("exponent"), "{exponent:?}");
        }
    }
}
