// SPDX-License-Identifier: MIT

package replay

import (
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// Features are what a port may leave out, and what pernet claims in its answer
// to hello. Which line needs which feature is decided in this file alone; a test
// holds the table in docs/formats.md to it.
var Features = []string{"misuse", "positive-init", "no-callback", "use-count", "fail-alloc", "newnet"}

// needs returns the features that a line needs by what stands in it. Whether it
// needs misuse too, its answer says: see [modelSide.isMisuse].
func needs(l *wire.Line) (features []string) {
	add := func(feature string, does bool) {
		if does {
			features = append(features, feature)
		}
	}
	add("positive-init", l.Op == wire.Fail && l.Err > 0)
	add("no-callback", l.NoInit || l.NoExit)
	add("use-count", l.Op == wire.Hold || l.Op == wire.Release)
	add("fail-alloc", l.Op == wire.FailAlloc)
	add("newnet", l.Share)
	return features
}

// isMisuse reports whether the C leaves undefined what l, which was just done, asks for. A get,
// a hold or a copy on a net whose count is zero is no misuse: that it gets no reference is safety. Nor
// is an errno that an init returned.
func (m *modelSide) isMisuse(l, r *wire.Line) bool {
	countZero := r.Err == model.ENOENT &&
		((l.Op == wire.Get || l.Op == wire.Hold) && m.nets.id(l.Net) != 0 || l.Op == wire.Copy && m.nets.id(l.From) != 0)
	return len(r.Calls) == 0 && !countZero && slices.Contains([]model.Err{model.EEXIST, model.ENOENT, model.EINVAL}, r.Err)
}
