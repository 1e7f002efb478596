// SPDX-License-Identifier: MIT

package wire

import "slices"

// The callbacks of an undo that are neither init nor exit. The discipline rwsem has them.
const (
	PreExit   = "pre_exit"
	ExitRTNL  = "exit_rtnl"
	ExitBatch = "exit_batch"
)

// A Stage is one such callback that ran, in a history.
type Stage struct {
	Word  string
	Ops   string
	Nets  []string // one; of an exit_batch all that it was given
	After int      // how many of the line's Calls ran before it

	Timed      bool // as those of a Callback
	Begin, End int64
}

func isStage(word string) bool {
	return slices.Contains([]string{PreExit, ExitRTNL, ExitBatch}, word)
}
