// SPDX-License-Identifier: MIT

// Nothing here is concurrent, and the race detector makes it take five times as long.

//go:build !race

package pernet_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The page and the texts that it refers to.
type correspondence struct {
	rows    map[string]tableRow
	page    string
	sources map[string]string // TLA+, Model, Impl -> the text of all their files
	tests   string            // every _test.go of the module
	cfgs    string            // every cfg, names included
	inCfgs  []string          // their words
	specs   string            // every module of spec/
}

type tableRow map[string]string // column -> cell

var (
	rowID   = regexp.MustCompile(`^R\d\d$`)
	idRef   = regexp.MustCompile(`\[R(\d\d)\](?:(?:-| to )\[R(\d\d)\])?`)
	aName   = regexp.MustCompile("`([A-Za-z0-9.]+)`")
	aLink   = regexp.MustCompile(`\]\(divergences\.md#([^)]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// TestCorrespondence tests that every name in the table exists, and that a place has the id
// of a row exactly if the row names it.
func TestCorrespondence(t *testing.T) {
	c := readCorrespondence(t)
	if len(c.rows) < 40 {
		t.Fatalf("only %d rows were found in docs/correspondence.md", len(c.rows))
	}
	for _, problem := range c.problems() {
		t.Error(problem)
	}
}

// TestCorrespondenceOfRwsem tests that the tables of the discipline since 4.17 and
// spec/netns_rwsem.tla have the same row ids, that every action is in a row, and that each row
// names only what exists.
func TestCorrespondenceOfRwsem(t *testing.T) {
	c := readCorrespondence(t)
	text, err := os.ReadFile("spec/netns_rwsem.tla")
	if err != nil {
		t.Fatal(err)
	}
	if problems := c.problemsOfRwsem(string(text)); len(problems) > 0 {
		t.Error(strings.Join(problems, "\n"))
	}
	for name, spoil := range map[string]func(c *correspondence, spec *string){
		"a row that the table lacks": func(c *correspondence, _ *string) { c.page = strings.Replace(c.page, "\n| W62 |", "\n|  |", 1) },
		"an id that the spec lacks":  func(_ *correspondence, spec *string) { *spec = strings.ReplaceAll(*spec, "[W62]", "") },
		"an action without a row": func(c *correspondence, _ *string) {
			c.page = strings.ReplaceAll(c.page, "`RegisterLink`", "`RegisterInit`")
		},
		"an action that is not there": func(_ *correspondence, spec *string) {
			*spec = strings.ReplaceAll(*spec, "\nRegisterLink(", "\nRegisterLinks(")
		},
		"a check that is not there": func(c *correspondence, _ *string) { c.page = strings.ReplaceAll(c.page, "`IdsApart`", "`NoSuchClaim`") },
		"a row without a check": func(c *correspondence, _ *string) {
			c.page = strings.Replace(c.page, "`RwsemWhereHeld`, `SetupsRead`", "–", 1)
		},
		"the same row twice":                 func(c *correspondence, _ *string) { c.page = strings.Replace(c.page, "\n| W63 |", "\n| W62 |", 1) },
		"an action with a digit in its name": func(c *correspondence, _ *string) { c.page = strings.ReplaceAll(c.page, "`Peernet2idPut`", "–") },
	} {
		spoilt, spec := c, string(text)
		spoil(&spoilt, &spec)
		if len(spoilt.problemsOfRwsem(spec)) == 0 {
			t.Errorf("%s was not noticed", name)
		}
	}
}

var (
	rwsemRow = regexp.MustCompile(`(?m)^\| (W\d\d) \|(.*)\|$`)
	rwsemRef = regexp.MustCompile(`\[(W\d\d)\]`)

	rwsemNoCode = regexp.MustCompile(`W\d\d, [^.]* have no Go code`)
	rwsemID     = regexp.MustCompile(`W\d\d`)
)

// problemsOfRwsem compares the tables of the discipline since 4.17 with its spec.
func (c *correspondence) problemsOfRwsem(spec string) (out []string) {
	inSpec, inPage, inRow := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, m := range rwsemRef.FindAllStringSubmatch(spec, -1) {
		inSpec[m[1]] = true
	}
	for _, m := range rwsemRow.FindAllStringSubmatch(c.page, -1) {
		id, cells := m[1], strings.Split(m[2], "|") // C, held, TLA+, checked by, differs
		if len(cells) != 5 {
			return append(out, fmt.Sprintf("%s has %d cells", id, len(cells)+1))
		}
		if inPage[id] {
			out = append(out, id+" appears twice")
		}
		inPage[id] = true
		for _, name := range names(cells[2]) {
			inRow[name] = true
			if !defines(spec, name) {
				out = append(out, fmt.Sprintf("%s: netns_rwsem.tla does not define %s", id, name))
			}
		}
		checks := names(cells[3])
		if len(checks) == 0 {
			out = append(out, id+": nothing checks it")
		}
		for _, name := range checks {
			if !c.isCheck(name) {
				out = append(out, fmt.Sprintf("%s: %s is no cfg, and no invariant or property in a cfg", id, name))
			}
		}
	}
	inImpl, noCode := map[string]bool{}, map[string]bool{}
	for _, m := range rwsemRef.FindAllStringSubmatch(c.sources["Impl"], -1) {
		inImpl[m[1]] = true
	}
	for _, id := range rwsemID.FindAllString(rwsemNoCode.FindString(c.page), -1) {
		noCode[id] = true
	}
	for id := range inPage {
		if inImpl[id] == noCode[id] {
			out = append(out, fmt.Sprintf("%s: a comment in impl has it: %t; the page says that there is no Go code: %t", id, inImpl[id], noCode[id]))
		}
	}
	for id := range inImpl {
		if !inPage[id] {
			out = append(out, "impl has "+id+", which the table lacks")
		}
	}
	if !maps.Equal(inSpec, inPage) || len(inPage) < 40 {
		out = append(out, fmt.Sprintf("the ids differ: %v in the spec, %v in the table", slices.Sorted(maps.Keys(inSpec)), slices.Sorted(maps.Keys(inPage))))
	}
	for _, action := range actionsOf(spec) {
		if !inRow[action] {
			out = append(out, action+" of netns_rwsem.tla is in no row")
		}
	}
	return out
}

// TestCorrespondenceSeesFaults tests that each kind of mistake in the table is found.
func TestCorrespondenceSeesFaults(t *testing.T) {
	for name, spoil := range map[string]func(*correspondence){
		"an action that is not there":        func(c *correspondence) { c.rows["R13"]["TLA+"] = "`RegisterNothing`" },
		"a model function that is not there": func(c *correspondence) { c.rows["R13"]["Model"] = "`State.nothing`" },
		"an impl function that is not there": func(c *correspondence) { c.rows["R13"]["Impl"] = "`call.nothing`" },
		"a check that is not there":          func(c *correspondence) { c.rows["R13"]["checked by"] = "`NoSuchInvariant`" },
		"a row without a check":              func(c *correspondence) { c.rows["R13"]["checked by"] = "–" },
		"a test that is not there":           func(c *correspondence) { c.rows["R13"]["checked by"] = "`TestNothing`" },
		"an empty cell":                      func(c *correspondence) { c.rows["R13"]["differs"] = "" },
		"a divergence that is not there":     func(c *correspondence) { c.rows["R13"]["differs"] = "[x](divergences.md#nowhere)" },
		"a row that the table lacks":         func(c *correspondence) { delete(c.rows, "R13") },
		"an id that the spec lacks": func(c *correspondence) {
			c.sources["TLA+"] = strings.ReplaceAll(c.sources["TLA+"], "[R13]", "")
		},
		"an action without a row": func(c *correspondence) { c.rows["R13"]["TLA+"] = "`RegisterInit`" },
	} {
		c := readCorrespondence(t)
		spoil(&c)
		if len(c.problems()) == 0 {
			t.Errorf("%s was not noticed", name)
		}
	}
}

func readCorrespondence(t *testing.T) correspondence {
	t.Helper()
	read := func(pattern string, tests bool) string {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files (%v)", pattern, err)
		}
		var all strings.Builder
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") != tests {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all.WriteString("\nfile " + strings.TrimSuffix(filepath.Base(f), ".cfg") + "\n" + string(text))
		}
		return all.String()
	}
	c := correspondence{
		rows: map[string]tableRow{},
		page: read("docs/correspondence.md", false),
		sources: map[string]string{
			"TLA+": read("spec/netns.tla", false), "Model": read("model/*.go", false), "Impl": read("impl/*.go", false),
		},
		tests: read("*.go", true) + read("model/*.go", true) + read("impl/*.go", true),
		cfgs:  read("spec/*.cfg", false) + read("spec/faults.tsv", false),
		specs: read("spec/*.tla", false),
	}
	c.inCfgs = strings.FieldsFunc(c.cfgs, func(r rune) bool { return strings.ContainsRune(" \t\n{},;", r) })
	slices.Sort(c.inCfgs)
	c.inCfgs = slices.Compact(c.inCfgs)
	var columns []string
	for line := range strings.Lines(c.page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case cells[0] == "id":
			columns = cells
		case rowID.MatchString(cells[0]):
			if len(cells) != len(columns) {
				t.Fatalf("%s has %d cells, its table %d columns", cells[0], len(cells), len(columns))
			}
			row := tableRow{}
			for i, name := range columns {
				row[name] = cells[i]
			}
			if c.rows[cells[0]] != nil {
				t.Fatalf("%s appears twice", cells[0])
			}
			c.rows[cells[0]] = row
		}
	}
	return c
}

func (c *correspondence) problems() (out []string) {
	say := func(parts ...string) { out = append(out, strings.Join(parts, " ")) }
	anchors := c.anchors()
	for id, row := range c.rows {
		for column, cell := range row {
			if cell == "" {
				say(id+":", column, "is empty; a dash says that there is nothing")
			}
		}
		for _, side := range []string{"TLA+", "Model", "Impl"} {
			for _, name := range names(row[side]) {
				if !defines(c.sources[side], name) {
					say(id+":", side, "does not define", name)
				}
			}
			if row[side] != "–" && !slices.Contains(refs(c.sources[side]), id) {
				say(id+":", "no comment in", side, "bears the id")
			}
		}
		for _, name := range names(row["checked by"]) {
			if !c.isCheck(name) {
				say(id+":", name, "is no test, no cfg, and no invariant or property in a cfg")
			}
		}
		if row["checked by"] == "–" {
			say(id+":", "nothing checks it")
		}
		for _, m := range aLink.FindAllStringSubmatch(row["differs"], -1) {
			if !slices.Contains(anchors, m[1]) {
				say(id+":", "divergences.md has no", m[1])
			}
		}
	}
	for side, text := range c.sources {
		for _, id := range refs(text) {
			if c.rows[id] == nil {
				say(side, "bears", id+", which the table lacks")
			}
		}
	}
	for _, action := range actionsOf(c.sources["TLA+"]) {
		inRow := func(row tableRow) bool { return slices.Contains(names(row["TLA+"]), action) }
		if !slices.ContainsFunc(slices.Collect(maps.Values(c.rows)), inRow) {
			say(action, "of netns.tla is in no row")
		}
	}
	return out
}

func names(cell string) (out []string) {
	for _, m := range aName.FindAllStringSubmatch(cell, -1) {
		out = append(out, m[1])
	}
	return out
}

// refs returns the ids in the text; "[R10] to [R12]" has three.
func refs(text string) (out []string) {
	for _, m := range idRef.FindAllStringSubmatch(text, -1) {
		first, _ := strconv.Atoi(m[1])
		last := first
		if m[2] != "" {
			last, _ = strconv.Atoi(m[2])
		}
		for i := first; i <= last; i++ {
			id := "R" + strconv.Itoa(i)
			if i < 10 {
				id = "R0" + strconv.Itoa(i)
			}
			if i == first || i == last || strings.Contains(knownIDs, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// knownIDs are the ids inside the ranges that comments use; others in between are not in use.
const knownIDs = "R11 R12 R13 R14 R15 R16 R21 R22 R23 R31 R33 R34 R35 R36 R37 R38 R39 R44 R45 R51 R52 R61 R62 R63 R64 R65"

// defines reports whether the text defines the name: a TLA+ operator or
// variable, a Go function, method, field or type.
func defines(text, name string) bool {
	short := regexp.QuoteMeta(name[strings.LastIndex(name, ".")+1:])
	return regexp.MustCompile(`(?m)^(func (\([^)]*\) )?` + short + `\(|\s+` + short + `(, \w+)*,?\s|type ` + short + ` |` + short + `(\([^)]*\))? ==|\t\w+, ` + short + ` )`).MatchString(text)
}

// isCheck reports whether the name is a test, a cfg, or an invariant or a property that some cfg checks.
func (c *correspondence) isCheck(name string) bool {
	if strings.HasPrefix(name, "Test") {
		return strings.Contains(c.tests, "func "+name+"(t *testing.T)")
	}
	if strings.HasPrefix(name, "MC") {
		return strings.Contains(c.cfgs, "\nfile "+name+"\n") || strings.Contains(c.cfgs, "\n"+name+"\t")
	}
	return strings.Contains(c.specs, "\n"+name+" ==") && slices.Contains(c.inCfgs, name)
}

// anchors returns the headings of divergences.md as links name them.
func (c *correspondence) anchors() (out []string) {
	text, err := os.ReadFile("docs/divergences.md")
	if err != nil {
		return nil
	}
	for _, m := range heading.FindAllStringSubmatch(string(text), -1) {
		s := strings.ToLower(m[1])
		s = regexp.MustCompile("[^a-z0-9_ -]").ReplaceAllString(s, "")
		out = append(out, strings.ReplaceAll(s, " ", "-"))
	}
	return out
}

// actionsOf returns the actions of netns.tla: the operators that Next reaches,
// from Begin on, that test the point of a thread or the deferred callbacks.
func actionsOf(text string) (out []string) {
	next := text[strings.Index(text, "\nBegin(t) =="):]
	next = next[:strings.Index(next, "\nSpec ==")]
	for _, m := range regexp.MustCompile(`\b([A-Z][A-Za-z0-9]+)(\([a-z, ]+\))?`).FindAllStringSubmatch(next, -1) {
		name := m[1]
		body := regexp.MustCompile(`(?ms)^` + name + `(\([^)]*\))? ==.*?\n\n`).FindString(text)
		asks := regexp.MustCompile(`\b(At|Begins|Idle)\(|\\in deferred`).MatchString(body)
		if asks && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
