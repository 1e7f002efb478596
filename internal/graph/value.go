// SPDX-License-Identifier: MIT

package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Value is a value of TLA+.
type Value struct {
	Kind  Kind
	Text  string   // of a word or a string
	Keys  []string // of a record or a function
	Items []Value  // elements, or the values of the keys
	None  bool     // of a Field: the value means none
}

// A Kind is one of the kinds of values that TLC prints differently.
type Kind byte

// The kinds. A word is a model value, a number or a truth value.
const (
	Word Kind = iota
	Text
	Seq
	Set
	Record
	Function
)

// maxDepth bounds the nesting of a value. The values of the specs are at most 4 deep.
const maxDepth = 1000

// ParseValue reads a value, which must be all of text.
func ParseValue(text string) (v Value, err error) {
	if err = Read(text, func(r *Reader) { v = r.Value() }); err != nil {
		err = fmt.Errorf("not a TLA+ value: %w", err)
	}
	return v, err
}

// Value reads a value.
func (r *Reader) Value() (v Value) {
	if r.depth++; r.depth > maxDepth {
		r.Fail("nested too deeply")
	}
	switch {
	case r.Has("<<"):
		v = r.elements(Seq, ">>")
	case r.Has("{"):
		v = r.elements(Set, "}")
	case r.Has("["):
		v = r.pairs(Record, "|->", ",", "]")
	case r.Has("("):
		v = r.pairs(Function, ":>", "@@", ")")
	case strings.HasPrefix(r.rest, `"`):
		v = Value{Kind: Text, Text: r.Text()}
	default:
		v = Value{Text: r.Word()}
	}
	r.depth--
	return v
}

func (r *Reader) elements(kind Kind, end string) Value {
	v := Value{Kind: kind}
	for r.Next(len(v.Items) == 0, ",", end) {
		v.Items = append(v.Items, r.Value())
	}
	return v
}

func (r *Reader) pairs(kind Kind, arrow, between, end string) Value {
	v := Value{Kind: kind}
	for r.Next(len(v.Items) == 0, between, end) {
		v.Keys = append(v.Keys, r.Value().String())
		r.Want(arrow)
		v.Items = append(v.Items, r.Value())
	}
	return v
}

// String writes the value so that equal values are equal texts: fields of records,
// arguments of functions and members of sets in the order of their texts.
func (v Value) String() string {
	switch v.Kind {
	case Seq:
		return "<<" + strings.Join(v.texts(""), ", ") + ">>"
	case Set:
		return "{" + sorted(v.texts(""), ", ") + "}"
	case Record:
		return "[" + sorted(v.texts(" |-> "), ", ") + "]"
	case Function:
		return "(" + sorted(v.texts(" :> "), " @@ ") + ")"
	case Text:
		return `"` + v.Text + `"`
	}
	return v.Text
}

// texts writes the items, each after its key if there are keys.
func (v Value) texts(arrow string) []string {
	out := make([]string, len(v.Items))
	for i, x := range v.Items {
		out[i] = x.String()
		if v.Keys != nil {
			out[i] = v.Keys[i] + arrow + out[i]
		}
	}
	return out
}

func sorted(s []string, between string) string {
	slices.Sort(s)
	return strings.Join(s, between)
}

// At returns the value of a function or a record at a key.
func (v Value) At(key string) (Value, bool) {
	if i := slices.Index(v.Keys, key); i >= 0 {
		return v.Items[i], true
	}
	return Value{}, false
}

// IsFunction reports whether v is a function. TLC prints the empty function as <<>>.
func (v Value) IsFunction() bool {
	return v.Kind == Function || v.Kind == Seq && len(v.Items) == 0
}

// Number returns the number that v is.
func (v Value) Number() (n int, ok bool) {
	n, err := strconv.Atoi(v.Text)
	return n, err == nil && v.Kind == Word
}

// Canonical rewrites a state so that equal states are equal texts: variables in
// the order of their names, values as String writes them.
func Canonical(text string) (string, error) {
	var lines []string
	_, err := readState(text, func(name string, r *Reader) { lines = append(lines, name+" = "+r.Value().String()) })
	slices.Sort(lines)
	return strings.Join(lines, "\n"), err
}
