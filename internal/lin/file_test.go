// SPDX-License-Identifier: MIT

package lin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// long returns a history of n rounds with nothing pending between them, each
// under names of its own. In some, a net is kept for ever.
func long(n int) []wire.Line {
	var ops []wire.Line
	for i := range n {
		ops = append(ops, renamed(round(), int64(i)*1000, i)...)
	}
	return ops
}

// round is two copies at once, one of them fails; a net that is
// held while it is cleaned up; a put during a copy.
func round() []wire.Line {
	return []wire.Line{
		{Client: 0, Call: 0, Return: 5, Op: wire.Copy, Net: "n1", From: wire.InitNet},
		{Client: 1, Call: 0, Return: 5, Op: wire.Copy, Net: "n2", From: wire.InitNet, Err: -12},
		{Client: 1, Call: 10, Return: 100, Op: wire.Copy, Net: "n3", From: "n1"},
		{Client: 0, Call: 20, Return: 25, Op: wire.Put, Net: "n1"},
		{Client: 2, Call: 20, Return: 25, Op: wire.Hold, Net: "n1"},
		{Client: wire.Worker, Call: 110, Return: 150, Op: wire.Cleanup, Nets: []string{"n1"}},
		{Client: 0, Call: 160, Return: 165, Op: wire.List, Nets: []string{wire.InitNet, "n3"}},
		{Client: 0, Call: 170, Return: 175, Op: wire.Put, Net: "n3"},
		{Client: wire.Worker, Call: 180, Return: 190, Op: wire.Cleanup, Nets: []string{"n3"}, Freed: []string{"n3"}},
	}
}

func renamed(ops []wire.Line, at int64, number int) []wire.Line {
	name := func(s string) string {
		if s == "" || s == wire.InitNet {
			return s
		}
		return fmt.Sprintf("%s.%d", s, number)
	}
	for i := range ops {
		o := &ops[i]
		o.Call, o.Return = o.Call+at, o.Return+at
		o.Net, o.From = name(o.Net), name(o.From)
		for _, list := range [][]string{o.Nets, o.Freed} {
			for j := range list {
				list[j] = name(list[j])
			}
		}
	}
	return ops
}

func judge(t *testing.T, in io.Reader) *Checker {
	t.Helper()
	c, err := (&File{Name: "f", In: in}).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// onlyReader hides that a reader can seek.
type onlyReader struct{ io.Reader }

func TestLongHistoriesNeedLittle(t *testing.T) {
	ops := long(6000)
	c := judge(t, strings.NewReader(text(ops)))
	if r := c.Result(); r.Verdict != Linearizable || r.Operations != len(ops) || r.Clients != 4 {
		t.Fatalf("%+v", r)
	}
	if len(c.buffer) > 1<<15 || c.over == math.MinInt64 {
		t.Errorf("%d operations of %d were kept", len(c.buffer), len(ops))
	}
	kept := len(c.parked)
	if live := len(c.search.set.items[0].state.Live); kept < 5000 || live > 300 {
		t.Errorf("a state holds %d nets, %d are put aside", live, kept)
	}
	if names := len(c.names.nets.back); names > kept+3*(1<<14) {
		t.Errorf("%d names are known", names)
	}
}

// TestKeptNetComesBack names a net that was put aside long before. The names of the first
// window are known for its picture; those of a later one only because the net is aside.
func TestKeptNetComesBack(t *testing.T) {
	if race.Enabled {
		t.Skip("TestLongHistoriesNeedLittle has the same goroutines")
	}
	for i, last := range []wire.Line{
		{Op: wire.Copy, Net: "n1.0", From: wire.InitNet, Err: -17},
		{Op: wire.Copy, Net: "n1.0", From: wire.InitNet},
		{Op: wire.Copy, Net: "n1.1000", From: wire.InitNet, Err: -17},
		{Op: wire.Copy, Net: "n1.1000", From: wire.InitNet},
	} {
		verdict := []Verdict{Linearizable, Not}[i%2]
		ops := long(6000)
		last.Client, last.Call, last.Return = 0, 10_000_000, 10_000_001
		r := judge(t, strings.NewReader(text(append(ops, last)))).Result()
		if r.Verdict != verdict || r.Verdict == Not && r.Failure.Prefix != len(ops) {
			t.Errorf("%s: judged %s, not %s", last.Net, r.Verdict, verdict)
		}
	}
}

// TestForgetKeepsTheNamesAtHand: of thousands of nets, those that anything which may still be
// looked at holds keep their names, and no others.
func TestForgetKeepsTheNamesAtHand(t *testing.T) {
	c := NewChecker(t.Context(), model.Mutex, "f", 0)
	want := []string{wire.InitNet}
	id := func(name string) model.NetID {
		want = append(want, name)
		return c.names.net(name)
	}
	with := func(name string) *search {
		s := c.search.clone()
		s.set.items[0].state.Live = []model.Net{{ID: id(name)}}
		return s
	}
	of := func(name string) *window { return &window{calls: []*call{{net: id(name)}}} }
	c.dropped = dropped{with("dropped.from"), []*window{of("dropped.since")}}
	c.pin = pin{start: with("pin.start"), window: of("pin.window")}
	c.search = with("search")
	c.parked[id("parked")] = model.Net{}
	c.nulls, c.buffer = of("nulls").calls, of("buffer").calls
	for i := range 5000 {
		c.names.net(fmt.Sprint(i))
	}
	c.forget()
	for _, name := range want {
		if _, ok := c.names.nets.ids[name]; !ok {
			t.Errorf("%s is forgotten", name)
		}
	}
	if n := len(c.names.nets.ids); n != len(want) {
		t.Errorf("%d names are known, not %d", n, len(want))
	}
}

// TestOnlyWhatIsCertainIsPutAside: a net that is kept in one way, and not in another, stays in both.
func TestOnlyWhatIsCertainIsPutAside(t *testing.T) {
	c := NewChecker(t.Context(), model.Mutex, "f", 0)
	kept := model.Net{ID: 2, Use: 1, Phase: model.Kept}
	for _, live := range [][]model.Net{{kept, {ID: 3, Phase: model.Kept}}, {{ID: 2, Phase: model.Kept}, {ID: 3, Phase: model.Kept}}} {
		c.search.set.items = append(c.search.set.items, config{state: model.State{Live: live}})
	}
	c.search.set.items = c.search.set.items[1:]
	c.park()
	if _, ok := c.parked[3]; !ok || len(c.parked) != 1 || !slices.Equal(c.search.set.items[0].state.Live, []model.Net{kept}) {
		t.Errorf("%v; %v", c.parked, c.search.set.items)
	}
}

// TestWhatIsInUseIsNotForgotten: an ops that stays on the list, a call that
// never returned, and a window that does not end, outlive thousands of names.
func TestWhatIsInUseIsNotForgotten(t *testing.T) {
	if race.Enabled {
		t.Skip("TestLongHistoriesNeedLittle has the same goroutines")
	}
	const end = 10_000_000
	ops := long(100) // the first window, whose names are known for its picture
	ops = append(ops,
		wire.Line{Client: 7, Call: 150_000, Return: 150_000, Op: wire.RegisterDevice, Ops: "dev", NoInit: true, NoExit: true},
		wire.Line{Client: 8, Call: 150_000, Never: true, Op: wire.UnregisterDevice, Ops: "late"},
		wire.Line{Client: 7, Call: 150_001, Return: 150_001, Op: wire.Copy, Net: "far", From: wire.InitNet},
	)
	for i, o := range long(6000) {
		if i >= 9*200 && o.Op != wire.List { // which would not show the net far
			ops = append(ops, o)
		}
	}
	for i, o := range []wire.Line{
		{Op: wire.RegisterDevice, Ops: "late", NoInit: true, NoExit: true},
		{Op: wire.RegisterDevice, Ops: "late", NoInit: true, NoExit: true}, // so the call that never returned came between
		{Op: wire.UnregisterDevice, Ops: "late"},
		{Op: wire.UnregisterDevice, Ops: "dev"},
		{Op: wire.List, Nets: []string{wire.InitNet, "far"}},
	} {
		o.Client, o.Call, o.Return = 7, end+int64(i), end+int64(i)
		ops = append(ops, o)
	}
	for name, first := range map[string][]wire.Line{
		"windows":    nil,
		"one window": {{Client: 9, Call: -1, Return: end + 9, Op: wire.Hold, Net: wire.InitNet}},
	} {
		c := judge(t, strings.NewReader(text(slices.Concat(first, ops))))
		if r := c.Result(); r.Verdict != Linearizable {
			t.Errorf("%s: judged %s: %v", name, r.Verdict, r.Failure)
		}
	}
}

// TestAnyOrderOfLines shuffles a history, from a source that can and one that
// cannot be read again.
func TestAnyOrderOfLines(t *testing.T) {
	ops, wrong := long(4000), long(4000) // enough to be judged early
	wrong[len(wrong)-3].Nets = []string{wire.InitNet}
	r := rand.New(rand.NewPCG(1, 1))
	for _, list := range [][]wire.Line{ops, wrong} {
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	for i, list := range [][]wire.Line{ops, wrong} {
		data := []byte(text(list))
		want := [2]Verdict{Linearizable, Not}[i]
		for _, in := range []io.Reader{bytes.NewReader(data), onlyReader{bytes.NewReader(data)}} {
			c, err := (&File{Name: "f", In: in}).Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			res := c.Result()
			if res.Verdict != want || res.Operations != len(list) {
				t.Errorf("%T: %s of %d operations", in, res.Verdict, res.Operations)
			}
			if want == Not && res.Failure.Prefix != len(list)-3 {
				t.Errorf("prefix %d of %d", res.Failure.Prefix, len(list))
			}
		}
	}
}

func TestErrorsOfReading(t *testing.T) {
	broken := errors.New("broken")
	lines := text(long(1))
	in := io.MultiReader(strings.NewReader(lines), failing{broken})
	if _, err := (&File{Name: "f", In: in}).Check(t.Context()); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	// Bad input late, after a verdict that has fallen early, is bad input all the same.
	ops := long(6000)
	ops[0].Err = -17
	_, err := (&File{Name: "f", In: strings.NewReader(text(ops) + "{}\n")}).Check(t.Context())
	if want := fmt.Sprintf("f:%d: field \"op\" is missing", len(ops)+1); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestErrorsOfReadingAgain: what cannot be kept or read again is an error only
// where a line precedes what was judged already.
func TestErrorsOfReadingAgain(t *testing.T) {
	ops := long(4000)
	straight := text(ops)
	ops[0], ops[len(ops)-1] = ops[len(ops)-1], ops[0]
	disorder := text(ops)
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	for name, c := range map[string]struct {
		in   func(string) io.Reader
		want error
	}{
		"no room":        {func(s string) io.Reader { return onlyReader{strings.NewReader(s)} }, fs.ErrNotExist},
		"no second seek": {func(s string) io.Reader { return &seekedOnce{Reader: strings.NewReader(s)} }, errors.ErrUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			check := func(lines string) (*Checker, error) {
				return (&File{Name: "f", In: c.in(lines)}).Check(t.Context())
			}
			if got, err := check(straight); err != nil || got.Result().Verdict != Linearizable {
				t.Errorf("in order: %v", err)
			}
			if _, err := check(disorder); !errors.Is(err, c.want) {
				t.Errorf("in disorder: %v, want %v", err, c.want)
			}
		})
	}
}

// seekedOnce tells its position, and cannot go back.
type seekedOnce struct {
	*strings.Reader
	seeks int
}

func (s *seekedOnce) Seek(offset int64, whence int) (int64, error) {
	if s.seeks++; s.seeks > 1 {
		return 0, errors.ErrUnsupported
	}
	return s.Reader.Seek(offset, whence)
}

// TestInterruptedIsNeverWrong: as long as lines may still come, a failure that
// the first windows show may be none, as here: the last line, for which they
// wait, precedes all others. The reader blocks in the end, so that it can
// never be read again.
func TestInterruptedIsNeverWrong(t *testing.T) {
	const batches = 1<<14/256 + 1 // the first are judged early, the last belongs before them
	ops := long(2000)[:batches*256]
	last := len(ops) - 1
	ops[0], ops[last] = ops[last], ops[0]
	for name, look := range map[string]int{"before the last lines": batches, "before reading again": batches + 1} {
		t.Run(name, func(t *testing.T) {
			blocked, more := io.Pipe()
			defer more.Close()
			ctx := &doneAt{Context: t.Context(), look: look, done: make(chan struct{})}
			c, err := (&File{Name: "f", In: io.MultiReader(strings.NewReader(text(ops)), blocked)}).Check(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if r := c.Result(); r.Verdict != Undecided || r.Reason != "interrupted" || r.Failure != nil || r.Operations < 1<<14 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A doneAt ends when it is asked for the nth time.
type doneAt struct {
	context.Context
	look int
	done chan struct{}
}

func (d *doneAt) Done() <-chan struct{} {
	if d.look--; d.look == 0 {
		close(d.done)
	}
	return d.done
}

func (d *doneAt) Err() error {
	if d.look <= 0 {
		return context.Canceled
	}
	return nil
}

// TestEarlyWindowsEndAtTheirLatestReturn, which need not be that of the call that began
// last: a line that begins before it belongs to what was judged already.
func TestEarlyWindowsEndAtTheirLatestReturn(t *testing.T) {
	c := NewChecker(t.Context(), model.Mutex, "f", 0)
	list := func(client, call, end int64) {
		c.read(wire.Line{Client: client, Call: call, Return: end, Op: wire.List, Nets: []string{wire.InitNet}}, 1)
	}
	for i := range int64(1 << 13) { // a long call, and a short one inside it
		list(0, 10*i, 10*i+5)
		list(1, 10*i+1, 10*i+2)
	}
	if err := c.early(); err != nil || c.result.Operations == 0 {
		t.Fatal(c.result, err)
	}
	end := 10*int64(c.result.Operations/2-1) + 5
	list(2, end, end)
	if err := c.early(); err != errDisorder {
		t.Errorf("a call at %d, where a judged one returns: %v", end, err)
	}
}

// TestEarlyWindowsAreHeldToTheFormat: an error is found in a window that is
// judged before the end of the file, and the line after it is never read.
func TestEarlyWindowsAreHeldToTheFormat(t *testing.T) {
	ops := long(4000)
	ops[0].Net, ops[1].Net = "n", "n"
	_, err := (&File{Name: "f", In: strings.NewReader(text(ops) + "{}\n")}).Check(t.Context())
	if want := `f:2: copies of "n" overlap: this one and that of line 1`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestUndecidedIsSaid stops the checker in each way in which it can be stopped.
func TestUndecidedIsSaid(t *testing.T) {
	var ops []wire.Line
	for i := range int64(14) { // one ops is registered and unregistered again and again
		verb := []string{wire.RegisterSubsys, wire.UnregisterSubsys}[i%2]
		ops = append(ops, wire.Line{Client: i, Call: 0, Return: 50 + i, Op: verb, Ops: "a", NoInit: i%4 == 0, Unknown: true})
	}
	ops = append(ops, wire.Line{Client: 20, Call: 100, Return: 100, Op: wire.Put, Net: "n0"})
	c, err := (&File{Name: "f", In: strings.NewReader(text(ops)), Limit: 3}).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := c.Result(); r.Verdict != Undecided || !strings.Contains(r.Reason, "too many configurations") {
		t.Errorf("%+v", r)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	for why, ctx := range map[string]context.Context{"interrupted": gone, "out of time": late} {
		c, err = (&File{Name: "f", In: strings.NewReader(text(ops))}).Check(ctx)
		if r := c.Result(); err != nil || r.Verdict != Undecided || r.Reason != why {
			t.Errorf("%+v, %v", r, err)
		}
		if r, err := Check(ctx, model.Mutex, ops); err != nil || r.Verdict != Undecided || r.Reason != why { // the search itself
			t.Errorf("%+v, %v", r, err)
		}
	}
	if v := Porcupine(model.Mutex, ops, time.Nanosecond); v != Undecided {
		t.Errorf("porcupine says %s in no time", v)
	}
}

func TestOverlap(t *testing.T) {
	get := func(client, call, ret int64) wire.Line {
		return wire.Line{Client: client, Call: call, Return: ret, Op: wire.Get, Net: wire.InitNet}
	}
	for _, c := range []struct {
		name string
		ops  []wire.Line
		want float64
	}{
		{"apart", []wire.Line{get(0, 0, 1), get(1, 2, 3)}, 0},
		{"touching", []wire.Line{get(0, 0, 1), get(1, 1, 2)}, 1},
		{"one client at one instant", []wire.Line{get(0, 0, 1), get(0, 1, 1), get(0, 1, 2)}, 0},
		{"three at once", []wire.Line{get(0, 0, 9), get(1, 1, 8), get(2, 2, 7)}, 2},
		{"one meets two", []wire.Line{get(0, 0, 9), get(1, 1, 2), get(1, 3, 4)}, 4.0 / 3},
		{"the worker apart", []wire.Line{get(0, 0, 9), {Client: wire.Worker, Call: 1, Return: 2, Op: wire.List, Nets: []string{wire.InitNet}}}, 0},
	} {
		res, err := Check(t.Context(), model.Mutex, c.ops)
		if err != nil || res.Met.Overlap() != c.want {
			t.Errorf("%s: %v, want %v; %v", c.name, res.Met.Overlap(), c.want, err)
		}
	}
}

// TestOrderSeenInALaterWindow lists two nets at once, and looks only when the
// window in which that happened is over.
func TestOrderSeenInALaterWindow(t *testing.T) {
	ops := []wire.Line{
		{Client: 0, Call: 0, Return: 9, Op: wire.Copy, Net: "n1", From: wire.InitNet},
		{Client: 1, Call: 0, Return: 9, Op: wire.Copy, Net: "n2", From: wire.InitNet},
	}
	for i := range int64(2 * minWindow) {
		ops = append(ops, wire.Line{Client: 0, Call: 10 + i, Return: 10 + i, Op: wire.Hold, Net: "n1"})
	}
	look := func(at int64, nets ...string) wire.Line {
		return wire.Line{Client: 1, Call: at, Return: at, Op: wire.List, Nets: append([]string{wire.InitNet}, nets...)}
	}
	for _, c := range []struct {
		looks []wire.Line
		want  Verdict
	}{
		{[]wire.Line{look(10_000, "n1", "n2")}, Linearizable},
		{[]wire.Line{look(10_000, "n2", "n1")}, Linearizable},
		{[]wire.Line{look(10_000, "n2", "n1"), look(10_001, "n1", "n2")}, Not},
	} {
		res, err := Check(t.Context(), model.Mutex, append(ops[:len(ops):len(ops)], c.looks...))
		if err != nil || res.Verdict != c.want {
			t.Errorf("%v: judged %s; %v", c.looks, res.Verdict, err)
		}
	}
}
