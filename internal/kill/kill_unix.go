// SPDX-License-Identifier: MIT

//go:build unix

// Package kill kills a command together with all processes that it has started.
package kill

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Tree makes the end of the context kill all processes that cmd has started, not cmd alone. It
// gives cmd its own process group, which Ctrl-C in the terminal does not reach, so the context
// is the only way to interrupt it.
func Tree(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 5 * time.Second // in case a process keeps a pipe open
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}

// Group kills all processes of the group that Tree gave cmd. cmd has been started, and may have
// ended.
func Group(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
