// SPDX-License-Identifier: MIT

package lin

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// died is a worker that was stopped in its second run, of which nothing is known.
const died = `{"client":0,"call":0,"return":1,"op":"copy","net":"n1","err":""}
{"client":0,"call":2,"return":3,"op":"copy","net":"n2","err":""}
{"client":0,"call":4,"return":5,"op":"copy","net":"n3","err":""}
{"client":0,"call":6,"return":7,"op":"put","net":"n1","err":""}
{"client":0,"call":8,"return":9,"op":"put","net":"n2","err":""}
{"client":-1,"call":10,"return":11,"op":"cleanup","nets":["n1"],"freed":["n1"]}
{"client":-1,"call":20,"return":null,"op":"cleanup"NETS}
`

// TestCleanupThatNamesNoNetMayHaveTakenAny, or none: but one alone, and only one that it can have taken.
func TestCleanupThatNamesNoNetMayHaveTakenAny(t *testing.T) {
	for _, nets := range []string{"", `,"nets":[]`} {
		for _, c := range []struct {
			list, then string
			want       Verdict
		}{
			{`"init_net","n2","n3"`, `"init_net","n2","n3"`, Linearizable}, // it took none
			{`"init_net","n3"`, `"init_net","n3"`, Linearizable},
			{`"init_net","n2","n3"`, `"init_net","n3"`, Linearizable}, // after the first list
			{`"init_net","n3"`, `"init_net","n2","n3"`, Not},
			{`"init_net","n2"`, `"init_net","n2"`, Not}, // n3 has a reference
			{`"init_net"`, `"init_net"`, Not},
		} {
			lines := strings.Replace(died, "NETS", nets, 1)
			for i, list := range []string{c.list, c.then} {
				lines += `{"client":1,"call":3` + string(rune('0'+i)) + `,"return":3` + string(rune('0'+i)) + `,"op":"list","nets":[` + list + "]}\n"
			}
			checker, err := (&File{Name: "f", In: onlyReader{strings.NewReader(lines)}}).Check(t.Context())
			if err != nil || checker.Result().Verdict != c.want {
				t.Errorf("nets %q, lists %s, then %s: judged %s; %v", nets, c.list, c.then, checker.Result().Verdict, err)
			}
			var ops []wire.Line
			for r := NewReader(strings.NewReader(lines), "f"); ; {
				op, err := r.Next()
				if err != nil {
					break
				}
				ops = append(ops, op)
			}
			if (refusal(t.Context(), model.Mutex, ops) != nil) != (c.want == Not) {
				t.Errorf("nets %q, lists %s, then %s: in memory it is judged otherwise", nets, c.list, c.then)
			}
		}
	}
}

// TestUnnamedCleanupIsTriedOnlyWhereItCounts: a failure that was over before it is refused at once.
func TestUnnamedCleanupIsTriedOnlyWhereItCounts(t *testing.T) {
	u := unnamed{nets: map[string]int{}}
	for i, o := range []wire.Line{{Op: wire.Copy, Net: "n"}, {Op: wire.Cleanup, Never: true, Call: 9}} {
		u.see(&o, i+1)
	}
	for _, c := range []struct {
		f    Failure
		want []string
	}{
		{Failure{Op: wire.Line{Return: 8}}, nil},
		{Failure{Op: wire.Line{Return: 8}, AtLeast: true}, []string{"n"}},
		{Failure{Op: wire.Line{Return: 9}}, []string{"n"}},
	} {
		if got := u.tries(&c.f); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v", c.f, got)
		}
	}
}

// TestFailureQuotesItsLines, as the file has them; of one that cannot be read again they are written anew.
func TestFailureQuotesItsLines(t *testing.T) {
	lines := []string{
		` {"op":"copy", "net":"n","from":"init_net","newnet":true,"client":1,"call":0,"return":100,"err":"ENOMEM","calls":[]}` + "\t\r",
		`{"x_":"\u0061","op":"get","client":0,"id":3,"call":0,"return":10,"net":"n","err":""}`,
	}
	in := strings.Join(lines, "\n")
	for _, r := range []io.Reader{strings.NewReader(in), onlyReader{strings.NewReader(in)}} {
		c, err := (&File{Name: "f", In: r}).Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if f := c.Result().Failure; f.Text != lines[1] || f.WithText != strings.TrimSpace(lines[0]) ||
			!strings.Contains(f.String(), "    "+f.Text+"\n") || !strings.Contains(f.String(), "    "+f.WithText+"\n") {
			t.Errorf("%+v", f)
		}
	}
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	c, err := (&File{Name: "f", In: onlyReader{strings.NewReader(in)}}).Check(t.Context())
	if err != nil || c.Result().Failure.Text != "" || !strings.Contains(c.Result().Failure.String(), `{"client":0,"call":0,"return":10,"op":"get","net":"n","err":""}`) {
		t.Errorf("%+v; %v", c.Result().Failure, err)
	}
	// What must be read again to be judged is an error.
	wrong := strings.Replace(died, "NETS", "", 1) + `{"client":1,"call":30,"return":31,"op":"list","nets":["init_net"]}`
	if _, err := (&File{Name: "f", In: onlyReader{strings.NewReader(wrong)}}).Check(t.Context()); err == nil {
		t.Error("it was judged without being read again")
	}
}

// TestLongLineIsCut, and no rune is cut in two.
func TestLongLineIsCut(t *testing.T) {
	long := "x" + strings.Repeat("é", 600)
	f := Failure{Text: long}
	if !strings.Contains(f.String(), "    "+long[:999]+"…\n") {
		t.Errorf("%s", f.String())
	}
}

// TestRoundThatNamesNoNetsMayHaveTakenSeveral: since 4.17 no single net may explain the history.
func TestRoundThatNamesNoNetsMayHaveTakenSeveral(t *testing.T) {
	twoDead := strings.Replace(died, `"cleanup","nets":["n1"],"freed":["n1"]`, `"list","nets":["init_net","n1","n2","n3"]`, 1)
	for list, want := range map[string]Verdict{
		`"init_net","n1","n2","n3"`: Linearizable, // it took none
		`"init_net","n2","n3"`:      Linearizable, // it took one
		`"init_net","n3"`:           Undecided,
		`"init_net","n2"`:           Undecided, // n3 has a reference
		`"init_net","n1","n3","n2"`: Undecided, // in another order
	} {
		lines := strings.Replace(twoDead, "NETS", "", 1) + `{"client":1,"call":30,"return":31,"op":"list","nets":[` + list + "]}\n"
		c, err := (&File{Name: "f", In: strings.NewReader(lines), Discipline: model.RWSem}).Check(t.Context())
		if err != nil || c.Result().Verdict != want || want == Undecided && c.Result().Reason != errUnnamed.Error() {
			t.Errorf("%s: judged %s %s, %v", list, c.Result().Verdict, c.Result().Reason, err)
		}
	}
	before := strings.Replace(twoDead, `"n1","n2","n3"]`, `"n1"]`, 1) // wrong before it began
	c, err := (&File{Name: "f", In: strings.NewReader(strings.Replace(before, "NETS", "", 1)), Discipline: model.RWSem}).Check(t.Context())
	if err != nil || c.Result().Verdict != Not {
		t.Errorf("judged %s, %v", c.Result().Verdict, err)
	}
}
