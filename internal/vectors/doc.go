// SPDX-License-Identifier: MIT

// Package vectors makes, reads and checks test vectors: scenarios together with the answers that
// are due.
//
// A set of vectors is a file of JSON lines ([Head], then one [Vector] a line). The sets that
// [Generate] makes cover every edge of a bounded graph of the contract: its states are those that
// one thread can bring about, and its edges are the calls, each with at most one failing init.
// Those that [Schedules] makes are programs with schedules, which cover every step of impl.
// The semantics are those of model.State.Step. [Check] recounts a set, and compares each answer
// with those of impl and model.
package vectors
