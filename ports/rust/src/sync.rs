// SPDX-License-Identifier: MIT

//! The locks, atomics and threads of the crate: those of the standard library or, by a feature,
//! of a tool that explores interleavings. `step` is the tool's hook.

#[cfg(all(feature = "loom", not(feature = "shuttle")))]
pub use loom::{sync, sync::atomic, thread};
#[cfg(feature = "shuttle")]
pub use shuttle::{sync, sync::atomic, thread};
#[cfg(not(any(feature = "shuttle", feature = "loom")))]
pub use std::{sync, sync::atomic, thread};

use std::sync::PoisonError;
pub use sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Takes the lock. A poisoned one is as good as any: callbacks are caught when they panic, and
/// nothing else panics with a lock held.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the lock to read, as [`lock`] locks.
pub fn read<T>(rwlock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    rwlock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the lock to write, as [`lock`] locks.
pub fn write<T>(rwlock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    rwlock.write().unwrap_or_else(PoisonError::into_inner)
}

/// Waits on the condition variable, as [`lock`] locks.
pub fn wait<'a, T>(changed: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    changed.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

#[cfg(feature = "shuttle")]
static HOOK: std::sync::OnceLock<fn(&'static str)> = std::sync::OnceLock::new();

/// Calls `hook` before each named step from now on. The names are the actions of
/// `spec/netns.tla`, without the outcome.
#[cfg(feature = "shuttle")]
pub fn on_step(hook: fn(&'static str)) {
    HOOK.get_or_init(|| hook);
}

/// Comes before the step `name`. Empty in a normal build.
#[inline]
pub fn step(name: &'static str) {
    #[cfg(feature = "shuttle")]
    if let Some(hook) = HOOK.get() {
        hook(name);
    }
    let _ = name;
}
