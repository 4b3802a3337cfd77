//! One limit for a whole fleet, against a real `redis-server`.

#[path = "../support/mod.rs"]
mod files;

mod definition;
mod redis_server;
mod schedules;
mod scripts;
mod store;
