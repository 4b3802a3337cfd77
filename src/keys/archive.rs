//! PKCS#12 taken apart: the parts that are in the clear first, so that every algorithm is known and the rounds bounded, all
//! together too, before anything is derived; then what the password opens.

use der::asn1::{AnyRef, ObjectIdentifier};
use zeroize::Zeroizing;

use super::asn1::{self, Extent};
use super::kdf::{self, Place, Refusal};
use super::pbe::{Mac, Password};

/// The most rounds of one derivation; ten times the most that is met.
pub(super) const MAX_ROUNDS_EACH: u64 = 1_000_000;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const ENVELOPED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.3");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const X509: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
const FRIENDLY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.20");
const LOCAL_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.21");

/// What tells one bag from another.
#[derive(Default)]
pub(super) struct Label {
    pub(super) name: Option<String>,
    pub(super) local_key_id: Option<Vec<u8>>,
}

/// What the password has opened, in the order of the file.
#[derive(Default)]
pub(super) struct Archive {
    /// Private keys in PKCS#8.
    pub(super) keys: Vec<(Label, Zeroizing<Vec<u8>>)>,
    /// Certificates in DER; `None` for one that is not X.509.
    pub(super) certificates: Vec<(Label, Option<Vec<u8>>)>,
    /// Whether anything was decrypted.
    pub(super) opened: bool,
    /// Whether anything does not decrypt with this password.
    pub(super) locked: bool,
}

/// A container whose parts in the clear are judged.
pub(super) struct Container<'a> {
    pub(super) mac: Option<Mac<'a>>,
    parts: Vec<Part<'a>>,
    cost: Cost,
}

/// A part of the container: bags, or what decrypts to bags.
enum Part<'a> {
    Clear(Vec<AnyRef<'a>>),
    Encrypted { algorithm: AnyRef<'a>, content: &'a [u8] },
}

/// The rounds of everything that is derived, all together.
#[derive(Clone, Copy)]
struct Cost(u64);

impl Cost {
    fn add(&mut self, more: u64) -> Result<(), Refusal> {
        self.0 += more;
        match more {
            0..=MAX_ROUNDS_EACH => kdf::bounded(self.0).map(|_| ()),
            _ => kdf::bounded(more)
                .and(Err(Refusal::Costly(format!("one key derivation in it asks for {} rounds", kdf::digits(more))))),
        }
    }
}

impl<'a> Container<'a> {
    /// Judges what is in the clear.
    pub(super) fn of(der: &'a [u8]) -> Result<Self, Refusal> {
        let bad = || Refusal::Malformed;
        let parts = asn1::sequence(der).ok_or_else(bad)?;
        let (safe, mac) = match parts.as_slice() {
            [_, safe] => (*safe, None),
            [_, safe, mac] => (*safe, Some(*mac)),
            _ => return Err(bad()),
        };
        let mut cost = Cost(0);
        let content = content_of(safe, DATA)?;
        let content = asn1::octets(content).ok_or_else(bad)?;
        let mac = mac.map(|mac| mac_of(mac, content)).transpose()?;
        if let Some(mac) = &mac {
            cost.add(mac.rounds)?;
        }
        let mut found = Vec::new();
        for info in asn1::sequence(content).ok_or_else(bad)? {
            found.push(part_of(info, &mut cost)?);
        }
        Ok(Container { mac, parts: found, cost })
    }

    /// Opens what the password opens.
    pub(super) fn open(&self, password: &Password<'_>) -> Result<Archive, Refusal> {
        let mut archive = Archive::default();
        let mut cost = self.cost;
        for part in &self.parts {
            match part {
                Part::Clear(bags) => archive.take(bags, password)?,
                Part::Encrypted { algorithm, content } => {
                    if let Some(plain) = archive.decrypted(*algorithm, content, password) {
                        let bags = asn1::sequence(&plain).ok_or_else(|| malformed(&plain))?;
                        // Bags that could not be seen from outside.
                        judge(&bags, &mut cost)?;
                        archive.take(&bags, password)?;
                    }
                }
            }
        }
        Ok(archive)
    }
}

/// Whether bytes look like one structure from end to end, as no wrongly decrypted ones do.
fn is_whole(plain: &[u8]) -> bool {
    plain.first() == Some(&0x30) && matches!(asn1::extent(plain), Extent::Whole | Extent::Indefinite)
}

fn malformed(plain: &[u8]) -> Refusal {
    if asn1::is_ber(plain) {
        Refusal::Unsupported("BER with indefinite lengths inside".to_owned())
    } else {
        Refusal::Malformed
    }
}

fn part_of<'a>(info: AnyRef<'a>, cost: &mut Cost) -> Result<Part<'a>, Refusal> {
    let bad = || Refusal::Malformed;
    let parts = asn1::elements(info).ok_or_else(bad)?;
    if parts.first().copied().and_then(asn1::oid).ok_or_else(bad)? == DATA {
        let bags = asn1::octets(content_of(info, DATA)?).and_then(asn1::sequence).ok_or_else(bad)?;
        judge(&bags, cost)?;
        return Ok(Part::Clear(bags));
    }
    let data = content_of(info, ENCRYPTED_DATA)?;
    let parts = asn1::elements(data).ok_or_else(bad)?;
    let inner = parts.get(1).copied().and_then(asn1::elements).ok_or_else(bad)?;
    let [_, algorithm, content] = inner.as_slice() else { return Err(bad()) };
    cost.add(kdf::encryption(*algorithm, Place::Pfx)?)?;
    let content = asn1::implicit(*content, 0).ok_or_else(bad)?;
    Ok(Part::Encrypted { algorithm: *algorithm, content })
}

/// The content of a `ContentInfo`, which must be of this kind.
fn content_of(info: AnyRef<'_>, kind: ObjectIdentifier) -> Result<AnyRef<'_>, Refusal> {
    let parts = asn1::elements(info).ok_or(Refusal::Malformed)?;
    let found = parts.first().copied().and_then(asn1::oid).ok_or(Refusal::Malformed)?;
    if found != kind {
        return Err(Refusal::Unsupported(match found {
            SIGNED_DATA => "a signature in place of the password's MAC".to_owned(),
            ENVELOPED_DATA => "a recipient's public key instead of a password".to_owned(),
            other => format!("the content type {other}"),
        }));
    }
    parts.get(1).and_then(|part| asn1::explicit(*part, 0)).ok_or(Refusal::Malformed)
}

fn mac_of<'a>(mac: AnyRef<'a>, covered: &'a [u8]) -> Result<Mac<'a>, Refusal> {
    let bad = || Refusal::Malformed;
    let parts = asn1::elements(mac).ok_or_else(bad)?;
    let digest = parts.first().copied().and_then(asn1::elements).ok_or_else(bad)?;
    // The rounds default to one.
    let stated = parts.get(2).map_or(Some(1), |count| asn1::unsigned(*count)).ok_or_else(bad)?;
    let (kind, rounds) = kdf::mac(*digest.first().ok_or_else(bad)?, stated)?;
    let salt = parts.get(1).copied().and_then(asn1::octets).ok_or_else(bad)?;
    let expected = digest.get(1).copied().and_then(asn1::octets).ok_or_else(bad)?;
    Ok(Mac { kind, salt, rounds, expected, covered })
}

/// Adds up what the keys among these bags cost.
fn judge(bags: &[AnyRef<'_>], cost: &mut Cost) -> Result<(), Refusal> {
    for bag in bags {
        let bag = Bag::of(*bag).ok_or(Refusal::Malformed)?;
        if bag.kind == SHROUDED_KEY_BAG {
            cost.add(kdf::encryption(bag.encrypted().ok_or(Refusal::Malformed)?.0, Place::Pfx)?)?;
        }
    }
    Ok(())
}

/// One bag, of whatever kind.
struct Bag<'a> {
    kind: ObjectIdentifier,
    value: AnyRef<'a>,
    attributes: Option<AnyRef<'a>>,
}

impl<'a> Bag<'a> {
    fn of(bag: AnyRef<'a>) -> Option<Self> {
        let parts = asn1::elements(bag)?;
        let value = asn1::explicit(*parts.get(1)?, 0)?;
        Some(Bag { kind: asn1::oid(*parts.first()?)?, value, attributes: parts.get(2).copied() })
    }

    /// The algorithm and the content of an encrypted key.
    fn encrypted(&self) -> Option<(AnyRef<'a>, &'a [u8])> {
        let parts = asn1::elements(self.value)?;
        Some((*parts.first()?, asn1::octets(*parts.get(1)?)?))
    }

    /// The DER of a certificate, if it is X.509.
    fn certificate(&self) -> Option<Vec<u8>> {
        let parts =
            asn1::elements(self.value).filter(|parts| parts.first().copied().and_then(asn1::oid) == Some(X509))?;
        asn1::octets(asn1::explicit(*parts.get(1)?, 0)?).map(<[u8]>::to_vec)
    }

    fn label(&self) -> Label {
        let attribute = |wanted: ObjectIdentifier| {
            asn1::set(self.attributes?)?.into_iter().find_map(|attribute| {
                let parts = asn1::elements(attribute)?;
                let values = asn1::set(*parts.get(1)?).filter(|_| asn1::oid(parts[0]) == Some(wanted))?;
                values.first().copied()
            })
        };
        Label {
            name: attribute(FRIENDLY_NAME).and_then(asn1::bmp),
            local_key_id: attribute(LOCAL_KEY_ID).and_then(asn1::octets).map(<[u8]>::to_vec),
        }
    }
}

impl Archive {
    fn decrypted(
        &mut self,
        algorithm: AnyRef<'_>,
        encrypted: &[u8],
        password: &Password<'_>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let plain = password.decrypt(algorithm, encrypted, is_whole);
        let which = if plain.is_some() { &mut self.opened } else { &mut self.locked };
        *which = true;
        plain
    }

    /// Takes keys and certificates out of bags that are judged; other kinds are left.
    fn take(&mut self, bags: &[AnyRef<'_>], password: &Password<'_>) -> Result<(), Refusal> {
        for bag in bags {
            let bag = Bag::of(*bag).ok_or(Refusal::Malformed)?;
            if bag.kind == KEY_BAG {
                self.keys.push((bag.label(), asn1::encoded(bag.value).ok_or(Refusal::Malformed)?));
            } else if bag.kind == SHROUDED_KEY_BAG {
                let (algorithm, encrypted) = bag.encrypted().ok_or(Refusal::Malformed)?;
                let key = self.decrypted(algorithm, encrypted, password);
                self.keys.extend(key.map(|key| (bag.label(), key)));
            } else if bag.kind == CERTIFICATE_BAG {
                self.certificates.push((bag.label(), bag.certificate()));
            }
        }
        Ok(())
    }
}
