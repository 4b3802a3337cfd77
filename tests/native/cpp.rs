//! C++ programs: `include/yspay.hpp`, with every compiler that is here, and under the sanitizers.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use yspay_simulator::{Options, Simulator};

use crate::checker::Checker;
use crate::support::Scratch;
use crate::tools::{
    Program, ROOT, SIGN_TYPES, WARNINGS, asks_and_tells, config, err, library, out, run, signed_answer,
};

const SANITIZED: &str = "-fsanitize=address,undefined";

/// g++, which must be here, and clang++ where it is.
fn compilers() -> Vec<&'static str> {
    let mut compilers = vec!["g++"];
    if Command::new("clang++").arg("--version").output().is_ok() {
        compilers.push("clang++");
    } else {
        // Not by a macro: those are captured.
        let _ = writeln!(std::io::stderr(), "clang++ is not here: yspay.hpp is tested with g++ alone.");
    }
    compilers
}

/// Each compiler, without and with the sanitizers, which valgrind cannot watch and an instrumented library needs.
fn ways() -> Vec<Vec<&'static str>> {
    let plain = ["-std=c++17", "-pthread", "-g"];
    let sanitized = ["-fno-sanitize-recover=all", "-fno-omit-frame-pointer", SANITIZED];
    let mut ways = Vec::new();
    for compiler in compilers() {
        let plain = [&[compiler], &plain[..]].concat();
        if Checker::chosen() != Checker::Valgrind {
            ways.push([&plain[..], &sanitized[..]].concat());
        }
        if Checker::chosen() != Checker::Asan {
            ways.push(plain);
        }
    }
    ways
}

/// Whether a sanitizer is really in a program that was built this way.
fn assert_sanitized(way: &[&str], program: &Program) {
    let symbols = out(&run(Command::new("nm").arg(program.path())));
    for name in ["__asan_init", "__ubsan_handle"] {
        assert_eq!(symbols.contains(name), way.contains(&SANITIZED), "{way:?}: {name}");
    }
}

#[test]
fn the_example_asks_and_tells() {
    for compiler in compilers() {
        let program = Program::build(&[compiler, "-std=c++17"], "examples/cpp/query.cpp");
        asks_and_tells(|| program.command());
    }
}

#[test]
fn what_the_readme_shows_works() {
    let program = Program::build(&["g++", "-std=c++17", "-pthread"], "examples/cpp/guide.cpp");
    let sim = Simulator::start(Options::default()).unwrap();
    let mut config = config(&sim, "SM");
    config["timeoutMs"] = json!(1500);
    let ask = |id: &str| run(program.command().arg(config.to_string()).arg(id));
    let good = ask("STS2-g");
    assert!(out(&good).starts_with("CREATED, final\n") && out(&good).contains("  signSts = 2\n"), "{}", out(&good));
    assert!(out(&good).ends_with("\n2\n"));
    let refused = ask("C99-g");
    assert!(out(&refused).contains("BUSINESS: refused with 99: 流水不存在"), "{}", out(&refused));
    let hung = ask("HANG-g");
    assert!(out(&hung).starts_with("CANCELLED: "), "{}", out(&hung));
    assert!(err(&hung).contains("TIMEOUT: "), "{}", err(&hung));
}

#[test]
fn the_header_stands_alone_under_more_warnings_and_newer_standards() {
    let folder = Scratch::new();
    let source = folder.write("alone.cpp", "#include \"yspay.hpp\"\n#include \"yspay.hpp\"\n");
    for compiler in compilers() {
        for standard in ["-std=c++17", "-std=c++20"] {
            run(Command::new(compiler)
                .arg(standard)
                .args(WARNINGS)
                .args(["-Wshadow", "-Wconversion", "-Wsign-conversion", "-Wold-style-cast", "-fsyntax-only"])
                .arg(format!("-I{ROOT}/include"))
                .arg(&source));
        }
        for (options, need) in
            [(["-std=c++14", "-w"], "needs C++17"), (["-std=c++17", "-fno-exceptions"], "needs exceptions")]
        {
            let refused = Command::new(compiler)
                .args(options)
                .args([&format!("-I{ROOT}/include"), "-fsyntax-only"])
                .arg(&source)
                .output()
                .unwrap();
            assert!(err(&refused).contains(need), "{}", err(&refused));
        }
    }
}

#[test]
fn two_files_of_one_program_may_include_the_header() {
    let folder = Scratch::new();
    let one = folder.write("one.cpp", "#include \"yspay.hpp\"\nint main() { return 0; }\n");
    let two = folder.write("two.cpp", "#include \"yspay.hpp\"\n");
    for compiler in compilers() {
        run(Command::new(compiler)
            .arg("-std=c++17")
            .arg(format!("-I{ROOT}/include"))
            .args(Checker::chosen().compiler_flags())
            .args([&one, &two, &library(), &PathBuf::from("-o"), &folder.path("program")]));
    }
}

#[test]
fn every_status_and_error_reaches_cpp_whole() {
    for way in ways() {
        let program = Program::build(&way, "tests/cpp/face.cpp");
        assert_sanitized(&way, &program);
        for sign_type in SIGN_TYPES {
            let slow_src = "ORG-SLOW";
            let institutions = vec![yspay_simulator::SRC.to_owned(), slow_src.to_owned()];
            let sim = Simulator::start(Options { institutions, ..Options::default() }).unwrap();
            let mut quick = config(&sim, sign_type);
            quick["rateLimit"] = json!({"perSecond": 1000});
            let mut slow = config(&sim, sign_type);
            slow["rateLimit"] = json!({"perSecond": 1});
            slow["src"] = json!(slow_src);
            let mut fleet = config(&sim, sign_type);
            fleet["src"] = json!("ORG-FLEET");
            fleet["rateLimit"] =
                json!({"shared": {"url": "redis://:hush@127.0.0.1:9/2", "prefix": "mine", "timeoutMs": 300}});
            let (flow_id, body) = signed_answer(&program.folder, sign_type);
            let configs = [quick, slow, fleet].map(|config| config.to_string());
            run(program.command().args(configs).arg(flow_id).arg(body));
        }
    }
}

#[test]
fn a_newer_or_broken_library_is_an_error_and_never_a_crash() {
    for way in ways() {
        let program = Program::alone(&way, "tests/cpp/fake.cpp");
        assert_sanitized(&way, &program);
        run(&mut program.command());
    }
}

#[test]
fn threads_and_clients_of_one_program_share_one_window() {
    const CALLS: u64 = 60;
    let program = Program::build(&["g++", "-std=c++17", "-pthread"], "tests/cpp/window.cpp");
    let sim = Simulator::start(Options::default()).unwrap();
    let configs = SIGN_TYPES.map(|sign_type| {
        let mut config = config(&sim, sign_type);
        config["timeoutMs"] = json!(600_000);
        config.to_string()
    });
    run(program.command().args(["12", &CALLS.to_string()]).args(&configs).args(&configs));
    let stats = sim.stats();
    assert_eq!((stats.requests, stats.accepted), (CALLS, CALLS), "{:?}", stats.refused);
    assert!(stats.busiest_second <= 10, "{} arrivals in one second", stats.busiest_second);
    assert_eq!(stats.seconds_over_limit, 0);
    let arrivals = stats.arrivals();
    assert!((arrivals[arrivals.len() - 1] - arrivals[0]).as_secs_f64() >= 5.0, "60 calls are 6 seconds' worth");
}

/// `make leak` sets these for a long run with the optimised library.
fn leak_rounds() -> (String, String) {
    let number = |name: &str, usual: &str| std::env::var(name).unwrap_or_else(|_| usual.to_owned());
    (number("LEAK_ROUNDS", "5000"), number("LEAK_FAILURES", "2000"))
}

#[test]
fn memory_is_where_it_was_after_many_rounds_and_failures() {
    let program = Program::build(&["g++", "-std=c++17", "-O1"], "tests/cpp/leak.cpp");
    let sim = Simulator::start(Options::default()).unwrap();
    let (rounds, failures) = leak_rounds();
    let mut command = program.command();
    // What a thread keeps for reuse would count as in use.
    command.env("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0").args([rounds, failures]);
    let mut flow_id = String::new();
    for sign_type in ["SM", "RSA"] {
        let (asked, body) = signed_answer(&program.folder, sign_type);
        command.arg(config(&sim, sign_type).to_string()).arg(body);
        flow_id = asked;
    }
    let figures = run(command.arg(flow_id));
    let _ = write!(std::io::stderr(), "{}", out(&figures));
}
