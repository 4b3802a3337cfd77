//! Programs in Go for other platforms; on this one the tests of bindings/go see to them.

use std::process::Command;

use yspay_simulator::{Options, Simulator};

use crate::platform::Platform;
use crate::support::Scratch;
use crate::tools::{ROOT, SIGN_TYPES, config, err, out, run};

/// With the shared library; on musl, where Go's users want a program that needs nothing, with the static one and libc, too.
#[test]
#[ignore = "make test-everywhere runs it"]
fn a_program_in_go_asks_and_tells() {
    let platform = Platform::chosen().expect("PLATFORM is not set");
    let folder = Scratch::new();
    let package = platform.package(&folder);
    let program = folder.path(platform.program_name());
    let mut build = platform.cross("go");
    build.args(["build", "-o"]).arg(&program).current_dir(format!("{ROOT}/bindings/go"));
    if platform.is_musl() {
        build.args(["-tags", "yspay_static", "-ldflags", "-linkmode external -extldflags -static"]);
    }
    let [system, processor] = platform.go();
    build.envs([("GOOS", system), ("GOARCH", processor), ("CGO_ENABLED", "1"), ("GOFLAGS", "-buildvcs=false")]);
    build.env("CC", format!("{ROOT}/scripts/zig-cc")).env("PKG_CONFIG_LIBDIR", &package);
    // Go's cache knows nothing of what pkg-config says, but of this: it would link with the folder of an earlier run.
    build.env("CGO_CFLAGS", format!("-O2 -I{}", package.display()));
    run(build.arg("./examples/query"));
    platform.put_library_beside(&folder);

    let command = || {
        // Of musl's nothing is left to be loaded, nor may its loader be asked to.
        let mut command = if platform.is_musl() { Command::new(&program) } else { platform.command(&program) };
        command.env("LD_LIBRARY_PATH", folder.path(""));
        command
    };
    for sign_type in SIGN_TYPES {
        let sim = Simulator::start(Options::default()).unwrap();
        let file = folder.write("config.json", config(&sim, sign_type).to_string());
        assert_eq!(out(&run(command().arg(&file).arg("STS1-a"))), "PENDING\n");
        let refused = command().arg(&file).arg("C99-a").output().unwrap();
        let told = err(&refused);
        assert_eq!(refused.status.code(), Some(1), "{told}");
        assert!(told.starts_with("yspay: BUSINESS: ") && told.contains("流水不存在"), "{told}");
    }
}
