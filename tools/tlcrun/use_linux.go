// SPDX-License-Identifier: MIT

package tlcrun

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// clockTick is the unit of /proc/*/stat.
const clockTick = time.Second / 100

// groupUse sums what the processes of a group have used, with their children that have ended.
func groupUse(group int) (use, bool) {
	var sum use
	found := false
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		f := statFields(path)
		if len(f) < 15 || string(f[2]) != strconv.Itoa(group) {
			continue
		}
		found = true
		for _, ticks := range f[11:15] { // user and system time, then that of its children
			n, _ := strconv.ParseInt(string(ticks), 10, 64)
			sum.cpu += time.Duration(n) * clockTick
		}
		sum.waits = sum.waits || waits(filepath.Dir(path))
	}
	return sum, found
}

// waits reports whether a thread of the process is waiting for a CPU or a disk.
func waits(process string) bool {
	threads, _ := filepath.Glob(filepath.Join(process, "task", "*", "stat"))
	for _, path := range threads {
		if f := statFields(path); len(f) > 0 && (string(f[0]) == "R" || string(f[0]) == "D") {
			return true
		}
	}
	return false
}

// statFields gives the fields after the name of the program, which may hold
// anything: the state is the first of them, the process group the third.
func statFields(path string) [][]byte {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil // it has ended
	}
	return bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
}
