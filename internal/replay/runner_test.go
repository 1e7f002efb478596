// SPDX-License-Identifier: MIT

package replay

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"example.com/pernet/impl"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A side that goes wrong must be caught on the line where it shows.
func TestDifferenceIsReported(t *testing.T) {
	for name, spoil := range map[string]func(*Runner){
		"impl loses a net":         func(r *Runner) { delete(r.impl.(*implSide).nets, "n1") },
		"impl forgets a failure":   func(r *Runner) { clear(r.impl.(*implSide).armed.inits) },
		"impl fails no allocation": func(r *Runner) { r.impl.(*implSide).armed.allocs = nil },
		"model has a reference too many": func(r *Runner) {
			m := r.model.(*modelSide)
			m.machine.State, _, _ = m.machine.Step(model.Action{Kind: model.Get, Net: 2})
		},
		"model lists an ops": func(r *Runner) {
			m := r.model.(*modelSide)
			id := m.ops.add("x")
			m.machine.State, _, _ = m.machine.Step(model.Action{Kind: model.RegisterDevice, Ops: model.OpsID(id)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewRunner(t.Context(), model.Mutex)
			if err != nil {
				t.Fatal(err)
			}
			for i, l := range []wire.Line{
				{Op: wire.Copy, Net: "n1", From: wire.InitNet}, {Op: wire.FailAlloc}, {Op: wire.Fail, Ops: "a", Net: "n1", Err: model.EIO},
				{Op: wire.RegisterSubsys, Ops: "a"}, {Op: wire.Copy, Net: "n2", From: "n1"},
				{Op: wire.Put, Net: "n1"}, {Op: wire.Work, Max: wire.All}, {Op: wire.List},
			} {
				if i == 3 {
					spoil(r)
				}
				if _, err = r.Do(&l); err != nil {
					break
				}
			}
			d, ok := errors.AsType[*Difference](err)
			if !ok || !errors.Is(err, ErrPernet) || d.Impl == d.Model || !strings.Contains(err.Error(), d.Impl) || !strings.Contains(err.Error(), d.Model) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestDifferenceNamesItsLine(t *testing.T) {
	r, err := NewRunner(t.Context(), model.Mutex)
	if err != nil {
		t.Fatal(err)
	}
	m := r.model.(*modelSide)
	m.machine.State, _, _ = m.machine.Step(model.Action{Kind: model.Get, Net: model.InitNet})
	var out bytes.Buffer
	err = r.replay(t.Context(), strings.NewReader(`{"op":"list"}`+"\n"+`{"op":"put","net":"init_net"}`), "f", &out)
	const want = `f:2: impl and model differ, an error in pernet itself:
  impl:  {"op":"put","err":"EINVAL","calls":[],"freed":[],"pernet_list":[],"first_device":null,"nets":["init_net"]}
  model: {"op":"put","err":"","calls":[],"freed":[],"pernet_list":[],"first_device":null,"nets":["init_net"]}`
	if err == nil || err.Error() != want || strings.Count(out.String(), "\n") != 1 {
		t.Error(err, out.String())
	}
}

// brokenSide fails on every line.
type brokenSide struct{}

func (brokenSide) Do(_, _ *wire.Line) error { return errors.New("no luck") }

func TestRunnerPassesErrorsOn(t *testing.T) {
	r, err := NewRunner(t.Context(), model.Mutex)
	if err != nil {
		t.Fatal(err)
	}
	good := r.model
	r.model = brokenSide{}
	if _, err := r.Do(&wire.Line{Op: wire.List}); err == nil || err.Error() != "model failed, an error in pernet itself: no luck" {
		t.Error(err)
	}
	r.model = good
	s := r.impl.(*implSide)
	if err := s.registry.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, l := range []wire.Line{{Op: wire.List}, {Op: wire.RegisterSubsys, Ops: "a"}} {
		if _, err := r.Do(&l); !errors.Is(err, impl.ErrClosed) || !errors.Is(err, ErrPernet) {
			t.Errorf("%s: %v", l.Op, err)
		}
	}
}

// TestBothSidesImplementEveryCall: all calls but cleanup, which work runs, and state, which each result has.
func TestBothSidesImplementEveryCall(t *testing.T) {
	r, err := NewRunner(t.Context(), model.Mutex)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range model.Calls {
		l := wire.Line{Op: c.Op, Ops: "a", Net: "n1", From: wire.InitNet}
		for name, side := range map[string]Registry{"impl": r.impl, "model": r.model} {
			err := side.Do(&l, &wire.Line{Op: c.Op})
			if scenario := c.Op != wire.Cleanup && c.Op != wire.State; scenario != (err == nil) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestMachinePanicsOnAnImpossibleAction(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	(&Machine{State: model.Mutex.New()}).step(new(wire.Line), model.Action{Kind: model.Free, Net: model.InitNet}, nil)
}

// TestMemoryIsBounded: the runner forgets freed nets in time, and only those.
func TestMemoryIsBounded(t *testing.T) {
	r, err := NewRunner(t.Context(), model.Mutex)
	if err != nil {
		t.Fatal(err)
	}
	must := func(l wire.Line) {
		if _, err := r.Do(&l); err != nil {
			t.Fatal(err)
		}
	}
	must(wire.Line{Op: wire.Copy, Net: "again", From: wire.InitNet})
	must(wire.Line{Op: wire.Copy, Net: "freed", From: wire.InitNet})
	must(wire.Line{Op: wire.Put, Net: "freed"})
	must(wire.Line{Op: wire.Work, Max: wire.All})
	if r.impl.(*implSide).nets["freed"] == nil {
		t.Error("a freed net is forgotten at once: the registry is not asked about it")
	}
	for i := range 3 * maxFreed {
		name := string(rune('a'+i%26)) + strings.Repeat("x", i%60) + string(rune('0'+i/60))
		must(wire.Line{Op: wire.Copy, Net: name, From: wire.InitNet})
		must(wire.Line{Op: wire.Put, Net: name})
		if i%100 == 0 {
			must(wire.Line{Op: wire.Put, Net: "again"})
			must(wire.Line{Op: wire.Work, Max: wire.All})
			must(wire.Line{Op: wire.Copy, Net: "again", From: wire.InitNet})
		}
		must(wire.Line{Op: wire.Work, Max: wire.All})
		must(wire.Line{Op: wire.Get, Net: name})
		must(wire.Line{Op: wire.Hold, Net: "again"})
		must(wire.Line{Op: wire.Release, Net: "again"})
	}
	if n := len(r.impl.(*implSide).nets); n > maxFreed+10 {
		t.Errorf("%d nets remembered", n)
	}
	if n := len(r.model.(*modelSide).nets.names); n > 10 {
		t.Errorf("%d numbers given", n)
	}
}

// TestCallsOnFreedNetsReachTheRegistry: it is the registry that refuses them, which says of which
// net and in which call; an answer of the tool's own would hide a registry that does not refuse.
func TestCallsOnFreedNetsReachTheRegistry(t *testing.T) {
	for _, d := range []model.Discipline{model.Mutex, model.RWSem} {
		r, err := NewRunner(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []wire.Line{{Op: wire.Copy, Net: "gone", From: wire.InitNet}, {Op: wire.Put, Net: "gone"}, {Op: wire.Work, Max: wire.All}} {
			if _, err := r.Do(&l); err != nil {
				t.Fatal(err)
			}
		}
		s := r.impl.(*implSide)
		for what, err := range map[string]error{
			"get": s.refer(&wire.Line{Op: wire.Get, Net: "gone"}), "put": s.refer(&wire.Line{Op: wire.Put, Net: "gone"}),
			"hold": s.refer(&wire.Line{Op: wire.Hold, Net: "gone"}), "release": s.refer(&wire.Line{Op: wire.Release, Net: "gone"}),
			"copy": s.copy(&wire.Line{Op: wire.Copy, From: "gone", Net: "n"}), "share": s.copy(&wire.Line{Op: wire.Copy, From: "gone", Share: true}),
		} {
			if !errors.Is(err, impl.ErrNotFound) || !strings.Contains(err.Error(), "gone") {
				t.Errorf("%s, %s: %v", d, what, err)
			}
		}
	}
}

func BenchmarkReplay(b *testing.B) {
	var in strings.Builder
	for _, file := range files(b, scenarios, 20) {
		for line := range strings.Lines(read(b, file)) {
			if !strings.Contains(line, wire.Hello) {
				in.WriteString(line)
			}
		}
		in.WriteString(`{"op":"reset"}` + "\n")
	}
	lines := strings.Count(in.String(), "\n")
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer null.Close()
	b.ReportAllocs()
	for b.Loop() {
		if err := Replay(context.Background(), model.Mutex, strings.NewReader(in.String()), "f", null); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(lines*b.N)/b.Elapsed().Seconds(), "lines/s")
}
