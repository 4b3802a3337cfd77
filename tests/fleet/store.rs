//! The scripts by the store's own clock: what they need, what they cost and what they leave behind.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::{Duration, Instant};

use redis::{Client, Connection, ErrorKind, RedisError, RedisResult, ServerErrorKind};

use crate::redis_server::RedisServer;
use crate::scripts::{COMMANDS, KEYS, MARK, QUEUE, Question, SLOTS, WAITERS, by_the_stores_clock, settle};

/// How long a slot rests here, in microseconds.
const REST: i64 = 50_000;

/// One slot for everybody.
fn question(ticket: &str, patience: i64) -> Question {
    Question { n: 1, rest: REST, patience, ticket: ticket.into() }
}

/// Lets the first rest of an empty store pass.
fn rest() {
    sleep(Duration::from_micros(REST as u64 + 1_000));
}

/// Everything that a caller does, and what it is answered.
fn everything(connection: &mut Connection) -> RedisResult<()> {
    let (acquire, settled) = by_the_stores_clock();
    let ask = |connection: &mut Connection, ticket, patience| question(ticket, patience).ask(connection, &acquire);
    let settle = |connection: &mut Connection, what, ticket, us| {
        settle("EVAL", &settled, what, ticket, us).query::<i64>(connection)
    };
    // A script is sent only to a store that does not know it.
    let unknown = redis::cmd("EVALSHA").arg("0".repeat(40)).arg(0).exec(connection).unwrap_err();
    if unknown.kind() != ErrorKind::Server(ServerErrorKind::NoScript) {
        return Err(unknown);
    }
    let minute = 60_000_000;
    assert_eq!(ask(connection, "first", minute)?, [0, REST, 0], "nothing is remembered");
    rest();
    assert_eq!(ask(connection, "first", minute)?, [1, 0, 0]);
    assert_eq!(ask(connection, "first", minute)?, [1, 0, 0], "its answer was lost");
    assert_eq!(ask(connection, "second", minute)?, [0, REST, 0]);
    assert_eq!(ask(connection, "third", minute)?, [0, 2 * REST, 1]);
    assert_eq!(ask(connection, "hopeless", REST)?, [0, 3 * REST, 2]);
    assert_eq!(settle(connection, "left", "third", 1_000_000)?, 1);
    assert_eq!(ask(connection, "third", minute)?, [-1, 0, 0], "it has left");
    assert_eq!(settle(connection, "unsent", "first", 0)?, 1);
    assert_eq!(ask(connection, "second", minute)?, [1, 0, 0]);
    assert_eq!(settle(connection, "kept", "second", REST)?, 1);
    rest();
    assert_eq!(ask(connection, "fourth", minute)?, [1, 0, 0]);
    assert_eq!(settle(connection, "answered", "fourth", REST)?, 1);
    Ok(())
}

/// Of what a script does not every store says NOPERM: Redis 7.0, then Valkey.
fn is_not_permitted(error: &RedisError) -> bool {
    let says = |what| error.detail().is_some_and(|detail| detail.contains(what));
    error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm)
        || says("The user executing the script can't run this command")
        || says("ACL failure in script")
}

#[test]
fn the_commands_that_the_docs_name_are_enough_and_none_too_many() {
    let server = RedisServer::start();
    let run = |name: &str, rules: &str| {
        server.flush();
        everything(&mut Client::open(server.user(name, rules)).unwrap().get_connection().unwrap())
    };
    run("enough", &format!("{KEYS} {COMMANDS}")).unwrap();
    for command in COMMANDS.split_whitespace() {
        let rules = COMMANDS.replace(&format!("{command} "), "");
        let rules = rules.strip_suffix(command).unwrap_or(&rules);
        let refused = run("without", &format!("{KEYS} {rules}")).expect_err(command);
        assert!(is_not_permitted(&refused), "{command}: {refused}");
    }
    let refused = run("elsewhere", &format!("resetkeys ~other:* {COMMANDS}")).unwrap_err();
    assert!(is_not_permitted(&refused), "{refused}");
}

/// Of EVAL, in microseconds, and every command that ran.
fn cost(server: &RedisServer) -> (f64, BTreeSet<String>) {
    let mut connection = server.connection();
    redis::cmd("CONFIG").arg("RESETSTAT").exec(&mut connection).unwrap();
    let (acquire, settled) = by_the_stores_clock();
    for turn in 0..300 {
        let ticket = turn.to_string();
        question(&ticket, 1_000_000).ask(&mut connection, &acquire).unwrap();
        settle("EVAL", &settled, "left", &ticket, 0).exec(&mut connection).unwrap();
    }
    let stats: String = redis::cmd("INFO").arg("commandstats").query(&mut connection).unwrap();
    let lines = || stats.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split_once(':'));
    let (_, eval) = lines().find(|(command, _)| *command == "eval").unwrap();
    let mean = eval.split(',').find_map(|field| field.strip_prefix("usec_per_call=")).unwrap();
    (mean.parse().unwrap(), lines().map(|(command, _)| format!("+{command}")).collect())
}

#[test]
fn a_million_keys_of_somebody_else_do_not_matter() {
    let server = RedisServer::start();
    let (alone, _) = cost(&server);
    let populate = "for key = 1, 1000000 do redis.call('SET', 'other:' .. key, key) end";
    redis::cmd("EVAL").arg(populate).arg(0).exec(&mut server.connection()).unwrap();
    let (beside, ran) = cost(&server);
    println!("{alone} us alone, {beside} us beside a million keys");
    // Whatever looks at every key costs a hundred milliseconds.
    assert!(beside < 20.0 * alone, "{beside} us, without others {alone} us");
    let permitted: BTreeSet<_> = COMMANDS.split_whitespace().map(String::from).collect();
    let ours = ["+config", "+config|resetstat", "+client|setinfo", "+info", "+auth", "+ping"];
    let more: Vec<_> = ran.difference(&permitted).filter(|command| !ours.contains(&command.as_str())).collect();
    assert!(more.is_empty(), "{more:?} ran");
}

/// Of each key, in milliseconds; -2 when it does not exist, and -1 when it would stay for ever.
fn lives(connection: &mut Connection) -> [i64; 3] {
    [SLOTS, QUEUE, WAITERS].map(|key| redis::cmd("PTTL").arg(key).query(connection).unwrap())
}

#[test]
fn nothing_stays_but_a_mark() {
    let server = RedisServer::start();
    let mut connection = server.connection();
    let (acquire, settled) = by_the_stores_clock();
    let two = |ticket: &str, patience| Question { n: 2, ..question(ticket, patience) };
    let hour = 3_600_000_000;
    let most = |lives: [i64; 3], most: [i64; 3]| {
        assert!(lives.iter().zip(most).all(|(life, most)| (0..=most).contains(life) || *life == most), "{lives:?}");
    };
    let none = -2;

    two("first", hour).ask(&mut connection, &acquire).unwrap();
    most(lives(&mut connection), [none, 13_000, 13_000]);
    rest();
    // A slot stays while its caller may need it, and a waiter while it may come.
    assert_eq!(two("first", hour).ask(&mut connection, &acquire).unwrap(), [1, 0, 0]);
    most(lives(&mut connection), [3_611_000, none, none]);
    assert!(lives(&mut connection)[0] > 3_600_000);
    assert_eq!(two("second", 10_000_000).ask(&mut connection, &acquire).unwrap(), [1, 0, 0]);
    assert!(lives(&mut connection)[0] > 3_600_000, "the second call's deadline is not the first one's");
    assert_eq!(two("third", hour).ask(&mut connection, &acquire).unwrap(), [0, REST, 0]);
    most(lives(&mut connection), [3_611_000, 13_000, 13_000]);
    // However a turn ends, what is left does not stay for it.
    let settle = |connection: &mut Connection, what, ticket, us| {
        settle("EVAL", &settled, what, ticket, us).exec(connection).unwrap()
    };
    settle(&mut connection, "unsent", "first", 0);
    most(lives(&mut connection), [21_000, 13_000, 13_000]);
    settle(&mut connection, "kept", "second", 20_000_000);
    most(lives(&mut connection), [30_000, 13_000, 13_000]);
    settle(&mut connection, "answered", "second", REST);
    most(lives(&mut connection), [11_000, 13_000, 13_000]);
    settle(&mut connection, "left", "third", 30_000_000);
    most(lives(&mut connection), [11_000, none, 40_000]);
    settle(&mut connection, "left", "third", 1);

    // In truth, too.
    let last = Instant::now();
    let keys = |connection: &mut Connection| redis::cmd("KEYS").arg("*").query::<Vec<String>>(connection).unwrap();
    while keys(&mut connection) != [MARK] {
        assert!(last.elapsed() < Duration::from_secs(60), "{:?}", keys(&mut connection));
        sleep(Duration::from_millis(100));
    }
    let month = 30 * 24 * 3600;
    let life: i64 = redis::cmd("TTL").arg(MARK).query(&mut connection).unwrap();
    assert!((month - 120..=month).contains(&life), "{life}");
    assert_eq!(two("fourth", hour).ask(&mut connection, &acquire).unwrap(), [1, 0, 0], "by the mark, at once");
}
