//! The jar in JVMs of other platforms; on this one the tests of bindings/java see to it.

use std::path::Path;
use std::process::Command;

use yspay_simulator::{Options, Simulator};

use crate::platform::Platform;
use crate::support::Scratch;
use crate::tools::{ROOT, SIGN_TYPES, config, err, out, run};

/// `YSPAY_JAR` and `YSPAY_JAVA` name the jar, with that platform's library in it, and the platform's `java`.
#[test]
#[ignore = "make test-everywhere runs it, where there is a JVM"]
fn a_program_in_java_asks_and_tells() {
    let platform = Platform::chosen().expect("PLATFORM is not set");
    let setting = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let (jar, java) = (setting("YSPAY_JAR"), setting("YSPAY_JAVA"));
    let folder = Scratch::new();
    run(Command::new("javac")
        .args(["--release", "8", "-Xlint:-options", "-cp", &jar, "-d"])
        .arg(folder.path(""))
        .arg(format!("{ROOT}/examples/java/Query.java")));
    let command = || {
        let mut command = platform.command(Path::new(&java));
        // A short life is not worth the better compiler, nor threads for each processor.
        command.args([
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dstdout.encoding=UTF-8",
            "-Dstderr.encoding=UTF-8",
        ]);
        command.arg("-cp").arg(platform.class_path(&[&jar, folder.path("").to_str().unwrap()])).arg("Query");
        command
    };
    for sign_type in SIGN_TYPES {
        let sim = Simulator::start(Options::default()).unwrap();
        let file = folder.write("config.json", config(&sim, sign_type).to_string());
        let answered = out(&run(command().arg(&file).arg("STS1-a")));
        assert!(answered.contains("PENDING"), "{answered}");
        let refused = command().arg(&file).arg("C99-a").output().unwrap();
        let told = err(&refused);
        assert_eq!(refused.status.code(), Some(1), "{told}");
        assert!(told.contains("C99-a: BUSINESS: ") && told.contains("流水不存在"), "{told}");
    }
}
