// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"example.com/pernet/impl"
)

// A Load is what a registry does for several callers at once, on several sides. A row of its table
// has the time of each.
type Load struct {
	Table, Row string
	Sides      []Side
	Ratios     []Ratio
}

// A Side sets itself up, and returns a time and how many grace periods there were, once for each round.
type Side struct {
	Name   string
	Run    func() (took time.Duration, periods int64)
	AtMost time.Duration // goal for the time, if not 0
}

// A Ratio is the time of one side by that of another.
type Ratio struct {
	Over, Under int     // places in Sides
	AtMost      float64 // goal, if not 0
	AtLeast     float64 // goal, if not 0
}

// Name names the load for -run.
func (l Load) Name() string { return l.Table + "/" + l.Row }

// Loads are all loads, in the order of the tables.
func Loads() []Load { return slices.Concat(creations(), deaths(), delays()) }

// deaths are the loads of nets that are dead when the worker begins, until all of them are freed. Each waits
// for a grace period: under Mutex in the exit of its net, the one place for it; under RWSem the registry
// waits once for all nets of a round.
func deaths() (loads []Load) {
	for _, grace := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond} {
		for _, nets := range []int{1, 100, 4000} {
			l := Load{Table: "dead nets", Row: fmt.Sprintf("%d, grace period %v", nets, grace), Sides: []Side{
				{Name: "Mutex", Run: func() (time.Duration, int64) { return die(impl.Mutex, nets, grace) }},
				{Name: "RWSem", Run: func() (time.Duration, int64) { return die(impl.RWSem, nets, grace) }},
			}, Ratios: []Ratio{{Over: 0, Under: 1}}}
			if nets == 4000 && grace == time.Millisecond {
				l.Ratios[0].AtLeast = 100
			}
			loads = append(loads, l)
		}
	}
	return loads
}

// die puts nets while an exit keeps the worker, and returns how long all the others took from then on,
// and how many grace periods.
func die(d impl.Discipline, nets int, grace time.Duration) (took time.Duration, periods int64) {
	ctx := context.Background()
	var count atomic.Int64
	wait := func() {
		count.Add(1)
		if grace > 0 {
			time.Sleep(grace)
		}
	}
	busy, goOn := make(chan bool), make(chan bool)
	dead := &impl.Ops{Name: "dead", Exit: func(_ context.Context, n *impl.Net) {
		switch {
		case n.Name() == "first":
			close(busy)
			<-goOn
		case d == impl.Mutex:
			wait()
		}
	}}
	r, err := impl.New(ctx, impl.WithDiscipline(d), impl.WithSubsys(dead), impl.WithGracePeriod(wait))
	must(err)
	first, err := r.Copy(ctx, r.InitNet(), "first")
	must(err)
	all := make([]*impl.Net, nets)
	for i := range all {
		all[i], err = r.Copy(ctx, r.InitNet(), "")
		must(err)
	}
	must(first.Put())
	<-busy
	count.Store(0)
	for _, n := range all {
		must(n.Put())
	}
	start := time.Now()
	close(goOn)
	for _, n := range all {
		must(n.Wait(ctx))
	}
	took, periods = time.Since(start), count.Load()
	must(r.Close(ctx))
	return took, periods
}

// delays are the loads of a creation that comes while an exit sleeps for 20 ms.
func delays() (loads []Load) {
	for _, register := range []bool{false, true} {
		l := Load{Table: "a creation behind a cleanup", Row: "the exit sleeps 20 ms", Sides: []Side{
			{Name: "Mutex", Run: func() (time.Duration, int64) { return behind(impl.Mutex, register), 0 }},
			{Name: "RWSem", Run: func() (time.Duration, int64) { return behind(impl.RWSem, register), 0 }},
		}, Ratios: []Ratio{{Over: 0, Under: 1}}}
		if register {
			l.Row += ", a register waits"
		} else {
			l.Sides[1].AtMost = time.Millisecond
		}
		loads = append(loads, l)
	}
	return loads
}

// behind returns how long one creation takes.
func behind(d impl.Discipline, register bool) time.Duration {
	ctx, busy := context.Background(), make(chan bool, 2)
	slow := &impl.Ops{Name: "slow", Exit: func(_ context.Context, n *impl.Net) {
		if n.Name() == "slow" {
			busy <- true
			time.Sleep(20 * time.Millisecond)
		}
	}}
	r, err := impl.New(ctx, impl.WithDiscipline(d), impl.WithSubsys(slow))
	must(err)
	n, err := r.Copy(ctx, r.InitNet(), "slow")
	must(err)
	must(n.Put())
	<-busy
	if register {
		go func() { busy <- r.RegisterSubsys(ctx, &impl.Ops{Name: "waits"}) == nil }()
		time.Sleep(time.Millisecond) // it waits by then
	}
	start := time.Now()
	n, err = r.Copy(ctx, r.InitNet(), "quick")
	took := time.Since(start)
	must(err)
	must(n.Put())
	if register && !<-busy {
		panic("behind: not registered")
	}
	must(r.Close(ctx))
	return took
}
