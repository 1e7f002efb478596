// SPDX-License-Identifier: MIT

package bug

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPageIsUpToDate compares docs/bugs.md with the page of these faults and results.
func TestPageIsUpToDate(t *testing.T) {
	results, err := ReadResults(root)
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	if err := results.WritePage(&page); err != nil {
		t.Fatal(err)
	}
	want := strings.Split(page.String(), "\n")
	got := strings.Split(read(t, filepath.Join(root, "docs", "bugs.md")), "\n")
	for i, line := range got {
		if i >= len(want) || line != want[i] {
			t.Fatalf("docs/bugs.md:%d is not what faults.txt and docs/bugs.tsv make of it (pernet bug --write):\n%s", i+1, line)
		}
	}
	if len(got) < len(want) {
		t.Errorf("docs/bugs.md lacks, at its end (pernet bug --write):\n%s", want[len(got)])
	}
}

// TestResultsAreUpToDate tests that each fault, with its current edits, was caught by the
// layers that must catch it.
func TestResultsAreUpToDate(t *testing.T) {
	results, err := ReadResults(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range All() {
		if why := stale(results[f.ID], f); why != "" {
			t.Errorf("%s (pernet bug %s --write tries it)", why, f.ID)
		}
	}
	var text strings.Builder
	if err := results.Write(&text); err != nil {
		t.Fatal(err)
	}
	if read(t, filepath.Join(root, resultsFile)) != text.String() {
		t.Errorf("%s is not as pernet bug --write leaves it: a row of no fault, or another order", resultsFile)
	}
}

// stale returns why a result does not fit the fault any more, or "".
func stale(r Result, f Fault) string {
	switch {
	case len(f.Edits) == 0:
		return ""
	case r.Digest == "":
		return f.ID + " has no row in " + resultsFile
	case r.Digest != f.Digest():
		return f.ID + " has changed since it was tried"
	}
	for _, l := range Layers {
		if must := slices.Contains(f.Caught, l.Name); must != (r.By[l.Name] != "") {
			return fmt.Sprintf("%s: faults.txt requires %s; in %s it is caught by %s", f.ID, strings.Join(f.Caught, ", "), resultsFile, r.layers())
		}
	}
	return ""
}

// TestResultIsStaleAfterAChange of the edits or of the layers that must catch the fault.
func TestResultIsStaleAfterAChange(t *testing.T) {
	f := Fault{ID: "X", Caught: []string{layerGraph}, Edits: []Edit{{"impl/net.go", []string{"- old", "+ new"}}}}
	changed := f
	changed.Edits = []Edit{{"impl/net.go", []string{"- old", "+ other"}}}
	other := f
	other.Edits = []Edit{{"impl/put.go", []string{"- old", "+ new"}}}
	by := map[string]string{layerGraph: "MCnetns"}
	for _, test := range []struct {
		result Result
		want   string
	}{
		{Result{f.Digest(), by}, ""},
		{Result{}, "X has no row in docs/bugs.tsv"},
		{Result{changed.Digest(), by}, "X has changed since it was tried"},
		{Result{other.Digest(), by}, "X has changed since it was tried"},
		{Result{f.Digest(), nil}, "X: faults.txt requires graph; in docs/bugs.tsv it is caught by none"},
		{Result{f.Digest(), map[string]string{layerGraph: "MCnetns", layerRace: "TestA"}}, "X: faults.txt requires graph; in docs/bugs.tsv it is caught by graph, race"},
	} {
		if got := stale(test.result, f); got != filepath.FromSlash(test.want) {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
	if why := stale(Result{}, Fault{ID: "F"}); why != "" {
		t.Errorf("a fault without edits: %s", why)
	}
}

// TestAddReplacesTheResultsOfTheReports and keeps the others.
func TestAddReplacesTheResultsOfTheReports(t *testing.T) {
	results, err := ReadResults(root)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Find("K5")
	if err != nil {
		t.Fatal(err)
	}
	before := maps.Clone(results)
	f.Edits = []Edit{{"impl/net.go", []string{"- a", "+ b"}}}
	results.Add([]Report{{Fault: f, Catches: []Catch{{Layer: layerGraph, By: "MCnetns"}}}, {Fault: Fault{ID: "F1"}}, {Fault: Control}})
	want := maps.Clone(before)
	want["K5"] = Result{f.Digest(), map[string]string{layerGraph: "MCnetns"}}
	if !reflect.DeepEqual(results, want) {
		t.Errorf("%v", results["K5"])
	}
}

// TestReadResultsRejectsBadLines tests the error for a row with too few columns.
func TestReadResultsRejectsBadLines(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, resultsFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if results, err := ReadResults(dir); err != nil || len(results) > 0 {
		t.Errorf("without a record: %v, %v", results, err)
	}
	if err := os.WriteFile(path, []byte("# a comment\n"+resultsHead()+"\nK5\tabc\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	want := path + ":3: 2 columns where 10 are expected (fault, digest, graph, rwsem, interleavings, schedules, histories, rapid, tests, race)"
	if _, err := ReadResults(dir); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestChecksOfTheResultsExist tests that every check in docs/bugs.tsv is a test or an instance
// whose graph is compared.
func TestChecksOfTheResultsExist(t *testing.T) {
	results, err := ReadResults(root)
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, l := range Layers {
		var tests strings.Builder
		for _, of := range l.run {
			files, err := filepath.Glob(filepath.Join(root, of.pkg, "*_test.go"))
			if err != nil || len(files) == 0 {
				t.Fatalf("%s: %d files, %v", of.pkg, len(files), err)
			}
			for _, file := range files {
				tests.WriteString(read(t, file))
			}
		}
		for id, r := range results {
			by := r.By[l.Name]
			name := regexp.MustCompile(`^\w*`).FindString(by)
			switch {
			case by == "":
				continue
			case l.run == nil && !slices.Contains(l.cfgs, name+".cfg"):
				t.Errorf("docs/bugs.tsv, %s: the graph of %s is not compared", id, by)
			case l.run != nil && !strings.Contains(tests.String(), "func "+name+"("):
				t.Errorf("docs/bugs.tsv, %s: %s is no test", id, by)
			}
			named++
		}
	}
	if named < 250 {
		t.Errorf("the record names %d checks", named)
	}
}

// TestFaultsAreParsed tests each field, and that each bad line is one error with its number.
func TestFaultsAreParsed(t *testing.T) {
	const head = "# a comment\n#\n== A group\n\nX1: a title: with a colon\n"
	faults, err := parse(head + "source: s\nbreaks: b\nstory: t\ndiffers: d\ncfgs: a b\nno-cfg: n\ncaught: graph tests\nno-code: c\nhangs: yes\noutside: o\n" +
		"impl/a.go\n  \tone\n- \ttwo\n+ \tthree\n  \n+ \nimpl/a.go\n- # x\n\n== Another\nX2: t\n")
	want := []Fault{
		{Group: "A group", ID: "X1", Title: "a title: with a colon", Source: "s", Breaks: "b", Story: "t", Differs: "d", Cfgs: []string{"a", "b"}, NoSpec: "n",
			Caught: []string{"graph", "tests"}, NoGo: "c", Hangs: true, Outside: "o",
			Edits: []Edit{{"impl/a.go", []string{"  \tone", "- \ttwo", "+ \tthree", "  ", "+ "}}, {"impl/a.go", []string{"- # x"}}}},
		{Group: "Another", ID: "X2", Title: "t"},
	}
	if err != nil || !reflect.DeepEqual(faults, want) {
		t.Errorf("%+v, %v", faults, err)
	}
	for text, want := range map[string]string{
		"X1: t\n":                            `1: "X1: t" does not begin a fault of a group`,
		head + "\nX2 t\n":                    `7: "X2 t" does not begin a fault of a group`,
		head + "breks: b\n":                  `6: X1: "breks: b" is not a field, a file or a line of an edit`,
		head + "source: a\nsource: b\n":      `7: X1: "source: b" is not a field, a file or a line of an edit`,
		head + "hangs: no\n":                 `6: X1: "hangs: no" is not a field, a file or a line of an edit`,
		head + "- gone\n":                    `6: X1: "- gone" is not a field, a file or a line of an edit`,
		head + "impl/a.go\n- x\n1 of many\n": `8: X1: "1 of many" is not a field, a file or a line of an edit`,
	} {
		if _, err := parse(text); err == nil || err.Error() != "faults.txt:"+want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestEditHasAnOldAndANewText(t *testing.T) {
	e := Edit{"impl/a.go", []string{"  \tone", "- \ttwo", "+ \tthree", "  ", "+ ", "+"}}
	if e.text('+') != "\tone\n\ttwo\n\n" || e.text('-') != "\tone\n\tthree\n\n\n\n" {
		t.Errorf("%q, %q", e.text('+'), e.text('-'))
	}
}
