// SPDX-License-Identifier: MIT

//go:build !race

// Package race reports whether the race detector is enabled, and locks mutexes only then.
//
// Tests skip the large explorations under the race detector: a coroutine then needs a hundred
// times the memory, and threads that move one at a time cannot race.
package race

import "sync"

// Enabled reports whether the race detector is enabled.
const Enabled = false

// Lock locks mu if the race detector is enabled.
func Lock(*sync.Mutex) {}

// Unlock unlocks mu if the race detector is enabled.
func Unlock(*sync.Mutex) {}
