//! Ctrl-C and the signals that end a program: the first one ends the calls under way, the second one the process.

use yspay::CancelToken;

use crate::exit;

/// What the signals trigger from now on. For once in a process.
pub(crate) fn on_signals() -> CancelToken {
    let token = CancelToken::new();
    let seen = token.clone();
    at_each_signal(move || {
        if seen.is_triggered() {
            std::process::exit(exit::STOPPED.into());
        }
        seen.trigger();
    });
    token
}

/// Runs this in a thread at each signal that would end the process, from now on. For once in a process.
#[cfg(unix)]
pub(crate) fn at_each_signal(mut handle: impl FnMut() + Send + 'static) {
    let heard = unix::SIGNALS.into_iter().filter(|signal| !unix::is_ignored(*signal));
    // Without a handler a signal ends the process at once, which loses nothing that was printed.
    if let Ok(mut signals) = signal_hook::iterator::Signals::new(heard) {
        std::thread::spawn(move || signals.forever().for_each(|_| handle()));
    }
}

#[cfg(not(unix))]
pub(crate) fn at_each_signal(handle: impl FnMut() + Send + 'static) {
    let _ = ctrlc::set_handler(handle);
}

/// A signal that was ignored when the process began stays so: `nohup` and a shell's background job mean it.
#[cfg(unix)]
mod unix {
    use std::ffi::c_int;
    use std::process::{Command, Stdio};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    pub(super) const SIGNALS: [c_int; 3] = [SIGHUP, SIGINT, SIGTERM];

    pub(super) fn is_ignored(signal: c_int) -> bool {
        as_linux_tells(signal).unwrap_or_else(|| as_a_child_shows(signal))
    }

    /// `None` where there is no such file.
    fn as_linux_tells(signal: c_int) -> Option<bool> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        Some(u64::from_str_radix(mask.trim(), 16).ok()? & (1 << (signal - 1)) != 0)
    }

    /// A child ignores what its parent ignores, and a shell leaves that as it is: it outlives such a signal.
    fn as_a_child_shows(signal: c_int) -> bool {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("kill -{signal} $$")]);
        shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        shell.status().is_ok_and(|status| status.success())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// Runs this very test again, where these signals are ignored.
        const IGNORED: &str = "YSPAY_TEST_IGNORED_SIGNALS";

        #[test]
        #[cfg(target_os = "linux")]
        fn both_ways_find_what_is_ignored() {
            if let Ok(ignored) = std::env::var(IGNORED) {
                for (signal, name) in SIGNALS.into_iter().zip(["HUP", "INT", "TERM"]) {
                    let expected = ignored.contains(name);
                    assert_eq!(
                        (as_linux_tells(signal), as_a_child_shows(signal)),
                        (Some(expected), expected),
                        "{name}"
                    );
                }
                return;
            }
            for ignored in ["HUP", "INT", "TERM", "HUP,INT", ""] {
                let run = Command::new("env")
                    .arg("--default-signal=HUP,INT,TERM")
                    .args((!ignored.is_empty()).then(|| format!("--ignore-signal={ignored}")))
                    .arg(std::env::current_exe().unwrap())
                    .args(["--exact", "stop::unix::tests::both_ways_find_what_is_ignored"])
                    .env(IGNORED, ignored)
                    .output()
                    .unwrap();
                let told = String::from_utf8_lossy(&run.stdout);
                assert!(run.status.success() && told.contains("1 passed"), "{ignored}: {told}");
            }
        }
    }
}
