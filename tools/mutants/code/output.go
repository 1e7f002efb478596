// SPDX-License-Identifier: MIT

package code

import (
	"regexp"
	"strings"
)

var (
	timedOut   = regexp.MustCompile(`(?m)^panic: test timed out after`)
	failedTest = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)
	stillRuns  = regexp.MustCompile(`(?m)^\s+(Test\S+) \(`)
	panicked   = regexp.MustCompile(`(?m)^(?:panic|fatal error): .*`)
	complaint  = regexp.MustCompile(`(?m)^(?:# .*\n)+(?:vet: )?(?:\S+:\d+:\d+: )?(.*)`)
)

// reason reads from the output of failed tests what failed.
func reason(out string) (how, name string) {
	if timedOut.MatchString(out) {
		if test := stillRuns.FindStringSubmatch(out); test != nil {
			name = test[1]
		}
		return endless, name
	}
	if test := failedTest.FindStringSubmatch(out); test != nil {
		return tests, test[1]
	}
	if why := panicked.FindString(out); why != "" {
		return tests, why
	}
	if why := complaint.FindStringSubmatch(out); why != nil { // it compiles: that is seen first
		return vet, why[1]
	}
	return tests, ""
}

// compilerSays is the first complaint of a build that failed.
func compilerSays(out string) string {
	if why := complaint.FindStringSubmatch(out); why != nil {
		return why[1]
	}
	return strings.TrimSpace(out)
}
