// SPDX-License-Identifier: MIT

// Package tlc reads the instances in spec/ ([ReadCfg]): cfg files and rows of faults.tsv. The
// tools module runs TLC on them.
package tlc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/model"
)

// A Cfg is an instance: a cfg file, or what a row of faults.tsv makes of one. If a constant
// is missing or has the wrong type, the methods that read constants return zero values, and
// Err returns the first such error.
type Cfg struct {
	Name       string // of its file
	About      string // the comment at its top; for a row of faults.tsv, its base and its changes
	Invariants []string
	Properties []string
	Made       bool     // from a row of faults.tsv; it has no file
	Needs      []string // of such a row: the operators that it uses

	path      string   // of its file, or the place of its row
	clauses   []clause // in order
	constants []constant
	comments  string // all of them
	err       error
}

// A clause is a keyword and the names after it. Those of CONSTANTS, INVARIANTS
// and PROPERTIES are kept apart.
type clause struct {
	keyword string
	names   []string
}

// A constant has a value (arrow "=") or a definition that replaces it ("<-").
type constant struct{ name, arrow, value string }

func (c constant) String() string { return c.name + " " + c.arrow + " " + c.value }

// keywords of a cfg, and the section that each begins.
var keywords = map[string]string{
	"INVARIANT": "INVARIANT", "INVARIANTS": "INVARIANT", "PROPERTY": "PROPERTY", "PROPERTIES": "PROPERTY",
	"CONSTANT": "CONSTANT", "CONSTANTS": "CONSTANT", "CHECK_DEADLOCK": "CHECK_DEADLOCK",
	"SPECIFICATION": "SPECIFICATION", "INIT": "INIT", "NEXT": "NEXT", "SYMMETRY": "SYMMETRY", "VIEW": "VIEW",
	"CONSTRAINT": "CONSTRAINT", "CONSTRAINTS": "CONSTRAINT", "ACTION_CONSTRAINT": "ACTION_CONSTRAINT", "ACTION_CONSTRAINTS": "ACTION_CONSTRAINT",
	"ALIAS": "ALIAS", "POSTCONDITION": "POSTCONDITION",
}

// ReadCfg reads the cfg called name in dir, or makes it from its row in dir's faults.tsv.
func ReadCfg(dir, name string) (*Cfg, error) {
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err == nil {
		return parseCfg(path, string(text)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	faults, faultsErr := readFaults(dir)
	if faultsErr != nil {
		return nil, faultsErr
	}
	if row, ok := strings.CutSuffix(name, ".cfg"); ok && faults.find(row) >= 0 {
		return faults.make(faults.rows[faults.find(row)])
	}
	return nil, err
}

// token matches a string, a set, an arrow, a word, or any other character.
var token = regexp.MustCompile(`"(?:\\.|[^"\\\n])*"|\{(?:[^{}]|\{[^{}]*\})*\}|<-|=|[^\s={}"<]+|\S`)

func parseCfg(path, text string) *Cfg {
	code, comments := SplitComments(text)
	c := &Cfg{Name: filepath.Base(path), About: opening(text), path: path, comments: comments}
	section := ""
	tokens := token.FindAllString(code, -1)
	for i := 0; i < len(tokens); i++ {
		word := tokens[i]
		if s, ok := keywords[word]; ok {
			section = s
			if !slices.Contains([]string{"INVARIANT", "PROPERTY", "CONSTANT"}, s) {
				c.clauses = append(c.clauses, clause{keyword: s})
			}
			continue
		}
		switch section {
		case "":
		case "INVARIANT":
			c.Invariants = append(c.Invariants, word)
		case "PROPERTY":
			c.Properties = append(c.Properties, word)
		case "CONSTANT":
			if i+2 >= len(tokens) || tokens[i+1] != "=" && tokens[i+1] != "<-" {
				c.Fail("%q among the constants is neither NAME = VALUE nor NAME <- NAME", word)
				return c
			}
			c.constants = append(c.constants, constant{word, tokens[i+1], strings.Join(strings.Fields(tokens[i+2]), " ")})
			i += 2
		default:
			last := &c.clauses[len(c.clauses)-1]
			last.names = append(last.names, word)
		}
	}
	return c
}

// opening returns the comment at the top of a cfg.
func opening(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		comment, ok := strings.CutPrefix(line, `\*`)
		if !ok {
			break
		}
		words = append(words, strings.Fields(comment)...)
	}
	return strings.Join(words, " ")
}

// Text is the cfg as TLC reads it, without comments.
func (c *Cfg) Text() string {
	var b strings.Builder
	write := func(keyword string, names []string) {
		if len(names) > 0 {
			b.WriteString(keyword + " " + strings.Join(names, " ") + "\n")
		}
	}
	for _, cl := range c.clauses {
		write(cl.keyword, cl.names)
	}
	b.WriteString("CONSTANTS\n")
	for _, k := range c.constants {
		b.WriteString("  " + k.String() + "\n")
	}
	write("INVARIANT", c.Invariants)
	write("PROPERTY", c.Properties)
	return b.String()
}

// Clause returns the names after a keyword other than those of constants and claims. The
// keyword is in the singular.
func (c *Cfg) Clause(keyword string) (names []string) {
	for _, cl := range c.clauses {
		if cl.keyword == keyword {
			names = append(names, cl.names...)
		}
	}
	return names
}

// Claims returns the invariants and properties, sorted.
func (c *Cfg) Claims() []string {
	return slices.Sorted(slices.Values(slices.Concat(c.Invariants, c.Properties)))
}

// Err returns the first error, with the name of the file.
func (c *Cfg) Err() error { return c.err }

// Fail records an error, unless there is one already.
func (c *Cfg) Fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%s: %s", c.path, fmt.Sprintf(format, args...))
	}
}

// find returns the index of the constant, or -1.
func (c *Cfg) find(name string) int {
	return slices.IndexFunc(c.constants, func(k constant) bool { return k.name == name })
}

// Has reports whether the cfg gives the constant.
func (c *Cfg) Has(name string) bool { return c.find(name) >= 0 }

// Replaces reports whether the cfg gives a definition for the name, of a constant or an operator.
func (c *Cfg) Replaces(name string) bool {
	return slices.ContainsFunc(c.constants, func(k constant) bool { return k.name == name && k.arrow == "<-" })
}

func (c *Cfg) value(name, arrow string) string {
	i := c.find(name)
	if i < 0 || c.constants[i].arrow != arrow {
		c.Fail("no value for %s", name)
		return ""
	}
	return c.constants[i].value
}

// Word returns the model value, number or truth value that the constant is.
func (c *Cfg) Word(name string) string { return c.value(name, "=") }

// Override returns the definition that replaces the constant ("Slots <- TwoSlots").
func (c *Cfg) Override(name string) string { return c.value(name, "<-") }

// Set returns the members of a constant that is a set of model values.
func (c *Cfg) Set(name string) []string {
	text := c.Word(name)
	if text != "" && text[0] != '{' {
		c.Fail("%s is %q, not a set", name, text)
	}
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("{}, ", r) })
}

// Number returns a constant that is a number.
func (c *Cfg) Number(name string) int {
	text := c.Word(name)
	n, err := strconv.Atoi(text)
	if err != nil && text != "" {
		c.Fail("%s is %q, not a number", name, text)
	}
	return n
}

// Bool returns a constant that is TRUE or FALSE.
func (c *Cfg) Bool(name string) bool {
	switch text := c.Word(name); text {
	case "TRUE":
		return true
	case "FALSE", "":
	default:
		c.Fail("%s is %q, neither TRUE nor FALSE", name, text)
	}
	return false
}

// Slots returns the nets of an instance of netns.tla, init_net first. It returns nil if the
// cfg has no Slots.
func (c *Cfg) Slots() (nets []string) {
	if !c.Has("Slots") {
		return nil
	}
	n := map[string]int{"OneSlot": 1, "TwoSlots": 2, "ThreeSlots": 3}[c.Override("Slots")]
	if n == 0 {
		c.Fail("Slots is none of OneSlot, TwoSlots, ThreeSlots")
	}
	for i := range n {
		nets = append(nets, c.Word(fmt.Sprintf("N_%d", i+1)))
	}
	return nets
}

// Contract returns the instance of registry.tla that the constants describe.
func (c *Cfg) Contract() model.Instance {
	ops, nets := c.Set("Ops"), c.Set("Nets")
	ids := func(name string) (out []model.OpsID) {
		for _, o := range c.Set(name) {
			out = append(out, model.OpsID(slices.Index(ops, o)+1))
		}
		return out
	}
	if len(nets) > 0 && c.Word("InitNet") != nets[0] {
		c.Fail("InitNet must be the first of Nets")
	}
	return model.Instance{
		Ops: len(ops), Nets: len(nets), Copies: len(c.Set("Copies")),
		NoInit: ids("NoInit"), NoExit: ids("NoExit"),
		Positive: c.Bool("Positive"), Cancel: c.Bool("Cancel"),
		Quota: c.Bool("Quota"), Modern: c.Bool("Modern"), NoNetNS: !c.Bool("NetNs"), Boot: c.Bool("Boot"),
		MaxCount: int32(c.Number("MaxCount")), MaxUse: int32(c.Number("MaxUse")),
	}
}
