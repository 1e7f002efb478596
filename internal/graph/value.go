// SPDX-License-Identifier: MIT

package graph

import (
	"errors"
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

// maxDepth bounds the nesting of a value. The values of the specs are at most 4 deep.
const maxDepth = 1000

// ParseValue reads a value, which must be all of text.
func ParseValue(text string) (Value, error) {
	v, err := parse(text)
	if err != nil {
		err = fmt.Errorf("not a TLA+ value: %w", err)
	}
	return v, err
}

// parseState reads a state that TLC printed ("/\ name = value", one variable per line) as a
// record of its variables.
func parseState(text string) (Value, error) {
	state := Value{Kind: Record}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), `/\ `), " = ")
		if !ok {
			return state, fmt.Errorf("no variable in %q", line)
		}
		v, err := parse(value)
		if err != nil {
			return state, fmt.Errorf("cannot read the value of %s, %s: %w", name, value, err)
		}
		state.Keys, state.Items = append(state.Keys, name), append(state.Items, v)
	}
	return state, nil
}

// Canonical rewrites a state so that equal states are equal texts: variables in
// the order of their names, values as String writes them.
func Canonical(text string) (string, error) {
	state, err := parseState(text)
	lines := state.texts(" = ")
	slices.Sort(lines)
	return strings.Join(lines, "\n"), err
}

// A reader reads the text of a value, token by token. An error ends parse.
type reader struct{ rest string }

type notValue string

func parse(text string) (v Value, err error) {
	defer func() {
		switch bad := recover().(type) {
		case nil:
		case notValue:
			err = errors.New(string(bad))
		default:
			panic(bad)
		}
	}()
	r := &reader{rest: text}
	v = r.value(0)
	if r.skip(); r.rest != "" {
		r.fail("unexpected %q after it", short(r.rest))
	}
	return v, nil
}

// fail ends the reading.
func (r *reader) fail(format string, args ...any) { panic(notValue(fmt.Sprintf(format, args...))) }

func (r *reader) skip() {
	i := 0
	for i < len(r.rest) && (r.rest[i] == ' ' || r.rest[i] == '\n' || r.rest[i] == '\t') {
		i++
	}
	r.rest = r.rest[i:]
}

// has reads the token if it is next, and reports whether it was.
func (r *reader) has(token string) bool {
	r.skip()
	rest, ok := strings.CutPrefix(r.rest, token)
	r.rest = rest
	return ok
}

func (r *reader) want(token string) {
	if !r.has(token) {
		r.fail("no %s before %q", token, short(r.rest))
	}
}

var endsWord = [256]bool{' ': true, '\t': true, '\n': true, ',': true, ':': true, '|': true, '@': true, '"': true,
	'(': true, ')': true, '[': true, ']': true, '{': true, '}': true, '<': true, '>': true}

func (r *reader) value(depth int) Value {
	for kind := Seq; kind <= Function; kind++ {
		if r.has(brackets[kind].begin) {
			return r.items(kind, depth+1)
		}
	}
	if r.has(`"`) {
		text, rest, ok := strings.Cut(r.rest, `"`)
		if !ok {
			r.fail("a string without an end")
		}
		r.rest = rest
		return Value{Kind: Text, Text: text}
	}
	end := 0
	for end < len(r.rest) && !endsWord[r.rest[end]] {
		end++
	}
	if end == 0 {
		r.fail("no name before %q", short(r.rest))
	}
	v := Value{Text: r.rest[:end]}
	r.rest = r.rest[end:]
	return v
}

// items reads what follows the begin of a value of several items.
func (r *reader) items(kind Kind, depth int) Value {
	if depth > maxDepth {
		r.fail("nested too deeply")
	}
	v, b := Value{Kind: kind}, brackets[kind]
	arrow, between := strings.TrimSpace(b.arrow), strings.TrimSpace(b.between)
	for !r.has(b.end) {
		if len(v.Items) > 0 {
			r.want(between)
		}
		if arrow != "" {
			v.Keys = append(v.Keys, r.value(depth).String())
			r.want(arrow)
		}
		v.Items = append(v.Items, r.value(depth))
	}
	return v
}

func short(s string) string {
	if len(s) > 30 {
		return s[:30] + "…"
	}
	return s
}
