//! The simulator itself, tested with raw sockets, with OpenSSL's vectors, and with the `openssl` program.

mod behaviours;
mod checks;
mod connections;
mod kit;
mod memory;
mod mistakes;
mod openssl;
mod page;
mod place;
mod program;
#[path = "../question/mod.rs"]
mod question;
mod rate;
mod raw;
mod tls;
mod vectors;
