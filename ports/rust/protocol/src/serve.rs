// SPDX-License-Identifier: MIT

//! The lines on standard input, and their answers on standard output.

use crate::history::take_calls;
use crate::json::{names, object, Json, Object};
use crate::names::World;
use crate::{program, threads, Port};
use std::io::{BufRead, Write};
use std::process::{abort, ExitCode};

/// Answers the lines of standard input on standard output, until the input ends. The exit status
/// is 2 if a line is no JSON, or if the hello asks for another version or discipline. Without
/// shuttle a panic ends the process.
pub fn serve<P: Port>() -> ExitCode {
    if !threads::FOLLOW_SCHEDULES {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            report(panic);
            abort(); // a thread that has panicked would be waited for
        }));
    }
    loop {
        let lines = match threads::alone(scenario::<P>) {
            Ok(None) => return ExitCode::SUCCESS,
            Ok(Some(line)) => program::run::<P>(&line),
            Err(err) => {
                eprintln!("{err}");
                return ExitCode::from(2);
            }
        };
        lines.iter().for_each(write);
    }
}

/// Answers lines until the end of the input or a line `run`, which it returns.
fn scenario<P: Port>() -> Result<Option<Json>, String> {
    let mut world = World::<P>::new();
    for text in std::io::stdin().lock().lines() {
        let line: Json = text.map_err(|err| err.to_string())?.parse()?;
        let mut result = line.only(&["op", "id"]);
        match line["op"].text() {
            "run" => return Ok(Some(line)),
            "hello" => hello::<P>(&line, &mut result)?,
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

fn hello<P: Port>(line: &Json, result: &mut Object) -> Result<(), String> {
    if line["version"] != Json::Number(1) || line["discipline"].text_or("mutex") != P::DISCIPLINE {
        result.insert("err".into(), "EINVAL".into());
        write(&Json::Object(std::mem::take(result)));
        return Err(format!(
            "this adapter speaks version 1 and has the discipline {}",
            P::DISCIPLINE
        ));
    }
    let steps = threads::FOLLOW_SCHEDULES.then_some("steps");
    result.extend(object([
        ("version", Json::Number(1)),
        ("name", P::NAME.into()),
        ("language", "rust".into()),
        ("features", names(P::FEATURES.iter().copied().chain(steps))),
        ("discipline", P::DISCIPLINE.into()),
    ]));
    Ok(())
}

fn write(line: &Json) {
    let mut out = std::io::stdout().lock();
    // The reader has gone if this fails, and the input ends.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
