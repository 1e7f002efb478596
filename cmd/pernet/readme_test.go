// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/pernet/internal/race"
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

// TestPortingPageShowsTheFirstFailure runs the adapter of docs/porting.md as the page shows it.
func TestPortingPageShowsTheFirstFailure(t *testing.T) {
	if race.Enabled {
		t.Skip("the published vectors are read by one goroutine, which takes most of a minute then")
	}
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not installed")
	}
	page := read(t, "../../docs/porting.md")
	_, toy, _ := strings.Cut(page, "```python\n")
	toy, _, _ = strings.Cut(toy, "```")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "toy.py"), []byte(toy), 0o666); err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(page, "$ pernet ")
	shown, _, _ = strings.Cut(shown, "```")
	line, want, _ := strings.Cut(shown, "\n")
	if got, bad, status := result(t, dir, strings.Fields(line)...); got != want || bad != "" || status != statusFail {
		t.Errorf("%s\nprints\n%s%s\nthe page has\n%s", line, got, bad, want)
	}
}
