// SPDX-License-Identifier: MIT

package tlcrun

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// A message is one message of TLC's tool mode, which wraps each in
// "@!@!@STARTMSG code:severity @!@!@" and "@!@!@ENDMSG code @!@!@" and may put
// one into another. Text outside of any message has code 0.
type message struct {
	code     int
	severity int // 0 none, 1 error, 2 TLC's own fault, 3 warning, 4 a state
	text     string
}

// The codes that a verdict rests on.
const (
	codeGeneral          = 1000
	codeOutOfMemory      = 1001
	codeAssumption       = 2104
	codeInvariantInitial = 2107
	codePropertyInitial  = 2108
	codeInvariant        = 2110
	codeActionProperty   = 2112
	codeDeadlock         = 2114
	codeTemporal         = 2116
	codeStarting         = 2185
	codeTemporalCheck    = 2212 // there are temporal properties to check
	codeFinished         = 2186
	codeSuccess          = 2193
	codeDepth            = 2194
	codeStats            = 2199
	codeProgress         = 2200
	codeState            = 2217
	codeStuttering       = 2218
	codeBackToState      = 2122
	codeBehavior         = 2121
	codeCounterExample   = 2264
	codeAssertFailed     = 2132
	codeCfgFirst         = 5001
	codeCfgLast          = 5006
	codeVersion          = 2262
	codeCollector        = 2401 // TLC would have another garbage collector
	codeCoverageStart    = 2201
	codeCoverageNext     = 2772
)

var (
	startMark = regexp.MustCompile(`@!@!@STARTMSG (\d+):(\d+) @!@!@$`)
	endMark   = regexp.MustCompile(`^@!@!@ENDMSG (\d+) @!@!@$`)
)

// errTruncated means that TLC's output stops inside a message.
var errTruncated = errors.New("output stops in the middle of a message")

// readMessages calls emit for each message of r, as it comes. A message that
// holds another is emitted after it, without the other's text.
func readMessages(r io.Reader, emit func(message)) error {
	var open []message
	in := bufio.NewScanner(r)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var err error
		if open, err = takeLine(open, in.Text(), emit); err != nil {
			return err
		}
	}
	if in.Err() != nil {
		return fmt.Errorf("reading TLC's output: %w", in.Err())
	}
	if len(open) > 0 {
		return errTruncated
	}
	return nil
}

// takeLine handles one line, given the messages that are open, innermost last.
func takeLine(open []message, line string, emit func(message)) ([]message, error) {
	if m := endMark.FindStringSubmatch(line); m != nil {
		if len(open) == 0 || strconv.Itoa(open[len(open)-1].code) != m[1] {
			return open, fmt.Errorf("TLC's output ends a message %s that is not open", m[1])
		}
		last := open[len(open)-1]
		last.text = strings.TrimRight(last.text, "\n")
		emit(last)
		return open[:len(open)-1], nil
	}
	before, start := line, startMark.FindStringSubmatchIndex(line)
	if start != nil {
		before = line[:start[0]]
	}
	switch {
	case start != nil && before == "":
	case len(open) > 0:
		open[len(open)-1].text += before + "\n"
	default:
		emit(message{text: before})
	}
	if start == nil {
		return open, nil
	}
	code, _ := strconv.Atoi(line[start[2]:start[3]])
	severity, _ := strconv.Atoi(line[start[4]:start[5]])
	return append(open, message{code: code, severity: severity}), nil
}
