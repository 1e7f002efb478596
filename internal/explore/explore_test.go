// SPDX-License-Identifier: MIT

package explore

import (
	"context"
	"os"
	"testing"
	"time"

	"example.com/pernet/internal/graph"
)

func TestTry(t *testing.T) {
	in, err := ReadInstance("../../spec/MCnetns.cfg")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	r := in.Explore(context.Background(), Options{MaxStates: 0})
	t.Log(r.Verdict, len(r.Graph.States), r.Graph.Edges(), "steps", r.Steps, "runs", r.Runs, "again", r.Again, r.Problem, len(r.Schedule), time.Since(start))
	if r.Verdict == Failed {
		t.Log(r.Schedule.String())
	}
	f, err := os.Open("/tmp/mc.dot")
	if err != nil {
		t.Fatal(err)
	}
	start = time.Now()
	g, err := graph.ReadDump(f, in.ParseState)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(g.States), g.Edges(), time.Since(start))
	if d := graph.Compare(g, r.Graph); d != nil {
		t.Log(d.Report(in.Describe))
	}
}
