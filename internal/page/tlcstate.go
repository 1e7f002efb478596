// SPDX-License-Identifier: MIT

package page

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pernet/internal/tlc"
)

// Names are the names in a counterexample that only its cfg gives.
type Names struct {
	Cfg        string   // its file, for the page
	About      []string // its comment
	Properties []string // TLC does not say which of them was violated
	Ops, Nets  []string // in order; empty: in the order of the first state
	Worker     string   // empty: T_worker
}

// FromTLC makes the trace of a counterexample. It draws the states of netns.tla, of netns_rwsem.tla,
// of modules that extend them, and of registry.tla; it shows those of any other module as text. An
// error is a *wire.Error with the line of the wrong value.
func FromTLC(c Counterexample, names Names, command string) (Trace, error) {
	t := Trace{Title: "A counterexample of TLC's, step by step", Unit: "State", First: 1, About: names.About, Command: command, Problem: problemOf(c, names)}
	d := drawer{file: c.File, names: names, worker: cmp.Or(names.Worker, "T_worker")}
	for i, s := range c.States {
		state, err := d.state(s)
		if err != nil {
			return t, err
		}
		step := Step{State: state}
		if i > 0 {
			step.Action = s.Action
			step.Actor = actor(s.Action, &t.Steps[i-1].State, &state, d.worker)
		}
		t.Steps = append(t.Steps, step)
	}
	if c.Back > 0 {
		t.Loops, t.Back, t.BackAction = true, c.Back-1, c.BackAction
	}
	t.Stutters = c.Stutters
	if !c.Ended {
		t.About = append(slices.Clone(t.About), "TLC's output ends right after the last state; it may have been cut off.")
	}
	t.finish()
	return t, nil
}

func problemOf(c Counterexample, names Names) string {
	what := cmp.Or(strings.TrimSuffix(c.Problem, initially), "TLC printed these states, and no violation before them.")
	for _, kind := range []string{"Invariant ", "Action property ", "Property "} {
		if rest, ok := strings.CutPrefix(what, kind); ok {
			what = "The " + strings.ToLower(kind) + rest
		}
	}
	if strings.HasPrefix(what, "Temporal") && len(names.Properties) == 1 {
		what = "The property " + names.Properties[0] + " is violated."
	} else if strings.HasPrefix(what, "Temporal") && len(names.Properties) > 1 {
		what += " It is one of " + strings.Join(names.Properties, ", ") + "; TLC does not say which."
	}
	if !strings.HasSuffix(what, ".") {
		what += "."
	}
	return what
}

// ReadNames reads from a cfg the names that its counterexamples use.
func ReadNames(path string) (Names, error) {
	c, err := tlc.ReadCfg(filepath.Split(path))
	if err != nil {
		return Names{}, err
	}
	n := Names{Cfg: path, Properties: c.Properties, About: []string{c.Name + ". " + c.About}, Ops: c.Set("Ops")}
	if n.Nets = c.Slots(); n.Nets == nil && c.Has("Nets") {
		n.Nets = c.Set("Nets")
	}
	if c.Has("Worker") {
		n.Worker = c.Word("Worker")
	}
	if len(n.Ops) == 0 {
		return n, fmt.Errorf("%s: no value for Ops: is it a cfg of spec/?", path)
	}
	return n, c.Err()
}
