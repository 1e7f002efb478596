// SPDX-License-Identifier: MIT

//! The protocol of `docs/formats.md`, for the adapter of any port in Rust.
//!
//! A port implements [`Port`], and the `main` of its adapter returns `serve::<MyPort>()`.
//! `examples/adapter.rs` in `ports/rust` is the template. `pernet conform` says what is missing.
//!
//! This crate reads the lines, keeps the names of ops and nets, makes inits fail, records the
//! callbacks, and runs programs on threads. It refuses unknown nets (ENOENT), names in use (EEXIST)
//! and lines that need a feature that is not claimed (ENOTSUP). Such a line does not reach the
//! port, so what a port itself does with a wrong name is not tested.
//!
//! With the feature `shuttle`, programs follow schedules. The port must then use the locks and
//! atomics of shuttle, and call [`step`].

mod history;
mod json;
mod names;
mod ops;
mod program;
mod serve;
#[cfg_attr(feature = "shuttle", path = "shuttle.rs")]
mod threads;
mod vectors;

pub use ops::{Deferred, Ops};
pub use serve::serve;
pub use threads::step;
pub use vectors::vectors;

/// Why a call or an init failed: the name of an errno, such as `EEXIST`, or the digits of a
/// positive number (feature `positive-init`).
pub type Errno = String;

/// As what ops are registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Inserted before the first device.
    Subsys,
    /// Inserted at the end.
    Device,
}

/// The lists of a registry, by names.
#[derive(Clone, Debug)]
pub struct State {
    /// The ops in list order.
    pub pernet_list: Vec<String>,
    /// The first of them that is a device.
    pub first_device: Option<String>,
    /// The nets in list order.
    pub nets: Vec<String>,
}

/// What the worker did to a net.
#[derive(Clone, Debug)]
pub struct Cleanup {
    /// Its name.
    pub net: String,
    /// False if its use count kept it.
    pub freed: bool,
}

/// A registry of the port, which many threads call.
///
/// A call may block, and returns after its last callback. It must not read or lock anything that
/// another call may change before the port's first step does, and must not hold a lock of the
/// adapter while it calls the port. A drop may run callbacks; they are not recorded.
///
/// Each method says which errors it returns. A method with a default body is for the feature that
/// it names.
pub trait Port: Send + Sync + Sized + 'static {
    /// The name of the port, for reports.
    const NAME: &'static str;
    /// `mutex` or `rwsem`.
    const DISCIPLINE: &'static str;
    /// Those of `misuse`, `positive-init`, `no-callback`, `use-count`, `fail-alloc`, `newnet`,
    /// `defer` and `run` that the port has. `steps` is added in a build with shuttle.
    const FEATURES: &'static [&'static str];

    /// Ops as the port registers them, such as an `Arc`: all lines about one ops pass the same.
    type Ops: Send + Sync;

    /// A handle of a net, which must remain valid when the net is freed. In a port whose references
    /// are values, the handle keeps those that `get` and `copy` took, and `put` drops one.
    type Net: Send + Sync;

    /// Makes a registry whose cleanups run in [`Port::work`] and nowhere else. Returns its
    /// `init_net` too, which has one reference.
    fn new() -> (Self, Self::Net);

    /// Makes ops of which each callback calls the one of `ops` with the name of the net. Registers
    /// nothing.
    fn ops(&self, ops: Ops) -> Self::Ops;

    /// Registers ops. EEXIST: they are registered, as either kind. Else what an init returned.
    fn register(&self, kind: Kind, ops: &Self::Ops) -> Result<(), Errno>;

    /// Unregisters ops. ENOENT: they are not registered. EINVAL: they are of the other kind.
    fn unregister(&self, kind: Kind, ops: &Self::Ops) -> Result<(), Errno>;

    /// Makes a net with one reference. ENOENT: the count of `from` is zero. Else what
    /// [`Port::fail_alloc`] armed, or what an init returned.
    fn copy(&self, from: &Self::Net, name: &str) -> Result<Self::Net, Errno>;

    /// Takes a reference. ENOENT: the count is zero.
    fn get(&self, net: &Self::Net) -> Result<(), Errno>;

    /// Puts a reference. EINVAL, with `misuse`: the count is zero, or the reference is the last one
    /// of `init_net`.
    fn put(&self, net: &Self::Net) -> Result<(), Errno>;

    /// Runs one round of the worker: the oldest cleanup or, with `rwsem`, all that are queued.
    /// Returns its nets, or nothing if none was queued.
    fn work(&self) -> Vec<Cleanup>;

    /// Returns the lists as one snapshot, under the registry's lock.
    fn state(&self) -> State;

    /// Returns the names of the listed nets, as a reader sees them that does not take that lock.
    fn list(&self) -> Vec<String> {
        self.state().nets
    }

    /// `run`: blocks until a net is queued. Returns false if none is and `stop` was called.
    fn wait(&self) -> bool {
        false
    }

    /// `run`: lets [`Port::wait`] return false as soon as no net is queued.
    fn stop(&self) {}

    /// `newnet`: the copy that makes no net but takes a reference. ENOENT: the count is zero.
    fn share(&self, from: &Self::Net) -> Result<(), Errno> {
        self.get(from)
    }

    /// `use-count`: takes a use. ENOENT: the net is freed or, with `rwsem`, its count is zero.
    fn hold(&self, _net: &Self::Net) -> Result<(), Errno> {
        Err("ENOTSUP".into())
    }

    /// `use-count`: gives a use back, and returns whether that freed the net, which only `rwsem`
    /// does. EINVAL, with `misuse`: the use count is zero.
    fn release(&self, _net: &Self::Net) -> Result<bool, Errno> {
        Err("ENOTSUP".into())
    }

    /// `fail-alloc`: makes the next allocation of a net fail with `err`.
    fn fail_alloc(&self, _err: Errno) {}

    /// `defer`: waits for the deferred callbacks that are pending.
    fn barrier(&self) {}

    /// `defer`: runs the deferred callbacks that are pending. In a scenario they run here and in
    /// the calls that wait for them, on the thread of that call.
    fn run_deferred(&self) {}
}
