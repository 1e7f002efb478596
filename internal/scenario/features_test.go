// SPDX-License-Identifier: MIT

package scenario

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/jsonl"
	"example.com/pernet/model"
)

// A featureRow is a row of the table of features in docs/formats.md.
type featureRow struct{ feature, ops, when string }

// featureTable reads the table.
func featureTable(t *testing.T) (rows []featureRow) {
	t.Helper()
	_, table, _ := strings.Cut(read(t, "../../docs/formats.md"), "| feature | op |")
	table, _, _ = strings.Cut(table, "\n\n")
	for l := range strings.Lines(table) {
		if cells := strings.Split(l, " | "); strings.HasPrefix(l, "| `") && len(cells) == 3 {
			rows = append(rows, featureRow{strings.Trim(cells[0], "| `"), cells[1], cells[2]})
		}
	}
	return rows
}

// randomLines returns lines of every op with every field, on few names.
func randomLines(t *testing.T, n int) (texts []string, lines []Line) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		text := lineOf(byte(r.IntN(256)), byte(r.IntN(256)))
		o, err := jsonl.NewReader(strings.NewReader(text), "f").Next()
		if err != nil {
			t.Fatal(err)
		}
		l, err := Decode(o)
		if err != nil {
			t.Fatal(err)
		}
		texts, lines = append(texts, text), append(lines, l)
	}
	return texts, lines
}

// TestTableOfFeatures holds the table to the code: what a line needs by its fields.
func TestTableOfFeatures(t *testing.T) {
	rows := featureTable(t)
	var features []string
	for _, r := range rows {
		features = append(features, r.feature)
	}
	if got := slices.Compact(features); !slices.Equal(got, Features) {
		t.Errorf("the table has %q, the code %q", got, Features)
	}
	fields := regexp.MustCompile("`(\"[^`]*)`")
	seen := map[string]bool{}
	texts, lines := randomLines(t, 20000)
	for i, l := range lines {
		text := regexp.MustCompile(`"err":\d+`).ReplaceAllString(texts[i], `"err":1`)
		var want []string
		for _, r := range rows {
			needs := r.feature != "misuse" && strings.Contains(r.ops, "`"+l.Op+"`")
			if with := fields.FindAllStringSubmatch(r.when, -1); needs && r.when != "always |\n" {
				needs = slices.ContainsFunc(with, func(f []string) bool { return strings.Contains(text, f[1]) })
			}
			if needs {
				want = append(want, r.feature)
				seen[r.feature] = true
			}
		}
		if got := l.needs(); !slices.Equal(got, want) {
			t.Fatalf("%s needs %q, the table says %q", texts[i], got, want)
		}
	}
	if len(seen) != len(Features)-1 {
		t.Errorf("lines that need something: %v", seen)
	}
}

// TestTableOfMisuse holds the table to the code: which answers of which ops are misuse.
func TestTableOfMisuse(t *testing.T) {
	run, err := NewRunner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	type answers map[string]map[string]bool // by op
	add := func(a answers, op, err string) {
		if a[op] == nil {
			a[op] = map[string]bool{}
		}
		a[op][err] = true
	}
	want, got, refused := answers{}, answers{}, answers{}
	for _, r := range featureTable(t) {
		if r.feature == "misuse" {
			for _, op := range regexp.MustCompile(`\w+`).FindAllString(r.ops, -1) {
				for _, e := range regexp.MustCompile(`E[A-Z]+`).FindAllString(r.when, -1) {
					add(want, op, e)
				}
			}
		}
	}
	_, lines := randomLines(t, 100000)
	for _, l := range lines {
		if _, err := run.Do(&l); err != nil {
			t.Fatal(err)
		}
		switch r := &run.result[1]; {
		case r.isMisuse():
			add(got, l.Op, r.Err.String())
		case r.Err < 0 && len(r.Calls) == 0:
			add(refused, l.Op, r.Err.String())
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("misuse by the code  %v\nmisuse by the table %v", got, want)
	}
	other := answers{Get: {"ENOENT": true}, Copy: {"ENOENT": true, "ENOMEM": true}}
	if !reflect.DeepEqual(refused, other) {
		t.Errorf("refused, and no misuse: %v, want %v", slices.Collect(maps.Keys(refused)), other)
	}
	if (&Result{Err: model.EEXIST, Calls: []Call{{Ops: "a", Net: "n"}}}).isMisuse() {
		t.Error("what an init returned is taken for misuse")
	}
}
