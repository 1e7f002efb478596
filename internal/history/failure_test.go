// SPDX-License-Identifier: MIT

package history

import (
	"fmt"
	"strings"
	"testing"

	"example.com/pernet/model"
)

// TestStateIsShown: the line that a failure shows of a state says everything, a
// bar before the first device too.
func TestStateIsShown(t *testing.T) {
	s := model.New(false)
	for _, a := range []model.Action{
		{Kind: model.RegisterSubsys, Ops: 1}, {Kind: model.RegisterDevice, Ops: 2}, {Kind: model.RegisterDevice, Ops: 3},
		{Kind: model.CopyGet, Call: 7, From: model.InitNet}, {Kind: model.Copy, Call: 7, Net: 2}, {Kind: model.Hold, Net: 2},
	} {
		next, ans, ok := s.Step(a)
		if !ok || ans.Err != 0 {
			t.Fatalf("%+v: %v, %t", a, ans.Err, ok)
		}
		s = next
	}
	const want = "pernet_list 1 | 2 3; nets 1 2; net 1 listed count 2 use 0; net 2 listed count 1 use 1; copy 7 from 1 done true"
	if s.String() != want {
		t.Errorf("%s\nwant\n%s", s, want)
	}
}

// sideBySide returns n copies, the last of which returns at 49+n.
func sideBySide(n int) []Op {
	var ops []Op
	for i := range int64(n) {
		ops = append(ops, Op{Client: i, Call: 20, Return: 50 + i, Verb: Copy, Net: fmt.Sprint("n", i), From: InitNet})
	}
	return ops
}

// TestPrefixThatIsNotKnown: the get fits as long as the answer of the copy under
// it is open, and then there are too many ways in which the other copies can
// have gone to say how far the history fits.
func TestPrefixThatIsNotKnown(t *testing.T) {
	ops := append(sideBySide(6),
		Op{Client: 20, Call: 0, Return: 10, Verb: Get, Net: "n"},
		Op{Client: 21, Call: 0, Return: 100, Verb: Copy, Net: "n", From: InitNet, Err: model.ENOMEM},
	)
	for i := range int64(3) {
		ops = append(ops, Op{Client: 20, Call: 11 + i, Return: 11 + i, Verb: Hold, Net: InitNet})
	}
	for _, c := range []struct {
		limit, prefix int
		atLeast       bool
	}{{100, 3, true}, {0, 10, false}} {
		r, err := (&File{Name: "f", In: strings.NewReader(text(ops)), Limit: c.limit}).Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f := r.Result().Failure
		if f == nil || f.AtLeast != c.atLeast || (f.Prefix != c.prefix) {
			t.Fatalf("limit %d: %+v", c.limit, r.Result())
		}
		begins := "prefix: 10 operations, in order of return, still fit when every later return is taken as null\n" +
			"the next does not, line 8: " + ops[7].String() + "\nwith it, nothing is left for one that returned earlier: " + ops[6].String()
		if c.atLeast {
			begins = "prefix: at least 3 operations, in order of return, still fit when every later return is taken as null; " +
				"the search for the first that does not was stopped\n" +
				"with what later ones answered, nothing is left for: " + ops[6].String()
		}
		if !strings.HasPrefix(f.String(), begins+"\n") {
			t.Errorf("limit %d: %s", c.limit, f)
		}
	}
}

// TestOnlySomeWaysAreShown: of the 24 orders in which four copies can have listed
// their nets three are shown, and the others counted.
func TestOnlySomeWaysAreShown(t *testing.T) {
	ops := append(sideBySide(4), Op{Client: 9, Call: 60, Return: 60, Verb: List, Nets: []string{InitNet}})
	r, err := Check(t.Context(), ops)
	if err != nil || r.Verdict != Not {
		t.Fatalf("%+v, %v", r, err)
	}
	if f := r.Failure; len(f.Ways) != 3 || f.More != 21 || !strings.HasSuffix(f.String(), "and in 21 states more\n") {
		t.Errorf("%+v\n%s", f, f)
	}
}

// TestCopyFromAFreedNet: who puts more references than it has takes those of a
// copy that is under way.
func TestCopyFromAFreedNet(t *testing.T) {
	ops := []Op{
		{Client: 0, Call: 0, Return: 1, Verb: Copy, Net: "n1", From: InitNet},
		{Client: 1, Call: 2, Return: 90, Verb: Copy, Net: "n2", From: "n1"},
		{Client: 0, Call: 3, Return: 4, Verb: Put, Net: "n1"},
		{Client: 0, Call: 5, Return: 6, Verb: Put, Net: "n1"},
		{Client: Worker, Call: 7, Return: 8, Verb: Cleanup, Nets: []string{"n1"}, Freed: []string{"n1"}},
		{Client: 0, Call: 9, Return: 10, Verb: Get, Net: "n1"},
	}
	r, err := Check(t.Context(), ops)
	if err != nil || r.Verdict != Not || r.Failure.Prefix != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	if want := "copy from a freed net under way"; !strings.Contains(r.Failure.String(), want) {
		t.Errorf("no state has a %s:\n%s", want, r.Failure)
	}
}

// TestCopyOfAnEarlierWindow: of a copy that never returned, in a window that is
// over, nothing says when it listed its net; so both orders are possible until
// somebody looks.
func TestCopyOfAnEarlierWindow(t *testing.T) {
	first := []Op{{Client: 0, Call: 0, Never: true, Verb: Copy, Net: "n1", From: InitNet}, {Client: 1, Call: 0, Return: 1, Verb: Hold, Net: InitNet}}
	second := []Op{
		{Client: 1, Call: 10, Return: 15, Verb: Copy, Net: "n2", From: InitNet},
		{Client: 2, Call: 10, Return: 15, Verb: Copy, Net: "n3", From: InitNet},
	}
	look := func(at int64, nets ...string) []Op {
		return []Op{{Client: 1, Call: at, Return: at, Verb: List, Nets: append([]string{InitNet}, nets...)}}
	}
	for _, nets := range [][]string{
		{"n1", "n2", "n3"}, {"n2", "n1", "n3"}, {"n2", "n3", "n1"},
		{"n1", "n3", "n2"}, {"n3", "n1", "n2"}, {"n3", "n2", "n1"},
		{"n2", "n3"}, {"n3", "n2"},
	} {
		judged(t, Linearizable, first, second, look(20, nets...), look(30, nets...))
		judged(t, Not, first, second, look(20, nets...), look(30, nets[1], nets[0]))
	}
}

// TestNearestWaysAreShownFirst: a state in which the cleanup is possible, with
// other calls, says more than one in which it is not.
func TestNearestWaysAreShownFirst(t *testing.T) {
	ops := []Op{
		{Client: 0, Call: 0, Return: 1, Verb: Copy, Net: "n1", From: InitNet},
		{Client: 0, Call: 10, Return: 30, Verb: Put, Net: "n1"},
		{Client: Worker, Call: 10, Return: 20, Verb: Cleanup, Nets: []string{"n1"}, Freed: []string{"n1"}, Calls: []Callback{{Exit: true, Ops: "a", Net: "n1"}}},
	}
	r, err := Check(t.Context(), ops)
	if err != nil || r.Verdict != Not || len(r.Failure.Ways) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	for i, want := range []string{"calls: answered", "Cleanup is not possible: net n1 is listed with count 1"} {
		if !strings.HasPrefix(r.Failure.Ways[i].Wrong, want) {
			t.Errorf("way %d: %q, want %q", i, r.Failure.Ways[i].Wrong, want)
		}
	}
}
