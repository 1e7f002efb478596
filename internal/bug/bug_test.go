// SPDX-License-Identifier: MIT

package bug

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pernet/internal/race"
)

const root = "../.."

// TestEveryFaultFitsTheCode tests that each edit applies to the current code, changes it, and
// gives a file that parses.
func TestEveryFaultFitsTheCode(t *testing.T) {
	for _, f := range All() {
		if f.NoGo != "" {
			continue
		}
		path, err := f.Overlay(root, t.TempDir())
		if err != nil {
			t.Error(err)
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var overlay struct{ Replace map[string]string }
		if err := json.Unmarshal(text, &overlay); err != nil {
			t.Fatal(err)
		}
		for from, to := range overlay.Replace {
			right, faulty := read(t, from), read(t, to)
			if right == faulty {
				t.Errorf("%s changes nothing", f.ID)
			}
			if _, err := parser.ParseFile(token.NewFileSet(), from, faulty, 0); err != nil {
				t.Errorf("%s: %v", f.ID, err)
			}
		}
	}
}

func TestOverlayRejectsAFaultThatNoLongerFits(t *testing.T) {
	f := Fault{ID: "X", Edits: []Edit{{"impl/net.go", []string{"- no such text"}}}}
	if _, err := f.Overlay(root, t.TempDir()); err == nil || !strings.Contains(err.Error(), "X no longer fits impl/net.go") {
		t.Error(err)
	}
}

// TestEveryKnownFaultIsListedOnce tests that faults.txt has the faults of the kernel and the
// hazards, each once and with all fields.
func TestEveryKnownFaultIsListedOnce(t *testing.T) {
	var ids []string
	for _, f := range All() {
		if slices.Contains(ids, f.ID) {
			t.Errorf("%s is there twice", f.ID)
		}
		ids = append(ids, f.ID)
		switch {
		case f.Title == "" || f.Breaks == "" || f.Story == "":
			t.Errorf("%s does not say what it is, what it breaks and how to see it", f.ID)
		case (f.NoGo == "") == (len(f.Edits) == 0):
			t.Errorf("%s has no edits, or a reason to have none and some", f.ID)
		case (f.NoSpec == "") == (len(f.Cfgs) == 0):
			t.Errorf("%s has no cfg, or a reason to have none and some", f.ID)
		case f.NoGo == "" && len(f.Caught) < 2:
			t.Errorf("%s is caught by fewer than two layers", f.ID)
		case f.ID[0] == 'C' && !slices.Contains(f.Caught, layerHistories):
			t.Errorf("%s must be caught by histories", f.ID)
		case f.ID[0] == 'K' && f.Source == "":
			t.Errorf("%s does not say where it happened", f.ID)
		}
		for _, e := range f.Edits {
			isImpl := strings.HasPrefix(e.File, "impl/") && !strings.HasSuffix(e.File, "_test.go")
			if !isImpl && !strings.HasPrefix(e.File, usersPkg+"/example_") {
				t.Errorf("%s changes %s, which is not the code under test", f.ID, e.File)
			}
		}
		for _, name := range f.Caught {
			if !slices.ContainsFunc(Layers, func(l Layer) bool { return l.Name == name }) {
				t.Errorf("%s: there is no layer %s", f.ID, name)
			}
		}
	}
	for _, f := range table() {
		if f.Outside == "" {
			continue
		}
		if slices.Contains(ids, f.ID) {
			t.Errorf("%s is there twice", f.ID)
		}
		ids = append(ids, f.ID)
		if f.Breaks+f.Story+f.Differs+f.NoSpec+f.NoGo != "" || f.Hangs || len(f.Cfgs)+len(f.Caught)+len(f.Edits) > 0 {
			t.Errorf("%s is outside, and has more than a title, a source and a reason", f.ID)
		}
	}
	var want []string
	for i := 1; i <= 20; i++ {
		if i != 17 && i != 18 {
			want = append(want, fmt.Sprintf("K%d", i))
		}
	}
	for i := 1; i <= 22; i++ {
		want = append(want, fmt.Sprintf("H%d", i))
	}
	for _, w := range want {
		if !slices.ContainsFunc(ids, func(id string) bool { return strings.TrimRight(id, "abc") == w }) {
			t.Errorf("%s is missing", w)
		}
	}
	if _, err := Find("k5"); err != nil {
		t.Error(err)
	}
	if _, err := Find("K17"); err == nil {
		t.Error("K17 is found")
	}
}

func TestMissingNamesTheChecksThatFailed(t *testing.T) {
	k5, err := Find("K5")
	if err != nil {
		t.Fatal(err)
	}
	whole := Report{Fault: k5}
	for _, name := range k5.Caught {
		whole.Catches = append(whole.Catches, Catch{Layer: name, By: "a test"})
	}
	blind := whole
	blind.Catches = slices.Clone(whole.Catches)
	blind.Catches[0].By = ""
	for _, test := range []struct {
		report Report
		want   []string
	}{
		{whole, nil},
		{blind, []string{"K5 is not caught by graph"}},
		{Report{Fault: Control, Catches: []Catch{{Layer: layerRapid}}}, nil},
		{Report{Fault: Control, Catches: []Catch{{Layer: layerRapid, By: "a test"}}}, []string{"rapid rejects the unmodified code"}},
		{Report{Fault: Fault{ID: "X", Cfgs: []string{"netnsBugNone"}, NoGo: "none"}}, nil},
		{Report{Fault: Fault{ID: "X", Edits: []Edit{{}}}}, []string{"X is caught by 0 layers of the code; at least two are required"}},
	} {
		if got := Missing([]Report{test.report}); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.report.Fault.ID, got, test.want)
		}
	}
}

// TestGraphOfAFaultNamesTheBrokenInvariant builds K5 and explores it. The fault ends the search early,
// so which of three claims is found broken first depends on the order of the runs, and so does whether
// the way there can be repeated: the faulty code depends on more than its state.
func TestGraphOfAFaultNamesTheBrokenInvariant(t *testing.T) {
	if race.Enabled {
		t.Skip("another program is built, without the detector")
	}
	b, err := NewBench(absolute(t, root))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	f, err := Find("K5")
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Try(t.Context(), f, Layers[:1], "")
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Catches) != 1 || r.Catches[0].By != "MCnetns3nets" || !regexp.MustCompile("(?s)^(NoRiseFromZeroProp|NothingRunsOnFreed|QueuedOnce) does not hold: .*(`(get|put)_net`|cannot be repeated)").MatchString(r.Catches[0].Text) {
		t.Errorf("%+v", r.Catches)
	}
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// TestInterruptedTestIsNoFailure interrupts a test that runs.
func TestInterruptedTestIsNoFailure(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "hangs")
	if err := os.WriteFile(binary, []byte("#!/bin/sh\necho '=== RUN   TestA'\nsleep 60\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	if exec.Command("sh", "-c", "exit 0").Run() != nil {
		t.Skip("needs a shell")
	}
	interrupt := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(200*time.Millisecond, func() { cancel(interrupt) })
	b := &Bench{Root: absolute(t, root)}
	if by, _, err := b.test(ctx, binary, tests{".", "^TestA$"}, time.Minute); by != "" || err != interrupt {
		t.Errorf("%q, %v", by, err)
	}
}

func TestFailedNamesTheTest(t *testing.T) {
	for _, test := range []struct{ out, want string }{
		{"=== RUN   TestA\n=== RUN   TestA/b\n    --- FAIL: TestA/b (0.0s)\n--- FAIL: TestA (0.0s)\n", "TestA/b"},
		{"--- FAIL: TestA (0.0s)\n    --- FAIL: TestA/b (0.0s)\n        --- FAIL: TestA/b/c (0.0s)\n", "TestA/b/c"},
		{"=== RUN   TestA\npanic: runtime error\n", "TestA (crashed)"},
		{"=== RUN   TestA\npanic: test timed out after 20s\n", "TestA (never ended)"},
	} {
		if got := failed(test.out); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestRootFindsTheCheckout(t *testing.T) {
	here := absolute(t, ".")
	if got, err := Root(here); err != nil || got != filepath.Dir(filepath.Dir(here)) {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := Root(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is not in a checkout of pernet") {
		t.Error(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLabelsOfTheSpecsNameTheirFault tests that the fault that a comment above an operator
// names has a cfg with that operator.
func TestLabelsOfTheSpecsNameTheirFault(t *testing.T) {
	text := read(t, filepath.Join(root, "spec", "MCnetnsBugs.tla"))
	label := regexp.MustCompile(`(?m)^\(\* ([A-Z]\d+): (?:.*\*\)\n)(?:\(\*.*\n)*Bug(\w+)`)
	labels := label.FindAllStringSubmatch(text, -1)
	for _, m := range labels {
		if !slices.ContainsFunc(All(), func(f Fault) bool {
			return strings.TrimRight(f.ID, "abc") == m[1] &&
				slices.ContainsFunc(f.Cfgs, func(cfg string) bool { return strings.HasSuffix(cfg, "Bug"+m[2]) })
		}) {
			t.Errorf("Bug%s is called %s, which has no cfg of that name", m[2], m[1])
		}
	}
	if len(labels) < 15 {
		t.Errorf("only %d labels were looked at", len(labels))
	}
}
