//! What only Windows asks of a library.

use crate::tools::{Program, config_at, library, run};

/// A thread of an abandoned call may still run in it.
#[test]
#[ignore = "make test-windows runs it"]
fn a_dll_that_has_made_a_client_stays_loaded() {
    let program = Program::alone(&["cc", "-std=c99"], "tests/platforms/pin.c");
    std::os::unix::fs::symlink(library(), program.folder.path("yspay.dll")).unwrap();
    run(program.command().arg("yspay.dll").arg(config_at("http://127.0.0.1:9/", "SM").to_string()));
}
