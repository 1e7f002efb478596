// SPDX-License-Identifier: MIT

//! JSON values whose numbers are integers. The crate needs no other crate for them.

use std::collections::BTreeMap;
use std::fmt;
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

impl Json {
    pub fn names<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Json {
        Json::List(names.into_iter().map(|name| name.as_ref().into()).collect())
    }

    /// The text of a string, and `other` of anything else.
    pub fn text_or<'a>(&'a self, other: &'a str) -> &'a str {
        match self {
            Json::Text(text) => text,
            _ => other,
        }
    }

    pub fn text(&self) -> &str {
        self.text_or("")
    }

    /// The value of a number, and `other` of anything else.
    pub fn number_or(&self, other: i64) -> i64 {
        match self {
            Json::Number(number) => *number,
            _ => other,
        }
    }

    /// The elements of a list, and none of anything else.
    pub fn list(&self) -> &[Json] {
        match self {
            Json::List(list) => list,
            _ => &[],
        }
    }

    pub fn fields(&self) -> Object {
        match self {
            Json::Object(object) => object.clone(),
            _ => Object::new(),
        }
    }

    /// The value of a field, and null if there is none.
    pub fn get(&self, field: &str) -> &Json {
        match self {
            Json::Object(object) => object.get(field).unwrap_or(&Json::Null),
            _ => &Json::Null,
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_string())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => write!(f, "null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(number) => write!(f, "{number}"),
            Json::Text(text) => quote(f, text),
            Json::List(list) => {
                for (at, value) in list.iter().enumerate() {
                    write!(f, "{}{value}", if at == 0 { "[" } else { "," })?;
                }
                write!(f, "{}", if list.is_empty() { "[]" } else { "]" })
            }
            Json::Object(object) => {
                for (at, (key, value)) in object.iter().enumerate() {
                    write!(f, "{}", if at == 0 { "{" } else { "," })?;
                    quote(f, key)?;
                    write!(f, ":{value}")?;
                }
                write!(f, "{}", if object.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "\"")?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\0'..='\x1f' => write!(f, "\\u{:04x}", c as u32)?,
            _ => write!(f, "{c}")?,
        }
    }
    write!(f, "\"")
}

impl FromStr for Json {
    type Err = String;

    fn from_str(text: &str) -> Result<Json, String> {
        let mut reader = Reader { rest: text };
        let value = reader.value()?;
        match reader.rest.trim_start() {
            "" => Ok(value),
            _ => Err(reader.lacks("the end")),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn lacks(&self, what: &str) -> String {
        let found: String = self.rest.chars().take(20).collect();
        format!("invalid JSON: {what} must come before {found:?}")
    }

    fn skips(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self) -> Result<Json, String> {
        if self.skips("\"") {
            return Ok(Json::Text(self.string()?));
        }
        if self.skips("[") {
            let mut list = Vec::new();
            while !self.skips("]") {
                if !list.is_empty() && !self.skips(",") {
                    return Err(self.lacks("a comma"));
                }
                list.push(self.value()?);
            }
            return Ok(Json::List(list));
        }
        if self.skips("{") {
            let mut object = Object::new();
            while !self.skips("}") {
                if !object.is_empty() && !self.skips(",") || !self.skips("\"") {
                    return Err(self.lacks("a field"));
                }
                let key = self.string()?;
                if !self.skips(":") {
                    return Err(self.lacks("a colon"));
                }
                object.insert(key, self.value()?);
            }
            return Ok(Json::Object(object));
        }
        let words =
            [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))];
        for (word, value) in words {
            if self.skips(word) {
                return Ok(value);
            }
        }
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest[..end].parse().map_err(|_| self.lacks("a value"))?;
        self.rest = &rest[end..];
        Ok(Json::Number(number))
    }

    /// The rest of a string, whose first quote is read.
    fn string(&mut self) -> Result<String, String> {
        let mut units = Vec::new(); // of UTF-16, as escapes have them
        let mut chars = self.rest.chars();
        loop {
            let c = match chars.next().ok_or_else(|| self.lacks("a quote"))? {
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
                    _ => return Err(self.lacks("a valid escape")),
                },
                c => c,
            };
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
        self.rest = chars.as_str();
        String::from_utf16(&units).map_err(|err| err.to_string())
    }
}
