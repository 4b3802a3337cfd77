//! Right and randomly damaged envelopes: nothing is ever said to fit that does not, and how much is tried is bounded.
//!
//! The truth is known from the making: which text was signed, with which key.

mod support;

use std::collections::BTreeMap;

use rsa::pkcs1v15;
use rsa::pkcs8::DecodePrivateKey;
use rsa::signature::{SignatureEncoding, Signer};
use sha1::Sha1;
use support::*;
use yspay_diagnosis::{About, Diagnosis, Keys, Kind, Message, Mistake, Verdict, Whose, diagnose, visible};

/// Envelopes; half of them RSA, half SM.
const ENVELOPES: u64 = 10_000;
/// What is tried at most for one of them; it is the same on every machine, as time is not.
const MOST_TRIED: usize = 40_000;

/// Numbers by xorshift, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn text(&mut self) -> String {
        let pieces =
            ["A", "7", "z", "+", "/", " ", "中", "文", "-", "\u{3000}", "x", "Q", "&", "=", "%", "\u{1f600}", ".00"];
        (0..1 + self.below(12)).map(|_| *self.one(&pieces)).collect()
    }
}

/// The test keys, to sign with.
struct Signers {
    rsa: [pkcs1v15::SigningKey<Sha1>; 2],
    sm: [sm2::dsa::SigningKey; 2],
}

impl Signers {
    fn load() -> Self {
        let pem = |name: String| std::fs::read_to_string(credential(&name)).unwrap();
        let rsa = |who: &str| {
            pkcs1v15::SigningKey::new(rsa::PrivateKey::from_pkcs8_pem(&pem(format!("{who}-rsa.key.pem"))).unwrap())
        };
        let sm = |who: &str| {
            let key = sm2::SecretKey::from_pkcs8_pem(&pem(format!("{who}-sm2.key.pem"))).unwrap();
            sm2::dsa::SigningKey::new("1234567812345678", &key).unwrap()
        };
        Signers { rsa: ["merchant", "platform"].map(rsa), sm: ["merchant", "platform"].map(sm) }
    }

    fn sign(&self, algorithm: Algorithm, whose: &Whose, text: &[u8]) -> Vec<u8> {
        let at = usize::from(*whose == Whose::Platform);
        match algorithm {
            Algorithm::Rsa => self.rsa[at].sign(text).to_vec(),
            Algorithm::Sm => self.sm[at].sign(text).to_der().as_ref().to_vec(),
        }
    }
}

/// An envelope on its way: what will be sent, and what was signed.
struct Envelope {
    kind: Kind,
    algorithm: Algorithm,
    /// Of a request the fields at the top, of an answer those of data.
    fields: Fields,
    signer: Whose,
    text: String,
    signature: Vec<u8>,
}

/// The text by the rules, written a second time.
fn by_the_rules(kind: Kind, fields: &Fields) -> String {
    let mut sorted: BTreeMap<Vec<u16>, (&str, String)> = BTreeMap::new();
    for (name, value) in fields {
        let value = match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        sorted.insert(name.encode_utf16().collect(), (name, value));
    }
    let is_signed = |name: &str, value: &str| {
        let is_due = match kind {
            Kind::Request => SORTED.contains(&name),
            Kind::Answer => !name.eq_ignore_ascii_case("sign"),
        };
        is_due && value.chars().any(|c| c > ' ')
    };
    let pairs = sorted.into_values().filter(|(name, value)| is_signed(name, value));
    pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn due(kind: Kind) -> Whose {
    if kind == Kind::Request { Whose::Merchant } else { Whose::Platform }
}

impl Envelope {
    fn right(chance: &mut Chance, signers: &Signers, data: &[String]) -> Self {
        let algorithm = *chance.one(&BOTH);
        let kind = *chance.one(&[Kind::Request, Kind::Answer]);
        let fields = match kind {
            Kind::Request => {
                let mut fields = request_with(algorithm, data[chance.below(data.len())].as_str());
                if chance.below(4) == 0 {
                    set(&mut fields, "src", chance.text());
                }
                fields
            }
            Kind::Answer => {
                let mut fields = answer_data();
                set(&mut fields, "note", chance.text());
                for name in ["Amount", "remark", "a\u{ff5e}", "z"].iter().take(chance.below(5)) {
                    set(&mut fields, name, chance.text());
                }
                if chance.below(8) == 0 {
                    set(&mut fields, "blank", *chance.one::<&str>(&["", " ", "\t\r\n"]));
                }
                fields
            }
        };
        let text = by_the_rules(kind, &fields);
        let signer = due(kind);
        let signature = signers.sign(algorithm, &signer, text.as_bytes());
        Envelope { kind, algorithm, fields, signer, text, signature }
    }

    fn body(&self) -> String {
        match self.kind {
            Kind::Request => signed(&self.fields, &self.signature),
            Kind::Answer => {
                let mut top: Fields =
                    request_with(self.algorithm, "").into_iter().filter(|(n, _)| n != "data").collect();
                set(&mut top, "signValue", to_base64(&self.signature));
                set(&mut top, "data", json(&self.fields));
                json(&top)
            }
        }
    }
}

/// What is never true of an envelope whose making is known.
#[track_caller]
fn assert_honest(envelope: &Envelope, diagnosis: &Diagnosis, body: &str) {
    assert!(diagnosis.tried <= MOST_TRIED, "{} tried: {body}", diagnosis.tried);
    let about_signature: Vec<_> = diagnosis.findings.iter().filter(|found| found.about == About::Signature).collect();
    match diagnosis.verdict {
        Verdict::Fits => {
            assert_eq!(diagnosis.signed_text, envelope.text, "{body}");
            assert_eq!((&diagnosis.key, &envelope.signer), (&Some(due(envelope.kind)), &due(envelope.kind)), "{body}");
            assert!(about_signature.is_empty());
        }
        Verdict::FitsWithMistake => {
            // Whatever was found, the text that it says was signed is the one that was.
            let [finding] = about_signature.as_slice() else { panic!("{body}") };
            let said = finding.signed_instead.as_ref().unwrap_or(&diagnosis.visible_text);
            assert_eq!(*said, visible(&envelope.text), "{:?}: {body}", finding.mistakes);
            assert_eq!(diagnosis.key, Some(envelope.signer.clone()), "{body}");
            let is_key = |mistake: &Mistake| matches!(mistake, Mistake::OtherKey { .. });
            assert_eq!(finding.mistakes.iter().any(is_key), envelope.signer != due(envelope.kind), "{body}");
            assert!((1..=2).contains(&finding.mistakes.len()));
        }
        Verdict::DoesNotFit | Verdict::CannotTell => assert!(about_signature.is_empty(), "{body}"),
    }
}

#[test]
fn nothing_fits_that_does_not() {
    let (signers, keys) = (Signers::load(), keys());
    let data: Vec<_> = [PLAIN, LONG_PLAIN].map(right_data).to_vec();
    // Two threads, as the machines of the tests have two processors.
    let verdicts = std::thread::scope(|scope| {
        let part = |first: u64| {
            let (signers, keys, data) = (&signers, &keys, &data);
            scope.spawn(move || {
                let mut verdicts = BTreeMap::new();
                for seed in (first..ENVELOPES).step_by(2) {
                    if let Some(verdict) = one(seed, signers, keys, data) {
                        *verdicts.entry(format!("{verdict:?}")).or_insert(0) += 1;
                    }
                }
                verdicts
            })
        };
        [0, 1].map(part).map(|thread| thread.join().unwrap())
    });
    // Each verdict comes often, or the damage would be none, or too much.
    for verdicts in verdicts {
        for verdict in ["Fits", "FitsWithMistake", "DoesNotFit"] {
            assert!(verdicts.get(verdict).is_some_and(|count| *count > 100), "{verdict}: {verdicts:?}");
        }
    }
}

/// One envelope, damaged or not; the verdict, if it is a message at all.
fn one(seed: u64, signers: &Signers, keys: &Keys, data: &[String]) -> Option<Verdict> {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..8).for_each(|_| _ = chance.below(2));
    let mut envelope = Envelope::right(&mut chance, signers, data);
    let at = chance.below(envelope.fields.len());
    let judged = |envelope: &Envelope, body: &[u8]| {
        let message = Message::read(body).ok()?;
        let diagnosis = diagnose(&message, keys);
        assert_honest(envelope, &diagnosis, &String::from_utf8_lossy(body));
        Some(diagnosis.verdict)
    };
    match chance.below(12) {
        0..3 => {
            let verdict = judged(&envelope, envelope.body().as_bytes());
            assert_eq!(verdict, Some(Verdict::Fits), "{}", envelope.body());
            return verdict;
        }
        // A value is another one.
        3 => envelope.fields[at].1 = chance.text().into(),
        // A field is missing, or there is one more.
        4 => drop(envelope.fields.remove(at)),
        5 => {
            let name = *chance.one(&["extra", "Sign", "signType2", "a b", "\u{200b}"]);
            let value = chance.text();
            envelope.fields.insert(at, (name.to_owned(), value.into()));
        }
        // A name twice.
        6 => {
            let again = envelope.fields[at].0.clone();
            let value = if chance.below(2) == 0 { envelope.fields[at].1.clone() } else { chance.text().into() };
            envelope.fields.push((again, value));
        }
        // Two values are exchanged.
        7 => {
            let other = chance.below(envelope.fields.len());
            let value = envelope.fields[at].1.clone();
            envelope.fields[at].1 = std::mem::replace(&mut envelope.fields[other].1, value);
        }
        // A bit of the signature.
        8 => {
            let place = chance.below(envelope.signature.len());
            envelope.signature[place] ^= 1 << chance.below(8);
            let verdict = judged(&envelope, envelope.body().as_bytes());
            // Nothing can fit a signature that was made by nobody.
            assert!(matches!(verdict, Some(Verdict::DoesNotFit | Verdict::CannotTell)), "{}", envelope.body());
            return verdict;
        }
        // The other's key.
        9 => {
            envelope.signer = if envelope.kind == Kind::Request { Whose::Platform } else { Whose::Merchant };
            envelope.signature = signers.sign(envelope.algorithm, &envelope.signer, envelope.text.as_bytes());
        }
        // Bytes of the body, anywhere.
        10 => {
            let mut body = envelope.body().into_bytes();
            for _ in 0..1 + chance.below(3) {
                let place = chance.below(body.len());
                body[place] = *chance.one(b"a0 \"\\{}:,&=+\xff");
            }
            return judged(&envelope, &body);
        }
        // Cut off.
        _ => {
            let body = envelope.body().into_bytes();
            return judged(&envelope, &body[..chance.below(body.len())]);
        }
    }
    judged(&envelope, envelope.body().as_bytes())
}
