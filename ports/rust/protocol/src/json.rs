// SPDX-License-Identifier: MIT

//! JSON values whose numbers are integers.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Index;
use std::str::FromStr;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(i64),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

pub type Object = BTreeMap<String, Json>;

pub fn object<const N: usize>(fields: [(&str, Json); N]) -> Object {
    fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

pub fn names<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Json {
    Json::List(names.into_iter().map(|name| name.as_ref().into()).collect())
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_string())
    }
}

/// The value of a field, or null.
impl Index<&str> for Json {
    type Output = Json;

    fn index(&self, field: &str) -> &Json {
        match self {
            Json::Object(object) => object.get(field).unwrap_or(&Json::Null),
            _ => &Json::Null,
        }
    }
}

impl Json {
    pub fn text_or<'a>(&'a self, other: &'a str) -> &'a str {
        match self {
            Json::Text(text) => text,
            _ => other,
        }
    }

    pub fn text(&self) -> &str {
        self.text_or("")
    }

    pub fn number_or(&self, other: i64) -> i64 {
        match self {
            Json::Number(number) => *number,
            _ => other,
        }
    }

    pub fn list(&self) -> &[Json] {
        match self {
            Json::List(list) => list,
            _ => &[],
        }
    }

    /// The object with only those of its fields.
    pub fn only(&self, fields: &[&str]) -> Object {
        fields
            .iter()
            .filter(|f| self[f] != Json::Null)
            .map(|f| (f.to_string(), self[f].clone()))
            .collect()
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => write!(f, "null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(number) => write!(f, "{number}"),
            Json::Text(text) => {
                let mut escaped = String::new();
                for c in text.chars() {
                    match c {
                        '"' | '\\' => escaped.extend(['\\', c]),
                        '\0'..='\x1f' => escaped += &format!("\\u{:04x}", c as u32),
                        _ => escaped.push(c),
                    }
                }
                write!(f, "\"{escaped}\"")
            }
            Json::List(list) => {
                let list: Vec<_> = list.iter().map(Json::to_string).collect();
                write!(f, "[{}]", list.join(","))
            }
            Json::Object(object) => {
                let field =
                    |(name, value): (&String, _)| format!("{}:{value}", Json::from(&name[..]));
                let fields: Vec<_> = object.iter().map(field).collect();
                write!(f, "{{{}}}", fields.join(","))
            }
        }
    }
}

impl FromStr for Json {
    type Err = String;

    fn from_str(text: &str) -> Result<Json, String> {
        let mut rest = Rest(text);
        let value = rest.value()?;
        match rest.0.trim_start() {
            "" => Ok(value),
            _ => Err(rest.wants("the end of the line")),
        }
    }
}

/// What is not read yet.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn wants(&self, what: &str) -> String {
        let found: String = self.0.chars().take(20).collect();
        format!("invalid JSON: {what} must come before {found:?}")
    }

    /// Skips the token if it comes next.
    fn skip(&mut self, token: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(token);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn must(&mut self, token: &str) -> Result<(), String> {
        self.skip(token).then_some(()).ok_or_else(|| self.wants(token))
    }

    /// Reads items with commas between them, up to the end.
    fn items<T>(
        &mut self,
        end: &str,
        item: fn(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let mut items = Vec::new();
        while !self.skip(end) {
            if !items.is_empty() {
                self.must(",")?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn value(&mut self) -> Result<Json, String> {
        if self.skip("[") {
            return Ok(Json::List(self.items("]", Self::value)?));
        }
        if self.skip("{") {
            return Ok(Json::Object(self.items("}", Self::field)?.into_iter().collect()));
        }
        if self.0.trim_start().starts_with('"') {
            return Ok(Json::Text(self.string()?));
        }
        let rest = self.0.trim_start();
        let end = rest.find(|c: char| c != '-' && !c.is_alphanumeric()).unwrap_or(rest.len());
        let value = match &rest[..end] {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            number => Json::Number(number.parse().map_err(|_| self.wants("a value"))?),
        };
        self.0 = &rest[end..];
        Ok(value)
    }

    fn field(&mut self) -> Result<(String, Json), String> {
        let name = self.string()?;
        self.must(":")?;
        Ok((name, self.value()?))
    }

    fn string(&mut self) -> Result<String, String> {
        self.must("\"")?;
        let mut units = Vec::new(); // of UTF-16, as escapes have them
        let mut chars = self.0.chars();
        loop {
            let c = match chars.next().ok_or_else(|| self.wants("a quote"))? {
                '"' => break,
                '\\' => match chars.next() {
                    Some('u') => {
                        let code: String = chars.by_ref().take(4).collect();
                        units.push(u16::from_str_radix(&code, 16).map_err(|err| err.to_string())?);
                        continue;
                    }
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('r') => '\r',
                    Some('b') => '\x08',
                    Some('f') => '\x0c',
                    Some(c @ ('"' | '\\' | '/')) => c,
                    _ => return Err(self.wants("a valid escape")),
                },
                c => c,
            };
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
        self.0 = chars.as_str();
        String::from_utf16(&units).map_err(|err| err.to_string())
    }
}
