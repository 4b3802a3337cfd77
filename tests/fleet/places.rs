//! Every kind of place that a store can be at: a socket, a database, behind sentinels, in a cluster.

#![allow(clippy::print_stdout, reason = "measurements are shown")]

use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redis::Value;
use yspay::Client;
use yspay_simulator::{Options, Simulator};

use crate::clients::{ask, client, config, unavailable, until_it_works};
use crate::files::Scratch;
use crate::redis_server::{RedisServer, free_port, program, random};
use crate::scripts::{COMMANDS, KEYS};

fn simulator() -> Simulator {
    Simulator::start(Options::default()).unwrap()
}

/// As in a URL.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[test]
fn a_socket_is_a_place_whatever_its_path_is() {
    let server = RedisServer::start_with(Scratch::new(), |_| "unixsocket \"限 流 store.sock\"".into());
    let path = server.folder().path("限 流 store.sock");
    let (path, password) = (path.to_str().unwrap(), server.password());
    for (path, database) in [(encoded(path), 0), (path.to_owned(), 3)] {
        let sim = simulator();
        let client = client(&config(&sim, &format!("unix://:{password}@{path}?db={database}"), 10));
        ask(&client, "STS02", 20_000).unwrap();
        ask(&client, "STS02", 20_000).unwrap();
        assert_eq!(sim.stats().requests, 2);
        let keys = format!("db{database}:keys=");
        assert!(server.info("keyspace").contains(&keys), "in database {database}");
    }
    let (sim, path) = (simulator(), encoded(path));
    let refusal = |url: &str, expected: &str| unavailable(&client(&config(&sim, url, 10)), expected);
    refusal(&format!("unix://{path}"), "wants a password");
    refusal(&format!("unix://:wrong@{path}"), "refuses the password");
    refusal(&format!("unix://:{password}@{path}.not"), "has no socket at this path");
    let file = server.folder().write("no-socket", "");
    refusal(&format!("unix://{}", file.display()), "refuses the connection");
    let long = format!("unix:///{}", "x".repeat(200));
    refusal(&long, "cannot be used");
    // Root may use every socket.
    if !is_root() {
        let socket = server.folder().path("限 流 store.sock");
        std::fs::set_permissions(&socket, PermissionsExt::from_mode(0o0)).unwrap();
        refusal(&format!("unix://:{password}@{path}"), "rights");
    }
    assert_eq!(sim.stats().requests, 0);
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout == b"0\n"
}

#[test]
fn a_user_with_the_rights_that_the_docs_name_is_enough() {
    let server = RedisServer::start();
    let url = server.user("limited", &format!("{KEYS} {COMMANDS}"));
    let sim = simulator();
    let first = client(&config(&sim, &url, 10));
    ask(&first, "STS02", 20_000).unwrap();
    // Another database than 0 is one command more.
    let elsewhere = format!("{}/5", url.strip_suffix("/0").unwrap());
    let sim = simulator();
    let second = client(&config(&sim, &elsewhere, 10));
    let message = unavailable(&second, "does not permit its user a command");
    assert!(message.contains("'select'"), "{message}");
    server.run("ACL SETUSER limited +select");
    until_it_works(&second);
    assert!(server.info("keyspace").contains("db5:keys="));
    let sim = simulator();
    unavailable(&client(&config(&sim, &url.replace("of-limited", "wrong"), 10)), "refuses the password");
    unavailable(&client(&config(&sim, &url.replace("//limited", "//stranger"), 10)), "knows no such user");
    assert_eq!(sim.stats().requests, 0);
}

/// `redis-sentinel`, which is the same program under another name; gone with the value.
struct Sentinel {
    process: Child,
    port: u16,
    _folder: Scratch,
}

impl Sentinel {
    /// It watches this primary as `mymaster`.
    fn watch(primary: &RedisServer, more: &str) -> Self {
        let (folder, port) = (Scratch::new(), free_port());
        let settings = format!(
            "bind 127.0.0.1\nport {port}\nsentinel monitor mymaster 127.0.0.1 {} 1\nsentinel auth-pass mymaster {}\n\
             sentinel down-after-milliseconds mymaster 1000\nsentinel failover-timeout mymaster 3000\n{more}\n",
            primary.port(),
            primary.password()
        );
        let process = Command::new(program())
            .arg(folder.write("sentinel.conf", settings))
            .arg("--sentinel")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let sentinel = Sentinel { process, port, _folder: folder };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the sentinel does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        sentinel
    }

    fn ask(&self, command: &[&str]) -> redis::RedisResult<Value> {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.port))?;
        redis::cmd("SENTINEL").arg(command).query(&mut client.get_connection()?)
    }

    /// The port of the one that it leads to.
    fn primary(&self) -> u16 {
        match self.ask(&["GET-MASTER-ADDR-BY-NAME", "mymaster"]).unwrap() {
            Value::Array(address) => text(&address[1]).parse().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Both with the primary's password, as sentinels need it.
fn primary_and_replica() -> (RedisServer, RedisServer) {
    let primary = RedisServer::start();
    let replica = RedisServer::start_like(&primary, |_| format!("replicaof 127.0.0.1 {}\n", primary.port()));
    for server in [&primary, &replica] {
        server.run(&format!("CONFIG SET masterauth {}", primary.password()));
    }
    replica.until(|replica| replica.info("replication").contains("master_link_status:up"));
    (primary, replica)
}

#[test]
fn sentinels_lead_to_the_primary_before_and_after_a_failover() {
    let (primary, replica) = primary_and_replica();
    let sentinel = Sentinel::watch(&primary, "");
    let sim = simulator();
    // The first two are dead and silent.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nodes = format!("127.0.0.1:1,{},{}", silent.local_addr().unwrap(), sentinel.address());
    let url = format!("redis+sentinel://:{}@{nodes}/mymaster/0", primary.password());
    let client = client(&config(&sim, &url, 10));
    ask(&client, "STS02", 20_000).unwrap();
    assert!(primary.slots() == 1, "at the primary");
    let begun = Instant::now();
    while !matches!(sentinel.ask(&["FAILOVER", "mymaster"]), Ok(Value::Okay)) {
        assert!(begun.elapsed() < Duration::from_secs(20), "the sentinel knows of no replica");
        std::thread::sleep(Duration::from_millis(100));
    }
    // Before the old primary is told to be a replica, which sentinels take many seconds for.
    let leads_on = || sentinel.primary() == replica.port();
    let (begun, mut refused) = (Instant::now(), 0);
    while !leads_on() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the failover does not come about");
        refused += u32::from(ask(&client, "STS02", 20_000).is_err());
    }
    let (led, before) = (Instant::now(), replica.commands());
    while replica.commands() == before {
        assert!(led.elapsed() < Duration::from_secs(20), "calls stay at the old primary");
        refused += u32::from(ask(&client, "STS02", 20_000).is_err());
    }
    let moved = led.elapsed();
    println!("calls go on at the new primary after {moved:?}, {refused} refused meanwhile");
    assert!(moved < Duration::from_secs(4) && refused == 0);
    assert_eq!(sim.stats().seconds_over_limit, 0);
}

#[test]
fn a_kept_connection_to_what_was_the_primary_costs_no_call() {
    let (primary, replica) = primary_and_replica();
    let sentinel = Sentinel::watch(&primary, "");
    let sim = simulator();
    let url = format!("redis+sentinel://:{}@{}/mymaster/0", primary.password(), sentinel.address());
    let client = client(&config(&sim, &url, 10));
    ask(&client, "STS02", 20_000).unwrap();
    // Behind the sentinel's back, so that all is done at one moment for us.
    replica.run("REPLICAOF NO ONE");
    sentinel.ask(&["REMOVE", "mymaster"]).unwrap();
    sentinel.ask(&["MONITOR", "mymaster", "127.0.0.1", &replica.port().to_string(), "1"]).unwrap();
    primary.run(&format!("REPLICAOF 127.0.0.1 {}", replica.port()));
    ask(&client, "STS02", 20_000).unwrap();
    assert!(replica.slots() > 0, "at the new primary");
}

#[test]
fn what_sentinels_cannot_tell_is_told() {
    let (sim, primary) = (simulator(), RedisServer::start());
    let sentinel = Sentinel::watch(&primary, "");
    let of = |nodes: &str, master: &str| format!("redis+sentinel://:{}@{nodes}/{master}", primary.password());
    let refusal = |url: &str, expected: &str| unavailable(&client(&config(&sim, url, 10)), expected);
    refusal(&of(&sentinel.address(), "other"), "watches no master \"other\"");
    refusal(&of("127.0.0.1:1,127.0.0.1:1", "mymaster"), "has no sentinel that answers; the last one refuses");
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    refusal(&of(&silent.local_addr().unwrap().to_string(), "mymaster"), "has no sentinel that answers in time");
    // A primary's port is no sentinel's.
    refusal(&of(&format!("127.0.0.1:{}", primary.port()), "mymaster"), "has a sentinel, 127.0.0.1:");
    let guarded = Sentinel::watch(&primary, &format!("requirepass {}", random()));
    let message = refusal(&of(&guarded.address(), "mymaster"), "wants a password, and is given none");
    assert!(message.contains("no requirepass"), "{message}");
    let url = of(&sentinel.address(), "mymaster").replace(primary.password(), "wrong");
    refusal(&url, "refuses the password");
    let url = of(&sentinel.address(), "mymaster");
    drop(primary);
    refusal(&url, "has its primary at 127.0.0.1:");
    assert_eq!(sim.stats().requests, 0);
}

/// Two nodes that have half of the slots each.
fn cluster() -> [RedisServer; 2] {
    let more = |port| format!("cluster-enabled yes\ncluster-port {port}\ncluster-node-timeout 2000\n");
    let first = RedisServer::start_with(Scratch::new(), more);
    let nodes = [RedisServer::start_like(&first, more), first];
    for (node, slots) in nodes.iter().zip(["0 8191", "8192 16383"]) {
        node.run(&format!("CLUSTER ADDSLOTSRANGE {slots}"));
    }
    nodes[0].run(&format!("CLUSTER MEET 127.0.0.1 {} {}", nodes[1].port(), nodes[1].other_port()));
    for node in &nodes {
        node.until(
            |node| matches!(node.run("CLUSTER INFO"), Value::BulkString(info) if info.starts_with(b"cluster_state:ok")),
        );
    }
    nodes
}

fn text(value: &Value) -> String {
    match value {
        Value::BulkString(text) => String::from_utf8_lossy(text).into(),
        Value::SimpleString(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// As soon as the process's other client is forgotten, whose store is another.
fn client_at(sim: &Simulator, url: &str) -> Client {
    let begun = Instant::now();
    loop {
        match Client::from_json(&config(sim, url, 10).to_string()) {
            Ok(client) => return client,
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(20), "{error}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn every_node_of_a_cluster_leads_to_the_one_that_has_the_keys() {
    let (nodes, sim) = (cluster(), simulator());
    for node in &nodes {
        let client = client_at(&sim, &node.url());
        ask(&client, "STS02", 20_000).unwrap();
        ask(&client, "STS02", 20_000).unwrap();
    }
    let key = |node: &RedisServer| match node.run("KEYS yspay:*:mark") {
        Value::Array(keys) => keys.first().map(text),
        other => panic!("{other:?}"),
    };
    let (has, has_not) = if key(&nodes[0]).is_some() { (&nodes[0], &nodes[1]) } else { (&nodes[1], &nodes[0]) };
    assert_eq!(key(has_not), None, "one of them has all keys");
    // The slot goes to the other node, while the client keeps its connection to the one that had it.
    let client = client_at(&sim, &has.url());
    ask(&client, "STS02", 20_000).unwrap();
    let Value::Int(slot) = has.run(&format!("CLUSTER KEYSLOT {}", key(has).unwrap())) else { panic!("a slot") };
    let (from, to) = (text(&has.run("CLUSTER MYID")), text(&has_not.run("CLUSTER MYID")));
    has_not.run(&format!("CLUSTER SETSLOT {slot} IMPORTING {from}"));
    has.run(&format!("CLUSTER SETSLOT {slot} MIGRATING {to}"));
    let Value::Array(keys) = has.run(&format!("CLUSTER GETKEYSINSLOT {slot} 10")) else { panic!("keys") };
    let keys: Vec<_> = keys.iter().map(text).collect();
    let there = format!("127.0.0.1 {}", has_not.port());
    let auth = format!("AUTH {}", has.password());
    // Its third part is empty when there are many keys.
    has.run(&format!("MIGRATE {there}  0 5000 {auth} KEYS {}", keys.join(" ")));
    // In between neither has it for good.
    let message = unavailable(&client, "just now");
    println!("{message}");
    for node in [has_not, has] {
        node.run(&format!("CLUSTER SETSLOT {slot} NODE {to}"));
    }
    let back = until_it_works(&client);
    println!("back {back:?} after the slot has moved");
    assert!(back < Duration::from_secs(4) && key(has_not).is_some());
    for _ in 0..3 {
        ask(&client, "STS02", 20_000).unwrap();
    }
    assert_eq!(sim.stats().seconds_over_limit, 0);
}
