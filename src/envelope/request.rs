//! Sealing a request: encrypt the business data, sign the envelope.

use base64ct::{Base64, Encoding};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::crypto::des::DesKey;
use crate::crypto::{SignType, Signer};
use crate::envelope::canonical::signed_text;
use crate::envelope::{ReqFlowId, SysSignFlowId};
use crate::error::{Code, Error};
use crate::log::{Level, log};
use crate::stack;

const VER: &str = "1.0";
const MSG_CODE: &str = "Merchant";
const METHOD: &str = "querySignSts";
const CHARSET: &str = "UTF-8";

/// What a request needs of its institution.
pub(crate) struct Sealer {
    pub(crate) src: String,
    pub(crate) sign_type: SignType,
    pub(crate) des_key: DesKey,
    pub(crate) signer: Signer,
}

/// A signed request that lacks only its `reqFlowId`, which is not signed: a repetition needs no new signature.
pub(crate) struct SealedRequest<'a> {
    sealer: &'a Sealer,
    data: String,
    sign_value: String,
}

/// The business parameters, in the clear.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    sys_sign_flow_id: &'a str,
}

/// The body on the wire: one flat object of strings.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    ver: &'a str,
    src: &'a str,
    msg_code: &'a str,
    method: &'a str,
    sign_type: &'a str,
    charset: &'a str,
    data: &'a str,
    req_flow_id: &'a str,
    sign_value: &'a str,
}

impl Sealer {
    /// Encrypts and signs the question about this contract.
    pub(crate) fn seal(&self, flow_id: &SysSignFlowId<'_>) -> Result<SealedRequest<'_>, Error> {
        let data = Zeroizing::new(to_json(&Data { sys_sign_flow_id: flow_id.as_str() })?);
        let data = Base64::encode_string(&stack::scrubbed(|| self.des_key.encrypt(data.as_bytes())));
        let text = signed_text([
            ("ver", VER),
            ("src", &self.src),
            ("msgCode", MSG_CODE),
            ("method", METHOD),
            ("signType", self.sign_type.as_str()),
            ("charset", CHARSET),
            ("data", &data),
        ]);
        log(Level::Debug, || format!("request: signed text ({}): {text}", self.sign_type));
        let signature = stack::scrubbed(|| self.signer.sign(text.as_bytes())).ok_or_else(|| {
            Error::new(
                Code::Internal,
                "signing the request failed although the private key was accepted; please report this",
            )
        })?;
        Ok(SealedRequest { sealer: self, data, sign_value: Base64::encode_string(&signature) })
    }
}

impl SealedRequest<'_> {
    /// The JSON text to post.
    pub(crate) fn body(&self, req_flow_id: &ReqFlowId) -> Result<String, Error> {
        to_json(&Body {
            ver: VER,
            src: &self.sealer.src,
            msg_code: MSG_CODE,
            method: METHOD,
            sign_type: self.sealer.sign_type.as_str(),
            charset: CHARSET,
            data: &self.data,
            req_flow_id: req_flow_id.as_str(),
            sign_value: &self.sign_value,
        })
    }
}

fn to_json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::new(Code::Internal, format!("writing JSON failed: {error}")))
}
