// SPDX-License-Identifier: MIT

package conform

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/pernet/internal/replay"
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

// TestAFailureIsShownAtOnce: before the next case begins.
func TestAFailureIsShownAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := config(t, "resets nothing")
	c.Show = func(*Case) { cancel() }
	r, err := Run(ctx, c)
	if !errors.Is(err, context.Canceled) || r == nil || len(r.Groups) != 1 || len(r.Groups[0].Cases) != 1 {
		t.Errorf("%v: %+v", err, r)
	}
}

func TestEachFailureIsShown(t *testing.T) {
	for _, fault := range []string{"resets nothing", "drops a call", "deaf", "ends badly"} {
		c := config(t, fault)
		if fault == "deaf" {
			c.Timeout = time.Second
		}
		shown := 0
		c.Show = func(c *Case) {
			if shown++; !c.Verdict.Failed() {
				t.Errorf("%s: %s is shown: %s", fault, c.ID, c.Verdict)
			}
		}
		r, err := Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		failed := 0
		for _, g := range r.Groups {
			failed += g.Failed()
		}
		if shown != failed || failed == 0 {
			t.Errorf("%s: %d cases were shown, %d have failed", fault, shown, failed)
		}
	}
}

// TestNoVectorsNoVerdict: that the adapter ends well is no level.
func TestNoVectorsNoVerdict(t *testing.T) {
	c := config(t, "")
	c.Sets, c.Level = nil, Sequential
	if r, out := conform(t, c); r.Status != 3 || strings.Contains(out, "conforms") {
		t.Errorf("status %d\n%s", r.Status, out)
	}
}

// TestBrokenAdaptersGetTheirVerdicts: the verdict, the exit status and the message of each.
func TestBrokenAdaptersGetTheirVerdicts(t *testing.T) {
	const again = "an answer is missing, doubled or out of order"
	for _, c := range []struct {
		fault   string
		verdict Verdict
		status  int
		timeout time.Duration // 0: the verdict must not depend on time
		says    []string
	}{
		{"missing", Hung, 4, hangs, []string{"no answer to the line with id 10 within 3s: is the adapter's output line-buffered, or flushed after each answer?\n", `sent: {"id":10,"op":`}},
		{"doubled", Protocol, 2, 0, []string{"the answer to the line with id 11 must repeat the id: " + again, `came: {"op":`}},
		{"out of order", Protocol, 2, hangs, []string{"the answer to the line with id 10 must repeat the id: " + again}},
		{"half a line", Crashed, 4, 0, []string{"the adapter ended (exit status 0) without an answer to the line with id 10; its last line has no end: {\"op\":"}},
		{"half a line, then nothing", Hung, 4, hangs, []string{"no answer to the line with id 10 within 3s; its last line has no end: {\"op\":", ": is the adapter's output line-buffered, or flushed after each answer?"}},
		{"not JSON", Protocol, 2, 0, []string{"the line that came breaks the format: not valid JSON", "came: segmentation fault"}},
		{"unknown field", Protocol, 2, 0, []string{`the line that came breaks the format: unknown field "speed"`}},
		{"blank line", Protocol, 2, 0, []string{"the line that came breaks the format: blank line"}},
		{"long line", Protocol, 2, 0, []string{"the line that came breaks the format: line longer than 1 MiB"}},
		{"other version", Protocol, 2, 0, []string{"the adapter speaks version 2 of the protocol; this is version 1"}},
		{"refuses hello", Protocol, 2, 0, []string{"the adapter does not speak version 1 of the protocol"}},
		{"claims speed", Protocol, 2, 0, []string{`unknown feature "speed"`}},
		{"greets", Protocol, 2, 0, []string{"the line that came breaks the format: not valid JSON", "came: ready"}},
		{"exits", Crashed, 4, 0, []string{"the adapter ended (exit status 3) without an answer to the line with id 10", "standard error ends in:\n    out of luck"}},
		{"hangs", Hung, 4, hangs, []string{"no answer to the line with id 10 within 3s"}},
		{"deaf", Hung, 4, hangs, []string{"no answer to hello within 3s: is the adapter's output line-buffered, or flushed after each answer?"}},
		{"ends badly", Crashed, 4, 0, []string{"at the end of its input the adapter ended with exit status 7"}},
		{"never ends", Hung, 4, hangs, []string{"the adapter has not ended 3s after the end of its input"}},
		{"says goodbye", Protocol, 2, 0, []string{"the adapter wrote a line that answers nothing", `came: {"op":"list"}`}},
		{"resets nothing", Protocol, 2, 0, []string{"the registry is not a fresh one; the answer differs from the one that is due in"}},
		{"unsupported", Unsupported, 1, 0, []string{`read:   "ENOTSUP"`, "the answer to hello claims all that the line needs"}},
		{"wrong undo", Wrong, 1, 0, []string{"the answer differs from the one that is due in\n    calls\n", `["exit","a","n1"]`, `due:    [["init"`}},
		{"flood", Passed, 0, 0, []string{"conforms: sequential"}},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, c.fault, childVariable+"="+filepath.Join(t.TempDir(), "child"))
			if cfg.Sets = cfg.Sets[:1]; c.fault == "out of order" || c.fault == "wrong undo" {
				cfg.Sets = sets(t)[1:] // the order shows only where lines are sent ahead
			}
			if c.timeout > 0 {
				cfg.Timeout = c.timeout
			}
			r, out := conform(t, cfg)
			if r.Status != c.status {
				t.Errorf("status %d, want %d", r.Status, c.status)
			}
			if c.verdict.Failed() && !strings.Contains(out, strings.ToUpper(string(c.verdict))+" ") {
				t.Errorf("not %s", c.verdict)
			}
			contains(t, out, c.says...)
		})
	}
}

// TestNothingIsLeftBehind: a child of the adapter is killed, whether the adapter crashed or not.
func TestNothingIsLeftBehind(t *testing.T) {
	for _, fault := range []string{"leaves a child", "leaves a daemon", "never ends"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			if _, err := os.Stat("/proc/self/environ"); err != nil && fault == "leaves a daemon" {
				t.Skip("there is no /proc")
			}
			file := filepath.Join(t.TempDir(), "child")
			c := config(t, fault, childVariable+"="+file)
			c.Timeout, c.Sets = 5*time.Second, c.Sets[:1]
			conform(t, c)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(string(text))
			if err != nil {
				t.Fatal(err)
			}
			for range 100 { // init may take a moment to reap it
				if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || zombie(pid) {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			t.Errorf("process %d runs", pid)
		})
	}
}

// zombie reports whether a process has ended, but was not waited for.
func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && regexp.MustCompile(`\) Z `).Match(stat)
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

// TestFeatureWorksIfEachVectorOfItPasses, not the first alone.
func TestFeatureWorksIfEachVectorOfItPasses(t *testing.T) {
	if r, _ := conform(t, config(t, "stops at a positive init")); strings.Join(r.Works, " ") != "misuse no-callback use-count fail-alloc defer run" {
		t.Error(r.Works)
	}
}

// TestEndOfStandardErrorIsKept, also of one long line.
func TestEndOfStandardErrorIsKept(t *testing.T) {
	for name, noise := range map[string]string{"lines": strings.Repeat("noise\n", 10_000), "one line": strings.Repeat("z", 100_000), "a newline at last": strings.Repeat("z", 100_000) + "\n"} {
		end := &tail{}
		if io.WriteString(end, noise); !strings.HasPrefix(name, "a ") {
			io.WriteString(end, "panic: out of luck")
		}
		if text := end.String(); !strings.HasPrefix(text, "(") || len(text) < 1000 || !strings.Contains(text[len(text)-30:], "zzz\n") && !strings.HasSuffix(text, "panic: out of luck") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestUnclaimedFeaturesAreSkippedAndTriedOnce(t *testing.T) {
	r, out := conform(t, config(t, "claims little"))
	if r.Status != 0 || strings.Join(r.Works, " ") != "misuse positive-init no-callback use-count fail-alloc defer run" {
		t.Error(r.Status, r.Works)
	}
	contains(t, out, "needs positive-init", "not claimed: misuse, positive-init, no-callback, use-count, fail-alloc, defer, run, steps\n")
	twice := config(t, "claims little") // each feature is tried once, however many sets need it
	twice.Sets = append(twice.Sets, twice.Sets...)
	if again, _ := conform(t, twice); strings.Join(again.Works, " ") != strings.Join(r.Works, " ") {
		t.Error(again.Works)
	}
	contains(t, out, "\nnot claimed, and not tried: steps\n")
	for fault, want := range map[string][2]bool{"claims little": {true, true}, "claims little; drops a call": {}, "claims little; ignores the schedule": {true}} {
		with := config(t, fault)
		with.Sets = append(with.Sets, published(t, "schedules.jsonl.gz"))
		r, _ := conform(t, with)
		if got := [2]bool{slices.Contains(r.Works, replay.FeatureRun), slices.Contains(r.Works, replay.FeatureSteps)}; got != want || len(r.NotTried) > 0 {
			t.Errorf("%s: %q work, not tried %q", fault, r.Works, r.NotTried)
		}
	}
	if r, _ := conform(t, config(t, "claims nothing")); !slices.Contains(r.Works, "misuse") || !slices.Contains(r.Works, "fail-alloc") {
		t.Errorf("what two features need is not tried if both are not claimed: %q", r.Works)
	}
	low := config(t, "claims little")
	low.Level = Sequential
	if r, _ := conform(t, low); strings.Join(r.NotTried, " ") != "run steps" {
		t.Errorf("of other levels than that to run: not tried %q", r.NotTried)
	}
	if r, _ := conform(t, config(t, "lacks use-count")); r.Status != 0 || strings.Contains(strings.Join(r.Works, " "), "use-count") {
		t.Error(r.Status, r.Works)
	}
}

// TestAskedForButNotClaimedIsSkippedByName: what --only names and the adapter does not claim is no pass.
func TestAskedForButNotClaimedIsSkippedByName(t *testing.T) {
	c := config(t, "claims little")
	id := c.Sets[0].Vectors[0].ID
	for only, want := range map[string]string{
		id:                                "passed: the 1 case that was asked for;",
		id + ",concurrent/1,concurrent/2": "passed: 1 of the 3 cases that were asked for, the others skipped;",
		"concurrent/1":                    "undecided: no case was run, 1 skipped;",
	} {
		c.Only = strings.Split(only, ",")
		r, out := conform(t, c)
		contains(t, out, want)
		if strings.Contains(only, "concurrent") {
			contains(t, out, "needs run")
		}
		if undecided := strings.HasPrefix(want, "undecided"); undecided != (r.Status == statusUndecided) {
			t.Errorf("%s: status %d", only, r.Status)
		}
	}
}

// TestRequireNeedsPrograms: vectors cannot meet what a good run meets.
func TestRequireNeedsPrograms(t *testing.T) {
	c := config(t, "")
	c.Level, c.Require = Sequential, true
	if r, out := conform(t, c); r.Status != statusUndecided || len(r.NotMet) > 0 {
		t.Errorf("status %d, not met %q\n%s", r.Status, r.NotMet, out)
	}
}

// TestNothingIsSaidOfClaimsThatWereNotRead: without an answer to hello there are none.
func TestNothingIsSaidOfClaimsThatWereNotRead(t *testing.T) {
	if _, out := conform(t, config(t, "greets")); strings.Contains(out, "not claimed") {
		t.Error(out)
	}
}

// TestNoClaimIsAnEmptyList in the report as JSON, not null.
func TestNoClaimIsAnEmptyList(t *testing.T) {
	c := config(t, "claims nothing")
	c.Only = []string{"smoke/fresh-registry"}
	if r, out := conform(t, c); r.Claims == nil || len(r.Claims) > 0 {
		t.Errorf("%v\n%s", r.Claims, out)
	}
}

func TestManyFailuresEndASet(t *testing.T) {
	r, out := conform(t, config(t, "unsupported"))
	if n := r.Groups[0].Failed(); n != most {
		t.Errorf("%d failures", n)
	}
	contains(t, out, "5 vectors of this set have failed")
}

// TestInterruptEndsTheRun: what ended before is reported, what was under way is not.
func TestInterruptEndsTheRun(t *testing.T) {
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(500*time.Millisecond, func() { cancel(stop) })
	r, err := Run(ctx, config(t, "hangs"))
	if !errors.Is(err, stop) {
		t.Error(err)
	}
	if g := r.Groups[0]; g.Failed() > 0 || g.Count(Passed) == 0 || !strings.HasPrefix(r.Verdict, "interrupted after ") {
		t.Errorf("%d passed, %d failed: %s", g.Count(Passed), g.Failed(), r.Verdict)
	}
	if r, err := Run(ctx, config(t, "hangs")); r != nil || !errors.Is(err, stop) {
		t.Errorf("before the first case: %v, %v", r, err)
	}
}

// TestEndIsCheckedForSingleCases too; it has a row only if it fails.
func TestEndIsCheckedForSingleCases(t *testing.T) {
	for fault, want := range map[string]string{"": "passed: the 1 case that was asked for", "ends badly": "does not conform: 1 crashed"} {
		c := config(t, fault)
		c.Only = []string{"smoke/fresh-registry"}
		if r, out := conform(t, c); !strings.HasPrefix(r.Verdict, want) || len(r.Groups) != len(fault[:min(len(fault), 1)])+1 {
			t.Error(out)
		}
	}
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

func TestCommandThatDoesNotStartIsAnError(t *testing.T) {
	c := config(t, "")
	c.Command = []string{"/nowhere/adapter"}
	if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}

func TestNothingRunIsUndecided(t *testing.T) {
	c := config(t, "")
	c.Only = []string{"nothing"}
	if r, out := conform(t, c); r.Status != 3 {
		t.Errorf("status %d\n%s", r.Status, out)
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

// TestEndIsACaseThatMayBeAskedFor, as it is in the table.
func TestEndIsACaseThatMayBeAskedFor(t *testing.T) {
	for fault, want := range map[string]string{"": "passed: the 1 case that was asked for", "ends badly": "does not conform: 1 crashed"} {
		c := config(t, fault)
		if c.Only = []string{"end"}; c.Known() != nil {
			t.Error(c.Known())
		}
		if r, out := conform(t, c); !strings.HasPrefix(r.Verdict, want) || len(r.Groups) != 1 {
			t.Error(out)
		}
	}
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
