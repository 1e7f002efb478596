// SPDX-License-Identifier: MIT

//! What clients register, the list of it, and how its callbacks are called.

use crate::{Error, Net};
use std::any::Any;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::Arc;

/// What an init may return.
pub type InitError = Box<dyn std::error::Error + Send + Sync>;

/// The callbacks that a part of a program wants run for each net: `struct pernet_operations`.
///
/// Callbacks run with the registry locked: one at a time or, in [`crate::rwsem::Registry`], one at
/// a time on each net. They may clone, drop and get
/// references on nets, defer callbacks and list the nets. Any other call on the same registry
/// deadlocks or panics, as a second lock of a [`std::sync::Mutex`] does.
pub trait Ops: Send + Sync {
    /// The name, for messages.
    fn name(&self) -> &str;

    /// Runs once for each net: when the net is made or, for the nets that are listed, when the
    /// ops are registered. An error undoes the call that ran it.
    ///
    /// # Errors
    /// Whatever the ops want to report. The default does nothing and succeeds.
    fn init(&self, net: &Net) -> Result<(), InitError> {
        let _ = net;
        Ok(())
    }

    /// Undoes [`Ops::init`]. The default does nothing.
    fn exit(&self, net: &Net) {
        let _ = net;
    }

    /// Further callbacks, which only [`crate::rwsem::Registry`] runs. The default has none.
    fn undo(&self) -> Option<&dyn Undo> {
        None
    }
}

/// What [`crate::rwsem::Registry`] runs around the exits of an undo.
pub trait Undo {
    /// Runs before a grace period and [`Ops::exit`].
    fn pre_exit(&self, net: &Net) {
        let _ = net;
    }

    /// Runs with the registry's rtnl held, between the grace period and [`Ops::exit`].
    fn exit_rtnl(&self, net: &Net) {
        let _ = net;
    }

    /// Runs once after [`Ops::exit`] has run on all of `nets`.
    fn exit_batch(&self, nets: &[Net]) {
        let _ = nets;
    }
}

/// As what ops are registered: subsystems come before devices in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Inserted before the first device (`register_pernet_subsys`).
    Subsys,
    /// Inserted at the end (`register_pernet_device`).
    Device,
}

/// `pernet_list` [R01] [W01]. The first device [R02] [W02] is not stored: it is where the first one is.
#[derive(Clone, Default)]
pub struct OpsList(pub Vec<(Kind, Arc<dyn Ops>)>);

impl OpsList {
    pub fn first_device(&self) -> usize {
        let first = self.0.iter().position(|(kind, _)| *kind == Kind::Device);
        first.unwrap_or(self.0.len())
    }

    pub fn place_for(&self, kind: Kind) -> usize {
        match kind {
            Kind::Subsys => self.first_device(),
            Kind::Device => self.0.len(),
        }
    }

    pub fn find(&self, ops: &Arc<dyn Ops>) -> Option<usize> {
        self.0.iter().position(|(_, o)| Arc::ptr_eq(o, ops))
    }
}

/// Runs the callbacks of one call. A panic of an init is a failure, one of an exit does not stop
/// the call: [`Calls::end`] goes on with the first panic when the locks are dropped.
#[derive(Default)]
pub struct Calls {
    panic: Option<Box<dyn Any + Send>>,
}

impl Calls {
    pub fn init(&mut self, ops: &Arc<dyn Ops>, net: &Net) -> Result<(), Error> {
        let result = self.catch(|| ops.init(net));
        let source = match result {
            Some(Ok(())) => return Ok(()),
            Some(Err(source)) => source,
            None => "the init panicked".into(),
        };
        let name = self.catch(|| ops.name().to_string()).unwrap_or_default();
        Err(Error::Init { ops: name, net: net.name().to_string(), source })
    }

    pub fn exit(&mut self, ops: &Arc<dyn Ops>, net: &Net) {
        self.catch(|| ops.exit(net));
    }

    pub fn catch<T>(&mut self, callback: impl FnOnce() -> T) -> Option<T> {
        match catch_unwind(AssertUnwindSafe(callback)) {
            Ok(result) => Some(result),
            Err(panic) => {
                self.panic.get_or_insert(panic);
                None
            }
        }
    }

    pub fn end(self) {
        if let Some(panic) = self.panic {
            resume_unwind(panic);
        }
    }
}
