// SPDX-License-Identifier: MIT

// Package sched runs concurrent code one step at a time, in a chosen order. Threads are
// coroutines. A thread runs from one yield point to the next while all others wait, so the
// choices alone decide a run. A list of choices, which prints as a short string, repeats it.
//
// The code between two yield points counts as one step. The author of the points must justify
// that, and the race detector checks it on free-running threads.
package sched

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/internal/hook"
)

// A Scheduler holds the threads of one run. Only one goroutine may use it.
type Scheduler struct {
	threads []*thread
	ended   []*thread // Go uses their coroutines again, because a new one costs as much as many steps
	current *thread   // the running thread; nil between steps

	choose func(n int) int // chooses one of n options of the running step; nil means wanted
	wanted int             // the option to take
	option int             // the option that the step took
	offers int             // the number of options; 0 until the step asks
}

type thread struct {
	name string
	run  func() // nil after its end
	at   hook.Point
	next func() (struct{}, bool)
	stop func()
	out  func(struct{}) bool // the coroutine's yield
	rest bool                // between two calls: stop ends it
}

// Go starts a thread and runs it to its first yield point. Threads may start others. The name
// must differ from those of all threads that have not ended.
func (s *Scheduler) Go(name string, f func()) {
	if len(s.ended) == 0 {
		s.ended = append(s.ended, newThread())
	}
	last := len(s.ended) - 1
	t := s.ended[last]
	s.ended = s.ended[:last]
	t.name, t.run = name, f
	s.threads = append(s.threads, t)
	s.resume(t)
}

// newThread returns a thread that has ended.
func newThread() *thread {
	t := new(thread)
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.out = yield
		for more := true; more; more = yield(struct{}{}) {
			t.run()
			t.run = nil
		}
	})
	return t
}

// resume runs t to its next yield point, or its end.
func (s *Scheduler) resume(t *thread) {
	outer := s.current
	s.current = t
	t.next()
	s.current = outer
	if t.run == nil {
		s.threads = slices.DeleteFunc(s.threads, func(u *thread) bool { return u == t })
		s.ended = append(s.ended, t)
	}
}

// Point is a yield point: it blocks the calling thread before the step p until a Step chooses
// the thread.
func (s *Scheduler) Point(p hook.Point) {
	t := s.current
	if t == nil {
		panic("sched: yield point " + p.Name + " outside any thread")
	}
	t.at, t.rest = p, false
	t.out(struct{}{})
}

// Rest is a yield point between two calls of a thread. It returns false after Close; then the
// thread must end.
func (s *Scheduler) Rest(p hook.Point) bool {
	t := s.current
	t.at, t.rest = p, true
	return t.out(struct{}{})
}

// Close ends all threads that are in Rest. Threads in the middle of a call stay blocked, and
// their memory is not freed: finish the run first.
func (s *Scheduler) Close() {
	for _, t := range slices.Concat(s.threads, s.ended) {
		if t.rest || t.run == nil {
			t.stop()
		}
	}
	s.threads, s.ended = nil, nil
}

// AllAtRest reports whether there are n threads, all between two calls.
func (s *Scheduler) AllAtRest(n int) bool {
	return len(s.threads) == n && !slices.ContainsFunc(s.threads, func(t *thread) bool { return t.at.Name != AtRest })
}

// AtRest is the name of the point of a thread between two calls.
const AtRest = "Idle"

// Option returns which of n options the running step takes. A step may call it once.
func (s *Scheduler) Option(n int) int {
	if s.offers != 0 {
		panic("sched: a step asked for an option twice")
	}
	s.offers, s.option = n, s.wanted
	if s.choose != nil {
		s.option = s.choose(n)
	}
	if s.option < 0 || s.option >= n {
		s.option = 0 // Step returns how many options there are
	}
	return s.option
}

// Step takes the next step of thread i, with the given option or, if the step does not have it,
// with option 0. It returns the number of options, which is 1 if the step did not ask.
func (s *Scheduler) Step(i, option int) (offers int) {
	s.wanted = option
	_, offers = s.step(i, nil)
	return offers
}

func (s *Scheduler) step(i int, choose func(n int) int) (option, offers int) {
	s.choose, s.option, s.offers = choose, 0, 0
	s.resume(s.threads[i])
	return s.option, max(s.offers, 1)
}

// Len returns the number of threads that have not ended.
func (s *Scheduler) Len() int { return len(s.threads) }

// Name returns the name of thread i.
func (s *Scheduler) Name(i int) string { return s.threads[i].name }

// At returns the point of thread i.
func (s *Scheduler) At(i int) hook.Point { return s.threads[i].at }

// Enabled reports whether thread i could take a step now.
func (s *Scheduler) Enabled(i int) bool {
	ready := s.threads[i].at.Ready
	return ready == nil || ready()
}

// Find returns the thread of that name, or -1.
func (s *Scheduler) Find(name string) int {
	return slices.IndexFunc(s.threads, func(t *thread) bool { return t.name == name })
}

// Current returns the name of the running thread, or "" between steps.
func (s *Scheduler) Current() string {
	if s.current == nil {
		return ""
	}
	return s.current.name
}

// Waiting describes every thread that cannot move.
func (s *Scheduler) Waiting() string {
	var b strings.Builder
	for i, t := range s.threads {
		if !s.Enabled(i) {
			fmt.Fprintf(&b, "%s waits at %s (ops %q, net %q)\n", t.name, t.at.Name, t.at.Ops, t.at.Net)
		}
	}
	return b.String()
}

// A Choice is one step of a schedule: the thread, and the option of its step.
type Choice struct {
	Thread string
	Option int
}

// A Schedule decides a run. It prints as its choices with commas between them: "T1:3,W,T1".
// Option 0 is left out, and repeated choices with option 0 are shortened: "W*4".
type Schedule []Choice

// String prints the schedule; Parse reads it back.
func (s Schedule) String() string {
	var parts []string
	for i := 0; i < len(s); {
		n := 1
		for s[i].Option == 0 && i+n < len(s) && s[i+n] == s[i] {
			n++
		}
		switch c := s[i]; {
		case c.Option != 0:
			parts = append(parts, c.Thread+":"+strconv.Itoa(c.Option))
		case n > 1:
			parts = append(parts, c.Thread+"*"+strconv.Itoa(n))
		default:
			parts = append(parts, c.Thread)
		}
		i += n
	}
	return strings.Join(parts, ",")
}

// maxSteps bounds the length of a schedule that Parse reads.
const maxSteps = 1 << 20

// Parse reads what String prints.
func Parse(text string) (Schedule, error) {
	if text == "" {
		return nil, nil
	}
	var s Schedule
	for i, part := range strings.Split(text, ",") {
		bad := func(what string) (Schedule, error) {
			return nil, fmt.Errorf("schedule: step %d, %q: %s", i+1, part, what)
		}
		at := strings.LastIndexAny(part, ":*")
		name, number, n := part, "", 0
		if at >= 0 {
			name, number = part[:at], part[at+1:]
			var err error
			if n, err = strconv.Atoi(number); err != nil || n < 1 || n > maxSteps {
				return bad("no number from 1 up after " + part[at:at+1])
			}
		}
		switch {
		case name == "":
			return bad("no thread")
		case strings.ContainsAny(name, ":*"):
			return bad("a second : or *")
		case len(s)+max(n, 1) > maxSteps:
			return bad("the schedule is too long")
		case at >= 0 && part[at] == ':':
			s = append(s, Choice{name, n})
		default:
			for range max(n, 1) {
				s = append(s, Choice{Thread: name})
			}
		}
	}
	return s, nil
}
