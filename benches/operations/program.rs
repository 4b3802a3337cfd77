//! The C example with the optimised shared library, as the Makefile builds them: its start, its memory, their size.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use yspay_simulator::{Options, Simulator};

use super::table::{Table, quantile, show};
use super::{FLOW_ID, KINDS, Kind};

const STARTS: usize = 20;
const CALLS: usize = 10_000;

/// The example and the library, where `make bench` has put them.
pub(crate) struct Example {
    prefix: PathBuf,
}

impl Example {
    pub(crate) fn built() -> Self {
        Example { prefix: std::env::var_os("YSPAY_BENCH").expect("YSPAY_BENCH is not set: run `make bench`").into() }
    }

    pub(crate) fn measure(&self, table: &mut Table) {
        for kind in &KINDS {
            self.starts(kind, table);
        }
        let library = fs::metadata(self.prefix.join("lib/libyspay.so")).expect("the shared library");
        table.row("shared library, stripped", format!("{:.2} MB", library.len() as f64 / 1e6), "< 5 MB");
        for kind in &KINDS {
            let resident = self.resident_after_calls(kind) as f64 / 1e6;
            table.row(
                format!("resident memory of the C example after {CALLS} calls, {}", kind.name),
                format!("{resident:.1} MB"),
                "< 15 MB",
            );
        }
    }

    /// The command that asks these questions, with a client of this kind.
    fn asking<'a>(&self, kind: &Kind, sim: &Simulator, flow_ids: impl IntoIterator<Item = &'a str>) -> Command {
        let config = self.prefix.join("config.json");
        fs::write(&config, kind.config(&sim.endpoint()).to_string()).expect("the configuration is written");
        let mut command = Command::new(self.prefix.join("query"));
        command.arg(config).args(flow_ids).stdout(Stdio::null());
        command
    }

    /// From before the fork to its request's arrival, and to its exit.
    fn starts(&self, kind: &Kind, table: &mut Table) {
        let sim = Simulator::start(Options::default()).expect("a simulator");
        let (mut to_request, mut to_exit) = (Vec::new(), Vec::new());
        for _ in 0..STARTS {
            let mut command = self.asking(kind, &sim, [FLOW_ID]);
            let begun = sim.now();
            let status = command.status().expect("the C example starts");
            to_exit.push(sim.now() - begun);
            assert!(status.success(), "the C example failed: {status}");
            to_request.push(sim.stats().recent.last().expect("a request").at - begun);
        }
        let [to_request, to_exit] = [to_request, to_exit].map(|mut times| show(quantile(&mut times, 0.5)));
        table.row(format!("C example, start to first request, {}: p50", kind.name), to_request, "< 30 ms");
        table.row(format!("C example, start to exit, {}: p50", kind.name), to_exit, "");
    }

    /// In bytes, while it waits for the answer to one question more.
    fn resident_after_calls(&self, kind: &Kind) -> u64 {
        let sim = Simulator::start(Options::default()).expect("a simulator");
        let questions = std::iter::repeat_n(FLOW_ID, CALLS).chain(["HANG"]);
        let mut child = self.asking(kind, &sim, questions).spawn().expect("the C example starts");
        while !sim.stats().behaviours.contains_key("HANG") {
            assert!(child.try_wait().expect("its state").is_none(), "the C example ended before its last call");
            sleep(Duration::from_millis(100));
        }
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("the child's status");
        child.kill().and_then(|()| child.wait()).expect("the C example is ended");
        assert_eq!(sim.stats().accepted as usize, CALLS + 1, "calls were lost or repeated");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its resident memory");
        resident.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    }
}
