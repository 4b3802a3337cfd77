//! From a message and keys to all that can be said.

use crate::diagnosis::{DataReport, Diagnosis, Digest, FieldReport, Verdict};
use crate::digests::{self, Zs};
use crate::hash::Algorithm;
use crate::keys::{Keys, PublicKey, Whose};
use crate::message::{Field, Kind, Message};
use crate::rules::{self, Item, Unsigned};
use crate::search::{self, Found, Hint};
use crate::signature::{self, Reading};
use crate::sm2_sign::USER_ID;
use crate::text::Text;
use crate::variants::Variants;
use crate::visible::visible;

/// What is signed, whether the signature fits, and if not, why.
pub fn diagnose(message: &Message, keys: &Keys) -> Diagnosis {
    let signed_text = rules::signed_text(message);
    let mut diagnosis = Diagnosis {
        kind: message.kind,
        sign_type: message.text("signType").map(str::to_owned),
        fields: fields(message),
        visible_text: visible(&signed_text),
        digest: digest(message, keys, signed_text.as_bytes()),
        signed_text,
        data: None::<DataReport>,
        verdict: Verdict::CannotTell,
        explanation: Text::new("", ""),
        key: None,
        findings: Vec::new(),
        notes: Vec::new(),
        tried_all: true,
        tried: 0,
    };
    judge(message, keys, &mut diagnosis);
    diagnosis
}

fn judge(message: &Message, keys: &Keys, diagnosis: &mut Diagnosis) {
    let sign_value = message.text("signValue").unwrap_or_default();
    if rules::is_blank(sign_value) {
        diagnosis.explanation = Text::new(
            "There is no signValue, so there is nothing to verify; an unsigned answer is never to be believed.",
            "没有 signValue，无从验签；没有签名的应答一律不可信。",
        );
        return;
    }
    let readings = signature::readings(sign_value);
    if readings.is_empty() {
        diagnosis.verdict = Verdict::DoesNotFit;
        diagnosis.explanation = Text::new(
            "signValue is neither Base64 nor hex: it must be the standard Base64 of the signature's bytes.",
            "signValue 既不是 Base64 也不是十六进制：应当是签名字节的标准 Base64。",
        );
        return;
    }
    if keys.known.is_empty() {
        diagnosis.explanation =
            Text::new("No key is known, so the signature cannot be verified.", "没有提供任何密钥，无法验签。");
        return;
    }
    let found = search::search(message, keys, &readings, &mut Variants::of(message));
    (diagnosis.tried, diagnosis.tried_all) = (found.tried, found.tried_all);
    conclude(message, &readings, found, diagnosis);
}

fn conclude(message: &Message, _readings: &[Reading], found: Found, diagnosis: &mut Diagnosis) {
    if let Some(fit) = found.fit {
        diagnosis.key = Some(fit.whose);
        if fit.mistakes.is_empty() {
            diagnosis.verdict = Verdict::Fits;
            diagnosis.explanation = Text::new("The signature fits.", "签名正确。");
            if let Some((algorithm, bytes)) = fit.digest {
                let user_id = diagnosis.digest.take().and_then(|digest| digest.user_id);
                diagnosis.digest = Some(Digest { algorithm, user_id, hex: crate::encoding::to_hex(&bytes) });
            }
        } else {
            diagnosis.verdict = Verdict::FitsWithMistake;
        }
        return;
    }
    diagnosis.verdict = if found.hint == Hint::NoSuchKey { Verdict::CannotTell } else { Verdict::DoesNotFit };
    diagnosis.explanation = match &found.hint {
        Hint::SignedBy(..) => {
            Text::new("The key is right, but another text was signed than this.", "密钥正确，但签名的原文与此不同。")
        }
        Hint::NoRsaKey => {
            Text::new("Another key signed, or the signature was damaged.", "签名用的是另一把密钥，或者签名已损坏。")
        }
        Hint::NoSuchKey => {
            Text::new("No key is known that makes signatures of this form.", "已知的密钥都不会产生这种形式的签名。")
        }
        Hint::Sm2 => Text::new(
            "The signature does not fit; with SM2 it cannot be told whether the key or the text is another.",
            "签名不符；SM2 无法区分是密钥不同还是原文不同。",
        ),
    };
    let _ = message;
}

/// The digest by the rules, as far as the keys allow.
fn digest(message: &Message, keys: &Keys, text: &[u8]) -> Option<Digest> {
    let due = search::due(message.kind);
    let of_kind = |key: &PublicKey| {
        matches!((message.text("signType"), key), (Some("SM"), PublicKey::Sm2(_)) | (Some("RSA"), PublicKey::Rsa(_)))
    };
    let known = keys.known.iter().filter(|known| known.whose == due || matches!(known.whose, Whose::Other(_)));
    let known = known.min_by_key(|known| (!of_kind(&known.key), known.whose != due));
    let is_sm = match message.text("signType") {
        Some("SM") => true,
        Some("RSA") => false,
        _ => matches!(known, Some(known) if matches!(known.key, PublicKey::Sm2(_))),
    };
    if !is_sm {
        let hex = crate::encoding::to_hex(&Algorithm::Sha1.digest(text));
        return Some(Digest { algorithm: Algorithm::Sha1, user_id: None, hex });
    }
    let PublicKey::Sm2(key) = &known?.key else { return None };
    let hex = crate::encoding::to_hex(&digests::of_sm2_right(&Zs::of(key, None), text));
    Some(Digest { algorithm: Algorithm::Sm3, user_id: Some(USER_ID.to_owned()), hex })
}

fn fields(message: &Message) -> Vec<FieldReport> {
    let report = |field: &Field, in_data: bool, why: Option<Unsigned>| FieldReport {
        in_data,
        name: field.name.clone(),
        value: field.value.as_str().to_owned(),
        visible: visible(field.value.as_str()),
        signed: why.is_none(),
        why_not: why.map(Unsigned::text),
    };
    let judged = |fields: &[Field], in_data: bool| -> Vec<FieldReport> {
        // Of two with one name the last counts.
        let mut last = std::collections::HashMap::new();
        for (at, field) in fields.iter().enumerate() {
            last.insert(field.name.clone(), at);
        }
        let of = |(at, field): (usize, &Field)| {
            let why = if last.get(&field.name) != Some(&at) {
                Some(Unsigned::Repeated)
            } else {
                rules::why_unsigned(message.kind, Item { name: &field.name, value: &field.value })
            };
            report(field, in_data, why)
        };
        fields.iter().enumerate().map(of).collect()
    };
    match message.kind {
        Kind::Request => judged(&message.fields, false),
        Kind::Answer => {
            let beside = message.fields.iter().filter(|field| field.name != "data").map(|field| {
                let why = if field.name == "signValue" { Unsigned::Signature } else { Unsigned::Beside };
                report(field, false, Some(why))
            });
            beside.chain(judged(&message.data_fields, true)).collect()
        }
    }
}
