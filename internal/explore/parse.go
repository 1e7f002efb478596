// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/internal/plural"
)

// ParseState reads a state as TLC prints it: "/\ variable = value" lines.
func (in *Instance) ParseState(text string) (s State, err error) {
	p := parser{in: in, s: &s}
	fill(s.List[:])
	fill(s.Nets[:])
	fill(s.Queue[:])
	for t := range s.Threads {
		s.Threads[t] = idle
	}
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(parseError)
			if !ok {
				panic(v)
			}
			err = fmt.Errorf("%s, in %q", string(e), text)
		}
	}()
	seen := 0
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), `/\ `), " = ")
		if !ok {
			p.fail("no variable")
		}
		p.rest = value
		p.variable(name)
		if p.rest != "" {
			p.fail("more after the value of " + name)
		}
		seen++
	}
	if seen != 13 {
		p.fail(plural.N(seen, "variable") + ", where spec/netns.tla has 13")
	}
	return s, nil
}

type parseError string

// parser reads values of TLA+ off the front of rest.
type parser struct {
	in   *Instance
	s    *State
	rest string
}

func (p *parser) fail(what string) { panic(parseError(what)) }

func (p *parser) variable(name string) {
	s, in := p.s, p.in
	switch name {
	case "pernetList":
		p.seq(s.List[:], p.ops)
	case "firstDevice":
		s.First = p.ops()
	case "kind":
		p.function(len(in.Ops), func(key string) { s.Kind[p.index(in.Ops, key)] = p.code(kinds, p.str()) })
	case "netMutex":
		s.NetMutex = p.thread(p.word())
	case "rtnl":
		s.Rtnl = p.thread(p.word())
	case "netList":
		p.seq(s.Nets[:], p.net)
	case "phase":
		p.function(len(in.Nets), func(key string) { s.Phase[p.index(in.Nets, key)] = p.code(phases, p.str()) })
	case "count":
		p.function(len(in.Nets), func(key string) { s.Count[p.index(in.Nets, key)] = uint8(p.number()) })
	case "useCount":
		p.function(len(in.Nets), func(key string) { s.Use[p.index(in.Nets, key)] = uint8(p.number()) })
	case "workQueue":
		p.seq(s.Queue[:], p.net)
	case "deferred":
		s.Deferred = p.pairs()
	case "balance":
		p.function(len(in.Ops), func(o string) {
			p.function(len(in.Nets), func(n string) { s.Balance[p.index(in.Ops, o)][p.index(in.Nets, n)] = int8(p.number()) })
		})
	case "thread":
		p.function(len(in.Threads)+1, func(name string) {
			t := p.thread(name)
			if t == none {
				p.fail("the instance has no thread " + name)
			}
			p.record(&s.Threads[t])
		})
	default:
		p.fail("spec/netns.tla has no variable " + name)
	}
}

func (p *parser) record(t *Thread) {
	p.want("[")
	for {
		field := p.word()
		p.want("|->")
		switch field {
		case "at":
			t.At = p.code(points, p.str())
		case "kind":
			t.Kind = p.code(kinds, p.str())
		case "ops":
			t.Ops = p.ops()
		case "net":
			t.Net = p.net()
		case "other":
			t.Other = p.net()
		case "err":
			t.Err = p.code(errs, p.str())
		case "waits":
			t.Waits = p.pairs()
		default:
			p.fail("a thread has no field " + field)
		}
		if p.has("]") {
			return
		}
		p.want(",")
	}
}

// function reads "(key :> value @@ key :> value)", with so many keys.
func (p *parser) function(domain int, value func(key string)) {
	p.want("(")
	for seen := map[string]bool{}; ; {
		key := p.word()
		p.want(":>")
		value(key)
		if seen[key] = true; p.has(")") {
			if len(seen) != domain {
				p.fail(fmt.Sprintf("a function of %s, where the instance has %d", plural.N(len(seen), "argument"), domain))
			}
			return
		}
		p.want("@@")
	}
}

func (p *parser) seq(to []uint8, value func() uint8) {
	p.want("<<")
	for i := 0; !p.has(">>"); i++ {
		if i > 0 {
			p.want(",")
		}
		if i == len(to) {
			p.fail("a list that is too long")
		}
		to[i] = value()
	}
}

func (p *parser) pairs() (bits uint16) {
	p.want("{")
	for first := true; !p.has("}"); first = false {
		if !first {
			p.want(",")
		}
		p.want("<<")
		o := p.ops()
		p.want(",")
		bits |= 1 << (int(o)*maxNets + int(p.net()))
		p.want(">>")
	}
	return bits
}

// ops and net read a model value; one that is no ops, no net, is none.
func (p *parser) ops() uint8 { return p.place(p.in.Ops, p.word()) }
func (p *parser) net() uint8 { return p.place(p.in.Nets, p.word()) }

func (p *parser) thread(name string) uint8 {
	if name == p.in.Worker {
		return uint8(len(p.in.Threads))
	}
	return p.place(p.in.Threads, name)
}

func (p *parser) place(names []string, name string) uint8 {
	if i := slices.Index(names, name); i >= 0 {
		return uint8(i)
	}
	if !slices.Contains(p.in.Nones, name) {
		p.fail("the instance has no " + name)
	}
	return none
}

func (p *parser) index(names []string, name string) int {
	i := slices.Index(names, name)
	if i < 0 {
		p.fail("the instance has no " + name)
	}
	return i
}

func (p *parser) code(names []string, name string) uint8 { return uint8(p.index(names, name)) }

func (p *parser) has(token string) bool {
	p.rest = strings.TrimLeft(p.rest, " ")
	if !strings.HasPrefix(p.rest, token) {
		return false
	}
	p.rest = p.rest[len(token):]
	return true
}

func (p *parser) want(token string) {
	if !p.has(token) {
		p.fail("no " + token + " where it should be")
	}
}

func (p *parser) word() string {
	p.rest = strings.TrimLeft(p.rest, " ")
	i := strings.IndexAny(p.rest, " ,:|)]}>")
	if i < 0 {
		i = len(p.rest)
	}
	if i == 0 {
		p.fail("no name where one should be")
	}
	w := p.rest[:i]
	p.rest = p.rest[i:]
	return w
}

func (p *parser) str() string {
	p.want(`"`)
	s, rest, ok := strings.Cut(p.rest, `"`)
	if !ok {
		p.fail("a string without an end")
	}
	p.rest = rest
	return s
}

func (p *parser) number() int {
	n, err := strconv.Atoi(p.word())
	if err != nil || n < -100 || n > 100 {
		p.fail("no number from -100 to 100 where one should be")
	}
	return n
}
