// SPDX-License-Identifier: MIT

package page

import (
	"cmp"
	"slices"
	"strings"
)

// actor finds who took a step: the thread whose point it begins with, or the one
// that began a call with it, or the worker, or a deferred callback; "" if a
// client did that the state does not show.
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
