//! A store that answers, but not to the question: what its server cannot do at the moment, and what no store would say.

#![allow(clippy::print_stdout, reason = "measurements are shown")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use yspay::Code;
use yspay_simulator::{Options, Simulator};

use crate::clients::{ask, client, config, unavailable, until_it_works};
use crate::files::Scratch;
use crate::redis_server::RedisServer;

/// While it lasts nothing is sent and the message tells what; when it is over, calls go through by themselves.
#[track_caller]
fn passes(server: &RedisServer, expected: &str, begin: impl FnOnce(), end: impl FnOnce()) {
    let sim = Simulator::start(Options::default()).unwrap();
    let client = client(&config(&sim, &server.url(), 10));
    ask(&client, "STS02", 20_000).unwrap();
    begin();
    let asked = Instant::now();
    let message = unavailable(&client, expected);
    let told_after = asked.elapsed();
    assert_eq!(sim.stats().requests, 1);
    end();
    let back = until_it_works(&client);
    println!("told after {told_after:?}, back after {back:?}: {message}");
    assert!(back < Duration::from_secs(4), "one second until the next try, and perhaps one of rest: {back:?}");
}

#[test]
fn a_store_without_memory_takes_nothing_until_it_has_some() {
    let server = RedisServer::start();
    server.run("CONFIG SET maxmemory-policy noeviction");
    passes(
        &server,
        "is out of memory (maxmemory)",
        || drop(server.run("CONFIG SET maxmemory 1")),
        || drop(server.run("CONFIG SET maxmemory 0")),
    );
}

#[test]
fn a_store_that_runs_a_long_script_is_busy_until_it_ends() {
    let server = RedisServer::start();
    server.run("CONFIG SET busy-reply-threshold 20");
    let (mut connection, mut killer) = (server.connection(), server.connection());
    std::thread::scope(|scope| {
        passes(
            &server,
            "is busy with somebody's script",
            || {
                scope.spawn(move || {
                    let _ = redis::cmd("EVAL").arg("while true do end").arg(0).exec(&mut connection);
                });
                // From then on it answers again.
                std::thread::sleep(Duration::from_millis(300));
            },
            || redis::cmd("SCRIPT").arg("KILL").exec(&mut killer).unwrap(),
        );
    });
}

#[test]
fn a_store_that_cannot_save_takes_nothing_until_it_can() {
    let server = RedisServer::start_with(Scratch::new(), |_| "save 3600 1000000".into());
    // Where the file would be.
    std::fs::create_dir(server.folder().path("dump.rdb")).unwrap();
    let save = |outcome: &str| {
        server.run("BGSAVE");
        server.until(|server| {
            let info = server.info("persistence");
            info.contains("rdb_bgsave_in_progress:0") && info.contains(&format!("rdb_last_bgsave_status:{outcome}"))
        });
    };
    passes(
        &server,
        "cannot save its data to disk (MISCONF)",
        || save("err"),
        || {
            std::fs::remove_dir(server.folder().path("dump.rdb")).unwrap();
            save("ok");
        },
    );
}

#[test]
fn a_store_that_loads_is_waited_for() {
    let server = RedisServer::start_with(Scratch::new(), |_| {
        "enable-debug-command yes\nrdbcompression no\nloading-process-events-interval-bytes 1024\n".into()
    });
    server.run("CONFIG SET key-load-delay 20000");
    let fill = "for key = 1, 100 do redis.call('SET', key, string.rep('x', 4096)) end";
    redis::cmd("EVAL").arg(fill).arg(0).exec(&mut server.connection()).unwrap();
    let mut connection = server.connection();
    std::thread::scope(|scope| {
        passes(
            &server,
            "is still loading its data",
            || {
                scope.spawn(move || redis::cmd("DEBUG").arg("RELOAD").exec(&mut connection).unwrap());
                std::thread::sleep(Duration::from_millis(500));
            },
            || server.until(|server| server.try_connection().is_ok()),
        );
    });
}

#[test]
fn a_replica_that_is_named_directly_says_where_to_go_until_it_is_the_primary() {
    let (primary, replica) = (RedisServer::start(), RedisServer::start());
    passes(
        &replica,
        "is a read-only replica",
        || {
            replica.run(&format!("CONFIG SET masterauth {}", primary.password()));
            replica.run(&format!("REPLICAOF 127.0.0.1 {}", primary.port()));
            replica.until(|replica| replica.info("replication").contains("master_link_status:up"));
        },
        || drop(replica.run("REPLICAOF NO ONE")),
    );
}

/// A server that answers whatever it is asked with these bytes.
fn parrot(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let answer = answer.clone();
            std::thread::spawn(move || {
                while let Ok(1..) = stream.read(&mut [0; 16_384]) {
                    if stream.write_all(&answer).is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}

/// With a store that has half a second for an answer.
fn impatient(sim: &Simulator, port: u16) -> Value {
    let mut config = config(sim, &format!("redis://127.0.0.1:{port}"), 10);
    config["rateLimit"]["shared"]["timeoutMs"] = json!(500);
    config
}

#[test]
fn what_no_store_would_say_harms_nobody() {
    let sim = Simulator::start(Options::default()).unwrap();
    let many = |bytes: &str, times: usize| bytes.repeat(times).into_bytes();
    let mut told: Vec<Vec<u8>> = [
        "+OK\r\n",
        ":1\r\n",
        ":-1\r\n",
        "$-1\r\n",
        "*-1\r\n",
        "*0\r\n",
        "_\r\n",
        "#t\r\n",
        ",nan\r\n",
        "(12345678901\r\n",
        "*3\r\n$-1\r\n$-1\r\n$-1\r\n",
        "*3\r\n:1\r\n",
        "*3\r\n:7\r\n:0\r\n:0\r\n",
        "*3\r\n:0\r\n:-5\r\n:0\r\n",
        "*3\r\n:0\r\n$1\r\n5\r\n:0\r\n",
        "*3\r\n:0\r\n:99999999999999999999\r\n:0\r\n",
        "*9223372036854775807\r\n",
        "*2147483647\r\n:1\r\n",
        "$9223372036854775807\r\nx",
        "$536870912\r\nx",
        "%9223372036854775807\r\n",
        "|9223372036854775807\r\n",
        "!-9223372036854775808\r\n",
        "=3\r\nabc\r\n",
        ">0\r\n",
        "-\r\n",
        "-ERR\r\n",
        "\r\n",
        "\0\0\0\0\r\n",
        "?\r\n",
        "-ERR \u{1b}[31mred\u{7}\u{202e} \u{9b}2J\r\n",
        "-\u{1b}[2J\u{1b}]0;title\u{7} x\r\n",
        "-NOPERM \u{1b}c\r\n",
        "-READONLY \u{1b}c\r\n",
        "-NOSCRIPT never heard of it\r\n",
        "-MOVED\r\n",
        "-MOVED 1 \u{1b}[31m:1\r\n",
        "-MOVED 1 127.0.0.1:70000\r\n",
        "-MOVED 1 127.0.0.1:1\r\n",
        "-MOVED 1 :1\r\n",
        "-ASK 1 127.0.0.1:1\r\n",
    ]
    .map(|answer| answer.as_bytes().to_vec())
    .into();
    told.extend([
        many("*1\r\n", 100_000),
        many("*4096\r\n", 100),
        many(":1\r\n", 1_000_000),
        [b"-ERR ".to_vec(), many("\u{1b}", 100_000), b"\r\n".to_vec()].concat(),
        [b"-".to_vec(), many("A", 3_000_000)].concat(),
        [b"$2000000\r\n".to_vec(), many("x", 2_000_002)].concat(),
        (0..=255).collect(),
        b"-ERR \xff\xfe\r\n".to_vec(),
    ]);
    for answer in told {
        let shown: String = answer.iter().take(40).map(|byte| byte.escape_ascii().to_string()).collect();
        let client = client(&impatient(&sim, parrot(answer)));
        let begun = Instant::now();
        let message = unavailable(&client, "The shared limit's store at redis://127.0.0.1:");
        let elapsed = begun.elapsed();
        println!("{shown}: {} ms: {message}", elapsed.as_millis());
        assert!(elapsed < Duration::from_secs(5) && message.chars().count() < 700, "{shown}: {elapsed:?} {message}");
        drop(client);
    }
    assert_eq!(sim.stats().requests, 0);
}

/// The longest wait that can be said is as hopeless as any.
#[test]
fn a_wait_of_centuries_is_refused_at_once() {
    let sim = Simulator::start(Options::default()).unwrap();
    let port = parrot(b"*3\r\n:0\r\n:9223372036854775807\r\n:9223372036854775807\r\n".to_vec());
    let client = client(&config(&sim, &format!("redis://127.0.0.1:{port}"), 10));
    let begun = Instant::now();
    let error = ask(&client, "STS02", 20_000).unwrap_err();
    assert_eq!((error.code, error.sent), (Code::RateLimited, false), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

/// One byte after the other, each in time, is no answer in time.
#[test]
fn an_answer_that_trickles_is_given_up() {
    let sim = Simulator::start(Options::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (ended, ends) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let begun = Instant::now();
            let _ = stream.write_all(b"$2000\r\n");
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = ended.send(begun.elapsed());
        }
    });
    let client = client(&impatient(&sim, port));
    unavailable(&client, "did not answer within");
    let held = ends.recv_timeout(Duration::from_secs(10)).expect("the connection is given up, too");
    assert!(held < Duration::from_secs(3), "{held:?}");
}
