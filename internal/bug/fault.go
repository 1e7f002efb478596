// SPDX-License-Identifier: MIT

// Package bug holds the track record: faults that the kernel had, or that a port can easily
// have. Each changes a few lines of the code, and a named check must catch it.
//
// No normal build contains a fault. A faulty copy is built with go build -overlay, just as a
// row of spec/faults.tsv replaces one operator of a spec.
package bug

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A Fault is an entry of faults.txt.
type Fault struct {
	Group   string
	ID      string // K5: the kernel had it; H2: the C suggests it; C4: only concurrency shows it; P7: our own
	Title   string
	Source  string   // commits and advisories; "" for our own
	Breaks  string   // the claim of the specs; the same as in its cfgs
	Story   string   // a shortest counterexample
	Differs string   // how it differs from the kernel's fault
	Cfgs    []string // of the specs, without MC and .cfg: each replaces one operator of a spec
	NoSpec  string   // why it has no cfg
	Caught  []string // the layers that must catch it
	NoGo    string   // why it has no edits
	Hangs   bool     // it can make a test hang, which counts as caught; for other faults a hanging test does not count
	Outside string   // why it is only described: it then has no field above but a source
	Edits   []Edit   // of the Go code
}

// An Edit replaces lines that occur once in the file. A line begins with "- " if it goes, with
// "+ " if it comes, and with two spaces if it stays.
type Edit struct {
	File  string
	Lines []string
}

// text returns the lines but those that begin with sign: for "+" the old text, for "-" the new.
func (e Edit) text(sign byte) string {
	var b strings.Builder
	for _, l := range e.Lines {
		if l[0] != sign {
			b.WriteString(l[min(2, len(l)):] + "\n")
		}
	}
	return b.String()
}

//go:embed faults.txt
var faultsText string

var table = sync.OnceValue(func() []Fault {
	faults, err := parse(faultsText)
	if err != nil {
		panic(err) // the tests read the same file
	}
	return faults
})

// All returns the faults that can be switched on, in the order of faults.txt.
func All() []Fault {
	return slices.DeleteFunc(slices.Clone(table()), func(f Fault) bool { return f.Outside != "" })
}

// Control is the unmodified code: no check may reject it.
var Control = Fault{ID: "none", Title: "no fault: no check may fail"}

func (f Fault) isControl() bool { return f.ID == Control.ID }

// Find returns the fault of that name, ignoring case.
func Find(id string) (Fault, error) {
	i := slices.IndexFunc(table(), func(f Fault) bool { return strings.EqualFold(f.ID, id) })
	if i < 0 {
		return Fault{}, fmt.Errorf("no fault is called %q (pernet bug lists the faults)", id)
	}
	f := table()[i]
	if f.Outside != "" {
		return Fault{}, fmt.Errorf("%s has no switch: %s. %s", f.ID, f.Title, f.Outside)
	}
	return f, nil
}

// HasGraph reports whether a graph of the faulty code must show the fault.
func (f Fault) HasGraph() bool {
	return slices.Contains(f.Caught, layerGraph) || slices.Contains(f.Caught, layerRWSem)
}

// HasHistories reports whether histories of free-running goroutines must show the fault.
func (f Fault) HasHistories() bool { return slices.Contains(f.Caught, layerHistories) }

// inUsers reports whether the fault is only in code that uses nets.
func (f Fault) inUsers() bool {
	return len(f.Edits) > 0 && !slices.ContainsFunc(f.Edits, func(e Edit) bool { return !strings.HasPrefix(e.File, usersPkg+"/") })
}

// parse reads faults.txt.
func parse(text string) (faults []Fault, err error) {
	group, open := "", false
	for i, line := range strings.Split(text, "\n") {
		switch {
		case line == "":
			open = false
		case strings.HasPrefix(line, "# "), line == "#":
		case strings.HasPrefix(line, "== "):
			group, open = line[len("== "):], false
		case open:
			err = faults[len(faults)-1].add(line)
		default:
			id, title, ok := strings.Cut(line, ": ")
			if !ok || group == "" {
				err = fmt.Errorf("%q does not begin a fault of a group", line)
			}
			faults, open = append(faults, Fault{Group: group, ID: id, Title: title}), true
		}
		if err != nil {
			return nil, fmt.Errorf("faults.txt:%d: %w", i+1, err)
		}
	}
	return faults, nil
}

// add adds a line of a fault: a line of an edit, the file of an edit, or a field.
func (f *Fault) add(line string) error {
	if n := len(f.Edits); n > 0 && strings.Contains("-+ ", line[:1]) {
		f.Edits[n-1].Lines = append(f.Edits[n-1].Lines, line)
		return nil
	}
	if strings.HasSuffix(line, ".go") && !strings.Contains(line, " ") {
		f.Edits = append(f.Edits, Edit{File: line})
		return nil
	}
	name, value, _ := strings.Cut(line, ": ")
	for field, to := range map[string]*string{"source": &f.Source, "breaks": &f.Breaks, "story": &f.Story,
		"differs": &f.Differs, "no-cfg": &f.NoSpec, "no-code": &f.NoGo, "outside": &f.Outside} {
		if name == field && *to == "" {
			*to = value
			return nil
		}
	}
	switch {
	case name == "cfgs":
		f.Cfgs = strings.Fields(value)
	case name == "caught":
		f.Caught = strings.Fields(value)
	case line == "hangs: yes":
		f.Hangs = true
	default:
		return fmt.Errorf("%s: %q is not a field, a file or a line of an edit", f.ID, line)
	}
	return nil
}

// Root returns the root of the checkout that contains dir.
func Root(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		text, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module example.com/pernet\n") {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s is not in a checkout of pernet", dir)
		}
	}
}

// Overlay writes the fault's files into dir and returns the overlay file, with which the go
// command builds them in place of those in root (go build -overlay).
func (f Fault) Overlay(root, dir string) (string, error) {
	texts := map[string]string{}
	for _, e := range f.Edits {
		text, ok := texts[e.File]
		if !ok {
			read, err := os.ReadFile(filepath.Join(root, e.File))
			if err != nil {
				return "", err
			}
			text = string(read)
		}
		old := e.text('+')
		if n := strings.Count(text, old); n != 1 {
			return "", fmt.Errorf("%s no longer fits %s: the text that it replaces occurs %d times:\n%s", f.ID, e.File, n, old)
		}
		texts[e.File] = strings.Replace(text, old, e.text('-'), 1)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for file, text := range texts {
		path := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			return "", err
		}
		overlay.Replace[filepath.Join(root, file)] = path
	}
	text, err := json.MarshalIndent(overlay, "", "\t")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, text, 0o666)
}

// Diff shows the edits as removed (-) and added (+) lines.
func (f Fault) Diff() string {
	var b strings.Builder
	for _, e := range f.Edits {
		b.WriteString(e.File + "\n" + strings.Join(e.Lines, "\n") + "\n")
	}
	return b.String()
}
