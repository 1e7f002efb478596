// SPDX-License-Identifier: MIT

package tla

import (
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/internal/graph"
)

// Text writes a value as TLC does, with sets, fields and arguments in the order
// of their texts, so that equal values are equal texts.
func Text(v Value) string { return string(appendText(nil, v)) }

func appendText(b []byte, v Value) []byte {
	switch v := v.(type) {
	case *Term:
		switch {
		case !v.isLit():
			return append(append(b, '?'), strconv.Itoa(v.id)...)
		case v.Sort == Str:
			return append(append(append(b, '"'), v.Name...), '"')
		case v.Sort == Int:
			return strconv.AppendInt(b, int64(v.N), 10)
		case v.Sort == Bool:
			return append(b, strings.ToUpper(v.Name)...)
		}
		return append(b, v.Name...)
	case Tuple:
		b = append(b, "<<"...)
		for i, x := range v {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendText(b, x)
		}
		return append(b, ">>"...)
	case *Record:
		return appendSorted(b, "[", v.Vals, func(i int) string { return v.Names[i] + " |-> " }, ", ", "]")
	case *Func:
		if len(v.Keys) == 0 {
			return append(b, "<<>>"...)
		}
		return appendSorted(b, "(", v.Vals, func(i int) string { return Text(v.Keys[i]) + " :> " }, " @@ ", ")")
	case *Set:
		return appendSorted(b, "{", v.Elems, func(int) string { return "" }, ", ", "}")
	}
	return append(b, describe(v)...)
}

func appendSorted(b []byte, open string, vals []Value, key func(int) string, between, end string) []byte {
	b = append(b, open...)
	if len(vals) == 1 {
		return append(appendText(append(b, key(0)...), vals[0]), end...)
	}
	texts := make([]string, len(vals))
	for i, v := range vals {
		texts[i] = string(appendText([]byte(key(i)), v))
	}
	slices.Sort(texts)
	for i, t := range texts {
		if i > 0 {
			b = append(b, between...)
		}
		b = append(b, t...)
	}
	return append(b, end...)
}

// FromTLC makes a finite value of one that TLC printed.
func FromTLC(v graph.Value) Value {
	list := func() []Value {
		out := make([]Value, len(v.Items))
		for i, x := range v.Items {
			out[i] = FromTLC(x)
		}
		return out
	}
	switch v.Kind {
	case graph.Text:
		return String(v.Text)
	case graph.Seq:
		return Tuple(list())
	case graph.Set:
		return &Set{Elems: list()}
	case graph.Record:
		return newRecord(v.Keys, list())
	case graph.Function:
		f := &Func{Vals: list()}
		for _, k := range v.Keys {
			key, err := graph.ParseValue(k)
			if err != nil {
				panic("tla: the key " + k)
			}
			f.Keys = append(f.Keys, FromTLC(key))
		}
		return f
	}
	switch {
	case v.Text == "TRUE":
		return True
	case v.Text == "FALSE":
		return False
	}
	if n, ok := v.Number(); ok {
		return Integer(n)
	}
	return Word(v.Text)
}
