// SPDX-License-Identifier: MIT

//! One registry, and the names that the lines use for its ops and nets.

use crate::line::{Failure, Name, Op};
#[cfg(feature = "rwsem")]
use pernet::rwsem::{Registry, Worker};
use pernet::{Cleanup, Error, InitError, Kind, Net, NetHold, NetRef, Ops};
#[cfg(not(feature = "rwsem"))]
use pernet::{Registry, Worker};
use serde_json::{json, Map, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "shuttle")]
use shuttle::thread_local;

thread_local! {
    /// The callbacks of the call that this thread is in.
    static CALLS: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// How long each callback sleeps, in microseconds; 1: it yields.
pub static PAUSE: AtomicU64 = AtomicU64::new(0);

/// Locks a mutex of the adapter. It must not be held where the registry is called: under shuttle
/// another task may come to run there, and it would wait for ever.
pub fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Armed = Arc<Mutex<Vec<(String, String, String)>>>;

struct TestOps {
    name: String,
    init: bool,
    exit: bool,
    armed: Armed,
}

impl TestOps {
    fn called(&self, callback: &str, net: &Net) {
        CALLS.with(|calls| calls.borrow_mut().push(json!([callback, self.name, net.name()])));
        #[cfg(not(feature = "shuttle"))]
        match PAUSE.load(std::sync::atomic::Ordering::SeqCst) {
            0 => {}
            1 => std::thread::yield_now(),
            us => std::thread::sleep(std::time::Duration::from_micros(us)),
        }
    }
}

impl Ops for TestOps {
    fn name(&self) -> &str {
        &self.name
    }

    fn init(&self, net: &Net) -> Result<(), InitError> {
        if !self.init {
            return Ok(());
        }
        self.called("init", net);
        let mut armed = held(&self.armed);
        match armed.iter().position(|(ops, on, _)| *ops == self.name && on == net.name()) {
            Some(at) => Err(armed.remove(at).2.into()),
            None => Ok(()),
        }
    }

    fn exit(&self, net: &Net) {
        if self.exit {
            self.called("exit", net);
        }
    }
}

/// The references and uses of a net that lines have taken and not given back.
#[derive(Default)]
struct Owned {
    refs: Vec<NetRef>,
    holds: Vec<NetHold>,
}

type Entry = (Net, Arc<Mutex<Owned>>);

pub struct World {
    registry: Registry,
    worker: Worker,
    ops: Mutex<HashMap<String, Arc<TestOps>>>,
    nets: Mutex<HashMap<String, Entry>>,
    armed: Armed,
}

const NOT_SUPPORTED: &str = "ENOTSUP";
const NOT_FOUND: &str = "ENOENT";

/// The answer to a line: its fields without op, id and the lists.
#[derive(Default)]
pub struct Answer {
    pub err: String,
    pub freed: Vec<String>,
    pub kept: Vec<String>,
    pub nets: Option<Vec<String>>,
}

impl World {
    pub fn new() -> World {
        let (registry, worker) = Registry::with_worker();
        let first = (Net::clone(registry.init_net()), Arc::default());
        let nets = Mutex::new(HashMap::from([("init_net".to_string(), first)]));
        World { registry, worker, ops: Mutex::default(), nets, armed: Armed::default() }
    }

    pub fn act(&self, op: &Op) -> Answer {
        let mut answer = Answer::default();
        answer.err = match op {
            Op::RegisterSubsys { ops, init, exit } => {
                self.register(Kind::Subsys, ops, *init, *exit)
            }
            Op::RegisterDevice { ops, init, exit } => {
                self.register(Kind::Device, ops, *init, *exit)
            }
            Op::UnregisterSubsys { ops } => self.unregister(Kind::Subsys, ops),
            Op::UnregisterDevice { ops } => self.unregister(Kind::Device, ops),
            Op::Copy { net, from, newnet: true } => self.copy(&net.0, &from.0, &mut answer.freed),
            Op::Copy { from: net, .. } | Op::Get { net } => {
                self.refer(net, |net, entry| net.get().map(|net| held(entry).refs.push(net)))
            }
            Op::Hold { net } => {
                self.refer(net, |net, entry| net.hold().map(|hold| held(entry).holds.push(hold)))
            }
            // The types let nobody put a reference that he does not have: misuse is not claimed.
            Op::Put { net } => self.back(net, |entry| held(entry).refs.pop()),
            Op::Release { net } => self.back(net, |entry| held(entry).holds.pop()),
            Op::Work { max } => {
                for _ in 0..max.0 {
                    let round = self.round();
                    if round.is_empty() {
                        break;
                    }
                    for done in round {
                        let names = if done.freed { &mut answer.freed } else { &mut answer.kept };
                        names.push(done.net.name().to_string());
                    }
                }
                String::new()
            }
            Op::List {} => {
                answer.nets = Some(names(&self.registry.nets()));
                String::new()
            }
            Op::Fail { ops, net, err: Failure(Some(err)) } => {
                held(&self.armed).push((ops.0.clone(), net.0.clone(), err.clone()));
                String::new()
            }
            Op::Fail { .. } | Op::FailAlloc {} => NOT_SUPPORTED.to_string(),
            Op::Hello { .. } | Op::Reset {} | Op::State {} | Op::Run { .. } => String::new(),
        };
        answer
    }

    /// Runs one round of the worker: one cleanup or, under the read-write lock, all of them.
    pub fn round(&self) -> Vec<Cleanup> {
        self.worker.work().into_iter().collect()
    }

    /// Blocks until a net is queued; false if none is and the worker is stopped.
    pub fn await_work(&self) -> bool {
        self.worker.wait()
    }

    pub fn stop(&self) {
        self.worker.stop();
    }

    fn register(&self, kind: Kind, name: &Name, init: bool, exit: bool) -> String {
        let mut ops = self.ops(name, init, exit);
        let registered = || self.registry.snapshot().ops.iter().any(|o| o.1.name() == name.0);
        if (init, exit) != (ops.init, ops.exit) && !registered() {
            held(&self.ops).remove(&name.0); // others are made: these lack the wanted callbacks
            ops = self.ops(name, init, exit);
        }
        errno(&self.registry.register(kind, &(ops as Arc<dyn Ops>)))
    }

    fn unregister(&self, kind: Kind, name: &Name) -> String {
        errno(&self.registry.unregister(kind, &(self.ops(name, true, true) as Arc<dyn Ops>)))
    }

    /// The ops of this name. They are made if there are none: two clients must get the same.
    fn ops(&self, name: &Name, init: bool, exit: bool) -> Arc<TestOps> {
        let (name, armed) = (name.0.clone(), Arc::clone(&self.armed));
        let make = || Arc::new(TestOps { name: name.clone(), init, exit, armed });
        Arc::clone(held(&self.ops).entry(name.clone()).or_insert_with(make))
    }

    fn net(&self, name: &str) -> Option<Entry> {
        held(&self.nets).get(name).cloned()
    }

    fn copy(&self, name: &str, from: &str, freed: &mut Vec<String>) -> String {
        let in_use = self.net(name).is_some_and(|(net, _)| !net.is_freed());
        let Some((from, _)) = self.net(from).filter(|_| !in_use) else {
            return NOT_SUPPORTED.to_string();
        };
        let result = self.registry.copy(&from, name);
        let err = errno(&result);
        match result {
            Ok(net) => {
                let handle = Net::clone(&net);
                let owned = Owned { refs: vec![net], holds: Vec::new() };
                held(&self.nets).insert(name.to_string(), (handle, Arc::new(Mutex::new(owned))));
            }
            Err(Error::Init { .. }) => freed.push(name.to_string()),
            Err(_) => {}
        }
        err
    }

    fn refer(&self, name: &Name, f: impl FnOnce(&Net, &Mutex<Owned>) -> Option<()>) -> String {
        match self.net(&name.0) {
            None => NOT_SUPPORTED.to_string(),
            Some((net, owned)) => f(&net, &owned).map_or(NOT_FOUND, |()| "").to_string(),
        }
    }

    fn back<T>(&self, name: &Name, pop: impl FnOnce(&Mutex<Owned>) -> Option<T>) -> String {
        match self.net(&name.0).and_then(|(_, owned)| pop(&owned)) {
            None => NOT_SUPPORTED.to_string(),
            Some(guard) => {
                drop(guard);
                String::new()
            }
        }
    }

    /// Adds the lists to an answer.
    pub fn lists(&self, result: &mut Map<String, Value>) {
        let lists = self.registry.snapshot();
        let ops: Vec<_> = lists.ops.iter().map(|(_, ops)| ops.name()).collect();
        let device = lists.ops.iter().find(|(kind, _)| *kind == Kind::Device);
        result.insert("pernet_list".into(), json!(ops));
        result.insert("first_device".into(), json!(device.map(|(_, ops)| ops.name())));
        result.entry("nets").or_insert_with(|| json!(names(&lists.nets)));
    }
}

fn names(nets: &[Net]) -> Vec<String> {
    nets.iter().map(|net| net.name().to_string()).collect()
}

fn errno<T>(result: &Result<T, Error>) -> String {
    match result {
        Ok(_) => String::new(),
        Err(Error::Exists) => "EEXIST".to_string(),
        Err(Error::NotFound) => NOT_FOUND.to_string(),
        Err(Error::WrongKind) => "EINVAL".to_string(),
        Err(Error::Init { source, .. }) => source.to_string(),
    }
}

/// Takes the callbacks that ran on this thread.
pub fn take_calls() -> Vec<Value> {
    CALLS.with(RefCell::take)
}
