// SPDX-License-Identifier: MIT

package wire

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/model"
)

// values has a value for each field that a call may have.
var values = map[string]string{
	"ops": `"a"`, "init": "false", "exit": "false", "newnet": "false", "net": `"n"`, "from": `"m"`, "nets": `["init_net"]`,
	"freed": `["n"]`, "pernet_list": `["a"]`, "first_device": `"a"`,
}

// operation writes an operation of the call, with every field that it may have but those named.
func operation(c *model.Call, without ...string) string {
	line := `{"client":0,"call":1,"return":2,"op":"` + c.Op + `"`
	field := func(name, value string) {
		if !slices.Contains(without, name) {
			line += fmt.Sprintf(`,%q:%s`, name, value)
		}
	}
	for _, name := range c.Asks {
		field(name, values[name])
	}
	if c.Fails() {
		field("err", `"ENOMEM"`)
	}
	if c.Inits {
		field("calls", `[["init","a","n"]]`)
	} else if c.Exits {
		field("calls", `[["exit","a","n"]]`)
	}
	for _, name := range c.Tells {
		field(name, values[name])
	}
	return line + "}"
}

func read[T any](text string, decode func(*Object) (T, error)) (l T, err error) {
	o, err := NewReader(strings.NewReader(text), "f").Next()
	if err != nil {
		return l, err
	}
	return decode(o)
}

// optional are the fields that a line may leave out.
var optional = []string{"init", "exit", "newnet", "from", "calls"}

// TestEveryCallIsReadAndWritten goes through the table of calls: each field of each call
// is read, and written again; it is unknown to the calls that do not have it, and missed
// by those that must.
func TestEveryCallIsReadAndWritten(t *testing.T) {
	for i := range model.Calls {
		c := &model.Calls[i]
		without := []string{}
		if slices.Contains(c.Asks, "newnet") {
			without = []string{"net"} // either the one or the other
		}
		for range 2 {
			text := operation(c, without...)
			l, err := read(text, Operation)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if got := l.String(); got != text {
				t.Errorf("%s\nis written as\n%s", text, got)
			}
			for _, name := range slices.Concat(c.Asks, c.Tells, []string{"err"}) {
				_, err := read(operation(c, append(without, name)...), Operation)
				must := !slices.Contains(optional, name) && !slices.Contains(without, name) && (name != "err" || c.Fails())
				if want := fmt.Sprintf("f:1: field %q is missing", name); must && (err == nil || !strings.HasPrefix(err.Error(), want)) || !must && name != "newnet" && err != nil {
					t.Errorf("%s without %s: %v", c.Op, name, err)
				}
			}
			without = []string{"newnet"}
		}
		for name := range maps.Keys(values) {
			if slices.Contains(c.Asks, name) || slices.Contains(c.Tells, name) {
				continue
			}
			text := strings.TrimSuffix(operation(c, "newnet"), "}") + fmt.Sprintf(`,%q:%s}`, name, values[name])
			if _, err := read(text, Operation); err == nil || err.Error() != fmt.Sprintf("f:1: unknown field %q", name) {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

// TestHistoriesAreReadAndWritten holds reader and writer together over every history of testdata.
func TestHistoriesAreReadAndWritten(t *testing.T) {
	files, err := filepath.Glob("../../testdata/histories/*/*.jsonl")
	if err != nil || len(files) < 100 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			l, err := read(line, Operation)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			again, err := read(l.String(), Operation)
			if l.ID = ""; err != nil || !reflect.DeepEqual(l, again) {
				t.Errorf("%s: %s is written as %s: %v", file, line, l.String(), err)
			}
		}
	}
}

// A line is a text, what it is written as, and what is wrong with it.
type line struct{ text, written, wrong string }

func (l line) check(t *testing.T, written string, err error) {
	t.Helper()
	if err != nil {
		written = ""
	}
	if l.wrong != "" {
		l.wrong = "f:1: " + l.wrong
	}
	if got := fmt.Sprint(err); written != l.written || got != l.wrong && !(err == nil && l.wrong == "") {
		t.Errorf("%s\ngives %s\nand   %v", l.text, written, err)
	}
}

func TestScenarioReadsItsLines(t *testing.T) {
	for _, l := range []line{
		{`{"op":"hello","version":1,"id":7}`, `{7 1 0  }`, ""},
		{`{"op":"work"}`, fmt.Sprintf(`{ 0 %d  }`, All), ""},
		{`{"op":"work","max":2}`, `{ 0 2  }`, ""},
		{`{"op":"work","max":0}`, "", `field "max" must be a positive integer`},
		{`{"op":"fail","ops":"a","net":"n"}`, `{ 0 0 a ENOMEM}`, ""},
		{`{"op":"fail","ops":"a","net":"n","err":"EIO"}`, `{ 0 0 a EIO}`, ""},
		{`{"op":"fail","ops":"a","net":"n","err":3}`, `{ 0 0 a 3}`, ""},
		{`{"op":"fail","ops":"a","net":"n","err":"EINTR"}`, "", `field "err" must be one of the errno names an init may return, or a positive integer below 2^63`},
		{`{"op":"fail","ops":"a","net":"n","err":0}`, "", `field "err" must be one of the errno names an init may return, or a positive integer below 2^63`},
		{`{"op":"reset"}`, `{ 0 0  }`, ""},
		{`{"op":"get","net":"n"}`, `{ 0 0  }`, ""},
		{`{"op":"state"}`, "", `unknown op "state"`},
		{`{"op":"cleanup"}`, "", `unknown op "cleanup"`},
		{`{"op":"nothing"}`, "", `unknown op "nothing"`},
		{`{"client":0,"call":1,"return":2,"op":"get","net":"n","err":""}`, "", `unknown field "client"; a history is for pernet lin`},
		{`{"op":"register_subsys","ops":"a","defer":true,"exit":true}`, `{ 0 0 a }`, ""},
		{`{"op":"register_subsys","ops":"a","defer":false,"exit":false}`, `{ 0 0 a }`, ""},
		{`{"op":"register_device","ops":"a","defer":true,"exit":false}`, "", `an ops with "exit":false has no exit that could defer`},
		{`{"op":"unregister_device","ops":"a","defer":true}`, "", `unknown field "defer"`},
		{`{"op":"barrier"}`, `{ 0 0  }`, ""},
		{`{"op":"run_deferred","max":1}`, "", `unknown field "max"`},
		{`{"op":"copy","newnet":false,"net":"n"}`, "", `a copy with "newnet":false has no field "net"`},
		{`{"op":"get","net":""}`, "", `field "net" must be a name of 1 to 64 bytes`},
		{`{"op":"fail_alloc","err":"ENOMEM"}`, "{ 0 0  }", ""},
		{`{"op":"fail_alloc","err":"EIO"}`, "", `field "err" must be "ENOMEM" or "ENOSPC"`},
	} {
		got, err := read(l.text, Scenario)
		l.check(t, fmt.Sprintf("{%s %d %d %s %v}", got.ID, got.Version, got.Max, got.Ops, got.Err), err)
	}
}

// TestScenarioIsWrittenAsItWasRead: what AppendScenario writes is read as the same line.
func TestScenarioIsWrittenAsItWasRead(t *testing.T) {
	for _, text := range []string{
		`{"op":"hello","version":1}`, `{"op":"reset"}`, `{"op":"list","id":7}`, `{"op":"work"}`, `{"op":"work","max":3}`, `{"op":"fail_alloc"}`, `{"op":"fail_alloc","err":"ENOSPC"}`,
		`{"op":"fail","ops":"a","net":"n","err":"EIO"}`, `{"op":"fail","ops":"a","net":"n","err":2}`,
		`{"op":"register_subsys","ops":"a","init":false,"exit":false}`, `{"op":"unregister_device","ops":"a"}`,
		`{"op":"register_device","ops":"a","defer":true}`, `{"op":"barrier"}`, `{"op":"run_deferred"}`,
		`{"op":"copy","net":"n","from":"m"}`, `{"op":"copy","newnet":false,"from":"m"}`, `{"op":"copy","net":"n"}`, `{"op":"release","net":"n"}`,
	} {
		l, err := read(text, Scenario)
		if got := string(l.AppendScenario(nil)); err != nil || got != text+"\n" {
			t.Errorf("%s: %s%v", text, got, err)
		}
	}
}

func TestOperationSaysWhatIsWrong(t *testing.T) {
	for _, l := range []line{
		{`{"client":0,"call":2,"return":1,"op":"get","net":"n","err":""}`, "", "return 1 lies before call 2"},
		{`{"client":0,"call":1,"return":null,"op":"get","net":"n","err":""}`, "", `an operation that never returned must not have the field "err"`},
		{`{"client":0,"call":1,"return":null,"op":"get","net":"n"}`, `{"client":0,"call":1,"return":null,"op":"get","net":"n"}`, ""},
		{`{"client":0,"call":1,"return":2,"op":"nothing"}`, "", `unknown op "nothing"`},
		{`{"op":"get","net":"n"}`, "", `field "client" is missing; a scenario or its results are for pernet replay`},
		{`{"client":-2,"call":1,"return":null,"op":"get","net":"n"}`, `{"client":-2,"call":1,"return":null,"op":"get","net":"n"}`, ""},
		{`{"client":-3,"call":1,"return":null,"op":"get","net":"n"}`, "", `field "client" must not be below -2, which is the set-up of a program`},
		{`{"client":-1,"call":1,"return":null,"op":"cleanup"}`, `{"client":-1,"call":1,"return":null,"op":"cleanup","nets":[]}`, ""},
		{`{"client":-1,"call":1,"return":2,"op":"cleanup","nets":["n"]}`, "", `field "freed" is missing: a cleanup that returned has the net that it freed, or [] if the net was kept`},
		{`{"client":0,"call":1,"return":2,"op":"list","nets":[],"err":"EIO"}`, "", `list does not fail: field "err" must be "" or absent`},
		{`{"client":0,"call":1,"return":2,"op":"list","nets":[],"err":""}`, `{"client":0,"call":1,"return":2,"op":"list","nets":[]}`, ""},
		{`{"client":0,"call":1,"return":2,"op":"list","nets":[""]}`, "", `field "nets" must hold names of 1 to 64 bytes`},
		{`{"client":0,"call":1,"return":2,"op":"get","net":"n","err":"","calls":[["run","a","n"]]}`, "", `field "calls" must hold "init", "exit", "pre_exit", "exit_rtnl" and "exit_batch", not "run"`},
		{`{"client":0,"call":1,"return":2,"op":"get","net":"n","err":"","calls":[["deferred","a","n"]]}`, "", `field "calls" must hold "init", "exit", "pre_exit", "exit_rtnl" and "exit_batch", not "deferred"`},
		{`{"client":0,"call":1,"return":2,"op":"barrier"}`, "", `unknown op "barrier"`},
		{`{"client":0,"call":1,"return":2,"op":"get","net":"n","err":"","calls":[["init","","n"]]}`, "", `field "calls" must hold names of 1 to 64 bytes`},
		{`{"client":0,"call":1,"return":2,"op":"get","net":"n","err":"EWHATEVER","calls":null}`, `{"client":0,"call":1,"return":2,"op":"get","net":"n","err":"EWHATEVER","calls":null}`, ""},
		{`{"client":0,"call":1,"return":2,"op":"copy","net":"n","from":"init_net","err":3}`, `{"client":0,"call":1,"return":2,"op":"copy","net":"n","err":3}`, ""},
	} {
		got, err := read(l.text, Operation)
		if err != nil {
			got.Op = "list" // so that it can be written at all
		}
		l.check(t, got.String(), err)
	}
}

func TestResultsAreReadAndWritten(t *testing.T) {
	const lists = `"freed":[],"pernet_list":[],"first_device":null,"nets":["init_net"]}`
	features := []string{"x", "y"}
	for _, l := range []line{
		{`{"op":"get","err":"","calls":[],` + lists, `{"op":"get","err":"","calls":[],` + lists, ""},
		{`{"op":"work","id":3,"err":"EWHATEVER","calls":[["exit","a","n"]],"kept":["n"],` + lists,
			`{"op":"work","id":3,"err":"EWHATEVER","calls":[["exit","a","n"]],"freed":[],"kept":["n"],"pernet_list":[],"first_device":null,"nets":["init_net"]}`, ""},
		{`{"op":"barrier","err":"","calls":[["deferred","a","n"]],` + lists, `{"op":"barrier","err":"","calls":[["deferred","a","n"]],` + lists, ""},
		{`{"op":"barrier","err":"","calls":[["late","a","n"]],` + lists, "", `field "calls" must hold "init", "exit" and "deferred", not "late"`},
		{`{"op":"work","err":"","calls":[],"kept":[],` + lists, "", `field "kept" must be absent when it is empty`},
		{`{"op":"get","err":"",` + lists, "", `field "calls" is missing`},
		{`{"op":"state","err":"","calls":[],` + lists, "", `unknown op "state"`},
		{`{"op":"hello","version":1,"name":"p","language":"c","features":["x"]}`, `{"op":"hello","version":1}`, ""},
		{`{"op":"hello","version":1,"discipline":"rwsem","name":"p","language":"c","features":[]}`, `{"op":"hello","version":1,"discipline":"rwsem"}`, ""},
		{`{"op":"hello","version":1,"discipline":"mutex","name":"p","language":"c","features":[]}`, `{"op":"hello","version":1}`, ""},
		{`{"op":"hello","version":1,"discipline":"","name":"p","language":"c","features":[]}`, "", `field "discipline" must be "mutex" or "rwsem"`},
		{`{"op":"hello","version":1,"name":"p","language":"c","features":["z"]}`, "", `unknown feature "z"`},
		{`{"op":"hello","version":1,"name":"p","language":"c","features":["x","x"]}`, "", `feature "x" occurs twice`},
		{`{"op":"hello","id":1,"err":"EINVAL"}`, `{"op":"hello","id":1,"err":"EINVAL"}`, ""},
		{`{"op":"hello","version":1,"err":"EINVAL"}`, "", `field "err" is only in the refusal of a hello, without "version"`},
	} {
		got, err := read(l.text, func(o *Object) (Answer, error) { return Result(o, features) })
		var fields []string
		for _, f := range got.Fields() {
			fields = append(fields, fmt.Sprintf("%q:%s", f.Name, f.Value))
		}
		written := "{" + strings.Join(fields, ",") + "}"
		l.check(t, written, err)
		if err == nil && got.Op != Hello && string(got.AppendResult(nil)) != written+"\n" {
			t.Errorf("%s\nis not\n%s", got.AppendResult(nil), written)
		}
	}
	for version, want := range map[int64]string{
		1: `{"op":"hello","id":5,"version":1,"name":"pernet","language":"go","features":["x","y"]}` + "\n",
		2: `{"op":"hello","id":5,"err":"EINVAL"}` + "\n",
	} {
		if got := string((&Line{Op: Hello, ID: "5", Version: version}).AppendHello(nil, features)); got != want {
			t.Errorf("version %d: %s", version, got)
		}
	}
}

// TestWritingAnUnknownFieldPanics: a call of the table with a field that this package does not know must not pass in silence.
func TestWritingAnUnknownFieldPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	new(Line).AppendValue(nil, "whatever")
}

func TestTimesOfCallbacksAreWritten(t *testing.T) {
	l := Line{Op: Put, Net: "n", Calls: []Callback{{Exit: true, Ops: "s", Net: "n", Timed: true, Begin: 120, End: 130}, {Ops: "s", Net: "n"}}}
	if got := l.String(); !strings.Contains(got, `"calls":[["exit","s","n",120,130],["init","s","n"]]`) {
		t.Error(got)
	}
}

// TestStagesOfAnUndoAreWrittenWhereTheyRan: what is read is written as it was, and untimed without any time.
func TestStagesOfAnUndoAreWrittenWhereTheyRan(t *testing.T) {
	const line = `{"client":-1,"call":1,"return":9,"op":"cleanup","nets":["n","m"],"calls":[["pre_exit","a","n",2,3],["exit_rtnl","a","n"],` +
		`["exit","a","n",4,5],["exit","a","m"],["exit_batch","a",["n","m"],6,7]],"freed":["n","m"]}`
	l, err := read(line, Operation)
	if err != nil || l.String() != line {
		t.Errorf("%v\n%s", err, l.String())
	}
	untimed := string(l.AppendUntimed(nil))
	const want = `"calls":[["pre_exit","a","n"],["exit_rtnl","a","n"],["exit","a","n"],["exit","a","m"],["exit_batch","a",["n","m"]]]`
	if !strings.Contains(untimed, want) || l.String() != line {
		t.Error(untimed)
	}
	l.Calls = nil
	for i := range l.Stages {
		l.Stages[i].After = 0
	}
	if got := l.String(); !strings.Contains(got, `"calls":[["pre_exit","a","n",2,3],["exit_rtnl","a","n"],["exit_batch","a",["n","m"],6,7]]`) {
		t.Error(got)
	}
}
