//! `make install`, and programs that find the library by what it installs: pkg-config, CMake, shared and static.

use std::path::{Path, PathBuf};
use std::process::Command;

use yspay_simulator::program::Program;
use yspay_simulator::{Options, Simulator};

use crate::support::Scratch;
use crate::tools::{ROOT, WARNINGS, asks_and_tells, built, config, err, make, out, run};

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[track_caller]
fn install(variables: &[(&str, &Path)]) {
    built(); // with the usual mask
    let mut command = make("install");
    for (name, value) in variables {
        command.arg(format!("{name}={}", value.display()));
    }
    run(&mut privately(&command));
}

/// The same command, of somebody whose new files nobody else may read.
fn privately(command: &Command) -> Command {
    let mut private = Command::new("sh");
    private.args(["-c", "umask 077; exec \"$@\"", "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => private.env(name, value),
            None => private.env_remove(name),
        };
    }
    private.current_dir(ROOT);
    private
}

/// What lies in a folder, below it, in order; folders that hold nothing are left out.
fn files(folder: &Path) -> Vec<String> {
    let found = run(Command::new("find").args([".", "!", "-type", "d"]).current_dir(folder));
    let mut names: Vec<_> = out(&found).lines().map(|line| line[2..].to_owned()).collect();
    names.sort();
    names
}

fn expected(lib: &str, include: &str) -> Vec<String> {
    let mut names = vec![
        format!("{include}/yspay.h"),
        format!("{include}/yspay.hpp"),
        format!("{lib}/cmake/yspay/yspay-config-version.cmake"),
        format!("{lib}/cmake/yspay/yspay-config.cmake"),
        format!("{lib}/libyspay.a"),
        format!("{lib}/libyspay.so"),
        format!("{lib}/libyspay.so.0"),
        format!("{lib}/libyspay.so.{VERSION}"),
        format!("{lib}/pkgconfig/yspay.pc"),
    ];
    names.sort();
    names
}

/// What pkg-config says about the library in `lib`.
#[track_caller]
fn pkg_config(lib: &Path, arguments: &[&str]) -> Vec<String> {
    let said = run(Command::new("pkg-config")
        .args(arguments)
        .arg("yspay")
        .env("PKG_CONFIG_PATH", lib.join("pkgconfig"))
        .env_remove("PKG_CONFIG_SYSROOT_DIR"));
    out(&said).split_whitespace().map(str::to_owned).collect()
}

/// The C example, compiled with what pkg-config says.
#[track_caller]
fn compile(folder: &Scratch, name: &str, flags: &[String]) -> PathBuf {
    let program = folder.path(name);
    run(Command::new("cc")
        .arg("-std=c99")
        .args(WARNINGS)
        .arg(format!("{ROOT}/examples/c/query.c"))
        .args(flags)
        .arg("-o")
        .arg(&program));
    program
}

/// The libraries that a program asks the loader for.
fn needed(program: &Path) -> String {
    out(&run(Command::new("readelf").arg("-d").arg(program)))
}

/// Configures and builds the CMake example; the programs' folder, or what CMake said against it.
fn cmake(folder: &Scratch, name: &str, prefix: &Path, more: &[&str]) -> Result<PathBuf, String> {
    let build = folder.path(name);
    let configured = Command::new("cmake")
        .args(["-S", &format!("{ROOT}/examples/cmake"), "-B"])
        .arg(&build)
        .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()))
        .args(more)
        .output()
        .expect("cmake is needed for this test: install it");
    if !configured.status.success() {
        return Err(err(&configured));
    }
    run(Command::new("cmake").arg("--build").arg(&build));
    Ok(build)
}

#[test]
fn what_is_installed_is_found_by_pkg_config_and_cmake_shared_and_static() {
    let folder = Scratch::new();
    let prefix = folder.path("prefix");
    let lib = prefix.join("lib");
    install(&[("PREFIX", &prefix)]);
    assert_eq!(files(&prefix), expected("lib", "include"));
    assert_eq!(std::fs::read_link(lib.join("libyspay.so")).unwrap(), Path::new("libyspay.so.0"));
    assert_eq!(
        std::fs::read_link(lib.join("libyspay.so.0")).unwrap().display().to_string(),
        format!("libyspay.so.{VERSION}")
    );

    shared_by_pkg_config(&folder, &lib);
    as_the_page_shows(&folder, &prefix);
    as_the_pages_walk(&folder, &prefix);
    as_the_simulators_folder_tells(&folder, &prefix);
    shared_by_cmake(&folder, &prefix);
    let moved = folder.path("moved");
    std::fs::rename(&prefix, &moved).unwrap();
    moved_elsewhere(&folder, &moved);
    static_on_request_by_cmake(&folder, &moved);
    for name in files(&moved.join("lib")).into_iter().filter(|name| name.starts_with("libyspay.so")) {
        std::fs::remove_file(moved.join("lib").join(name)).unwrap();
    }
    std::fs::rename(&moved, &prefix).unwrap();
    static_alone(&folder, &prefix);

    run(make("uninstall").arg(format!("PREFIX={}", prefix.display())));
    assert_eq!(files(&prefix), [""; 0]);
}

fn shared_by_pkg_config(folder: &Scratch, lib: &Path) {
    assert_eq!(pkg_config(lib, &["--modversion"]), [VERSION]);
    let program = compile(folder, "shared", &pkg_config(lib, &["--cflags", "--libs"]));
    assert!(needed(&program).contains("Shared library: [libyspay.so.0]"));
    asks_and_tells(|| {
        let mut command = Command::new(&program);
        command.env("LD_LIBRARY_PATH", lib);
        command
    });
    let lost = Command::new(&program).env_remove("LD_LIBRARY_PATH").output().unwrap();
    assert!(err(&lost).contains("libyspay.so.0"), "the loader names what it misses");
}

fn as_the_page_shows(folder: &Scratch, prefix: &Path) {
    let built = folder.path("readme");
    std::fs::create_dir(&built).unwrap();
    run(Command::new(format!("{ROOT}/examples/c/build.sh")).arg(&built).env("PREFIX", prefix));
    for name in ["query-rpath", "query-static", "build/query"] {
        asks_and_tells(|| Command::new(built.join(name)));
    }
    assert!(needed(&built.join("query-rpath")).contains("libyspay.so.0"));
    assert!(!needed(&built.join("query-static")).contains("libyspay.so"));
}

/// The last command of a page's first walk, with this prefix in place of the one that it makes.
fn as_the_pages_walk(folder: &Scratch, prefix: &Path) {
    let sim = Simulator::start(Options::default()).unwrap();
    let config = folder.write("sm.json", config(&sim, "SM").to_string());
    for page in ["docs/c.md", "docs/cpp.md"] {
        let document = std::fs::read_to_string(Path::new(ROOT).join(page)).unwrap();
        let walk = document.split("```sh\n").nth(1).and_then(|rest| rest.split("\n```").next()).unwrap();
        let command = walk.lines().last().unwrap();
        let command = command.replace("target/simulator/sm.json", config.to_str().unwrap());
        let command = command.replace("$PWD/target/try", "target/try").replace("target/try", prefix.to_str().unwrap());
        let told = run(Command::new("sh").args(["-euc", &command]).current_dir(ROOT));
        assert!(out(&told).contains("CREATED"), "{page}: {}", out(&told));
        std::fs::remove_file(prefix.join("query")).unwrap();
    }
}

/// The commands of the README that the simulator writes for a first client, in that folder.
fn as_the_simulators_folder_tells(folder: &Scratch, prefix: &Path) {
    let kit = folder.path("kit");
    let _running = Program { config_out: Some(kit.clone()), ..Program::default() }.start().unwrap();
    let readme = std::fs::read_to_string(kit.join("README.md")).unwrap();
    for language in ["C", "C++"] {
        let command = readme.split(&format!("\n{language}:\n\n```sh\n")).nth(1).unwrap().split("\n```").next().unwrap();
        let told = run(Command::new("sh").args(["-euc", command]).current_dir(&kit).env("PREFIX", prefix));
        assert_eq!(out(&told), "STS2-1: CREATED\n", "{command}");
    }
}

fn shared_by_cmake(folder: &Scratch, prefix: &Path) {
    let build = cmake(folder, "shared-cmake", prefix, &[]).unwrap();
    for name in ["query", "query_cpp"] {
        let program = build.join(name);
        assert!(needed(&program).contains("Shared library: [libyspay.so.0]"));
        // CMake writes the library's folder into a program in its build tree.
        asks_and_tells(|| Command::new(&program));
    }
}

/// A prefix that was moved works where CMake looks, and with `--define-prefix` where pkg-config looks.
fn moved_elsewhere(folder: &Scratch, prefix: &Path) {
    let build = cmake(folder, "moved-cmake", prefix, &[]).unwrap();
    asks_and_tells(|| Command::new(build.join("query")));
    let flags = pkg_config(&prefix.join("lib"), &["--define-prefix", "--cflags", "--libs"]);
    compile(folder, "query-moved", &flags);
}

fn static_on_request_by_cmake(folder: &Scratch, prefix: &Path) {
    let build = cmake(folder, "chosen-cmake", prefix, &["-Dyspay_USE_STATIC_LIBS=ON"]).unwrap();
    assert!(!needed(&build.join("query_cpp")).contains("libyspay"));
}

/// A prefix that holds only the static library.
fn static_alone(folder: &Scratch, prefix: &Path) {
    let lib = prefix.join("lib");
    let program = compile(folder, "static", &pkg_config(&lib, &["--static", "--cflags", "--libs"]));
    let build = cmake(folder, "static-cmake", prefix, &[]).unwrap();
    for program in [program, build.join("query"), build.join("query_cpp")] {
        assert!(!needed(&program).contains("libyspay"), "{}", program.display());
        asks_and_tells(|| Command::new(&program));
    }
    let archive = lib.join("libyspay.a");
    std::fs::remove_file(&archive).unwrap();
    let told = cmake(folder, "none-cmake", prefix, &[]).unwrap_err();
    // CMake breaks lines where it likes.
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("install yspay"), "{told}");
}

#[test]
fn a_staged_installation_names_its_final_place_alone() {
    let folder = Scratch::new();
    let stage = folder.path("stage");
    let [prefix, lib, include] = ["/opt/yspay", "/opt/yspay/lib64", "/usr/include/yspay"].map(Path::new);
    let places = [("DESTDIR", stage.as_path()), ("PREFIX", prefix), ("LIBDIR", lib), ("INCLUDEDIR", include)];
    install(&places);
    assert_eq!(files(&stage), expected("opt/yspay/lib64", "usr/include/yspay"));
    // Everybody may read it, whoever installs it.
    let unreadable = ["(", "-type", "d", "!", "-perm", "755", ")", "-o", "(", "-type", "f", "!", "-perm", "-644", ")"];
    assert_eq!(out(&run(Command::new("find").arg(stage.join("opt")).arg(stage.join("usr")).args(unreadable))), "");
    for name in files(&stage).iter().filter(|name| name.ends_with(".pc") || name.ends_with(".cmake")) {
        let text = std::fs::read_to_string(stage.join(name)).unwrap();
        assert!(!text.contains("stage") && !text.contains('@'), "{name}: {text}");
    }
    let flags = pkg_config(&stage.join("opt/yspay/lib64"), &["--cflags", "--libs"]);
    assert_eq!(flags, ["-I/usr/include/yspay", "-L/opt/yspay/lib64", "-lyspay"]);
    assert_eq!(
        private_libraries(&stage),
        std::fs::read_to_string(built().join("native-static-libs")).unwrap().trim(),
        "what rustc said when it built the library"
    );
    // CMake finds the header by the way from the package's own folder to it.
    let package = format!("-Dyspay_DIR={}", stage.join("opt/yspay/lib64/cmake/yspay").display());
    cmake(&folder, "staged-cmake", &stage, &[&package]).unwrap();

    // A newer version takes the place of an older one.
    let lib = stage.join("opt/yspay/lib64");
    std::fs::rename(lib.join(format!("libyspay.so.{VERSION}")), lib.join("libyspay.so.0.0.9")).unwrap();
    std::fs::remove_file(lib.join("libyspay.so.0")).unwrap();
    std::os::unix::fs::symlink("libyspay.so.0.0.9", lib.join("libyspay.so.0")).unwrap();
    install(&places);
    assert_eq!(files(&stage), expected("opt/yspay/lib64", "usr/include/yspay"));

    // What somebody else put there stays.
    let other = stage.join("opt/yspay/lib64/libyspay-plugin.so");
    std::fs::write(&other, "").unwrap();
    let mut command = make("uninstall");
    for (name, value) in places {
        command.arg(format!("{name}={}", value.display()));
    }
    run(&mut command);
    assert_eq!(files(&stage), ["opt/yspay/lib64/libyspay-plugin.so"]);
}

#[test]
fn the_command_comes_with_its_manual_and_completions() {
    let folder = Scratch::new();
    let prefix = folder.path("prefix");
    install(&[("PREFIX", &prefix), ("CLI", Path::new("yes"))]);
    let mut with_command = expected("lib", "include");
    let found = files(&prefix);
    with_command.extend(found.iter().filter(|name| name.ends_with(".1")).cloned());
    with_command.extend(
        ["bin/yspay", "share/bash-completion/completions/yspay", "share/fish/vendor_completions.d/yspay.fish"]
            .map(str::to_owned),
    );
    with_command.push("share/zsh/site-functions/_yspay".to_owned());
    with_command.sort();
    assert_eq!(found, with_command);
    for page in ["share/man/man1/yspay.1", "share/man/man1/yspay-query.1", "share/man/zh_CN/man1/yspay-query.1"] {
        assert!(found.iter().any(|name| name == page), "{page} is not in {found:?}");
    }
    // Everyone may run and read it, whoever installed it.
    let others =
        run(Command::new("find").args(["bin", "share", "!", "-type", "d", "!", "-perm", "-004"]).current_dir(&prefix));
    assert_eq!(out(&others), "");
    let version = run(Command::new(prefix.join("bin/yspay")).arg("--version"));
    assert_eq!(out(&version), format!("yspay {VERSION}\n"));
    run(make("uninstall").arg(format!("PREFIX={}", prefix.display())));
    assert_eq!(files(&prefix), [""; 0]);
}

fn private_libraries(stage: &Path) -> String {
    let text = std::fs::read_to_string(stage.join("opt/yspay/lib64/pkgconfig/yspay.pc")).unwrap();
    text.lines().find_map(|line| line.strip_prefix("Libs.private: ")).unwrap().to_owned()
}

#[test]
fn another_version_than_asked_for_is_not_taken() {
    let folder = Scratch::new();
    let check = |wanted: &str, pointer_bytes: u8| {
        // What CMake itself makes of a request before it asks the package.
        let (least, most) = wanted.split_once("...").unwrap_or((wanted, ""));
        let range = if most.is_empty() {
            String::new()
        } else {
            let (end, most) = most.strip_prefix('<').map_or(("INCLUDE", most), |most| ("EXCLUDE", most));
            format!(
                "set(PACKAGE_FIND_VERSION_RANGE \"{wanted}\")\n\
                 set(PACKAGE_FIND_VERSION_RANGE_MAX {end})\n\
                 set(PACKAGE_FIND_VERSION_MAX \"{most}\")\n"
            )
        };
        let script = folder.write(
            "version.cmake",
            format!(
                "set(PACKAGE_FIND_VERSION \"{least}\")\n\
                 set(PACKAGE_FIND_VERSION_MAJOR \"{}\")\n\
                 {range}\
                 include(yspay-config-version.cmake)\n\
                 message(\"${{PACKAGE_VERSION_COMPATIBLE}} ${{PACKAGE_VERSION_EXACT}} ${{PACKAGE_VERSION_UNSUITABLE}}\")\n",
                least.split('.').next().unwrap_or_default()
            ),
        );
        err(&run(Command::new("cmake")
            .arg(format!("-DCMAKE_SIZEOF_VOID_P={pointer_bytes}"))
            .arg("-P")
            .arg(script)
            .current_dir(folder.path(""))))
        .trim()
        .to_owned()
    };
    let template = std::fs::read_to_string(format!("{ROOT}/packaging/yspay-config-version.cmake.in")).unwrap();
    folder.write(
        "yspay-config-version.cmake",
        template.replace("@VERSION@", "0.3.1").replace("@VERSION_MAJOR@", "0").replace("@POINTER_BYTES@", "8"),
    );
    for (wanted, answer) in [
        ("0.3.1", "TRUE TRUE"),
        ("0.3", "TRUE"),
        ("0.1", "TRUE"),
        ("", "TRUE"),
        ("0.4", "FALSE"),
        ("1.0", "FALSE"),
        ("0.1...0.4", "TRUE"),
        ("0.1...<1", "TRUE"),
        ("0.1...0.3.1", "TRUE"),
        ("0.1...<0.3.1", "FALSE"),
        ("0.1...0.3.0", "FALSE"),
        ("0.4...1.0", "FALSE"),
    ] {
        assert_eq!(check(wanted, 8), answer, "{wanted:?}");
    }
    assert_eq!(check("0.3", 4), "TRUE  TRUE", "for another word size");
}

#[test]
fn a_place_that_cannot_be_is_refused_before_anything_is_built_or_written() {
    for (place, reason) in [
        ("relative/path", "not absolute"),
        ("/tmp/a b", "white space"),
        ("/tmp/a'b", "cannot take"),
        ("/tmp/a#b", "cannot take"),
    ] {
        // Of this profile there is no library, and nothing could build it.
        let unbuilt = ["PROFILE=never-built", "CARGO=false"];
        let refused = make("install").args(unbuilt).arg(format!("PREFIX={place}")).output().unwrap();
        assert!(!refused.status.success());
        assert!(err(&refused).contains(reason), "{}", err(&refused));
    }
}

/// Alpine has no static libgcc_s, and a shared one only where a package asked for it; libgcc_eh comes with its compiler.
#[test]
fn with_musl_the_static_library_asks_for_no_shared_libgcc() {
    let folder = Scratch::new();
    folder.write("native-static-libs", "-lgcc_s -lc");
    folder.write("libyspay.a", "");
    let source = folder.write("library.c", "int ysp_version(void) { return 0; }\n");
    let link = |name: &str, soname: &str, with: &[&Path]| {
        let out = folder.path(name);
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-nostdlib", "-Wl,--no-as-needed"]).arg(format!("-Wl,-soname,{soname}"));
        run(cc.arg(&source).args(with).arg("-o").arg(&out));
        out
    };
    for (libc, wanted) in
        [("libc.so", "-lgcc_eh -lc"), ("libc.musl-x86_64.so.1", "-lgcc_eh -lc"), ("libc.so.6", "-lgcc_s -lc")]
    {
        let libc = link("c.so", libc, &[]);
        link("libyspay.so", "libyspay.so.0", &[&libc]);
        let prefix = folder.path("prefix");
        let mut install = Command::new(format!("{ROOT}/scripts/install"));
        install.arg("install").current_dir(ROOT).envs([("DESTDIR", ""), ("CLI_BIN", "")]);
        install.env("OUT", folder.path("")).env("PREFIX", &prefix);
        run(install.env("LIBDIR", prefix.join("lib")).env("INCLUDEDIR", prefix.join("include")));
        let told = |file: &str| std::fs::read_to_string(prefix.join("lib").join(file)).unwrap();
        let package = told("pkgconfig/yspay.pc");
        assert!(package.contains(&format!("\nLibs.private: {wanted}\n")), "{package}");
        let cmake = told("cmake/yspay/yspay-config.cmake");
        assert!(cmake.contains(&format!("\"{}\"", wanted.replace(' ', ";"))), "{cmake}");
    }
}

/// The PowerShell that Windows has takes a script without a byte order mark for the system's code page: in China's, the last
/// byte of `…` and the quotation mark after it are one character, and nothing of the script is read.
#[test]
fn what_completes_words_in_powershell_says_that_it_is_utf_8() {
    let folder = Scratch::new();
    for name in ["native-static-libs", "yspay.dll", "libyspay.dll.a", "libyspay.a"] {
        folder.write(name, "-lbcrypt");
    }
    let command = folder.write("yspay.exe", "#!/bin/sh\necho \"'…'\"\n");
    run(Command::new("chmod").arg("+x").arg(&command));
    let prefix = folder.path("prefix");
    let mut install = Command::new(format!("{ROOT}/scripts/install"));
    install.arg("install").current_dir(ROOT).env("DESTDIR", "").env("CLI_BIN", &command).env_remove("RUN");
    install.env("OUT", folder.path("")).env("PREFIX", &prefix);
    run(install.env("LIBDIR", prefix.join("lib")).env("INCLUDEDIR", prefix.join("include")));
    let script = std::fs::read_to_string(prefix.join("bin/yspay-completions.ps1")).unwrap();
    assert_eq!(script, "\u{feff}'…'\n");
}
