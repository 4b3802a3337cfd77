//! The documentation is true: its code is code that the tests compile, its commands run, its tables are complete, its links
//! lead somewhere, its examples are computed. And what is published beside it is whole.

#[path = "../support/mod.rs"]
mod support;

mod claims;
mod commands;
mod pages;
mod protocol;
mod recipes;
mod tables;

use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Pages in both languages: the front page, and those of `docs/`.
const PAGES: [&str; 16] = [
    "README",
    "command",
    "c",
    "cpp",
    "go",
    "python",
    "java",
    "configuration",
    "keys",
    "errors",
    "limiter",
    "monitoring",
    "protocol",
    "try",
    "speed",
    "platforms",
];

/// The English page and the Chinese one.
fn both(page: &str) -> [String; 2] {
    match page {
        "README" => ["README.md".to_owned(), "README.zh-CN.md".to_owned()],
        _ => [format!("docs/{page}.md"), format!("docs/zh-CN/{page}.md")],
    }
}

/// Every document of the repository that is for people.
fn documents() -> Vec<String> {
    let alone = ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/architecture.md", "bindings/go/README.md"];
    let alone = alone.into_iter().chain(["bindings/python/README.md"]).map(str::to_owned);
    PAGES.iter().flat_map(|page| both(page)).chain(alone).collect()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The fenced blocks of a document, with their languages.
fn blocks(document: &str) -> Vec<(&str, &str)> {
    document.split("```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

/// What is not in a fenced block.
fn prose(document: &str) -> String {
    document.split("```").step_by(2).collect()
}
