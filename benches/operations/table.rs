//! The one table, in Markdown, and the machine that it is of.

use std::fmt;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<[String; 5]>,
}

impl Table {
    /// A figure that is compared with nothing. `aim` may be empty.
    pub(crate) fn row(&mut self, what: impl fmt::Display, figure: impl fmt::Display, aim: &str) {
        self.rows.push([what.to_string(), figure.to_string(), aim.to_owned(), String::new(), String::new()]);
    }

    /// A time beside OpenSSL's for the same.
    pub(crate) fn compared(&mut self, what: impl fmt::Display, ours: Duration, openssl: Duration) {
        let ratio = format!("{:.1}", ours.as_secs_f64() / openssl.as_secs_f64());
        self.rows.push([what.to_string(), show(ours), String::new(), show(openssl), ratio]);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", machine())?;
        writeln!(f, "| what | figure | aim | OpenSSL | ours ÷ OpenSSL |\n|---|---|---|---|---|")?;
        self.rows.iter().try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
    }
}

/// A time in three digits.
pub(crate) fn show(time: Duration) -> String {
    let nanos = time.as_secs_f64() * 1e9;
    let (value, unit) = match nanos {
        ..1e3 => (nanos, "ns"),
        ..1e6 => (nanos / 1e3, "µs"),
        _ => (nanos / 1e6, "ms"),
    };
    let decimals = match value {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {unit}")
}

/// The value that this part of the times does not exceed.
pub(crate) fn quantile(times: &mut [Duration], part: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() as f64 * part).ceil() as usize).clamp(1, times.len()) - 1]
}

fn machine() -> String {
    let first_line = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&output).lines().next().unwrap_or_default().to_owned()
    };
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("?", |(_, name)| name);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let (rustc, openssl) = (first_line("rustc", "--version"), first_line("openssl", "version"));
    format!("{cores} × {cpu}, load {load}; {rustc}; {openssl}")
}
