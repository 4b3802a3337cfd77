//! What a file holds, told by its content and never by its name.

use base64ct::{Base64, Encoding};
use der::Tag;
use der::asn1::{AnyRef, ObjectIdentifier};
use zeroize::Zeroizing;

use super::asn1::{self, Extent};
use super::source::Source;
use crate::error::Error;
use crate::hex;

const CONTENT_TYPES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7");

/// The content of a credential, and what it is.
pub(super) enum Content {
    /// Text with at least one `-----BEGIN`.
    Pem(Zeroizing<Vec<u8>>),
    /// One DER structure, whole, with nothing behind it.
    Der(Zeroizing<Vec<u8>>, Shape),
    /// The bare number of an SM2 key, which was written in hex.
    Scalar(Zeroizing<Vec<u8>>),
}

/// What a DER structure is, judged by its outermost parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A PKCS#12 container.
    Pfx,
    /// A PKCS#12 container in BER with indefinite lengths.
    BerPfx,
    /// CFCA's container for SM2.
    CfcaSm2,
    /// A PKCS#8 private key.
    Pkcs8,
    /// A PKCS#8 private key under a password.
    EncryptedPkcs8,
    /// A PKCS#1 RSA private key.
    Pkcs1,
    /// A SEC1 elliptic curve private key.
    Sec1,
    /// An X.509 certificate.
    Certificate,
    /// Something else; the words complete "it holds …".
    Other(&'static str),
}

/// Reads a credential and recognises it.
pub(super) fn open(source: &Source) -> Result<Content, Error> {
    let bytes = source.read()?;
    if source.is_hex() {
        return from_hex(source, &bytes);
    }
    if source.is_pem() {
        return if has_pem(&bytes) { Ok(Content::Pem(bytes)) } else { Err(no_pem(source, &bytes)) };
    }
    if source.is_base64() && !has_pem(&bytes) {
        // Before it is decoded: 64 hex digits are Base64 of 48 bytes as well.
        if let Some(digits) = hex::count(&bytes) {
            return Err(source.fault(format_args!("is hex of {digits} digits, not Base64. {}", place_of_hex(source))));
        }
        let decoded = decode(&bytes).ok_or_else(|| {
            let not_base64 =
                "is not Base64. Use only A-Z, a-z, 0-9, +, / and = at the end; line breaks and spaces are skipped.";
            behind_base64(&bytes).map_or_else(|| source.fault(not_base64), |rest| followed(source, rest, true))
        })?;
        return recognise(source, decoded);
    }
    recognise(source, bytes)
}

fn recognise(source: &Source, bytes: Zeroizing<Vec<u8>>) -> Result<Content, Error> {
    if has_pem(&bytes) {
        return Ok(Content::Pem(bytes));
    }
    // Before DER, which begins with 30 in hex and with the digit 0 as a byte; and no structure is made of digits.
    if hex::count(without_filling(&bytes)).is_some() || hex::is_negative(without_filling(&bytes)) {
        return from_hex(source, without_filling(&bytes));
    }
    if bytes.first() == Some(&0x30) {
        return der(source, bytes);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match decode(text) {
        Some(decoded) if decoded.first() == Some(&0x30) => der(source, decoded),
        Some(decoded) if has_pem(&decoded) => Ok(Content::Pem(decoded)),
        // A text container, encoded once more to fit into a setting.
        Some(decoded) if source.is_base64() => match decode(&decoded) {
            Some(inner) if inner.first() == Some(&0x30) => der(source, inner),
            _ => Err(unknown(source, &decoded)),
        },
        _ if source.is_base64() && source.field() == "privateKey" && bytes.len() == 32 => Err(source.fault(
            "is Base64 of 32 bytes, which is no container. If it is an SM2 key's number, put it into privateKey.hex, in hex.",
        )),
        Some(_) => Err(unknown(source, &bytes)),
        None => Err(behind_base64(text).map_or_else(|| unknown(source, &bytes), |rest| followed(source, rest, true))),
    }
}

/// What hex holds: the number of an SM2 key, with a zero byte in front perhaps, or any of the containers.
fn from_hex(source: &Source, text: &[u8]) -> Result<Content, Error> {
    let Some(bytes) = hex::decode(text) else { return Err(no_hex(source, text)) };
    match bytes.as_slice() {
        [0x04, ..] if bytes.len() == 65 => Err(source
            .fault("is the hex of a public key: 04 and the two numbers of a point. The private key has 64 digits.")),
        [0x02 | 0x03, ..] if bytes.len() == 33 => Err(source.fault(
            "is the hex of a public key: 02 or 03 and one number of a point. The private key has 64 digits, or 66 that \
             begin with 00.",
        )),
        scalar if scalar.len() == 32 || (scalar.len() == 33 && scalar[0] == 0) => Ok(Content::Scalar(bytes)),
        [0x30, ..] => der(source, bytes),
        _ if has_pem(&bytes) => Ok(Content::Pem(bytes)),
        other => Err(source.fault(wrong_count(2 * other.len()))),
    }
}

fn no_hex(source: &Source, text: &[u8]) -> Error {
    if let Some(digits) = hex::count(text) {
        return source.fault(wrong_count(digits));
    }
    if hex::is_negative(text) {
        return source.fault(
            "has a minus sign: a program took the key for a signed number, whose digits are others. Have it print the bytes \
             as an unsigned number (in Java, new BigInteger(1, bytes)) and copy that.",
        );
    }
    let place = match decode(text) {
        _ if has_pem(text) => "It looks like PEM text: put it into privateKey.pem.",
        Some(decoded) if decoded.first() == Some(&0x30) => "It looks like Base64: put it into privateKey.base64.",
        _ => "Use only 0-9 and a-f, two digits a byte; 0x, spaces, colons and line breaks are skipped.",
    };
    source.fault(format_args!("is not hex. {place}"))
}

fn wrong_count(digits: usize) -> String {
    let advice = match digits {
        128 => "Two numbers of 64 are a public key without its 04: copy the private key.",
        67.. => "Copy the private key alone.",
        _ => "Copy all of it; if a program dropped the zeros in front, put them there again.",
    };
    format!("is hex of {digits} digits; an SM2 key has 64, or 66 that begin with 00. {advice}")
}

/// Where hex belongs that stands in another setting.
fn place_of_hex(source: &Source) -> &'static str {
    match source.field() {
        "privateKey" => "Put it into privateKey.hex.",
        _ => "A certificate in DER or PEM is needed, usually a .cer file.",
    }
}

pub(super) fn der(source: &Source, mut bytes: Zeroizing<Vec<u8>>) -> Result<Content, Error> {
    drop_filling(&mut bytes);
    let shape = exact_shape(source, &bytes)?;
    Ok(Content::Der(bytes, shape))
}

/// Drops zeros and white space behind the end: Windows fills with zeros, editors add a line break.
pub(super) fn drop_filling(bytes: &mut Vec<u8>) {
    if let Extent::Trailing(count) = asn1::extent(bytes) {
        let end = bytes.len() - trailing(bytes, count).len();
        if without_filling(&bytes[end..]).is_empty() {
            bytes.truncate(end);
        }
    }
}

/// So many bytes at the end.
fn trailing(bytes: &[u8], count: u64) -> &[u8] {
    &bytes[bytes.len().saturating_sub(usize::try_from(count).unwrap_or(0))..]
}

/// Text or bytes without the zeros and white space at their end.
fn without_filling(bytes: &[u8]) -> &[u8] {
    // Rust counts the vertical tab as no white space.
    let is_filling = |byte: &u8| matches!(byte, 0 | 0x0b) || byte.is_ascii_whitespace();
    &bytes[..bytes.iter().rposition(|byte| !is_filling(byte)).map_or(0, |last| last + 1)]
}

/// What follows when text begins with one whole structure in Base64: counted by the length that it states.
fn behind_base64(text: &[u8]) -> Option<&[u8]> {
    /// So many characters hold the header of any structure.
    const HEADER: usize = 16;
    let place = |count: usize| {
        let mut solid = text.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace());
        solid.nth(count.checked_sub(1)?).map(|(at, _)| at + 1)
    };
    let header = decode(&text[..place(HEADER)?]).filter(|header| header.first() == Some(&0x30))?;
    let Extent::Short(Some(stated)) = asn1::extent(&header) else { return None };
    let end = place(usize::try_from(stated).ok()?.div_ceil(3).checked_mul(4)?)?;
    decode(&text[..end]).map(|_| &text[end..])
}

/// The sentence for a file that does not end where its structure does; of what follows nothing is shown but its kind.
fn followed(source: &Source, rest: &[u8], is_text: bool) -> Error {
    let begins_der = |bytes: &[u8]| bytes.first() == Some(&0x30) && !matches!(asn1::extent(bytes), Extent::Short(_));
    let nested = is_text.then(|| decode(rest)).flatten();
    let is_control = |c: char| c.is_control() && !c.is_whitespace() && c != '\0';
    let (what, advice) = match std::str::from_utf8(rest) {
        _ if begins_der(nested.as_deref().map_or(rest, Vec::as_slice)) => ("another DER structure", "Keep one"),
        Ok(text) if !text.contains(is_control) => ("text", "Remove it"),
        _ => ("bytes of no known kind", "Copy the file again, in binary mode"),
    };
    source.fault(format_args!("is damaged: {} bytes follow where it should end: {what}. {advice}.", rest.len()))
}

fn has_pem(bytes: &[u8]) -> bool {
    bytes.windows(11).any(|window| window == b"-----BEGIN ")
}

/// Base64 with padding; white space is skipped, and zeros at the end.
pub(super) fn decode(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = without_filling(text);
    let mut packed = Zeroizing::new(Vec::with_capacity(text.len()));
    packed.extend(text.iter().filter(|byte| !byte.is_ascii_whitespace()));
    let text = std::str::from_utf8(&packed).ok()?;
    // Into a buffer of our own, so that a text that fails half-way leaves nothing behind either.
    let mut bytes = Zeroizing::new(vec![0; packed.len() / 4 * 3 + 3]);
    let length = Base64::decode(text, &mut bytes).ok()?.len();
    bytes.truncate(length);
    (length > 0).then_some(bytes)
}

/// Names what follows where a structure should end.
pub(super) fn refuse_trailing(source: &Source, bytes: &[u8]) -> Result<(), Error> {
    match asn1::extent(bytes) {
        Extent::Trailing(count) => Err(followed(source, trailing(bytes, count), false)),
        _ => Ok(()),
    }
}

/// The shape of a structure that must fill the file exactly.
pub(super) fn exact_shape(source: &Source, bytes: &[u8]) -> Result<Shape, Error> {
    match asn1::extent(bytes) {
        Extent::Whole => Ok(shape(bytes)),
        Extent::Trailing(count) => Err(followed(source, trailing(bytes, count), false)),
        Extent::Indefinite => Ok(if bytes.get(2..5) == Some(&[2, 1, 3]) {
            Shape::BerPfx
        } else {
            Shape::Other("BER with indefinite lengths, which is not read; a DER or PEM file is needed")
        }),
        Extent::Short(Some(stated)) => Err(source.fault(format_args!(
            "is cut short or damaged: it has {} bytes and says that it has {stated}. Copy the file again, in binary mode.",
            bytes.len()
        ))),
        Extent::Short(None) => Err(source.fault("is cut short or damaged. Copy the file again, in binary mode.")),
    }
}

fn shape(der: &[u8]) -> Shape {
    use Tag::{BitString, Integer, OctetString, Sequence};
    let Some(parts) = asn1::sequence(der) else {
        // Containers of old Apple and Mozilla programs: version 3 within the first bytes, and BER behind it.
        let version_3 = der.windows(3).take(8).any(|window| window == [2, 1, 3]);
        let ber = version_3 && asn1::is_ber(der);
        return if ber { Shape::BerPfx } else { Shape::Other("damaged DER, whose parts do not add up") };
    };
    let tags: Vec<Tag> = parts.iter().take(4).map(der::Tagged::tag).collect();
    let version = parts.first().and_then(|part| asn1::unsigned(*part));
    match (tags.as_slice(), version) {
        ([Integer, Sequence, Sequence], Some(1)) => Shape::CfcaSm2,
        ([Integer, Sequence, OctetString, ..], Some(0 | 1)) => Shape::Pkcs8,
        ([Integer, Sequence, ..], Some(3)) => Shape::Pfx,
        ([Integer, OctetString, ..], Some(1)) => Shape::Sec1,
        ([Integer, Integer, Integer, Integer], _) if parts.len() >= 9 => Shape::Pkcs1,
        ([Integer, Integer, Integer, Integer], _) if parts.len() == 6 => {
            Shape::Other("a DSA private key; only RSA and SM2 are used here")
        }
        ([Integer, Integer], _) => Shape::Other("a bare RSA public key"),
        ([Sequence, OctetString], _) => Shape::EncryptedPkcs8,
        ([Sequence, BitString], _) => Shape::Other("a bare public key"),
        ([Sequence, Sequence, BitString], _) => signed(parts[0]),
        ([Tag::ObjectIdentifier, ..], _) => match asn1::oid(parts[0]) {
            Some(oid) if oid.parent() == Some(CONTENT_TYPES) => Shape::Other("a PKCS#7 bundle (.p7b)"),
            _ => Shape::Other("DER of an unknown kind"),
        },
        _ => Shape::Other("DER of an unknown kind"),
    }
}

/// Certificates, requests and revocation lists look alike from outside.
fn signed(body: AnyRef<'_>) -> Shape {
    let Some(parts) = asn1::elements(body) else { return Shape::Other("damaged DER, whose parts do not add up") };
    let tags: Vec<Tag> = parts.iter().take(4).map(der::Tagged::tag).collect();
    match tags.as_slice() {
        [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::ContextSpecific { .. }] => {
            Shape::Other("a certificate request (CSR), not yet a certificate")
        }
        [Tag::Integer, Tag::Sequence, Tag::Sequence] => {
            Shape::Other("a certificate request (CSR), not yet a certificate")
        }
        [_, _, _, Tag::UtcTime | Tag::GeneralizedTime] | [_, _, Tag::UtcTime | Tag::GeneralizedTime, _] => {
            Shape::Other("a certificate revocation list")
        }
        _ => Shape::Certificate,
    }
}

fn no_pem(source: &Source, bytes: &[u8]) -> Error {
    let field = source.field();
    if let Some(digits) = hex::count(bytes) {
        return source.fault(format_args!("is hex of {digits} digits, not PEM. {}", place_of_hex(source)));
    }
    if decode(bytes).is_some() {
        return source
            .fault(format_args!("has no -----BEGIN line; it looks like bare Base64. Put it into {field}.base64."));
    }
    source.fault(format_args!(
        "has no -----BEGIN line, so it is not PEM. Give the text of the file, or its name in {field}.path."
    ))
}

fn unknown(source: &Source, bytes: &[u8]) -> Error {
    let file = source.shell_name("old.jks");
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let utf16 =
        bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || matches!(bytes, [b' '..=b'~', 0, ..]);
    let what = match bytes {
        [0xfe, 0xed, 0xfe, 0xed, ..] => format!(
            "is a Java keystore (JKS), which is not read. Convert it: `keytool -importkeystore -srckeystore {file} \
             -destkeystore new.pfx -deststoretype PKCS12`."
        ),
        [0xce, 0xce, 0xce, 0xce, ..] => format!(
            "is a Java keystore (JCEKS), which is not read. Convert it: `keytool -importkeystore -srckeystore {file} \
             -srcstoretype JCEKS -destkeystore new.pfx -deststoretype PKCS12`."
        ),
        [b'P', b'K', 3, 4, ..] => "is a ZIP archive. Unpack it and name the file inside.".to_owned(),
        _ if utf16 => {
            "looks like text in UTF-16. Save it as UTF-8 or plain ASCII.".to_owned()
        }
        _ if text.starts_with('<') => {
            "is HTML or XML, perhaps the error page of a download. Download the file again.".to_owned()
        }
        _ if text.starts_with("ssh-") || text.starts_with("ecdsa-") => {
            "is an OpenSSH public key. A key or certificate from the platform or its CA is needed.".to_owned()
        }
        _ if text.starts_with("PuTTY-User-Key-File") => {
            "is a PuTTY key. A key or certificate from the platform or its CA is needed.".to_owned()
        }
        _ if text.starts_with("----") || text.starts_with("MI") => {
            "looks like PEM or Base64 text that is cut short or damaged. Copy the file again.".to_owned()
        }
        _ => "is of an unknown kind: not PKCS#12, CFCA SM2, PEM, DER or Base64 of one of them. Check that it is the right \
              file, copied in binary mode."
            .to_owned(),
    };
    source.fault(what)
}
