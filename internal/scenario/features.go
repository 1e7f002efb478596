// SPDX-License-Identifier: MIT

package scenario

import (
	"slices"

	"example.com/pernet/model"
)

// Features are what a port may leave out, and what pernet claims in its answer
// to hello. Which line needs which feature is decided in this file alone; a test
// holds the table in docs/formats.md to it.
var Features = []string{"misuse", "positive-init", "no-callback", "use-count", "fail-alloc", "newnet"}

// needs returns the features that a line needs by what stands in it. Whether it
// needs misuse too, its answer says: see [Result.isMisuse].
func (l *Line) needs() (features []string) {
	needs := func(feature string, does bool) {
		if does {
			features = append(features, feature)
		}
	}
	needs("positive-init", l.Op == Fail && l.Err > 0)
	needs("no-callback", l.NoInit || l.NoExit)
	needs("use-count", l.Op == Hold || l.Op == Release)
	needs("fail-alloc", l.Op == FailAlloc)
	needs("newnet", l.Share)
	return features
}

// isMisuse reports whether the C leaves undefined what the line asks for. A get
// or a copy on a net whose count is zero is no misuse: that it gets no reference
// is safety. Nor is an errno that an init returned.
func (r *Result) isMisuse() bool {
	return len(r.Calls) == 0 && !r.CountZero && slices.Contains([]model.Err{model.EEXIST, model.ENOENT, model.EINVAL}, r.Err)
}
