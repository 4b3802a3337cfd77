//! Opening an answer: nothing of it is believed before its signature fits, and only this module can say that it does.
//!
//! The order of the checks is part of the contract, for it decides which error is reported.

use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::crypto::Verifier;
use crate::crypto::form::{self, Misform};
use crate::envelope::SysSignFlowId;
use crate::envelope::canonical::{is_blank, signed_text};
use crate::envelope::recut::second_reading;
use crate::envelope::unreadable;
use crate::error::{Code, Error, printable};
use crate::json::{Object, Value};
use crate::log::{Level, log};
use crate::status::SignStatus;
use crate::transport::MAX_BODY;

const CODE_SUCCESS: &str = "00";
const CODE_TIMEOUT: &str = "50";

/// An answer whose signature fits, that belongs to the question, and that reports success.
///
/// Only opening an answer makes one: whoever holds it holds what the platform signed.
#[derive(Clone, Debug)]
pub struct Verified {
    status: SignStatus,
    sys_sign_flow_id: String,
    note: Option<String>,
    fields: Vec<Field>,
}

/// One signed field of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// The value as it came, in JSON.
    pub(crate) raw: Box<RawValue>,
    /// The value as it was signed: a string's content, any other value's source text.
    text: String,
}

impl Verified {
    /// The contract's signing status.
    pub fn status(&self) -> &SignStatus {
        &self.status
    }

    /// The contract that was asked about.
    pub fn sys_sign_flow_id(&self) -> &str {
        &self.sys_sign_flow_id
    }

    /// The platform's explanation of its return code, if it gave one.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// The platform's return code: always `00`, for any other is an error.
    pub fn code(&self) -> &'static str {
        CODE_SUCCESS
    }

    /// Every signed field with its text, in the order in which they came, unknown ones included.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|field| (field.name.as_str(), field.text.as_str()))
    }

    pub(crate) fn raw_fields(&self) -> &[Field] {
        &self.fields
    }
}

/// Opens the answer to the question about `asked`. `coding` is what the answer claims to be encoded with, if anything.
pub(crate) fn open(
    body: &[u8],
    coding: Option<&str>,
    asked: &SysSignFlowId<'_>,
    verifier: &Verifier,
) -> Result<Verified, Error> {
    if body.len() > MAX_BODY {
        let message = format!(
            "The answer has more than {MAX_BODY} bytes; the platform's own have some hundred. Something else answered."
        );
        return Err(malformed(message).with_unverified(body));
    }
    let signed = verify(body, coding, verifier).map_err(|error| error.with_unverified(body))?;
    judge(signed, asked)
}

/// Checks 1 to 4: well formed, and the signature fits. The fields that come out are those that were signed.
fn verify(body: &[u8], coding: Option<&str>, verifier: &Verifier) -> Result<Vec<Field>, Error> {
    let text = std::str::from_utf8(body).map_err(|_| malformed(unreadable::not_text(body, coding)))?;
    let envelope = Object::parse(text).map_err(|reason| malformed(unreadable::not_json(text, &reason, coding)))?;

    let signature = signature_of(&envelope)?;
    let bytes = Base64::decode_vec(&signature).map_err(|_| unfit(not_base64(&signature)))?;
    let data = data_of(&envelope)?;
    let data = Object::parse(&data).map_err(|reason| malformed(unreadable::data_not_json(&data, &reason)))?;
    let fields = signed_fields(&data)?;

    let text = signed_text(fields.iter().map(|field| (field.name.as_str(), field.text.as_str())));
    log(Level::Debug, || format!("answer: signed text: {}", shown(&text)));
    if text.is_empty() {
        return Err(unsigned("The answer is unsigned: its `data` holds no field that a signature covers."));
    }
    if !verifier.verify(text.as_bytes(), &bytes) {
        return Err(why_unfit(&signature, &bytes, verifier));
    }
    Ok(fields)
}

/// Why a signature does not fit, given as its text and its bytes: what its form alone shows is no other certificate's doing.
fn why_unfit(text: &str, signature: &[u8], verifier: &Verifier) -> Error {
    if form::is_hex(text.as_bytes()) {
        return unfit(IN_HEX);
    }
    let certificate = "platformCertificate";
    match verifier.misform(signature) {
        Some(Misform { what, of_other_key }) => {
            let error = unfit(format!("The answer's signature {what}. So it cannot be verified; see `unverified`."));
            if of_other_key { error.of_setting(certificate) } else { error }
        }
        None => unfit(
            "The answer's signature does not fit its `data`: either it was changed on the way, or platformCertificate is \
             not the certificate of this environment (test and production have different ones), or not of this signType. \
             Compare the signed text in the debug log.",
        )
        .of_setting(certificate),
    }
}

const NOT_BASE64: &str = "The answer's `signValue` is not a Base64 string, so it cannot be verified. A proxy may have \
                          changed the answer; see `unverified`.";
const IN_HEX: &str = "The answer's `signValue` is in hexadecimal, where the protocol has Base64, so it cannot be verified. \
                      Something else than the platform may have signed or changed the answer; see `unverified`.";
const OTHER_BASE64: &str = "The answer's `signValue` is in another kind of Base64 than the protocol's (with - and _, or without \
                            its padding), so it cannot be verified. Something else than the platform may have signed or \
                            changed the answer; see `unverified`.";

/// The text of the signature, on one line.
fn signature_of(envelope: &Object<'_>) -> Result<String, Error> {
    let value = match envelope.get("signValue") {
        None | Some(Value::Null) => Zeroizing::default(),
        Some(Value::Text(text)) => text,
        Some(_) => return Err(unfit(NOT_BASE64)),
    };
    if is_blank(&value) {
        return Err(unsigned(
            "The answer is unsigned: it has no `signValue`, so nothing that it says can be believed. The platform answers \
             like this when it refuses a request before looking into it: see `unverified` for its words, then check src, \
             desKey, privateKey and that this institution is registered in this environment. Or were there too many calls, \
             from several processes that share the institution number?",
        ));
    }
    // Java's encoders wrap lines.
    Ok(value.chars().filter(|c| !matches!(c, '\r' | '\n' | ' ')).collect())
}

/// What a signature's text is, if it is not Base64.
fn not_base64(text: &str) -> &'static str {
    if form::is_hex(text.as_bytes()) {
        IN_HEX
    } else if [Base64Unpadded::decode_vec, Base64Url::decode_vec, Base64UrlUnpadded::decode_vec]
        .iter()
        .any(|decode| decode(text).is_ok())
    {
        OTHER_BASE64
    } else {
        NOT_BASE64
    }
}

/// `data` is the object itself or a string that holds its text; the platform's own SDK takes both.
fn data_of(envelope: &Object<'_>) -> Result<String, Error> {
    match envelope.get("data") {
        None | Some(Value::Null) => {}
        Some(Value::Text(text)) if is_blank(&text) => {}
        Some(Value::Text(text)) => return Ok(text.to_string()),
        Some(Value::Object(text)) => return Ok(text.to_owned()),
        Some(other) => return Err(malformed(format!("`data` of the answer is {}, not an object.", other.kind()))),
    }
    Err(unsigned(
        "The answer is unsigned: it has no `data` for a signature to cover. See `unverified` for what the platform said.",
    ))
}

/// Drops what the signature does not cover, and refuses what could make two readings of one signed text.
fn signed_fields(data: &Object<'_>) -> Result<Vec<Field>, Error> {
    let mut fields = Vec::new();
    for (name, raw) in data.members() {
        let text = match Value::of(raw) {
            Value::Null => String::new(),
            Value::Text(text) => text.to_string(),
            _ => raw.get().to_owned(),
        };
        if let Some(reason) = second_reading(name, &text) {
            return Err(malformed(reason));
        }
        if !is_blank(&text) && !name.eq_ignore_ascii_case("sign") {
            fields.push(Field { name: name.to_owned(), raw: raw.to_owned(), text });
        }
    }
    Ok(fields)
}

/// Checks 5 to 8: what the verified answer says, and whether it answers this question.
fn judge(fields: Vec<Field>, asked: &SysSignFlowId<'_>) -> Result<Verified, Error> {
    let field = |name: &str| fields.iter().find(|field| field.name == name).map(|field| field.text.clone());
    let note = field("note");
    let code = field("code")
        .ok_or_else(|| malformed("The verified answer has no `code`, so it is not an answer to querySignSts."))?;
    let told = |error: Error| Error {
        platform_code: Some(code.as_str().into()),
        platform_note: note.as_deref().map(Into::into),
        ..error
    };

    match field("sysSignFlowId") {
        Some(answered) if answered != asked.as_str() => {
            return Err(told(mismatch(format!(
                "The answer is well signed but about another contract: asked {:?}, answered {answered:?}. Do not use it; \
                 check whether a proxy or cache mixes up answers.",
                asked.as_str()
            ))));
        }
        None if code == CODE_SUCCESS => {
            return Err(told(mismatch(
                "The answer is well signed and reports success but names no contract, so it may belong to another question.",
            )));
        }
        _ => {}
    }

    let said = note.as_deref().map_or_else(|| "no note".to_owned(), shown);
    if code == CODE_TIMEOUT {
        return Err(told(Error::new(
            Code::GatewayTimeout,
            format!("The platform reports a timeout of its own (code 50: {said}). Ask again later."),
        )));
    }
    if code != CODE_SUCCESS {
        return Err(told(Error::new(
            Code::Business,
            format!(
                "The platform refuses the question (code {}: {said}). Check that sysSignFlowId is the one that it returned \
                 to this institution in this environment.",
                shown(&code)
            ),
        )));
    }
    let status = field("signSts").ok_or_else(|| {
        told(malformed("The verified answer reports success but has no `signSts`, so it says nothing."))
    })?;
    Ok(Verified { status: SignStatus::from_text(&status), sys_sign_flow_id: asked.as_str().to_owned(), note, fields })
}

/// Text of the answer as a log and a terminal may show it.
fn shown(text: &str) -> String {
    text.chars().map(printable).collect()
}

fn malformed(message: impl Into<String>) -> Error {
    Error::new(Code::MalformedResponse, message)
}

/// As the platform refuses whom it does not know, whatever else may be the reason.
fn unsigned(message: impl Into<String>) -> Error {
    unfit(message).of_setting("src")
}

fn unfit(message: impl Into<String>) -> Error {
    Error::new(Code::Signature, message)
}

fn mismatch(message: impl Into<String>) -> Error {
    Error::new(Code::Mismatch, message)
}
