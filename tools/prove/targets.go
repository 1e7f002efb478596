// SPDX-License-Identifier: MIT

package main

// A Target is a specification and what is proved of it.
type Target struct {
	Name       string            // of its module
	Module     string            // what SANY reads: the module, its faults and the strengthening
	Files      []string          // what the proof is of
	Cfg        string            // the instance whose claims are proved
	Faults     string            // how the names of its faults begin
	Sorts      map[string]string // of the constants
	Types      string            // operators: the form of the state,
	Inductive  string            // the invariant,
	Implied    string            // what is true where it is,
	Steps      string            // what each step keeps,
	Plain      string            // how an example should look where it can, or "",
	Init, Next string
	Dead       map[string]int // how many ways of an action no state takes
	Lemmas     []string       // conjuncts that follow from the others, and without which Z3 finds no answer
}

var targets = []Target{netns, registry, users}

var netns = Target{
	Name: "netns", Module: "MCnetnsInductive", Files: []string{"netns.tla", "MCnetnsInductive.tla"}, Cfg: "MCnetns.cfg", Faults: "MCnetnsBug",
	Types: "Types", Inductive: "Inductive", Implied: "Implied", Steps: "Steps", Plain: "Plain", Init: "Init", Next: "Next",
	Sorts: map[string]string{
		"Ops": "set Op", "ListHead": "Op", "NoOps": "Op", "NoInit": "set Op", "NoExit": "set Op", "Deferring": "set Op", "Failing": "set Op",
		"Slots": "list Net", "NoNet": "Net",
		"Threads": "set Thread", "Worker": "Thread", "Nobody": "Thread",
		"Positive": "Bool", "Cancel": "Bool", "NetNs": "Bool", "Boot": "Bool",
	},
	Dead: map[string]int{
		"CopyNetNsLock":      1, // the worker makes no copy
		"SetupNetBarrierEnd": 1, // a copy whose set-up has failed is not listed
	},
}

var registry = Target{
	Name: "registry", Module: "MCregistryInductive", Files: []string{"registry.tla", "MCregistryInductive.tla"}, Cfg: "MCregistry.cfg", Faults: "MCregistryBug",
	Types: "Types", Inductive: "Inductive", Implied: "Implied", Steps: "Steps", Init: "Init", Next: "Next",
	Sorts: map[string]string{
		"Ops": "set Op", "ListHead": "Op", "NoOps": "Op", "NoInit": "set Op", "NoExit": "set Op",
		"Nets": "set Net", "InitNet": "Net", "NoNet": "Net", "Copies": "set Copy",
		"Positive": "Bool", "Cancel": "Bool", "Quota": "Bool", "Modern": "Bool", "NetNs": "Bool", "Boot": "Bool",
		"MayGet": "test Int", "MayHold": "test Int",
	},
	Lemmas: []string{"CallsHavePlaces.1"}, // what UndoIsExact owes: cvc5 does without
}

var users = Target{
	Name: "users", Module: "MCusersInductive", Files: []string{"users.tla", "MCusersInductive.tla"}, Cfg: "MCusers.cfg", Faults: "MCusersBug",
	Types: "Types", Inductive: "Inductive", Implied: "Implied", Steps: "Steps", Init: "Init", Next: "Next",
	Sorts: map[string]string{"Nets": "set Net", "NoNet": "Net", "Ids": "set Id", "Clients": "set Client"},
}
