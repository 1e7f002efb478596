// SPDX-License-Identifier: MIT

// Package plural counts things in messages.
package plural

import "fmt"

// N returns the number and the noun, with an s unless the number is one.
func N(n int, noun string) string { return Of(n, noun, noun+"s") }

// Of returns the number and one or more, the one that fits it.
func Of(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
