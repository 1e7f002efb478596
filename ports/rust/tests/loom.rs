// SPDX-License-Identifier: MIT

//! Pairs of calls with the worker beside them under loom, which explores the orders of all locks
//! and atomics up to `LOOM_MAX_PREEMPTIONS` (2 by default) switches away from a thread that could
//! go on. What needs more switches than that is not seen.

#![cfg(all(feature = "loom", not(feature = "shuttle")))]

#[path = "common/check.rs"]
mod check;

use check::{World, CALLS};
use loom::thread;
use pernet::Registry;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::time::Instant;

fn pair(first: &str, second: &str) {
    let call = |name| CALLS.iter().find(|(other, _)| *other == name).expect("a call").1;
    let calls = [call(first), call(second)];
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(2));
    let bound = builder.preemption_bound;
    let (begin, runs) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&runs);
    builder.check(move || {
        counter.fetch_add(1, SeqCst);
        execute(calls);
    });
    let (runs, seconds) = (runs.load(SeqCst), begin.elapsed().as_secs_f64());
    println!("{first} | {second}: {runs} executions in {seconds:.1} s, bound {bound:?}");
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

#[test]
fn register_and_copy() {
    pair("register b", "copy");
}

#[test]
fn unregister_and_put() {
    pair("unregister a", "put n1 twice");
}

#[test]
fn two_registers() {
    pair("register b", "register e");
}

#[test]
fn failing_copy_and_register() {
    pair("failing copy", "register e");
}

#[test]
fn copy_from_a_net_and_its_last_put() {
    pair("copy from n1", "put n1 twice");
}

#[test]
fn get_and_last_put() {
    pair("get and put n1", "put n1 twice");
}

#[test]
fn hold_and_last_put() {
    pair("hold n1", "put n1 twice");
}

#[test]
fn two_last_puts() {
    pair("put n1", "put n1");
}
