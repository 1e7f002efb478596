// SPDX-License-Identifier: MIT

//! The line `run`: clients on threads of their own, and the history of their calls.

use crate::calls::{take_calls, tick, PAUSE};
use crate::json::{Json, Object};
use crate::world::{held, World};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[cfg(feature = "shuttle")]
pub use crate::schedule::{alone, together};
#[cfg(feature = "shuttle")]
use crate::schedule::{enter, leave, tick_at_first_step};
#[cfg(feature = "shuttle")]
use shuttle::{sync::mpsc, sync::Barrier, thread};
#[cfg(not(feature = "shuttle"))]
use std::{sync::mpsc, sync::Barrier, thread};

const WORKER: i64 = -1;
const SETUP: i64 = -2;

/// What came of a program.
#[derive(Default)]
pub struct History {
    lines: Mutex<Vec<Json>>,
    open: Mutex<BTreeMap<i64, Object>>, // of each client, the call that it is in
    pub end: Mutex<Object>,             // what the last line has beside its count
}

/// Does a line `run`, and returns the lines of its answer.
pub fn run(program: &Json) -> Vec<Json> {
    let history = Arc::new(History::default());
    PAUSE.store(program.get("pause").number_or(0), SeqCst);
    together(program, &history);
    PAUSE.store(-1, SeqCst);
    let mut lines = std::mem::take(&mut *held(&history.lines));
    for mut call in std::mem::take(&mut *held(&history.open)).into_values() {
        call.insert("return".into(), Json::Null);
        lines.push(Json::Object(call));
    }
    let mut end = std::mem::take(&mut *held(&history.end));
    end.entry("err".into()).or_insert_with(|| "".into());
    end.insert("op".into(), "run".into());
    end.insert("operations".into(), Json::Number(lines.len() as i64));
    if let Json::Number(_) = program.get("id") {
        end.insert("id".into(), program.get("id").clone());
    }
    lines.push(Json::Object(end));
    lines
}

/// Runs the whole program once.
pub fn execute(program: &Json, history: &Arc<History>) {
    let world = Arc::new(World::new());
    client(&world, SETUP, program.get("setup").list(), history);
    let clients = program.get("clients").list();
    let (done, all) = mpsc::channel();
    let start = Arc::new(Barrier::new(clients.len()));
    for (number, lines) in (0..).zip(clients) {
        let (world, history, lines) = (Arc::clone(&world), Arc::clone(history), lines.clone());
        let (start, done) = (Arc::clone(&start), done.clone());
        thread::spawn(move || {
            start.wait();
            #[cfg(feature = "shuttle")]
            enter(number);
            client(&world, number, lines.list(), &history);
            #[cfg(feature = "shuttle")]
            leave(number);
            let _ = done.send(());
        });
    }
    let (theirs, histories) = (Arc::clone(&world), Arc::clone(history));
    thread::spawn(move || {
        worker(&theirs, &histories);
        let _ = done.send(());
    });
    let patience = program.get("deadline").number_or(10_000);
    let deadline = Instant::now() + Duration::from_millis(patience as u64);
    for number in 0..=clients.len() {
        if number == clients.len() {
            world.stop();
        }
        #[cfg(feature = "shuttle")]
        let ended = all.recv().is_ok() && Instant::now() < deadline;
        #[cfg(not(feature = "shuttle"))]
        let ended = all.recv_timeout(deadline.saturating_duration_since(Instant::now())).is_ok();
        if !ended {
            held(&history.end).insert("err".into(), "ETIMEDOUT".into());
            std::mem::forget(world); // its locks may be held for ever
            return;
        }
    }
    drop(world);
    take_calls(); // those of the drop
}

/// Does the lines of one client, and leaves out those whose `if` failed.
fn client(world: &World, number: i64, lines: &[Json], history: &History) {
    let mut failed: Vec<bool> = Vec::new();
    for line in lines {
        let needs = line.get("if").number_or(-1);
        failed.push(if needs >= 0 && failed[needs as usize] {
            true
        } else {
            operation(world, number, line, history)
        });
    }
}

/// Does one line and records it. It returns whether the call failed.
fn operation(world: &World, client: i64, line: &Json, history: &History) -> bool {
    let mut call = line.fields();
    call.remove("if");
    let call = open(history, client, call);
    let mut answer = Object::new();
    let err = world.act(line, &mut answer).err().map_or_else(String::new, |err| err.0);
    answer.remove("freed"); // of a scenario only
    answer.insert("calls".into(), take_calls());
    let op = line.get("op").text();
    if !["list", "state"].contains(&op) {
        answer.insert("err".into(), err[..].into());
    }
    close(history, client, call, answer, ["fail", "fail_alloc"].contains(&op));
    !err.is_empty()
}

/// Runs cleanups until it is stopped.
fn worker(world: &World, history: &History) {
    while world.await_work() {
        #[cfg(feature = "shuttle")]
        enter(WORKER);
        let call = open(history, WORKER, Object::from([("op".to_string(), "cleanup".into())]));
        let round = world.round();
        let names = |only_freed: bool| {
            let done = round.iter().filter(|done| done.freed || !only_freed);
            Json::names(done.map(|done| done.net.name()))
        };
        let answer = [("nets", names(false)), ("freed", names(true)), ("calls", take_calls())];
        let answer = answer.into_iter().map(|(field, value)| (field.to_string(), value)).collect();
        close(history, WORKER, call, answer, round.is_empty());
        #[cfg(feature = "shuttle")]
        leave(WORKER);
    }
}

/// A call begins.
fn open(history: &History, client: i64, mut call: Object) -> Object {
    call.insert("client".into(), Json::Number(client));
    call.insert("call".into(), Json::Number(tick()));
    held(&history.open).insert(client, call.clone());
    call
}

/// A call has returned.
fn close(history: &History, client: i64, mut call: Object, answer: Object, silent: bool) {
    call.extend(answer);
    call.insert("return".into(), Json::Number(tick()));
    #[cfg(feature = "shuttle")]
    if let Some(begin) = tick_at_first_step() {
        call.insert("call".into(), Json::Number(begin));
    }
    held(&history.open).remove(&client);
    if !silent {
        held(&history.lines).push(Json::Object(call));
    }
}

/// Runs `f` where the registry works.
#[cfg(not(feature = "shuttle"))]
pub fn alone<T>(f: impl FnOnce() -> T) -> T {
    f()
}

#[cfg(not(feature = "shuttle"))]
fn together(program: &Json, history: &Arc<History>) {
    execute(program, history);
}
