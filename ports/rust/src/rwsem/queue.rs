// SPDX-License-Identifier: MIT

//! `pernet_ops_rwsem` [W04]: a read-write lock that serves those who ask in their order.

use crate::sync::{self, lock, wait, Condvar, Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::ops::{Deref, DerefMut};

pub struct Rwsem<T> {
    queue: Mutex<Queue>,
    moved: Condvar,
    value: RwLock<T>, // it is free for those whose turn it is
}

#[derive(Default)]
struct Queue {
    places: Vec<(u64, bool)>, // who has asked and not left, oldest first, and whether to write
    next: u64,
}

impl Queue {
    /// Whether it is the turn of the place: readers share, a writer is alone.
    fn is_turn(&self, number: u64) -> bool {
        let mut until = self.places.iter().take_while(|(n, _)| *n < number);
        match self.places.iter().find(|(n, _)| *n == number) {
            Some((_, true)) => until.next().is_none(),
            _ => until.all(|(_, writes)| !writes),
        }
    }
}

/// A place in the queue. A drop gives it up.
pub struct Place<'a, T> {
    rwsem: &'a Rwsem<T>,
    number: u64,
}

/// The lock, held by a reader or a writer. The value is let go before the place.
pub struct Held<'a, T, G> {
    value: G,
    _place: Place<'a, T>,
}

impl<T> Rwsem<T> {
    pub fn new(value: T) -> Rwsem<T> {
        let (queue, moved) = (Mutex::new(Queue::default()), Condvar::new());
        Rwsem { queue, moved, value: RwLock::new(value) }
    }

    pub fn ask_to_read(&self) -> Place<'_, T> {
        self.ask(false)
    }

    pub fn ask_to_write(&self) -> Place<'_, T> {
        self.ask(true)
    }

    fn ask(&self, writes: bool) -> Place<'_, T> {
        let mut queue = lock(&self.queue);
        let number = queue.next;
        queue.next += 1;
        queue.places.push((number, writes));
        Place { rwsem: self, number }
    }
}

impl<'a, T> Place<'a, T> {
    fn wait(&self) {
        let mut queue = lock(&self.rwsem.queue);
        while !queue.is_turn(self.number) {
            queue = wait(&self.rwsem.moved, queue);
        }
    }

    /// Blocks until it is its turn.
    pub fn read(self) -> Held<'a, T, RwLockReadGuard<'a, T>> {
        self.wait();
        Held { value: sync::read(&self.rwsem.value), _place: self }
    }

    /// Blocks until it is its turn.
    pub fn write(self) -> Held<'a, T, RwLockWriteGuard<'a, T>> {
        self.wait();
        Held { value: sync::write(&self.rwsem.value), _place: self }
    }
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        lock(&self.rwsem.queue).places.retain(|(number, _)| *number != self.number);
        self.rwsem.moved.notify_all();
    }
}

impl<T, G: Deref<Target = T>> Deref for Held<'_, T, G> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T, G: DerefMut<Target = T>> DerefMut for Held<'_, T, G> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}
