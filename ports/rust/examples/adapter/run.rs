// SPDX-License-Identifier: MIT

//! The line `run`: clients on threads of their own, and the history of their calls.

use crate::line::{parse, Fields, Op};
use crate::world::{held, take_calls, World, PAUSE};
use serde_json::{json, Map, Value};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

#[cfg(feature = "shuttle")]
pub use crate::schedule::{alone, tick_at_first_step, together};
#[cfg(feature = "shuttle")]
use shuttle::{sync::mpsc, sync::Barrier, thread};
#[cfg(not(feature = "shuttle"))]
use std::{sync::mpsc, sync::Barrier, thread};

const WORKER: i64 = -1;
const SETUP: i64 = -2;

/// What a line `run` says.
pub struct Program {
    setup: Vec<Fields>,
    clients: Vec<Vec<Fields>>,
    deadline: u64, // in milliseconds
    #[cfg_attr(not(feature = "shuttle"), allow(dead_code))]
    pub schedule: Option<Vec<(i64, String)>>,
}

/// What came of it.
#[derive(Default)]
pub struct History {
    lines: Mutex<Vec<Value>>,
    open: Mutex<BTreeMap<i64, Map<String, Value>>>, // of each client, the call that it is in
    pub err: Mutex<String>,
    pub misfit: Mutex<Option<Value>>, // where the schedule does not fit
    bad: Mutex<Option<String>>,       // what is wrong with a line
}

static CLOCK: AtomicI64 = AtomicI64::new(0);

pub fn tick() -> i64 {
    CLOCK.fetch_add(1, SeqCst)
}

/// Does a line `run`, and returns the lines of its answer.
pub fn run((op, id): (Op, Option<Value>)) -> Result<Vec<Value>, String> {
    let Op::Run { setup, clients, pause, deadline, schedule } = op else {
        return Err("not a run".to_string());
    };
    if schedule.is_some() && cfg!(not(feature = "shuttle")) {
        return Err("a schedule needs the adapter that is built with the feature shuttle".into());
    }
    PAUSE.store(pause, SeqCst);
    let program = Program { setup, clients, deadline, schedule };
    let (program, history) = (Arc::new(program), Arc::new(History::default()));
    together(&program, &history);
    PAUSE.store(0, SeqCst);
    if let Some(bad) = held(&history.bad).take() {
        return Err(bad);
    }
    let mut lines = std::mem::take(&mut *held(&history.lines));
    for mut call in std::mem::take(&mut *held(&history.open)).into_values() {
        call.insert("return".into(), Value::Null);
        lines.push(Value::Object(call));
    }
    let mut end = json!({"op": "run", "operations": lines.len(), "err": *held(&history.err)});
    if let Some(id) = id {
        end["id"] = id;
    }
    if let Some(at) = held(&history.misfit).take() {
        end["at"] = at;
    }
    lines.push(end);
    Ok(lines)
}

/// Runs the whole program once.
pub fn execute(program: &Arc<Program>, history: &Arc<History>) {
    let world = Arc::new(World::new());
    client(&world, SETUP, &program.setup, history);
    let (done, all) = mpsc::channel();
    let start = Arc::new(Barrier::new(program.clients.len()));
    for (number, lines) in program.clients.iter().enumerate() {
        let (world, history, lines) = (Arc::clone(&world), Arc::clone(history), lines.clone());
        let (start, done) = (Arc::clone(&start), done.clone());
        thread::spawn(move || {
            start.wait();
            #[cfg(feature = "shuttle")]
            crate::schedule::enter(number as i64);
            client(&world, number as i64, &lines, &history);
            #[cfg(feature = "shuttle")]
            crate::schedule::leave(number as i64);
            let _ = done.send(());
        });
    }
    let (worlds, histories) = (Arc::clone(&world), Arc::clone(history));
    thread::spawn(move || {
        worker(&worlds, &histories);
        let _ = done.send(());
    });
    let deadline = std::time::Instant::now() + std::time::Duration::from_millis(program.deadline);
    for number in 0..=program.clients.len() {
        if number == program.clients.len() {
            world.stop();
        }
        #[cfg(feature = "shuttle")]
        let ended = all.recv().is_ok() && deadline.elapsed().is_zero();
        #[cfg(not(feature = "shuttle"))]
        let ended =
            all.recv_timeout(deadline.saturating_duration_since(std::time::Instant::now())).is_ok();
        if !ended {
            *held(&history.err) = "ETIMEDOUT".to_string();
            std::mem::forget(world); // its locks may be held for ever
            return;
        }
    }
    drop(world);
    take_calls(); // those of the drop
}

/// Does the lines of one client. An error of a line ends it.
fn client(world: &World, number: i64, lines: &[Fields], history: &History) {
    let mut failed = Vec::new();
    for fields in lines {
        match operation(world, number, fields.clone(), history, &failed) {
            Ok(err) => failed.push(err),
            Err(bad) => {
                *held(&history.bad) = Some(bad);
                return;
            }
        }
    }
}

/// Does one line and records it. It returns whether the call failed or was left out.
fn operation(
    world: &World,
    client: i64,
    mut fields: Fields,
    history: &History,
    failed: &[bool],
) -> Result<bool, String> {
    if let Some(wanted) = fields.0.shift_remove("if") {
        let at = wanted.as_u64().and_then(|at| failed.get(usize::try_from(at).ok()?));
        if *at.ok_or("field \"if\" must be the index of an earlier line")? {
            return Ok(true);
        }
    }
    let (op, _) = parse(&fields)?;
    if matches!(op, Op::Hello { .. } | Op::Reset {} | Op::Work { .. } | Op::Run { .. }) {
        return Err(format!("a run has no {}", fields.0["op"]));
    }
    let mut call = fields.0;
    let begin = tick();
    call.insert("client".into(), json!(client));
    call.insert("call".into(), json!(begin));
    held(&history.open).insert(client, call.clone());
    let answer = world.act(&op);
    if matches!(op, Op::State {}) {
        world.lists(&mut call);
    }
    let end = tick();
    #[cfg(feature = "shuttle")]
    call.insert("call".into(), json!(tick_at_first_step(begin)));
    call.insert("return".into(), json!(end));
    call.insert("calls".into(), json!(take_calls()));
    if let Some(nets) = answer.nets {
        call.insert("nets".into(), json!(nets));
    } else if !matches!(op, Op::State {}) {
        call.insert("err".into(), json!(answer.err));
    }
    held(&history.open).remove(&client);
    if !matches!(op, Op::Fail { .. } | Op::FailAlloc {}) {
        held(&history.lines).push(Value::Object(call));
    }
    Ok(!answer.err.is_empty())
}

/// Runs cleanups until it is stopped.
fn worker(world: &World, history: &History) {
    while world.await_work() {
        #[cfg(feature = "shuttle")]
        crate::schedule::enter(WORKER);
        let begin = tick();
        let mut call = Map::from_iter([
            ("op".to_string(), json!("cleanup")),
            ("client".to_string(), json!(WORKER)),
            ("call".to_string(), json!(begin)),
        ]);
        held(&history.open).insert(WORKER, call.clone());
        let round = world.round();
        let (end, calls) = (tick(), take_calls());
        #[cfg(feature = "shuttle")]
        call.insert("call".into(), json!(tick_at_first_step(begin)));
        call.insert("return".into(), json!(end));
        for done in round {
            let mut call = call.clone();
            let net = done.net.name();
            let calls: Vec<_> = calls.iter().filter(|call| call[2] == net).collect();
            call.insert("nets".into(), json!([net]));
            call.insert("freed".into(), if done.freed { json!([net]) } else { json!([]) });
            call.insert("calls".into(), json!(calls));
            held(&history.lines).push(Value::Object(call));
        }
        held(&history.open).remove(&WORKER);
        #[cfg(feature = "shuttle")]
        crate::schedule::leave(WORKER);
    }
}

/// Runs `f` where the registry works.
#[cfg(not(feature = "shuttle"))]
pub fn alone<T>(f: impl FnOnce() -> T) -> T {
    f()
}

#[cfg(not(feature = "shuttle"))]
fn together(program: &Arc<Program>, history: &Arc<History>) {
    execute(program, history);
}
