// SPDX-License-Identifier: MIT

//go:build !unix

package tlc

import (
	"os"
	"os/exec"
	"time"
)

// KillTree has the end of cmd's context end cmd; there are no process groups here.
func KillTree(cmd *exec.Cmd) { cmd.WaitDelay = 5 * time.Second }

// signalOf names the signal that ended a process: there are none here.
func signalOf(*os.ProcessState) string { return "" }
