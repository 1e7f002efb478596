// SPDX-License-Identifier: MIT

package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// checked returns what Check says of results, and its error.
func checked(in, results string) (string, error) {
	var out bytes.Buffer
	err := Check(context.Background(), model.Mutex, Input{"s", strings.NewReader(in)}, Input{"r", strings.NewReader(results)}, &out)
	return out.String(), err
}

// respelled writes a line as another program might: other order, spaces and escapes.
func respelled(t *testing.T, line string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		t.Fatal(err)
	}
	fields["x_port"] = map[string]any{"a": 1}
	if fields["op"] == wire.Hello {
		fields["name"], fields["language"] = "other", "c"
	}
	b, err := json.MarshalIndent(fields, "", " ") // in order of the alphabet, with < and > escaped
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\n", " ") + "\n"
}

func TestCheckComparesValues(t *testing.T) {
	for _, file := range files(t, scenarios, 20) {
		in := read(t, file)
		var other strings.Builder
		for l := range strings.Lines(read(t, strings.TrimSuffix(file, ".jsonl")+".out")) {
			other.WriteString(respelled(t, l))
		}
		out, err := checked(in, other.String())
		if want := "s: equal, " + plural.N(strings.Count(in, "\n"), "line") + "\n"; err != nil || out != want {
			t.Errorf("%s: %v %s", file, err, out)
		}
	}
}

// TestCheckFindsEachFault: Check names the line and the field that are wrong.
func TestCheckFindsEachFault(t *testing.T) {
	const in = `{"op":"register_device","ops":"a","id":7}` + "\n" + `{"op":"copy","net":"n1"}` + "\n" +
		`{"op":"hold","net":"n1"}` + "\n" + `{"op":"put","net":"n1"}` + "\n" + `{"op":"work"}` + "\n"
	right, msg := replay(in, "s")
	if msg != "" {
		t.Fatal(msg)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"op":"copy"`, `"op":"get"`, "r:2: another answer to copy (s:2) than pernet's\n  op\n    read:   \"get\"\n    pernet: \"copy\"\n"},
		{`"id":7`, `"id":8`, "r:1: another answer to register_device (s:1) than pernet's\n  id\n    read:   8\n    pernet: 7\n"},
		{`"id":7,`, ``, "  id\n    read:   absent\n"},
		{`"op":"copy"`, `"op":"copy","id":1`, "    read:   1\n    pernet: absent\n"},
		{`"err":""`, `"err":"EIO"`, "  err\n    read:   \"EIO\"\n    pernet: \"\"\n"},
		{`"err":""`, `"err":"E2BIG"`, "  err\n    read:   \"E2BIG\"\n    pernet: \"\"\n"}, // no errno of ours
		{`"err":""`, `"err":1`, "    read:   1\n"},
		{`["init","a","n1"]`, ``, "  calls\n    read:   []\n    pernet: [[\"init\",\"a\",\"n1\"]]\n"},
		{`["exit","a","n1"]`, `["init","a","n1"]`, "r:5: "},
		{`"kept":["n1"],`, ``, "  kept\n    read:   absent\n    pernet: [\"n1\"]\n"},
		{`"freed":[]`, `"freed":["n1"]`, "  freed\n"},
		{`"pernet_list":["a"]`, `"pernet_list":[]`, "  pernet_list\n"},
		{`"first_device":"a"`, `"first_device":null`, "  first_device\n    read:   null\n    pernet: \"a\"\n"},
		{`"nets":["init_net","n1"]`, `"nets":["n1","init_net"]`, "  nets\n"},
	} {
		spoilt := strings.Replace(right, c.old, c.new, 1)
		if out, err := checked(in, spoilt); spoilt == right || err != ErrDifferent || !strings.Contains(out, c.want) {
			t.Errorf("%s: %v\n%s", c.new, err, out)
		}
	}
	lines := slices.Collect(strings.Lines(right))
	for want, results := range map[string]string{
		"r:5: the results end, and work (s:5) is not answered\n": strings.Join(lines[:4], ""),
		"r:6: a result too many: s has 5 lines\n":                right + lines[4],
	} {
		if out, err := checked(in, results); out != want || err != ErrDifferent {
			t.Errorf("%v %s", err, out)
		}
	}
}

// TestCheckRefusesBadInput: a result or a line of the scenario that breaks its format is an error.
func TestCheckRefusesBadInput(t *testing.T) {
	const good = `{"op":"list","err":"","calls":[],"freed":[],"pernet_list":[],"first_device":null,"nets":["init_net"]}`
	const hello = `{"op":"hello","version":1,"name":"x","language":"y","features":["misuse"]}`
	for _, c := range []struct{ in, old, new, want string }{
		{good, `"op":"list"`, `"op":"cleanup"`, `unknown op "cleanup"`},
		{good, `"err":"",`, ``, `field "err" is missing`},
		{good, `"err":""`, `"err":"no"`, `field "err" must be "", the name of an errno such as "ENOMEM", or a positive integer`},
		{good, `"op"`, `"id":1.0,"op"`, `field "id" must be an integer, written without fraction or exponent`},
		{good, `"err":""`, `"err":1e0`, `field "err" must be an integer, written without fraction or exponent`},
		{good, `"calls":[],`, ``, `field "calls" is missing`},
		{good, `"calls":[]`, `"calls":[["undo","a","n"]]`, `field "calls" must hold "init", "exit" and "deferred", not "undo"`},
		{good, `"freed":[]`, `"freed":null`, `field "freed" must be an array of strings`},
		{good, `"freed":[]`, `"freed":[],"kept":[]`, `field "kept" must be absent when it is empty`},
		{good, `"first_device":null,`, ``, `field "first_device" is missing`},
		{good, `"first_device":null`, `"first_device":""`, `field "first_device" must be a name of 1 to 64 bytes`},
		{good, `"nets"`, `"list":[],"nets"`, `unknown field "list"`},
		{good, `}`, ``, `not valid JSON: the line ends too early; each object is one line`},
		{hello, `"version":1,`, ``, `field "version" is missing`},
		{hello, `"name":"x",`, ``, `field "name" is missing`},
		{hello, `"misuse"`, `"speed"`, `unknown feature "speed"`},
		{hello, `"misuse"`, `"misuse","misuse"`, `feature "misuse" occurs twice`},
		{hello, `"version"`, `"calls":[],"version"`, `unknown field "calls"`},
		{hello, `"version"`, `"err":"","version"`, `field "err" is only in the refusal of a hello, without "version"`},
	} {
		in := `{"op":"list"}` + "\n"
		if c.in == hello {
			in = `{"op":"hello","version":1}` + "\n"
		}
		l := strings.Replace(c.in, c.old, c.new, 1)
		if out, err := checked(in, l+"\n"); l == c.in || out != "" || err == nil || err.Error() != "r:1: "+c.want {
			t.Errorf("%s: %v %s", l, err, out)
		}
	}
	if _, err := checked(`{"op":"lost"}`, good); err == nil || err.Error() != `s:1: unknown op "lost"` {
		t.Error(err)
	}
	if _, err := checked(`{"op":"hello","version":2}`, hello); err == nil || err.Error() != `s:1: version 2 is not supported, only version 1 is` {
		t.Error(err)
	}
}

const listed = `{"op":"list","err":"","calls":[],"freed":[],"pernet_list":[],"first_device":null,"nets":["init_net"]}`

// TestCheckCountsInEnglish: it is one line, and two lines.
func TestCheckCountsInEnglish(t *testing.T) {
	const list = `{"op":"list"}`
	if out, err := checked(list, listed); err != nil || out != "s: equal, 1 line\n" {
		t.Errorf("%v %s", err, out)
	}
	if out, err := checked(list, listed+"\n"+listed); err != ErrDifferent || out != "r:2: a result too many: s has 1 line\n" {
		t.Errorf("%v %s", err, out)
	}
}

// TestCheckNamesSwappedFiles: Check says so when the scenario and the results are swapped.
func TestCheckNamesSwappedFiles(t *testing.T) {
	for results, field := range map[string]string{listed: "err", string(helloOfAll): "name"} {
		_, err := checked(results, `{"op":"list"}`)
		_, bad := errors.AsType[*wire.Error](err)
		if want := `s:1: unknown field "` + field + `"; this is a result: is r the scenario?`; err == nil || err.Error() != want || !bad {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestCheckPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	bad := func() io.Reader { return iotest.ErrReader(broken) }
	list := func() io.Reader { return strings.NewReader(`{"op":"list"}`) }
	for _, c := range [][2]io.Reader{{bad(), list()}, {list(), bad()}, {list(), io.MultiReader(strings.NewReader(listed+"\n"), bad())}} {
		if err := Check(context.Background(), model.Mutex, Input{"s", c[0]}, Input{"r", c[1]}, io.Discard); err != broken {
			t.Error(err)
		}
	}
	w := writerFunc(func([]byte) (int, error) { return 0, broken })
	if err := Check(context.Background(), model.Mutex, Input{"s", list()}, Input{"r", strings.NewReader("")}, w); err != broken {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(broken)
	if err := Check(ctx, model.Mutex, Input{"s", list()}, Input{"r", list()}, io.Discard); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// TestCheckRejectsAnEmptyScenario: an empty scenario is an error, whatever the results are.
func TestCheckRejectsAnEmptyScenario(t *testing.T) {
	for _, results := range []string{"", `{"op":"list"}`} {
		if out, err := checked("", results); out != "" || err == nil || err.Error() != "s: the scenario is empty" {
			t.Errorf("%q, %v", out, err)
		}
	}
}

// TestCheckSaysWherePernetGoesWrong: a line on which impl and model differ is no fault of the results.
func TestCheckSaysWherePernetGoesWrong(t *testing.T) {
	run, err := NewRunner(t.Context(), model.Mutex)
	if err != nil {
		t.Fatal(err)
	}
	run.model = brokenSide{}
	c := &checker{run: run, names: [2]string{"s", "r"}, lines: wire.NewReader(strings.NewReader(`{"op":"list"}`), "s"), results: wire.NewReader(strings.NewReader(listed), "r")}
	if err := c.line(); !errors.Is(err, ErrPernet) || !strings.HasPrefix(err.Error(), "s:1: ") {
		t.Error(err)
	}
}

func TestCheckIsInterruptedBetweenTwoLines(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	const in = `{"op":"list"}` + "\n" + `{"op":"list"}` + "\n"
	right, _ := replay(in, "s")
	first, _, _ := strings.Cut(right, "\n")
	lines := io.MultiReader(readerFunc(func([]byte) (int, error) { cancel(stop); return 0, io.EOF }), strings.NewReader(in))
	results := io.MultiReader(strings.NewReader(first+"\n"), iotest.ErrReader(errors.New("nobody needs a second result")))
	var out bytes.Buffer
	if err := Check(ctx, model.Mutex, Input{"s", lines}, Input{"r", results}, &out); err != stop || out.Len() > 0 {
		t.Errorf("%v, %q", err, out.String())
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
