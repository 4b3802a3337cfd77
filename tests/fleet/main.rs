//! One limit for a whole fleet, against a real `redis-server`.

#![allow(clippy::print_stdout, reason = "figures for whoever runs them with --nocapture")]

#[path = "../support/mod.rs"]
mod files;
#[path = "../../examples/simulator/mod.rs"]
mod simulator;

mod cable;
mod calls;
mod clients;
mod definition;
mod faults;
mod processes;
mod redis_server;
mod schedules;
mod scripts;
mod store;
mod workers;
