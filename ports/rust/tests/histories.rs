// SPDX-License-Identifier: MIT

//! Histories of clients on threads of their own, judged by `pernet lin`. They need the variable
//! PERNET, which names the command. PERNET_SEED and PERNET_RUNS choose other programs.

#![cfg(not(any(feature = "shuttle", feature = "loom")))]

mod common;

use common::{answers, lines, pernet, pipe};
use serde_json::{json, Value};
use std::process::Command;

/// A generator of numbers (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).expect("a small number")
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const OPS: [(&str, &str); 3] = [("s1", "subsys"), ("s2", "subsys"), ("d1", "device")];
const NETS: [&str; 3] = ["init_net", "n1", "n2"];

/// A client names nets of the set-up and of its own copies, and puts references of its own.
/// `owned` are the references of the set-up that are this client's. `kinds` are the kinds of calls.
fn client(
    random: &mut Random,
    number: usize,
    calls: usize,
    kinds: usize,
    owned: &[&str],
) -> Vec<Value> {
    let mut lines: Vec<Value> = Vec::new();
    let mut references: Vec<(Option<usize>, String)> =
        owned.iter().map(|net| (None, (*net).to_string())).collect();
    let mut uses: Vec<(usize, String)> = Vec::new();
    while lines.len() < calls {
        let at = lines.len();
        let (ops, kind) = OPS[random.below(OPS.len())];
        lines.push(match random.below(kinds) {
            0..=1 => json!({"op": format!("register_{kind}"), "ops": ops}),
            2..=3 => {
                let wrong = if kind == "subsys" { "device" } else { "subsys" };
                let kind = if random.below(8) == 0 { wrong } else { kind };
                json!({"op": format!("unregister_{kind}"), "ops": ops})
            }
            4..=6 => {
                let net = format!("c{number}_{at}");
                let own = references.iter().rev().find(|(made, _)| made.is_some()).cloned();
                let line = match own {
                    Some((made, from)) if random.below(3) == 0 => {
                        json!({"op": "copy", "net": net, "from": from, "if": made})
                    }
                    _ => json!({"op": "copy", "net": net, "from": random.one(&NETS)}),
                };
                references.push((Some(at), net));
                line
            }
            7 | 8 => {
                let net = random.one(&NETS);
                references.push((Some(at), net.to_string()));
                json!({"op": "get", "net": net})
            }
            9..=12 if !references.is_empty() => {
                let (made, net) = references.swap_remove(random.below(references.len()));
                match made {
                    Some(made) => json!({"op": "put", "net": net, "if": made}),
                    None => json!({"op": "put", "net": net}),
                }
            }
            // Under the read-write lock the last use frees, which `pernet lin` does not know yet.
            13 if cfg!(not(feature = "rwsem")) => {
                let net = random.one(&NETS[1..]);
                uses.push((at, net.to_string()));
                json!({"op": "hold", "net": net})
            }
            14 if !uses.is_empty() => {
                let (made, net) = uses.pop().expect("a use");
                json!({"op": "release", "net": net, "if": made})
            }
            15 => json!({"op": "state"}),
            _ => json!({"op": "list"}),
        });
    }
    lines
}

/// In half of the programs inits fail. n1 loses its last reference early.
fn program(random: &mut Random) -> Value {
    let mut setup = vec![json!({"op": "register_subsys", "ops": "s1"})];
    setup.extend(NETS[1..].iter().map(|net| json!({"op": "copy", "net": net})));
    setup.push(json!({"op": "get", "net": "n2"}));
    let (number, calls) = (2 + random.below(3), 5 + random.below(11));
    let kinds = [6, 16, 16][random.below(3)]; // mostly registers, or all
    let owned: [&[&str]; 2] = [&["n1", "n2"], &["n2"]];
    let clients: Vec<_> = (0..number)
        .map(|at| client(random, at, calls, kinds, owned.get(at).unwrap_or(&&[][..])))
        .collect();
    if random.below(2) == 0 {
        let copies = clients.iter().flatten().filter(|line| line["op"] == "copy");
        for net in copies.map(|line| &line["net"]).chain([&json!("n1"), &json!("n2")]) {
            if random.below(2) == 0 {
                let ops = OPS[random.below(OPS.len())].0;
                setup.push(json!({"op": "fail", "ops": ops, "net": net}));
            }
        }
    }
    let pause = [0, 1, 20][random.below(3)];
    json!({"op": "run", "setup": setup, "clients": clients, "pause": pause, "deadline": 10_000})
}

/// `pernet lin` wants one call at a time of each client, and numbers from -1 up. So the set-up is
/// a client of its own, and so is each cleanup of a round of several but the first.
fn judge(pernet: &str, history: &[Value]) -> Result<(), String> {
    let mut history = history.to_vec();
    let mut round = (Value::Null, 0);
    for line in &mut history {
        if line["client"] == -2 {
            line["client"] = json!(1000);
        } else if line["client"] == -1 {
            round = if round.0 == line["call"] {
                (round.0, round.1 + 1)
            } else {
                (line["call"].clone(), 0)
            };
            line["client"] = json!(if round.1 == 0 { -1 } else { 1000 + round.1 });
        }
    }
    let output = pipe(Command::new(pernet).arg("lin"), &lines(&history));
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Err(format!("{}: {said}\n{}", output.status, lines(&history)))
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn histories_of_free_threads_are_linearizable() {
    let Some(pernet) = pernet() else {
        println!("skipped: PERNET does not name the command pernet");
        return;
    };
    let mut random = Random(number("PERNET_SEED", 1));
    let (mut operations, mut overlap, mut runs) = (0, 0, 0);
    while runs < number("PERNET_RUNS", 1000) {
        let programs: Vec<_> = (0..20).map(|_| program(&mut random)).collect();
        let answers = answers(&lines(&programs));
        for history in answers.split_inclusive(|line| line["op"] == "run") {
            let (end, history) = history.split_last().expect("an end line");
            runs += 1;
            operations += history.len();
            overlap += history.iter().map(|call| overlaps(call, history)).sum::<usize>();
            let seen = format!("after {runs} histories, {operations} operations");
            assert_eq!(end["err"], "", "{seen}: the run ended with {end}");
            assert_eq!(end["operations"], history.len(), "{seen}: {end}");
            if let Err(said) = judge(&pernet, history) {
                panic!("{seen}: {said}");
            }
        }
    }
    #[allow(clippy::cast_precision_loss)]
    let mean = overlap as f64 / operations as f64;
    println!("{runs} histories, {operations} operations, mean overlap {mean:.2}");
}

/// How many other calls were under way during this one.
fn overlaps(call: &Value, history: &[Value]) -> usize {
    let begins_before = |a: &Value, b: &Value| a["call"].as_i64() < b["return"].as_i64();
    let both = |other: &&Value| begins_before(call, other) && begins_before(other, call);
    history.iter().filter(both).count() - 1
}
