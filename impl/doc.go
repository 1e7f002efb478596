// SPDX-License-Identifier: MIT

// Package impl is the pernet registry of the Linux kernel (net/core/net_namespace.c
// of 2009) for Go programs: parts of a program register callbacks, and the registry
// runs them for every net, that is for every instance of the program's world. Whoever
// comes later, ops or net, meets everything that is there: for each listed net and
// each registered ops, init has run once, and exit once when either of them goes.
//
//	r, err := impl.New(ctx)               // with the first net, "init_net"
//	err = r.RegisterSubsys(ctx, cache)    // cache.Init runs on each net
//	n, err := r.Copy(ctx, r.InitNet(), "blue") // the inits of all ops run on it
//	err = n.Put()                         // the last reference: exits, in reverse
//	err = n.Wait(ctx)                     // until it is freed
//	err = r.Close(ctx)
//
// # Order
//
// Subsystems stand before devices, each kind in the order of registration. A net is
// set up in list order and taken down in reverse; a failed init is undone from the
// ops before it backwards. A register or unregister goes over the nets in the order in
// which they were made; so does the undo of a register, up to the net that failed.
//
// # What blocks
//
// One lock, net_mutex, is held while callbacks run. Calls that take a context wait
// for it, first come, first served, and give up with [ErrInterrupted] when the context ends
// first; once they have it they run to their end. Methods without a context never wait for callbacks.
// A net whose count came to zero is cleaned up by a worker, oldest first. Its goroutine starts when
// there is work, and ends when there is none.
//
// # Callbacks
//
// A callback gets a context that derives from the caller's (for the worker: from
// context.Background()) and is marked. A call of the same registry that is given it, or
// a context made from it, returns [ErrInCallback] at once. That holds after the
// callback has returned too, so do not keep it. With any other context a call from inside a
// callback waits for itself: until that context ends, or for ever. The same holds for a call
// that a callback starts in another goroutine and waits for.
//
// Callbacks may use Get, Put, Hold, Release, Defer, Share, InitNet and Nets. In the exits of a cleanup
// Get and Share of the net itself return [ErrNotFound], for its count is zero.
//
// A panic in an init is a failure: the call is undone and returns an *[InitError] with a
// *[PanicError]. A panic in an exit stops nothing: the exits after it run, it is logged,
// and the call returns it, joined to its other errors; the worker only logs it. A callback that ends
// its goroutine (runtime.Goexit, or FailNow in a test) ends it: after an init, the call is undone
// first; after an exit, the exits after it and the rest of the call's work run first, and the worker goes
// on with the queue. A Close that ends in this way can be called again. In all
// cases the locks are free and the lists whole afterwards.
//
// # Rows
//
// An id such as [R12] names a row of docs/correspondence.md: the step of the C
// code and the action of the specification that this place implements.
package impl
