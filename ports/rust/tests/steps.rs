// SPDX-License-Identifier: MIT

//! The steps have the names of the specs' actions, and the row ids of the correspondence table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sources of one discipline; net.rs and work.rs are of both.
fn sources(rwsem: bool) -> String {
    let of = |name: &&&str| name.contains("rwsem") == rwsem || name.contains("net.rs");
    let names = ["registry.rs", "lists.rs", "worker.rs", "net.rs", "rwsem.rs", "rwsem/shared.rs"];
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name);
        fs::read_to_string(path).expect("a source")
    };
    names.iter().filter(of).map(|name| read(name)).collect()
}

/// The string literals that can be names of actions.
fn names(text: &str) -> BTreeSet<&str> {
    let literals = text.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
    let name = |text: &&str| {
        text.starts_with(char::is_uppercase) && text.chars().all(char::is_alphanumeric)
    };
    literals.filter(name).collect()
}

fn check(spec: &str, rwsem: bool) {
    let spec = fs::read_to_string(root().join("spec").join(spec)).expect("the spec");
    let text = sources(rwsem);
    let names = names(&text);
    assert!(names.len() > 25, "only {} names", names.len());
    for name in names {
        let action = |line: &str| {
            let rest = line.strip_prefix(name).unwrap_or("?");
            rest.starts_with('(') || rest.starts_with(" ==")
        };
        let other = !rwsem && name == "ReleaseNetFree"; // net.rs has it for the rwsem
        assert!(spec.lines().any(action) || other, "no action {name}");
    }
}

#[test]
fn steps_of_the_mutex_are_actions_of_netns() {
    check("netns.tla", false);
}

#[test]
fn steps_of_the_rwsem_are_actions_of_netns_rwsem() {
    check("netns_rwsem.tla", true);
}

#[test]
fn row_ids_are_in_the_correspondence_table() {
    let table = fs::read_to_string(root().join("docs/correspondence.md")).expect("the table");
    for (rwsem, letter, least) in [(false, 'R', 30), (true, 'W', 25)] {
        let text = sources(rwsem);
        let mark = format!("[{letter}");
        let ids = text.split(&mark).skip(1).filter_map(|rest| rest.split_once(']'));
        let ids: BTreeSet<_> = ids.map(|(id, _)| format!("| {letter}{id} |")).collect();
        assert!(ids.len() > least, "only {} rows of {letter}", ids.len());
        for id in ids {
            assert!(table.contains(&id), "no row {id}");
        }
    }
}
