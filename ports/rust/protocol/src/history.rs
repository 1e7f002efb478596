// SPDX-License-Identifier: MIT

//! What is recorded: the callbacks of each call, and the operations of a program.

use crate::json::{object, Json, Object};
use crate::threads::{self, thread_local};
use std::cell::RefCell;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex of the adapter. It must not be held where the registry is called: under shuttle
/// another task may run there, and would wait for ever.
pub fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    /// The callbacks that this thread has run in its call.
    static CALLS: RefCell<Vec<Json>> = const { RefCell::new(Vec::new()) };
}

/// The microseconds that each callback of a program sleeps. It yields if they are 1. In a
/// scenario, where callbacks have no times, they are -1.
pub static PAUSE: AtomicI64 = AtomicI64::new(-1);
static CLOCK: AtomicI64 = AtomicI64::new(0);

pub fn tick() -> Json {
    Json::Number(CLOCK.fetch_add(1, SeqCst))
}

/// Records a callback.
pub fn called(callback: &str, ops: &str, net: &str) {
    let (pause, begin) = (PAUSE.load(SeqCst), tick());
    threads::pause(pause);
    let mut call: Vec<Json> = vec![callback.into(), ops.into(), net.into()];
    if pause >= 0 {
        call.extend([begin, tick()]);
    }
    CALLS.with(|calls| calls.borrow_mut().push(Json::List(call)));
}

/// Takes the callbacks of the call. Later ones are not of this call.
pub fn take_calls() -> Json {
    Json::List(CALLS.with(RefCell::take))
}

/// The operations of a program. One that has not returned has null for `return`.
#[derive(Default)]
pub struct History(Mutex<Vec<Object>>);

impl History {
    /// An operation begins. The result is its number.
    pub fn begin(&self, client: i64, asked: Object) -> usize {
        let mut operation = asked;
        operation.extend(object([("client", Json::Number(client)), ("return", Json::Null)]));
        operation.insert("call".into(), tick());
        let mut operations = held(&self.0);
        operations.push(operation);
        operations.len() - 1
    }

    /// The operation has returned.
    pub fn end(&self, number: usize, answer: Object) {
        let operation = &mut held(&self.0)[number];
        operation.extend(answer);
        operation.insert("return".into(), tick());
    }

    /// The operation was none.
    pub fn forget(&self, number: usize) {
        held(&self.0)[number].clear();
    }

    pub fn take(&self) -> Vec<Json> {
        let operations = std::mem::take(&mut *held(&self.0));
        operations.into_iter().filter(|line| !line.is_empty()).map(Json::Object).collect()
    }
}
