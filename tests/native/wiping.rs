//! Secrets are overwritten before their memory is given back: a hook in `free` looks into every block, and a thread's
//! stack is looked into when the thread is gone.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sm2::{Scalar, SecretKey};
use yspay_simulator::{Options, Simulator, Tls};

use crate::support::{Scratch, credential};
use crate::tools::{self, Program, ROOT, SIGN_TYPES, err, out, run};

/// A shared object that looks into blocks.
fn hook(folder: &Scratch) -> std::path::PathBuf {
    let object = folder.path("free_hook.so");
    run(Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&object)
        .arg(Path::new(ROOT).join("tests/c/free_hook.c"))
        .arg("-ldl"));
    object
}

/// What the hook tells of a client of this configuration.
fn told(program: &Program, config: &Value, needle: impl AsRef<OsStr>, careless: bool) -> String {
    let file = program.folder.write("config.json", config.to_string());
    let mut command = program.command();
    command.arg(file).env("LD_PRELOAD", program.folder.path("free_hook.so")).env("NEEDLE", needle);
    if careless {
        command.arg("careless");
    }
    err(&run(&mut command))
}

#[test]
fn no_secret_of_the_configuration_is_given_back_unwiped() {
    let program = Program::build(&["cc", "-std=c99"], "tests/c/wiping.c");
    let object = hook(&program.folder);
    assert!(object.exists());
    let config = |private_key: Value, certificate: &str| {
        json!({
            "endpoint": "http://127.0.0.1:9/", "src": "ORG1", "desKey": "A81F41DE7406CC1566579A751D93CA7A",
            "privateKey": private_key, "platformCertificate": {"path": credential(certificate)},
        })
    };
    let read = |name: &str| std::fs::read_to_string(credential(name)).unwrap();
    // A password that stands nowhere else; the file is encrypted with it.
    let password = "a password that is easily found";
    program.folder.sh(&format!(
        "openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 100 -in $C/merchant-sm2.key.pem -out key.pem -passout 'pass:{password}'"
    ));
    let encrypted = json!({"path": program.folder.path("key.pem"), "password": password});
    program.folder.sh(&format!(
        "openssl pkcs12 -export -legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-40 -inkey $C/merchant-sm2.key.pem \
         -in $C/merchant-sm2.cert.pem -out key.pfx -passout 'pass:{password}'"
    ));
    let pfx = json!({"path": program.folder.path("key.pfx"), "password": password});
    let (sm2, rsa) = (read("merchant-sm2.key.pem"), read("merchant-rsa.key.pem"));
    let piece = |pem: &str| pem.lines().nth(2).unwrap()[10..40].to_owned();
    let file = read("merchant.sm2").replace('\n', "");
    let hex = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
    for (what, config, needle) in [
        ("desKey", config(encrypted.clone(), "platform-sm2.cer"), "A81F41DE7406CC1566579A751D93CA7A".to_owned()),
        ("password", config(encrypted, "platform-sm2.cer"), password.to_owned()),
        ("password of a .pfx", config(pfx, "platform-sm2.cer"), password.to_owned()),
        ("pem, SM2", config(json!({"pem": sm2}), "platform-sm2.cer"), piece(&sm2)),
        ("pem, RSA", config(json!({"pem": rsa}), "platform-rsa.cer"), piece(&rsa)),
        (
            "base64",
            config(json!({"base64": file, "password": "123456"}), "platform-sm2.cer"),
            file[100..140].to_owned(),
        ),
        ("hex", config(json!({"hex": hex}), "platform-sm2.cer"), hex[10..40].to_owned()),
    ] {
        assert_eq!(told(&program, &config, &needle, false), "", "{what}");
        // The hook finds what is there to be found.
        assert_eq!(told(&program, &config, &needle, true), "freed unwiped\n", "{what}");
    }
}

/// What a password opens is wiped, too: the numbers of a key as they stand in PKCS#8.
#[test]
fn no_key_out_of_a_container_is_given_back_unwiped() {
    let program = Program::build(&["cc", "-std=c99"], "tests/c/wiping.c");
    let object = hook(&program.folder);
    assert!(object.exists());
    let export = "openssl pkcs12 -export -passout pass:123456";
    program.folder.sh(&format!(
        "for n in sm2 rsa; do key=\"-inkey $C/merchant-$n.key.pem -in $C/merchant-$n.cert.pem\"; {export} $key -out $n.pfx; \
         {export} $key -legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-40 -out $n-3des.pfx; \
         {export} $key -keypbe NONE -certpbe NONE -out $n-clear.pfx; \
         {export} $key -keypbe SM4-CBC -certpbe SM4-CBC -out $n-sm4.pfx; \
         openssl pkcs8 -topk8 -passout pass:123456 -in $C/merchant-$n.key.pem -out $n.pem; \
         openssl pkcs8 -topk8 -nocrypt -in $C/merchant-$n.key.pem -outform DER -out $n.der; done; cp $C/merchant.sm2 sm2.sm2"
    ));
    for (kind, files) in [
        ("sm2", &["sm2.pfx", "sm2-3des.pfx", "sm2-clear.pfx", "sm2-sm4.pfx", "sm2.pem", "sm2.sm2"][..]),
        ("rsa", &["rsa.pfx", "rsa-3des.pfx", "rsa-clear.pfx", "rsa-sm4.pfx", "rsa.pem"]),
    ] {
        let der = std::fs::read(program.folder.path(&format!("{kind}.der"))).unwrap();
        // Behind the first third stand the scalar of SM2 and RSA's private exponent; an environment holds no zero byte.
        let secret = der[der.len() / 3..].windows(10).find(|window| !window.contains(&0)).unwrap();
        for file in files {
            let config = json!({
                "endpoint": "http://127.0.0.1:9/", "src": "ORG1", "desKey": "A81F41DE7406CC1566579A751D93CA7A",
                "privateKey": {"path": program.folder.path(file), "password": "123456"},
                "platformCertificate": {"path": credential(&format!("platform-{kind}.cer"))},
            });
            assert_eq!(told(&program, &config, OsStr::from_bytes(secret), false), "", "{file}");
        }
    }
}

/// What signing keeps of an SM2 key: its number d and the inverse of 1 + d, which tells d. Each as digits, and as the field
/// keeps it, from behind.
#[test]
fn no_number_that_signs_is_given_back_unwiped() {
    let program = Program::build(&["cc", "-std=c99"], "tests/c/wiping.c");
    let object = hook(&program.folder);
    assert!(object.exists());
    let config = json!({
        "endpoint": "http://127.0.0.1:9/", "src": "ORG1", "desKey": "A81F41DE7406CC1566579A751D93CA7A",
        "privateKey": {"path": credential("merchant-sm2.key.pem")},
        "platformCertificate": {"path": credential("platform-sm2.cer")},
    });
    for number in signing_numbers(&program.folder) {
        let digits: [u8; 32] = number.to_bytes().into();
        let mut words: [u8; 32] = as_kept(number).to_bytes().into();
        words.reverse();
        for bytes in [digits, words] {
            // An environment holds no zero byte.
            let needle = bytes.windows(10).find(|window| !window.contains(&0)).unwrap();
            assert_eq!(told(&program, &config, OsStr::from_bytes(needle), false), "", "{bytes:x?}");
        }
    }
}

/// Of the institution's key, d and 1 / (1 + d).
fn signing_numbers(folder: &Scratch) -> [Scalar; 2] {
    let digits = shown(folder, "openssl ec -in $C/merchant-sm2.key.pem -noout -text", "priv:", "pub:");
    let digits: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    let d = *SecretKey::from_slice(&digits).unwrap().to_nonzero_scalar();
    [d, (d + Scalar::ONE).invert().unwrap()]
}

/// What the field's elements hold in the number's place.
fn as_kept(number: Scalar) -> Scalar {
    (0..256).fold(number, |kept, _| kept.double())
}

/// The least stack of a thread that calls, as yspay.h states it.
const LEAST_STACK_KIB: &str = "128";

/// A number that OpenSSL shows after one line and before another, in hex.
fn shown(folder: &Scratch, command: &str, after: &str, before: &str) -> String {
    folder.sh(&format!("{command} >shown 2>&1"));
    let shown = std::fs::read_to_string(folder.path("shown")).unwrap();
    let (_, rest) = shown.split_once(after).unwrap_or_else(|| panic!("{command}: {shown}"));
    let (number, _) = rest.split_once(before).unwrap_or_else(|| panic!("{command}: {shown}"));
    let hex: String = number.chars().filter(char::is_ascii_hexdigit).collect();
    hex.strip_prefix("00").unwrap_or(&hex).to_owned()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn no_secret_is_left_on_the_stack_of_a_thread_that_has_the_least_of_it() {
    let program = Program::build(&["cc", "-std=c99", "-pthread"], "tests/c/stack.c");
    let folder = &program.folder;
    let rsa = "openssl rsa -in $C/merchant-rsa.key.pem -noout -text";
    let sm2 = "openssl ec -in $C/merchant-sm2.key.pem -noout -text";
    let password = "a password that is easily found";
    for (name, key) in [("rsa", "merchant-rsa"), ("sm2", "merchant-sm2")] {
        folder.sh(&format!(
            "openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 100 -in $C/{key}.key.pem -out {name}.pem -passout 'pass:{password}'"
        ));
    }
    let secrets = [
        shown(folder, rsa, "prime1:", "prime2:"),
        shown(folder, rsa, "prime2:", "exponent1:"),
        shown(folder, rsa, "privateExponent:", "prime1:"),
        shown(folder, sm2, "priv:", "pub:"),
        hex(password),
        hex(yspay_simulator::DES_KEY),
    ];
    let numbers = signing_numbers(folder).into_iter().flat_map(|number| [number, as_kept(number)]);
    let numbers = numbers.map(|number| number.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect());
    let secrets: Vec<String> = secrets.into_iter().chain(numbers).collect();
    assert_eq!(secrets[0].len(), 256, "{secrets:?}");
    let secure = Simulator::start(Options { tls: Some(Tls::default()), ..Options::default() }).unwrap();
    folder.write("ca.pem", secure.ca_pem().unwrap());
    for sign_type in SIGN_TYPES {
        let sim = Simulator::start(Options::default()).unwrap();
        let usual = tools::config(&sim, sign_type);
        let (bare, encrypted) =
            if sign_type == "SM" { ("merchant-sm2.key.pem", "sm2.pem") } else { ("merchant-rsa.key.pem", "rsa.pem") };
        for private_key in [
            usual["privateKey"].clone(),
            json!({"path": credential(bare)}),
            json!({"pem": std::fs::read_to_string(credential(bare)).unwrap()}),
            json!({"path": folder.path(encrypted), "password": password}),
        ] {
            let mut config = usual.clone();
            config["privateKey"] = private_key;
            let command = |config: &Value, contract: &str| {
                let mut command = program.command();
                command.args([LEAST_STACK_KIB, &config.to_string(), contract]).args(&secrets);
                command
            };
            run(&mut command(&config, "STS2-stack"));
            // The search finds what is there to be found.
            let careless = command(&config, "careless").output().unwrap();
            assert_eq!(careless.status.code(), Some(1), "{}", err(&careless));
            for needle in 1..=secrets.len() {
                assert!(out(&careless).contains(&format!("needle {needle}, ")), "{}", out(&careless));
            }
            // The same stack carries TLS.
            config["endpoint"] = json!(secure.endpoint());
            config["caFile"] = json!(folder.path("ca.pem"));
            let used = out(&run(&mut command(&config, "STS2-stack")));
            let _ = write!(std::io::stderr(), "{sign_type} over TLS: {used}");
        }
    }
}
