// SPDX-License-Identifier: MIT

// Package replay does scenarios: what pernet replay reads and writes.
//
// A scenario is a list of lines, each with its result and the registry's lists after
// it. A [Runner] does each line twice, on impl with its worker stepped by hand
// and on model, and compares the two results byte by byte: a [Difference] is an
// error of this project, never of the scenario. [Replay] does that for a whole stream, and [Check] compares
// a whole stream with what another implementation has answered.
//
// Both are a [Registry] to the runner, and share nothing else: each has its own
// table of names and its own armed failures.
package replay
