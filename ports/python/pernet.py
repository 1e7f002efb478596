# SPDX-License-Identifier: MIT
"""The pernet registry in Python, as Linux had it in 2009: one mutex around everything.

For reading: it has what the contract asks for, and nothing else. The names in brackets are rows of
docs/correspondence.md.
"""

import threading


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

    def get(self):  # [R50]
        with self.lock:
            if self.count == 0:
                raise Errno("ENOENT")  # a count that is zero never rises again
            self.count += 1

    def put(self):  # [R51]
        with self.lock:
            if self.count <= (self is self.registry.init_net):
                raise Errno("EINVAL")
            self.count -= 1
            last = self.count == 0
        if last:
            self.registry.queue.append(self)  # [R52]

    def hold(self):  # [R53]
        with self.lock:
            if self.freed:
                raise Errno("ENOENT")
            self.use += 1

    def release(self):
        with self.lock:
            if self.freed:
                raise Errno("ENOENT")
            if self.use == 0:
                raise Errno("EINVAL")
            self.use -= 1

    def free(self):  # [R66]
        with self.lock:
            self.freed = self.use == 0  # a net in use is kept, for ever
            return self.freed


class Registry:
    def __init__(self):
        self.net_mutex, self.rtnl = threading.Lock(), threading.Lock()
        self.pernet_list, self.queue = [], []
        self.init_net = Net(self, "init_net")
        self.nets = [self.init_net]  # net_namespace_list

    def first_device(self):
        return next((o for o in self.pernet_list if o.device), None)

    def register(self, ops, device):
        with self.net_mutex:  # [R10]
            if ops in self.pernet_list:
                raise Errno("EEXIST")
            first = self.first_device()
            at = len(self.pernet_list) if device or not first else self.pernet_list.index(first)
            ops.device = False  # first_device stays, as long as the inits may fail
            self.pernet_list.insert(at, ops)  # [R12]
            for i, net in enumerate(self.nets):
                err = ops.init and ops.init(net)  # [R13]
                if err:
                    self.pernet_list.remove(ops)  # [R14]
                    for done in self.nets[:i]:
                        ops.exit and ops.exit(done)  # [R15]
                    raise Errno(err)
            ops.device = device  # [R16]

    def unregister(self, ops, device):
        with self.net_mutex:  # [R20]
            if ops not in self.pernet_list:
                raise Errno("ENOENT")
            if ops.device != device:
                raise Errno("EINVAL")
            self.pernet_list.remove(ops)  # [R22]
            for net in self.nets:
                ops.exit and ops.exit(net)  # [R23]

    def copy(self, old, name):
        old.get()  # [R30]
        net = Net(self, name)  # [R32]
        try:
            with self.net_mutex:  # [R33]
                err = None
                for i, ops in enumerate(self.pernet_list):
                    if not ops.init:
                        continue
                    err = ops.init(net)  # [R34]
                    if err and not isinstance(err, int):
                        for done in reversed(self.pernet_list[:i]):
                            done.exit and done.exit(net)  # [R35]
                        break
                if err:  # of the last init that ran; a positive number of an earlier one is lost
                    raise Errno(err)
                with self.rtnl:  # [R38]
                    self.nets = self.nets + [net]  # [R39]
            return net
        finally:
            old.put()  # [R44]

    def work(self):
        """Runs the oldest cleanup. It returns the net and whether it was freed."""
        with self.net_mutex:  # [R60]
            net = self.queue.pop(0)
            with self.rtnl:
                self.nets = [n for n in self.nets if n is not net]  # [R62]
            for ops in reversed(self.pernet_list):
                ops.exit and ops.exit(net)  # [R63]
        return net, net.free()

    def list(self):
        with self.rtnl:  # [R70]
            return self.nets

    def snapshot(self):
        with self.net_mutex:
            return list(self.pernet_list), self.first_device(), self.nets
