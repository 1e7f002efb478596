// SPDX-License-Identifier: MIT

//! One registry, and the names that the lines use for its ops and nets.

use crate::line::{Line, INIT_ERRNOS};
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

type Armed = Arc<Mutex<Vec<(String, String, &'static str)>>>;

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

struct Entry {
    net: Net,
    refs: Vec<NetRef>,
    holds: Vec<NetHold>,
}

pub struct World {
    registry: Registry,
    worker: Worker,
    ops: Mutex<HashMap<String, Arc<TestOps>>>,
    nets: Mutex<HashMap<String, Entry>>,
    armed: Armed,
}

pub const NOT_SUPPORTED: &str = "ENOTSUP";
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
        let net = Net::clone(registry.init_net());
        let first = Entry { net, refs: Vec::new(), holds: Vec::new() };
        let nets = Mutex::new(HashMap::from([("init_net".to_string(), first)]));
        World { registry, worker, ops: Mutex::default(), nets, armed: Armed::default() }
    }

    /// Does one line. An error is one of the line.
    pub fn act(&self, line: &mut Line) -> Result<Answer, String> {
        let mut answer = Answer::default();
        match line.op.clone().as_str() {
            "register_subsys" => self.register(Kind::Subsys, line, &mut answer)?,
            "register_device" => self.register(Kind::Device, line, &mut answer)?,
            "unregister_subsys" => self.unregister(Kind::Subsys, line, &mut answer)?,
            "unregister_device" => self.unregister(Kind::Device, line, &mut answer)?,
            "copy" => self.copy(line, &mut answer)?,
            op @ ("get" | "put" | "hold" | "release") => {
                let net = line.name("net")?;
                line.end()?;
                answer.err = self.refer(op, &net).to_string();
            }
            "work" => {
                let max = line.take::<i64>("max")?.unwrap_or(i64::MAX);
                if max < 1 {
                    return Err("field \"max\" must be a positive integer".into());
                }
                line.end()?;
                for _ in 0..max {
                    let round = self.round();
                    if round.is_empty() {
                        break;
                    }
                    for done in round {
                        let names = if done.freed { &mut answer.freed } else { &mut answer.kept };
                        names.push(done.net.name().to_string());
                    }
                }
            }
            "list" => {
                line.end()?;
                answer.nets = Some(names(&self.registry.nets()));
            }
            "state" => line.end()?,
            "fail" => {
                let pair = (line.name("ops")?, line.name("net")?);
                let err = line.take::<Value>("err")?.unwrap_or_else(|| json!("ENOMEM"));
                line.end()?;
                if err.as_i64().is_some_and(|number| number > 0) {
                    answer.err = NOT_SUPPORTED.to_string();
                    return Ok(answer);
                }
                let known = INIT_ERRNOS.iter().find(|&&errno| err == errno);
                held(&self.armed).push((pair.0, pair.1, known.ok_or("field \"err\" is wrong")?));
            }
            "fail_alloc" => {
                line.end()?;
                answer.err = NOT_SUPPORTED.to_string();
            }
            op => return Err(format!("unknown op {op:?}")),
        }
        Ok(answer)
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

    fn register(&self, kind: Kind, line: &mut Line, answer: &mut Answer) -> Result<(), String> {
        let ops = (line.name("ops")?, line.flag("init")?, line.flag("exit")?);
        line.end()?;
        let ops = self.ops_for(ops.0, Some((ops.1, ops.2)));
        answer.err = errno(&self.registry.register(kind, &(ops as Arc<dyn Ops>)));
        Ok(())
    }

    fn unregister(&self, kind: Kind, line: &mut Line, answer: &mut Answer) -> Result<(), String> {
        let ops = line.name("ops")?;
        line.end()?;
        let ops = self.ops_for(ops, None);
        answer.err = errno(&self.registry.unregister(kind, &(ops as Arc<dyn Ops>)));
        Ok(())
    }

    /// The ops of this name. Others are made if these lack the wanted callbacks and are free.
    fn ops_for(&self, name: String, wanted: Option<(bool, bool)>) -> Arc<TestOps> {
        let found = held(&self.ops).get(&name).cloned();
        if let Some(ops) = found {
            let registered = || self.registry.snapshot().ops.iter().any(|o| o.1.name() == name);
            if wanted.is_none_or(|wanted| wanted == (ops.init, ops.exit)) || registered() {
                return ops;
            }
        }
        let (init, exit) = wanted.unwrap_or((true, true));
        let ops = TestOps { name: name.clone(), init, exit, armed: Arc::clone(&self.armed) };
        let ops = Arc::new(ops);
        held(&self.ops).insert(name, Arc::clone(&ops));
        ops
    }

    fn net(&self, name: &str) -> Option<Net> {
        held(&self.nets).get(name).map(|entry| entry.net.clone())
    }

    fn copy(&self, line: &mut Line, answer: &mut Answer) -> Result<(), String> {
        let from_name = line.name_or("from", "init_net")?;
        let newnet = line.flag("newnet")?;
        let name = if newnet { line.name("net")? } else { from_name.clone() };
        line.end()?;
        let in_use = newnet && self.net(&name).is_some_and(|net| !net.is_freed());
        let Some(from) = self.net(&from_name).filter(|_| !in_use) else {
            answer.err = NOT_SUPPORTED.to_string();
            return Ok(());
        };
        let result = match newnet {
            true => self.registry.copy(&from, &name),
            false => from.get().ok_or(Error::NotFound),
        };
        answer.err = errno(&result);
        match result {
            Err(Error::Init { .. }) => answer.freed.push(name),
            Err(_) => {}
            Ok(net) if newnet => {
                let entry = Entry { net: Net::clone(&net), refs: vec![net], holds: Vec::new() };
                held(&self.nets).insert(name, entry);
            }
            Ok(net) => self.with(&name, |entry| entry.refs.push(net)),
        }
        Ok(())
    }

    fn with<T>(&self, name: &str, f: impl FnOnce(&mut Entry) -> T) -> T {
        f(held(&self.nets).get_mut(name).expect("the net was there before"))
    }

    /// A reference that the registry's types do not let us put is misuse, which is not claimed.
    fn refer(&self, op: &str, name: &str) -> &'static str {
        let Some(net) = self.net(name) else { return NOT_SUPPORTED };
        let done = match op {
            "get" => net.get().map(|net| self.with(name, |entry| entry.refs.push(net))),
            "hold" => net.hold().map(|hold| self.with(name, |entry| entry.holds.push(hold))),
            "put" => {
                let Some(net) = self.with(name, |entry| entry.refs.pop()) else {
                    return NOT_SUPPORTED;
                };
                drop(net);
                Some(())
            }
            _ => {
                let Some(hold) = self.with(name, |entry| entry.holds.pop()) else {
                    return NOT_SUPPORTED;
                };
                drop(hold);
                Some(())
            }
        };
        done.map_or(NOT_FOUND, |()| "")
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
