//! Which keys are at hand: those of the configuration, where there is one, and those that options name.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use yspay::known_keys::KnownKeys;
use yspay_diagnosis::{Keys, Kind, KnownKey, PublicKey, Whose};
use zeroize::Zeroizing;

use super::hint::Hint;
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
                self.add(Whose::Other(format!("privateKey ({})", name_of(path))), converted(key), from, lang);
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
    pub(super) fn missing(&self, kind: Kind) -> Vec<Hint> {
        let (merchant, platform) = (self.has(&Whose::Merchant), self.has(&Whose::Platform));
        let wanted = match kind {
            Kind::Request => vec![(merchant, Hint::MerchantKey), (self.keys.des_key.is_some(), Hint::DesKey)],
            Kind::Answer => vec![(platform, Hint::PlatformKey)],
        };
        wanted.into_iter().filter(|(is_known, _)| !is_known).map(|(_, hint)| hint).collect()
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
    let source = yspay::keys::Source::path(option, path);
    if let Ok(private) = yspay::keys::load_private_key(&source, None, None) {
        return Ok(converted(private.key.public_key()));
    }
    // It holds its certificate in the clear.
    if let Some(certificate) = yspay::keys::load_sm2_certificate(&source) {
        let certificate = certificate.map_err(|error| (exit::CONFIGURATION, error.to_string()))?;
        return Ok(converted(certificate.public_key));
    }
    let is_container =
        path.extension().is_some_and(|ending| ["pfx", "p12"].iter().any(|known| ending.eq_ignore_ascii_case(known)));
    let path = path.display();
    let advice = if is_container {
        lang.of(
            format!(
                " Take its certificate out: `openssl pkcs12 -in {path} -clcerts -nokeys -legacy -out merchant.pem`, and name \
                 merchant.pem."
            ),
            format!(
                "请先取出其中的证书：`openssl pkcs12 -in {path} -clcerts -nokeys -legacy -out merchant.pem`，再指定 merchant.pem。"
            ),
        )
    } else {
        String::new()
    };
    let text = lang.of(
        format!("{option}: {path} cannot be used: {}.{advice}", reason.en),
        format!("{option}：{path} 不能用：{}。{advice}", reason.zh),
    );
    Err((exit::CONFIGURATION, text))
}

fn file(path: &Path, option: &str, lang: Lang) -> Result<Vec<u8>, (u8, String)> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| {
        let path = path.display();
        let text = lang
            .of(format!("{option}: {path} cannot be read: {error}."), format!("{option}：无法读取 {path}：{error}。"));
        (exit::FILE, text)
    })
}
