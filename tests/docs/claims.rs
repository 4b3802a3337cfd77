//! What is published is whole, and every claim has its command.

use std::path::Path;

use crate::{ROOT, both, read};

#[test]
fn the_packages_have_the_licences() {
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        for package in ["bindings/go", "bindings/python"] {
            assert!(read(&format!("{package}/{licence}")) == read(licence), "{package}/{licence} is another text");
        }
    }
}

/// Whether a command runs something: cargo is content with a filter that fits no test.
fn runs(command: &str) -> bool {
    let rules = ["Makefile", "fuzz/fuzz.mk", "packaging/dist.mk", "bindings/python/python.mk", "bindings/java/java.mk"]
        .map(read)
        .concat();
    let exists = |file: String| Path::new(ROOT).join(file).exists();
    let is_module = |path: String| exists(format!("{path}.rs")) || exists(format!("{path}/mod.rs"));
    let words: Vec<_> = command.split(' ').take_while(|word| *word != "--").collect();
    match words.as_slice() {
        ["make", goals @ ..] => goals.iter().all(|goal| match goal.strip_prefix("fuzz-") {
            Some(target) => exists(format!("fuzz/fuzz_targets/{target}.rs")),
            None => rules.lines().any(|line| line.starts_with(&format!("{goal}:"))),
        }),
        ["cargo", "test", "--lib", module] => {
            is_module(format!("src/{}", module.trim_end_matches("::").replace("::", "/")))
        }
        ["cargo", "test", "--test", name] => {
            exists(format!("tests/{name}.rs")) || exists(format!("tests/{name}/main.rs"))
        }
        ["cargo", "test", "--test", name, module] => {
            is_module(format!("tests/{name}/{}", module.trim_end_matches("::")))
        }
        _ => false,
    }
}

/// The commands in the last column of the tables below a heading.
fn commands(document: &str, heading: &str) -> Vec<String> {
    let section = document.split(&format!("\n## {heading}\n")).nth(1).unwrap_or_else(|| panic!("no {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let cells = rows.map(|row| row.trim_end_matches(" |").rsplit(" | ").next().unwrap());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn every_claim_has_a_command_that_runs_something() {
    for (name, heading, least) in [
        ("SECURITY.md", "Claims, and the command that shows each", 25),
        (&*both("README")[0], "What it promises", 8),
        (&*both("README")[1], "承诺什么", 8),
    ] {
        let commands = commands(&read(name), heading);
        assert!(commands.len() >= least, "{name}: {} commands", commands.len());
        for command in commands {
            assert!(runs(&command), "{name}: `{command}` runs nothing");
        }
    }
}
