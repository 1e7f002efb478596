# SPDX-License-Identifier: MIT
"""The pernet registry in Python, as Linux had it in 2009: one mutex around everything.

For reading: it has what the contract asks for, and nothing else. The names in brackets are rows of
docs/correspondence.md.
"""

from contextlib import contextmanager
import threading

Lock = threading.Lock  # a scheduler puts its own here, and before it the next one


def step(name):
    """Comes before each step that another thread could see. It is a hook: here it does nothing."""


class Errno(Exception):
    """The name of an errno."""


class Ops:
    def __init__(self, name, init, exit):
        self.name, self.init, self.exit, self.device = name, init, exit, False


class Net:
    """A net. Its counts are guarded by a lock of their own, as atomics are in C."""

    def __init__(self, registry, name):
        self.registry, self.name = registry, name
        self.lock, self.count, self.use, self.freed = threading.Lock(), 1, 0, False

    def get(self, at="GetNet"):  # [R50]
        step(at)
        with self.lock:
            if self.count == 0:
                raise Errno("ENOENT")  # a count that is zero never rises again
            self.count += 1

    def put(self, at="PutNet", zero="PutNetQueue"):  # [R51]
        step(at)
        with self.lock:
            if self.freed:
                raise Errno("ENOENT")
            if self.count <= (self is self.registry.init_net):
                raise Errno("EINVAL")
            self.count -= 1
            last = self.count == 0
        if last:
            step(zero)
            self.registry.queue.append(self)  # [R52]

    def hold(self):  # [R53]
        step("HoldNet")
        with self.lock:
            if self.freed:
                raise Errno("ENOENT")
            self.use += 1

    def release(self):
        step("ReleaseNet")
        with self.lock:
            if self.freed:
                raise Errno("ENOENT")
            if self.use == 0:
                raise Errno("EINVAL")
            self.use -= 1

    def free(self):  # [R66]
        with self.lock:
            self.count, self.freed = 0, self.use == 0  # a net in use is kept, for ever
            return self.freed


class Registry:
    def __init__(self):
        self.net_mutex, self.rtnl = Lock(), Lock()
        self.pernet_list, self.queue = [], []
        self.rcu, self.deferred = Lock(), []  # [R09]
        self.init_net = Net(self, "init_net")
        self.nets = [self.init_net]  # net_namespace_list

    @contextmanager
    def locked(self, call):
        """Holds net_mutex from the one step to the other."""
        step(call + "Lock")
        with self.net_mutex:
            try:
                yield
            finally:
                step(call + "Unlock")

    @contextmanager
    def listing(self, lock, change):
        """Holds rtnl to change the list of nets."""
        step(lock)
        with self.rtnl:
            step(change)
            yield

    def defer(self, f):
        """Runs f later, in a barrier (call_rcu)."""
        self.deferred.append(f)

    def barrier(self, of):
        """Waits for the deferred callbacks that are pending (rcu_barrier): it runs them itself."""
        step(of + "Barrier")
        step(of + "BarrierEnd")
        with self.rcu:  # another barrier may run them
            pending, self.deferred = self.deferred, []
            for f in pending:
                f()

    def first_device(self):
        return next((o for o in self.pernet_list if o.device), None)

    def register(self, ops, device):
        with self.locked("Register"):  # [R10]
            if ops in self.pernet_list:
                raise Errno("EEXIST")
            first = self.first_device()
            at = len(self.pernet_list) if device or not first else self.pernet_list.index(first)
            step("RegisterLink")
            ops.device = False  # first_device stays, as long as the inits may fail
            self.pernet_list.insert(at, ops)  # [R12]
            for i, net in enumerate(self.nets):
                err = self.init("RegisterInit", ops, net)  # [R13]
                if err:
                    step("RegisterUnlink")
                    self.pernet_list.remove(ops)  # [R14]
                    for done in self.nets[:i]:
                        self.exit("RegisterUndo", ops, done)  # [R15]
                    raise Errno(err)
            ops.device = device  # [R16]

    def unregister(self, ops, device):
        with self.locked("Unregister"):  # [R20]
            if ops not in self.pernet_list:
                raise Errno("ENOENT")
            if ops.device != device:
                raise Errno("EINVAL")
            step("UnregisterUnlink")
            self.pernet_list.remove(ops)  # [R22]
            for net in self.nets:
                self.exit("UnregisterExit", ops, net)  # [R23]

    def init(self, at, ops, net):
        if ops.init:
            step(at)
            return ops.init(net)

    def exit(self, at, ops, net):
        if ops.exit:
            step(at)
            ops.exit(net)

    def copy(self, old, name, alloc=Net):
        old.get("CopyNetNsGet")  # [R30]
        failed = None
        try:
            step("CopyNetNsAlloc")
            failed = net = alloc(self, name)  # [R32]
            with self.locked("CopyNetNs"):  # [R33]
                self.set_up(net)
                with self.listing("CopyNetNsRtnlLock", "CopyNetNsListAdd"):  # [R38]
                    self.nets = self.nets + [net]  # [R39]
            failed = None
            return net
        finally:
            old.put("CopyNetNsPut", "CopyNetNsQueue")  # [R44]
            if failed:
                step("CopyNetNsFree")
                failed.free()  # [R46]

    def set_up(self, net):
        err = None
        for i, ops in enumerate(self.pernet_list):
            if not ops.init:
                continue
            err = self.init("SetupNetInit", ops, net)  # [R34]
            if err and not isinstance(err, int):
                for done in reversed(self.pernet_list[:i]):
                    self.exit("SetupNetUndo", done, net)  # [R35]
                self.barrier("SetupNet")  # [R36]
                break
        if err:  # of the last init that ran; a positive number of an earlier one is lost
            raise Errno(err)

    def work(self):
        """Runs the oldest cleanup. It returns the net and whether it was freed."""
        with self.locked("CleanupNet"):  # [R60]
            net = self.queue.pop(0)
            with self.listing("CleanupNetRtnlLock", "CleanupNetUnlink"):  # [R61]
                self.nets = [n for n in self.nets if n is not net]  # [R62]
            for ops in reversed(self.pernet_list):
                self.exit("CleanupNetExit", ops, net)  # [R63]
        self.barrier("CleanupNet")  # [R65]
        step("CleanupNetFree")
        return net, net.free()

    def list(self):
        with self.listing("ListNetsLock", "ListNetsRead"):  # [R70]
            return self.nets

    def snapshot(self):
        with self.net_mutex:
            return list(self.pernet_list), self.first_device(), self.nets
