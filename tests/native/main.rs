//! The library as C and C++ programs meet it: built, linked, installed and run as they would be.
//! `make test-c` and `make test-cpp` run these; they need a C and a C++ compiler, make, pkg-config and cmake.

#[path = "../../examples/simulator/mod.rs"]
mod simulator;
#[path = "../support/mod.rs"]
mod support;

mod c;
mod checker;
mod cpp;
mod header;
mod install;
mod tools;
mod wiping;
