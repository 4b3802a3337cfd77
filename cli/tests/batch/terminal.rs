//! Progress: a bar at a terminal, lines elsewhere.

use super::fast;
use crate::support::terminal::Terminal;

fn list(place: &crate::support::Place, contracts: usize) {
    let prefix = |number: usize| if number.is_multiple_of(4) { "STS1" } else { "STS2" };
    place
        .folder
        .write("list.txt", (0..contracts).map(|number| format!("{}-{number}\n", prefix(number))).collect::<String>());
}

#[test]
fn at_a_terminal_there_is_a_bar_and_ctrl_c_is_tidy() {
    let place = fast(20);
    list(&place, 600);
    let mut terminal = Terminal::run(&place.yspay(&["batch", "list.txt", "-o", "out.csv"]));
    terminal.expect("Reading UTF-8, comma, column A.");
    // 600 at 20 a second.
    terminal.expect("] 0/600");
    terminal.expect("30 s left");
    terminal.expect("PENDING ");
    terminal.expect("CREATED ");
    terminal.type_in("\u{3}");
    assert_eq!(terminal.ended(), Some(130), "{}", terminal.all);
    assert!(terminal.all.contains("Stopped. ") && !terminal.all.contains("panicked"), "{}", terminal.all);
}

#[test]
fn in_chinese_the_bar_and_the_table_are_chinese() {
    let place = fast(50);
    list(&place, 100);
    let mut command = place.yspay(&["batch", "list.txt", "-o", "out.csv"]);
    command.env("LANG", "zh_CN.UTF-8");
    let mut terminal = Terminal::run(&command);
    terminal.expect("读取：UTF-8，逗号分隔，A 列。");
    terminal.expect("约剩 2 秒");
    terminal.expect("待签署 ");
    terminal.expect("状态     含义              合同数   占比");
    terminal.expect("PENDING  待签署                25  25.0%");
    terminal.expect("CREATED  已签署，合同生效      75  75.0%");
    assert_eq!(terminal.ended(), Some(0), "{}", terminal.all);
}

#[test]
fn elsewhere_a_line_comes_every_few_seconds() {
    let place = fast(10);
    list(&place, 75);
    let run = place.run(&["batch", "list.txt", "-o", "out.csv"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let lines: Vec<_> = run.err.lines().filter(|line| line.contains("/75")).collect();
    assert!(!lines.is_empty(), "{run:?}");
    assert!(
        lines[0].contains("/s, ") && lines[0].contains(" s left  PENDING ") && !run.err.contains('\u{1b}'),
        "{lines:?}"
    );
}

#[test]
fn quiet_says_nothing() {
    let place = fast(1000);
    list(&place, 10);
    let run = place.run(&["batch", "list.txt", "-o", "out.csv", "--quiet"]);
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(0), "", ""));
}
