//! The shared library as C programs meet it: built, linked and run as they would be.

#[path = "../examples/simulator/mod.rs"]
mod simulator;
#[path = "support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Options, Simulator};
use support::Scratch;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// The shared library, from a target directory that no other face builds into.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let target = Path::new(ROOT).join("target/capi");
        run(Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--lib", "--target-dir"])
            .arg(&target)
            .current_dir(ROOT));
        target.join("debug/libyspay.so")
    })
}

#[track_caller]
fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// A C program linked with the library, and how to start it.
struct Program {
    folder: Scratch,
}

impl Program {
    fn build(source: &str) -> Self {
        let folder = Scratch::new();
        // What `make install` does: the name that the library has for the loader.
        std::os::unix::fs::symlink(library(), folder.path("libyspay.so.0")).unwrap();
        run(Command::new("cc")
            .arg("-std=c99")
            .args(WARNINGS)
            .arg(format!("-I{ROOT}/include"))
            .arg(Path::new(ROOT).join(source))
            .arg(library())
            .arg("-pthread")
            .arg("-o")
            .arg(folder.path("program")));
        Program { folder }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.folder.path("program"));
        command.env("LD_LIBRARY_PATH", self.folder.path(""));
        command
    }
}

fn config(sim: &Simulator, sign_type: &str) -> Value {
    let (key, certificate) = if sign_type == "SM" {
        ("merchant.sm2", "platform-sm2.cer")
    } else {
        ("merchant-rsa-3des.pfx", "platform-rsa.cer")
    };
    json!({
        "endpoint": sim.endpoint(), "src": simulator::SRC, "desKey": simulator::DES_KEY, "maxAttempts": 2,
        "privateKey": {"path": support::credential(key), "password": "123456"},
        "platformCertificate": {"path": support::credential(certificate)},
    })
}

#[test]
fn the_example_asks_and_tells() {
    let program = Program::build("examples/c/query.c");
    for sign_type in ["RSA", "SM"] {
        let sim = Simulator::start(Options::default()).unwrap();
        let file = program.folder.write("config.json", config(&sim, sign_type).to_string());
        let good = run(program.command().arg(&file).args(["STS2-a", "STS1-b"]));
        assert_eq!(String::from_utf8_lossy(&good.stdout), "STS2-a: CREATED\nSTS1-b: PENDING\n");
        assert!(good.stderr.is_empty());

        let bad = program.command().arg(&file).args(["C99-a", "STS2-c"]).output().unwrap();
        assert_eq!(bad.status.code(), Some(1));
        assert_eq!(String::from_utf8_lossy(&bad.stdout), "STS2-c: CREATED\n");
        let told = String::from_utf8_lossy(&bad.stderr).into_owned();
        assert!(told.starts_with("C99-a: BUSINESS: {") && told.contains("流水不存在"), "{told}");
    }
    let wrong = program.folder.write("wrong.json", "{}");
    let no_client = program.command().arg(wrong).arg("F1").output().unwrap();
    assert_eq!(no_client.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&no_client.stderr).starts_with("CONFIG: "));
    let no_file = program.command().args(["/no/such/file", "F1"]).output().unwrap();
    assert_eq!(no_file.status.code(), Some(1));
    assert_eq!(program.command().output().unwrap().status.code(), Some(2));
}

#[test]
fn the_ten_lines_of_the_readme_do_the_whole_job() {
    let program = Program::build("examples/c/ten_lines.c");
    let sim = Simulator::start(Options::default()).unwrap();
    let config = config(&sim, "SM").to_string();
    let good = run(program.command().args([&config, "STS2-a"]));
    assert_eq!(String::from_utf8_lossy(&good.stdout), "CREATED\n");
    let bad = program.command().args([&config, "C99-a"]).output().unwrap();
    assert_eq!(bad.status.code(), Some(13));
    assert!(String::from_utf8_lossy(&bad.stderr).starts_with("BUSINESS: {"));
    let no_client = program.command().args(["{}", "F1"]).output().unwrap();
    assert_eq!(no_client.status.code(), Some(3));
}

#[test]
fn every_function_does_from_c_what_the_header_says() {
    let program = Program::build("tests/c/abi.c");
    for sign_type in ["RSA", "SM"] {
        let sim = Simulator::start(Options::default()).unwrap();
        run(program.command().arg(config(&sim, sign_type).to_string()));
    }
}

#[test]
fn a_fork_under_load_leaves_the_child_a_working_client() {
    let program = Program::build("tests/c/fork.c");
    let sim = Simulator::start(Options { response_delay: Duration::from_millis(2), ..Options::default() }).unwrap();
    let mut config = config(&sim, "SM");
    config["rateLimit"] = json!({"perSecond": 1000});
    config["maxAttempts"] = json!(1);
    run(program.command().arg(config.to_string()));
    let stats = sim.stats();
    // Among the refusals would be a repeated reqFlowId.
    assert!(stats.refused.is_empty(), "{:?}", stats.refused);
    // Each child and grandchild asked over connections of its own: one each, beside those of the parent's threads.
    assert!(stats.connections >= 24 + 6, "{}", stats.connections);
}

#[test]
fn the_header_stands_alone_in_c99_and_cpp11() {
    let folder = Scratch::new();
    for (compiler, standard, name) in [("cc", "-std=c99", "alone.c"), ("c++", "-std=c++11", "alone.cpp")] {
        let source = folder.write(
            name,
            "#include \"yspay.h\"\n#include \"yspay.h\"\nint use(void);\nint use(void) { return YSP_OK; }\n",
        );
        run(Command::new(compiler)
            .arg(standard)
            .args(WARNINGS)
            .arg("-fsyntax-only")
            .arg(format!("-I{ROOT}/include"))
            .arg(source));
    }
}

/// The names that a header declares as functions.
fn declared() -> Vec<String> {
    let header = std::fs::read_to_string(format!("{ROOT}/include/yspay.h")).unwrap();
    // Comments mention functions, too.
    let mut code = String::new();
    for (index, piece) in header.split("/*").enumerate() {
        code.push_str(if index == 0 { piece } else { piece.split_once("*/").unwrap().1 });
    }
    let mut names: Vec<_> = code
        .match_indices("ysp_")
        .map(|(start, _)| {
            code[start..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap().to_owned()
        })
        .filter(|name| code.contains(&format!("{name}(")))
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn the_library_exports_what_the_header_declares_and_nothing_else() {
    let output = run(Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(library()));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut exported: Vec<_> = text.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    exported.sort();
    assert_eq!(exported, declared());
    assert_eq!(exported.len(), 14);
    let dynamic = run(Command::new("readelf").arg("-d").arg(library()));
    assert!(String::from_utf8_lossy(&dynamic.stdout).contains("Library soname: [libyspay.so.0]"));
}
