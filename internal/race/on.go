// SPDX-License-Identifier: MIT

//go:build race

package race

import "sync"

// Enabled reports whether the race detector is enabled.
const Enabled = true

// Lock locks mu if the race detector is enabled.
func Lock(mu *sync.Mutex) { mu.Lock() }

// Unlock unlocks mu if the race detector is enabled.
func Unlock(mu *sync.Mutex) { mu.Unlock() }
