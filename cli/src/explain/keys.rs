//! Which keys are at hand: those of the configuration, where there is one, and those that options name.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use yspay::known_keys::KnownKeys;
use yspay_diagnosis::{Keys, Kind, KnownKey, PublicKey, Whose};
use zeroize::Zeroizing;

use crate::lang::Lang;
use crate::{arguments, exit, settings};

/// No certificate, and no key, is longer.
const MOST_BYTES: u64 = 1 << 20;

pub(super) fn options(command: Command, lang: Lang) -> Command {
    let file = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .value_hint(clap::ValueHint::FilePath)
    };
    command
        .arg(file("merchant-cert").help(lang.of(
            "The institution's certificate or public key, as YSEPAY has it, to verify requests with",
            "商户证书或公钥（提供给银盛的那份），用来验请求的签名",
        )))
        .arg(file("platform-cert").action(clap::ArgAction::Append).help(lang.of(
            "The platform's certificate or public key, to verify answers with; may repeat, such as test's and production's",
            "平台证书或公钥，用来验应答的签名；可重复，如测试与生产各一份",
        )))
        .arg(Arg::new("des-key-env").long("des-key-env").value_name("NAME").conflicts_with("des-key-file").help(
            lang.of("The environment variable that holds desKey, to decrypt data", "存放 desKey 的环境变量，用来解密 data"),
        ))
        .arg(file("des-key-file").help(lang.of(
            "The file that holds desKey, to decrypt data",
            "存放 desKey 的文件，用来解密 data",
        )))
}

/// What is known, and where it is from.
#[derive(Default)]
pub(super) struct Known {
    pub(super) keys: Keys,
    /// Each key for people: whose, which kind, where from.
    pub(super) told: Vec<String>,
    /// What could not be read; the rest is used all the same.
    pub(super) faults: Vec<String>,
}

/// What is not known and would tell more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    MerchantKey,
    PlatformKey,
    DesKey,
    /// What was refused without a signature.
    Request,
}

impl Missing {
    pub(super) fn id(self) -> &'static str {
        match self {
            Missing::MerchantKey => "merchantKey",
            Missing::PlatformKey => "platformKey",
            Missing::DesKey => "desKey",
            Missing::Request => "request",
        }
    }

    pub(super) fn told(self, lang: Lang) -> &'static str {
        match self {
            Missing::MerchantKey => lang.of(
                "The institution's key is not known: --merchant-cert FILE names its certificate or public key, --config a \
                 configuration with the private one.",
                "不知道商户的密钥：请用 --merchant-cert FILE 指定商户证书或公钥，或用 --config 指定带私钥的配置文件。",
            ),
            Missing::PlatformKey => lang.of(
                "The platform's key is not known: --platform-cert FILE names its certificate, --config a configuration with it.",
                "不知道平台的密钥：请用 --platform-cert FILE 指定平台证书，或用 --config 指定带平台证书的配置文件。",
            ),
            Missing::DesKey => lang.of(
                "desKey is not known, so data stays encrypted: --des-key-env NAME or --des-key-file FILE says where it is, \
                 or --config.",
                "不知道 desKey，无法解密 data：请用 --des-key-env NAME 或 --des-key-file FILE 指明它在哪里，或用 --config。",
            ),
            Missing::Request => lang.of(
                "An unsigned answer is mostly the refusal of a request, and what is wrong is in that: give the body that was \
                 sent, too.",
                "没有签名的应答多半是拒绝了请求，问题出在请求里：请把当时发出的报文体也给出来。",
            ),
        }
    }
}

impl Known {
    /// Of the configuration, which nobody need have, and of the options.
    pub(super) fn of(matches: &ArgMatches, given: &ArgMatches, lang: Lang) -> Result<Self, (u8, String)> {
        let mut known = Known::default();
        let merchant = given.get_one::<PathBuf>("merchant-cert");
        if let Some(path) = merchant {
            known.add(Whose::Merchant, file_key(path, "--merchant-cert", lang)?, path.display(), lang);
        }
        let path = settings::path(matches);
        let is_meant = arguments::config(matches).is_some() || path.as_os_str() != settings::DEFAULT;
        if is_meant || path.exists() {
            known.add_configuration(&path, lang)?;
        }
        for path in given.get_many::<PathBuf>("platform-cert").into_iter().flatten() {
            let key = file_key(path, "--platform-cert", lang)?;
            let whose = if known.has(&Whose::Platform) { Whose::Other(name_of(path)) } else { Whose::Platform };
            known.add(whose, key, path.display(), lang);
        }
        known.add_des_key(given, lang)?;
        Ok(known)
    }

    fn add_configuration(&mut self, path: &Path, lang: Lang) -> Result<(), (u8, String)> {
        let configured = KnownKeys::from_file(path).map_err(|error| (exit::CONFIGURATION, error.to_string()))?;
        let from = path.display();
        match configured.merchant {
            // What YSEPAY was given may be another key than the one that signs.
            Ok(key) if self.has(&Whose::Merchant) => {
                self.add(Whose::Other(format!("privateKey in {}", name_of(path))), converted(key), from, lang);
            }
            Ok(key) => self.add(Whose::Merchant, converted(key), from, lang),
            Err(error) => self.faults.push(error.to_string()),
        }
        match configured.platform {
            Ok(key) => self.add(Whose::Platform, converted(key), path.display(), lang),
            Err(error) => self.faults.push(error.to_string()),
        }
        self.keys.des_key = Some(configured.des_key);
        Ok(())
    }

    fn add_des_key(&mut self, given: &ArgMatches, lang: Lang) -> Result<(), (u8, String)> {
        let refuse = |text: String| Err((exit::CONFIGURATION, text));
        if let Some(name) = given.get_one::<String>("des-key-env") {
            match std::env::var(name).map(Zeroizing::new) {
                Ok(key) if !key.is_empty() => self.keys.des_key = Some(key),
                _ => {
                    return refuse(lang.of(
                        format!("--des-key-env: the environment variable {name:?} is not set, or is empty."),
                        format!("--des-key-env：环境变量 {name:?} 没有设置或为空。"),
                    ));
                }
            }
        }
        if let Some(path) = given.get_one::<PathBuf>("des-key-file") {
            let bytes = Zeroizing::new(file(path, "--des-key-file", lang)?);
            let text = std::str::from_utf8(&bytes).unwrap_or_default();
            let text = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
            if text.is_empty() {
                let path = path.display();
                return refuse(lang.of(
                    format!("--des-key-file: {path} is empty, or no text in UTF-8."),
                    format!("--des-key-file：{path} 是空文件，或者不是 UTF-8 文本。"),
                ));
            }
            self.keys.des_key = Some(Zeroizing::new(text.to_owned()));
        }
        Ok(())
    }

    fn has(&self, whose: &Whose) -> bool {
        self.keys.known.iter().any(|known| known.whose == *whose)
    }

    fn add(&mut self, whose: Whose, key: PublicKey, from: impl std::fmt::Display, lang: Lang) {
        let is_known = self.keys.known.iter().any(|known| known.key == key);
        if is_known && matches!(whose, Whose::Other(_)) {
            return;
        }
        let role = match &whose {
            Whose::Merchant => lang.of("institution", "商户"),
            Whose::Platform => lang.of("platform", "平台"),
            Whose::Other(_) => lang.of("other", "其他"),
        };
        self.told.push(lang.of(format!("{role} {} ({from})", key.kind()), format!("{role} {}（{from}）", key.kind())));
        self.keys.known.push(KnownKey { whose, key });
    }

    /// What would tell more about such a message.
    pub(super) fn missing(&self, kind: Kind) -> Vec<Missing> {
        let mut missing = Vec::new();
        match kind {
            Kind::Request => {
                if !self.has(&Whose::Merchant) {
                    missing.push(Missing::MerchantKey);
                }
                if self.keys.des_key.is_none() {
                    missing.push(Missing::DesKey);
                }
            }
            Kind::Answer if !self.has(&Whose::Platform) => missing.push(Missing::PlatformKey),
            Kind::Answer => {}
        }
        missing
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn converted(key: yspay::keys::PublicKey) -> PublicKey {
    match key {
        yspay::keys::PublicKey::Rsa(key) => PublicKey::Rsa(key),
        yspay::keys::PublicKey::Sm2(key) => PublicKey::Sm2(key),
    }
}

/// The key of a certificate, of a public key, or of a private one that no password protects.
fn file_key(path: &Path, option: &'static str, lang: Lang) -> Result<PublicKey, (u8, String)> {
    let bytes = Zeroizing::new(file(path, option, lang)?);
    let reason = match PublicKey::from_certificate_or_key(&bytes) {
        Ok(key) => return Ok(key),
        Err(reason) => reason.0,
    };
    let private = yspay::keys::load_private_key(&yspay::keys::Source::path(option, path), None, None);
    if let Ok(private) = private {
        return Ok(converted(private.key.public_key()));
    }
    let path = path.display();
    Err((
        exit::CONFIGURATION,
        lang.of(
            format!(
                "{option}: {path} cannot be used: {}. A key in a .pfx or .sm2 file is read by a configuration, which \
                 `yspay init` writes.",
                reason.en
            ),
            format!(
                "{option}：{path} 不能用：{}。.pfx、.sm2 里的密钥要通过配置文件读取，可用 `yspay init` 生成。",
                reason.zh
            ),
        ),
    ))
}

fn file(path: &Path, option: &str, lang: Lang) -> Result<Vec<u8>, (u8, String)> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| {
        let path = path.display();
        let text = lang
            .of(format!("{option}: {path} cannot be read: {error}."), format!("{option}：无法读取 {path}：{error}。"));
        (exit::FILE, text)
    })
}
