//! The recipes of docs/architecture.md name the files that such a change touches.

use std::path::Path;

use crate::{ROOT, prose, read};

/// The paths that a recipe names.
fn named(recipe: &str) -> Vec<String> {
    let document = prose(&read("docs/architecture.md"));
    let body = document.split(&format!("\n### {recipe}\n")).nth(1).unwrap_or_else(|| panic!("no recipe {recipe}"));
    let body = body.split("\n### ").next().unwrap();
    body.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains('/') || word.ends_with(".toml"))
        .map(str::to_owned)
        .collect()
}

/// The files in which an example of the thing stands, tests left out.
fn holding(words: &[&str]) -> Vec<String> {
    fn look(folder: &Path, words: &[&str], found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(ROOT).unwrap().to_str().unwrap().to_owned();
            let file = path.file_name().unwrap().to_str().unwrap().to_ascii_lowercase();
            let skipped = ["test", "target", "internal", "examples", "__pycache__", ".venv"];
            if skipped.iter().any(|part| file.contains(part)) {
                continue;
            }
            if path.is_dir() {
                look(&path, words, found);
            } else if std::fs::read_to_string(&path).is_ok_and(|text| words.iter().any(|word| text.contains(word))) {
                found.push(name);
            }
        }
    }
    let mut found = Vec::new();
    for folder in ["src", "include", "bindings", "docs"] {
        look(&Path::new(ROOT).join(folder), words, &mut found);
    }
    found
}

#[test]
fn every_file_that_a_recipe_names_exists() {
    for recipe in [
        "A new field of the answer",
        "A new function of a client",
        "A new error code",
        "A new setting",
        "A new key container",
        "A new language",
    ] {
        let files = named(recipe);
        assert!(files.len() >= 4, "{recipe}: {files:?}");
        for file in files {
            assert!(Path::new(ROOT).join(&file).exists(), "{recipe}: there is no {file}");
        }
    }
}

#[test]
fn a_recipe_leaves_no_file_out() {
    for (recipe, words, others) in [
        // Each with words of one example, and the files that only use it.
        (
            "A new field of the answer",
            &["elapsedMs", "elapsed_ms", "ElapsedMs", "`elapsed`", "`Elapsed`", "`getElapsedMillis()`"][..],
            &["src/ffi/capi.rs"][..],
        ),
        (
            "A new function of a client",
            &["client_stats", "fn stats(", "fn stats<", "def stats(", "byte[] stats(", "ClientStats stats("][..],
            &["docs/c.md", "docs/zh-CN/c.md"][..],
        ),
        (
            "A new error code",
            &["InvalidHandle", "INVALID_HANDLE"][..],
            &[
                "docs/go.md",
                "docs/java.md",
                "docs/zh-CN/go.md",
                "docs/zh-CN/java.md",
                "src/client/mod.rs",
                "src/ffi/args.rs",
                "src/ffi/handle.rs",
                "src/ffi/jni.rs",
                "src/ffi/python.rs",
                "bindings/go/bridge.go",
                "bindings/go/client.go",
                "bindings/go/close_test.go",
                "bindings/go/doc.go",
                "bindings/python/python/yspay/_client.py",
                "bindings/java/src/main/java/io/github/yspay/Native.java",
                "bindings/java/src/main/java/io/github/yspay/YspayClient.java",
            ][..],
        ),
        (
            "A new setting",
            &["connectTimeoutMs", "connect_timeout_ms", "ConnectTimeoutMs"],
            &["src/transport/failure.rs", "docs/c.md", "docs/zh-CN/c.md"][..],
        ),
    ] {
        let named = named(recipe);
        for file in holding(words) {
            assert!(named.contains(&file) || others.contains(&file.as_str()), "{recipe}: {file} is not named");
        }
    }
}

#[test]
fn every_part_of_the_house_has_its_row() {
    let document = read("docs/architecture.md");
    for entry in std::fs::read_dir(Path::new(ROOT).join("src")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        // A folder beside a file holds its tests.
        let beside = entry.path().with_extension("rs").is_file() && entry.path().is_dir();
        let name = if entry.path().is_dir() { format!("`src/{name}/`") } else { format!("`src/{name}`") };
        let has_row = document.lines().any(|line| line.starts_with('|') && line.contains(&name));
        assert!(has_row || beside || name == "`src/lib.rs`", "{name} has no row");
    }
}
