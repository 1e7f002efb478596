// SPDX-License-Identifier: MIT

//go:build !unix

package kill

import (
	"os/exec"
	"time"
)

// Tree makes the end of the context kill cmd alone: there are no process groups here.
func Tree(cmd *exec.Cmd) { cmd.WaitDelay = 5 * time.Second }

// Group kills cmd alone.
func Group(cmd *exec.Cmd) { cmd.Process.Kill() }
