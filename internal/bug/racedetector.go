// SPDX-License-Identifier: MIT

package bug

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// RaceDetectorMissing returns why the race detector cannot be used here, or "".
func RaceDetectorMissing(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "go", "env", "CGO_ENABLED", "CC").Output()
	if err != nil {
		return fmt.Sprintf("go env: %v", err)
	}
	enabled, compiler, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	compiler = cmp.Or(compiler, "cc")
	if _, err := exec.LookPath(strings.Fields(compiler)[0]); err != nil {
		return fmt.Sprintf("the race detector needs a C compiler, and there is no %s", compiler)
	}
	if enabled != "1" {
		return "the race detector needs cgo, and CGO_ENABLED is 0"
	}
	return ""
}
