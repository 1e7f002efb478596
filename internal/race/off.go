// SPDX-License-Identifier: MIT

//go:build !race

// Package race reports whether the race detector is enabled.
//
// Tests skip the large explorations under the race detector: a coroutine then needs a hundred
// times the memory, and threads that move one at a time cannot race.
package race

// Enabled reports whether the race detector is enabled.
const Enabled = false
