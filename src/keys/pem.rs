//! PEM: finds the blocks in a text, whatever stands around them.

use zeroize::Zeroizing;

use super::certificate::Certificate;
use super::cfca_sm2;
use super::format::{self, Shape};
use super::key::PrivateKey;
use super::merchant::MerchantKey;
use super::private::{self, Form};
use super::source::{Source, escaped};
use crate::error::Error;

const BEGIN: &[u8] = b"-----BEGIN ";
const DASHES: &[u8] = b"-----";

/// One `-----BEGIN … -----END` block; its body is decoded only when it is wanted.
struct Block<'a> {
    label: String,
    body: &'a [u8],
}

impl Block<'_> {
    fn is_key(&self) -> bool {
        self.label.ends_with("PRIVATE KEY") || self.label == "CFCA KEY"
    }

    fn is_certificate(&self) -> bool {
        matches!(self.label.as_str(), "CERTIFICATE" | "X509 CERTIFICATE")
    }

    fn decode(&self, source: &Source) -> Result<Zeroizing<Vec<u8>>, Error> {
        // Headers of RFC 1421 end with an empty line.
        let body = if self.body.contains(&b':') { after_blank_line(self.body) } else { self.body };
        let mut der = format::decode(body).ok_or_else(|| {
            source.fault(format_args!(
                "is damaged: the block \"{}\" is not Base64. Copy it again; line breaks must be real ones, not the two \
                 characters \\n.",
                self.label
            ))
        })?;
        format::drop_filling(&mut der);
        format::refuse_trailing(source, &der)?;
        Ok(der)
    }
}

/// The one private key of a PEM text, and the certificate beside it when it is that key's.
pub(super) fn private_key(source: &Source, text: &[u8], password: Option<&str>) -> Result<MerchantKey, Error> {
    let blocks = blocks(source, text)?;
    let mut keys = blocks.iter().filter(|block| block.is_key());
    let (Some(block), others) = (keys.next(), keys.count()) else {
        return Err(no_key(source, &blocks));
    };
    if others > 0 {
        return Err(source.fault(format_args!(
            "holds {} private keys. Keep one; the alias picks keys in .pfx files only.",
            others + 1
        )));
    }
    refuse_foreign(source, block)?;
    let der = block.decode(source)?;
    let shape = format::exact_shape(source, &der)?;
    let container = match shape {
        Shape::Pkcs8 => "PEM PKCS#8",
        Shape::EncryptedPkcs8 => "PEM PKCS#8 (encrypted)",
        Shape::Pkcs1 => "PEM PKCS#1",
        Shape::Sec1 => "PEM SEC1",
        Shape::CfcaSm2 => return cfca_sm2::load(source, &der, password),
        other => return Err(private::not_a_key(source, other)),
    };
    let key = private::parse(source, &der, shape, password, Form::Pem)?;
    let certificate = matching(source, &blocks, &key);
    Ok(MerchantKey { key, container, certificate })
}

/// The certificates of a PEM text as DER, in their order.
pub(super) fn certificates(source: &Source, text: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let blocks = blocks(source, text)?;
    blocks
        .iter()
        .filter(|block| block.is_certificate())
        .map(|block| block.decode(source).map(|der| der.to_vec()))
        .collect()
}

/// Says what a text holds that has no certificate.
pub(super) fn no_certificate(source: &Source, text: &[u8]) -> Error {
    let blocks = match blocks(source, text) {
        Ok(blocks) => blocks,
        Err(error) => return error,
    };
    let has = |label: &str| blocks.iter().any(|block| block.label == label);
    let file = source.shell_name("old.pem");
    if blocks.iter().any(Block::is_key) {
        source.fault(
            "holds a private key, not a certificate. A certificate in DER or PEM is needed, usually a .cer file.",
        )
    } else if has("PUBLIC KEY") || has("RSA PUBLIC KEY") {
        source.fault("holds a bare public key, not a certificate. Ask the platform for the certificate (.cer).")
    } else if has("TRUSTED CERTIFICATE") {
        source.fault(format_args!("holds a TRUSTED CERTIFICATE. Convert it: `openssl x509 -in {file} -out new.pem`."))
    } else if has("PKCS7") || has("CMS") {
        source.fault(format_args!(
            "holds a PKCS#7 bundle (.p7b), not a certificate. Take the certificates out: `openssl pkcs7 -in {file} \
             -print_certs -out new.pem`, and keep the one that is meant."
        ))
    } else if has("CERTIFICATE REQUEST") || has("NEW CERTIFICATE REQUEST") {
        source.fault("holds a certificate request (CSR), not yet a certificate. Ask the CA for the certificate.")
    } else {
        source.fault(format_args!("holds no certificate, only {}. Check that it is the right file.", labels(&blocks)))
    }
}

fn no_key(source: &Source, blocks: &[Block<'_>]) -> Error {
    let has = |label: &str| blocks.iter().any(|block| block.label == label);
    let wanted = "A private key is needed: .pfx, CFCA .sm2 or PEM";
    if blocks.iter().any(Block::is_certificate) || has("TRUSTED CERTIFICATE") {
        source.fault(format_args!("holds a certificate and no private key. {wanted}."))
    } else if has("PUBLIC KEY") || has("RSA PUBLIC KEY") {
        source.fault(format_args!("holds a public key, not a private one. {wanted}."))
    } else if has("CERTIFICATE REQUEST") || has("NEW CERTIFICATE REQUEST") {
        source.fault(format_args!("holds a certificate request (CSR), not a private key. {wanted}."))
    } else {
        source.fault(format_args!("holds no private key, only {}. {wanted}.", labels(blocks)))
    }
}

/// Keys in a form that is not read, each with the command that converts it.
fn refuse_foreign(source: &Source, block: &Block<'_>) -> Result<(), Error> {
    if find(block.body, b"ENCRYPTED").is_some() && find(block.body, b"Proc-Type:").is_some() {
        return Err(source.fault(format_args!(
            "is encrypted in the old way of OpenSSL (Proc-Type: 4,ENCRYPTED), which is not read here. Convert it: {}.",
            private::conversion(source, Form::Pem, false)
        )));
    }
    if block.label == "OPENSSH PRIVATE KEY" {
        let file = source.shell_name("id_rsa");
        return Err(source.fault(format_args!(
            "is an OpenSSH key, which is not read here. If it really is the merchant's key, convert a copy in place: \
             `ssh-keygen -p -m PKCS8 -f {file}`."
        )));
    }
    Ok(())
}

fn matching(source: &Source, blocks: &[Block<'_>], key: &PrivateKey) -> Option<Certificate> {
    let half = key.public_key();
    let parse = |block: &Block<'_>| Certificate::from_der(&block.decode(source).ok()?).ok();
    blocks.iter().filter(|block| block.is_certificate()).filter_map(parse).find(|found| found.public_key == half)
}

/// The labels of the blocks, for a sentence.
fn labels(blocks: &[Block<'_>]) -> String {
    let mut names: Vec<String> = blocks.iter().map(|block| format!("\"{}\"", escaped(&block.label))).collect();
    names.dedup();
    names.truncate(10);
    names.join(", ")
}

/// All blocks; a block without its end is an error, since a key may be cut short.
fn blocks<'a>(source: &Source, text: &'a [u8]) -> Result<Vec<Block<'a>>, Error> {
    let cut = || source.fault("is cut short or damaged: a -----BEGIN line has no -----END line. Copy all of it again.");
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = find(rest, BEGIN) {
        let after = &rest[start + BEGIN.len()..];
        let label_end = find(after, DASHES).ok_or_else(cut)?;
        let label = String::from_utf8_lossy(&after[..label_end]).into_owned();
        // No label is that long: this is text that only looks like PEM.
        if label_end > 64 || label.contains(['\r', '\n']) {
            return Err(cut());
        }
        let body = &after[label_end + DASHES.len()..];
        let end = format!("-----END {label}-----");
        let length = find(body, DASHES).filter(|at| body[*at..].starts_with(end.as_bytes())).ok_or_else(cut)?;
        found.push(Block { label, body: &body[..length] });
        rest = &body[length + end.len()..];
    }
    if found.is_empty() { Err(cut()) } else { Ok(found) }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn after_blank_line(body: &[u8]) -> &[u8] {
    let lf = find(body, b"\n\n").map(|at| at + 2);
    let crlf = find(body, b"\r\n\r\n").map(|at| at + 4);
    lf.or(crlf).map_or(body, |at| &body[at..])
}
