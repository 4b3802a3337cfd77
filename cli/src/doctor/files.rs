//! What lies on this machine: the configuration, who may read it, the keys and the certificates.

use std::path::Path;

use yspay::{CertificateDescription, Code, Description, Error};

use super::check::{Check, Checks, Status};
use super::stated::Stated;

/// From here on a certificate's end is near, as in the engine's log.
const DAYS_SOON: i64 = 30;

const CONFIGURATION: &str = "configuration";
const KEY: &str = "privateKey";
const OWN: &str = "ownCertificate";
const PLATFORM: &str = "platformCertificate";

/// The checks when no client could be made.
pub(super) fn without_client(checks: &mut Checks, path: &Path, stated: &Stated, error: &Error) {
    let lang = checks.lang;
    let to_blame = error.setting.filter(|_| error.code == Code::Credential);
    if !matches!(to_blame, Some(KEY | PLATFORM)) {
        let advice = if !path.exists() {
            lang.of(
                "`yspay init` writes a configuration; --config names another one.",
                "`yspay init` 可以生成配置文件；--config 可指定其他文件。",
            )
        } else {
            lang.of(
                "The message names the setting; docs/configuration.md says what it takes.",
                "错误信息指明了是哪一项；取值见 docs/zh-CN/configuration.md。",
            )
        };
        checks.fail(CONFIGURATION, error).fact("path", path.to_string_lossy()).advise(advice);
        permissions(checks, path, stated);
        for id in [KEY, OWN, PLATFORM] {
            checks.skip(id, "not looked at: the configuration comes first", "未检查：请先解决配置问题");
        }
        return;
    }
    checks.add(CONFIGURATION, Status::Ok, path.to_string_lossy()).fact("path", path.to_string_lossy());
    permissions(checks, path, stated);
    if to_blame == Some(KEY) {
        checks.fail(KEY, error).advise(lang.of(
            "The message says what to try; docs/keys.md has the commands. Copy the file in binary mode.",
            "错误信息说明了可尝试的办法；转换命令见 docs/zh-CN/keys.md。复制文件请用二进制方式。",
        ));
        checks.skip(OWN, "not looked at: the key comes first", "未检查：请先解决私钥问题");
        checks.skip(PLATFORM, "not looked at: the key comes first", "未检查：请先解决私钥问题");
        return;
    }
    checks.add(KEY, Status::Ok, lang.of("read", "可读取"));
    checks.skip(OWN, "not looked at: the platform's certificate comes first", "未检查：请先解决平台证书问题");
    checks.fail(PLATFORM, error).advise(lang.of(
        "Set platformCertificate to the certificate that YSEPAY sent for this environment and this signType.",
        "请把 platformCertificate 设为银盛针对本环境、本签名算法提供的证书。",
    ));
}

/// The checks of a client that was made. `proven`: an answer has shown that both sides take the keys, whatever the dates.
pub(super) fn with_client(checks: &mut Checks, path: &Path, stated: &Stated, client: &Description, proven: bool) {
    let lang = checks.lang;
    checks.add(CONFIGURATION, Status::Ok, path.to_string_lossy()).fact("path", path.to_string_lossy());
    permissions(checks, path, stated);
    let key = &client.private_key;
    checks
        .add(KEY, Status::Ok, format!("{} · {}", key.kind, key.container))
        .fact("kind", key.kind.as_str())
        .fact("container", key.container);
    match &key.certificate {
        Some(certificate) => {
            let found = format!("{} · {}", certificate.subject, lang.of("of this very key", "与私钥匹配"));
            let check = checks.add(OWN, Status::Ok, found);
            check.certificate(certificate);
            let from = lang.of(
                "Get its successor from your CA (CFCA, for example), give that to YSEPAY, then change the key.",
                "请向您的 CA（如 CFCA）申请新证书，提交给银盛后再更换私钥。",
            );
            judge_dates(check, certificate, proven, from, lang);
        }
        None => {
            checks.skip(
                OWN,
                "none of this key beside it, so nothing tells until when it is valid",
                "私钥旁没有对应的证书，无从得知有效期",
            );
        }
    }
    let platform = &client.platform_certificate;
    let found = format!(
        "{} · {} · {}",
        platform.kind,
        platform.certificate.subject,
        lang.of("not this institution's own", "不是商户自己的证书")
    );
    let check = checks.add(PLATFORM, Status::Ok, found);
    check
        .fact("kind", platform.kind.as_str())
        .fact("fingerprintSha256", platform.fingerprint_sha256.as_str())
        .certificate(&platform.certificate);
    let from = lang.of("Ask YSEPAY for its successor.", "请向银盛索取新的平台证书。");
    judge_dates(check, &platform.certificate, proven, from, lang);
}

fn judge_dates(
    check: &mut Check,
    certificate: &CertificateDescription,
    proven: bool,
    advice: &str,
    lang: crate::lang::Lang,
) {
    let until = certificate.not_after.as_deref().unwrap_or("?");
    let (status, told) = match certificate.days_left {
        None => (Status::Warning, lang.of("its end cannot be read".to_owned(), "无法读取到期时间".to_owned())),
        Some(days) if days < 0 && proven => (
            Status::Warning,
            lang.of(
                format!("ended {until}; both sides take it all the same",),
                format!("已于 {until} 到期；双方目前仍接受"),
            ),
        ),
        Some(days) if days < 0 => (Status::Failed, lang.of(format!("ended {until}"), format!("已于 {until} 到期"))),
        Some(days) => (
            if days < DAYS_SOON { Status::Warning } else { Status::Ok },
            lang.of(format!("until {until}, {days} days"), format!("有效期至 {until}，剩 {days} 天")),
        ),
    };
    check.status = status;
    check.found = format!("{} · {told}", check.found);
    if status != Status::Ok {
        check.advise(advice);
    }
}

/// Who may read and write a file; none where the system keeps no such bits.
#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).ok().map(|file| file.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

/// Others must not read a secret, nor anyone else change what is believed.
fn permissions(checks: &mut Checks, path: &Path, stated: &Stated) {
    const ID: &str = "permissions";
    let lang = checks.lang;
    if cfg!(not(unix)) {
        checks.skip(
            ID,
            "not looked at on Windows: keep the files in a folder that only the account of this program may open",
            "Windows 上不检查：请把文件放在只有运行本程序的账户能打开的文件夹里",
        );
        return;
    }
    if mode(path).is_none() {
        checks.skip(ID, "not looked at: the configuration comes first", "未检查：请先解决配置问题");
        return;
    }
    let secrets = stated.key_file().into_iter().chain(stated.secret_files()).map(|path| (path, true));
    let open: Vec<(String, u32)> = std::iter::once((path, stated.holds_secret()))
        .chain(secrets)
        .filter_map(|(path, is_secret)| Some((path, mode(path)?, is_secret)))
        .filter(|(_, mode, is_secret)| mode & 0o022 != 0 || (*is_secret && mode & 0o004 != 0))
        .map(|(path, mode, _)| (path.to_string_lossy().into_owned(), mode))
        .collect();
    if open.is_empty() {
        checks.add(ID, Status::Ok, lang.of("no other account reads the secrets", "其他账户无法读取机密"));
        return;
    }
    let list: Vec<String> = open.iter().map(|(path, mode)| format!("{path} ({mode:03o})")).collect();
    let named: Vec<String> = open.iter().map(|(path, _)| crate::shell::quoted(path)).collect();
    let found = lang.of(
        format!("other accounts of this machine can read or change: {}", list.join(", ")),
        format!("本机其他账户可以读取或修改：{}", list.join("、")),
    );
    checks.add(ID, Status::Warning, found).advise(format!("chmod g-w,o-rwx {}", named.join(" ")));
}

#[cfg(test)]
mod tests {
    use yspay::Client;

    use super::*;
    use crate::lang::Lang;

    /// Neither setting may be found in the words of a message, which change.
    #[test]
    fn the_culprit_is_the_engine_s_word_and_not_the_message_s() {
        let credential = |name: &str| format!("{}/../tests/vectors/credentials/{name}", env!("CARGO_MANIFEST_DIR"));
        let key = "merchant-sm2.key.pem";
        for (key, certificate, culprit) in [
            ("none.pem", "platform-sm2.cer", KEY),
            (key, "none.cer", PLATFORM),
            // The institution's own, and one of the other kind: the message speaks of the key, too.
            (key, "merchant-sm2.cer", PLATFORM),
            (key, "platform-rsa.cer", PLATFORM),
        ] {
            let config = serde_json::json!({
                "environment": "test",
                "src": "ORG1",
                "desKey": "0123456789abcdef",
                "privateKey": {"path": credential(key)},
                "platformCertificate": {"path": credential(certificate)},
            });
            let mut error = Client::from_json(&config.to_string()).err().unwrap();
            assert_eq!(error.code, Code::Credential, "{error}");
            for message in ["", "privateKey", "platformCertificate", "desKey but platformCertificate is "] {
                error.message = message.into();
                let mut checks = Checks::new(Lang::En);
                without_client(&mut checks, Path::new("yspay.json"), &Stated::default(), &error);
                let failed: Vec<_> = checks.list.iter().filter(|check| check.status == Status::Failed).collect();
                assert_eq!(failed.iter().map(|check| check.id).collect::<Vec<_>>(), [culprit], "{message}");
            }
        }
    }
}
