// SPDX-License-Identifier: MIT

//! What one thread sees of the registry.

#![cfg(not(any(feature = "shuttle", feature = "loom")))]

use pernet::{Error, InitError, Kind, Net, Ops, Registry};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Mutex};
use std::time::Duration;

type Log = Arc<Mutex<Vec<String>>>;
type Act = Box<dyn Fn(&Net) -> Result<(), InitError> + Send + Sync>;

/// Writes its callbacks into the log, then acts.
struct Logged {
    name: &'static str,
    log: Log,
    init: Act,
    exit: Act,
}

impl Ops for Logged {
    fn name(&self) -> &str {
        self.name
    }

    fn init(&self, net: &Net) -> Result<(), InitError> {
        self.log.lock().unwrap().push(format!("init {} {}", self.name, net.name()));
        (self.init)(net)
    }

    fn exit(&self, net: &Net) {
        self.log.lock().unwrap().push(format!("exit {} {}", self.name, net.name()));
        (self.exit)(net).expect("an exit returns nothing");
    }
}

fn quiet() -> Act {
    Box::new(|_| Ok(()))
}

fn fails_on(name: &'static str) -> Act {
    Box::new(move |net| if net.name() == name { Err("no room".into()) } else { Ok(()) })
}

fn ops(name: &'static str, log: &Log, init: Act, exit: Act) -> Arc<dyn Ops> {
    Arc::new(Logged { name, log: Arc::clone(log), init, exit })
}

fn plain(name: &'static str, log: &Log) -> Arc<dyn Ops> {
    ops(name, log, quiet(), quiet())
}

/// Other threads are to bring it about.
fn wait_until(holds: impl Fn() -> bool) {
    let begin = std::time::Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(10), "it does not come");
        std::thread::yield_now();
    }
}

fn taken(log: &Log) -> String {
    std::mem::take(&mut *log.lock().unwrap()).join(", ")
}

#[test]
fn subsystems_stand_before_devices_and_exits_reverse_inits() {
    let (registry, worker) = Registry::with_worker();
    let log = Log::default();
    for (kind, name) in [(Kind::Subsys, "a"), (Kind::Device, "d"), (Kind::Subsys, "b")] {
        registry.register(kind, &plain(name, &log)).unwrap();
    }
    taken(&log);
    let net = registry.copy(registry.init_net(), "n").unwrap();
    assert_eq!(taken(&log), "init a n, init b n, init d n");
    drop(net);
    assert!(worker.work().unwrap().freed);
    assert_eq!(taken(&log), "exit d n, exit b n, exit a n");
}

#[test]
fn a_failed_register_is_undone_on_the_nets_before() {
    let (registry, _worker) = Registry::with_worker();
    let log = Log::default();
    let _n1 = registry.copy(registry.init_net(), "n1").unwrap();
    let _n2 = registry.copy(registry.init_net(), "n2").unwrap();
    let failing = ops("a", &log, fails_on("n2"), quiet());
    let err = registry.register(Kind::Device, &failing).unwrap_err();
    assert_eq!(err.to_string(), "init of a on n2 failed: no room");
    let calls = "init a init_net, init a n1, init a n2, exit a init_net, exit a n1";
    assert_eq!(taken(&log), calls);
    assert!(registry.snapshot().ops.is_empty());
}

#[test]
fn a_failed_copy_is_undone_backwards_and_lists_nothing() {
    let (registry, _worker) = Registry::with_worker();
    let log = Log::default();
    registry.register(Kind::Subsys, &plain("a", &log)).unwrap();
    registry.register(Kind::Subsys, &plain("b", &log)).unwrap();
    registry.register(Kind::Subsys, &ops("c", &log, fails_on("n"), quiet())).unwrap();
    taken(&log);
    assert!(registry.copy(registry.init_net(), "n").is_err());
    assert_eq!(taken(&log), "init a n, init b n, init c n, exit b n, exit a n");
    assert_eq!(registry.nets().len(), 1);
}

#[test]
fn misuse_is_an_error_and_changes_nothing() {
    let (registry, worker) = Registry::with_worker();
    let ops = plain("a", &Log::default());
    assert!(matches!(registry.unregister(Kind::Subsys, &ops), Err(Error::NotFound)));
    registry.register(Kind::Subsys, &ops).unwrap();
    assert!(matches!(registry.register(Kind::Device, &ops), Err(Error::Exists)));
    assert!(matches!(registry.unregister(Kind::Device, &ops), Err(Error::WrongKind)));
    assert_eq!(registry.snapshot().ops.len(), 1);
    let net = registry.copy(registry.init_net(), "n").unwrap();
    let dead = Net::clone(&net);
    drop(net);
    assert!(dead.get().is_none(), "the count is zero");
    assert!(matches!(registry.copy(&dead, "m"), Err(Error::NotFound)));
    worker.work();
    assert!(dead.is_freed() && dead.hold().is_none());
}

#[test]
fn a_net_in_use_is_never_freed() {
    let (registry, worker) = Registry::with_worker();
    let net = registry.copy(registry.init_net(), "n").unwrap();
    let hold = net.hold().unwrap();
    let handle = Net::clone(&net);
    drop(net);
    assert!(!worker.work().unwrap().freed);
    drop(hold);
    assert!(worker.work().is_none() && !handle.is_freed());
}

#[test]
fn a_drop_takes_down_all_nets_newest_first() {
    let log = Log::default();
    let registry = Registry::new();
    registry.register(Kind::Subsys, &plain("a", &log)).unwrap();
    let n1 = registry.copy(registry.init_net(), "n1").unwrap();
    let n2 = registry.copy(registry.init_net(), "n2").unwrap();
    taken(&log);
    drop(registry);
    assert_eq!(taken(&log), "exit a n2, exit a n1, exit a init_net");
    assert!(n1.is_freed() && n2.get().is_none());
}

#[test]
fn the_worker_takes_down_what_is_dropped() {
    let log = Log::default();
    let registry = Registry::new();
    registry.register(Kind::Subsys, &plain("a", &log)).unwrap();
    let net = registry.copy(registry.init_net(), "n").unwrap();
    let handle = Net::clone(&net);
    drop(net);
    wait_until(|| handle.is_freed());
    assert!(taken(&log).ends_with("exit a n"));
}

#[test]
fn a_panic_of_an_init_goes_on_when_the_call_is_undone() {
    let (registry, _worker) = Registry::with_worker();
    let log = Log::default();
    registry.register(Kind::Subsys, &plain("a", &log)).unwrap();
    let panics: Act = Box::new(|net| if net.name() == "n" { panic!("on purpose") } else { Ok(()) });
    registry.register(Kind::Subsys, &ops("b", &log, panics, quiet())).unwrap();
    taken(&log);
    let copy = || registry.copy(registry.init_net(), "n");
    assert!(catch_unwind(AssertUnwindSafe(copy)).is_err());
    assert_eq!(taken(&log), "init a n, init b n, exit a n");
    assert!(registry.copy(registry.init_net(), "m").is_ok(), "the registry goes on");
}

#[test]
fn a_panic_of_an_exit_does_not_stop_the_cleanup() {
    let (registry, worker) = Registry::with_worker();
    let log = Log::default();
    registry.register(Kind::Subsys, &plain("a", &log)).unwrap();
    let panics: Act = Box::new(|net| if net.name() == "n" { panic!("on purpose") } else { Ok(()) });
    registry.register(Kind::Subsys, &ops("b", &log, quiet(), panics)).unwrap();
    let net = registry.copy(registry.init_net(), "n").unwrap();
    let handle = Net::clone(&net);
    drop(net);
    taken(&log);
    assert!(catch_unwind(AssertUnwindSafe(|| worker.work())).is_err());
    assert_eq!(taken(&log), "exit b n, exit a n");
    assert!(handle.is_freed());
}

/// An exit that defers a callback, which returns when `go` comes.
fn deferring(go: mpsc::Receiver<()>, done: &Arc<AtomicBool>) -> Act {
    let (go, done) = (Arc::new(Mutex::new(go)), Arc::clone(done));
    Box::new(move |net| {
        let (go, done) = (Arc::clone(&go), Arc::clone(&done));
        net.defer(move || {
            let _ = go.lock().unwrap().recv_timeout(Duration::from_secs(10));
            done.store(true, SeqCst);
        });
        Ok(())
    })
}

#[test]
fn a_net_is_freed_after_its_deferred_callbacks() {
    let registry = Registry::new();
    let (go, gone) = mpsc::channel();
    let done = Arc::new(AtomicBool::new(false));
    let log = Log::default();
    registry.register(Kind::Subsys, &ops("a", &log, quiet(), deferring(gone, &done))).unwrap();
    let net = registry.copy(registry.init_net(), "n").unwrap();
    let handle = Net::clone(&net);
    drop(net);
    wait_until(|| registry.nets().len() == 1);
    std::thread::sleep(Duration::from_millis(20));
    assert!(!handle.is_freed(), "the callback has not run");
    go.send(()).unwrap();
    wait_until(|| handle.is_freed());
    assert!(done.load(SeqCst));
    drop(go); // for the exit on init_net
}

#[test]
fn a_failed_copy_returns_after_what_its_exits_deferred() {
    let registry = Registry::new();
    let (go, gone) = mpsc::channel();
    let done = Arc::new(AtomicBool::new(false));
    let log = Log::default();
    registry.register(Kind::Subsys, &ops("a", &log, quiet(), deferring(gone, &done))).unwrap();
    registry.register(Kind::Subsys, &ops("b", &log, fails_on("n"), quiet())).unwrap();
    let later = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        let _ = go.send(());
    });
    assert!(registry.copy(registry.init_net(), "n").is_err());
    assert!(done.load(SeqCst), "the callback has not run");
    later.join().unwrap();
}

#[test]
fn barrier_waits_for_what_an_unregister_deferred() {
    let (registry, _worker) = Registry::with_worker();
    let (go, gone) = mpsc::channel();
    let done = Arc::new(AtomicBool::new(false));
    let ops = ops("a", &Log::default(), quiet(), deferring(gone, &done));
    registry.register(Kind::Subsys, &ops).unwrap();
    registry.unregister(Kind::Subsys, &ops).unwrap();
    assert!(!done.load(SeqCst));
    go.send(()).unwrap();
    registry.barrier();
    assert!(done.load(SeqCst));
}

#[test]
fn readers_see_the_nets_while_a_callback_runs() {
    let registry = Arc::new(Registry::new());
    let reader = Arc::downgrade(&registry);
    let reads: Act = Box::new(move |net| {
        let names: Vec<_> = reader.upgrade().unwrap().nets();
        assert_eq!(
            names.contains(net),
            net.name() == "init_net",
            "a net is listed when it is whole"
        );
        Ok(())
    });
    registry.register(Kind::Subsys, &ops("a", &Log::default(), reads, quiet())).unwrap();
    registry.copy(registry.init_net(), "n").unwrap();
}
