//! What is remembered has a bound, and the oldest goes first.

use yspay_simulator::crypto::Algorithm;
use yspay_simulator::{Options, Simulator};

use crate::raw::{Connection, Fields, good_request, post};

fn remembers(remembered_ids: usize) -> (Simulator, Connection) {
    let simulator = Simulator::start(Options { remembered_ids, ..Options::default() }).expect("start");
    let connection = Connection::open(simulator.address());
    (simulator, connection)
}

#[test]
fn the_latest_ids_of_requests_never_come_twice() {
    let (_simulator, mut connection) = remembers(3);
    let requests: Vec<_> = (0..4).map(|_| good_request(Algorithm::Sm, "A")).collect();
    for request in &requests {
        assert_eq!(connection.ask(request).data()["code"], "00");
    }
    // The second to the fourth are remembered; the first is not, and takes the place of the second.
    for request in &requests[1..] {
        assert!(connection.ask(request).refusal().contains("was used before"));
    }
    assert_eq!(connection.ask(&requests[0]).data()["code"], "00");
    assert_eq!(connection.ask(&requests[1]).data()["code"], "00");
    assert!(connection.ask(&requests[3]).refusal().contains("was used before"));
}

#[test]
fn the_latest_first_times_are_remembered() {
    let (_simulator, mut connection) = remembers(2);
    let mut status = |id: &str| connection.ask(&good_request(Algorithm::Sm, id)).status;
    assert_eq!(["H500THEN-1", "H500THEN-1", "H500THEN-2", "H500THEN-1"].map(&mut status), [500, 200, 500, 200]);
    // The third takes the place of the first, which begins anew.
    assert_eq!(["H500THEN-3", "H500THEN-2", "H500THEN-1", "H500THEN-3"].map(&mut status), [500, 200, 500, 200]);
}

#[test]
fn a_long_value_is_not_kept_whole() {
    let (simulator, mut connection) = remembers(3);
    for name in ["src", "signType", "reqFlowId"] {
        let fields = Fields::ask(Algorithm::Sm, "A").signed().with(name, "长".repeat(100_000));
        connection.ask(&post(&fields.json())).refusal();
    }
    let stats = simulator.stats();
    let kept = [&stats.recent[0].src, &stats.recent[1].sign_type, &stats.recent[2].req_flow_id];
    assert_eq!(kept.map(|text| text.chars().count()), [201; 3]);
}
