// SPDX-License-Identifier: MIT

package graph

import (
	"strings"
	"testing"
)

// cells is the memory of a small state.
type cells struct {
	owner, kind uint8
	count       uint8
	balance     [2]int8
	queue       [3]uint8
	pending     uint16
	readers     uint8
	log         [2][2]uint8 // of what, and of which ops
	levels      uint32
	slots       [2]uint8 // 9 behind the end
}

func (c *cells) variables() []Variable {
	ops := Domain{Names: []string{"O_1", "O_2"}, None: "O_none"}
	return []Variable{
		{"owner", Member(&c.owner, ops)},
		{"count", Number(&c.count)},
		{"balance", Fun(ops, func(i int) Field { return Number(&c.balance[i]) })},
		{"queue", List(c.queue[:], ops)},
		{"pending", Pairs(&c.pending, ops, ops, 4)},
		{"readers", Members(&c.readers, ops)},
		{"log", Tuples(2, func(i int) []Field {
			return []Field{String(&c.log[i][0], []string{"", "init", "exit"}), Member(&c.log[i][1], ops)}
		}, func(i int) bool { return c.log[i][0] == 0 }, func(i int) { c.log[i] = [2]uint8{0, None} })},
		{"levels", Triples(&c.levels, ops, ops, 4, 2, 16)},
		{"slots", Sequence(2, func(i int) Field { return Member(&c.slots[i], ops) },
			func(i int) bool { return c.slots[i] == 9 }, func(i int) { c.slots[i] = 9 })},
		{"thread", Rec(Variable{"at", String(&c.kind, []string{"Idle", "Busy"})}, Variable{"ops", Member(&c.owner, ops)})},
	}
}

const cellsText = `/\ owner = O_2
/\ count = 3
/\ balance = (O_2 :> -1 @@ O_1 :> 1)
/\ queue = <<O_2, O_1>>
/\ pending = {<<O_1, O_2>>}
/\ readers = {O_2}
/\ log = <<<<"exit", O_2>>>>
/\ levels = {<<O_1, O_2, 2>>, <<O_2, O_1, 1>>}
/\ slots = <<O_none, O_2>>
/\ thread = [ops |-> O_none, at |-> "Busy"]
`

// TestVariablesReturnWhatTheyRead: memory, values and words of what TLC prints.
func TestVariablesReturnWhatTheyRead(t *testing.T) {
	var c cells
	if err := ReadVariables(cellsText, c.variables()); err != nil {
		t.Fatal(err)
	}
	want := cells{owner: None, kind: 1, count: 3, balance: [2]int8{1, -1}, queue: [3]uint8{1, 0, None}, pending: 1 << 1,
		readers: 1 << 1, log: [2][2]uint8{{2, 1}, {0, None}}, levels: 1<<17 | 1<<4, slots: [2]uint8{None, 1}}
	if c != want {
		t.Errorf("%+v, want %+v", c, want)
	}
	c.owner = 1
	words := "owner = O_2\ncount = 3\nbalance[O_1] = 1\nbalance[O_2] = -1\nqueue = <<O_2, O_1>>\npending = {<<O_1, O_2>>}\nreaders = {O_2}\nlog = <<<<\"exit\", O_2>>>>\nlevels = {<<O_1, O_2, 2>>, <<O_2, O_1, 1>>}\nslots = <<O_none, O_2>>\nthread = Busy ops O_2\n"
	if got := Describe(c.variables()); got != words {
		t.Errorf("%s\nwant\n%s", got, words)
	}
	if c.owner = None; !strings.Contains(Describe(c.variables()), "owner = O_none\n") || strings.Contains(Describe(c.variables()), "Busy ops") {
		t.Errorf("none is described as\n%s", Describe(c.variables()))
	}
}

// TestReadVariablesRejectsOtherStates: a state of another spec or instance is an error.
func TestReadVariablesRejectsOtherStates(t *testing.T) {
	for name, change := range map[string][2]string{
		"a variable less":    {"/\\ count = 3\n", ""},
		"a variable twice":   {"/\\ count = 3\n", "/\\ count = 3\n/\\ count = 3\n"},
		"another variable":   {"count", "counts"},
		"another name":       {"owner = O_2", "owner = O_3"},
		"no number":          {"count = 3", "count = O_1"},
		"too large a number": {"count = 3", "count = 300"},
		"an argument less":   {"O_2 :> -1 @@ ", ""},
		"an argument twice":  {"O_2 :> -1", "O_1 :> -1"},
		"a list too long":    {"<<O_2, O_1>>\n/\\ p", "<<O_2, O_1, O_1, O_1>>\n/\\ p"},
		"a field less":       {"ops |-> O_none, ", ""},
		"another field":      {"ops |->", "net |->"},
		"another word":       {"Busy", "Lazy"},
		"another member":     {"readers = {O_2}", "readers = {O_3}"},
		"no pair":            {"<<O_1, O_2>>", "<<O_1>>"},
		"another pair":       {"<<O_1, O_2>>", "<<O_1, O_3>>"},
		"no set of pairs":    {"{<<O_1, O_2>>}", "<<<<O_1, O_2>>>>"},
		"no set":             {"readers = {O_2}", "readers = <<O_2>>"},
		"too many rows":      {`<<<<"exit", O_2>>>>`, `<<<<"exit", O_2>>, <<"exit", O_2>>, <<"exit", O_2>>>>`},
		"a part less":        {`<<<<"exit", O_2>>>>`, `<<<<"exit">>>>`},
		"no tuple":           {`<<<<"exit", O_2>>>>`, `<<"exit">>`},
		"another level":      {"O_2, 2>>", "O_2, 3>>"},
		"too many slots":     {"<<O_none, O_2>>", "<<O_none, O_2, O_2>>"},
		"another slot":       {"<<O_none, O_2>>", "<<O_none, O_3>>"},
		"another part":       {`<<<<"exit", O_2>>>>`, `<<<<"exits", O_2>>>>`},
	} {
		text := strings.Replace(cellsText, change[0], change[1], 1)
		if text == cellsText {
			t.Fatalf("%s: nothing changed", name)
		}
		var c cells
		if err := ReadVariables(text, c.variables()); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}
