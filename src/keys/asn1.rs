//! Just enough ASN.1 to look into a container before anybody works on it.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Header, Length, Reader, SliceReader, Tag, Tagged};
use zeroize::Zeroizing;

/// `id-ecPublicKey`: every elliptic curve shares it, SM2 included.
pub(super) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The SM2 curve.
pub(super) const SM2_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");
/// `rsaEncryption`.
pub(super) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The elements of a DER `SEQUENCE` that is all of `der`.
pub(super) fn sequence(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    AnyRef::from_der(der).ok().and_then(elements)
}

/// The elements of a value that is a `SEQUENCE`.
pub(super) fn elements(any: AnyRef<'_>) -> Option<Vec<AnyRef<'_>>> {
    if any.tag() == Tag::Sequence { parts(any.value()) } else { None }
}

fn parts(bytes: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(found)
}

/// What an explicit context-specific tag wraps.
pub(super) fn explicit(any: AnyRef<'_>, number: u32) -> Option<AnyRef<'_>> {
    match any.tag() {
        Tag::ContextSpecific { constructed: true, number: n } if n.value() == number => {
            AnyRef::from_der(any.value()).ok()
        }
        _ => None,
    }
}

/// The content of an implicit context-specific tag around something that is not taken apart.
pub(super) fn implicit(any: AnyRef<'_>, number: u32) -> Option<&[u8]> {
    match any.tag() {
        Tag::ContextSpecific { constructed: false, number: n } if n.value() == number => Some(any.value()),
        _ => None,
    }
}

/// The elements of a value that is a `SET`, in whatever order.
pub(super) fn set(any: AnyRef<'_>) -> Option<Vec<AnyRef<'_>>> {
    if any.tag() == Tag::Set { parts(any.value()) } else { None }
}

/// A `BMPString`, or UTF-16 in its place.
pub(super) fn bmp(any: AnyRef<'_>) -> Option<String> {
    let units = any.value().chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
    (any.tag() == Tag::BmpString).then(|| String::from_utf16(&units.collect::<Vec<_>>()).ok()).flatten()
}

/// A value with its tag and length again.
pub(super) fn encoded(any: AnyRef<'_>) -> Option<Zeroizing<Vec<u8>>> {
    // Room for all of it at once, since growing would leave copies of a key behind.
    let mut der = Zeroizing::new(Vec::with_capacity(any.value().len() + 8));
    any.encode_to_vec(&mut der).ok()?;
    Some(der)
}

/// The content of an `OCTET STRING`.
pub(super) fn octets(any: AnyRef<'_>) -> Option<&[u8]> {
    (any.tag() == Tag::OctetString).then(|| any.value())
}

/// An object identifier.
pub(super) fn oid(any: AnyRef<'_>) -> Option<ObjectIdentifier> {
    any.decode_as().ok()
}

/// An `INTEGER` that is not negative; one too large for the type counts as its maximum.
pub(super) fn unsigned(any: AnyRef<'_>) -> Option<u64> {
    let bytes = any.value();
    if any.tag() != Tag::Integer || *bytes.first()? & 0x80 != 0 {
        return None;
    }
    let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    if digits.len() > 8 {
        return Some(u64::MAX);
    }
    Some(digits.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A `SEQUENCE` of `INTEGER`s again, with a zero byte before each number at `places` whose writer left it out: those
/// cannot be negative.
pub(super) fn with_sign_bytes(der: &[u8], places: &[usize]) -> Option<Zeroizing<Vec<u8>>> {
    let parts = sequence(der)?;
    let lacks = |(place, part): &(usize, &AnyRef<'_>)| {
        places.contains(place)
            && part.tag() == Tag::Integer
            && part.value().first().is_some_and(|byte| byte & 0x80 != 0)
    };
    let added = parts.iter().enumerate().filter(lacks).count();
    if added == 0 {
        return Some(Zeroizing::new(der.to_vec()));
    }
    // Room for all of it at once, since growing would leave copies of a key behind.
    let mut body = Zeroizing::new(Vec::with_capacity(der.len() + 4 * added));
    for (place, part) in parts.iter().enumerate() {
        let lacking = lacks(&(place, part));
        Header::new(part.tag(), Length::try_from(part.value().len() + usize::from(lacking)).ok()?)
            .encode_to_vec(&mut body)
            .ok()?;
        body.extend(lacking.then_some(0));
        body.extend_from_slice(part.value());
    }
    let mut whole = Zeroizing::new(Vec::with_capacity(body.len() + 8));
    Header::new(Tag::Sequence, Length::try_from(body.len()).ok()?).encode_to_vec(&mut whole).ok()?;
    whole.extend_from_slice(&body);
    Some(whole)
}

/// How a file that begins with a `SEQUENCE` relates to the length it states.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All there, and nothing behind it.
    Whole,
    /// The end is missing; how long it should be, when that is known.
    Short(Option<u64>),
    /// So many bytes follow the end.
    Trailing(u64),
    /// BER with an indefinite length.
    Indefinite,
}

/// Compares the stated length of the outer `SEQUENCE` with what is there.
pub(super) fn extent(bytes: &[u8]) -> Extent {
    let (header, length) = match bytes {
        [_, 0x80, ..] => return Extent::Indefinite,
        [_, short, ..] if *short < 0x80 => (2, u64::from(*short)),
        [_, long, rest @ ..] => {
            let count = usize::from(long & 0x7f);
            // More than eight length bytes belong to no file that fits into a computer.
            match rest.get(..count) {
                Some(digits) if count <= 8 => {
                    (2 + count as u64, digits.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
                }
                _ => return Extent::Short(None),
            }
        }
        _ => return Extent::Short(None),
    };
    let stated = header.saturating_add(length);
    let there = bytes.len() as u64;
    match there.cmp(&stated) {
        std::cmp::Ordering::Less => Extent::Short(Some(stated)),
        std::cmp::Ordering::Equal => Extent::Whole,
        std::cmp::Ordering::Greater => Extent::Trailing(there - stated),
    }
}

/// How deep a container is looked into.
const MAX_DEPTH: usize = 12;

/// Whether BER stands where DER belongs: an indefinite length or a divided `OCTET STRING`. Asked once DER has failed.
pub(super) fn is_ber(bytes: &[u8]) -> bool {
    ber_within(bytes, MAX_DEPTH)
}

fn ber_within(mut bytes: &[u8], depth: usize) -> bool {
    while let [tag, length, rest @ ..] = bytes {
        if *tag == 0x24 || (tag & 0x20 != 0 && *length == 0x80) {
            return true;
        }
        let count = if *length < 0x80 { 0 } else { usize::from(length & 0x7f) };
        let (Some(digits), true) = (rest.get(..count), count <= 4) else { return false };
        let stated = digits.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
        let stated = if count == 0 { usize::from(*length) } else { stated };
        let content = &rest[count..];
        let (content, after) = content.split_at(stated.min(content.len()));
        // An OCTET STRING may wrap the next level of a container.
        let wraps = tag & 0x20 != 0 || (*tag == 4 && content.first() == Some(&0x30));
        if wraps && depth > 0 && ber_within(content, depth - 1) {
            return true;
        }
        bytes = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_or_capped() {
        let number = |der: &[u8]| unsigned(AnyRef::from_der(der).unwrap());
        assert_eq!(number(&[2, 1, 0]), Some(0));
        assert_eq!(number(&[2, 2, 0x07, 0xd0]), Some(2000));
        assert_eq!(number(&[2, 9, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Some(u64::MAX));
        assert_eq!(number(&[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]), Some(u64::MAX));
        assert_eq!(number(&[2, 1, 0xff]), None);
        assert_eq!(number(&[4, 1, 1]), None);
    }

    #[test]
    fn the_stated_length_is_compared() {
        assert_eq!(extent(&[0x30, 1, 5]), Extent::Whole);
        assert_eq!(extent(&[0x30, 2, 5]), Extent::Short(Some(4)));
        assert_eq!(extent(&[0x30, 0, 5]), Extent::Trailing(1));
        assert_eq!(extent(&[0x30, 0x80]), Extent::Indefinite);
        assert_eq!(extent(&[0x30]), Extent::Short(None));
        assert_eq!(extent(&[0x30, 0x82, 1]), Extent::Short(None));
        assert_eq!(extent(&[0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0]), Extent::Short(None));
        assert_eq!(extent(&[0x30, 0x88, 255, 255, 255, 255, 255, 255, 255, 255]), Extent::Short(Some(u64::MAX)));
    }

    #[test]
    fn ber_is_told_from_der() {
        assert!(is_ber(&[0x30, 0x80, 0, 0]));
        assert!(is_ber(&[0x30, 4, 4, 2, 0x30, 0x80]));
        assert!(is_ber(&[0x30, 7, 2, 1, 3, 0x24, 2, 4, 0]));
        assert!(!is_ber(&[0x30, 3, 2, 1, 3]));
        assert!(!is_ber(&[0x30, 0x84, 255, 255, 255, 255, 5, 0]));
        assert!(!is_ber(&[0x30, 0x85, 1]));
        assert!(!is_ber(&[]));
    }

    #[test]
    fn a_sign_byte_is_put_only_where_a_number_cannot_be_negative() {
        let der = [0x30, 6, 2, 1, 0x81, 2, 1, 0x83];
        assert_eq!(*with_sign_bytes(&der, &[0]).unwrap(), [0x30, 7, 2, 2, 0, 0x81, 2, 1, 0x83]);
        assert_eq!(*with_sign_bytes(&der, &[]).unwrap(), der);
        assert!(with_sign_bytes(&der[..7], &[0]).is_none());
    }

    #[test]
    fn only_a_whole_sequence_is_taken_apart() {
        assert_eq!(sequence(&[0x30, 3, 2, 1, 1]).unwrap().len(), 1);
        assert!(sequence(&[0x30, 3, 2, 2, 1]).is_none());
        assert!(sequence(&[0x31, 0]).is_none());
    }
}
