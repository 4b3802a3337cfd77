//! Pages: their code, their order, their two languages, their links.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{PAGES, ROOT, blocks, both, documents, prose, read};

/// Every file below a folder that a page may quote.
pub(crate) fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", ".venv", "node_modules", "docs"].contains(&name.as_str()) {
                sources(&path, found);
            }
        } else if ["c", "cpp", "hpp", "go", "mod", "py", "java", "rs", "json", "txt", "cmake"]
            .iter()
            .any(|e| name.ends_with(&format!(".{e}")))
        {
            found.extend(std::fs::read_to_string(path));
        }
    }
}

#[test]
fn every_piece_of_code_is_in_a_file_that_the_tests_compile() {
    let mut files = Vec::new();
    for folder in ["examples", "bindings", "tests"] {
        sources(&Path::new(ROOT).join(folder), &mut files);
    }
    for name in documents() {
        let document = read(&name);
        let checked = !name.ends_with("protocol.md");
        for (language, code) in blocks(&document) {
            // Commands are in commands.rs, the protocol's examples in protocol.rs.
            if !["sh", "text", "mermaid"].contains(&language) && checked {
                assert!(files.iter().any(|file| file.contains(code.trim_end())), "{name}: in no file:\n{code}");
            }
        }
    }
}

#[test]
fn both_languages_show_the_same() {
    let shown = |name: &str| -> Vec<(String, String)> {
        let plain = |code: &str| {
            let words = |line: &str| line.split(" #").next().unwrap().trim_end().to_owned();
            code.lines().filter(|line| !line.starts_with('#')).map(words).collect::<Vec<_>>().join("\n")
        };
        blocks(&read(name)).into_iter().map(|(language, code)| (language.to_owned(), plain(code))).collect()
    };
    let headings = |name: &str| prose(&read(name)).lines().filter(|line| line.starts_with('#')).count();
    let rows = |name: &str| prose(&read(name)).lines().filter(|line| line.starts_with('|')).count();
    for page in PAGES {
        let [english, chinese] = both(page);
        assert_eq!(shown(&english), shown(&chinese), "{page}: code");
        assert_eq!(headings(&english), headings(&chinese), "{page}: headings");
        assert_eq!(rows(&english), rows(&chinese), "{page}: rows of tables");
    }
}

#[test]
fn every_row_of_a_table_has_the_cells_of_its_head() {
    // A bar ends a cell even in code, unless a backslash stands before it.
    let cells = |row: &str| row.replace("\\|", "").matches('|').count();
    for name in documents() {
        let text = prose(&read(&name));
        let mut head = None;
        for line in text.lines() {
            match line.starts_with('|') {
                true => assert_eq!(cells(line), *head.get_or_insert(cells(line)), "{name}: {line}"),
                false => head = None,
            }
        }
    }
}

#[test]
fn the_pages_of_the_languages_have_one_order() {
    let english = ["Try it", "Install", "Ten lines", "Errors", "Threads and cancelling", "Gotchas"];
    let chinese = ["先试一试", "安装", "十行代码", "错误", "线程与取消", "常见陷阱"];
    for page in ["c", "cpp", "go", "python", "java"] {
        for (name, expected) in both(page).into_iter().zip([english, chinese]) {
            let document = prose(&read(&name));
            let found: Vec<&str> = document
                .lines()
                .filter_map(|line| line.strip_prefix("## "))
                .filter(|heading| expected.contains(heading))
                .collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}

#[test]
fn the_front_page_is_short() {
    for name in both("README") {
        assert!(read(&name).lines().count() <= 200, "{name}");
    }
}

/// The anchor that forges make of a heading.
fn anchor(heading: &str) -> String {
    heading
        .trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let anchors: BTreeMap<String, Vec<String>> = documents()
        .into_iter()
        .map(|name| {
            let text = prose(&read(&name));
            let headings = text.lines().filter(|line| line.starts_with('#'));
            (name, headings.map(|line| anchor(line.trim_start_matches('#'))).collect())
        })
        .collect();
    let mut checked = 0;
    for name in documents() {
        let text = prose(&read(&name));
        let folder = Path::new(&name).parent().unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") {
                continue;
            }
            let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
            let target = if file.is_empty() { name.clone() } else { normal(&folder.join(file)) };
            assert!(Path::new(ROOT).join(&target).exists(), "{name}: {link} leads nowhere");
            if let Some(anchor) = anchor {
                let known = anchors.get(&target).unwrap_or_else(|| panic!("{name}: {link}: {target} is no page"));
                assert!(known.iter().any(|other| other == anchor), "{name}: {link}: no such heading");
            }
            checked += 1;
        }
    }
    assert!(checked >= 60, "{checked} links");
}

/// Without `..`.
fn normal(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.iter().map(|part| part.to_str().unwrap()) {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Every text file of a folder.
fn texts_below(folder: &str) -> Vec<String> {
    let mut open = vec![Path::new(ROOT).join(folder)];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            found.push(path.to_str().unwrap().to_owned());
        }
    }
    found
}

/// A reader takes two words for two things.
#[test]
fn the_text_that_is_signed_has_one_name_in_chinese() {
    let folders = ["docs/zh-CN", "cli/src", "diagnosis/src", "simulator/src"];
    let mut all: Vec<_> = folders.into_iter().flat_map(texts_below).collect();
    all.push("README.zh-CN.md".to_owned());
    let mut named = 0;
    for name in all {
        let text = read(&name);
        for other in ["签名原文", "签名的原文", "待签名字符串", "待签名文本", "待签字符串", "待签串", "加签原文"]
        {
            assert!(!text.contains(other), "{name}: {other} is 待签名串 everywhere else");
        }
        named += text.matches("待签名串").count();
    }
    assert!(named > 50, "{named}");
}
