// SPDX-License-Identifier: MIT

//! The published test vectors, read as data. The sets that cover every edge are compressed, which
//! the standard library cannot read: PERNET_VECTORS names sets that were decompressed, with spaces
//! between them.

#![cfg(not(any(feature = "shuttle", feature = "loom")))]

#[path = "../examples/adapter.rs"]
mod adapter;

use std::fs;

const SMOKE: &str = if cfg!(feature = "rwsem") { "rwsem-smoke" } else { "smoke" };

#[test]
fn each_vector_is_answered_as_is_due() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/vectors");
    let more = std::env::var("PERNET_VECTORS").unwrap_or_default();
    let smoke = format!("{folder}/{SMOKE}.jsonl");
    for file in [&smoke[..]].into_iter().chain(more.split_whitespace()) {
        let text = fs::read_to_string(file).unwrap_or_else(|err| panic!("{file}: {err}"));
        let passed = pernet_protocol::vectors::<adapter::World>(&text)
            .unwrap_or_else(|err| panic!("{file}: {err}"));
        println!("{file}: {passed} vectors passed");
        assert!(passed > 30, "{file}: only {passed} vectors were run");
    }
}
