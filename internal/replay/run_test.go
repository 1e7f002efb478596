// SPDX-License-Identifier: MIT

package replay

import (
	"context"
	"errors"
	"strings"
	"testing"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// runs replays one program, and returns the history and the end of its answer.
func runs(t *testing.T, d model.Discipline, program string) (history []wire.Line, end *wire.End) {
	t.Helper()
	out, msg := replayAs(d, program, "f")
	if msg != "" {
		t.Fatal(msg)
	}
	lines := wire.NewReader(strings.NewReader(out), "out")
	for end == nil {
		o, err := lines.Next()
		if err != nil {
			t.Fatal(err)
		}
		var l wire.Line
		if l, end, err = wire.RunAnswer(o); err != nil {
			t.Fatal(err)
		}
		history = append(history, l)
	}
	return history[:len(history)-1], end
}

// everyCall is a program with each call, failures of both kinds, and calls that are left out.
const everyCall = `{"op":"run","id":9,"setup":[{"op":"register_subsys","ops":"a"},{"op":"copy","net":"n1"},{"op":"fail_alloc"},` +
	`{"op":"copy","net":"none"},{"op":"get","net":"none","if":3},{"op":"fail","ops":"c","net":"init_net","err":"EBUSY"}],"clients":[[` +
	`{"op":"register_device","ops":"d"},{"op":"unregister_device","ops":"d","if":0},{"op":"register_device","ops":"d","init":false,"exit":false},` +
	`{"op":"register_subsys","ops":"c"},{"op":"unregister_subsys","ops":"c","if":3},{"op":"register_subsys","ops":"a","init":false},{"op":"state"},{"op":"unregister_subsys","ops":"a"}],[` +
	`{"op":"copy","net":"n2","from":"n1"},{"op":"copy","from":"n2","newnet":false,"if":0},{"op":"put","net":"n2"},{"op":"put","net":"n2"},` +
	`{"op":"get","net":"n1"},{"op":"put","net":"n1"},{"op":"put","net":"n1"},{"op":"list"},{"op":"copy","net":"n4","from":"nowhere"},{"op":"get","net":"nowhere"}],[` +
	`{"op":"hold","net":"init_net"},{"op":"release","net":"init_net","if":0},{"op":"copy","net":"n3"}]],"pause":PAUSE}`

// TestProgramAnswersWithItsHistory: the history is linearizable, and the end counts its lines.
func TestProgramAnswersWithItsHistory(t *testing.T) {
	for i, pause := range []string{"0", "1", "20", "0", "1", "20"} {
		d := []model.Discipline{model.Mutex, model.RWSem}[i/3]
		history, end := runs(t, d, strings.Replace(everyCall, "PAUSE", pause, 1))
		if end.ID != "9" || end.Err != "" || end.Operations != int64(len(history)) {
			t.Errorf("%+v after %d lines", end, len(history))
		}
		seen, cleaned := map[string]string{}, 0
		for _, l := range history {
			seen[l.Op] += l.Err.String() + " "
			if l.Op == wire.Cleanup {
				cleaned += len(l.Nets)
			}
		}
		if len(seen) != 12 || seen[wire.UnregisterSubsys] != " " || !strings.Contains(seen[wire.RegisterSubsys], "EBUSY") || !strings.Contains(seen[wire.Copy], "ENOMEM") || cleaned != 2 {
			t.Errorf("%q", seen)
		}
		r, err := lin.Check(t.Context(), d, history)
		if err != nil || r.Verdict != lin.Linearizable {
			t.Errorf("%v %v", r.Failure, err)
		}
	}
}

// TestProgramHasARegistryOfItsOwn: the scenario goes on with a fresh one.
func TestProgramHasARegistryOfItsOwn(t *testing.T) {
	out, msg := replay(`{"op":"copy","net":"n1"}`+"\n"+`{"op":"run","clients":[[{"op":"copy","net":"n1"}]]}`+"\n"+`{"op":"list"}`, "f")
	lines := strings.Split(out, "\n")
	if msg != "" || !strings.Contains(lines[1], `"err":""`) || !strings.HasSuffix(lines[3], `"nets":["init_net"]}`) {
		t.Error(out, msg)
	}
}

// TestDeadlineLeavesCallsThatHaveNotReturned: they are part of the history.
func TestDeadlineLeavesCallsThatHaveNotReturned(t *testing.T) {
	history, end := runs(t, model.Mutex, `{"op":"run","clients":[[{"op":"register_subsys","ops":"a"},{"op":"list"}]],"pause":200000,"deadline":1}`)
	if end.Err != "ETIMEDOUT" || len(history) != 1 || !history[0].Never || history[0].Ops != "a" {
		t.Errorf("%+v %+v", end, history)
	}
}

func TestBadProgramIsRejected(t *testing.T) {
	if _, msg := replay(`{"op":"run"}`, "f"); msg != "f:1: field \"clients\" is missing\n" {
		t.Error(msg)
	}
}

func TestProgramNeedsARegistry(t *testing.T) {
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	for _, schedule := range [][]wire.Turn{nil, {}} {
		if _, err := runProgram(ctx, model.Mutex, &wire.Program{Schedule: schedule}, nil); !errors.Is(err, stop) {
			t.Error(err)
		}
	}
	run, err := NewRunner(t.Context(), model.Mutex)
	if err != nil {
		t.Fatal(err)
	}
	run.model = uselessSide{}
	o, _ := wire.NewReader(strings.NewReader(`{"op":"run","clients":[]}`), "f").Next()
	if _, err := run.answer(t.Context(), o, nil); !errors.Is(err, ErrPernet) {
		t.Error(err)
	}
}

// A uselessSide refuses every line.
type uselessSide struct{}

func (uselessSide) Do(l, r *wire.Line) error { return impl.ErrInvalid }

// TestTwoClientsGetTheSameOps: ops of one name are one, whichever client comes first.
func TestTwoClientsGetTheSameOps(t *testing.T) {
	s, err := newStage(t.Context(), model.Mutex, 0, &hook.Hooks{Stepped: true})
	if err != nil {
		t.Fatal(err)
	}
	a := s.opsOf(&wire.Line{Ops: "a", NoInit: true, NoExit: true}, true)
	if err := s.registry.RegisterSubsys(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	other := &wire.Line{Ops: "a", NoInit: true, NoExit: false}
	if s.opsOf(other, true) != a || s.opsOf(other, false) != a {
		t.Error("registered ops were replaced")
	}
	if err := s.registry.UnregisterSubsys(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if b := s.opsOf(other, true); b == a || b.Exit == nil {
		t.Error("ops that are not registered were kept, without an exit")
	}
}
