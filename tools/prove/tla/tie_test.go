// SPDX-License-Identifier: MIT

package tla

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/prove/sany"
	"example.com/pernet/tools/tlcrun"
)

const specs = "../../../spec"

// A tie is a specification that the prover reads, with the sorts that it has
// there, and its instances.
type tie struct {
	module, bounds string // what SANY reads, and what TLC does
	sorts          map[string]string
	graphs, steps  []string
	unbounded      string   // what bounds an instance, and nothing for the prover
	always         []string // what no value of the form that the variables have makes false
}

var ties = []tie{
	{"MCnetnsInductive", "MCnetns", map[string]string{
		"Ops": "set Op", "ListHead": "Op", "NoOps": "Op", "NoInit": "set Op", "NoExit": "set Op", "Deferring": "set Op", "Failing": "set Op",
		"Slots": "list Net", "NoNet": "Net",
		"Threads": "set Thread", "Worker": "Thread", "Nobody": "Thread",
		"Positive": "Bool", "Cancel": "Bool", "NetNs": "Bool", "Boot": "Bool",
	}, []string{"MCnetnsNoNetNs", "MCnetns3nets", "MCnetnsBoot", "MCnetns3ops", "MCnetns"}, []string{"MCnetns3nets", "MCnetnsBoot", "MCnetnsNoNetNs"}, "MayCall", []string{"Types.12", "TypeOK.12", "TypeOK.13"}}, // numbers, fields
	{"MCregistryInductive", "MCregistry", map[string]string{
		"Ops": "set Op", "ListHead": "Op", "NoOps": "Op", "NoInit": "set Op", "NoExit": "set Op",
		"Nets": "set Net", "InitNet": "Net", "NoNet": "Net", "Copies": "set Copy",
		"Positive": "Bool", "Cancel": "Bool", "Quota": "Bool", "Modern": "Bool", "NetNs": "Bool", "Boot": "Bool",
		"MayGet": "test Int", "MayHold": "test Int",
	}, []string{"MCregistryModernBoot", "MCregistryNoNetNs", "MCregistryModernUse"}, []string{"MCregistryModernBoot", "MCregistryNoNetNs", "MCregistryBoot"}, "", nil},
}

// read has SANY read the module, once.
func (tie tie) read() (*sany.Spec, error) {
	once, _ := specsRead.LoadOrStore(tie.module, sync.OnceValues(func() (*sany.Spec, error) {
		xml, err := sany.Export(context.Background(), "java", jar(), specs, tie.module)
		if err != nil {
			return nil, err
		}
		return sany.Read(bytes.NewReader(xml))
	}))
	return once.(func() (*sany.Spec, error))()
}

var specsRead sync.Map

func jar() string {
	cache, err := tlcrun.CacheDir()
	if err != nil {
		return ""
	}
	j, err := tlcrun.NewJars(os.Getenv("TLC_JAR"), cache, func(string) {}).Get(context.Background())
	if err != nil {
		return ""
	}
	return j.Path
}

// needTLC skips a test that runs TLC, unless make prove-ties asks for it.
func needTLC(t *testing.T) {
	if os.Getenv("PERNET_LONG") == "" {
		t.Skip("runs TLC: PERNET_LONG=1")
	}
}

// each runs a test for each tie.
func each(t *testing.T, test func(t *testing.T, tie tie, spec *sany.Spec)) {
	needTLC(t)
	for _, tie := range ties {
		t.Run(tie.module, func(t *testing.T) {
			spec, err := tie.read()
			if err != nil {
				t.Fatal(err)
			}
			test(t, tie, spec)
		})
	}
}

func instance(t *testing.T, spec *sany.Spec, name string) *Machine {
	cfg, err := tlc.ReadCfg(specs, name+".cfg")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Instance(spec, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// dump has TLC write the state graph of an instance of a module in the folder, or takes one that is in the
// folder PROVE_DUMPS.
func dump(t *testing.T, from, module, name string) *os.File {
	dir := os.Getenv("PROVE_DUMPS")
	if dir == "" {
		dir = t.TempDir()
	}
	path := filepath.Join(dir, name+".dot")
	if _, err := os.Stat(path); err != nil {
		cfg, err := tlc.ReadCfg(from, name+".cfg") // perhaps a row of faults.tsv, which is no file
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name+".cfg")
		if err := os.WriteFile(file, []byte(cfg.Text()), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("java", "-XX:+UseSerialGC", "-cp", jar(), "tlc2.TLC", "-dump", "dot,actionlabels", path, "-metadir", t.TempDir(), "-config", file, module)
		cmd.Dir = from
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestFiniteGraphsEqualThoseOfTLC(t *testing.T) {
	each(t, finiteGraphsEqual)
}

func finiteGraphsEqual(t *testing.T, tie tie, spec *sany.Spec) {
	for _, name := range tie.graphs {
		t.Run(name, func(t *testing.T) {
			g, _, err := instance(t, spec, name).Graph(spec.Defs["Init"].Body, spec.Defs["Next"].Body)
			if err != nil {
				t.Fatal(err)
			}
			want, err := graph.ReadDump(dump(t, specs, tie.bounds, name), graph.Canonical)
			if err != nil {
				t.Fatal(err)
			}
			if d := graph.Compare(want, g, false); d != nil {
				t.Fatalf("after %v, at\n%s\nonly TLC has %v, only the evaluator %v", d.Way, d.At, d.Spec, d.Code)
			}
			t.Logf("%d states, %d edges, equal", len(g.States), g.Edges())
		})
	}
}

// someStates are states of the instance, not more than n.
func someStates(t *testing.T, m *Machine, n int) [][]Value {
	_, states, err := m.Graph(m.Spec.Defs["Init"].Body, m.Spec.Defs["Next"].Body)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(states), func(i, j int) { states[i], states[j] = states[j], states[i] })
	return states[:min(n, len(states))]
}

// The symbolic ways to take a step, in one state of an instance, lead where the
// finite evaluation leads.
func TestSymbolicStepsAreTheFiniteOnes(t *testing.T) {
	each(t, symbolicStepsAreFinite)
}

func symbolicStepsAreFinite(t *testing.T, tie tie, spec *sany.Spec) {
	m, err := Symbolic(spec, tie.sorts, spec.Defs["Types"].Body)
	if err != nil {
		t.Fatal(err)
	}
	ways := waysOf(t, m, func() {})
	total, edges := 0, 0
	taken := map[string]int{}
	for _, name := range tie.steps {
		f := instance(t, spec, name)
		states := someStates(t, f, 700)
		delete(f.Override, spec.Defs[tie.unbounded]) // the symbolic one has no bounds
		for i, s := range states {
			total++
			if i < 5 {
				in := newInterpretation(f, tie.sorts, s)
				for _, a := range m.Axioms {
					if len(madeIn(a)) == 0 && in.eval(a) != True {
						t.Fatalf("%s: at\n%s\nan axiom is false: %v", name, f.StateText(s), a)
					}
				}
			}
			f.State = s
			if d := stepsDiffer(m, ways, f, tie.sorts, s, taken, func(*interpretation, int, []Value) {}); d != "" {
				t.Fatalf("%s: %s", name, d)
			}
		}
	}
	for _, n := range taken {
		edges += n
	}
	t.Logf("%d states, %d edges, %d actions, none different", total, edges, len(taken))
}

// A way is a symbolic way to take a step.
type way struct {
	name   string
	guards []*Term
	next   []Value
}

// waysOf are the ways of a machine, which is then silent. At each, also is called.
func waysOf(t *testing.T, m *Machine, also func()) (ways []way) {
	m.silent = true
	if err := Try(func() {
		m.Steps(m.Spec.Defs["Next"].Body, func() {
			ways = append(ways, way{m.Name().Def.Name, m.Guards(), slices.Clone(m.Next)})
			also()
		})
	}); err != nil {
		t.Fatal(err)
	}
	return ways
}

// stepsDiffer tells how the ways differ, in a state, from the finite steps; it
// counts in taken how often each action is taken, and calls also at each step of a way.
func stepsDiffer(m *Machine, ways []way, f *Machine, sorts map[string]string, s []Value, taken map[string]int, also func(in *interpretation, way int, next []Value)) string {
	want := map[string]bool{}
	f.State = s
	f.Steps(f.Spec.Defs["Next"].Body, func() { want[f.Name().Def.Name+"\n"+f.StateText(f.Next)] = true })
	got := map[string]bool{}
	for i, w := range ways {
		in := newInterpretation(f, sorts, s)
		in.knows(m)
		in.solutions(w.guards, func() {
			in.next(m, w.next, func(next []Value) {
				got[w.name+"\n"+f.StateText(next)] = true
				also(in, i, next)
			})
		})
	}
	for e := range want {
		action, _, _ := strings.Cut(e, "\n")
		taken[action]++
		if !got[e] {
			return fmt.Sprintf("at\n%s\nthe symbolic relation lacks %s", f.StateText(s), e)
		}
	}
	for e := range got {
		if !want[e] {
			return fmt.Sprintf("at\n%s\nthe symbolic relation has %s", f.StateText(s), e)
		}
	}
	return ""
}

// wanted is in how many states each formula must be false.
const wanted = 50

// Each part of the invariant has the truth value, as a formula for a solver, that
// it has when it is evaluated, on states that are reached and on others.
func TestFormulasHaveTheirFiniteValues(t *testing.T) {
	each(t, formulasHaveFiniteValues)
}

func formulasHaveFiniteValues(t *testing.T, tie tie, spec *sany.Spec) {
	m, err := Symbolic(spec, tie.sorts, spec.Defs["Types"].Body)
	if err != nil {
		t.Fatal(err)
	}
	claims := append(m.Claims(spec.Defs["Inductive"]), m.Claims(spec.Defs["Implied"])...)
	formulas := make([]*Term, len(claims))
	for i, c := range claims {
		if err := Try(func() { formulas[i] = m.Formula(c) }); err != nil {
			t.Fatal(err)
		}
	}
	falseIn := make([]int, len(claims))
	compared := 0
	reachedIn := map[string][][]Value{}
	var all [][]Value
	for _, name := range tie.steps {
		reachedIn[name] = someStates(t, instance(t, spec, name), 2000)
		all = append(all, reachedIn[name]...)
	}
	words := stringsOf(all)
	for _, name := range tie.steps {
		reached := reachedIn[name]
		machines := []*Machine{instance(t, spec, name), instance(t, spec, name)}
		for _, none := range []string{"NoInit", "NoExit"} { // in the one of them an ops has no callbacks
			ops := machines[1].constantValue(machines[1].constantIndex("Ops")).(*Set)
			machines[1].Constants[machines[1].constantIndex(none)] = &Set{Elems: ops.Elems[:1]}
		}
		r := rand.New(rand.NewPCG(3, 4))
		near := make([][][]Value, len(claims)) // states in which a formula is false that rarely is
		// Beside 50 reached states and 150 others, of more others those formulas
		// that are rarely false, also of others near those in which they are.
		for n := range 120000 {
			f, s := machines[0], reached[n%len(reached)]
			if n >= 50 {
				f = machines[n%2]
				in := newInterpretation(f, tie.sorts, s).withAliens()
				in.strings = words
				from := reached
				if i := r.IntN(len(claims)); n >= 200 && falseIn[i] < wanted && len(near[i]) > 0 {
					from = near[i]
				}
				s = perturbed(r, in, from, reached)
			}
			for i, c := range claims {
				if n >= 200 && falseIn[i] >= wanted {
					continue
				}
				f.State = s
				var want *Term
				if err := Try(func() { want = f.Formula(c) }); err != nil {
					continue // it has no value there
				}
				if n >= 200 && want == True {
					continue
				}
				in := newInterpretation(f, tie.sorts, s).withAliens()
				got := map[*Term]bool{}
				in.knows(m)
				in.valuesOf(m, formulas[i], got)
				if len(got) != 1 || !got[want] {
					t.Fatalf("%s: %s is %s, the formula is %v, at\n%s", name, c, Text(want), got, f.StateText(s))
				}
				compared++
				if want == False {
					falseIn[i]++
					near[i] = append(near[i], s)
				}
			}
		}
	}
	for i, c := range claims {
		if falseIn[i] < wanted && !strings.HasSuffix(c.Name, "HaveNoDoubles") && !slices.Contains(tie.always, c.String()) {
			t.Errorf("%s is false in %d states only", c, falseIn[i])
		}
	}
	t.Logf("%d formulas, %d values, none different", len(claims), compared)
}

// valuesOf are the values that a formula can have.
func (in *interpretation) valuesOf(m *Machine, t *Term, got map[*Term]bool) {
	in.solutions(axiomsOn(m, []*Term{t}), func() {
		v, open := in.try(t)
		if open != nil {
			panic(fmt.Sprint("no axiom gives ", open.Name))
		}
		got[v] = true
	})
}

// perturbed is one of these states with other values in some places, some of them of reached states.
func perturbed(r *rand.Rand, in *interpretation, from, reached [][]Value) []Value {
	s := from[r.IntN(len(from))]
	for range 3 { // rather one in whose records there are lists
		if other := from[r.IntN(len(from))]; lists(other) > lists(s) {
			s = other
		}
	}
	s = slices.Clone(s)
	for range 1 + r.IntN(3) {
		i := r.IntN(len(s))
		other := reached[r.IntN(len(reached))][i]
		f, isFunc := s[i].(*Func)
		switch r.IntN(6) {
		case 0:
			s[i] = other
		case 1, 2: // one thread stands as another does, in this state or in another one
			if r.IntN(2) == 0 {
				other = s[i]
			}
			if isFunc {
				f = &Func{Keys: f.Keys, Vals: slices.Clone(f.Vals)}
				f.Vals[r.IntN(len(f.Vals))] = other.(*Func).Vals[r.IntN(len(f.Vals))]
				s[i] = f
			}
		default:
			s[i] = in.other(r, s[i], in.finite.Spec.Variables[i].Name)
		}
	}
	return s
}

// lists counts the elements of lists in records.
func lists(state []Value) (n int) {
	for _, v := range state {
		if rec, ok := v.(*Record); ok {
			for _, f := range rec.Vals {
				if t, ok := f.(Tuple); ok {
					n += len(t)
				}
			}
		}
	}
	return n
}

// other is a value of the same form, with another one somewhere inside.
func (in *interpretation) other(r *rand.Rand, v Value, name string) Value {
	switch v := v.(type) {
	case *Term:
		switch v.Sort {
		case Int:
			return Integer(r.IntN(4) - 1)
		case Str:
			return in.strings[r.IntN(len(in.strings))]
		}
		for _, list := range in.elements {
			if slices.Contains(list, v) {
				return list[r.IntN(len(list))]
			}
		}
	case *Record:
		rec := &Record{Names: v.Names, Vals: slices.Clone(v.Vals)}
		i := r.IntN(len(rec.Vals))
		for j, f := range rec.Vals {
			if t, ok := f.(Tuple); ok && len(t) > 0 && r.IntN(2) == 0 {
				i = j
			}
		}
		rec.Vals[i] = in.other(r, rec.Vals[i], rec.Names[i])
		return rec
	case *Func:
		f := &Func{Keys: v.Keys, Vals: slices.Clone(v.Vals)}
		i := r.IntN(len(f.Vals))
		f.Vals[i] = in.other(r, f.Vals[i], name)
		return f
	case Tuple:
		list := in.all(Sort("Net"))
		switch name {
		case "pernetList", "list":
			list = in.all(Sort("Op"))
		case "calls":
			list = in.all(tupleShape{Sort("Op"), Sort("Net")})
			for i, pair := range list {
				list[i] = append(Tuple{String([]string{"init", "exit"}[r.IntN(2)])}, pair.(Tuple)...)
			}
		}
		t := slices.Clone(v)
		if e := list[r.IntN(len(list))]; indexOf(t, e) < 0 && r.IntN(3) > 0 {
			return slices.Insert(t, r.IntN(len(t)+1), e)
		}
		r.Shuffle(len(t), func(i, j int) { t[i], t[j] = t[j], t[i] })
		return t[:r.IntN(len(t)+1)]
	case *Set:
		ops, nets := in.elements["Op"], in.elements["Net"]
		pair := Tuple{ops[r.IntN(len(ops))], nets[r.IntN(len(nets))]}
		if in.finite.inList(pair, v.Elems) == True {
			return in.finite.minus(v, &Set{Elems: []Value{pair}})
		}
		return in.finite.union(v, &Set{Elems: []Value{pair}})
	}
	return v
}

// stringsOf are the strings in the values, and one that is nowhere.
func stringsOf(states [][]Value) []*Term {
	out := []*Term{String("Alien")}
	var walk func(v Value)
	walk = func(v Value) {
		switch v := v.(type) {
		case *Term:
			if v.Sort == Str && !slices.Contains(out, v) {
				out = append(out, v)
			}
		case *Record:
			walk(Tuple(v.Vals))
		case *Func:
			walk(Tuple(v.Vals))
		case Tuple:
			for _, x := range v {
				walk(x)
			}
		}
	}
	for _, s := range states {
		walk(Tuple(s))
	}
	return out
}
