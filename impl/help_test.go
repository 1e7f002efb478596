// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/pernet/internal/hook"
)

var (
	bg      = context.Background()
	errBoom = errors.New("boom")
	ended   = func() context.Context { ctx, cancel := context.WithCancel(bg); cancel(); return ctx }()
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(handler(tryLocks))) // what is logged is tested with a logger of its own
	if os.Getenv(underRWSem) != "" {
		defaultDiscipline = RWSem
	}
	code := m.Run()
	if message := underLock.Load(); message != nil {
		os.Stderr.WriteString("logged while a lock is held, so that a handler that uses the registry hangs: " + *message + "\n")
		code = 1
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}

// underLock is a message that was logged with a lock held that no handler may find held.
var underLock atomic.Pointer[string]

// tryLocks handles messages as a handler that uses the registry does: it takes the locks of calls that
// callbacks may make.
func tryLocks(ctx context.Context, m slog.Record) {
	var r *Registry
	switch c := ctx.(type) {
	case *callbackCtx:
		r = c.r
	case *exitCtx:
		r = c.r
	default:
		return
	}
	for end := time.Now().Add(5 * time.Second); !r.mayList() || !r.mu.TryLock(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(end) {
			underLock.Store(&m.Message)
			return
		}
	}
	r.mu.Unlock()
}

// mayList reports whether a reader of the list of nets need not wait now.
func (r *Registry) mayList() bool {
	if !r.rw {
		return r.rtnlFree()
	}
	may := r.netRwsem.TryRLock()
	if may {
		r.netRwsem.RUnlock()
	}
	return may
}

// A tape records the callbacks that run, and does what a test armed.
type tape struct {
	mu    sync.Mutex
	calls []string
	armed map[string]func(ctx context.Context, n *Net) error // by "init OPS NET" or "exit OPS NET"
}

func (tp *tape) on(call string, f func(ctx context.Context, n *Net) error) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	if tp.armed == nil {
		tp.armed = make(map[string]func(context.Context, *Net) error)
	}
	tp.armed[call] = f
}

func (tp *tape) fail(call string, err error) {
	tp.on(call, func(context.Context, *Net) error { return err })
}

func (tp *tape) run(ctx context.Context, what string, n *Net) error {
	tp.mu.Lock()
	call := what + " " + n.Name()
	tp.calls = append(tp.calls, call)
	f := tp.armed[call]
	delete(tp.armed, call)
	tp.mu.Unlock()
	if f != nil {
		return f(ctx, n)
	}
	return nil
}

// ops returns ops whose callbacks go on the tape.
func (tp *tape) ops(name string) *Ops {
	return &Ops{
		Name: name,
		Init: func(ctx context.Context, n *Net) error { return tp.run(ctx, "init "+name, n) },
		Exit: func(ctx context.Context, n *Net) { _ = tp.run(ctx, "exit "+name, n) },
	}
}

// took returns what ran since the last took: "init a n, exit a n".
func (tp *tape) took() string {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	s := strings.Join(tp.calls, ", ")
	tp.calls = nil
	return s
}

func (tp *tape) want(t *testing.T, want string) {
	t.Helper()
	if got := tp.took(); got != want {
		t.Errorf("callbacks:\n got %s\nwant %s", got, want)
	}
}

// stepped makes a registry whose worker the test steps by d.Work.
func stepped(t *testing.T, opts ...Option) (*Registry, *hook.Hooks) {
	t.Helper()
	d := &hook.Hooks{Stepped: true}
	return made(t, hook.With(bg, d), opts...), d
}

// made makes a registry that is checked and closed when the test ends.
func made(t *testing.T, ctx context.Context, opts ...Option) *Registry {
	t.Helper()
	r, err := New(ctx, opts...)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	ends(t, r)
	t.Cleanup(func() {
		wellFormed(t, r)
		if err := r.Close(bg); err != nil && !errors.As(err, new(*LeakError)) {
			t.Errorf("Close: %v", err)
		}
		wellFormed(t, r)
	})
	return r
}

// tooLong is how long a test may use one registry.
const tooLong = 30 * time.Second

// ends ends the program, with the stacks of all goroutines, if the test still runs after tooLong: it
// cannot end a test whose goroutine hangs.
func ends(t *testing.T, r *Registry) {
	t.Helper()
	timer := time.AfterFunc(tooLong, func() {
		debug.SetTraceback("all")
		time.AfterFunc(time.Second, func() { panic(t.Name() + " hangs, and so does Running") })
		panic(fmt.Sprintf("%s hangs, and these callbacks run: %v", t.Name(), r.Running()))
	})
	t.Cleanup(func() { timer.Stop() })
}

func wellFormed(t *testing.T, r *Registry) {
	t.Helper()
	if err := r.check(); err != nil {
		t.Errorf("check: %v", err)
	}
	for end := time.Now().Add(10 * time.Second); !r.netMutex.free(); time.Sleep(time.Millisecond) { // the worker may be at work, or begin
		if time.Now().After(end) {
			t.Error("netMutex is held")
			return
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

func copied(t *testing.T, r *Registry, name string) *Net {
	t.Helper()
	n, err := r.Copy(bg, r.InitNet(), name)
	must(t, err)
	return n
}

// lists returns the lists of r: "a b | c; init_net n1", with the bar before the first device.
func lists(t *testing.T, r *Registry) string {
	t.Helper()
	s, err := r.Snapshot(bg)
	must(t, err)
	var words []string
	for _, o := range s.PernetList {
		if o == s.FirstDevice {
			words = append(words, "|")
		}
		words = append(words, o.Name)
	}
	if !slices.Equal(s.Nets, slices.Collect(r.Nets())) {
		t.Errorf("Nets() and Snapshot differ")
	}
	var nets []string
	for _, n := range s.Nets {
		nets = append(nets, n.String())
	}
	return strings.Join(words, " ") + "; " + strings.Join(nets, " ")
}

func wantLists(t *testing.T, r *Registry, want string) {
	t.Helper()
	if got := lists(t, r); got != want {
		t.Errorf("lists: got %q, want %q", got, want)
	}
}

// eventually waits until cond holds; it fails the test if that takes too long.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !cond(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// rightAfter runs first and second in goroutines of their own. The first critical section of second under mu comes right
// after that of first: once its waiters have waited for a millisecond, a mutex is handed to them in their order, so that
// first cannot enter another section before. What is returned is closed when both have returned.
func rightAfter(r *Registry, first, second func()) <-chan struct{} {
	var wg sync.WaitGroup
	r.mu.Lock()
	wg.Go(first)
	time.Sleep(2 * time.Millisecond)
	wg.Go(second)
	time.Sleep(2 * time.Millisecond)
	r.mu.Unlock()
	r.mu.Lock() // before the first waiter, which wakes up in vain, and asks to have the mutex handed over
	time.Sleep(2 * time.Millisecond)
	r.mu.Unlock()
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	return done
}

// goexits runs f in a goroutine and reports whether f did not return.
func goexits(f func()) bool {
	returned := false
	var wg sync.WaitGroup
	wg.Go(func() {
		f()
		returned = true
	})
	wg.Wait()
	return !returned
}

// logTo returns an option that writes the log into b, without times.
func logTo(b *syncBuffer) Option {
	return WithLogger(slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug})))
}

// A handler handles each message of a log by a call.
type handler func(ctx context.Context, m slog.Record)

func (h handler) Enabled(context.Context, slog.Level) bool { return true }

func (h handler) Handle(ctx context.Context, m slog.Record) error {
	h(ctx, m)
	return nil
}

func (h handler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h handler) WithGroup(string) slog.Handler { return h }

// A syncBuffer is a strings.Builder for several goroutines.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
