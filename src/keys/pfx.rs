//! PKCS#12 (`.pfx`): judged by its outer parts first, then opened by `p12-keystore`.

use der::asn1::{AnyRef, ObjectIdentifier};
use p12_keystore::{CertificateBag, Pkcs12Archive, PrivateKeyBag};

use super::asn1;
use super::certificate::Certificate;
use super::kdf::{self, Reader, Refusal};
use super::private;
use super::source::{Source, escaped};
use super::{MerchantKey, PrivateKey};
use crate::error::Error;

/// `p12-keystore` refuses more rounds than this in one derivation.
const MAX_ROUNDS_EACH: u64 = 1_000_000;
/// How many names an error lists.
const MAX_NAMES: usize = 20;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const SHROUDED_KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const SECRET_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.5");

/// The key of a PKCS#12 file, with its own certificate.
pub(super) fn load(
    source: &Source,
    der: &[u8],
    password: Option<&str>,
    alias: Option<&str>,
) -> Result<MerchantKey, Error> {
    let survey = survey(der).map_err(|refusal| refused(source, der, refusal))?;
    let text = password.unwrap_or("");
    if text.chars().any(|c| u32::from(c) > 0xffff) {
        return Err(source.fault(format_args!(
            "has a password with a character beyond the Basic Multilingual Plane, such as an emoji, which is not read \
             here. Convert it: {}.",
            conversion(source)
        )));
    }
    // The crate's decrypted bags are not zeroized when they are dropped: a residue that stays in freed memory.
    let archive = Pkcs12Archive::from_pkcs12(der, text).map_err(|error| opened(source, &error, password, survey))?;
    let bag = choose(source, &archive, alias)?;
    let key = private::pkcs8_key(bag.key.as_der()).map_err(|what| source.fault(what))?;
    let certificate = own_certificate(source, &archive, &key)?;
    Ok(MerchantKey { key, container: "PKCS#12", certificate })
}

/// The tables by which `x509-parser`, below `p12-keystore`, knows names and extensions: any certificate makes them.
#[cfg(unix)]
pub(super) fn prepare() {
    let any = webpki_root_certs::TLS_SERVER_ROOT_CERTS.first();
    let _ = any.map(|root| p12_keystore::Certificate::from_der(root));
}

/// The sentence for a container in BER, which the crate does not take.
pub(super) fn ber(source: &Source) -> Error {
    source.fault(format_args!(
        "is a PKCS#12 file in BER with indefinite lengths, as old Apple and Mozilla programs write it; it is not read \
         here. Convert it: {}.",
        conversion(source)
    ))
}

/// PEM with an encrypted key: one command, no plain key on the disk, and it reads what this reader does not.
fn conversion(source: &Source) -> String {
    let file = source.shell_name("old.pfx");
    format!(
        "`openssl pkcs12 -legacy -aes256 -in {file} -out new.pem` (OpenSSL 1.x knows no -legacy: leave it out) and use \
         new.pem"
    )
}

/// What the outer parts tell without a password.
#[derive(Clone, Copy)]
struct Survey {
    has_mac: bool,
}

/// Walks the parts that are in the clear: every algorithm must be known and the rounds bounded, all together too.
fn survey(der: &[u8]) -> Result<Survey, Refusal> {
    let bad = Refusal::Malformed;
    let parts = asn1::sequence(der).ok_or(bad)?;
    let [_, safe, mac @ ..] = parts.as_slice() else { return Err(Refusal::Malformed) };
    let mut rounds = 0;
    let mut add = |more: u64| {
        rounds += more;
        match more {
            0..=MAX_ROUNDS_EACH => kdf::bounded(rounds).map(|_| ()),
            _ => kdf::bounded(more)
                .and(Err(Refusal::Costly(format!("one key derivation in it asks for {} rounds", kdf::digits(more))))),
        }
    };
    if let Some(mac) = mac.first() {
        add(mac_rounds(*mac)?)?;
    }
    let content = content_of(*safe, DATA, "a signature in place of the password's MAC")?;
    let safes = asn1::octets(content).and_then(asn1::sequence).ok_or(Refusal::Malformed)?;
    for safe in safes {
        let parts = asn1::elements(safe).ok_or(Refusal::Malformed)?;
        let kind = parts.first().copied().and_then(asn1::oid).ok_or(Refusal::Malformed)?;
        if kind == DATA {
            let bags = content_of(safe, DATA, "")?;
            for bag in asn1::octets(bags).and_then(asn1::sequence).ok_or(Refusal::Malformed)? {
                if let Some(algorithm) = bag_encryption(bag) {
                    add(kdf::encryption(algorithm, Reader::Pfx)?)?;
                }
            }
        } else {
            let data = content_of(safe, ENCRYPTED_DATA, "a recipient's public key instead of a password")?;
            let parts = asn1::elements(data).ok_or(Refusal::Malformed)?;
            let inner = parts.get(1).copied().and_then(asn1::elements).ok_or(Refusal::Malformed)?;
            add(kdf::encryption(*inner.get(1).ok_or(Refusal::Malformed)?, Reader::Pfx)?)?;
        }
    }
    Ok(Survey { has_mac: !mac.is_empty() })
}

/// The content of a `ContentInfo`, which must be of this kind.
fn content_of<'a>(info: AnyRef<'a>, kind: ObjectIdentifier, otherwise: &str) -> Result<AnyRef<'a>, Refusal> {
    let parts = asn1::elements(info).ok_or(Refusal::Malformed)?;
    let found = parts.first().copied().and_then(asn1::oid).ok_or(Refusal::Malformed)?;
    if found != kind {
        return Err(Refusal::Unsupported(otherwise.to_owned()));
    }
    parts.get(1).and_then(|part| asn1::explicit(*part, 0)).ok_or(Refusal::Malformed)
}

fn mac_rounds(mac: AnyRef<'_>) -> Result<u64, Refusal> {
    let parts = asn1::elements(mac).ok_or(Refusal::Malformed)?;
    let digest = parts.first().copied().and_then(asn1::elements).ok_or(Refusal::Malformed)?;
    // Rounds first: a costly file is refused for its cost, whatever its digest. They default to one.
    let rounds = match parts.get(2) {
        Some(count) => kdf::bounded(asn1::unsigned(*count).ok_or(Refusal::Malformed)?)?,
        None => 1,
    };
    kdf::mac(*digest.first().ok_or(Refusal::Malformed)?)?;
    Ok(rounds)
}

/// How a bag with a key or another secret is encrypted; bags inside an encrypted part cannot be seen from outside, and
/// the crate bounds each of those but not all together. Only who knows the password can hide bags there.
fn bag_encryption(bag: AnyRef<'_>) -> Option<AnyRef<'_>> {
    let parts = asn1::elements(bag)?;
    let kind = asn1::oid(*parts.first()?)?;
    // The crate takes any tag around a bag's value, so any is looked into.
    let value = asn1::sequence(parts.get(1)?.value())?;
    match kind {
        SHROUDED_KEY_BAG => value.first().copied(),
        SECRET_BAG => asn1::sequence(asn1::octets(asn1::explicit(*value.get(1)?, 0)?)?)?.first().copied(),
        _ => None,
    }
}

fn refused(source: &Source, der: &[u8], refusal: Refusal) -> Error {
    match refusal {
        Refusal::Malformed if asn1::is_ber(der) => ber(source),
        Refusal::Malformed => damaged(source),
        Refusal::Costly(what) => source.fault(format_args!(
            "is refused: {what}, and at most {} each, {} together, are taken. Encrypt it again: {}.",
            kdf::digits(MAX_ROUNDS_EACH),
            kdf::digits(kdf::MAX_ITERATIONS),
            conversion(source)
        )),
        Refusal::Unsupported(name) => source.fault(format_args!(
            "is a PKCS#12 file that uses {name}, which is not read here. Convert it: {}.",
            conversion(source)
        )),
    }
}

fn damaged(source: &Source) -> Error {
    source.fault("is a damaged PKCS#12 file. Copy it again, in binary mode.")
}

fn opened(source: &Source, error: &p12_keystore::error::Error, password: Option<&str>, survey: Survey) -> Error {
    use p12_keystore::error::Error as Crate;
    let field = source.field();
    match error {
        Crate::MacError(_) if password.is_none() => source.fault(format_args!(
            "needs a password and none is given. Set {field}.password; if the file has none, convert it: {}.",
            conversion(source)
        )),
        Crate::MacError(_) if password == Some("") => source.fault(format_args!(
            "does not open: the password is wrong, or the file is damaged. {field}.password is empty; if the file has no \
             password, convert it: {}.",
            conversion(source)
        )),
        Crate::MacError(_) => private::wrong_password(source),
        Crate::UnsupportedEncryptionScheme | Crate::UnsupportedMacAlgorithm | Crate::InvalidParameters => {
            source.fault(format_args!(
                "is a PKCS#12 file with an algorithm inside that is not read here. Convert it: {}.",
                conversion(source)
            ))
        }
        Crate::X509Error(_) | Crate::UnsupportedCertificateType => source.fault(format_args!(
            "is a PKCS#12 file with a certificate inside that is not X.509 or is damaged. Take the key out: `openssl \
             pkcs12 -legacy -aes256 -nocerts -in {} -out new.pem` and use new.pem.",
            source.shell_name("old.pfx")
        )),
        // The MAC proves the password, so what fails after it is something else.
        _ if survey.has_mac => source.fault(format_args!(
            "opens with this password, but a part inside does not: it is damaged or has another password. Convert it: {}.",
            conversion(source)
        )),
        _ if password.is_none() => {
            source.fault(format_args!("does not open without a password, or is damaged. Set {field}.password."))
        }
        _ => private::wrong_password(source),
    }
}

/// The one key, or the one that the alias names.
fn choose<'a>(source: &Source, archive: &'a Pkcs12Archive, alias: Option<&str>) -> Result<&'a PrivateKeyBag, Error> {
    let keys = &archive.keys;
    if keys.is_empty() {
        return Err(source.fault(format_args!(
            "is a PKCS#12 file without a private key: {} certificates are in it. Export it again, with the private key.",
            archive.certs.len()
        )));
    }
    let names = || names(keys, &archive.certs);
    let field = source.field();
    let Some(alias) = alias else {
        return match keys.as_slice() {
            [key] => Ok(key),
            several => Err(source.fault(format_args!(
                "holds {} private keys: {}. Name one in {field}.alias.",
                several.len(),
                names()
            ))),
        };
    };
    let mut matches = keys.iter().filter(|key| friendly_name(key, &archive.certs) == Some(alias));
    match (matches.next(), matches.count()) {
        (Some(key), 0) => Ok(key),
        (Some(_), others) => Err(source.fault(format_args!(
            "holds {} private keys with the name in {field}.alias; all names: {}. Export the wanted key alone.",
            others + 1,
            names()
        ))),
        (None, _) => Err(source.fault(format_args!(
            "holds no private key with the name in {field}.alias, \"{}\"; it has {}. Correct or drop the alias.",
            escaped(alias),
            names()
        ))),
    }
}

/// A key's own name, or that of the certificate with the same local id, where some writers put it.
fn friendly_name<'a>(key: &'a PrivateKeyBag, certs: &'a [CertificateBag]) -> Option<&'a str> {
    let id = key.local_key_id.as_ref();
    let partner = || certs.iter().find(|cert| id.is_some() && cert.local_key_id.as_ref() == id.map(|id| &id.0));
    key.friendly_name.as_deref().or_else(|| partner()?.friendly_name.as_deref())
}

fn names(keys: &[PrivateKeyBag], certs: &[CertificateBag]) -> String {
    let shown = |key: &PrivateKeyBag| match friendly_name(key, certs) {
        Some(name) => format!("\"{}\"", escaped(&name.chars().take(100).collect::<String>())),
        None => "one without a name".to_owned(),
    };
    let mut list: Vec<String> = keys.iter().take(MAX_NAMES).map(shown).collect();
    if keys.len() > MAX_NAMES {
        list.push(format!("and {} more", keys.len() - MAX_NAMES));
    }
    list.join(", ")
}

/// The certificate of this key among all in the file; no chain is built.
fn own_certificate(source: &Source, archive: &Pkcs12Archive, key: &PrivateKey) -> Result<Option<Certificate>, Error> {
    let half = private::public_half(key);
    let mut parsed = archive.certs.iter().filter_map(|bag| Certificate::from_der(bag.cert.as_der()).ok());
    match parsed.find(|certificate| certificate.public_key == half) {
        Some(certificate) => Ok(Some(certificate)),
        None if archive.certs.is_empty() => Ok(None),
        None => Err(source.fault(format_args!(
            "is a PKCS#12 file whose private key belongs to none of its {} certificates. Export the key together with its \
             own certificate.",
            archive.certs.len()
        ))),
    }
}
