// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A plainLock is the lock without what its tests need: the measure of what
// that costs. A test holds it to lock.go, line by line.
type plainLock struct {
	state atomic.Int32

	mu      sync.Mutex
	readers int
	queue   []waiter
}

func (l *plainLock) lock(ctx context.Context) error {
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	if l.tryLock() {
		return nil
	}
	if w := l.ask(false); w.handed != nil {
		return l.await(ctx, w)
	}
	return nil
}

func (l *plainLock) ask(read bool) (w waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	state := l.state.Swap(lockQueue)
	if state != lockQueue {
		l.readers = max(int(state), 0)
	}
	w.read = read
	switch {
	case read && state >= lockFree:
		l.state.Store(state + 1)
	case state == lockFree:
	default:
		w.handed = make(chan struct{})
		l.queue = append(l.queue, w)
	}
	return w
}

func (l *plainLock) await(ctx context.Context, w waiter) error {
	select {
	case <-w.handed:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	at := slices.Index(l.queue, w)
	if at >= 0 {
		l.queue = slices.Delete(l.queue, at, at+1)
		if l.readers > 0 {
			l.handOver()
		}
	}
	l.mu.Unlock()
	if at < 0 {
		l.release(w.read)
	}
	return interrupted(ctx)
}

func (l *plainLock) release(read bool) {
	if read {
		l.runlock()
	} else {
		l.unlock()
	}
}

func (l *plainLock) unlock() {
	if !l.state.CompareAndSwap(lockHeld, lockFree) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.handOver()
	}
}

func (l *plainLock) runlock() {
	for {
		state := l.state.Load()
		if state == lockQueue {
			l.mu.Lock()
			queue := l.state.Load() == lockQueue
			if queue {
				if l.readers--; l.readers == 0 {
					l.handOver()
				}
			}
			if l.mu.Unlock(); queue {
				return
			}
		} else if l.state.CompareAndSwap(state, state-1) {
			return
		}
	}
}

func (l *plainLock) handOver() {
	for len(l.queue) > 0 && (l.queue[0].read || l.readers == 0) {
		read := l.queue[0].read
		close(l.queue[0].handed)
		l.queue[0] = waiter{}
		l.queue = l.queue[1:]
		if !read {
			return
		}
		l.readers++
	}
	if len(l.queue) == 0 {
		l.state.Store(int32(l.readers))
	}
}

func (l *plainLock) tryLock() bool { return l.state.CompareAndSwap(lockFree, lockHeld) }

func (l *plainLock) tryRLock() bool {
	for state := l.state.Load(); state >= lockFree; state = l.state.Load() {
		if l.state.CompareAndSwap(state, state+1) {
			return true
		}
	}
	return false
}

// TestPlainLockIsTheLock compares the two, but for comments and the watch.
func TestPlainLockIsTheLock(t *testing.T) {
	methods := func(file, receiver string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, name := range []string{"lock", "ask", "await", "release", "unlock", "runlock", "handOver", "tryLock", "tryRLock"} {
			f := regexp.MustCompile(`(?ms)^func \(l \*` + receiver + `\) ` + name + `\((?:[^\n]*\}$|.*?^\})`).FindString(string(text))
			if f == "" {
				t.Fatalf("%s has no %s", file, name)
			}
			out = append(out, f)
		}
		return strings.ReplaceAll(strings.Join(out, "\n"), "(l *"+receiver+")", "(l *lock)")
	}
	watched := methods("lock.go", "lock")
	for _, edit := range []struct{ from, to string }{
		{` *//[^\n]*`, ""},
		{`l\.take\("[^"]*"\)`, "l.mu.Lock()"},
		{`(?s)\thanded, done := .*?\n\t\}\n`, ""},
		{`<-handed`, "<-w.handed"},
		{`<-done`, "<-ctx.Done()"},
	} {
		re := regexp.MustCompile(edit.from)
		if !re.MatchString(watched) {
			t.Errorf("lock.go has no %s any more", edit.from)
		}
		watched = re.ReplaceAllString(watched, edit.to)
	}
	if plain := methods("lock_plain_test.go", "plainLock"); plain != watched {
		t.Errorf("lock.go without its watch is\n%s\nand the plain lock\n%s", watched, plain)
	}
}

// BenchmarkLockWatch measures what the watch costs who is not watched: rounds with
// and without it take turns, and the ratio of the two fastest is printed.
func BenchmarkLockWatch(b *testing.B) {
	b.Run("free", func(b *testing.B) {
		var l lock
		var p plainLock
		compareLocks(b, l.lock, l.unlock, p.lock, p.unlock, func(lock func(context.Context) error, unlock func()) {
			for range 100_000 {
				_ = lock(bg)
				unlock()
			}
		})
	})
	b.Run("read", func(b *testing.B) {
		var l lock
		var p plainLock
		read := func(try func() bool) func(context.Context) error {
			return func(context.Context) error { try(); return nil }
		}
		compareLocks(b, read(l.tryRLock), l.runlock, read(p.tryRLock), p.runlock, func(lock func(context.Context) error, unlock func()) {
			for range 100_000 {
				_ = lock(bg)
				unlock()
			}
		})
	})
	b.Run("handed over", func(b *testing.B) {
		var l lock
		var p plainLock
		compareLocks(b, l.lock, l.unlock, p.lock, p.unlock, func(lock func(context.Context) error, unlock func()) {
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					for range 5_000 {
						_ = lock(bg)
						unlock()
					}
				})
			}
			wg.Wait()
		})
	})
	b.Run("cancelled", func(b *testing.B) {
		var l lock
		var p plainLock
		compareLocks(b, l.lock, l.unlock, p.lock, p.unlock, func(lock func(context.Context) error, unlock func()) {
			_ = lock(bg)
			for range 5_000 {
				_ = lock(&endsSoon{Context: bg})
			}
			unlock()
		})
	})
}

// endsSoon is a context that ends when a call waits for it.
type endsSoon struct {
	context.Context
	asked bool
}

var closedChannel = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (c *endsSoon) Done() <-chan struct{} { c.asked = true; return closedChannel }

func (c *endsSoon) Err() error {
	if c.asked {
		return context.Canceled
	}
	return nil
}

func compareLocks(b *testing.B, lock func(context.Context) error, unlock func(), plain func(context.Context) error, plainUnlock func(), round func(func(context.Context) error, func())) {
	best := [2]time.Duration{time.Hour, time.Hour}
	for range b.N {
		for i, run := range []func(){func() { round(lock, unlock) }, func() { round(plain, plainUnlock) }} {
			start := time.Now()
			run()
			best[i] = min(best[i], time.Since(start))
		}
	}
	b.ReportMetric(float64(best[0])/float64(best[1]), "ratio")
}
