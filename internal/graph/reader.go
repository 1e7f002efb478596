// SPDX-License-Identifier: MIT

package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

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

// ParseState reads a state that TLC printed ("/\ name = value", one variable per line) as a
// record of its variables.
func ParseState(text string) (Value, error) {
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
	state, err := ParseState(text)
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
