// SPDX-License-Identifier: MIT

//! Test vectors as data, for the port's own tests.

use crate::history::take_calls;
use crate::json::Json;
use crate::names::World;
use crate::Port;

/// Runs the vectors of a set, which is the text of its file, and returns how many passed. It skips
/// those that need a feature which the port does not claim. It returns an error at the first answer
/// that is not the one due. A port built with shuttle cannot be called from here.
pub fn vectors<P: Port>(set: &str) -> Result<usize, String> {
    let mut passed = 0;
    for line in set.lines().skip(1) {
        let vector: Json = line.parse()?;
        let claimed = |feature: &Json| P::FEATURES.contains(&feature.text());
        if vector["needs"].list().iter().all(claimed) {
            check::<P>(&vector)?;
            passed += 1;
        }
    }
    Ok(passed)
}

fn check<P: Port>(vector: &Json) -> Result<(), String> {
    let world = World::<P>::new();
    let (id, why) = (vector["id"].text(), vector["why"].text());
    let (lines, due) = (vector["lines"].list(), vector["due"].list());
    if lines.len() != due.len() {
        return Err(format!("{id} has {} lines and {} results", lines.len(), due.len()));
    }
    for (at, (line, due)) in lines.iter().zip(due).enumerate() {
        let mut result = line.only(&["op"]);
        world.answer(line, &mut result);
        let read = Json::Object(result);
        if read != *due {
            return Err(format!("{id}, line {at}: {why}\n{line}\nread: {read}\ndue:  {due}"));
        }
    }
    drop(world);
    take_calls(); // those of the drop
    Ok(())
}
