// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// TestMeterCounts counts situations in histories of one line a call: client, call, return, op, net, and
// what follows. A "|" begins a new window.
func TestMeterCounts(t *testing.T) {
	for _, c := range []struct{ history, want string }{
		// A get that was refused counts from the return of the copy to that of the cleanup.
		{"0 0 1 copy a; 0 2 3 put a; 0 4 5 get a ENOENT; 0 6 7 hold a ENOENT; 0 8 9 copy b a ENOENT; -1 20 30 cleanup a; 0 30 31 get a ENOENT", "dying copy 1 get 2 hold 1"},
		{"0 0 10 copy a; 1 5 6 get a ENOENT", "dying"},
		{"0 0 1 copy a; 0 2 3 put a; -1 4 5 cleanup a; 0 6 7 get a ENOENT", "dying"},
		{"0 0 1 get a ENOENT", "dying"},
		{"0 0 1 copy a; 0 2 3 put a; -1 4 5 cleanup a; | 0 6 7 get a ENOENT", "dying"},
		{"0 0 1 copy a; 0 2 3 put a; -1 4 5 cleanup a; 0 6 7 copy a; 0 8 9 put a; 0 10 11 get a ENOENT", "dying get 1"},
		// A list counts if every reference that was seen to go was gone before it began.
		{"0 0 1 copy a; 0 2 3 put a; 0 4 5 list a; -1 6 7 cleanup a", "dying list 1"},
		{"0 0 1 copy a; 0 2 3 put a; 0 4 5 list a; | -1 6 7 cleanup a", "dying list 1"},
		{"0 0 1 copy a; 0 2 3 put a; -1 4 9 cleanup a; 0 5 6 state a", "dying list 1"},
		{"0 0 1 copy a; 0 2 3 put a; -1 4 null cleanup a; 0 5 6 list a", "dying list 1"},
		{"0 0 1 copy a; 0 2 3 put a; 0 4 5 list a", "dying"},
		{"0 0 1 copy a; 0 2 9 put a; 1 4 5 list a; -1 10 11 cleanup a", "dying"},
		{"0 0 1 copy a; 0 2 3 list a; 0 4 5 put a; -1 6 7 cleanup a", "dying"},
		{"0 0 1 copy a; 0 2 3 list a; 0 4 5 get a; -1 6 7 cleanup a", "dying"},
		{"0 0 1 copy a; 0 2 3 list a; 0 4 5 copy b a EBUSY; -1 6 7 cleanup a", "dying"},
		{"0 0 1 copy a; 0 2 3 put a EINVAL; 0 4 5 list a; -1 6 7 cleanup a", "dying list 1"},
		{"0 0 9 copy a; 1 2 3 list a; -1 16 17 cleanup a", "dying"},
		{"0 0 1 list a; -1 6 7 cleanup a", "dying"},
		// A put counts if it overlaps a copy of its net.
		{"0 0 9 copy b a; 1 2 3 put a; 2 4 5 put a; 2 10 11 put a", "dying in copies 2"},
		{"1 0 5 put a; 0 2 9 copy b a", "dying in copies 1"},
		{"1 0 9 put a; 0 2 5 copy b a; 2 3 6 copy c a", "dying in copies 1"},
		{"0 0 9 copy b a; 1 2 3 put a EINVAL", "dying"},
		{"1 0 1 put a; 0 2 9 copy b a", "dying"},
		{"0 0 9 copy b a; 1 2 3 put b; 1 4 5 put init_net", "dying"},
		{"0 0 null copy b a; 1 2 3 put a; | 1 4 5 put a", "dying in copies 2"},
		{"0 0 9 share b a; 1 2 3 put a", "dying"},
		{"1 0 null put a; 0 2 9 copy b a", "dying"},
		{"1 0 5 put a; | 0 6 9 copy b a", "dying"},
		// A cleanup of several nets counts, also one that did not return.
		{"-1 0 1 cleanup a b; -1 2 3 cleanup c; -1 4 null cleanup d e", "dying batches 2"},
	} {
		m := newMeter()
		names := newNames()
		line := 0
		for part := range strings.SplitSeq(c.history, "|") {
			var calls []*call
			for text := range strings.SplitSeq(part, ";") {
				f := strings.Fields(text)
				if len(f) == 0 {
					continue
				}
				line++
				calls = append(calls, names.number(shortLine(t, f), line, model.RWSem))
			}
			sortCalls(calls)
			m.add(&window{calls: calls, returns: returnsOf(calls)})
		}
		got := "dying"
		for _, op := range []string{"copy", "get", "hold", "list"} {
			if n := m.Dying[op]; n > 0 {
				got += fmt.Sprintf(" %s %d", op, n)
			}
		}
		if m.InCopies > 0 {
			got += fmt.Sprintf(" in copies %d", m.InCopies)
		}
		if m.Batches > 0 {
			got += fmt.Sprintf(" batches %d", m.Batches)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.history, got, c.want)
		}
	}
}

// shortLine reads the fields of a call in a test. Of a share, the first name is the old net's second.
func shortLine(t *testing.T, f []string) *wire.Line {
	t.Helper()
	l := &wire.Line{Op: f[3]}
	fmt.Sscan(f[0], &l.Client)
	fmt.Sscan(f[1], &l.Call)
	if l.Never = f[2] == "null"; !l.Never {
		fmt.Sscan(f[2], &l.Return)
	}
	names := f[4:]
	if last := names[len(names)-1]; strings.ToUpper(last) == last {
		e, ok := model.ParseErr(last)
		if !ok {
			t.Fatal(last)
		}
		l.Err, names = e, names[:len(names)-1]
	}
	switch l.Op {
	case "share":
		l.Op, l.Share, l.From = wire.Copy, true, names[1]
	case wire.Copy:
		l.Net, l.From = names[0], names[len(names)-1]
		if len(names) == 1 {
			l.From = wire.InitNet
		}
	case wire.List, wire.State, wire.Cleanup:
		l.Nets = names
	default:
		l.Net = names[0]
	}
	return l
}

// TestMeterForgetsNets tests that the memory of a long history stays bounded.
func TestMeterForgetsNets(t *testing.T) {
	m := newMeter()
	for i := range int64(50) {
		net := fmt.Sprint("n", i)
		calls := []*call{
			{Line: wire.Line{Op: wire.Copy, Net: net, From: wire.InitNet, Call: 10 * i, Return: 10*i + 1}},
			{Line: wire.Line{Op: wire.Get, Net: net + "?", Call: 10*i + 2, Return: 10*i + 3, Err: model.ENOENT}},
			{Line: wire.Line{Op: wire.Put, Net: wire.InitNet, Call: 10*i + 2, Return: 10*i + 3}},
			{Line: wire.Line{Op: wire.Cleanup, Client: wire.Worker, Nets: []string{net}, Call: 10*i + 4, Return: 10*i + 5}},
		}
		m.add(&window{calls: calls, returns: calls})
	}
	if n := len(m.lives[wire.InitNet].puts); len(m.lives) != 1 || n > 0 {
		t.Errorf("it keeps %d nets and %d puts", len(m.lives), n)
	}
}

// TestAnswersAreToldApart tests which errnos count as those of an init.
func TestAnswersAreToldApart(t *testing.T) {
	init, exit := []wire.Callback{{Ops: "s", Net: "n"}}, []wire.Callback{{Exit: true, Ops: "s", Net: "n"}}
	for _, c := range []struct {
		l    wire.Line
		want Answer
	}{
		{wire.Line{Op: wire.Copy}, Answer{Op: wire.Copy}},
		{wire.Line{Op: wire.Copy, Calls: init}, Answer{Op: wire.Copy}},
		{wire.Line{Op: wire.Copy, Share: true, Err: model.ENOENT}, Answer{Op: wire.Copy, Share: true, Err: model.ENOENT}},
		{wire.Line{Op: wire.Copy, Err: model.ENOMEM}, Answer{Op: wire.Copy, Err: model.ENOMEM}},
		{wire.Line{Op: wire.Copy, Err: model.ENOMEM, Calls: init}, Answer{Op: wire.Copy, Init: true}},
		{wire.Line{Op: wire.Copy, Err: model.ENOMEM, Calls: exit}, Answer{Op: wire.Copy, Err: model.ENOMEM}},
		{wire.Line{Op: wire.Copy, Err: model.ENOMEM, Unknown: true}, Answer{Op: wire.Copy, Err: model.ENOMEM}},
		{wire.Line{Op: wire.Copy, Err: model.EIO, Unknown: true}, Answer{Op: wire.Copy, Init: true}},
	} {
		if got := AnswerOf(&c.l); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.l.String(), got, c.want)
		}
	}
}

// TestMetAdds tests that what several histories have met adds up.
func TestMetAdds(t *testing.T) {
	var sum Met
	if sum.Overlap() != 0 {
		t.Error("nothing overlaps something")
	}
	one := Met{Answers: map[Answer]int{{Op: wire.Get}: 2}, Dying: map[string]int{wire.List: 3}, InCopies: 4, Batches: 5, Calls: 6, Meetings: 7}
	sum.Add(one)
	sum.Add(one)
	want := Met{Answers: map[Answer]int{{Op: wire.Get}: 4}, Dying: map[string]int{wire.List: 6}, InCopies: 8, Batches: 10, Calls: 12, Meetings: 14}
	if !maps.Equal(sum.Answers, want.Answers) || !maps.Equal(sum.Dying, want.Dying) || sum.InCopies != 8 || sum.Batches != 10 || sum.Calls != 12 || sum.Meetings != 14 {
		t.Errorf("%+v, want %+v", sum, want)
	}
}
