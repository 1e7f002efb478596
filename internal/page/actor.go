// SPDX-License-Identifier: MIT

package page

import (
	"cmp"
	"slices"
	"strings"
)

// actor returns the thread that took a step, or the deferred callback: the thread whose
// point the action begins with, the worker, or the only thread that moved. It returns ""
// for a client that the states do not show.
func actor(action string, before, after *State, worker string) string {
	if !after.Algorithm {
		return ""
	}
	moved := map[string]bool{}
	for i, t := range after.Threads {
		if i < len(before.Threads) && (t.At != before.Threads[i].At || t.Ops != before.Threads[i].Ops || t.Net != before.Threads[i].Net) {
			moved[t.Name] = true
			if at := before.Threads[i].At; at != idle && strings.HasPrefix(action, at) {
				return t.Name
			}
		}
	}
	if strings.HasPrefix(action, "CleanupNet") || strings.HasPrefix(action, "NetNsInit") {
		return worker
	}
	if len(moved) == 1 {
		for name := range moved {
			return name
		}
	}
	for i, l := range after.Locks {
		if old := before.Locks[i].Owner; len(moved) == 0 && old != l.Owner {
			return cmp.Or(l.Owner, old)
		}
	}
	for _, p := range before.Deferred {
		if len(moved) == 0 && !slices.Contains(after.Deferred, p) {
			return deferredActor(p)
		}
	}
	return ""
}
