// SPDX-License-Identifier: MIT

//! How the tests reach the adapter and the command `pernet`.

use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// The adapter, which `cargo test` builds beside the tests.
fn adapter() -> PathBuf {
    let mut path = std::env::current_exe().expect("the path of the test");
    path.pop();
    path.pop();
    path.join("examples/adapter")
}

/// The command `pernet`, if the environment variable PERNET names it.
#[allow(dead_code)] // not all tests need it
pub fn pernet() -> Option<String> {
    std::env::var("PERNET").ok()
}

pub fn pipe(command: &mut Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the command starts");
    let mut stdin = child.stdin.take().expect("its input");
    let input = input.to_string();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("the command ends");
    let _ = writer.join(); // a command may end before it has read all
    output
}

/// What the adapter answers.
pub fn answers(input: &str) -> Vec<Value> {
    let output = pipe(&mut Command::new(adapter()), input);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the adapter ended with {}: {errors}", output.status);
    parse(&String::from_utf8(output.stdout).expect("UTF-8"))
}

pub fn parse(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

pub fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}
