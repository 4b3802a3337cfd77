//! The busiest second, on arrivals made up for the purpose.

use std::time::Duration;

use yspay_simulator::stats::{RateMeter, busiest_second};

const SECOND: Duration = Duration::from_secs(1);
const NANOSECOND: Duration = Duration::from_nanos(1);

#[test]
fn a_second_is_half_open() {
    assert_eq!(busiest_second(&[]), 0);
    assert_eq!(busiest_second(&[SECOND]), 1);
    assert_eq!(busiest_second(&[Duration::ZERO, SECOND]), 1);
    assert_eq!(busiest_second(&[Duration::ZERO, SECOND - NANOSECOND]), 2);
    assert_eq!(busiest_second(&[NANOSECOND, SECOND, SECOND + NANOSECOND]), 2);
    assert_eq!(busiest_second(&[SECOND; 3]), 3);
}

#[test]
fn a_second_may_start_anywhere() {
    // Ten at the end of one second of the clock and ten at the beginning of the next.
    let arrivals: Vec<_> = (0..20).map(|i| Duration::from_millis(950 + 5 * i)).collect();
    assert_eq!(busiest_second(&arrivals), 20);
    // Ten a second, evenly: any second holds ten, never eleven.
    let arrivals: Vec<_> = (0..50).map(|i| Duration::from_millis(100 * i)).collect();
    assert_eq!(busiest_second(&arrivals), 10);
}

#[test]
fn it_is_what_the_definition_says() {
    let mut state = 1_u64;
    for _ in 0..200 {
        let mut at = Duration::ZERO;
        let mut arrivals = Vec::new();
        for _ in 0..60 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            at += Duration::from_millis((state >> 33) % 5 * 50);
            arrivals.push(at);
        }
        let in_second_from =
            |start: Duration| arrivals.iter().filter(|&&at| at >= start && at < start + SECOND).count();
        let expected = arrivals.iter().map(|&start| in_second_from(start)).max();
        assert_eq!(Some(busiest_second(&arrivals)), expected, "{arrivals:?}");
    }
}

#[test]
fn the_meter_says_how_many_the_second_holds_that_ends_now() {
    let mut meter = RateMeter::default();
    let counts: Vec<_> = [0, 10, 999, 1000, 1009, 1010, 5000].map(|ms| meter.record(Duration::from_millis(ms))).into();
    assert_eq!(counts, [1, 2, 3, 3, 4, 4, 1]);
    assert_eq!(meter.busiest(), 4);
}
