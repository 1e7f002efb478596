// SPDX-License-Identifier: MIT

package rwsem

// Broken returns the first claim about states that s breaks: TLC checks the claims on the spec, and the
// graphs are equal, so there are none here.
func (in *Instance) Broken(*State) (claim, problem string) { return "", "" }

// BrokenStep is Broken for the claims about steps.
func (in *Instance) BrokenStep(_, _ *State) (claim, problem string) { return "", "" }
