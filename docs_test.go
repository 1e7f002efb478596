// SPDX-License-Identifier: MIT

// No test here is concurrent.

//go:build !race

package pernet_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/lin"
	"example.com/pernet/model"
)

// A page is the path and the text of a page for users.
type page struct{ path, text string }

func readPages(t *testing.T) []page {
	t.Helper()
	paths, err := filepath.Glob("docs/*.md")
	if err != nil || len(paths) < 4 {
		t.Fatalf("docs: %d pages, %v", len(paths), err)
	}
	var pages []page
	for _, path := range append(paths, "README.md", "CONTRIBUTING.md") {
		pages = append(pages, page{path, readText(t, path)})
	}
	return pages
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	placeholder = regexp.MustCompile(`@[A-Za-z0-9_ -]+@`)
	pageLink    = regexp.MustCompile(`\]\(([^)\s]*)\)`)
	notInAnchor = regexp.MustCompile("[^a-z0-9_ -]")
)

// problems returns the placeholders that are left in a page, and its broken links.
func (p page) problems() (problems []string) {
	for _, left := range placeholder.FindAllString(p.text, -1) {
		problems = append(problems, p.path+": placeholder "+left)
	}
	for _, link := range pageLink.FindAllStringSubmatch(p.text, -1) {
		path, anchor, _ := strings.Cut(link[1], "#")
		if strings.Contains(path, "://") {
			continue
		}
		target := p.path
		if path != "" {
			target = filepath.Join(filepath.Dir(p.path), path)
		}
		info, err := os.Stat(target)
		switch {
		case err != nil:
			problems = append(problems, p.path+": "+link[1]+" is not there")
		case anchor != "" && (info.IsDir() || !slices.Contains(anchors(target), anchor)):
			problems = append(problems, p.path+": "+link[1]+": no such heading")
		}
	}
	return problems
}

// anchors returns the anchors of the headings of a page.
func anchors(path string) (all []string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	for _, h := range heading.FindAllStringSubmatch(string(text), -1) {
		all = append(all, strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return all
}

func TestPagesHaveNoPlaceholdersAndNoBrokenLinks(t *testing.T) {
	for _, p := range readPages(t) {
		for _, problem := range p.problems() {
			t.Error(problem)
		}
	}
}

// TestBrokenLinksAreFound tests each kind of problem, and a page without any.
func TestBrokenLinksAreFound(t *testing.T) {
	for text, want := range map[string]string{
		"took @SECONDS@ s":                 "README.md: placeholder @SECONDS@",
		"[a](docs/nowhere.md)":             "README.md: docs/nowhere.md is not there",
		"[a](#nowhere)":                    "README.md: #nowhere: no such heading",
		"[a](docs/divergences.md#nowhere)": "README.md: docs/divergences.md#nowhere: no such heading",
		"[a](docs#close)":                  "README.md: docs#close: no such heading",
		"[a](docs/divergences.md#close), [b](impl), [c](#the-map), [d](https://example.com/x), a@b.c": "",
	} {
		if got := strings.Join(page{"README.md", text}.problems(), "; "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestFormatsPageNamesEveryCall compares docs/formats.md with model.Calls.
func TestFormatsPageNamesEveryCall(t *testing.T) {
	text := readText(t, "docs/formats.md")
	for _, call := range model.Calls {
		if !strings.Contains(text, "`"+call.Op+"`") {
			t.Errorf("%s is not described", call.Op)
		}
	}
}

// TestAnswerToARunOnTheFormatsPageIsRight: some order explains its history, and its end counts it.
func TestAnswerToARunOnTheFormatsPageIsRight(t *testing.T) {
	_, text, _ := strings.Cut(readText(t, "docs/formats.md"), "A whole answer")
	_, text, _ = strings.Cut(text, "\n\n")
	text, _, _ = strings.Cut(text, "\n\n")
	lines := strings.Split(strings.ReplaceAll(text, "    {", "{"), "\n")
	n := len(lines) - 1
	history := strings.Join(lines[:n], "\n") + "\n"
	c, err := (&lin.File{Name: "docs/formats.md", In: strings.NewReader(history)}).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := c.Result(); r.Verdict != lin.Linearizable || r.Operations != n {
		t.Errorf("%s, %d operations of %d: %v", r.Verdict, r.Operations, n, r.Failure)
	}
	if want := fmt.Sprintf(`"operations":%d,`, n); !strings.Contains(lines[n], want) {
		t.Errorf("%s lacks %s", lines[n], want)
	}
}

// TestOrderOfErrnosIsThatOfTheCalls compares the table of docs/formats.md with model.Calls.
func TestOrderOfErrnosIsThatOfTheCalls(t *testing.T) {
	_, table, _ := strings.Cut(readText(t, "docs/formats.md"), "## The order of errnos")
	table, _, _ = strings.Cut(table, "\n## ")
	row := map[string]string{} // the errnos of a call, in order
	for _, cells := range regexp.MustCompile(`(?m)^\| ([a-z]+) \| (.*) \|$`).FindAllStringSubmatch(table, -1) {
		row[cells[1]] = strings.Join(regexp.MustCompile(`\bE[A-Z]+\b`).FindAllString(cells[2], -1), " ")
		if strings.Contains(cells[2], "then what an init returns") {
			row[cells[1]] += " init"
		}
	}
	for _, call := range model.Calls {
		var want []string
		for _, e := range call.Errs {
			want = append(want, e.String())
		}
		if call.Inits {
			want = append(want, "init")
		}
		name, _, _ := strings.Cut(call.Op, "_")
		if got := row[name]; got != strings.Join(want, " ") {
			t.Errorf("%s: the table says %q, the model %q", call.Op, cmp.Or(got, "nothing"), want)
		}
	}
}
