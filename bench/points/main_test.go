// SPDX-License-Identifier: MIT

package main

import "testing"

// TestWhatIsTakenOutStandsInImpl tests that the texts of parts are those of impl.
func TestWhatIsTakenOutStandsInImpl(t *testing.T) {
	for _, p := range parts {
		if _, err := bare("../../impl", t.TempDir(), p.cuts); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
}
