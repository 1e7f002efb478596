// SPDX-License-Identifier: MIT

package lin

import (
	"slices"
	"testing"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// TestEveryListIsJudgedByItsOrder: of each call that returns the listed nets, the list that the
// model gives is accepted, and the same nets in another order are rejected.
func TestEveryListIsJudgedByItsOrder(t *testing.T) {
	s := model.New(false)
	for _, a := range []model.Action{{Kind: model.CopyGet, Call: 1, From: model.InitNet}, {Kind: model.Copy, Call: 1, Net: 2}, {Kind: model.CopyPut, Call: 1}} {
		s, _, _ = s.Step(a)
	}
	name := map[model.NetID]string{model.InitNet: wire.InitNet, 2: "n1"}
	for _, c := range model.Calls {
		if !slices.Contains(c.Tells, "nets") {
			continue
		}
		_, ans, _ := s.Step(model.Action{Kind: c.Moments[0]})
		read := wire.Line{Client: 1, Call: 10, Return: 20, Op: c.Op}
		for _, n := range ans.Nets {
			read.Nets = append(read.Nets, name[n])
		}
		history := []wire.Line{{Call: 1, Return: 2, Op: wire.Copy, Net: "n1", From: wire.InitNet}, read}
		few(t, c.Op, Linearizable, history)
		history[1].Nets = slices.Clone(read.Nets)
		slices.Reverse(history[1].Nets)
		few(t, c.Op+", reversed", Not, history)
	}
}
