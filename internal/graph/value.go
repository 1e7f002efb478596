// SPDX-License-Identifier: MIT

package graph

import (
	"fmt"
	"slices"
	"strings"
)

// Canonical rewrites a state as TLC prints it ("/\ name = value", a variable a
// line) so that equal states are equal texts: variables, fields of records,
// arguments of functions and members of sets in the order of their texts.
func Canonical(text string) (string, error) {
	var lines []string
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), `/\ `), " = ")
		if !ok {
			return "", fmt.Errorf("no variable in %q", line)
		}
		p := valueParser{rest: value}
		canon := p.value()
		if p.bad || p.rest != "" {
			return "", fmt.Errorf("cannot read the value of %s: %q", name, value)
		}
		lines = append(lines, name+" = "+canon)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), nil
}

// valueParser reads values of TLA+ off the front of rest.
type valueParser struct {
	rest string
	bad  bool
}

func (p *valueParser) value() string {
	switch {
	case p.has("<<"):
		return "<<" + strings.Join(p.list(">>", p.value), ", ") + ">>"
	case p.has("{"):
		return "{" + sorted(p.list("}", p.value), ", ") + "}"
	case p.has("["):
		return "[" + sorted(p.list("]", func() string { return p.pair("|->") }), ", ") + "]"
	case p.has("("):
		return "(" + sorted(p.list(")", func() string { return p.pair(":>") }), " @@ ") + ")"
	case p.has(`"`):
		s, rest, ok := strings.Cut(p.rest, `"`)
		p.rest, p.bad = rest, p.bad || !ok
		return `"` + s + `"`
	}
	return p.word()
}

func sorted(s []string, between string) string {
	slices.Sort(s)
	return strings.Join(s, between)
}

// list reads items, with "," or "@@" between them, up to the closing token.
func (p *valueParser) list(end string, item func() string) (out []string) {
	for !p.bad && !p.has(end) {
		if len(out) > 0 && !p.has(",") && !p.has("@@") {
			p.bad = true
			break
		}
		out = append(out, item())
	}
	return out
}

func (p *valueParser) pair(arrow string) string {
	key := p.value()
	p.bad = p.bad || !p.has(arrow)
	return key + " " + arrow + " " + p.value()
}

func (p *valueParser) has(token string) bool {
	p.rest = strings.TrimLeft(p.rest, " ")
	if !strings.HasPrefix(p.rest, token) {
		return false
	}
	p.rest = p.rest[len(token):]
	return true
}

func (p *valueParser) word() string {
	p.rest = strings.TrimLeft(p.rest, " ")
	end := strings.IndexAny(p.rest, " ,:|)]}>@\"")
	if end < 0 {
		end = len(p.rest)
	}
	w := p.rest[:end]
	p.rest = p.rest[end:]
	p.bad = p.bad || w == ""
	return w
}
