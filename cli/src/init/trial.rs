//! Each answer before the engine's own checks: a configuration with good stand-ins for what is not answered yet.

use yspay::{Client, Code, Description, Error};

use super::answers::Answers;

/// A path that no file has.
const NO_FILE: &str = "/no/such/file";

/// What the key wants before it opens.
pub(super) enum Need {
    Password(Error),
    Alias(Error),
    AnotherFile(Error),
}

/// Whether environment, src and desKey are such as the engine takes; empty ones are not judged.
pub(super) fn settings(answers: &Answers) -> Result<(), Error> {
    match whole(&completed(answers)) {
        Err(error) if error.code == Code::Config => Err(error),
        _ => Ok(()),
    }
}

/// What a client made of it is.
pub(super) fn whole(answers: &Answers) -> Result<Description, Error> {
    let text = answers.to_try();
    // Texts of JSON are UTF-8.
    Client::from_json(std::str::from_utf8(&text).unwrap_or_default()).map(|client| client.describe())
}

/// Whether the key opens, or what it needs.
pub(super) fn key(answers: &Answers) -> Result<(), Need> {
    // The key is read before the certificate, so what is wrong with the certificate says that the key is good.
    let error = match whole(&Answers { certificate: NO_FILE.into(), ..completed(answers) }) {
        Ok(_) => return Ok(()),
        Err(error) if error.message.starts_with("platformCertificate") => return Ok(()),
        Err(error) => error,
    };
    Err(if error.message.contains("privateKey.alias") {
        Need::Alias(error)
    } else if error.message.contains("privateKey.password") {
        Need::Password(error)
    } else {
        Need::AnotherFile(error)
    })
}

/// With good stand-ins for what is not answered yet.
fn completed(answers: &Answers) -> Answers {
    let or = |text: &str, stand_in: &str| if text.is_empty() { stand_in.to_owned() } else { text.to_owned() };
    Answers {
        place: or(&answers.place, "test"),
        src: or(&answers.src, "ORG"),
        key: or(&answers.key, NO_FILE),
        certificate: or(&answers.certificate, NO_FILE),
        ..answers.clone()
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::init::answers::Kept;

    fn credential(name: &str) -> String {
        format!("{}/../tests/vectors/credentials/{name}", env!("CARGO_MANIFEST_DIR"))
    }

    /// What a key file is found to need with this password.
    fn need(name: &str, password: Option<&str>) -> &'static str {
        let password = password.map(|text| Kept::Here(Zeroizing::new(text.into())));
        let des_key = Kept::Here(Zeroizing::new("12345678".into()));
        match key(&Answers { key: credential(name), password, des_key, ..Answers::default() }) {
            Ok(()) => "nothing",
            Err(Need::Password(_)) => "a password",
            Err(Need::Alias(_)) => "an alias",
            Err(Need::AnotherFile(_)) => "another file",
        }
    }

    #[test]
    fn a_key_tells_what_it_needs() {
        for encrypted in ["merchant.sm2", "merchant-sm2.pfx", "merchant-rsa-3des.pfx"] {
            assert_eq!(need(encrypted, None), "a password", "{encrypted}");
            assert_eq!(need(encrypted, Some("wrong")), "a password", "{encrypted}");
            assert_eq!(need(encrypted, Some("123456")), "nothing", "{encrypted}");
        }
        assert_eq!(need("merchant-sm2.key.pem", None), "nothing");
        assert_eq!(need("platform-sm2.cer", None), "another file");
        assert_eq!(need("no-such.pfx", None), "another file");
    }

    #[test]
    fn a_setting_is_judged_by_itself() {
        let judged = |change: fn(&mut Answers)| {
            let mut answers = Answers { des_key: Kept::Here(Zeroizing::new("12345678".into())), ..Answers::default() };
            change(&mut answers);
            settings(&answers).err().map(|error| error.message).unwrap_or_default()
        };
        assert_eq!(judged(|_| {}), "");
        assert!(judged(|answers| answers.place = "prod".into()).contains(r#""test" or "production""#));
        assert!(judged(|answers| answers.place = "http://example.com/".into()).starts_with("endpoint"));
        assert!(judged(|answers| answers.src = "ORG 1".into()).starts_with("src holds"));
        assert!(judged(|answers| answers.des_key = Kept::Here(Zeroizing::new("short".into()))).starts_with("desKey"));
    }
}
