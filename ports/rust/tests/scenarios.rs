// SPDX-License-Identifier: MIT

//! The scenarios of the repository, read as data, and through `pernet replay` if PERNET names the
//! command. Under the read-write lock a round takes all nets: other answers would be due.

#![cfg(not(any(feature = "rwsem", feature = "loom")))]

mod common;

use common::{answers, lines, parse, pernet, pipe};
use serde_json::{json, Value};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

fn scenarios() -> Vec<PathBuf> {
    let folder = std::env::var("PERNET_SCENARIOS").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/scenarios").into()
    });
    let files = fs::read_dir(folder).expect("the folder of the scenarios");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "jsonl"));
    paths.sort();
    assert!(paths.len() > 20, "{} scenarios", paths.len());
    paths
}

/// Up to the first line that needs a feature which the port lacks, the answers are the recorded
/// ones.
#[test]
fn scenarios_are_answered_as_recorded() {
    let mut compared = 0;
    for path in scenarios() {
        let input = fs::read_to_string(&path).expect("a scenario");
        let due = fs::read_to_string(path.with_extension("out")).expect("its answers");
        for (at, (got, due)) in answers(&input).iter().zip(parse(&due)).enumerate() {
            if got["err"] == "ENOTSUP" {
                break;
            }
            if got["op"] != "hello" {
                assert_eq!(*got, due, "{}:{} after {compared} operations", path.display(), at + 1);
                compared += 1;
            }
        }
    }
    println!("{compared} answers are as recorded");
    assert!(compared > 100, "only {compared} answers were compared");
}

#[test]
fn pernet_replay_accepts_all_answers() {
    let Some(pernet) = pernet() else {
        println!("skipped: PERNET does not name the command pernet");
        return;
    };
    for path in scenarios() {
        let text = fs::read_to_string(&path).expect("a scenario");
        let mut input = vec![json!({"op": "hello", "version": 1})];
        input.extend(parse(&text).into_iter().filter(|line: &Value| line["op"] != "hello"));
        let input = lines(&input);
        let scenario = std::env::temp_dir().join(format!("pernet-{}.jsonl", std::process::id()));
        fs::write(&scenario, &input).expect("a scenario with a hello");
        let mut check = Command::new(&pernet);
        check.args(["replay", "--check", "-"]).arg(&scenario);
        let output = pipe(&mut check, &lines(&answers(&input)));
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", path.display());
        fs::remove_file(&scenario).expect("the scenario is there");
    }
}
