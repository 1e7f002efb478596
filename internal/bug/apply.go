// SPDX-License-Identifier: MIT

package bug

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

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
