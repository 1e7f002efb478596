// SPDX-License-Identifier: MIT

package page

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/sched"
)

// counterexample reads a fixture, what TLC printed for the cfg beside it.
func counterexample(t *testing.T, name string) Trace {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := ReadCounterexample(f, name+".out")
	if err != nil {
		t.Fatal(err)
	}
	cfg, _, _ := strings.Cut(filepath.Base(name), ".")
	names, err := ReadNames("testdata/" + cfg + ".cfg")
	if err != nil {
		t.Fatal(err)
	}
	trace, err := FromTLC(c, names, "pernet tlc-trace "+name+".out")
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

// schedule runs a schedule that registers, copies, puts and cleans up.
func schedule(t *testing.T) (*mutex.Instance, Trace) {
	t.Helper()
	in, err := mutex.ReadInstance("../../spec/MCnetns.cfg")
	if err != nil {
		t.Fatal(err)
	}
	in.Programs = [][]clients.Call{{{Op: "register_device", X: 1}, {Op: "copy", X: 0}}, {{Op: "register_subsys", X: 0}, {Op: "put", X: 1}}}
	s, err := sched.Parse("T1*5,T2*5,T1*2,T1*6,T2*2,W*7,D1.1,W*2")
	if err != nil {
		t.Fatal(err)
	}
	start, steps, err := explore.Trace(in, s)
	if err != nil {
		t.Fatal(err)
	}
	return in, FromSchedule(in, s, start, steps, "pernet explore --replay '"+s.String()+"'")
}

// TestCounterexamplesBecomeTraces compares the problem, the number of states and the end of
// each kind of counterexample.
func TestCounterexamplesBecomeTraces(t *testing.T) {
	for _, c := range []struct {
		name, problem string
		states        int
		end           string // how it ends, and the words of the last step
	}{
		{"MCnetnsBugSubsysAtTail", "The invariant SubsysBeforeDevices is violated.", 9,
			"T_1: `register_pernet_device`: `first_device` set, `mutex_unlock` (subsys O_s)"},
		{"MCnetnsBugUnfairWorker", "The property PutIsFreedProp is violated.", 20,
			"back to 17 by ReleaseNet; T_1: `for_each_net` of a reader"},
		{"MCnetnsBugUnfairSetup.tool", "The property CallReturnsProp is violated.", 13, "back to 12 by ListNetsLock; T_1: `for_each_net` of a reader"},
		{"MCnetnsRefineBugReturnsEarly", "The action property RegistryStepsProp is violated.", 8, ""},
		{"MCregistryBugForwards", "The invariant CleanupRunsAll is violated.", 7, "`Cleanup`"},
		{"MCnetns_rwsemBugReaderPasses", "The invariant FirstComeFirstServed is violated.", 6, "T_2: `setup_net` begins (N_2)"},
	} {
		trace := counterexample(t, c.name)
		if len(trace.About) != 1 {
			t.Errorf("%s: about: %q", c.name, trace.About)
		}
		last := trace.Steps[len(trace.Steps)-1]
		end := last.Words
		if trace.Loops {
			end = "back to " + string(rune('0'+trace.Number(trace.Back)/10)) + string(rune('0'+trace.Number(trace.Back)%10)) + " by " + trace.BackAction + "; " + end
		}
		if trace.Problem != c.problem || len(trace.Steps) != c.states || c.end != "" && end != c.end {
			t.Errorf("%s: %s, %d states, %s", c.name, trace.Problem, len(trace.Steps), end)
		}
	}
}

// TestStatesAreThoseOfExplore reads the same text with this package and with explore.
func TestStatesAreThoseOfExplore(t *testing.T) {
	in := &mutex.Instance{Instance: clients.Instance{Ops: []string{"O_d"}, Nets: []string{"N_1", "N_2"}, Threads: []string{"T_1", "T_2"}, Worker: "T_worker",
		NoOps: "O_none", NoNet: "N_none", Nobody: "T_none", ListHead: "O_head"}}
	f, err := os.Open("testdata/MCnetnsBugUnfairWorker.out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := ReadCounterexample(f, "")
	if err != nil {
		t.Fatal(err)
	}
	c.States = append(c.States, withDeferred(c.States[len(c.States)-1]))
	trace, err := FromTLC(c, Names{}, "")
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range c.States {
		var lines []string
		for _, v := range s.Vars {
			lines = append(lines, `/\ `+v.Name+" = "+v.Value)
		}
		state, err := explore.Parser(in)(strings.Join(lines, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		want := drawn(in, state)
		if diff := changes(&want, &trace.Steps[i].State); len(diff) > 0 {
			t.Errorf("state %d: %+v", i+1, diff)
		}
	}
	if last := trace.Steps[len(trace.Steps)-1].State; len(last.Deferred) != 1 || len(last.Threads[0].Waits) != 1 {
		t.Errorf("no deferred callback was read: %+v", last)
	}
}

// withDeferred returns the state with a deferred callback that every thread waits for.
func withDeferred(s TLCState) TLCState {
	s.Vars = slices.Clone(s.Vars)
	for i, v := range s.Vars {
		s.Vars[i].Value = strings.ReplaceAll(v.Value, "waits |-> {}", "waits |-> {<<O_d, N_2>>}")
		if v.Name == "deferred" {
			s.Vars[i].Value = "{<<O_d, N_2>>}"
		}
	}
	return s
}

// TestStepsHaveRowsAndWords tests that each step of a schedule and of a counterexample has its
// row of the table and its actor.
func TestStepsHaveRowsAndWords(t *testing.T) {
	_, s := schedule(t)
	modern := rwsemSchedule(t)
	for _, trace := range []Trace{s, counterexample(t, "MCnetnsBugSubsysAtTail"), counterexample(t, "MCnetnsRefineBugReturnsEarly"), modern, counterexample(t, "MCnetns_rwsemBugReaderPasses")} {
		for i, step := range trace.Steps[1:] {
			hasCode := strings.HasPrefix(step.Row, "R") // the tables of the discipline since 4.17 do not name it
			if step.Row == "" || (step.Code != "") != hasCode || step.Spec == "" || step.Actor == "" || len(step.Changes) == 0 {
				t.Errorf("%s, step %d: %+v", trace.Problem, i+1, step)
			}
			for _, p := range step.Threads {
				if p.At != idle && (p.Row == "" || p.C == "" || (p.Code != "") != hasCode) {
					t.Errorf("step %d: %+v", i+1, p)
				}
			}
		}
	}
	var rows []string
	for _, step := range slices.Concat(s.Steps, modern.Steps) {
		rows = append(rows, step.Row)
	}
	for _, want := range strings.Fields("R12 R16 R34 R39 R51 R62 R63 R65 R66 R80 W24 W25 W26 W31 W33 W35 W40 W41 W42 W43 W63 W80 W82 W86 W87 W88") {
		if !slices.Contains(rows, want) {
			t.Errorf("the schedules have no step of row %s: %v", want, rows)
		}
	}
}

// TestUnknownActionsAreFoundByTheirPoints tests that the points of the actor before and after
// give the row of an action with another name.
func TestUnknownActionsAreFoundByTheirPoints(t *testing.T) {
	_, s := schedule(t)
	for _, trace := range []Trace{s, rwsemSchedule(t), counterexample(t, "MCnetnsBugUnfairWorker")} {
		for i, step := range trace.Steps[1:] {
			if place(&step.State, step.Actor) == nil {
				continue // a deferred callback, or a call whose client the states do not show
			}
			other := Step{Actor: step.Actor, Action: "AnswersNext", State: step.State}
			other.explain(&trace.Steps[i].State)
			if other.Row != step.Row || other.Note == "" {
				t.Errorf("step %d, %s: found row %s, want %s", i+1, step.Action, other.Row, step.Row)
			}
		}
	}
}

// TestPageLoadsNothingAndEscapesTexts tests that the page has no links to other files, and
// that texts of a trace cannot add elements.
func TestPageLoadsNothingAndEscapesTexts(t *testing.T) {
	_, trace := schedule(t)
	trace.Problem = "</script><b>"
	trace.Steps[1].Words = "<script>alert(1)</script>"
	var b bytes.Buffer
	if err := Write(&b, trace); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, bad := range []string{"http:", "https:", "<b>", "<script>alert", "@import", "url("} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if n := strings.Count(page, "</script>"); n != 2 {
		t.Errorf("%d script elements, want 2", n)
	}
}

// TestNamesOfAnInstanceThatIsMade tests that --cfg accepts the name of a row of faults.tsv.
func TestNamesOfAnInstanceThatIsMade(t *testing.T) {
	n, err := ReadNames("../../spec/MCnetnsBugUnfairSetup.cfg")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%q %q %s %q %q", n.Ops, n.Nets, n.Worker, n.Properties, n.About)
	want := `["O_d"] ["N_1" "N_2"] T_worker ["CallReturnsProp"] ["MCnetnsBugUnfairSetup.cfg. MCnetnsLiveOne with FairSetup <- BugUnfair."]`
	if got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}
