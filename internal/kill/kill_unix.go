// SPDX-License-Identifier: MIT

//go:build unix

// Package kill ends a command together with all that it has started.
package kill

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Tree has the end of cmd's context end all that cmd has started, not cmd
// alone: a process group of its own, that the terminal's Ctrl-C does not reach
// either, so that there is one way for a run to be interrupted.
func Tree(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 5 * time.Second // for a pipe that something still holds
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}
