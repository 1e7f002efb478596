// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"
	"strings"

	"example.com/pernet/internal/sched"
)

// sameMovable says what is wrong if another history of a state lets other threads move.
func (e *explorer) sameMovable(at int32, movable []sched.Choice) string {
	now := mask(movable)
	if now == e.can[at] {
		return ""
	}
	return fmt.Sprintf("not deterministic: in the state\n%sonce %s could move, and now %s",
		indent(e.in.Describe(e.res.Graph.States[at])), e.in.names(e.can[at]), e.in.names(now))
}

// mask is the set of the clients and the worker among those that can move. A
// deferred callback can always run, and the state has it.
func mask(movable []sched.Choice) (m uint8) {
	for _, c := range movable {
		if c.Thread[0] != 'D' {
			m |= 1 << (c.Thread[len(c.Thread)-1] % 8)
		}
	}
	return m
}

// names are those of a mask: T1, T2 … have bits 1, 2 …, as their digits end, and W bit 7.
func (in *Instance) names(m uint8) string {
	var out []string
	for t := range in.Threads {
		if m&(1<<(t+1)) != 0 {
			out = append(out, in.Threads[t])
		}
	}
	if m&(1<<('W'%8)) != 0 {
		out = append(out, in.Worker)
	}
	if len(out) == 0 {
		return "nobody"
	}
	return strings.Join(out, ", ")
}

func choices(w *world) []sched.Choice { return appendChoices(nil, w) }

// appendChoices appends each thread that can move, with the first option of its step.
func appendChoices(out []sched.Choice, w *world) []sched.Choice {
	for i := range w.s.Len() {
		if w.s.Enabled(i) {
			out = append(out, sched.Choice{Thread: w.s.Name(i)})
		}
	}
	return out
}
