// SPDX-License-Identifier: MIT

// Package scenario is the sequential JSON-lines format: what pernet replay
// reads and writes.
//
// A [Line] is one call, a [Result] its answer with the registry's lists after
// it. A [Runner] does each line twice, on impl with its worker stepped by hand
// and on model, and compares the two results byte by byte: a [Difference] is an
// error of this project, never of the scenario. [Replay] does that for a whole stream, and [Check] compares
// a whole stream with what another implementation has answered.
//
// The two sides share the types of this file and nothing else: each has its own
// table of names and its own armed failures.
package scenario
