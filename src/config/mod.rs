//! The configuration: JSON in, valid settings out. Unknown settings are refused, every number has a stated range, and
//! an error names the setting but never shows a secret.

mod endpoint;
mod environment;
mod file;
mod host;
mod no_proxy;
mod proxy;
mod reader;
mod secret;
mod shared;

use std::time::Duration;

use zeroize::Zeroizing;

use crate::crypto::SignType;
use crate::crypto::des::DesKey;
use crate::error::{Code, Error};
use crate::keys::Source;
use crate::rate::Rate;
use crate::trace::{Route, RouteReason};

pub(crate) use endpoint::Endpoint;
pub(crate) use environment::Environment;
pub(crate) use file::read as read_file;
pub(crate) use proxy::Proxy;
use reader::Reader;
pub(crate) use shared::SharedLimit;
#[cfg(feature = "redis")]
pub(crate) use shared::{Node, Place, StoreAddress};

/// The longest configuration text: two credentials of 1 MiB in Base64, and room for the rest.
const MAX_TEXT: usize = 4 << 20;

/// How a private key may be given.
const KEY_FORMS: &str = "path, base64, pem and hex";
/// How a certificate may be given.
const CERTIFICATE_FORMS: &str = "path, base64 and pem";

/// The settings of one client, checked by themselves; the key files are not yet read.
pub(crate) struct Config {
    pub(crate) endpoint: Endpoint,
    pub(crate) src: String,
    pub(crate) sign_type: Option<SignType>,
    pub(crate) des_key: DesKey,
    pub(crate) private_key: Source,
    pub(crate) password: Option<Zeroizing<String>>,
    pub(crate) alias: Option<String>,
    pub(crate) platform_certificate: Source,
    /// The whole call: waiting, connecting, all attempts.
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) rate: Rate,
    pub(crate) shared_limit: Option<SharedLimit>,
    pub(crate) proxy: Option<Proxy>,
    proxy_reason: RouteReason,
    pub(crate) ca_file: Option<Source>,
    pub(crate) user_agent: String,
}

/// The range of every time limit, in milliseconds: up to an hour.
pub(crate) const TIMEOUT_MS: std::ops::RangeInclusive<u64> = 1..=3_600_000;

impl Config {
    #[cfg(test)]
    pub(crate) fn from_json(text: &str) -> Result<Self, Error> {
        Self::from_json_in(text, None)
    }

    /// As [`Config::with_des_key_text`], without that text.
    pub(crate) fn from_json_in(text: &str, environment: Option<&Environment>) -> Result<Self, Error> {
        Self::with_des_key_text(text, environment).map(|(config, _)| config)
    }

    /// Also the whole key string, for whoever must see what became of `data`.
    ///
    /// `environment` has the secrets that are not in the text, and what is to know of proxies where the text says nothing;
    /// `None`: the process's own. `secretEnvironment` and `proxyEnvironment` of the text stand in for it.
    pub(crate) fn with_des_key_text(
        text: &str,
        environment: Option<&Environment>,
    ) -> Result<(Self, Zeroizing<String>), Error> {
        if text.len() > MAX_TEXT {
            return Err(error(format!("The configuration has {} bytes; at most {MAX_TEXT} are read.", text.len())));
        }
        let text = without_mark(text);
        let environment = environment.unwrap_or_else(|| Environment::of_process());
        let secrets;
        let mut root = Reader::root(text, environment)?;
        if let Some(section) = root.unlisted_object("secretEnvironment")? {
            secrets = Environment::of_secrets(section)?;
            root.look_into(&secrets);
        }

        let allow_http = root.bool("allowHttp")?.unwrap_or(false);
        let endpoint = match (root.text("environment")?, root.text("endpoint")?) {
            (Some(environment), None) => Endpoint::of_environment(&environment)?,
            (None, Some(url)) => Endpoint::parse(&url, allow_http)?,
            (Some(_), Some(_)) => {
                return Err(error(
                    "environment and endpoint are both set. Keep environment for YSEPAY's own addresses, or \
                                  endpoint for any other.",
                ));
            }
            (None, None) => {
                return Err(error(
                    r#"environment is missing. Set it to "test" or "production", or set endpoint to a URL."#,
                ));
            }
        };
        let src = src(&root.required_text("src", "the institution number that YSEPAY issued (ORG…)")?)?;
        let sign_type = root.text("signType")?.map(|text| sign_type(&text)).transpose()?;
        let des_key_text =
            root.required_secret("desKey", "the encryption key that YSEPAY issued (its sample calls it aesKey)")?;
        let des_key = DesKey::from_text(&des_key_text).map_err(|reason| {
            error(format!(
                "desKey {reason}. Set the whole key string as YSEPAY issued it (its sample calls it aesKey)."
            ))
        })?;

        let mut private_key = root.required_object("privateKey", KEY_FORMS)?;
        let password = private_key.secret("password")?;
        let alias = private_key.text("alias")?.map(|alias| alias.to_string());
        let source = source(&mut private_key, "privateKey", KEY_FORMS)?;
        private_key.finish()?;

        let mut certificate = root.required_object("platformCertificate", CERTIFICATE_FORMS)?;
        let platform_certificate = self::source(&mut certificate, "platformCertificate", CERTIFICATE_FORMS)?;
        certificate.finish()?;

        let timeout = root.number("timeoutMs", TIMEOUT_MS)?.unwrap_or(20_000);
        let connect_timeout = root.number("connectTimeoutMs", TIMEOUT_MS)?.unwrap_or(5_000);
        let max_attempts = root.number("maxAttempts", 1..=10)?.unwrap_or(3);
        let most_per_second = if endpoint.is_platform { 10 } else { 10_000 };
        let (rate, shared_limit) = match root.object("rateLimit")? {
            None => (Rate::default(), None),
            Some(mut limit) => {
                let own = rate(&mut limit, "perSecond", most_per_second)?.unwrap_or_default();
                let shared = limit.object("shared")?;
                let shared = shared.map(|section| SharedLimit::of_section(section, most_per_second)).transpose()?;
                limit.finish()?;
                (own, shared)
            }
        };
        let handed_over = root.unlisted_object("proxyEnvironment")?.map(Environment::of_proxies).transpose()?;
        let environment = handed_over.as_ref().unwrap_or(environment);
        let (proxy, proxy_reason) =
            Proxy::choose(root.secret("proxy")?.as_deref().map(String::as_str), &endpoint, |name| {
                environment.get(name).map(|value| value.to_string())
            })?;
        let ca_file = root.text("caFile")?.map(|path| Source::path("caFile", path.as_str()));
        let user_agent = root.text("userAgent")?.map_or_else(default_user_agent, |text| user_agent(&text))?;
        root.finish()?;

        let config = Config {
            endpoint,
            src,
            sign_type,
            des_key,
            private_key: source,
            password,
            alias,
            platform_certificate,
            timeout: Duration::from_millis(timeout),
            connect_timeout: Duration::from_millis(connect_timeout),
            max_attempts: max_attempts as u32,
            rate,
            shared_limit,
            proxy,
            proxy_reason,
            ca_file,
            user_agent,
        };
        Ok((config, des_key_text))
    }

    /// Which way requests take.
    pub(crate) fn route(&self) -> Route {
        Route {
            host: self.endpoint.host.clone(),
            port: self.endpoint.port,
            is_https: self.endpoint.is_https,
            proxy: self.proxy.as_ref().map(|proxy| format!("{proxy:?}")),
            reason: self.proxy_reason,
        }
    }
}

fn src(text: &str) -> Result<String, Error> {
    let length = text.chars().count();
    if !(1..=50).contains(&length) {
        return Err(error(format!("src has {length} characters; an institution number has 1 to 50.")));
    }
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '&' | '=')) {
        return Err(error(
            "src holds white space, a control character, & or =. Set the bare institution number (ORG…).",
        ));
    }
    Ok(text.to_owned())
}

fn sign_type(text: &str) -> Result<SignType, Error> {
    match text {
        "RSA" => Ok(SignType::Rsa),
        "SM" => Ok(SignType::Sm),
        _ => Err(error(r#"signType must be "RSA" or "SM"; leave it out to follow the kind of privateKey."#)),
    }
}

/// `perSecond`: from 1 to `most`, or less than 1.
fn rate(limit: &mut Reader<'_>, name: &'static str, most: u32) -> Result<Option<Rate>, Error> {
    let expected = format!(
        "a whole number from 1 to {most}, or a fraction from {} up to 1 (0.5: one call every two seconds)",
        Rate::LEAST
    );
    limit.parsed(name, &expected, |text| {
        let number = text.parse().unwrap_or(f64::NAN);
        let (below, above) = (number.floor(), number.ceil());
        match Rate::new(number).filter(|_| number <= f64::from(most)) {
            Some(rate) => Ok(rate),
            None if below != above && (1.0..=f64::from(most)).contains(&below) => {
                Err(format!(" Set it to {below}: {number} would let {above} calls through in some second."))
            }
            None => Err(String::new()),
        }
    })
}

/// Where a credential is; `forms` names the settings that may say so.
fn source(section: &mut Reader<'_>, field: &'static str, forms: &str) -> Result<Source, Error> {
    let (path, base64, pem) = (section.text("path")?, section.secret("base64")?, section.secret("pem")?);
    // Only an SM2 key is short enough to be written in hex.
    let hex = if field == "privateKey" { section.secret("hex")? } else { None };
    match (path, base64, pem, hex) {
        (Some(path), None, None, None) if path.is_empty() => {
            Err(error(format!("{field}.path is empty. Set it to the file's path.")))
        }
        (Some(path), None, None, None) => Ok(Source::path(field, path.as_str())),
        (None, Some(text), None, None) => Ok(Source::base64(field, text)),
        (None, None, Some(text), None) => Ok(Source::pem(field, text)),
        (None, None, None, Some(text)) => Ok(Source::hex(field, text)),
        (None, None, None, None) => Err(error(format!("{field} says not where it is. Set one of its {forms}."))),
        _ => Err(error(format!("{field} has more than one of {forms}. Set exactly one."))),
    }
}

fn default_user_agent() -> Result<String, Error> {
    Ok(concat!("yspay/", env!("CARGO_PKG_VERSION")).to_owned())
}

fn user_agent(text: &str) -> Result<String, Error> {
    let fits = (1..=200).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if fits && text.trim() == text {
        Ok(text.to_owned())
    } else {
        Err(error("userAgent must be 1 to 200 printable ASCII characters, without spaces around them."))
    }
}

/// Windows' editors and PowerShell begin a file with a byte order mark, and who hands over its text may leave it there.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn error(message: impl Into<String>) -> Error {
    Error::new(Code::Config, message)
}

#[cfg(test)]
mod tests;
