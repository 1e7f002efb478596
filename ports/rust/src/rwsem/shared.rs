// SPDX-License-Identifier: MIT

//! The calls of the registry, with the lock held, and the walk that undoes for all of them.

use super::queue::Rwsem;
use crate::ops::{Calls, Kind, Ops, OpsList, Undo};
use crate::sync::{lock, read, step, write, Mutex, RwLock};
use crate::work::Queues;
use crate::{Cleanup, Error, Net};
use std::sync::Arc;

// Locks, in the order in which they are taken: pernet_ops_rwsem, rtnl, net_rwsem, those of
// Queues. A reader's section takes none while it holds rcu.
pub struct Shared {
    pub pernet_ops_rwsem: Rwsem<OpsList>, // [W04]
    pub rtnl: Mutex<()>,                  // [W06]
    pub net_rwsem: RwLock<Vec<Net>>,      // [W05] guards [W07], `net_namespace_list`
    pub rcu: RwLock<()>,                  // held by readers of the list that hold up exits
    pub queues: Arc<Queues>,
}

/// The first `n` ops, last first.
pub fn backwards(list: &OpsList, n: usize) -> Vec<Arc<dyn Ops>> {
    list.0[..n].iter().rev().map(|(_, ops)| Arc::clone(ops)).collect()
}

impl Shared {
    pub fn register(
        &self,
        list: &mut OpsList,
        kind: Kind,
        ops: &Arc<dyn Ops>,
        calls: &mut Calls,
    ) -> Result<(), Error> {
        if list.find(ops).is_some() {
            return Err(Error::Exists);
        }
        let at = list.place_for(kind);
        list.0.insert(at, (kind, Arc::clone(ops)));
        let nets = read(&self.net_rwsem).clone();
        for (done, net) in nets.iter().enumerate() {
            step("RegisterInit"); // [W63]
            if let Err(err) = calls.init(ops, net) {
                list.0.remove(at);
                self.undo(&[Arc::clone(ops)], &nets[..done], calls);
                self.queues.barrier("RcuBarrier", "RcuBarrierEnd"); // [W45]
                return Err(err);
            }
        }
        Ok(())
    }

    pub fn unregister(
        &self,
        list: &mut OpsList,
        kind: Kind,
        ops: &Arc<dyn Ops>,
        calls: &mut Calls,
    ) -> Result<(), Error> {
        let at = list.find(ops).ok_or(Error::NotFound)?;
        if list.0[at].0 != kind {
            return Err(Error::WrongKind);
        }
        list.0.remove(at);
        let nets = read(&self.net_rwsem).clone();
        self.undo(&[Arc::clone(ops)], &nets, calls);
        self.queues.barrier("RcuBarrier", "RcuBarrierEnd"); // [W45]
        Ok(())
    }

    /// Runs all inits on a net that is not listed yet (`setup_net`).
    pub fn set_up(&self, list: &OpsList, net: &Net, calls: &mut Calls) -> Result<(), Error> {
        for (done, (_, ops)) in list.0.iter().enumerate() {
            step("SetupNetInit"); // [W25]
            if let Err(err) = calls.init(ops, net) {
                self.undo(&backwards(list, done), std::slice::from_ref(net), calls);
                self.queues.barrier("RcuBarrier", "RcuBarrierEnd"); // [W45]
                return Err(err);
            }
        }
        Ok(())
    }

    /// One round of `cleanup_net`.
    pub fn cleanup(&self, calls: &mut Calls) -> Vec<Cleanup> {
        step("CleanupNet"); // [W80]
        let mut batch = self.queues.take_all();
        if batch.is_empty() {
            return Vec::new();
        }
        step("CleanupNetLock"); // [W81]
        let place = self.pernet_ops_rwsem.ask_to_read();
        step("CleanupNetUnlink"); // [W82]
        let list = place.read();
        let mut nets = write(&self.net_rwsem);
        batch.retain(|net| nets.contains(net)); // the others ended with the registry
        nets.retain(|net| !batch.contains(net));
        drop(nets);
        self.undo(&backwards(&list, list.0.len()), &batch, calls);
        step("CleanupNetUnlock"); // [W84]
        drop(list);
        let to_free = self.queues.take_to_free(); // before the barrier: hazard H11
        self.queues.barrier("CleanupNetBarrier", "RcuBarrierEnd"); // [W85]
        step("NetCompleteFree"); // [W86]
        for net in to_free {
            net.free();
        }
        let put = |net: Net| {
            step("CleanupNetPut"); // [W87]
            Cleanup { freed: net.retire(), net }
        };
        batch.into_iter().map(put).collect()
    }

    /// Runs the exits of `ops`, which are in the order of their undo, on `nets`
    /// (`ops_undo_list`).
    pub fn undo(&self, ops: &[Arc<dyn Ops>], nets: &[Net], calls: &mut Calls) {
        let more: Vec<&dyn Undo> = ops.iter().filter_map(|ops| ops.undo()).collect();
        for undo in &more {
            for net in nets {
                step("OpsUndoListPreExit"); // [W40]
                calls.catch(|| undo.pre_exit(net));
            }
        }
        step("OpsUndoListGrace"); // [W41]
        step("OpsUndoListGraceEnd"); // [W41]
        drop(write(&self.rcu)); // the readers that are inside have left
        if !more.is_empty() && !nets.is_empty() {
            self.exit_rtnl(&more, nets, calls);
        }
        for ops in ops {
            for net in nets {
                step("OpsUndoListExit"); // [W43]
                calls.exit(ops, net);
            }
            if let (Some(undo), false) = (ops.undo(), nets.is_empty()) {
                step("OpsUndoListExitBatch"); // [W43]
                calls.catch(|| undo.exit_batch(nets));
            }
        }
    }

    fn exit_rtnl(&self, more: &[&dyn Undo], nets: &[Net], calls: &mut Calls) {
        step("OpsUndoListRtnlLock"); // [W42]
        let rtnl = lock(&self.rtnl);
        for net in nets {
            for undo in more {
                step("OpsUndoListExitRtnl"); // [W42]
                calls.catch(|| undo.exit_rtnl(net));
            }
        }
        step("OpsUndoListRtnlUnlock"); // [W42]
        drop(rtnl);
    }
}
