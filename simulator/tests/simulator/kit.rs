//! The folder for a first client: whole, from the repository's own files, and nothing of a person's is lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use yspay_simulator::program::{Error, Program, Running};
use yspay_simulator::{Options, Tls, kit};

use crate::openssl::TemporaryDirectory;

fn start(folder: &Path, tls: bool) -> Result<Running, Error> {
    let options = Options { tls: tls.then(Tls::default), ..Options::default() };
    Program { options, config_out: Some(folder.to_owned()), ..Program::default() }.start()
}

/// Every file below a folder, by its path from there.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("folder") {
            let path = entry.expect("entry").path();
            match path.is_dir() {
                true => open.push(path),
                false => {
                    let name = path.strip_prefix(folder).expect("below").to_str().expect("UTF-8").to_owned();
                    found.insert(name, fs::read(path).expect("file"));
                }
            }
        }
    }
    found
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn it_is_whole_and_made_of_the_repositorys_own_files() {
    let directory = TemporaryDirectory::new();
    let running = start(&directory.0, false).expect("start");
    let written = contents(&directory.0);
    for (name, own) in [
        ("test-keys/merchant.sm2", "tests/vectors/credentials/merchant.sm2"),
        ("test-keys/merchant-rsa-3des.pfx", "tests/vectors/credentials/merchant-rsa-3des.pfx"),
        ("test-keys/platform-sm2.cer", "tests/vectors/credentials/platform-sm2.cer"),
        ("test-keys/platform-rsa.cer", "tests/vectors/credentials/platform-rsa.cer"),
        ("c/query.c", "examples/c/query.c"),
        ("cpp/query.cpp", "examples/cpp/query.cpp"),
        ("go/main.go", "examples/go/main.go"),
        ("go/go.mod", "examples/go/go.mod"),
        ("java/Query.java", "examples/java/Query.java"),
        ("python/query.py", "bindings/python/examples/query.py"),
    ] {
        assert!(written[name] == fs::read(repository().join(own)).expect("own"), "{name} is not {own}");
    }
    for name in ["sm.json", "rsa.json"] {
        let config: Value = serde_json::from_slice(&written[name]).expect("JSON");
        assert_eq!(config["endpoint"], running.simulator().endpoint());
        for file in ["privateKey", "platformCertificate"] {
            let path = Path::new(config[file]["path"].as_str().expect("path"));
            assert!(path.is_file() && path.starts_with(directory.0.join("test-keys")), "{}", path.display());
        }
    }
    assert!(!written.contains_key("ca.pem"));
    let names: Vec<_> = written.keys().map(String::as_str).collect();
    let readmes = ["README.md", "README.zh-CN.md"].map(|name| String::from_utf8_lossy(&written[name]).into_owned());
    for readme in &readmes {
        assert!(readme.contains(&running.simulator().endpoint()) && !readme.contains("{{"), "{readme}");
        for name in names.iter().filter(|name| !name.starts_with('.') && !name.starts_with("README")) {
            let told = name.split_once('/').map_or(format!("`{name}`"), |(folder, _)| format!("`{folder}/`"));
            assert!(readme.contains(&told), "{name} is not in\n{readme}");
        }
    }
    let commands = |readme: &str| -> Vec<String> {
        readme.split("```sh\n").skip(1).map(|rest| rest.split("```").next().expect("end").to_owned()).collect()
    };
    assert_eq!(commands(&readmes[0]), commands(&readmes[1]));
    assert_eq!(commands(&readmes[0]).len(), 6);
}

/// As the jar is named, and so one version for all.
#[test]
fn its_version_is_the_librarys() {
    for manifest in ["Cargo.toml", "cli/Cargo.toml", "diagnosis/Cargo.toml"] {
        let text = fs::read_to_string(repository().join(manifest)).expect("a manifest");
        let version = text.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
        assert_eq!(version, Some(env!("CARGO_PKG_VERSION")), "{manifest}");
    }
}

#[test]
#[cfg(unix)]
fn what_is_secret_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = TemporaryDirectory::new();
    // Also where it was readable before.
    drop(start(&directory.0, true).expect("start"));
    let key = directory.0.join("test-keys/merchant.sm2");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("mode");
    drop(start(&directory.0, true).expect("start"));
    let mode = |name: &str| fs::metadata(directory.0.join(name)).expect(name).permissions().mode() & 0o777;
    for name in ["sm.json", "rsa.json", "test-keys/merchant.sm2", "test-keys/merchant-rsa-3des.pfx"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    for name in ["ca.pem", "test-keys/platform-sm2.cer", "c/query.c"] {
        assert_ne!(mode(name) & 0o400, 0, "{name}");
        assert_eq!(mode(name) & 0o133, 0, "{name}");
    }
}

#[test]
fn it_is_brought_up_to_date() {
    let directory = TemporaryDirectory::new();
    let first = start(&directory.0, true).expect("start");
    let before = contents(&directory.0);
    let second = start(&directory.0, true).expect("start again");
    assert_eq!(second.kit().expect("kit").kept, [] as [PathBuf; 0]);
    let after = contents(&directory.0);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for name in ["sm.json", "rsa.json", "ca.pem", "README.md"] {
        assert_ne!(before[name], after[name], "{name}: another port, another authority");
    }
    drop(first);
    // Without TLS the old authority is still known as ours.
    drop(start(&directory.0, false).expect("without TLS"));
    drop(start(&directory.0, true).expect("with TLS again"));
}

#[test]
fn what_a_person_changed_is_never_written_over() {
    let directory = TemporaryDirectory::new();
    drop(start(&directory.0, true).expect("start"));
    let (program, config) = (directory.0.join("go/go.mod"), directory.0.join("sm.json"));
    fs::write(&program, "module mine\n").expect("write");
    let running = start(&directory.0, true).expect("an example may be changed");
    assert_eq!(running.kit().expect("kit").kept, std::slice::from_ref(&program));
    assert!(running.introduction().contains(&format!("Left as it is, for it was changed: {}", program.display())));
    assert_eq!(fs::read_to_string(&program).expect("read"), "module mine\n");

    for name in ["sm.json", "rsa.json", "ca.pem", "test-keys/merchant.sm2"] {
        let path = directory.0.join(name);
        let ours = fs::read(&path).expect("read");
        fs::write(&path, "mine\n").expect("write");
        let before = contents(&directory.0);
        let error = start(&directory.0, true).expect_err(name);
        assert!(matches!(&error, Error::Folder(kit::Error::InTheWay(file)) if *file == path), "{error}");
        assert!(error.to_string().contains("Move it away, or name another folder"), "{error}");
        assert!(before == contents(&directory.0), "{name}: something was written");
        fs::write(&path, ours).expect("write");
    }
    drop(start(&directory.0, true).expect("all is ours again"));
    assert!(config.is_file());
}

#[test]
fn what_was_there_before_stays() {
    let directory = TemporaryDirectory::new();
    fs::write(directory.0.join("README.md"), "# mine\n").expect("write");
    fs::write(directory.0.join("notes.txt"), "mine\n").expect("write");
    let running = start(&directory.0, false).expect("start");
    assert_eq!(running.kit().expect("kit").kept, [directory.0.join("README.md")]);
    assert_eq!(fs::read_to_string(directory.0.join("README.md")).expect("read"), "# mine\n");
    assert_eq!(fs::read_to_string(directory.0.join("notes.txt")).expect("read"), "mine\n");

    let foreign = TemporaryDirectory::new();
    fs::create_dir(foreign.0.join("rsa.json")).expect("folder");
    let error = start(&foreign.0, false).expect_err("a folder in the way");
    assert!(matches!(error, Error::Folder(kit::Error::InTheWay(_))), "{error}");
    assert_eq!(fs::read_dir(&foreign.0).expect("folder").count(), 1, "nothing was written");
}

#[test]
fn a_folder_that_cannot_be_is_named() {
    let directory = TemporaryDirectory::new();
    let file = directory.0.join("file");
    fs::write(&file, "").expect("write");
    let error = start(&file.join("below"), false).expect_err("below a file").to_string();
    assert!(error.contains(file.to_str().expect("UTF-8")) && error.contains("cannot be written"), "{error}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_no_configuration_can_name_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let directory = TemporaryDirectory::new();
    let folder = directory.0.join(std::ffi::OsStr::from_bytes(b"\xff"));
    let error = start(&folder, false).expect_err("not UTF-8");
    assert!(matches!(error, Error::Folder(kit::Error::NotUtf8(_))), "{error}");
    assert!(!folder.exists());
}
