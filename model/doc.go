// SPDX-License-Identifier: MIT

// Package model is the contract of the pernet registry in Go: the twin of
// spec/registry.tla, action by action.
//
// [State.Step] is the one sequential semantics of this project. Replay, the
// property tests, the linearizability checks and the state graph all use it, and it
// is pure: it changes nothing and depends on nothing but its arguments.
//
// One [Action] is one moment of a call. Most calls have one; a copy has three
// (CopyGet, Copy, CopyPut) and a cleanup two (Cleanup, Free), because right
// concurrent code cannot do either in one.
//
// Ops and nets are small integers here. Who has names keeps a table of them.
package model
