// SPDX-License-Identifier: MIT

package sched_test

import (
	"context"
	"testing"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/sched"
)

// BenchmarkStep is the hand-over alone: two threads that do nothing.
func BenchmarkStep(b *testing.B) {
	var s sched.Scheduler
	for _, name := range []string{"T1", "T2"} {
		s.Go(name, func() {
			for s.Rest(hook.Point{Name: sched.AtRest}) {
			}
		})
	}
	defer s.Close()
	for i := range b.N {
		s.Step(i&1, 0)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
}

// BenchmarkRegistry lets three clients register, unregister, get, put and list for ever on one
// registry, all its yield points in, and takes a step of one or the other that can move.
func BenchmarkRegistry(b *testing.B) {
	var s sched.Scheduler
	d := &hook.Hooks{Go: s.Go}
	d.Point = func(p hook.Point) {
		if s.Current() != "" {
			s.Point(p)
		}
	}
	bg := context.Background()
	r, err := impl.New(hook.With(bg, d))
	if err != nil {
		b.Fatal(err)
	}
	n, err := r.Copy(bg, r.InitNet(), "n")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"T1", "T2", "T3"} {
		o := &impl.Ops{
			Name: name,
			Init: func(context.Context, *impl.Net) error { return nil },
			Exit: func(context.Context, *impl.Net) {},
		}
		s.Go(name, func() {
			for s.Rest(hook.Point{Name: sched.AtRest}) {
				_ = r.RegisterSubsys(bg, o)
				_ = n.Get()
				_ = r.UnregisterSubsys(bg, o)
				_ = n.Put()
				for range r.Nets() {
				}
			}
		})
	}
	b.ResetTimer()
	for i, steps := 0, 0; steps < b.N; i++ {
		if t := i % 3; s.Enabled(t) {
			s.Step(t, 0)
			steps++
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
	for i := 0; !s.AllAtRest(3); i++ {
		if t := i % 3; s.At(t).Name != sched.AtRest && s.Enabled(t) {
			s.Step(t, 0)
		}
	}
	s.Close()
}
