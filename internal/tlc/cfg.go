// SPDX-License-Identifier: MIT

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
)

// A Cfg is an instance: a cfg file, or what a row of faults.tsv makes of one.
// The methods that read constants return zero values after the first that is
// missing or not what it should be; Err says which.
type Cfg struct {
	Name       string // of its file
	About      string // the comment at its top; of one that is made, what it is made of
	Invariants []string
	Properties []string
	NoDeadlock bool   // the cfg switches the check for deadlock off
	Cuts       string // a keyword that lets TLC see less than all states: CONSTRAINT, SYMMETRY …; a VIEW, unless it is in a Refine… cfg
	Folds      string // VIEW or SYMMETRY, if the cfg has one: states that differ count as one

	path      string
	clauses   []clause // in order
	constants []constant
	made      bool     // by a row of faults.tsv: there is no file
	needs     []string // of one that is made: what a module must define
	comments  string   // all of them
	err       error
}

// A clause is a keyword and the names after it. Those of CONSTANTS, INVARIANTS
// and PROPERTIES are kept apart.
type clause struct {
	keyword string
	names   []string
}

// A constant has a value (arrow "=") or a definition that stands in for it ("<-").
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

// ReadCfg reads the cfg called name in dir, or makes it by its row in the
// folder's faults.tsv.
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
	for i, f := range faults.rows {
		if f.name+".cfg" == name {
			return faults.make(i)
		}
	}
	return nil, err
}

// token is a string, a set, an arrow, a word of a cfg, or what is none of these.
var token = regexp.MustCompile(`"(?:\\.|[^"\\\n])*"|\{(?:[^{}]|\{[^{}]*\})*\}|<-|=|[^\s={}"<]+|\S`)

func parseCfg(path, text string) *Cfg {
	code, comments := splitComments(text)
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
			c.note(section, word)
		}
	}
	return c
}

// note takes down what a clause says that the rules for cfgs ask about.
func (c *Cfg) note(section, word string) {
	switch section {
	case "CHECK_DEADLOCK":
		c.NoDeadlock = word == "FALSE"
	case "CONSTRAINT", "ACTION_CONSTRAINT":
		c.Cuts = section
	case "SYMMETRY":
		c.Cuts, c.Folds = section, section
	case "VIEW": // that of MCnetnsRefine.tla leaves out what no step reads
		c.Folds = section
		if !strings.HasPrefix(c.Name, "MCnetnsRefine") || word != "View" {
			c.Cuts = section
		}
	}
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

// Claims returns the invariants and properties, sorted.
func (c *Cfg) Claims() []string {
	return slices.Sorted(slices.Values(slices.Concat(c.Invariants, c.Properties)))
}

// Made reports whether a row of faults.tsv makes the cfg: then it has no file.
func (c *Cfg) Made() bool { return c.made }

// Err returns what was wrong first with a constant, with the file's name.
func (c *Cfg) Err() error { return c.err }

// Fail records what is wrong with the cfg, unless something was wrong before.
func (c *Cfg) Fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%s: %s", c.path, fmt.Sprintf(format, args...))
	}
}

// find returns where the constant is, or -1.
func (c *Cfg) find(name string) int {
	return slices.IndexFunc(c.constants, func(k constant) bool { return k.name == name })
}

// Has reports whether the cfg gives the constant.
func (c *Cfg) Has(name string) bool { return c.find(name) >= 0 }

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

// Override returns the definition that stands in for the constant ("Slots <- TwoSlots").
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

// Slots returns the nets of an instance of netns.tla, init_net first, and none
// where the cfg does not say them.
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
