//! Generates the C header from `src/ffi/capi.rs` and names the shared library for the linker.

use std::env;
use std::path::PathBuf;

/// Raised when a program linked against an older library would break; `make install` reads it from the library.
const SONAME: &str = "libyspay.so.0";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let linux = env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux");
    if linux {
        // Stays when it is unloaded: a thread of an abandoned call may still run in it, and forks call its handlers.
        // Not `rustc-cdylib-link-arg`, of which cargo complains: only `--crate-type` makes a cdylib. To this package's tests
        // and examples both words mean nothing.
        println!("cargo:rustc-link-arg=-Wl,-z,nodelete");
    }
    if env::var_os("CARGO_FEATURE_CAPI").is_none() {
        return;
    }
    for file in ["src/ffi/capi.rs", "cbindgen.toml"] {
        println!("cargo:rerun-if-changed={file}");
    }
    if linux {
        println!("cargo:rustc-link-arg=-Wl,-soname,{SONAME}");
    }
    // Into OUT_DIR alone: a build script must not change the tree. `make header` copies it to include/.
    let header = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("yspay.h");
    let config = cbindgen::Config::from_file("cbindgen.toml").expect("cbindgen.toml");
    cbindgen::Builder::new()
        .with_src("src/ffi/capi.rs")
        .with_config(config)
        .generate()
        .expect("the C header")
        .write_to_file(header);
}
