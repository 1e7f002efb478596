// SPDX-License-Identifier: MIT

package explore

// A Sketch says how a page draws the states of a discipline: what its variables are called, which
// steps take its locks, and which steps begin a call. A lock that is a model value has an owner, a
// set has readers, and a sequence of <<thread, "R" or "W">> is a queue, first come, first served.
type Sketch struct {
	Rows   string // the letter of its row ids in docs/correspondence.md
	Locks  []Lock
	Use    Named             // the count that keeps the memory of a net
	Lists  []Named           // lists of nets; while the first is not empty, the worker has work
	Log    string            // the variable with the callbacks of each thread's call; "" without one
	Works  string            // the step by which an idle worker begins
	Begins map[string]string // by the point after the first step of a call: that step
}

// A Named is a variable of the spec, and its name on a page.
type Named struct{ Variable, Name string }

// A Lock is a lock, named as in C, and the points whose step takes it. A thread there waits while
// the lock is held. In a queue the waiting threads are shown as well.
type Lock struct {
	Named
	Takes []string
}
