// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
)

// A parser knows how TLA+ reads a list of /\ or \/ at the starts of lines: an
// item ends before the first token that is not to the right of its bullet.
type parser struct {
	tokens []token
	at     int
	margin int // tokens in this column or left of it are out of reach
	cases  int // how many CASEs this is in: there [] is before the next arm
}

type parseError string

func parse(tokens []token) (n *node, err error) {
	p := &parser{tokens: tokens, margin: -1}
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(parseError)
			if !ok {
				panic(v)
			}
			err = fmt.Errorf("%s", string(e))
		}
	}()
	n = p.expression()
	if p.at < len(tokens) {
		p.fail("the end")
	}
	return n, nil
}

func (p *parser) fail(wanted string) {
	if p.at >= len(p.tokens) {
		panic(parseError(wanted + " expected, but the definition ends"))
	}
	panic(parseError(fmt.Sprintf("%s expected at %v", wanted, p.tokens[p.at])))
}

// peek is the next token, or one without text where there is none in reach.
func (p *parser) peek() token {
	if p.at == len(p.tokens) || p.tokens[p.at].col <= p.margin {
		return token{}
	}
	return p.tokens[p.at]
}

func (p *parser) is(texts ...string) bool {
	text := p.peek().text
	return text != "" && slices.Contains(texts, text)
}

func (p *parser) next() token {
	t := p.peek()
	if t.text == "" {
		p.fail("more")
	}
	p.at++
	return t
}

func (p *parser) expect(text string) {
	if !p.is(text) {
		p.fail(text)
	}
	p.at++
}

// close ends a node after the last token that was read.
func (p *parser) close(n *node) *node {
	n.end = p.tokens[p.at-1].end()
	return n
}

func (p *parser) open(kind string) *node {
	t := p.peek()
	if t.text == "" {
		p.fail("an expression")
	}
	return &node{kind: kind, first: t, start: t.start}
}

// expression is the whole, down to the operators that bind least.
func (p *parser) expression() *node {
	n := p.junction()
	for p.is("=>", "<=>", "~>") {
		whole := &node{first: n.first, start: n.start, signs: []string{p.next().text}}
		whole.kids = []*node{n, p.junction()}
		n = p.close(whole)
	}
	return n
}

// junction is a /\ b /\ c in one line, or a \/ b; TLA+ does not mix them.
func (p *parser) junction() *node {
	n := p.operand()
	if !p.is(and, or) {
		return n
	}
	whole := &node{kind: p.peek().text, first: n.first, start: n.start, kids: []*node{n}}
	for p.is(and, or) {
		if !p.is(whole.kind) {
			p.fail("brackets around a mixture")
		}
		p.at++
		whole.kids = append(whole.kids, p.operand())
	}
	return p.close(whole)
}

func (p *parser) operand() *node {
	switch {
	case p.is(and, or):
		return p.list()
	case p.at+2 < len(p.tokens) && isWord(p.peek().text) && p.tokens[p.at+1].text == "'" && p.tokens[p.at+2].text == "=":
		n := p.open(assign)
		n.name = n.first.text
		p.at += 3
		n.kids = []*node{p.plain()}
		return p.close(n)
	}
	return p.plain()
}

// list is one with bullets, all in one column.
func (p *parser) list() *node {
	n := p.open(p.peek().text)
	outer := p.margin
	for p.is(n.kind) && p.peek().col == n.first.col {
		p.at++
		p.margin = n.first.col
		n.kids = append(n.kids, p.expression())
		p.margin = outer
	}
	return p.close(n)
}

var brackets = map[string]string{"(": ")", "[": "]", "{": "}", "<<": ">>"}

// plain is what binds tighter than /\: words, signs and brackets in a row. IF,
// LET and the quantifiers reach as far as they can.
func (p *parser) plain() *node {
	n := p.open(plain)
	from := p.at
	for !p.is("THEN", "ELSE", "IN", ",", ":", ")", "]", "}", ">>", "=>", "<=>", "~>", "==", "->", "|->", "EXCEPT") && p.peek().text != "" {
		t := p.peek()
		switch {
		case p.at > from && p.isDefinition():
			return p.ended(n, from)
		case p.is(and, or) && p.at > from && p.tokens[p.at-1].text == "~":
			n.kids = append(n.kids, p.list())
		case p.is(and, or):
			return p.ended(n, from)
		case p.is("[]") && p.cases > 0:
			return p.ended(n, from)
		case p.is("CASE"):
			n.kids = append(n.kids, p.arms())
		case p.is("INSTANCE"):
			p.instance(n)
		case p.is("IF"):
			n.signs = append(n.signs, t.text)
			p.choice(n)
		case p.is("LET"):
			p.let(n)
		case p.is(`\A`, `\E`, "CHOOSE", "LAMBDA"):
			n.signs = append(n.signs, t.text)
			p.bound(n)
		case brackets[t.text] != "":
			n.kids = append(n.kids, p.bracket())
		case isWord(t.text) && p.at+1 < len(p.tokens) && p.tokens[p.at+1].text == "(":
			n.kids = append(n.kids, p.application())
		default:
			n.signs = append(n.signs, p.next().text)
		}
	}
	return p.ended(n, from)
}

// ended closes a plain node; one that is a single kid is that kid.
func (p *parser) ended(n *node, from int) *node {
	if p.at == from {
		p.fail("an expression")
	}
	p.close(n)
	if len(n.kids) == 1 && n.kids[0].start == n.start && n.kids[0].end == n.end {
		return n.kids[0]
	}
	return n
}

// isDefinition tells the next definition of a LET: a name, with parameters or
// without, and ==.
func (p *parser) isDefinition() bool {
	i := p.at + 1
	if i < len(p.tokens) && p.tokens[i].text == "(" {
		for i < len(p.tokens) && p.tokens[i].text != ")" {
			i++
		}
		i++
	}
	return isWord(p.peek().text) && i < len(p.tokens) && p.tokens[i].text == "=="
}

func (p *parser) choice(n *node) {
	c := p.open(choice)
	for _, word := range []string{"IF", "THEN", "ELSE"} {
		p.expect(word)
		c.kids = append(c.kids, p.expression())
	}
	n.kids = append(n.kids, p.close(c))
}

// arms is a CASE.
func (p *parser) arms() *node {
	n := p.open(arms)
	p.cases++
	for p.at++; ; p.at++ {
		n.kids = append(n.kids, p.expression())
		p.expect("->")
		n.kids = append(n.kids, p.expression())
		if !p.is("[]") {
			break
		}
	}
	p.cases--
	return p.close(n)
}

// instance is INSTANCE of a module WITH expressions for its names.
func (p *parser) instance(n *node) {
	n.signs = append(n.signs, p.next().text, p.next().text)
	for p.is("WITH", ",") {
		n.signs = append(n.signs, p.next().text, p.next().text)
		p.expect("<")
		p.expect("-")
		n.kids = append(n.kids, p.expression())
	}
}

func (p *parser) let(n *node) {
	p.expect("LET")
	for !p.is("IN") {
		for !p.is("==") {
			p.next()
		}
		p.at++
		n.kids = append(n.kids, p.expression())
	}
	p.expect("IN")
	n.kids = append(n.kids, p.expression())
}

func (p *parser) bound(n *node) {
	for p.at++; !p.is(":"); {
		n.kids = append(n.kids, p.expression())
		if p.is(",") {
			p.at++
		}
	}
	p.at++
	n.kids = append(n.kids, p.expression())
}

func (p *parser) application() *node {
	n := p.open(call)
	n.name = p.next().text
	for p.at++; !p.is(")"); {
		n.kids = append(n.kids, p.expression())
		if p.is(",") {
			p.at++
		}
	}
	p.at++
	return p.close(n)
}

func (p *parser) bracket() *node {
	n := p.open(plain)
	end := brackets[p.next().text]
	for !p.is(end) {
		switch {
		case p.is("EXCEPT"):
			n.kind = except
			p.at++
		case p.is(",", ":", "->", "|->"):
			p.at++
		default:
			n.kids = append(n.kids, p.expression())
		}
	}
	p.at++
	return p.close(n)
}
