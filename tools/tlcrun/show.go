// SPDX-License-Identifier: MIT

package tlcrun

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A shower turns messages into what a person wants to see.
type shower struct {
	job       Job
	last      time.Time
	generated int64
	over      bool // the verdict was shown: TLC's last count is in the table
}

var progressLine = regexp.MustCompile(`: ([\d,]+) states generated.*?, ([\d,]+) distinct states found.*?, ([\d,]+) states left on queue`)

func (s *shower) message(m message) {
	isTrace := m.code == codeState || m.code == codeStuttering || m.code == codeBackToState || m.code == codeBehavior || m.code == codeCounterExample
	_, isViolation := violations[m.code]
	s.over = s.over || isViolation || m.code == codeSuccess
	switch {
	case m.code == codeProgress && s.over, m.code == codeCollector:
	case m.code == codeProgress:
		s.progress(m.text)
	case isTrace, isViolation:
		if !s.job.Quiet {
			s.lines(m.text)
		}
	case m.code == 0:
		if !strings.HasPrefix(m.text, "Parsing file ") && !strings.HasPrefix(m.text, "Semantic processing ") {
			s.lines(m.text)
		}
	case m.severity != 0:
		s.lines(m.text)
	}
}

// progress shows the rate since the last line. TLC's own rates are for a whole
// minute, also in its first line, which comes after three seconds.
func (s *shower) progress(text string) {
	p := progressLine.FindStringSubmatch(text)
	if p == nil {
		return
	}
	now, generated := time.Now(), number(p[1])
	rate := float64(generated-s.generated) / max(now.Sub(s.last).Seconds(), 0.001)
	s.job.Show(fmt.Sprintf("%s distinct, %s generated, %s left on the queue; %s states/s",
		Group(number(p[2])), Group(generated), Group(number(p[3])), Group(int64(rate))))
	s.last, s.generated = now, generated
}

func (s *shower) lines(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			s.job.Show(line)
		}
	}
}

// Group writes a number with commas between groups of three digits.
func Group(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
