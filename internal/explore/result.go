// SPDX-License-Identifier: MIT

package explore

import (
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

// A Verdict is how an exploration ended. Only Complete saw everything.
type Verdict string

const (
	Complete   Verdict = "complete"
	Incomplete Verdict = "incomplete"
	Failed     Verdict = "fail"
)

// A Result is what an exploration found.
type Result struct {
	Verdict  Verdict
	Graph    *graph.Graph[State]
	Steps    int            // taken by the code
	Runs     int            // from the start
	Again    int            // edges that were taken a second time, by another history
	Problem  string         // Failed: what is wrong; Incomplete: which bound was hit
	Schedule sched.Schedule // Failed: how to get there
}
