//! The main job against the embedded simulator: no credentials, no network but loopback. Run by `make demo`.

#![allow(clippy::print_stdout, reason = "a demonstration prints")]

use std::time::{Duration, Instant};

use serde_json::Value;
use yspay::{Client, Code, QueryOptions, SignStatus};
use yspay_simulator::{Options, Simulator};

/// What is asked, and what for. The simulator answers by the flow id's prefix.
const QUESTIONS: &[(&str, &str)] = &[
    ("STS0", "applied for"),
    ("STS1", "waiting to be signed"),
    ("STS2", "created"),
    ("STS3", "made void"),
    ("STS4", "expired"),
    ("STS7", "creation failed"),
    ("STS8", "document generated"),
    ("STS9", "a status nobody knows yet"),
    ("C50THEN", "the platform times out once"),
    ("H500THEN", "HTTP 500 once, then an answer"),
    ("C99", "refused: no such contract"),
    ("UNSIGNED", "an unsigned refusal"),
    ("BADSIG", "a signature that does not fit"),
    ("OTHERID", "the answer to another question"),
    ("NOTJSON", "not JSON"),
    ("H404", "HTTP 404"),
    ("RESET", "a reset connection"),
    ("HANG", "no answer in time"),
    ("two&fields=", "an id that cannot be asked"),
];

fn config(sign_type: &str, endpoint: &str) -> Value {
    let mut config = yspay_simulator::client::config(endpoint, sign_type);
    config["maxAttempts"] = 2.into();
    config
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let platform = Simulator::start(Options::default())?;
    println!("A simulated platform answers at {}.\n", platform.endpoint());

    println!(
        "{:<16} {:<30} {:<4} {:<20} {:<6} {:>8} {:>8}",
        "QUESTION", "", "ALG", "ANSWER", "FINAL", "ATTEMPTS", "TIME"
    );
    let begun = Instant::now();
    let mut wrong = 0;
    for sign_type in ["SM", "RSA"] {
        let client = Client::from_json(&config(sign_type, &platform.endpoint()).to_string())?;
        for (prefix, what) in QUESTIONS {
            wrong += usize::from(!ask(&client, sign_type, prefix, what));
        }
        println!();
    }

    let stats = platform.stats();
    println!("The limiter: both clients share one window of 10 calls a second.");
    println!("  requests that reached the platform   {}", stats.requests);
    println!("  in                                   {:.1} s", begun.elapsed().as_secs_f64());
    println!("  most in any one second               {}", stats.busiest_second);
    println!("  refused by the platform's own checks {}", stats.refused.values().sum::<u64>());
    println!("  connections opened                   {}", stats.connections);

    println!("\nWhat an error says, for example to an unsigned refusal:");
    let client = Client::from_json(&config("SM", &platform.endpoint()).to_string())?;
    if let Err(error) = client.query_sign_sts("UNSIGNED-again") {
        println!("  {error}");
        println!("  unverified: {}", error.unverified.as_deref().unwrap_or_default());
    }
    if wrong > 0 || stats.busiest_second > 10 {
        return Err(format!("{wrong} questions had another outcome than the one expected").into());
    }
    Ok(())
}

/// Asks, prints a line, and tells whether the outcome is the one that the question is about.
fn ask(client: &Client, sign_type: &str, prefix: &str, what: &str) -> bool {
    let flow_id = format!("{prefix}-{sign_type}");
    let timeout = (prefix == "HANG").then_some(Duration::from_millis(1_500));
    let begun = Instant::now();
    let result = client.query_sign_sts_with(&flow_id, &QueryOptions { timeout, ..QueryOptions::default() });
    let (answer, is_final, attempts) = match &result {
        Ok(answer) => {
            let status = answer.verified.status();
            (
                format!("{} {}", status.as_text(), status.name()),
                if status.is_final() { "yes" } else { "no" },
                answer.attempts,
            )
        }
        Err(error) => (error.code.name().to_owned(), "-", error.attempts),
    };
    let time = begun.elapsed().as_millis();
    println!("{flow_id:<16} {what:<30} {sign_type:<4} {answer:<20} {is_final:<6} {attempts:>8} {time:>5} ms");
    expected(prefix, result.map(|answer| answer.verified.status().clone()).map_err(|error| error.code))
}

fn expected(prefix: &str, outcome: Result<SignStatus, Code>) -> bool {
    match (prefix, outcome) {
        ("C50THEN" | "H500THEN", Ok(SignStatus::Created)) => true,
        ("C99", Err(Code::Business)) | ("UNSIGNED" | "BADSIG", Err(Code::Signature)) => true,
        ("OTHERID", Err(Code::Mismatch)) | ("NOTJSON", Err(Code::MalformedResponse)) => true,
        ("H404", Err(Code::HttpStatus)) | ("RESET", Err(Code::Transport)) | ("HANG", Err(Code::Timeout)) => true,
        ("two&fields=", Err(Code::InvalidArgument)) => true,
        (_, Ok(status)) => prefix.strip_prefix("STS") == Some(status.as_text()),
        _ => false,
    }
}
