// SPDX-License-Identifier: MIT

//go:build !race

// Package race tells tests whether the race detector watches, and tools whether it can be had. Under it a
// coroutine costs a hundred times the memory, and a run under the scheduler, in
// which one thread moves at a time, has no race to show: there the large
// explorations are left to the run without it.
package race

// Enabled reports whether the race detector watches.
const Enabled = false
