//! What `make` and the scripts that it runs do to a clone and beside it: they remove nothing of somebody else's, and leave nothing
//! half made.

use std::path::Path;
use std::process::Command;

use crate::support::Scratch;
use crate::tools::{ROOT, err, out, run};

/// `rm -rf` of a folder of a clone in `/home/me/my clone` would be `rm -rf /home/me/my`.
#[test]
fn in_a_folder_with_a_blank_make_does_nothing_that_it_cannot() {
    let folder = Scratch::new();
    let clone = folder.path("a clone");
    for file in [
        "Makefile",
        "packaging/dist.mk",
        "bindings/python/python.mk",
        "bindings/java/java.mk",
        "fuzz/fuzz.mk",
        "tests/platforms/everywhere.mk",
    ] {
        std::fs::create_dir_all(clone.join(file).parent().unwrap()).unwrap();
        std::fs::copy(Path::new(ROOT).join(file), clone.join(file)).unwrap();
    }
    let make = |goals: &[&str]| {
        let mut make = Command::new("make");
        make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL");
        make.arg("--dry-run").args(goals).current_dir(&clone).output().unwrap()
    };
    // None of these looks for the rest of the clone before it does anything.
    for goal in ["demo", "simulator", "uninstall"] {
        let told = make(&[goal]);
        assert!(told.status.success() && !out(&told).is_empty(), "{goal}: {}", err(&told));
    }
    for goal in ["wheel", "jar", "dist", "test"] {
        let told = make(&[goal]);
        assert!(!told.status.success() && err(&told).contains("holds a blank"), "{goal}: {}", err(&told));
        assert_eq!(out(&told), "", "{goal}");
    }
}

/// Else it would be used half made by every run to come.
#[test]
fn what_an_emulator_needs_is_there_when_it_is_whole() {
    let folder = Scratch::new();
    for file in ["scripts/emulate", "scripts/cross", "scripts/zig-cc", "tests/platforms/bcryptprimitives.c"] {
        let copy = folder.path(file);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::copy(Path::new(ROOT).join(file), copy).unwrap();
    }
    std::fs::create_dir(folder.path("bin")).unwrap();
    // A Windows that is made, while the compiler for it fails.
    let wine = "#!/bin/sh\nmkdir -p \"$WINEPREFIX/drive_c/windows/system32\"\n";
    for (name, script) in [("wine64", wine), ("wineserver", "#!/bin/sh\n"), ("cargo-zigbuild", "#!/bin/sh\nexit 1\n")] {
        let program = folder.write(&format!("bin/{name}"), script);
        run(Command::new("chmod").arg("+x").arg(program));
    }
    let path = format!("{}:{}", folder.path("bin").display(), std::env::var("PATH").unwrap());
    let mut emulate = Command::new(folder.path("scripts/emulate"));
    let told = emulate.arg("x86_64-pc-windows-gnullvm").env("PATH", path).output().unwrap();
    assert!(!told.status.success() && err(&told).contains("could not be made ready"), "{}", err(&told));
    let left = std::fs::read_dir(folder.path("target/platforms")).unwrap().count();
    assert_eq!(left, 0, "{}", err(&told));
}
