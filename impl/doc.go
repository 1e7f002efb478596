// SPDX-License-Identifier: MIT

// Package impl is the pernet registry of the Linux kernel (net/core/net_namespace.c
// of 2009) for Go programs. Parts of a program register pairs of callbacks (ops); the program
// makes and frees nets, the instances of its world. For each (net, ops) pair, init
// runs once when both are present, and exit once when either is removed.
//
//	r, err := impl.New(ctx)               // with the first net, "init_net"
//	err = r.RegisterSubsys(ctx, cache)    // cache.Init runs on each net
//	n, err := r.Copy(ctx, r.InitNet(), "blue") // the inits of all ops run on it
//	err = n.Put()                         // the last reference: exits, in reverse
//	err = n.Wait(ctx)                     // until it is freed
//	err = r.Close(ctx)
//
// # What surprises
//
// Callbacks run one at a time for the whole registry: a slow one delays every call that waits for
// its turn. A register or unregister that has begun cannot be stopped half-way, however many nets
// there are. The registry does not know who owns a reference: a second Put drops somebody else's.
// Hold keeps a net for ever, unless it is released before the net's cleanup.
//
// # Disciplines
//
// There are two, and what is said elsewhere holds for [Mutex] unless it names [RWSem]
// (Linux since 4.17). Choose RWSem with [WithDiscipline] if creations or cleanups wait for something or come in
// great number, and if the callbacks of different nets may run at the same time. Under RWSem:
//
//   - Copy, Snapshot and cleanups run side by side. Registers and unregisters run alone, and one that
//     waits blocks the calls behind it. Callbacks on one net never run at the same time.
//   - A cleanup takes all nets that wait, newest first, and runs the exits of the last ops on all of
//     them before those of the ops below. Close does the same, and takes the first net down after the others.
//   - Ops may have a PreExit, ExitRTNL and ExitBatch. An undo waits for a grace period before its exits:
//     until the readers in [Slot.Use] and Lookup that came before have left.
//   - An unregister, and a register that fails, wait for the deferred callbacks that are pending. So a
//     deferred callback must not wait for one. Defer is possible until the net is freed.
//   - Hold returns [ErrNotFound] if the count is zero. A net in use is freed by its last Release.
//   - A net that is freed stays reachable until the next cleanup or Close.
//
// # Order
//
// Subsystems come before devices, each kind in the order of registration. A net is
// set up in list order and taken down in reverse; a failed init is undone from the
// ops before it backwards. A register or unregister goes over the nets in the order in
// which they were made; so does the undo of a register, up to the net that failed.
//
// # What blocks
//
// One lock is held while callbacks run. New, the registers and unregisters, Copy, Snapshot
// and NetNsBarrier block until they hold it, first come, first served, and return [ErrInterrupted] when
// their context ends first. Once they hold it, they run to completion. Wait, Barrier and Close hold
// nothing while they block, and return at their deadline whatever a callback does. Methods without
// a context never block on callbacks. A net whose count came to zero is cleaned up by a worker,
// oldest first. Its goroutine starts when there is work, and ends when there is none.
//
// [Registry.Running] names the callback that runs now; so does each ErrInterrupted, if the wait was for
// the registry. [WithSlowCallback] logs those that take long.
//
// # Callbacks
//
// A callback gets a marked context. For an init it derives from the caller's. For an exit it has
// the caller's values, but is never cancelled, so that clean-up is not cut short; the worker has
// no caller, and its exits get no values. A call of the same registry that is given a marked
// context, or one made from it, returns [ErrInCallback] at once, also after the callback has
// returned: do not keep it. With any other context, a call from inside a callback that waits for the
// registry deadlocks until that context ends, or for ever. The same holds for a call that a callback
// starts in another goroutine and waits for.
//
// Callbacks may use Get, Put, Hold, Release, Defer, Share, Lookup, InitNet, Nets and Running. In the
// exits of a cleanup, Get, Share and Lookup of the net itself return [ErrNotFound], for its count is zero;
// in those that Close runs, Share and Lookup return [ErrClosed].
//
// A panic in an init is a failure: the call is undone and returns an *[InitError] with a
// *[PanicError]. A panic in an exit does not stop the others: it is logged, the remaining exits
// run, and the call returns it, joined to its other errors. After a cleanup, Wait of the net and
// Close return it.
//
// A callback that ends its goroutine (runtime.Goexit, or FailNow in a test) ends it, but the
// registry finishes first: after an init, the call is undone; after an exit, the exits after it
// and the rest of the call's work run, the exits in other goroutines. The worker and Close go on
// in another goroutine, so Close returns. In all cases the locks are free and the lists intact
// afterwards.
package impl

// An id in a comment, such as [R12], names a row of docs/correspondence.md: the step of the C
// code and the action of the specification that the place implements.
