// SPDX-License-Identifier: MIT

//! The line `run`: clients on threads of their own, and the history of their calls.

use crate::history::{take_calls, History, PAUSE};
use crate::json::{object, Json, Object};
use crate::names::{errno, nets, World};
use crate::threads::{ends, enter, leave, mpsc, thread, together, Barrier};
use crate::Port;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;
use std::time::{Duration, Instant};

const WORKER: i64 = -1;
const SETUP: i64 = -2;

/// The fields that an operation has as the line has them.
const ASKED: [&str; 7] = ["op", "ops", "init", "exit", "net", "from", "newnet"];

/// A program, and what comes of it.
struct Run {
    program: Json,
    history: History,
    late: AtomicBool, // the deadline came first
}

/// Does a line `run`, and returns the lines of its answer.
pub fn run<P: Port>(program: &Json) -> Vec<Json> {
    let (history, late) = Default::default();
    let run = Arc::new(Run { program: program.clone(), history, late });
    let theirs = Arc::clone(&run);
    PAUSE.store(program["pause"].number_or(0), SeqCst);
    let mut end = together(&program["schedule"], move || execute::<P>(&theirs));
    PAUSE.store(-1, SeqCst);
    let mut lines = run.history.take();
    if run.late.load(SeqCst) {
        end.insert("err".into(), "ETIMEDOUT".into());
    }
    end.extend(program.only(&["op", "id"]));
    end.insert("operations".into(), Json::Number(lines.len() as i64));
    lines.push(Json::Object(end));
    lines
}

fn execute<P: Port>(run: &Arc<Run>) {
    let world = Arc::new(World::<P>::new());
    client(&world, SETUP, run.program["setup"].list(), &run.history);
    let clients = run.program["clients"].list().len();
    let (done, all) = mpsc::channel();
    let start = Arc::new(Barrier::new(clients));
    for at in 0..clients {
        let (world, run) = (Arc::clone(&world), Arc::clone(run));
        let (start, done) = (Arc::clone(&start), done.clone());
        thread::spawn(move || {
            start.wait();
            enter(at as i64);
            client(&world, at as i64, run.program["clients"].list()[at].list(), &run.history);
            leave(at as i64);
            let _ = done.send(());
        });
    }
    let (theirs, histories) = (Arc::clone(&world), Arc::clone(run));
    thread::spawn(move || {
        worker(&theirs.port, &histories.history);
        let _ = done.send(());
    });
    let patience = Duration::from_millis(run.program["deadline"].number_or(10_000) as u64);
    let deadline = Instant::now() + patience;
    let late = (0..clients).any(|_| !ends(&all, deadline));
    world.port.stop();
    if late || !ends(&all, deadline) {
        run.late.store(true, SeqCst);
        std::mem::forget(world); // its locks may be held for ever
        return;
    }
    drop(world);
    take_calls(); // those of the drop
}

/// Does the lines of one client, and leaves out those whose `if` failed.
fn client<P: Port>(world: &World<P>, number: i64, lines: &[Json], history: &History) {
    let mut failed: Vec<bool> = Vec::new();
    for line in lines {
        let needs = line["if"].number_or(-1);
        failed.push(
            (needs >= 0 && failed[needs as usize]) || operation(world, number, line, history),
        );
    }
}

/// Does one line and records it. It returns whether the call failed.
fn operation<P: Port>(world: &World<P>, client: i64, line: &Json, history: &History) -> bool {
    let number = history.begin(client, line.only(&ASKED));
    let mut answer = Object::new();
    let err = world.act(line, &mut answer).err().unwrap_or_default();
    answer.remove("freed"); // of a scenario only
    answer.insert("calls".into(), take_calls());
    match line["op"].text() {
        "fail" | "fail_alloc" => history.forget(number),
        op => {
            if op != "list" && op != "state" {
                answer.insert("err".into(), errno(&err));
            }
            history.end(number, answer);
        }
    }
    !err.is_empty()
}

/// Runs cleanups until it is stopped.
fn worker<P: Port>(port: &P, history: &History) {
    while port.wait() {
        enter(WORKER);
        let number = history.begin(WORKER, object([("op", "cleanup".into())]));
        let round = port.work();
        let freed = round.iter().filter(|done| done.freed);
        let answer =
            object([("nets", nets(&round)), ("freed", nets(freed)), ("calls", take_calls())]);
        if round.is_empty() {
            history.forget(number);
        } else {
            history.end(number, answer);
        }
        leave(WORKER);
    }
}
