// SPDX-License-Identifier: MIT

package replay

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"example.com/pernet/model"
)

// replayAs is replay of that discipline.
func replayAs(d model.Discipline, in, name string) (out, msg string) {
	var b bytes.Buffer
	if err := Replay(context.Background(), d, strings.NewReader(in), name, &b); err != nil {
		msg = err.Error() + "\n"
	}
	return b.String(), msg
}

// TestScenariosSince417: as TestScenarios, for the discipline rwsem.
func TestScenariosSince417(t *testing.T) {
	for _, file := range files(t, "../../testdata/scenarios/rwsem/*.jsonl", 3) {
		base := strings.TrimSuffix(file, ".jsonl")
		t.Run(filepath.Base(base), func(t *testing.T) {
			if !strings.HasPrefix(read(t, base+".md"), "# ") {
				t.Error("no reason given")
			}
			got, msg := replayAs(model.RWSem, read(t, file), file)
			if msg != "" {
				t.Error(msg)
			}
			compare(t, "replay", got, read(t, base+".out"))
			var out bytes.Buffer
			err := Check(t.Context(), model.RWSem, Input{"s", strings.NewReader(read(t, file))}, Input{"r", strings.NewReader(got)}, &out)
			if err != nil || !strings.HasPrefix(out.String(), "s: equal") {
				t.Error(err, out.String())
			}
			for l := range strings.Lines(read(t, file)) {
				if err := validate(schema(t, "scenario"), l); err != nil {
					t.Error(l, err)
				}
			}
			for l := range strings.Lines(got) {
				if err := validate(schema(t, "result"), l); err != nil {
					t.Error(l, err)
				}
			}
		})
	}
}

// TestScenariosBothDisciplinesAnswerAlike: without a positive number, a use count or two nets in one
// work, the disciplines cannot be told apart.
func TestScenariosBothDisciplinesAnswerAlike(t *testing.T) {
	alike := 0
	for _, file := range files(t, scenarios, 20) {
		in := read(t, file)
		got, msg := replayAs(model.RWSem, in, file)
		if msg != "" {
			t.Error(msg)
		}
		want := strings.ReplaceAll(read(t, strings.TrimSuffix(file, ".jsonl")+".out"), `"version":1,`, `"version":1,"discipline":"rwsem",`)
		if got == want {
			alike++
		} else if !strings.Contains(in, "hold") && !strings.Contains(in, `"err":`) && !strings.Contains(in, "work") {
			t.Errorf("%s: another answer", file)
		}
	}
	if alike < 15 {
		t.Errorf("only %d scenarios are answered alike", alike)
	}
}

func TestHelloTellsTheDiscipline(t *testing.T) {
	hello := func(d string) string { return `{"op":"hello","version":1` + d + `}` + "\n" }
	mutex, rwsem := `,"discipline":"mutex"`, `,"discipline":"rwsem"`
	for _, c := range []struct {
		d           model.Discipline
		asked, told string
		refused     string
	}{
		{model.Mutex, "", "", ""},
		{"", mutex, "", ""},
		{model.Mutex, mutex, "", ""},
		{model.RWSem, "", rwsem, ""},
		{model.RWSem, rwsem, rwsem, ""},
		{model.RWSem, mutex, "", "f:1: the line asks for the discipline mutex, this run is of the discipline rwsem\n"},
		{"", rwsem, "", "f:1: the line asks for the discipline rwsem, this run is of the discipline mutex\n"},
	} {
		out, msg := replayAs(c.d, hello(c.asked), "f")
		want := `{"op":"hello","version":1` + c.told + `,"name":`
		if c.refused != "" {
			want = `{"op":"hello","err":"EINVAL"}`
		}
		if msg != c.refused || !strings.HasPrefix(out, want) {
			t.Errorf("%q of %q: %s%s", c.asked, c.d, out, msg)
		}
		if c.refused != "" {
			continue
		}
		for _, told := range []string{"", mutex, rwsem} { // an answer without it is of the mutex
			var diff bytes.Buffer
			answer := `{"op":"hello","version":1` + told + `,"name":"x","language":"y","features":[]}`
			err := Check(t.Context(), c.d, Input{"s", strings.NewReader(hello(c.asked))}, Input{"r", strings.NewReader(answer)}, &diff)
			if equal := (told == rwsem) == (c.d == model.RWSem); (err == nil) != equal {
				t.Errorf("a port that tells %q, checked as %q: %v\n%s", told, c.d, err, diff.String())
			}
		}
	}
}

// TestHoldOnADeadNetIsNoMisuse: since 4.17 every port must refuse it.
func TestHoldOnADeadNetIsNoMisuse(t *testing.T) {
	const in = `{"op":"hello","version":1}
{"op":"copy","net":"n1"}
{"op":"put","net":"n1"}
{"op":"hold","net":"n1"}
`
	out, _ := replayAs(model.RWSem, in, "f")
	refused := strings.Replace(strings.Replace(out, `"misuse",`, "", 1), "ENOENT", "ENOTSUP", 1)
	var diff bytes.Buffer
	err := Check(t.Context(), model.RWSem, Input{"s", strings.NewReader(in)}, Input{"r", strings.NewReader(refused)}, &diff)
	if err != ErrDifferent || refused == out {
		t.Errorf("%v\n%s", err, diff.String())
	}
}

func TestRunnerOfTheRWSemNeedsItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewRunner(ctx, model.RWSem); err == nil {
		t.Error("a runner without a context")
	}
}
