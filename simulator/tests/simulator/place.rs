//! Where it listens: loopback alone, or where it is told to.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};

use yspay_simulator::crypto::Algorithm;
use yspay_simulator::{Options, PATH, Simulator};

use crate::raw::{Connection, good_request};

fn listening(listen: IpAddr) -> Simulator {
    Simulator::start(Options { listen, page: true, ..Options::default() }).expect("start")
}

#[test]
fn loopback_alone_by_default() {
    let simulator = Simulator::start(Options::default()).expect("start");
    assert_eq!(simulator.address().ip(), Ipv4Addr::LOCALHOST);
    // Another address of this machine does not lead there.
    let other = SocketAddr::from(([127, 0, 0, 2], simulator.address().port()));
    assert!(TcpStream::connect(other).is_err());
    assert_eq!(simulator.page(), None);
}

#[test]
fn another_address_when_told() {
    let address = Ipv4Addr::new(127, 0, 0, 2);
    let simulator = listening(address.into());
    assert_eq!(simulator.address().ip(), address);
    assert_eq!(simulator.endpoint(), format!("http://{}{PATH}", simulator.address()));
    assert_eq!(simulator.page(), Some(format!("http://{}/", simulator.address())));
    let mut connection = Connection::open(simulator.address());
    assert_eq!(connection.ask(&good_request(Algorithm::Sm, "STS7")).data()["signSts"], "7");
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, simulator.address().port())).is_err());
}

#[test]
fn every_address_when_told_and_it_still_stops() {
    let simulator = listening(Ipv4Addr::UNSPECIFIED.into());
    let port = simulator.address().port();
    assert_eq!(simulator.endpoint(), format!("http://127.0.0.1:{port}{PATH}"));
    for last in [1, 2] {
        let mut connection = Connection::open(SocketAddr::from(([127, 0, 0, last], port)));
        assert_eq!(connection.ask(&good_request(Algorithm::Sm, "STS7")).data()["signSts"], "7");
    }
    drop(simulator);
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
}
