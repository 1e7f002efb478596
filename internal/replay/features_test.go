// SPDX-License-Identifier: MIT

package replay

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A featureRow is a row of the table of features in docs/formats.md.
type featureRow struct{ feature, ops, when string }

// featureTable reads the table.
func featureTable(t *testing.T) (rows []featureRow) {
	t.Helper()
	_, table, _ := strings.Cut(read(t, "../../docs/formats.md"), "| feature | op |")
	table, _, _ = strings.Cut(table, "\n\n")
	for l := range strings.Lines(table) {
		if cells := strings.Split(l, " | "); strings.HasPrefix(l, "| `") && len(cells) == 3 {
			rows = append(rows, featureRow{strings.Trim(cells[0], "| `"), cells[1], cells[2]})
		}
	}
	return rows
}

// randomLines returns lines of every op with every field, on few names.
func randomLines(t *testing.T, n int) (texts []string, lines []wire.Line) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		text := lineOf(byte(r.IntN(256)), byte(r.IntN(256)))
		o, err := wire.NewReader(strings.NewReader(text), "f").Next()
		if err != nil {
			t.Fatal(err)
		}
		l, err := wire.Scenario(o)
		if err != nil {
			t.Fatal(err)
		}
		texts, lines = append(texts, text), append(lines, l)
	}
	return texts, lines
}

// TestFeaturesAreThoseOfTheTable holds the table to the code: what a line needs by its fields.
func TestFeaturesAreThoseOfTheTable(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	rows := featureTable(t)
	var features []string
	for _, r := range rows {
		features = append(features, r.feature)
	}
	if got := slices.Compact(features); !slices.Equal(got, Features) {
		t.Errorf("the table has %q, the code %q", got, Features)
	}
	fields := regexp.MustCompile("`(\"[^`]*)`")
	seen := map[string]bool{}
	texts, lines := randomLines(t, 20000)
	for i, l := range lines {
		text := regexp.MustCompile(`"err":\d+`).ReplaceAllString(texts[i], `"err":1`)
		var want []string
		for _, r := range rows {
			needs := r.feature != "misuse" && strings.Contains(r.ops, "`"+l.Op+"`")
			if with := fields.FindAllStringSubmatch(r.when, -1); needs && r.when != "always |\n" {
				needs = slices.ContainsFunc(with, func(f []string) bool { return strings.Contains(text, f[1]) })
			}
			if needs {
				want = append(want, r.feature)
				seen[r.feature] = true
			}
		}
		if got := needs(&l); !slices.Equal(got, want) {
			t.Fatalf("%s needs %q, the table says %q", texts[i], got, want)
		}
	}
	if len(seen) != len(Features)-1 {
		t.Errorf("lines that need something: %v", seen)
	}
}

// TestMisuseIsThatOfTheTable holds the table to the code: which answers of which ops are misuse.
func TestMisuseIsThatOfTheTable(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	run, err := NewRunner(t.Context(), model.Mutex)
	if err != nil {
		t.Fatal(err)
	}
	type answers map[string]map[string]bool // by op
	add := func(a answers, op, err string) {
		if a[op] == nil {
			a[op] = map[string]bool{}
		}
		a[op][err] = true
	}
	want, got, refused := answers{}, answers{}, answers{}
	for _, r := range featureTable(t) {
		if r.feature == "misuse" {
			for _, op := range regexp.MustCompile(`\w+`).FindAllString(r.ops, -1) {
				for _, e := range regexp.MustCompile(`E[A-Z]+`).FindAllString(r.when, -1) {
					add(want, op, e)
				}
			}
		}
	}
	_, lines := randomLines(t, 100000)
	for _, l := range lines {
		if _, err := run.Do(&l); err != nil {
			t.Fatal(err)
		}
		switch r := &run.result[1]; {
		case isMisuse(&l, r, run.model.(*modelSide).knows):
			add(got, l.Op, r.Err.String())
		case r.Err < 0 && len(r.Calls) == 0:
			add(refused, l.Op, r.Err.String())
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("misuse by the code  %v\nmisuse by the table %v", got, want)
	}
	other := answers{wire.Get: {"ENOENT": true}, wire.Copy: {"ENOENT": true, "ENOMEM": true, "ENOSPC": true}}
	if !reflect.DeepEqual(refused, other) {
		t.Errorf("refused, and no misuse: %v, want %v", refused, other)
	}
	if isMisuse(new(wire.Line), &wire.Line{Err: model.EEXIST, Calls: []wire.Callback{{Ops: "a", Net: "n"}}}, newModelSide(model.Mutex).knows) {
		t.Error("what an init returned is taken for misuse")
	}
}

// port answers a scenario, which begins with hello, as an implementation that
// lacks some features, by the rules of the format alone.
func port(t *testing.T, in string, lacks ...string) string {
	t.Helper()
	var b bytes.Buffer
	m := newModelSide(model.Mutex)
	for l := range strings.Lines(in) {
		o, err := wire.NewReader(strings.NewReader(l), "p").Next()
		if err != nil {
			t.Fatal(err)
		}
		line, err := wire.Scenario(o)
		if err != nil {
			t.Fatal(err)
		}
		var r wire.Line
		refuse := func(is bool, feature string) { // before anything is done
			if is && slices.Contains(lacks, feature) && r.Op == "" {
				r = wire.Line{Op: line.Op, ID: line.ID, Err: model.ENOTSUP}
				m.machine.Lists(&r, m)
			}
		}
		refuse(line.Op == wire.Fail && line.Err > 0, "positive-init")
		refuse((line.Op == wire.RegisterSubsys || line.Op == wire.RegisterDevice) && (line.NoInit || line.NoExit), "no-callback")
		refuse(line.Op == wire.Hold || line.Op == wire.Release, "use-count")
		refuse(line.Op == wire.FailAlloc, "fail-alloc")
		refuse(line.Op == wire.Copy && line.Share, "newnet")
		refuse(line.Defers || line.Op == wire.Barrier || line.Op == wire.RunDeferred, "defer")
		switch {
		case line.Op == wire.Hello:
			names := slices.DeleteFunc(slices.Clone(Features), func(f string) bool { return slices.Contains(lacks, f) })
			slices.Reverse(names)
			b.Write((&wire.Line{Op: wire.Hello, Version: wire.Version}).AppendHello(nil, names))
			continue
		case r.Op == "":
			r = wire.Line{Op: line.Op, ID: line.ID}
			if err := m.Do(&line, &r); err != nil {
				t.Fatal(err)
			}
			misuse := len(r.Calls) == 0 && slices.Contains([]model.Err{model.EEXIST, model.ENOENT, model.EINVAL}, r.Err)
			for _, n := range []string{line.Net, line.From} { // a reference that safety refuses is no misuse
				misuse = misuse && !(r.Err == model.ENOENT && m.nets.id(n) != 0 && (line.Op == wire.Get || n == line.From))
			}
			if misuse && slices.Contains(lacks, "misuse") {
				r.Err = model.ENOTSUP
			}
		}
		b.Write(r.AppendResult(nil))
	}
	return b.String()
}

// TestCheckSkipsWhatAPortLacks: a port may lack features only if its answer to hello says so.
func TestCheckSkipsWhatAPortLacks(t *testing.T) {
	const hello = `{"op":"hello","version":1}` + "\n"
	for _, lacks := range append([]string{strings.Join(Features, " ")}, Features...) {
		skipped := 0
		for _, file := range files(t, scenarios, 20) {
			in := hello
			for l := range strings.Lines(read(t, file)) {
				if !strings.Contains(l, `"hello"`) {
					in += l
				}
			}
			results := port(t, in, strings.Fields(lacks)...)
			out, err := checked(in, results)
			if err != nil || !strings.Contains(out, "s: equal, ") {
				t.Errorf("%s without %s: %v\n%s", file, lacks, err, out)
			}
			skipped += strings.Count(out, ": skipped: needs ")
			right, _ := replay(in, "s") // answering all the same is right too
			_, right, _ = strings.Cut(right, "\n")
			hello, _, _ := strings.Cut(results, "\n")
			if out, err := checked(in, hello+"\n"+right); err != nil || strings.Contains(out, "skipped") {
				t.Errorf("%s, all answered without %s: %v\n%s", file, lacks, err, out)
			}
			if strings.Contains(out, ": skipped: ") { // the same answers of one that claims all features
				_, rest, _ := strings.Cut(results, "\n")
				out, err := checked(in, string(helloOfAll)+rest)
				if err != ErrDifferent || !strings.Contains(out, "\n  the answer to hello claims all that the line needs\n") {
					t.Errorf("%s: %v\n%s", file, err, out)
				}
			}
		}
		if skipped == 0 {
			t.Errorf("no scenario needs %s", lacks)
		}
	}
}

var helloOfAll = (&wire.Line{Op: wire.Hello, Version: wire.Version}).AppendHello(nil, Features)

func TestCheckSaysWhenENOTSUPIsRight(t *testing.T) {
	const hello, copied = `{"op":"hello","version":1}` + "\n", `{"op":"copy","newnet":false}` + "\n"
	const none = `{"op":"hello","version":1,"name":"p","language":"c","features":[]}` + "\n"
	const answer = `{"op":"copy","err":"ENOTSUP","calls":[],"freed":[],"pernet_list":[],"first_device":null,"nets":["init_net"]}` + "\n"
	for _, c := range []struct{ in, results, want string }{
		{copied, answer, "without a hello in the scenario, all features are claimed"},
		{hello + copied, none + strings.Replace(answer, "ENOTSUP", "EPERM", 1), "the line needs newnet, which the answer to hello left out: ENOTSUP is right too if nothing has changed"},
		{hello + copied, none + strings.Replace(answer, `"init_net"`, `"init_net","n"`, 1), "\n  nets\n"},
	} {
		if out, err := checked(c.in, c.results); err != ErrDifferent || !strings.Contains(out, c.want) {
			t.Errorf("%v %s", err, out)
		}
	}
	out, err := checked(hello+copied, none+answer)
	if want := "s:2: skipped: needs newnet\ns: equal, 2 lines, 1 of them skipped\n"; err != nil || out != want {
		t.Errorf("%v %s", err, out)
	}
}

// TestGetAtCountZeroIsNoMisuse: a port without the feature misuse must refuse the reference, too.
func TestGetAtCountZeroIsNoMisuse(t *testing.T) {
	const in = `{"op":"hello","version":1}` + "\n" + `{"op":"copy","net":"n1"}` + "\n" + `{"op":"put","net":"n1"}` + "\n"
	const hello = `{"op":"hello","version":1,"name":"p","language":"c","features":["newnet"]}` + "\n"
	for _, line := range []string{`{"op":"get","net":"n1"}`, `{"op":"copy","from":"n1","net":"n2"}`, `{"op":"copy","from":"n1","newnet":false}`} {
		right, msg := replay(in+line, "s")
		if msg != "" {
			t.Fatal(msg)
		}
		_, right, _ = strings.Cut(right, "\n")
		if out, err := checked(in+line, hello+right); err != nil || strings.Contains(out, "skipped") {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
		for _, answer := range []string{"ENOTSUP", ""} {
			out, err := checked(in+line, hello+strings.Replace(right, "ENOENT", answer, 1))
			if err != ErrDifferent || !strings.Contains(out, "    pernet: \"ENOENT\"\n") {
				t.Errorf("%s: %q: %v\n%s", line, answer, err, out)
			}
		}
	}
}

func TestNeedsAreThoseOfTheLineAndItsAnswer(t *testing.T) {
	known := func(net string) bool { return net == "n" }
	for _, c := range []struct {
		line wire.Line
		err  model.Err
		want []string
	}{
		{wire.Line{Op: wire.Get, Net: "n"}, model.ENOENT, nil},
		{wire.Line{Op: wire.Get, Net: "m"}, model.ENOENT, []string{"misuse"}},
		{wire.Line{Op: wire.Copy, From: "m", Share: true}, model.ENOENT, []string{"newnet", "misuse"}},
		{wire.Line{Op: wire.Hold, Net: "n"}, 0, []string{"use-count"}},
	} {
		if got := Needs(&c.line, &wire.Line{Err: c.err}, known); !slices.Equal(got, c.want) {
			t.Errorf("%s %v: %q, want %q", c.line.Op, c.err, got, c.want)
		}
	}
}
