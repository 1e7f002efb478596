// SPDX-License-Identifier: MIT

package replay

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// outcomes are the rows of the table of steps in docs/formats.md: a call, what comes of it, and a
// program whose first client, or else the worker, shows it.
var outcomes = []struct{ what, setup, client string }{
	{"register", `{"op":"copy","net":"n1"}`, `{"op":"register_subsys","ops":"s"}`},
	{"register, an init fails", `{"op":"copy","net":"n1"},{"op":"copy","net":"n2"},{"op":"fail","ops":"s","net":"n2"}`, `{"op":"register_subsys","ops":"s"}`},
	{"register, EEXIST", `{"op":"register_subsys","ops":"s"}`, `{"op":"register_subsys","ops":"s"}`},
	{"unregister", `{"op":"copy","net":"n1"},{"op":"register_subsys","ops":"s"}`, `{"op":"unregister_subsys","ops":"s"}`},
	{"unregister, ENOENT or EINVAL", ``, `{"op":"unregister_subsys","ops":"s"}`},
	{"copy", `{"op":"register_subsys","ops":"s"},{"op":"register_subsys","ops":"t"}`, `{"op":"copy","net":"n1"}`},
	{"copy, an init fails", `{"op":"register_subsys","ops":"s"},{"op":"register_subsys","ops":"t"},{"op":"register_subsys","ops":"u"},{"op":"fail","ops":"u","net":"n1"}`, `{"op":"copy","net":"n1"}`},
	{"copy, ENOENT", `{"op":"copy","net":"n1"},{"op":"put","net":"n1"}`, `{"op":"copy","net":"n2","from":"n1"}`},
	{"copy, EEXIST, ENOSPC or ENOMEM", `{"op":"copy","net":"n1"}`, `{"op":"copy","net":"n1"}`},
	{"copy without `newnet`", ``, `{"op":"copy","newnet":false}`},
	{"get", ``, `{"op":"get","net":"init_net"}`},
	{"put", `{"op":"get","net":"init_net"}`, `{"op":"put","net":"init_net"}`},
	{"put, the last one", `{"op":"copy","net":"n1"}`, `{"op":"put","net":"n1"}`},
	{"hold", ``, `{"op":"hold","net":"init_net"}`},
	{"release", `{"op":"hold","net":"init_net"}`, `{"op":"release","net":"init_net"}`},
	{"list", ``, `{"op":"list"}`},
	{"cleanup", `{"op":"register_subsys","ops":"s"},{"op":"register_subsys","ops":"t"},{"op":"copy","net":"n1"},{"op":"put","net":"n1"}`, ``},
}

// stepsOf returns the steps that the program takes; one that is taken several times in a row has a sign.
func stepsOf(t *testing.T, d model.Discipline, setup, client string) string {
	t.Helper()
	o, err := wire.NewReader(strings.NewReader(`{"op":"run","setup":[`+setup+`],"clients":[[`+client+`]]}`), "f").Next()
	if err != nil {
		t.Fatal(err)
	}
	p, err := wire.RunProgram(o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewStepped(t.Context(), d, &p)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	thread := int64(0)
	if client == "" {
		thread = wire.Worker
	}
	var steps []string
	for at, _ := s.At(thread); at.Name != ""; at, _ = s.At(thread) {
		name := "`" + at.Name + "`"
		if last := len(steps) - 1; last >= 0 && strings.TrimSuffix(steps[last], "*") == name {
			name, steps = name+"*", steps[:last]
		}
		steps = append(steps, name)
		s.Take(thread)
	}
	return strings.Join(steps, ", ")
}

// TestStepsOfCallsAreThoseOfTheTable holds the table in docs/formats.md to impl.
func TestStepsOfCallsAreThoseOfTheTable(t *testing.T) {
	_, table, _ := strings.Cut(read(t, "../../docs/formats.md"), "| call | steps with `mutex` | steps with `rwsem` |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var want []string
	for _, o := range outcomes {
		mutex := stepsOf(t, model.Mutex, o.setup, o.client)
		if o.client == "" { // the worker takes all nets together
			o.setup += `,{"op":"copy","net":"n2"},{"op":"put","net":"n2"}`
		}
		rwsem := stepsOf(t, model.RWSem, o.setup, o.client)
		if mutex == rwsem {
			rwsem = "the same"
		}
		want = append(want, fmt.Sprintf("| %s | %s | %s |", o.what, mutex, rwsem))
	}
	if !slices.Equal(strings.Split(table, "\n"), want) {
		t.Errorf("the table should be\n%s", strings.Join(want, "\n"))
	}
}
