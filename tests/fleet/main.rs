//! One limit for a whole fleet, against a real `redis-server`.

#[path = "../support/mod.rs"]
mod files;
#[path = "../../examples/simulator/mod.rs"]
mod simulator;

mod cable;
mod calls;
mod clients;
mod definition;
mod processes;
mod redis_server;
mod schedules;
mod scripts;
mod store;
mod workers;
