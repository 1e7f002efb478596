// SPDX-License-Identifier: MIT

//! Ops that check how they are called, and the programs of the explorers: pairs of calls.

#[cfg(feature = "rwsem")]
pub use pernet::rwsem::Registry;
#[cfg(not(feature = "rwsem"))]
pub use pernet::Registry;
use pernet::{Error, InitError, Kind, Net, NetRef, Ops};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// What the checking ops of one execution know. Its locks are the standard library's and are
/// never held where another thread may come to run.
#[derive(Default)]
pub struct Seen {
    up: Mutex<BTreeSet<(String, String)>>, // init has run, and exit has not
    running: Mutex<BTreeSet<String>>,      // the nets on which a callback runs
}

struct Checked {
    name: &'static str,
    seen: Arc<Seen>,
    pause: fn(),
}

impl Checked {
    /// Under the mutex callbacks run one at a time, under the read-write lock one on each net.
    fn alone(&self, net: &Net, callback: impl FnOnce()) {
        let running = || self.seen.running.lock().unwrap();
        let alone = running().is_empty() || cfg!(feature = "rwsem");
        assert!(running().insert(net.name().to_string()) && alone, "two callbacks run at once");
        (self.pause)();
        callback();
        running().remove(net.name());
    }

    fn key(&self, net: &Net) -> (String, String) {
        (self.name.to_string(), net.name().to_string())
    }
}

impl Ops for Checked {
    fn name(&self) -> &str {
        self.name
    }

    fn init(&self, net: &Net) -> Result<(), InitError> {
        let fails = match self.name {
            "d" => net.name().starts_with("bad"),
            "f" => net.name() == "n1",
            _ => false,
        };
        self.alone(net, || {
            assert!(!net.is_freed(), "init of {} on {net:?}, which is freed", self.name);
            let fresh = fails || self.seen.up.lock().unwrap().insert(self.key(net));
            assert!(fresh, "init of {} on {net:?}, where init has run", self.name);
        });
        if fails {
            return Err("ENOMEM".into());
        }
        Ok(())
    }

    fn exit(&self, net: &Net) {
        self.alone(net, || {
            assert!(!net.is_freed(), "exit of {} on {net:?}, which is freed", self.name);
            let was = self.seen.up.lock().unwrap().remove(&self.key(net));
            assert!(was, "exit of {} on {net:?}, where no init has run", self.name);
        });
    }
}

/// A registry with the subsystem "a", the device "d" and the net n1, and ops that are not
/// registered: the subsystem "b", the device "e", and "f", whose init fails on n1.
pub struct World {
    pub registry: Registry,
    seen: Arc<Seen>,
    ops: [(Kind, Arc<dyn Ops>); 5],
    n1: Net,
    owned: Mutex<Vec<NetRef>>, // two references on n1
    copies: AtomicUsize,
    held: AtomicBool, // n1 was, for a while
    #[cfg(feature = "rwsem")]
    pause: fn(),
}

/// One call of a program, with what must hold when it returns.
pub type Call = (&'static str, fn(&World));

pub const CALLS: [Call; 13] = [
    ("register b", |w| w.register(2)),
    ("register e", |w| w.register(3)),
    ("failing register", |w| w.register(4)),
    ("unregister a", |w| w.unregister(0)),
    ("unregister d", |w| w.unregister(1)),
    ("copy", |w| w.copy(&w.registry.init_net().clone(), "copy ")),
    ("failing copy", |w| w.copy(&w.registry.init_net().clone(), "bad ")),
    ("copy from n1", |w| w.copy(&w.n1, "from n1 ")),
    ("put n1", |w| drop(w.take())),
    ("put n1 twice", |w| {
        drop(w.take());
        drop(w.take());
    }),
    ("get and put n1", |w| {
        if let Some(net) = w.n1.get() {
            w.listed(&net);
        }
    }),
    ("hold n1", |w| {
        if let Some(hold) = w.n1.hold() {
            w.held.store(true, SeqCst);
            let _ = w.registry.nets(); // others may run here
            assert!(!w.n1.is_freed(), "a net in use is freed");
            drop(hold);
        }
    }),
    ("nets", |w| {
        for net in w.registry.nets() {
            assert!(!net.name().starts_with("bad"), "{net:?} is listed");
        }
        #[cfg(feature = "rwsem")]
        w.read();
    }),
];

impl World {
    pub fn new(registry: Registry, pause: fn()) -> World {
        let seen = Arc::new(Seen::default());
        let ops = |kind, name| {
            let ops = Checked { name, seen: Arc::clone(&seen), pause };
            (kind, Arc::new(ops) as Arc<dyn Ops>)
        };
        let ops = [
            ops(Kind::Subsys, "a"),
            ops(Kind::Device, "d"),
            ops(Kind::Subsys, "b"),
            ops(Kind::Device, "e"),
            ops(Kind::Subsys, "f"),
        ];
        for (kind, ops) in &ops[..2] {
            registry.register(*kind, ops).unwrap();
        }
        let n1 = registry.copy(registry.init_net(), "n1").unwrap();
        let owned = Mutex::new(vec![n1.clone()]);
        let net = Net::clone(&n1);
        owned.lock().unwrap().push(n1);
        World {
            registry,
            seen,
            ops,
            n1: net,
            owned,
            copies: AtomicUsize::new(0),
            held: AtomicBool::new(false),
            #[cfg(feature = "rwsem")]
            pause,
        }
    }

    fn take(&self) -> Option<NetRef> {
        self.owned.lock().unwrap().pop()
    }

    fn listed(&self, net: &Net) {
        assert!(self.registry.nets().contains(net), "{net:?} has a reference and is not listed");
    }

    /// No exit of a cleanup runs on a listed net before its reader has left.
    #[cfg(feature = "rwsem")]
    fn read(&self) {
        self.registry.read_nets(|nets| {
            let before = self.seen.up.lock().unwrap().clone();
            (self.pause)();
            let listed = self.registry.nets();
            let up = self.seen.up.lock().unwrap();
            for net in nets.iter().filter(|net| !listed.contains(net)) {
                let mut pairs = before.iter().filter(|pair| pair.1 == net.name());
                assert!(pairs.all(|pair| up.contains(pair)), "exit of {net:?} under its reader");
            }
        });
    }

    fn register(&self, which: usize) {
        let (kind, ops) = &self.ops[which];
        let result = self.registry.register(*kind, ops);
        let Err(Error::Init { .. }) = result else { return }; // or the other client was first
        let up = self.seen.up.lock().unwrap();
        let left = up.iter().find(|(name, _)| *name == ops.name());
        assert!(left.is_none(), "a register failed, and {left:?} is up");
    }

    /// When it has returned no callback of the ops runs or will run, unless it is registered anew.
    fn unregister(&self, which: usize) {
        let (kind, ops) = &self.ops[which];
        if self.registry.unregister(*kind, ops).is_ok() {
            let up = self.seen.up.lock().unwrap();
            let left = up.iter().find(|(name, _)| *name == ops.name());
            assert!(left.is_none(), "unregister has returned, and {left:?} is up");
        }
    }

    fn copy(&self, from: &Net, name: &str) {
        let name = format!("{name}{}", self.copies.fetch_add(1, SeqCst));
        if let Ok(net) = self.registry.copy(from, &name) {
            self.listed(&net);
            self.owned.lock().unwrap().push(net);
        } else {
            let up = self.seen.up.lock().unwrap();
            assert!(up.iter().all(|(_, net)| *net != name), "a copy failed, and {name} is up");
        }
    }

    /// What must hold when no call is under way and no cleanup is queued.
    pub fn end(self) {
        let lists = self.registry.snapshot();
        assert_eq!(lists.nets, self.registry.nets());
        let first = lists.ops.iter().position(|(kind, _)| *kind == Kind::Device);
        let rest = &lists.ops[first.unwrap_or(lists.ops.len())..];
        assert!(rest.iter().all(|(kind, _)| *kind == Kind::Device), "a subsystem after a device");
        let pairs = lists.ops.iter().flat_map(|(_, ops)| {
            lists.nets.iter().map(|net| (ops.name().to_string(), net.name().to_string()))
        });
        assert_eq!(*self.seen.up.lock().unwrap(), pairs.collect(), "up, and listed");
        let owned = std::mem::take(&mut *self.owned.lock().unwrap());
        for net in &owned {
            self.listed(net);
        }
        let n1 = owned.iter().any(|net| **net == self.n1);
        assert_eq!(lists.nets.contains(&self.n1), n1, "n1 is listed, and has a reference");
        // Under the mutex it is never freed if it was held when its cleanup came to free it.
        let leaks = self.held.load(SeqCst) && cfg!(not(feature = "rwsem"));
        let freed = self.n1.is_freed() || leaks;
        assert!(if n1 { !self.n1.is_freed() } else { freed }, "n1 is freed too early, or never");
        drop(self.registry);
        assert!(self.seen.up.lock().unwrap().is_empty(), "the registry is gone, and nets are up");
    }
}
