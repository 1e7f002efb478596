// SPDX-License-Identifier: MIT

//! Builds each fault of faults.txt into a copy of the crate, and prints which door catches it.
//! It takes half a minute for each: `PERNET=/path/to/pernet cargo test --release --test faults --
//! --ignored --nocapture every_fault`. PERNET_FAULT tries those whose names begin with it. The test
//! programs_catch_with_each_seed runs the programs of 20 seeds (PERNET_SEEDS).

#![cfg(not(any(feature = "shuttle", feature = "loom")))]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

struct Fault {
    name: String,
    what: String,
    edits: Vec<(String, Vec<String>)>, // a file and the lines of the edit
}

/// The folders of the crate and of the protocol's.
const FOLDERS: [&str; 8] =
    ["src", "src/rwsem", "tests", "tests/common", "examples", "protocol", "protocol/src", "."];

fn faults() -> Vec<Fault> {
    let text = include_str!("faults.txt");
    let paragraphs = text.split("\n\n").skip(1).map(|paragraph| {
        let mut lines = paragraph.lines();
        let (name, what) = lines.next().and_then(|line| line.split_once(": ")).expect("a name");
        let mut edits: Vec<(String, Vec<String>)> = Vec::new();
        for line in lines {
            if line.starts_with("src/") || line.starts_with("protocol/") {
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
    fn lay_over<'a>(&self, folder: &'a Path) -> Faulty<'a> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for sub in FOLDERS {
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
        let rwsem = self.edits.iter().any(|(file, _)| file.starts_with("src/rwsem"));
        Faulty { folder, rwsem }
    }
}

/// Runs a command in the folder, at most five minutes, and returns its exit status and its output.
fn run(folder: &Path, command: &[&str]) -> (Option<i32>, String) {
    let mut limited = Command::new("timeout");
    limited.arg("300").args(command).current_dir(folder).env("RUST_BACKTRACE", "0");
    limited.env("CARGO_TARGET_DIR", folder.join("target"));
    let output = limited.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("could not compile"), "{said}");
    (output.status.code(), said.to_string())
}

/// What follows the first of these words, up to a space, a comma or a colon.
fn after<'a>(said: &'a str, words: &[&str]) -> Option<&'a str> {
    let rest =
        said.lines().find_map(|line| words.iter().find_map(|w| Some(line.split_once(w)?.1)))?;
    rest.split([' ', ',', ':']).next()
}

const FOUND: [&str; 5] = ["WRONG ", "CRASHED ", "HUNG ", "PROTOCOL ", "UNSUPPORTED "];

/// A copy of the crate with a fault.
struct Faulty<'a> {
    folder: &'a Path,
    rwsem: bool,
}

impl Faulty<'_> {
    /// Runs cargo with these features, and with rwsem if the fault is there.
    fn cargo(&self, with: &str, rest: &[&str]) -> (Option<i32>, String) {
        let features = format!("--features={with}{}", if self.rwsem { "rwsem" } else { "" });
        let cargo = ["cargo", "--offline", "--quiet", rest[0], "--release", &features];
        run(self.folder, &[&cargo, &rest[1..]].concat())
    }

    fn build(&self) {
        self.cargo("", &["build", "--example", "adapter"]);
    }

    fn kit(&self, only: &[&str]) -> (Option<i32>, String) {
        let pernet = std::env::var("PERNET").expect("PERNET names the command pernet");
        let adapter = self.folder.join("target/release/examples/adapter");
        let discipline = if self.rwsem { "rwsem" } else { "mutex" };
        let conform = [&pernet, "conform", "--discipline", discipline];
        run(self.folder, &[&conform, only, &["--", adapter.to_str().expect("UTF-8")]].concat())
    }

    /// The first vector that fails.
    fn vectors(&self) -> Option<String> {
        match self.kit(&["--level", "sequential"]) {
            (Some(0), _) => None,
            (_, said) => Some(after(&said, &FOUND).unwrap_or("yes").to_string()),
        }
    }
}

/// The doors, with what each says of the fault: "-" if it does not catch it.
fn doors(faulty: &Faulty) -> [String; 4] {
    faulty.build();
    let none = || "-".to_string();
    let vectors = faulty.vectors().unwrap_or_else(none);
    let (status, said) = faulty.kit(&["--only", "concurrent/"]);
    let programs = match (status, after(&said, &["programs: "])) {
        (Some(0), _) => none(),
        (_, Some(operations)) => format!("{operations} operations"),
        (status, None) => format!("status {status:?}"),
    };
    let units = match faulty.cargo("", &["test", "--test", "registry", "--test", "rwsem"]).0 {
        Some(0) => none(),
        Some(124) => "hangs".to_string(),
        _ => "yes".to_string(),
    };
    let (status, said) = faulty.cargo("shuttle,", &["test", "--test", "shuttle"]);
    let shuttle = match (status, after(&said, &["failed after "])) {
        (Some(0), _) => none(),
        (_, Some(count)) => format!("{count} interleavings"),
        (Some(124), None) => "hangs".to_string(),
        (_, None) => "yes".to_string(),
    };
    [vectors, programs, units, shuttle]
}

fn wanted_faults() -> impl Iterator<Item = Fault> {
    let wanted = std::env::var("PERNET_FAULT").unwrap_or_default();
    faults().into_iter().filter(move |fault| fault.name.starts_with(&wanted))
}

#[test]
fn every_edit_fits_the_sources() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edits");
    let faults = faults();
    assert!(faults.len() >= 20, "{} faults", faults.len());
    for fault in &faults {
        fault.lay_over(&folder);
    }
    fs::remove_dir_all(&folder).expect("the copy");
}

#[test]
#[ignore = "it builds the crate for each fault"]
fn every_fault_is_caught() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults");
    let mut missed = Vec::new();
    println!("| fault | what goes wrong | vectors | programs | units | shuttle |");
    println!("|---|---|---|---|---|---|");
    for fault in wanted_faults() {
        let found = doors(&fault.lay_over(&folder));
        println!("| {} | {} | {} |", fault.name, fault.what, found.join(" | "));
        if found.iter().all(|door| door == "-") {
            missed.push(fault.name);
        }
    }
    assert!(missed.is_empty(), "caught by no door: {missed:?}");
}

/// No program has a reader inside, which W2 needs: shuttle, with every order, catches it each time.
const SHUTTLE_ALONE: &str = "W2";

/// What no vector shows, the programs must: with their default number, and each seed.
#[test]
#[ignore = "it runs the programs of 20 seeds for each fault"]
fn programs_catch_with_each_seed() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("seeds");
    let seeds: u32 = std::env::var("PERNET_SEEDS").map_or(20, |n| n.parse().expect("a number"));
    println!("| fault | seeds that catch it | slowest |");
    println!("|---|--:|--:|");
    let mut missed = Vec::new();
    for fault in wanted_faults() {
        let faulty = fault.lay_over(&folder);
        faulty.build();
        if fault.name == SHUTTLE_ALONE || faulty.vectors().is_some() {
            continue;
        }
        let (mut caught, mut slowest) = (0, 0.0f64);
        for seed in 1..=seeds {
            let start = Instant::now();
            let (status, _) = faulty.kit(&["--only", "concurrent/", "--seed", &seed.to_string()]);
            if status != Some(0) && status != Some(3) {
                caught += 1;
                slowest = slowest.max(start.elapsed().as_secs_f64());
            }
        }
        println!("| {} | {caught} of {seeds} | {slowest:.1} s |", fault.name);
        if caught < seeds {
            missed.push(fault.name);
        }
    }
    assert!(missed.is_empty(), "not caught with each seed: {missed:?}");
}
