// SPDX-License-Identifier: MIT

package campaign

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// A fake is a target of mutants a, b, …: file f.go, line 1, 2, …, kind K, hash a, b, ….
type fake struct {
	file    string
	finds   map[string]Finding // what Try says, by hash; "b!" is for the thorough part
	rests   map[string]string  // digests, by hash; "" is "same"
	err     error
	started int

	mu    sync.Mutex
	tried []string
}

func (f *fake) Mutants(context.Context) (all []Mutant, err error) {
	for i, hash := range []string{"a", "b", "c", "d"} {
		all = append(all, Mutant{File: "p/" + f.file, At: fmt.Sprint(i + 1), Kind: "K", Hash: hash, What: "change " + hash})
	}
	return all, nil
}

func (f *fake) Start(context.Context, func(string)) error { f.started++; return nil }

func (f *fake) Try(ctx context.Context, m Mutant, thorough bool, before Result) (Finding, error) {
	key := m.Hash
	if thorough {
		key += "!"
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tried = append(f.tried, key)
	if found, ok := f.finds[key]; ok {
		return found, nil
	}
	return Finding{Verdict: Survived}, f.err
}

func (f *fake) Digest(m Mutant, _ Finding) (string, error) { return "same" + f.rests[m.Hash], nil }

var kill = Finding{Verdict: Killed, How: "tests", Where: "own", Name: "TestP"}

// newFake kills a at once and b late, cannot build c, and lets d survive with two reasons.
func newFake() *fake {
	late := kill
	late.How, late.Where = "vet", "rest"
	return &fake{file: "p.go", rests: map[string]string{}, finds: map[string]Finding{
		"a": kill, "b!": late, "c": {Verdict: Unbuilt, Reason: "no such name"},
		"d": {Verdict: Survived, Reason: "slow"}, "d!": {Verdict: Survived, Reason: "slower"},
	}}
}

// run runs a campaign on the results in path, and returns its output.
func run(t *testing.T, f *fake, path string, change func(*Options)) (ok bool, out string, err error) {
	t.Helper()
	o := Options{Results: path, Notes: "# notes\n", Jobs: 2}
	if change != nil {
		change(&o)
	}
	f.tried, f.started = nil, 0
	var b strings.Builder
	ok, err = Run(t.Context(), f, o, &b)
	return ok, b.String(), err
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func rewrite(t *testing.T, path, old, new string) {
	t.Helper()
	text := read(t, path)
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q in\n%s", old, text)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(text, old, new, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCampaign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.tsv")
	f := newFake()
	ok, out, err := run(t, f, path, nil)
	const lines = columns + `
p/p.go:1:K:a	killed	tests	own	TestP	same	change a	-
p/p.go:2:K:b	killed	vet	rest	TestP	same	change b	-
p/p.go:3:K:c	unbuilt	-	-	-	same	change c	no such name
p/p.go:4:K:d	survived	-	-	-	same	change d	slow; slower
`
	const total = "p 4 mutants: 2 killed (tests 1, vet 1), 0 equivalent, 1 survived, 1 unbuilt, 0 not run\n"
	text := read(t, path)
	if ok || err != nil || !strings.HasPrefix(text, "# SPDX-License-Identifier: MIT\n# notes\n"+lastRun) || !strings.HasSuffix(text, "; "+total+lines) ||
		strings.Count(out, "SURVIVED") != 1 || !strings.Contains(out, "\n"+total) || !strings.Contains(out, "2 left for the thorough part") {
		t.Fatalf("%v %v\n%s\n%s", ok, err, out, text)
	}
	again := func(what, want, tried string, change func(*Options)) (out string) {
		t.Helper()
		_, out, err := run(t, f, path, change)
		if err != nil || !strings.Contains(out, want) || strings.Join(f.tried, " ") != tried || f.started > 0 != (tried != "") {
			t.Errorf("%s: %v, tried %q, want %s and %q\n%s", what, err, f.tried, want, tried, out)
		}
		return out
	}
	again("nothing has changed", "4 mutants, 0 to run", "", nil)
	again("survivors again", "4 mutants, 1 to run", "d d!", func(o *Options) { o.Again = true })
	again("all of one", "1 mutant, 1 to run", "a", func(o *Options) { o.All, o.Only = true, regexp.MustCompile("change a") })
	f.rests["c"] = " no more"
	again("a stale one", "4 mutants, 1 to run", "c", nil)
	f.rests["c"] = " again no more"
	if out := again("what is left stale", "0 to run", "", func(o *Options) { o.Only = regexp.MustCompile("K:a") }); !strings.Contains(out, "stale, for what they rest on has changed: 1 verdict\n") {
		t.Errorf("it does not say so:\n%s", out)
	}
	again("a list", "p/p.go:3:K:c\tchange c\tto run again, was: unbuilt no such name\n", "", func(o *Options) { o.List = true })
	rewrite(t, path, "survived\t-\t-\t-\tsame\tchange d\tslow; slower", "not-run\t-\t-\t-\t-\tchange d\t-")
	again("stale ones alone", "4 mutants, 1 to run", "c", func(o *Options) { o.Stale = true })

	f.file = "q.go" // other mutants
	if _, out, _ := run(t, f, path, nil); strings.Count(out, "gone from results.tsv: p/p.go") != 3 || strings.Contains(read(t, path), "p/p.go") {
		t.Errorf("%s", out)
	}
}

// TestEquivalent: a reason spares a survivor, also when it is run again, and is
// lost aloud when the mutant is killed.
func TestEquivalent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.tsv")
	f := newFake()
	run(t, f, path, nil)
	rewrite(t, path, "survived\t-\t-\t-\tsame\tchange d\tslow; slower", "equivalent\t-\t-\t-\tsame\tchange d\tso it is")
	if ok, out, err := run(t, f, path, nil); !ok || err != nil || !strings.Contains(read(t, path), "1 equivalent, 0 survived") || len(f.tried) > 0 {
		t.Errorf("%v %v\n%s", ok, err, out)
	}
	rewrite(t, path, "equivalent\t-\t-\t-\tsame\t", "equivalent\t-\t-\t-\t-\t")
	if ok, out, err := run(t, f, path, nil); !ok || err != nil || !strings.Contains(read(t, path), "equivalent\t-\t-\t-\tsame\tchange d\tso it is") || len(f.tried) > 0 {
		t.Errorf("without a digest: %v %v\n%s", ok, err, out)
	}
	f.rests["d"] = " no more"
	if ok, out, err := run(t, f, path, nil); !ok || err != nil || !strings.Contains(read(t, path), "equivalent\t-\t-\t-\tsame no more\tchange d\tso it is") {
		t.Errorf("run again: %v %v\n%s", ok, err, out)
	}
	f.rests["d"], f.finds["d"] = "", kill
	if ok, out, err := run(t, f, path, nil); !ok || err != nil || !strings.Contains(out, "NOT EQUIVALENT after all: p/p.go:4:K:d (was: so it is)") || strings.Contains(read(t, path), "so it is") {
		t.Errorf("killed: %v %v\n%s", ok, err, out)
	}
}

// TestInterrupted: what was found before stays, and is not run again.
func TestInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.tsv")
	f := newFake()
	delete(f.finds, "b")
	f.err = errors.New("no space left")
	if _, out, err := run(t, f, path, func(o *Options) { o.Jobs = 1 }); err == nil || err.Error() != "p/p.go:2:K:b: no space left" {
		t.Fatalf("%v\n%s", err, out)
	}
	if text := read(t, path); strings.Count(text, "\tkilled\t") != 1 || strings.Contains(text, "\tnot-run\t") || !strings.Contains(text, "3 not run") {
		t.Errorf("%s", text)
	}
	f.err = nil
	if _, out, err := run(t, f, path, nil); err != nil || !strings.Contains(out, "4 mutants, 3 to run") {
		t.Errorf("%v\n%s", err, out)
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, newFake(), Options{Results: filepath.Join(t.TempDir(), "r.tsv"), Jobs: 1}, new(strings.Builder)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNoMutantToRun(t *testing.T) {
	if _, _, err := run(t, newFake(), filepath.Join(t.TempDir(), "r.tsv"), func(o *Options) { o.Only = regexp.MustCompile("nothing like it") }); err == nil {
		t.Error("it ran")
	}
}

// TestMovedMutant: a line is found when its mutant has moved in its file, and none of another file, kind or hash.
func TestMovedMutant(t *testing.T) {
	rs := &results{lines: []Result{{ID: "p/p.go:7:2:K:01"}}}
	m := Mutant{File: "p/p.go", At: "9:2", Kind: "K", Hash: "01"}
	if rs.find(m) != &rs.lines[0] {
		t.Error("moved, and lost")
	}
	for _, change := range []func(*Mutant){
		func(m *Mutant) { m.File = "p.go" }, func(m *Mutant) { m.Kind = "L" }, func(m *Mutant) { m.Hash = "1" },
	} {
		other := m
		if change(&other); rs.find(other) != nil {
			t.Errorf("%s is taken for %s", other.ID(), rs.lines[0].ID)
		}
	}
}

func TestResultsThatAreWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.tsv")
	for line, want := range map[string]string{
		"a\tb":                                    "2 columns where 8 are expected",
		"a:g:f\tkilled\th\tc\tn\td\tw\t-":         "is not FILE:LINE:KIND:HASH",
		"a:1:g:f\tcaught\th\tc\tn\td\tw\t-":       `"caught" is no verdict`,
		"a:1:g:f\tkilled\th\t-\tn\td\tw\t-":       "does not say how and where",
		"a:1:2:g:f\tequivalent\t-\t-\t-\td\tw\t-": "without a reason",
	} {
		if err := os.WriteFile(path, []byte(columns+"\n"+line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := run(t, newFake(), path, nil); err == nil || !strings.Contains(err.Error(), path+":2: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
	}
	if _, _, err := run(t, newFake(), filepath.Dir(path), nil); err == nil {
		t.Error("a folder was read")
	}
}

// TestReadState: what rests on something else now is stale, and so is a verdict
// on a mutant that is no more; one that is no more and was never run is nothing.
func TestReadState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.tsv")
	f := newFake()
	state := func() State {
		s, err := ReadState(t.Context(), f, Options{Results: path})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if got, want := state(), (State{NotRun: 4}); got != want {
		t.Errorf("before the first run: %+v, want %+v", got, want)
	}
	if err := os.WriteFile(path, []byte(columns+"\np/gone.go:1:K:a\tnot-run\t-\t-\t-\t-\tw\t-\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := state(), (State{NotRun: 4}); got != want {
		t.Errorf("a mutant that was never run is no more: %+v, want %+v", got, want)
	}
	if _, _, err := run(t, f, path, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := state(), (State{Verdicts: 4}); got != want {
		t.Errorf("after it: %+v, want %+v", got, want)
	}
	f.rests["a"] = "other"
	if got, want := state(), (State{Verdicts: 4, Stale: 1}); got != want {
		t.Errorf("one has changed: %+v, want %+v", got, want)
	}
	f.file = "q.go"
	if got, want := state(), (State{Verdicts: 4, Stale: 4, NotRun: 4}); got != want {
		t.Errorf("the file has another name: %+v, want %+v", got, want)
	}
	if err := os.WriteFile(path, []byte("nonsense\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadState(t.Context(), f, Options{Results: path}); err == nil {
		t.Error("no error for results that cannot be read")
	}
}
