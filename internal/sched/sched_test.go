// SPDX-License-Identifier: MIT

package sched

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/hook"
)

// A tape is what threads write down, and one lock that they may take.
type tape struct {
	s    Scheduler
	text string
	held bool
}

// steps starts a thread that takes n steps and writes its letter at each.
func (tp *tape) steps(name string, n int) {
	tp.s.Go(name, func() {
		for range n {
			tp.s.Point(hook.Point{Name: "step"})
			tp.text += name
		}
	})
}

// locks starts a thread that takes and drops the lock n times.
func (tp *tape) locks(name string, n int) {
	tp.s.Go(name, func() {
		for range n {
			tp.s.Point(hook.Point{Name: "lock", Ops: "o", Net: "n", Ready: func() bool { return !tp.held }})
			tp.held = true
			tp.s.Point(hook.Point{Name: "unlock"})
			tp.held = false
			tp.text += name
		}
	})
}

// runs counts the schedules of a program, and the different texts that they write.
func runs(t *testing.T, program func(*tape)) (schedules, texts int) {
	t.Helper()
	seen, written := map[string]bool{}, map[string]bool{}
	for decide := range Every() {
		var tp tape
		program(&tp)
		done, err := tp.s.Run(decide, 100)
		if err != nil || tp.s.Len() != 0 {
			t.Fatal(done, err)
		}
		if seen[done.String()] {
			t.Fatalf("%s was taken twice", done)
		}
		seen[done.String()], written[tp.text] = true, true
	}
	return len(seen), len(written)
}

// The numbers of schedules are worked out by hand: (a+b)! / (a! b!) for two
// threads of a and b steps.
func TestEveryTakesEachScheduleOnce(t *testing.T) {
	for _, c := range []struct {
		name             string
		program          func(*tape)
		schedules, texts int
	}{
		{"no thread", func(*tape) {}, 1, 1},
		{"one thread", func(tp *tape) { tp.steps("a", 5) }, 1, 1},
		{"2 and 2: 4!/(2!2!)", func(tp *tape) { tp.steps("a", 2); tp.steps("b", 2) }, 6, 6},
		{"3 and 2: 5!/(3!2!)", func(tp *tape) { tp.steps("a", 3); tp.steps("b", 2) }, 10, 10},
		{"2, 2 and 2: 6!/(2!2!2!)", func(tp *tape) { tp.steps("a", 2); tp.steps("b", 2); tp.steps("c", 2) }, 90, 90},
		{"whoever has the lock drops it first: 2", func(tp *tape) { tp.locks("a", 1); tp.locks("b", 1) }, 2, 2},
		{"the lock twice each: 4!/(2!2!)", func(tp *tape) { tp.locks("a", 2); tp.locks("b", 2) }, 6, 6},
		// Before, between or after the two steps of the lock.
		{"a lock and a step: 3", func(tp *tape) { tp.locks("a", 1); tp.steps("b", 1) }, 3, 2},
		{"three options, and a step before or after: 6", func(tp *tape) {
			tp.s.Go("a", func() {
				tp.s.Point(hook.Point{Name: "choose"})
				tp.text += string(rune('0' + tp.s.Option(3)))
			})
			tp.steps("b", 1)
		}, 6, 6},
		// b comes to be by a's first step: b at any of the 2 places after it.
		{"a thread starts another: 2", func(tp *tape) {
			tp.s.Go("a", func() {
				tp.s.Point(hook.Point{Name: "first"})
				tp.steps("b", 1)
				tp.s.Point(hook.Point{Name: "second"})
				tp.text += "a"
			})
		}, 2, 2},
	} {
		if schedules, texts := runs(t, c.program); schedules != c.schedules || texts != c.texts {
			t.Errorf("%s: %d schedules, %d texts; want %d and %d", c.name, schedules, texts, c.schedules, c.texts)
		}
	}
}

func TestEveryPanicsIfTheProgramIsNotDeterministic(t *testing.T) {
	defer func() {
		if v := recover(); v == nil || !strings.Contains(v.(string), "is not deterministic") {
			t.Error("no panic, or", v)
		}
	}()
	run := 0
	for decide := range Every() {
		var tp tape
		run++
		tp.steps("a", 1)
		for i := range run { // what no schedule decides
			tp.steps(string(rune('b'+i)), 1)
		}
		_, _ = tp.s.Run(decide, 100)
	}
}

// first decides for the first of everything.
func first(int) int { return 0 }

func TestDeadlockNamesThreadsAndPoints(t *testing.T) {
	var done Schedule
	var err error
	for decide := range Every() {
		var s Scheduler
		held := map[string]bool{}
		lock := func(name string) {
			s.Point(hook.Point{Name: "lock " + name, Ops: "o" + name, Net: "n", Ready: func() bool { return !held[name] }})
			held[name] = true
		}
		s.Go("T1", func() { lock("x"); lock("y") })
		s.Go("T2", func() { lock("y"); lock("x") })
		s.Go("T3", func() { s.Rest(hook.Point{Name: AtRest, Ready: func() bool { return false }}) })
		if done, err = s.Run(decide, 100); done.String() == "T1,T2" {
			break
		}
	}
	if !errors.Is(err, ErrDeadlock) || done.String() != "T1,T2" {
		t.Fatal(done, err)
	}
	for _, want := range []string{`T1 waits at lock y (ops "oy", net "n")`, `T2 waits at lock x (ops "ox", net "n")`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
}

// All threads at rest is no deadlock, also where each could be asked for more.
func TestRunEndsAtRest(t *testing.T) {
	var s Scheduler
	stopped := false
	calls := 2
	s.Go("T1", func() {
		for s.Rest(hook.Point{Name: AtRest, Ready: func() bool { return calls > 0 }}) {
			calls--
			s.Point(hook.Point{Name: "inside"})
		}
		stopped = true
	})
	done, err := s.Run(first, 100)
	if err != nil || done.String() != "T1*4" || !s.AllAtRest(1) {
		t.Error(done, err)
	}
	if s.Close(); !stopped || s.Len() != 0 {
		t.Error("Close left a thread at rest")
	}
}

// TestCloseEndsThreadsAtRest: Close ends a thread between two calls, whatever its point is called.
func TestCloseEndsThreadsAtRest(t *testing.T) {
	var s Scheduler
	ended := 0
	for _, name := range []string{"T1", "T2"} {
		s.Go(name, func() {
			if !s.Rest(hook.Point{Name: "begins"}) {
				ended++
				return
			}
			s.Point(hook.Point{Name: "inside"})
			ended += 100
		})
	}
	s.Step(0, 0)
	if s.Close(); ended != 1 || s.Len() != 0 {
		t.Error(ended, s.Len())
	}
}

// TestThreadsUseCoroutinesAgain: threads that run one after the other share one coroutine, and
// none is left after Close.
func TestThreadsUseCoroutinesAgain(t *testing.T) {
	var s Scheduler
	before := runtime.NumGoroutine()
	for range 100 {
		ran := false
		s.Go("T", func() {
			s.Point(hook.Point{Name: "inside"})
			ran = true
		})
		if s.Step(0, 0); !ran || s.Len() != 0 {
			t.Fatal("the thread has not ended")
		}
	}
	if n := runtime.NumGoroutine() - before; n > 1 {
		t.Errorf("%d coroutines for threads that ran one after the other", n)
	}
	if s.Close(); runtime.NumGoroutine() > before {
		t.Errorf("%d coroutines are left after Close", runtime.NumGoroutine()-before)
	}
}

func TestRunFailsAtItsBound(t *testing.T) {
	for _, max := range []int{3, 4} {
		var tp tape
		tp.steps("a", 3)
		done, err := tp.s.Run(first, max)
		if (err == nil) != (max == 4) || err != nil && err != errTooLong || len(done) != 3 {
			t.Error(max, done, err)
		}
	}
}

func TestStepTakesTheGivenOption(t *testing.T) {
	var s Scheduler
	var got []int
	s.Go("T1", func() {
		for range 3 {
			s.Point(hook.Point{Name: "choose"})
			got = append(got, s.Option(3))
		}
		s.Point(hook.Point{Name: "plain"})
	})
	if n := s.Step(0, 2); n != 3 {
		t.Error("3 options, said", n)
	}
	if n := s.Step(0, 5); n != 3 { // there is none such
		t.Error("3 options, said", n)
	}
	s.Step(0, -1)
	if n := s.Step(0, 0); n != 1 || !slices.Equal(got, []int{2, 0, 0}) || s.Len() != 0 {
		t.Error(n, got)
	}

	s.Go("T2", func() {
		s.Point(hook.Point{Name: "choose"})
		s.Option(2)
		s.Option(2)
	})
	defer func() {
		if recover() == nil {
			t.Error("two options of one step")
		}
	}()
	s.Step(0, 0)
}

func TestPointOutsideAnyThreadPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	new(Scheduler).Point(hook.Point{Name: "p"})
}

func TestSchedulerNamesItsThreads(t *testing.T) {
	var tp tape
	tp.s.Go("a", func() {
		if tp.s.Current() != "a" {
			t.Error("current is", tp.s.Current())
		}
		tp.steps("b", 1) // runs to its first point meanwhile
		if tp.s.Current() != "a" {
			t.Error("after another was started, current is", tp.s.Current())
		}
		tp.s.Point(hook.Point{Name: "p", Net: "n"})
	})
	if tp.s.Current() != "" || tp.s.Find("b") != 1 || tp.s.Find("c") != -1 || tp.s.Name(0) != "a" || tp.s.At(0).Net != "n" || tp.s.Waiting() != "" {
		t.Error(tp.s.Current(), tp.s.Find("b"), tp.s.At(0), tp.s.Waiting())
	}
}
