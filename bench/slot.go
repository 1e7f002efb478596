// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.com/pernet/impl"
)

// A slotSide finds the value of a net in two ways: in a slot, and in a map under a RWMutex, which a
// program has that keeps its values by net itself.
type slotSide struct {
	r    *impl.Registry
	nets []*impl.Net
	slot *impl.Slot[*int]
	mu   sync.RWMutex
	hand map[*impl.Net]*int
}

func newSlots(nets int) *slotSide {
	ctx := context.Background()
	s := &slotSide{hand: make(map[*impl.Net]*int)}
	s.slot = impl.NewSlot("slot", func(_ context.Context, n *impl.Net) (*int, error) {
		v := new(int)
		s.hand[n] = v
		return v, nil
	}, nil)
	var err error
	s.r, err = impl.New(ctx, impl.WithDiscipline(impl.RWSem), impl.WithSubsys(s.slot.Ops()))
	must(err)
	s.nets = []*impl.Net{s.r.InitNet()}
	for len(s.nets) < nets {
		n, err := s.r.Copy(ctx, s.r.InitNet(), fmt.Sprintf("net%d", len(s.nets)))
		must(err)
		s.nets = append(s.nets, n)
	}
	return s
}

func (s *slotSide) close() {
	for _, n := range s.nets[1:] {
		must(n.Put())
	}
	must(s.r.Close(context.Background()))
}

// find is a look-up by hand.
func (s *slotSide) find(n *impl.Net) *int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.hand[n]
}

func (s *slotSide) byGet(n *impl.Net)  { found(s.slot.Get(n)) }
func (s *slotSide) byUse(n *impl.Net)  { s.slot.Use(n, found) }
func (s *slotSide) byHand(n *impl.Net) { found(s.find(n)) }

func found(v *int) {
	if v == nil {
		panic("a net has no value")
	}
}

// lookups makes n look-ups on the nets in turn, shared out among goroutines.
func (s *slotSide) lookups(goroutines int, lookup func(*impl.Net)) Runner {
	return func(n int) time.Duration {
		var all sync.WaitGroup
		start := time.Now()
		for g := range goroutines {
			all.Go(func() {
				at := 0
				for range (n + g) / goroutines { // n in all
					lookup(s.nets[at])
					if at++; at == len(s.nets) {
						at = 0
					}
				}
			})
		}
		all.Wait()
		return time.Since(start)
	}
}

// slotPairs are a look-up in a slot beside one by hand.
func slotPairs() (pairs []Pair) {
	get := func(s *slotSide) func(*impl.Net) { return s.byGet }
	use := func(s *slotSide) func(*impl.Net) { return s.byUse }
	for _, call := range []struct {
		name       string
		over       func(s *slotSide) func(*impl.Net)
		goroutines int
		atMost     float64
	}{
		{"look-up in a slot by Get", get, 1, 1},
		{"look-up in a slot by Use", use, 1, atMost},
		{"look-up in a slot by Use, 8 goroutines", use, clients, 0},
	} {
		for _, nets := range []int{1, 1000} {
			pairs = append(pairs, Pair{Call: call.name, Nets: nets, Ops: 1, Over: "impl", Under: "hand", AtMost: call.atMost, SameCalls: true,
				Make: func() (Runner, Runner, func()) {
					s := newSlots(nets)
					return s.lookups(call.goroutines, call.over(s)), s.lookups(call.goroutines, s.byHand), s.close
				}})
		}
	}
	return pairs
}
