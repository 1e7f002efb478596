// SPDX-License-Identifier: MIT

//! Runs programs under shuttle, and follows the schedule of a line `run`.

use crate::calls::tick;
use crate::json::{Json, Object};
use crate::program::{execute, History};
use crate::world::held;
use shuttle::current::me;
use shuttle::scheduler::{RandomScheduler, Schedule, Scheduler, Task, TaskId};
use shuttle::{Config, MaxSteps, Runner};
use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex};

/// Where the tasks are. All of them run on one thread of the system, one at a time.
#[derive(Default)]
struct Board {
    tasks: HashMap<i64, TaskId>, // of each client
    at: HashMap<TaskId, &'static str>,
}

static BOARD: Mutex<Option<Board>> = Mutex::new(None);

shuttle::thread_local! {
    /// When the first step of the call was taken.
    static FIRST_STEP: Cell<Option<i64>> = Cell::new(None);
}

/// Enters the thread of a client on the board.
pub fn enter(client: i64) {
    if let Some(board) = held(&BOARD).as_mut() {
        board.tasks.insert(client, me());
    }
}

/// Takes it off: the client has ended, or the worker waits for work.
pub fn leave(client: i64) {
    if let Some(board) = held(&BOARD).as_mut() {
        board.tasks.remove(&client);
    }
}

/// The call begins with its first step, not when the client comes to it.
pub fn tick_at_first_step() -> Option<i64> {
    FIRST_STEP.with(Cell::take)
}

/// The hook of the registry.
fn stand(step: &'static str) {
    let entered = |board: &&mut Board| board.tasks.values().any(|task| *task == me());
    if let Some(board) = held(&BOARD).as_mut().filter(entered) {
        board.at.insert(me(), step);
    } else {
        return;
    }
    shuttle::thread::yield_now();
    if let Some(board) = held(&BOARD).as_mut() {
        board.at.remove(&me());
    }
    FIRST_STEP.with(|first| first.set(first.take().or_else(|| Some(tick()))));
}

struct Follow {
    entries: Vec<(i64, String)>,
    next: usize, // entry
    begun: bool,
    history: Arc<History>,
}

impl Follow {
    /// Stops: the entry does not fit, for its client is elsewhere or cannot go on.
    fn misfit(&self, index: usize, found: Option<&str>) -> Option<TaskId> {
        let (client, wanted) = &self.entries[index];
        let at = Object::from([
            ("index".to_string(), Json::Number(index as i64)),
            ("client".to_string(), Json::Number(*client)),
            ("wanted".to_string(), wanted[..].into()),
            ("found".to_string(), found.map_or(Json::Null, Json::from)),
        ]);
        let mut end = held(&self.history.end);
        end.insert("at".into(), Json::Object(at));
        end.insert("err".into(), "ENOSTEP".into());
        None
    }
}

impl Scheduler for Follow {
    fn new_execution(&mut self) -> Option<Schedule> {
        let first = !self.begun;
        self.begun = true;
        first.then(|| Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        _: bool,
    ) -> Option<TaskId> {
        let board = held(&BOARD);
        let board = board.as_ref().expect("a schedule runs");
        let can = |task: &TaskId| runnable.iter().any(|other| other.id() == *task);
        // A task inside a step goes on; so does one that comes to its first step.
        let inside = |task: &TaskId| can(task) && !board.at.contains_key(task);
        let next = current.into_iter().chain(runnable.iter().map(|task| task.id())).find(inside);
        if next.is_some() {
            return next;
        }
        let task = |client| board.tasks.get(client).copied();
        let found = |client| task(client).and_then(|task| board.at.get(&task).copied());
        if let Some((client, step)) = self.next.checked_sub(1).map(|last| &self.entries[last]) {
            if task(client).is_some() && found(client).is_none() {
                return self.misfit(self.next - 1, Some(step)); // it waits inside the step
            }
        }
        let Some((client, step)) = self.entries.get(self.next) else {
            let mut rest: Vec<_> = board.tasks.iter().filter(|(_, task)| can(task)).collect();
            rest.sort_unstable();
            return rest.first().map(|(_, task)| **task);
        };
        if found(client) != Some(step) {
            return self.misfit(self.next, found(client));
        }
        self.next += 1;
        task(client)
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}

fn config() -> Config {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    config.max_steps = MaxSteps::None;
    config
}

/// Runs `f` where the registry works.
pub fn alone<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    let (f, result) = (Mutex::new(Some(f)), Arc::new(Mutex::new(None)));
    let theirs = Arc::clone(&result);
    Runner::new(RandomScheduler::new(1), config()).run(move || {
        let f = held(&f).take().expect("it runs once");
        let value = f();
        *held(&theirs) = Some(value);
    });
    let value = held(&result).take();
    value.expect("it has run")
}

/// Runs the program as its schedule says or, without one, at random.
pub fn together(program: &Json, history: &Arc<History>) {
    pernet::on_step(stand);
    let (theirs, histories) = (program.clone(), Arc::clone(history));
    let once = move || execute(&theirs, &histories);
    let result = catch_unwind(AssertUnwindSafe(|| match program.get("schedule") {
        Json::List(entries) => {
            *held(&BOARD) = Some(Board::default());
            let entry =
                |entry: &Json| (entry.list()[0].number_or(0), entry.list()[1].text().into());
            let (entries, history) = (entries.iter().map(entry).collect(), Arc::clone(history));
            Runner::new(Follow { entries, next: 0, begun: false, history }, config()).run(once)
        }
        _ => Runner::new(RandomScheduler::new(1), config()).run(once),
    }));
    *held(&BOARD) = None;
    if result.is_err() {
        held(&history.end).insert("err".into(), "EDEADLK".into());
    }
}
