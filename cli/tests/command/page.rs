//! docs/command.md is true.

use std::path::{Path, PathBuf};

use crate::support::terminal::Terminal;
use crate::support::{Place, yspay};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn pages() -> [String; 2] {
    ["docs/command.md", "docs/zh-CN/command.md"].map(|name| std::fs::read_to_string(root().join(name)).unwrap())
}

#[test]
fn its_sessions_are_those_of_a_terminal() {
    let place = Place::new();
    for page in pages() {
        let mut shown = 0;
        for block in page.split("```text\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
            for session in block.split("$ yspay ").skip(1) {
                let (command, expected) = session.split_once('\n').unwrap();
                let arguments: Vec<_> = command.split(' ').collect();
                let mut terminal = Terminal::run(&place.yspay(&arguments));
                assert_eq!(terminal.ended(), Some(0), "{}", terminal.all);
                assert_eq!(terminal.all.replace("\r\n", "\n"), expected, "{command}");
                shown += 1;
            }
        }
        assert!(shown >= 2, "{shown} sessions");
    }
}

#[test]
fn it_lists_every_exit_status() {
    let source = std::fs::read_to_string(root().join("cli/src/exit.rs")).unwrap();
    let statuses: Vec<_> = source
        .lines()
        .filter_map(|line| line.split_once(": u8 = ")?.1.strip_suffix(';'))
        .map(|number| number.parse::<u8>().unwrap())
        .collect();
    assert!(statuses.len() >= 6 && statuses.is_sorted_by(|a, b| a < b), "{statuses:?}");
    for page in pages() {
        let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse::<u8>().ok());
        assert_eq!(rows.collect::<Vec<_>>(), statuses);
    }
}

#[test]
fn it_has_a_chapter_for_each_command_that_is_used_every_day() {
    let help = String::from_utf8(yspay().arg("--help").output().unwrap().stdout).unwrap();
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    for name in commands.lines().map(|line| line.split_whitespace().next().unwrap()) {
        for page in pages() {
            let known = page.contains(&format!("\n## `yspay {name}`\n")) || page.contains(&format!("`yspay {name} "));
            assert!(known, "{name} is nowhere");
        }
    }
}

/// What init and simulate offer to scripts.
#[test]
fn it_names_every_option_of_those_that_scripts_use() {
    for (name, least) in [("init", 11), ("simulate", 14)] {
        let help = String::from_utf8(yspay().args([name, "--help"]).output().unwrap().stdout).unwrap();
        let rows = help.lines().filter(|line| line.trim_start().starts_with('-'));
        let options = rows.filter_map(|line| line.split_whitespace().find(|word| word.starts_with("--")));
        let common = ["--config", "--lang", "--help"];
        let options: Vec<_> = options.filter(|option| !common.contains(option)).collect();
        assert!(options.len() >= least, "{options:?}");
        for option in options {
            for page in pages() {
                let chapter = page.split(&format!("\n## `yspay {name}`\n")).nth(1).unwrap();
                let chapter = chapter.split("\n## ").next().unwrap();
                let known = [format!("`{option}`"), format!("`{option} ")].iter().any(|word| chapter.contains(word));
                assert!(known, "{name} {option} is nowhere");
            }
        }
    }
}
