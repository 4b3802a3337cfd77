//! What the search came to, in a sentence.

use crate::clauses;
use crate::diagnosis::Verdict;
use crate::hash::Algorithm;
use crate::keys::{Keys, KnownKey, PublicKey, Whose};
use crate::message::{Kind, Message};
use crate::mistake::Mistake;
use crate::rules;
use crate::search::{self, Hint};
use crate::sentence;
use crate::signature::Reading;
use crate::sm2_sign;
use crate::text::Text;

/// That it fits, with which key and which digest.
pub(crate) fn fits(whose: &Whose, kind_of_key: &str, algorithm: Option<Algorithm>) -> Text {
    let named = whose.named();
    let digest = algorithm.map_or(String::new(), |algorithm| format!(", {}", algorithm.name()));
    Text::new(
        format_args!("The signature fits: signed with {} ({kind_of_key}{digest}).", named.en),
        format_args!("签名正确：由{}签名（{kind_of_key}{digest}）。", clauses::spaced(&named.zh)),
    )
}

/// That nothing fits, and what shows nevertheless.
pub(crate) fn does_not_fit(message: &Message, keys: &Keys, readings: &[Reading], hint: &Hint) -> (Verdict, Text) {
    let due = search::due(message.kind);
    let form = Form::of(readings);
    let is_of_form = |key: &PublicKey| match form {
        Form::Sm2 => matches!(key, PublicKey::Sm2(_)),
        Form::Rsa(_) => matches!(key, PublicKey::Rsa(_)),
        Form::Pkcs7 | Form::Neither(_) => true,
    };
    let may_be_due = |whose: &Whose| *whose == due || matches!(whose, Whose::Other(_));
    let is_known = keys.known.iter().any(|known| may_be_due(&known.whose) && is_of_form(&known.key));
    // Where that key did sign, it is the right one, whatever else it was given as.
    let did_sign = matches!(hint, Hint::SignedBy(whose, ..) if *whose == due);
    let is_signature_alone = matches!(form, Form::Sm2 | Form::Rsa(_));
    if is_signature_alone && !did_sign && keys.known.iter().any(|known| is_of_form(&known.key) && is_both(keys, known))
    {
        return (Verdict::DoesNotFit, one_for_both(message.kind));
    }
    match (hint, &form) {
        (Hint::SignedBy(whose, algorithm, mistakes), _) => {
            (Verdict::DoesNotFit, signed_by(message.kind, whose, *algorithm, mistakes))
        }
        (_, Form::Pkcs7) => (
            Verdict::DoesNotFit,
            Text::new(
                "signValue is a PKCS#7 message (signedData) and not a signature alone: sign with p1SignMessage or a usual \
                 Signature object, not with a p7 function.",
                "signValue 是 PKCS#7 报文（signedData），不是裸签名：请用 p1SignMessage 或普通的 Signature 对象签名，不要用 p7 函数。",
            ),
        ),
        (Hint::NoSuchKey, Form::Neither(length)) => {
            let text = Text::new(
                format_args!(
                    "signValue is neither an RSA signature nor one of SM2, for decoded it is {length} bytes long: it was cut or changed."
                ),
                format_args!("signValue 解码后有 {length} 字节，既不是 RSA 签名也不是 SM2 签名：内容被截断或改动过。"),
            );
            (Verdict::DoesNotFit, text)
        }
        _ if !is_known => (Verdict::CannotTell, unknown_key(message, &due, &form)),
        (Hint::Sm2, _) if message.kind == Kind::Answer => (
            Verdict::DoesNotFit,
            Text::new(
                format_args!(
                    "The signature does not fit this text, nor any other that is signed by mistake. First see whether the \
                     platform's certificate is the right one: test and production have different ones, and so have SM and RSA. \
                     If it is, {CHANGED_EN}."
                ),
                format_args!(
                    "签名与待签名串不符，常见错误也都试过、都不对。请先核对平台证书是否用对：测试与生产环境的证书不同，SM 与 RSA 的证书也不同；\
                     如果证书没错，{CHANGED_ZH}。"
                ),
            ),
        ),
        (Hint::Sm2, _) => (
            Verdict::DoesNotFit,
            Text::new(
                "The signature does not fit this text, nor any other that people sign by mistake; SM2 does not show whether \
                 another key signed or another text was signed, so compare both: the key with the certificate, and the text \
                 character by character.",
                "签名与待签名串不符，常见错误也都试过、都不对；SM2 签名无法看出是密钥不对还是待签名串不对，请核对密钥与证书是否配对，\
                 并逐字符比对待签名串。",
            ),
        ),
        (Hint::PerhapsPss, _) => (
            Verdict::DoesNotFit,
            Text::new(
                "The signature does not fit, nor with any mistake that is known: it may have RSA-PSS padding, where PKCS#1 v1.5 \
                 (SHA1withRSA) is due, and be about another text; or another key signed it, or its bytes were damaged.",
                "签名不符，常见错误也都试过、都不对：可能用了 RSA-PSS 填充（应为 PKCS#1 v1.5，即 SHA1withRSA）且待签名串不同，也可能是用了\
                 另一把密钥，或者签名字节已损坏。",
            ),
        ),
        _ => (Verdict::DoesNotFit, another_rsa_key(keys, &form)),
    }
}

/// What became of an answer whose key is right: its receiver has the body, but never the text that was signed.
const CHANGED_EN: &str = "the body was changed or serialised anew on the way: keep the raw body as it was received (no proxy, \
                          log or JSON library between) and verify that";
const CHANGED_ZH: &str = "就是报文在途中被改动或重新序列化过：请保留收到的原始报文（不经过代理改写、日志或 JSON 库再次序列化），直接用它验签";

/// Whether a key was given as the merchant's and as the platform's.
fn is_both(keys: &Keys, known: &KnownKey) -> bool {
    let is_same = |other: &KnownKey| other.whose == Whose::Platform && other.key == known.key;
    known.whose == Whose::Merchant && keys.known.iter().any(is_same)
}

/// Whether an answer fits with what is the institution's own key: then anyone who has that may have signed it.
pub(crate) fn proves_nothing(kind: Kind, keys: &Keys, kind_of_key: &str) -> bool {
    let is_own = |known: &KnownKey| known.key.kind() == kind_of_key && is_both(keys, known);
    kind == Kind::Answer && keys.known.iter().any(is_own)
}

pub(crate) fn one_for_both(kind: Kind) -> Text {
    match kind {
        Kind::Answer => Text::new(
            "The certificate given as the platform's is the institution's own (one key is given as both): an answer is \
             verified with the platform's certificate, which it hands out, so give that one.",
            "作为平台证书提供的，其实是商户自己的证书（两处给的是同一把密钥）：应答要用银盛提供的平台证书验签，请换成那一份。",
        ),
        Kind::Request => Text::new(
            "The certificate given as the institution's own is the platform's (one key is given as both): a request is \
             verified with the certificate of the institution's private key, so give that one.",
            "作为商户证书提供的，其实是平台的证书（两处给的是同一把密钥）：请求要用与商户私钥配对的商户证书验签，请换成那一份。",
        ),
    }
}

/// What kind of signature the bytes may be.
enum Form {
    Sm2,
    /// `signedData`, not a signature alone.
    Pkcs7,
    /// With so many bytes.
    Rsa(usize),
    Neither(usize),
}

impl Form {
    fn of(readings: &[Reading]) -> Self {
        let is_sm2 = |reading: &Reading| {
            sm2_sign::from_der(&reading.bytes).is_some() || sm2_sign::from_raw(&reading.bytes).is_some()
        };
        if readings.iter().any(is_sm2) {
            return Form::Sm2;
        }
        if readings.iter().any(|reading| is_signed_data(&reading.bytes)) {
            return Form::Pkcs7;
        }
        let lengths = || readings.iter().map(|reading| reading.bytes.len());
        match lengths().find(|length| [128, 192, 256, 384, 512, 1024].contains(length)) {
            Some(length) => Form::Rsa(length),
            None => Form::Neither(lengths().next().unwrap_or_default()),
        }
    }
}

/// `signedData` of PKCS#7, and its sister for SM2 (GM/T 0010): the identifiers that stand first in it.
const SIGNED_DATA: [&[u8]; 2] =
    [&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2], &[6, 10, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 6, 1, 4, 2, 2]];

fn is_signed_data(bytes: &[u8]) -> bool {
    // Behind a tag and a length of one to five bytes.
    let starts = |at: usize| bytes.get(at..).is_some_and(|rest| SIGNED_DATA.iter().any(|oid| rest.starts_with(oid)));
    bytes.first() == Some(&0x30) && (2..=6).any(starts)
}

fn unknown_key(message: &Message, due: &Whose, form: &Form) -> Text {
    let (named, kind) = (due.certificate(), if matches!(form, Form::Sm2) { "SM2" } else { "RSA" });
    let says = match rules::says_sm(message) {
        Some(says_sm) if says_sm != (kind == "SM2") => {
            Text::new(", though signType says otherwise", "（与 signType 不一致）")
        }
        _ => Text::new("", ""),
    };
    Text::new(
        format_args!(
            "The signature has the form of {kind}{}, and no {kind} key is known that it could be verified with: give \
             {}.",
            says.en, named.en
        ),
        format_args!("签名是 {kind} 形式{}，但没有提供可以验签的 {kind} 密钥：请提供{}。", says.zh, named.zh),
    )
}

fn another_rsa_key(keys: &Keys, form: &Form) -> Text {
    let kinds: Vec<_> =
        keys.known.iter().map(|known| known.key.kind()).filter(|kind| kind.starts_with("RSA")).collect();
    let length = match form {
        Form::Rsa(length) | Form::Neither(length) => *length,
        Form::Sm2 | Form::Pkcs7 => 64,
    };
    let fits_none = !kinds.iter().any(|kind| *kind == format!("RSA-{}", 8 * length));
    if fits_none {
        let kinds = kinds.join(", ");
        return Text::new(
            format_args!(
                "Another key signed it, for the signature has {length} bytes and the keys that are known are {kinds}: it is \
                 the wrong certificate, or the bytes were damaged."
            ),
            format_args!(
                "签名用的是另一把密钥：签名有 {length} 字节，而已知的密钥是 {kinds}。证书不对，或者签名已损坏。"
            ),
        );
    }
    Text::new(
        "None of the keys that are known made this signature, whatever the text: another key signed it (test and production \
         have different ones), or its bytes were damaged.",
        "无论待签名串是什么，这个签名都不是已知的任何一把密钥产生的：签名用了另一把密钥（测试与生产环境的密钥不同），或者签名字节已损坏。",
    )
}

fn signed_by(kind: Kind, whose: &Whose, algorithm: Option<Algorithm>, mistakes: &[Mistake]) -> Text {
    let is_key = |mistake: &Mistake| matches!(mistake, Mistake::OtherKey { .. });
    let wanted = match (algorithm, kind) {
        (Some(Algorithm::Sha1), _) | (Some(Algorithm::Sha256), Kind::Answer) => None,
        (Some(used), _) => Some(Mistake::OtherDigest { used, wanted: Algorithm::Sha1 }),
        (None, _) => Some(Mistake::DigestInfoMissing),
    };
    let others = mistakes.iter().filter(|mistake| !is_key(mistake)).chain(&wanted);
    let wrong: Vec<Text> = others.map(|mistake| sentence::done(mistake, kind)).collect();
    let (also_en, also_zh) = if wrong.is_empty() {
        (String::new(), String::new())
    } else {
        let en: Vec<_> = wrong.iter().map(|text| text.en.as_str()).collect();
        (format!(" Besides, {}.", en.join(", and ")), format!("另外，{}。", sentence::all_of_chinese(&wrong)))
    };
    let (used, due) = (whose.named(), search::due(kind).named());
    let (used_zh, due_zh) = (clauses::spaced(&used.zh), clauses::spaced(&due.zh));
    match (kind, mistakes.iter().any(is_key)) {
        (Kind::Answer, true) => Text::new(
            format_args!(
                "The signature was made with {}, where {} is due, and over another text than this one: take the right \
                 certificate first; if it still does not fit, {CHANGED_EN}.{also_en}",
                used.en, due.en
            ),
            format_args!(
                "签名用的是{used_zh}，而应当用{due_zh}，签的内容也与这里的待签名串不同：请先换对证书；如果仍然不符，{CHANGED_ZH}。{also_zh}"
            ),
        ),
        (Kind::Answer, false) => Text::new(
            format_args!(
                "The signature was made with {}, but over another text than this one: {CHANGED_EN}.{also_en}",
                used.en
            ),
            format_args!("签名确实是用{used_zh}做的，密钥没有问题，但签的是另一段内容：{CHANGED_ZH}。{also_zh}"),
        ),
        (Kind::Request, true) => Text::new(
            format_args!(
                "The signature was made with {}, where {} is due, and over another text than this one: take the right key \
                 first, then compare the text that was signed with the signed text here, character by character.{also_en}",
                used.en, due.en
            ),
            format_args!(
                "签名用的是{used_zh}，而应当用{due_zh}，签的内容也与这里的待签名串不同：请先换对密钥，再把当时签名的内容与这里的待签名串逐字符比对。\
                 {also_zh}"
            ),
        ),
        (Kind::Request, false) => Text::new(
            format_args!(
                "The signature was made with {}, but over another text than this one: compare the text that was signed with the \
                 signed text here, character by character.{also_en}",
                used.en
            ),
            format_args!(
                "签名确实是用{used_zh}做的，密钥没有问题，但签的是另一段内容：请把当时签名的内容与这里的待签名串逐字符比对。{also_zh}"
            ),
        ),
    }
}
