// SPDX-License-Identifier: MIT

package conform

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pernet/internal/vectors"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// sets are a few vectors by hand, and a set of a small graph.
func sets(t *testing.T) []*vectors.Set {
	t.Helper()
	file, err := os.ReadFile("../../testdata/vectors/smoke.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	smoke, err := vectors.Read(bytes.NewReader(file), "smoke.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	edges, err := vectors.Generate(model.Mutex, vectors.Bounds{Ops: 1, Nets: 1, MaxCount: 1}, "edges")
	if err != nil {
		t.Fatal(err)
	}
	return []*vectors.Set{smoke, edges}
}

// hangs is the time-out where no answer comes. A busy machine starts the adapter and gets its other
// answers in less. The tests that wait for it wait side by side.
const hangs = 3 * time.Second

// config is a run on the adapter with that fault. Other variables of the adapter may follow.
func config(t *testing.T, fault string, variables ...string) Config {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := slices.Concat([]string{"env", faultVariable + "=" + fault}, variables, []string{exe})
	return Config{Discipline: model.Mutex, Command: command, Sets: sets(t), Seed: 1, Runs: 50, Timeout: time.Minute}
}

// conform runs the kit and returns the report as text.
func conform(t *testing.T, c Config) (*Report, string) {
	t.Helper()
	var out bytes.Buffer
	c.Show = func(c *Case) {
		c.Again = []string{"pernet conform --only " + c.ID}
		c.Write(&out)
	}
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Write(&out); err != nil {
		t.Fatal(err)
	}
	return r, out.String()
}

// contains fails unless each text is in out.
func contains(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("%s\nlacks %s", out, text)
		}
	}
}

func TestRightAdapterConforms(t *testing.T) {
	r, out := conform(t, config(t, ""))
	if r.Status != 0 {
		t.Errorf("status %d", r.Status)
	}
	contains(t, out, "smoke        44     44      0       0\n", "\nconforms: sequential")
}

// TestNoVectorsNoVerdict: that the adapter ends well is no level.
func TestNoVectorsNoVerdict(t *testing.T) {
	c := config(t, "")
	c.Sets, c.Level = nil, Sequential
	if r, out := conform(t, c); r.Status != 3 || strings.Contains(out, "conforms") {
		t.Errorf("status %d\n%s", r.Status, out)
	}
}

func TestFailureShowsTheShortestScenario(t *testing.T) {
	c := config(t, "wrong undo")
	c.Only = []string{"edges-1-1-1/"}
	_, out := conform(t, c)
	contains(t, out, "a shortest scenario to that call in that state fails alone:\n"+
		`    {"op":"copy","net":"n1"}`+"\n"+
		`    {"op":"fail","ops":"a","net":"n1","err":"ENOMEM"}`+"\n"+
		`    {"op":"register_subsys","ops":"a"}`+"\n  again: pernet conform --only edges-1-1-1/")
}

func TestFailureOfAHandMadeVectorIsShrunk(t *testing.T) {
	c := config(t, "unsupported")
	c.Only = []string{"smoke/cleanup-reverse-after-mixed-registers"}
	_, out := conform(t, c)
	contains(t, out, "none of these lines can be left out:\n"+`    {"op":"copy","net":"n1"}`+"\n  hazard: H5: the undo of a copy begins before the ops that failed, and runs backwards (docs/divergences.md)\n")
}

// TestShorterScenarioShowsItsOwnAnswer: where fewer lines have another answer due, that one is shown.
func TestShorterScenarioShowsItsOwnAnswer(t *testing.T) {
	c := config(t, "first_device stays")
	c.Only = []string{"smoke/first-device-is-set"}
	_, out := conform(t, c)
	contains(t, out, "line 1: {\"op\":\"unregister_device\",\"ops\":\"d\"}", "read:   \"x\"\n      due:    null\n"+
		"  line 3 of the vector failed; so do these lines alone, and none can be left out:\n"+
		"    {\"op\":\"unregister_device\",\"ops\":\"d\"}\n  again")
	if strings.Contains(out, `"e"`) {
		t.Errorf("%s\nhas an ops that the lines do not have", out)
	}
}

func TestManyFailuresEndASet(t *testing.T) {
	r, out := conform(t, config(t, "unsupported"))
	if n := r.Groups[0].Failed(); n != most {
		t.Errorf("%d failures", n)
	}
	contains(t, out, "5 vectors of this set have failed")
}

// TestFailureAtTheResetShowsTheReset, and no scenario that has nothing to do with it.
func TestFailureAtTheResetShowsTheReset(t *testing.T) {
	c := config(t, "no reset")
	_, out := conform(t, c)
	contains(t, out, "at the reset before this case: the adapter ended (exit status 3) without an answer to the line with id 2", "\n  the line:\n    "+resetLine+"\n  again")
	if strings.Contains(out, `"copy"`) || strings.Contains(out, "of the vector") {
		t.Error(out)
	}
}

// TestEveryFieldOfAnAnswerIsCompared: an answer that differs from the due one in any field is wrong.
func TestEveryFieldOfAnAnswerIsCompared(t *testing.T) {
	lists := map[string]func(a *wire.Answer) *[]string{
		"freed":       func(a *wire.Answer) *[]string { return &a.Freed },
		"kept":        func(a *wire.Answer) *[]string { return &a.Kept },
		"nets":        func(a *wire.Answer) *[]string { return &a.Nets },
		"pernet_list": func(a *wire.Answer) *[]string { return &a.PernetList },
	}
	wrong := map[string]int{"id": 0, "err": 0, "first_device": 0, "calls": 0, "freed": 0, "kept": 0, "nets": 0, "pernet_list": 0}
	for _, set := range sets(t) {
		for i := range set.Vectors {
			v := &set.Vectors[i]
			for n, due := range v.Answer {
				with := func(field string, isRight bool, change func(a *wire.Answer)) {
					a := wire.Answer{Line: due}
					if change(&a); string(a.AppendResult(nil)) == string(due.AppendResult(nil)) {
						return // the answer to this line has no such field
					}
					wrong[field]++
					if right(&a, v, n) != isRight {
						t.Fatalf("%s, line %d: %s instead of %s", v.ID, n+1, a.AppendResult(nil), due.AppendResult(nil))
					}
				}
				with("id", true, func(a *wire.Answer) { a.ID = "77" })
				with("err", false, func(a *wire.Answer) { a.Err = model.EPERM })
				with("first_device", false, func(a *wire.Answer) { a.FirstDevice = "other" })
				with("calls", false, func(a *wire.Answer) { a.Calls = append(slices.Clone(a.Calls), wire.Callback{Ops: "a", Net: "n1"}) })
				for j := range due.Calls {
					for _, change := range []func(cb *wire.Callback){
						func(cb *wire.Callback) { cb.Exit = !cb.Exit },
						func(cb *wire.Callback) { cb.Ops = "other" },
						func(cb *wire.Callback) { cb.Net = "other" },
					} {
						with("calls", false, func(a *wire.Answer) { a.Calls = slices.Clone(a.Calls); change(&a.Calls[j]) })
					}
				}
				for field, list := range lists {
					with(field, false, func(a *wire.Answer) { l := list(a); *l = append(slices.Clone(*l), "other") })
					for j := range *list(&wire.Answer{Line: due}) {
						with(field, false, func(a *wire.Answer) { l := list(a); *l = slices.Delete(slices.Clone(*l), j, j+1) })
						with(field, false, func(a *wire.Answer) {
							l := list(a)
							*l = slices.Clone(*l)
							(*l)[0], (*l)[j] = (*l)[j], (*l)[0]
						})
					}
				}
			}
		}
	}
	for field, n := range wrong {
		if n < 10 {
			t.Errorf("%s was changed in %d answers", field, n)
		}
	}
}

// TestFewCasesMayHang: two of the first set, and one of each further one.
func TestFewCasesMayHang(t *testing.T) {
	c := config(t, "hangs")
	c.Timeout, c.Level, c.Sets[1] = hangs, Sequential, c.Sets[0]
	r, out := conform(t, c)
	if first, next := r.Groups[0].Count(Hung), r.Groups[1].Count(Hung); first != 2 || next != 1 {
		t.Errorf("%d and %d cases hung", first, next)
	}
	c = config(t, "claims little; hangs")
	c.Timeout, c.Sets = hangs, c.Sets[:1]
	if r, _ := conform(t, c); len(r.NotTried) != 8 {
		t.Errorf("with an adapter that hangs all but %q are tried", r.NotTried)
	}
	contains(t, out, ": the adapter has hung 2 times\n", ": the adapter has hung 3 times\n")
}

// TestEachTagHasATitle, of the published vectors.
func TestEachTagHasATitle(t *testing.T) {
	for _, name := range []string{"smoke.jsonl", "rwsem-smoke.jsonl", "schedules.jsonl.gz"} {
		for _, v := range published(t, name).Vectors {
			for _, h := range (&Case{Tags: v.Tags}).Hazards() {
				if !strings.Contains(h, ": ") || strings.HasPrefix(h, "H") != strings.HasSuffix(h, "(docs/divergences.md)") {
					t.Errorf("%s: %s", v.ID, h)
				}
			}
		}
	}
}
