// SPDX-License-Identifier: MIT

//! What other threads do: the queue of cleanups, and deferred callbacks.

use crate::sync::{lock, step, thread, wait, Condvar, Mutex};
use crate::Net;
use std::collections::VecDeque;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

pub type Callback = Box<dyn FnOnce() + Send>;

pub struct Queues {
    work: Mutex<Work>, // [R08] [W10] [W11]
    queued: Condvar,
    deferred: Mutex<Deferred>, // [R09] [W13]
    to_free: Mutex<Vec<Net>>,  // [W12] nets that the next round frees
}

#[derive(Default)]
struct Work {
    nets: VecDeque<Net>, // put down, oldest first
    closed: bool,        // the registry goes, or the worker is stopped
}

#[derive(Default)]
struct Deferred {
    callbacks: VecDeque<Callback>,
    running: bool, // a thread runs them; it ends when none is left
    held: bool,    // they wait for whoever needs them, and there is no thread
}

impl Queues {
    pub fn new() -> Arc<Queues> {
        Arc::new(Queues {
            work: Mutex::new(Work::default()),
            queued: Condvar::new(),
            deferred: Mutex::new(Deferred::default()),
            to_free: Mutex::new(Vec::new()),
        })
    }

    /// Queues the cleanup of a net (`__put_net`).
    pub fn queue(&self, net: Net) {
        lock(&self.work).nets.push_back(net);
        self.queued.notify_all();
    }

    /// Blocks until a net is queued, and returns false if none is and the queue is closed.
    pub fn await_work(&self) -> bool {
        let mut work = lock(&self.work);
        while work.nets.is_empty() && !work.closed {
            work = wait(&self.queued, work);
        }
        !work.nets.is_empty()
    }

    pub fn is_empty(&self) -> bool {
        lock(&self.work).nets.is_empty()
    }

    /// Takes the net that was queued first.
    pub fn take(&self) -> Option<Net> {
        lock(&self.work).nets.pop_front()
    }

    /// Takes all nets that are queued, newest first.
    pub fn take_all(&self) -> Vec<Net> {
        lock(&self.work).nets.drain(..).rev().collect()
    }

    /// Leaves a net to the next round (`defer_free_list`).
    pub fn free_later(&self, net: Net) {
        lock(&self.to_free).push(net);
    }

    pub fn take_to_free(&self) -> Vec<Net> {
        std::mem::take(&mut *lock(&self.to_free))
    }

    pub fn close(&self) {
        lock(&self.work).closed = true;
        self.queued.notify_all();
    }

    /// Runs `callback` later (`call_rcu`).
    pub fn defer(self: &Arc<Self>, callback: Callback) {
        let mut deferred = lock(&self.deferred);
        deferred.callbacks.push_back(callback);
        if !deferred.running && !deferred.held {
            deferred.running = true;
            let queues = Arc::clone(self);
            thread::spawn(move || queues.run_deferred());
        }
    }

    /// Holds the callbacks that are deferred from now on.
    pub fn hold_deferred(&self) {
        lock(&self.deferred).held = true;
    }

    pub fn run_deferred(&self) {
        while let Some(callback) = self.next_deferred() {
            step("DeferredRun"); // [R80]
            let _ = catch_unwind(AssertUnwindSafe(callback)); // the panic hook has reported it
        }
    }

    fn next_deferred(&self) -> Option<Callback> {
        let mut deferred = lock(&self.deferred);
        let next = deferred.callbacks.pop_front();
        deferred.running = next.is_some();
        next
    }

    /// Waits until the callbacks that are pending at its begin have run (`rcu_barrier`). They run
    /// in their order, so it is enough to wait for one that it puts behind them.
    pub fn barrier(&self, begin: &'static str, end: &'static str) {
        step(begin); // [R36] [R65] [R71]
        let done = Arc::new((Mutex::new(false), Condvar::new()));
        let mut deferred = lock(&self.deferred);
        let held = deferred.held;
        if deferred.running || !deferred.callbacks.is_empty() {
            let theirs = Arc::clone(&done);
            deferred.callbacks.push_back(Box::new(move || {
                *lock(&theirs.0) = true;
                theirs.1.notify_all();
            }));
        } else {
            *lock(&done.0) = true;
        }
        drop(deferred);
        step(end); // [R36] [R65] [R71]
        if held {
            self.run_deferred();
        }
        let mut is_done = lock(&done.0);
        while !*is_done {
            is_done = wait(&done.1, is_done);
        }
    }
}
