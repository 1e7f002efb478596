// SPDX-License-Identifier: MIT

package page

import (
	"errors"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/wire"
)

// TestReadCounterexampleRejectsBadOutput tests that output without a counterexample gives one
// error, with the line.
func TestReadCounterexampleRejectsBadOutput(t *testing.T) {
	good, err := os.ReadFile("testdata/MCnetnsBugSubsysAtTail.out")
	if err != nil {
		t.Fatal(err)
	}
	text := string(good)
	at := func(what string) int { return strings.Index(text, what) }
	for name, c := range map[string]struct{ text, want string }{
		"nothing":             {"", "f:1: not the output of TLC: it contains no state"},
		"something else":      {"hello\nyou\n", "f:2: not the output of TLC: it contains no state"},
		"no error":            {"TLC2 Version 2.18\nModel checking completed. No error has been found.\n", "f:2: TLC found no error: there is no counterexample"},
		"no counterexample":   {"TLC2 Version 2.18\nParsing file x\n", "f:2: TLC's output ends without a counterexample"},
		"no states":           {text[:at("Error: The behavior")], "f:22: Invariant SubsysBeforeDevices is violated. But no states follow."},
		"cut in a state":      {text[:at("State 3")+170], "f:54: state 3 has 2 of 13 variables and is the end of the output: is it cut off?"},
		"cut in a value":      {text[:strings.LastIndex(text, "firstDevice = ")+14], "f:157: firstDevice: not a TLA+ value: no name before \"\""},
		"no variable":         {"State 1: <Initial predicate>\n\n", "f:1: state 1 has no variable: is the output cut off?"},
		"cut in an action":    {text[:at("State 3")+20] + "\n", "f:54: the action of this state is incomplete: is the output cut off?"},
		"cut after an action": {text[:at("State 4")-1] + "State 4: <A line 1, col 1 to line 1, col 2 of module M>\n", "f:68: state 4 has 0 of 13 variables and is the end of the output: is it cut off?"},
		"a variable left out": {strings.Replace(text, "/\\ netMutex = T_1\n", "", 1), "f:40: state 2 has 12 of 13 variables, but balance has not changed: is a part of the state lost?"},
		"a state left out":    {text[:at("State 3")] + text[at("State 4"):], "f:54: state 4 where state 3 is expected"},
		"a wrong value":       {strings.Replace(text, "netList = <<N_1>>", "netList = <<N_1", 1), "f:28: netList: not a TLA+ value: no , before \"\""},
		"a changed name":      {strings.Replace(text, "netMutex = T_1", "netMutx = T_1", 1), "f:42: netMutx is not in the first state, or not in this order"},
		"garbage":             {"State 1: <Initial predicate>\n???\n", "f:2: not a variable of state 1: \"???\""},
		"back too far":        {"State 1: <Initial predicate>\nx = 1\n\nBack to state 2: <A line 1, col 1 to line 1, col 2 of module M>\n", "f:4: back to state 2, where the states are 1 to 1"},
		"no number":           {strings.Replace(text, "N_2 :> 0)\n", "N_2 :> x)\n", 1), "f:29: count: no number for N_2"},
		"an unknown net":      {strings.Replace(text, "netList = <<N_1>>", "netList = <<N_9>>", 1), "f:28: netList: it contains \"N_9\", which is none of N_1, N_2"},
		"a word for a list":   {strings.Replace(text, "workQueue = <<>>", "workQueue = N_1", 1), "f:32: workQueue: not a sequence or a set"},
		"a word, no thread":   {strings.Replace(text, "at |-> \"Idle\"", "on |-> \"Idle\"", 1), "f:34: thread: T_1 has no field at"},
		"too deep":            {"State 1: <Initial predicate>\nx = " + strings.Repeat("<<", 5000) + "\n", "f:2: x: not a TLA+ value: nested too deeply"},
		"other instance":      {strings.ReplaceAll(text, "O_s", "O_x"), "f:26: kind: its arguments are O_x, O_d, but MCnetnsBugSubsysAtTail.cfg has O_s, O_d: is it the cfg of this run?"},
	} {
		got, err := ReadCounterexample(strings.NewReader(c.text), "f")
		if err == nil {
			_, err = FromTLC(got, Names{Cfg: "MCnetnsBugSubsysAtTail.cfg", Ops: []string{"O_s", "O_d"}}, "")
		}
		if e, ok := errors.AsType[*wire.Error](err); !ok || e.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// TestDiffTraceIsTheSameTrace tests that variables that -difftrace leaves out are filled in.
// Only one of the last pair is in tool mode.
func TestDiffTraceIsTheSameTrace(t *testing.T) {
	for name, states := range map[string]int{"MCnetnsBugSubsysAtTail": 7, "MCnetnsBugUnfairSetup": 10, "MCnetnsRefineBugReturnsEarly": 8} {
		want, got := counterexample(t, "difftrace/"+name+".full"), counterexample(t, "difftrace/"+name+".diff")
		got.Command = want.Command
		if !reflect.DeepEqual(got, want) || len(got.Steps) != states {
			t.Errorf("%s: another trace than that of the full output", name)
		}
	}
}

// TestDiffTraceMayHaveAStepWithoutChanges tests a state without any variable.
func TestDiffTraceMayHaveAStepWithoutChanges(t *testing.T) {
	const action = "<A line 1, col 1 to line 1, col 2 of module M>\n"
	text := "Error: Temporal properties were violated.\n\nError: The following behavior constitutes a counter-example:\n\n" +
		"State 1: <Initial predicate>\n/\\ x = 1\n/\\ y = 2\n\nState 2: " + action + "\nState 3: " + action + "/\\ y = << 3,\n  4 >>\n\nState 4: Stuttering\n"
	c, err := ReadCounterexample(strings.NewReader(text), "f")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]Var{{{"x", "1"}, {"y", "2"}}, {{"x", "1"}, {"y", "2"}}, {{"x", "1"}, {"y", "<< 3, 4 >>"}}}
	for i, s := range c.States {
		if !slices.Equal(s.Vars, want[i]) {
			t.Errorf("state %d: %+v, want %+v", i+1, s.Vars, want[i])
		}
	}
	if len(c.States) != 3 || !c.Stutters {
		t.Errorf("%+v", c)
	}
}

// TestFailureOfTLCIsShown checks that the error of TLC explains why there is no counterexample.
func TestFailureOfTLCIsShown(t *testing.T) {
	const unknown = "TLC failed: Semantic errors: | *** Errors: 1 | line 7, col 8 to line 7, col 10 of module U | Unknown operator: `Foo'."
	const nope = "TLC failed: The invariant Nope specified in the configuration file is not defined in the specification."
	const lineTwo = "TLC failed: TLC found an error in the configuration file at line 2 It was expecting = or <-, but did not find it."
	for name, want := range map[string]string{
		"syntax":       `:6: TLC failed: ***Parse Error*** | Was expecting "Expression or Instance" | Encountered "Beginning of definition" at line 7, column 8 and token "=="`,
		"unknown-tool": ":17: " + unknown,
		"nomod-tool":   ":15: TLC failed: Fatal errors while parsing TLA+ spec in file Nowhere | tla2sany.semantic.AbortException | *** Abort messages: 1 | Unknown location | Cannot find source file for module Nowhere.",
		"noinv":        ":10: " + nope,
		"noinv-tool":   ":23: " + nope,
		"badcfg":       ":5: " + lineTwo,
		"badcfg-tool":  ":10: " + lineTwo,
		"nocfg":        ":5: TLC failed: TLC encountered the following error when trying to read the configuration file nofile.cfg: File not found.",
		"noconst":      ":10: TLC failed: The constant parameter C is not assigned a value by the configuration file.",
		"evalinit":     ":11: TLC failed: In evaluation, the identifier y is either undefined or not an operator. line 10, col 17 to line 10, col 17 of module M",
	} {
		f, err := os.Open("testdata/failed/" + name + ".out")
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadCounterexample(f, name)
		f.Close()
		if err == nil || !strings.HasPrefix(err.Error(), name+want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, name+want)
		}
	}
	for text, want := range map[string]string{
		"Error: Unable to access jarfile tla2tools.jar\n": "f:1: no counterexample, but an error: Unable to access jarfile tla2tools.jar",
		"TLC2 Version 2.18\nError: TLC threw an unexpected exception.\nThe exception was a java.lang.NullPointerException\nFinished in 00s\n": "f:2: TLC failed: " +
			"TLC threw an unexpected exception. The exception was a java.lang.NullPointerException",
	} {
		if _, err := ReadCounterexample(strings.NewReader(text), "f"); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestErrorWithACounterexampleIsShown tests that the page names an expression that TLC cannot
// evaluate.
func TestErrorWithACounterexampleIsShown(t *testing.T) {
	for _, name := range []string{"eval", "eval-tool"} {
		f, err := os.Open("testdata/failed/" + name + ".out")
		if err != nil {
			t.Fatal(err)
		}
		c, err := ReadCounterexample(f, name)
		f.Close()
		if want := "Attempted to apply tuple <<>> to integer 3 which is out of domain."; err != nil || c.Problem != want || len(c.States) != 2 {
			t.Errorf("%s: %v %q, %d states", name, err, c.Problem, len(c.States))
		}
	}
}

// TestOutputOfOtherModulesIsRead tests modules of one or two variables, wrapped values, and a
// violation in the initial state.
func TestOutputOfOtherModulesIsRead(t *testing.T) {
	for name, c := range map[string]struct{ text, problem, value string }{
		"one variable":         {"Error: Invariant Low is violated.\nState 1: <Initial predicate>\nx = 1\n\n", "The invariant Low is violated.", "1"},
		"initial state":        {"Error: Invariant Low is violated by the initial state:\n/\\ x = 1\n/\\ y = 2\n\nFinished.\n", "The invariant Low is violated.", "1"},
		"wrapped":              {"Error: Deadlock reached.\nState 1: <Initial predicate>\n/\\ x = << 1,\n   2 >>\n/\\ y = 3\n\n", "Deadlock reached.", "<< 1, 2 >>"},
		"carriage returns":     {"Error: Deadlock reached.\r\nState 1: <Initial predicate>\r\n/\\ x = 1\r\n/\\ y = 2\r\n", "Deadlock reached.", "1"},
		"the first of several": {"Error: Invariant A is violated.\nState 1: <Initial predicate>\nx = 1\n\nState 2: <B line 1, col 1 to line 1, col 2 of module M>\nx = 2\n\nError: Invariant B is violated.\nState 1: <Initial predicate>\nx = 3\n\nFinished.\n", "The invariant A is violated.", "1"},
	} {
		got, err := ReadCounterexample(strings.NewReader(c.text), "f")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		trace, err := FromTLC(got, Names{}, "")
		if noted := len(trace.About) > 0; noted == strings.HasSuffix(c.text, "Finished.\n") {
			t.Errorf("%s: about: %q", name, trace.About)
		}
		if err != nil || trace.Problem != c.problem || trace.Steps[0].State.Vars[0].Value != c.value {
			t.Errorf("%s: %v, %+v", name, err, trace)
		}
	}
}

// FuzzTLCOutput tests that every input gives a page or an error that names a line.
func FuzzTLCOutput(f *testing.F) {
	text, err := os.ReadFile("testdata/MCnetnsBugSubsysAtTail.out")
	if err != nil {
		f.Fatal(err)
	}
	_, states, _ := strings.Cut(string(text), "State 1:")
	state, _, _ := strings.Cut(states, "State 2:")
	f.Add("State 1:" + state) // long inputs make it slow
	f.Add("Error: Deadlock reached.\nState 1: <Initial predicate>\nx = <<1, {N_1}>>\n\nBack to state 1: <A line 1, col 1 to line 1, col 2 of module M>\n")
	f.Add("@!@!@STARTMSG 2217:4 @!@!@\n1: <Initial predicate>\n/\\ x = [a |-> \"b\"]\n\n@!@!@ENDMSG 2217 @!@!@\n@!@!@STARTMSG 2218:4 @!@!@\n2: Stuttering\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ReadCounterexample(strings.NewReader(text), "f")
		var trace Trace
		if err == nil {
			trace, err = FromTLC(c, Names{}, "")
		}
		if err == nil {
			err = Write(io.Discard, trace)
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if e, ok := errors.AsType[*wire.Error](err); !ok || e.Line < 1 || strings.Contains(e.Msg, "\n") {
			t.Fatalf("%v", err)
		}
	})
}
