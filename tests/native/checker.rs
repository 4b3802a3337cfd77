//! Memory checkers: `make test-valgrind` and `make test-asan` run the C and C++ programs of these tests under one, which
//! the environment's `CHECKER` names.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::support::credential;
use crate::tools::{Program, err, library, out, run};

/// What a program exits with when its checker has found something.
const FOUND: i32 = 99;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checker {
    None,
    /// Watches any program: reads of memory that was never written, too.
    Valgrind,
    /// Needs a library and programs that were compiled for it: sees past the end of variables on the stack, too.
    Asan,
}

impl Checker {
    pub(crate) fn chosen() -> Self {
        match std::env::var("CHECKER").as_deref() {
            Err(_) => Checker::None,
            Ok("valgrind") => Checker::Valgrind,
            Ok("asan") => Checker::Asan,
            Ok(other) => panic!("CHECKER is {other}; it may be valgrind or asan."),
        }
    }

    pub(crate) fn compiler_flags(self) -> &'static [&'static str] {
        match self {
            Checker::None => &[],
            // valgrind 3.19 cannot read what clang writes for -g alone.
            Checker::Valgrind => &["-gdwarf-4"],
            // Puts the run-time library into the program; a Rust shared library finds it there.
            Checker::Asan => &["-g", "-fno-omit-frame-pointer", "-fsanitize=address"],
        }
    }

    pub(crate) fn command(self, program: &Path) -> Command {
        match self {
            Checker::None => Command::new(program),
            Checker::Valgrind => {
                let mut command = Command::new("valgrind");
                command
                    .args(["--quiet", &format!("--error-exitcode={FOUND}"), "--num-callers=40", "--fair-sched=yes"])
                    .arg(program)
                    .env(
                        "VALGRIND_OPTS",
                        "--leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite",
                    );
                command
            }
            Checker::Asan => {
                let mut command = Command::new(program);
                command.env("ASAN_OPTIONS", format!("exitcode={FOUND}:detect_leaks=1:detect_stack_use_after_return=1"));
                command
            }
        }
    }
}

/// A program that leads the library into mistakes.
#[test]
#[ignore = "make test-valgrind and make test-asan run it"]
fn it_sees_what_the_librarys_own_code_does_wrong() {
    let checker = Checker::chosen();
    let program = Program::build(&["cc", "-std=c99"], "tests/c/mistakes.c");
    let config = json!({
        "endpoint": "http://127.0.0.1:9/", "src": "ORG1", "desKey": "A81F41DE7406CC1566579A751D93CA7A",
        "privateKey": {"path": credential("merchant-sm2.key.pem")},
        "platformCertificate": {"path": credential("platform-sm2.cer")},
    });
    for (mistake, place, valgrind, asan) in [
        ("none", "", "", ""),
        ("write after free", "ysp_query_sign_sts", "Invalid write of size 4", "heap-use-after-free"),
        ("read past the end", "ysp_verify_response", "Invalid read of size 1", "heap-buffer-overflow"),
        ("leak", "ysp_client_new", "definitely lost", "detected memory leaks"),
        // Only valgrind knows what was never written.
        ("read of nothing", "ysp_verify_response", "depends on uninitialised value", ""),
    ] {
        let told = match checker {
            Checker::None => panic!("CHECKER is not set"),
            Checker::Valgrind => valgrind,
            Checker::Asan => asan,
        };
        let output = program.command().arg(config.to_string()).arg(mistake).output().unwrap();
        let expected = if told.is_empty() { 0 } else { FOUND };
        let (code, report) = (output.status.code(), err(&output));
        assert_eq!(code, Some(expected), "{mistake}: {report}");
        assert!(report.contains(told) && (told.is_empty() || report.contains(place)), "{mistake}: {report}");
    }
}

/// That the checks are in the library, in the functions of its own.
#[test]
#[ignore = "make test-asan runs it"]
fn the_library_itself_is_instrumented() {
    assert!(Checker::chosen() == Checker::Asan);
    let undefined = out(&run(Command::new("nm").args(["-D", "-u"]).arg(library())));
    for name in ["__asan_init", "__asan_report_load8", "__asan_report_store4"] {
        assert!(undefined.contains(name), "{undefined}");
    }
    let own = "--disassemble=ysp_query_sign_sts";
    let code = out(&run(Command::new("objdump").args([own, "--no-show-raw-insn"]).arg(library())));
    assert!(code.contains("<__asan_report_"), "{code}");
}
