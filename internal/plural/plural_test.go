// SPDX-License-Identifier: MIT

package plural

import "testing"

func TestOneIsSingular(t *testing.T) {
	for n, want := range map[int]string{0: "0 lines", 1: "1 line", 2: "2 lines"} {
		if got := N(n, "line"); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
