//! What the platform says: the signed answer, its flaws, and the replies that are not answers at all.

use crate::crypto::{Algorithm, Keys, Signatory, encode_base64_wrapped, signed_text};
use crate::http::Reply;
use crate::platform::Question;

/// What is said. Everything but `Reply` is HTTP 200 with a signed envelope.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// An answer in the platform's form, with at most one flaw.
    Signed(Data, Flaw),
    /// The unsigned refusal of the platform's gateway.
    Refusal,
    /// Anything else.
    Reply(fn() -> Reply),
    /// `429` with a `Retry-After` header.
    RetryAfter(String),
}

/// The fields of a signed answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Data {
    pub(crate) code: Option<&'static str>,
    pub(crate) note: &'static str,
    pub(crate) status: Option<&'static str>,
    pub(crate) flow_id: FlowId,
}

/// Which flow id the answer names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FlowId {
    Asked,
    Other,
    None,
}

/// What is wrong, or unusual, about a signed answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    /// The signature is of other data.
    OtherData,
    /// The signature is by the merchant's key.
    MerchantKey,
    /// `signValue` is not Base64.
    NotBase64,
    /// For SM the signature has no ASN.1 around it.
    RawSignature,
    /// `signValue` is wrapped with line feeds alone.
    LineFeeds,
    /// `data` is an object, not the text of one.
    DataAsObject,
    /// More fields, inside `data` and outside.
    ExtraFields,
    /// `signSts` stands twice in `data`; the signature is of the last.
    DuplicateName,
    /// The envelope holds 2 MiB more.
    Huge,
    /// The envelope is in GBK.
    Gbk,
}

impl Data {
    /// A success with this status.
    pub(crate) const fn success(status: &'static str) -> Self {
        Self { code: Some("00"), note: "成功", status: Some(status), flow_id: FlowId::Asked }
    }

    /// A failure with this code, which names the flow id that was asked.
    pub(crate) const fn failure(code: &'static str, note: &'static str) -> Self {
        Self { code: Some(code), note, status: None, flow_id: FlowId::Asked }
    }
}

/// The flow id that the platform names where it names another one.
pub const OTHER_FLOW_ID: &str = "ANOTHER-FLOW-ID";

/// The body of an unsigned refusal, as the interface page shows it.
pub(crate) fn refusal(message: &str) -> String {
    format!(r#"{{"code":400,"message":{},"data":null,"list":null}}"#, quoted(message))
}

/// The reply to a question.
pub(crate) fn reply(answer: &Answer, question: &Question, keys: &Keys) -> Reply {
    match answer {
        Answer::Signed(data, flaw) => Reply::json(200, envelope(*data, *flaw, question, keys)),
        Answer::Refusal => Reply::json(200, refusal("验签失败: asked for by the flow id")),
        Answer::Reply(make) => make(),
        Answer::RetryAfter(seconds) => {
            Reply::json(429, refusal("请求过于频繁")).with_header("Retry-After", seconds.as_str())
        }
    }
}

/// The fields in the order in which a Java `HashMap` holds them, which is the platform's.
fn envelope(data: Data, flaw: Flaw, question: &Question, keys: &Keys) -> Vec<u8> {
    let fields = data_fields(data, flaw, question);
    let data = object(fields.iter().map(|(name, value)| (*name, quoted(value))));
    let sign_type = match question.algorithm {
        Algorithm::Rsa => "RSA",
        Algorithm::Sm => "SM",
    };
    let mut envelope = vec![
        ("charset", quoted("UTF-8")),
        ("ver", quoted("1.0")),
        ("method", quoted("querySignSts")),
        ("data", if flaw == Flaw::DataAsObject { data } else { quoted(&data) }),
        ("src", quoted(&question.src)),
        ("signType", quoted(sign_type)),
        ("signValue", quoted(&sign_value(&fields, flaw, question.algorithm, keys))),
        ("msgCode", quoted("Merchant")),
        ("reqFlowId", quoted(&question.req_flow_id)),
    ];
    match flaw {
        Flaw::ExtraFields => {
            envelope.push(("traceId", quoted("8f14e45fceea167a")));
            envelope.push(("list", "[null,{\"a\":1.50}]".to_owned()));
        }
        Flaw::Huge => envelope.push(("padding", quoted(&"x".repeat(2 * 1024 * 1024)))),
        _ => {}
    }
    let text = object(envelope);
    if flaw == Flaw::Gbk { to_gbk(&text) } else { text.into_bytes() }
}

fn data_fields(data: Data, flaw: Flaw, question: &Question) -> Vec<(&'static str, String)> {
    let flow_id = match data.flow_id {
        FlowId::Asked => Some(question.sys_sign_flow_id.as_str()),
        FlowId::Other => Some(OTHER_FLOW_ID),
        FlowId::None => None,
    };
    let mut fields = vec![("note", data.note.to_owned())];
    fields.extend(data.code.map(|code| ("code", code.to_owned())));
    fields.extend(flow_id.map(|id| ("sysSignFlowId", id.to_owned())));
    if flaw == Flaw::DuplicateName {
        fields.push(("signSts", "3".to_owned()));
    }
    fields.extend(data.status.map(|status| ("signSts", status.to_owned())));
    if flaw == Flaw::ExtraFields {
        fields.push(("contractNo", "HT20210928000001".to_owned()));
        fields.push(("Remark", "扩展参数 = a/b & c".to_owned()));
        fields.push(("blank", " ".to_owned()));
        fields.push(("Sign", "not part of the signed text".to_owned()));
    }
    fields
}

fn sign_value(fields: &[(&'static str, String)], flaw: Flaw, algorithm: Algorithm, keys: &Keys) -> String {
    if flaw == Flaw::NotBase64 {
        return "*** this is not Base64 ***".to_owned();
    }
    let signed = fields.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("sign"));
    let mut text = signed_text(signed.map(|(name, value)| (*name, value.as_str())));
    if flaw == Flaw::OtherData {
        text.push('0');
    }
    let signature = match flaw {
        Flaw::MerchantKey => keys.sign(Signatory::Merchant, algorithm, &text),
        Flaw::RawSignature => keys.sign_raw(algorithm, &text),
        _ => keys.sign(Signatory::Platform, algorithm, &text),
    };
    encode_base64_wrapped(&signature, if flaw == Flaw::LineFeeds { "\n" } else { "\r\n" })
}

/// A compact JSON object of these names and JSON values, in this order.
fn object<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let pairs: Vec<_> = fields.into_iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
    format!("{{{}}}", pairs.join(","))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// GBK, for the only Chinese word that such an answer holds.
fn to_gbk(text: &str) -> Vec<u8> {
    const GBK: &[u8] = b"\xB3\xC9\xB9\xA6";
    let parts: Vec<_> = text.split("成功").map(str::as_bytes).collect();
    parts.join(GBK)
}
