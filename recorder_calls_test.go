// SPDX-License-Identifier: MIT

package pernet_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"

	"example.com/pernet/impl"
	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// recorded returns a registry whose worker rec watches.
func recorded(t *testing.T, rec *Recorder, options ...impl.Option) *impl.Registry {
	t.Helper()
	reg, err := impl.New(rec.Context(t.Context()), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		leak := new(impl.LeakError) // nets that a test's clients held past their end are kept
		if err := reg.Close(context.Background()); err != nil && (!errors.As(err, &leak) || leak.Referenced != nil) {
			t.Error(err)
		}
	})
	return reg
}

// cleaned waits for the nth cleanup.
func cleaned(t *testing.T, rec *Recorder, n int) {
	t.Helper()
	for {
		ended, next := rec.Cleaned()
		if ended >= n {
			return
		}
		select {
		case <-next:
		case <-t.Context().Done():
			t.Fatal("the worker does not end what it was given")
		}
	}
}

// answersOf returns the lines of ops without client and times, and holds the times to
// what the format says of one goroutine's calls.
func answersOf(t *testing.T, ops []wire.Line) string {
	t.Helper()
	var b strings.Builder
	latest := int64(-1)
	for _, o := range ops {
		if o.Call <= latest || o.Return < o.Call {
			t.Errorf("%s: the call before returned at %d", o.String(), latest)
		}
		latest = o.Return
		inside := func(what string, timed bool, begin, end int64) {
			if !timed || begin < o.Call || end < begin || o.Return < end {
				t.Errorf("%s: the %s is not inside", o.String(), what)
			}
		}
		for _, cb := range o.Calls {
			inside(cb.Word(), cb.Timed, cb.Begin, cb.End)
		}
		for _, s := range o.Stages {
			inside(s.Word, s.Timed, s.Begin, s.End)
		}
		_, rest, _ := strings.Cut(strings.TrimSpace(string(o.AppendUntimed(nil))), `"op":`)
		b.WriteString(strings.TrimSuffix(rest, "}") + "\n")
	}
	return b.String()
}

// TestRecorderWritesDownEveryCall makes each call once, on one goroutine, and
// compares each answer.
func TestRecorderWritesDownEveryCall(t *testing.T) {
	rec := NewRecorder()
	reg := recorded(t, rec)
	c := rec.NewClient(reg)
	sub, dev, bare := rec.NewOps("sub", true, true), rec.NewOps("dev", true, true), rec.NewOps("bare", false, false)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Fatalf("%v, want %v", err, want)
		}
	}
	must(c.Register(ctx, sub, false))
	refused(c.Register(ctx, sub, false), impl.ErrExist)
	must(c.Register(ctx, bare, false))
	c.Fail(1, model.EIO)
	if err := c.Register(ctx, dev, true); err == nil {
		t.Fatal("the init that was to fail did not")
	}
	must(c.Register(ctx, dev, true))
	init := reg.InitNet()
	c.Fail(2, 1)
	if _, err := c.Copy(ctx, init, "n1"); err == nil {
		t.Fatal("the init that was to return 1 did not")
	}
	n1, err := c.Copy(ctx, init, "n1")
	must(err)
	must(c.Share(ctx, n1))
	must(c.State(ctx))
	for _, v := range []string{wire.Get, wire.Hold, wire.Release, wire.Put, wire.Put, wire.Put} {
		must(c.Net(ctx, v, n1))
	}
	cleaned(t, rec, 1)
	refused(c.Net(ctx, wire.Get, n1), impl.ErrNotFound)
	refused(c.Unregister(ctx, dev, false), impl.ErrInvalid)
	must(c.Unregister(ctx, dev, true))
	must(c.Unregister(ctx, sub, false))
	c.List(ctx)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	refused(c.State(gone), impl.ErrInterrupted)

	ops := rec.Take()
	for _, call := range model.Calls {
		if !slices.ContainsFunc(ops, func(o wire.Line) bool { return o.Op == call.Op }) {
			t.Errorf("the client has no %s", call.Op)
		}
	}
	worker, own := ops[:1], ops[1:]
	if ops[0].Client != wire.Worker || own[0].Client != 0 {
		t.Fatalf("clients %d and %d", ops[0].Client, own[0].Client)
	}
	if got, want := answersOf(t, worker), `"cleanup","nets":["n1"],"calls":[["exit","dev","n1"],["exit","sub","n1"]],"freed":["n1"]`+"\n"; got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	const want = `"register_subsys","ops":"sub","err":"","calls":[["init","sub","init_net"]]
"register_subsys","ops":"sub","err":"EEXIST"
"register_subsys","ops":"bare","init":false,"exit":false,"err":""
"register_device","ops":"dev","err":"EIO","calls":[["init","dev","init_net"]]
"register_device","ops":"dev","err":"","calls":[["init","dev","init_net"]]
"copy","net":"n1","err":1,"calls":[["init","sub","n1"],["init","dev","n1"]]
"copy","net":"n1","err":"","calls":[["init","sub","n1"],["init","dev","n1"]]
"copy","newnet":false,"from":"n1","err":""
"state","pernet_list":["sub","bare","dev"],"first_device":"dev","nets":["init_net","n1"]
"get","net":"n1","err":""
"hold","net":"n1","err":""
"release","net":"n1","err":""
"put","net":"n1","err":""
"put","net":"n1","err":""
"put","net":"n1","err":""
"get","net":"n1","err":"ENOENT"
"unregister_subsys","ops":"dev","err":"EINVAL"
"unregister_device","ops":"dev","err":"","calls":[["exit","dev","init_net"]]
"unregister_subsys","ops":"sub","err":"","calls":[["exit","sub","init_net"]]
"list","nets":["init_net"]
`
	if d := diff.Diff("want", []byte(want), "recorded", []byte(answersOf(t, own))); len(d) > 0 {
		t.Errorf("%s", d)
	}
	if left := rec.Take(); len(left) != 0 {
		t.Errorf("%d operations were taken twice", len(left))
	}
	c.List(ctx)
	if more := rec.Take(); len(more) != 1 || more[0].Op != wire.List {
		t.Errorf("after a take: %v", more)
	}
}

// TestRecorderWritesDownStages: those of a cleanup, of a failed copy and of an unregister.
func TestRecorderWritesDownStages(t *testing.T) {
	rec := NewRecorder()
	reg := recorded(t, rec, impl.WithDiscipline(impl.RWSem))
	c, ctx := rec.NewClient(reg), t.Context()
	a, b := rec.Staged(rec.NewOps("a", true, true)), rec.NewOps("b", true, false)
	c.Register(ctx, a, false)
	c.Register(ctx, b, true)
	c.Fail(2, model.EIO)
	c.Copy(ctx, reg.InitNet(), "n")
	n, err := c.Copy(ctx, reg.InitNet(), "n")
	if err != nil {
		t.Fatal(err)
	}
	c.Net(ctx, wire.Put, n)
	cleaned(t, rec, 1)
	c.Unregister(ctx, a, false)
	all := rec.Take()
	slices.SortStableFunc(all, func(a, b wire.Line) int { return int(a.Return - b.Return) })
	const want = `"register_subsys","ops":"a","err":"","calls":[["init","a","init_net"]]
"register_device","ops":"b","exit":false,"err":"","calls":[["init","b","init_net"]]
"copy","net":"n","err":"EIO","calls":[["init","a","n"],["init","b","n"],["pre_exit","a","n"],["exit_rtnl","a","n"],["exit","a","n"],["exit_batch","a",["n"]]]
"copy","net":"n","err":"","calls":[["init","a","n"],["init","b","n"]]
"put","net":"n","err":""
"cleanup","nets":["n"],"calls":[["pre_exit","a","n"],["exit_rtnl","a","n"],["exit","a","n"],["exit_batch","a",["n"]]],"freed":["n"]
"unregister_subsys","ops":"a","err":"","calls":[["pre_exit","a","init_net"],["exit_rtnl","a","init_net"],["exit","a","init_net"],["exit_batch","a",["init_net"]]]
`
	if d := diff.Diff("want", []byte(want), "recorded", []byte(answersOf(t, all))); len(d) > 0 {
		t.Errorf("%s", d)
	}
	if r, err := lin.Check(ctx, model.RWSem, all); err != nil || r.Verdict != lin.Linearizable {
		t.Error(r.Verdict, err)
	}
}

// TestRecordedTimesHoldWhatHappensInBetween: what other goroutines do while a callback runs is after its begin and
// before its end, and these are after the begin of its call and before its return. Else the times exclude nothing.
func TestRecordedTimesHoldWhatHappensInBetween(t *testing.T) {
	rec := NewRecorder()
	var inside []int64
	tick := func() int64 {
		at := rec.now()
		for rec.now() == at {
		}
		return at
	}
	rec.yield = func() {
		tick()
		inside = append(inside, tick())
	}
	reg := recorded(t, rec, impl.WithDiscipline(impl.RWSem))
	c, ctx := rec.NewClient(reg), t.Context()
	o := rec.Staged(rec.NewOps("o", true, true))
	if err := c.Register(ctx, o, false); err != nil {
		t.Fatal(err)
	}
	n, err := c.Copy(ctx, reg.InitNet(), "n")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Net(ctx, wire.Put, n); err != nil {
		t.Fatal(err)
	}
	cleaned(t, rec, 1)
	if err := c.Unregister(ctx, o, false); err != nil {
		t.Fatal(err)
	}
	ops := rec.Take()
	if len(ops) != 5 || len(inside) != 10 {
		t.Fatalf("%d operations with %d callbacks", len(ops), len(inside))
	}
	slices.SortFunc(ops, func(a, b wire.Line) int { return cmp.Compare(a.Call, b.Call) })
	for _, l := range ops {
		var times [][2]int64
		for _, cb := range l.Calls {
			times = append(times, [2]int64{cb.Begin, cb.End})
		}
		for _, s := range l.Stages {
			times = append(times, [2]int64{s.Begin, s.End})
		}
		slices.SortFunc(times, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
		for _, x := range times {
			if at := inside[0]; !(l.Call <= x[0] && x[0] < at && at < x[1] && x[1] <= l.Return) {
				t.Errorf("%s from %d to %d: a callback from %d to %d had another goroutine run at %d", l.Op, l.Call, l.Return, x[0], x[1], at)
			}
			inside = inside[1:]
		}
	}
}

// TestRecorderKnowsEveryAnswer: an answer that the format cannot say is a fault
// of the recorder, and no line is made up for it.
func TestRecorderKnowsEveryAnswer(t *testing.T) {
	defer func() {
		if why, ok := recover().(string); !ok || !strings.Contains(why, "registry is closed") {
			t.Errorf("%q does not say what the answer was", why)
		}
	}()
	rec := NewRecorder()
	reg := recorded(t, rec)
	if err := reg.Close(t.Context()); err != nil {
		t.Error(err)
	}
	rec.NewClient(reg).Register(t.Context(), rec.NewOps("a", true, true), false)
}
