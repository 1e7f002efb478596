// SPDX-License-Identifier: MIT

package page

import (
	"regexp"
	"slices"
	"strings"
)

// A failure collects the first error that TLC reports, and the errors of its parser,
// which come before that.
type failure struct {
	parser, told         []string
	parserLine, toldLine int
	inParser, inTold     bool
}

var (
	errorBegins  = regexp.MustCompile(`^(?:Error: |Exception in thread |@!@!@STARTMSG \d+:[12] @!@!@$)`)
	errorEnds    = regexp.MustCompile(`^(?:$|Error: |Finished in |\d+ states generated|\tat |@!@!@ENDMSG )`)
	parserBegins = regexp.MustCompile(`^(?:\*\*\*|Semantic errors|Fatal errors)`)
	parserEnds   = regexp.MustCompile(`^(?:Starting\.\.\.|SANY finished|@!@!@)`)
	anyMark      = regexp.MustCompile(`@!@!@(?:START|END)MSG \d+(?::\d+)? @!@!@`)
)

func (f *failure) take(line string, number int) {
	if parserBegins.MatchString(line) && f.parser == nil {
		f.inParser, f.parserLine = true, number
	}
	if f.inParser = f.inParser && !parserEnds.MatchString(line); f.inParser {
		f.parser = append(f.parser, strings.TrimSpace(line))
	}
	switch {
	case errorBegins.MatchString(line) && f.told == nil:
		f.inTold, f.toldLine = true, number
		line = strings.TrimPrefix(line, "Error: ")
	case errorEnds.MatchString(line) || stateLine.MatchString(line):
		f.inTold = false
	}
	if f.inTold {
		f.told = append(f.told, anyMark.ReplaceAllString(line, ""))
	}
}

// reason returns the error in one line and the number of its first line; "" for none. It
// leaves out the heading that TLC prints above an exception.
func (f *failure) reason() (text string, line int) {
	if f.parser != nil {
		lines := slices.DeleteFunc(f.parser, func(l string) bool { return l == "" })
		return strings.Join(lines[:min(len(lines), 6)], " | "), f.parserLine
	}
	told := f.told
	if i := slices.IndexFunc(told, func(l string) bool { return strings.HasPrefix(l, ": ") }); i > 0 {
		told = append([]string{told[i][2:]}, told[i+1:]...)
	}
	return strings.Join(strings.Fields(strings.Join(told, " ")), " "), f.toldLine
}
