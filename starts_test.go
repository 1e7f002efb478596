// SPDX-License-Identifier: MIT

package pernet_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A start is a state to begin from: its name, and the calls that lead there.
type start struct{ name, calls string }

// starts are states that a registry can be found in, for an instance with a
// subsystem (ops 0), a device (ops 1) whose exit defers a callback, and three
// nets. The cleanup of a net that was put, and the deferred callback of an exit,
// wait to be chosen. So a start with a net put and held leads, among the rest, to every
// schedule that begins with that net kept.
var starts = []start{
	{"empty", ""},
	{"a subsystem", "register_subsys0"},
	{"a device", "register_device1"},
	{"a subsystem and a device", "register_subsys0,register_device1"},
	{"a second net", "copy0"},
	{"a device, then a second net", "register_device1,copy0"},
	{"a subsystem, a device and a second net", "register_subsys0,register_device1,copy0"},
	{"three nets, all slots in use", "copy0,copy0"},
	{"a net with two references", "copy0,get1"},
	{"a net in use", "register_subsys0,copy0,hold1"},
	{"a net that is put, its cleanup queued", "register_device1,copy0,put1"},
	{"two nets that are put, both queued", "copy0,copy0,put1,put2"},
	{"a net that is put and in use: it will be kept", "copy0,hold1,put1"},
	{"a deferred callback pending", "register_device1,unregister_device1"},
	{"a deferred callback and a cleanup pending", "register_device1,copy0,unregister_device1,put1"},
	{"a subsystem registered as a device", "register_device0,register_device1"},
}

// starts are those that the discipline has: since 4.17 an unregister waits for what its exits defer.
func (s *system[S]) starts() []start {
	return slices.DeleteFunc(slices.Clone(starts), func(at start) bool {
		return s.discipline == model.RWSem && at.name == "a deferred callback pending"
	})
}

// singleCalls are the calls that pairs and triples are made of: each kind of
// call, on init_net and on another net where that differs.
var singleCalls = []string{
	"register_subsys0", "register_device1", "unregister_subsys0", "unregister_device1",
	"copy0", "copy1", "share1", "get1", "put1", "hold1", "release1", "list", "barrier",
}

// calls are those of the discipline: since 4.17 a lookup has two steps, and net_ns_barrier waits in the queue.
func (s *system[S]) calls() []string {
	if s.discipline == model.RWSem {
		return slices.Concat(singleCalls, []string{"lookup1", "net_ns_barrier"})
	}
	return singleCalls
}

// TestPairsHaveEveryCall tests that each call that a client makes is among singleCalls: a call that is
// missing there would run beside no other. The worker makes the cleanups; the explorer compares states.
func TestPairsHaveEveryCall(t *testing.T) {
	for _, c := range model.Calls {
		begins := func(call string) bool { return strings.TrimRight(call, "0123456789") == c.Op }
		if c.Op != wire.Cleanup && c.Op != wire.State && !slices.ContainsFunc(singleCalls, begins) {
			t.Errorf("singleCalls in starts_test.go lacks %s", c.Op)
		}
	}
}

// TestStartsDiffer tests that each start is another state.
func TestStartsDiffer(t *testing.T) {
	t.Run("mutex", func(t *testing.T) { startsDiffer(t, mutexSystem()) })
	t.Run("rwsem", func(t *testing.T) { startsDiffer(t, rwsemSystem()) })
}

func startsDiffer[S comparable](t *testing.T, sys *system[S]) {
	seen := map[S]string{}
	for _, s := range sys.starts() {
		start, _, err := explore.Trace(sys.program(t, s.calls+"|list"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[start]; ok {
			t.Errorf("%q and %q are one state", s.name, other)
		}
		seen[start] = s.name
	}
}
