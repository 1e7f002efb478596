// SPDX-License-Identifier: MIT

package conform

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/pernet/internal/coverage"
	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

func programs(t *testing.T, fault string) Config {
	t.Helper()
	c := config(t, fault)
	c.Sets, c.Level = nil, Concurrent
	return c
}

// TestBrokenHistoriesGetTheirVerdicts: the verdict, the exit status and the message of each.
func TestBrokenHistoriesGetTheirVerdicts(t *testing.T) {
	for _, c := range []struct {
		fault   string
		verdict Verdict
		status  int
		says    []string
	}{
		{"has no end", Hung, 4, []string{"no answer to the run with id 3, after "}},
		{"drops a call", Protocol, 2, []string{"step 0 of client 1 is missing in the history: {"}},
		{"swaps two calls", Protocol, 2, []string{"step 0 of client 0 is missing in the history: {", "\n  in its place, in the order of call, is: {\"client\":0,", "\n  the program:\n    {\"op\":\"run\","}},
		{"counts wrongly", Protocol, 2, []string{"the end of the run counts 7 operations; there were "}},
		{"other id", Protocol, 2, []string{"the end of the run must repeat its id 3"}},
		{"clock goes backwards", Protocol, 2, []string{"breaks the format: return ", "lies before call "}},
		{"the first call comes last", Protocol, 2, []string{"step 0 of client 0 is missing in the history: {", "}\n  in its place, in the order of call, is: {", "\n  such a call comes later: does the clock go backwards?\n"}},
		{"two calls at once", Protocol, 2, []string{"history:", "before its call of line"}},
		{"a client too many", Protocol, 2, []string{"the history has a client 9, the program has none"}},
		{"late", Hung, 4, []string{"the run ended with ETIMEDOUT; these calls had not returned:\n", `"return":null`}},
		{"never returns", Protocol, 2, []string{"the run ended without an error; these calls had not returned:\n", `"return":null`}},
		{"the worker gets", Protocol, 2, []string{"the worker has a call that is no cleanup: {"}},
		{"begins early", Protocol, 2, []string{"a client calls before the set-up has returned: {"}},
		{"went wrong", Hung, 4, []string{"the run ended with EIO\n"}},
		{"drops the last cleanup", Wrong, 1, []string{"so the worker had nothing left to do; but net ", " is dead, and no cleanup has it\n",
			"\n  the calls of its history that name the net:\n    {\"client\":", `"op":"put"`}},
		{"records no callbacks", Undecided, 3, []string{`50: "calls" is null, so the history shows nothing of the callbacks; record them`}},
		{"drops the last cleanup; records no callbacks", Wrong, 1, []string{"so the worker had nothing left to do; but net ", " is dead, and no cleanup has it\n"}},
		{"begins early; records no callbacks", Protocol, 2, []string{"a client calls before the set-up has returned: {"}},
		{"forgets init_net; records no callbacks", Wrong, 1, []string{"not linearizable: line ", `nets: answered [`}},
		{"forgets init_net", Wrong, 1, []string{"not linearizable: line ", `nets: answered [`,
			"the program, as small as it still failed:\n    {\"op\":\"run\",", "\n  the smallest part of its history that no order explains, with the lines that are numbered above:\n    {\"client\":"}},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			cfg := programs(t, c.fault)
			if c.verdict == Hung {
				cfg.Timeout = hangs
			}
			r, out := conform(t, cfg)
			if r.Status != c.status || !strings.Contains(out, strings.ToUpper(string(c.verdict))+" concurrent/") {
				t.Errorf("status %d, want %d\n%s", r.Status, c.status, out)
			}
			contains(t, out, c.says...)
		})
	}
}

func TestRightProgramsConform(t *testing.T) {
	r, out := conform(t, programs(t, ""))
	if r.Status != 0 || r.Operations < 1000 || r.Overlap < coverage.LeastOverlap {
		t.Errorf("status %d, %d operations, overlap %f", r.Status, r.Operations, r.Overlap)
	}
	contains(t, out, "\nconcurrent  50     50      0       0\n", "conforms: concurrent\n")
}

func TestProgramsThatDoNotOverlapAreUndecided(t *testing.T) {
	for overlap, want := range map[float64]int{0.5: 3, 1.5: 0} {
		g := &Group{Level: Concurrent, Cases: []*Case{{Verdict: Passed}}}
		r := &Report{Overlap: overlap, Groups: []*Group{g}}
		r.overlaps(g)
		if r.conclude(Config{}); r.Status != want {
			t.Errorf("overlap %.1f: status %d, want %d", overlap, r.Status, want)
		}
	}
}

// TestOverlapCountsWhereAllProgramsRan: also where they were asked for by --only.
func TestOverlapCountsWhereAllProgramsRan(t *testing.T) {
	for _, c := range []struct {
		verdicts []Verdict
		want     bool
	}{
		{[]Verdict{Passed, Passed}, true},
		{[]Verdict{Passed, Undecided}, true},
		{[]Verdict{Passed}, false},
		{[]Verdict{Passed, Wrong}, false},
		{[]Verdict{Skipped, Skipped}, false},
	} {
		g := &Group{Level: Concurrent}
		for _, v := range c.verdicts {
			g.Cases = append(g.Cases, &Case{Verdict: v})
		}
		if r := (&run{Config: Config{Only: []string{"concurrent/"}, Runs: 2}}); r.ranAll(g) != c.want {
			t.Errorf("%v: %t", c.verdicts, !c.want)
		}
	}
}

func TestAFailureInAProgramIsDrawn(t *testing.T) {
	r, _ := conform(t, programs(t, "forgets init_net"))
	i := slices.IndexFunc(r.Groups[0].Cases, func(c *Case) bool { return c.Verdict == Wrong })
	if c := r.Groups[0].Cases[i]; !strings.Contains(c.Picture, "<html") || len(c.History) == 0 || len(c.History) > 5 {
		t.Errorf("%d bytes of a picture, history %q", len(c.Picture), c.History)
	}
}

// TestProgramsAreWellFormed: names of nets are unique, and what is put was taken. A program is read
// as it was written.
func TestProgramsAreWellFormed(t *testing.T) {
	for _, features := range [][]string{nil, replay.Claims()} {
		seen := map[string]int{}
		for n := range uint64(500) {
			has := func(f string) bool { return slices.Contains(features, f) }
			p := newProgram(1, n, has)
			text := p.Append(nil)
			o, err := wire.NewReader(bytes.NewReader(text), "f").Next()
			if err != nil {
				t.Fatal(err)
			}
			if again, err := wire.RunProgram(o); err != nil || !bytes.Equal(again.Append(nil), text) {
				t.Fatal(err, string(text))
			}
			if other := newProgram(1, n, has); !bytes.Equal(other.Append(nil), text) {
				t.Fatal("a program is another when it is written again")
			}
			names := map[string]bool{wire.InitNet: true}
			for client, steps := range append(p.Clients, p.Setup) {
				for i, s := range steps {
					if s.Op == wire.Copy && !s.Share {
						if names[s.Net] {
							t.Fatalf("two nets %s", s.Net)
						}
						names[s.Net] = true
					}
					taken := s.If >= 0 && steps[s.If].Err == 0
					if free := s.Op == wire.Put || s.Op == wire.Hold && features == nil; free && !taken && !(client < 2 && s.If < 0) {
						t.Fatalf("client %d, step %d: %s is not its own in %s", client, i, s.Net, text)
					}
					seen[s.Op]++
				}
			}
			for _, s := range p.Setup {
				if s.Err > 0 {
					seen["positive"]++
				}
			}
		}
		for _, op := range []string{wire.RegisterDevice, wire.UnregisterSubsys, wire.Copy, wire.Get, wire.Put, wire.List, wire.State, wire.Fail} {
			if seen[op] < 100 {
				t.Errorf("%d %s", seen[op], op)
			}
		}
		if with := features != nil; with != (seen[wire.Hold] > 0) || with != (seen["positive"] > 0) {
			t.Errorf("%d holds, %d positive numbers", seen[wire.Hold], seen["positive"])
		}
	}
}

// TestHoldingProgramsHoldWhatDies: one client puts each net, the other one releases only what it has held.
func TestHoldingProgramsHoldWhatDies(t *testing.T) {
	for n := range uint64(100) {
		p := holdingProgram(1, n)
		if other := holdingProgram(1, n); !bytes.Equal(other.Append(nil), p.Append(nil)) {
			t.Fatal("a program is another when it is written again")
		}
		puts := 0
		for _, s := range p.Clients[0] {
			if s.Op == wire.Put {
				puts++
			}
		}
		if puts != len(p.Setup) {
			t.Errorf("%d puts of %d nets", puts, len(p.Setup))
		}
		for i, s := range p.Clients[1] {
			if hold := p.Clients[1][max(s.If, 0)]; s.Op == wire.Release && (hold.Op != wire.Hold || hold.Net != s.Net) || s.Op == wire.Hold && s.If >= 0 {
				t.Errorf("step %d: %+v hangs on %+v", i, s, hold)
			}
		}
	}
}

// TestHoldingProgramsAreForPortsThatHold nets without a reference, and do not count for the overlap.
func TestHoldingProgramsAreForPortsThatHold(t *testing.T) {
	r := &run{Config: Config{Discipline: model.Mutex}, report: &Report{Claims: replay.Claims()}}
	if r.isHolding(3) || !r.isHolding(4) {
		t.Error("not each fourth program is a holding one")
	}
	if r.report.Claims = []string{"use-count"}; r.isHolding(4) {
		t.Error("for a port without misuse")
	}
	if r = (&run{Config: Config{Discipline: model.RWSem}, report: &Report{Claims: replay.Claims()}}); r.isHolding(4) {
		t.Error("for rwsem")
	}
	c := programs(t, "")
	c.Only = []string{"concurrent/4", "concurrent/8"}
	if report, out := conform(t, c); report.Operations < 200 || report.Overlap != 0 {
		t.Error(report.Overlap, out)
	}
}

// TestStepsGoWithThoseTheyHangOn: the conditions of the others still name the same steps.
func TestStepsGoWithThoseTheyHangOn(t *testing.T) {
	step := func(net string, after int) wire.Step {
		return wire.Step{Line: wire.Line{Op: wire.Get, Net: net}, If: after}
	}
	got := without([]wire.Step{step("a", -1), step("b", -1), step("c", 0), step("d", 1), step("e", 2)}, 0)
	want := []wire.Step{step("b", -1), step("d", 0)}
	if len(got) != 2 || got[0].Net != want[0].Net || got[1].Net != want[1].Net || got[1].If != 0 {
		t.Errorf("%+v", got)
	}
}

// TestProgramsMatchTheirSchema: programs, their ends, and what is neither.
func TestProgramsMatchTheirSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/schema/run.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(line string) error {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	for n := range uint64(100) {
		text := newProgram(1, n, func(string) bool { return true }).Append(nil)
		if err := validate(string(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	end := wire.End{ID: "7", Operations: 3, Err: "ETIMEDOUT"}
	misfit := wire.End{Err: wire.NoStep, At: &wire.Misfit{Index: 1, Turn: wire.Turn{Client: -1, Step: "CleanupNetLock"}}}
	for _, good := range []string{
		string(end.Append(nil)), string(misfit.Append(nil)), `{"op":"run","clients":[],"schedule":[[-1,"CleanupNetLock"],[0,"GetNet"]]}`, `{"op":"run","clients":[],"schedule":null}`,
	} {
		if err := validate(good); err != nil {
			t.Error(good, err)
		}
	}
	for _, bad := range []string{
		`{"op":"run"}`, `{"op":"run","clients":[[{"op":"work"}]]}`, `{"op":"run","clients":[[{"op":"fail"}]]}`, `{"op":"run","clients":[],"pause":-1}`,
		`{"op":"run","clients":[],"speed":1}`, `{"op":"run","operations":1,"err":"late"}`, `{"op":"run","operations":1,"err":"","clients":[]}`,
		`{"op":"run","operations":1,"err":"ENOSTEP"}`, `{"op":"run","operations":1,"err":"","at":{"index":0,"client":0,"wanted":"A","found":null}}`,
		`{"op":"run","clients":[],"schedule":[[-2,"GetNet"]]}`, `{"op":"run","clients":[],"schedule":[[0]]}`,
	} {
		if validate(bad) == nil {
			t.Errorf("accepted: %s", bad)
		}
	}
}

// TestEveryOperandOfAProgramIsCompared: a history in which a call is missing, is there twice or has another
// operand than the step of the program is refused.
func TestEveryOperandOfAProgramIsCompared(t *testing.T) {
	s := &session{adapter: &adapter{stderr: &tail{}}}
	asked := func(l wire.Line) string { return string(l.AppendScenario(nil)) }
	changes := map[string]func(l *wire.Line){
		"op":     func(l *wire.Line) { l.Op = wire.List + "s" },
		"ops":    func(l *wire.Line) { l.Ops = "other" },
		"init":   func(l *wire.Line) { l.NoInit = !l.NoInit },
		"exit":   func(l *wire.Line) { l.NoExit = !l.NoExit },
		"net":    func(l *wire.Line) { l.Net = "other" },
		"from":   func(l *wire.Line) { l.From = "other" },
		"newnet": func(l *wire.Line) { l.Share = !l.Share },
		"client": func(l *wire.Line) { l.Client = 99 },
	}
	refused := map[string]int{}
	for n := range uint64(40) {
		p := newProgram(1, n, func(string) bool { return true })
		var history []wire.Line
		add := func(client int64, steps []wire.Step) {
			for _, step := range steps {
				if step.Op != wire.Fail {
					l := step.Line
					l.Client, l.Call, l.Return = client, int64(len(history)), int64(len(history))
					history = append(history, l)
				}
			}
		}
		add(wire.Setup, p.Setup)
		for i, steps := range p.Clients {
			add(int64(i), steps)
		}
		if tr := s.whole(p, history); tr != nil {
			t.Fatal(tr)
		}
		refuse := func(change string, history []wire.Line) {
			if refused[change]++; s.whole(p, history) == nil {
				t.Fatalf("%s: accepted", change)
			}
		}
		for i := range history {
			refuse("missing", slices.Delete(slices.Clone(history), i, i+1))
			refuse("doubled", slices.Insert(slices.Clone(history), i, history[i]))
			for field, change := range changes {
				l := history[i]
				if change(&l); asked(l) != asked(history[i]) || l.Client != history[i].Client {
					other := slices.Clone(history)
					other[i] = l
					refuse(field, other)
				}
			}
		}
	}
	for field := range changes {
		if refused[field] < 10 {
			t.Errorf("%s: %d histories", field, refused[field])
		}
	}
}

// TestHalfOfTheProgramsArmFails, as docs/formats.md says; where each fourth one is a holding one, that are fewer.
func TestHalfOfTheProgramsArmFails(t *testing.T) {
	for claims, about := range map[string]int{"": 500, "use-count misuse": 400} {
		r := &run{Config: Config{Discipline: model.Mutex, Seed: 1}, report: &Report{Claims: strings.Fields(claims)}}
		armed := 0
		for n := uint64(1); n <= 1000; n++ {
			p := newProgram(r.Seed, n, func(f string) bool { return r.lacks(f) == "" })
			if r.isHolding(n) {
				p = holdingProgram(r.Seed, n)
			}
			if slices.ContainsFunc(p.Setup, func(s wire.Step) bool { return s.Op == wire.Fail }) {
				armed++
			}
		}
		if armed < about-40 || armed > about+40 {
			t.Errorf("with the claims %q %d of 1000 programs arm fails, want about %d", claims, armed, about)
		}
	}
}

// TestLinesOfAFailureAreThoseThatAreShown: the number is that of the line in the part of the history below.
func TestLinesOfAFailureAreThoseThatAreShown(t *testing.T) {
	r, out := conform(t, programs(t, "forgets init_net"))
	c := failed(t, r)
	var line int
	if _, err := fmt.Sscanf(c.Details, "not linearizable: line %d:", &line); err != nil || line > len(c.History) || !strings.Contains(c.Details, c.History[line-1]) {
		t.Error(err, out)
	}
	if strings.Contains(out, "not met") {
		t.Errorf("after a failure that is of no use\n%s", out)
	}
}
