// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

// A twin is one of two registries that get the same calls.
type twin struct {
	r     *impl.Registry
	d     *hook.Hooks
	ops   []*impl.Ops
	nets  []*impl.Net         // all that were ever made; nil where a copy failed
	calls map[string][]string // the callbacks since the last look, by net
	fails string              // the init that fails, "ops net"
}

const twinOps = 4

func newTwin(t *rapid.T, d impl.Discipline) *twin {
	w := &twin{d: &hook.Hooks{Stepped: true}, calls: make(map[string][]string)}
	for i := range twinOps {
		name := fmt.Sprint("o", i)
		run := func(kind string, n *impl.Net) { w.calls[n.Name()] = append(w.calls[n.Name()], kind+" "+name) }
		w.ops = append(w.ops, &impl.Ops{Name: name, Init: func(_ context.Context, n *impl.Net) error {
			run("init", n)
			if w.fails == name+" "+n.Name() {
				return errExit
			}
			return nil
		}, Exit: func(_ context.Context, n *impl.Net) { run("exit", n) }})
	}
	r, err := impl.New(hook.With(context.Background(), w.d), impl.WithDiscipline(d), impl.WithLogger(silent))
	if err != nil {
		t.Fatal(err)
	}
	w.r, w.nets = r, []*impl.Net{r.InitNet()}
	return w
}

// call makes one call, and returns all that the contract promises about it: its error, its callbacks
// on each net, in order, and the lists that it leaves.
func (w *twin) call(verb, ops, net int, name string) string {
	ctx, o, n := context.Background(), w.ops[ops], w.nets[net]
	var err error
	switch verb {
	case 0:
		err = w.r.RegisterSubsys(ctx, o)
	case 1:
		err = w.r.RegisterDevice(ctx, o)
	case 2:
		err = w.r.UnregisterSubsys(ctx, o)
	case 3:
		err = w.r.UnregisterDevice(ctx, o)
	case 4:
		n, err = w.r.Copy(ctx, n, name)
		w.nets = append(w.nets, n)
	case 5:
		err = n.Get()
	case 6, 7:
		err = n.Put()
	case 8:
		_, err = w.r.Share(n)
	case 9:
		n, err = w.r.Lookup(n.Name())
		if err == nil {
			err = n.Put()
		}
	case 10: // the worker ends all nets that wait, each or together
		w.d.Work(-1)
	}
	s, _ := w.r.Snapshot(ctx)
	var list []string
	for _, o := range s.PernetList {
		list = append(list, o.Name)
	}
	said := fmt.Sprintf("%v; callbacks %v; ops %v from %v; nets %v %v", err, w.calls, list, s.FirstDevice != nil, s.Nets, slices.Collect(w.r.Nets()))
	clear(w.calls)
	return strings.ReplaceAll(said, "pernet: ", "")
}

// TestDisciplinesAgree makes the same random calls under both disciplines. They must return the same
// errors, run the same callbacks on each net in the same order, and leave the same lists. What differs
// by contract is left out: positive results, uses, and calls beside each other.
func TestDisciplinesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := newTwin(t, impl.Mutex), newTwin(t, impl.RWSem)
		for i := range rapid.IntRange(1, 60).Draw(t, "how many calls") {
			verb, ops := rapid.IntRange(0, 10).Draw(t, "verb"), rapid.IntRange(0, twinOps-1).Draw(t, "ops")
			net := rapid.IntRange(0, len(a.nets)-1).Draw(t, "net")
			if a.nets[net] == nil {
				net = 0
			}
			name := fmt.Sprint("n", rapid.IntRange(1, 4).Draw(t, "name"))
			a.fails = fmt.Sprintf("o%d %s", rapid.IntRange(0, 2*twinOps).Draw(t, "ops that fails"), rapid.SampledFrom([]string{"init_net", name, a.nets[net].Name()}).Draw(t, "net on which it fails"))
			b.fails = a.fails
			if mutex, rwsem := a.call(verb, ops, net, name), b.call(verb, ops, net, name); mutex != rwsem {
				t.Fatalf("call %d:\nMutex: %s\nRWSem: %s", i, mutex, rwsem)
			}
		}
		for _, w := range []*twin{a, b} {
			_ = w.r.Close(context.Background())
		}
		if fmt.Sprint(a.calls) != fmt.Sprint(b.calls) {
			t.Fatalf("Close:\nMutex: %v\nRWSem: %v", a.calls, b.calls)
		}
	})
}
