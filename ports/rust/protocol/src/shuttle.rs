// SPDX-License-Identifier: MIT

//! Threads under shuttle: programs run as their schedules say, one step at a time.

use crate::history::held;
use crate::json::{object, Json, Object};
use shuttle::current::me;
use shuttle::scheduler::{RandomScheduler, Schedule, Scheduler, Task, TaskId};
pub use shuttle::{sync::mpsc, sync::Barrier, thread, thread_local};
use shuttle::{Config, MaxSteps, Runner};
use std::collections::HashMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Whether [`together`] follows a schedule.
pub const FOLLOW_SCHEDULES: bool = true;

/// Where the tasks are. All of them run on one thread of the system, one at a time.
#[derive(Default)]
struct Board {
    tasks: HashMap<i64, TaskId>, // of each client
    at: HashMap<TaskId, &'static str>,
}

static BOARD: Mutex<Option<Board>> = Mutex::new(None);

/// A client begins.
pub fn enter(client: i64) {
    if let Some(board) = held(&BOARD).as_mut() {
        board.tasks.insert(client, me());
    }
}

/// A client has ended, or the worker waits for work.
pub fn leave(client: i64) {
    if let Some(board) = held(&BOARD).as_mut() {
        board.tasks.remove(&client);
    }
}

/// The hook of a port: call it directly before each step that another thread can see, with the name
/// of the step in `docs/correspondence.md`. Without shuttle it does nothing.
pub fn step(name: &'static str) {
    let entered = |board: &&mut Board| board.tasks.values().any(|task| *task == me());
    if let Some(board) = held(&BOARD).as_mut().filter(entered) {
        board.at.insert(me(), name);
    } else {
        return;
    }
    thread::yield_now();
    if let Some(board) = held(&BOARD).as_mut() {
        board.at.remove(&me());
    }
}

struct Follow {
    entries: Vec<(i64, String)>,
    next: usize, // entry
    begun: bool,
    misfit: Arc<Mutex<Option<Object>>>,
}

impl Follow {
    /// Stops: the entry does not fit, for its client is elsewhere or cannot go on.
    fn stop(&self, index: usize, found: Option<&str>) -> Option<TaskId> {
        let (client, wanted) = &self.entries[index];
        *held(&self.misfit) = Some(object([
            ("index", Json::Number(index as i64)),
            ("client", Json::Number(*client)),
            ("wanted", wanted[..].into()),
            ("found", found.map_or(Json::Null, Json::from)),
        ]));
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
                return self.stop(self.next - 1, Some(step)); // it waits inside the step
            }
        }
        let Some((client, step)) = self.entries.get(self.next) else {
            let mut rest: Vec<_> = board.tasks.iter().filter(|(_, task)| can(task)).collect();
            rest.sort_unstable();
            return rest.first().map(|(_, task)| **task);
        };
        if found(client) != Some(step) {
            return self.stop(self.next, found(client));
        }
        self.next += 1;
        task(client)
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}

fn run(scheduler: impl Scheduler + 'static, f: impl Fn() + Send + Sync + 'static) {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    config.max_steps = MaxSteps::None;
    Runner::new(scheduler, config).run(f);
}

/// Runs `f` where the registry works.
pub fn alone<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    let (f, result) = (Mutex::new(Some(f)), Arc::new(Mutex::new(None)));
    let theirs = Arc::clone(&result);
    run(RandomScheduler::new(1), move || {
        let f = held(&f).take().expect("it runs once");
        let value = f();
        *held(&theirs) = Some(value);
    });
    let value = held(&result).take();
    value.expect("it has run")
}

/// Runs a whole program as its schedule says or, without one, at random, and returns what the end
/// of its answer says.
pub fn together(schedule: &Json, program: impl Fn() + Send + Sync + 'static) -> Object {
    let misfit = Arc::new(Mutex::new(None));
    let result = catch_unwind(AssertUnwindSafe(|| match schedule {
        Json::List(entries) => {
            *held(&BOARD) = Some(Board::default());
            let entry =
                |entry: &Json| (entry.list()[0].number_or(0), entry.list()[1].text().into());
            let (entries, misfit) = (entries.iter().map(entry).collect(), Arc::clone(&misfit));
            run(Follow { entries, next: 0, begun: false, misfit }, program)
        }
        _ => run(RandomScheduler::new(1), program),
    }));
    *held(&BOARD) = None;
    let at = held(&misfit).take();
    match (result, at) {
        (Err(_), _) => object([("err", "EDEADLK".into())]),
        (_, Some(at)) => object([("err", "ENOSTEP".into()), ("at", Json::Object(at))]),
        _ => object([("err", "".into())]),
    }
}

/// Blocks until one more thread has ended. The time means nothing here.
pub fn ends(all: &mpsc::Receiver<()>, _deadline: Instant) -> bool {
    all.recv().is_ok()
}

/// Yields at steps alone.
pub fn pause(_us: i64) {}
