// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"example.com/pernet/impl"
)

// A side is a registry as the programs below see it: ops and nets by name.
// What a call answers and which callbacks it ran is in its trace.
type side struct {
	trace []string
	fail  map[string]string // "init a n1": error, panic, or a name in inside
	make  func(s *side, name string, with callbacks)
	call  map[string]func(ctx context.Context, name string) error
	nets  func() []string
}

// callbacks says which of the two an ops has.
type callbacks struct{ init, exit bool }

// callback is what each callback does: it leaves a trace, and then what fail says.
func (s *side) callback(ctx context.Context, what, ops, net string) error {
	key := what + " " + ops + " " + net
	s.trace = append(s.trace, key)
	how := s.fail[key]
	switch {
	case how == "error":
		return errSome
	case how == "panic":
		panic(errSome)
	case how != "":
		verb, name, _ := strings.Cut(how, " ")
		err := s.call[verb](ctx, name)
		s.trace = append(s.trace, fmt.Sprintf("inside %s: %v", how, answer(err)))
	}
	return nil
}

var errSome = errors.New("some error")

// answer is an error in the words that both registries share.
func answer(err error) string {
	var words []string
	for _, a := range []struct {
		word string
		errs []error
	}{
		{"EEXIST", []error{ErrExist, impl.ErrExist}}, {"ENOENT", []error{ErrNotFound, impl.ErrNotFound}},
		{"EINVAL", []error{ErrInvalid, impl.ErrInvalid}}, {"closed", []error{ErrClosed, impl.ErrClosed}},
		{"in callback", []error{ErrInCallback, impl.ErrInCallback}}, {"in use", []error{ErrInUse, impl.ErrInUse}},
		{"some error", []error{errSome}},
	} {
		for _, e := range a.errs {
			if errors.Is(err, e) {
				words = append(words, a.word)
			}
		}
	}
	var hand *PanicError
	var other *impl.PanicError
	if errors.As(err, &hand) || errors.As(err, &other) {
		words = append(words, "panic")
	}
	if err != nil && len(words) == 0 {
		return err.Error()
	}
	return strings.Join(words, ", ")
}

// run does one line: a call, a change of what callbacks do, or new ops.
func (s *side) run(line string) {
	words := strings.Fields(line)
	switch words[0] {
	case "ops":
		s.make(s, words[1], callbacks{true, true})
	case "ops-no-init":
		s.make(s, words[1], callbacks{false, true})
	case "ops-no-exit":
		s.make(s, words[1], callbacks{true, false})
	case "fail": // fail init a n1: how
		key, how, _ := strings.Cut(strings.TrimPrefix(line, "fail "), ": ")
		s.fail[key] = how
	default:
		err := s.call[words[0]](context.Background(), strings.Join(words[1:], " "))
		s.trace = append(s.trace, fmt.Sprintf("%s: %s; %v", line, answer(err), s.nets()))
	}
}

// programs are run on both sides. A put that may be the last one waits for the worker (free, and unsubsys+wait, whose
// callbacks put a net), for otherwise the two would write one trace. Each begins with a fresh registry and ops a, b, c that are not registered.
var programs = map[string][]string{
	"order": {
		"subsys a", "device b", "subsys c", "copy n1", "copy n2", "free n1", "unsubsys a", "undevice b", "copy n3", "unsubsys c",
	},
	"no callbacks": {
		"ops-no-init d", "ops-no-exit e", "copy n1", "subsys d", "subsys e", "copy n2", "free n1", "unsubsys d", "unsubsys e",
	},
	"misuse of ops": {
		"subsys a", "subsys a", "device a", "undevice a", "unsubsys b", "device b", "unsubsys b", "undevice b", "subsys nil", "unsubsys nil", "copy n1", "unsubsys a",
	},
	"misuse of nets": {
		"copy n1", "copy n1", "get n1", "put n1", "free n1", "put n1", "get n1", "hold n1", "release n1", "put init_net", "get init_net",
		"put init_net", "put init_net", "copy n1", "release n1", "copy-from-nil n2", "copy-from n0 n2",
	},
	"a failed register": {
		"copy n1", "copy n2", "subsys a", "device c", "fail init b n2: error", "subsys b", "subsys b", "device b", "copy n3",
		"fail init b n2: ", "subsys b", "copy n4",
	},
	"a failed copy": {
		"subsys a", "device b", "subsys c", "fail init b n1: error", "copy n1", "copy n2", "fail init b n1: ", "copy n1",
	},
	"panics": {
		"subsys a", "device b", "subsys c", "fail init b n1: panic", "fail exit c n1: panic", "copy n1", "fail init b n1: ", "copy n1",
		"fail exit b n1: panic", "free n1", "copy n1", "undevice b", "fail init b n1: panic", "fail exit b init_net: panic", "device b", "copy n2",
		"fail exit a init_net: panic", "unsubsys a", "subsys a",
	},
	"calls from callbacks": {
		"device b", "copy n1", "copy n2", "fail init a init_net: subsys c", "fail init a n1: copy n9", "fail init a n2: unsubsys a", "subsys a",
		"fail exit a init_net: get n1", "fail exit a n1: put n2", "fail exit a n2: wait n1", "unsubsys+wait a n2", "put n1", "free n1",
	},
	"use": {
		"subsys a", "copy n1", "hold n1", "free n1", "copy n1", "release n1", "release n1", "hold n1", "get n1", "put n1",
	},
	"close": {
		"subsys a", "device b", "copy n1", "copy n2", "free n1", "close", "subsys c", "unsubsys a", "copy n3", "get n2", "put init_net", "close",
	},
}

func TestHandAnswersAsImpl(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			hand, want := newHandProgram(t), newImplProgram(t)
			for _, line := range append([]string{"ops a", "ops b", "ops c"}, program...) {
				before := len(want.trace)
				hand.run(line)
				want.run(line)
				got, want := strings.Join(hand.trace[min(before, len(hand.trace)):], "\n"), strings.Join(want.trace[before:], "\n")
				if got != want {
					t.Fatalf("%q: hand\n%s\nimpl\n%s", line, got, want)
				}
			}
			if len(want.trace) < len(program) {
				t.Fatalf("too short: %q", want.trace)
			}
		})
	}
}

// TestHandFromManyGoroutines is for the race detector, and looks at what is left.
func TestHandFromManyGoroutines(t *testing.T) {
	ctx := context.Background()
	r := New()
	up := make(map[string]int) // guarded by the registry
	var all sync.WaitGroup
	for g := range clients {
		all.Go(func() {
			o := &Ops{
				Init: func(_ context.Context, n *Net) error { up[n.Name()]++; return nil },
				Exit: func(_ context.Context, n *Net) { up[n.Name()]-- },
			}
			for i := range 200 {
				must(r.RegisterDevice(ctx, o))
				n, err := r.Copy(ctx, r.InitNet(), fmt.Sprintf("net%d.%d", g, i))
				must(err)
				for n := range r.Nets() {
					if n.Hold() == nil {
						must(n.Release())
					}
					if n.Get() == nil {
						must(n.Put())
					}
				}
				must(n.Put())
				if err := n.Wait(ctx); !errors.Is(err, ErrInUse) { // another goroutine may have held it
					must(err)
				}
				must(r.UnregisterDevice(ctx, o))
			}
		})
	}
	all.Wait()
	r.Close()
	for name, n := range up {
		if n != 0 {
			t.Errorf("%d inits without exit on %s", n, name)
		}
	}
	if len(r.nets) != 0 {
		t.Errorf("%d nets are left", len(r.nets))
	}
}
