// SPDX-License-Identifier: MIT

//! The published test vectors, read as data. The sets that cover every edge are compressed, which
//! the standard library cannot read: PERNET_VECTORS names sets that were decompressed, with spaces
//! between them.

#![cfg(not(any(feature = "shuttle", feature = "loom")))]

#[path = "../examples/adapter/history.rs"]
#[allow(dead_code)] // the adapter needs the rest
mod history;
#[path = "../examples/adapter/json.rs"]
#[allow(dead_code)]
mod json;
#[path = "../examples/adapter/threads.rs"]
#[allow(dead_code, unused_imports)]
mod threads;
#[path = "../examples/adapter/world.rs"]
#[allow(dead_code)]
mod world;

use history::take_calls;
use json::Json;
use std::fs;
use world::World;

/// What the types make impossible: see the README.
const LACKS: [&str; 2] = ["positive-init", "fail-alloc"];
const SMOKE: &str = if cfg!(feature = "rwsem") { "rwsem-smoke" } else { "smoke" };

#[test]
fn each_vector_is_answered_as_is_due() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/vectors");
    let more = std::env::var("PERNET_VECTORS").unwrap_or_default();
    let smoke = format!("{folder}/{SMOKE}.jsonl");
    for file in [&smoke[..]].into_iter().chain(more.split_whitespace()) {
        let text = fs::read_to_string(file).unwrap_or_else(|err| panic!("{file}: {err}"));
        let (mut passed, mut skipped) = (0, 0);
        for line in text.lines().skip(1) {
            let vector: Json = line.parse().unwrap_or_else(|err| panic!("{file}: {err}"));
            if vector["needs"].list().iter().any(|needs| LACKS.contains(&needs.text())) {
                skipped += 1;
                continue;
            }
            check(&vector);
            passed += 1;
        }
        println!("{file}: {passed} vectors passed, {skipped} skipped");
        assert!(passed > 30, "{file}: only {passed} vectors were run");
    }
}

fn check(vector: &Json) {
    let world = World::new();
    let (lines, due) = (vector["lines"].list(), vector["due"].list());
    assert_eq!(lines.len(), due.len());
    for (at, (line, due)) in lines.iter().zip(due).enumerate() {
        let mut result = line.only(&["op"]);
        world.answer(line, &mut result);
        let (id, why) = (&vector["id"], &vector["why"]);
        let result = Json::Object(result);
        assert!(result == *due, "{id}, line {at}: {why}\n{line}\nread: {result}\ndue:  {due}");
    }
    drop(world);
    take_calls(); // those of the drop
}
