// SPDX-License-Identifier: MIT

//! The two lists under `net_mutex`, and the calls that change them.

use crate::ops::{Calls, Kind, Ops, OpsList};
use crate::sync::{step, Mutex};
use crate::work::Queues;
use crate::{Error, Net};
use std::sync::Arc;

// Locks, in the order in which they are taken: net_mutex, rtnl, those of Queues. Callbacks run
// with net_mutex held and with no other.
pub struct Shared {
    pub net_mutex: Mutex<Lists>, // [R03]
    pub rtnl: Mutex<Vec<Net>>,   // [R05] the nets again, for readers while callbacks run
    pub queues: Arc<Queues>,
}

/// What `net_mutex` guards.
pub struct Lists {
    pub ops: OpsList,
    pub nets: Vec<Net>, // [R04] `net_namespace_list`; changed with rtnl held too
}

impl Lists {
    pub fn register(
        &mut self,
        kind: Kind,
        ops: &Arc<dyn Ops>,
        calls: &mut Calls,
    ) -> Result<(), Error> {
        if self.ops.find(ops).is_some() {
            return Err(Error::Exists);
        }
        let at = self.ops.place_for(kind);
        step("RegisterLink"); // [R12]
        self.ops.0.insert(at, (kind, Arc::clone(ops)));
        for (done, net) in self.nets.iter().enumerate() {
            step("RegisterInit"); // [R13]
            if let Err(err) = calls.init(ops, net) {
                step("RegisterUnlink"); // [R14]
                self.ops.0.remove(at);
                for net in &self.nets[..done] {
                    step("RegisterUndo"); // [R15]
                    calls.exit(ops, net);
                }
                return Err(err);
            }
        }
        Ok(())
    }

    pub fn unregister(
        &mut self,
        kind: Kind,
        ops: &Arc<dyn Ops>,
        calls: &mut Calls,
    ) -> Result<(), Error> {
        let at = self.ops.find(ops).ok_or(Error::NotFound)?;
        if self.ops.0[at].0 != kind {
            return Err(Error::WrongKind);
        }
        step("UnregisterUnlink"); // [R22]
        self.ops.0.remove(at);
        for net in &self.nets {
            step("UnregisterExit"); // [R23]
            calls.exit(ops, net);
        }
        Ok(())
    }

    /// Runs all inits on a net that is not listed yet (`setup_net`).
    pub fn set_up(&self, net: &Net, calls: &mut Calls, queues: &Queues) -> Result<(), Error> {
        for (done, (_, ops)) in self.ops.0.iter().enumerate() {
            step("SetupNetInit"); // [R34]
            if let Err(err) = calls.init(ops, net) {
                for (_, ops) in self.ops.0[..done].iter().rev() {
                    step("SetupNetUndo"); // [R35]
                    calls.exit(ops, net);
                }
                queues.barrier("SetupNetBarrier", "SetupNetBarrierEnd"); // [R36]
                return Err(err);
            }
        }
        Ok(())
    }
}
