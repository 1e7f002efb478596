// SPDX-License-Identifier: MIT

package tlcrun

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/pernet/internal/kill"
	"example.com/pernet/internal/tlc"
)

// TestGroupUse: the CPU is that of the whole group, of children that have ended too.
func TestGroupUse(t *testing.T) {
	for name, test := range map[string]struct {
		script    string
		cpu, wait bool
	}{
		"sleeps":              {"sleep 60", false, false},
		"its child computes":  {"(while :; do :; done) & sleep 60", true, true},
		"its child has ended": {"sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; sleep 60", true, false},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cmd := exec.CommandContext(ctx, "sh", "-c", test.script)
		kill.Tree(cmd)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var u use
		seen := false
		for range 400 {
			time.Sleep(25 * time.Millisecond)
			if u, seen = groupUse(cmd.Process.Pid); (u.cpu > 50*time.Millisecond) == test.cpu && u.waits == test.wait {
				break
			}
		}
		if !seen || (u.cpu > 50*time.Millisecond) != test.cpu || u.waits != test.wait {
			t.Errorf("%s: %+v, seen %v", name, u, seen)
		}
		cancel()
		_ = cmd.Wait()
	}
}

// TestRunHasALimit: a run that computes for ever is ended.
func TestRunHasALimit(t *testing.T) {
	java := filepath.Join(t.TempDir(), "java")
	if err := os.WriteFile(java, []byte("#!/bin/sh\nwhile :; do :; done\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	runner := javaRunner{java: java, jar: Jar{Path: "tlc.jar"}}
	job := Job{Spec: t.TempDir(), Module: "M", Cfg: &tlc.Cfg{Name: "M.cfg"}, Workers: 1, Limit: 300 * time.Millisecond, Show: func(string) {}}
	r, err := Run(t.Context(), runner, job)
	if err != nil || r.Verdict != Incomplete || r.Problem != "not done within 300ms" || r.Hangs != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	job.Limit = time.Minute
	if r, err = Run(ctx, runner, job); err != nil || !strings.Contains(r.Problem, "interrupted") {
		t.Errorf("%+v, %v", r, err)
	}
}
