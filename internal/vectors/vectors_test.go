// SPDX-License-Identifier: MIT

package vectors

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/pernet/docs"
	"example.com/pernet/internal/race"
	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// tiny and small are bounds whose graphs take a moment; small has every row and every feature.
var (
	tiny  = Bounds{Ops: 1, Nets: 1, MaxCount: 1}
	small = Bounds{Ops: 2, Nets: 1, MaxCount: 1, MaxUse: 1, Features: order}
)

func generate(t *testing.T, b Bounds) *Set {
	t.Helper()
	s, err := Generate(model.Mutex, b, "set")
	if err != nil {
		t.Fatal(err)
	}
	return reread(t, s)
}

// reread writes a set and reads it.
func reread(t *testing.T, s *Set) *Set {
	t.Helper()
	var file bytes.Buffer
	if err := s.Write(&file); err != nil {
		t.Fatal(err)
	}
	s, err := Read(&file, s.Name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func check(t *testing.T, s *Set) Report {
	t.Helper()
	r, err := Check(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestGeneratedSetTakesEveryEdge, and has as many states as another enumeration found.
func TestGeneratedSetTakesEveryEdge(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	for _, b := range []Bounds{small, {Ops: 2, Nets: 2, MaxCount: 2}} {
		s := generate(t, b)
		r := check(t, s)
		if len(r.Problems) > 0 || r.Covered != s.Edges || s.Edges < 5000 {
			t.Errorf("%+v: %d of %d edges\n%s", b, r.Covered, s.Edges, strings.Join(r.Problems, "\n"))
		}
		if b.MaxCount == 2 && s.States != 594 {
			t.Errorf("%d states, an enumeration of its own found 594", s.States)
		}
	}
}

// TestGeneratedSetOfTheOtherDiscipline: nets are cleaned up together, newest first, and the last
// release frees.
func TestGeneratedSetOfTheOtherDiscipline(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	s, err := Generate(model.RWSem, Bounds{Ops: 2, Nets: 2, MaxCount: 1, MaxUse: 1, Features: []string{"use-count", "misuse"}}, "set")
	if err != nil {
		t.Fatal(err)
	}
	s = reread(t, s)
	if r := check(t, s); len(r.Problems) > 0 || r.Covered != s.Edges || !strings.HasPrefix(s.ID, "rwsem-edges-") {
		t.Errorf("%s: %d of %d edges\n%s", s.ID, r.Covered, s.Edges, strings.Join(r.Problems, "\n"))
	}
	seen := map[string]bool{}
	for i := range s.Vectors {
		for _, a := range s.Vectors[i].Answer {
			seen["together"] = seen["together"] || a.Op == wire.Work && len(a.Freed) == 2 && len(a.Calls) == 4 && a.Calls[0].Ops == a.Calls[1].Ops
			seen["released"] = seen["released"] || a.Op == wire.Release && len(a.Freed) == 1
			seen["kept"] = seen["kept"] || len(a.Kept) > 0
		}
	}
	if len(seen) != 3 || !seen["together"] || !seen["released"] || !seen["kept"] {
		t.Error(seen)
	}
}

// TestSetsOfTheRepositoryAreWhole recounts the published sets.
func TestSetsOfTheRepositoryAreWhole(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	page, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name           string
		states, edges  int
		vectors, bytes int // at most
	}{
		{"smoke.jsonl", 0, 0, 60, 1 << 17},
		{"edges-core.jsonl.gz", 2000, 30_000, 1000, 1 << 20},
		{"edges.jsonl.gz", 20_000, 240_000, 10_000, 2_000_000},
		{"edges-all.jsonl.gz", 4000, 90_000, 2000, 1 << 20},
		{"schedules.jsonl.gz", 2500, 5000, 2000, 100_000},
		{"rwsem-schedules.jsonl.gz", 4000, 8000, 3000, 100_000},
		{"rwsem-smoke.jsonl", 0, 0, 60, 1 << 17},
		{"rwsem-edges-core.jsonl.gz", 2000, 30_000, 1000, 1 << 20},
		{"rwsem-edges-all.jsonl.gz", 3000, 80_000, 2000, 1 << 20},
	} {
		file, err := os.ReadFile("../../testdata/vectors/" + c.name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Read(bytes.NewReader(file), c.name)
		if err != nil {
			t.Fatal(err)
		}
		if s.States < c.states || s.Edges < c.edges || len(s.Vectors) > c.vectors || len(file) > c.bytes {
			t.Errorf("%s: %d states, %d edges, %d vectors, %d bytes", c.name, s.States, s.Edges, len(s.Vectors), len(file))
		}
		if r := check(t, s); len(r.Problems) > 0 {
			t.Errorf("%s: %s", c.name, strings.Join(r.Problems, "\n"))
		}
		grouped := func(n int) string {
			if n < 1000 {
				return strconv.Itoa(n)
			}
			return fmt.Sprintf("%d,%03d", n/1000, n%1000)
		}
		row := fmt.Sprintf("| `%s` | `%s/` | %s | %s | %s |", c.name, s.ID, grouped(s.States), grouped(s.Edges), grouped(len(s.Vectors)))
		if row = strings.ReplaceAll(row, " 0 ", " – "); !strings.Contains(string(page), row) {
			t.Errorf("docs/formats.md lacks %s", row)
		}
	}
}

// TestRecountFindsWhatIsWrong breaks a set in each way.
func TestRecountFindsWhatIsWrong(t *testing.T) {
	whole := generate(t, tiny)
	for want, spoil := range map[string]func(s *Set){
		`no vector takes {"op":"register_subsys","ops":"a"} in the state ops [], nets [init_net count 1]`: func(s *Set) { s.Vectors = nil },
		`edges-1-1-1/1: line 2: {"op":"register_subsys","ops":"a"}` + "\n  in the set: ":                  func(s *Set) { s.Vectors[0].Answer[1].Err = 0 },
		fmt.Sprintf("edges: 1 in the set, %d of the graph: the set is stale", whole.Edges):                func(s *Set) { s.Edges = 1 },
		"graph: 0 in the set":                  func(s *Set) { s.Graph = "0" },
		"is no edge of the graph in the state": func(s *Set) { s.Vectors[0].Asked[1].Ops = "unknown" },
		`needs [], the set says ["misuse"]`:    func(s *Set) { s.Vectors[0].Needs = []string{"misuse"} },
		"takes the steps":                      func(s *Set) { s.Vectors[0].Rows = s.Vectors[0].Rows[1:] },
		"calls; a vector has at most 100": func(s *Set) {
			for v := &s.Vectors[0]; len(v.Asked) < 150; {
				v.Asked, v.Answer = append(v.Asked, wire.Line{Op: wire.Work, Max: 1}), append(v.Answer, v.Answer[len(v.Answer)-1])
				v.Lines = append(v.Lines, v.Lines[0])
			}
		},
	} {
		s := reread(t, whole)
		spoil(s)
		if r := check(t, s); !strings.Contains(strings.Join(r.Problems, "\n"), want) {
			t.Errorf("want %s in\n%s", want, strings.Join(r.Problems, "\n"))
		}
	}
}

func TestReportCutsTheListOfProblems(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	s := generate(t, small)
	s.Vectors = nil
	if r := check(t, s); len(r.Problems) != mostProblems || r.More != s.Edges-mostProblems {
		t.Errorf("%d problems and %d more", len(r.Problems), r.More)
	}
}

func TestCheckEndsWithItsContext(t *testing.T) {
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := Check(ctx, generate(t, tiny)); !errors.Is(err, stop) {
		t.Error(err)
	}
}

func TestBoundsOutOfRangeAreRejected(t *testing.T) {
	for want, b := range map[string]Bounds{
		"0 ops: between 1 and 26":               {Nets: 1, MaxCount: 1},
		"27 ops: between 1 and 26":              {Ops: 27, Nets: 1, MaxCount: 1},
		"0 nets: between 1 and 100":             {Ops: 1, MaxCount: 1},
		"a count of at most 0: at least 1":      {Ops: 1, Nets: 1},
		"a use count of at most 1: 0 without":   {Ops: 1, Nets: 1, MaxCount: 1, MaxUse: 1},
		`unknown feature "speed"`:               {Ops: 1, Nets: 1, MaxCount: 1, Features: []string{"speed"}},
		"more than 1000 edges; choose smaller":  {Ops: 9, Nets: 9, MaxCount: 1},
		"a use count of at most -1: 0 without ": {Ops: 1, Nets: 1, MaxCount: 1, MaxUse: -1},
	} {
		if _, err := newGraph(model.Mutex, b, 1000); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", b, err, want)
		}
	}
}

// TestBadFilesAreRejected: each message names the file and the line.
func TestBadFilesAreRejected(t *testing.T) {
	const head = `{"vectors":1,"id":"s","discipline":"mutex"}` + "\n"
	const line = `{"op":"list"}`
	const due = `{"op":"list","err":"","calls":[],"freed":[],"pernet_list":[],"first_device":null,"nets":["init_net"]}`
	good := fmt.Sprintf(`{"id":"s/1","why":"w","rows":["ListNetsRead"],"x_":1,"lines":[%s],"due":[%s]}`, line, due) + "\n"
	s, err := Read(strings.NewReader(head+good), "f")
	if err != nil {
		t.Fatal(err)
	}
	if r := check(t, s); len(r.Problems) > 0 {
		t.Error(r.Problems)
	}
	for _, c := range []struct{ in, want string }{
		{"", "f: the file is empty"},
		{good, `f:1: the first line describes the set: unknown field`},
		{strings.Replace(head, ":1", ":2", 1), "f:1: version 2 of the vectors; this reads version 1"},
		{head + "{\n", "f:2: "},
		{head + good + good, `f:3: id "s/1": the id of each vector is its own, and begins with "s/"`},
		{head + strings.Replace(good, `s/1`, `t/1`, 1), `f:2: id "t/1"`},
		{head + strings.Replace(good, `"why":"w"`, `"why":""`, 1), `f:2: field "why" is missing`},
		{head + strings.Replace(good, `"x_":1`, `"y_":1`, 1), `f:2: unknown field "y_"`},
		{head + strings.Replace(good, due, "", 1), `f:2: field "due" is missing`},
		{head + strings.Replace(good, due, due+","+due, 1), `f:2: 1 lines and 2 answers`},
		{head + strings.Replace(good, line, `{"op":"lost"}`, 1), `f:2: lines[0]: unknown op "lost"`},
		{head + strings.Replace(good, line, `{"op":"hello","version":1}`, 1), `f:2: lines: a vector has no hello`},
		{head + strings.Replace(good, `"err":"",`, ``, 1), `f:2: due[0]: field "err" is missing`},
		{"\x1f\x8b", "f: "},
		{head + strings.Replace(good, line, `{"op":"run"}`, 1), `f:2: lines[0]: field "clients" is missing`},
		{head + strings.Replace(good, line, `{"op":"run","clients":[]}`, 1), "f:2: due: a run without a schedule has none"},
		{head + strings.Replace(good, line, `{"op":"run","clients":[],"schedule":[]},{"op":"list"}`, 1), "f:2: lines: a run is the only line of a vector"},
		{head + `{"id":"s/1","why":"w","rows":[],"lines":[{"op":"run","clients":[],"schedule":[]}]}`, `f:2: field "due" is missing`},
	} {
		if _, err := Read(strings.NewReader(c.in), "f"); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.in, err, c.want)
		}
	}
}

func TestWriteCompressesByName(t *testing.T) {
	s := generate(t, tiny)
	s.Name = "set.jsonl.gz"
	var file bytes.Buffer
	if err := s.Write(&file); err != nil {
		t.Fatal(err)
	}
	if _, err := gzip.NewReader(bytes.NewReader(file.Bytes())); err != nil {
		t.Error(err)
	}
	if again, err := Read(&file, s.Name); err != nil || len(again.Vectors) != len(s.Vectors) {
		t.Error(err)
	}
}

func TestWriteReturnsTheErrorOfTheWriter(t *testing.T) {
	r, w := io.Pipe()
	broken := errors.New("broken")
	r.CloseWithError(broken)
	if err := generate(t, tiny).Write(w); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// TestRowsAreThoseOfTheTable holds the steps that vectors name to docs/correspondence.md, and
// needs each of them to be taken.
func TestRowsAreThoseOfTheTable(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	taken := map[string]bool{"ListNetsRead": true, "RcuBarrier": true, "DeferredRun": true} // of the smoke set
	s := generate(t, small)
	for i := range s.Vectors {
		for _, row := range s.Vectors[i].Rows {
			taken[row] = true
		}
	}
	for _, row := range rows {
		if !strings.Contains(docs.Correspondence, "`"+row+"`") || !taken[row] {
			t.Errorf("%s: taken %t", row, taken[row])
		}
	}
}

func TestOrderHasEachFeatureOfAPort(t *testing.T) {
	a, b := slices.Sorted(slices.Values(append([]string{replay.FeatureDefer}, order...))), slices.Sorted(slices.Values(replay.Features))
	if !slices.Equal(a, b) {
		t.Errorf("%q, want %q", a, b)
	}
}

func TestVectorsMatchTheirSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	for _, name := range []string{"scenario", "result", "run"} {
		text, err := os.ReadFile("../../docs/schema/" + name + ".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("https://example.com/pernet/schema/"+name+".schema.json", doc); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile("../../docs/schema/vectors.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	smoke, err := os.ReadFile("../../testdata/vectors/smoke.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var set bytes.Buffer
	if err := generate(t, tiny).Write(&set); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open("../../testdata/vectors/schedules.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	schedules, err := Read(file, "schedules")
	if err != nil {
		t.Fatal(err)
	}
	schedules.Vectors = slices.DeleteFunc(schedules.Vectors, func(v Vector) bool { return !strings.HasSuffix(v.ID, "1") })
	if err := schedules.Write(&set); err != nil {
		t.Fatal(err)
	}
	program := OfProgram(&wire.Program{Clients: [][]wire.Step{{{Line: wire.Line{Op: wire.List}, If: -1}}}})
	program.ID, program.Why = "s/1", "w"
	if err := (&Set{Head: schedules.Head, Vectors: []Vector{program}}).Write(&set); err != nil {
		t.Fatal(err)
	}
	validate := func(line string) error {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	for line := range strings.Lines(string(smoke) + set.String()) {
		if err := validate(line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, bad := range []string{
		`{"vectors":2,"id":"s","discipline":"mutex"}`, `{"vectors":1,"id":"s","discipline":"rcu"}`, `{"id":"s/1"}`,
		`{"vectors":1,"id":"s","discipline":"mutex","bounds":{"ops":1,"nets":1,"max_count":1,"max_use":0,"features":[]}}`,
		`{"id":"s/1","why":"w","rows":[],"lines":[{"op":"lost"}],"due":[{"op":"hello","err":"EINVAL"}]}`,
		`{"id":"s/1","why":"w","rows":[],"lines":[{"op":"run","clients":[]}],"due":[{"op":"run","err":""}]}`,
		`{"id":"s/1","why":"w","rows":[],"lines":[{"op":"run","clients":[],"schedule":[]}],"due":[{"op":"run","operations":0,"err":""}]}`,
		`{"id":"s/1","why":"w","rows":[],"lines":[{"op":"run","clients":[],"schedule":[]}]}`,
		`{"id":"s/1","why":"w","rows":[],"lines":[{"op":"list"}]}`,
	} {
		if validate(bad) == nil {
			t.Errorf("accepted: %s", bad)
		}
	}
}
