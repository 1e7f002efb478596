package contract

import (
	"context"
	"example.com/pernet/internal/graph"
	"example.com/pernet/model"
	"os"
	"testing"
	"time"
)

func TestTry(t *testing.T) {
	start := time.Now()
	g, err := Build(context.Background(), model.Instance{Ops: 1, Nets: 3, Copies: 1, MaxCount: 2}, Names{Ops: []string{"O_a"}, Nets: []string{"N_0", "N_1", "N_2"}, Copies: []string{"C_1"}, NoOps: "O_none", NoNet: "N_none", ListHead: "O_head"})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(g.States), g.Edges(), time.Since(start))
	f, err := os.Open("/tmp/mcr.dot")
	if err != nil {
		t.Fatal(err)
	}
	start = time.Now()
	h, err := graph.ReadDump(f, graph.Canonical)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(h.States), h.Edges(), time.Since(start))
	if d := graph.Compare(h, g); d != nil {
		t.Fatal(d.Report(func(s string) string { return s }))
	}
	enc := func(b []byte, s string) []byte { return append(b, s...) }
	start = time.Now()
	t.Log(g.Digest(enc), h.Digest(enc), time.Since(start))
}
