// SPDX-License-Identifier: MIT

package pernet_test

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/sched"
	"example.com/pernet/internal/wire"
)

// TestPropertyScheduled draws a program for two or three clients and its
// schedule, step by step, runs the real code that way, and checks the invariants in
// every state and the history at the end. Program and schedule are data, so a
// failure always comes back, shrinks, and prints the line that replays it.
func TestPropertyScheduled(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		withFlags(t, map[string]string{checks.Name: strconv.Itoa(3000 / stride())}) // a run takes no time
	}
	t.Run("mutex", func(t *testing.T) { propertyScheduled(t, mutexSystem()) })
	t.Run("rwsem", func(t *testing.T) { propertyScheduled(t, rwsemSystem()) })
}

func propertyScheduled[S comparable](t *testing.T, s *system[S]) {
	steps := 0
	rapid.Check(t, func(t *rapid.T) {
		p := drawScheduled(t, s, beforeCalls, scheduledCalls)
		n, err := p.run(t, nil)
		if steps += n; err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%d steps", steps)
}

// beforeCalls are what is called before the clients run, the simplest first: rapid shrinks
// towards these. A barrier there could block for ever.
var beforeCalls = slices.Concat([]string{"list", "copy0", "put1", "get1"},
	slices.DeleteFunc(slices.Clone(singleCalls), isBarrier),
	[]string{"register_device0", "unregister_subsys1", "share0", "get0", "put0", "hold0", "release0",
		"copy2", "share2", "get2", "put2", "hold2", "release2"})

// scheduledCalls are what programs are made of.
var scheduledCalls = append(slices.Clone(beforeCalls), barrier)

const barrier = "barrier"

// isBarrier tells the calls that wait and change nothing: histories do not have them.
func isBarrier(call string) bool { return call == barrier || call == "net_ns_barrier" }

// A scheduled is a program of which the schedule is drawn as it runs.
type scheduled[S comparable] struct {
	s    *system[S]
	in   programmed[S]
	rec  *explorationRecorder
	play *explore.Player[S]
}

// drawScheduled draws programs of these calls, and what is called before they start.
func drawScheduled[S comparable](t *rapid.T, s *system[S], beforeCalls, scheduledCalls []string) scheduled[S] {
	call := func(calls []string) *rapid.Generator[clients.Call] {
		return rapid.Custom(func(t *rapid.T) clients.Call {
			c, err := clients.ParseCall(rapid.SampledFrom(calls).Draw(t, "call"))
			if err != nil {
				t.Fatal(err)
			}
			return c
		})
	}
	before := rapid.SliceOfN(call(beforeCalls), 0, 4).Draw(t, "before")
	programs := rapid.SliceOfN(rapid.SliceOfN(call(scheduledCalls), 1, 4), 2, 3).Draw(t, "programs")
	with, err := s.with(before, programs...)
	if err != nil {
		t.Fatal(err)
	}
	code, rec := recordedRun(with)
	return scheduled[S]{s, with, rec, explore.NewPlayer(code)}
}

// run draws choice after choice and checks what comes of them. spoil, if there
// is one, changes the history before it is checked.
func (p scheduled[S]) run(t *rapid.T, spoil func([]wire.Line)) (steps int, err error) {
	schedule, err := p.judge(t, spoil)
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, p.in.ReplayLine(p.s.cfg, schedule))
	}
	return len(schedule), err
}

func (p scheduled[S]) judge(t *rapid.T, spoil func([]wire.Line)) (schedule sched.Schedule, err error) {
	p.play.Start()
	state := p.play.State()
	for last := ""; err == nil; {
		choices := p.play.Choices()
		if len(choices) == 0 {
			break
		}
		c := choose(t, choices, last)
		last = c.Thread
		state, err = p.take(c, state)
	}
	schedule = p.play.Schedule()
	if err != nil {
		return schedule, errors.Join(err, p.end())
	}
	if err := p.end(); err != nil {
		return schedule, err
	}
	ops := p.rec.history()
	if spoil != nil {
		spoil(ops)
	}
	return schedule, p.s.linearizable(ops)
}

// take takes a step, and checks it and the state that follows.
func (p scheduled[S]) take(c sched.Choice, from S) (to S, err error) {
	defer explore.Recover(&err)
	p.play.Take(c)
	to = p.play.State()
	if err := explore.CheckStep(p.in, &from, &to); err != nil {
		return to, err
	}
	return to, explore.CheckState(p.in, &to)
}

func (p scheduled[S]) end() (err error) {
	defer explore.Recover(&err)
	return p.play.End()
}

// choose draws one small number for a step: 0 lets the thread that moved last go on, if
// it can, and high ones ask for the step's second option.
func choose(t *rapid.T, choices []sched.Choice, last string) sched.Choice {
	n := len(choices)
	k := rapid.IntRange(0, 3*n-1).Draw(t, "choice")
	at := 0
	for i, c := range choices {
		if c.Thread == last {
			at = i
		}
	}
	c := choices[at]
	if i := k % n; i > 0 { // the others, in their order
		if i <= at {
			i--
		}
		c = choices[i]
	}
	if k >= 2*n {
		c.Option = 1
	}
	return c
}

// A fakeTB records the reports of rapid about a property that must fail.
type fakeTB struct {
	testing.TB
	failed bool
	log    strings.Builder
}

func (f *fakeTB) Helper()                         {}
func (f *fakeTB) Name() string                    { return "Fake" }
func (f *fakeTB) Logf(format string, args ...any) { fmt.Fprintf(&f.log, format+"\n", args...) }
func (f *fakeTB) Errorf(format string, args ...any) {
	f.failed = true
	f.Logf(format, args...)
}
func (f *fakeTB) Fatalf(format string, args ...any) { f.Errorf(format, args...) }
func (f *fakeTB) Fail()                             { f.failed = true }
func (f *fakeTB) FailNow()                          { f.failed = true }
func (f *fakeTB) Failed() bool                      { return f.failed }

// withFlags sets flags of rapid's for the rest of the test.
func withFlags(t *testing.T, values map[string]string) {
	t.Helper()
	for name, value := range values {
		old := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := flag.Set(name, old); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestScheduledFailureShrinks seeds a fault that only some schedules show: copies say
// that they returned when they had hardly begun. Whatever the order of the calls that
// rapid draws from, it must be left with little: nothing before, a copy, and something
// in the midst of it. With the simplest calls first that is the least that shows the
// fault: a list, one change of threads there and one back.
func TestScheduledFailureShrinks(t *testing.T) {
	s := mutexSystem()
	early := func(ops []wire.Line) {
		for i := range ops {
			if ops[i].Op == wire.Copy && !ops[i].Share {
				ops[i].Return = ops[i].Call
			}
		}
	}
	simplestFirst := []string{"list", "copy0", "put1", "get1", "register_subsys0", "unregister_subsys1", "copy1", "release1"}
	simplestLast := slices.Clone(simplestFirst)
	slices.Reverse(simplestLast)
	orders := [][]string{simplestFirst, simplestLast, slices.Sorted(slices.Values(simplestFirst))}
	for i, seed := range sample([]string{"1", "2", "3", "4", "5", "6"}) {
		order := orders[i%len(orders)]
		withFlags(t, map[string]string{"rapid.nofailfile": "true", "rapid.seed": seed, "rapid.checks": "3000"})
		var tb fakeTB
		line := ""
		rapid.Check(&tb, func(t *rapid.T) {
			if _, err := drawScheduled(t, s, order, order).run(t, early); err != nil {
				text := err.Error()
				line = text[strings.LastIndex(text, "\n")+1:]
				t.Fatal(err)
			}
		})
		schedule, programs, _ := strings.Cut(strings.TrimPrefix(line, "pernet explore --replay '"), "'")
		parsed, err := sched.Parse(schedule)
		programs = strings.ReplaceAll(strings.TrimPrefix(programs, " --cfg "+s.cfg), " --program ", ",")
		calls, mostCalls, mostChanges := strings.Split(programs, ",")[1:], 3, 3
		if i%len(orders) == 0 {
			mostCalls, mostChanges = 2, 2
		}
		if !tb.failed || err != nil || strings.Contains(programs, "--before") || !slices.ContainsFunc(calls, func(c string) bool { return strings.HasPrefix(c, "copy") }) ||
			len(calls) > mostCalls || changes(parsed) > mostChanges {
			t.Errorf("seed %s: failed %v, %v, and was left with\n%s\n%s", seed, tb.failed, err, line, tb.log.String())
		}
		if !strings.Contains(tb.log.String(), line) {
			t.Errorf("seed %s: the line is not in what rapid printed:\n%s", seed, tb.log.String())
		}
	}
}

// changes counts how often another thread goes on.
func changes(s sched.Schedule) (n int) {
	for i := 1; i < len(s); i++ {
		if s[i].Thread != s[i-1].Thread {
			n++
		}
	}
	return n
}
