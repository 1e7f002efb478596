// SPDX-License-Identifier: MIT

//go:build !unix

package kill

import (
	"os/exec"
	"time"
)

// Tree has the end of cmd's context end cmd; there are no process groups here.
func Tree(cmd *exec.Cmd) { cmd.WaitDelay = 5 * time.Second }
