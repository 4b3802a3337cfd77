//! What is told: the language, doctor, explain.

use crate::files;
use crate::machine::Desk;

#[test]
fn the_language_is_the_environment_s_or_windows_own() {
    let desk = Desk::new();
    let (english, chinese) = ("signed and in force", "已签署，合同生效");
    for (locale, variables, word) in [
        ("C.UTF-8", "set LC_ALL=", english),
        ("zh_CN.UTF-8", "set LC_ALL=", chinese),
        ("C.UTF-8", "set LC_ALL=zh_CN.UTF-8", chinese),
        ("C.UTF-8", "set LC_ALL=\nset LANG=zh_CN", chinese),
        ("zh_CN.UTF-8", "set LC_ALL=\nset LANG=en_US.UTF-8", english),
    ] {
        let run = desk.cmd(&format!("{variables}\nyspay query STS2-1"), locale);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert!(run.out.contains(word), "{locale} {variables}: {run:?}");
    }
}

#[test]
fn doctor_finds_all_in_order() {
    let desk = Desk::new();
    for config in ["配置.json", "rsa.json"] {
        let run = desk.run(&["doctor", "--json", "--id", "C99-1", "--config", config]);
        let found: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!((run.status, &found["status"]), (Some(0), &"ok".into()), "{found:#}");
        let permissions =
            found["checks"].as_array().unwrap().iter().find(|check| check["id"] == "permissions").unwrap();
        assert_eq!(permissions["status"], "skipped");
        assert!(permissions["found"].as_str().unwrap().contains("on Windows"), "{permissions}");
    }
}

#[test]
fn explain_reads_what_windows_tools_save() {
    let desk = Desk::new();
    let vectors = files::credential("").join("../vectors.json");
    let vectors: serde_json::Value = serde_json::from_slice(&std::fs::read(vectors).unwrap()).unwrap();
    for (sign_type, config) in [("SM", "配置.json"), ("RSA", "rsa.json")] {
        let vector = vectors["requests"].as_array().unwrap().iter().find(|one| one["sign_type"] == sign_type).unwrap();
        let signed = vector["canonical"].as_str().unwrap().split('&').map(|pair| pair.split_once('=').unwrap());
        let mut message: serde_json::Map<_, _> = signed.map(|(name, value)| (name.to_owned(), value.into())).collect();
        let signature = vector.get("sign_value").unwrap_or(&vector["example_sign_value"]);
        message.insert("signValue".into(), signature.clone());
        message.insert("reqFlowId".into(), vector["req_flow_id"].clone());
        let text = serde_json::Value::from(message.clone()).to_string();
        let utf16: Vec<u8> = std::iter::once('\u{feff}')
            .chain(text.chars())
            .collect::<String>()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for bytes in [format!("{text}\r\n").into_bytes(), format!("\u{feff}{text}\r\n").into_bytes(), utf16] {
            desk.write("报文.json", bytes);
            let run = desk.run(&["explain", "--json", "报文.json", "--config", config]);
            assert_eq!(run.status, Some(0), "{sign_type} {run:?}");
        }
        message.insert("src".into(), "ORG1".into());
        desk.write("报文.json", serde_json::Value::from(message).to_string());
        let run = desk.run(&["--lang", "zh", "explain", "报文.json", "--config", config]);
        assert!(run.status == Some(12) && run.out.contains('✗'), "{run:?}");
    }
}
