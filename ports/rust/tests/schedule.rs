// SPDX-License-Identifier: MIT

//! Schedules through the adapter: a list of clients and the steps that they take.

#![cfg(all(feature = "shuttle", not(feature = "rwsem")))]

mod common;

use common::{answers, lines};
use serde_json::{json, Value};

/// Runs two clients, a copy of n1 and calls on it, as the schedule says.
fn run(schedule: &Value) -> Vec<Value> {
    let setup = json!([{"op": "register_subsys", "ops": "s"}, {"op": "copy", "net": "n1"}]);
    let copy = json!([{"op": "copy", "net": "n2", "from": "n1"}]);
    let calls = json!([{"op": "list"}, {"op": "put", "net": "n1"}, {"op": "get", "net": "n1"}]);
    answers(&lines(&[
        json!({"op": "run", "setup": setup, "clients": [copy, calls], "schedule": schedule}),
    ]))
}

fn outcomes(answers: &[Value]) -> Vec<(&str, &str)> {
    let calls = answers.iter().filter(|line| line["client"].as_i64() >= Some(0));
    calls.map(|line| (line["op"].as_str().unwrap(), line["err"].as_str().unwrap_or(""))).collect()
}

/// The copy lists its net before it puts its reference on n1: three moments of one call.
#[test]
fn a_get_succeeds_during_the_copy_that_lists_first() {
    let copies = ["Get", "Alloc", "Lock"].map(|step| json!([0, format!("CopyNetNs{step}")]));
    let lists =
        ["RtnlLock", "ListAdd", "Unlock"].map(|step| json!([0, format!("CopyNetNs{step}")]));
    let mut schedule = copies.to_vec();
    schedule.push(json!([0, "SetupNetInit"]));
    schedule.extend(lists);
    schedule.extend([json!([1, "ListNetsLock"]), json!([1, "ListNetsRead"])]);
    schedule.extend([json!([1, "PutNet"]), json!([1, "GetNet"]), json!([0, "CopyNetNsPut"])]);
    let answers = run(&json!(schedule));
    assert_eq!(outcomes(&answers), [("list", ""), ("put", ""), ("get", ""), ("copy", "")]);
    let list = answers.iter().find(|line| line["op"] == "list").unwrap();
    assert_eq!(list["nets"], json!(["init_net", "n1", "n2"]));
    assert_eq!(answers.last().unwrap()["err"], "");
}

#[test]
fn a_step_of_another_name_does_not_fit() {
    let answers = run(&json!([[0, "CopyNetNsGet"], [0, "CopyNetNsLock"]]));
    let end = answers.last().unwrap();
    assert_eq!(end["err"], "ENOSTEP");
    let at =
        json!({"index": 1, "client": 0, "wanted": "CopyNetNsLock", "stands": "CopyNetNsAlloc"});
    assert_eq!(end["at"], at);
}

#[test]
fn a_step_that_waits_for_a_lock_does_not_fit() {
    let schedule = json!([
        [0, "CopyNetNsGet"],
        [0, "CopyNetNsAlloc"],
        [0, "CopyNetNsLock"],
        [0, "SetupNetInit"],
        [0, "CopyNetNsRtnlLock"],
        [1, "ListNetsLock"]
    ]);
    let answers = run(&schedule);
    let at = &answers.last().unwrap()["at"];
    assert_eq!((&at["index"], &at["stands"]), (&json!(5), &json!("ListNetsLock")), "{at}");
}
