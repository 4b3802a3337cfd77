//! The scripts as a client loads and calls them.

use redis::{Cmd, Connection, RedisResult};

use crate::redis_server::RedisServer;

const NOW: &str = include_str!("../../src/limiter/store/now.lua");
const MEMORY: &str = include_str!("../../src/limiter/store/memory.lua");
const ACQUIRE: &str = include_str!("../../src/limiter/store/acquire.lua");
const SETTLE: &str = include_str!("../../src/limiter/store/settle.lua");

/// The clock as a last argument.
const TOLD: &str = "local now = tonumber(table.remove(ARGV))\n";

/// What a user of the store must be permitted, as docs/limiter.md says it.
pub(crate) const KEYS: &str = "resetkeys ~yspay:*";
pub(crate) const COMMANDS: &str = "+eval +evalsha +hmget +hset +pexpire +time +zadd +zcard +zrange +zrangebyscore +zrank +zrem \
                                   +zremrangebyscore +zscore";

/// Of one institution, so under one hash tag.
pub(crate) const SLOTS: &str = "yspay:{1}:slots";
pub(crate) const QUEUE: &str = "yspay:{1}:queue";
pub(crate) const WAITERS: &str = "yspay:{1}:waiters";
pub(crate) const MARK: &str = "yspay:{1}:mark";

/// Both scripts by the store's clock, as in production.
pub(crate) fn by_the_stores_clock() -> (String, String) {
    ([NOW, MEMORY, ACQUIRE].concat(), [NOW, MEMORY, SETTLE].concat())
}

/// Both scripts, loaded, which are told the time.
pub(crate) struct Told {
    acquire: String,
    settle: String,
}

impl Told {
    pub(crate) fn load(server: &RedisServer) -> Self {
        let mut connection = server.connection();
        let mut load =
            |text| redis::cmd("SCRIPT").arg("LOAD").arg([TOLD, MEMORY, text].concat()).query(&mut connection).unwrap();
        Told { acquire: load(ACQUIRE), settle: load(SETTLE) }
    }

    pub(crate) fn acquire(&self, question: &Question, now: i64) -> Cmd {
        let mut command = question.command("EVALSHA", &self.acquire);
        command.arg(now);
        command
    }

    pub(crate) fn settle(&self, what: &str, ticket: &str, us: i64, now: i64) -> Cmd {
        let mut command = settle("EVALSHA", &self.settle, what, ticket, us);
        command.arg(now);
        command
    }
}

/// Times in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) n: usize,
    pub(crate) rest: i64,
    pub(crate) patience: i64,
    pub(crate) ticket: String,
}

impl Question {
    pub(crate) fn command(&self, how: &str, script: &str) -> Cmd {
        let mut command = with_keys(how, script);
        command.arg(self.n).arg(self.rest).arg(self.patience).arg(&self.ticket);
        command
    }

    pub(crate) fn ask(&self, connection: &mut Connection, script: &str) -> RedisResult<Vec<i64>> {
        self.command("EVAL", script).query(connection)
    }
}

pub(crate) fn settle(how: &str, script: &str, what: &str, ticket: &str, us: i64) -> Cmd {
    let mut command = with_keys(how, script);
    command.arg(what).arg(ticket).arg(us);
    command
}

fn with_keys(how: &str, script: &str) -> Cmd {
    let mut command = redis::cmd(how);
    command.arg(script).arg(4).arg(&[SLOTS, QUEUE, WAITERS, MARK]);
    command
}
