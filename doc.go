// SPDX-License-Identifier: MIT

// Package pernet is a reference for porting kernel locking. One small, hard
// piece of the Linux kernel, the pernet registry of net/core/net_namespace.c, is
// written four times, and every side of the square is checked by machine:
//
//	spec/registry.tla   ===== same state graph =====   model/     WHAT: each call is one step
//	      ^                                              ^
//	      | refines (TLC)                                | linearizable (porcupine), same answers (rapid)
//	      |                                              |
//	spec/netns.tla      ===== same state graph =====   impl/      HOW: locks, callbacks, threads
//
// The upper row is the contract: one step a call, with its answer and the
// callbacks that it ran. The lower row is the algorithm: one step a callback or a
// lock operation that another thread can see, in the kernel's own terms.
//
// Package model is the contract in Go, pure and sequential: the one semantics
// that everything else asks. Package impl is the registry that a Go program
// would use. An action of netns.tla, a yield point of impl and a row of
// docs/correspondence.md are one thing with one name.
//
// This package holds no code. Its tests are the right side of the square, and
// what joins the four to the kernel's own words:
//
//   - property_test.go puts model and impl side by side, call by call, and lets
//     random concurrent programs run (rapid);
//   - linearizability_test.go checks the histories of many goroutines (porcupine);
//   - kerneldoc_test.go holds each promise of the kernel's comments;
//   - correspondence_test.go finds every row of the table where the row says.
package pernet
