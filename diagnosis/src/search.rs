//! Looks for the text and the mistakes by which a signature fits.
//!
//! What a signature is about is taken out of it, once for each key and each way to read it; candidates are then compared
//! with that. Those with fewer mistakes come first.

use sm2::Scalar;
use sm2::dsa::Signature;

use crate::digests::{self, Zs};
use crate::hash::Algorithm;
use crate::keys::{Keys, KnownKey, MAX_KEYS, PublicKey, Whose};
use crate::message::{Kind, Message};
use crate::mistake::Mistake;
use crate::rsa_sign::{self, Content};
use crate::rules;
use crate::signature::Reading;
use crate::sm2_sign;
use crate::variants::{Candidate, Variants};

/// More mistakes than this are not combined; with the right text one more, for a library's habits come together: no
/// digest, `r || s`, hex.
const MAX_MISTAKES: usize = 2;
/// So many bytes are digested at most, which takes less than a second.
const MAX_WORK: usize = 64 << 20;
/// How often a text is digested at most where a mistake with the digest is allowed, about.
const DIGESTS: usize = 24;

/// What a signature is about under one key, read in one way.
struct Trace<'a> {
    whose: &'a Whose,
    key: &'a PublicKey,
    mistakes: Vec<Mistake>,
    about: About,
}

enum About {
    Rsa(Content, Vec<u8>),
    Sm2(Scalar, Box<Signature>, Zs),
}

/// A digest and which one it is.
type Named = (Algorithm, Vec<u8>);

/// A text and the mistakes by which a signature fits.
pub(crate) struct Fit {
    pub(crate) mistakes: Vec<Mistake>,
    pub(crate) whose: Whose,
    /// `RSA-2048`, say.
    pub(crate) kind_of_key: String,
    pub(crate) candidate: Candidate,
    /// Which digest it is, and its bytes, if it fits without any mistake.
    pub(crate) digest: Option<Named>,
}

/// What shows without any text that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// By its padding this RSA key signed, with this digest; `None`: it is none that is known.
    SignedBy(Whose, Option<Algorithm>, Vec<Mistake>),
    /// It may be RSA-PSS, or chance makes it look so.
    PerhapsPss,
    /// No RSA key that is known signed, though at least one has the right length.
    NoRsaKey,
    /// No key that is known makes signatures of this form.
    NoSuchKey,
    /// An SM2 signature; which of key and text is another cannot be told.
    Sm2,
}

pub(crate) struct Found {
    pub(crate) fit: Option<Fit>,
    pub(crate) hint: Hint,
    pub(crate) tried: usize,
    pub(crate) tried_all: bool,
}

pub(crate) fn search(message: &Message, keys: &Keys, readings: &[Reading], variants: &mut Variants<'_>) -> Found {
    let traces = traces(message, keys, readings);
    let mut work = 0;
    let mut found = Found { fit: None, hint: hint(keys, readings, &traces), tried: 0, tried_all: true };
    for level in 0..=MAX_MISTAKES + 1 {
        for trace in &traces {
            let Some(left) = level.checked_sub(trace.mistakes.len()) else { continue };
            let most = if level > MAX_MISTAKES { 0 } else { left };
            for text_mistakes in 0..=most {
                let mut at = 0;
                while let Some(candidate) = variants.get(text_mistakes, at) {
                    at += 1;
                    let digests = if level > trace.mistakes.len() + text_mistakes { DIGESTS } else { 1 };
                    work += digests * (candidate.text.len() + 64);
                    if work > MAX_WORK && found.tried > 0 {
                        found.tried_all = false;
                        return found;
                    }
                    found.tried += 1;
                    if let Some((digest_mistakes, digest)) =
                        trace.fits(message.kind, &candidate.text, left - text_mistakes)
                    {
                        let mistakes =
                            [&candidate.mistakes, &trace.mistakes, &digest_mistakes].map(Vec::as_slice).concat();
                        found.fit = Some(Fit {
                            digest: digest.filter(|_| mistakes.is_empty()),
                            mistakes,
                            whose: trace.whose.clone(),
                            kind_of_key: trace.key.kind(),
                            candidate: candidate.clone(),
                        });
                        return found;
                    }
                }
            }
        }
    }
    found.tried_all = !variants.cut();
    found
}

impl Trace<'_> {
    /// The mistakes of the digest, and the digest where it is known by its name.
    fn fits(&self, kind: Kind, text: &[u8], allowed: usize) -> Option<(Vec<Mistake>, Option<Named>)> {
        match (&self.about, self.key) {
            (About::Rsa(content, bytes), PublicKey::Rsa(key)) => {
                let mistakes = digests::of_rsa(content, kind, text, allowed)?;
                let Content::Digest(algorithm, digest) = content else { return Some((mistakes, None)) };
                // What was taken out of the signature was compared; the crate's own verifier has the last word.
                rsa_sign::confirms(key, bytes, *algorithm, digest)
                    .then(|| (mistakes, Some((*algorithm, digest.clone()))))
            }
            (About::Sm2(number, signature, zs), PublicKey::Sm2(key)) => {
                let (mistakes, digest) = digests::of_sm2(number, zs, text, allowed)?;
                sm2_sign::confirms(key, signature, &digest).then_some((mistakes, Some((Algorithm::Sm3, digest))))
            }
            _ => None,
        }
    }
}

/// Whose key is due.
pub(crate) fn due(kind: Kind) -> Whose {
    match kind {
        Kind::Request => Whose::Merchant,
        Kind::Answer => Whose::Platform,
    }
}

fn traces<'a>(message: &Message, keys: &'a Keys, readings: &[Reading]) -> Vec<Trace<'a>> {
    let due = due(message.kind);
    let due_is_known = keys.known.iter().any(|known| known.whose == due);
    let mut traces = Vec::new();
    for (at, known) in keys.known.iter().enumerate().take(MAX_KEYS) {
        // The same key under two names: that which is due counts, else the first.
        let is_again = |other: &KnownKey| other.key == known.key && (other.whose == due || known.whose != due);
        let is_due_elsewhere = |other: &KnownKey| other.key == known.key && other.whose == due && known.whose != due;
        if keys.known[..at].iter().any(is_again) || keys.known.iter().any(is_due_elsewhere) {
            continue;
        }
        let mut of_key = Vec::new();
        // Without the key that is due, one that was given in its place may well be it.
        let may_be_due = !due_is_known && matches!(known.whose, Whose::Other(_));
        if known.whose != due && !may_be_due {
            of_key.push(Mistake::OtherKey { used: known.whose.clone(), due: due.clone() });
        }
        of_key.extend(other_sign_type(message, &known.key));
        for reading in readings {
            let with = |more: &[Mistake]| [of_key.as_slice(), &reading.mistakes, more].concat();
            let mut push = |mistakes: Vec<Mistake>, about: About| {
                if mistakes.len() <= MAX_MISTAKES + 1 {
                    traces.push(Trace { whose: &known.whose, key: &known.key, mistakes, about });
                }
            };
            match &known.key {
                PublicKey::Rsa(key) => {
                    if let Some(content) = rsa_sign::recovered(key, &reading.bytes) {
                        push(with(&[]), About::Rsa(content, reading.bytes.clone()));
                    }
                    let reversed: Vec<u8> = reading.bytes.iter().rev().copied().collect();
                    if let Some(content) = rsa_sign::recovered(key, &reversed) {
                        push(with(&[Mistake::BytesReversed]), About::Rsa(content, reversed));
                    }
                }
                PublicKey::Sm2(key) => {
                    let raw: &[Mistake] = if message.kind == Kind::Request { &[Mistake::RawSignature] } else { &[] };
                    let forms = [
                        (sm2_sign::from_der(&reading.bytes), [].as_slice()),
                        (sm2_sign::from_raw(&reading.bytes), raw),
                    ];
                    for (signature, mistakes) in forms {
                        if let Some(signature) = signature
                            && let Some(number) = sm2_sign::recovered(key, &signature)
                        {
                            let zs = Zs::of(key, message.text("src"));
                            push(with(mistakes), About::Sm2(number, Box::new(signature), zs));
                        }
                    }
                }
            }
        }
    }
    traces
}

/// `signType` is signed in a request, and names the algorithm; in an answer it is not looked at.
fn other_sign_type(message: &Message, key: &PublicKey) -> Option<Mistake> {
    let is_sm = matches!(key, PublicKey::Sm2(_));
    let says = message.text("signType").filter(|_| rules::says_sm(message) == Some(!is_sm))?;
    (message.kind == Kind::Request)
        .then(|| Mistake::OtherSignType { says: says.to_owned(), is: if is_sm { "SM" } else { "RSA" } })
}

fn hint(keys: &Keys, readings: &[Reading], traces: &[Trace<'_>]) -> Hint {
    let mut certain = traces.iter().filter_map(|trace| {
        let About::Rsa(content, _) = &trace.about else { return None };
        let algorithm = match content {
            Content::Digest(algorithm, _) => Some(*algorithm),
            Content::Bare(_) => None,
            Content::Pss(readings) => Some(readings.iter().find(|pss| pss.is_certain())?.algorithm),
        };
        let mut mistakes = trace.mistakes.clone();
        if matches!(content, Content::Pss(_)) {
            mistakes.push(Mistake::Pss);
        }
        Some(Hint::SignedBy(trace.whose.clone(), algorithm, mistakes))
    });
    if let Some(hint) = certain.next() {
        return hint;
    }
    if traces.iter().any(|trace| matches!(trace.about, About::Rsa(Content::Pss(_), _))) {
        return Hint::PerhapsPss;
    }
    if traces.iter().any(|trace| matches!(trace.about, About::Sm2(..))) {
        return Hint::Sm2;
    }
    let fits_a_key = |reading: &Reading| {
        use rsa::traits::PublicKeyParts;
        keys.known.iter().any(|known| matches!(&known.key, PublicKey::Rsa(key) if key.size() == reading.bytes.len()))
    };
    if readings.iter().any(fits_a_key) { Hint::NoRsaKey } else { Hint::NoSuchKey }
}
