// SPDX-License-Identifier: MIT

package lin

import (
	"errors"
	"maps"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A cleanup that never returned and names no net may have taken any net, or
// none. The search knows only named ones. So a history with such a cleanup is
// judged as if it had taken none and, while that is refused, as if it had taken each
// net that no other cleanup took. Since 4.17 it may have taken several of these: then a
// history that is refused all the same is undecided.

// An unnamed is the first such cleanup of a history, and the nets that it may have taken.
type unnamed struct {
	at   int // which operation it is, from 1; 0: there is none
	call int64
	nets map[string]int // how many copies made a net of that name, less the cleanups that took one
}

// see notes the operation, the nth of the history.
func (u *unnamed) see(o *wire.Line, n int) {
	count := func(net string, by int) {
		if u.nets[net] += by; u.nets[net] == 0 {
			delete(u.nets, net) // a million nets that came and went cost nothing
		}
	}
	switch {
	case o.Op == wire.Cleanup && o.Never && len(o.Nets) == 0 && u.at == 0:
		u.at, u.call = n, o.Call
	case o.Op == wire.Cleanup && !o.Never:
		for _, net := range o.Nets {
			count(net, -1)
		}
	case o.Op == wire.Copy && !o.Share && (o.Never || o.Err == 0):
		count(o.Net, 1)
	}
}

// tries returns the nets to try after the failure f: none if it is over before
// the cleanup begins, or if there is no such cleanup.
func (u *unnamed) tries(f *Failure) []string {
	if u.at == 0 || !f.AtLeast && f.ends() < u.call {
		return nil
	}
	return slices.Sorted(maps.Keys(u.nets))
}

// decide returns what check says of the history. While that is a refusal, a cleanup that
// names no net may have taken any.
func decide(took map[int]string, check func(took map[int]string) (*Checker, error)) (*Checker, error) {
	c, err := check(took)
	if err != nil || c.result.Verdict != Not {
		return c, err
	}
	u := c.unnamed
	nets := u.tries(c.result.Failure)
	for _, net := range nets {
		took[u.at] = net
		other, err := decide(took, check)
		if err != nil || other.result.Verdict != Not {
			return other, err
		}
		delete(took, u.at)
	}
	if c.discipline == model.RWSem && len(nets) > 1 {
		c.undecided(errUnnamed)
	}
	return c, nil
}

var errUnnamed = errors.New("a cleanup that never returned names no nets, and may have taken several")
