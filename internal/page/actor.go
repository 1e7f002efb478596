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
	var moved []string
	for i, t := range after.Threads {
		if i < len(before.Threads) && (t.At != before.Threads[i].At || t.Ops != before.Threads[i].Ops || t.Net != before.Threads[i].Net) {
			moved = append(moved, t.Name)
			if at := before.Threads[i].At; at != idle && strings.HasPrefix(action, at) {
				return t.Name
			}
		}
	}
	switch {
	case strings.HasPrefix(action, "CleanupNet") || strings.HasPrefix(action, "NetNsInit"):
		return worker
	case len(moved) == 1:
		return moved[0]
	case len(moved) > 1:
		return ""
	}
	for i, l := range after.Locks {
		if old := before.Locks[i].Owner; old != l.Owner {
			return cmp.Or(l.Owner, old)
		}
	}
	for _, p := range before.Deferred {
		if !slices.Contains(after.Deferred, p) {
			return deferredActor(p)
		}
	}
	return ""
}
