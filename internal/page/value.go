// SPDX-License-Identifier: MIT

package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A value is a value of TLA+ as TLC prints it.
type value struct {
	kind  string // word (a model value, a number, a Boolean), string, seq, set, record, function
	text  string // of a word or a string
	keys  []string
	items []value // elements, or what keys stand for
}

// parseValue reads a value, all of text.
func parseValue(text string) (v value, err error) {
	p := valueParser{rest: text}
	defer func() {
		switch bad := recover().(type) {
		case nil:
		case notValue:
			err = fmt.Errorf("no value of TLA+: %s", string(bad))
		default:
			panic(bad)
		}
	}()
	v = p.value()
	if p.skip(); p.rest != "" {
		p.fail(fmt.Sprintf("more after it, %q", short(p.rest)))
	}
	return v, nil
}

type notValue string

type valueParser struct {
	rest  string
	depth int
}

// maxDepth bounds how deep a value may be nested; those of the specs are at most 4 deep.
const maxDepth = 1000

func (p *valueParser) fail(what string) { panic(notValue(what)) }

func (p *valueParser) value() value {
	if p.depth++; p.depth > maxDepth {
		p.fail("it is nested too deep")
	}
	defer func() { p.depth-- }()
	switch {
	case p.has("<<"):
		return value{kind: "seq", items: p.list(">>")}
	case p.has("{"):
		return value{kind: "set", items: p.list("}")}
	case p.has("["):
		return p.pairs("record", "|->", ",", "]")
	case p.has("("):
		return p.pairs("function", ":>", "@@", ")")
	case p.has(`"`):
		text, rest, ok := strings.Cut(p.rest, `"`)
		if !ok {
			p.fail("a string without an end")
		}
		p.rest = rest
		return value{kind: "string", text: text}
	}
	return value{kind: "word", text: p.word()}
}

func (p *valueParser) list(end string) (out []value) {
	for !p.has(end) {
		if len(out) > 0 {
			p.want(",")
		}
		out = append(out, p.value())
	}
	return out
}

func (p *valueParser) pairs(kind, arrow, between, end string) value {
	v := value{kind: kind}
	for !p.has(end) {
		if len(v.keys) > 0 {
			p.want(between)
		}
		key := p.value()
		p.want(arrow)
		v.keys = append(v.keys, key.text)
		v.items = append(v.items, p.value())
	}
	return v
}

func (p *valueParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\n") }

func (p *valueParser) has(token string) bool {
	p.skip()
	if !strings.HasPrefix(p.rest, token) {
		return false
	}
	p.rest = p.rest[len(token):]
	return true
}

func (p *valueParser) want(token string) {
	if !p.has(token) {
		p.fail(fmt.Sprintf("no %s before %q", token, short(p.rest)))
	}
}

func (p *valueParser) word() string {
	p.skip()
	end := strings.IndexAny(p.rest, " \t\n,:|)]}>@\"({[<")
	if end < 0 {
		end = len(p.rest)
	}
	if end == 0 {
		p.fail(fmt.Sprintf("no name before %q", short(p.rest)))
	}
	w := p.rest[:end]
	p.rest = p.rest[end:]
	return w
}

func short(s string) string {
	if len(s) > 30 {
		return s[:30] + "…"
	}
	return s
}

// at returns what a function or a record has for a key.
func (v value) at(key string) (value, bool) {
	if i := slices.Index(v.keys, key); i >= 0 {
		return v.items[i], true
	}
	return value{}, false
}

// isFunction reports whether v is a function; one of nothing prints as <<>>.
func (v value) isFunction() bool {
	return v.kind == "function" || v.kind == "seq" && len(v.items) == 0
}

func (v value) number() (n int, ok bool) {
	n, err := strconv.Atoi(v.text)
	return n, err == nil && v.kind == "word"
}
