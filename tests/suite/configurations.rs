//! The configurations that the simulator's program writes are a client's.

use yspay::Client;
use yspay_simulator::program::Program;
use yspay_simulator::{Options, Tls};

use crate::files::Scratch;

#[test]
fn what_the_simulator_writes_works() {
    let scratch = Scratch::new();
    let (folder, ca) = (scratch.path("configurations"), scratch.path("authority.pem"));
    for (tls, ca_out) in [(false, None), (true, None), (true, Some(ca.clone()))] {
        let options = Options { tls: tls.then(Tls::default), ..Options::default() };
        let running = Program { options, ca_out, config_out: Some(folder.clone()) }.start().unwrap();
        for name in ["sm.json", "rsa.json"] {
            let client = Client::from_json(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap();
            assert!(client.query_sign_sts("STS2-1").unwrap().verified.status().is_success());
        }
        assert_eq!(running.simulator().stats().accepted, 2);
    }
    assert!(folder.join("ca.pem").is_file() && ca.is_file());
}
