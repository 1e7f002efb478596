// SPDX-License-Identifier: MIT

//! The registry under a read-write lock, as the kernel has it since 4.17: nets are made and taken
//! down side by side, and nets that are put down together are taken down together. A register or
//! an unregister has the registry for itself. The names in brackets, such as [W23], are rows of
//! `docs/correspondence.md`; the steps are those of `spec/netns_rwsem.tla`.
//!
//! Left out are the ids and slots of ops, the ids that nets have for each other, and waits that
//! can be cancelled.

mod queue;
mod shared;

use crate::ops::{Calls, Kind, Ops, OpsList};
use crate::sync::{read, step, thread, write, Mutex, RwLock};
use crate::work::Queues;
use crate::{Cleanup, Error, Net, NetRef, Snapshot};
use queue::Rwsem;
use shared::{backwards, Shared};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

/// As [`crate::Registry`], but [`Registry::copy`] and cleanups run side by side, and callbacks on
/// different nets with them. Callbacks on one net never do, nor do those of a register or an
/// unregister beside any other.
pub struct Registry {
    shared: Arc<Shared>,
    init_net: NetRef,
    worker: Option<thread::JoinHandle<()>>,
}

/// As [`crate::Worker`], but it takes down all nets that are queued at once.
pub struct Worker(Arc<Shared>);

impl Registry {
    /// As [`crate::Registry::new`].
    ///
    /// # Panics
    /// If the operating system fails to create a thread.
    #[must_use]
    pub fn new() -> Registry {
        let (mut registry, worker) = Registry::with_worker();
        registry.worker = Some(thread::spawn(move || {
            while worker.wait() {
                let _ = catch_unwind(AssertUnwindSafe(|| worker.work()));
            }
        }));
        registry
    }

    /// Makes a registry whose cleanups the caller runs.
    #[must_use]
    pub fn with_worker() -> (Registry, Worker) {
        let queues = Queues::new();
        let init_net = Net::passive("init_net", &queues);
        let shared = Arc::new(Shared {
            pernet_ops_rwsem: Rwsem::new(OpsList::default()),
            rtnl: Mutex::new(()),
            net_rwsem: RwLock::new(vec![init_net.clone()]),
            rcu: RwLock::new(()),
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

    /// As [`crate::Registry::register`].
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    pub fn register(&self, kind: Kind, ops: &Arc<dyn Ops>) -> Result<(), Error> {
        let mut calls = Calls::default();
        step("RegisterLock"); // [W60]
        let place = self.shared.pernet_ops_rwsem.ask_to_write();
        step("RegisterLink"); // [W61] [W62]
        let mut list = place.write();
        let result = self.shared.register(&mut list, kind, ops, &mut calls);
        if !matches!(result, Err(Error::Exists)) {
            step("RegisterUnlock"); // [W64] [W65]
        }
        drop(list);
        calls.end();
        result
    }

    /// As [`crate::Registry::unregister`], but what the exits deferred has run as well.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    pub fn unregister(&self, kind: Kind, ops: &Arc<dyn Ops>) -> Result<(), Error> {
        let mut calls = Calls::default();
        step("UnregisterLock"); // [W70]
        let place = self.shared.pernet_ops_rwsem.ask_to_write();
        step("UnregisterUnlink"); // [W71] [W72]
        let mut list = place.write();
        let result = self.shared.unregister(&mut list, kind, ops, &mut calls);
        if result.is_ok() {
            step("UnregisterUnlock"); // [W73]
        }
        drop(list);
        calls.end();
        result
    }

    /// As [`crate::Registry::copy`]. It waits for registers and unregisters only.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    pub fn copy(&self, from: &Net, name: &str) -> Result<NetRef, Error> {
        let shared = &self.shared;
        step("CopyNetNsGet"); // [W19]
        if !from.raise() {
            return Err(Error::NotFound);
        }
        step("CopyNetNsAlloc"); // [W22]
        let net = Net::passive(name, &shared.queues);
        let mut calls = Calls::default();
        step("CopyNetNsLock"); // [W23]
        let place = shared.pernet_ops_rwsem.ask_to_read();
        step("SetupNetBegin"); // [W24]
        let list = place.read();
        let result = shared.set_up(&list, &net, &mut calls);
        if result.is_ok() {
            step("SetupNetListAdd"); // [W26]
            write(&shared.net_rwsem).push(net.clone());
        }
        step("CopyNetNsUnlock"); // [W27]
        drop(list);
        step("CopyNetNsPut"); // [W29]
        from.put("CopyNetNsQueue"); // [W29]
        if result.is_err() {
            step("CopyNetNsFree"); // [W28]
            net.end();
            net.retire();
        }
        calls.end();
        result.map(|()| NetRef(net))
    }

    /// As [`crate::Registry::nets`].
    #[must_use]
    pub fn nets(&self) -> Vec<Net> {
        step("ListNetsLock"); // [W33]
        let nets = read(&self.shared.net_rwsem);
        step("ListNetsRead"); // [W33]
        nets.clone()
    }

    /// Runs `reader` on the listed nets. Before it returns, no cleanup runs an exit on them. It must
    /// not wait for the registry.
    pub fn read_nets<T>(&self, reader: impl FnOnce(&[Net]) -> T) -> T {
        let section = read(&self.shared.rcu);
        let nets = read(&self.shared.net_rwsem).clone();
        step("RcuWalk"); // [W34]
        let result = reader(&nets);
        drop(section);
        result
    }

    /// The lists at a moment when no register is half done.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let list = self.shared.pernet_ops_rwsem.ask_to_read().read();
        let nets = read(&self.shared.net_rwsem).clone();
        Snapshot { ops: list.0.clone(), nets }
    }

    /// As [`crate::Registry::barrier`].
    pub fn barrier(&self) {
        self.shared.queues.barrier("RcuBarrier", "RcuBarrierEnd"); // [W38]
    }
}

impl Default for Registry {
    fn default() -> Registry {
        Registry::new()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let shared = &self.shared;
        shared.queues.close();
        if let Some(worker) = self.worker.take() {
            let _ = worker.join(); // it never panics
        }
        let mut calls = Calls::default();
        while !shared.cleanup(&mut calls).is_empty() {}
        let list = shared.pernet_ops_rwsem.ask_to_write().write();
        let mut nets = std::mem::take(&mut *write(&shared.net_rwsem));
        nets.reverse();
        nets.iter().for_each(Net::end);
        shared.undo(&backwards(&list, list.0.len()), &nets, &mut calls);
        drop(list);
        self.barrier();
        for net in &nets {
            net.retire();
        }
        shared.queues.take_to_free().iter().for_each(|net| {
            net.free();
        });
    }
}

impl Worker {
    /// Runs one round: takes down all nets that are queued. `freed` is false of a net that is in
    /// use: it is freed after its last use.
    ///
    /// # Panics
    /// Goes on with the panic of an exit when the round is done.
    pub fn work(&self) -> Vec<Cleanup> {
        let mut calls = Calls::default();
        let round = self.0.cleanup(&mut calls);
        calls.end();
        round
    }

    /// As [`crate::Worker::wait`].
    pub fn wait(&self) -> bool {
        self.0.queues.await_work()
    }

    /// As [`crate::Worker::stop`].
    pub fn stop(&self) {
        self.0.queues.close();
    }

    /// As [`crate::Worker::hold_deferred`].
    pub fn hold_deferred(&self) {
        self.0.queues.hold_deferred();
    }

    /// As [`crate::Worker::run_deferred`].
    pub fn run_deferred(&self) {
        self.0.queues.run_deferred();
    }
}
