// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"
	"strings"
)

// A Num is a number that is known by where it points in a sequence: a sum of
// parts, and c.
type Num struct {
	c     int
	parts []numPart
}

type numPart struct {
	coef int
	kind partKind
	seq  *Seq  // of a position, a length
	elem Value // an element, or a term of the sort Int
}

type partKind byte

const (
	position partKind = iota // of an element in a sequence
	length                   // of a sequence
	whole                    // a term
)

func place(s *Seq, x Value) *Num {
	return &Num{parts: []numPart{{coef: 1, kind: position, seq: s, elem: x}}}
}

func (p numPart) key() string {
	switch p.kind {
	case position:
		return fmt.Sprintf("p%s.%s", p.seq.id, identity(p.elem))
	case length:
		return "l" + p.seq.id
	}
	return "t" + identity(p.elem)
}

func (n *Num) key() string {
	var b strings.Builder
	for _, p := range n.parts {
		fmt.Fprintf(&b, "%d*%s+", p.coef, p.key())
	}
	return fmt.Sprint(b.String(), n.c)
}

func (m *Machine) num(v Value) *Num {
	switch v := v.(type) {
	case *Num:
		return v
	case *Term:
		if v.Sort == Int {
			if v.isLit() {
				return &Num{c: v.N}
			}
			return &Num{parts: []numPart{{coef: 1, kind: whole, elem: v}}}
		}
	}
	panic(m.fail("%s where a number is expected", describe(v)))
}

// sum is a + sign*b.
func (m *Machine) sum(a, b Value, sign int) Value {
	x, isTerm := a.(*Term)
	if y, ok := b.(*Term); ok && isTerm && x.Sort == Int && y.Sort == Int {
		if sign == 1 {
			return plus(x, y)
		}
		return minus(x, y)
	}
	p, q := m.num(a), m.num(b)
	out := &Num{c: p.c + sign*q.c, parts: slices.Clone(p.parts)}
	for _, part := range q.parts {
		if sign == -1 {
			part.coef = -part.coef
		}
		i := slices.IndexFunc(out.parts, func(o numPart) bool { return o.key() == part.key() })
		if i < 0 {
			out.parts = append(out.parts, part)
		} else if out.parts[i].coef += part.coef; out.parts[i].coef == 0 {
			out.parts = slices.Delete(out.parts, i, i+1)
		}
	}
	if len(out.parts) == 0 {
		return Integer(out.c)
	}
	return out
}

// compare is a formula for a = b, a < b or a <= b.
func (m *Machine) compare(a Value, op string, b Value) *Term {
	x, isTerm := a.(*Term)
	if y, ok := b.(*Term); ok && isTerm && x.Sort == Int && y.Sort == Int {
		switch op {
		case "=":
			return eq(x, y)
		case "<":
			return and(le(x, y), not(eq(x, y)))
		}
		return le(x, y)
	}
	d := m.num(m.sum(a, b, -1))
	if len(d.parts) == 2 && d.parts[0].kind != d.parts[1].kind {
		if f := m.toTheEnd(d, op); f != nil {
			return f
		}
	}
	switch {
	case len(d.parts) == 0:
		return truth(op == "=" && d.c == 0 || op == "<" && d.c < 0 || op == "<=" && d.c <= 0)
	case !slices.ContainsFunc(d.parts, func(p numPart) bool { return p.kind == position }):
		return m.compareSizes(d, op)
	case len(d.parts) == 2 && d.parts[0].kind == position && d.parts[1].kind == position &&
		d.parts[0].coef+d.parts[1].coef == 0 && max(d.parts[0].coef, d.parts[1].coef) == 1 && d.parts[0].seq.id == d.parts[1].seq.id:
		p, q := d.parts[0], d.parts[1]
		if p.coef == -1 {
			p, q = q, p
		}
		if f := m.order(p.seq, p.elem, op, q.elem, d.c); f != nil {
			return f
		}
	}
	panic(m.fail("no order between %s and %s is known here", describe(a), describe(b)))
}

// order is a formula for x + c op y, where x and y are positions of elements.
func (m *Machine) order(s *Seq, x Value, op string, y Value, c int) *Term {
	switch {
	case op == "=" && c == 0:
		return m.equal(x, y)
	case op == "<" && c == 0, op == "<=" && c == 1:
		return s.before(x, y)
	case op == "<=" && c == 0, op == "<" && c == -1:
		return or(m.equal(x, y), s.before(x, y))
	}
	return nil
}

// toTheEnd is a formula for d op 0, where d is the difference of the position of
// an element and the length of its sequence; nil if none is known.
func (m *Machine) toTheEnd(d *Num, op string) *Term {
	p, l := d.parts[0], d.parts[1]
	if p.kind != position {
		p, l = l, p
	}
	if p.kind != position || l.kind != length || p.coef+l.coef != 0 || max(p.coef, l.coef) != 1 || p.seq.id != l.seq.id {
		return nil
	}
	last := m.isLast(p.seq, p.elem)
	switch {
	case d.c == 0 && (op == "=" || op == "<=" && p.coef == -1):
		return last
	case p.coef == 1 && (op == "<" && d.c == 0 || op == "<=" && d.c == 1):
		return not(last)
	case p.coef == 1 && op == "<=" && d.c == 0:
		return True
	case p.coef == -1 && op == "<" && d.c == 0:
		return False
	}
	return nil
}

// compareSizes is a formula for d op 0, where d is a sum of lengths and terms.
func (m *Machine) compareSizes(d *Num, op string) *Term {
	if len(d.parts) == 1 && d.parts[0].kind == length {
		switch p := d.parts[0]; {
		case d.c == 0 && op == "<" && p.coef == -1:
			return m.nonempty(p.seq)
		case d.c == 0 && op == "=", d.c == 0 && op == "<=" && p.coef == 1:
			return not(m.nonempty(p.seq))
		}
	}
	var left, right, all = Integer(max(d.c, 0)), Integer(max(-d.c, 0)), []*Term(nil)
	for _, p := range d.parts {
		t, _ := p.elem.(*Term)
		if p.kind == length {
			t = m.size(m.rangeSet(p.seq))
		}
		all = append(all, t)
		for range max(p.coef, 0) {
			left = plus(left, t)
		}
		for range max(-p.coef, 0) {
			right = plus(right, t)
		}
	}
	if len(all) == 2 && d.parts[0].coef+d.parts[1].coef == 0 {
		m.relate(all[0], all[1])
	}
	return m.compare(left, op, right)
}
