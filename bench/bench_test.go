// SPDX-License-Identifier: MIT

package bench

import (
	"strings"
	"testing"
	"time"
)

// BenchmarkPair runs both sides of each pair of the table, one after the other. For ratios
// that can be told from noise use `make bench`, where the sides take turns.
func BenchmarkPair(b *testing.B) {
	for _, p := range Pairs() {
		b.Run(p.Name(), func(b *testing.B) {
			over, under, closePair := p.Make()
			defer closePair()
			b.Run(p.Over, func(b *testing.B) { measure(b, over) })
			b.Run(p.Under, func(b *testing.B) { measure(b, under) })
		})
	}
}

// measure reports the time that the runner gives, for some runners do more than they time.
func measure(b *testing.B, run Runner) {
	b.ReportAllocs()
	took := run(b.N)
	b.ReportMetric(float64(took)/float64(time.Nanosecond)/float64(b.N), "ns/op")
}

// TestPairs runs each pair once, so that none can rot unseen.
func TestPairs(t *testing.T) {
	for _, p := range Pairs() {
		over, under, closePair := p.Make()
		for _, run := range []Runner{over, under} {
			calls := 2 * clients
			if p.Each > 0 {
				calls = 1
			}
			if took := run(calls); took <= 0 {
				t.Errorf("%s took %v", p.Name(), took)
			}
		}
		closePair()
	}
}

// TestLoads runs each load once, but for those that wait for thousands of grace periods.
func TestLoads(t *testing.T) {
	for _, l := range Loads() {
		for _, side := range l.Sides {
			if side.Name == "Mutex" && (strings.HasPrefix(l.Row, "4000") || strings.HasSuffix(l.Row, "10ms")) {
				continue
			}
			took, periods := side.Run()
			if took <= 0 {
				t.Errorf("%s: %s took %v", l.Name(), side.Name, took)
			}
			if side.Name == "RWSem" && l.Table == "dead nets" && periods != 1 {
				t.Errorf("%s: %d grace periods", l.Name(), periods)
			}
		}
	}
}
