//! One limit for a whole fleet, against a real `redis-server`.

#![allow(clippy::print_stdout, reason = "figures for whoever runs them with --nocapture")]

#[path = "../support/mod.rs"]
mod files;

mod answers;
mod authority;
mod cable;
mod calls;
mod clients;
mod definition;
mod faults;
mod forks;
mod mixed;
mod places;
mod processes;
mod programs;
mod redis_server;
mod schedules;
mod scripts;
mod store;
mod tls;
mod workers;
