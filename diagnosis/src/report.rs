//! From a message and keys to all that can be said.

use crate::diagnosis::{About, DataReport, Diagnosis, Digest, Finding, Verdict};
use crate::digests::{self, Zs};
use crate::encoding::to_hex;
use crate::hash::Algorithm;
use crate::keys::{Keys, PublicKey, Whose};
use crate::message::{Kind, Message};
use crate::mistake::Mistake;
use crate::search::{self, Found};
use crate::signature::{self, Reading};
use crate::sm2_sign::USER_ID;
use crate::text::Text;
use crate::variants::Variants;
use crate::visible::visible;
use crate::{data, fields, notes, rules, sentence, verdict};

/// What is signed, whether the signature fits, and if not, why.
///
/// It ends soon, whatever the message is: how much is tried is bounded.
pub fn diagnose(message: &Message, keys: &Keys) -> Diagnosis {
    let des_key = keys.des_key.as_ref().map(|key| key.as_str());
    let examined = (message.kind == Kind::Request).then(|| data::examine(message, des_key));
    let (report, data_finding, plain) = match examined {
        Some(examined) => (Some(examined.report), examined.finding, examined.plain),
        None => (None, None, Vec::new()),
    };
    let mut diagnosis = unjudged(message, keys, report);
    judge(message, keys, &mut Variants::of(message, &plain, des_key), &mut diagnosis);
    diagnosis.findings.extend(data_finding.and_then(|finding| untold(finding, &diagnosis)));
    diagnosis
}

/// The finding about `data`, but for what that of the signature has told already; `None` if that is all.
fn untold(finding: Finding, diagnosis: &Diagnosis) -> Option<Finding> {
    let is_told = |mistake: &Mistake| diagnosis.findings.iter().any(|told| told.mistakes.contains(mistake));
    if !finding.mistakes.iter().any(is_told) {
        return Some(finding);
    }
    let rest: Vec<_> = finding.mistakes.into_iter().filter(|mistake| !is_told(mistake)).collect();
    (!rest.is_empty()).then(|| sentence::finding(About::Data, diagnosis.kind, rest, None))
}

/// Everything but the verdict.
fn unjudged(message: &Message, keys: &Keys, data: Option<DataReport>) -> Diagnosis {
    let signed_text = rules::signed_text(message);
    let fields = fields::reports(message);
    Diagnosis {
        kind: message.kind,
        sign_type: message.text("signType").map(str::to_owned),
        notes: notes::of(message, &fields),
        fields,
        visible_text: visible(&signed_text),
        digest: digest(message, keys, signed_text.as_bytes()),
        signed_text,
        data,
        verdict: Verdict::CannotTell,
        explanation: Text::new("", ""),
        key: None,
        findings: Vec::new(),
        tried_all: true,
        tried: 0,
    }
}

fn judge(message: &Message, keys: &Keys, variants: &mut Variants<'_>, diagnosis: &mut Diagnosis) {
    let sign_value = message.text("signValue").unwrap_or_default();
    if rules::is_blank(sign_value) {
        diagnosis.explanation = match message.kind {
            Kind::Request => Text::new(
                "The request has no signValue, so there is nothing to verify.",
                "请求里没有 signValue，无从验签。",
            ),
            Kind::Answer => Text::new(
                "The answer has no signValue, so there is nothing to verify: a refusal comes like this, and nothing in it is to \
                 be believed.",
                "应答里没有 signValue，无从验签：平台拒绝请求时会这样返回，其内容一律不可信。",
            ),
        };
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
        let due = search::due(message.kind).certificate();
        diagnosis.explanation = Text::new(
            format_args!("The signature was not verified, for no key is known: give {}.", due.en),
            format_args!("没有提供任何密钥，未能验签：请提供{}。", due.zh),
        );
        return;
    }
    let found = search::search(message, keys, &readings, variants);
    (diagnosis.tried, diagnosis.tried_all) = (found.tried, found.tried_all);
    conclude(message, keys, &readings, found, diagnosis);
}

fn conclude(message: &Message, keys: &Keys, readings: &[Reading], found: Found, diagnosis: &mut Diagnosis) {
    let Some(fit) = found.fit else {
        (diagnosis.verdict, diagnosis.explanation) = verdict::does_not_fit(message, keys, readings, &found.hint);
        if !diagnosis.tried_all {
            diagnosis.notes.push(Text::new(
                "The message is so long that not every mistake was tried.",
                "报文太长，没有把所有常见错误都试一遍。",
            ));
        }
        return;
    };
    if fit.mistakes.is_empty() && verdict::proves_nothing(message.kind, keys, &fit.kind_of_key) {
        diagnosis.explanation = verdict::one_for_both(message.kind);
        return;
    }
    if fit.mistakes.is_empty() {
        diagnosis.verdict = Verdict::Fits;
        let algorithm = fit.digest.as_ref().map(|(algorithm, _)| *algorithm);
        diagnosis.explanation = verdict::fits(&fit.whose, &fit.kind_of_key, algorithm);
        // An answer may have been signed with another digest than the usual one.
        if let Some((algorithm, bytes)) = fit.digest {
            let user_id = (algorithm == Algorithm::Sm3).then(|| USER_ID.to_owned());
            diagnosis.digest = Some(Digest { algorithm, user_id, hex: to_hex(&bytes) });
        }
    } else {
        diagnosis.verdict = Verdict::FitsWithMistake;
        let other_text = fit.candidate.shown().filter(|text| *text != diagnosis.signed_text);
        let finding = sentence::finding(About::Signature, message.kind, fit.mistakes, other_text);
        diagnosis.explanation = finding.sentence.clone();
        diagnosis.findings.push(finding);
    }
    diagnosis.key = Some(fit.whose);
}

/// The digest by the rules, as far as the keys allow.
fn digest(message: &Message, keys: &Keys, text: &[u8]) -> Option<Digest> {
    let due = search::due(message.kind);
    let says_sm = rules::says_sm(message);
    let may_sign = keys.known.iter().filter(|known| known.whose == due || matches!(known.whose, Whose::Other(_)));
    let is_sm2 = |key: &PublicKey| matches!(key, PublicKey::Sm2(_));
    // The key that is due and of the kind that signType says.
    let key = may_sign.min_by_key(|known| (says_sm.is_some_and(|sm| sm != is_sm2(&known.key)), known.whose != due));
    if !says_sm.unwrap_or(key.is_some_and(|known| is_sm2(&known.key))) {
        let hex = to_hex(&Algorithm::Sha1.digest(text));
        return Some(Digest { algorithm: Algorithm::Sha1, user_id: None, hex });
    }
    let PublicKey::Sm2(key) = &key?.key else { return None };
    let hex = to_hex(&digests::of_sm2_right(&Zs::of(key, None), text));
    Some(Digest { algorithm: Algorithm::Sm3, user_id: Some(USER_ID.to_owned()), hex })
}
