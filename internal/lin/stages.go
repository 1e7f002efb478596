// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// The contract has inits and exits alone. The other callbacks of an undo since 4.17 change no answer,
// so the search does not know them. Where an operation has them, this is checked apart from it:
//
//   - only an undo runs them: a cleanup, an unregister, or a copy or register that failed after an init;
//   - the stages follow each other: pre_exit, exit_rtnl, then exit and exit_batch;
//   - on each net the stages go through the ops in one order;
//   - no exit or exit_batch of another ops runs from the first exit of an ops to its exit_batch;
//   - the callbacks of an ops run once each, all on the same nets;
//   - an ops that has had such a callback has it in each later undo;
//   - where they are timed, they run inside their call, those on one net one after the other.
//
// stages is what it remembers: by the name of an ops, the last call that ran such callbacks of it.
type stages map[string]undone

type undone struct {
	words []string
	line  int
}

// A staged is one callback of an undo.
type staged struct {
	word, ops  string
	nets       []string
	timed      bool
	begin, end int64
}

func (x *staged) String() string {
	return fmt.Sprintf("the %s of %q on %q", x.word, x.ops, x.nets[0])
}

// rank returns when the stage of the callback comes.
func (x *staged) rank() int {
	switch x.word {
	case wire.PreExit:
		return 0
	case wire.ExitRTNL:
		return 1
	}
	return 2
}

const ranks = 3

// check returns what is wrong with the stages of the window's undos, nil if nothing is.
func (s stages) check(w *window, d model.Discipline) *Failure {
	for _, c := range w.calls {
		if why := s.wrong(c, d); why != "" {
			return &Failure{AtLeast: true, Op: c.Line, Line: c.Number, Differences: []string{"calls: " + why}}
		}
	}
	return nil
}

func (s stages) wrong(c *call, d model.Discipline) string {
	if len(s) == 0 && len(c.Stages) == 0 {
		return ""
	}
	undo := c.undo()
	switch {
	case c.Unknown || c.Never:
		return ""
	case len(c.Stages) > 0 && d != model.RWSem:
		return fmt.Sprintf("a %s, which there is since 4.17 alone: --discipline rwsem", c.Stages[0].Word)
	case len(c.Stages) > 0 && undo == nil:
		return fmt.Sprintf("a %s of %q, though nothing is undone", c.Stages[0].Word, c.Stages[0].Ops)
	}
	if len(c.Stages) > 0 {
		for _, wrong := range []func([]staged) string{outOfStage, outOfOrder, amongExits, c.mistimedStage} {
			if why := wrong(undo); why != "" {
				return why
			}
		}
	}
	return s.elsewhere(c, undo)
}

// undo returns the callbacks that a call may run when it undoes something, in their order; nil if it undoes nothing.
func (c *call) undo() (all []staged) {
	inits := 0
	for inits < len(c.Calls) && !c.Calls[inits].Exit {
		inits++
	}
	switch kind := model.CallOf(c.Op); {
	case !kind.Exits || kind.Inits != (c.Err != 0) || kind.Inits && inits == 0:
		return nil
	case slices.ContainsFunc(c.Stages, func(s wire.Stage) bool { return s.After < inits }):
		return nil
	}
	rest := c.Stages
	for i := inits; i <= len(c.Calls); i++ {
		for ; len(rest) > 0 && rest[0].After == i; rest = rest[1:] {
			all = append(all, staged{rest[0].Word, rest[0].Ops, rest[0].Nets, rest[0].Timed, rest[0].Begin, rest[0].End})
		}
		if i < len(c.Calls) {
			x := &c.Calls[i]
			all = append(all, staged{x.Word(), x.Ops, []string{x.Net}, x.Timed, x.Begin, x.End})
		}
	}
	return all
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
		if undo[i].word == wire.ExitBatch {
			batch[undo[i].ops] = i
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
	for i := range undo {
		x := &undo[i]
		if !x.timed {
			continue
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
	}
	return ""
}

// elsewhere: the callbacks of an ops ran once each, on the same nets, and are those of its last undo.
func (s stages) elsewhere(c *call, undo []staged) string {
	byOps, order := map[string][]*staged{}, []string{}
	for i := range undo {
		x := &undo[i]
		if byOps[x.ops] == nil {
			order = append(order, x.ops)
		}
		byOps[x.ops] = append(byOps[x.ops], x)
	}
	for _, ops := range order {
		words, why := wordsOf(byOps[ops])
		before, known := s[ops]
		switch {
		case why != "":
			return why
		case known && !slices.Equal(words, before.words):
			return fmt.Sprintf("the undo of %q had %s, that in line %d had %s", ops, strings.Join(words, ", "), before.line, strings.Join(before.words, ", "))
		case known || len(c.Stages) > 0:
			s[ops] = undone{words, c.Number}
		}
	}
	return ""
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
