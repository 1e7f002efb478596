// SPDX-License-Identifier: MIT

package tla

// replace puts what in the place of old, everywhere in t. Bound variables that
// would catch one of what are renamed.
func replace(t, old, what *Term) *Term {
	return rewriter{old: old, what: what, done: map[*Term]*Term{}}.term(t)
}

type rewriter struct {
	old, what *Term
	done      map[*Term]*Term
}

func (r rewriter) term(t *Term) *Term {
	if t == r.old {
		return r.what
	}
	if len(t.Args) == 0 || r.old.Op == opVar && t.vars&r.old.vars == 0 {
		return t
	}
	if d := r.done[t]; d != nil {
		return d
	}
	if t.Op == opExists {
		if containsTerm(t.Vars, r.old) {
			return t // another variable of that name
		}
		if anyOccurs(t.Vars, r.what) {
			t = renamed(t, r.what)
		}
	}
	args := make([]*Term, len(t.Args))
	same := true
	for i, a := range t.Args {
		args[i] = r.term(a)
		same = same && args[i] == a
	}
	d := t
	if !same {
		d = r.build(t, args)
	}
	r.done[t] = d
	return d
}

func (r rewriter) build(t *Term, a []*Term) *Term {
	switch t.Op {
	case opApp:
		return app(t.Sort, t.Name, a...)
	case opNot:
		return not(a[0])
	case opAnd:
		return and(a...)
	case opOr:
		return or(a...)
	case opEq:
		return eq(a[0], a[1])
	case opIte:
		return ite(a[0], a[1], a[2])
	case opAdd:
		return plus(a[0], a[1])
	case opSub:
		return minus(a[0], a[1])
	case opLe:
		return le(a[0], a[1])
	case opExists:
		return exists(t.Vars, a[0])
	}
	panic("tla: no such term: " + t.Op)
}

// renamed gives the bound variables of t names that neither t nor other has.
func renamed(t, other *Term) *Term {
	vars, body := append([]*Term(nil), t.Vars...), t.Args[0]
	for i, v := range t.Vars {
		depth := v.N + 1
		for w := variable(v.Sort, depth); occurs(w, other) || mentions(w, body) || containsTerm(vars, w); depth++ {
			w = variable(v.Sort, depth+1)
		}
		vars[i] = variable(v.Sort, depth)
		body = replace(body, v, vars[i])
	}
	return intern(&Term{Op: opExists, Vars: vars, Args: []*Term{body}, Sort: Bool})
}

// mentions reports whether v occurs anywhere in t, bound or not.
func mentions(v, t *Term) bool {
	if t == v || containsTerm(t.Vars, v) {
		return true
	}
	for _, a := range t.Args {
		if mentions(v, a) {
			return true
		}
	}
	return false
}

// assume makes c true in t.
func assume(t, c *Term) *Term {
	if c.Op == opNot {
		return replace(t, c.Args[0], False)
	}
	return replace(t, c, True)
}
