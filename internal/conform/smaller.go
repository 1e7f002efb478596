// SPDX-License-Identifier: MIT

package conform

import (
	"slices"
	"time"

	"example.com/pernet/internal/wire"
)

// The tries to make a program smaller: how often each part is run, how many runs there may be, and
// how long they may take.
const (
	triesEach = 10
	triesAll  = 500
	triesTime = 20 * time.Second
)

// smallerProgram leaves out clients and steps as long as the rest still fails.
func (r *run) smallerProgram(p *wire.Program, o *outcome) (*wire.Program, *outcome, error) {
	tries, began := 0, time.Now()
	for shorter := true; shorter; {
		shorter = false
		for _, part := range parts(p) {
			for range triesEach {
				if tries++; tries > triesAll || time.Since(began) > triesTime {
					return p, o, nil
				}
				again, err := r.execute(part)
				if err != nil {
					return nil, nil, err
				}
				if again.verdict == Wrong {
					p, o, shorter = part, again, true
					break
				}
			}
			if shorter {
				break
			}
		}
	}
	return p, o, nil
}

// parts returns the program without one client each, then without one step each and those that
// hang on it.
func parts(p *wire.Program) (all []*wire.Program) {
	for i := range p.Clients {
		if len(p.Clients[i]) > 0 && len(p.Clients) > 1 {
			part := *p
			part.Clients = slices.Clone(p.Clients)
			part.Clients[i] = nil
			all = append(all, &part)
		}
	}
	for i, steps := range p.Clients {
		for n := len(steps) - 1; n >= 0; n-- {
			part := *p
			part.Clients = slices.Clone(p.Clients)
			part.Clients[i] = without(steps, n)
			all = append(all, &part)
		}
	}
	for n := len(p.Setup) - 1; n >= 0; n-- {
		if p.Setup[n].Op == wire.Fail {
			part := *p
			part.Setup = without(p.Setup, n)
			all = append(all, &part)
		}
	}
	return all
}

// without returns the steps without one and those that hang on it.
func without(steps []wire.Step, n int) (rest []wire.Step) {
	at := make([]int, len(steps)) // in rest; -1: left out
	for i, s := range steps {
		if i == n || s.If >= 0 && at[s.If] < 0 {
			at[i] = -1
			continue
		}
		if s.If >= 0 {
			s.If = at[s.If]
		}
		at[i] = len(rest)
		rest = append(rest, s)
	}
	return rest
}
