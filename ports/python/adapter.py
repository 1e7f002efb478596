# SPDX-License-Identifier: MIT
"""Speaks the protocol of docs/formats.md for the registry in pernet.py: a template for an adapter."""

import itertools
import json
import sys
import threading
import time

from pernet import Errno, Net, Ops, Registry
from schedule import Schedule

FEATURES = ["misuse", "positive-init", "no-callback", "use-count", "fail-alloc", "newnet", "defer", "run", "steps"]
NO_CALL = ("op", "id", "if")


class World:
    """A fresh registry, with the names that lines use."""

    def __init__(self):
        self.registry, self.mine = Registry(), threading.local()
        self.nets, self.ops, self.armed, self.allocs = {"init_net": self.registry.init_net}, {}, {}, []
        self.lock, self.pause, self.clock = threading.Lock(), 0, None

    def called(self, word, ops, net):
        """Notes a callback of the call that this thread is in, and returns what an init returns."""
        call = [word, ops, net.name]
        self.mine.calls.append(call)
        begin = self.clock and next(self.clock)
        if self.pause:
            time.sleep(0 if self.pause == 1 else self.pause / 1e6)
        if self.clock:  # of a program
            call += [begin, next(self.clock)]
        with self.lock:
            armed = self.armed.get((ops, net.name)) if word == "init" else None
            return armed.pop(0) if armed else None

    def ops_of(self, line, registers):
        """The ops of a name; others with other callbacks if they are not registered."""
        name = line["ops"]
        asked = init, exit, defers = line.get("init", True), line.get("exit", True), line.get("defer", False)

        def run_exit(net):
            self.called("exit", name, net)
            if defers:
                self.registry.defer(lambda: self.called("deferred", name, net))

        with self.lock:
            ops = self.ops.get(name)
            if not ops or registers and ops.asked != asked and ops not in self.registry.pernet_list:
                ops = self.ops[name] = Ops(name, init and (lambda net: self.called("init", name, net)), exit and run_exit)
                ops.asked = asked
            return ops

    def net(self, name):
        if name not in self.nets:
            raise Errno("ENOENT")
        return self.nets[name]

    def act(self, line, result):
        op, registry = line["op"], self.registry
        word, _, kind = op.partition("_")
        if word == "register":
            registry.register(self.ops_of(line, True), kind == "device")
        elif word == "unregister":
            registry.unregister(self.ops_of(line, False), kind == "device")
        elif op == "copy":
            old = self.net(line.get("from", "init_net"))
            if line.get("newnet", True):
                self.copy(old, line["net"], result)
            else:
                old.get("CopyNetNsShare")
        elif op in ("get", "put", "hold", "release"):
            getattr(self.net(line["net"]), op)()
        elif op == "work":
            for _ in range(min(line.get("max", 1 << 62), len(registry.queue))):
                net, freed = registry.work()
                result.setdefault("freed" if freed else "kept", []).append(net.name)
        elif op in ("barrier", "run_deferred"):  # a barrier runs them itself
            registry.barrier("Rcu")
        elif op == "fail":
            self.armed.setdefault((line["ops"], line["net"]), []).append(line.get("err", "ENOMEM"))
        elif op == "fail_alloc":
            self.allocs.append(line.get("err", "ENOMEM"))
        elif op == "list":
            result["nets"] = [n.name for n in registry.list()]
        elif op != "state":
            raise ValueError("unknown op " + op)

    def copy(self, old, name, result):
        def alloc(registry, name):
            if name in self.nets and not self.nets[name].freed:
                raise Errno("EEXIST")
            with self.lock:
                if self.allocs:
                    raise Errno(self.allocs.pop(0))
            result["freed"] = [name]  # unless the copy succeeds
            return Net(registry, name)

        self.nets[name] = self.registry.copy(old, name, alloc)
        result["freed"] = []

    def do(self, line, result):
        """Does a line, and fills in the result. It returns what failed, or ""."""
        self.mine.calls, err = [], ""
        try:
            self.act(line, result)
        except Errno as e:
            err = e.args[0]
        result["calls"] = self.mine.calls
        return err

    def lists(self, result):
        ops, first, nets = self.registry.snapshot()
        result["pernet_list"] = [o.name for o in ops]
        result["first_device"] = first and first.name
        result["nets"] = [n.name for n in nets]


class Program:
    """A line run: clients on threads, and the history of their calls."""

    def __init__(self, line):
        self.world, self.history, self.open = World(), [], {}
        self.clock = self.world.clock = itertools.count()
        self.client(-2, line.get("setup", []))
        self.done = threading.Event()

    def end(self, line, **told):
        """Writes the history so far, and the end."""
        lines = list(self.history) + [dict(l, **{"return": None}) for l in list(self.open.values())]
        for l in lines:
            write(l)
        end = dict(told, op="run", operations=len(lines))
        write(dict(end, id=line["id"]) if "id" in line else end)

    def free(self, line):
        """Lets the clients run as they like."""
        self.world.pause = line.get("pause", 0)
        self.begin = threading.Barrier(len(line["clients"]) + 1)
        threads = [threading.Thread(target=self.client, args=(i, steps, True), daemon=True)
                   for i, steps in enumerate(line["clients"])]
        worker = threading.Thread(target=self.worker, daemon=True)
        for t in threads + [worker]:
            t.start()
        self.begin.wait()
        end = time.monotonic() + line.get("deadline", 10000) / 1e3
        for t in threads:
            t.join(max(0, end - time.monotonic()))
        self.done.set()
        worker.join(max(0, end - time.monotonic()))
        late = worker.is_alive() or any(t.is_alive() for t in threads)
        self.end(line, err="ETIMEDOUT" if late else "")

    def scheduled(self, schedule, line):
        """Lets them run as the schedule says."""
        self.done.set()  # the worker ends when its queue is empty
        for i, steps in enumerate(line["clients"]):
            schedule.start(i, lambda: self.client(i, steps))
        queue = self.world.registry.queue
        schedule.worker = lambda: queue and schedule.start(-1, self.worker)
        schedule.worker()  # the set-up may have queued a net
        at = schedule.follow(line["schedule"])
        ended = not at and schedule.finish()
        self.end(line, **{"err": "ENOSTEP", "at": at} if at else {"err": "" if ended else "EDEADLK"})
        schedule.finish()

    def client(self, number, steps, wait=False):
        if wait:
            self.begin.wait()
        failed = []
        for line in steps:
            if "if" in line and failed[line["if"]]:
                failed.append(True)
                continue
            call = {k: v for k, v in line.items() if k not in NO_CALL}
            failed.append(bool(self.record(number, line["op"], call, lambda r: self.world.do(line, r))))

    def worker(self):
        world = self.world
        while not (self.done.is_set() and not world.registry.queue):
            if not world.registry.queue:
                time.sleep(1e-5)
                continue
            self.record(-1, "cleanup", {}, lambda r: world.do({"op": "work", "max": 1}, r))

    def record(self, client, op, call, do):
        call = dict(call, op=op, client=client, call=next(self.clock))
        self.open[client] = call
        result = {}
        err = do(result)
        if op == "state":
            self.world.lists(result)
        if op == "cleanup":
            result["nets"] = result.get("freed") or result.pop("kept")
            result.setdefault("freed", [])
        elif op == "copy":
            result.pop("freed", None)
        call = dict(call, **result, **{"return": next(self.clock)})
        if op not in ("cleanup", "list", "state"):
            call["err"] = err
        del self.open[client]
        if op not in ("fail", "fail_alloc"):
            self.history.append(call)
        return err


def write(line):
    print(json.dumps(line), flush=True)


def main():
    world = World()
    for text in sys.stdin:
        line = json.loads(text)
        op = line["op"]
        answer = {"op": op, "id": line["id"]} if "id" in line else {"op": op}
        if op == "hello":
            if line["version"] != 1 or line.get("discipline", "mutex") != "mutex":
                write({"op": op, "err": "EINVAL"})
                sys.exit(2)
            write(dict(answer, version=1, name="pernet-python", language="python", features=FEATURES))
            continue
        if op == "run":
            if line.get("schedule") is None:
                Program(line).free(line)
            else:
                with Schedule() as schedule:
                    Program(line).scheduled(schedule, line)
            continue
        result = {"freed": []}
        if op == "reset":
            world, err = World(), ""
            result["calls"] = []
        else:
            err = world.do(line, result)
        world.lists(result)
        write(dict(answer, err=err, **result))


if __name__ == "__main__":
    main()
