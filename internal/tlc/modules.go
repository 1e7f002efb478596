// SPDX-License-Identifier: MIT

package tlc

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var moduleMention = regexp.MustCompile(`\b(\w+)\.tla\b`)

// ModuleOf returns the module of a cfg: the module of the same name; else the first one that
// its comments name as NAME.tla; else the one with the longest name that is a prefix of the
// cfg's name, where XBugs counts as a prefix of XBug….
func ModuleOf(dir string, c *Cfg) (string, error) {
	base := strings.TrimSuffix(c.Name, ".cfg")
	if isModule(dir, base) {
		return base, nil
	}
	for _, m := range moduleMention.FindAllStringSubmatch(c.comments, -1) {
		if isModule(dir, m[1]) {
			return m[1], nil
		}
	}
	for n := len(base) - 1; n > 0; n-- {
		for _, module := range []string{base[:n] + "s", base[:n]} {
			if isModule(dir, module) {
				return module, nil
			}
		}
	}
	return "", fmt.Errorf("%s: no module in %s fits: begin its name with that of a module, or name NAME.tla in a comment", c.Name, dir)
}

func isModule(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name+".tla"))
	return err == nil
}

var (
	extends  = regexp.MustCompile(`\bEXTENDS\s+(\w+(?:\s*,\s*\w+)*)`)
	instance = regexp.MustCompile(`\bINSTANCE\s+(\w+)`)
)

// Files returns the names of the files that a run of cfg on module reads: the cfg, the
// module, and the modules that it extends or instantiates, directly or not. Modules that
// are not in dir belong to TLC and are left out.
func Files(dir, cfg, module string) ([]string, error) {
	modules, err := modulesOf(dir, module)
	if err != nil {
		return nil, err
	}
	slices.Sort(modules)
	return append([]string{cfg}, modules...), nil
}

// modulesOf returns the files of the module and of the modules that it uses.
func modulesOf(dir, module string) (files []string, err error) {
	queue := []string{module}
	for len(queue) > 0 {
		m := queue[0]
		queue = queue[1:]
		if slices.Contains(files, m+".tla") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, m+".tla"))
		if err != nil {
			return nil, err
		}
		files = append(files, m+".tla")
		for _, next := range references(string(text)) {
			if isModule(dir, next) {
				queue = append(queue, next)
			}
		}
	}
	return files, nil
}

var quoted = regexp.MustCompile(`"(?:\\.|[^"\\\n])*"?`)

func references(text string) []string {
	code, _ := splitComments(text[ModuleBegin(text):])
	code = quoted.ReplaceAllString(code, "")
	var names []string
	for _, m := range extends.FindAllStringSubmatch(code, -1) {
		for name := range strings.SplitSeq(m[1], ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	for _, m := range instance.FindAllStringSubmatch(code, -1) {
		names = append(names, m[1])
	}
	return names
}

var moduleBegin = regexp.MustCompile(`-{4,}\s*MODULE\b`)

// ModuleBegin returns the offset at which the module in a text begins. TLC ignores what
// comes before, comments included. For a text without a module it returns 0.
func ModuleBegin(text string) int {
	if at := moduleBegin.FindStringIndex(text); at != nil {
		return at[0]
	}
	return 0
}

// StringEnd returns the length of the string at the start of text, quotes included. An
// unclosed string ends with its line.
func StringEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		case '\n':
			return i
		}
	}
	return len(text)
}

// splitComments splits a TLA+ or cfg text into code and comments. A comment is \* to the end
// of the line, or (* nested *); a string contains none.
func splitComments(text string) (code, comments string) {
	var c, k strings.Builder
	depth := 0
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, "(*"):
			depth++
			i++
			k.WriteByte(' ')
		case depth > 0 && strings.HasPrefix(rest, "*)"):
			depth--
			i++
			c.WriteByte(' ')
		case depth > 0:
			k.WriteByte(text[i])
		case strings.HasPrefix(rest, `\*`):
			line, _, _ := strings.Cut(rest, "\n")
			k.WriteString(line[2:] + "\n")
			i += len(line) - 1
		case text[i] == '"':
			end := StringEnd(rest)
			c.WriteString(rest[:end])
			i += end - 1
		default:
			c.WriteByte(text[i])
		}
	}
	return c.String(), k.String()
}

// ReadFile reads a file that Files names. For a row of faults.tsv it returns the cfg that
// TLC is given.
func ReadFile(dir, name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if !errors.Is(err, os.ErrNotExist) || filepath.Ext(name) != ".cfg" {
		return text, err
	}
	c, err := ReadCfg(dir, name)
	if err != nil {
		return nil, err
	}
	return []byte(c.Text()), nil
}

// Digest returns the SHA-256 of a file that Files names, in hexadecimal.
func Digest(dir, name string) (string, error) {
	text, err := ReadFile(dir, name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
