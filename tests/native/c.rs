//! C programs.

use std::time::Duration;

use serde_json::json;

use crate::simulator::{Options, Simulator};
use crate::tools::{Program, SIGN_TYPES, asks_and_tells, config, err, out, run};

const C99: [&str; 2] = ["cc", "-std=c99"];

#[test]
fn the_example_asks_and_tells() {
    let program = Program::build(&C99, "examples/c/query.c");
    asks_and_tells(|| program.command());
}

#[test]
fn every_function_does_from_c_what_the_header_says() {
    let program = Program::build(&C99, "tests/c/abi.c");
    for sign_type in SIGN_TYPES {
        let sim = Simulator::start(Options::default()).unwrap();
        run(program.command().arg(config(&sim, sign_type).to_string()));
    }
}

#[test]
fn a_fork_under_load_leaves_the_child_a_working_client() {
    let program = Program::build(&["cc", "-std=c99", "-pthread"], "tests/c/fork.c");
    let sim = Simulator::start(Options { response_delay: Duration::from_millis(2), ..Options::default() }).unwrap();
    let mut config = config(&sim, "SM");
    config["rateLimit"] = json!({"perSecond": 1000});
    config["maxAttempts"] = json!(1);
    run(program.command().arg(config.to_string()));
    let stats = sim.stats();
    // Among the refusals would be a repeated reqFlowId.
    assert!(stats.refused.is_empty(), "{:?}", stats.refused);
    // Each child and grandchild asked over connections of its own: one each, beside those of the parent's threads.
    assert!(stats.connections >= 24 + 6, "{}", stats.connections);
}

#[test]
fn what_the_readme_shows_works() {
    let program = Program::build(&["cc", "-std=c99", "-pthread"], "examples/c/guide.c");
    let sim = Simulator::start(Options::default()).unwrap();
    let mut config = config(&sim, "SM");
    config["timeoutMs"] = json!(1500);
    let good = run(program.command().arg(config.to_string()).arg("STS2-g"));
    assert_eq!(out(&good), "CREATED\nuse the status\nOK\n");
    let refused = run(program.command().arg(config.to_string()).arg("C99-g"));
    assert!(out(&refused).starts_with("the platform refuses") && err(&refused).contains("流水不存在"));
    let hung = run(program.command().arg(config.to_string()).arg("HANG-g"));
    assert_eq!(out(&hung), "ask again later\nCANCELLED\n");
}
