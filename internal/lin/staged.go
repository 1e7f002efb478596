// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

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
