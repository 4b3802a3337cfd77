//! `scripts/check-vocabulary` notices, in every language, what it is there to notice.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::Scratch;
use crate::tools::{ROOT, err, out, run};

/// What the check reads, and the check itself.
const FILES: [&str; 26] = [
    "scripts/check-vocabulary",
    "include/yspay.h",
    "include/yspay.hpp",
    "src/config/mod.rs",
    "src/config/secret.rs",
    "src/error.rs",
    "src/report.rs",
    "src/status.rs",
    "bindings/go/answer.go",
    "bindings/go/code.go",
    "bindings/go/config.go",
    "bindings/go/description.go",
    "bindings/go/error.go",
    "bindings/go/secret.go",
    "bindings/go/status.go",
    "bindings/python/python/yspay/_errors.py",
    "bindings/python/python/yspay/_answer.py",
    "bindings/python/python/yspay/_settings.py",
    "bindings/java/src/main/java/io/github/yspay/CertificateDescription.java",
    "bindings/java/src/main/java/io/github/yspay/ClientDescription.java",
    "bindings/java/src/main/java/io/github/yspay/ErrorCode.java",
    "bindings/java/src/main/java/io/github/yspay/SecretPlace.java",
    "bindings/java/src/main/java/io/github/yspay/SignStatus.java",
    "bindings/java/src/main/java/io/github/yspay/YspayClientBuilder.java",
    "bindings/java/src/main/java/io/github/yspay/YspayException.java",
    "bindings/java/src/main/java/io/github/yspay/SignSts.java",
];

const LANGUAGES: [&str; 5] = ["Rust", "C++", "Go", "Python", "Java"];

/// What the check says of a copy in which the first of these texts in a file is the second.
fn checked(file: &str, from: &str, to: &str) -> Output {
    let folder = Scratch::new();
    for name in FILES {
        let copy = folder.path(name);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::copy(Path::new(ROOT).join(name), &copy).unwrap();
    }
    let text = std::fs::read_to_string(folder.path(file)).unwrap();
    assert!(text.contains(from), "{file} holds no {from:?}");
    folder.write(file, text.replacen(from, to, 1));
    Command::new(folder.path("scripts/check-vocabulary")).output().expect("python3 is needed for this test: install it")
}

#[test]
fn the_vocabulary_is_one() {
    let told = out(&run(&mut Command::new(format!("{ROOT}/scripts/check-vocabulary"))));
    assert_eq!(told.lines().map(|line| line.split(':').next().unwrap()).collect::<Vec<_>>(), LANGUAGES);
    assert!(checked("include/yspay.h", "YSP_OK", "YSP_OK").status.success(), "a copy as it is");
}

#[test]
fn another_word_than_the_headers_is_noticed_in_every_language() {
    // The C++ face takes its numbers from the header.
    let with_numbers = ["Rust", "Go", "Python", "Java"];
    let header = "include/yspay.h";
    let code = "#define YSP_CANCELLED 15\n";
    let status = "#define YSP_SIGN_STS_EXPIRED 4\n";
    for (from, to, complaint, languages) in [
        (code, "#define YSP_CANCELLED 15\n#define YSP_NEW 16\n", "codes: lacks NEW = 16.", &LANGUAGES[..]),
        (code, "#define YSP_CANCELLED 16\n", "codes: has CANCELLED = 15, which is 16 in", &with_numbers[..]),
        (code, "", "codes: has CANCELLED = ", &LANGUAGES[..]),
        (
            status,
            "#define YSP_SIGN_STS_EXPIRED 4\n#define YSP_SIGN_STS_NEW 5\n",
            "statuses: lacks NEW = 5.",
            &LANGUAGES[..],
        ),
        (status, "#define YSP_SIGN_STS_EXPIRED 5\n", "statuses: has EXPIRED = 4, which is 5 in", &with_numbers[..]),
        (status, "", "statuses: has EXPIRED = ", &LANGUAGES[..]),
    ] {
        let output = checked(header, from, to);
        assert!(!output.status.success());
        for language in languages {
            assert!(err(&output).contains(&format!("{language}, {complaint}")), "{language}: {to:?}: {}", err(&output));
        }
    }
    let crossed = checked("include/yspay.hpp", "Cancelled = YSP_CANCELLED", "Cancelled = YSP_TIMEOUT");
    assert!(!crossed.status.success() && err(&crossed).contains("C++, codes: has CANCELLED = 7"), "{}", err(&crossed));
}

#[test]
fn a_field_in_one_place_alone_is_noticed_in_every_language() {
    let header = "include/yspay.h";
    // A description is handed on as it is in Python.
    let describing = ["Rust", "C++", "Go", "Java"];
    for (kind, line, languages) in [
        ("answer", " *   attempts             number", &LANGUAGES[..]),
        ("error", " *   error.attempts       number", &LANGUAGES[..]),
        ("description", " *   src, signType, version ", &describing[..]),
    ] {
        let field = if kind == "description" { "version" } else { "attempts" };
        for (to, complaint) in [
            (line.replace(field, &format!("{field}New")), format!("{kind}: lacks the field {field}New.")),
            (line.replace(field, &format!("{field}New")), format!("{kind}: has the field {field}, which")),
        ] {
            let output = checked(header, line, &to);
            assert!(!output.status.success());
            for language in languages {
                assert!(err(&output).contains(&format!("{language}, {complaint}")), "{language}: {}", err(&output));
            }
        }
    }
    for (file, from, to, complaint) in [
        (
            "src/report.rs",
            "        attempts: u32,",
            "        attempts: u32,\n        extra: u32,",
            "Rust, answer: has the field extra,",
        ),
        ("include/yspay.hpp", "all.text(\"code\")", "all.text(\"extra\")", "C++, answer: lacks the field code."),
        ("bindings/go/answer.go", "`json:\"note\"`", "`json:\"extra\"`", "Go, answer: has the field extra,"),
        (
            "bindings/python/python/yspay/_answer.py",
            "answer[\"note\"]",
            "None",
            "Python, answer: lacks the field note.",
        ),
        (
            "bindings/java/src/main/java/io/github/yspay/SignStatus.java",
            "answer.text(\"note\")",
            "answer.text(\"extra\")",
            "Java, answer: lacks the field note.",
        ),
    ] {
        let output = checked(file, from, to);
        assert!(!output.status.success() && err(&output).contains(complaint), "{file}: {}", err(&output));
    }
}

#[test]
fn a_setting_in_one_place_alone_is_noticed_in_every_language() {
    // C++ takes the configuration as the JSON that it is.
    let languages = ["Rust", "Go", "Python", "Java"];
    for (line, known, other) in [
        (" *   maxAttempts          1 to 10", "maxAttempts", "mostAttempts"),
        ("\"hex\": text, \"password\": text", "password", "passphrase"),
        ("{\"env\": variable} or {\"file\": path}", "env", "place"),
    ] {
        let output = checked("include/yspay.h", line, &line.replace(known, other));
        assert!(!output.status.success());
        for language in languages {
            for complaint in [format!("lacks the setting {other}."), format!("has the setting {known}, which")] {
                let complaint = format!("{language}, settings: {complaint}");
                assert!(err(&output).contains(&complaint), "{complaint}: {}", err(&output));
            }
        }
    }
    let java = "bindings/java/src/main/java/io/github/yspay/YspayClientBuilder.java";
    let python = "bindings/python/python/yspay/_settings.py";
    for (language, file, from, to) in [
        ("Rust", "src/config/mod.rs", "root.text(\"caFile\")", "root.text(\"extra\")?; root.text(\"caFile\")"),
        ("Rust", "src/config/mod.rs", "private_key.text(\"alias\")", "private_key.text(\"extra\")"),
        ("Go", "bindings/go/config.go", "`json:\"hex,omitempty\"`", "`json:\"extra,omitempty\"`"),
        ("Python", python, "    ca_file: ", "    extra: Optional[str]\n    ca_file: "),
        ("Python", python, "    per_second: ", "    extra: "),
        ("Java", java, "set(settings, \"caFile\"", "set(settings, \"extra\""),
        ("Java", java, "source(privateKey, \"hex\"", "source(privateKey, \"extra\""),
    ] {
        let output = checked(file, from, to);
        let complaint = format!("{language}, settings: has the setting extra,");
        assert!(!output.status.success() && err(&output).contains(&complaint), "{file}: {}", err(&output));
    }
}
