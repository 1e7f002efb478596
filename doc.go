// SPDX-License-Identifier: MIT

// Package pernet is a reference for porting kernel locking. It has one small, hard
// piece of the Linux kernel, the pernet registry of net/core/net_namespace.c, in
// four forms, and a machine checks every side of the square:
//
//	spec/registry.tla   ===== same state graph =====   model/     WHAT: each call is one step
//	      ^                                              ^
//	      | refines (TLC)                                | linearizable (porcupine), same answers (rapid)
//	      |                                              |
//	spec/netns.tla      ===== same state graph =====   impl/      HOW: locks, callbacks, threads
//
// The upper row is the contract: each call is one step, with its answer and the
// callbacks that it ran. The lower row is the algorithm in the kernel's own terms:
// each callback, and each lock operation that another thread can see, is one step.
//
// Package model is the contract in Go, pure and sequential: the one semantics that
// all other packages use. Package impl is the registry for Go programs. An action
// of netns.tla, the yield point of impl and the row of docs/correspondence.md for
// the same step have one name.
//
// This package has no code. Its tests check the right side of the square, and
// tie the four to the kernel's own comments and names:
//
//   - property_test.go compares model and impl call by call, and runs random
//     concurrent programs (rapid);
//   - linearizability_test.go checks the histories of many goroutines (porcupine);
//   - kerneldoc_test.go checks each promise of the kernel's comments;
//   - correspondence_test.go finds every row of the table where the row says.
package pernet
