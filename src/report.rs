//! What every language is told, as JSON: an answer, an error, a client's description, its figures.

mod stats;

use std::time::{Duration, SystemTime};

use serde::Serialize as Derive;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::config::{Config, SharedLimit};
use crate::crypto::SignType;
use crate::envelope::response::{Field, Verified};
use crate::error::Error;
use crate::given_path::escaped;
#[cfg(feature = "capi")]
use crate::json::{Object, Value};
use crate::keys::{Certificate, Facts, MerchantKey, validity};
use crate::rate::Rate;
pub use stats::{RateLimitStats, Stats, WaitBucket, WaitStats};

/// A verified answer and how it was come by.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What the platform signed.
    pub verified: Verified,
    /// `reqFlowId` of the request that was answered.
    pub req_flow_id: String,
    /// How many requests it took.
    pub attempts: u32,
    /// How long the whole call took.
    pub elapsed: Duration,
}

impl Answer {
    /// `{"ok":true,…}` as the C header documents it.
    pub fn to_json(&self) -> String {
        let elapsed = u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX);
        success(&self.verified, Some(&self.req_flow_id), self.attempts, elapsed)
    }
}

impl Verified {
    /// `{"ok":true,…}` as the C header documents it; no request of ours stands behind it, so there are no attempts.
    pub fn to_json(&self) -> String {
        success(self, None, 0, 0)
    }
}

fn success(verified: &Verified, req_flow_id: Option<&str>, attempts: u32, elapsed_ms: u64) -> String {
    #[derive(Derive)]
    #[serde(rename_all = "camelCase")]
    struct Success<'a> {
        ok: bool,
        sign_sts: &'a str,
        sign_sts_name: &'a str,
        is_final: bool,
        is_success: bool,
        sys_sign_flow_id: &'a str,
        code: &'a str,
        note: Option<&'a str>,
        req_flow_id: Option<&'a str>,
        attempts: u32,
        elapsed_ms: u64,
        data: Fields<'a>,
    }
    let status = verified.status();
    to_json(&Success {
        ok: true,
        sign_sts: status.as_text(),
        sign_sts_name: status.name(),
        is_final: status.is_final(),
        is_success: status.is_success(),
        sys_sign_flow_id: verified.sys_sign_flow_id(),
        code: verified.code(),
        note: verified.note(),
        req_flow_id,
        attempts,
        elapsed_ms,
        data: Fields(verified.raw_fields()),
    })
}

/// The signed fields in their order, each value as it came.
struct Fields<'a>(&'a [Field]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for field in self.0 {
            map.serialize_entry(&field.name, &field.raw)?;
        }
        map.end()
    }
}

impl Error {
    /// `{"ok":false,"error":{…}}` as the C header documents it.
    pub fn to_json(&self) -> String {
        #[derive(Derive)]
        struct Failure<'a> {
            ok: bool,
            error: Details<'a>,
        }
        #[derive(Derive)]
        #[serde(rename_all = "camelCase")]
        struct Details<'a> {
            code: &'a str,
            number: i32,
            message: &'a str,
            retryable: bool,
            sent: bool,
            attempts: u32,
            req_flow_id: Option<&'a str>,
            platform_code: Option<&'a str>,
            platform_note: Option<&'a str>,
            http_status: Option<u16>,
            unverified: Option<&'a str>,
        }
        to_json(&Failure {
            ok: false,
            error: Details {
                code: self.code.name(),
                number: self.code.number(),
                message: &self.message,
                retryable: self.retryable(),
                sent: self.sent,
                attempts: self.attempts,
                req_flow_id: self.req_flow_id.as_deref(),
                platform_code: self.platform_code.as_deref(),
                platform_note: self.platform_note.as_deref(),
                http_status: self.http_status,
                unverified: self.unverified.as_deref(),
            },
        })
    }
}

/// `message` of an error's JSON, for who has no parser; `None` for any other text.
#[cfg(feature = "capi")]
pub(crate) fn message_of(error_json: &str) -> Option<String> {
    match error_object(error_json)?.get("message") {
        Some(Value::Text(message)) => Some(message.to_string()),
        _ => None,
    }
}

/// `retryable` of an error's JSON; false for any other text.
#[cfg(feature = "capi")]
pub(crate) fn is_retryable(error_json: &str) -> bool {
    error_object(error_json).and_then(|error| error.get("retryable").map(|told| told == Value::Bool(true)))
        == Some(true)
}

#[cfg(feature = "capi")]
fn error_object(error_json: &str) -> Option<Object<'_>> {
    match Object::parse(error_json).ok()?.get("error") {
        Some(Value::Object(error)) => Object::parse(error).ok(),
        _ => None,
    }
}

/// What a client is; nothing secret.
#[derive(Clone, Debug, Derive)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Description {
    /// Where requests go.
    pub endpoint: String,
    /// The institution number.
    pub src: String,
    /// `RSA` or `SM`.
    pub sign_type: &'static str,
    /// The institution's key.
    pub private_key: KeyDescription,
    /// The pinned certificate of the platform.
    pub platform_certificate: PinnedDescription,
    /// The limit that all clients of this process share for this address and institution.
    pub rate_limit: RateLimitDescription,
    /// This library's version.
    pub version: &'static str,
}

/// The institution's key, without the key.
#[derive(Clone, Debug, Derive)]
#[non_exhaustive]
pub struct KeyDescription {
    /// `RSA-2048` (or another length) or `SM2`.
    pub kind: String,
    /// The form of the file, for example `PKCS#12`.
    pub container: &'static str,
    /// The certificate beside the key, if the file has one.
    pub certificate: Option<CertificateDescription>,
}

/// A certificate; its dates are told, not judged. What is no date, or no number, is null.
#[derive(Clone, Debug, Derive)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CertificateDescription {
    /// Whose it is.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// The serial number in upper-case hex.
    pub serial: Option<String>,
    /// The first moment of its validity, RFC 3339 in UTC.
    pub not_before: Option<String>,
    /// The last moment of its validity, RFC 3339 in UTC.
    pub not_after: Option<String>,
    /// Whole days from the description to that moment; negative when it has passed, `None` when it is not known.
    pub days_left: Option<i64>,
}

/// The platform's certificate.
#[derive(Clone, Debug, Derive)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PinnedDescription {
    /// `RSA-1024` (or another length) or `SM2`.
    pub kind: String,
    /// The certificate's fields.
    #[serde(flatten)]
    pub certificate: CertificateDescription,
    /// SHA-256 of the DER encoding in lower-case hex.
    pub fingerprint_sha256: String,
}

/// The limit.
#[derive(Clone, Debug, Derive)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RateLimitDescription {
    /// Calls a second.
    pub per_second: Rate,
    /// Where the limit is kept that other processes share; `None`: this process counts for itself.
    pub shared: Option<SharedLimitDescription>,
}

/// The store of a limit that many processes share.
#[derive(Clone, Debug, Derive)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SharedLimitDescription {
    /// Its address, without user and password.
    pub store: String,
    /// What the names of its keys begin with.
    pub prefix: String,
    /// How long one question to it may take, connecting included.
    pub timeout_ms: u64,
    /// Calls a second of this process by itself while the store is away; `None`: none are made.
    pub fallback_per_second: Option<Rate>,
}

impl Serialize for Rate {
    /// A whole number without a point, for readers that expect one.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = self.per_second();
        if number < 1.0 { serializer.serialize_f64(number) } else { serializer.serialize_u64(number as u64) }
    }
}

impl Description {
    pub(crate) fn new(
        config: &Config,
        sign_type: SignType,
        key: &MerchantKey,
        platform: &Certificate,
        now: SystemTime,
    ) -> Self {
        Description {
            endpoint: config.endpoint.shown().to_owned(),
            src: config.src.clone(),
            sign_type: sign_type.as_str(),
            private_key: KeyDescription {
                kind: key.key.kind(),
                container: key.container,
                certificate: key.certificate.as_ref().map(|certificate| CertificateDescription::of(certificate, now)),
            },
            platform_certificate: PinnedDescription {
                kind: platform.public_key.kind(),
                certificate: CertificateDescription::of(platform, now),
                fingerprint_sha256: platform.fingerprint_sha256.clone(),
            },
            rate_limit: RateLimitDescription {
                per_second: config.rate,
                shared: config.shared_limit.as_ref().map(SharedLimitDescription::of),
            },
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// The same at another time.
    pub(crate) fn at(mut self, now: SystemTime) -> Self {
        let own = self.private_key.certificate.as_mut();
        for certificate in own.into_iter().chain([&mut self.platform_certificate.certificate]) {
            certificate.days_left = days_left(&certificate.not_after, now);
        }
        self
    }

    /// What the log says when a certificate has ended or soon ends.
    pub(crate) fn warnings(&self, now: SystemTime) -> Vec<String> {
        let platform = &self.platform_certificate.certificate;
        let own = self.private_key.certificate.as_ref();
        let warning = |whose: &str, certificate: &CertificateDescription, from| {
            let whose = format!("{whose} \"{}\"", escaped(&certificate.subject));
            validity::warning(&whose, certificate.not_after.as_deref()?, now, from)
        };
        own.and_then(|own| warning("The certificate beside privateKey", own, "your CA (CFCA, for example)"))
            .into_iter()
            .chain(warning("The platformCertificate", platform, "YSEPAY"))
            .collect()
    }

    /// The JSON that the C header documents.
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

impl SharedLimitDescription {
    fn of(limit: &SharedLimit) -> Self {
        SharedLimitDescription {
            store: limit.store.to_string(),
            prefix: limit.prefix.clone(),
            timeout_ms: u64::try_from(limit.timeout.as_millis()).unwrap_or(u64::MAX),
            fallback_per_second: limit.fallback,
        }
    }
}

impl CertificateDescription {
    pub(crate) fn of(certificate: &Facts, now: SystemTime) -> Self {
        CertificateDescription {
            subject: certificate.subject.clone(),
            issuer: certificate.issuer.clone(),
            serial: certificate.serial.clone(),
            not_before: certificate.not_before.clone(),
            not_after: certificate.not_after.clone(),
            days_left: days_left(&certificate.not_after, now),
        }
    }
}

fn days_left(not_after: &Option<String>, now: SystemTime) -> Option<i64> {
    not_after.as_deref().and_then(|end| validity::days_left(end, now))
}

/// Strings, numbers and maps with string keys always serialize; an empty object would only show a bug.
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "{}".into())
}
