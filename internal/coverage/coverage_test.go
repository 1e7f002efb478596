// SPDX-License-Identifier: MIT

package coverage

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// good returns a history that meets all that a good run meets.
func good(t *testing.T) (ops []wire.Line) {
	t.Helper()
	f, err := os.Open("../../testdata/histories/right/all_that_a_good_run_meets.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := lin.NewReader(f, "")
	for {
		op, err := r.Next()
		if err == io.EOF {
			return ops
		}
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, op)
	}
}

// missing returns what a history has not met.
func missing(t *testing.T, d model.Discipline, ops []wire.Line, features ...string) []string {
	t.Helper()
	r, err := lin.Check(t.Context(), d, ops)
	if err != nil {
		t.Fatal(err)
	}
	names, _ := Missing(Of(&r.Met, d), func(f string) bool { return slices.Contains(features, f) })
	return names
}

// TestWithoutAnOperationSomethingIsMissing leaves lines out of a history that meets everything.
func TestWithoutAnOperationSomethingIsMissing(t *testing.T) {
	all := good(t)
	if names := missing(t, model.Mutex, all); len(names) > 0 {
		t.Errorf("missing: %q", names)
	}
	for _, c := range []struct {
		lines []int // that are left out, from 1
		want  string
	}{
		{[]int{1}, "register_subsys"},
		{[]int{2}, "register_subsys, its init fails"},
		{[]int{3}, "register_device"},
		{[]int{4}, "register_device, its init fails"},
		{[]int{6}, "copy, its init fails"},
		{[]int{7}, "get"},
		{[]int{8}, "put during a copy of its net"},
		{[]int{9, 10}, "put, put during a copy of its net"},
		{[]int{11}, "get ENOENT, get of a dying net"},
		{[]int{12}, "copy ENOENT, copy of a dying net"},
		{[]int{13}, "list of a dying net"},
		{[]int{14}, "cleanup, list of a dying net"},
		{[]int{15}, "state"},
		{[]int{16}, "unregister_subsys"},
		{[]int{17}, "unregister_device"},
		{[]int{20, 21, 22, 23, 24}, "a call meets 1 of others"},
	} {
		var ops []wire.Line
		for i, op := range all {
			if !slices.Contains(c.lines, i+1) {
				ops = append(ops, op)
			}
		}
		if got := strings.Join(missing(t, model.Mutex, ops), ", "); got != c.want {
			t.Errorf("without the lines %v: missing %q, want %q", c.lines, got, c.want)
		}
	}
}

// TestFeaturesAskForMore tests that what needs a feature counts where the port has it, and that a
// cleanup of several nets counts with rwsem alone.
func TestFeaturesAskForMore(t *testing.T) {
	for _, c := range []struct {
		d        model.Discipline
		features []string
		want     string
	}{
		{model.RWSem, nil, "cleanup of several nets"},
		{model.Mutex, []string{"newnet"}, "copy, newnet false, copy, newnet false ENOENT"},
		{model.Mutex, []string{"use-count"}, "hold, release"},
		{model.RWSem, []string{"use-count"}, "hold, hold ENOENT, release, cleanup of several nets"},
		{model.Mutex, []string{"misuse", "use-count"}, "register_subsys EEXIST, register_device EEXIST, unregister_subsys ENOENT, unregister_subsys EINVAL, " +
			"unregister_device ENOENT, unregister_device EINVAL, copy EEXIST, put ENOENT, put EINVAL, hold, hold ENOENT, release, release ENOENT, release EINVAL"},
	} {
		if got := strings.Join(missing(t, c.d, good(t), c.features...), ", "); got != c.want {
			t.Errorf("%s %v: missing %q, want %q", c.d, c.features, got, c.want)
		}
	}
}

// TestItemsAreThoseOfTheCalls tests that each call and each errno of the model has one item.
func TestItemsAreThoseOfTheCalls(t *testing.T) {
	names := map[string]bool{}
	for _, i := range Of(&lin.Met{}, model.RWSem) {
		if names[i.Name] {
			t.Errorf("two items are called %s", i.Name)
		}
		names[i.Name] = true
	}
	for _, c := range model.Calls {
		for _, e := range append([]model.Err{0}, c.Errs...) {
			if name := strings.TrimSpace(c.Op + " " + e.String()); !names[name] {
				t.Errorf("there is no item %s", name)
			}
		}
	}
}

func TestTextsOfCoverage(t *testing.T) {
	for want, missing := range map[string][]string{
		"met all 9 answers and situations that a good run meets":                                   nil,
		"warning: not met, of 9 answers and situations that a good run meets: a; b":                {"a", "b"},
		"warning: not met, of 9 answers and situations that a good run meets: a; b; c; and 2 more": {"a", "b", "c", "d", "e"},
	} {
		if got := Line(missing, 9); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	var b strings.Builder
	Table(&b, []Item{{Name: "get", Count: 12}, {Name: "copy EINTR", Optional: true}, {Name: "hold", Count: 3, Needs: []string{"use-count"}}})
	if want := "  12  get\n   0  copy EINTR (optional)\n   3  hold (needs use-count)\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}
