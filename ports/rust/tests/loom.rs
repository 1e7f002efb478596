// SPDX-License-Identifier: MIT

//! Pairs of calls with the worker beside them under loom, which explores the orders of all locks
//! and atomics up to `LOOM_MAX_PREEMPTIONS` (3 by default) switches away from a thread that could
//! go on. What needs more switches than that is not seen.

#![cfg(all(feature = "loom", not(feature = "shuttle")))]

#[path = "common/check.rs"]
mod check;

use check::{Registry, World, CALLS};
use loom::thread;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::time::Instant;

#[test]
fn every_pair_of_calls_keeps_the_invariants() {
    let (begin, mut total) = (Instant::now(), 0);
    for (at, first) in CALLS.iter().enumerate() {
        for second in &CALLS[at..] {
            let runs = explore([first.1, second.1]);
            println!("{} | {}: {runs} executions", first.0, second.0);
            total += runs;
        }
    }
    println!("loom: {total} executions in {:.1} s", begin.elapsed().as_secs_f64());
}

fn explore(calls: [fn(&World); 2]) -> usize {
    let runs = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&runs);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(3));
    builder.check(move || {
        counter.fetch_add(1, SeqCst);
        execute(calls);
    });
    runs.load(SeqCst)
}

/// Runs two clients with one call each, one of them on this thread, and the worker.
fn execute(calls: [fn(&World); 2]) {
    let (registry, worker) = Registry::with_worker();
    let world = Arc::new(World::new(registry, || {}));
    let worker = Arc::new(worker);
    let theirs = Arc::clone(&worker);
    let works = thread::spawn(move || {
        while theirs.wait() {
            theirs.work();
        }
    });
    let other = Arc::clone(&world);
    let client = thread::spawn(move || calls[0](&other));
    calls[1](&world);
    client.join().unwrap();
    worker.stop();
    works.join().unwrap();
    Arc::into_inner(world).expect("the client has ended").end();
}
