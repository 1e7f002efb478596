// SPDX-License-Identifier: MIT

//! The registry under one mutex, as the kernel had it in 2009.

use crate::lists::{Lists, Shared};
use crate::ops::{Calls, Kind, Ops, OpsList};
use crate::sync::{lock, step, thread, Mutex};
use crate::work::Queues;
use crate::worker::Worker;
use crate::{Error, Net, NetRef};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

/// Keeps ops and nets together: for each listed net and each registered ops, init has run and
/// exit has not.
///
/// All methods may be called by any number of threads. Those that take the registry's lock block
/// while other calls hold it and while callbacks run.
///
/// A drop drains the registry. It runs the cleanups that are queued and takes down the nets that
/// are left, newest first. References that are left do nothing from then on. It blocks until all
/// exits and all deferred callbacks have returned.
pub struct Registry {
    shared: Arc<Shared>,
    init_net: NetRef,
    worker: Option<thread::JoinHandle<()>>,
}

/// The lists at one moment.
pub struct Snapshot {
    /// In list order: subsystems, then devices.
    pub ops: Vec<(Kind, Arc<dyn Ops>)>,
    /// In list order.
    pub nets: Vec<Net>,
}

impl Registry {
    /// Makes a registry with its first net and a thread for the cleanups.
    ///
    /// # Panics
    /// If the operating system fails to create a thread.
    #[must_use]
    pub fn new() -> Registry {
        let (mut registry, worker) = Registry::with_worker();
        registry.worker = Some(thread::spawn(move || {
            while worker.wait() {
                // The panic hook has reported a panic of an exit; the other cleanups go on.
                let _ = catch_unwind(AssertUnwindSafe(|| worker.work()));
            }
        }));
        registry
    }

    /// Makes a registry whose cleanups the caller runs.
    #[must_use]
    pub fn with_worker() -> (Registry, Worker) {
        let queues = Queues::new();
        let init_net = Net::new("init_net", &queues);
        let lists = Lists { ops: OpsList::default(), nets: vec![init_net.clone()] };
        let shared = Arc::new(Shared {
            rtnl: Mutex::new(lists.nets.clone()),
            net_mutex: Mutex::new(lists),
            queues,
        });
        let worker = Worker(Arc::clone(&shared));
        (Registry { shared, init_net: NetRef(init_net), worker: None }, worker)
    }

    /// The first net. The registry keeps a reference on it.
    #[must_use]
    pub fn init_net(&self) -> &NetRef {
        &self.init_net
    }

    /// Registers ops (`register_pernet_subsys`, `register_pernet_device`): inserts them in the
    /// list and runs their init on every listed net, in list order.
    ///
    /// # Errors
    /// [`Error::Exists`] if they are registered, as either kind; [`Error::Init`] if an init
    /// failed. The ops are not registered then, and their exit has run, in list order, on the
    /// nets before the one that failed.
    ///
    /// # Panics
    /// Goes on with the panic of a callback when the call is undone.
    pub fn register(&self, kind: Kind, ops: &Arc<dyn Ops>) -> Result<(), Error> {
        let mut calls = Calls::default();
        step("RegisterLock"); // [R10]
        let mut lists = lock(&self.shared.net_mutex);
        let result = lists.register(kind, ops, &mut calls);
        step("RegisterUnlock"); // [R11] [R16] [R17]
        drop(lists);
        calls.end();
        result
    }

    /// Unregisters ops (`unregister_pernet_subsys`, `unregister_pernet_device`): takes them off
    /// the list and runs their exit on every listed net, in list order. When it returns, no
    /// callback of these ops runs or will run; what their exits deferred may still run.
    ///
    /// # Errors
    /// [`Error::NotFound`] if they are not registered, [`Error::WrongKind`] if they are
    /// registered as the other kind. Nothing has changed then.
    ///
    /// # Panics
    /// Goes on with the panic of an exit when the ops are unregistered.
    pub fn unregister(&self, kind: Kind, ops: &Arc<dyn Ops>) -> Result<(), Error> {
        let mut calls = Calls::default();
        step("UnregisterLock"); // [R20]
        let mut lists = lock(&self.shared.net_mutex);
        let result = lists.unregister(kind, ops, &mut calls);
        step("UnregisterUnlock"); // [R21] [R24]
        drop(lists);
        calls.end();
        result
    }

    /// Makes a net (`copy_net_ns`): runs the inits of all ops on it in list order, then lists it.
    /// The call holds a reference on `from` until its end.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the count of `from` is zero; [`Error::Init`] if an init failed. The
    /// exits of the ops before it have run then, last first, and the net is freed.
    ///
    /// # Panics
    /// Goes on with the panic of a callback when the call is undone.
    pub fn copy(&self, from: &Net, name: &str) -> Result<NetRef, Error> {
        let shared = &self.shared;
        step("CopyNetNsGet"); // [R30]
        if !from.raise() {
            return Err(Error::NotFound);
        }
        step("CopyNetNsAlloc"); // [R32]
        let net = Net::new(name, &shared.queues);
        let mut calls = Calls::default();
        step("CopyNetNsLock"); // [R33]
        let mut lists = lock(&shared.net_mutex);
        let result = lists.set_up(&net, &mut calls, &shared.queues);
        if result.is_ok() {
            shared.list(&mut lists, &net);
        }
        step("CopyNetNsUnlock"); // [R37] [R40]
        drop(lists);
        step("CopyNetNsPut"); // [R44]
        from.put("CopyNetNsQueue"); // [R45]
        if result.is_err() {
            step("CopyNetNsFree"); // [R46]
            net.free();
        }
        calls.end();
        result.map(|()| NetRef(net))
    }

    /// The listed nets in list order, as `for_each_net` sees them. A net whose count is zero is
    /// among them until its cleanup. It never blocks on a callback.
    #[must_use]
    pub fn nets(&self) -> Vec<Net> {
        step("ListNetsLock"); // [R70]
        let nets = lock(&self.shared.rtnl);
        step("ListNetsRead"); // [R70]
        nets.clone()
    }

    /// The lists at a moment when no call is half done.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let lists = lock(&self.shared.net_mutex);
        Snapshot { ops: lists.ops.0.clone(), nets: lists.nets.clone() }
    }

    /// Waits until the deferred callbacks that are pending now have returned (`rcu_barrier`). A
    /// deferred callback that calls it deadlocks.
    pub fn barrier(&self) {
        self.shared.queues.barrier("RcuBarrier", "RcuBarrierEnd"); // [R71]
    }
}

impl Default for Registry {
    fn default() -> Registry {
        Registry::new()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.shared.queues.close();
        if let Some(worker) = self.worker.take() {
            let _ = worker.join(); // it never panics
        }
        let mut calls = Calls::default();
        while self.shared.cleanup(&mut calls).is_some() {}
        let mut lists = lock(&self.shared.net_mutex);
        let mut ended = Vec::new();
        while let Some(net) = lists.nets.last().cloned() {
            net.end();
            self.shared.end_net(&mut lists, &net, &mut calls);
            ended.push(net);
        }
        drop(lists);
        self.barrier();
        for net in ended {
            net.free();
        }
    }
}
