// SPDX-License-Identifier: MIT

//! Reads the lines of a scenario, strictly: see docs/formats.md.

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The fields of a line. None of them stands twice, and those that begin with `x_` are left out.
#[derive(Clone, Default)]
pub struct Fields(pub Map<String, Value>);

/// What a line asks for.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[rustfmt::skip]
pub enum Op {
    Hello { version: i64, #[serde(default)] discipline: Option<String> },
    Reset {},
    RegisterSubsys { ops: Name, #[serde(default = "yes")] init: bool, #[serde(default = "yes")] exit: bool },
    RegisterDevice { ops: Name, #[serde(default = "yes")] init: bool, #[serde(default = "yes")] exit: bool },
    UnregisterSubsys { ops: Name },
    UnregisterDevice { ops: Name },
    Copy { #[serde(default)] net: Name, #[serde(default = "init_net")] from: Name, #[serde(default = "yes")] newnet: bool },
    Get { net: Name },
    Put { net: Name },
    Hold { net: Name },
    Release { net: Name },
    Work { #[serde(default)] max: Count },
    List {},
    State {},
    Fail { ops: Name, net: Name, #[serde(default)] err: Failure },
    FailAlloc {},
    Run {
        #[serde(default)] setup: Vec<Fields>, clients: Vec<Vec<Fields>>, #[serde(default)] pause: u64,
        #[serde(default = "ten_seconds")] deadline: u64, #[serde(default)] schedule: Option<Vec<(i64, String)>>,
    },
}

#[derive(Deserialize, Default)]
#[serde(try_from = "String")]
pub struct Name(pub String);

#[derive(Deserialize)]
#[serde(try_from = "i64")]
pub struct Count(pub i64);

/// What an init is to return: an errno or, if this is `None`, a positive number.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
pub struct Failure(pub Option<String>);

const ERRNOS: [&str; 9] =
    ["ENOMEM", "EBUSY", "EIO", "ENOSPC", "EPERM", "EAGAIN", "EEXIST", "ENOENT", "EINVAL"];

fn yes() -> bool {
    true
}

fn init_net() -> Name {
    Name("init_net".to_string())
}

fn ten_seconds() -> u64 {
    10_000
}

/// The operation and the id of a line.
pub fn parse(fields: &Fields) -> Result<(Op, Option<Value>), String> {
    let mut fields = fields.0.clone();
    let id = fields.shift_remove("id");
    if id.as_ref().is_some_and(|id| !id.is_i64()) {
        return Err("field \"id\" must be a signed 64-bit integer".to_string());
    }
    let op: Op = serde_json::from_value(Value::Object(fields)).map_err(|err| err.to_string())?;
    match &op {
        Op::Copy { net, newnet, .. } if *newnet == net.0.is_empty() => {
            Err("field \"net\" is the name of a new net, and of no other".to_string())
        }
        _ => Ok((op, id)),
    }
}

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Name, Self::Error> {
        let fits = (1..=64).contains(&name.len());
        fits.then_some(Name(name)).ok_or("a name has 1 to 64 bytes")
    }
}

impl TryFrom<i64> for Count {
    type Error = &'static str;

    fn try_from(count: i64) -> Result<Count, Self::Error> {
        (count > 0).then_some(Count(count)).ok_or("a count is positive")
    }
}

impl Default for Count {
    fn default() -> Count {
        Count(i64::MAX)
    }
}

impl TryFrom<Value> for Failure {
    type Error = &'static str;

    fn try_from(err: Value) -> Result<Failure, Self::Error> {
        match ERRNOS.iter().find(|errno| err == **errno) {
            None if err.as_i64().unwrap_or(0) <= 0 => Err("an init cannot return this"),
            errno => Ok(Failure(errno.map(ToString::to_string))),
        }
    }
}

impl Default for Failure {
    fn default() -> Failure {
        Failure(Some("ENOMEM".to_string()))
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        deserializer.deserialize_map(Fields::default())
    }
}

impl<'de> Visitor<'de> for Fields {
    type Value = Fields;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<Fields, M::Error> {
        let mut seen = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if seen.contains(&key) {
                return Err(M::Error::custom(format!("field {key:?} stands twice")));
            }
            seen.push(key.clone());
            if key.starts_with("x_") {
                map.next_value::<IgnoredAny>()?;
            } else {
                self.0.insert(key, map.next_value()?);
            }
        }
        Ok(self)
    }
}
