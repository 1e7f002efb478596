// SPDX-License-Identifier: MIT

//! Schedules through the adapter: a list of clients and the steps that they take.

#![cfg(all(feature = "shuttle", not(feature = "rwsem")))]

#[path = "../protocol/src/json.rs"]
#[allow(dead_code)] // the protocol needs the rest
mod json;

use json::{names, Json};
use std::io::Write;
use std::process::{Command, Stdio};

/// Has the adapter, which `cargo test` builds beside the tests, run two clients as the schedule
/// says: a copy of n1, and calls on it.
fn run(schedule: &str) -> Vec<Json> {
    let setup = r#"[{"op":"register_subsys","ops":"s"},{"op":"copy","net":"n1"}]"#;
    let copy = r#"[{"op":"copy","net":"n2","from":"n1"}]"#;
    let calls = r#"[{"op":"list"},{"op":"put","net":"n1"},{"op":"get","net":"n1"}]"#;
    let mut adapter = std::env::current_exe().expect("the path of the test");
    adapter.pop();
    adapter.pop();
    let mut command = Command::new(adapter.join("examples/adapter"));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("its input");
    let clients = format!("[{copy},{calls}]");
    writeln!(stdin, r#"{{"op":"run","setup":{setup},"clients":{clients},"schedule":{schedule}}}"#)
        .expect("it reads the line");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "the adapter ended with {}", output.status);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| line.parse().expect("JSON")).collect()
}

/// A schedule: `client step` with commas between them.
fn steps(text: &str) -> String {
    let step = |entry: &str| {
        let (client, step) = entry.trim().split_once(' ').expect("a client and a step");
        format!("[{client},{step:?}]")
    };
    format!("[{}]", text.split(',').map(step).collect::<Vec<_>>().join(","))
}

/// What the calls of the clients have returned, in the order of the clients.
fn outcomes(answers: &[Json]) -> Vec<(&str, &str)> {
    let client = |line: &&Json| line["client"].number_or(-9);
    let mut calls: Vec<_> = answers.iter().filter(|line| client(line) >= 0).collect();
    calls.sort_by_key(client);
    calls.iter().map(|line| (line["op"].text(), line["err"].text())).collect()
}

/// The copy lists its net before it puts its reference on n1: three moments of one call.
#[test]
fn a_get_succeeds_during_the_copy_that_lists_first() {
    let answers = run(&steps(
        "0 CopyNetNsGet, 0 CopyNetNsAlloc, 0 CopyNetNsLock, 0 SetupNetInit, 0 CopyNetNsRtnlLock,
         0 CopyNetNsListAdd, 0 CopyNetNsUnlock, 1 ListNetsLock, 1 ListNetsRead, 1 PutNet,
         1 GetNet, 0 CopyNetNsPut",
    ));
    assert_eq!(outcomes(&answers), [("copy", ""), ("list", ""), ("put", ""), ("get", "")]);
    let list = answers.iter().find(|line| line["op"].text() == "list").unwrap();
    assert_eq!(list["nets"], names(["init_net", "n1", "n2"]));
    assert_eq!(answers.last().unwrap()["err"].text(), "");
}

#[test]
fn a_step_of_another_name_does_not_fit() {
    let answers = run(&steps("0 CopyNetNsGet, 0 CopyNetNsLock"));
    let end = answers.last().unwrap();
    assert_eq!(end["err"].text(), "ENOSTEP");
    let at = r#"{"index":1,"client":0,"wanted":"CopyNetNsLock","found":"CopyNetNsAlloc"}"#;
    assert_eq!(end["at"], at.parse().unwrap());
}

#[test]
fn a_step_that_waits_for_a_lock_does_not_fit() {
    let answers = run(&steps(
        "0 CopyNetNsGet, 0 CopyNetNsAlloc, 0 CopyNetNsLock, 0 SetupNetInit, 0 CopyNetNsRtnlLock,
         1 ListNetsLock",
    ));
    let at = &answers.last().unwrap()["at"];
    assert_eq!((at["index"].number_or(-1), at["found"].text()), (5, "ListNetsLock"), "{at}");
}
