# SPDX-License-Identifier: MIT
"""A scheduler: one thread runs at a time, from one step of pernet.py to the next."""

import threading

import pernet


class Schedule:
    """Takes the place of step and Lock of pernet.py, as long as it is entered."""

    def __init__(self):
        self.turn, self.running = threading.Condition(), None
        self.at, self.mine = {}, threading.local()  # by client, the step that it is before

    def __enter__(self):
        self.old, pernet.step, pernet.Lock = (pernet.step, pernet.Lock), self.step, lambda: Lock(self)
        return self

    def __exit__(self, *_):
        pernet.step, pernet.Lock = self.old

    def start(self, client, run):
        """Starts a thread, and runs it to its first step."""

        def thread():
            self.mine.client = client
            run()
            self.hand_back()

        with self.turn:
            self.running = client
            threading.Thread(target=thread, daemon=True).start()
            self.turn.wait_for(lambda: self.running is None)

    def hand_back(self):
        with self.turn:
            self.running = None
            self.turn.notify_all()

    def step(self, name):
        """Blocks until the thread is let go. The set-up is no thread."""
        client = getattr(self.mine, "client", None)
        if client is None:
            return
        self.mine.step = name
        with self.turn:
            self.at[client] = name
            self.hand_back()
            self.turn.wait_for(lambda: self.running == client)

    def wait(self):
        """Brings the thread back before the step that it was let go to take."""
        self.waits = True
        self.step(self.mine.step)

    def go(self, client):
        """Lets a client take its step. It returns whether it could."""
        self.waits = False
        with self.turn:
            del self.at[client]
            self.running = client
            self.turn.notify_all()
            self.turn.wait_for(lambda: self.running is None)
        if -1 not in self.at:
            self.worker()
        return not self.waits

    def follow(self, schedule):
        """Takes the steps. It returns the first entry that does not fit."""
        for i, (client, wanted) in enumerate(schedule):
            found = self.at.get(client)
            if found != wanted or not self.go(client):
                return {"index": i, "client": client, "wanted": wanted, "found": found}

    def finish(self):
        """Runs all threads on, the lowest first. It returns whether all have ended."""
        while any(self.go(client) for client in sorted(self.at)):
            pass
        return not self.at


class Lock:
    def __init__(self, schedule):
        self.schedule, self.held = schedule, False

    def __enter__(self):
        while self.held:
            self.schedule.wait()
        self.held = True

    def __exit__(self, *_):
        self.held = False
