// SPDX-License-Identifier: MIT

package vectors

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// Bounds are those of a finite graph of the contract.
type Bounds struct {
	Ops      int      `json:"ops"`
	Nets     int      `json:"nets"` // beside init_net
	MaxCount int32    `json:"max_count"`
	MaxUse   int32    `json:"max_use"`
	Features []string `json:"features"` // what the calls may need, in the order of order
}

// order is that of the features in bounds: those that most ports have come first. A vector that
// covers an edge which needs one of them may need those before it, and none behind it. No edge defers.
var order = []string{"use-count", "newnet", "no-callback", "fail-alloc", "positive-init", "misuse"}

// Err says what is wrong with the bounds.
func (b Bounds) Err() error {
	switch {
	case b.Ops < 1 || b.Ops > 26:
		return fmt.Errorf("%d ops: between 1 and 26", b.Ops)
	case b.Nets < 1 || b.Nets > 100:
		return fmt.Errorf("%d nets: between 1 and 100", b.Nets)
	case b.MaxCount < 1:
		return fmt.Errorf("a count of at most %d: at least 1", b.MaxCount)
	case b.MaxUse < 0 || b.MaxUse > 0 && !b.has("use-count"):
		return fmt.Errorf("a use count of at most %d: 0 without the feature use-count, else positive", b.MaxUse)
	}
	for _, f := range b.Features {
		if !slices.Contains(order, f) {
			return fmt.Errorf("unknown feature %q: the features are %s", f, strings.Join(order, ", "))
		}
	}
	return nil
}

// last returns the last of the nets.
func (b Bounds) last() model.NetID { return model.InitNet + model.NetID(b.Nets) }

func (b Bounds) has(feature string) bool { return slices.Contains(b.Features, feature) }

// id returns the name of the set of these bounds.
func (b Bounds) id(d model.Discipline) string {
	id := fmt.Sprintf("edges-%d-%d-%d", b.Ops, b.Nets, b.MaxCount)
	if d == model.RWSem {
		id = "rwsem-" + id
	}
	if b.MaxUse > 0 {
		id += fmt.Sprintf("-%d", b.MaxUse)
	}
	if len(b.Features) == len(order) {
		return id + "-all"
	}
	for _, f := range b.Features {
		if f != "use-count" { // MaxUse says it
			id += "-" + f
		}
	}
	return id
}

// each calls f with every action that the bounds allow in s.
func (b Bounds) each(s state, f func(action)) {
	misuse := b.has("misuse")
	for o := model.OpsID(1); o <= model.OpsID(b.Ops); o++ {
		b.eachRegister(s, o, f)
		e, registered := s.entry(o)
		for i, op := range []string{wire.UnregisterSubsys, wire.UnregisterDevice} {
			if misuse || registered && e.Device == (i == 1) {
				f(action{op: op, ops: o})
			}
		}
	}
	for n := model.InitNet; n <= b.last(); n++ {
		net, known := s.net(n)
		if known || misuse {
			b.eachCopy(s, net, n, f)
		}
		if known && net.Count < b.MaxCount || !known && misuse {
			f(action{op: wire.Get, net: n})
		}
		if last := n == model.InitNet && net.Count == 1; net.Count > 0 && !last || misuse {
			f(action{op: wire.Put, net: n})
		}
		if b.has("use-count") {
			if known && net.Use < b.MaxUse || !known && misuse {
				f(action{op: wire.Hold, net: n})
			}
			if net.Use > 0 || misuse {
				f(action{op: wire.Release, net: n})
			}
		}
	}
	f(action{op: wire.Work, max: 1})
	if len(s.Queue) > 1 {
		f(action{op: wire.Work, max: wire.All})
	}
}

func (b Bounds) eachRegister(s state, o model.OpsID, f func(action)) {
	_, registered := s.entry(o)
	for _, op := range []string{wire.RegisterSubsys, wire.RegisterDevice} {
		if registered {
			if b.has("misuse") {
				f(action{op: op, ops: o})
			}
			continue
		}
		for lacks := range 4 {
			a := action{op: op, ops: o, noInit: lacks&1 != 0, noExit: lacks&2 != 0}
			if lacks > 0 && !b.has("no-callback") {
				break
			}
			f(a)
			for _, n := range s.Nets {
				if !a.noInit {
					b.eachFailure(a, model.Fail{Ops: o, Net: n}, true, f)
				}
			}
		}
	}
}

// eachFailure offers the action with that init failing. A positive number matters only to some.
func (b Bounds) eachFailure(a action, of model.Fail, positive bool, f func(action)) {
	a.fail = of
	a.fail.Err = model.ENOMEM
	f(a)
	if a.fail.Err = 1; positive && b.has("positive-init") {
		f(a)
	}
}

// eachCopy offers the copies from a net.
func (b Bounds) eachCopy(s state, from model.Net, id model.NetID, f func(action)) {
	if b.has("newnet") && from.Count < b.MaxCount {
		f(action{op: wire.Copy, from: id, share: true})
	}
	if from.Count == 0 { // ENOENT; with a name in use the call would be misuse in two ways
		for n := model.InitNet; n <= b.last(); n++ {
			if _, used := s.net(n); !used {
				f(action{op: wire.Copy, from: id, net: n})
				return
			}
		}
		return
	}
	for n := model.InitNet; n <= b.last(); n++ {
		a := action{op: wire.Copy, from: id, net: n}
		if _, used := s.net(n); used {
			if b.has("misuse") {
				f(a) // EEXIST
			}
			continue
		}
		f(a)
		for i, e := range s.List {
			if !e.NoInit {
				last := !slices.ContainsFunc(s.List[i+1:], func(e model.Entry) bool { return !e.NoInit })
				b.eachFailure(a, model.Fail{Ops: e.Ops, Net: n}, last, f)
			}
		}
		if a.alloc = b.has("fail-alloc"); a.alloc {
			f(a)
		}
	}
}

// needs returns the features that an action needs in s.
func (s state) needs(a action) []string {
	_, results := s.results(a)
	r := &results[len(results)-1]
	known := func(net string) bool {
		return slices.ContainsFunc(s.Live, func(n model.Net) bool { return netName(n.ID) == net })
	}
	var all []string
	for _, l := range a.lines() {
		all = append(all, replay.Needs(&l, r, known)...)
	}
	return ordered(all)
}

// ordered returns the features without doubles, in their order.
func ordered(features []string) []string {
	out := []string{}
	for _, f := range append(slices.Clone(order), replay.FeatureDefer) {
		if slices.Contains(features, f) {
			out = append(out, f)
		}
	}
	return out
}
