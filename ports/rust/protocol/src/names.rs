// SPDX-License-Identifier: MIT

//! One registry, the names that lines use for its ops and nets, and what each line does.

use crate::history::{held, take_calls};
use crate::json::{names, Json, Object};
use crate::ops::{asked, Armed};
use crate::{Cleanup, Errno, Kind, Ops, Port};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Ops of a name, with what the line asked that made them.
type Named<P> = ([bool; 3], Arc<<P as Port>::Ops>);

pub struct World<P: Port> {
    pub port: P, // dropped before the nets
    ops: Mutex<HashMap<String, Named<P>>>,
    nets: Mutex<HashMap<String, Arc<P::Net>>>, // in a program, also those that are freed
    armed: Armed,
}

impl<P: Port> World<P> {
    pub fn new() -> World<P> {
        let (port, init_net) = P::new();
        let nets = HashMap::from([("init_net".to_string(), Arc::new(init_net))]);
        World { port, nets: Mutex::new(nets), ops: Mutex::default(), armed: Armed::default() }
    }

    /// Does a line of a scenario, and fills in the result.
    pub fn answer(&self, line: &Json, result: &mut Object) {
        result.insert("freed".into(), Json::List(Vec::new()));
        let err = self.act(line, result).err().unwrap_or_default();
        let calls = take_calls();
        if line["op"].text() == "copy" && !err.is_empty() && !calls.list().is_empty() {
            result.insert("freed".into(), names([line["net"].text()])); // an init has failed
        }
        for freed in result["freed"].list() {
            held(&self.nets).remove(freed.text());
        }
        result.extend([("err".into(), errno(&err)), ("calls".into(), calls)]);
        self.lists(result);
    }

    /// Does a line, and adds to the result what it has beside err, calls and the lists.
    pub fn act(&self, line: &Json, result: &mut Object) -> Result<(), Errno> {
        if !needs(line).iter().all(|(feature, needed)| !needed || P::FEATURES.contains(feature)) {
            return Err("ENOTSUP".into());
        }
        let (port, op) = (&self.port, line["op"].text());
        let net = || self.net(line["net"].text());
        let kind = if op.ends_with("device") { Kind::Device } else { Kind::Subsys };
        match op {
            "register_subsys" | "register_device" => port.register(kind, &*self.ops(line, true))?,
            "unregister_subsys" | "unregister_device" => {
                port.unregister(kind, &*self.ops(line, false))?
            }
            "copy" => {
                let from = self.net(line["from"].text_or("init_net"))?;
                match &line["net"] {
                    Json::Text(name) => self.copy(&from, name)?,
                    _ => port.share(&*from)?, // newnet is false
                }
            }
            "get" => port.get(&*net()?)?,
            "put" => port.put(&*net()?)?,
            "hold" => port.hold(&*net()?)?,
            "release" => {
                if port.release(&*net()?)? {
                    result.insert("freed".into(), names([line["net"].text()]));
                }
            }
            "reset" => {} // this world is fresh
            "work" => self.work(line["max"].number_or(i64::MAX), result),
            "barrier" => port.barrier(),
            "run_deferred" => port.run_deferred(),
            "list" => drop(result.insert("nets".into(), names(port.list()))),
            "state" => self.lists(result),
            "fail" => {
                let key = (line["ops"].text().to_string(), line["net"].text().to_string());
                held(&self.armed).entry(key).or_default().push_back(failure(line));
            }
            "fail_alloc" => port.fail_alloc(failure(line)),
            _ => return Err("ENOTSUP".into()),
        }
        Ok(())
    }

    fn copy(&self, from: &P::Net, name: &str) -> Result<(), Errno> {
        if self.net(name).is_ok() {
            self.port.get(from)?; // what a copy does first
            self.port.put(from)?;
            return Err("EEXIST".into());
        }
        let net = self.port.copy(from, name)?;
        held(&self.nets).insert(name.to_string(), Arc::new(net));
        Ok(())
    }

    fn work(&self, max: i64, result: &mut Object) {
        let rounds = (0..max).map(|_| self.port.work()).take_while(|round| !round.is_empty());
        let (freed, kept): (Vec<_>, Vec<_>) = rounds.flatten().partition(|done| done.freed);
        result.insert("freed".into(), nets(&freed));
        if !kept.is_empty() {
            result.insert("kept".into(), nets(&kept));
        }
    }

    /// The ops of that name. A register of ops that are not registered decides what they have.
    fn ops(&self, line: &Json, registers: bool) -> Arc<P::Ops> {
        let (name, asked) = (line["ops"].text(), asked(line));
        let make = || (asked, Arc::new(self.port.ops(Ops::new(line, &self.armed))));
        let known = held(&self.ops).get(name).cloned();
        let (had, ops) = known.unwrap_or_else(|| {
            let made = make();
            held(&self.ops).entry(name.to_string()).or_insert(made).clone()
        });
        let registered = || self.port.state().pernet_list.iter().any(|ops| ops == name);
        if !registers || had == asked || registered() {
            return ops;
        }
        let (asked, ops) = make();
        held(&self.ops).insert(name.to_string(), (asked, Arc::clone(&ops)));
        ops
    }

    fn net(&self, name: &str) -> Result<Arc<P::Net>, Errno> {
        held(&self.nets).get(name).cloned().ok_or_else(|| "ENOENT".into())
    }

    /// Adds the lists to a result.
    fn lists(&self, result: &mut Object) {
        let state = self.port.state();
        let device = state.first_device.map_or(Json::Null, |ops| ops[..].into());
        result.insert("pernet_list".into(), names(state.pernet_list));
        result.insert("first_device".into(), device);
        result.entry("nets".into()).or_insert_with(|| names(state.nets));
    }
}

/// The features that a line may need, and whether it does. What it needs in some states is misuse.
fn needs(line: &Json) -> [(&'static str, bool); 6] {
    let op = line["op"].text();
    let [has_init, has_exit, defers] = asked(line);
    [
        ("use-count", op == "hold" || op == "release"),
        ("fail-alloc", op == "fail_alloc"),
        ("newnet", line["newnet"] == Json::Bool(false)),
        ("defer", defers || op == "barrier" || op == "run_deferred"),
        ("no-callback", !has_init || !has_exit),
        ("positive-init", matches!(line["err"], Json::Number(_))),
    ]
}

/// What a line `fail` or `fail_alloc` arms.
fn failure(line: &Json) -> Errno {
    match line["err"] {
        Json::Number(number) => number.to_string(),
        _ => line["err"].text_or("ENOMEM").to_string(),
    }
}

pub fn errno(err: &str) -> Json {
    err.parse().map_or_else(|_| err.into(), Json::Number)
}

pub fn nets<'a>(done: impl IntoIterator<Item = &'a Cleanup>) -> Json {
    names(done.into_iter().map(|done| &done.net))
}
