// SPDX-License-Identifier: MIT

//! Threads that run as they like. Built with shuttle, the crate has shuttle.rs in place of this.

use crate::json::{object, Json, Object};
use std::time::{Duration, Instant};
pub use std::{sync::mpsc, sync::Barrier, thread, thread_local};

/// Whether [`together`] follows a schedule.
pub const FOLLOW_SCHEDULES: bool = false;

/// Runs `f` where the registry works.
pub fn alone<T>(f: impl FnOnce() -> T) -> T {
    f()
}

/// Runs a whole program, and returns what the end of its answer says.
pub fn together(_schedule: &Json, program: impl Fn()) -> Object {
    program();
    object([("err", "".into())])
}

/// Blocks until one more thread has ended, and reports whether it has before the deadline.
pub fn ends(all: &mpsc::Receiver<()>, deadline: Instant) -> bool {
    all.recv_timeout(deadline.saturating_duration_since(Instant::now())).is_ok()
}

/// A client begins.
pub fn enter(_client: i64) {}

/// A client has ended.
pub fn leave(_client: i64) {}

/// The hook of a port: call it directly before each step that another thread can see, with the name
/// of the step in `docs/correspondence.md`. Without shuttle it does nothing.
pub fn step(_name: &'static str) {}

/// Sleeps, or yields if the microseconds are 1.
pub fn pause(us: i64) {
    match us {
        1 => thread::yield_now(),
        2.. => thread::sleep(Duration::from_micros(us as u64)),
        _ => {}
    }
}
