//! The checks of what is published see what they are for: places of the machine that built it, credentials, exports.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::Scratch;
use crate::tools::{ROOT, err, out, run};

/// `scripts/check-archive` of somebody whose home is `/home/somebody`.
fn check(file: &Path) -> Output {
    Command::new(format!("{ROOT}/scripts/check-archive"))
        .arg(file)
        .env("HOME", "/home/somebody")
        .env_remove("CARGO_HOME")
        .output()
        .expect("python3 is needed for this test: install it")
}

fn packed(folder: &Scratch, name: &str, content: impl AsRef<[u8]>) -> std::path::PathBuf {
    folder.write(name, content);
    let archive = folder.path(&format!("{name}.tar.gz"));
    run(Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(folder.path("")).arg(name));
    archive
}

#[test]
fn what_tells_where_it_was_built_is_not_published() {
    let folder = Scratch::new();
    for (text, what) in [
        (
            "\0/home/somebody/.cargo/registry/src/ring/mem.c\0".to_owned(),
            "names the home folder: /home/somebody/.cargo",
        ),
        (format!("\0{ROOT}/src/lib.rs\0"), "names this repository"),
    ] {
        let inner = packed(&folder, "libyspay.a", text);
        // An archive in an archive is opened, too.
        let outer = packed(&folder, "outer", std::fs::read(inner).unwrap());
        let told = check(&outer);
        assert_eq!(told.status.code(), Some(1), "{}", out(&told));
        assert!(err(&told).contains("libyspay.a") && err(&told).contains(what), "{}", err(&told));
    }
    let fine = check(&packed(&folder, "fine", "/home/somebodyelse/.cargo, /usr/lib/yspay"));
    assert!(fine.status.success(), "{}", err(&fine));
}

#[test]
fn a_key_is_not_published_unless_everybody_knows_it() {
    let folder = Scratch::new();
    let key = run(Command::new("openssl").args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]));
    let told = check(&packed(&folder, "key.pem", key.stdout));
    assert_eq!(told.status.code(), Some(1), "{}", out(&told));
    assert!(err(&told).contains("key.pem: holds what looks like a credential"), "{}", err(&told));
    let known = std::fs::read(Path::new(ROOT).join("tests/vectors/credentials/platform-rsa.key.pem")).unwrap();
    let fine = check(&packed(&folder, "known.pem", known));
    assert!(fine.status.success(), "{}", err(&fine));
}

#[test]
fn an_export_too_many_or_too_few_is_seen() {
    let folder = Scratch::new();
    let source = folder.write("library.c", "int ysp_version(void) { return 0; }\nint inner(void) { return 0; }\n");
    let library = folder.path("library.so");
    run(Command::new("cc").args(["-shared", "-fPIC"]).arg(source).arg("-o").arg(&library));
    let check = |names: &[&str]| {
        Command::new(format!("{ROOT}/scripts/check-exports")).arg(&library).args(names).output().unwrap()
    };
    assert!(check(&["ysp_*", "inner"]).status.success());
    let told = check(&["ysp_version"]);
    assert!(!told.status.success() && err(&told).contains("inner"), "{}", err(&told));
    let told = check(&[]);
    assert!(!told.status.success() && err(&told).contains("does not export"), "{}", err(&told));
    assert!(err(&told).contains("ysp_verify_response"), "what the header declares: {}", err(&told));
}
