//! The simulator itself, tested with raw sockets, with OpenSSL's vectors, and with the `openssl` program.

mod behaviours;
mod checks;
mod connections;
mod kit;
mod openssl;
mod program;
mod rate;
mod raw;
mod tls;
mod vectors;
