//! What one check found, and the list of them.

use serde_json::{Map, Value};
use yspay::{CertificateDescription, Description, Error};

use crate::lang::Lang;

/// How a check ended; the order is that of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    /// Not looked at, for something else is in its way.
    Skipped,
    Ok,
    Warning,
    Failed,
}

impl Status {
    pub(super) fn mark(self) -> &'static str {
        match self {
            Status::Skipped => "–",
            Status::Ok => "✓",
            Status::Warning => "!",
            Status::Failed => "✗",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Status::Skipped => "skipped",
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Failed => "failed",
        }
    }
}

/// One line of the screen. `id` is stable; `facts` are for programs.
pub(super) struct Check {
    pub(super) id: &'static str,
    pub(super) status: Status,
    pub(super) title: &'static str,
    pub(super) found: String,
    pub(super) advice: Option<String>,
    pub(super) facts: Map<String, Value>,
}

impl Check {
    /// What to do.
    pub(super) fn advise(&mut self, advice: impl Into<String>) -> &mut Self {
        self.advice = Some(advice.into());
        self
    }

    /// A fact for programs.
    pub(super) fn fact(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// A certificate's facts.
    pub(super) fn certificate(&mut self, certificate: &CertificateDescription) -> &mut Self {
        self.fact("subject", certificate.subject.as_str())
            .fact("issuer", certificate.issuer.as_str())
            .fact("notAfter", certificate.not_after.as_deref())
            .fact("daysLeft", certificate.days_left)
    }

    /// The engine's error, whole.
    pub(super) fn error(&mut self, error: &Error) -> &mut Self {
        let whole: Value = serde_json::from_str(&error.to_json()).unwrap_or_default();
        self.fact("error", whole["error"].clone())
    }
}

/// All checks so far, in the order of the screen.
pub(super) struct Checks {
    pub(super) lang: Lang,
    pub(super) list: Vec<Check>,
    /// Who asks whom: endpoint, institution, algorithm.
    pub(super) about: Option<(String, String, &'static str)>,
}

impl Checks {
    pub(super) fn new(lang: Lang) -> Self {
        Checks { lang, list: Vec::new(), about: None }
    }

    pub(super) fn about(&mut self, client: &Description) {
        self.about = Some((client.endpoint.clone(), client.src.clone(), client.sign_type));
    }

    pub(super) fn add(&mut self, id: &'static str, status: Status, found: impl Into<String>) -> &mut Check {
        let title = title(id, self.lang);
        self.list.push(Check { id, status, title, found: found.into(), advice: None, facts: Map::new() });
        self.list.last_mut().expect("one was just added")
    }

    /// A check that something else is in the way of.
    pub(super) fn skip(&mut self, id: &'static str, why_en: &str, why_zh: &str) -> &mut Check {
        let why = self.lang.of(why_en, why_zh).to_owned();
        self.add(id, Status::Skipped, why)
    }

    /// A check that failed with the engine's error.
    pub(super) fn fail(&mut self, id: &'static str, error: &Error) -> &mut Check {
        let check = self.add(id, Status::Failed, error.to_string());
        check.error(error);
        check
    }

    pub(super) fn worst(&self) -> Status {
        self.list.iter().map(|check| check.status).max().unwrap_or(Status::Skipped)
    }

    pub(super) fn count(&self, status: Status) -> usize {
        self.list.iter().filter(|check| check.status == status).count()
    }
}

fn title(id: &str, lang: Lang) -> &'static str {
    match id {
        "configuration" => lang.of("configuration", "配置"),
        "permissions" => lang.of("file permissions", "文件权限"),
        "privateKey" => lang.of("private key", "商户私钥"),
        "ownCertificate" => lang.of("its certificate", "商户证书"),
        "platformCertificate" => lang.of("platform's certificate", "平台证书"),
        "name" => lang.of("name (DNS)", "域名解析"),
        "proxy" => lang.of("proxy", "代理"),
        "tcp" => lang.of("TCP", "TCP 连接"),
        "tls" => lang.of("TLS", "TLS"),
        "clock" => lang.of("clock", "本机时钟"),
        "answer" => lang.of("platform's answer", "平台应答"),
        _ => lang.of("rate limit", "限流"),
    }
}
