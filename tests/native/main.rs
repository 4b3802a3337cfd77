//! The library as C and C++ programs meet it: built, linked, installed and run as they would be.
//! `make test-c`, `make test-cpp` and `make vocabulary` run these; they need a C and a C++ compiler, make, pkg-config,
//! cmake and python3.

#[path = "../support/mod.rs"]
mod support;

mod c;
mod checker;
mod clone;
mod cpp;
mod environment;
mod go;
mod header;
mod install;
mod platform;
mod published;
mod tools;
mod vectors;
mod vocabulary;
mod windows;
mod wiping;
