// SPDX-License-Identifier: MIT

package graph

import (
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

// brackets is how TLC prints the values of several items.
var brackets = [...]struct{ begin, arrow, between, end string }{
	Seq:      {"<<", "", ", ", ">>"},
	Set:      {"{", "", ", ", "}"},
	Record:   {"[", " |-> ", ", ", "]"},
	Function: {"(", " :> ", " @@ ", ")"},
}

// String writes the value so that equal values are equal texts: fields of records,
// arguments of functions and members of sets in the order of their texts.
func (v Value) String() string {
	switch v.Kind {
	case Word:
		return v.Text
	case Text:
		return `"` + v.Text + `"`
	}
	b := brackets[v.Kind]
	texts := v.texts(b.arrow)
	if v.Kind != Seq {
		slices.Sort(texts)
	}
	return b.begin + strings.Join(texts, b.between) + b.end
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
