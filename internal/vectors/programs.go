// SPDX-License-Identifier: MIT

package vectors

import (
	"strconv"
	"strings"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A scheduledProgram is a program of the set of schedules.
type scheduledProgram struct {
	name, why string
	tags      []string // hazards
	setup     string   // lines, in short: see program
	clients   []string
}

// scheduledPrograms are those of the set of schedules.
var scheduledPrograms = []scheduledProgram{
	{"register-copy", "A register beside a copy: the init of each ops runs once on the new net.", nil,
		"register_subsys a", []string{"register_subsys b", "copy n1"}},
	{"register-undo-copy", "A register that fails beside a copy: what is undone is not seen by the copy.", nil,
		"register_subsys a, copy n1, fail b n1", []string{"register_subsys b", "copy n2"}},
	{"register-copy-undo", "A copy that fails beside a register: what has had its init gets its exit.", nil,
		"register_subsys a, register_subsys b, fail b n1", []string{"register_device d", "copy n1"}},
	{"unregister-copy", "An unregister beside a copy: the new net has the ops and its exit, or neither.", nil,
		"register_subsys a, register_device d", []string{"unregister_subsys a", "copy n1"}},
	{"unregister-register", "An unregister beside a register: the new ops goes where the list under the lock has its place.", nil,
		"register_subsys a, register_device d", []string{"unregister_subsys a", "register_subsys b, copy n1"}},
	{"unregister-device", "The first device goes beside a register: the next subsystem is before all devices.", nil,
		"register_device d, register_device e", []string{"unregister_device d", "register_subsys a, copy n1"}},
	{"register-register", "Two registers: the second one finds the place that the first one has left.", nil,
		"register_device d", []string{"register_device e, copy n1", "register_subsys a, copy n2"}},
	{"copy-copy", "Two copies: their nets are listed in the order in which their set-ups end.", nil,
		"register_subsys a", []string{"copy n1", "copy n2", "list"}},
	{"copy-from", "A copy holds a reference on the net that it copies until its new net is listed.", nil,
		"register_subsys a, copy n1", []string{"copy n2 n1", "list, put n1, get n1"}},
	{"copy-last-put", "A copy whose reference is the last one queues the net that it has copied.", nil,
		"copy n1", []string{"copy n2 n1", "put n1"}},
	{"list-copy", "A net is listed when it is whole, and not before.", nil,
		"register_subsys a, register_subsys b", []string{"copy n1", "list"}},
	{"put-get", "A get beside the last put: it gets a reference or finds the count zero.", nil,
		"register_subsys a, copy n1", []string{"put n1", "get n1, put n1 if 0"}},
	{"put-put", "Two puts: one of them is the last.", nil,
		"register_subsys a, copy n1, get n1", []string{"put n1", "put n1", "get n1"}},
	{"two-nets", "Two last puts: the nets are cleaned up in the order in which they are queued.", []string{"H13"},
		"register_subsys a, copy n1, copy n2", []string{"put n1", "put n2"}},
	{"register-cleanup", "A register beside a cleanup: the net that goes has the ops and its exit, or neither.", nil,
		"register_subsys a, copy n1", []string{"put n1", "register_subsys b"}},
	{"unregister-cleanup", "An unregister beside a cleanup: each exit runs once.", nil,
		"register_subsys a, register_device d, copy n1", []string{"put n1", "unregister_subsys a"}},
	{"copy-cleanup", "A copy beside a cleanup: the one that has the lock runs all its callbacks first.", nil,
		"register_subsys a, copy n1, put n1", []string{"copy n2", "list"}},
	{"list-cleanup", "A net is listed until its cleanup unlinks it.", nil,
		"register_subsys a, copy n1", []string{"put n1", "list"}},
	{"hold-cleanup", "A net in use is not freed by its cleanup.", nil,
		"register_subsys a, copy n1, hold n1", []string{"put n1", "release n1"}},
	{"register-copy-cleanup", "A register, a copy and a cleanup: whatever the order, each init has its exit.", nil,
		"register_subsys a, copy n1", []string{"register_subsys b", "copy n2", "put n1"}},
	{"register-again", "An unregister and the next register of the same ops, beside a copy and a list.", nil,
		"register_subsys a, copy n1", []string{"unregister_subsys a, register_subsys a", "copy n2 n1, put n2 if 0", "list"}},
}

// program returns the program. A line is an op with its ops or nets: "copy n2 n1" is a copy of n1, and "put
// n1 if 0" is left out if line 0 of the client has failed.
func (s *scheduledProgram) program() *wire.Program {
	p := &wire.Program{Setup: s.steps(s.setup), Deadline: 10_000}
	for _, text := range s.clients {
		p.Clients = append(p.Clients, s.steps(text))
	}
	return p
}

func (s *scheduledProgram) steps(text string) (steps []wire.Step) {
	for line := range strings.SplitSeq(text, ", ") {
		words, after := strings.Fields(line), -1
		if n := len(words) - 2; n > 0 && words[n] == "if" {
			after, _ = strconv.Atoi(words[n+1])
			words = words[:n]
		}
		l := wire.Line{Op: words[0]}
		switch args := words[1:]; {
		case strings.Contains(l.Op, "register"):
			l.Ops = args[0]
		case l.Op == wire.Fail:
			l.Ops, l.Net, l.Err = args[0], args[1], model.ENOMEM
		case l.Op == wire.Copy:
			l.Net, l.From = args[0], wire.InitNet
			if len(args) > 1 {
				l.From = args[1]
			}
		case len(args) > 0:
			l.Net = args[0]
		}
		steps = append(steps, wire.Step{Line: l, If: after})
	}
	return steps
}
