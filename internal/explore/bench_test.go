// SPDX-License-Identifier: MIT

package explore

import (
	"context"
	"testing"
)

// BenchmarkExplore explores the small instance by running again from the start.
func BenchmarkExplore(b *testing.B) { benchmark(b, Options{Workers: 2}) }

// BenchmarkStitch explores it in the stitched way.
func BenchmarkStitch(b *testing.B) { benchmark(b, Options{Workers: 2, Stitch: true}) }

func benchmark(b *testing.B, opt Options) {
	in := instance(b, "MCnetns.cfg")
	states, steps := 0, 0
	for b.Loop() {
		r := in.Explore(context.Background(), opt)
		if r.Verdict != Complete {
			b.Fatal(r.Problem)
		}
		states += len(r.Graph.States)
		steps += r.Steps
	}
	b.ReportMetric(float64(states)/b.Elapsed().Seconds(), "states/s")
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
}
