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
	Read  func(v Value) error
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
	state, err := parseState(text)
	if err == nil {
		err = Rec(vars...).Read(state)
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

func (d Domain) index(v Value) (uint8, error) {
	if v.Kind == Word && v.Text == d.None {
		return None, nil
	}
	return indexOf(d.Names, Word, v)
}

// indexOf returns the index of a name or a string, which must be in names.
func indexOf(names []string, kind Kind, v Value) (uint8, error) {
	i := slices.Index(names, v.Text)
	if i < 0 || v.Kind != kind {
		return 0, fmt.Errorf("the instance has no %s", v)
	}
	return uint8(i), nil
}

// Member is a model value.
func Member(cell *uint8, d Domain) Field {
	return Field{
		func(v Value) (err error) { *cell, err = d.index(v); return err },
		func() Value { return d.value(*cell) },
	}
}

// String is one of a few strings; the first one means none.
func String(cell *uint8, words []string) Field {
	return Field{
		func(v Value) (err error) { *cell, err = indexOf(words, Text, v); return err },
		func() Value { return Value{Kind: Text, Text: words[*cell], None: *cell == 0} },
	}
}

// Number is a number.
func Number[T int8 | uint8](cell *T) Field {
	read := func(v Value) error {
		n, ok := v.Number()
		if !ok || n < -100 || n > 100 {
			return fmt.Errorf("%s is not a number from -100 to 100", v)
		}
		*cell = T(n)
		return nil
	}
	return Field{read, func() Value { return Value{Text: strconv.Itoa(int(*cell))} }}
}

// List is a sequence of model values, filled up with None.
func List(cells []uint8, d Domain) Field {
	read := func(v Value) (err error) {
		if v.Kind != Seq || len(v.Items) > len(cells) {
			return fmt.Errorf("%s is not a list of at most %s", v, plural.N(len(cells), "item"))
		}
		for i := range cells {
			cells[i] = None
		}
		for i, x := range v.Items {
			if cells[i], err = d.index(x); err != nil {
				return err
			}
		}
		return nil
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
func Pairs[T uint16 | uint32](bits *T, a, b Domain, width int) Field {
	return subset(bits, pairs(a, b, width))
}

// Triples is a set of pairs, each with a number from 1 on: member (i, j, 1+k) is bit k*shift+i*width+j.
func Triples(bits *uint32, a, b Domain, width, numbers, shift int) Field {
	var members []member
	for k := range numbers {
		for _, m := range pairs(a, b, width) {
			m.Items = append(m.Items, Value{Text: strconv.Itoa(1 + k)})
			members = append(members, member{m.Value, k*shift + m.bit})
		}
	}
	return subset(bits, members)
}

func pairs(a, b Domain, width int) (members []member) {
	for i, x := range a.Names {
		for j, y := range b.Names {
			members = append(members, member{Value{Kind: Seq, Items: []Value{{Text: x}, {Text: y}}}, i*width + j})
		}
	}
	return members
}

// Members is a set of model values: member i is bit i.
func Members(bits *uint8, d Domain) Field {
	var members []member
	for i, name := range d.Names {
		members = append(members, member{Value{Text: name}, i})
	}
	return subset(bits, members)
}

// A member is a value that can be in a set, and its bit.
type member struct {
	Value
	bit int
}

// subset is a set of some of the members.
func subset[T uint8 | uint16 | uint32](bits *T, members []member) Field {
	texts := make([]string, len(members))
	for i, m := range members {
		texts[i] = m.String()
	}
	read := func(v Value) error {
		if v.Kind != Set {
			return fmt.Errorf("%s is not a set", v)
		}
		*bits = 0
		for _, x := range v.Items {
			i := slices.Index(texts, x.String())
			if i < 0 {
				return fmt.Errorf("the instance has no %s", x)
			}
			*bits |= 1 << members[i].bit
		}
		return nil
	}
	value := func() Value {
		v := Value{Kind: Set, None: *bits == 0}
		for _, m := range members {
			if *bits&(1<<m.bit) != 0 {
				v.Items = append(v.Items, m.Value)
			}
		}
		return v
	}
	return Field{read, value}
}

// Tuples is a Sequence of tuples; columns returns the parts of row i.
func Tuples(rows int, columns func(i int) []Field, last func(i int) bool, clear func(i int)) Field {
	row := func(i int) Field {
		fields := columns(i)
		read := func(x Value) error {
			if x.Kind != Seq || len(x.Items) != len(fields) {
				return fmt.Errorf("%s is not a tuple of %d", x, len(fields))
			}
			for j, f := range fields {
				if err := f.Read(x.Items[j]); err != nil {
					return err
				}
			}
			return nil
		}
		value := func() Value {
			x := Value{Kind: Seq}
			for _, f := range fields {
				x.Items = append(x.Items, f.Value())
			}
			return x
		}
		return Field{read, value}
	}
	return Sequence(rows, row, last, clear)
}

// Sequence is a sequence of at most as many rows: row returns row i, last reports whether there is none, and
// clear takes it away.
func Sequence(rows int, row func(i int) Field, last func(i int) bool, clear func(i int)) Field {
	read := func(v Value) error {
		if v.Kind != Seq || len(v.Items) > rows {
			return fmt.Errorf("%s is not a list of at most %s", v, plural.N(rows, "item"))
		}
		for i := range rows {
			clear(i)
		}
		for i, x := range v.Items {
			if err := row(i).Read(x); err != nil {
				return err
			}
		}
		return nil
	}
	value := func() Value {
		v := Value{Kind: Seq, None: last(0)}
		for i := 0; i < rows && !last(i); i++ {
			v.Items = append(v.Items, row(i).Value())
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
	return parts(Function, fields)
}

// Rec is a record.
func Rec(fields ...Variable) Field { return parts(Record, fields) }

// parts is a function or a record. Each part must occur once.
func parts(kind Kind, fields []Variable) Field {
	read := func(v Value) error {
		var seen uint64
		for i, name := range v.Keys {
			at := slices.IndexFunc(fields, func(f Variable) bool { return f.Name == name })
			if at < 0 {
				return fmt.Errorf("there is no variable, argument or field %s here", name)
			}
			seen |= 1 << at
			if err := fields[at].Read(v.Items[i]); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if n := len(fields); v.Kind != kind || len(v.Keys) != n || seen != 1<<n-1 {
			return fmt.Errorf("%s has not the %s that the spec and the instance have, each once", v, plural.N(n, "part"))
		}
		return nil
	}
	value := func() Value {
		v := Value{Kind: kind}
		for _, f := range fields {
			v.Keys = append(v.Keys, f.Name)
			v.Items = append(v.Items, f.Value())
		}
		return v
	}
	return Field{read, value}
}
