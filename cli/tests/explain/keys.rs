//! Which keys are used, where they are from, and what is said where one is missing.

use serde_json::json;

use crate::made::{Kind, answer, good_request, openssl, wrong_request};
use crate::platform::{Scratch, credential};
use crate::run::{DES_KEY, explain, fed, fed_with, run};

#[test]
fn without_any_key_it_says_which_option_would_help() {
    let run = fed(&[], good_request(Kind::Sm));
    assert_eq!(run.status, 13, "{run:?}");
    for expected in ["Known: no key.", "--merchant-cert FILE", "--des-key-env NAME", "&src=ORG20210927162704"] {
        assert!(run.out.contains(expected), "{expected}: {}", run.out);
    }
    let run = fed(&["--json"], answer(Kind::Sm, "platform"));
    assert_eq!((run.status, run.objects()[0]["hints"][0]["id"].as_str()), (13, Some("platformKey")));
}

#[test]
fn options_do_without_a_configuration() {
    let scratch = Scratch::new();
    for kind in Kind::BOTH {
        let text = format!("{}\n{}\n", good_request(kind), answer(kind, "platform"));
        let file = scratch.write("capture", text);
        let (merchant, platform) = (kind.certificate("merchant"), kind.certificate("platform"));
        let mut command = explain(&["--json", "--des-key-env", "DES"]);
        command.env("DES", DES_KEY).arg("--merchant-cert").arg(merchant).arg("--platform-cert").arg(platform).arg(file);
        let run = run(&mut command);
        assert_eq!((run.status, run.err.as_str()), (0, ""), "{run:?}");
        assert!(run.objects().iter().all(|object| object["hints"] == json!([])), "{run:?}");
    }
}

/// Production's certificate beside test's.
#[test]
fn another_certificate_is_named_by_its_file() {
    let scratch = Scratch::new();
    let config = Kind::Rsa.config(&scratch);
    let other = Kind::Rsa.certificate("merchant");
    std::fs::copy(other, scratch.0.join("production.cer")).unwrap();
    let option = scratch.0.join("production.cer");
    let config_without = {
        let mut settings: serde_json::Value = serde_json::from_slice(&std::fs::read(config).unwrap()).unwrap();
        // Another key of the institution's, so that the certificate is known by its option alone.
        settings["privateKey"]["path"] = credential("platform-rsa.key.pem").to_str().unwrap().into();
        scratch.write("other.json", settings.to_string())
    };
    let run = fed_with(
        &config_without,
        &["--json", "--platform-cert", option.to_str().unwrap()],
        answer(Kind::Rsa, "merchant"),
    );
    let objects = run.objects();
    assert_eq!((run.status, objects[0]["key"].as_str()), (12, Some("production.cer")), "{run:?}");
    assert!(objects[0].to_string().contains("production.cer"), "{run:?}");
}

#[test]
fn files_that_hold_no_key_are_refused() {
    let scratch = Scratch::new();
    let text = scratch.write("text", "hello");
    let container = credential("merchant-sm2.pfx");
    for (arguments, status, expected) in [
        (vec!["--platform-cert", text.to_str().unwrap()], 3, "cannot be used"),
        (vec!["--merchant-cert", container.to_str().unwrap()], 3, "-clcerts -nokeys -legacy"),
        (vec!["--merchant-cert", "/no/such.cer"], 4, "--merchant-cert: /no/such.cer cannot be read"),
        (vec!["--des-key-env", "NO_SUCH_VARIABLE"], 3, "\"NO_SUCH_VARIABLE\" is not set"),
        (vec!["--config", "/no/such.json"], 3, "does not exist"),
        (vec!["/no/such/capture"], 4, "/no/such/capture cannot be read"),
    ] {
        let run = fed(&arguments, good_request(Kind::Sm));
        assert_eq!((run.status, run.out.as_str()), (status, ""), "{run:?}");
        assert!(run.err.contains(expected), "{run:?}");
    }
}

/// A wrong password leaves the platform's certificate.
#[test]
fn a_key_that_cannot_be_read_leaves_the_others() {
    let scratch = Scratch::new();
    let config = json!({
        "environment": "test", "src": "ORG1", "desKey": DES_KEY,
        "privateKey": {"path": credential("merchant.sm2"), "password": "wrong"},
        "platformCertificate": {"path": Kind::Sm.certificate("platform")},
    });
    let config = scratch.write("config.json", config.to_string());
    let run = fed_with(&config, &[], answer(Kind::Sm, "platform"));
    assert!(run.status == 0 && run.err.contains("the password is wrong"), "{run:?}");
}

/// A certificate stands in a .sm2 file in the clear; out of a .pfx OpenSSL takes it, as the refusal says.
#[test]
fn containers_give_their_certificate() {
    let scratch = Scratch::new();
    let explained = |kind, certificate: &std::path::Path| {
        let mut command = explain(&["--json", "--des-key-env", "DES", "--merchant-cert"]);
        run(command.env("DES", DES_KEY).arg(certificate).arg(scratch.write("request", good_request(kind))))
    };
    assert_eq!(explained(Kind::Sm, &credential("merchant.sm2")).status, 0);
    assert_eq!(explained(Kind::Rsa, &credential("merchant-rsa.key.pem")).status, 0);
    let container = scratch.0.join("merchant.pfx");
    std::fs::copy(credential("merchant-rsa-rc2.pfx"), &container).unwrap();
    let refused = explained(Kind::Rsa, &container);
    let command = refused.err.split('`').nth(1).unwrap();
    scratch.sh(&format!("{command} -passin pass:123456"));
    assert_eq!(explained(Kind::Rsa, &scratch.0.join("merchant.pem")).status, 0, "{command}");
}

/// Whatever else holds certificates: nobody would know which of them was taken.
#[test]
fn no_certificate_is_taken_out_of_another_file() {
    let scratch = Scratch::new();
    let [platform, merchant] = ["platform", "merchant"].map(|whose| credential(&format!("{whose}-sm2.cert.pem")));
    let [platform, merchant] = [&platform, &merchant].map(|path| path.to_str().unwrap());
    let chain =
        ["crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile", platform, "-certfile", merchant, "-in", "/dev/null"];
    let chain = openssl(&["base64"], &openssl(&chain, b""));
    let chain = scratch.write("chain.p7b", chain);
    // One of our .sm2 files, but with another identifier before its certificate: the last of the two.
    let whole = openssl(&["base64", "-d", "-in", credential("merchant.sm2").to_str().unwrap()], b"");
    let data = [0x06, 0x0a, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x06, 0x01, 0x04, 0x02, 0x01];
    let last = whole.windows(data.len()).rposition(|window| window == data).unwrap();
    let mut other = whole.clone();
    other[last + data.len() - 1] = 9;
    let other = scratch.write("other.sm2", openssl(&["base64", "-A"], &other));
    for (path, expected) in [(chain, "it holds no RSA"), (other, "looks like a CFCA .sm2 file, but has the identifier")]
    {
        let run = fed(&["--merchant-cert", path.to_str().unwrap()], good_request(Kind::Sm));
        assert_eq!((run.status, run.out.as_str()), (3, ""), "{run:?}");
        assert!(run.err.contains("--merchant-cert") && run.err.contains(expected), "{run:?}");
    }
}

#[test]
fn a_right_request_that_was_refused_points_at_the_certificate_that_the_platform_has() {
    let scratch = Scratch::new();
    let config = Kind::Sm.config(&scratch);
    let refusal = r#"{"code":200,"message":"验签失败","data":null,"list":null}"#;
    let hints = |text: &str| {
        let run = fed_with(&config, &["--json"], text);
        assert_eq!(run.status, 13);
        run.objects().last().unwrap()["hints"][0]["id"].as_str().map(str::to_owned)
    };
    assert_eq!(hints(refusal).as_deref(), Some("request"));
    assert_eq!(
        hints(&format!("log {}\nlog {refusal}", good_request(Kind::Sm))).as_deref(),
        Some("registeredCertificate")
    );
    let run = fed_with(&config, &["--json"], format!("log {}\nlog {refusal}", wrong_request(Kind::Sm)));
    assert_eq!((run.status, &run.objects()[1]["hints"]), (12, &json!([])));
}
