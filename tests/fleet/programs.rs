//! Programs in other languages, built as their users build them. `make test-mixed` builds what they need first.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::Scratch;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What `make test-mixed` tells by its environment.
pub(crate) fn given(name: &str) -> PathBuf {
    let path = std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make test-mixed`"));
    assert!(Path::new(&path).exists(), "{path} is not there, which {name} names: run `make test-mixed`");
    path.into()
}

/// The source of a program.
pub(crate) fn source(name: &str) -> PathBuf {
    Path::new(ROOT).join("tests/fleet/programs").join(name)
}

#[track_caller]
fn run(command: &mut Command) {
    let output =
        command.output().unwrap_or_else(|error| panic!("{}: {error}. Install it.", command.get_program().display()));
    let told = [output.stdout, output.stderr].map(|told| String::from_utf8_lossy(&told).into_owned());
    assert!(output.status.success(), "{command:?}\n{}{}", told[0], told[1]);
}

/// A C program, linked with the shared library that is installed in FLEET_PREFIX.
pub(crate) fn c(folder: &Scratch, name: &str) -> Command {
    let (program, lib) = (folder.path(name), given("FLEET_PREFIX").join("lib"));
    run(Command::new("cc")
        .args(["-std=c99", "-pthread", "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .arg(format!("-I{}", given("FLEET_PREFIX").join("include").display()))
        .arg(source(&format!("{name}.c")))
        .arg(format!("-L{}", lib.display()))
        .args(["-lyspay".into(), format!("-Wl,-rpath,{}", lib.display())])
        .arg("-o")
        .arg(&program));
    Command::new(program)
}

/// A module of its own, which uses ours.
pub(crate) fn go(folder: &Scratch) -> Command {
    let lib = given("FLEET_PREFIX").join("lib");
    let module = "github.com/yspay/yspay/bindings/go";
    folder.write(
        "go.mod",
        format!("module worker\n\ngo 1.22\n\nrequire {module} v0.0.0\n\nreplace {module} => {ROOT}/bindings/go\n"),
    );
    std::fs::copy(source("worker.go"), folder.path("main.go")).unwrap();
    run(Command::new("go")
        .args(["build", "-o", "worker-go", "."])
        .current_dir(folder.path(""))
        .env("PKG_CONFIG_PATH", lib.join("pkgconfig"))
        .env("CGO_LDFLAGS", format!("-Wl,-rpath,{}", lib.display()))
        .env("CGO_ENABLED", "1")
        .env("GOFLAGS", "-buildvcs=false"));
    Command::new(folder.path("worker-go"))
}

/// With the package in the environment of Python's tests.
pub(crate) fn python() -> Command {
    let mut command = Command::new(given("FLEET_PYTHON"));
    command.arg(source("worker.py"));
    command
}

/// With the jar.
pub(crate) fn java(folder: &Scratch) -> Command {
    let jar = given("FLEET_JAR");
    run(Command::new("javac").arg("-cp").arg(&jar).arg("-d").arg(folder.path("")).arg(source("Worker.java")));
    let mut command = Command::new("java");
    command.arg("-cp").arg(format!("{}:{}", jar.display(), folder.path("").display())).arg("Worker");
    command
}
