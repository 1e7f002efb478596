// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"example.com/pernet/impl"
)

// A Runner does a call n times and returns how long that took. What it makes and takes
// down around the calls is not in it.
type Runner func(n int) time.Duration

// A Pair is two sides that do equal work: the same callbacks, the same contexts, the same waits.
type Pair struct {
	Call      string
	Nets, Ops int    // listed nets and registered ops before the call
	Column    string // where it stands in the table, if not under its nets and ops
	Each      int    // callbacks in a call of Over, if the time is that of a callback, not of a call
	EachUnder int    // the same of Under
	Over      string
	Under     string  // the ratio is Over's time by Under's
	AtMost    float64 // goal for the ratio, if not 0
	AtLeast   float64 // goal for the ratio, if not 0
	SameCalls bool    // one call costs about the same on both sides, so let each do as many

	// Make sets both sides up. close takes down what is left.
	Make func() (over, under Runner, close func())
}

// Name names the pair for -bench and -run.
func (p Pair) Name() string {
	if p.Column != "" {
		return fmt.Sprintf("%s/%s/callbacks=%s", p.Over, p.Call, p.Column)
	}
	return fmt.Sprintf("%s/%s/nets=%d/ops=%d", p.Over, p.Call, p.Nets, p.Ops)
}

// Goal is the goal in words, or "" if there is none.
func (p Pair) Goal() string {
	switch {
	case p.AtMost != 0:
		return fmt.Sprintf("<= %v", p.AtMost)
	case p.AtLeast != 0:
		return fmt.Sprintf(">= %v", p.AtLeast)
	}
	return ""
}

// Met reports whether ratio meets the goal.
func (p Pair) Met(ratio float64) bool {
	return (p.AtMost == 0 || ratio <= p.AtMost) && ratio >= p.AtLeast
}

const (
	atMost  = 1.3 // of the hand-written registry's time, for a call that nobody contends
	batch   = 16  // calls between two readings of the clock, where each needs something made before it
	clients = 8   // goroutines of the contended row
)

// sizes are the nets and ops at which calls are measured.
var sizes = []struct{ nets, ops int }{{1, 1}, {10, 1}, {1000, 1}, {1, 10}, {1, 1000}}

// Pairs are all pairs, in the order of the table.
func Pairs() []Pair {
	var pairs []Pair
	for _, call := range []struct {
		name  string
		over  func(*implSide) Runner
		under func(*handSide) Runner
	}{
		{"register + unregister", (*implSide).register, (*handSide).register},
		{"copy", (*implSide).copy, (*handSide).copy},
		{"copy, put, to freed", (*implSide).scope, (*handSide).scope},
		{"put to freed", (*implSide).put, (*handSide).put},
		{"list", (*implSide).list, (*handSide).list},
		{"get + put", (*implSide).get, (*handSide).get},
		{"hold + release", (*implSide).hold, (*handSide).hold},
	} {
		for _, s := range sizes {
			pairs = append(pairs, beside(call.name, plain, s.nets, s.ops, atMost, call.over, call.under))
		}
	}
	pairs = append(pairs,
		beside("register + unregister, cancellable context", cancellable, 1, 1, atMost, (*implSide).register, (*handSide).register),
		beside("copy, put, to freed, cancellable context", cancellable, 1, 1, atMost, (*implSide).scope, (*handSide).scope))
	for _, hooks := range []int{1, 10, 100, 1000} {
		pairs = append(pairs, beside("scope up and down", plain, 1, hooks, atMost, (*implSide).scope, (*handSide).scope))
	}
	pairs = append(pairs,
		beside("register + unregister, 8 goroutines", plain, 1, 1, 0, (*implSide).contended, (*handSide).contended),
		lockPair("lock + unlock alone, beside sync.Mutex", plain),
		lockPair("lock + unlock alone, beside sync.Mutex, cancellable context", cancellable))
	pairs = append(pairs, slotPairs()...)
	for _, hooks := range []int{1, 10, 100, 1000} {
		pairs = append(pairs, fxPair(hooks))
	}
	return slices.Concat(pairs, disciplinePairs(), failingPairs())
}

// disciplinePairs are calls without contention, under RWSem beside Mutex.
func disciplinePairs() (pairs []Pair) {
	for _, call := range []struct {
		name string
		run  func(*implSide) Runner
	}{
		{"register + unregister", (*implSide).register},
		{"copy", (*implSide).copy},
		{"copy, put, to freed", (*implSide).scope},
		{"put to freed", (*implSide).put},
		{"list", (*implSide).list},
		{"look-up + put", (*implSide).lookup},
		{"get + put", (*implSide).get},
		{"hold + release", (*implSide).hold},
	} {
		for _, s := range sizes {
			pairs = append(pairs, Pair{Call: call.name, Nets: s.nets, Ops: s.ops, Over: "RWSem", Under: "Mutex", AtMost: atMost, SameCalls: true,
				Make: func() (Runner, Runner, func()) {
					ctx, cancel := plain()
					over, under := newImpl(ctx, impl.RWSem, s.nets, s.ops), newImpl(ctx, impl.Mutex, s.nets, s.ops)
					return call.run(over), call.run(under), func() { over.close(); under.close(); cancel() }
				}})
		}
	}
	return pairs
}

// A maker makes the context that both sides of a pair give to their calls.
type maker func() (context.Context, context.CancelFunc)

// plain is the context of who has none.
func plain() (context.Context, context.CancelFunc) { return context.Background(), func() {} }

// cancellable is what a server has for a request: a value, and an end.
func cancellable() (context.Context, context.CancelFunc) {
	return context.WithCancel(context.WithValue(context.Background(), requestKey{}, "request"))
}

type requestKey struct{}

// beside is the pair of impl and the hand-written registry.
func beside(call string, mk maker, nets, ops int, atMost float64, over func(*implSide) Runner, under func(*handSide) Runner) Pair {
	return Pair{Call: call, Nets: nets, Ops: ops, Over: "impl", Under: "hand", AtMost: atMost, SameCalls: true,
		Make: func() (Runner, Runner, func()) {
			ctx, cancel := mk()
			i, h := newImpl(ctx, impl.Mutex, nets, ops), newHand(ctx, nets, ops)
			return over(i), under(h), func() { i.close(); h.close(); cancel() }
		}}
}

// lockPair is the lock of impl beside sync.Mutex.
func lockPair(call string, mk maker) Pair {
	return Pair{Call: call, Over: "impl", Under: "hand", SameCalls: true,
		Make: func() (Runner, Runner, func()) {
			ctx, cancel := mk()
			return implLock(ctx), handLock, cancel
		}}
}

// fxPair is Start and Stop of an fx.App beside a net that comes and goes, with the same hooks.
func fxPair(hooks int) Pair {
	goals := map[int]float64{1: 10, 100: 100}
	return Pair{Call: "scope up and down", Nets: 1, Ops: hooks, Over: "fx", Under: "impl", AtLeast: goals[hooks],
		Make: func() (Runner, Runner, func()) {
			ctx, cancel := plain()
			i := newImpl(ctx, impl.Mutex, 1, hooks)
			return fxScope(ctx, hooks), i.scope(), func() { i.close(); cancel() }
		}}
}

// must panics on an error that no side may return.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// timed runs f n times.
func timed(n int, f func()) time.Duration {
	start := time.Now()
	for range n {
		f()
	}
	return time.Since(start)
}
