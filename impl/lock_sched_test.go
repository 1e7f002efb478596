// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/race"
	"example.com/pernet/internal/sched"
)

// The lock's real code under the scheduler: every interleaving of threads that
// lock and unlock, each of which may be cancelled at any moment, over states.
//
// A thread stops before each call, before it takes mu and when it has it, and where
// it waits. Three steps are taken as one with what comes before them:
//   - the look at the context and the first compare-and-swap of lock. Only a cancel in
//     between could tell, and it comes to the same just after;
//   - in wait, what follows the swap, for mu is held;
//   - the compare-and-swap of the unlock with which a cancelled wait passes the lock on. It
//     fails, for a lock that was handed over is in state lockQueue; the test checks that.

// A lockProgram is how often each thread takes the lock, which take it to read, and which may be cancelled.
type lockProgram struct {
	rounds    []int
	readers   []int
	cancelled []int // threads, each by a thread of its own
}

// A lockWorld is one run.
type lockWorld struct {
	s       sched.Scheduler
	l       lock
	threads []lockThread
	program lockProgram
	seen    *lockSeen
	problem string
}

type lockThread struct {
	round  int
	handed <-chan struct{} // nil but from the queue to the end of the wait
	ctx    lockCtx
}

// lockSeen is what the runs together have met: what a test that never meets it would not show.
type lockSeen struct{ bothReady, passedOn, swapFree, overtaken, letIn, interrupted, runs, steps int }

// A lockCtx is a context that a step of the schedule ends.
type lockCtx struct {
	context.Context
	done  chan struct{}
	ended bool
}

func (c *lockCtx) Done() <-chan struct{} { return c.done }

func (c *lockCtx) Err() error {
	if c.ended {
		return context.Canceled
	}
	return nil
}

func newLockWorld(p lockProgram, seen *lockSeen) *lockWorld {
	w := &lockWorld{program: p, threads: make([]lockThread, len(p.rounds)), seen: seen}
	w.l.watch = w
	seen.runs++
	for i := range p.rounds {
		w.threads[i].ctx = lockCtx{Context: bg, done: make(chan struct{})}
		w.s.Go(fmt.Sprint("T", i), func() { w.run(i) })
	}
	for _, i := range p.cancelled {
		w.s.Go(fmt.Sprint("C", i), func() {
			w.s.Point(hook.Point{Name: "cancel"})
			w.threads[i].ctx.ended = true
			close(w.threads[i].ctx.done)
		})
	}
	return w
}

// run is what a thread does.
func (w *lockWorld) run(i int) {
	t := &w.threads[i]
	for ; t.round < w.program.rounds[i]; t.round++ {
		w.s.Point(hook.Point{Name: "lock"})
		lock := w.l.lock
		if w.reads(i) {
			lock = w.l.rlock
		}
		err := lock(&t.ctx)
		t.handed = nil
		if err != nil {
			w.seen.interrupted++
			if !t.ctx.ended || !errors.Is(err, ErrInterrupted) || !errors.Is(err, context.Canceled) {
				w.problem = fmt.Sprintf("T%d is refused with %v", i, err)
			}
			continue
		}
		w.s.Point(hook.Point{Name: "unlock"})
		w.l.release(w.reads(i))
	}
}

func (w *lockWorld) reads(i int) bool { return slices.Contains(w.program.readers, i) }

// take is lockWatch's.
func (w *lockWorld) take(l *lock, step string) {
	w.s.Point(hook.Point{Name: step, Ready: func() bool {
		free := l.mu.TryLock()
		if free {
			l.mu.Unlock()
		}
		return free
	}})
	l.mu.Lock()
	w.s.Point(hook.Point{Name: step + ", with mu"})
}

// choose is lockWatch's.
func (w *lockWorld) choose(handed, done <-chan struct{}) (_, _ <-chan struct{}) {
	t := &w.threads[w.s.Current()[1]-'0']
	t.handed = handed
	w.s.Point(hook.Point{Name: "woken", Ready: func() bool { return isClosed(handed) || isClosed(done) }})
	switch {
	case !isClosed(done):
		return handed, nil
	case !isClosed(handed):
		return nil, done
	}
	w.seen.bothReady++
	if w.s.Option(2) == 0 {
		return handed, nil
	}
	return nil, done
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// at returns where a thread is; "" when it is over.
func (w *lockWorld) at(i int) string {
	if j := w.s.Find(fmt.Sprint("T", i)); j >= 0 {
		return w.s.At(j).Name
	}
	return ""
}

// owners returns who has the lock: who is between lock and unlock, and who has
// been handed it, though it may not know yet.
func (w *lockWorld) owners() (owners []int) {
	for i := range w.threads {
		inside := w.at(i) == "unlock" || strings.HasPrefix(w.at(i), "hand over")
		if inside || w.threads[i].handed != nil && isClosed(w.threads[i].handed) {
			owners = append(owners, i)
		}
	}
	return owners
}

// queue returns who waits, in order.
func (w *lockWorld) queue() (queue []int) {
	for _, c := range w.l.queue {
		queue = append(queue, slices.IndexFunc(w.threads, func(t lockThread) bool { return t.handed == c.handed }))
	}
	return queue
}

// key is the state.
func (w *lockWorld) key() string {
	muFree := w.l.mu.TryLock()
	if muFree {
		w.l.mu.Unlock()
	}
	key := fmt.Sprint(w.l.state.Load(), muFree, w.queue(), w.owners())
	for i, t := range w.threads {
		key += fmt.Sprint(" ", w.at(i), t.round, t.ctx.ended)
	}
	return key
}

// take takes one step and checks what it did.
func (w *lockWorld) step(c sched.Choice) (offers int) {
	queue, owners := w.queue(), w.owners()
	i := w.s.Find(c.Thread)
	stood := w.s.At(i).Name
	before := w.seen.interrupted
	offers = w.s.Step(i, c.Option)
	w.seen.steps++
	w.check(int(c.Thread[1]-'0'), stood, before != w.seen.interrupted, queue, owners)
	return offers
}

// check looks at a step of thread t, or of the one that cancels it.
func (w *lockWorld) check(t int, stood string, interrupted bool, queue, owners []int) {
	fail := func(what string) {
		if w.problem == "" {
			w.problem = fmt.Sprintf("%s: at %q of thread %d the queue %v became %v, the owners %v became %v", what, stood, t, queue, w.queue(), owners, w.owners())
		}
	}
	nowQueue, nowOwners := w.queue(), w.owners()
	isWriter := func(i int) bool { return !w.reads(i) }
	if len(nowOwners) > 1 && slices.ContainsFunc(nowOwners, isWriter) {
		fail("no mutual exclusion")
	}
	if len(nowOwners) > 0 && !slices.ContainsFunc(nowOwners, isWriter) && len(nowQueue) > 0 && w.reads(nowQueue[0]) {
		fail("a reader waits behind readers alone")
	}
	if (len(nowOwners) == 0) != w.l.free() {
		fail("the lock is free and owned, or neither")
	}
	if len(nowQueue) > 0 && w.l.state.Load() != lockQueue {
		fail("somebody waits and unlock would not look")
	}
	if len(nowOwners) == 1 && isWriter(nowOwners[0]) && w.threads[nowOwners[0]].handed != nil && w.l.state.Load() != lockQueue {
		fail("handed over, and not in state lockQueue")
	}
	without := func(list, others []int) []int {
		return slices.DeleteFunc(slices.Clone(list), func(i int) bool { return slices.Contains(others, i) })
	}
	came, waited := without(nowOwners, owners), without(queue, []int{t})
	for _, i := range came {
		if len(queue) > 0 && !slices.Contains(waited[:min(len(came), len(waited))], i) {
			fail("not first come, first served")
		}
	}
	if went := without(owners, nowOwners); len(went) > 0 && !slices.Equal(went, []int{t}) {
		fail("taken away from its owner")
	}
	left := slices.DeleteFunc(slices.Clone(queue), func(i int) bool { return i == t || slices.Contains(nowOwners, i) })
	if !slices.Equal(left, slices.DeleteFunc(slices.Clone(nowQueue), func(i int) bool { return i == t })) {
		fail("the queue was reordered, or lost somebody")
	}
	if interrupted && !slices.Contains(owners, t) && slices.ContainsFunc(came, isWriter) {
		fail("a wait that was cancelled gave a writer the lock")
	}
	switch {
	case strings.HasPrefix(stood, "leave, with mu") && slices.Contains(owners, t):
		w.seen.passedOn++
	case strings.HasPrefix(stood, "leave, with mu") && len(came) > 0:
		w.seen.letIn++
	case stood == "wait, with mu" && len(owners) == 0:
		w.seen.swapFree++
	case stood == "lock" && len(owners) == 0 && len(nowOwners) == 1 && slices.ContainsFunc([]int{0, 1, 2, 3}[:len(w.threads)], func(i int) bool { return i != t && strings.HasPrefix(w.at(i), "wait") }):
		w.seen.overtaken++ // the other has not come to the queue yet
	}
}

// rest lets everybody go on to the end, and reports who cannot. The world is used up.
func (w *lockWorld) rest() string {
	defer w.s.Close()
	for i := 0; i < w.s.Len(); {
		if !w.s.Enabled(i) {
			i++
			continue
		}
		w.step(sched.Choice{Thread: w.s.Name(i)})
		i = 0
	}
	switch {
	case w.problem != "":
	case w.s.Len() > 0:
		w.problem = "a wake-up is lost:\n" + w.s.Waiting()
	case !w.l.free() || len(w.l.queue) > 0:
		w.problem = "all have gone, and the lock is not free"
	}
	return w.problem
}

// exploreLock takes every choice from every state of a program.
func exploreLock(t *testing.T, p lockProgram) {
	t.Helper()
	var seen lockSeen
	ways := map[string]sched.Schedule{}
	order := []string{newLockWorld(p, &seen).startKey()}
	ways[order[0]] = nil
	edges := 0
	for n := 0; n < len(order); n++ {
		way := ways[order[n]]
		w := newLockWorld(p, &seen)
		follow(w, way)
		if w.key() != order[n] {
			t.Fatalf("%v: not deterministic: %s led to\n%s\nand now to\n%s", p, way, order[n], w.key())
		}
		var choices []sched.Choice
		for i := range w.s.Len() {
			if w.s.Enabled(i) {
				choices = append(choices, sched.Choice{Thread: w.s.Name(i)})
			}
		}
		w.rest()
		for ; len(choices) > 0; choices = choices[1:] {
			c := choices[0]
			w := newLockWorld(p, &seen)
			follow(w, way)
			offers := w.step(c)
			if c.Option == 0 && offers == 2 {
				choices = append(choices, sched.Choice{Thread: c.Thread, Option: 1})
			}
			edges++
			if key := w.key(); w.problem == "" && ways[key] == nil {
				ways[key] = append(slices.Clone(way), c)
				order = append(order, key)
			}
			if problem := w.rest(); problem != "" {
				t.Fatalf("%v: after %s: %s", p, append(slices.Clone(way), c), problem)
			}
		}
	}
	t.Logf("rounds %v, readers %v, cancelled %v: %d states, %d edges, %d steps; both ready %d, passed on %d, freed before the queue %d, overtaken before it %d, readers let in %d, interrupted %d",
		p.rounds, p.readers, p.cancelled, len(order), edges, seen.steps, seen.bothReady, seen.passedOn, seen.swapFree, seen.overtaken, seen.letIn, seen.interrupted)
	if len(p.cancelled) > 0 && (seen.bothReady == 0 || seen.passedOn == 0 || seen.interrupted == 0) || seen.swapFree == 0 {
		t.Errorf("%v: the hard cases were not met", p)
	}
}

// startKey is the key of a world that has not moved; the world is used up.
func (w *lockWorld) startKey() string {
	key := w.key()
	w.rest()
	return key
}

func follow(w *lockWorld, way sched.Schedule) {
	for _, c := range way {
		w.step(c)
	}
}

// TestLockInterleavings explores the lock with two to four threads. Under the race detector, which
// has little to see where one thread runs at a time, it leaves the large programs out.
func TestLockInterleavings(t *testing.T) {
	for _, p := range []lockProgram{
		{rounds: []int{1, 1}},
		{rounds: []int{2, 2}, cancelled: []int{0, 1}},
		{rounds: []int{1, 1, 1}},
		{rounds: []int{1, 1, 1}, cancelled: []int{0, 1, 2}},
		{rounds: []int{2, 1, 1}, cancelled: []int{1}},
		{rounds: []int{1, 1, 1, 1}, cancelled: []int{2}},
		{rounds: []int{2, 2}, readers: []int{0}},
		{rounds: []int{1, 1, 1}, readers: []int{0, 1}, cancelled: []int{0, 1, 2}},
		{rounds: []int{1, 1, 1, 1}, readers: []int{0, 2, 3}, cancelled: []int{1}},
	} {
		if race.Enabled && len(p.rounds)+len(p.cancelled) > 4 {
			continue
		}
		exploreLock(t, p)
	}
}

// TestLockSchedules takes every schedule, and not only every state, of two threads
// one of which is cancelled.
func TestLockSchedules(t *testing.T) {
	var seen lockSeen
	p := lockProgram{rounds: []int{1, 1}, cancelled: []int{1}}
	schedules := 0
	for decide := range sched.Every() {
		schedules++
		w := newLockWorld(p, &seen)
		done, err := w.s.Run(decide, 1000)
		if err != nil || !w.l.free() || len(w.l.queue) > 0 || w.problem != "" {
			t.Fatalf("after %s: %v %s", done, err, w.problem)
		}
		w.s.Close()
	}
	t.Logf("%d schedules", schedules)
}
