// SPDX-License-Identifier: MIT

//! What differs under the read-write lock.

#![cfg(not(any(feature = "shuttle", feature = "loom")))]

use pernet::rwsem::Registry;
use pernet::{InitError, Kind, Net, Ops, Undo};
use std::sync::{Arc, Barrier, Mutex};

type Log = Arc<Mutex<Vec<String>>>;

struct Logged {
    name: &'static str,
    log: Log,
    meet: Option<Barrier>, // inits on nets whose names begin with "m" meet here
}

impl Logged {
    fn say(&self, callback: &str, nets: &[&str]) {
        self.log.lock().unwrap().push(format!("{callback} {} {}", self.name, nets.join(" ")));
    }
}

impl Ops for Logged {
    fn name(&self) -> &str {
        self.name
    }

    fn init(&self, net: &Net) -> Result<(), InitError> {
        if let Some(meet) = self.meet.as_ref().filter(|_| net.name().starts_with('m')) {
            meet.wait();
        }
        if self.name == "b" && net.name() == "bad" {
            Err("no room".into())
        } else {
            Ok(())
        }
    }

    fn exit(&self, net: &Net) {
        self.say("exit", &[net.name()]);
    }

    fn undo(&self) -> Option<&dyn Undo> {
        Some(self)
    }
}

impl Undo for Logged {
    fn pre_exit(&self, net: &Net) {
        self.say("pre_exit", &[net.name()]);
    }

    fn exit_rtnl(&self, net: &Net) {
        self.say("exit_rtnl", &[net.name()]);
    }

    fn exit_batch(&self, nets: &[Net]) {
        self.say("exit_batch", &nets.iter().map(Net::name).collect::<Vec<_>>());
    }
}

fn ops(name: &'static str, log: &Log) -> Arc<dyn Ops> {
    Arc::new(Logged { name, log: Arc::clone(log), meet: None })
}

fn taken(log: &Log) -> Vec<String> {
    std::mem::take(&mut *log.lock().unwrap())
}

/// `exit_rtnl` goes net by net, the others ops by ops; nets newest put first, ops last first.
#[test]
fn nets_put_together_are_taken_down_together() {
    let (registry, worker) = Registry::with_worker();
    let log = Log::default();
    registry.register(Kind::Subsys, &ops("a", &log)).unwrap();
    registry.register(Kind::Subsys, &ops("b", &log)).unwrap();
    let n1 = registry.copy(registry.init_net(), "n1").unwrap();
    let n2 = registry.copy(registry.init_net(), "n2").unwrap();
    drop((n1, n2));
    assert_eq!(worker.work().len(), 2);
    #[rustfmt::skip]
    let due = [
        "pre_exit b n2", "pre_exit b n1", "pre_exit a n2", "pre_exit a n1",
        "exit_rtnl b n2", "exit_rtnl a n2", "exit_rtnl b n1", "exit_rtnl a n1",
        "exit b n2", "exit b n1", "exit_batch b n2 n1",
        "exit a n2", "exit a n1", "exit_batch a n2 n1",
    ];
    assert_eq!(taken(&log), due);
    assert_eq!(registry.nets().len(), 1);
}

#[test]
fn a_failed_copy_is_undone_in_all_stages() {
    let (registry, _worker) = Registry::with_worker();
    let log = Log::default();
    registry.register(Kind::Subsys, &ops("a", &log)).unwrap();
    registry.register(Kind::Subsys, &ops("b", &log)).unwrap();
    assert!(registry.copy(registry.init_net(), "bad").is_err());
    let due = ["pre_exit a bad", "exit_rtnl a bad", "exit a bad", "exit_batch a bad"];
    assert_eq!(taken(&log), due);
}

#[test]
fn copies_run_side_by_side() {
    let registry = Registry::new();
    let meet = Some(Barrier::new(2));
    let ops: Arc<dyn Ops> = Arc::new(Logged { name: "a", log: Log::default(), meet });
    registry.register(Kind::Subsys, &ops).unwrap();
    // Each init waits for the other: under one mutex this would never end.
    std::thread::scope(|threads| {
        threads.spawn(|| registry.copy(registry.init_net(), "m1").unwrap());
        registry.copy(registry.init_net(), "m2").unwrap();
    });
}

#[test]
fn a_net_in_use_is_freed_by_its_last_use() {
    let (registry, worker) = Registry::with_worker();
    let next_round = || {
        drop(registry.copy(registry.init_net(), "next").unwrap());
        worker.work()
    };
    let n1 = registry.copy(registry.init_net(), "n1").unwrap();
    let hold = n1.hold().unwrap();
    let handle = Net::clone(&n1);
    drop(n1);
    assert!(handle.hold().is_none(), "its count is zero");
    assert!(!worker.work()[0].freed, "the net is in use");
    let next = next_round();
    assert!(next[0].freed && next[0].net.is_freed(), "a net that is not in use is free at once");
    assert!(!handle.is_freed());
    drop(hold);
    assert!(handle.hold().is_none(), "the last use was the last");
    assert!(handle.is_freed(), "its name is free at once");
}

#[test]
fn a_drop_takes_down_all_nets() {
    let log = Log::default();
    let registry = Registry::new();
    registry.register(Kind::Subsys, &ops("a", &log)).unwrap();
    let net = registry.copy(registry.init_net(), "n").unwrap();
    drop(registry);
    let exits: Vec<_> = taken(&log).into_iter().filter(|call| call.starts_with("exit a")).collect();
    assert_eq!(exits, ["exit a n", "exit a init_net"]);
    assert!(net.is_freed() && net.get().is_none());
}
