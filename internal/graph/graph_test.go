// SPDX-License-Identifier: MIT

package graph

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/sched"
)

// made returns a small graph: a to b and c, b to c twice, c to itself.
func made() *Graph[string] {
	g := New[string]()
	a, _ := g.Add("x = 1\ny = 1")
	b, _ := g.Add("x = 2\ny = 1")
	c, _ := g.Add("x = 2\ny = 2")
	edge := func(from int32, label string, to int32) {
		g.Out[from] = append(g.Out[from], Edge{label, to, sched.Choice{Thread: label}})
	}
	edge(a, "Right", b)
	edge(a, "Jump", c)
	edge(b, "Up", c)
	edge(b, "Up", c)
	edge(c, "Stay", c)
	return g
}

func encode(b []byte, s string) []byte { return append(b, s...) }

// TestDigestSeesEachChange: one state, label, end or multiplicity other, and
// the digest is another; the order in which a graph was built does not count.
func TestDigestSeesEachChange(t *testing.T) {
	want := made().Digest(encode).String()
	for name, change := range map[string]func(*Graph[string]){
		"an edge less": func(g *Graph[string]) { g.Out[1] = g.Out[1][:1] },
		"an edge more": func(g *Graph[string]) { g.Out[2] = append(g.Out[2], Edge{Label: "Stay", To: 2}) },
		"an edge three times": func(g *Graph[string]) {
			g.Out[2] = append(g.Out[2], Edge{Label: "Stay", To: 2}, Edge{Label: "Stay", To: 2})
		},
		"another label": func(g *Graph[string]) { g.Out[0][0].Label = "Left" },
		"another end":   func(g *Graph[string]) { g.Out[0][0].To = 2 },
		"an edge the other way": func(g *Graph[string]) {
			g.Out[0], g.Out[1] = g.Out[0][1:], append(g.Out[1], Edge{Label: "Right", To: 0})
		},
		"a step that stays elsewhere": func(g *Graph[string]) {
			g.Out[1], g.Out[2] = append(g.Out[1], Edge{Label: "Stay", To: 1}), nil
		},
		"a state more":  func(g *Graph[string]) { g.Add("x = 3\ny = 3") },
		"another state": func(g *Graph[string]) { g.States[2] = "x = 2\ny = 3" },
		"another initial state": func(g *Graph[string]) {
			g.States[0], g.States[1] = g.States[1], g.States[0]
			g.Out[0], g.Out[1] = g.Out[1], g.Out[0]
		},
		"the same edges from other states": func(g *Graph[string]) { g.Out[1], g.Out[2] = g.Out[2], g.Out[1] },
	} {
		g := made()
		change(g)
		if g.Digest(encode).String() == want {
			t.Errorf("%s: the digest is the same", name)
		}
	}
	g := made()
	g.Out[0][0], g.Out[0][1] = g.Out[0][1], g.Out[0][0]
	if g.Digest(encode).String() != want {
		t.Error("the order of edges changes the digest")
	}
}

// TestCompareFindsTheFirstDifference: breadth-first, with the way there.
func TestCompareFindsTheFirstDifference(t *testing.T) {
	if d := Compare(made(), made(), false); d != nil {
		t.Fatalf("a graph differs from itself: %+v", d)
	}
	code := made()
	code.Out[1] = code.Out[1][:1]
	d := Compare(made(), code, false)
	if d == nil || d.At != "x = 2\ny = 1" || d.Schedule.String() != "Right" || len(d.Spec) != 1 || len(d.Code) != 0 {
		t.Fatalf("%+v", d)
	}
	report := d.Report("the spec", "the code", func(s string) string { return s })
	for _, want := range []string{`after the schedule "Right" (`, "only the spec has Up", "y: 1 -> 2"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
	code = made()
	code.Out[2] = append(code.Out[2], Edge{Label: "Home", To: 0})
	if d := Compare(made(), code, false); d == nil || len(d.Code) != 1 || d.Code[0].Label != "Home" || len(d.Spec) != 0 {
		t.Errorf("an edge that only the code has: %+v", d)
	}
	other := New[string]()
	other.Add("x = 9")
	if d := Compare(other, made(), false); d == nil || len(d.Spec) != 1 || len(d.Code) != 1 {
		t.Errorf("another initial state: %+v", d)
	}
	if d := Compare(New[string](), made(), false); d == nil || len(d.Spec) != 0 || len(d.Code) != 1 {
		t.Errorf("no state at all: %+v", d)
	}
}

// TestCompareSeesEachChange: any one edge that leads elsewhere, has another label, is missing or
// is there once more, and any two that have changed ends or labels.
func TestCompareSeesEachChange(t *testing.T) {
	differ := func(what string, code *Graph[string]) {
		if Compare(made(), code, false) == nil || Compare(code, made(), false) == nil {
			t.Errorf("%s: no difference", what)
		}
	}
	for from, out := range made().Out {
		for i, e := range out {
			name := fmt.Sprintf("edge %d of state %d", i, from)
			for to := range int32(3) {
				if code := made(); to != e.To {
					code.Out[from][i].To = to
					differ(fmt.Sprintf("%s leads to %d", name, to), code)
				}
			}
			code := made()
			code.Out[from][i].Label = "Other"
			differ(name+" has another label", code)
			code = made()
			code.Out[from] = append(code.Out[from], e)
			differ(name+" is there once more", code)
			code = made()
			code.Out[from] = slices.Delete(code.Out[from], i, i+1)
			differ(name+" is missing", code)
		}
	}
	code := made()
	code.Out[0][0].To, code.Out[0][1].To = code.Out[0][1].To, code.Out[0][0].To
	differ("two edges of a state have changed ends", code)
	code = made()
	code.Out[0][0].Label, code.Out[2][0].Label = "Stay", "Right"
	differ("two edges have changed labels", code)
}

// dump writes a graph as TLC does: an edge before the state that it leads to.
func dump(g *Graph[string]) string {
	var b strings.Builder
	b.WriteString("strict digraph DiskGraph {\nnodesep=0.35;\nsubgraph cluster_graph {\ncolor=\"white\";\n")
	seen := map[int32]bool{0: true}
	state := func(i int32, end string) {
		text := `/\\ ` + strings.ReplaceAll(g.States[i], "\n", `\n/\\ `)
		fmt.Fprintf(&b, "%d [label=\"%s\"%s\n", int64(i)-7, text, end)
	}
	state(0, ",style = filled]")
	for i, out := range g.Out {
		for _, e := range out {
			fmt.Fprintf(&b, "%d -> %d [label=\"%s\",color=\"black\",fontcolor=\"black\"];\n", int64(i)-7, int64(e.To)-7, e.Label)
			if !seen[e.To] {
				seen[e.To] = true
				state(e.To, "];")
			}
		}
	}
	b.WriteString("{rank = same; -7;}\n}\n}")
	return b.String()
}

func TestReadDumpReturnsTheGraph(t *testing.T) {
	g, err := ReadDump(strings.NewReader(dump(made())), Canonical)
	if err != nil {
		t.Fatal(err)
	}
	if d := Compare(g, made(), false); d != nil {
		t.Errorf("%s", d.Report("the spec", "the code", func(s string) string { return s }))
	}
	if g.Edges() != made().Edges() || g.Digest(encode).String() != made().Digest(encode).String() {
		t.Error("what was read is not what was written")
	}
	d, err := DigestDump(strings.NewReader(dump(made())), Canonical, encode)
	if err != nil || *d != *made().Digest(encode) {
		t.Errorf("the digest of the dump is %v, %v", d, err)
	}
}

// TestReadDumpRejectsBadDumps: one clear error with its line, whatever is wrong.
func TestReadDumpRejectsBadDumps(t *testing.T) {
	whole := dump(made())
	for name, c := range map[string]struct{ text, want string }{
		"empty":               {"", "line 1: it is cut off"},
		"cut in a state":      {whole[:strings.Index(whole, "style")-3], "line 5"},
		"cut after an edge":   {whole[:strings.Index(whole, "];")+3], "it is cut off"},
		"cut at the end":      {strings.TrimSuffix(whole, "}\n}"), "it is cut off"},
		"an edge of nobody":   {strings.Replace(whole, "-6 -> -5", "99 -> -5", 1), "an edge from an unknown state"},
		"to nobody":           {strings.Replace(whole, "-6 -> -5", "-6 -> 99", 1), "it is cut off"},
		"no number":           {strings.Replace(whole, "-7 [", "-7x [", 1), "invalid syntax"},
		"no number to go to":  {strings.Replace(whole, "-> -6", "-> y", 1), "invalid syntax"},
		"a line of nonsense":  {strings.Replace(whole, "color=", "1 2 3\ncolor=", 1), "neither a state nor an edge"},
		"no value":            {strings.Replace(whole, "x = 2", "x = <<", 1), "cannot read the value of x"},
		"no variable":         {strings.Replace(whole, "x = 2", "x is 2", 1), "no variable"},
		"two that look alike": {strings.Replace(whole, `y = 2`, `y = 1`, 1), "are equal here"},
	} {
		if _, err := ReadDump(strings.NewReader(c.text), Canonical); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		d, err := DigestDump(strings.NewReader(c.text), Canonical, encode)
		if name == "two that look alike" { // a digest that is none of this graph
			if err != nil || *d == *made().Digest(encode) {
				t.Errorf("%s: %v, %v", name, d, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, as it streams by: %v, want %q", name, err, c.want)
		}
	}
}

// TestCanonicalIsEqualForEqualStates: equal values are equal texts, in whatever order they are printed.
func TestCanonicalIsEqualForEqualStates(t *testing.T) {
	a, err := Canonical(`/\ f = (N_2 :> {b, a} @@ N_1 :> {})` + "\n" + `/\ r = [y |-> "s, t", x |-> <<1, -2>>]`)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Canonical(`/\ r = [x |-> <<1, -2>>, y |-> "s, t"]` + "\n" + `/\ f = (N_1 :> {} @@ N_2 :> {a, b})`)
	if err != nil {
		t.Fatal(err)
	}
	if a != b {
		t.Errorf("%s\n%s", a, b)
	}
	if c, _ := Canonical(`/\ r = [x |-> <<-2, 1>>, y |-> "s, t"]` + "\n" + `/\ f = (N_1 :> {} @@ N_2 :> {a, b})`); c == a {
		t.Error("a list in another order is the same")
	}
	for _, bad := range []string{`/\ x = `, `/\ x = [a -> 1]`, `/\ x = {1 2}`, `/\ x = "a`, `/\ x = 1 1`} {
		if got, err := Canonical(bad); err == nil {
			t.Errorf("%s was read as %s", bad, got)
		}
	}
}
