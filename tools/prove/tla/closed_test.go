// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/pernet/tools/prove/sany"
)

// An interpretation says what each symbol is in one state of a finite instance.
// It is how the tests hold the symbolic evaluation against the finite one.
type interpretation struct {
	finite   *Machine
	state    []Value
	elements map[Sort][]*Term
	made     map[string]*Term // of symbols that evaluation made, without arguments
	sizes    map[string]size  // what the sizes among them are of
	vars     map[*Term]*Term
	strings  []*Term
}

// unknownSymbol is one of made that has no value yet.
type unknownSymbol struct {
	Name string
	Sort Sort
}

func newInterpretation(finite *Machine, sorts map[string]string, state []Value) *interpretation {
	in := &interpretation{finite: finite, state: state, elements: map[Sort][]*Term{Str: words, Bool: {False, True}, Int: {Integer(-1), Integer(0), Integer(1), Integer(2), Integer(3), Integer(4), Integer(5)}}, made: map[string]*Term{}, vars: map[*Term]*Term{}}
	for i, d := range finite.Spec.Constants {
		what := sorts[d.Name]
		sort := Sort(strings.TrimPrefix(strings.TrimPrefix(what, "set "), "list "))
		if what == "" || sort == Bool || strings.HasPrefix(what, "test ") {
			continue
		}
		for _, v := range in.members(finite.constantValue(i)) {
			if t := v.(*Term); !slices.Contains(in.elements[sort], t) {
				in.elements[sort] = append(in.elements[sort], t)
			}
		}
	}
	return in
}

// withAliens adds a value to each sort that no instance has.
func (in *interpretation) withAliens() *interpretation {
	for s, list := range in.elements {
		if s != Str && s != Bool && s != Int {
			in.elements[s] = append(list, Word("alien "+string(s)))
		}
	}
	return in
}

func (in *interpretation) members(v Value) []Value {
	switch v := v.(type) {
	case *Set:
		return v.Elems
	case Tuple:
		return v
	}
	return []Value{v}
}

// eval is the value of a term: a literal.
func (in *interpretation) eval(t *Term) *Term {
	switch t.Op {
	case opLit:
		return t
	case opVar:
		return in.vars[t]
	case opNot:
		return not(in.eval(t.Args[0]))
	case opAnd:
		for _, a := range t.Args {
			if in.eval(a) == False {
				return False
			}
		}
		return True
	case opOr:
		for _, a := range t.Args {
			if in.eval(a) == True {
				return True
			}
		}
		return False
	case opEq:
		a, b := in.eval(t.Args[0]), in.eval(t.Args[1])
		return truth(a == b)
	case opIte:
		if in.eval(t.Args[0]) == True {
			return in.eval(t.Args[1])
		}
		return in.eval(t.Args[2])
	case opAdd:
		return plus(in.eval(t.Args[0]), in.eval(t.Args[1]))
	case opSub:
		return minus(in.eval(t.Args[0]), in.eval(t.Args[1]))
	case opLe:
		return le(in.eval(t.Args[0]), in.eval(t.Args[1]))
	case opExists:
		return truth(in.exists(t.Vars, t.Args[0]))
	}
	return in.symbol(t)
}

func (in *interpretation) exists(vars []*Term, body *Term) bool {
	if len(vars) == 0 {
		return in.eval(body) == True
	}
	old := in.vars[vars[0]]
	defer func() { in.vars[vars[0]] = old }()
	for _, e := range in.elements[vars[0].Sort] {
		in.vars[vars[0]] = e
		if in.exists(vars[1:], body) {
			return true
		}
	}
	return false
}

func (in *interpretation) symbol(t *Term) *Term {
	if s, ok := in.sizes[t.Name]; ok {
		return in.count(s, t.Args)
	}
	if strings.Contains(t.Name, "!") {
		key := t.Name
		for _, a := range t.Args {
			key += " " + in.eval(a).Name
		}
		v := in.made[key]
		if v == nil {
			panic(unknownSymbol{key, t.Sort})
		}
		return v
	}
	args := make([]*Term, len(t.Args))
	for i, a := range t.Args {
		args[i] = in.eval(a)
	}
	path := pathOf(t.Name)
	if i := in.finite.constantIndex(path[0]); i >= 0 {
		if def, ok := in.finite.Constants[i].(*sany.Def); ok && len(def.Params) == 1 {
			return in.finite.call(def, nil, []Value{args[0]}).(*Term)
		}
	}
	v := in.named(path[0])
	for path = path[1:]; len(path)+len(args) > 0; {
		switch x := v.(type) {
		case *Record:
			v, _ = x.field(path[0])
			path = path[1:]
		case *Func:
			i := slices.Index(x.Keys, Value(args[0]))
			if i < 0 {
				return in.outside(t.Sort)
			}
			v, args = x.Vals[i], args[1:]
		case *Set:
			key := Value(args[0])
			if len(args) > 1 {
				key = Tuple{args[0], args[1]}
			}
			return in.finite.inList(key, x.Elems)
		case Tuple:
			if path[0] == "in" {
				return truth(indexOf(x, element(path[1:], args)) >= 0)
			}
			words, half := path[1:], len(args)/2
			i := indexOf(x, element(words[:len(words)/2], args[:half]))
			j := indexOf(x, element(words[len(words)/2:], args[half:]))
			return truth(0 <= i && i < j)
		default:
			panic(fmt.Sprintf("no interpretation of %s: %T", t.Name, v))
		}
	}
	return v.(*Term)
}

var paths = map[string][]string{}

// pathOf is the variable or constant that a symbol is of, and what of it.
func pathOf(name string) []string {
	if paths[name] == nil {
		paths[name] = strings.Split(name, ".")
	}
	return paths[name]
}

// element is one of a list, of which the symbol says the strings.
func element(words []string, args []*Term) Value {
	if len(words) == 0 && len(args) == 1 {
		return args[0]
	}
	var t Tuple
	for _, w := range words {
		t = append(t, String(w))
	}
	for _, a := range args {
		t = append(t, a)
	}
	return t
}

func indexOf(t Tuple, v Value) int {
	return slices.IndexFunc(t, func(w Value) bool { return same(v, w) })
}

// count is how many elements a set has.
func (in *interpretation) count(s size, args []*Term) *Term {
	old := maps.Clone(in.vars)
	defer func() { in.vars = old }()
	vals := make([]*Term, len(args))
	for i, a := range args {
		vals[i] = in.eval(a)
	}
	for i, v := range s.live {
		in.vars[v] = vals[i]
	}
	n := 0
	var run func(vars []*Term)
	run = func(vars []*Term) {
		if len(vars) == 0 {
			if in.eval(s.in) == True {
				n++
			}
			return
		}
		for _, e := range in.elements[vars[0].Sort] {
			in.vars[vars[0]] = e
			run(vars[1:])
		}
	}
	run(s.vars)
	return Integer(n)
}

// axiomsOn are those on symbols that evaluation has made; the others are checked
// apart, for there are many.
func axiomsOn(m *Machine, terms []*Term) []*Term {
	return slices.DeleteFunc(Related(m.Axioms, terms), func(a *Term) bool { return len(madeIn(a)) == 0 })
}

// knows takes over what the sizes of a machine are of.
func (in *interpretation) knows(m *Machine) {
	in.sizes = map[string]size{}
	for t, s := range m.sized {
		in.sizes[t.Name] = s
	}
}

// all are the elements of a shape.
func (in *interpretation) all(s shape) []Value {
	var out []Value
	if of, ok := s.(Sort); ok {
		for _, e := range in.elements[of] {
			out = append(out, e)
		}
		return out
	}
	out = []Value{Tuple{}}
	for _, part := range s.(tupleShape) {
		var longer []Value
		for _, t := range out {
			for _, e := range in.all(part) {
				longer = append(longer, append(slices.Clone(t.(Tuple)), e))
			}
		}
		out = longer
	}
	return out
}

// outside is what a function is outside of its domain: anything.
func (in *interpretation) outside(s Sort) *Term {
	switch s {
	case Bool:
		return False
	case Int:
		return Integer(7)
	case Str:
		return String("outside")
	}
	return in.elements[s][0]
}

func (in *interpretation) named(name string) Value {
	for i, d := range in.finite.Spec.Variables {
		if d.Name == name {
			return in.state[i]
		}
	}
	return in.finite.constantValue(in.finite.constantIndex(name))
}

// solutions calls f for each way to give the made symbols values of which all
// the formulas are true.
func (in *interpretation) solutions(formulas []*Term, f func()) {
	for i, g := range formulas {
		v, open := in.try(g)
		if open == nil {
			if v == False {
				return
			}
			continue
		}
		values := in.elements[open.Sort]
		switch open.Sort {
		case Int:
			values = nil
			for i := range 10 {
				values = append(values, Integer(i))
			}
		}
		for _, e := range values {
			in.made[open.Name] = e
			in.solutions(formulas[i:], f)
		}
		delete(in.made, open.Name)
		return
	}
	f()
}

// words are strings that a symbol can stand for.
var words = []*Term{String("subsys"), String("device"), String("none"), String("init"), String("exit"), String("ENOMEM"), String("1"), String("outside"), String("idle"), String("busy"), String("gone")}

// terms are the parts of an element.
func terms(v Value) (out []Value) {
	for _, t := range leaves(v) {
		out = append(out, t)
	}
	return out
}

func (in *interpretation) try(t *Term) (v *Term, open *unknownSymbol) {
	open = in.trying(func() { v = in.eval(t) })
	return v, open
}

// with is the value of a term while the variables have values.
func (in *interpretation) with(vars []*Term, vals []Value, t *Term) *Term {
	for i, v := range vars {
		in.vars[v] = vals[i].(*Term)
	}
	return in.eval(t)
}

// unbound is a variable that no evaluation binds.
func unbound(s Sort, i int) *Term { return variable(s, 900+i) }

// concrete is a symbolic value in the state; like is a value of that form.
func (in *interpretation) concrete(v, like Value, depth int) Value {
	switch v := v.(type) {
	case *Term:
		return in.eval(v)
	case *Record:
		r := &Record{Names: v.Names}
		for i, x := range v.Vals {
			r.Vals = append(r.Vals, in.concrete(x, like.(*Record).Vals[i], depth))
		}
		return r
	case *Func:
		f := &Func{}
		x := unbound(v.dom.shape.(Sort), depth)
		at := applied(v, x)
		for i, k := range like.(*Func).Keys {
			f.Keys = append(f.Keys, k)
			in.vars[x] = k.(*Term)
			f.Vals = append(f.Vals, in.concrete(at, like.(*Func).Vals[i], depth+1))
		}
		return f
	case *Set:
		s := &Set{}
		for _, e := range v.Elems {
			s.Elems = append(s.Elems, in.concrete(e, nil, depth))
		}
		if v.has == nil {
			return s
		}
		i := depth
		x := built(v.shape, func(sort Sort) *Term {
			i++
			return unbound(sort, i)
		})
		has := v.has(x)
		for _, e := range in.all(v.shape) {
			if in.with(leaves(x), terms(e), has) == True {
				s.Elems = append(s.Elems, e)
			}
		}
		return s
	case Tuple:
		var t Tuple
		for _, x := range v {
			t = append(t, in.concrete(x, nil, depth))
		}
		return t
	case *Seq:
		var t Tuple
		i := depth
		spares := func(sort Sort) *Term {
			i++
			return unbound(sort, i)
		}
		x, y := built(v.shape, spares), built(v.shape, spares)
		has, before := v.has(x), v.before(x, y)
		for _, e := range in.all(v.shape) {
			if in.with(leaves(x), terms(e), has) == True {
				t = append(t, e)
			}
		}
		slices.SortStableFunc(t, func(a, b Value) int {
			if in.with(leaves(Tuple{x, y}), terms(Tuple{a, b}), before) == True {
				return -1
			}
			return 1
		})
		return t
	}
	panic(fmt.Sprintf("%T", v))
}

// next calls f with each next state that the values can be.
func (in *interpretation) next(m *Machine, vals []Value, f func(state []Value)) {
	var state []Value
	open := in.trying(func() {
		state = nil
		for i, v := range vals {
			state = append(state, in.concrete(v, in.state[i], 0))
		}
	})
	if open != nil {
		for _, e := range in.elements[open.Sort] {
			in.made[open.Name] = e
			in.next(m, vals, f)
		}
		delete(in.made, open.Name)
		return
	}
	var made []*Term
	for _, s := range m.Symbols {
		if in.made[s.Name] != nil {
			made = append(made, app(s.Sort, s.Name))
		}
	}
	in.solutions(axiomsOn(m, made), func() { f(state) })
}

func (in *interpretation) trying(f func()) (open *unknownSymbol) {
	defer func() {
		if r := recover(); r != nil {
			u, ok := r.(unknownSymbol)
			if !ok {
				panic(r)
			}
			open = &u
		}
	}()
	f()
	return nil
}

// constantValue is the value of a constant of an instance.
func (m *Machine) constantValue(i int) Value {
	if def, ok := m.Constants[i].(*sany.Def); ok {
		return m.call(def, nil, nil)
	}
	return m.Constants[i]
}
