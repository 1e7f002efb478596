// SPDX-License-Identifier: MIT

package pernet_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// evidenceSays tests that docs/evidence.md has these figures, without regard to commas. Only
// the tests here can compute them.
func evidenceSays(t *testing.T, format string, figures ...any) {
	t.Helper()
	page, err := os.ReadFile("docs/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	without := func(s string) string { return strings.ReplaceAll(s, ",", "") }
	if want := fmt.Sprintf(format, figures...); !strings.Contains(without(string(page)), without(want)) {
		t.Errorf("docs/evidence.md does not say %q", want)
	}
}
