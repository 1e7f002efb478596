// SPDX-License-Identifier: MIT

package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/internal/plural"
)

// A Variable is a variable of a spec that is stored in a state of the code.
type Variable struct {
	Name string
	Field
}

// A Field is a variable, or a part of one, that is stored as small numbers. Read stores
// what TLC prints; Value returns the stored value.
type Field struct {
	Read  func(r *Reader)
	Value func() Value
}

// None is the number for no member of a domain.
const None = 15

// A Domain names small numbers. Its None is the name that the spec uses for the number None.
type Domain struct {
	Names []string
	None  string
}

// ReadVariables stores a state that TLC printed in vars. Each variable must occur once.
func ReadVariables(text string, vars []Variable) error {
	var seen uint64
	n, err := readState(text, func(name string, r *Reader) {
		i := fieldOf(r, vars, "variable", name)
		if seen&(1<<i) != 0 {
			r.Fail("it occurs twice")
		}
		seen |= 1 << i
		vars[i].Read(r)
	})
	if err == nil && n != len(vars) {
		err = fmt.Errorf("%s, where the spec has %d, in %q", plural.N(n, "variable"), len(vars), text)
	}
	return err
}

// Describe prints one variable per line, and a function with one line per argument. Of a
// record it prints the first field, then the other fields that are not none, with names.
func Describe(vars []Variable) string {
	var b strings.Builder
	var lines func(name string, v Value)
	lines = func(name string, v Value) {
		if v.Kind == Function {
			for i, x := range v.Items {
				lines(name+"["+v.Keys[i]+"]", x)
			}
			return
		}
		fmt.Fprintf(&b, "%s = %s\n", name, v.words())
	}
	for _, v := range vars {
		lines(v.Name, v.Value())
	}
	return b.String()
}

func (v Value) words() string {
	switch v.Kind {
	case Text:
		return v.Text
	case Record:
		text := v.Items[0].words()
		for i, x := range v.Items {
			if i > 0 && !x.None {
				text += " " + v.Keys[i] + " " + x.words()
			}
		}
		return text
	}
	return v.String()
}

func (d Domain) value(i uint8) Value {
	if int(i) < len(d.Names) {
		return Value{Text: d.Names[i]}
	}
	return Value{Text: d.None, None: true}
}

func (d Domain) read(r *Reader) uint8 {
	w := r.Word()
	if w == d.None {
		return None
	}
	return indexOf(r, d.Names, w)
}

// indexOf returns the index of a name, which must be in names.
func indexOf(r *Reader, names []string, name string) uint8 {
	i := slices.Index(names, name)
	if i < 0 {
		r.Fail("the instance has no %s", name)
	}
	return uint8(i)
}

// Member is a model value.
func Member(cell *uint8, d Domain) Field {
	return Field{func(r *Reader) { *cell = d.read(r) }, func() Value { return d.value(*cell) }}
}

// String is one of a few strings; the first one means none.
func String(cell *uint8, words []string) Field {
	return Field{
		func(r *Reader) { *cell = indexOf(r, words, r.Text()) },
		func() Value { return Value{Kind: Text, Text: words[*cell], None: *cell == 0} },
	}
}

// Number is a number.
func Number[T int8 | uint8](cell *T) Field {
	read := func(r *Reader) {
		n, err := strconv.Atoi(r.Word())
		if err != nil || n < -100 || n > 100 {
			r.Fail("not a number from -100 to 100")
		}
		*cell = T(n)
	}
	return Field{read, func() Value { return Value{Text: strconv.Itoa(int(*cell))} }}
}

// List is a sequence of model values, filled up with None.
func List(cells []uint8, d Domain) Field {
	read := func(r *Reader) {
		n := 0
		r.Want("<<")
		for ; r.Next(n == 0, ",", ">>"); n++ {
			if n == len(cells) {
				r.Fail("the list is too long")
			}
			cells[n] = d.read(r)
		}
		for i := range cells[n:] {
			cells[n+i] = None
		}
	}
	value := func() Value {
		v := Value{Kind: Seq}
		for _, i := range cells {
			if i != None {
				v.Items = append(v.Items, d.value(i))
			}
		}
		return v
	}
	return Field{read, value}
}

// Pairs is a set of pairs of model values: member (i, j) is bit i*width+j.
func Pairs(bits *uint16, a, b Domain, width int) Field {
	read := func(r *Reader) {
		*bits = 0
		r.Want("{")
		for first := true; r.Next(first, ",", "}"); first = false {
			r.Want("<<")
			i := indexOf(r, a.Names, r.Word())
			r.Want(",")
			j := indexOf(r, b.Names, r.Word())
			r.Want(">>")
			*bits |= 1 << (int(i)*width + int(j))
		}
	}
	value := func() Value {
		v := Value{Kind: Set, None: *bits == 0}
		for i, x := range a.Names {
			for j, y := range b.Names {
				if *bits&(1<<(i*width+j)) != 0 {
					v.Items = append(v.Items, Value{Kind: Seq, Items: []Value{{Text: x}, {Text: y}}})
				}
			}
		}
		return v
	}
	return Field{read, value}
}

// Fun is a function with the domain d.
func Fun(d Domain, at func(i int) Field) Field {
	var fields []Variable
	for i, name := range d.Names {
		fields = append(fields, Variable{name, at(i)})
	}
	return Field{
		func(r *Reader) { r.fields(fields, "(", ":>", "@@", ")") },
		func() Value { return valueOf(Function, fields) },
	}
}

// Rec is a record.
func Rec(fields ...Variable) Field {
	return Field{
		func(r *Reader) { r.fields(fields, "[", "|->", ",", "]") },
		func() Value { return valueOf(Record, fields) },
	}
}

// fields reads a function or a record. Each field must occur once.
func (r *Reader) fields(fields []Variable, begin, arrow, between, end string) {
	var seen uint64
	n := 0
	r.Want(begin)
	for ; r.Next(n == 0, between, end); n++ {
		i := fieldOf(r, fields, "argument or field", r.Word())
		seen |= 1 << i
		r.Want(arrow)
		fields[i].Read(r)
	}
	if n != len(fields) || seen != 1<<n-1 {
		r.Fail("%s, where the spec and the instance have %d", plural.N(n, "value"), len(fields))
	}
}

func fieldOf(r *Reader, fields []Variable, what, name string) int {
	i := slices.IndexFunc(fields, func(v Variable) bool { return v.Name == name })
	if i < 0 {
		r.Fail("there is no %s %s here", what, name)
	}
	return i
}

func valueOf(kind Kind, fields []Variable) Value {
	v := Value{Kind: kind}
	for _, f := range fields {
		v.Keys = append(v.Keys, f.Name)
		v.Items = append(v.Items, f.Value())
	}
	return v
}
