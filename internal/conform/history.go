// SPDX-License-Identifier: MIT

package conform

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"example.com/pernet/internal/wire"
)

// whole compares the calls of each client with the program: each call that is not left out is in
// the history, once.
func (s *session) whole(p *wire.Program, history []wire.Line) *Trouble {
	by := map[int64][]*wire.Line{}
	for i := range history {
		by[history[i].Client] = append(by[history[i].Client], &history[i])
	}
	for _, l := range by[wire.Worker] {
		if l.Op != wire.Cleanup {
			return s.trouble(Protocol, fmt.Sprintf("the worker has a call that is no cleanup: %s", l))
		}
	}
	delete(by, wire.Worker)
	clients := map[int64][]wire.Step{wire.Setup: p.Setup}
	for i, steps := range p.Clients {
		clients[int64(i)] = steps
	}
	for client, steps := range clients {
		calls, failed := by[client], make([]bool, len(steps))
		slices.SortStableFunc(calls, func(a, b *wire.Line) int { return cmp.Compare(a.Call, b.Call) })
		for i, step := range steps {
			if step.If >= 0 && failed[step.If] {
				failed[i] = true
				continue
			}
			if step.Op == wire.Fail || step.Op == wire.FailAlloc {
				continue
			}
			asked := strings.TrimSuffix(string(step.AppendScenario(nil)), "\n")
			if len(calls) == 0 || asks(calls[0]) != asked {
				what := fmt.Sprintf("step %d of client %d is missing in the history: %s", i, client, asked)
				if len(calls) > 0 {
					what += fmt.Sprintf("\nin its place, in the order of call, is: %s", calls[0])
				}
				if slices.ContainsFunc(calls, func(l *wire.Line) bool { return asks(l) == asked }) {
					what += "\nsuch a call comes later: does the clock go backwards?"
				}
				return s.trouble(Protocol, what)
			}
			failed[i] = calls[0].Err != 0
			calls = calls[1:]
		}
		if len(calls) > 0 {
			return s.trouble(Protocol, fmt.Sprintf("client %d has a call that the program does not ask for: %s", client, calls[0]))
		}
	}
	for client := range by {
		if _, known := clients[client]; !known {
			return s.trouble(Protocol, fmt.Sprintf("the history has a client %d, the program has none", client))
		}
	}
	return nil
}

// asks returns the line of a scenario that asks for the call.
func asks(l *wire.Line) string {
	asked := *l
	asked.ID = ""
	return strings.TrimSuffix(string(asked.AppendScenario(nil)), "\n")
}

// early returns a call of a client that begins before the set-up has returned, or nil.
func early(history []wire.Line) *wire.Line {
	ready := int64(math.MinInt64)
	for i := range history {
		if history[i].Client == wire.Setup {
			ready = max(ready, history[i].Return)
		}
	}
	at := slices.IndexFunc(history, func(l wire.Line) bool { return l.Client >= 0 && l.Call < ready })
	if at < 0 {
		return nil
	}
	return &history[at]
}

// naming returns the calls that name the net.
func naming(net string, history []wire.Line) (calls []wire.Line) {
	for _, l := range history {
		if l.Net == net || l.From == net || slices.Contains(l.Nets, net) && l.Op == wire.Cleanup {
			calls = append(calls, l)
		}
	}
	return calls
}

// unreturned names the calls that have not returned.
func unreturned(history []wire.Line) string {
	var calls []string
	for i := range history {
		if history[i].Never {
			calls = append(calls, "\n  "+history[i].String())
		}
	}
	if len(calls) == 0 {
		return ""
	}
	return "; these calls had not returned:" + strings.Join(calls, "")
}
