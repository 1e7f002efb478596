// SPDX-License-Identifier: MIT

package tlc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// faultsFile is the table of faults in spec/. A row makes an instance from its base, which
// is a cfg file or a row above: it replaces some definitions, or none ("-"), and keeps only the
// claim that TLC must find violated, which is the base's or a property Probe…. A row that violates
// noClaim keeps all claims, which must hold. A row without a claim is a base for others, not an
// instance. The columns are separated by tabs, and comments begin with "#".
const faultsFile = "faults.tsv"

const noClaim = "none"

const faultsHead = "instance\tbase\twith\tviolates"

// ListCfgs returns the sorted names of the cfgs in dir, both files and rows of faults.tsv.
// ReadCfg reads one of them.
func ListCfgs(dir string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.cfg"))
	if err != nil {
		return nil, err
	}
	for i, p := range names {
		names[i] = filepath.Base(p)
	}
	faults, err := readFaults(dir)
	if err != nil {
		return nil, err
	}
	for _, row := range faults.rows {
		if row.claim != "" {
			names = append(names, row.name+".cfg")
		}
	}
	slices.Sort(names)
	return names, nil
}

type faults struct {
	dir  string
	rows []faultRow
}

type faultRow struct {
	line        int
	name, base  string
	with, claim string
}

// isProbe: the claim is none of the base's. TLC must find it violated, also in the base as it is.
func (r faultRow) isProbe() bool { return strings.HasPrefix(r.claim, "Probe") }

// changes are what the row replaces.
func (r faultRow) changes() []string {
	if r.isProbe() && r.with == "-" {
		return nil
	}
	return strings.Split(r.with, "; ")
}

// readFaults reads the table. A folder without one has no rows.
func readFaults(dir string) (*faults, error) {
	f := &faults{dir: dir}
	text, err := os.ReadFile(filepath.Join(dir, faultsFile))
	if errors.Is(err, os.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || strings.HasPrefix(line, "#") || line == faultsHead {
			continue
		}
		cells := strings.Split(line, "\t")
		row := faultRow{line: i + 1, name: cells[0]}
		if want := strings.Count(faultsHead, "\t") + 1; len(cells) != want {
			return nil, f.errorAt(row, "%d columns where %d are expected (%s)", len(cells), want, strings.ReplaceAll(faultsHead, "\t", ", "))
		}
		row.base, row.with, row.claim = cells[1], cells[2], strings.TrimPrefix(cells[3], "-")
		if other := f.find(row.name); other >= 0 {
			return nil, f.errorAt(row, "the row in line %d has the same name", f.rows[other].line)
		}
		if f.isFile(row.name) {
			return nil, f.errorAt(row, "the file %s.cfg has the same name", row.name)
		}
		if f.find(row.base) < 0 && !f.isFile(row.base) {
			return nil, f.errorAt(row, "the base %s is neither a cfg file nor a row above", row.base)
		}
		f.rows = append(f.rows, row)
	}
	return f, nil
}

func (f *faults) find(name string) int {
	return slices.IndexFunc(f.rows, func(r faultRow) bool { return r.name == name })
}

func (f *faults) isFile(name string) bool {
	_, err := os.Stat(filepath.Join(f.dir, name+".cfg"))
	return err == nil
}

// place names a row in errors.
func (f *faults) place(row faultRow) string {
	return fmt.Sprintf("%s:%d: %s", filepath.Join(f.dir, faultsFile), row.line, row.name)
}

func (f *faults) errorAt(row faultRow, format string, args ...any) error {
	return fmt.Errorf("%s: %s", f.place(row), fmt.Sprintf(format, args...))
}

// make makes the instance of a row.
func (f *faults) make(row faultRow) (*Cfg, error) {
	c, err := ReadCfg(f.dir, row.base+".cfg")
	if err != nil {
		return nil, err
	}
	if c.Err() != nil {
		return nil, f.errorAt(row, "%v", c.Err())
	}
	c.Name, c.path, c.Made = row.name+".cfg", f.place(row), true
	if c.About = row.base + "."; len(row.changes()) > 0 {
		c.About = row.base + " with " + row.with + "."
	}
	if row.claim != "" {
		comments := c.comments
		c.comments = "" // the name of the instance decides the module
		switch {
		case row.claim == noClaim:
		case slices.Contains(c.Invariants, row.claim):
			c.Invariants, c.Properties = []string{row.claim}, nil
		case slices.Contains(c.Properties, row.claim):
			c.Invariants, c.Properties = nil, []string{row.claim}
		case row.isProbe(): // it is defined beside the claims
			c.Invariants, c.Properties, c.Needs = nil, []string{row.claim}, append(c.Needs, row.claim)
			c.comments = comments
		default:
			return nil, f.errorAt(row, "%s has no invariant or property %s", row.base, row.claim)
		}
	}
	for _, change := range row.changes() {
		if err := c.replace(change, row.base); err != nil {
			return nil, f.errorAt(row, "%v", err)
		}
	}
	return c, nil
}

var change = regexp.MustCompile(`^(?:(SPECIFICATION) (\w+)|(\w+) (<-) (\w+)|(\w+) (=) ([^=<\s][^=<]*))$`)

// replace makes one change: to a constant, an operator, or the specification.
func (c *Cfg) replace(text, base string) error {
	m := change.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is none of NAME = VALUE, NAME <- OPERATOR, SPECIFICATION NAME", text)
	}
	if m[1] != "" {
		at := slices.IndexFunc(c.clauses, func(cl clause) bool { return cl.keyword == m[1] })
		if at < 0 {
			return fmt.Errorf("%s has no SPECIFICATION", base)
		}
		c.clauses[at].names, c.Needs = []string{m[2]}, append(c.Needs, m[2])
		return nil
	}
	k := constant{m[3] + m[6], m[4] + m[7], m[5] + m[8]}
	at := c.find(k.name)
	switch {
	case at >= 0:
		c.constants[at] = k
	case k.arrow == "=":
		return fmt.Errorf("%s has no constant %s", base, k.name)
	default:
		c.constants, c.Needs = append(c.constants, k), append(c.Needs, k.name)
	}
	if k.arrow == "<-" {
		c.Needs = append(c.Needs, k.value)
	}
	return nil
}

var moduleMention = regexp.MustCompile(`\b(\w+)\.tla\b`)

// ModuleOf returns the module of a cfg: the module of the same name; else the first one that
// its comments name as NAME.tla; else the one with the longest name that is a prefix of the
// cfg's name, where XBugs counts as a prefix of XBug….
func ModuleOf(dir string, c *Cfg) (string, error) {
	base := strings.TrimSuffix(c.Name, ".cfg")
	if isModule(dir, base) {
		return base, nil
	}
	for _, m := range moduleMention.FindAllStringSubmatch(c.comments, -1) {
		if isModule(dir, m[1]) {
			return m[1], nil
		}
	}
	for n := len(base) - 1; n > 0; n-- {
		for _, module := range []string{base[:n] + "s", base[:n]} {
			if isModule(dir, module) {
				return module, nil
			}
		}
	}
	return "", fmt.Errorf("%s: no module in %s fits: begin its name with that of a module, or name NAME.tla in a comment", c.Name, dir)
}

func isModule(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name+".tla"))
	return err == nil
}

// StringEnd returns the length of the string at the start of text, quotes included. An
// unclosed string ends with its line.
func StringEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		case '\n':
			return i
		}
	}
	return len(text)
}

// SplitComments splits a TLA+ or cfg text into code and comments. A comment is \* to the end
// of the line, or (* nested *); a string contains none.
func SplitComments(text string) (code, comments string) {
	var c, k strings.Builder
	depth := 0
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, "(*"):
			depth++
			i++
			k.WriteByte(' ')
		case depth > 0 && strings.HasPrefix(rest, "*)"):
			depth--
			i++
			c.WriteByte(' ')
		case depth > 0:
			k.WriteByte(text[i])
		case strings.HasPrefix(rest, `\*`):
			line, _, _ := strings.Cut(rest, "\n")
			k.WriteString(line[2:] + "\n")
			i += len(line) - 1
		case text[i] == '"':
			end := StringEnd(rest)
			c.WriteString(rest[:end])
			i += end - 1
		default:
			c.WriteByte(text[i])
		}
	}
	return c.String(), k.String()
}
