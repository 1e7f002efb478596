// SPDX-License-Identifier: MIT

//! Speaks the protocol of docs/formats.md: reads scenario lines on standard input and writes one
//! result for each on standard output. The exit status is 2 if a line breaks the format.

mod line;
mod run;
#[cfg(feature = "shuttle")]
mod schedule;
mod world;

use line::{Fields, Op};
use serde_json::{json, Map, Value};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::ExitCode;
use world::{take_calls, World};

/// What the types make impossible is not claimed: to put a reference that one does not have
/// (misuse), an init that returns a positive number, an allocation that fails.
const FEATURES: [&str; 4] = ["no-callback", "use-count", "newnet", "run"];
const DISCIPLINE: &str = if cfg!(feature = "rwsem") { "rwsem" } else { "mutex" };
const MAX_LINE: u64 = 1 << 20;

struct Input {
    reader: BufReader<std::io::Stdin>,
    line: usize,
}

fn main() -> ExitCode {
    let mut input = Input { reader: BufReader::new(std::io::stdin()), line: 0 };
    loop {
        let (back, result) = run::alone(move || {
            let result = scenario(&mut input);
            (input, result)
        });
        input = back;
        let done = match result {
            Ok(None) => return ExitCode::SUCCESS,
            Ok(Some(run)) => run::run(run).and_then(|lines| lines.iter().try_for_each(write)),
            Err(err) => Err(err),
        };
        if let Err(err) = done {
            eprintln!("stdin:{}: {err}", input.line);
            return ExitCode::from(2);
        }
    }
}

/// Answers lines until the end of input, or up to a `run`, which it returns.
fn scenario(input: &mut Input) -> Result<Option<(Op, Option<Value>)>, String> {
    let mut world = World::new();
    while let Some(text) = input.next()? {
        let fields: Fields = serde_json::from_str(&text).map_err(|err| err.to_string())?;
        let (op, id) = line::parse(&fields)?;
        let mut result = Map::from_iter([("op".to_string(), fields.0["op"].clone())]);
        result.extend(id.clone().map(|id| ("id".to_string(), id)));
        match op {
            Op::Hello { .. } if input.line != 1 => {
                return Err("hello is allowed on the first line only".to_string());
            }
            Op::Hello { version: 1, discipline }
                if discipline.as_deref().unwrap_or("mutex") == DISCIPLINE =>
            {
                result.extend([
                    ("version".to_string(), json!(1)),
                    ("name".to_string(), json!("pernet-rust")),
                    ("language".to_string(), json!("rust")),
                    ("features".to_string(), json!(FEATURES)),
                    ("discipline".to_string(), json!(DISCIPLINE)),
                ]);
            }
            Op::Hello { version, .. } => {
                result.insert("err".to_string(), json!("EINVAL"));
                write(&Value::Object(result))?;
                return Err(format!("only version 1 of {DISCIPLINE} is supported, not {version}"));
            }
            Op::Run { .. } => return Ok(Some((op, id))),
            Op::State {} => return Err("a state is of a run only".to_string()),
            _ => {
                if matches!(op, Op::Reset {}) {
                    world = World::new();
                    take_calls(); // those of the drop
                }
                answer(&world, world.act(&op), &mut result);
            }
        }
        write(&Value::Object(result))?;
    }
    Ok(None)
}

fn answer(world: &World, answer: world::Answer, result: &mut Map<String, Value>) {
    result.insert("err".into(), json!(answer.err));
    result.insert("calls".into(), json!(take_calls()));
    result.insert("freed".into(), json!(answer.freed));
    if !answer.kept.is_empty() {
        result.insert("kept".into(), json!(answer.kept));
    }
    if let Some(nets) = answer.nets {
        result.insert("nets".into(), json!(nets));
    }
    world.lists(result);
}

fn write(result: &Value) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{result}").and_then(|()| out.flush()).map_err(|err| err.to_string())
}

impl Input {
    /// The next line, or `None` at the end of input.
    fn next(&mut self) -> Result<Option<String>, String> {
        self.line += 1;
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(MAX_LINE + 1).read_until(b'\n', &mut bytes);
        read.map_err(|err| err.to_string())?;
        if bytes.is_empty() {
            return Ok(None);
        }
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        if bytes.len() as u64 > MAX_LINE {
            return Err("the line is longer than 1 MiB".into());
        }
        let text = String::from_utf8(bytes).map_err(|_| "invalid UTF-8")?;
        if text.trim().is_empty() {
            return Err("blank line".into());
        }
        Ok(Some(text))
    }
}
