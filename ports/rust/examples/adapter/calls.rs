// SPDX-License-Identifier: MIT

//! The callbacks that a thread runs, and the clock.

use crate::json::Json;
#[cfg(feature = "shuttle")]
use shuttle::thread_local;
use std::cell::RefCell;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

thread_local! {
    /// Those that this thread has run in its call.
    static CALLS: RefCell<Vec<Json>> = const { RefCell::new(Vec::new()) };
}

/// The microseconds that each callback of a program sleeps. It yields if they are 1. In a
/// scenario, where callbacks have no times, they are -1.
pub static PAUSE: AtomicI64 = AtomicI64::new(-1);
static CLOCK: AtomicI64 = AtomicI64::new(0);

pub fn tick() -> i64 {
    CLOCK.fetch_add(1, SeqCst)
}

/// Notes a callback.
pub fn called(callback: &str, ops: &str, net: &str) {
    let (pause, begin) = (PAUSE.load(SeqCst), tick());
    #[cfg(not(feature = "shuttle"))]
    match pause {
        ..=0 => {}
        1 => std::thread::yield_now(),
        us => std::thread::sleep(std::time::Duration::from_micros(us as u64)),
    }
    let mut call: Vec<Json> = vec![callback.into(), ops.into(), net.into()];
    if pause >= 0 {
        call.extend([Json::Number(begin), Json::Number(tick())]);
    }
    CALLS.with(|calls| calls.borrow_mut().push(Json::List(call)));
}

/// Takes the callbacks of the call. Later ones are not of this call.
pub fn take_calls() -> Json {
    Json::List(CALLS.with(RefCell::take))
}
