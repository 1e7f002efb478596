// SPDX-License-Identifier: MIT

package kill

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Marked kills every process that was started with variable in its environment, written NAME=value. It
// reaches those that have left the group of the command. It does nothing where there is no /proc.
func Marked(variable string) {
	for range 100 { // a process may start another one meanwhile
		found := false
		paths, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, path := range paths {
			text, err := os.ReadFile(path)
			pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
			if err != nil || pid == os.Getpid() || !slices.Contains(strings.Split(string(text), "\x00"), variable) {
				continue
			}
			if p, err := os.FindProcess(pid); err == nil {
				p.Kill()
				found = true
			}
		}
		if !found {
			return
		}
		time.Sleep(time.Millisecond) // it ends a moment later
	}
}
