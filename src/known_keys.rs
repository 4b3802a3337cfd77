//! What a configuration tells for checking messages that others made: the public halves of its keys, and `desKey`.

use std::path::Path;

use zeroize::Zeroizing;

use crate::config::{self, Config};
use crate::error::Error;
use crate::keys::{self, PublicKey};

/// The keys of a configuration. Each may be unreadable by itself.
pub struct KnownKeys {
    /// The institution's public key, of the private one.
    pub merchant: Result<PublicKey, Error>,
    /// The platform's.
    pub platform: Result<PublicKey, Error>,
    /// The whole key string for `data`, as it was issued. Wiped when dropped; never to be shown.
    pub des_key: Zeroizing<String>,
}

impl KnownKeys {
    /// Reads a configuration file and the key files that it names.
    ///
    /// # Errors
    /// `CONFIG`.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let text = config::read_file(path.as_ref())?;
        let (config, des_key) = Config::with_des_key_text(&text, None)?;
        let password = config.password.as_deref().map(String::as_str);
        let merchant = keys::load_private_key(&config.private_key, password, config.alias.as_deref());
        let platform = keys::load_certificate(&config.platform_certificate);
        Ok(KnownKeys {
            merchant: merchant.map(|merchant| merchant.key.public_key()),
            platform: platform.map(|certificate| certificate.public_key),
            des_key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/credentials");
    const DES_KEY: &str = "A81F41DE7406CC1566579A751D93CA7A";

    fn of(key: &str, certificate: &str) -> KnownKeys {
        let path =
            std::env::temp_dir().join(format!("yspay-known-keys-{}-{key}-{certificate}.json", std::process::id()));
        let text = format!(
            r#"{{"environment":"test","src":"ORG","desKey":"{DES_KEY}",
            "privateKey":{{"path":"{CREDENTIALS}/{key}","password":"123456"}},
            "platformCertificate":{{"path":"{CREDENTIALS}/{certificate}"}}}}"#
        );
        std::fs::write(&path, text).unwrap();
        let keys = KnownKeys::from_file(&path);
        std::fs::remove_file(&path).unwrap();
        keys.unwrap()
    }

    #[test]
    fn the_merchant_s_public_key_is_that_of_its_certificate() {
        for (key, certificate, platform) in [
            ("merchant.sm2", "merchant-sm2.cer", "platform-sm2.cer"),
            ("merchant-rsa-3des.pfx", "merchant-rsa.cer", "platform-rsa.cer"),
        ] {
            let known = of(key, platform);
            let named = |name| {
                let source = keys::Source::path("platformCertificate", format!("{CREDENTIALS}/{name}"));
                keys::load_certificate(&source).unwrap().public_key
            };
            assert_eq!(known.merchant.unwrap(), named(certificate));
            assert_eq!(known.platform.unwrap(), named(platform));
            assert_eq!(known.des_key.as_str(), DES_KEY);
        }
    }

    #[test]
    fn des_key_may_be_handed_over_as_a_secret() {
        let path = std::env::temp_dir().join(format!("yspay-known-keys-{}-secret.json", std::process::id()));
        let text = format!(
            r#"{{"environment":"test","src":"ORG","desKey":{{"env":"YSPAY_NOT_SET"}},
            "secretEnvironment":{{"YSPAY_NOT_SET":"{DES_KEY}"}},
            "privateKey":{{"path":"{CREDENTIALS}/merchant.sm2","password":"123456"}},
            "platformCertificate":{{"path":"{CREDENTIALS}/platform-sm2.cer"}}}}"#
        );
        std::fs::write(&path, text).unwrap();
        let known = KnownKeys::from_file(&path);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(known.unwrap().des_key.as_str(), DES_KEY);
    }

    #[test]
    fn a_file_that_cannot_be_read_leaves_the_others() {
        let known = of("merchant.sm2", "no-such.cer");
        assert!(known.merchant.is_ok());
        assert!(known.platform.unwrap_err().message.contains("does not exist"));
        assert!(KnownKeys::from_file("no/such.json").is_err());
    }
}
