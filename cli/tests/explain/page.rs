//! docs/command.md is true.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::made::{Kind, answer, good_request, wrong_request};
use crate::platform::Scratch;
use crate::run::{explain, fed_with, run};

/// The chapter of each language.
fn chapters() -> [(&'static str, String); 2] {
    [("en", "docs/command.md"), ("zh", "docs/zh-CN/command.md")].map(|(lang, name)| {
        let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).unwrap();
        let chapter = page.split("\n## `yspay explain`\n").nth(1).unwrap().split("\n## ").next().unwrap();
        (lang, chapter.to_owned())
    })
}

#[test]
fn what_it_shows_is_what_is_printed() {
    let scratch = Scratch::new();
    scratch.write("yspay.json", std::fs::read(Kind::Rsa.config(&scratch)).unwrap());
    scratch.write("request.json", wrong_request(Kind::Rsa));
    for (_, chapter) in chapters() {
        // Both pages show both languages.
        let shown = chapter.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
        let (english, chinese) = shown.split_at(shown.find("识别为").unwrap());
        for (lang, shown) in [("en", english), ("zh", chinese)] {
            let told = run(explain(&["--lang", lang, "request.json"]).current_dir(&scratch.0));
            let mut printed = told.out.lines();
            for line in shown.trim_end().lines().filter(|line| line.trim() != "…") {
                assert!(printed.any(|known| known == line), "{line:?} is not printed:\n{}", told.out);
            }
            assert!(shown.lines().count() > 15, "{lang}");
        }
    }
}

#[test]
fn it_names_every_option_and_what_json_has() {
    let scratch = Scratch::new();
    let config = Kind::Rsa.config(&scratch);
    let mut names = BTreeSet::new();
    for text in [good_request(Kind::Rsa), wrong_request(Kind::Rsa), answer(Kind::Rsa, "platform"), "{}".to_owned()] {
        for object in fed_with(&config, &["--json"], text).objects() {
            collect(&object, &mut names);
        }
    }
    let help = run(&mut explain(&["--help"])).out;
    let options = help.lines().filter_map(|line| line.trim().split(' ').next()).filter(|word| word.starts_with("--"));
    names.extend(options.filter(|option| !["--config", "--lang", "--help"].contains(option)).map(str::to_owned));
    assert!(names.len() > 30, "{names:?}");
    for (lang, chapter) in chapters() {
        for name in &names {
            let is_known = chapter.contains(&format!("`{name}`")) || chapter.contains(&format!("`{name} "));
            assert!(is_known, "{name} is nowhere ({lang})");
        }
    }
}

fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                names.insert(name.clone());
                collect(value, names);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}
