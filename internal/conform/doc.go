// SPDX-License-Identifier: MIT

// Package conform drives the adapter of a port over its standard input and output, and judges what
// it answers.
//
// At level sequential the adapter is given vectors ([vectors.Set]), each on a fresh registry, and
// each answer is compared with the one that is due. At level concurrent it is given programs,
// which it runs on threads of its own, and package lin judges the histories that it returns. At level
// scheduled the programs come with schedules, and each answer is compared with the one that is due.
//
// An adapter that answers wrongly, breaks the protocol, crashes or hangs gets four different
// verdicts. Nothing of it is left running: it has a process group of its own, which is killed.
package conform
