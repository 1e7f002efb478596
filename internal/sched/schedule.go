// SPDX-License-Identifier: MIT

package sched

import (
	"fmt"
	"strconv"
	"strings"
)

// A Choice is one step of a schedule: the thread, and the option of its step.
type Choice struct {
	Thread string
	Option int
}

// A Schedule decides a run. It prints as its choices with commas between them: "T1:3,W,T1".
// Option 0 is left out, and repeated choices with option 0 are shortened: "W*4".
type Schedule []Choice

// String prints the schedule; Parse reads it back.
func (s Schedule) String() string {
	var parts []string
	for i := 0; i < len(s); {
		n := 1
		for s[i].Option == 0 && i+n < len(s) && s[i+n] == s[i] {
			n++
		}
		switch c := s[i]; {
		case c.Option != 0:
			parts = append(parts, c.Thread+":"+strconv.Itoa(c.Option))
		case n > 1:
			parts = append(parts, c.Thread+"*"+strconv.Itoa(n))
		default:
			parts = append(parts, c.Thread)
		}
		i += n
	}
	return strings.Join(parts, ",")
}

// maxSteps bounds the length of a schedule that Parse reads.
const maxSteps = 1 << 20

// Parse reads what String prints.
func Parse(text string) (Schedule, error) {
	if text == "" {
		return nil, nil
	}
	var s Schedule
	for i, part := range strings.Split(text, ",") {
		bad := func(what string) (Schedule, error) {
			return nil, fmt.Errorf("schedule: step %d, %q: %s", i+1, part, what)
		}
		at := strings.LastIndexAny(part, ":*")
		name, number, n := part, "", 0
		if at >= 0 {
			name, number = part[:at], part[at+1:]
			var err error
			if n, err = strconv.Atoi(number); err != nil || n < 1 || n > maxSteps {
				return bad("no number from 1 up after " + part[at:at+1])
			}
		}
		switch {
		case name == "":
			return bad("no thread")
		case strings.ContainsAny(name, ":*"):
			return bad("a second : or *")
		case len(s)+max(n, 1) > maxSteps:
			return bad("the schedule is too long")
		case at >= 0 && part[at] == ':':
			s = append(s, Choice{name, n})
		default:
			for range max(n, 1) {
				s = append(s, Choice{Thread: name})
			}
		}
	}
	return s, nil
}
