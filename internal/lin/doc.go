// SPDX-License-Identifier: MIT

// Package lin reads and judges concurrent histories of a pernet registry: the
// format that `pernet lin` reads.
//
// A history is a set of operations ([wire.Line]), each with its client, its interval
// and its answer. It is linearizable if its moments can be put in one order,
// each inside its operation's interval, such that [model.State.Step] gives every
// answer. Most operations have one moment, a copy three, a cleanup two.
//
// Two checkers decide it. [Checker] goes through the history in order of time
// and is what the command uses; [Porcupine] hands the same moments to porcupine
// and is there to be compared with. Neither has semantics of its own.
package lin
