//! What a person set a contract to answer, and which contracts were asked about of late.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::guard::Denied;
use super::journal::milliseconds;
use crate::behaviour::{self, Behaviour};
use crate::platform::MAX_SYS_SIGN_FLOW_ID;

/// How many contracts are known at most.
const MOST: usize = 1_000;
/// A contract's usual life.
const LIFE: [&str; 3] = ["0", "1", "2"];

/// A contract, as the page is told.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contract {
    id: String,
    set: Option<Value>,
    asked: u64,
    last_status: Option<&'static str>,
    last_fault: Option<&'static str>,
    last_at_ms: Option<Value>,
}

/// What a person asks for: `null` clears what was set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    id: String,
    // By name, or else serde takes a field that is missing for null.
    #[serde(deserialize_with = "present")]
    set: Option<WishedSet>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<WishedSet>, D::Error> {
    Option::deserialize(deserializer)
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
enum WishedSet {
    Status { status: String },
    Life {},
    Play { prefix: String },
}

/// How a contract answers whatever its id begins with.
#[derive(Debug)]
enum Set {
    Status(&'static str),
    /// The step that the next question is answered with.
    Life {
        step: usize,
    },
    /// What ids with this beginning get; how often it was played since it was set.
    Play {
        prefix: String,
        times: usize,
    },
}

impl Set {
    fn of(wished: WishedSet) -> Result<Self, Denied> {
        match wished {
            WishedSet::Status { status } => {
                let known = behaviour::STATUSES.iter().find(|(code, _)| *code == status);
                known.map(|(code, _)| Self::Status(code)).ok_or_else(|| {
                    Denied::new(400, format!("There is no status {status:?}."), format!("没有状态 {status:?}。"))
                })
            }
            WishedSet::Life {} => Ok(Self::Life { step: 0 }),
            WishedSet::Play { prefix } if prefix.chars().count() > MAX_SYS_SIGN_FLOW_ID => Err(Denied::new(
                400,
                format!("The beginning may have {MAX_SYS_SIGN_FLOW_ID} characters, as a flow id."),
                format!("开头最多 {MAX_SYS_SIGN_FLOW_ID} 个字符，与流水号相同。"),
            )),
            WishedSet::Play { prefix } if behaviour::play(&prefix, 0).is_some() => Ok(Self::Play { prefix, times: 0 }),
            WishedSet::Play { prefix } => Err(Denied::new(
                400,
                format!("No behaviour begins with {prefix:?}."),
                format!("没有以 {prefix:?} 开头的行为。"),
            )),
        }
    }

    /// What it answers now; the next question comes later.
    fn answer(&mut self) -> Behaviour {
        match self {
            Self::Status(status) => Behaviour::status(status),
            Self::Life { step } => {
                let status = LIFE[*step];
                *step = (*step + 1).min(LIFE.len() - 1);
                Behaviour::status(status)
            }
            Self::Play { prefix, times } => {
                *times += 1;
                behaviour::play(prefix, *times - 1).unwrap_or_else(Behaviour::good)
            }
        }
    }

    fn told(&self) -> Value {
        match self {
            Self::Status(status) => json!({ "kind": "status", "status": status }),
            Self::Life { step } => json!({ "kind": "life", "step": step, "statuses": LIFE }),
            Self::Play { prefix, .. } => json!({ "kind": "play", "prefix": prefix }),
        }
    }
}

/// What a question about a contract is answered with.
pub(crate) struct Asked {
    /// Whether a person set it.
    pub(crate) was_set: bool,
    /// The fault that is played, if it is one.
    pub(crate) fault: Option<&'static str>,
    pub(crate) behaviour: Behaviour,
}

/// The contracts: at most a thousand, and those that a person set are never forgotten for those that were only asked about.
#[derive(Debug, Default)]
pub(crate) struct Contracts(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    known: HashMap<Arc<str>, Known>,
    /// All of them by their last change, and those that were not set.
    changes: BTreeMap<u64, Arc<str>>,
    unset: BTreeMap<u64, Arc<str>>,
    last_change: u64,
}

#[derive(Debug, Default)]
struct Known {
    set: Option<Set>,
    asked: u64,
    last_status: Option<&'static str>,
    last_fault: Option<&'static str>,
    last_at: Option<Duration>,
    changed: u64,
}

impl Contracts {
    fn with<T>(&self, action: impl FnOnce(&mut Table) -> T) -> T {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A contract is asked about.
    pub(crate) fn ask(&self, id: &str, at: Duration, otherwise: impl FnOnce() -> Behaviour) -> Asked {
        self.with(|table| {
            if !table.known.contains_key(id) && !table.make_room() {
                return Asked { was_set: false, fault: behaviour::fault(id), behaviour: otherwise() };
            }
            table.change(id, |known| {
                let behaviour = known.set.as_mut().map_or_else(otherwise, Set::answer);
                known.asked += 1;
                known.last_at = Some(at);
                known.last_status = behaviour.status_told();
                known.last_fault = match &known.set {
                    None => behaviour::fault(id),
                    Some(Set::Play { prefix, .. }) => behaviour::fault(prefix),
                    Some(Set::Status(_) | Set::Life { .. }) => None,
                };
                Asked { was_set: known.set.is_some(), fault: known.last_fault, behaviour }
            })
        })
    }

    /// Does what the body of a request asks for.
    pub(crate) fn set(&self, body: &[u8]) -> Result<Contract, Denied> {
        let wish: Wish = serde_json::from_slice(body).map_err(|error| {
            Denied::new(
                400,
                format!(r#"The body is not as in {{"id":"X","set":{{"kind":"status","status":"2"}}}}: {error}"#),
                format!(r#"请求体应形如 {{"id":"X","set":{{"kind":"status","status":"2"}}}}：{error}"#),
            )
        })?;
        if wish.id.is_empty() || wish.id.chars().count() > MAX_SYS_SIGN_FLOW_ID {
            return Err(Denied::new(
                400,
                format!("The id must have 1 to {MAX_SYS_SIGN_FLOW_ID} characters."),
                format!("流水号应为 1 到 {MAX_SYS_SIGN_FLOW_ID} 个字符。"),
            ));
        }
        let set = wish.set.map(Set::of).transpose()?;
        self.with(|table| {
            if !table.known.contains_key(wish.id.as_str()) && !table.make_room() {
                return Err(Denied::new(
                    409,
                    format!("{MOST} contracts are set already, and no more are kept: clear one first."),
                    format!("已经设置了 {MOST} 个合同，达到上限：请先清除一个。"),
                ));
            }
            table.change(&wish.id, |known| known.set = set);
            Ok(table.told(&wish.id))
        })
    }

    /// Those that changed since this change, in that order, and the last change.
    pub(crate) fn since(&self, change: u64) -> (Vec<Contract>, u64) {
        self.with(|table| {
            (table.changes.range(change + 1..).map(|(_, id)| table.told(id)).collect(), table.last_change)
        })
    }

    /// Counters to zero: what a person set stays set, and what was only asked about is forgotten.
    pub(crate) fn reset(&self) {
        self.with(|table| {
            table.known.retain(|_, known| known.set.is_some());
            let Table { known, changes, .. } = table;
            changes.retain(|_, id| known.contains_key(id));
            table.unset.clear();
            for known in table.known.values_mut() {
                (known.asked, known.last_status, known.last_fault, known.last_at) = (0, None, None, None);
            }
        });
    }
}

impl Table {
    /// Makes sure that one more may be known; false if all that are known were set.
    fn make_room(&mut self) -> bool {
        if self.known.len() < MOST {
            return true;
        }
        let Some((change, id)) = self.unset.pop_first() else { return false };
        self.changes.remove(&change);
        self.known.remove(&id);
        true
    }

    fn change<T>(&mut self, id: &str, action: impl FnOnce(&mut Known) -> T) -> T {
        // The change that it had, which is 0 for one that was not known.
        let last = self.known.get(id).map_or(0, |known| known.changed);
        let id = self.changes.remove(&last).unwrap_or_else(|| id.into());
        self.unset.remove(&last);
        self.last_change += 1;
        let known = self.known.entry(Arc::clone(&id)).or_default();
        let result = action(known);
        known.changed = self.last_change;
        if known.set.is_none() {
            self.unset.insert(self.last_change, Arc::clone(&id));
        }
        self.changes.insert(self.last_change, id);
        result
    }

    fn told(&self, id: &str) -> Contract {
        let unknown = Known::default();
        let known = self.known.get(id).unwrap_or(&unknown);
        Contract {
            id: id.to_owned(),
            set: known.set.as_ref().map(Set::told),
            asked: known.asked,
            last_status: known.last_status,
            last_fault: known.last_fault,
            last_at_ms: known.last_at.and_then(|at| milliseconds(&at, serde_json::value::Serializer).ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Contract, Contracts, MOST};
    use crate::behaviour::Behaviour;
    use serde_json::{Value, json};
    use std::time::Duration;

    const NOW: Duration = Duration::from_millis(5);

    fn ask(contracts: &Contracts, id: &str) -> (bool, Option<&'static str>) {
        let super::Asked { was_set: set, behaviour, .. } = contracts.ask(id, NOW, || Behaviour::status("9"));
        (set, behaviour.status_told())
    }

    fn set(contracts: &Contracts, id: &str, set: Value) -> Result<Value, (u16, String)> {
        let told = contracts.set(json!({ "id": id, "set": set }).to_string().as_bytes());
        told.map(|told| json!(told)).map_err(|denied| {
            let reply = denied.reply();
            (reply.status, String::from_utf8(reply.body).expect("text"))
        })
    }

    fn ids(told: &[Contract]) -> Vec<&str> {
        told.iter().map(|contract| contract.id.as_str()).collect()
    }

    #[test]
    fn what_is_set_is_answered_until_it_is_cleared() {
        let contracts = Contracts::default();
        assert_eq!(ask(&contracts, "A"), (false, Some("9")));
        set(&contracts, "A", json!({ "kind": "status", "status": "3" })).expect("set");
        assert_eq!([ask(&contracts, "A"), ask(&contracts, "B")], [(true, Some("3")), (false, Some("9"))]);
        set(&contracts, "A", json!({ "kind": "life" })).expect("set");
        assert_eq!([0, 1, 2, 3].map(|_| ask(&contracts, "A").1), [Some("0"), Some("1"), Some("2"), Some("2")]);
        let told = set(&contracts, "A", Value::Null).expect("cleared");
        assert_eq!(
            told,
            json!({ "id": "A", "set": null, "asked": 6, "lastStatus": "2", "lastFault": null, "lastAtMs": 5.0 })
        );
        assert_eq!(ask(&contracts, "A"), (false, Some("9")));
    }

    #[test]
    fn a_play_begins_when_it_is_set() {
        let contracts = Contracts::default();
        for _ in 0..2 {
            set(&contracts, "A", json!({ "kind": "play", "prefix": "H500THEN" })).expect("set");
            assert_eq!([(); 3].map(|()| ask(&contracts, "A").1), [None, Some("2"), Some("2")]);
        }
        set(&contracts, "A", json!({ "kind": "play", "prefix": "LIFE10" })).expect("set");
        assert_eq!([(); 3].map(|()| ask(&contracts, "A").1), [Some("1"), Some("0"), Some("0")]);
    }

    #[test]
    fn the_fault_that_was_played_is_told() {
        let contracts = Contracts::default();
        let told = |id: &str| {
            ask(&contracts, id);
            let contract = contracts.with(|table| table.told(id));
            (contract.last_fault, contract.last_status)
        };
        // By the name of a contract, and as it is set: a good status does not say that its signature was wrong.
        assert_eq!([told("BADSIG-1").0, told("STS3-1").0, told("A").0], [Some("BADSIG"), None, None]);
        for (wished, expected) in [
            (json!({ "kind": "play", "prefix": "BADSIG" }), (Some("BADSIG"), Some("2"))),
            (json!({ "kind": "play", "prefix": "SLOW20-" }), (Some("SLOW"), Some("2"))),
            (json!({ "kind": "play", "prefix": "HANG" }), (Some("HANG"), None)),
            (json!({ "kind": "play", "prefix": "LIFE10" }), (None, Some("1"))),
            (json!({ "kind": "status", "status": "3" }), (None, Some("3"))),
            (json!({ "kind": "life" }), (None, Some("0"))),
        ] {
            set(&contracts, "BADSIG-1", wished.clone()).expect("set");
            assert_eq!(told("BADSIG-1"), expected, "{wished}");
        }
        set(&contracts, "BADSIG-1", json!({ "kind": "play", "prefix": "BADSIG" })).expect("set");
        told("BADSIG-1");
        contracts.reset();
        assert_eq!(contracts.since(0).0[0].last_fault, None, "as it was not asked about");
    }

    #[test]
    fn what_cannot_be_set_is_refused() {
        let contracts = Contracts::default();
        for (id, wished) in [
            ("", json!({ "kind": "life" })),
            (&*"x".repeat(51), json!({ "kind": "life" })),
            ("A", json!({ "kind": "status", "status": "5" })),
            ("A", json!({ "kind": "status" })),
            ("A", json!({ "kind": "status", "status": 2 })),
            ("A", json!({ "kind": "play", "prefix": "NOSUCH" })),
            ("A", json!({ "kind": "play", "prefix": "" })),
            ("A", json!({ "kind": "play", "prefix": format!("SLOW{}", "1".repeat(60)) })),
            ("A", json!({ "kind": "death" })),
            ("A", json!({ "kind": "life", "step": 1 })),
            ("A", json!("life")),
        ] {
            let (status, text) = set(&contracts, id, wished.clone()).expect_err("refused");
            assert!(status == 400 && text.contains("errorZh"), "{id} {wished}: {text}");
        }
        for body in ["", "{}", r#"{"id":"A"}"#, r#"{"id":"A","set":null,"x":1}"#, r#"{"id":1,"set":null}"#, "[]"] {
            assert!(contracts.set(body.as_bytes()).is_err(), "{body}");
        }
        assert!(contracts.since(0).0.is_empty());
        let longest = "流".repeat(50);
        assert!(set(&contracts, &longest, json!({ "kind": "life" })).is_ok());
    }

    #[test]
    fn a_thousand_are_known_and_those_that_were_set_longest() {
        let contracts = Contracts::default();
        set(&contracts, "set", json!({ "kind": "life" })).expect("set");
        for number in 0..MOST + 500 {
            ask(&contracts, &number.to_string());
        }
        let (told, last) = contracts.since(0);
        assert_eq!((told.len(), told[0].id.as_str(), told[1].id.as_str()), (MOST, "set", "501"));
        // What is asked again is the newest.
        ask(&contracts, "501");
        ask(&contracts, "new");
        let (told, _) = contracts.since(0);
        assert_eq!((told[1].id.as_str(), ids(&told[MOST - 2..])), ("503", vec!["501", "new"]));
        assert_eq!(ids(&contracts.since(last).0), ["501", "new"]);
        // When a person set all of them there is no room for others, which are answered all the same.
        for number in 0..MOST - 1 {
            set(&contracts, &format!("set-{number}"), json!({ "kind": "status", "status": "1" })).expect("set");
        }
        assert_eq!(set(&contracts, "more", json!({ "kind": "life" })).expect_err("full").0, 409);
        assert_eq!([ask(&contracts, "more"), ask(&contracts, "set-7")], [(false, Some("9")), (true, Some("1"))]);
        assert_eq!(contracts.since(0).0.len(), MOST);
        set(&contracts, "set-7", Value::Null).expect("cleared");
        set(&contracts, "more", json!({ "kind": "life" })).expect("room again");
        assert_eq!(ask(&contracts, "set-7"), (false, Some("9")));
        contracts.with(|table| {
            assert!(table.known.len() == MOST && table.changes.len() == MOST && table.unset.is_empty());
        });
    }

    #[test]
    fn a_reset_keeps_what_was_set() {
        let contracts = Contracts::default();
        set(&contracts, "A", json!({ "kind": "life" })).expect("set");
        for id in ["A", "B", "A"] {
            ask(&contracts, id);
        }
        contracts.reset();
        let (told, _) = contracts.since(0);
        let expected = json!([{
            "id": "A", "set": { "kind": "life", "step": 2, "statuses": ["0", "1", "2"] },
            "asked": 0, "lastStatus": null, "lastFault": null, "lastAtMs": null,
        }]);
        assert_eq!(json!(told), expected);
        assert_eq!(ask(&contracts, "B"), (false, Some("9")));
    }
}
