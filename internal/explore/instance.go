// SPDX-License-Identifier: MIT

// Package explore builds the state graph of the implementation: it runs the
// real code of impl under a scheduler that takes every choice from every state
// that it reaches, and gives the states and the steps the form that TLC gives
// those of spec/netns.tla, so that the two graphs can be compared.
package explore

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An Instance is a finite instance of the algorithm: the constants of a
// spec/MCnetns*.cfg, with the names that the cfg gives them.
type Instance struct {
	Ops, Nets, Threads  []string // Nets[0] is init_net
	Worker              string
	NoInit, NoExit      []string
	Deferring, Failing  []string // ops
	OnlySubsys          []string
	OnlyDevice          []string
	Registrars, Copiers []string // threads
	Readers             []string
	MaxCount, MaxUse    int

	// Programs, where given, are what each thread calls, in order; a thread
	// without makes any call, for ever. Before is called first, by nobody.
	Programs [][]Call
	Before   []Call
}

// ReadInstance reads the constants of a cfg. Those that the implementation
// cannot follow here (Positive, Cancel, Boot, no namespaces) must be off.
func ReadInstance(path string) (Instance, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Instance{}, err
	}
	c := cfgText{path: path, text: string(text)}
	in := Instance{
		Ops: c.set("Ops"), Threads: c.set("Threads"),
		NoInit: c.set("NoInit"), NoExit: c.set("NoExit"),
		Deferring: c.set("Deferring"), Failing: c.set("Failing"),
		OnlySubsys: c.set("OnlySubsys"), OnlyDevice: c.set("OnlyDevice"),
		Registrars: c.set("Registrars"), Copiers: c.set("Copiers"), Readers: c.set("Readers"),
		MaxCount: c.number("MaxCount"), MaxUse: c.number("MaxUse"),
	}
	in.Worker = c.word("Worker =")
	slots := map[string]int{"OneSlot": 1, "TwoSlots": 2, "ThreeSlots": 3}[c.word(`Slots <-`)]
	for i := range slots {
		in.Nets = append(in.Nets, c.word(fmt.Sprintf("N_%d =", i+1)))
	}
	for name, want := range map[string]string{"Positive": "FALSE", "Cancel": "FALSE", "NetNs": "TRUE", "Boot": "FALSE"} {
		if got := c.word(name + " ="); c.err == nil && got != want {
			c.err = fmt.Errorf("%s: %s is %s; it can be explored with %s alone", path, name, got, want)
		}
	}
	if c.err == nil && slots == 0 {
		c.err = fmt.Errorf("%s: Slots is none of OneSlot, TwoSlots, ThreeSlots", path)
	}
	return in, c.err
}

// cfgText finds constants in a cfg, and keeps the first error.
type cfgText struct {
	path, text string
	err        error
}

func (c *cfgText) find(pattern, what string) string {
	m := regexp.MustCompile(`(?m)(?:^|\s)` + pattern).FindStringSubmatch(c.text)
	if m == nil {
		if c.err == nil {
			c.err = fmt.Errorf("%s: no value for %s", c.path, what)
		}
		return ""
	}
	return m[1]
}

func (c *cfgText) word(name string) string { return c.find(regexp.QuoteMeta(name)+` *(\S+)`, name) }

func (c *cfgText) set(name string) []string {
	return strings.FieldsFunc(c.find(name+` = \{([^}]*)\}`, name), func(r rune) bool { return strings.ContainsRune(", ", r) })
}

func (c *cfgText) number(name string) int {
	n, err := strconv.Atoi(c.word(name + " ="))
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("%s: %s: %v", c.path, name, err)
	}
	return n
}

func (in *Instance) has(set []string, x string) bool { return slices.Contains(set, x) }
