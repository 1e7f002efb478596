// SPDX-License-Identifier: MIT

// Package model is the contract of the pernet registry in Go: the twin of
// spec/registry.tla, action by action.
//
// [State.Step] is the one sequential semantics of this project. Replay, the
// property tests, the linearizability checks and the state graph all use it, and it
// is pure: it changes nothing and depends on nothing but its arguments.
//
// One [Action] is one step of a call. Most calls have one step; a copy has three (CopyGet, Copy,
// CopyPut) and a cleanup two (Cleanup, Free), because concurrent code cannot do either
// atomically.
//
// Ops and nets are small integers here. Callers that have names keep a table of them.
package model
