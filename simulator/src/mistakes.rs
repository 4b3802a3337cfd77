//! Which mistake was made where a signature or `data` is not right, as far as it can be found.

use yspay_diagnosis::{About, Diagnosis, Keys, KnownKey, Message, NotAMessage, PublicKey, Verdict, Whose, diagnose};

use crate::DES_KEY;
use crate::crypto::{CERTIFICATES, Signatory};

/// The engine of diagnosis, with the keys that the platform knows.
#[derive(Debug)]
pub(crate) struct Mistakes {
    keys: Keys,
}

impl Mistakes {
    /// With the certificates that are built into the program.
    pub(crate) fn new() -> Result<Self, String> {
        let known = CERTIFICATES.map(|(signatory, pem)| {
            let whose = match signatory {
                Signatory::Platform => Whose::Platform,
                Signatory::Merchant => Whose::Merchant,
            };
            let key = PublicKey::from_certificate_or_key(pem.as_bytes()).map_err(|no_key| no_key.to_string())?;
            Ok::<_, String>(KnownKey { whose, key })
        });
        let known = known.into_iter().collect::<Result<_, _>>()?;
        Ok(Self { keys: Keys { known, des_key: Some(DES_KEY.to_owned().into()) } })
    }

    /// All that can be said about a body.
    pub(crate) fn diagnose(&self, body: &[u8]) -> Result<Diagnosis, NotAMessage> {
        Message::read(body).map(|message| diagnose(&message, &self.keys))
    }

    /// What is wrong with a request's signature: the mistake, in short, or in a sentence what shows nevertheless.
    pub(crate) fn in_signature(&self, body: &[u8]) -> Wrong {
        let Ok(diagnosis) = self.diagnose(body) else { return Wrong::Unknown };
        match (short(&diagnosis, About::Signature), diagnosis.verdict) {
            (Some(mistake), _) => Wrong::Mistake(mistake),
            (None, Verdict::DoesNotFit) => Wrong::Sentence(diagnosis.explanation.en),
            _ => Wrong::Unknown,
        }
    }

    /// The mistake by which `data` of a request was encrypted, in short, if one is found.
    pub(crate) fn in_data(&self, body: &[u8]) -> Option<String> {
        short(&self.diagnose(body).ok()?, About::Data)
    }
}

/// What is known of a signature that does not fit.
#[derive(Debug)]
pub(crate) enum Wrong {
    Mistake(String),
    Sentence(String),
    Unknown,
}

fn short(diagnosis: &Diagnosis, about: About) -> Option<String> {
    let finding = diagnosis.findings.iter().find(|finding| finding.about == about)?;
    Some(finding.short.en.clone())
}
