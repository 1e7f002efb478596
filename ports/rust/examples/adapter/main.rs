// SPDX-License-Identifier: MIT

//! Speaks the protocol of docs/formats.md: reads scenario lines on standard input and writes one
//! result for each on standard output. The exit status is 2 if a line breaks the format.

mod line;
mod run;
#[cfg(feature = "shuttle")]
mod schedule;
mod world;

use line::Line;
use serde_json::{json, Map, Value};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::ExitCode;
use world::{take_calls, World};

/// What the types make impossible is not claimed: to put a reference that one does not have
/// (misuse), an init that returns a positive number, an allocation that fails.
const FEATURES: [&str; 3] = ["no-callback", "use-count", "newnet"];
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
            Ok(Some(line)) => run::run(line).and_then(|lines| lines.iter().try_for_each(write)),
            Err(err) => Err(err),
        };
        if let Err(err) = done {
            eprintln!("stdin:{}: {err}", input.line);
            return ExitCode::from(2);
        }
    }
}

/// Answers lines until the end of input, or up to a `run`, which it returns.
fn scenario(input: &mut Input) -> Result<Option<Line>, String> {
    let mut world = World::new();
    while let Some(text) = input.next()? {
        let mut line = Line::parse(&text)?;
        if line.op == "run" {
            return Ok(Some(line));
        }
        let mut result = Map::from_iter([("op".to_string(), json!(line.op))]);
        if let Some(id) = line.id {
            result.insert("id".into(), json!(id));
        }
        match line.op.as_str() {
            "hello" => hello(&mut line, &mut result, input.line)?,
            "reset" => {
                line.end()?;
                world = World::new();
                take_calls(); // of the drop
                answer(&world, world::Answer::default(), &mut result);
            }
            "state" => return Err("unknown op \"state\"".into()),
            _ => {
                let done = world.act(&mut line)?;
                answer(&world, done, &mut result);
            }
        }
        write(&Value::Object(result))?;
    }
    Ok(None)
}

fn hello(line: &mut Line, result: &mut Map<String, Value>, at: usize) -> Result<(), String> {
    if at != 1 {
        return Err("hello is allowed on the first line only".into());
    }
    let version: i64 = line.take("version")?.ok_or("field \"version\" is missing")?;
    line.end()?;
    if version != 1 {
        result.insert("err".into(), json!("EINVAL"));
        write(&Value::Object(std::mem::take(result)))?;
        return Err(format!("version {version} is not supported, only version 1 is"));
    }
    result.insert("version".into(), json!(1));
    result.insert("name".into(), json!("pernet-rust"));
    result.insert("language".into(), json!("rust"));
    result.insert("features".into(), json!(FEATURES));
    Ok(())
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
