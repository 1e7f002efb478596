// SPDX-License-Identifier: MIT

//! The adapter of this port, which `pernet conform` drives: the port as `pernet_protocol` calls it.

#[cfg(feature = "rwsem")]
use pernet::rwsem::{Registry, Worker};
use pernet::{Error, InitError, Net, NetHold, NetRef};
#[cfg(not(feature = "rwsem"))]
use pernet::{Registry, Worker};
use pernet_protocol::{serve, Cleanup, Errno, Kind, Ops, Port, State};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

#[allow(dead_code)] // the test of the vectors has this file as a module
fn main() -> ExitCode {
    #[cfg(feature = "shuttle")]
    pernet::on_step(pernet_protocol::step);
    serve::<World>()
}

/// The registry, whose cleanups run when the worker is told to.
pub struct World {
    registry: Registry,
    worker: Worker,
}

/// A net, and the references and uses that were taken and not given back.
pub struct Entry {
    net: Net,
    refs: Mutex<Vec<NetRef>>,
    holds: Mutex<Vec<NetHold>>,
}

impl Entry {
    fn new(net: Net, reference: Option<NetRef>) -> Entry {
        let refs = Mutex::new(reference.into_iter().collect());
        Entry { net, refs, holds: Mutex::default() }
    }
}

/// The last of what was taken. The lock is free again when the caller drops it.
fn pop<T>(taken: &Mutex<Vec<T>>) -> Result<T, Errno> {
    taken.lock().unwrap().pop().ok_or_else(|| "EINVAL".into())
}

/// Ops of the port with the callbacks of the protocol.
struct Recorded(Ops);

impl pernet::Ops for Recorded {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn init(&self, net: &Net) -> Result<(), InitError> {
        Ok(self.0.init(net.name())?)
    }

    fn exit(&self, net: &Net) {
        if let Some(callback) = self.0.exit(net.name()) {
            net.defer(callback);
        }
    }
}

fn kind(kind: Kind) -> pernet::Kind {
    match kind {
        Kind::Subsys => pernet::Kind::Subsys,
        Kind::Device => pernet::Kind::Device,
    }
}

/// The name of an errno.
fn errno(err: Error) -> Errno {
    match err {
        Error::Exists => "EEXIST".into(),
        Error::NotFound => "ENOENT".into(),
        Error::WrongKind => "EINVAL".into(),
        Error::Init { source, .. } => source.to_string(),
    }
}

fn names(nets: &[Net]) -> Vec<String> {
    nets.iter().map(|net| net.name().into()).collect()
}

impl Port for World {
    const NAME: &'static str = "pernet-rust";
    const DISCIPLINE: &'static str = if cfg!(feature = "rwsem") { "rwsem" } else { "mutex" };
    /// Not claimed are an init that returns a positive number, and an allocation that fails.
    const FEATURES: &'static [&'static str] =
        &["misuse", "no-callback", "use-count", "newnet", "defer", "run"];
    type Ops = Arc<dyn pernet::Ops>;
    type Net = Entry;

    fn new() -> (World, Entry) {
        let (registry, worker) = Registry::with_worker();
        worker.hold_deferred();
        let init_net = Net::clone(registry.init_net());
        (World { registry, worker }, Entry::new(init_net, None))
    }

    fn ops(&self, ops: Ops) -> Arc<dyn pernet::Ops> {
        Arc::new(Recorded(ops))
    }

    fn register(&self, as_kind: Kind, ops: &Arc<dyn pernet::Ops>) -> Result<(), Errno> {
        self.registry.register(kind(as_kind), ops).map_err(errno)
    }

    fn unregister(&self, as_kind: Kind, ops: &Arc<dyn pernet::Ops>) -> Result<(), Errno> {
        self.registry.unregister(kind(as_kind), ops).map_err(errno)
    }

    fn copy(&self, from: &Entry, name: &str) -> Result<Entry, Errno> {
        let reference = self.registry.copy(&from.net, name).map_err(errno)?;
        Ok(Entry::new(Net::clone(&reference), Some(reference)))
    }

    fn get(&self, entry: &Entry) -> Result<(), Errno> {
        let reference = entry.net.get().ok_or("ENOENT")?;
        entry.refs.lock().unwrap().push(reference);
        Ok(())
    }

    fn put(&self, entry: &Entry) -> Result<(), Errno> {
        pop(&entry.refs).map(drop) // the types let a caller put only what it has
    }

    fn hold(&self, entry: &Entry) -> Result<(), Errno> {
        let hold = entry.net.hold().ok_or("ENOENT")?;
        entry.holds.lock().unwrap().push(hold);
        Ok(())
    }

    fn release(&self, entry: &Entry) -> Result<bool, Errno> {
        pop(&entry.holds).map(drop)?;
        Ok(entry.net.is_freed())
    }

    fn list(&self) -> Vec<String> {
        names(&self.registry.nets())
    }

    fn state(&self) -> State {
        let lists = self.registry.snapshot();
        let device = lists.ops.iter().find(|(kind, _)| *kind == pernet::Kind::Device);
        State {
            pernet_list: lists.ops.iter().map(|(_, ops)| ops.name().into()).collect(),
            first_device: device.map(|(_, ops)| ops.name().into()),
            nets: names(&lists.nets),
        }
    }

    fn work(&self) -> Vec<Cleanup> {
        let round = self.worker.work().into_iter();
        round.map(|done| Cleanup { net: done.net.name().into(), freed: done.freed }).collect()
    }

    fn wait(&self) -> bool {
        self.worker.wait()
    }

    fn stop(&self) {
        self.worker.stop();
    }

    fn barrier(&self) {
        self.registry.barrier();
    }

    fn run_deferred(&self) {
        self.worker.run_deferred();
    }
}
