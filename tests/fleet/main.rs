//! One limit for a whole fleet, against a real `redis-server`.

#![allow(clippy::print_stdout, reason = "figures for whoever runs them with --nocapture")]

#[path = "../support/mod.rs"]
mod files;

mod definition;
mod redis_server;
mod schedules;
mod scripts;
mod store;
