//! A real store of a test's own: on a free port of 127.0.0.1, with a random password, gone with the test. The environment
//! variable REDIS_SERVER names another program than `redis-server`, such as `valkey-server`.

use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redis::{Client, Connection};

use crate::files::Scratch;

/// Ends with the value, also when a test panics.
pub(crate) struct RedisServer {
    process: Child,
    port: u16,
    /// For TLS, or for a cluster's own talk.
    other_port: u16,
    password: String,
    /// Of its configuration, beside what all have.
    more: String,
    folder: Scratch,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        Self::start_with(Scratch::new(), |_| String::new())
    }

    /// In this folder, with more lines in its configuration, which may use another free port.
    pub(crate) fn start_with(folder: Scratch, more: impl Fn(u16) -> String) -> Self {
        Self::start_as(&random(), folder, more)
    }

    /// With the same password as another, in a folder of its own.
    pub(crate) fn start_like(other: &Self, more: impl Fn(u16) -> String) -> Self {
        Self::start_as(&other.password, Scratch::new(), more)
    }

    fn start_as(password: &str, folder: Scratch, more: impl Fn(u16) -> String) -> Self {
        let password = password.to_owned();
        // Somebody else may take a port before the server does.
        for _ in 0..10 {
            let (port, other_port) = (free_port(), free_port());
            let more = more(other_port);
            if let Some(process) = launch(port, &password, &more, &folder) {
                return RedisServer { process, port, other_port, password, more, folder };
            }
        }
        panic!("redis-server does not start:\n{}", log(&folder));
    }

    pub(crate) fn other_port(&self) -> u16 {
        self.other_port
    }

    /// Where it runs, and keeps its files.
    pub(crate) fn folder(&self) -> &Scratch {
        &self.folder
    }

    /// Runs a command of an administrator's, its parts separated by blanks.
    pub(crate) fn run(&self, command: &str) -> redis::Value {
        let mut parts = command.split(' ');
        let mut built = redis::cmd(parts.next().unwrap());
        for part in parts {
            built.arg(part);
        }
        built.query(&mut self.connection()).unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// What `INFO` says.
    pub(crate) fn info(&self, section: &str) -> String {
        redis::cmd("INFO").arg(section).query(&mut self.connection()).unwrap()
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// With the password of the user who may do everything.
    pub(crate) fn url(&self) -> String {
        format!("redis://:{}@127.0.0.1:{}/0", self.password, self.port)
    }

    pub(crate) fn connection(&self) -> Connection {
        connect(&self.url()).unwrap()
    }

    /// While it may not be able to answer.
    pub(crate) fn try_connection(&self) -> redis::RedisResult<Connection> {
        connect(&self.url())
    }

    /// Forgets everything, as FLUSHALL does.
    pub(crate) fn flush(&self) {
        redis::cmd("FLUSHALL").exec(&mut self.connection()).unwrap();
    }

    /// How many script runs it has served.
    pub(crate) fn commands(&self) -> u64 {
        let stats: String = redis::cmd("INFO").arg("commandstats").query(&mut self.connection()).unwrap();
        let calls = |line: &str| line.split_once("calls=")?.1.split(',').next()?.parse::<u64>().ok();
        let runs = |line: &&str| line.starts_with("cmdstat_eval");
        stats.lines().filter(runs).filter_map(calls).sum()
    }

    /// How many slots are in use or rest.
    pub(crate) fn slots(&self) -> usize {
        self.size_of("slots")
    }

    /// How many wait.
    pub(crate) fn queue(&self) -> usize {
        self.size_of("queue")
    }

    /// How long the slot that is free last is not yet free.
    pub(crate) fn longest_slot(&self) -> Duration {
        let mut connection = self.connection();
        let Some(key) = self.key("slots") else { return Duration::ZERO };
        let last: Vec<(String, f64)> =
            redis::cmd("ZRANGE").arg(key).arg(&["-1", "-1", "WITHSCORES"]).query(&mut connection).unwrap();
        let (seconds, micros): (f64, f64) = redis::cmd("TIME").query(&mut connection).unwrap();
        let left = last.first().map_or(0.0, |(_, until)| until / 1e6 - seconds - micros / 1e6);
        Duration::from_secs_f64(left.max(0.0))
    }

    /// How many slots are held for longer than this from now on.
    pub(crate) fn held_longer(&self, than: Duration) -> usize {
        let Some(key) = self.key("slots") else { return 0 };
        let mut connection = self.connection();
        let (seconds, micros): (u64, u64) = redis::cmd("TIME").query(&mut connection).unwrap();
        let from = seconds * 1_000_000 + micros + than.as_micros() as u64;
        redis::cmd("ZCOUNT").arg(key).arg(from).arg("+inf").query(&mut connection).unwrap()
    }

    /// How many are connected, the asker among them.
    pub(crate) fn clients(&self) -> usize {
        redis::cmd("CLIENT").arg("LIST").query::<String>(&mut self.connection()).unwrap().lines().count()
    }

    /// Waits until something holds of it.
    #[track_caller]
    pub(crate) fn until(&self, holds: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not come to hold");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn size_of(&self, name: &str) -> usize {
        self.key(name).map_or(0, |key| redis::cmd("ZCARD").arg(key).query(&mut self.connection()).unwrap())
    }

    fn key(&self, name: &str) -> Option<String> {
        let pattern = format!("*:{name}");
        redis::cmd("KEYS").arg(pattern).query::<Vec<String>>(&mut self.connection()).unwrap().pop()
    }

    /// The server is gone from one moment to the next.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// After `kill`: on the same port with the same password, and empty.
    pub(crate) fn start_again(&mut self) {
        // A connection of somebody else may have the port for a moment.
        for _ in 0..50 {
            if let Some(process) = launch(self.port, &self.password, &self.more, &self.folder) {
                self.process = process;
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("redis-server does not start again:\n{}", log(&self.folder));
    }

    /// SIGSTOP: it accepts connections and answers nothing.
    pub(crate) fn stop(&self) {
        self.signal("STOP");
    }

    /// SIGCONT.
    pub(crate) fn go_on(&self) {
        self.signal("CONT");
    }

    /// Adds a user with these rules; answers a URL for it.
    pub(crate) fn user(&self, name: &str, rules: &str) -> String {
        let password = format!("of-{name}");
        redis::cmd("ACL")
            .arg(&["SETUSER", name, "reset", "on"])
            .arg(format!(">{password}"))
            .arg(rules.split_whitespace().collect::<Vec<_>>())
            .exec(&mut self.connection())
            .unwrap();
        format!("redis://{name}:{password}@127.0.0.1:{}/0", self.port)
    }

    fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }
}

impl Drop for RedisServer {
    /// SIGKILL ends a stopped process, too.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `redis-server`, or another that `REDIS_SERVER` names: Valkey's, for example.
pub(crate) fn program() -> String {
    std::env::var("REDIS_SERVER").unwrap_or_else(|_| "redis-server".into())
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// For a password.
pub(crate) fn random() -> String {
    let mut random = [0; 16];
    getrandom::fill(&mut random).unwrap();
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Nothing when it ended at once, as it does when the port is taken.
fn launch(port: u16, password: &str, more: &str, folder: &Scratch) -> Option<Child> {
    let log = File::create(folder.path("log")).unwrap();
    let program = program();
    let mut process = Command::new(&program)
        .arg("-")
        .current_dir(folder.path(""))
        .stdin(Stdio::piped())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| {
            panic!("These tests need {program}, which is not installed (Debian: apt install redis-server): {error}")
        });
    // Not as arguments, which everybody on the machine can read. Without `save` and `appendonly` nothing persists.
    let settings = format!("bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave \"\"\nappendonly no\n{more}\n");
    process.stdin.take().unwrap().write_all(settings.as_bytes()).unwrap();
    let url = format!("redis://:{password}@127.0.0.1:{port}/0");
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        if process.try_wait().unwrap().is_some() {
            return None;
        }
        if connect(&url).is_ok() {
            return Some(process);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = process.kill();
    let _ = process.wait();
    None
}

fn connect(url: &str) -> redis::RedisResult<Connection> {
    let mut connection = Client::open(url)?.get_connection_with_timeout(Duration::from_secs(5))?;
    // Not PING, which is refused by a server that cannot save.
    redis::cmd("ECHO").arg("").exec(&mut connection)?;
    Ok(connection)
}

fn log(folder: &Scratch) -> String {
    std::fs::read_to_string(folder.path("log")).unwrap_or_default()
}

#[test]
fn a_server_dies_stops_and_forgets() {
    let mut server = RedisServer::start();
    let size = |server: &RedisServer| redis::cmd("DBSIZE").query::<i64>(&mut server.connection()).unwrap();
    let remember = |server: &RedisServer| redis::cmd("SET").arg("key").arg(1).exec(&mut server.connection()).unwrap();
    assert!(connect(&format!("redis://127.0.0.1:{}/0", server.port())).is_err(), "without its password");
    assert_eq!(server.password().len(), 32);
    remember(&server);
    server.flush();
    assert_eq!(size(&server), 0);
    remember(&server);
    server.kill();
    assert!(connect(&server.url()).is_err());
    server.start_again();
    assert_eq!(size(&server), 0, "started again it is empty");
    let mut connection = server.connection();
    connection.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    server.stop();
    assert!(redis::cmd("PING").exec(&mut connection).is_err());
    server.go_on();
    assert_eq!(size(&server), 0);
    let reader = server.user("reader", "resetkeys ~a:* +get");
    let mut reader = Client::open(reader).unwrap().get_connection().unwrap();
    assert!(redis::cmd("GET").arg("a:1").query::<Option<i64>>(&mut reader).unwrap().is_none());
    let refused = redis::cmd("SET").arg("a:1").arg(1).exec(&mut reader).unwrap_err();
    assert_eq!(refused.code(), Some("NOPERM"));
    let url = server.url();
    server.stop();
    drop(server);
    assert!(connect(&url).is_err(), "a stopped server ends, too");
}
