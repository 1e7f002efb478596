// SPDX-License-Identifier: MIT

package graph

import (
	"errors"
	"fmt"
	"strings"
)

// A Reader reads a TLA+ value that TLC printed, token by token. An error ends the function
// that Read was given.
type Reader struct {
	rest  string
	depth int
}

type notValue string

// Read calls read to read a value, which must be all of text.
func Read(text string, read func(r *Reader)) (err error) {
	r := &Reader{rest: text}
	defer func() {
		switch bad := recover().(type) {
		case nil:
		case notValue:
			err = errors.New(string(bad))
		default:
			panic(bad)
		}
	}()
	read(r)
	if r.skip(); r.rest != "" {
		r.Fail("unexpected %q after it", short(r.rest))
	}
	return nil
}

// readState calls read for each variable of a state that TLC printed ("/\ name = value",
// one variable per line), and returns the number of variables.
func readState(text string, read func(name string, r *Reader)) (variables int, err error) {
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), `/\ `), " = ")
		if !ok {
			return variables, fmt.Errorf("no variable in %q", line)
		}
		if err := Read(value, func(r *Reader) { read(name, r) }); err != nil {
			return variables, fmt.Errorf("cannot read the value of %s, %s: %w", name, value, err)
		}
		variables++
	}
	return variables, nil
}

// Fail ends the reading.
func (r *Reader) Fail(format string, args ...any) { panic(notValue(fmt.Sprintf(format, args...))) }

func (r *Reader) skip() {
	i := 0
	for i < len(r.rest) && (r.rest[i] == ' ' || r.rest[i] == '\n' || r.rest[i] == '\t') {
		i++
	}
	r.rest = r.rest[i:]
}

// Has reads the token if it is next, and reports whether it was.
func (r *Reader) Has(token string) bool {
	r.skip()
	if !strings.HasPrefix(r.rest, token) {
		return false
	}
	r.rest = r.rest[len(token):]
	return true
}

// Want reads the token.
func (r *Reader) Want(token string) {
	if !r.Has(token) {
		r.Fail("no %s before %q", token, short(r.rest))
	}
}

var endsWord = [256]bool{' ': true, '\t': true, '\n': true, ',': true, ':': true, '|': true, '@': true, '"': true,
	'(': true, ')': true, '[': true, ']': true, '{': true, '}': true, '<': true, '>': true}

// Word reads a model value, a number or a truth value.
func (r *Reader) Word() string {
	r.skip()
	end := 0
	for end < len(r.rest) && !endsWord[r.rest[end]] {
		end++
	}
	if end == 0 {
		r.Fail("no name before %q", short(r.rest))
	}
	w := r.rest[:end]
	r.rest = r.rest[end:]
	return w
}

// Text reads a string.
func (r *Reader) Text() string {
	r.Want(`"`)
	s, rest, ok := strings.Cut(r.rest, `"`)
	if !ok {
		r.Fail("a string without an end")
	}
	r.rest = rest
	return s
}

// Next reads the separator or the end of a sequence, a set, a record or a function, and
// reports whether another item follows.
func (r *Reader) Next(first bool, between, end string) bool {
	if r.Has(end) {
		return false
	}
	if !first {
		r.Want(between)
	}
	return true
}

func short(s string) string {
	if len(s) > 30 {
		return s[:30] + "…"
	}
	return s
}
