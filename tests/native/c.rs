//! C programs.

use std::io::Write;
use std::time::Duration;

use serde_json::json;
use yspay_simulator::{Options, Simulator, Tls};

use crate::checker::Checker;
use crate::platform::Platform;
use crate::tools::{Program, SIGN_TYPES, asks_and_tells, config, err, library, out, run, signed_answer};

const C99: [&str; 2] = ["cc", "-std=c99"];

#[test]
fn the_example_asks_and_tells() {
    let program = Program::build(&C99, "examples/c/query.c");
    asks_and_tells(|| program.command());
}

fn simulator_with_tls() -> Simulator {
    Simulator::start(Options { tls: Some(Tls::default()), ..Options::default() }).unwrap()
}

#[test]
fn every_function_does_from_c_what_the_header_says() {
    let program = Program::build(&C99, "tests/c/abi.c");
    for sign_type in SIGN_TYPES {
        let sim = Simulator::start(Options::default()).unwrap();
        let config = config(&sim, sign_type).to_string();
        program.folder.write("config.json", &config);
        run(program.command().arg(config).arg(program.folder.path("config.json")));
    }
}

#[test]
fn a_fork_under_load_leaves_the_child_a_working_client() {
    let program = Program::build(&["cc", "-std=c99", "-pthread"], "tests/c/fork.c");
    let sim = Simulator::start(Options { response_delay: Duration::from_millis(2), ..Options::default() }).unwrap();
    let mut config = config(&sim, "SM");
    config["rateLimit"] = json!({"perSecond": 1000});
    config["maxAttempts"] = json!(1);
    // No search for leaks: what the parent's other threads hold at a fork is lost in the child.
    run(program.command().env("VALGRIND_OPTS", "").arg(config.to_string()));
    let stats = sim.stats();
    // Among the refusals would be a repeated reqFlowId.
    assert!(stats.refused.is_empty(), "{:?}", stats.refused);
    // Each child and grandchild asked over connections of its own: one each, beside those of the parent's threads.
    assert!(stats.connections >= 24 + 6, "{}", stats.connections);
}

#[test]
fn at_the_limits_of_the_process_a_call_says_so_and_the_next_is_healthy() {
    let program = Program::build(&["cc", "-std=c99", "-pthread", "-Wl,--no-as-needed", "-ldl"], "tests/c/limits.c");
    let sim = Simulator::start(Options::default()).unwrap();
    let mut config = config(&sim, "SM");
    config["maxAttempts"] = json!(1);
    let mut named = config.clone();
    named["endpoint"] = json!(sim.endpoint().replace("127.0.0.1", "localhost"));
    named["connectTimeoutMs"] = json!(1000);
    run(program.command().args([config.to_string(), named.to_string()]));
}

#[test]
fn signals_that_interrupt_a_call_cost_nothing() {
    let program = Program::build(&["cc", "-std=c99"], "tests/c/interrupted.c");
    let (plain, secure) = (Simulator::start(Options::default()).unwrap(), simulator_with_tls());
    let mut platforms = vec![(&plain, "SM"), (&plain, "RSA")];
    // Where a signal interrupts the cipher of TLS, valgrind forgets that its vector registers hold anything.
    if Checker::chosen() != Checker::Valgrind {
        platforms.extend([(&secure, "SM"), (&secure, "RSA")]);
    }
    let configs = platforms.into_iter().map(|(sim, sign_type)| {
        let mut config = config(sim, sign_type);
        // Looked up as well, each time.
        config["endpoint"] = json!(sim.endpoint().replace("127.0.0.1", "localhost"));
        config["caFile"] = json!(program.folder.write("ca.pem", secure.ca_pem().unwrap()));
        config["maxAttempts"] = json!(1);
        config["timeoutMs"] = json!(600_000);
        config["connectTimeoutMs"] = json!(600_000);
        config["rateLimit"] = json!({"perSecond": 10_000});
        config.to_string()
    });
    run(program.command().arg("20").args(configs));
}

#[test]
fn no_connection_takes_the_number_of_a_closed_standard_stream() {
    let program = Program::build(&["cc", "-std=c99"], "tests/c/standard_streams.c");
    let sim = Simulator::start(Options::default()).unwrap();
    let mut behind_socks = config(&sim, "SM");
    behind_socks["endpoint"] = json!("http://platform.test/");
    behind_socks["allowHttp"] = json!(true);
    behind_socks["maxAttempts"] = json!(1);
    behind_socks["proxy"] = json!("socks5h://127.0.0.1:9");
    run(program.command().args([config(&sim, "SM").to_string(), behind_socks.to_string()]));
}

#[test]
fn threads_are_cancelled_wherever_they_are_and_the_process_goes_on() {
    let program = Program::build(&["cc", "-std=c99", "-pthread"], "tests/c/cancel_threads.c");
    let sim = Simulator::start(Options::default()).unwrap();
    let mut config = config(&sim, "SM");
    config["rateLimit"] = json!({"perSecond": 10_000});
    config["timeoutMs"] = json!(600_000);
    // What a cancelled thread had on its stack is lost: glibc keeps the stack itself for the next thread.
    run(program.command().env("VALGRIND_OPTS", "").args(["20", &config.to_string()]));
}

#[test]
fn the_second_copy_in_a_process_says_so() {
    let program = Program::alone(&["cc", "-std=c99", "-Wl,--no-as-needed", "-ldl"], "tests/c/copies.c");
    let copies = ["one.so", "the other.so"].map(|name| program.folder.path(name));
    for copy in &copies {
        std::fs::copy(library(), copy).unwrap();
    }
    let sim = Simulator::start(Options::default()).unwrap();
    run(program.command().arg(config(&sim, "SM").to_string()).args(copies));
}

#[test]
fn many_threads_make_use_and_free_clients_at_once() {
    let program = Program::build(&["cc", "-std=c99", "-pthread"], "tests/c/stress.c");
    let number = |name: &str, usual: &str| std::env::var(name).unwrap_or_else(|_| usual.to_owned());
    for sign_type in SIGN_TYPES {
        let sim = Simulator::start(Options::default()).unwrap();
        let mut config = config(&sim, sign_type);
        config["maxAttempts"] = json!(1);
        config["rateLimit"] = json!({"perSecond": 10_000});
        // However slow the machine, a healthy question is answered.
        config["timeoutMs"] = json!(600_000);
        config["connectTimeoutMs"] = json!(600_000);
        let mut closed = config.clone();
        closed["endpoint"] = json!("http://127.0.0.1:9/");
        let (flow_id, body) = signed_answer(&program.folder, sign_type);
        let figures = run(program
            .command()
            .args([number("STRESS_SEED", "1"), number("STRESS_ROUNDS", "500")])
            .args([config.to_string(), closed.to_string(), flow_id])
            .arg(body));
        let _ = write!(std::io::stderr(), "{sign_type}, {}", out(&figures));
        // Among the refusals would be a repeated reqFlowId.
        assert!(sim.stats().refused.is_empty(), "{:?}", sim.stats().refused);
    }
}

#[test]
fn what_the_readme_shows_works() {
    let program = Program::build(&["cc", "-std=c99", "-pthread"], "examples/c/guide.c");
    let sim = Simulator::start(Options::default()).unwrap();
    let mut config = config(&sim, "SM");
    // In an emulator a start takes longer.
    config["timeoutMs"] = json!(if Platform::chosen().is_some() { 10_000 } else { 1500 });
    let good = run(program.command().arg(config.to_string()).arg("STS2-g"));
    assert_eq!(out(&good), "CREATED\nuse the status\nOK\n");
    let refused = run(program.command().arg(config.to_string()).arg("C99-g"));
    assert!(out(&refused).starts_with("the platform refuses") && err(&refused).contains("流水不存在"));
    let hung = run(program.command().arg(config.to_string()).arg("HANG-g"));
    assert_eq!(out(&hung), "ask again later\nCANCELLED\n");
}
