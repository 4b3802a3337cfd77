//! The platform's side of a request: every check of the interface, from the bytes to the flow id that is asked about.
//!
//! What the real platform does about a bad request is not published; this one answers an unsigned refusal that names
//! the check. The checks run in the order in which they stand here.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::crypto::{Algorithm, Keys, decode_base64, signed_text};
use crate::http::Request;
use crate::latest::Latest;
use crate::mistakes::{Mistakes, Wrong};
use crate::stats::Seen;

/// The fields of a request, and whether they are signed.
const FIELDS: [(&str, bool); 9] = [
    ("ver", true),
    ("src", true),
    ("msgCode", true),
    ("method", true),
    ("signType", true),
    ("charset", true),
    ("data", true),
    ("reqFlowId", false),
    ("signValue", false),
];
const FIXED: [(&str, &str); 4] =
    [("ver", "1.0"), ("msgCode", "Merchant"), ("method", "querySignSts"), ("charset", "UTF-8")];
const MAX_SRC: usize = 50;
const MAX_REQ_FLOW_ID: usize = 20;
/// The most characters of a contract's id.
pub(crate) const MAX_SYS_SIGN_FLOW_ID: usize = 50;

/// A request that passed every check.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) src: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) req_flow_id: String,
    pub(crate) sys_sign_flow_id: String,
}

/// Which check failed, for the statistics and for a reader.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

/// The id of a request, filled up with zeros.
type ReqFlowId = [u8; MAX_REQ_FLOW_ID];

/// The platform: what it knows, and which request ids were used of late.
pub(crate) struct Platform {
    keys: Keys,
    mistakes: Arc<Mistakes>,
    institutions: Vec<String>,
    req_flow_ids: Mutex<Latest<ReqFlowId, ()>>,
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").field("institutions", &self.institutions).finish_non_exhaustive()
    }
}

impl Platform {
    /// A platform that knows these institutions, all with the test merchant's keys, and the latest ids of requests.
    pub(crate) fn new(keys: Keys, mistakes: Arc<Mistakes>, institutions: Vec<String>, remembered_ids: usize) -> Self {
        Self { keys, mistakes, institutions, req_flow_ids: Mutex::new(Latest::of(remembered_ids)) }
    }

    /// Whose keys sign the answers.
    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Checks a request; `seen` is told what could be read of it.
    pub(crate) fn judge(&self, request: &Request, seen: &mut Seen) -> Result<Question, Refusal> {
        check_http(request)?;
        let fields = read_fields(&request.body)?;
        let field = |name: &str| fields.get(name).map_or("", String::as_str);
        seen.src = shortened(field("src"));
        seen.sign_type = shortened(field("signType"));
        seen.req_flow_id = shortened(field("reqFlowId"));
        let judged = self.check_fields(&fields, &request.body);
        seen.sys_sign_flow_id = match &judged {
            Ok(question) => question.sys_sign_flow_id.clone(),
            // What a refused one is about, if that can be read.
            Err(_) => self.read_data(field("data")).unwrap_or_default(),
        };
        judged
    }

    fn check_fields(&self, fields: &BTreeMap<String, String>, body: &[u8]) -> Result<Question, Refusal> {
        let field = |name: &str| fields.get(name).map_or("", String::as_str);
        check_names(fields)?;
        check_fixed(fields)?;
        self.check_src(field("src"))?;
        let algorithm = match field("signType") {
            "RSA" => Algorithm::Rsa,
            "SM" => Algorithm::Sm,
            other => return Err(Refusal::new("signType", wrong_sign_type(other))),
        };
        let req_flow_id = check_req_flow_id(field("reqFlowId"))?;
        self.check_signature(algorithm, fields, body)?;
        let sys_sign_flow_id = self.read_data(field("data")).map_err(|refusal| self.explained(refusal, body))?;
        self.check_not_repeated(req_flow_id, field("reqFlowId"))?;
        Ok(Question {
            src: field("src").to_owned(),
            algorithm,
            req_flow_id: field("reqFlowId").to_owned(),
            sys_sign_flow_id,
        })
    }

    fn check_src(&self, src: &str) -> Result<(), Refusal> {
        if src.chars().count() > MAX_SRC {
            return Err(Refusal::new("src", "src is longer than 50 characters"));
        }
        if !self.institutions.iter().any(|known| known == src) {
            return Err(Refusal::new("src", format!("src is not a known institution: {src:?}")));
        }
        Ok(())
    }

    /// Also notes the id as used. The last check, so that what is wrong is told its mistake again when it is sent again.
    fn check_not_repeated(&self, key: ReqFlowId, id: &str) -> Result<(), Refusal> {
        if self.req_flow_ids.lock().unwrap_or_else(PoisonError::into_inner).note(key).0 {
            return Err(Refusal::new(
                "reqFlowId_repeated",
                format!("请求流水号重复: reqFlowId {id:?} was used before"),
            ));
        }
        Ok(())
    }

    fn check_signature(
        &self,
        algorithm: Algorithm,
        fields: &BTreeMap<String, String>,
        body: &[u8],
    ) -> Result<(), Refusal> {
        let sign_value = fields.get("signValue").map_or("", String::as_str);
        let Some(signature) = decode_base64(sign_value).filter(|signature| !signature.is_empty()) else {
            let told = match self.mistakes.in_signature(body) {
                Wrong::Mistake(mistake) => mistake,
                Wrong::Sentence(_) | Wrong::Unknown if sign_value.trim().is_empty() => "signValue is empty".to_owned(),
                Wrong::Sentence(_) | Wrong::Unknown => "signValue is not Base64".to_owned(),
            };
            return Err(Refusal::new("signValue", format!("验签失败: {told}")));
        };
        let signed = FIELDS.iter().filter(|(_, signed)| *signed);
        let text = signed_text(signed.filter_map(|(name, _)| fields.get(*name).map(|value| (*name, value.as_str()))));
        if !self.keys.merchant_signed(algorithm, &text, &signature) {
            let name = match algorithm {
                Algorithm::Rsa => "RSA",
                Algorithm::Sm => "SM (SM2)",
            };
            let known = format!("the {name} signature does not fit {text:?}");
            let told = match self.mistakes.in_signature(body) {
                Wrong::Mistake(mistake) => mistake,
                Wrong::Sentence(sentence) => format!("{known}. {sentence}"),
                Wrong::Unknown => known,
            };
            return Err(Refusal::new("signature", format!("验签失败: {told}")));
        }
        Ok(())
    }

    /// The refusal of `data` with the mistake that was made, if it is one of its encryption.
    fn explained(&self, refusal: Refusal, body: &[u8]) -> Refusal {
        if !matches!(refusal.reason, "data_base64" | "data_des" | "data_json") {
            return refusal;
        }
        match self.mistakes.in_data(body) {
            Some(mistake) => Refusal::new(refusal.reason, format!("解密失败: {mistake}")),
            None => refusal,
        }
    }

    fn read_data(&self, data: &str) -> Result<String, Refusal> {
        let ciphertext = decode_base64(data)
            .filter(|ciphertext| !ciphertext.is_empty())
            .ok_or_else(|| Refusal::new("data_base64", "解密失败: data is not Base64"))?;
        let plaintext = self
            .keys
            .decrypt(&ciphertext)
            .ok_or_else(|| Refusal::new("data_des", "解密失败: data is not DES/ECB/PKCS5Padding under our key"))?;
        let Flat(parameters) = serde_json::from_slice(&plaintext).map_err(|error| {
            Refusal::new("data_json", format!("data does not decrypt to a JSON object of strings: {error}"))
        })?;
        let [(name, id)] = <[_; 1]>::try_from(parameters)
            .map_err(|_| Refusal::new("data_json", "data does not hold exactly one parameter"))?;
        if name != "sysSignFlowId" {
            return Err(Refusal::new("data_json", format!("data holds {name:?} in place of sysSignFlowId")));
        }
        if id.is_empty() || id.chars().count() > MAX_SYS_SIGN_FLOW_ID {
            return Err(Refusal::new("sysSignFlowId", "sysSignFlowId is empty or longer than 50 characters"));
        }
        Ok(id)
    }
}

/// A value that is kept: none that is right is longer, and a wrong one may be a megabyte.
fn shortened(value: &str) -> String {
    const MOST: usize = 200;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

fn wrong_sign_type(says: &str) -> String {
    match ["RSA", "SM"].into_iter().find(|name| says.eq_ignore_ascii_case(name)) {
        Some(name) => format!(
            "signType is {says:?} and not {name:?}: whether the platform takes another letter case is not known, so this one \
             does not"
        ),
        None => format!("signType is neither RSA nor SM: {says:?}"),
    }
}

/// The id as it is remembered.
fn check_req_flow_id(id: &str) -> Result<ReqFlowId, Refusal> {
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Refusal::new("reqFlowId", "reqFlowId is empty or not printable ASCII"));
    }
    let mut key = [0; MAX_REQ_FLOW_ID];
    let Some(start) = key.get_mut(..id.len()) else {
        return Err(Refusal::new("reqFlowId", "reqFlowId is longer than 20 characters"));
    };
    start.copy_from_slice(id.as_bytes());
    Ok(key)
}

fn check_http(request: &Request) -> Result<(), Refusal> {
    if request.method != "POST" {
        return Err(Refusal::new("http_method", format!("the method is {:?}, not POST", request.method)));
    }
    let content_type = request.header("content-type").unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::new("content_type", format!("Content-Type is {content_type:?}, not application/json")));
    }
    Ok(())
}

fn read_fields(body: &[u8]) -> Result<BTreeMap<String, String>, Refusal> {
    let Flat(pairs) = serde_json::from_slice(body)
        .map_err(|error| Refusal::new("json", format!("the body is not a JSON object of strings: {error}")))?;
    let mut fields = BTreeMap::new();
    for (name, value) in pairs {
        if let Some(_earlier) = fields.insert(name.clone(), value) {
            return Err(Refusal::new("duplicate_field", format!("the field {name:?} stands twice")));
        }
    }
    Ok(fields)
}

fn check_names(fields: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if let Some((name, _)) = FIELDS.iter().find(|(name, _)| !fields.contains_key(*name)) {
        return Err(Refusal::new("missing_field", format!("the field {name:?} is missing")));
    }
    if let Some(name) = fields.keys().find(|name| !FIELDS.iter().any(|(known, _)| known == name)) {
        return Err(Refusal::new("unknown_field", format!("the field {name:?} is unknown")));
    }
    Ok(())
}

fn check_fixed(fields: &BTreeMap<String, String>) -> Result<(), Refusal> {
    match FIXED.iter().find(|(name, value)| fields.get(*name).is_none_or(|found| found != value)) {
        Some((name, value)) => Err(Refusal::new(name, format!("the field {name:?} is not {value:?}"))),
        None => Ok(()),
    }
}

/// A JSON object of strings as it was written: in its order, and names that stand twice stand twice.
struct Flat(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Flat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Flat;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Flat, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Flat(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}
