// SPDX-License-Identifier: MIT

//! Speaks the protocol of docs/formats.md: reads scenario lines on standard input and writes one
//! result for each on standard output. The exit status is 2 if a line is no JSON.

mod calls;
mod json;
mod program;
#[cfg(feature = "shuttle")]
mod schedule;
mod world;

use calls::take_calls;
use json::{Json, Object};
use std::io::{BufRead, Write};
use std::process::{abort, ExitCode};
use world::World;

/// An init that returns a positive number and an allocation that fails are not claimed, and schedules
/// only where shuttle follows them.
const FEATURES: &[&str] = if cfg!(all(feature = "shuttle", not(feature = "rwsem"))) {
    &["misuse", "no-callback", "use-count", "newnet", "defer", "run", "steps"]
} else {
    &["misuse", "no-callback", "use-count", "newnet", "defer", "run"]
};
const DISCIPLINE: &str = if cfg!(feature = "rwsem") { "rwsem" } else { "mutex" };

fn main() -> ExitCode {
    if cfg!(not(feature = "shuttle")) {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            report(panic);
            abort(); // a thread that has panicked would be waited for
        }));
    }
    loop {
        let lines = match program::alone(scenario) {
            Ok(None) => return ExitCode::SUCCESS,
            Ok(Some(run)) => program::run(&run),
            Err(err) => {
                eprintln!("{err}");
                return ExitCode::from(2);
            }
        };
        lines.iter().for_each(write);
    }
}

/// Answers lines until the end of the input or a line `run`, which it returns.
fn scenario() -> Result<Option<Json>, String> {
    let mut world = World::new();
    for text in std::io::stdin().lock().lines() {
        let line: Json = text.map_err(|err| err.to_string())?.parse()?;
        let mut result = Object::from([("op".to_string(), line.get("op").clone())]);
        if let Json::Number(_) = line.get("id") {
            result.insert("id".into(), line.get("id").clone());
        }
        match line.get("op").text() {
            "run" => return Ok(Some(line)),
            "hello" => hello(&line, &mut result)?,
            op => {
                result.insert("freed".into(), Json::List(Vec::new()));
                let answer = if op == "reset" {
                    world = World::new();
                    take_calls(); // those of the drop
                    Ok(())
                } else {
                    world.act(&line, &mut result)
                };
                result.insert("err".into(), answer.err().map_or("".into(), |err| err.0[..].into()));
                result.insert("calls".into(), take_calls());
                world.lists(&mut result);
            }
        }
        write(&Json::Object(result));
    }
    Ok(None)
}

fn hello(line: &Json, result: &mut Object) -> Result<(), String> {
    let (version, discipline) = (line.get("version"), line.get("discipline").text_or("mutex"));
    if *version != Json::Number(1) || discipline != DISCIPLINE {
        result.insert("err".into(), "EINVAL".into());
        write(&Json::Object(std::mem::take(result)));
        return Err(format!("this adapter speaks version 1 and has the discipline {DISCIPLINE}"));
    }
    result.extend([
        ("version".to_string(), Json::Number(1)),
        ("name".to_string(), "pernet-rust".into()),
        ("language".to_string(), "rust".into()),
        ("features".to_string(), Json::names(FEATURES)),
        ("discipline".to_string(), DISCIPLINE.into()),
    ]);
    Ok(())
}

fn write(line: &Json) {
    let mut out = std::io::stdout().lock();
    // The reader has gone if this fails, and the input ends.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
