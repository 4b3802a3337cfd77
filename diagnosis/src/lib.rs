//! Says why the signature of a message to or from the platform does not fit.
//!
//! [`Message::read`] recognises a request or an answer, [`Keys`] hold what is known, [`diagnose`] shows what is signed and
//! whether the signature fits; if it does not, what people get wrong is tried, and the mistake that fits is named in one
//! sentence, English and Chinese.
//!
//! Nothing is believed on a likeness: what a signature is about is taken out of it with the public key, compared with the
//! digest of each candidate, and confirmed by a verification. No key is ever shown.
//!
//! | module | what is in it |
//! |---|---|
//! | `message`, `json`, `form` | a body as it was captured, read leniently |
//! | `keys` | public keys out of certificates, and whose they are |
//! | `rules`, `fields`, `notes` | the rules of the signed text; each field, and what else is odd |
//! | `encoding`, `text`, `visible`, `signature` | bytes as text; what is said in both languages; what cannot be seen, marked; the ways in which `signValue` may be written |
//! | `hash`, `rsa_sign`, `sm2_sign` | digests, and what a signature is about under a key |
//! | `variants`, `digests` | the texts, and the digests of a text, that may have been signed by mistake |
//! | `search` | which of them it was, those with fewer mistakes first |
//! | `cipher`, `data` | the encryption of `data`, and its mistakes |
//! | `mistake`, `clauses`, `sentence`, `verdict` | every mistake by name; what is said of it, of two, and where none fits |
//! | `report`, `diagnosis` | all of it put together |

mod cipher;
mod clauses;
mod data;
mod diagnosis;
mod digests;
mod encoding;
mod fields;
mod form;
mod hash;
mod json;
mod keys;
mod message;
mod mistake;
mod notes;
mod report;
mod rsa_sign;
mod rules;
mod search;
mod sentence;
mod signature;
mod sm2_sign;
mod text;
mod variants;
mod verdict;
mod visible;

pub use diagnosis::{About, DataReport, DataVerdict, Diagnosis, Digest, FieldReport, Finding, Verdict};
pub use hash::Algorithm;
pub use json::Value;
pub use keys::{Keys, KnownKey, NoKey, PublicKey, Whose};
pub use message::{ENVELOPE, Field, Kind, MAX_BODY, Message, NotAMessage};
pub use mistake::Mistake;
pub use report::diagnose;
pub use text::Text;
pub use visible::visible;
