// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ownDigest is one of all that a package's own tests are made from: the Go
// files of the packages that they are built from, the tests themselves, and
// what tests read: the files beside them, and spec/ and all testdata/ unless nothing
// among those files has a string that could lead there or embeds a file.
func (t *tester) ownDigest(ctx context.Context, pkg string) (string, error) {
	const dirs = "{{if .Module}}{{if .Module.Main}}{{.Dir}}{{end}}{{end}}"
	list, err := t.goCmd(ctx, "", "list", "-deps", "-test", "-f", dirs, "./"+pkg)
	if err != nil {
		return "", err
	}
	built := strings.Fields(list)
	reads := false
	source := func(path string) bool {
		dir := filepath.Dir(filepath.Join(t.dir, path))
		if strings.HasSuffix(path, "_test.go") {
			return dir == filepath.Join(t.dir, pkg)
		}
		return strings.HasSuffix(path, ".go") && slices.Contains(built, dir)
	}
	_, err = digest(t.dir, func(path string) bool {
		reads = reads || source(path) && leadsOut(filepath.Join(t.dir, path))
		return false
	})
	if err != nil {
		return "", err
	}
	return digest(t.dir, func(path string) bool {
		mine := strings.HasPrefix(path, filepath.FromSlash(pkg)+string(filepath.Separator))
		return source(path) || !strings.HasSuffix(path, ".go") && (mine || path == "go.mod" || path == "go.sum" || reads && testsRead(path))
	})
}

// leadsOut reports whether a Go file has a string that a path to spec/ or
// testdata/ could be made from. What cannot be read as Go might.
func leadsOut(path string) bool {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return true
	}
	found := slices.ContainsFunc(file.Comments, func(g *ast.CommentGroup) bool {
		return slices.ContainsFunc(g.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed") })
	})
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			for _, part := range []string{"spec", "testdata", ".."} {
				found = found || strings.Contains(lit.Value, part)
			}
		}
		return true
	})
	return found
}

// wholeDigest is one of all Go files of the module, go.mod and go.sum, spec/ and testdata/.
func (t *tester) wholeDigest() (string, error) {
	return digest(t.dir, testsRead)
}

// testsRead reports whether a file is one that tests are made from, or read.
func testsRead(path string) bool {
	slash := filepath.ToSlash(path)
	return strings.HasSuffix(slash, ".go") || slash == "go.mod" || slash == "go.sum" ||
		strings.HasPrefix(slash, "spec/") || slices.Contains(strings.Split(slash, "/"), "testdata")
}

// digest is one of those files that are wanted. The driver is none of them, nor
// what mutants' results say.
func digest(root string, wanted func(path string) bool) (string, error) {
	all := sha256.New()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		slash := filepath.ToSlash(name)
		switch {
		case d.IsDir() && (d.Name() == ".git" || slash == "internal/mutants"):
			return fs.SkipDir
		case !d.Type().IsRegular() || slash == "spec/mutants.tsv":
			return nil
		}
		if !wanted(name) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(all, "%s %x\n", slash, sha256.Sum256(text))
		return nil
	})
	return hex.EncodeToString(all.Sum(nil)[:8]), err
}
