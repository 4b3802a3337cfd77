//! What shells and `man` are given.

use std::process::Command;

use crate::files::Scratch;
use crate::support::{Run, yspay};

#[test]
fn shells_take_the_completions() {
    let folder = Scratch::new();
    for (shell, known) in [("bash", "complete -F _yspay"), ("zsh", "#compdef yspay"), ("fish", "complete -c yspay")] {
        let run = Run::of(yspay().args(["completions", shell]).output().unwrap());
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{shell}");
        assert!(run.out.contains(known) && run.out.contains("query"), "{shell}");
        if shell == "bash" {
            let script = folder.write("yspay.bash", &run.out);
            let asked =
                "source \"$0\"; COMP_WORDS=(yspay que); COMP_CWORD=1; _yspay yspay que yspay; echo ${COMPREPLY[@]}";
            let reply = Command::new("bash").args(["-c", asked]).arg(script).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&reply.stdout), "query\n");
        }
    }
}

#[test]
fn there_is_a_page_for_each_command() {
    let folder = Scratch::new();
    let run = Run::of(yspay().args(["man", "-o"]).arg(folder.path("")).output().unwrap());
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    let page = std::fs::read_to_string(folder.path("yspay-query.1")).unwrap();
    assert!(page.contains("Asks about a few contracts") && page.contains(".SH OPTIONS"), "{page}");
    for name in ["yspay.1", "yspay-init.1", "yspay-completions.1", "yspay-man.1"] {
        assert!(folder.path(name).is_file(), "{name}");
    }
    let run = Run::of(yspay().args(["man", "-o", "/no/such/folder"]).output().unwrap());
    assert!(run.status == Some(4) && run.err.contains("Make the folder first."), "{run:?}");
}
