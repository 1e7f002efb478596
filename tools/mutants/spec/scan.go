// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/tlcrun"
)

// A token is a word or a sign of TLA+.
type token struct {
	text      string
	start     int // in bytes
	line, col int // from 1, from 0
}

func (t token) end() int { return t.start + len(t.text) }

func (t token) String() string { return fmt.Sprintf("line %d: %q", t.line, t.text) }

// blank replaces all comments, \* to the end of the line and (* nested *), and
// what stands before the module, by spaces, so that what is left stands where it stood.
func blank(text string) string {
	b := []byte(text)
	start, depth := tlcrun.ModuleBegin(text), 0
	for i := 0; i < len(b); i++ {
		switch rest := text[i:]; {
		case i < start:
			if b[i] != '\n' {
				b[i] = ' '
			}
		case strings.HasPrefix(rest, "(*"):
			depth++
			b[i], b[i+1] = ' ', ' '
			i++
		case depth > 0 && strings.HasPrefix(rest, "*)"):
			depth--
			b[i], b[i+1] = ' ', ' '
			i++
		case depth > 0:
			if b[i] != '\n' {
				b[i] = ' '
			}
		case strings.HasPrefix(rest, `\*`):
			for ; i < len(b) && b[i] != '\n'; i++ {
				b[i] = ' '
			}
		case b[i] == '"':
			i += tlc.StringEnd(rest) - 1
		}
	}
	return string(b)
}

// bare is what TLC sees of a file: no comments, no empty lines.
func bare(text string) string {
	var kept []string
	for line := range strings.Lines(blank(text)) {
		if line = strings.TrimRight(line, " \r\n"); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

var (
	tokenPattern = regexp.MustCompile(`"[^"\n]*"|\w+|/\\|\\/|\\[A-Za-z]+|<=>|=>|~>|<<|>>|\|->|->|==|\[\]|\.\.|<=|>=|\S`)
	isWord       = regexp.MustCompile(`^\w+$`).MatchString
)

// scan cuts text without comments into tokens.
func scan(text string) []token {
	var tokens []token
	line, lineStart, seen := 1, 0, 0
	for _, at := range tokenPattern.FindAllStringIndex(text, -1) {
		for ; seen < at[0]; seen++ {
			if text[seen] == '\n' {
				line, lineStart = line+1, seen+1
			}
		}
		tokens = append(tokens, token{text[at[0]:at[1]], at[0], line, at[0] - lineStart})
	}
	return tokens
}

// A definition is one operator of the module.
type definition struct {
	name   string
	head   int     // where its name stands, in bytes
	tokens []token // of the body
	body   *node
}

// text is what stands in src from the name to the end of the body.
func (d *definition) text(src string) string { return src[d.head:d.body.end] }

// around is the text of the body's line or lines from start to end, without comments.
func (d *definition) around(src string, start, end int) string {
	src = blank(src)
	start = strings.LastIndexByte(src[:start], '\n') + 1
	if i := strings.IndexByte(src[end:], '\n'); i >= 0 {
		end += i
	}
	return oneLine(src[start:end])
}

// has reports whether the body has a token that is one of the words.
func (d *definition) has(words ...string) bool {
	return slices.ContainsFunc(d.tokens, func(t token) bool { return slices.Contains(words, t.text) })
}

// parseModule reads the definitions of a module. In this style each begins in
// the first column, and no line inside of it does.
func parseModule(src string) ([]*definition, error) {
	tokens := scan(blank(src))
	var defs []*definition
	for len(tokens) > 0 {
		n := 1
		for n < len(tokens) && (tokens[n].col > 0 || tokens[n].line == tokens[0].line) {
			n++
		}
		unit := tokens[:n]
		tokens = tokens[n:]
		equals := slices.IndexFunc(unit, func(t token) bool { return t.text == "==" })
		if !isWord(unit[0].text) || equals < 0 || unit[0].text == "MODULE" {
			continue // a line drawn across, CONSTANTS, VARIABLES, ASSUME, THEOREM
		}
		d := &definition{name: unit[0].text, head: unit[0].start, tokens: unit[equals+1:]}
		var err error
		if d.body, err = parse(d.tokens); err != nil {
			return nil, fmt.Errorf("%s: %w", d.name, err)
		}
		defs = append(defs, d)
	}
	return defs, nil
}
