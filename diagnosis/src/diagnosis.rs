//! What a diagnosis says.

use serde::Serialize;

use crate::hash::Algorithm;
use crate::keys::Whose;
use crate::message::Kind;
use crate::mistake::Mistake;
use crate::text::Text;

/// All that can be said about a message and its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Diagnosis {
    /// A request or an answer.
    pub kind: Kind,
    /// What `signType` says, as it came.
    pub sign_type: Option<String>,
    /// Each field, in the order in which they came; of an answer those beside `data` first.
    pub fields: Vec<FieldReport>,
    /// The text that is to be signed.
    pub signed_text: String,
    /// The same with what cannot be seen marked; see [`visible`](crate::visible).
    pub visible_text: String,
    /// The digest of the signed text that the signature is about; `None` when it takes a key that is not known.
    pub digest: Option<Digest>,
    /// What became of `data` of a request; `None` for an answer.
    pub data: Option<DataReport>,
    /// Whether the signature fits.
    pub verdict: Verdict,
    /// The verdict in a sentence. Where a mistake was found, that of the first finding.
    pub explanation: Text,
    /// Whose key signed, where that is known.
    pub key: Option<Whose>,
    /// The mistakes that were found: first that of the signature, then that of `data`.
    pub findings: Vec<Finding>,
    /// What else is odd and may be the reason, a sentence each.
    pub notes: Vec<Text>,
    /// Whether everything was tried; not with a message of many megabytes.
    pub tried_all: bool,
    /// How many texts were tried.
    pub tried: usize,
}

impl Diagnosis {
    /// Whether a finding tells what is wrong with `data`: one about it, or one about the signature that what happened to
    /// `data` on its way explains.
    pub fn tells_of_data(&self) -> bool {
        let is_of_way = |mistake: &Mistake| matches!(mistake, Mistake::PlusSentAsSpace | Mistake::DataSentEncoded);
        self.findings.iter().any(|finding| finding.about == About::Data || finding.mistakes.iter().any(is_of_way))
    }
}

/// Whether a signature fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It fits, by the rules.
    Fits,
    /// It fits only with a mistake, which the first finding names: the platform, or a client, refuses it.
    FitsWithMistake,
    /// It does not fit, nor with any mistake that is known.
    DoesNotFit,
    /// It cannot be told: a key is missing, or the signature.
    CannotTell,
}

/// One field and whether it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FieldReport {
    /// Whether it stands in `data`, of an answer; else it stands at the top.
    pub in_data: bool,
    /// Its name.
    pub name: String,
    /// Its value, as it would be signed.
    pub value: String,
    /// The value with what cannot be seen marked.
    pub visible: String,
    /// Whether it is part of the signed text.
    pub signed: bool,
    /// Why it is not; `None` when it is.
    pub why_not: Option<Text>,
}

/// A digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Digest {
    /// Which one.
    pub algorithm: Algorithm,
    /// With SM2, the digest of the user id and the key, Z, goes in before the text: this is the user id.
    pub user_id: Option<String>,
    /// Its bytes, in hex.
    pub hex: String,
}

/// What became of `data` of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DataReport {
    /// Whether it is as it must be: the right encryption, and the right content.
    pub verdict: DataVerdict,
    /// What it says, decrypted, if it could be.
    pub text: Option<String>,
    /// The same with what cannot be seen marked.
    pub visible: Option<String>,
    /// What there is to say about it.
    pub explanation: Text,
}

/// Whether `data` is as it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DataVerdict {
    /// It is.
    Right,
    /// It is not, as its explanation says.
    Wrong,
    /// The key for it is not known.
    CannotTell,
}

/// What was found: one mistake or two, seldom three, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Finding {
    /// What is wrong: the signature, or `data`.
    pub about: About,
    /// The mistakes, by their stable names.
    pub mistakes: Vec<Mistake>,
    /// What was done, and what is right.
    pub sentence: Text,
    /// What was done, for a refusal: `reqFlowId was signed, too`.
    pub short: Text,
    /// The text that was signed in place of the right one, with what cannot be seen marked. Never with a key in it.
    pub signed_instead: Option<String>,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum About {
    /// The signature.
    Signature,
    /// The encryption of `data`.
    Data,
}
