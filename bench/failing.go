// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"example.com/pernet/impl"
)

// A way is how callbacks fail: what the i-th failing exit does, and the same exit that
// recovers itself, so that the registry sees nothing of it.
type way struct {
	name          string
	fail, recover func(i int)
}

var errFails = errors.New("fails")

func panics(int) { panic(errFails) }

func panicsAndRecovers(int) {
	defer func() {
		if v := recover(); v != any(errFails) {
			panic(v)
		}
	}()
	panic(errFails)
}

func panicsAndKeepsStack(int) {
	defer func() {
		if v := recover(); v != nil {
			runtime.KeepAlive(debug.Stack())
		}
	}()
	panic(errFails)
}

func goexits(int) { runtime.Goexit() }

// goexitsElsewhere ends a goroutine of its own.
func goexitsElsewhere(int) { apart(runtime.Goexit) }

// inTurns takes turns with two ways.
func inTurns(a, b func(int)) func(int) {
	return func(i int) {
		if i%2 == 0 {
			a(i)
		} else {
			b(i)
		}
	}
}

var ways = []way{
	{"panics", panics, panicsAndRecovers},
	{"panics, beside debug.Stack()", panics, panicsAndKeepsStack},
	{"Goexit", goexits, goexitsElsewhere},
	{"panics and Goexit in turn", inTurns(panics, goexits), inTurns(panicsAndRecovers, goexitsElsewhere)},
}

// failures are the calls whose callbacks fail: given how many callbacks run in a call
// and what the exits do, each makes a registry and the runner.
var failures = []struct {
	call string
	make func(callbacks int, exit func(i int)) Runner
}{
	{"register", failedRegister},
	{"unregister", unregisters},
	{"copy", failedCopy},
	{"cleanup", cleanups},
	{"Close", closes},
}

// failingPairs are calls with callbacks that fail beside calls with the same callbacks
// that recover themselves; and beside fewer of them, for the time must be linear. An error of the last
// init is a way of its own: all exits of the undo run, beside a call that succeeds and its opposite.
func failingPairs() (pairs []Pair) {
	add := func(call string, growth bool, failing, recovering func(callbacks int) Runner) {
		for _, k := range []int{100, 1000, 10000} {
			pairs = append(pairs, failingPair(call, fmt.Sprint(k), 3, k, k, failing, recovering))
		}
		if growth {
			pairs = append(pairs, failingPair(call, "10000 / 100", 2, 10000, 100, failing, failing))
		}
	}
	nothing := func(int) {}
	for _, f := range failures {
		switch f.call {
		case "register":
			add("register, error", true, func(k int) Runner { return failedRegister(k, nothing) }, registers)
		case "copy":
			add("copy, error", true, func(k int) Runner { return failedCopy(k, nothing) }, copies)
		}
		for i, w := range ways {
			add(f.call+", "+w.name, i != 1, // the failing side of 1 is that of 0
				func(k int) Runner { return f.make(k, w.fail) }, func(k int) Runner { return f.make(k, w.recover) })
		}
	}
	return pairs
}

func failingPair(call, column string, atMost float64, each, eachUnder int, over, under func(callbacks int) Runner) Pair {
	return Pair{Call: call, Column: column, Each: each, EachUnder: eachUnder, Over: "failing", Under: "recovering", AtMost: atMost,
		Make: func() (Runner, Runner, func()) { return over(each), under(eachUnder), func() {} }}
}

// apart runs f in a goroutine, which f may end, and waits for its end.
func apart(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// each times f, which may end its goroutine, n times. prepare comes before each, outside the time.
func each(n int, prepare, f func()) (sum time.Duration) {
	for range n {
		prepare()
		start := time.Now()
		apart(f)
		sum += time.Since(start)
	}
	return sum
}

func quiet(ops ...*impl.Ops) *impl.Registry {
	r, err := impl.New(context.Background(), impl.WithSubsys(ops...), impl.WithLogger(slog.New(slog.DiscardHandler)))
	must(err)
	return r
}

// overNets is a registry with nets, and ops whose exit does its i-th step on the i-th net that it meets. The
// init fails on the last net if fails is true.
func overNets(nets int, exit func(i int), fails bool) (*impl.Registry, *impl.Ops) {
	ctx, r, i := context.Background(), quiet(), 0
	last := r.InitNet()
	for range nets - 1 {
		n, err := r.Copy(ctx, r.InitNet(), "")
		must(err)
		last = n
	}
	return r, &impl.Ops{
		Name: "ops",
		Init: func(_ context.Context, n *impl.Net) error {
			if fails && n == last {
				return errFails
			}
			return nil
		},
		Exit: func(context.Context, *impl.Net) {
			i++
			exit(i)
		},
	}
}

// many are ops whose exits fail.
func many(ops int, exit func(i int)) (list []*impl.Ops) {
	for i := range ops {
		list = append(list, &impl.Ops{
			Name: "ops",
			Init: func(context.Context, *impl.Net) error { return nil },
			Exit: func(context.Context, *impl.Net) { exit(i) },
		})
	}
	return list
}

func failedRegister(callbacks int, exit func(i int)) Runner {
	r, o := overNets(callbacks, exit, true)
	return func(n int) time.Duration {
		return each(n, func() {}, func() {
			if r.RegisterSubsys(context.Background(), o) == nil {
				panic("failing: registered")
			}
		})
	}
}

// registers is a register that succeeds, and its opposite.
func registers(callbacks int) Runner {
	r, o := overNets(callbacks, func(int) {}, false)
	return func(n int) time.Duration {
		return each(n, func() {}, func() {
			must(r.RegisterSubsys(context.Background(), o))
			must(r.UnregisterSubsys(context.Background(), o))
		})
	}
}

func unregisters(callbacks int, exit func(i int)) Runner {
	r, o := overNets(callbacks, exit, false)
	return func(n int) time.Duration {
		return each(n, func() { must(r.RegisterSubsys(context.Background(), o)) },
			func() { _ = r.UnregisterSubsys(context.Background(), o) })
	}
}

func failedCopy(callbacks int, exit func(i int)) Runner {
	r := quiet(many(callbacks, exit)...)
	must(r.RegisterDevice(context.Background(), &impl.Ops{Init: func(_ context.Context, n *impl.Net) error {
		if n != r.InitNet() {
			return errFails
		}
		return nil
	}}))
	return func(n int) time.Duration {
		return each(n, func() {}, func() {
			if _, err := r.Copy(context.Background(), r.InitNet(), ""); err == nil {
				panic("failing: copied")
			}
		})
	}
}

// copies is a copy that succeeds, and its opposite.
func copies(callbacks int) Runner {
	r := quiet(many(callbacks, func(int) {})...)
	return func(n int) time.Duration {
		return each(n, func() {}, func() {
			n, err := r.Copy(context.Background(), r.InitNet(), "")
			must(err)
			must(n.Put())
			must(n.Wait(context.Background()))
		})
	}
}

func cleanups(callbacks int, exit func(i int)) Runner {
	r := quiet(many(callbacks, exit)...)
	var net *impl.Net
	return func(n int) time.Duration {
		return each(n, func() {
			var err error
			net, err = r.Copy(context.Background(), r.InitNet(), "")
			must(err)
		}, func() {
			must(net.Put())
			_ = net.Wait(context.Background())
		})
	}
}

func closes(callbacks int, exit func(i int)) Runner {
	var r *impl.Registry
	return func(n int) time.Duration {
		return each(n, func() { r = quiet(many(callbacks, exit)...) },
			func() { _ = r.Close(context.Background()) })
	}
}
