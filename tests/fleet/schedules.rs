//! The scripts against the definition over random schedules, and the definition against what it is for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use redis::{RedisResult, Value};

use crate::definition::{Answer, Definition, MISSED, Ticket, What};
use crate::redis_server::RedisServer;
use crate::scripts::{MARK, QUEUE, Question, SLOTS, Told, WAITERS};

/// FLEET_SCHEDULES runs more, from FLEET_SEED on.
const SCHEDULES: u64 = 10_000;
/// How often a schedule asks the store.
const CALLS: usize = 40;
const SECOND: i64 = 1_000_000;
/// How long a request may be read after its caller gave up.
const ABANDONED_FOR: i64 = 20 * SECOND;

#[test]
fn scripts_do_what_the_definition_says() {
    let setting = |name, or| std::env::var(name).map_or(or, |value| value.parse().unwrap());
    let (count, first) = (setting("FLEET_SCHEDULES", SCHEDULES), setting("FLEET_SEED", 0));
    let server = RedisServer::start();
    let told = Told::load(&server);
    let mut connection = server.connection();
    let mut seen = Seen::default();
    let seeds: Vec<u64> = (first..first + count).collect();
    for some in seeds.chunks(25) {
        let schedules: Vec<_> = some.iter().map(|seed| Schedule::run(*seed)).collect();
        let mut pipe = redis::pipe();
        pipe.ignore_errors();
        for schedule in &schedules {
            forget(&mut pipe);
            schedule.steps.iter().for_each(|step| step.put(schedule, &told, &mut pipe));
        }
        let mut replies = pipe.query::<Vec<RedisResult<Value>>>(&mut connection).unwrap().into_iter();
        for schedule in &schedules {
            schedule.check(&mut replies);
            seen.count(schedule);
        }
        assert!(replies.next().is_none());
    }
    println!("{count} schedules: {seen:?}");
    if count >= SCHEDULES {
        seen.is_enough();
    }
}

fn forget(pipe: &mut redis::Pipeline) {
    pipe.del(&[SLOTS, QUEUE, WAITERS, MARK]).ignore();
}

/// What happened, so that nobody believes in a check that never looked.
#[derive(Debug, Default)]
struct Seen {
    calls: usize,
    granted: usize,
    told_to_wait: usize,
    hopeless: usize,
    refused: usize,
    settled: usize,
    forgotten: usize,
    by_kind: BTreeMap<Kind, usize>,
}

impl Seen {
    fn count(&mut self, schedule: &Schedule) {
        *self.by_kind.entry(schedule.kind).or_default() += 1;
        self.calls += schedule.steps.len();
        for step in &schedule.steps {
            match step.did {
                Did::Ask { answer: Answer::Granted { .. }, .. } => self.granted += 1,
                Did::Ask { answer: Answer::Wait { .. }, .. } => self.told_to_wait += 1,
                Did::Ask { answer: Answer::Hopeless { .. }, .. } => self.hopeless += 1,
                Did::Ask { answer: Answer::Refused, .. } => self.refused += 1,
                Did::Settle { .. } => self.settled += 1,
                Did::Forget | Did::ForgetMark | Did::ForgetWaiters => self.forgotten += 1,
            }
        }
    }

    fn is_enough(&self) {
        assert!(self.by_kind.len() == 4 && self.granted * 20 > self.calls && self.told_to_wait * 20 > self.calls);
        assert!(self.hopeless * 200 > self.calls && self.refused > 200 && self.forgotten > 1_000);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Nothing goes wrong: every turn comes at the moment at which n slots can serve it, first come first served.
    Orderly,
    /// Some waiters die: the others' turns come as if each had taken two seconds.
    DeadWaiters,
    /// Everything goes wrong but for the store's clock.
    Faults,
    /// Everything goes wrong, and the store's clock is set back.
    SetBack,
}

/// One call to the store, at the time of its clock.
struct Step {
    clock: i64,
    did: Did,
}

#[derive(Debug)]
enum Did {
    Ask { ticket: Ticket, patience: i64, answer: Answer },
    Settle { what: What, ticket: Ticket, us: i64 },
    Forget,
    ForgetMark,
    ForgetWaiters,
}

impl Step {
    fn put(&self, schedule: &Schedule, told: &Told, pipe: &mut redis::Pipeline) {
        match self.did {
            Did::Ask { ticket, patience, .. } => {
                let question = Question { n: schedule.n, rest: schedule.rest, patience, ticket: ticket.to_string() };
                pipe.add_command(told.acquire(&question, self.clock));
            }
            Did::Settle { what, ticket, us } => {
                let what = format!("{what:?}").to_lowercase();
                pipe.add_command(told.settle(&what, &ticket.to_string(), us, self.clock));
            }
            Did::Forget => forget(pipe),
            Did::ForgetMark => drop(pipe.del(MARK).ignore()),
            Did::ForgetWaiters => drop(pipe.del(WAITERS).ignore()),
        }
    }
}

enum Event {
    Begin(usize),
    Ask(usize),
    Leave(usize, i64),
    /// A question of a connection that stalled, when its caller has long asked again or gone.
    Stray(Ticket, i64),
    Settle(What, Ticket, i64),
    Forget,
    ForgetMark,
    ForgetWaiters,
    SetBack(i64),
}

/// A process: the first of its own queue asks the store.
#[derive(Clone, Default)]
struct Caller {
    ticket: Ticket,
    deadline: i64,
    /// From the request to the answer.
    response: i64,
    dies_waiting: bool,
    /// When its turn should come.
    ideal: i64,
}

/// When the platform may have seen a request, and when the store learnt of the answer.
struct Request {
    from: i64,
    to: i64,
    learnt: Option<i64>,
}

/// Several processes and the store as it should be, in random order.
struct Schedule {
    seed: u64,
    kind: Kind,
    n: usize,
    rest: i64,
    random: Random,
    /// Durations are multiples of this, so that much happens at the same moment, or 1.
    grain: i64,
    now: i64,
    /// What the store's clock shows at time 0.
    clock: i64,
    events: BTreeMap<(i64, u64), Event>,
    put: u64,
    callers: Vec<Caller>,
    tickets: Ticket,
    definition: Definition,
    /// When each of n slots is free, if all goes as it should.
    ideal: BinaryHeap<Reverse<i64>>,
    /// Whether more than n were ahead of somebody.
    crowded: bool,
    steps: Vec<Step>,
    requests: Vec<Request>,
    forgotten: Vec<i64>,
}

impl Schedule {
    fn run(seed: u64) -> Self {
        let mut random = Random(seed);
        let kind =
            [Kind::Orderly, Kind::DeadWaiters, Kind::Faults, Kind::Faults, Kind::SetBack][random.below(5) as usize];
        let (n, rest) = match random.below(10) {
            0 => (1, random.between(SECOND, 100 * SECOND)),
            1 => (random.between(1, 12) as usize, 250_000),
            2 => (random.between(1, 4) as usize, random.between(1, 4 * SECOND)),
            _ => (random.between(1, 12) as usize, SECOND),
        };
        let grain = if random.percent(50) { (rest / 8).max(1) } else { 1 };
        let mut schedule = Schedule {
            seed,
            kind,
            n,
            rest,
            grain,
            now: 0,
            clock: 1_800_000_000 * SECOND + random.between(0, SECOND),
            events: BTreeMap::new(),
            put: 0,
            callers: vec![Caller::default(); random.between(1, 2 * n as i64 + 4) as usize],
            tickets: 0,
            definition: Definition::new(n, rest),
            ideal: (0..n).map(|_| Reverse(rest)).collect(),
            crowded: false,
            steps: Vec::new(),
            requests: Vec::new(),
            forgotten: Vec::new(),
            random,
        };
        schedule.begin();
        while schedule.steps.len() < CALLS {
            let ((at, _), event) = schedule.events.pop_first().expect("callers come again and again");
            schedule.now = at;
            schedule.happen(event);
        }
        schedule.keeps_the_promise();
        schedule
    }

    fn begin(&mut self) {
        // The first question tells the store that it remembers nothing.
        self.put_in(0, Event::Begin(0));
        for caller in 1..self.callers.len() {
            let after = self.span(2 * self.rest);
            self.put_in(after, Event::Begin(caller));
        }
        if self.has_faults() {
            for _ in 0..self.random.below(3) {
                let after = self.span(10 * self.rest);
                let event = match (self.random.below(4), self.kind) {
                    (0, Kind::Faults) => Event::ForgetMark,
                    (1, _) => Event::Forget,
                    (2, Kind::Faults) => Event::ForgetWaiters,
                    (_, Kind::SetBack) => {
                        Event::SetBack(if self.random.percent(50) { self.span(3 * self.rest) } else { 3600 * SECOND })
                    }
                    _ => continue,
                };
                self.put_in(after, event);
            }
        }
    }

    fn has_faults(&self) -> bool {
        matches!(self.kind, Kind::Faults | Kind::SetBack)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Begin(caller) => self.start(caller),
            Event::Ask(caller) => self.ask(caller),
            Event::Leave(caller, us) => {
                self.settle(What::Left, self.callers[caller].ticket, us);
                self.begin_later(caller);
            }
            Event::Stray(ticket, patience) => drop(self.question(ticket, patience)),
            Event::Settle(what, ticket, us) => self.settle(what, ticket, us),
            Event::Forget => {
                self.forgotten.push(self.now);
                self.definition.forget();
                self.step(Did::Forget);
            }
            Event::ForgetMark => {
                self.definition.forget_mark();
                self.step(Did::ForgetMark);
            }
            Event::ForgetWaiters => {
                self.definition.forget_waiters();
                self.step(Did::ForgetWaiters);
            }
            Event::SetBack(by) => self.clock -= by,
        }
    }

    fn start(&mut self, caller: usize) {
        self.tickets += 1;
        let response = match self.random.below(4) {
            0 => 0,
            1 => self.span(3 * self.rest),
            _ => self.span(self.rest / 4 + 1),
        };
        let dies_waiting = self.kind == Kind::DeadWaiters && self.random.percent(15);
        let patience = if self.has_faults() { self.span(10 * self.rest + 5 * SECOND) } else { 100_000 * SECOND };
        let Reverse(free) = self.ideal.pop().unwrap();
        let ideal = free.max(self.now);
        let served = response + self.rest;
        self.ideal.push(Reverse(ideal + if dies_waiting { served.max(MISSED) } else { served }));
        self.callers[caller] =
            Caller { ticket: self.tickets, deadline: self.now + patience, response, dies_waiting, ideal };
        self.ask(caller);
    }

    fn ask(&mut self, index: usize) {
        let caller = self.callers[index].clone();
        let patience = caller.deadline - self.now;
        let answer = self.question(caller.ticket, patience);
        if self.has_faults() {
            if self.random.percent(5) {
                let later = self.span(10 * SECOND);
                self.put_in(later, Event::Stray(caller.ticket, patience));
            }
            if self.random.percent(5) {
                // The answer is lost.
                let later = self.span(SECOND / 2);
                return self.ask_at(index, self.now + later);
            }
        }
        match answer {
            Answer::Granted { .. } => self.send(index),
            Answer::Wait { us, .. } => self.wait(index, us),
            // Nobody but a stray question is refused, for it comes after its caller left.
            Answer::Hopeless { .. } | Answer::Refused => self.begin_later(index),
        }
    }

    fn question(&mut self, ticket: Ticket, patience: i64) -> Answer {
        let answer = self.definition.acquire(self.clock + self.now, ticket, patience);
        self.step(Did::Ask { ticket, patience, answer });
        self.crowded |= matches!(answer, Answer::Wait { ahead, .. } if ahead > self.n);
        answer
    }

    fn settle(&mut self, what: What, ticket: Ticket, us: i64) {
        self.definition.settle(self.clock + self.now, what, ticket, us);
        self.step(Did::Settle { what, ticket, us });
    }

    fn step(&mut self, did: Did) {
        self.steps.push(Step { clock: self.clock + self.now, did });
    }

    fn ask_at(&mut self, index: usize, at: i64) {
        let deadline = self.callers[index].deadline;
        if at <= deadline {
            self.put_at(at, Event::Ask(index));
        } else {
            self.leave_at(index, deadline);
        }
    }

    fn leave_at(&mut self, index: usize, at: i64) {
        let us = if self.random.percent(50) { 0 } else { self.span(30 * SECOND) };
        self.put_at(at, Event::Leave(index, us));
        let Caller { ticket, deadline, .. } = self.callers[index];
        if self.random.percent(30) {
            let later = self.span(10 * SECOND);
            self.put_at(at + later, Event::Stray(ticket, deadline - self.now));
        }
        if self.random.percent(10) {
            // Said again, late.
            let later = self.span(5 * SECOND);
            let us = if self.random.percent(50) { 0 } else { us };
            self.put_at(at + later, Event::Settle(What::Left, ticket, us));
        }
    }

    fn wait(&mut self, index: usize, us: i64) {
        if self.callers[index].dies_waiting {
            return self.begin_later(index);
        }
        if !self.has_faults() {
            return self.ask_at(index, self.now + us);
        }
        let at = self.now
            + match self.random.below(100) {
                // Dies; another process comes.
                0..8 => return self.begin_later(index),
                8..16 => {
                    let later = self.span(us);
                    return self.leave_at(index, self.now + later);
                }
                16..24 => us + self.span(3 * SECOND),
                24..30 => self.span(us),
                _ => us,
            };
        self.ask_at(index, at);
    }

    /// The request goes out.
    fn send(&mut self, index: usize) {
        let Caller { ticket, deadline, response, dies_waiting, ideal } = self.callers[index];
        match self.kind {
            Kind::Orderly => assert!(self.now == ideal, "not at {ideal}: {}", self.history(self.steps.len() - 1)),
            Kind::DeadWaiters => {
                assert!(
                    self.now <= ideal + if self.crowded { self.rest } else { 0 } || dies_waiting,
                    "after {ideal}: {}",
                    self.history(self.steps.len() - 1)
                )
            }
            Kind::Faults | Kind::SetBack => {}
        }
        if !self.has_faults() {
            self.requests.push(Request { from: self.now, to: self.now + response, learnt: None });
            self.put_in(response, Event::Settle(What::Answered, ticket, self.rest));
            return self.begin_later(index);
        }
        let fate = self.random.below(100);
        if fate < 10 {
            let later = self.span(SECOND / 4);
            self.put_in(later, Event::Settle(What::Unsent, ticket, 0));
        } else if fate < 16 {
            // Its process dies: the request is read before its deadline, if at all.
            self.requests.push(Request { from: self.now, to: deadline, learnt: None });
        } else if fate < 30 || self.now + response > deadline {
            self.give_up(ticket, deadline);
        } else {
            self.answered(ticket, self.now + response);
        }
        self.begin_later(index);
    }

    fn give_up(&mut self, ticket: Ticket, deadline: i64) {
        let at = (self.now + self.span(deadline - self.now)).min(deadline);
        // On its way to the store, for less than a rest.
        let arrives = at + self.span(self.rest.min(SECOND)).min(self.rest - 1);
        self.put_at(arrives, Event::Settle(What::Kept, ticket, ABANDONED_FOR + self.rest));
        if self.random.percent(50) {
            let later = self.span(ABANDONED_FOR).min(ABANDONED_FOR);
            self.answered(ticket, at + later);
        } else {
            self.requests.push(Request { from: self.now, to: at + ABANDONED_FOR, learnt: None });
        }
    }

    fn answered(&mut self, ticket: Ticket, at: i64) {
        let mut learnt = None;
        // Lost, once, or twice.
        let copies = [0, 1, 1, 1, 1, 1, 1, 1, 1, 2][self.random.below(10) as usize];
        for _ in 0..copies {
            let told = if self.random.percent(80) { 0 } else { self.span(2 * self.rest) };
            let arrives = at + told + if self.random.percent(50) { 0 } else { self.span(SECOND) };
            self.put_at(arrives, Event::Settle(What::Answered, ticket, self.rest - told));
            learnt = Some(learnt.unwrap_or(arrives).min(arrives));
        }
        self.requests.push(Request { from: self.now, to: at, learnt });
    }

    fn begin_later(&mut self, caller: usize) {
        let later = if self.random.percent(50) { 0 } else { self.span(self.rest) };
        self.put_in(later, Event::Begin(caller));
    }

    fn put_in(&mut self, after: i64, event: Event) {
        self.put_at(self.now + after, event);
    }

    fn put_at(&mut self, at: i64, event: Event) {
        self.put += 1;
        self.events.insert((at, self.put), event);
    }

    /// At most `most`, and a grain.
    fn span(&mut self, most: i64) -> i64 {
        let span = self.random.between(0, most.max(0));
        (span + self.grain - 1) / self.grain * self.grain
    }

    /// Wherever between its beginning and its answer the platform saw each request: never more than n within a rest.
    fn keeps_the_promise(&self) {
        for (index, request) in self.requests.iter().enumerate() {
            let counts = self.requests[..index].iter().filter(|earlier| self.counts(earlier, request.from)).count();
            assert!(
                counts < self.n,
                "{} within a rest at {}: {}",
                counts + 1,
                request.from,
                self.history(self.steps.len() - 1)
            );
        }
    }

    /// Whether an earlier request and one that begins now may be seen within a rest of each other.
    fn counts(&self, earlier: &Request, now: i64) -> bool {
        // Under way when the store lost its memory, a request counts from then on when its answer is told. That the platform
        // sees it in between is what cannot be promised.
        match self.forgotten.iter().find(|at| earlier.from <= **at && **at < earlier.to) {
            Some(forgotten) => {
                now < forgotten + self.rest
                    || earlier.learnt.is_some_and(|learnt| learnt < now && now < earlier.to + self.rest)
            }
            None => now < earlier.to + self.rest,
        }
    }

    /// The store's answers against the definition's.
    fn check(&self, replies: &mut impl Iterator<Item = RedisResult<Value>>) {
        for (index, step) in self.steps.iter().enumerate() {
            let expected = match &step.did {
                Did::Ask { answer, .. } => Value::Array(answer.reply().into_iter().map(Value::Int).collect()),
                Did::Settle { .. } => Value::Int(1),
                Did::Forget | Did::ForgetMark | Did::ForgetWaiters => continue,
            };
            let reply = replies.next().unwrap();
            assert!(reply.as_ref() == Ok(&expected), "the store answers {reply:?} at last to {}", self.history(index));
        }
    }

    /// What it takes to see it again, and everything up to a step.
    fn history(&self, last: usize) -> String {
        let steps = self.steps[..=last].iter();
        let steps: String =
            steps.map(|step| format!("{} {:?}\n", step.clock - self.steps[0].clock, step.did)).collect();
        let Schedule { seed, kind, n, rest, .. } = self;
        format!("FLEET_SEED={seed} FLEET_SCHEDULES=1: {kind:?}, n {n}, rest {rest}\n{steps}")
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below((most - least + 1) as u64) as i64
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}
