// SPDX-License-Identifier: MIT

package page

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

func TestDotDrawsEveryStateAndEdge(t *testing.T) {
	in, err := mutex.ReadInstance("../../spec/MCnetns.cfg")
	if err != nil {
		t.Fatal(err)
	}
	in.Programs = [][]clients.Call{{{Op: "copy", X: 0}}, {{Op: "register_device", X: 1}}}
	r := explore.Explore(context.Background(), in, explore.Options{})
	if r.Verdict != explore.Complete || len(r.Graph.States) < 50 {
		t.Fatalf("%s: %d states: %s", r.Verdict, len(r.Graph.States), r.Problem)
	}
	var b bytes.Buffer
	if err := Dot(&b, r.Graph, ShortLabel(in)); err != nil {
		t.Fatal(err)
	}
	states := regexp.MustCompile(`(?m)^  s\d+ \[label="[^"]+"(, peripheries=2)?\];$`).FindAllString(b.String(), -1)
	edges := regexp.MustCompile(`(?m)^  s\d+ -> s\d+ \[label="[^"]+"\];$`).FindAllString(b.String(), -1)
	if len(states) != len(r.Graph.States) || len(edges) != r.Graph.Edges() {
		t.Errorf("%d states, %d edges, want %d, %d", len(states), len(edges), len(r.Graph.States), r.Graph.Edges())
	}
	for _, want := range []string{
		`s0 [label="[|]\nN_1=1", peripheries=2];`,
		`[label="T2: RegisterLock"];`,
		`\nT_2 RegisterInit +net_mutex"`,
		`N_2=1 new`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestDotEscapesLabelsAndRejectsLargeGraphs(t *testing.T) {
	g := graph.New[int]()
	for i := range maxDotStates {
		g.Add(i)
	}
	g.Out[0] = append(g.Out[0], graph.Edge{Label: `a "b" \c`, To: 0, Choice: sched.Choice{}})
	var b bytes.Buffer
	if err := Dot(&b, g, func(int) string { return "x\ny" }); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `  s0 -> s0 [label="a \"b\" \\c"];`) || !strings.Contains(b.String(), `[label="x\ny"]`) {
		t.Error(b.String()[:400])
	}
	b.Reset()
	g.Add(maxDotStates)
	err := Dot(&b, g, func(int) string { return "" })
	if err == nil || b.Len() != 0 || !strings.Contains(err.Error(), "the graph has 2001 states, and the limit for drawing is 2000") {
		t.Error(err, b.Len())
	}
}
