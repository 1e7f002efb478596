// SPDX-License-Identifier: MIT

// Package plural counts things in messages.
package plural

import "fmt"

// N returns the number and the noun, with an s unless the number is one.
func N(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
