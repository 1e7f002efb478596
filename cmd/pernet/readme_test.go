// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

var changes = regexp.MustCompile(`[0-9.]+ s\b|\([0-9].* edges?`) // figures that vary: times, and how an exploration went

// TestPagesShowWhatTheCommandPrints runs each pernet command that README and docs/evidence.md show.
func TestPagesShowWhatTheCommandPrints(t *testing.T) {
	const prompt = "$ go run ./cmd/pernet "
	seen := map[string]bool{}
	shown := strings.Split(read(t, "../../README.md"), prompt)[1:]
	shown = append(shown, strings.Split(read(t, "../../docs/evidence.md"), prompt)[1:]...)
	for _, text := range shown {
		text, _, _ = strings.Cut(text, "```")
		text, _, _ = strings.Cut(text, "\n$ ")
		line, want, _ := strings.Cut(text, "\n")
		args := strings.Fields(line)
		got, bad, status := result(t, "../..", args...)
		if status != 0 {
			got += fmt.Sprintf("exit status %d\n", status) // go run prints it
		}
		hide := func(s string) string { return changes.ReplaceAllString(strings.TrimSuffix(s, "\n"), "…") }
		if hide(got) != hide(want) || bad != "" {
			t.Errorf("%s\nprints\n%s%s\nthe page has\n%s", line, got, bad, want)
		}
		seen[args[0]] = true
	}
	for _, command := range []string{"replay", "lin", "explore"} {
		if !seen[command] {
			t.Errorf("no page shows %s", command)
		}
	}
}
