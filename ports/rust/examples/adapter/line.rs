// SPDX-License-Identifier: MIT

//! Reads the lines of a scenario, strictly: see docs/formats.md.

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The fields of a line. None of them stands twice, and those that begin with `x_` are left out.
#[derive(Clone, Default)]
pub struct Fields(pub Map<String, Value>);

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
        let mut ignored = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if self.0.contains_key(&key) || ignored.contains(&key) {
                return Err(M::Error::custom(format!("field {key:?} stands twice")));
            }
            if key.starts_with("x_") {
                map.next_value::<IgnoredAny>()?;
                ignored.push(key);
            } else {
                self.0.insert(key, map.next_value()?);
            }
        }
        Ok(self)
    }
}

/// One line. `take` removes a field, so that what is left in the end is unknown.
pub struct Line {
    pub op: String,
    pub id: Option<i64>,
    fields: Fields,
}

pub const INIT_ERRNOS: [&str; 9] =
    ["ENOMEM", "EBUSY", "EIO", "ENOSPC", "EPERM", "EAGAIN", "EEXIST", "ENOENT", "EINVAL"];

impl Line {
    pub fn parse(text: &str) -> Result<Line, String> {
        Line::of(serde_json::from_str(text).map_err(|err| err.to_string())?)
    }

    pub fn of(fields: Fields) -> Result<Line, String> {
        let mut line = Line { op: String::new(), id: None, fields };
        line.op = line.take::<String>("op")?.ok_or("field \"op\" is missing")?;
        line.id = line.take("id")?;
        Ok(line)
    }

    pub fn take<T: serde::de::DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, String> {
        let value = self.fields.0.shift_remove(key);
        value.map(serde_json::from_value).transpose().map_err(|err| format!("field {key:?}: {err}"))
    }

    pub fn name(&mut self, key: &str) -> Result<String, String> {
        let name: Option<String> = self.take(key)?;
        let name = name.ok_or(format!("field {key:?} is missing"))?;
        match name.len() {
            1..=64 => Ok(name),
            _ => Err(format!("field {key:?} must be a name of 1 to 64 bytes")),
        }
    }

    pub fn name_or(&mut self, key: &str, default: &str) -> Result<String, String> {
        if self.fields.0.contains_key(key) {
            return self.name(key);
        }
        Ok(default.to_string())
    }

    pub fn flag(&mut self, key: &str) -> Result<bool, String> {
        Ok(self.take(key)?.unwrap_or(true))
    }

    /// Says that the line has no other field.
    pub fn end(&self) -> Result<(), String> {
        match self.fields.0.keys().next() {
            Some(key) => Err(format!("unknown field {key:?}")),
            None => Ok(()),
        }
    }
}
