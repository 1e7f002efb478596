// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.com/pernet/impl"
)

// implSide is one registry of package impl, with its runners. hand_side.go is
// this file with another type: what one does the other does.
type implSide struct {
	ctx  context.Context
	r    *impl.Registry
	nets []*impl.Net // listed, the first net among them
	up   int         // inits that ran and whose exit has not; guarded by the registry
}

func newImpl(ctx context.Context, d impl.Discipline, nets, ops int) *implSide {
	r, err := impl.New(context.Background(), impl.WithDiscipline(d))
	must(err)
	s := &implSide{ctx: ctx, r: r, nets: []*impl.Net{r.InitNet()}}
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
func (s *implSide) ops() *impl.Ops {
	return &impl.Ops{
		Name: "ops",
		Init: func(context.Context, *impl.Net) error { s.up++; return nil },
		Exit: func(context.Context, *impl.Net) { s.up-- },
	}
}

func (s *implSide) close() {
	for _, n := range s.nets[1:] {
		must(n.Put())
	}
	must(s.r.Close(context.Background()))
	if s.up != 0 {
		panic(fmt.Sprintf("impl: %d inits without exit", s.up))
	}
}

func (s *implSide) register() Runner {
	o := s.ops()
	return func(n int) time.Duration {
		return timed(n, func() {
			must(s.r.RegisterSubsys(s.ctx, o))
			must(s.r.UnregisterSubsys(s.ctx, o))
		})
	}
}

// contended is register from goroutines with ops of their own.
func (s *implSide) contended() Runner {
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
func (s *implSide) scope() Runner {
	return func(n int) time.Duration {
		return timed(n, func() {
			net, err := s.r.Copy(s.ctx, s.r.InitNet(), "scope")
			must(err)
			must(net.Put())
			must(net.Wait(s.ctx))
		})
	}
}

func (s *implSide) copy() Runner { return s.batches(true) }
func (s *implSide) put() Runner  { return s.batches(false) }

// batches makes nets and takes them down, newest first, and measures one of the two.
func (s *implSide) batches(up bool) Runner {
	var names [batch]string
	for i := range names {
		names[i] = fmt.Sprintf("batch%d", i)
	}
	return func(n int) (sum time.Duration) {
		var nets [batch]*impl.Net
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

func (s *implSide) list() Runner {
	return func(n int) time.Duration {
		seen := 0
		took := timed(n, func() {
			for range s.r.Nets() {
				seen++
			}
		})
		if seen != n*len(s.nets) {
			panic("impl: nets are missing in the list")
		}
		return took
	}
}

func (s *implSide) get() Runner {
	return s.each(func(n *impl.Net) {
		must(n.Get())
		must(n.Put())
	})
}

func (s *implSide) lookup() Runner {
	return func(n int) time.Duration {
		return timed(n, func() {
			net, err := s.r.Lookup("init_net")
			must(err)
			must(net.Put())
		})
	}
}

func (s *implSide) hold() Runner {
	return s.each(func(n *impl.Net) {
		must(n.Hold())
		must(n.Release())
	})
}

// each calls f on the listed nets in turn.
func (s *implSide) each(f func(*impl.Net)) Runner {
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
