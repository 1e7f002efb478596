// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/pernet/internal/race"
)

// TestCover measures a small module in which each way to fail occurs.
func TestCover(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	root := t.TempDir()
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "off")
	for name, text := range map[string]string{
		"go.mod":              "module small\n\ngo 1.26\n",
		"whole/whole.go":      "package whole\n\nfunc F() int { return 1 }\n\nfunc Nothing() {}\n",
		"whole/whole_test.go": "package whole\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { F() }\n",
		"part/part.go":        "package part\n\nfunc F(a bool) int {\n\tif a {\n\t\tprintln()\n\t\treturn 1\n\t}\n\treturn 2\n}\n",
		"part/part_test.go":   "package part\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { F(false) }\n",
		"other/other.go":      "package other\n\nimport \"small/part\"\n\nfunc F() int { return part.F(true) }\n",
		"other/other_test.go": "package other\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { F() }\n",
		"untested/u.go":       "package untested\n\nfunc F() int { return 1 }\n",
		"empty/empty.go":      "package empty\n",
		"wrong/wrong.go":      "package wrong\n\nfunc F() int { return 1 }\n",
		"wrong/wrong_test.go": "package wrong\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { t.Fatal(F()) }\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		packages string
		says     []string // in this order
		err      string   // how it ends
	}{
		{"./whole", []string{"whole                   1 of    1 statements\n"}, ""},
		// Another package's test is no test of this one.
		{"./part ./other", []string{"part/part.go:4: run by no test of its package (statements: 2)\n", "part                    2 of    4 statements\n", "other                   1 of    1 statements\n"}, "statements that no test runs: 2"},
		{"./untested ./whole", []string{"untested/u.go:3: run by no test of its package (statements: 1)\n", "untested                0 of    1 statements\n"}, "statements that no test runs: 1"},
		{"./whole ./empty", nil, "nothing was measured of empty"},
		{"./whole ./wrong", []string{"--- FAIL: TestF"}, "go test -timeout 20m -coverprofile .cache/check/cover.out ./whole ./wrong: exit status 1"},
		{"./missing", nil, "exit status 1"},
	} {
		var out strings.Builder
		err := measureCover(root, strings.Fields(c.packages), &out)
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.HasSuffix(err.Error(), c.err)) {
			t.Errorf("%s: %v, want %q\n%s", c.packages, err, c.err, out.String())
		}
		rest := out.String()
		for _, s := range c.says {
			_, after, ok := strings.Cut(rest, s)
			if !ok {
				t.Errorf("%s: it does not say %q, or not in that order:\n%s", c.packages, s, out.String())
			}
			rest = after
		}
	}
}
