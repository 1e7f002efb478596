// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"
	"slices"
	"strconv"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/plural"
)

// ParseState reads a state as TLC prints it: "/\ variable = value" lines.
func (in *Instance) ParseState(text string) (s State, err error) {
	fill(s.List[:])
	fill(s.Nets[:])
	fill(s.Queue[:])
	for t := range s.Threads {
		s.Threads[t] = idle
	}
	seen, err := graph.ReadState(text, func(name string, r *graph.Reader) { (&parser{r, in, &s}).variable(name) })
	if err == nil && seen != 13 {
		err = fmt.Errorf("%s, where spec/netns.tla has 13, in %q", plural.N(seen, "variable"), text)
	}
	return s, err
}

// parser reads values of the variables of netns.tla.
type parser struct {
	*graph.Reader
	in *Instance
	s  *State
}

func (p *parser) variable(name string) {
	s, in := p.s, p.in
	switch name {
	case "pernetList":
		p.seq(s.List[:], p.ops)
	case "firstDevice":
		s.First = p.ops()
	case "kind":
		p.function(len(in.Ops), func(key string) { s.Kind[p.index(in.Ops, key)] = p.code(kinds, p.Text()) })
	case "netMutex":
		s.NetMutex = p.thread(p.Word())
	case "rtnl":
		s.Rtnl = p.thread(p.Word())
	case "netList":
		p.seq(s.Nets[:], p.net)
	case "phase":
		p.function(len(in.Nets), func(key string) { s.Phase[p.index(in.Nets, key)] = p.code(phases, p.Text()) })
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
				p.Fail("the instance has no thread %s", name)
			}
			p.record(&s.Threads[t])
		})
	default:
		p.Fail("spec/netns.tla has no variable %s", name)
	}
}

func (p *parser) record(t *Thread) {
	p.Want("[")
	for first := true; p.Next(first, ",", "]"); first = false {
		field := p.Word()
		p.Want("|->")
		switch field {
		case "at":
			t.At = p.code(points, p.Text())
		case "kind":
			t.Kind = p.code(kinds, p.Text())
		case "ops":
			t.Ops = p.ops()
		case "net":
			t.Net = p.net()
		case "other":
			t.Other = p.net()
		case "err":
			t.Err = p.code(errs, p.Text())
		case "waits":
			t.Waits = p.pairs()
		default:
			p.Fail("a thread has no field %s", field)
		}
	}
}

// function reads a function of so many arguments.
func (p *parser) function(domain int, value func(key string)) {
	seen := map[string]bool{}
	p.Want("(")
	for p.Next(len(seen) == 0, "@@", ")") {
		key := p.Word()
		p.Want(":>")
		value(key)
		seen[key] = true
	}
	if len(seen) != domain {
		p.Fail("a function of %s, where the instance has %d", plural.N(len(seen), "argument"), domain)
	}
}

func (p *parser) seq(to []uint8, value func() uint8) {
	p.Want("<<")
	for i := 0; p.Next(i == 0, ",", ">>"); i++ {
		if i == len(to) {
			p.Fail("a list that is too long")
		}
		to[i] = value()
	}
}

func (p *parser) pairs() (bits uint16) {
	p.Want("{")
	for first := true; p.Next(first, ",", "}"); first = false {
		p.Want("<<")
		o := p.ops()
		p.Want(",")
		bits |= 1 << (int(o)*maxNets + int(p.net()))
		p.Want(">>")
	}
	return bits
}

// ops and net read a model value; one that is no ops, no net, is none.
func (p *parser) ops() uint8 { return p.place(p.in.Ops, p.Word()) }
func (p *parser) net() uint8 { return p.place(p.in.Nets, p.Word()) }

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
		p.Fail("the instance has no %s", name)
	}
	return none
}

func (p *parser) index(names []string, name string) int {
	i := slices.Index(names, name)
	if i < 0 {
		p.Fail("the instance has no %s", name)
	}
	return i
}

func (p *parser) code(names []string, name string) uint8 { return uint8(p.index(names, name)) }

func (p *parser) number() int {
	n, err := strconv.Atoi(p.Word())
	if err != nil || n < -100 || n > 100 {
		p.Fail("no number from -100 to 100 where one should be")
	}
	return n
}
