// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// handSide is one hand-written registry, with its runners. impl_side.go is
// this file with another type: what one does the other does.
type handSide struct {
	ctx  context.Context
	r    *Registry
	nets []*Net // listed, the first net among them
	up   int    // inits that ran and whose exit has not; guarded by the registry
}

func newHand(ctx context.Context, nets, ops int) *handSide {
	r := New()
	s := &handSide{ctx: ctx, r: r, nets: []*Net{r.InitNet()}}
	for i := range ops {
		if i%2 == 0 {
			must(r.RegisterSubsys(ctx, s.ops()))
		} else {
			must(r.RegisterDevice(ctx, s.ops()))
		}
	}
	for len(s.nets) < nets {
		n, err := r.Copy(ctx, r.InitNet(), fmt.Sprintf("net%d", len(s.nets)))
		must(err)
		s.nets = append(s.nets, n)
	}
	return s
}

// ops are new ops with callbacks that count.
func (s *handSide) ops() *Ops {
	return &Ops{
		Name: "ops",
		Init: func(context.Context, *Net) error { s.up++; return nil },
		Exit: func(context.Context, *Net) { s.up-- },
	}
}

func (s *handSide) close() {
	for _, n := range s.nets[1:] {
		must(n.Put())
	}
	s.r.Close()
	if s.up != 0 {
		panic(fmt.Sprintf("hand: %d inits without exit", s.up))
	}
}

func (s *handSide) register() Runner {
	o := s.ops()
	return func(n int) time.Duration {
		return timed(n, func() {
			must(s.r.RegisterSubsys(s.ctx, o))
			must(s.r.UnregisterSubsys(s.ctx, o))
		})
	}
}

// contended is register from goroutines with ops of their own.
func (s *handSide) contended() Runner {
	return func(n int) time.Duration {
		var all sync.WaitGroup
		start := time.Now()
		for c := range clients {
			all.Go(func() {
				o := s.ops()
				for range (n + c) / clients { // n in all
					must(s.r.RegisterSubsys(s.ctx, o))
					must(s.r.UnregisterSubsys(s.ctx, o))
				}
			})
		}
		all.Wait()
		return time.Since(start)
	}
}

// scope is the whole life of a net: made, put, and freed.
func (s *handSide) scope() Runner {
	return func(n int) time.Duration {
		return timed(n, func() {
			net, err := s.r.Copy(s.ctx, s.r.InitNet(), "scope")
			must(err)
			must(net.Put())
			must(net.Wait(s.ctx))
		})
	}
}

func (s *handSide) copy() Runner { return s.batches(true) }
func (s *handSide) put() Runner  { return s.batches(false) }

// batches makes nets and takes them down, newest first, and measures one of the two.
func (s *handSide) batches(up bool) Runner {
	var names [batch]string
	for i := range names {
		names[i] = fmt.Sprintf("batch%d", i)
	}
	return func(n int) (sum time.Duration) {
		var nets [batch]*Net
		for done := 0; done < n; done += batch {
			some := min(batch, n-done)
			start := time.Now()
			for i := range some {
				net, err := s.r.Copy(s.ctx, s.r.InitNet(), names[i])
				must(err)
				nets[i] = net
			}
			middle := time.Now()
			for i := some - 1; i >= 0; i-- {
				must(nets[i].Put())
				must(nets[i].Wait(s.ctx))
			}
			if up {
				sum += middle.Sub(start)
			} else {
				sum += time.Since(middle)
			}
		}
		return sum
	}
}

func (s *handSide) list() Runner {
	return func(n int) time.Duration {
		seen := 0
		took := timed(n, func() {
			for range s.r.Nets() {
				seen++
			}
		})
		if seen != n*len(s.nets) {
			panic("hand: nets are missing in the list")
		}
		return took
	}
}

func (s *handSide) get() Runner {
	return s.each(func(n *Net) {
		must(n.Get())
		must(n.Put())
	})
}

func (s *handSide) hold() Runner {
	return s.each(func(n *Net) {
		must(n.Hold())
		must(n.Release())
	})
}

// each calls f on the listed nets in turn.
func (s *handSide) each(f func(*Net)) Runner {
	return func(n int) time.Duration {
		start := time.Now()
		for n > 0 {
			for _, net := range s.nets[:min(n, len(s.nets))] {
				f(net)
			}
			n -= min(n, len(s.nets))
		}
		return time.Since(start)
	}
}
