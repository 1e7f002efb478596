// SPDX-License-Identifier: MIT

package race

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Missing says why programs cannot be built with the race detector here, or "".
func Missing(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "go", "env", "CGO_ENABLED", "CC").Output()
	if err != nil {
		return fmt.Sprintf("go env: %v", err)
	}
	enabled, compiler, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	compiler = cmp.Or(compiler, "cc")
	if _, err := exec.LookPath(strings.Fields(compiler)[0]); err != nil {
		return fmt.Sprintf("no C compiler (%s), which the race detector needs", compiler)
	}
	if enabled != "1" {
		return "CGO_ENABLED=0, and the race detector needs cgo"
	}
	return ""
}
