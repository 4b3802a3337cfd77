//! Chinese and English.

use crate::support::{Run, yspay};

fn told(arguments: &[&str], lang: &str) -> Run {
    Run::of(yspay().args(arguments).env("LANG", lang).output().unwrap())
}

#[test]
fn help_follows_the_environment_and_the_option() {
    for (arguments, lang) in [
        (&["--help"][..], "zh_CN.UTF-8"),
        (&["--help", "--lang", "zh"], "C"),
        (&["query", "--help"], "zh_CN.UTF-8"),
        (&["--lang=zh", "init", "-h"], "en_US.UTF-8"),
    ] {
        let run = told(arguments, lang);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(run.out.contains("用法：yspay") && run.out.contains("选项:\n"), "{}", run.out);
        for english in ["Usage", "Options:", "Commands:", "Arguments:", "[OPTIONS]", "<COMMAND>", "default:"] {
            assert!(!run.out.contains(english), "{english} in {}", run.out);
        }
    }
    let run = told(&["--help", "--lang", "en"], "zh_CN.UTF-8");
    assert!(run.out.contains("Usage: yspay [OPTIONS] <COMMAND>"), "{}", run.out);
}

#[test]
fn what_is_wrong_with_a_command_line_is_told_in_chinese() {
    for (arguments, expected) in [
        (&["qery"][..], "错误：没有 qery 这个命令。\n  是不是想写：query\n"),
        (&["query"], "错误：缺少 <ID>...。\n"),
        (&["query", "--jso", "A"], "错误：不认识参数 --jso。\n  是不是想写：--json\n"),
        (&["query", "A", "--config"], "错误：--config <FILE> 后面缺少值。\n"),
        (&["completions", "bush"], "错误：<SHELL> 不能取 \"bush\"。\n  可取的值：bash、"),
        (
            &["init", "--des-key-env", "A", "--des-key-file", "B"],
            "错误：--des-key-env <NAME> 不能与 --des-key-file <FILE> 同时使用。\n",
        ),
        (&["--config", "a"], "错误：缺少命令。\n"),
        (&["query", "A", "--json", "--json"], "错误：--json 不能与 --json 同时使用。\n"),
    ] {
        let run = told(arguments, "zh_CN.UTF-8");
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.err.contains(expected), "{arguments:?}: {}", run.err);
        assert!(!run.err.contains("error") && !run.err.contains("Usage"), "{}", run.err);
    }
    let run = told(&["qery"], "C");
    assert!(run.err.starts_with("error: unrecognized subcommand 'qery'"), "{}", run.err);
}

#[test]
fn the_errors_of_a_run_are_explained_in_chinese() {
    let run = told(&["query", "A", "--config", "/no/such.json"], "zh_CN.UTF-8");
    assert_eq!(run.status, Some(3));
    assert!(run.err.contains("CONFIG: ") && run.err.contains("用 `yspay init` 可以生成配置文件。"), "{}", run.err);
    assert!(run.err.contains("运行 `yspay simulate --write try`"), "{}", run.err);
}
