// SPDX-License-Identifier: MIT

//! The callbacks of ops: they record that they run, and fail when they are told to.

use crate::history::{called, held};
use crate::json::Json;
use crate::Errno;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

/// What the next inits of an ops on a net return.
pub type Armed = Arc<Mutex<HashMap<(String, String), VecDeque<Errno>>>>;

/// A callback that an exit defers.
pub type Deferred = Box<dyn FnOnce() + Send>;

/// The callbacks of one ops, which the ops of the port call with the name of the net. They must run
/// on the thread of the call that they belong to.
pub struct Ops {
    /// The name of the ops.
    pub name: String,
    /// False if the ops has no init. A port in which an ops may lack one must then give it none.
    pub has_init: bool,
    /// False if the ops has no exit, likewise.
    pub has_exit: bool,
    defers: bool,
    armed: Armed,
}

impl Ops {
    pub(crate) fn new(line: &Json, armed: &Armed) -> Ops {
        let [has_init, has_exit, defers] = asked(line);
        let (name, armed) = (line["ops"].text().to_string(), Arc::clone(armed));
        Ops { name, has_init, has_exit, defers, armed }
    }

    /// Records an init, and returns what the init must return.
    pub fn init(&self, net: &str) -> Result<(), Errno> {
        if !self.has_init {
            return Ok(());
        }
        called("init", &self.name, net);
        let key = (self.name.clone(), net.to_string());
        let err = held(&self.armed).get_mut(&key).and_then(VecDeque::pop_front);
        err.map_or(Ok(()), Err)
    }

    /// Records an exit. The callback that it may return must be deferred on the net; without the
    /// feature `defer` there is none.
    pub fn exit(&self, net: &str) -> Option<Deferred> {
        if !self.has_exit {
            return None;
        }
        called("exit", &self.name, net);
        let (ops, net) = (self.name.clone(), net.to_string());
        let deferred = move || called("deferred", &ops, &net);
        self.defers.then(|| Box::new(deferred) as Deferred)
    }
}

/// What a line asks of ops: an init, an exit, and an exit that defers.
pub fn asked(line: &Json) -> [bool; 3] {
    let is = |field, value| line[field] == Json::Bool(value);
    [!is("init", false), !is("exit", false), is("defer", true)]
}
