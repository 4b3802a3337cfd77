//! PKCS#12 (`.pfx`): the key out of what [`super::archive`] opens, and a sentence for everything that keeps it closed.

use super::archive::{Archive, Container, Label, MAX_ROUNDS_EACH};
use super::asn1;
use super::certificate::Certificate;
use super::kdf::{self, Refusal};
use super::key::PrivateKey;
use super::merchant::MerchantKey;
use super::pbe::Password;
use super::private;
use super::source::{Source, escaped};
use crate::error::Error;

/// OpenSSL 3.0 knows neither SM2's own OID nor PBKDF2 with SM3.
const ELSE_EXPORT: &str = "If OpenSSL does not read it either, export it again where it was made";

/// How many names an error lists.
const MAX_NAMES: usize = 20;

/// The key of a PKCS#12 file, with its own certificate.
pub(super) fn load(
    source: &Source,
    der: &[u8],
    password: Option<&str>,
    alias: Option<&str>,
) -> Result<MerchantKey, Error> {
    let refused = |refusal| refused(source, der, refusal);
    let container = Container::of(der).map_err(refused)?;
    let text = Password::new(password.unwrap_or_default());
    let proven = container.mac.as_ref().map(|mac| text.proves(mac));
    let archive = match container.open(&text) {
        Ok(archive) => archive,
        // Nothing is known of a file whose password is not proven.
        Err(_) if proven == Some(false) => return Err(locked(source, password, true)),
        Err(refusal) => return Err(refused(refusal)),
    };
    match (proven, archive.opened, archive.locked) {
        (Some(true) | None, _, false) => {}
        (_, true, true) => return Err(parts_differ(source)),
        (Some(false), true, false) => {
            return Err(two_passwords(source, der, "opens the key, but does not fit the file's MAC"));
        }
        (Some(true), false, true) => {
            return Err(two_passwords(source, der, "fits the file's MAC, but does not open a part inside"));
        }
        (Some(false), false, _) | (None, false, true) => return Err(locked(source, password, proven.is_some())),
    }
    let key = choose(source, &archive, alias)?;
    let key = private::pkcs8_key(key).map_err(|what| source.fault(what))?;
    let certificate = own_certificate(source, der, &archive, &key)?;
    Ok(MerchantKey { key, container: "PKCS#12", certificate })
}

/// The sentence for a container in BER, which the crate does not take.
pub(super) fn ber(source: &Source) -> Error {
    source.fault(format_args!(
        "is a PKCS#12 file in BER with indefinite lengths, as old Apple and Mozilla programs write it; it is not read \
         here. Convert it: {}.",
        command(source, "")
    ))
}

/// What lets OpenSSL read a container whose MAC is PBMAC1, which it knows from 3.4 on.
fn mac_option(der: &[u8]) -> &'static str {
    /// The identifier; were it anywhere else, the option would do no harm.
    const PBMAC1: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0e";
    if der.windows(PBMAC1.len()).any(|window| window == PBMAC1) { " -nomacver" } else { "" }
}

/// PEM with an encrypted key: one command, no plain key on the disk, and it reads what this reader does not.
fn command(source: &Source, option: &str) -> String {
    let file = source.shell_name("old.pfx");
    format!(
        "`openssl pkcs12 -legacy{option} -aes256 -in {file} -out new.pem` (OpenSSL 1.x knows no -legacy: leave it out) and \
         use new.pem"
    )
}

fn refused(source: &Source, der: &[u8], refusal: Refusal) -> Error {
    match refusal {
        Refusal::Malformed if asn1::is_ber(der) => ber(source),
        Refusal::Malformed => source.fault("is a damaged PKCS#12 file. Copy it again, in binary mode."),
        Refusal::Costly(what) => source.fault(format_args!(
            "is refused: {what}, and at most {} each, {} together, are taken. Encrypt it again: {}.",
            kdf::digits(MAX_ROUNDS_EACH),
            kdf::digits(kdf::MAX_ITERATIONS),
            command(source, mac_option(der))
        )),
        Refusal::Unsupported(name) => source.fault(format_args!(
            "is a PKCS#12 file that uses {name}, which is not read here. Convert it: {}. {ELSE_EXPORT}, with AES-256.",
            command(source, mac_option(der))
        )),
        // What does not check the MAC need not know it; the password is still proven by what it opens.
        Refusal::UnsupportedMac(name) => source.fault(format_args!(
            "is a PKCS#12 file that uses a MAC with {name}, which is not read here. Convert it: {}. {ELSE_EXPORT}.",
            command(source, " -nomacver")
        )),
    }
}

/// The file has a password for its MAC and another for its content, of which one is known; or it is damaged.
fn two_passwords(source: &Source, der: &[u8], what: &str) -> Error {
    let by_key = command(source, " -nomacver");
    let advice = match mac_option(der) {
        "" => format!(
            "Convert it with both, first the MAC's: {}. If only the key's is known: {by_key}",
            command(source, " -twopass")
        ),
        _ => format!("Convert it with the key's: {by_key}"),
    };
    source.fault(format_args!(
        "has two passwords, which are not read here, or is damaged: {}.password {what}. {advice}. {ELSE_EXPORT}, with one \
         password.",
        source.field(),
    ))
}

/// The parts have passwords of their own, which OpenSSL has no option for, or one of them is damaged.
fn parts_differ(source: &Source) -> Error {
    source.fault(format_args!(
        "does not open: {}.password opens a part of it, but not all. Either its parts have different passwords, which are \
         not read here, or it is damaged. Copy it again, or export it again where it was made, with one password.",
        source.field()
    ))
}

/// The password opens nothing.
fn locked(source: &Source, password: Option<&str>, has_mac: bool) -> Error {
    let field = source.field();
    match password {
        None if has_mac => source.fault(format_args!("needs a password and none is given. Set {field}.password.")),
        None => source.fault(format_args!("does not open without a password, or is damaged. Set {field}.password.")),
        Some("") => source.fault(format_args!(
            "does not open: the password is wrong, or the file is damaged. {field}.password is empty; set the file's own."
        )),
        Some(_) => private::wrong_password(source),
    }
}

/// The one key, or the one that the alias names, in PKCS#8.
fn choose<'a>(source: &Source, archive: &'a Archive, alias: Option<&str>) -> Result<&'a [u8], Error> {
    let keys = &archive.keys;
    if keys.is_empty() {
        return Err(source.fault(format_args!(
            "is a PKCS#12 file without a private key: {} certificates are in it. Export it again, with the private key.",
            archive.certificates.len()
        )));
    }
    let field = source.field();
    let Some(alias) = alias else {
        return match keys.as_slice() {
            [(_, key)] => Ok(key),
            several => Err(source.fault(format_args!(
                "holds {} private keys: {}. Name one in {field}.alias.",
                several.len(),
                names(archive)
            ))),
        };
    };
    let mut matches = keys.iter().filter(|(label, _)| friendly_name(label, archive) == Some(alias));
    match (matches.next(), matches.count()) {
        (Some((_, key)), 0) => Ok(key),
        (Some(_), others) => Err(source.fault(format_args!(
            "holds {} private keys with the name in {field}.alias; all names: {}. Export the wanted key alone.",
            others + 1,
            names(archive)
        ))),
        // Not quoted: the setting beside it is the password.
        (None, _) => Err(source.fault(format_args!(
            "holds no private key with the name in {field}.alias; it has {}. Correct or drop the alias.",
            names(archive)
        ))),
    }
}

/// A key's own name, or that of the certificate with the same local id, where some writers put it.
fn friendly_name<'a>(key: &'a Label, archive: &'a Archive) -> Option<&'a str> {
    let id = key.local_key_id.as_ref();
    let mut labels = archive.certificates.iter().map(|(label, _)| label);
    let mut partner = || labels.find(|label| id.is_some() && label.local_key_id.as_ref() == id);
    key.name.as_deref().or_else(|| partner()?.name.as_deref())
}

fn names(archive: &Archive) -> String {
    let shown = |(label, _): &(Label, _)| match friendly_name(label, archive) {
        Some(name) => format!("\"{}\"", escaped(&name.chars().take(100).collect::<String>())),
        None => "one without a name".to_owned(),
    };
    let mut list: Vec<String> = archive.keys.iter().take(MAX_NAMES).map(shown).collect();
    if archive.keys.len() > MAX_NAMES {
        list.push(format!("and {} more", archive.keys.len() - MAX_NAMES));
    }
    list.join(", ")
}

/// The certificate of this key among all in the file; no chain is built.
fn own_certificate(
    source: &Source,
    der: &[u8],
    archive: &Archive,
    key: &PrivateKey,
) -> Result<Option<Certificate>, Error> {
    let half = key.public_key();
    let found = &archive.certificates;
    let read: Vec<Certificate> =
        found.iter().filter_map(|(_, der)| Certificate::from_der(der.as_deref()?).ok()).collect();
    let unread = found.len() - read.len();
    match read.into_iter().find(|certificate| certificate.public_key == half) {
        Some(certificate) => Ok(Some(certificate)),
        None if found.is_empty() => Ok(None),
        None if unread == 0 => Err(source.fault(format_args!(
            "is a PKCS#12 file whose private key belongs to none of its {} certificates. Export the key together with its \
             own certificate.",
            found.len()
        ))),
        None => Err(source.fault(format_args!(
            "is a PKCS#12 file with a certificate inside that is not X.509, is damaged, or is about a key of another kind, \
             and none of this key. Take the key out: `openssl pkcs12 -legacy{} -aes256 -nocerts -in {} -out new.pem` and use \
             new.pem.",
            mac_option(der),
            source.shell_name("old.pfx")
        ))),
    }
}
