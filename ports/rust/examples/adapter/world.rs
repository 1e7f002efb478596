// SPDX-License-Identifier: MIT

//! One registry, and the names that the lines use for its ops and nets.

use crate::history::{called, held, take_calls};
use crate::json::{names, Json, Object};
#[cfg(feature = "rwsem")]
use pernet::rwsem::{Registry, Worker};
use pernet::{Cleanup, Error, InitError, Kind, Net, NetHold, NetRef, Ops};
#[cfg(not(feature = "rwsem"))]
use pernet::{Registry, Worker};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

pub const DISCIPLINE: &str = if cfg!(feature = "rwsem") { "rwsem" } else { "mutex" };

/// Not claimed are an init that returns a positive number, and an allocation that fails.
pub const FEATURES: [&str; 6] = ["misuse", "no-callback", "use-count", "newnet", "defer", "run"];

/// What the next inits of an ops on a net return.
type Armed = Arc<Mutex<HashMap<(String, String), VecDeque<String>>>>;

struct TestOps {
    name: String,
    callbacks: [AtomicBool; 3], // whether it has an init and an exit, and whether the exit defers
    armed: Armed,
}

impl Ops for TestOps {
    fn name(&self) -> &str {
        &self.name
    }

    fn init(&self, net: &Net) -> Result<(), InitError> {
        if !self.callbacks[0].load(SeqCst) {
            return Ok(());
        }
        called("init", &self.name, net.name());
        let key = (self.name.clone(), net.name().to_string());
        held(&self.armed)
            .get_mut(&key)
            .and_then(VecDeque::pop_front)
            .map_or(Ok(()), |e| Err(e.into()))
    }

    fn exit(&self, net: &Net) {
        if self.callbacks[1].load(SeqCst) {
            called("exit", &self.name, net.name());
        }
        if self.callbacks[2].load(SeqCst) {
            let (ops, on) = (self.name.clone(), net.clone());
            net.defer(move || called("deferred", &ops, on.name()));
        }
    }
}

/// A net, and the references and uses that lines have taken and not given back.
struct Entry {
    net: Net,
    refs: Mutex<Vec<NetRef>>,
    holds: Mutex<Vec<NetHold>>,
}

pub struct World {
    registry: Registry,
    pub worker: Worker,
    ops: Mutex<HashMap<String, Arc<TestOps>>>,
    nets: Mutex<HashMap<String, Arc<Entry>>>,
    armed: Armed,
}

/// The name of an errno.
fn errno(err: Error) -> String {
    match err {
        Error::Exists => "EEXIST".into(),
        Error::NotFound => "ENOENT".into(),
        Error::WrongKind => "EINVAL".into(),
        Error::Init { source, .. } => source.to_string(),
    }
}

impl Entry {
    fn refer(&self) -> Result<(), String> {
        let reference = self.net.get().ok_or("ENOENT")?;
        held(&self.refs).push(reference);
        Ok(())
    }
}

impl World {
    pub fn new() -> World {
        let (registry, worker) = Registry::with_worker();
        worker.hold_deferred(); // programs have none
        let (ops, nets, armed) = Default::default();
        let world = World { registry, worker, ops, nets, armed };
        world.enter(world.registry.init_net(), None);
        world
    }

    /// Does a line of a scenario, and fills in the result.
    pub fn answer(&self, line: &Json, result: &mut Object) {
        result.insert("freed".into(), Json::List(Vec::new()));
        let err = self.act(line, result).err().unwrap_or_default();
        result.insert("err".into(), err[..].into());
        result.insert("calls".into(), take_calls());
        self.lists(result);
    }

    /// Does a line, and adds to the result what it has beside err, calls and the lists. An error
    /// is the name of an errno.
    pub fn act(&self, line: &Json, result: &mut Object) -> Result<(), String> {
        let net = || self.net(line["net"].text());
        let op = line["op"].text();
        let kind = if op.ends_with("device") { Kind::Device } else { Kind::Subsys };
        match op {
            "register_subsys" | "register_device" => {
                self.registry.register(kind, &self.ops(line, true)).map_err(errno)?
            }
            "unregister_subsys" | "unregister_device" => {
                self.registry.unregister(kind, &self.ops(line, false)).map_err(errno)?
            }
            "copy" => {
                let from = self.net(line["from"].text_or("init_net"))?;
                match &line["net"] {
                    Json::Text(name) => self.copy(&from.net, name, result)?,
                    _ => from.refer()?, // newnet is false
                }
            }
            "get" => net()?.refer()?,
            "hold" => {
                let entry = net()?;
                let hold = entry.net.hold().ok_or("ENOENT")?;
                held(&entry.holds).push(hold);
            }
            "put" => {
                let entry = net()?;
                let reference = held(&entry.refs).pop();
                drop(reference.ok_or("EINVAL")?); // the types let a caller put only what it has
            }
            "release" => {
                let entry = net()?;
                let hold = held(&entry.holds).pop();
                drop(hold.ok_or("EINVAL")?);
                if entry.net.is_freed() {
                    result.insert("freed".into(), names([entry.net.name()]));
                }
            }
            "reset" => {} // this world is fresh
            "work" => self.work(line["max"].number_or(i64::MAX), result),
            "barrier" => self.registry.barrier(),
            "run_deferred" => self.worker.run_deferred(),
            "list" => drop(result.insert("nets".into(), net_names(&self.registry.nets()))),
            "state" => self.lists(result),
            "fail" => {
                if let Json::Number(_) = line["err"] {
                    return Err("ENOTSUP".into()); // an init returns no number
                }
                let key = (line["ops"].text().to_string(), line["net"].text().to_string());
                let err = line["err"].text_or("ENOMEM").to_string();
                held(&self.armed).entry(key).or_default().push_back(err);
            }
            _ => return Err("ENOTSUP".into()), // fail_alloc: an allocation that fails aborts
        }
        Ok(())
    }

    fn work(&self, max: i64, result: &mut Object) {
        let rounds = (0..max).map(|_| self.round()).take_while(|round| !round.is_empty());
        let (freed, kept): (Vec<_>, Vec<_>) = rounds.flatten().partition(|done| done.freed);
        let nets = |done: &[Cleanup]| names(done.iter().map(|done| done.net.name()));
        result.insert("freed".into(), nets(&freed));
        if !kept.is_empty() {
            result.insert("kept".into(), nets(&kept));
        }
    }

    /// Runs one round of the worker: one cleanup or, under the read-write lock, all of them.
    pub fn round(&self) -> Vec<Cleanup> {
        self.worker.work().into_iter().collect()
    }

    /// The ops of that name. A register of ops that are not registered decides what they have.
    fn ops(&self, line: &Json, registers: bool) -> Arc<dyn Ops> {
        let name = line["ops"].text();
        let make = || {
            let (callbacks, armed) =
                ([true, true, false].map(AtomicBool::new), Arc::clone(&self.armed));
            Arc::new(TestOps { name: name.to_string(), callbacks, armed })
        };
        let ops = Arc::clone(held(&self.ops).entry(name.to_string()).or_insert_with(make));
        let [init, exit] = ["init", "exit"].map(|field| line[field] != Json::Bool(false));
        let wanted = [init, exit, line["defer"] == Json::Bool(true)];
        let registered = || self.registry.snapshot().ops.iter().any(|(_, ops)| ops.name() == name);
        let differ = (0..3).any(|i| ops.callbacks[i].load(SeqCst) != wanted[i]);
        if registers && differ && !registered() {
            (0..3).for_each(|i| ops.callbacks[i].store(wanted[i], SeqCst));
        }
        ops
    }

    fn net(&self, name: &str) -> Result<Arc<Entry>, &'static str> {
        let entry = held(&self.nets).get(name).cloned();
        entry.filter(|entry| !entry.net.is_freed()).ok_or("ENOENT")
    }

    fn enter(&self, net: &Net, reference: Option<NetRef>) {
        let refs = Mutex::new(reference.into_iter().collect());
        let entry = Entry { net: net.clone(), refs, holds: Mutex::default() };
        held(&self.nets).insert(net.name().to_string(), Arc::new(entry));
    }

    fn copy(&self, from: &Net, name: &str, result: &mut Object) -> Result<(), String> {
        if self.net(name).is_ok() {
            let err = from.get().map_or("ENOENT", |_| "EEXIST"); // the registry allows it
            return Err(err.into());
        }
        let copied = self.registry.copy(from, name);
        if let Err(Error::Init { .. }) = copied {
            result.insert("freed".into(), names([name]));
        }
        let reference = copied.map_err(errno)?;
        let net: Net = (*reference).clone(); // the handle: a clone of the reference would take another one
        self.enter(&net, Some(reference));
        Ok(())
    }

    /// Adds the lists to a result.
    pub fn lists(&self, result: &mut Object) {
        let lists = self.registry.snapshot();
        let device = lists.ops.iter().find(|(kind, _)| *kind == Kind::Device);
        let device = device.map_or(Json::Null, |(_, ops)| ops.name().into());
        let ops = names(lists.ops.iter().map(|(_, ops)| ops.name()));
        result.extend([("pernet_list".into(), ops), ("first_device".into(), device)]);
        result.entry("nets".into()).or_insert_with(|| net_names(&lists.nets));
    }
}

fn net_names(nets: &[Net]) -> Json {
    names(nets.iter().map(Net::name))
}
