// SPDX-License-Identifier: MIT

package history

import (
	"slices"

	"example.com/pernet/model"
)

// A config is one way that the history can have gone so far: the state, and how
// many moments each open operation has taken.
type config struct {
	state model.State
	done  []int32 // by slot; shared, so it is copied before it is written
	hash  uint64
}

func newConfig(s model.State, done []int32) config {
	h := s.Hash()
	for _, d := range done {
		h = (h ^ uint64(d)) * 1099511628211
		h ^= h >> 31
	}
	return config{state: s, done: done, hash: h}
}

// with returns c after slot took a moment that led to s.
func (c *config) with(s model.State, slot int) config {
	done := slices.Clone(c.done)
	done[slot]++
	return newConfig(s, done)
}

func (c *config) equal(d *config) bool {
	return c.hash == d.hash && slices.Equal(c.done, d.done) && c.state.Equal(d.state)
}

// A set is a set of configs, in the order in which they came.
type set struct {
	items []config
	index map[uint64][]int32 // by hash; only once there are many
}

const manyConfigs = 12

func (s *set) reset() {
	clear(s.items)
	s.items = s.items[:0]
	s.index = nil
}

func (s *set) find(c *config) int {
	if s.index != nil {
		for _, i := range s.index[c.hash] {
			if s.items[i].equal(c) {
				return int(i)
			}
		}
		return -1
	}
	for i := range s.items {
		if s.items[i].equal(c) {
			return i
		}
	}
	return -1
}

// add puts c in and reports whether it was new.
func (s *set) add(c config) bool {
	if s.find(&c) >= 0 {
		return false
	}
	s.items = append(s.items, c)
	i := len(s.items) - 1
	switch {
	case s.index != nil:
		s.index[c.hash] = append(s.index[c.hash], int32(i))
	case i == manyConfigs:
		s.index = make(map[uint64][]int32, 4*manyConfigs)
		for j := range s.items {
			h := s.items[j].hash
			s.index[h] = append(s.index[h], int32(j))
		}
	}
	return true
}
