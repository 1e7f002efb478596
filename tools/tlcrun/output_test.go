// SPDX-License-Identifier: MIT

package tlcrun

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/pernet/internal/tlc"
)

var rerecord = flag.Bool("record", false, "record testdata/output anew, by the Java and the jar of this machine")

// outputs are recorded runs of TLC on testdata/spec, one of each kind.
var outputs = []struct {
	name    string // of the cfg, and of the recorded output
	module  string
	exit    int
	verdict Verdict
	what    string // violated
	problem string // part of it
}{
	{"MCClock", "MCClock", 0, Pass, "", ""},
	{"MCClockLive", "MCClock", 0, Pass, "", ""},
	{"MCClockBugBelow", "MCClock", 12, Safety, "Below", ""},
	{"MCClockBugLate", "MCClock", 12, Safety, "Late", ""},
	{"MCClockBugUp", "MCClock", 13, Safety, "UpProp", ""},
	{"MCClockBugUnfair", "MCClock", 13, Liveness, "BackProp", ""},
	{"MCClockBugLater", "MCClock", 13, Safety, "LaterSpec", ""},
	{"MCClockBugShort", "MCClock", 13, Safety, "ShortSpec", ""},
	{"MCClockBugTwo", "MCClock", 13, Safety, "one of ShortSpec, BackProp (TLC does not say which: list it alone)", ""},
	{"MCClockBugStop", "MCClock", 11, Deadlock, "Deadlock", ""},
	{"MCClockBugName", "MCClock", 10, Assumption, "Assumption", ""},
	{"MCClockUneven", "MCClock", 76, Broken, "", "exit status 76: Evaluating invariant Uneven failed. Attempted to check equality of integer 3 with non-integer"},
	{"MCClockAsserted", "MCClock", 76, Broken, "", `too late`},
	{"MCClockNope", "MCClock", 151, Broken, "", "exit status 151: The invariant Nope specified in the configuration file is not defined"},
	{"MCClockUnset", "MCClock", 151, Broken, "", "exit status 151: The constant parameter N is not assigned a value"},
	{"Broken", "Broken", 150, Broken, "", "exit status 150: ***Parse Error*** | Was expecting"},
	{"Unknown", "Unknown", 150, Broken, "", "exit status 150: Semantic errors: | *** Errors: 2"},
	{"NoCfg", "MCClock", 255, Broken, "", "exit status 255: TLC encountered the following error when trying to read the configuration file NoCfg.cfg"},
	{"NoSpace", "MCClock", 255, Incomplete, "", "no disk space left for TLC's states"},
	{"NoMemory", "MCClock", 124, Incomplete, "", "TLC ran out of memory"},
}

func TestOutputs(t *testing.T) {
	for _, o := range outputs {
		t.Run(o.name, func(t *testing.T) {
			if *rerecord {
				record(t, o.name, o.module)
			}
			got := interpret(t, readOutput(t, o.name), o.name, ending{exit: o.exit})
			if got.Verdict != o.verdict || got.Name != o.what || !strings.Contains(got.Problem, o.problem) || (got.Problem == "") != (o.problem == "") {
				t.Errorf("got %s %q, problem %q; want %s %q, problem %q", got.Verdict, got.Name, got.Problem, o.verdict, o.what, o.problem)
			}
			if got.Version != "2.18" {
				t.Errorf("version %q", got.Version)
			}
		})
	}
}

// TestOtherExitStatus: a verdict needs the exit status that goes with it.
func TestOtherExitStatus(t *testing.T) {
	for _, o := range outputs {
		if o.verdict == Broken || o.verdict == Incomplete {
			continue
		}
		for _, exit := range []int{0, 1, 10, 11, 12, 13, 14, 75, 150, 255} {
			if exit == o.exit {
				continue
			}
			if got := interpret(t, readOutput(t, o.name), o.name, ending{exit: exit}); got.Verdict != Broken || got.Problem == "" {
				t.Errorf("%s with exit status %d: %s %q", o.name, exit, got.Verdict, got.Problem)
			}
		}
	}
}

// TestTruncated cuts each output after each of its lines: none of these gives
// the verdict of the whole.
func TestTruncated(t *testing.T) {
	for _, o := range outputs {
		whole := readOutput(t, o.name)
		for i := range whole {
			if whole[i] != '\n' || i == len(whole)-1 {
				continue
			}
			got := interpret(t, whole[:i+1], o.name, ending{exit: o.exit})
			if got.Verdict != Broken && got.Verdict != Incomplete {
				t.Errorf("%s cut after %d of %d bytes: %s", o.name, i+1, len(whole), got.Verdict)
			}
		}
	}
}

func TestEndings(t *testing.T) {
	whole := readOutput(t, "MCClock")
	for _, test := range []struct {
		name    string
		output  string
		end     ending
		verdict Verdict
		problem string
	}{
		{"interrupted", whole, ending{interrupted: "interrupted"}, Incomplete, "interrupted"},
		{"killed", whole, ending{exit: -1, signal: "killed"}, Incomplete, "TLC was ended by a signal (killed)"},
		{"no class", "", ending{exit: 1, stderr: "Error: Could not find or load main class tlc2.TLC"}, Broken, "TLC did not start: exit status 1: Error: Could not find"},
		{"no output", "", ending{exit: 0}, Broken, "TLC did not start: exit status 0"},
		{"out of memory on standard error", whole, ending{exit: 1, stderr: "java.lang.OutOfMemoryError: Java heap space"}, Incomplete, "out of memory"},
		{"states left", strings.ReplaceAll(whole, "found, 0 states left", "found, 3 states left"), ending{}, Broken, "3 states were left"},
		{"no success", dropMessage(whole, "2193"), ending{}, Broken, "does not say that checking was completed"},
		{"no counts", dropMessage(whole, "2199"), ending{}, Broken, "no count of states"},
		{"no depth", dropMessage(whole, "2194"), ending{}, Broken, "no depth"},
		{"other words", strings.ReplaceAll(whole, "distinct states found", "found"), ending{}, Broken, "cannot be read"},
		{"ended twice", whole + "@!@!@ENDMSG 2186 @!@!@\n", ending{}, Incomplete, "ends a message 2186 that is not open"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := interpret(t, test.output, "MCClock", test.end)
			if got.Verdict != test.verdict || !strings.Contains(got.Problem, test.problem) {
				t.Errorf("got %s %q, want %s %q", got.Verdict, got.Problem, test.verdict, test.problem)
			}
		})
	}
}

// TestFoldedStates: under a VIEW or SYMMETRY, no verdict on a temporal property counts.
func TestFoldedStates(t *testing.T) {
	for _, o := range []string{"MCClockLive", "MCClockBugUnfair"} {
		for _, folds := range []string{"VIEW", "SYMMETRY"} {
			in := &interpreter{}
			err := readMessages(strings.NewReader(readOutput(t, o)), in.take)
			cfg, cfgErr := tlc.ReadCfg(write(t, map[string]string{o + ".cfg": folds + " Folded\n"}), o+".cfg")
			if cfgErr != nil {
				t.Fatal(cfgErr)
			}
			got := in.conclude(ending{read: err}, cfg)
			if got.Verdict != Broken || got.Problem != "temporal properties are checked under "+folds+", where TLC can miss violations" {
				t.Errorf("%s: %s %q", o, got.Verdict, got.Problem)
			}
		}
	}
}

// TestViolationWithoutTrace: TLC shows a way to each violation of a state that it
// has reached; words alone show none.
func TestViolationWithoutTrace(t *testing.T) {
	for _, o := range outputs {
		isInitial := o.verdict == Assumption || strings.Contains(readOutput(t, o.name), "is violated by the initial state")
		if o.what == "" || isInitial {
			continue
		}
		for _, code := range []string{"2217", "2199"} {
			got := interpret(t, dropMessage(readOutput(t, o.name), code), o.name, ending{exit: o.exit})
			if got.Verdict != Broken || !strings.Contains(got.Problem, "no counterexample") {
				t.Errorf("%s without messages %s: %s %q", o.name, code, got.Verdict, got.Problem)
			}
		}
	}
}

func TestCounts(t *testing.T) {
	got := interpret(t, readOutput(t, "MCClock"), "MCClock", ending{})
	if got.Distinct != 6 || got.Generated != 7 || got.Depth != 6 {
		t.Errorf("%d distinct, %d generated, depth %d", got.Distinct, got.Generated, got.Depth)
	}
	taken := map[string]int64{}
	for _, a := range got.Actions {
		taken[a.Module+"!"+a.Name] = a.Taken
	}
	if len(taken) != 3 || taken["Clock!Tick"] != 5 || taken["Clock!Wrap"] != 1 || taken["Clock!Never"] != 0 {
		t.Errorf("actions: %v", taken)
	}
}

func TestProgressLine(t *testing.T) {
	var shown []string
	s := &shower{job: Job{Show: func(line string) { shown = append(shown, line) }}}
	s.message(message{code: codeProgress, text: "Progress(101) at 2026-11-24 08:15:21: 685,312 states generated (685,312 s/min), 176,476 distinct states found (176,476 ds/min), 5,147 states left on queue."})
	if len(shown) != 1 || !strings.HasPrefix(shown[0], "176,476 distinct, 685,312 generated, 5,147 left on the queue; ") || !strings.HasSuffix(shown[0], " states/s") {
		t.Errorf("%q", shown)
	}
}

// TestCollectorIsOurs: TLC's advice on the garbage collector is not shown.
func TestCollectorIsOurs(t *testing.T) {
	s := &shower{job: Job{Show: func(line string) { t.Errorf("shown: %s", line) }}}
	s.message(message{code: codeCollector, severity: 3, text: "Please run the Java VM which executes TLC with a throughput optimized garbage collector"})
}

func TestGroup(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -123: "-123", -1234: "-1,234"} {
		if got := Group(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// interpret does what Run does with a process's output.
func interpret(t *testing.T, output, name string, e ending) Result {
	t.Helper()
	cfg := &tlc.Cfg{Name: name + ".cfg"}
	if c, err := tlc.ReadCfg("testdata/spec", cfg.Name); err == nil {
		cfg = c
	}
	in := &interpreter{}
	e.read = readMessages(strings.NewReader(output), in.take)
	return in.conclude(e, cfg)
}

func readOutput(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "output", name+".out"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// dropMessage takes the message of that code out.
func dropMessage(output, code string) string {
	return regexp.MustCompile(`(?s)@!@!@STARTMSG `+code+`:.*?@!@!@ENDMSG `+code+` @!@!@\n`).ReplaceAllString(output, "")
}

// record runs TLC for real. Running out of disk or memory is recorded by hand:
// TLC's folder on a tmpfs of 200 kB, or a heap of 12 MB, and a spec of millions of states.
func record(t *testing.T, name, module string) {
	t.Helper()
	if strings.HasPrefix(name, "NoS") || strings.HasPrefix(name, "NoM") {
		return
	}
	cache, err := CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	spec, err := filepath.Abs("testdata/spec")
	if err != nil {
		t.Fatal(err)
	}
	say := func(line string) { t.Log(line) }
	runner, _, err := findJava(context.Background(), options{jars: NewJars("", cache, say)})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	job := Job{Spec: spec, Module: module, Cfg: &tlc.Cfg{Name: name + ".cfg"}, Workers: 1, Coverage: name == "MCClock", Log: &out, Show: say}
	if _, err := Run(context.Background(), runner, job); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(out.String(), spec, "/spec")
	text = regexp.MustCompile(`/\S*pernet-tlc-\d+`).ReplaceAllString(text, "/states")
	text = regexp.MustCompile(` \[pid: .*`).ReplaceAllString(text, ".")
	if err := os.WriteFile(filepath.Join("testdata", "output", name+".out"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
