// SPDX-License-Identifier: MIT

package tlc

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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

// SplitComments splits a TLA+ or cfg text into code and comments. A comment is \* to the end
// of the line, or (* nested *); a string contains none.
func SplitComments(text string) (code, comments string) {
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
