// SPDX-License-Identifier: MIT

//go:build bare

// Command turns is built by points, with impl without a part of it as package bare. The
// argument names the part.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"time"

	bare "example.com/pernet/bench/points/bare"
	"example.com/pernet/impl"
)

const (
	rounds = 201
	turn   = 2 * time.Millisecond
)

// A pair is one call on both sides.
type pair struct {
	name          string
	with, without func(n int)
}

func main() {
	ctx, quiet := context.Background(), slog.New(slog.DiscardHandler)
	r, err := impl.New(ctx, impl.WithLogger(quiet))
	check(err)
	b, err := bare.New(ctx, bare.WithLogger(quiet))
	check(err)
	many, manyBare := []impl.Option{impl.WithLogger(quiet)}, []bare.Option{bare.WithLogger(quiet)}
	for range 100 {
		many, manyBare = append(many, impl.WithSubsys(ops())), append(manyBare, bare.WithSubsys(bareOps()))
	}
	rs, err := impl.New(ctx, many...)
	check(err)
	bs, err := bare.New(ctx, manyBare...)
	check(err)
	o, p, n, m := ops(), bareOps(), r.InitNet(), b.InitNet()
	fmt.Printf("impl beside impl without %s, %d rounds that take turns; median ratios\n\n| call | ratio |\n|---|--:|\n", os.Args[1], rounds)
	for _, q := range []pair{
		{"register + unregister", func(k int) {
			for range k {
				check(r.RegisterDevice(ctx, o))
				check(r.UnregisterDevice(ctx, o))
			}
		}, func(k int) {
			for range k {
				check(b.RegisterDevice(ctx, p))
				check(b.UnregisterDevice(ctx, p))
			}
		}},
		{"copy, put, to freed", scope(r), bareScope(b)},
		{"copy, put, to freed, 100 ops", scope(rs), bareScope(bs)},
		{"list", func(k int) {
			for range k {
				for range r.Nets() {
				}
			}
		}, func(k int) {
			for range k {
				for range b.Nets() {
				}
			}
		}},
		{"get + put", func(k int) {
			for range k {
				check(n.Get())
				check(n.Put())
			}
		}, func(k int) {
			for range k {
				check(m.Get())
				check(m.Put())
			}
		}},
	} {
		fmt.Printf("| %s | %.3f |\n", q.name, ratio(q))
	}
	fmt.Println()
}

// Each of these stands twice: once for impl, once for bare.

func ops() *impl.Ops {
	return &impl.Ops{Init: func(context.Context, *impl.Net) error { return nil }, Exit: func(context.Context, *impl.Net) {}}
}

func bareOps() *bare.Ops {
	return &bare.Ops{Init: func(context.Context, *bare.Net) error { return nil }, Exit: func(context.Context, *bare.Net) {}}
}

func scope(r *impl.Registry) func(k int) {
	return func(k int) {
		ctx := context.Background()
		for range k {
			c, err := r.Copy(ctx, r.InitNet(), "")
			check(err)
			check(c.Put())
			check(c.Wait(ctx))
		}
	}
}

func bareScope(r *bare.Registry) func(k int) {
	return func(k int) {
		ctx := context.Background()
		for range k {
			c, err := r.Copy(ctx, r.InitNet(), "")
			check(err)
			check(c.Put())
			check(c.Wait(ctx))
		}
	}
}

// ratio is the median over the rounds; who begins changes from round to round.
func ratio(q pair) float64 {
	k := 1
	for timed(q.with, k) < turn {
		k *= 2
	}
	var ratios []float64
	for round := range rounds {
		var with, without time.Duration
		runtime.GC()
		if round%2 == 0 {
			with, without = timed(q.with, k), timed(q.without, k)
		} else {
			without, with = timed(q.without, k), timed(q.with, k)
		}
		ratios = append(ratios, float64(with)/float64(without))
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

func timed(f func(int), k int) time.Duration {
	start := time.Now()
	f(k)
	return time.Since(start)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "points:", err)
		os.Exit(1)
	}
}
