//! The headers stand alone, and the library exports what they declare.

use std::process::Command;

use crate::support::Scratch;
use crate::tools::{ROOT, WARNINGS, library, out, run};

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
    let mut exported: Vec<_> = out(&output).lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    exported.sort();
    assert_eq!(exported, declared());
    assert_eq!(exported.len(), 20);
    let dynamic = run(Command::new("readelf").arg("-d").arg(library()));
    assert!(out(&dynamic).contains("Library soname: [libyspay.so.0]"));
    assert!(out(&dynamic).contains("NODELETE"), "threads of abandoned calls and fork handlers outlive a dlclose");
}
