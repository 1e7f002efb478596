// SPDX-License-Identifier: MIT

package replay

import (
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// Features are what the lines of a scenario may need, and a port may leave out. Which line needs
// which feature is decided in this file alone; a test holds the table in docs/formats.md to it.
var Features = []string{"misuse", "positive-init", "no-callback", "use-count", "fail-alloc", "newnet", FeatureDefer}

// FeatureDefer is the feature of deferred callbacks.
const FeatureDefer = "defer"

// The features that a line run needs, without and with a schedule.
const (
	FeatureRun   = "run"
	FeatureSteps = "steps"
)

// Claims are all features that a port may claim in its answer to hello.
func Claims() []string { return append(slices.Clone(Features), FeatureRun, FeatureSteps) }

// Needs returns the features that a line needs which was answered by r. known reports whether a
// net of that name was there before the line.
func Needs(l, r *wire.Line, known func(net string) bool) []string {
	features := needs(l)
	if isMisuse(l, r, known) {
		features = append(features, "misuse")
	}
	return features
}

// needs returns the features that a line needs by its fields. Whether it
// needs misuse too, its answer says: see [isMisuse].
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
	add(FeatureDefer, l.Defers || l.Op == wire.Barrier || l.Op == wire.RunDeferred)
	return features
}

// isMisuse reports whether the C leaves undefined what l, which was answered by r, asks for. A get,
// a hold or a copy on a net whose count is zero is no misuse: that it gets no reference is safety. Nor
// is an errno that an init returned.
func isMisuse(l, r *wire.Line, known func(net string) bool) bool {
	countZero := r.Err == model.ENOENT &&
		((l.Op == wire.Get || l.Op == wire.Hold) && known(l.Net) || l.Op == wire.Copy && known(l.From))
	return len(r.Calls) == 0 && !countZero && slices.Contains([]model.Err{model.EEXIST, model.ENOENT, model.EINVAL}, r.Err)
}

// knows reports whether there is a net of that name.
func (m *modelSide) knows(net string) bool { return m.nets.id(net) != 0 }
