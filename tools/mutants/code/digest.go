// SPDX-License-Identifier: MIT

package code

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/pernet/tools/mutants/campaign"
)

// Digest is campaign.Target's. A verdict of the package's own tests rests on
// what they are made from, one of a reason on the file, any other on the whole module.
func (t *Target) Digest(m campaign.Mutant, f campaign.Finding) (string, error) {
	if f.Verdict == campaign.Equivalent {
		return t.files[m.File], nil
	}
	if f.Verdict == campaign.Unbuilt || f.Verdict == campaign.Killed && f.Where == own {
		return t.own[path.Dir(m.File)], nil
	}
	return t.whole, nil
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// ownDigest is one of all that a package's own tests are made from: the folders
// of the packages that they are built from, go.mod and go.sum, and what tests
// read: the package's testdata/ and, where those sources name them, spec/ and all testdata/.
func (t *Target) ownDigest(ctx context.Context, pkg string) (string, error) {
	const dirs = "{{if .Module}}{{if or .Module.Main .Module.Replace}}{{.Dir}}{{end}}{{end}}"
	list, err := t.goCmd(ctx, "", "list", "-deps", "-test", "-f", dirs, t.pattern(pkg))
	if err != nil {
		return "", err
	}
	built := strings.Fields(list)
	source := func(name string) bool {
		dir := path.Dir(name)
		return slices.Contains(built, filepath.Join(t.root, filepath.FromSlash(dir))) && (dir == pkg || !strings.HasSuffix(name, "_test.go"))
	}
	named := map[string]bool{}
	if _, err = t.digest(source, func(text []byte) { addNamed(named, text) }); err != nil {
		return "", err
	}
	return t.digest(func(name string) bool {
		parts := strings.Split(name, "/")
		return source(name) || name == "go.mod" || name == "go.sum" || strings.HasPrefix(name, pkg+"/testdata/") ||
			named["spec"] && parts[0] == "spec" || named["testdata"] && slices.Contains(parts, "testdata")
	}, nil)
}

// wholeDigest is one of all Go files of the module, go.mod and go.sum, spec/ and testdata/.
func (t *Target) wholeDigest() (string, error) {
	return t.digest(func(name string) bool {
		parts := strings.Split(name, "/")
		return strings.HasSuffix(name, ".go") || name == "go.mod" || name == "go.sum" || parts[0] == "spec" || slices.Contains(parts, "testdata")
	}, nil)
}

var folder = regexp.MustCompile(`\b(spec|testdata)\b`)

// addNamed notes which of spec/ and testdata/ the strings of a Go file name.
func addNamed(named map[string]bool, text []byte) {
	var s scanner.Scanner
	set := token.NewFileSet()
	s.Init(set.AddFile("", set.Base(), len(text)), text, nil, 0)
	for _, tok, lit := s.Scan(); tok != token.EOF; _, tok, lit = s.Scan() {
		if tok == token.STRING {
			for _, name := range folder.FindAllString(lit, -1) {
				named[name] = true
			}
		}
	}
}

// digest is one of those files of the module, and of the one around it, that are
// wanted; read, if there, sees their texts.
func (t *Target) digest(wanted func(name string) bool, read func(text []byte)) (string, error) {
	all := sha256.New()
	err := filepath.WalkDir(t.root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(t.root, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() {
			_, module := os.Stat(filepath.Join(file, "go.mod"))
			if d.Name() == ".git" || name != "." && name != t.module && module == nil { // another module
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || !wanted(name) {
			return nil
		}
		text, err := os.ReadFile(file)
		if read != nil {
			read(text)
		}
		fmt.Fprintf(all, "%s %x\n", name, sha256.Sum256(text))
		return err
	})
	return hex.EncodeToString(all.Sum(nil)[:8]), err
}
