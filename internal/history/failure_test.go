// SPDX-License-Identifier: MIT

package history

import (
	"testing"

	"example.com/pernet/model"
)

// TestStateIsShown: the line that a failure shows of a state says everything, a
// bar before the first device too.
func TestStateIsShown(t *testing.T) {
	s := model.New(false)
	for _, a := range []model.Action{
		{Kind: model.RegisterSubsys, Ops: 1}, {Kind: model.RegisterDevice, Ops: 2}, {Kind: model.RegisterDevice, Ops: 3},
		{Kind: model.CopyGet, Call: 7, From: model.InitNet}, {Kind: model.Copy, Call: 7, Net: 2}, {Kind: model.Hold, Net: 2},
	} {
		next, ans, ok := s.Step(a)
		if !ok || ans.Err != 0 {
			t.Fatalf("%+v: %v, %t", a, ans.Err, ok)
		}
		s = next
	}
	const want = "pernet_list 1 | 2 3; nets 1 2; net 1 listed count 2 use 0; net 2 listed count 1 use 1; copy 7 from 1 done true"
	if s.String() != want {
		t.Errorf("%s\nwant\n%s", s, want)
	}
}
