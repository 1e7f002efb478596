// SPDX-License-Identifier: MIT

//go:build unix

package tlc

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// KillTree has the end of cmd's context end all that cmd has started, not cmd
// alone: a process group of its own, that the terminal's Ctrl-C does not reach
// either, so that there is one way for a run to be interrupted.
func KillTree(cmd *exec.Cmd) {
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

// signalOf names the signal that ended a process, or gives "".
func signalOf(state *os.ProcessState) string {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ws.Signal().String()
	}
	return ""
}
