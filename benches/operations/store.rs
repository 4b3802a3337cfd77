//! What a turn of a limit in a store costs beside a `PING` of the same server, on the clock.

use std::time::Instant;

use yspay::bench;

use super::redis_server::RedisServer;
use super::table::{Table, quantile, show};

/// Takes `rounds` turns that nobody else wants; they take turns with the pings, so that both meet the same load.
pub(crate) fn measure(rounds: usize, table: &mut Table) {
    let server = RedisServer::start();
    let turn = bench::store_turns(&server.url());
    let mut connection = server.connection();
    // A store's first second rests.
    assert!(turn(), "there is no turn");
    let (mut turns, mut pings) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let begun = Instant::now();
        redis::cmd("PING").exec(&mut connection).expect("a pong");
        pings.push(begun.elapsed());
        let begun = Instant::now();
        assert!(turn(), "there is no turn");
        turns.push(begun.elapsed());
    }
    for (what, times) in
        [("PING of a store on loopback", &mut pings), ("turn of a limit in it, nobody waiting", &mut turns)]
    {
        let [p50, p99] = [0.5, 0.99].map(|part| show(quantile(times, part)));
        table.row(format!("{what}: p50; p99"), format!("{p50}; {p99}"), "");
    }
}
