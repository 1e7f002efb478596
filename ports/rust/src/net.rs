// SPDX-License-Identifier: MIT

//! A net, its two counts, and the guards that hold them.

use crate::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use crate::sync::step;
use crate::work::Queues;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Weak};

/// The use count of a net that is freed. It never changes again.
const FREED: usize = usize::MAX;

/// A handle of a net. It keeps the memory alive, not the net: see [`Net::get`].
#[derive(Clone)]
pub struct Net(Arc<Inner>);

struct Inner {
    name: String,
    count: AtomicUsize,     // [R06] references; never rises from zero
    use_count: AtomicUsize, // [R07] [W09] what keeps the net from being freed; FREED once it is
    passive: bool,          // the registry has a use too, and at zero the net is to be freed
    queues: Weak<Queues>,   // they hold nets
}

impl Net {
    pub(crate) fn new(name: &str, queues: &Arc<Queues>) -> Net {
        Net(Arc::new(Inner {
            name: name.to_string(),
            count: AtomicUsize::new(1),
            use_count: AtomicUsize::new(0),
            passive: false,
            queues: Arc::downgrade(queues),
        }))
    }

    /// A net that has the registry's own use, which [`Net::retire`] gives back.
    pub(crate) fn passive(name: &str, queues: &Arc<Queues>) -> Net {
        let mut net = Net::new(name, queues);
        let inner = Arc::get_mut(&mut net.0).expect("the only handle");
        inner.passive = true;
        inner.use_count = AtomicUsize::new(1);
        net
    }

    /// The name that the net was made with. It is for messages: two nets may have the same.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Takes a reference (`get_net`). It never blocks. It returns `None` if the count is zero:
    /// the net is on its way out then.
    #[must_use]
    pub fn get(&self) -> Option<NetRef> {
        step("GetNet"); // [R50] [W30]
        self.raise().then(|| NetRef(self.clone()))
    }

    /// Takes a use (`hold_net`), which keeps a net that has no reference left from being freed. A
    /// net of [`crate::Registry`] that is in use when its cleanup would free it is never freed;
    /// one of [`crate::rwsem::Registry`] is freed by its last use. It never blocks. It returns
    /// `None` if the net is freed; in [`crate::rwsem::Registry`], also if the count is zero.
    #[must_use]
    pub fn hold(&self) -> Option<NetHold> {
        step("HoldNet"); // [R53] [W32]
        if self.0.passive && self.0.count.load(SeqCst) == 0 {
            return None; // the count may become zero from here on: the use is taken before that
        }
        let raise = |uses| (!self.is_gone(uses)).then_some(uses + 1);
        let held = self.0.use_count.fetch_update(SeqCst, SeqCst, raise).is_ok();
        held.then(|| NetHold(self.clone()))
    }

    /// Runs `callback` later, on a thread of its own (`call_rcu`). The net is freed after the
    /// callback has returned, if it was deferred before the last exit of the net returned. It
    /// never blocks. The callback must not wait for the registry. It never runs if the registry
    /// is dropped.
    pub fn defer(&self, callback: impl FnOnce() + Send + 'static) {
        if let Some(queues) = self.0.queues.upgrade() {
            queues.defer(Box::new(callback));
        }
    }

    /// Whether the net is freed: no use of it is left, and no callback runs on it any more.
    #[must_use]
    pub fn is_freed(&self) -> bool {
        self.is_gone(self.0.use_count.load(SeqCst))
    }

    fn is_gone(&self, uses: usize) -> bool {
        uses == FREED || (self.0.passive && uses == 0)
    }

    pub(crate) fn raise(&self) -> bool {
        let raise = |count| (count != 0).then_some(count + 1);
        self.0.count.fetch_update(SeqCst, SeqCst, raise).is_ok()
    }

    /// Gives a reference back. `queue` names the step that queues the cleanup.
    pub(crate) fn put(&self, queue: &'static str) {
        let lower = |count: usize| count.checked_sub(1);
        if self.0.count.fetch_update(SeqCst, SeqCst, lower) == Ok(1) {
            step(queue);
            if let Some(queues) = self.0.queues.upgrade() {
                queues.queue(self.clone());
            }
        }
    }

    /// Gives a use back (`release_net`, `net_passive_dec`), and reports whether it was the last.
    fn release(&self) -> bool {
        self.0.use_count.fetch_sub(1, SeqCst) == 1 // not from FREED: it is in use
    }

    /// Gives the registry's own use back. If it was the last, a later round frees the net.
    pub(crate) fn retire(&self) -> bool {
        let last = self.release();
        if last {
            self.free_later();
        }
        last
    }

    fn free_later(&self) {
        if let Some(queues) = self.0.queues.upgrade() {
            queues.free_later(self.clone());
        }
    }

    /// Takes all references away, for the registry goes. Puts do nothing from now on.
    pub(crate) fn end(&self) {
        self.0.count.store(0, SeqCst);
    }

    /// Frees the net unless it is in use: test and free in one step (`net_free`).
    pub(crate) fn free(&self) -> bool {
        self.end();
        self.0.use_count.compare_exchange(0, FREED, SeqCst, SeqCst).is_ok()
    }
}

/// Two handles are equal if they are of the same net.
impl PartialEq for Net {
    fn eq(&self, other: &Net) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Net {}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Net({:?})", self.name())
    }
}

/// A reference on a net, which keeps it listed. A drop gives it back (`put_net`): the drop that
/// brings the count to zero queues the cleanup of the net. It never blocks.
#[derive(Debug)]
pub struct NetRef(pub(crate) Net);

impl Clone for NetRef {
    fn clone(&self) -> NetRef {
        step("GetNet"); // [R50] [W30]
        self.0 .0.count.fetch_add(1, SeqCst); // not from zero: self is a reference
        NetRef(self.0.clone())
    }
}

impl Deref for NetRef {
    type Target = Net;

    fn deref(&self) -> &Net {
        &self.0
    }
}

impl Drop for NetRef {
    fn drop(&mut self) {
        step("PutNet"); // [R51] [W30]
        self.put("PutNetQueue"); // [R52] [W31]
    }
}

/// A use of a net. A drop gives it back (`release_net`); it never blocks.
#[derive(Debug)]
pub struct NetHold(Net);

impl Drop for NetHold {
    fn drop(&mut self) {
        step("ReleaseNet"); // [R53] [W32]
        if self.0.release() && self.0 .0.passive {
            step("ReleaseNetFree"); // [W32]
            self.0.free_later();
        }
    }
}
