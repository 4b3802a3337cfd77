//! What is published: its checks see what they are for (places of the machine that built it, credentials, exports), manifests
//! name what is in it, and images are made of it.

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
    let header = check(&packed(&folder, "query.c", "#include </home/somebody/yspay.h>"));
    assert!(err(&header).contains("query.c: names the home folder"), "{}", err(&header));
    let fine = check(&packed(&folder, "fine", "/home/somebodyelse/.cargo, /usr/lib/yspay, <home>?</home/somebody>"));
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

/// A Dockerfile's own commands, on a machine of this processor: for arm64 the archive of arm64, whatever lies beside it.
#[test]
fn an_image_is_made_of_the_archive_for_its_processor() {
    for (file, libc) in [("Dockerfile.glibc", "gnu"), ("Dockerfile.alpine", "musl")] {
        let text = std::fs::read_to_string(Path::new(ROOT).join("packaging/docker").join(file)).unwrap();
        let commands = text.split_once("\nRUN set -eu;").unwrap().1.split("\n\n").next().unwrap();
        let folder = Scratch::new();
        for name in ["bin", "archives"] {
            std::fs::create_dir(folder.path(name)).unwrap();
        }
        folder.write("bin/uname", "#!/bin/sh\necho \"$PROCESSOR\"\n");
        run(Command::new("chmod").arg("+x").arg(folder.path("bin/uname")));
        for processor in ["x86_64", "aarch64"] {
            let name = format!("yspay-0.1.0-{processor}-linux-{libc}");
            for part in ["bin", "lib"] {
                std::fs::create_dir_all(folder.path(&format!("made/{name}/{part}"))).unwrap();
            }
            for part in ["bin/yspay", "lib/libyspay.so.0", "LICENSE-MIT", "LICENSE-APACHE", "yspay.cdx.json"] {
                folder.write(&format!("made/{name}/{part}"), processor);
            }
            let archive = folder.path(&format!("archives/{name}.tar.gz"));
            run(Command::new("tar").arg("-czf").arg(archive).arg("-C").arg(folder.path("made")).arg(name));
        }
        run(Command::new("sh").args(["-c", "sha256sum *.tar.gz >SHA256SUMS"]).current_dir(folder.path("archives")));
        let prefix = folder.path("prefix");
        let commands = format!("set -eu;{commands}")
            .replace("/archives", folder.path("archives").to_str().unwrap())
            .replace("/prefix", prefix.to_str().unwrap());
        let image = |processor: &str| {
            let _ = std::fs::remove_dir_all(&prefix);
            let path = format!("{}:{}", folder.path("bin").display(), std::env::var("PATH").unwrap());
            let mut shell = Command::new("sh");
            shell.args(["-c", &commands]).env("PATH", path).env("VERSION", "0.1.0").env("PROCESSOR", processor);
            // Docker sets it; a default in the file would count more than `--platform`.
            shell.env_remove("TARGETARCH").output().unwrap()
        };
        for processor in ["aarch64", "x86_64"] {
            let made = image(processor);
            assert!(made.status.success(), "{file}: {}", err(&made));
            assert_eq!(std::fs::read_to_string(prefix.join("bin/yspay")).unwrap(), processor, "{file}");
        }
        let told = image("riscv64");
        assert!(!told.status.success() && err(&told).contains("riscv64"), "{file}: {}", err(&told));
        folder.write(&format!("archives/yspay-0.1.0-x86_64-linux-{libc}.tar.gz"), "another");
        assert!(!image("x86_64").status.success(), "{file}: an archive whose sum is another");
    }
}

/// What could be compiled, but is not, is no part of it; nor is what belongs to another platform.
#[test]
fn a_manifest_names_what_is_compiled() {
    let folder = Scratch::new();
    let manifest = |target: &str| {
        let out = folder.path(target);
        let mut sbom = Command::new(format!("{ROOT}/scripts/sbom"));
        run(sbom.arg(target).arg(&out).current_dir(ROOT).env("SOURCE_DATE_EPOCH", "0"));
        std::fs::read_to_string(out).unwrap()
    };
    let [linux, windows] = ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-gnullvm"].map(manifest);
    for told in [&linux, &windows] {
        assert!(told.contains("\"pkg:cargo/ring@") && told.contains("\"pkg:cargo/yspay@"), "{told}");
        // rcgen's, for a certificate that it reads.
        assert!(!told.contains("x509-parser@"));
    }
    assert!(!linux.contains("windows-sys@") && windows.contains("windows-sys@"));
    // Run while ring is compiled: needed, but not shipped.
    let value: serde_json::Value = serde_json::from_str(&windows).unwrap();
    let scope = |name: &str| {
        value["components"].as_array().unwrap().iter().find(|one| one["name"] == name).map(|one| one["scope"].clone())
    };
    assert_eq!(scope("ring"), Some("required".into()));
    assert_eq!(scope("cc"), Some("excluded".into()));
    assert_eq!(scope("zeroize_derive"), Some("excluded".into()));
}
