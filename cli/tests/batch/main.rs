//! `yspay batch` as people use it: the real binary, real files, the simulator.

#[path = "../../../tests/support/mod.rs"]
mod files;
#[path = "../support/mod.rs"]
mod support;

mod browser;
mod formats;
mod memory;
mod resume;
mod sheets;
mod terminal;
mod trouble;

use std::collections::BTreeMap;

use yspay_simulator::Options;

use crate::support::Place;

/// A platform that may be asked so often, and a configuration that does.
fn fast(per_second: u32) -> Place {
    let options = Options { limit_per_second: per_second, ..Options::default() };
    Place::with(options, |config| config["rateLimit"] = serde_json::json!({"perSecond": per_second}))
}

/// The rows of a CSV that `yspay batch` wrote, by column.
fn table(csv: &str) -> Vec<BTreeMap<String, String>> {
    let csv = csv.strip_prefix('\u{feff}').expect("a byte order mark");
    csv::Reader::from_reader(csv.as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// How often each contract was asked about since the counters were set to zero.
fn asked(place: &Place) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for seen in place.simulator.stats().recent {
        *counts.entry(seen.sys_sign_flow_id).or_default() += 1;
    }
    counts
}
