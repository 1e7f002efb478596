// SPDX-License-Identifier: MIT

//! Speaks the protocol of docs/formats.md: reads scenario lines on standard input and writes one
//! result for each on standard output. The exit status is 2 if a line is no JSON.

mod history;
mod json;
mod program;
#[cfg_attr(feature = "shuttle", path = "shuttle.rs")]
mod threads;
mod world;

use history::take_calls;
use json::{names, object, Json, Object};
use std::io::{BufRead, Write};
use std::process::{abort, ExitCode};
use world::{World, DISCIPLINE, FEATURES};

fn main() -> ExitCode {
    if !threads::FOLLOW_SCHEDULES {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            report(panic);
            abort(); // a thread that has panicked would be waited for
        }));
    }
    loop {
        let lines = match threads::alone(scenario) {
            Ok(None) => return ExitCode::SUCCESS,
            Ok(Some(line)) => program::run(&line),
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
        let mut result = line.only(&["op", "id"]);
        match line["op"].text() {
            "run" => return Ok(Some(line)),
            "hello" => hello(&line, &mut result)?,
            op => {
                if op == "reset" {
                    world = World::new();
                    take_calls(); // those of the drop
                }
                world.answer(&line, &mut result);
            }
        }
        write(&Json::Object(result));
    }
    Ok(None)
}

fn hello(line: &Json, result: &mut Object) -> Result<(), String> {
    if line["version"] != Json::Number(1) || line["discipline"].text_or("mutex") != DISCIPLINE {
        result.insert("err".into(), "EINVAL".into());
        write(&Json::Object(std::mem::take(result)));
        return Err(format!("this adapter speaks version 1 and has the discipline {DISCIPLINE}"));
    }
    let steps = threads::FOLLOW_SCHEDULES.then_some("steps");
    result.extend(object([
        ("version", Json::Number(1)),
        ("name", "pernet-rust".into()),
        ("language", "rust".into()),
        ("features", names(FEATURES.into_iter().chain(steps))),
        ("discipline", DISCIPLINE.into()),
    ]));
    Ok(())
}

fn write(line: &Json) {
    let mut out = std::io::stdout().lock();
    // The reader has gone if this fails, and the input ends.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
