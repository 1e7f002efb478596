// SPDX-License-Identifier: MIT

//! Builds each fault of faults.txt into a copy of the crate, and prints which door catches it.
//! It takes minutes: `PERNET=... cargo test --release --test faults -- --ignored --nocapture`.
//! PERNET_FAULT tries those whose names begin with it.

#![cfg(not(any(feature = "shuttle", feature = "loom")))]

use std::fs;
use std::path::Path;
use std::process::Command;

struct Fault {
    name: String,
    what: String,
    edits: Vec<(String, Vec<String>)>, // a file and the lines of the edit
}

fn faults() -> Vec<Fault> {
    let text = include_str!("faults.txt");
    let paragraphs = text.split("\n\n").skip(1).map(|paragraph| {
        let mut lines = paragraph.lines();
        let (name, what) = lines.next().and_then(|line| line.split_once(": ")).expect("a name");
        let mut edits: Vec<(String, Vec<String>)> = Vec::new();
        for line in lines {
            if line.starts_with("src/") {
                edits.push((line.to_string(), Vec::new()));
            } else {
                edits.last_mut().expect("a file").1.push(line.to_string());
            }
        }
        Fault { name: name.to_string(), what: what.to_string(), edits }
    });
    paragraphs.collect()
}

impl Fault {
    /// Copies the sources to `folder` with the fault laid over them.
    fn lay_over(&self, folder: &Path) {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for sub in ["src", "src/rwsem", "tests", "tests/common", "examples/adapter", "."] {
            fs::create_dir_all(folder.join(sub)).expect("a folder");
            for file in fs::read_dir(here.join(sub)).expect("a folder") {
                let file = file.expect("a file");
                if file.file_type().expect("its type").is_file() {
                    fs::copy(file.path(), folder.join(sub).join(file.file_name())).expect("a copy");
                }
            }
        }
        for (name, lines) in &self.edits {
            let side = |other| {
                let kept = lines.iter().filter(|line| !line.starts_with(other));
                let text: Vec<_> = kept.map(|line| line.get(2..).unwrap_or_default()).collect();
                text.join("\n") + "\n"
            };
            let path = folder.join(name);
            let text = fs::read_to_string(&path).expect("a source");
            let parts: Vec<_> = text.split(&side('+')).collect();
            assert_eq!(
                parts.len(),
                2,
                "{}: an edit of {name} fits more or less than once",
                self.name
            );
            fs::write(&path, parts.join(&side('-'))).expect("the faulty source");
        }
    }
}

/// The doors: their tests, and whether shuttle is needed.
const DOORS: [(&str, &str, bool); 4] = [
    ("unit", "registry", false),
    ("scenarios", "scenarios", false),
    ("histories", "histories", false),
    ("shuttle", "shuttle", true),
];

fn cargo(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new("timeout");
    command.args(["300", "cargo"]).args(arguments).args(["--offline", "--quiet", "--release"]);
    let scenarios = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/scenarios");
    command.current_dir(folder).env("PERNET_SCENARIOS", scenarios).env("RUST_BACKTRACE", "0");
    let output = command
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("CARGO_PROFILE_RELEASE_INCREMENTAL", "true")
        .output()
        .expect("cargo");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("could not compile"), "{said}");
    (output.status.code(), said.to_string())
}

/// "-" if the door's tests pass; else after how much they failed, if they say it.
fn try_door(folder: &Path, test: &str, features: &str) -> String {
    match cargo(folder, &["test", "--test", test, "--features", features]) {
        (Some(0), _) => "-".to_string(),
        (Some(124), _) => "hangs".to_string(),
        (_, said) => {
            let counts = said.split("after ").filter(|rest| rest.starts_with(char::is_numeric));
            let after = counts.filter_map(|rest| rest.split([':', '\n']).next()).next();
            after.unwrap_or("yes").to_string()
        }
    }
}

#[test]
fn every_edit_fits_the_sources() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edits");
    let faults = faults();
    assert!(faults.len() >= 20, "{} faults", faults.len());
    faults.iter().for_each(|fault| fault.lay_over(&folder));
    fs::remove_dir_all(&folder).expect("the copy");
}

#[test]
#[ignore = "it builds the crate for each fault"]
fn every_fault_is_caught() {
    assert!(std::env::var("PERNET").is_ok(), "PERNET must name the command pernet");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults");
    let wanted = std::env::var("PERNET_FAULT").ok();
    let mut missed = Vec::new();
    println!("| fault | what goes wrong | {} |", DOORS.map(|door| door.0).join(" | "));
    println!("| --- | --- |{}", " --- |".repeat(DOORS.len()));
    for fault in
        faults().iter().filter(|f| wanted.as_ref().is_none_or(|name| f.name.starts_with(name)))
    {
        fault.lay_over(&folder);
        let rwsem = fault.edits.iter().any(|(file, _)| file.starts_with("src/rwsem"));
        let features = if rwsem { ["rwsem", "rwsem,shuttle"] } else { ["", "shuttle"] };
        cargo(&folder, &["build", "--example", "adapter", "--features", features[0]]);
        let door = |test, shuttle| {
            let test = if rwsem && test == "registry" { "rwsem" } else { test };
            try_door(&folder, test, features[usize::from(shuttle)])
        };
        let found = DOORS.map(|(_, test, shuttle)| door(test, shuttle));
        println!("| {} | {} | {} |", fault.name, fault.what, found.join(" | "));
        if found.iter().all(|door| door == "-") {
            missed.push(fault.name.clone());
        }
    }
    assert!(missed.is_empty(), "caught by no door: {missed:?}");
}
