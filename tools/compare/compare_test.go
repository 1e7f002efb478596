// SPDX-License-Identifier: MIT

package compare

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/race"
	"example.com/pernet/tools/tlcrun"
)

// TestGraphsAreTheRecorded compares, for every quick row of the record, the digest of the
// code's graph with the recorded one. It needs no TLC: make record computed the digest when it
// compared TLC's dump with the code's graph, edge by edge. The large graphs are left to make check,
// which has a row for each graph, and to the long mode.
func TestGraphsAreTheRecorded(t *testing.T) {
	rec, err := tlcrun.ReadRecord("../../spec/models.tsv")
	if err != nil {
		t.Fatal(err)
	}
	compared, least, most := 0, 15, int64(20_000)
	switch {
	case race.Enabled: // one thread of the code runs at a time, and internal/explore has two workers on a larger graph
		least, most = 3, 3000
	case os.Getenv("PERNET_LONG") == "1":
		least, most = 20, math.MaxInt64
	}
	for _, row := range rec.Models {
		if row.Code == "" || row.Long || row.Distinct > most {
			continue
		}
		compared++
		t.Run(row.Cfg, func(t *testing.T) {
			o, err := Graphs(context.Background(), row.Code, "../../spec/"+row.Cfg, Options{Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			if int64(o.States) != row.Distinct || int64(o.Edges) != row.Generated-1 || o.Digest != row.Graph {
				t.Errorf("%s: %d states, %d edges, digest %s; the record has %d, %d, %s",
					row.Code, o.States, o.Edges, o.Digest, row.Distinct, row.Generated-1, row.Graph)
			}
		})
	}
	if compared < least {
		t.Errorf("only %d graphs were compared", compared)
	}
}

// TestCountsAreTheRecorded compares the model's states, steps and depth with TLC's, also of
// the instances whose graph is not recorded.
func TestCountsAreTheRecorded(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	rec, err := tlcrun.ReadRecord("../../spec/models.tsv")
	if err != nil {
		t.Fatal(err)
	}
	instances := 0
	for _, row := range rec.Models {
		if row.Module != "MCregistry" || row.Verdict != tlcrun.Pass {
			continue
		}
		instances++
		t.Run(row.Cfg, func(t *testing.T) {
			g, err := Contract(t.Context(), "../../spec/"+row.Cfg)
			if err != nil {
				t.Fatal(err)
			}
			states, generated, depth := len(g.States), g.Edges()+1, depthOf(g)
			if int64(states) != row.Distinct || int64(generated) != row.Generated || depth != row.Depth {
				t.Errorf("%d states, %d generated, depth %d; TLC has %d, %d, %d", states, generated, depth, row.Distinct, row.Generated, row.Depth)
			}
		})
	}
	if instances < 6 {
		t.Errorf("the record has only %d instances", instances)
	}
}

// depthOf returns the most states on a shortest way from the initial one.
func depthOf(g *graph.Graph[string]) (deepest int) {
	depth := make([]int, len(g.States))
	depth[0] = 1
	g.Walk(func(at int32) bool {
		deepest = max(deepest, depth[at])
		for _, e := range g.Out[at] {
			if depth[e.To] == 0 {
				depth[e.To] = depth[at] + 1
			}
		}
		return true
	})
	return deepest
}

// dumpOf writes the model's graph of a cfg as TLC would.
func dumpOf(t *testing.T, cfg string) string {
	t.Helper()
	g, err := Contract(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return dot(g)
}

func dot(g *graph.Graph[string]) string {
	var b strings.Builder
	b.WriteString("strict digraph DiskGraph {\n")
	for i, s := range g.States {
		text := `/\\ ` + strings.ReplaceAll(strings.ReplaceAll(s, `"`, `\"`), "\n", `\n/\\ `)
		fmt.Fprintf(&b, "%d [label=\"%s\"];\n", i+1, text)
	}
	for i, out := range g.Out {
		for _, e := range out {
			fmt.Fprintf(&b, "%d -> %d [label=\"%s\"];\n", i+1, e.To+1, e.Label)
		}
	}
	return b.String() + "}\n}"
}

// TestOneChangeInADumpIsFound adds, removes or renames one edge, with the dump in memory and
// streamed.
func TestOneChangeInADumpIsFound(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	const cfg = "../../spec/MCregistryNoNetNs.cfg"
	whole := dumpOf(t, cfg)
	edge := whole[strings.Index(whole, "1 -> "):]
	edge = edge[:strings.Index(edge, "\n")+1]
	for name, c := range map[string]struct {
		dump, want string
	}{
		"as it is":       {whole, ""},
		"an edge less":   {strings.Replace(whole, edge, "", 1), "only the code has"},
		"an edge more":   {strings.Replace(whole, edge, edge+edge, 1), "only the spec has"},
		"another name":   {strings.Replace(whole, edge, strings.Replace(edge, `label="`, `label="Other`, 1), 1), "only the spec has Other"},
		"another answer": {strings.Replace(whole, `err |-> \"EEXIST\"`, `err |-> \"ENOENT\"`, 1), "only the spec has"},
	} {
		for _, streams := range []bool{false, true} {
			o, err := Graphs(context.Background(), "model", cfg, Options{Dump: strings.NewReader(c.dump), Streams: streams})
			switch {
			case err != nil:
				t.Errorf("%s, streams %v: %v", name, streams, err)
			case c.want == "" && o.Difference != "" || !strings.Contains(o.Difference, c.want):
				t.Errorf("%s, streams %v: %q, want %q", name, streams, o.Difference, c.want)
			}
		}
	}
}

// TestDigestOfADumpAlone tests that the digest of a dump is that of the code's graph exactly if they are equal, and no code runs.
func TestDigestOfADumpAlone(t *testing.T) {
	const cfg = "../../spec/MCregistryNoNetNs.cfg"
	whole := dumpOf(t, cfg)
	code, err := Graphs(t.Context(), "model", cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, dump := range map[string]string{"": whole, "another answer": strings.Replace(whole, `err |-> \"EEXIST\"`, `err |-> \"ENOENT\"`, 1)} {
		o, err := Graphs(t.Context(), "model", cfg, Options{Dump: strings.NewReader(dump), DigestOnly: true})
		if err != nil || o.Code != 0 || o.States != code.States || (o.Digest == code.Digest) != (name == "") {
			t.Errorf("%s: %+v, %v; the code has %+v", name, o, err, code)
		}
	}
}

// TestErrorsHaveNoOutcome tests bad input and interrupts.
func TestErrorsHaveNoOutcome(t *testing.T) {
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		ctx             context.Context
		code, cfg, dump string
		want            string
	}{
		"no such cfg":                 {context.Background(), "impl", "MCnetnsNone.cfg", "", "no such file"},
		"no such cfg of the contract": {context.Background(), "model", "MCregistryNone.cfg", "", "no such file"},
		"a cfg with nothing in it":    {context.Background(), "impl", write("MCnetnsEmpty.cfg", ""), "", "no value for Ops"},
		"what cannot be explored":     {context.Background(), "impl", "../../spec/MCnetnsBoot.cfg", "", "the explorer needs Boot FALSE"},
		"a dump of another spec":      {context.Background(), "impl", "../../spec/MCnetns3ops.cfg", dumpOf(t, "../../spec/MCregistryNoNetNs.cfg"), "no variable"},
		"a dump that is cut off":      {context.Background(), "model", "../../spec/MCregistry3nets.cfg", "strict digraph DiskGraph {\n", "cut off"},
		"no such code":                {context.Background(), "rust", "../../spec/MCnetns3ops.cfg", "", `no code "rust"`},
		"interrupted below":           {stopped, "impl", "../../spec/MCnetns3ops.cfg", "", "incomplete: context canceled"},
		"interrupted above":           {stopped, "model", "../../spec/MCregistry3nets.cfg", "", "context canceled"},
	} {
		var opt Options
		if c.dump != "" {
			opt.Dump = strings.NewReader(c.dump)
		}
		o, err := Graphs(c.ctx, c.code, c.cfg, opt)
		if err == nil || !strings.Contains(err.Error(), c.want) || o != (Outcome{}) {
			t.Errorf("%s: %+v, %v; want %q", name, o, err, c.want)
		}
	}
}
