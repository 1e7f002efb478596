// SPDX-License-Identifier: MIT

package impl

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEverySentenceOfTheDocsHasATest compares the exported docs with testdata/promises.tsv. A row is
// a sentence, the name that it documents, and the tests that fail when it is untrue, or "-" and the
// reason why no test can. The rows are in the order of the docs.
func TestEverySentenceOfTheDocsHasATest(t *testing.T) {
	const table = "testdata/promises.tsv"
	text, err := os.ReadFile(table)
	must(t, err)
	docs, tests := parsePackage(t)
	promises := promisesOf(docs)
	tested := make(map[promise]bool)
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		columns := strings.Split(line, "\t")
		if len(columns) != 3 {
			t.Errorf("%s:%d: %d columns, not 3", table, i+1, len(columns))
			continue
		}
		p := promise{columns[0], columns[1]}
		if !slices.Contains(promises, p) {
			t.Errorf("%s:%d: the docs of %s do not say: %s", table, i+1, p.of, p.sentence)
		}
		if tested[p] {
			t.Errorf("%s:%d: a second row", table, i+1)
		}
		tested[p] = true
		if reason, none := strings.CutPrefix(columns[2], "- "); none {
			if reason == "" {
				t.Errorf("%s:%d: no test and no reason", table, i+1)
			}
			continue
		}
		for _, name := range strings.Split(columns[2], " ") {
			if !tests[name] {
				t.Errorf("%s:%d: there is no test %q", table, i+1, name)
			}
		}
	}
	for _, p := range promises {
		if !tested[p] {
			t.Errorf("%s has no row for:\n%s\t%s", table, p.of, p.sentence)
		}
	}
}

var rowID, unexported = regexp.MustCompile(`\b[A-Z]\d+\b`), regexp.MustCompile(`\b[a-z]+[A-Z]\w*\b`)

// TestDocsAreForUsers: the exported docs name no row of a table of ours, and nothing that is not exported.
func TestDocsAreForUsers(t *testing.T) {
	docs, _ := parsePackage(t)
	for _, p := range promisesOf(docs) {
		for _, inside := range []*regexp.Regexp{rowID, unexported} {
			if word := inside.FindString(p.sentence); word != "" {
				t.Errorf("the docs of %s name %s: %s", p.of, word, p.sentence)
			}
		}
	}
}

// A promise is a sentence of the docs of a name.
type promise struct{ of, sentence string }

// parsePackage returns the docs of the package, and the names of its tests and examples.
func parsePackage(t *testing.T) (*doc.Package, map[string]bool) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	must(t, err)
	set, tests := token.NewFileSet(), make(map[string]bool)
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		must(t, err)
		if !strings.HasSuffix(name, "_test.go") {
			files = append(files, file)
			continue
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Example")) {
				tests[f.Name.Name] = true
			}
		}
	}
	docs, err := doc.NewFromFiles(set, files, packagePath)
	must(t, err)
	return docs, tests
}

// promisesOf returns the sentences of the docs, as go doc -all prints them.
func promisesOf(docs *doc.Package) (list []promise) {
	add := func(of, text string) {
		for _, s := range sentences(docs, text) {
			list = append(list, promise{of, s})
		}
	}
	add("package", docs.Doc)
	values := func(groups []*doc.Value) {
		for _, g := range groups {
			add(strings.Join(g.Names, " "), g.Doc)
			for _, s := range g.Decl.Specs {
				v := s.(*ast.ValueSpec)
				add(v.Names[0].Name, v.Doc.Text())
				add(v.Names[0].Name, v.Comment.Text())
			}
		}
	}
	functions := func(prefix string, funcs []*doc.Func) {
		for _, f := range funcs {
			add(prefix+f.Name, f.Doc)
		}
	}
	values(docs.Consts)
	values(docs.Vars)
	functions("", docs.Funcs)
	for _, typ := range docs.Types {
		add(typ.Name, typ.Doc)
		if s, ok := typ.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType); ok {
			for _, f := range s.Fields.List {
				add(typ.Name+"."+f.Names[0].Name, f.Doc.Text())
				add(typ.Name+"."+f.Names[0].Name, f.Comment.Text())
			}
		}
		values(typ.Consts)
		values(typ.Vars)
		functions("", typ.Funcs)
		functions(typ.Name+".", typ.Methods)
	}
	return list
}

var sentenceEnd = regexp.MustCompile(`[.?!] +`)

// sentences splits the paragraphs of a doc comment. Headings and code are none.
func sentences(docs *doc.Package, text string) (list []string) {
	content := docs.Parser().Parse(text).Content
	for len(content) > 0 {
		block := content[0]
		content = content[1:]
		if l, ok := block.(*comment.List); ok {
			var items []comment.Block
			for _, item := range l.Items {
				items = append(items, item.Content...)
			}
			content = append(items, content...)
		}
		if p, ok := block.(*comment.Paragraph); ok {
			plain := docs.Printer()
			plain.TextWidth = -1
			for _, s := range sentenceEnd.Split(string(plain.Text(&comment.Doc{Content: []comment.Block{p}})), -1) {
				list = append(list, strings.TrimSuffix(strings.TrimSpace(s), "."))
			}
		}
	}
	return list
}
