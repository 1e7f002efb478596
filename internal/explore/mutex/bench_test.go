// SPDX-License-Identifier: MIT

package mutex

import (
	"context"
	"example.com/pernet/internal/explore"
	"testing"
)

// BenchmarkExplore explores the small instance.
func BenchmarkExplore(b *testing.B) {
	in := instance(b, "MCnetns.cfg")
	states, steps := 0, 0
	for b.Loop() {
		r := explore.Explore(context.Background(), in, explore.Options{Workers: 2})
		if r.Verdict != explore.Complete {
			b.Fatal(r.Problem)
		}
		states += len(r.Graph.States)
		steps += r.Steps
	}
	b.ReportMetric(float64(states)/b.Elapsed().Seconds(), "states/s")
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
}
