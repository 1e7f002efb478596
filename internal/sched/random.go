// SPDX-License-Identifier: MIT

package sched

import "math/rand/v2"

// Random lets any thread that can move be the next one, each as likely.
type Random struct{ rng *rand.Rand }

// NewRandom returns a Random that the seed decides.
func NewRandom(seed uint64) *Random { return &Random{rand.New(rand.NewPCG(seed, 0))} }

// Thread is Strategy's.
func (r *Random) Thread(names []string) (int, error) { return r.rng.IntN(len(names)), nil }

// Option is Strategy's.
func (r *Random) Option(n int) int { return r.rng.IntN(n) }

// PCT gives each thread a priority and lets the highest one that can move go on,
// but at a few steps, chosen beforehand, takes the runner's priority away
// (probabilistic concurrency testing). A fault that needs d of its steps in a
// certain order, in a run of k steps of n threads, is met with a probability of
// at least 1/(n k^(d-1)), whatever the rest of the program does.
type PCT struct {
	rng      *rand.Rand
	priority map[string]int
	drop     map[int]int // step -> the priority that its thread falls to
	step     int
}

// NewPCT returns a PCT of that depth for runs of about that many steps.
func NewPCT(seed uint64, depth, steps int) *PCT {
	p := &PCT{rng: rand.New(rand.NewPCG(seed, 1)), priority: map[string]int{}, drop: map[int]int{}}
	for i := 1; i < depth; i++ {
		p.drop[p.rng.IntN(max(steps, 1))] = -i
	}
	return p
}

// Thread is Strategy's.
func (p *PCT) Thread(names []string) (int, error) {
	best := p.highest(names)
	if low, ok := p.drop[p.step]; ok {
		p.priority[names[best]] = low
		best = p.highest(names)
	}
	p.step++
	return best, nil
}

// highest returns the one of highest priority; a name that is new is given one.
func (p *PCT) highest(names []string) (best int) {
	for i, name := range names {
		if _, ok := p.priority[name]; !ok {
			p.priority[name] = p.rng.Int()
		}
		if p.priority[name] > p.priority[names[best]] {
			best = i
		}
	}
	return best
}

// Option is Strategy's.
func (p *PCT) Option(n int) int { return p.rng.IntN(n) }
