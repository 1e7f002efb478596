// SPDX-License-Identifier: MIT

//! Explores the interleavings of every pair of calls with the worker beside them: all that the
//! named steps have, depth first, and those that shuttle finds at its own finer points.

#![cfg(feature = "shuttle")]

#[path = "common/check.rs"]
mod check;

use check::{Registry, World, CALLS};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Schedule, Scheduler, Task, TaskId};
use shuttle::{thread, Config, Runner};
use std::collections::BTreeSet;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The tasks that are before a named step. All tasks run on one thread of the system.
static STAND: Mutex<BTreeSet<TaskId>> = Mutex::new(BTreeSet::new());

fn stand(_step: &'static str) {
    let me = shuttle::current::me();
    STAND.lock().unwrap().insert(me);
    thread::yield_now();
    STAND.lock().unwrap().remove(&me);
}

/// Depth first over the named steps: inside a step, and up to its first one, a task goes on.
#[derive(Default)]
struct Steps {
    choices: Vec<(usize, usize)>, // taken, of how many
    depth: usize,
    runs: usize,
    limit: usize,
}

impl Scheduler for Steps {
    fn new_execution(&mut self) -> Option<Schedule> {
        while let Some((taken, of)) = self.choices.pop() {
            if taken + 1 < of {
                self.choices.push((taken + 1, of));
                break;
            }
        }
        if self.runs == self.limit || (self.runs > 0 && self.choices.is_empty()) {
            return None;
        }
        self.runs += 1;
        self.depth = 0;
        STAND.lock().unwrap().clear();
        Some(Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        _: bool,
    ) -> Option<TaskId> {
        let stand = STAND.lock().unwrap();
        let inside = |task: &TaskId| {
            !stand.contains(task) && runnable.iter().any(|other| other.id() == *task)
        };
        let going = current.into_iter().chain(runnable.iter().map(|task| task.id())).find(inside);
        if going.is_some() {
            return going;
        }
        if self.depth == self.choices.len() {
            self.choices.push((0, runnable.len()));
        }
        let (taken, _) = self.choices[self.depth];
        self.depth += 1;
        Some(runnable[taken].id())
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}

/// Runs two clients with one call each, and the worker.
fn execute(calls: [fn(&World); 2]) {
    let (registry, worker) = Registry::with_worker();
    let world = Arc::new(World::new(registry, thread::yield_now));
    let worker = Arc::new(worker);
    let theirs = Arc::clone(&worker);
    let works = thread::spawn(move || {
        while theirs.wait() {
            theirs.work();
        }
    });
    let clients = calls.map(|call| {
        let world = Arc::clone(&world);
        thread::spawn(move || call(&world))
    });
    for client in clients {
        client.join().unwrap();
    }
    worker.stop();
    works.join().unwrap();
    Arc::into_inner(world).expect("the clients have ended").end();
}

/// Explores every pair. A failure says after how many interleavings it came.
fn explore<S: Scheduler + 'static>(name: &str, limit: usize, scheduler: impl Fn(u64) -> S) {
    pernet::on_step(stand);
    let (begin, mut total, mut pairs) = (Instant::now(), 0, Vec::new());
    for (at, first) in CALLS.iter().enumerate() {
        for second in &CALLS[at..] {
            let pair = format!("{} | {}", first.0, second.0);
            let runs = Arc::new(AtomicUsize::new(0));
            let (counter, calls) = (Arc::clone(&runs), [first.1, second.1]);
            let runner = Runner::new(scheduler(total as u64), Config::new());
            let result = catch_unwind(AssertUnwindSafe(|| {
                runner.run(move || {
                    counter.fetch_add(1, SeqCst);
                    execute(calls);
                })
            }));
            let runs = runs.load(SeqCst);
            total += runs;
            assert!(result.is_ok(), "{name}, {pair}: failed after {total} interleavings");
            pairs.push((runs, pair));
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let most = pairs.iter().max().expect("a pair");
    let whole = pairs.iter().filter(|(runs, _)| *runs < limit).count();
    let of = pairs.len();
    println!("{name}: {total} interleavings in {seconds:.1} s, {whole} of {of} pairs ended before {limit}, most {most:?}");
}

/// How many interleavings of a pair, by the variable or the default.
fn limit(default: usize) -> usize {
    std::env::var("PERNET_INTERLEAVINGS").map_or(default, |text| text.parse().expect("a number"))
}

// One test, since the tasks that wait are known to one execution at a time.
#[test]
fn every_pair_of_calls_keeps_the_invariants() {
    explore("random", limit(300), |seed| RandomScheduler::new_from_seed(seed, limit(300)));
    explore("pct", limit(300), |seed| PctScheduler::new_from_seed(seed, 3, limit(300)));
    explore("steps", limit(20_000), |_| Steps { limit: limit(20_000), ..Steps::default() });
}
