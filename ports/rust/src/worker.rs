// SPDX-License-Identifier: MIT

//! The worker, which takes down the nets that have no reference left.

use crate::lists::{Lists, Shared};
use crate::ops::Calls;
use crate::sync::{lock, step};
use crate::Net;
use std::sync::Arc;

/// The thread that runs the cleanups, if the caller runs them: see
/// [`Registry::with_worker`](crate::Registry::with_worker).
pub struct Worker(pub(crate) Arc<Shared>);

/// What one cleanup did.
#[derive(Debug)]
pub struct Cleanup {
    /// The net that was taken down.
    pub net: Net,
    /// False if it was in use. It is never freed then.
    pub freed: bool,
}

impl Worker {
    /// Runs the cleanup that was queued first, if one is queued.
    ///
    /// # Panics
    /// Goes on with the panic of an exit when the cleanup is done.
    pub fn work(&self) -> Option<Cleanup> {
        let mut calls = Calls::default();
        let cleanup = self.0.cleanup(&mut calls);
        calls.end();
        cleanup
    }

    /// Blocks until a cleanup is queued. It returns false when none is and [`Worker::stop`] was
    /// called or the registry is dropped.
    pub fn wait(&self) -> bool {
        self.0.queues.await_work()
    }

    /// Makes [`Worker::wait`] return false when no cleanup is queued any more.
    pub fn stop(&self) {
        self.0.queues.close();
    }

    /// Holds deferred callbacks from now on, instead of running them on a thread: they run in
    /// [`Worker::run_deferred`], and in calls that wait for them. It is for one thread that does all.
    pub fn hold_deferred(&self) {
        self.0.queues.hold_deferred();
    }

    /// Runs the deferred callbacks that are held, oldest first.
    pub fn run_deferred(&self) {
        self.0.queues.run_deferred();
    }
}

impl Shared {
    /// Puts a net that is set up at the end of the list.
    pub(crate) fn list(&self, lists: &mut Lists, net: &Net) {
        step("CopyNetNsRtnlLock"); // [R38]
        let mut nets = lock(&self.rtnl);
        step("CopyNetNsListAdd"); // [R39]
        nets.push(net.clone());
        lists.nets.push(net.clone());
    }

    /// Ends the net that was queued first (`cleanup_net`).
    pub(crate) fn cleanup(&self, calls: &mut Calls) -> Option<Cleanup> {
        if self.queues.is_empty() {
            return None;
        }
        step("CleanupNetLock"); // [R60]
        let mut lists = lock(&self.net_mutex);
        let net = self.queues.take().filter(|net| lists.nets.contains(net))?; // else it is ended
        self.end_net(&mut lists, &net, calls);
        step("CleanupNetUnlock"); // [R64]
        drop(lists);
        self.queues.barrier("CleanupNetBarrier", "CleanupNetBarrierEnd"); // [R65]
        step("CleanupNetFree"); // [R66]
        let freed = net.free();
        Some(Cleanup { net, freed })
    }

    /// Takes a net off the list and runs all exits on it, last ops first.
    pub(crate) fn end_net(&self, lists: &mut Lists, net: &Net, calls: &mut Calls) {
        step("CleanupNetRtnlLock"); // [R61]
        let mut nets = lock(&self.rtnl);
        step("CleanupNetUnlink"); // [R62]
        nets.retain(|n| n != net);
        lists.nets.retain(|n| n != net);
        drop(nets);
        for (_, ops) in lists.ops.0.iter().rev() {
            step("CleanupNetExit"); // [R63]
            calls.exit(ops, net);
        }
    }
}
