// SPDX-License-Identifier: MIT

package lin

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// The contract has inits and exits alone. The other callbacks of an undo (rwsem) change no answer, so
// the search does not know them. Where an operation has them, this is checked apart from it:
//
//   - only an undo runs them: a cleanup, an unregister, or a copy or register in which an init failed, but
//     not on the net and of the ops of that init; and on the call's nets, of the call's ops;
//   - the stages follow each other: pre_exit, exit_rtnl, then exit and exit_batch;
//   - two ops that meet on a net in two stages do so in one order;
//   - no exit or exit_batch of another ops runs from the first exit of an ops to its exit_batch;
//   - the callbacks of an ops run once each, all on the same nets;
//   - until a register or unregister names the ops again, each undo of it has the same of them, and
//     each cleanup has them;
//   - where they are timed, they run inside their call, those on one net one after the other, and
//     no stage begins before the one before it has ended.
//
// stages is what it remembers: by the name of an ops, the last call that ran such callbacks of it.
type stages map[string]undone

type undone struct {
	words []string
	line  int
}

// check returns what is wrong with the stages of the window's undos, nil if nothing is.
func (s stages) check(w *window, d model.Discipline) *Failure {
	for _, c := range w.calls {
		if why := s.wrong(w, c, d); why != "" {
			return &Failure{AtLeast: true, Op: c.Line, Line: c.Number, Differences: []string{"calls: " + why}}
		}
		s.forget(c)
	}
	return nil
}

// never is the line of what is not remembered: a call that may do its work at any later time names the ops.
const never = -1

// forget forgets the ops that the call names.
func (s stages) forget(c *call) {
	switch ops := c.Line.Ops; {
	case ops == "" || s[ops].line == never:
	case c.Never:
		s[ops] = undone{line: never}
	default:
		delete(s, ops)
	}
}

func (s stages) wrong(w *window, c *call, d model.Discipline) string {
	if len(s) == 0 && len(c.Stages) == 0 {
		return ""
	}
	undo := c.undo()
	switch {
	case c.Unknown || c.Never:
		return ""
	case len(c.Stages) > 0 && d != model.RWSem:
		return fmt.Sprintf("the %s of %q: --discipline mutex has inits and exits alone", c.Stages[0].Word, c.Stages[0].Ops)
	case len(c.Stages) > 0 && undo == nil:
		return fmt.Sprintf("the %s of %q ran, though nothing is undone", c.Stages[0].Word, c.Stages[0].Ops)
	}
	if len(c.Stages) > 0 {
		for _, wrong := range []func([]staged) string{c.astray, outOfStage, outOfOrder, amongExits, c.mistimedStage} {
			if why := wrong(undo); why != "" {
				return why
			}
		}
	}
	return s.elsewhere(w, c, undo)
}

// astray: no stage runs on another net, of another ops, or where an init failed.
func (c *call) astray(undo []staged) string {
	inits := only(c.calls, false)
	for i := range undo {
		x := &undo[i]
		if x.word == "exit" {
			continue // the search judges exits
		}
		for _, net := range x.nets {
			failed := len(inits) > 0 && x.ops == c.Calls[len(inits)-1].Ops && net == c.Calls[len(inits)-1].Net
			foreign := len(c.Nets) > 0 && !slices.Contains(c.Nets, net) || c.Op == wire.Copy && net != c.Net || c.Line.Ops != "" && x.ops != c.Line.Ops
			switch {
			case failed:
				return fmt.Sprintf("the %s of %q on %q ran, though its init failed there", x.word, x.ops, net)
			case foreign:
				return fmt.Sprintf("the %s of %q on %q ran, which the call does not undo", x.word, x.ops, net)
			}
		}
	}
	return ""
}

func outOfStage(undo []staged) string {
	for i := 1; i < len(undo); i++ {
		if x, before := &undo[i], &undo[i-1]; x.rank() < before.rank() {
			return fmt.Sprintf("%s ran after %s", x, before)
		}
	}
	return ""
}

// outOfOrder: two ops that meet on a net in two stages do so in one order.
func outOfOrder(undo []staged) string {
	order := map[string]*[ranks][]string{} // by net
	for i := range undo {
		x := &undo[i]
		for _, net := range x.nets {
			if order[net] == nil {
				order[net] = new([ranks][]string)
			}
			if list := &order[net][x.rank()]; !slices.Contains(*list, x.ops) {
				*list = append(*list, x.ops)
			}
			for rank := range x.rank() {
				if other := cameAfter(order[net][rank], order[net][x.rank()]); other != "" {
					return fmt.Sprintf("%s ran after that of %q, but came before it in an earlier stage", x, other)
				}
			}
		}
	}
	return ""
}

// cameAfter returns which of the later ones but the last comes after it in the earlier ones, "" if none does.
func cameAfter(earlier, later []string) string {
	at := slices.Index(earlier, later[len(later)-1])
	for _, ops := range later[:len(later)-1] {
		if at >= 0 && slices.Index(earlier, ops) > at {
			return ops
		}
	}
	return ""
}

// amongExits: from the first exit of an ops to its exit_batch no exit and no exit_batch of another runs.
func amongExits(undo []staged) string {
	batch := map[string]int{}
	for i := range undo {
		if x := &undo[i]; x.word == wire.ExitBatch {
			if _, twice := batch[x.ops]; twice {
				return fmt.Sprintf("a second exit_batch of %q ran", x.ops)
			}
			batch[x.ops] = i
		}
	}
	var open *staged
	for i := range undo {
		x := &undo[i]
		if x.rank() != ranks-1 {
			continue
		}
		at, batched := batch[x.ops]
		switch {
		case open != nil && open.ops != x.ops:
			return fmt.Sprintf("%s ran before the exit_batch of %q, whose exits had begun", x, open.ops)
		case batched && i > at:
			return fmt.Sprintf("%s ran after its exit_batch", x)
		case batched && i < at:
			open = x
		default:
			open = nil
		}
	}
	return ""
}

func (c *call) mistimedStage(undo []staged) string {
	last := map[string]*staged{}
	for _, cb := range c.Calls {
		if !cb.Exit && cb.Timed {
			last[cb.Net] = &staged{cb.Word(), cb.Ops, []string{cb.Net}, true, cb.Begin, cb.End}
		}
	}
	var latest, before *staged // of this stage, and of those before it: which ends last
	for i := range undo {
		x := &undo[i]
		if !x.timed {
			continue
		}
		if latest != nil && x.rank() > latest.rank() {
			before = latest
		}
		if before != nil && x.begin < before.end {
			return fmt.Sprintf("%s ran from %d to %d, before %s ended", x, x.begin, x.end, before)
		}
		if x.begin < c.Call || x.end > c.Return {
			return fmt.Sprintf("%s ran from %d to %d, outside of its call, from %d to %d", x, x.begin, x.end, c.Call, c.Return)
		}
		for _, net := range x.nets {
			if y := last[net]; y != nil && x.begin < y.end {
				return fmt.Sprintf("%s ran from %d to %d, before %s ended", x, x.begin, x.end, y)
			}
			last[net] = x
		}
		if latest == nil || x.rank() > latest.rank() || x.end > latest.end {
			latest = x
		}
	}
	return ""
}

// elsewhere: the callbacks of an ops ran once each, on the same nets, and are those of its last undo.
func (s stages) elsewhere(w *window, c *call, undo []staged) string {
	byOps, order := map[string][]*staged{}, []string{}
	for i := range undo {
		x := &undo[i]
		if byOps[x.ops] == nil {
			order = append(order, x.ops)
		}
		byOps[x.ops] = append(byOps[x.ops], x)
	}
	if c.Op == wire.Cleanup && len(c.Nets) > 0 {
		for _, ops := range slices.Sorted(maps.Keys(s)) {
			if byOps[ops] == nil && s[ops].line != never {
				order = append(order, ops)
			}
		}
	}
	for _, ops := range order {
		words, why := wordsOf(byOps[ops])
		before, known := s[ops]
		switch {
		case why != "":
			return why
		case before.line == never || w.renews(c, ops): // it may have been another ops of this name
		case known && !slices.Equal(words, before.words):
			return fmt.Sprintf("the undo of %q had %s, that in line %d had %s", ops, list(words), before.line, list(before.words))
		case known || len(c.Stages) > 0:
			s[ops] = undone{words, c.Number}
		}
	}
	return ""
}

func list(words []string) string {
	return cmp.Or(strings.Join(words, ", "), "no callback")
}

// renews reports whether a register or unregister of that ops runs beside c, or is a register and c itself.
func (w *window) renews(c *call, ops string) bool {
	return slices.ContainsFunc(w.calls, func(x *call) bool {
		return x.Line.Ops == ops && x.Call <= c.end() && c.Call <= x.end() && (x != c || model.CallOf(c.Op).Inits)
	})
}

// wordsOf returns the words of the callbacks of one ops, or what is wrong with their nets.
func wordsOf(callbacks []*staged) (words []string, why string) {
	on := map[string]map[string]bool{} // word -> nets
	for _, x := range callbacks {
		if on[x.word] == nil {
			on[x.word] = map[string]bool{}
		}
		for _, net := range x.nets {
			if on[x.word][net] && x.word != "exit" { // the search judges exits
				return nil, fmt.Sprintf("the %s of %q on %q ran twice", x.word, x.ops, net)
			}
			on[x.word][net] = true
		}
	}
	words = slices.Sorted(maps.Keys(on))
	for _, word := range words {
		for _, x := range callbacks {
			for _, net := range x.nets {
				if !on[word][net] {
					return nil, fmt.Sprintf("no %s of %q on %q, where its %s ran", word, x.ops, net, x.word)
				}
			}
		}
	}
	return words, ""
}
